package main

import (
	"fmt"
	"iter"
	"slices"
)

// iter.Pull: stepping two sequences side by side, stopping early.

type Tree struct {
	L, R *Tree
	V    int
}

func (t *Tree) All() iter.Seq[int] {
	return func(yield func(int) bool) { t.push(yield) }
}

func (t *Tree) push(yield func(int) bool) bool {
	if t == nil {
		return true
	}
	return t.L.push(yield) && yield(t.V) && t.R.push(yield)
}

func build(vs ...int) (t *Tree) {
	for _, v := range vs {
		t = t.insert(v)
	}
	return
}

func (t *Tree) insert(v int) *Tree {
	if t == nil {
		return &Tree{V: v}
	}
	if v < t.V {
		t.L = t.L.insert(v)
	} else {
		t.R = t.R.insert(v)
	}
	return t
}

func same(a, b iter.Seq[int]) bool {
	na, sa := iter.Pull(a)
	defer sa()
	nb, sb := iter.Pull(b)
	defer sb()
	for {
		x, okA := na()
		y, okB := nb()
		if okA != okB || x != y {
			return false
		}
		if !okA {
			return true
		}
	}
}

func merge(a, b iter.Seq[int]) iter.Seq[int] {
	return func(yield func(int) bool) {
		next, stop := iter.Pull(b)
		defer stop()
		y, ok := next()
		for x := range a {
			for ok && y < x {
				if !yield(y) {
					return
				}
				y, ok = next()
			}
			if !yield(x) {
				return
			}
		}
		for ok && yield(y) {
			y, ok = next()
		}
	}
}

func noisy() iter.Seq[int] {
	return func(yield func(int) bool) {
		defer fmt.Println("cleaned up")
		for i := 0; yield(i); i++ {
		}
	}
}

func main() {
	fmt.Println(same(build(3, 1, 2).All(), build(1, 2, 3).All()), same(build(1).All(), build(1, 2).All()))
	fmt.Println(slices.Collect(merge(build(1, 5, 9).All(), build(2, 3, 10, 11).All())))
	next, stop := iter.Pull(noisy())
	fmt.Println(next())
	fmt.Println(next())
	stop()
	fmt.Println(next())
	stop()
	_, stop2 := iter.Pull(noisy())
	stop2()
	for v := range merge(slices.Values([]int{1, 3}), noisy()) {
		if v == 2 {
			break
		}
		fmt.Print(v, " ")
	}
	fmt.Println("end")
}
