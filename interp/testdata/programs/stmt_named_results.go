package main

import (
	"errors"
	"fmt"
	"strings"
)

// Named results: zero at every call, bare returns, shadowed, changed by defer.

func sum(xs ...int) (total int) {
	for _, x := range xs {
		total += x
	}
	return
}

func minmax(xs []int) (lo, hi int, ok bool) {
	for i, x := range xs {
		if i == 0 || x < lo {
			lo = x
		}
		if i == 0 || x > hi {
			hi = x
		}
		ok = true
	}
	return
}

func collect(n int) (out []string, m map[int]bool, err error) {
	if n < 0 {
		err = errors.New("negative")
		return
	}
	for i := range n {
		out = append(out, strings.Repeat("x", i))
		if m == nil {
			m = map[int]bool{}
		}
		m[i] = i%2 == 0
	}
	return out, m, nil
}

func closure() (n int) {
	inc := func() { n++ }
	inc()
	inc()
	return n + 10
}

func rec(n int) (s string) {
	if n > 0 {
		s = rec(n-1) + fmt.Sprint(n)
	}
	return
}

func swap(a, b int) (x, y int) {
	x, y = b, a
	defer func() { x *= 10 }()
	return y, x
}

type acc struct{ n int }

func (a *acc) add(k int) (old int, now acc) {
	old = a.n
	a.n += k
	now = *a
	return
}

func main() {
	for range 3 {
		fmt.Print(sum(1, 2, 3), " ")
	}
	for i := range 3 {
		fmt.Print(sum(i), " ")
	}
	fmt.Println(sum())
	for _, xs := range [][]int{{3, 1, 2}, {}, {-1}} {
		fmt.Println(minmax(xs))
	}
	for _, n := range []int{2, -1, 0, 1} {
		fmt.Println(collect(n))
	}
	fmt.Println(closure(), closure())
	fmt.Println(rec(3), rec(5))
	fmt.Println(swap(1, 2))
	var a acc
	fmt.Println(a.add(1))
	fmt.Println(a.add(2))
}
