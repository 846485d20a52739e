package main

import "fmt"

// Generic types: stacks, pairs, lists, methods, zero values, nesting.

type Stack[T any] struct{ items []T }

func (s *Stack[T]) Push(v ...T) { s.items = append(s.items, v...) }
func (s *Stack[T]) Pop() (v T, ok bool) {
	if len(s.items) == 0 {
		return
	}
	v = s.items[len(s.items)-1]
	s.items = s.items[:len(s.items)-1]
	return v, true
}
func (s Stack[_]) Len() int { return len(s.items) }

type Pair[A, B any] struct {
	First  A
	Second B
}

func MakePair[A, B any](a A, b B) Pair[A, B] { return Pair[A, B]{a, b} }
func (p Pair[A, B]) Swap() Pair[B, A]        { return Pair[B, A]{p.Second, p.First} }
func (p Pair[A, B]) String() string          { return fmt.Sprintf("(%v|%v)", p.First, p.Second) }

type List[T any] struct {
	head *node[T]
	size int
}

type node[T any] struct {
	val  T
	next *node[T]
}

func (l *List[T]) Add(v T) *List[T] {
	l.head = &node[T]{v, l.head}
	l.size++
	return l
}

func (l *List[T]) Each(f func(T)) {
	for n := l.head; n != nil; n = n.next {
		f(n.val)
	}
}

type Set[K comparable] map[K]struct{}

func SetOf[K comparable](ks ...K) Set[K] {
	s := Set[K]{}
	for _, k := range ks {
		s[k] = struct{}{}
	}
	return s
}
func (s Set[K]) Has(k K) bool { _, ok := s[k]; return ok }

type Opt[T any] struct {
	v   T
	set bool
}

func Some[T any](v T) Opt[T] { return Opt[T]{v, true} }
func (o Opt[T]) Or(d T) T {
	if o.set {
		return o.v
	}
	return d
}

type Matrix[T ~int | ~float64] [2][2]T

func (m Matrix[T]) Mul(o Matrix[T]) (r Matrix[T]) {
	for i := range m {
		for j := range m {
			for k := range m {
				r[i][j] += m[i][k] * o[k][j]
			}
		}
	}
	return
}

func main() {
	var s Stack[string]
	s.Push("a", "b")
	v, ok := s.Pop()
	fmt.Println(v, ok, s.Len())
	s.Pop()
	v, ok = s.Pop()
	fmt.Printf("%q %v\n", v, ok)
	p := MakePair("x", 3)
	fmt.Println(p, p.Swap(), p.Swap().Swap() == p)
	fmt.Printf("%T %+v\n", p.Swap(), struct{ P Pair[int, bool] }{})
	nested := MakePair(p, []Pair[int, int]{{1, 2}})
	fmt.Println(nested, nested.Second[0].First)
	var l List[Pair[string, int]]
	l.Add(p).Add(Pair[string, int]{"y", 4})
	l.Each(func(p Pair[string, int]) { fmt.Print(p.First, p.Second, " ") })
	fmt.Println(l.size)
	st := SetOf(1, 2, 3)
	fmt.Println(st.Has(2), st.Has(5), len(st), SetOf[string]() != nil)
	fmt.Println(Some(5).Or(1), Opt[string]{}.Or("default"))
	m := Matrix[int]{{1, 1}, {1, 0}}
	f := m
	for range 5 {
		f = f.Mul(m)
	}
	fmt.Println(f, Matrix[float64]{{0.5}}.Mul(Matrix[float64]{{2}}))
	var st2 Stack[Stack[int]]
	st2.Push(Stack[int]{[]int{1}})
	fmt.Println(st2, st2.Len())
}
