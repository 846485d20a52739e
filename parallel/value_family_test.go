package parallel

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"math/rand/v2"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// hidden is a tuple whose fields only this package can name.
type hidden struct {
	a int
	b string
}

func valuesOf(xs ...any) []reflect.Value {
	vs := make([]reflect.Value, len(xs))
	for i, x := range xs {
		vs[i] = reflect.ValueOf(x)
	}
	return vs
}

func TestStarmapValueSpreadsTuplesAndListsSideBySide(t *testing.T) {
	join := func(a int, b string) string { return fmt.Sprint(a, b) }
	ab := []string{"1a", "2b"}
	for name, c := range map[string]struct {
		f    any
		args []any
		want any
	}{
		"pairs":            {join, []any{[]Pair[int, string]{{1, "a"}, {2, "b"}}}, ab},
		"unexported":       {join, []any{[]hidden{{1, "a"}, {2, "b"}}}, ab},
		"array of structs": {join, []any{[2]hidden{{1, "a"}, {2, "b"}}}, ab},
		"pointers":         {join, []any{[]*hidden{{1, "a"}, {2, "b"}}}, ab},
		"interfaces":       {join, []any{[]any{hidden{1, "a"}, Pair[uint8, any]{2, "b"}}}, ab},
		"slices of any":    {join, []any{[][]any{{1, "a"}, {2, "b"}}}, ab},
		"a channel":        {join, []any{slices.Values([]hidden{{1, "a"}, {2, "b"}})}, ab},
		"triples":          {func(a, b, c float64) float64 { return a*b + c }, []any{[]Triple[int, int, float32]{{2, 3, 4}}}, []float64{10}},
		"arrays":           {func(a, b int) int { return a - b }, []any{[][2]int{{5, 3}, {1, 1}}}, []int{2, 0}},
		"one parameter":    {func(a int) int { return -a }, []any{[][]int{{5}, {3}}}, []int{-5, -3}},
		"two lists":        {join, []any{[]int{1, 2}, []string{"a", "b"}}, ab},
		"a number":         {func(a int, b rune) string { return fmt.Sprint(a, b) }, []any{2, "ab"}, []string{"0 97", "1 98"}},
		"three lists":      {func(a, b, c int) int { return a + b*c }, []any{3, []int8{1, 2, 3}, map[string]int{"x": 5, "y": 6, "z": 7}}, []int{5, 13, 23}},
		"variadic tuples":  {fmt.Sprint, []any{[][]any{{}, {1}, {"a", 2, 3}}}, []string{"", "1", "a2 3"}},
		"variadic lists":   {func(s string, ns ...int) string { return s + fmt.Sprint(ns) }, []any{[]string{"a", "b"}, []int{1, 2}, []uint{3, 4}}, []string{"a[1 3]", "b[2 4]"}},
		"with the rest":    {func(_ context.Context, r *rand.Rand, a, b int) (bool, error) { return r != nil, nil }, []any{[]int{1}, []int{2}}, []bool{true}},
		"none":             {join, []any{[]hidden{}}, []string{}},
	} {
		t.Run(name, func(t *testing.T) {
			ys, err := StarmapValue(t.Context(), reflect.ValueOf(c.f), valuesOf(c.args...), WithWorkers(2))
			if err != nil || !reflect.DeepEqual(ys.Interface(), c.want) {
				t.Errorf("got %v, %v, want %v", ys, err, c.want)
			}
		})
	}
}

func TestStarmapValueSaysWhatDoesNotFit(t *testing.T) {
	f := func(a int, b string) string { return "" }
	for _, c := range []struct {
		f    any
		args []any
		want string
	}{
		{f, nil, "parallel: no arguments: give a list of tuples, or a list for each parameter of f"},
		{f, []any{3}, "parallel: f is a func(int, string) string, which needs 2 arguments: the list should be of tuples (structs, arrays or slices), but its elements are int"},
		{f, []any{[]hidden{}, []int{}, []int{}}, "parallel: f is a func(int, string) string, which needs 2 arguments, but there are 3 lists"},
		{f, []any{[]int{1, 2}, []string{"a"}}, "parallel: argument 2 has 1 element, but argument 1 has 2: they must have as many"},
		{f, []any{[]int{1}, 2.5}, "parallel: argument 2 is a float64: it should be a slice, an array, a map, a string, an integer n (0 to n−1), a channel or an iterator"},
		{f, []any{[]int{1}, []int{1}}, "parallel: f takes a string, but the elements of argument 2 are int"},
		{f, []any{[]any{1.5}, []string{"a"}}, "parallel: the elements of argument 1, number 0: f takes an int, but this is a float64"},
		{f, []any{[]any{hidden{}, 5}}, "parallel: tuple 1: it is an int, and should be a struct, an array or a slice"},
		{f, []any{[]*hidden{nil}}, "parallel: tuple 0: it is nil"},
		{f, []any{[][]any{{1, "a"}, {1}}}, "parallel: tuple 1: it has 1 element, but f is a func(int, string) string, which needs 2 arguments"},
		{f, []any{[]Pair[int, int]{{1, 2}}}, "parallel: tuple 0: value 2: f takes a string, but this is an int"},
		{func() int { return 0 }, []any{[][]int{{}}}, "parallel: f is a func() int, which takes no arguments"},
		{func(int) (int, int) { return 0, 0 }, []any{3}, "parallel: f is a func(int) (int, int): a map needs a function with one result at most, and an error after it"},
		{func(a string, b ...int) string { return "" }, []any{[][]any{{}}}, "parallel: tuple 0: it has 0 elements, but f is a func(string, ...int) string, which needs 1 or more arguments"},
	} {
		_, err := StarmapValue(t.Context(), reflect.ValueOf(c.f), valuesOf(c.args...))
		if fmt.Sprint(err) != c.want {
			t.Errorf("got  %v\nwant %s", err, c.want)
		}
	}
	_, err := StarmapValue(t.Context(), reflect.ValueOf(func(a, b int) int { return a / b }), valuesOf([]int{1, 2}, []int{1, 0}))
	if fmt.Sprint(err) != "task 1 (input [2 0]): panic: runtime error: integer divide by zero" {
		t.Error(err)
	}
}

func TestRandomStreamsOfValuesAreThoseOfMapRand(t *testing.T) {
	draw := func(r *rand.Rand, x int) int { return x + r.IntN(1000) }
	want, err := MapRand(draw, upTo(50), WithSeed(3))
	if err != nil {
		t.Fatal(err)
	}
	for name, opts := range map[string][]Option{"fast": {WithWorkers(3)}, "careful": {WithCollect(), WithWorkers(2)}} {
		var run Run
		opts = append(opts, WithSeed(3), WithRun(&run))
		ys, err := MapValue(t.Context(), reflect.ValueOf(draw), reflect.ValueOf(50), opts...)
		if err != nil || !slices.Equal(ys.Interface().([]int), want) || run.Seed != 3 {
			t.Errorf("%s: %v, %v, seed %d", name, ys, err, run.Seed)
		}
		twice := func(ctx context.Context, r *rand.Rand, x, y int) int { return x + y + r.IntN(1000) }
		ys, err = StarmapValue(t.Context(), reflect.ValueOf(twice), valuesOf(50, make([]int, 50)), opts...)
		if err != nil || !slices.Equal(ys.Interface().([]int), want) {
			t.Errorf("%s: %v, %v", name, ys, err)
		}
	}
	// Drawn seeds are in the run.
	var run Run
	ys, err := MapValue(t.Context(), reflect.ValueOf(draw), reflect.ValueOf(50), WithRun(&run))
	again, _ := MapRand(draw, upTo(50), WithSeed(run.Seed))
	if err != nil || !slices.Equal(ys.Interface().([]int), again) {
		t.Error("the seed in the run is another one", err)
	}
	one, err := ApplyValue(t.Context(), reflect.ValueOf(draw), valuesOf(0), WithSeed(3))
	if err != nil || int(one[0].Int()) != want[0] {
		t.Error(one, err)
	}
	mine := rand.New(rand.NewPCG(1, 2))
	if one, err = ApplyValue(t.Context(), reflect.ValueOf(draw), valuesOf(mine, 0)); err != nil || int(one[0].Int()) != rand.New(rand.NewPCG(1, 2)).IntN(1000) {
		t.Error("its own source was not used", one, err)
	}
}

func TestReduceValue(t *testing.T) {
	less := func(_ context.Context, a, b string) (string, error) {
		if b == "!" {
			return "", errFlaky
		}
		return a + b, nil
	}
	for name, c := range map[string]struct {
		f, xs, want any
	}{
		"sum":           {func(a, b int) int { return a + b }, 1001, 500500},
		"of floats":     {func(a, b float64) float64 { return a + b }, []int{1, 2, 3}, 6.0},
		"by reflection": {func(a, b int8) int8 { return a - b }, []int8{1}, int8(1)},
		"in order":      {less, strings.Split("the order is kept", ""), "the order is kept"},
		"an iterator":   {func(a, b string) string { return a + b }, slices.Values([]string{"x", "y"}), "xy"},
	} {
		for _, workers := range []int{1, 3} {
			y, err := ReduceValue(t.Context(), reflect.ValueOf(c.f), reflect.ValueOf(c.xs), WithWorkers(workers))
			if err != nil || !reflect.DeepEqual(y.Interface(), c.want) {
				t.Errorf("%s: %v, %v", name, y, err)
			}
		}
	}
	for _, f := range []any{less, func(a, b string) string { return a }} {
		if _, err := ReduceValue(t.Context(), reflect.ValueOf(f), reflect.ValueOf([]string{})); !errors.Is(err, ErrEmpty) {
			t.Error(err)
		}
	}
	if _, err := ReduceValue(t.Context(), reflect.ValueOf(less), reflect.ValueOf([]string{"a", "!"}), WithWorkers(1), WithChunk(2)); !errors.Is(err, errFlaky) {
		t.Error(err)
	}
	if _, err := ReduceValue(t.Context(), reflect.ValueOf(less), reflect.ValueOf([]string{"a", "!"}), WithChunk(1)); !errors.Is(err, errFlaky) {
		t.Error("combining the chunks:", err)
	}
	_, err := ReduceValue(t.Context(), reflect.ValueOf(func(a int, b string) int { return 0 }), reflect.ValueOf(3))
	if fmt.Sprint(err) != "parallel: f is a func(int, string) int: to reduce takes a function of two values of one type that returns a third of that type" {
		t.Error(err)
	}
	if _, err := Reduce(func(a, b int) int { return a / b }, []int{1, 0}, WithChunk(1)); err == nil || !strings.Contains(err.Error(), "combining") {
		t.Error(err)
	}
	if s, err := ReduceErr(func(a, b int) (int, error) { return a + b, nil }, upTo(1000)); s != 499500 || err != nil {
		t.Error(s, err)
	}
}

func TestFilterValue(t *testing.T) {
	type truth bool
	for name, c := range map[string]struct {
		keep, xs, want any
	}{
		"odd":       {func(x int) bool { return x%2 == 1 }, 6, []int{1, 3, 5}},
		"converted": {func(x float64) bool { return x > 1 }, []int{1, 2}, []int{2}},
		"keys":      {func(k string, v int) (truth, error) { return truth(k > "a"), nil }, map[string]int{"a": 1, "b": 2}, []int{2}},
		"none":      {func(string) bool { return false }, []string{"a"}, []string{}},
	} {
		ys, err := FilterValue(t.Context(), reflect.ValueOf(c.keep), reflect.ValueOf(c.xs), WithUnordered(), WithWorkers(2))
		if err != nil || !reflect.DeepEqual(ys.Interface(), c.want) {
			t.Errorf("%s: %v, %v", name, ys, err)
		}
	}
	_, err := FilterValue(t.Context(), reflect.ValueOf(func(x int) int { return x }), reflect.ValueOf(6))
	if fmt.Sprint(err) != "parallel: f is a func(int) int: a filter needs a function whose result is a bool" {
		t.Error(err)
	}
}

func TestImapValue(t *testing.T) {
	endless := make(chan int)
	stop := make(chan struct{})
	defer close(stop)
	go func() {
		for i := 0; ; i++ {
			select {
			case endless <- i:
			case <-stop:
				return
			}
		}
	}()
	double := func(x float64) (float64, error) {
		if x == 3 {
			return 0, errFlaky
		}
		return 2 * x, nil
	}
	for name, xs := range map[string]any{
		"a channel": endless, "an integer": 100, "a small integer": uint8(255), "a slice": upTo(100), "interfaces": slices.Values([]any{0, 1, 2.0, 3, 4, "five", 6}),
		"a generator": iter.Seq[int](func(yield func(int) bool) {
			for i := 0; yield(i); i++ {
			}
		}),
	} {
		results, err := ImapValue(t.Context(), reflect.ValueOf(double), reflect.ValueOf(xs), true, WithWorkers(3))
		if err != nil {
			t.Fatal(name, err)
		}
		i := 0
		for y, err := range results {
			switch {
			case i == 3 && !errors.Is(err, errFlaky), i == 5 && name == "interfaces" && err == nil:
				t.Errorf("%s: result %d: %v, %v", name, i, y, err)
			case i == 3, i == 5 && name == "interfaces":
			case err != nil || y.Float() != 2*float64(i):
				t.Errorf("%s: result %d: %v, %v", name, i, y, err)
			}
			if i++; i == 7 {
				break
			}
		}
		if i != 7 {
			t.Errorf("%s: %d results", name, i)
		}
	}
	var all []string
	results, err := ImapValue(t.Context(), reflect.ValueOf(func(k, v string) string { return k + v }), reflect.ValueOf(map[string]string{"a": "1", "b": "2"}), false)
	if err != nil {
		t.Fatal(err)
	}
	for y := range results {
		all = append(all, y.String())
	}
	if slices.Sort(all); !slices.Equal(all, []string{"a1", "b2"}) {
		t.Error(all)
	}
	draw := func(r *rand.Rand, x int) int { return x + r.IntN(1000) }
	want, _ := MapRand(draw, upTo(20), WithSeed(9))
	if results, err = ImapValue(t.Context(), reflect.ValueOf(draw), reflect.ValueOf(20), true, WithSeed(9)); err != nil {
		t.Fatal(err)
	}
	i := 0
	for y, err := range results {
		if err != nil || int(y.Int()) != want[i] {
			t.Error(i, y, err)
		}
		i++
	}
	for _, c := range []struct {
		f, xs any
		want  string
	}{
		{double, []string{"a"}, "parallel: f takes a float64, but the elements of xs are string"},
		{func(k string, v int) {}, 3, "parallel: f takes a string, but the keys of xs are int"},
		{double, 2.5, "parallel: xs is a float64: it should be a slice, an array, a map, a string, an integer n (0 to n−1), a channel or an iterator"},
		{3, 3, "parallel: f is an int, not a function"},
	} {
		if _, err := ImapValue(t.Context(), reflect.ValueOf(c.f), reflect.ValueOf(c.xs), true); fmt.Sprint(err) != c.want {
			t.Errorf("got  %v\nwant %s", err, c.want)
		}
	}
}

func TestUnorderedResultsComeAsTheirTasksEnded(t *testing.T) {
	gate := make(chan struct{})
	f := func(x int) (int, error) {
		switch x {
		case 0:
			<-gate
		case 2:
			return 0, errFlaky
		case 3:
			defer close(gate)
		}
		return 10 + x, nil
	}
	opts := []Option{WithUnordered(), WithWorkers(2), WithChunk(1), WithCollect()}
	ys, err := MapErr(f, upTo(4), opts...)
	if !errors.Is(err, errFlaky) || len(ys) != 4 || ys[0] != 11 || ys[3] != 0 || !slices.Contains(ys, 13) || !slices.Contains(ys, 10) {
		t.Error(ys, err)
	}
	gate = make(chan struct{})
	v, err := MapValue(t.Context(), reflect.ValueOf(func(x int8) (int, error) { return f(int(x)) }), reflect.ValueOf(upTo(4)), append(opts, WithReplacement(-1))...)
	got := v.Interface().([]int)
	if err != nil || got[0] != 11 || got[1] != -1 || got[2]+got[3] != 23 {
		t.Error(got, err)
	}
	if s, err := Reduce(func(a, b string) string { return a + b }, []string{"a", "b", "c"}, WithUnordered()); s != "abc" || err != nil {
		t.Error(s, err)
	}
	var late []int
	first := make(chan struct{})
	for y, err := range Imap(func(x int) int {
		if x == 0 {
			<-first
		}
		return x
	}, counting(0, 2), WithUnordered(), WithWorkers(2)) {
		if len(late) == 0 {
			close(first)
		}
		if late = append(late, y); err != nil {
			t.Error(err)
		}
	}
	if !slices.Equal(late, []int{1, 0}) {
		t.Error(late)
	}
}

func TestGoRunsValuesInTheBackground(t *testing.T) {
	gate := make(chan struct{})
	f := func(_ context.Context, x int8) int {
		if x == 1 {
			<-gate
		}
		return int(x) * 10
	}
	var told Run
	future := Go(func(ctx context.Context, opts ...Option) (any, error) {
		ys, err := MapValue(ctx, reflect.ValueOf(f), reflect.ValueOf(upTo(3)), opts...)
		return ys.Interface(), err
	}, WithWorkers(2), WithChunk(1), WithRun(&told), WithLabel("values"))
	for future.Progress().Done < 2 { // until the others are done
		runtime.Gosched()
	}
	if p := future.Progress(); p.Total != 3 || p.Final || p.Failed != 0 || p.Label != "values" || p.Elapsed <= 0 || p.Workers != 2 {
		t.Errorf("%+v", p)
	}
	ys, done := future.Partial()
	if !reflect.DeepEqual(ys, []int{0, 0, 20}) || !slices.Equal(done, []bool{true, false, true}) {
		t.Error(ys, done)
	}
	close(gate)
	if ys, err := future.Get(); err != nil || !reflect.DeepEqual(ys, []int{0, 10, 20}) || told.Tasks != 3 {
		t.Error(ys, err, told)
	}
	p := future.Progress()
	if again := future.Progress(); again != p || p.Done != 3 || !p.Final || p.Elapsed != told.Wall {
		t.Errorf("%+v", p)
	}
	// Its cancellation reaches what takes a context.
	forever := Go(func(ctx context.Context, opts ...Option) (reflect.Value, error) {
		return MapValue(ctx, reflect.ValueOf(func(ctx context.Context, x int) error { <-ctx.Done(); return ctx.Err() }), reflect.ValueOf(2), opts...)
	})
	forever.Cancel()
	if _, err := forever.Get(); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	closed := NewPool(1)
	closed.Close()
	never := MapAsync(func(x int) int { return x }, upTo(3), WithPool(closed))
	if _, err := never.Get(); !errors.Is(err, ErrClosed) || !never.Progress().Final {
		t.Error(err, never.Progress())
	}
	kept := Go(func(_ context.Context, opts ...Option) ([]bool, error) {
		return Filter(func(b bool) bool { return b }, []bool{true, false}, opts...)
	})
	if bs, err := kept.Get(); err != nil || len(bs) != 1 {
		t.Error(bs, err)
	}
	if bs, done := kept.Partial(); len(bs) != 1 || done != nil {
		t.Error(bs, done)
	}
}

func TestPartialResultsOfUnorderedAndReplacedTasks(t *testing.T) {
	gate := make(chan struct{})
	future := MapErrAsync(func(x int) (int, error) {
		switch x {
		case 0:
			<-gate
		case 1:
			return 0, errFlaky
		}
		return x, nil
	}, upTo(4), WithWorkers(2), WithChunk(1), WithUnordered(), WithReplacement(-1))
	for future.Progress().Done+future.Progress().Failed < 3 {
		runtime.Gosched()
	}
	want := []int{-1, 2, 3, 0}
	if ys, done := future.Partial(); !slices.Equal(ys, want) || !slices.Equal(done, []bool{true, true, true, false}) {
		t.Error(ys, done)
	}
	close(gate)
	if ys, err := future.Get(); err != nil || !slices.Equal(ys, want) {
		t.Error(ys, err)
	}
	if ys, done := future.Partial(); !slices.Equal(ys, want) || slices.Contains(done, false) {
		t.Error(ys, done)
	}
}
