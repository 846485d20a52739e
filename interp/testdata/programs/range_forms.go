package main

import (
	"fmt"
	"iter"
	"slices"
)

// Range over arrays, slices, strings, maps, channels, integers and functions.

func count(n int) iter.Seq[int] {
	return func(yield func(int) bool) {
		for i := range n {
			if !yield(i) {
				fmt.Println("stopped at", i)
				return
			}
		}
		fmt.Println("exhausted")
	}
}

func enumerate[T any](xs []T) iter.Seq2[int, T] {
	return func(yield func(int, T) bool) {
		for i, x := range xs {
			if !yield(i*10, x) {
				return
			}
		}
	}
}

func three(yield func() bool) {
	_ = yield() && yield() && yield()
}

func search(want int) (string, bool) {
	for i := range count(10) {
		if i == want {
			return fmt.Sprint("found ", i), true
		}
	}
	return "", false
}

func nestedBreak() (sum int) {
outer:
	for i := range count(5) {
		for j := range count(5) {
			if j > i {
				continue outer
			}
			if i == 3 {
				break outer
			}
			sum += i*10 + j
		}
	}
	return
}

func deferred() {
	for i := range count(2) {
		defer fmt.Println("deferred", i)
	}
	fmt.Println("end of deferred")
}

func main() {
	for i := range count(3) {
		fmt.Print(i, " ")
	}
	for i := range count(100) {
		if i == 2 {
			break
		}
	}
	for i, s := range enumerate([]string{"a", "b", "c"}) {
		fmt.Print(i, s, " ")
	}
	fmt.Println()
	n := 0
	for range three {
		n++
	}
	fmt.Println(n)
	fmt.Println(search(3))
	fmt.Println(search(30))
	fmt.Println(nestedBreak())
	deferred()
	ch := make(chan string, 3)
	go func() {
		for _, s := range []string{"x", "y", "z"} {
			ch <- s
		}
		close(ch)
	}()
	for s := range ch {
		fmt.Print(s)
	}
	v, ok := <-ch
	fmt.Printf(" %q %v\n", v, ok)
	var fs []func() int
	for i := range count(3) {
		fs = append(fs, func() int { return i })
	}
	fmt.Println(fs[0](), fs[1](), fs[2]())
	fmt.Println(slices.Collect(count(4)))
	m := map[int]string{}
	for k, v := range enumerate([]string{"p", "q"}) {
		m[k] = v
	}
	fmt.Println(m)
}
