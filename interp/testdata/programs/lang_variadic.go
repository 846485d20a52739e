package main

import (
	"cmp"
	"fmt"
	"strings"
)

// Variadic parameters: nil, spread, aliasing, of any, of functions.

func count(xs ...int) string { return fmt.Sprint(len(xs), xs == nil, cap(xs) > 10) }
func modify(xs ...int) {
	for i := range xs {
		xs[i] *= 10
	}
}
func first(def string, xs ...string) string {
	if len(xs) > 0 {
		return xs[0]
	}
	return def
}
func anys(vs ...any) string {
	s := ""
	for _, v := range vs {
		s += fmt.Sprintf("%T;", v)
	}
	return s
}
func apply(n int, fs ...func(int) int) int {
	for _, f := range fs {
		n = f(n)
	}
	return n
}
func joinAll(sep string, lists ...[]string) string {
	var all []string
	for _, l := range lists {
		all = append(all, l...)
	}
	return strings.Join(all, sep)
}
func rec(depth int, xs ...int) int {
	if len(xs) == 0 {
		return depth
	}
	return rec(depth+xs[0], xs[1:]...)
}

type opt struct{ k, v string }

func build(opts ...opt) map[string]string {
	m := map[string]string{}
	for _, o := range opts {
		m[o.k] = o.v
	}
	return m
}

type L struct{ n int }

func (l *L) Add(xs ...int) *L {
	for _, x := range xs {
		l.n += x
	}
	return l
}
func maxOf[T cmp.Ordered](a T, rest ...T) T {
	for _, r := range rest {
		a = max(a, r)
	}
	return a
}
func two() (int, int) { return 3, 4 }

func main() {
	fmt.Println(count(), count(1), count([]int{}...), count(nil...), count(make([]int, 0, 20)...))
	xs := []int{1, 2, 3}
	modify(xs...)
	modify(xs[0], xs[1])
	modify(xs[1:]...)
	fmt.Println(xs)
	fmt.Println(first("d"), first("d", "x", "y"), first("d", []string{"z"}...))
	fmt.Println(anys(), anys(nil), anys(1, "a", nil, []int{1}), anys([]any{1, 2}...), anys([]any{1, 2}), anys([]int{1}))
	fmt.Println(apply(3, func(n int) int { return n + 1 }, func(n int) int { return n * n }))
	fmt.Println(joinAll("-", []string{"a"}, nil, []string{"b", "c"}))
	fmt.Println(rec(0, 1, 2, 3, 4), rec(two()))
	fmt.Println(build(opt{"a", "1"}, opt{"b", "2"}), build([]opt{{"c", "3"}}...))
	fmt.Println(new(L).Add(1, 2).Add().Add(xs...).n)
	fmt.Println(maxOf(1), maxOf("a", "c", "b"), maxOf(1.5, two2()...))
	f := func(pre string, xs ...rune) string { return pre + string(xs) }
	fmt.Println(f("x", 'a', 'b'), f("y"))
	var g func(...int) string = count
	fmt.Println(g(1, 2))
	defer func(xs ...string) { fmt.Println("deferred", xs) }("p", "q")
	done := make(chan int)
	go func(xs ...int) { done <- len(xs) }(1, 2, 3)
	fmt.Println(<-done, fmt.Sprintf("%d%d", []any{1, 2}...), fmt.Sprint(append([]any{}, "a", 1)...))
	fmt.Println(append([]int{1}, append([]int{2}, xs[:1]...)...))
}

func two2() []float64 { return []float64{0.5, 9.25} }
