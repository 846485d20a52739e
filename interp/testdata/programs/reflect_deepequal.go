package main

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"reflect"
	"slices"
)

// DeepEqual, comparison of interfaces, and cycles.

type N struct {
	V    int
	Next *N
	M    map[string][]int
}

type F struct{ f func() }

func cyc(v int) *N {
	n := &N{V: v}
	n.Next = n
	return n
}

func same(a, b any) (eq string) {
	defer func() {
		if r := recover(); r != nil {
			eq = "panics"
		}
	}()
	return fmt.Sprint(a == b)
}

func main() {
	a := &N{1, &N{2, nil, nil}, map[string][]int{"a": {1}}}
	b := &N{1, &N{2, nil, nil}, map[string][]int{"a": {1}}}
	fmt.Println(reflect.DeepEqual(a, b), a == b)
	b.M["a"][0] = 2
	fmt.Println(reflect.DeepEqual(a, b))
	fmt.Println(reflect.DeepEqual(cyc(1), cyc(1)), reflect.DeepEqual(cyc(1), cyc(2)))
	fmt.Println(reflect.DeepEqual([]int(nil), []int{}), reflect.DeepEqual(map[int]int(nil), map[int]int{}))
	fmt.Println(reflect.DeepEqual(1, int64(1)), reflect.DeepEqual(nil, nil), reflect.DeepEqual(error(nil), nil))
	fmt.Println(reflect.DeepEqual(F{}, F{}), reflect.DeepEqual(F{func() {}}, F{func() {}}))
	fmt.Println(reflect.DeepEqual(math.NaN(), math.NaN()), reflect.DeepEqual([]any{1, "a", nil}, []any{1, "a", nil}))
	x := 1
	for _, p := range [][2]any{{1, 1}, {1, 1.0}, {"a", "a"}, {nil, nil}, {&x, &x}, {[2]int{1}, [2]int{1}}, {[]int{1}, []int{1}}, {N{V: 1}.V, 1}, {struct{ A any }{1}, struct{ A any }{1}}, {F{}, F{}}, {errors.New("a"), errors.New("a")}, {math.NaN(), math.NaN()}, {'a', int32(97)}, {byte(1), uint8(1)}} {
		fmt.Print(same(p[0], p[1]), " ")
	}
	fmt.Println()
	var e1, e2 error
	fmt.Println(e1 == e2, e1 == nil, any(e1) == nil)
	var p *N
	var i any = p
	fmt.Println(i == nil, i == (*N)(nil), p == nil)
	c1, c2 := make(chan int), make(chan int)
	var ro <-chan int = c1
	fmt.Println(c1 == c1, c1 == c2, ro == c1)
	type key struct {
		a any
		b [2]string
	}
	m := map[key]int{{1, [2]string{"x"}}: 1}
	m[key{1, [2]string{"x"}}]++
	m[key{"1", [2]string{"x"}}]++
	fmt.Println(len(m), m[key{1, [2]string{"x", ""}}])
	fmt.Println(slices.Equal([]float64{1, math.NaN()}, []float64{1, math.NaN()}), maps.Equal(map[string]int{"a": 1}, map[string]int{"a": 1}))
}
