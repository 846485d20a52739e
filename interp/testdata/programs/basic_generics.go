package main

import "fmt"

// Generics as a beginner writes them: Map, Filter, Max and a stack.

type Number interface {
	int | float64
}

func Map[T, U any](xs []T, f func(T) U) []U {
	var out []U
	for _, x := range xs {
		out = append(out, f(x))
	}
	return out
}

func Filter[T any](xs []T, keep func(T) bool) []T {
	var out []T
	for _, x := range xs {
		if keep(x) {
			out = append(out, x)
		}
	}
	return out
}

func Max[T Number](xs []T) T {
	best := xs[0]
	for _, x := range xs[1:] {
		if x > best {
			best = x
		}
	}
	return best
}

type Stack[T any] struct {
	items []T
}

func (s *Stack[T]) Push(x T) { s.items = append(s.items, x) }

func (s *Stack[T]) Pop() T {
	x := s.items[len(s.items)-1]
	s.items = s.items[:len(s.items)-1]
	return x
}

func main() {
	fmt.Println(Map([]int{1, 2, 3}, func(n int) string { return fmt.Sprint(n * 10) }))
	fmt.Println(Filter([]string{"go", "gopher", "c"}, func(s string) bool { return len(s) > 1 }))
	fmt.Println(Max([]int{3, 9, 2}), Max([]float64{1.5, -2}))
	s := Stack[string]{}
	s.Push("a")
	s.Push("b")
	fmt.Println(s.Pop(), len(s.items))
	n := &Stack[int]{}
	for i := range 4 {
		n.Push(i)
	}
	fmt.Println(n.Pop()+n.Pop(), n.items)
}
