package main

import (
	"fmt"
	"math"
)

// Built-in functions: len, cap, min, max, clear, delete, copy, append, new.

type IDs []int
type Grid [4][5]int

func main() {
	fmt.Println(min(3, 1, 2), max(2.5, 1), min("b", "a", "c"), max('a', 'z'), min(7))
	x, y := 3, 8
	fmt.Println(min(x, y, 5), max(x, y)-min(x, y))
	fmt.Println(max(math.NaN(), 1), min(math.Inf(-1), 0), min(-0.0, 0.0))
	const m = max(1, 2.5, 'a')
	fmt.Println(m)
	var g Grid
	fmt.Println(len(g), len(g[0]), cap(g), len(&g))
	const n = len(Grid{})
	var arr [n * 2]byte
	fmt.Println(len(arr), len("héllo"), len([]rune("héllo")), len(map[int]int{1: 1}))
	ch := make(chan int, 4)
	ch <- 1
	fmt.Println(len(ch), cap(ch))
	ids := make(IDs, 2, 5)
	ids = append(ids, 7)
	fmt.Println(ids, len(ids), cap(ids), cap(ids[1:]), cap(ids[1:2:3]))
	clear(ids)
	fmt.Println(ids)
	mp := map[string][]int{"a": {1}}
	clear(mp)
	fmt.Println(len(mp), mp)
	b := append([]byte(nil), "abc"...)
	b = append(b, 'd', 101)
	n2 := copy(b[1:], "XYZ")
	fmt.Println(n2, string(b))
	fmt.Println(append([]int(nil), []int{}...) == nil, append([]int{}, 1)[0])
	p := new(int)
	*p = 4
	q := new(Grid)
	q[1][1] = *p
	fmt.Println(q[1], *new([]int) == nil)
	r := new(max(2, 3))
	s := new("text")
	fmt.Println(*r, *s)
	c := complex(1.5, 2)
	fmt.Println(real(c), imag(c))
	for _, f := range []func() any{func() any { return recover() }, func() any { return len(ids) }} {
		fmt.Print(f(), " ")
	}
	fmt.Println()
	var nilS []int
	var nilM map[string]int
	var nilC chan int
	fmt.Println(len(nilS), cap(nilS), len(nilM), len(nilC), cap(nilC))
	mk := make(map[string]int, 100)
	fmt.Println(len(mk), len(make([]string, 3)), make([]bool, 1, 2))
	close(ch)
	v, ok := <-ch
	w, ok2 := <-ch
	fmt.Println(v, ok, w, ok2)
}
