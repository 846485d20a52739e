package main

import (
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"
)

// Iterators: adapters, zip, pull, and those of slices, maps and strings.

func Filter[T any](seq iter.Seq[T], keep func(T) bool) iter.Seq[T] {
	return func(yield func(T) bool) {
		for v := range seq {
			if keep(v) && !yield(v) {
				return
			}
		}
	}
}

func Map[A, B any](seq iter.Seq[A], f func(A) B) iter.Seq[B] {
	return func(yield func(B) bool) {
		seq(func(a A) bool { return yield(f(a)) })
	}
}

func Take[T any](seq iter.Seq[T], n int) iter.Seq[T] {
	return func(yield func(T) bool) {
		if n <= 0 {
			return
		}
		i := 0
		for v := range seq {
			if !yield(v) {
				return
			}
			if i++; i == n {
				return
			}
		}
	}
}

func Zip[A, B any](a iter.Seq[A], b iter.Seq[B]) iter.Seq2[A, B] {
	return func(yield func(A, B) bool) {
		next, stop := iter.Pull(b)
		defer stop()
		for x := range a {
			y, ok := next()
			if !ok || !yield(x, y) {
				return
			}
		}
	}
}

func Fib() iter.Seq[int] {
	return func(yield func(int) bool) {
		a, b := 0, 1
		for yield(a) {
			a, b = b, a+b
		}
	}
}

func Perms(s string) iter.Seq[string] {
	return func(yield func(string) bool) { perm([]byte(s), 0, yield) }
}

func perm(b []byte, i int, yield func(string) bool) bool {
	if i == len(b) {
		return yield(string(b))
	}
	for j := i; j < len(b); j++ {
		b[i], b[j] = b[j], b[i]
		if !perm(b, i+1, yield) {
			return false
		}
		b[i], b[j] = b[j], b[i]
	}
	return true
}

func main() {
	even := Filter(Fib(), func(n int) bool { return n%2 == 0 })
	fmt.Println(slices.Collect(Take(even, 6)))
	fmt.Println(slices.Collect(Map(Take(Fib(), 5), func(n int) string { return fmt.Sprint("f", n) })))
	for a, b := range Zip(Fib(), slices.Values([]string{"x", "y", "z"})) {
		fmt.Print(a, b, " ")
	}
	fmt.Println()
	n := 0
	for p := range Perms("abc") {
		n++
		if p == "cba" {
			break
		}
	}
	fmt.Println(n, slices.Collect(Take(Perms("xy"), 9)))
	next, stop := iter.Pull2(slices.All([]string{"p", "q"}))
	fmt.Println(next())
	fmt.Println(next())
	fmt.Println(next())
	stop()
	m := map[string]int{"a": 1, "b": 2, "c": 3}
	fmt.Println(slices.Sorted(maps.Keys(m)), slices.Sorted(maps.Values(m)))
	fmt.Println(slices.Collect(slices.Chunk([]int{1, 2, 3, 4, 5}, 2)))
	for i, v := range slices.Backward([]int{1, 2, 3}) {
		fmt.Print(i, v, " ")
	}
	fmt.Println(slices.Collect(strings.SplitSeq("a,b,c", ",")))
	fmt.Println(maps.Collect(slices.All([]string{"zero", "one"})))
	fmt.Println(slices.SortedFunc(maps.Keys(m), func(a, b string) int { return -strings.Compare(a, b) }))
}
