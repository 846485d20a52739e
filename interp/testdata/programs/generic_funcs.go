package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Generic functions: inference, explicit arguments, several parameters.

type Number interface {
	~int | ~int8 | ~int64 | ~float32 | ~float64
}

func Map[T, U any](xs []T, f func(T) U) []U {
	out := make([]U, 0, len(xs))
	for _, x := range xs {
		out = append(out, f(x))
	}
	return out
}

func Filter[S ~[]E, E any](s S, keep func(E) bool) S {
	var out S
	for _, e := range s {
		if keep(e) {
			out = append(out, e)
		}
	}
	return out
}

func Reduce[T, A any](xs []T, acc A, f func(A, T) A) A {
	for _, x := range xs {
		acc = f(acc, x)
	}
	return acc
}

func Sum[T Number](xs ...T) (s T) {
	for _, x := range xs {
		s += x
	}
	return
}

func Zero[T any]() T {
	var z T
	return z
}

func Ptr[T any](v T) *T { return &v }

func Keys[M ~map[K]V, K cmp.Ordered, V any](m M) []K {
	keys := make([]K, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

func Convert[To, From Number](f From) To { return To(f) }

type Celsius float64
type Names []string

func main() {
	sq := Map([]int{1, 2, 3}, func(n int) string { return strings.Repeat("*", n) })
	fmt.Println(sq, Map(sq, func(s string) int { return len(s) }))
	n := Filter(Names{"ann", "bob", "al"}, func(s string) bool { return s[0] == 'a' })
	fmt.Printf("%T %v\n", n, n)
	fmt.Println(Reduce([]int{1, 2, 3}, "", func(a string, n int) string { return a + fmt.Sprint(n) }))
	fmt.Println(Sum(1, 2, 3), Sum(1.5, 2), Sum[Celsius](1, 2.5), Sum[int8](100, 27, 1), Sum[int]())
	fmt.Printf("%v %q %v %v %T\n", Zero[int](), Zero[string](), Zero[[]int]() == nil, Zero[[2]bool](), Zero[error]())
	p := Ptr("x")
	*p += "y"
	fmt.Println(*p, *Ptr(3), **Ptr(Ptr(4.5)))
	fmt.Println(Keys(map[string]int{"b": 1, "a": 2}), Keys(map[Celsius]bool{2: true, -1: false}))
	fmt.Println(Convert[int](3.9), Convert[float32](7), Convert[Celsius, int](5))
	f := Map[float64, int]
	fmt.Println(f([]float64{1.9, 2.1}, func(x float64) int { return int(x) }))
	fmt.Printf("%T\n", Sum[Celsius])
	var g func(...int) int = Sum
	fmt.Println(g(4, 5))
}
