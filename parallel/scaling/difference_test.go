package scaling

import (
	"errors"
	"math"
	"reflect"
	"testing"
)

type node struct {
	Value int
	next  *node
}

type celsius float64

func TestDifferenceSaysWhere(t *testing.T) {
	ring := func(n int) *node {
		first := &node{Value: 1}
		first.next = &node{Value: n, next: first}
		return first
	}
	self := func() any { l := []any{nil}; l[0] = l; return l }
	deep := func() any {
		var x any = 1
		for range 2000 {
			x = []any{x}
		}
		return x
	}
	nan := math.NaN()
	nans := func(values ...int) map[float64]int { // several entries with that key
		m := map[float64]int{}
		for _, v := range values {
			m[nan] = v
		}
		return m
	}
	f := func() {}
	var none []int
	for _, c := range []struct {
		a, b      any
		tolerance float64
		want      string
	}{
		{1, 1, 0, ""},
		{1, int64(1), 0, ""},
		{1, uint8(1), 0, ""},
		{-1, uint64(math.MaxUint64), 0, "-1 and 18446744073709551615"},
		{int64(math.MaxInt64), int64(math.MaxInt64 - 1), 0, "9223372036854775807 and 9223372036854775806"},
		{1, 1.0, 0, ""},
		{celsius(2), 2.0, 0, ""},
		{1, "1", 0, `1 and "1"`},
		{nil, nil, 0, ""},
		{nil, 1, 0, "nil and 1"},
		{nil, none, 0, "nil and []int of 0"},
		{none, []int{}, 0, ""},
		{math.NaN(), math.NaN(), 0, ""},
		{math.Inf(1), 1e300, 1, "+Inf and 1e+300"},
		{1.0, 1 + 1e-12, 0, "1 and 1.000000000001"},
		{1.0, 1 + 1e-12, 1e-9, ""},
		{float32(0.1), 0.1, 1e-6, ""},
		{1 + 2i, 1 + 3i, 0, "(1+2i) and (1+3i)"},
		{true, false, 0, "true and false"},
		{"a", "b", 0, `"a" and "b"`},
		{[]int{1, 2, 3}, []int{1, 2, 4}, 0, "[2]: 3 and 4"},
		{[]int{1, 2}, [3]float64{1, 2, 4}, 0, "2 and 3 elements"},
		{[][]string{{"a"}}, [][]string{{"a", "b"}}, 0, "[0]: 1 and 2 elements"},
		{[]any{1, "x"}, []any{1, "x"}, 0, ""},
		{map[string]int{"a": 1, "b": 2}, map[string]int{"b": 3, "a": 1}, 0, `["b"]: 2 and 3`},
		{map[string]int{"a": 1}, map[string]int{"b": 1}, 0, `["a"]: missing in the second`},
		{map[int]int{}, map[int]int{1: 1}, 0, "0 and 1 entries"},
		{map[float64]int{nan: 1, 2: 3}, map[float64]int{nan: 1, 2: 3}, 0, ""},
		{map[float64]int{nan: 1}, map[float64]int{nan: 2}, 0, "[NaN]: 1 and 2"},
		{map[float64]int{nan: 1}, map[float64]int{1: 1}, 0, "[NaN]: missing in the second"},
		{map[float64]int{1: 1}, map[float64]int{nan: 1}, 0, "[1]: missing in the second"},
		{nans(1, 2, 3), nans(3, 1, 2), 0, ""},
		{nans(1, 2), nans(2, 2), 0, "[NaN]: 1 and 2"},
		{nans(1, 2, 2), nans(1, 2), 0, "[NaN]: missing in the second"},
		{nans(1), nans(1, 1), 0, "1 and 2 entries"},
		{map[any][]int{any(nan): {1}}, map[any][]int{any(nan): {1}}, 0, ""},
		{map[[2]float64]int{{1, nan}: 1}, map[[2]float64]int{{2, nan}: 1}, 0, "[[2]float64 of 2]: missing in the second"},
		{map[int]int{}, map[string]int{}, 0, "keys of types int and string"},
		{node{Value: 1}, node{Value: 2}, 0, ".Value: 1 and 2"},
		{&node{next: &node{Value: 3}}, &node{next: &node{Value: 4}}, 0, ".next.Value: 3 and 4"},
		{&node{}, (*node)(nil), 0, "*scaling.node and nil"},
		{node{}, struct{ A int }{}, 0, "scaling.node and struct { A int }"},
		{ring(2), ring(2), 0, ""},
		{ring(2), ring(3), 0, ".next.Value: 2 and 3"},
		{self(), self(), 0, ""},
		{f, f, 0, ""},
		{reflect.ValueOf([]int{1}), []int{2}, 0, "[0]: 1 and 2"},
		{reflect.Value{}, nil, 0, ""},
		{errors.New("a"), errors.New("b"), 0, `.s: "a" and "b"`},
	} {
		if got := Difference(c.a, c.b, c.tolerance); got != c.want {
			t.Errorf("%v and %v: got %q, want %q", shown(reflect.ValueOf(c.a)), shown(reflect.ValueOf(c.b)), got, c.want)
		}
	}
	if got := Difference(deep(), deep(), 0); got == "" {
		t.Error("compared what is nested 2000 deep")
	}
}
