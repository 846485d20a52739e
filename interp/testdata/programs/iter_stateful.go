package main

import (
	"fmt"
	"iter"
	"slices"
	"strconv"
	"strings"
)

// Iterators with state: windows, group by, flattening, generators, errors.

func windows[T any](xs []T, n int) iter.Seq[[]T] {
	return func(yield func([]T) bool) {
		for i := 0; i+n <= len(xs); i++ {
			if !yield(xs[i : i+n : i+n]) {
				return
			}
		}
	}
}

func groups[T comparable](seq iter.Seq[T]) iter.Seq2[T, int] {
	return func(yield func(T, int) bool) {
		var cur T
		n := 0
		for v := range seq {
			if n > 0 && v != cur {
				if !yield(cur, n) {
					return
				}
				n = 0
			}
			cur = v
			n++
		}
		if n > 0 {
			yield(cur, n)
		}
	}
}

func flatten[T any](seqs ...iter.Seq[T]) iter.Seq[T] {
	return func(yield func(T) bool) {
		for _, s := range seqs {
			for v := range s {
				if !yield(v) {
					return
				}
			}
		}
	}
}

func lines(text string) iter.Seq2[int, error] {
	return func(yield func(int, error) bool) {
		for i, l := range strings.Split(text, "\n") {
			n, err := strconv.Atoi(l)
			if err != nil {
				err = fmt.Errorf("line %d: %w", i+1, err)
			}
			if !yield(n, err) {
				return
			}
		}
	}
}

func scan[T, A any](seq iter.Seq[T], acc A, f func(A, T) A) iter.Seq[A] {
	return func(yield func(A) bool) {
		for v := range seq {
			acc = f(acc, v)
			if !yield(acc) {
				return
			}
		}
	}
}

type cursor struct{ pos, reads int }

func (c *cursor) Read(limit int) iter.Seq[int] {
	return func(yield func(int) bool) {
		c.reads++
		for c.pos < limit {
			c.pos++
			if !yield(c.pos) {
				return
			}
		}
	}
}

func main() {
	for w := range windows([]int{1, 2, 3, 4}, 3) {
		fmt.Print(w, cap(w), " ")
	}
	fmt.Println()
	for k, n := range groups(slices.Values([]string{"a", "a", "b", "a", "a", "a"})) {
		fmt.Print(k, n, " ")
	}
	fmt.Println()
	fmt.Println(slices.Collect(flatten(slices.Values([]int{1}), slices.Values([]int(nil)), slices.Values([]int{2, 3}))))
	sum := 0
	for n, err := range lines("1\n2\nx\n4") {
		if err != nil {
			fmt.Println(err)
			continue
		}
		sum += n
	}
	fmt.Println(sum)
	fmt.Println(slices.Collect(scan(slices.Values([]int{1, 2, 3, 4}), 1, func(a, n int) int { return a * n })))
	c := &cursor{}
	for v := range c.Read(10) {
		if v == 3 {
			break
		}
	}
	for v := range c.Read(5) {
		fmt.Print(v, " ")
	}
	fmt.Println(c.pos, c.reads)
}
