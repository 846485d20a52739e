package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Package slices: insertion, deletion, comparison, chunks, and more.

type V struct {
	k string
	n int
}

func main() {
	s := []int{1, 2, 3, 4, 5}
	s = slices.Insert(s, 2, 10, 11)
	fmt.Println(s)
	s = slices.Delete(s, 0, 2)
	fmt.Println(s, len(s))
	s = slices.Replace(s, 0, 1, 7, 8, 9)
	fmt.Println(s)
	fmt.Println(slices.Max(s), slices.Min(s), slices.Contains(s, 9), slices.Index(s, 99))
	c := slices.Clone(s)
	c[0] = -1
	fmt.Println(s[0], c[0], slices.Equal(s, c), slices.Compare(s, c))
	fmt.Println(slices.Compact([]int{1, 1, 2, 2, 2, 1}))
	s = slices.DeleteFunc(s, func(n int) bool { return n > 8 })
	fmt.Println(s)
	fmt.Println(slices.IndexFunc(s, func(n int) bool { return n%2 == 1 }), slices.ContainsFunc(s, func(n int) bool { return n < 0 }))
	fmt.Println(slices.Concat([]int{1}, nil, []int{2, 3}), slices.Repeat([]string{"a", "b"}, 2))
	g := slices.Grow([]int{1}, 10)
	fmt.Println(len(g), cap(g) >= 11, cap(slices.Clip(g)))
	vs := []V{{"a", 2}, {"b", 1}, {"A", 2}}
	fmt.Println(slices.MaxFunc(vs, func(a, b V) int { return a.n - b.n }), slices.MinFunc(vs, func(a, b V) int { return strings.Compare(a.k, b.k) }))
	fmt.Println(slices.CompactFunc(vs, func(a, b V) bool { return strings.EqualFold(a.k, b.k) }))
	fmt.Println(slices.EqualFunc([]int{1, 2}, []string{"1", "2"}, func(a int, b string) bool { return strconv.Itoa(a) == b }))
	for ch := range slices.Chunk([]int{1, 2, 3, 4, 5}, 2) {
		fmt.Print(ch, cap(ch), " ")
	}
	fmt.Println()
	a := []int{3, 1, 2}
	b := a
	slices.Sort(b)
	fmt.Println(a)
	slices.Reverse(b[:2])
	fmt.Println(a)
	fmt.Println(slices.Collect(slices.Values(a)), slices.Sorted(slices.Values([]string{"z", "y"})))
	for i, v := range slices.Backward([]string{"x", "y"}) {
		fmt.Print(i, v, " ")
	}
	fmt.Println()
	var n []int
	n = slices.AppendSeq(n, slices.Values([]int{4, 5}))
	fmt.Println(n, slices.Insert(n, len(n), 6), slices.Equal[[]int](nil, []int{}))
	func() {
		defer func() { fmt.Println("recovered:", recover() != nil) }()
		slices.Delete(n, 1, 5)
	}()
	func() {
		defer func() { fmt.Println(recover()) }()
		slices.Max([]int{})
	}()
}
