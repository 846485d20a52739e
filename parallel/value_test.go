package parallel

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"math"
	"reflect"
	"slices"
	"testing"
	"time"
)

type celsius float64

type naming func(int) string

func TestMapValueTakesWhatRangeTakes(t *testing.T) {
	letters := make(chan string, 3)
	for _, s := range []string{"x", "y", "z"} {
		letters <- s
	}
	close(letters)
	for name, c := range map[string]struct{ f, xs, want any }{
		"slice":              {func(x int) int { return x * x }, []int{1, 2, 3}, []int{1, 4, 9}},
		"array":              {func(x int) float64 { return float64(x) / 2 }, [2]int{1, 2}, []float64{0.5, 1}},
		"pointer to array":   {func(x int) bool { return x > 1 }, &[2]int{1, 2}, []bool{false, true}},
		"integer":            {func(x int) int { return x + 1 }, 3, []int{1, 2, 3}},
		"sized integer":      {func(x uint8) uint8 { return x + 1 }, uint8(2), []uint8{1, 2}},
		"negative integer":   {func(x int) int { return x }, -3, []int{}},
		"integer to float":   {func(x float64) float64 { return x / 2 }, 3, []float64{0, 0.5, 1}},
		"string":             {func(r rune) string { return string(r) + "!" }, "aé", []string{"a!", "é!"}},
		"string with keys":   {func(i int, r rune) string { return fmt.Sprint(i, string(r)) }, "éa", []string{"0é", "2a"}},
		"map":                {func(x int) int { return -x }, map[string]int{"b": 2, "a": 1, "c": 3}, []int{-1, -2, -3}},
		"map with keys":      {func(k string, v int) string { return fmt.Sprint(k, v) }, map[string]int{"b": 2, "a": 1}, []string{"a1", "b2"}},
		"slice with keys":    {func(i int, s string) string { return fmt.Sprint(i, s) }, []string{"a", "b"}, []string{"0a", "1b"}},
		"channel":            {func(s string) int { return int(s[0]) }, letters, []int{'x', 'y', 'z'}},
		"iterator":           {func(x int) int { return x }, slices.Values([]int{4, 5}), []int{4, 5}},
		"pair iterator":      {func(i int, s string) string { return fmt.Sprint(s, i) }, slices.All([]string{"a", "b"}), []string{"a0", "b1"}},
		"values of pairs":    {func(s string) string { return s }, maps.All(map[int]string{1: "a"}), []string{"a"}},
		"interfaces":         {func(x float64) float64 { return x }, []any{1, 2.5, celsius(3)}, []float64{1, 2.5, 3}},
		"to interface":       {func(x any) string { return fmt.Sprint(x) }, []int{1, 2}, []string{"1", "2"}},
		"named element":      {func(x float64) float64 { return x }, []celsius{1}, []float64{1}},
		"named function":     {naming(func(x int) string { return fmt.Sprint(x) }), 2, []string{"0", "1"}},
		"with error":         {func(x int) (int, error) { return x, nil }, 2, []int{0, 1}},
		"with error, slowly": {func(x int8) (int8, error) { return x, nil }, int8(2), []int8{0, 1}},
		"with context":       {func(ctx context.Context, x int) bool { return ctx != nil }, 2, []bool{true, true}},
		"nil slice":          {func(x []int) int { return len(x) }, []any{nil, []int{1}}, []int{0, 1}},
		"only an error":      {func(x int) error { return nil }, 2, nil},
		"no result":          {func(x int) {}, 2, nil},
	} {
		t.Run(name, func(t *testing.T) {
			ys, err := MapValue(t.Context(), reflect.ValueOf(c.f), reflect.ValueOf(c.xs), WithWorkers(2))
			if err != nil {
				t.Fatal(err)
			}
			if c.want == nil {
				if ys.IsValid() {
					t.Errorf("got %v", ys)
				}
				return
			}
			if !reflect.DeepEqual(ys.Interface(), c.want) {
				t.Errorf("got %#v, want %#v", ys, c.want)
			}
		})
	}
}

func TestMapValueSaysWhatDoesNotFit(t *testing.T) {
	var none func(int) int
	for _, c := range []struct {
		f, xs any
		want  string
	}{
		{func(s string) int { return 0 }, []int{1}, "parallel: f takes a string, but the elements of xs are int"},
		{func(n int) int { return 0 }, []float64{1}, "parallel: f takes an int, but the elements of xs are float64"},
		{func(k int, s string) int { return 0 }, map[string]string{}, "parallel: f takes an int, but the keys of xs are string"},
		{math.Pow, []float64{2, 3}, "parallel: f takes a float64 first, but the keys of xs are int"},
		{func(n int8) int { return 0 }, []int{1, 300}, "parallel: the elements of xs, number 1: 300 does not fit into an int8"},
		{func(n uint) int { return 0 }, []int{-1}, "parallel: the elements of xs, number 0: -1 does not fit into a uint"},
		{func(n int) int { return 0 }, []any{1, "a"}, "parallel: the elements of xs, number 1: f takes an int, but this is a string"},
		{func(n int) int { return 0 }, []any{nil}, "parallel: the elements of xs, number 0: f takes an int, but this is nil"},
		{func() int { return 0 }, 3, "parallel: f is a func() int of 0 arguments: a map needs a function of one (the element) or two (key and element)"},
		{func(int) (int, int) { return 0, 0 }, 3, "parallel: f is a func(int) (int, int): a map needs a function with one result at most, and an error after it"},
		{3, 3, "parallel: f is an int, not a function"},
		{none, 3, "parallel: f is nil: give a function of one argument"},
		{func(int) int { return 0 }, 2.5, "parallel: xs is a float64: it should be a slice, an array, a map, a string, an integer n (0 to n−1), a channel or an iterator"},
		{func(int) int { return 0 }, &[]int{1}, "parallel: xs is a *[]int: give the slice that it points to, with a * before it"},
		{func(int) int { return 0 }, iter.Seq[int](func(func(int) bool) { panic("no") }), "parallel: reading xs: panic: no"},
	} {
		_, err := MapValue(t.Context(), reflect.ValueOf(c.f), reflect.ValueOf(c.xs))
		if fmt.Sprint(err) != c.want {
			t.Errorf("got  %v\nwant %s", err, c.want)
		}
	}
	if _, err := MapValue(t.Context(), reflect.ValueOf(func(int) {}), reflect.Value{}); err == nil {
		t.Error("nil was taken for data")
	}
}

func TestMapValueStopsReadingWhenCancelled(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Millisecond)
	defer cancel()
	endless := func(yield func(int) bool) {
		for yield(1) {
		}
	}
	for _, xs := range []any{make(chan int), endless} {
		if _, err := MapValue(ctx, reflect.ValueOf(func(int) {}), reflect.ValueOf(xs)); !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
	}
}

func TestMapValueAbandonsAndKeepsWhatIsDone(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	release, ended := make(chan struct{}), make(chan struct{})
	f := func(_ context.Context, x int) int {
		if x == 1 {
			cancel()
			<-release
			defer close(ended)
		}
		return x + 1
	}
	var run Run
	ys, err := MapValue(ctx, reflect.ValueOf(f), reflect.ValueOf(3), WithWorkers(1), WithChunk(1), WithRun(&run))
	if !errors.Is(err, context.Canceled) || !reflect.DeepEqual(ys.Interface(), []int{1, 0, 0}) {
		t.Errorf("%v, %v", ys, err)
	}
	close(release)
	<-ended
}

func TestApplyValue(t *testing.T) {
	ctx := t.Context()
	values := func(xs ...any) (vs []reflect.Value) {
		for _, x := range xs {
			vs = append(vs, reflect.ValueOf(x))
		}
		return vs
	}
	divmod := func(a, b int) (int, int) { return a / b, a % b }
	ys, err := ApplyValue(ctx, reflect.ValueOf(divmod), values(17, 5))
	if err != nil || len(ys) != 2 || ys[0].Int() != 3 || ys[1].Int() != 2 {
		t.Errorf("%v, %v", ys, err)
	}
	sum := func(_ context.Context, base float64, more ...float64) (float64, error) {
		for _, x := range more {
			base += x
		}
		return base, nil
	}
	ys, err = ApplyValue(ctx, reflect.ValueOf(sum), values(1, 2, 3.5))
	if err != nil || len(ys) != 1 || ys[0].Float() != 6.5 {
		t.Errorf("%v, %v", ys, err)
	}
	_, err = ApplyValue(ctx, reflect.ValueOf(divmod), values(1, 0))
	if fmt.Sprint(err) != "task 0 (input [1 0]): panic: runtime error: integer divide by zero" {
		t.Error(err)
	}
	_, err = ApplyValue(ctx, reflect.ValueOf(divmod), values(1))
	if fmt.Sprint(err) != "parallel: f is a func(int, int) (int, int), which needs 2 arguments, not 1" {
		t.Error(err)
	}
	_, err = ApplyValue(ctx, reflect.ValueOf(divmod), values(1, "a"))
	if fmt.Sprint(err) != "parallel: argument 2: f takes an int, but this is a string" {
		t.Error(err)
	}
}

func TestShortTextIsBounded(t *testing.T) {
	type node struct {
		Name string
		Next *node
	}
	loop := &node{Name: "a"}
	loop.Next = loop
	cyclic := []any{nil}
	cyclic[0] = cyclic
	for _, c := range []struct {
		x    any
		want string
	}{
		{nil, "nil"},
		{42, "42"},
		{"a\nb", `"a\nb"`},
		{3 * time.Second, "3s"},
		{[]int{1, 2, 3}, "[1 2 3]"},
		{make([]int, 1000), "[0 0 0 0 0 0 … 1000 in all]"},
		{map[int]int{1: 1}, "map[int]int of 1 entries"},
		{loop, `&{Name:"a" Next:&parallel.node}`},
		{cyclic, "[[…]]"},
		{make(chan int), "chan int"},
	} {
		if got := shortText(c.x); got != c.want {
			t.Errorf("got %s, want %s", got, c.want)
		}
	}
	if n := len([]rune(shortText(make([]byte, 1<<20)))); n > shortRunes {
		t.Errorf("%d characters", n)
	}
}
