package main

import (
	"errors"
	"fmt"
	"math"
)

// Comparison of every comparable type, and what cannot be compared.

type Key struct {
	a int
	b string
	c [2]bool
}
type Iface interface{ M() int }
type V int

func (v V) M() int { return int(v) }

type W struct{ V }

func eq[T comparable](a, b T) bool { return a == b }

func main() {
	fmt.Println(1 == 1.0, 'a' == 97, "a"+"b" == "ab", true != false, 1i*1i == -1)
	k1, k2 := Key{1, "x", [2]bool{true}}, Key{1, "x", [2]bool{true, false}}
	fmt.Println(k1 == k2, k1 != Key{}, eq(k1, k2), k1.c == [2]bool{true})
	p, q := &k1, &k1
	fmt.Println(p == q, p == &k2, *p == *q)
	var i1, i2 Iface = V(1), V(1)
	fmt.Println(i1 == i2, i1 == V(1), i1 != W{V(1)}, i1 == nil)
	var n1, n2 *V
	var i3 Iface = n1
	fmt.Println(n1 == n2, i3 == nil, i3 == n2, i3 != nil)
	c := make(chan int)
	d := c
	fmt.Println(c == d, c == make(chan int), (chan int)(nil) == nil)
	nan := math.NaN()
	fmt.Println(nan == nan, nan != nan, nan < nan, []float64{nan}[0] == nan, math.Copysign(0, -1) == 0)
	arr := [...]any{1, "a", nil}
	brr := [...]any{1, "a", nil}
	fmt.Println(arr == brr, arr == [...]any{int8(1), "a", nil})
	fmt.Println("apple" < "banana", "Zebra" < "apple", "" < "\x00", "é" > "z", 2 <= 2, -1 < 0)
	var e1, e2 error = errors.New("x"), errors.New("x")
	fmt.Println(e1 == e2, e1.Error() == e2.Error(), e1 == e1)
	try := func(name string, f func() bool) {
		defer func() {
			if r := recover(); r != nil {
				fmt.Println(name, r)
			}
		}()
		fmt.Println(name, f())
	}
	try("slices", func() bool { return any([]int{1}) == any([]int{1}) })
	try("maps", func() bool { return any(map[int]int{}) == any(map[int]int{}) })
	try("funcs", func() bool { return any(func() {}) == any(func() {}) })
	try("types differ", func() bool { return any([]int{}) == any([]string{}) })
	try("nested", func() bool { return any(struct{ x any }{[]int{}}) == any(struct{ x any }{[]int{}}) })
	try("early", func() bool {
		return any([2]any{1, []int{}}) == any([2]any{2, []int{}})
	})
	try("generic", func() bool { return eq[any]([]int{}, []int{}) })
	m := map[any]string{1: "int", int64(1): "int64", 1.0: "float", "1": "str", k1: "key", V(1): "V", [1]int{1}: "arr"}
	fmt.Println(len(m), m[1], m[int64(1)], m[V(1)], m[Key{1, "x", [2]bool{true}}], m[[1]int{1}], m[uint(1)] == "")
	var f func()
	var s []int
	var mm map[string]int
	fmt.Println(f == nil, s == nil, mm == nil, len(s) == len(mm))
	type anon = struct{ A, B int }
	fmt.Println(anon{1, 2} == struct{ A, B int }{1, 2}, struct{}{} == struct{}{})
}
