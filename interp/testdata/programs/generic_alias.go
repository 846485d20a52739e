package main

import (
	"errors"
	"fmt"
	"maps"
)

// Aliases: of types, of generic types, with parameters, and their identity.

type Int = int
type Ints = []Int
type Vec[T any] = []T
type Dict[V any] = map[string]V
type PairOf[T any] = struct{ A, B T }
type Res[T any] = Result[T, error]

type Result[T any, E error] struct {
	val T
	err E
}

func (r Result[T, E]) Unwrap(def T) T {
	if any(r.err) != nil {
		return def
	}
	return r.val
}

type Real struct{ n int }

func (r Real) N() int { return r.n }

type Alias = Real

func (a *Alias) Inc() { a.n++ }

func sum(xs Vec[int]) (s Int) {
	for _, x := range xs {
		s += x
	}
	return
}

func ok[T any](v T) Res[T]       { return Res[T]{val: v} }
func bad[T any](m string) Res[T] { return Res[T]{err: errors.New(m)} }
func merge[V any](ds ...Dict[V]) Dict[V] {
	out := Dict[V]{}
	for _, d := range ds {
		maps.Copy(out, d)
	}
	return out
}

func main() {
	var xs Ints = []int{1, 2}
	var v Vec[int] = xs
	v = append(v, 3)
	fmt.Println(sum(v), sum(xs), sum([]int{10}))
	fmt.Printf("%T %T %T %T\n", v, Dict[bool]{}, PairOf[int]{}, Alias{})
	a := Alias{1}
	a.Inc()
	var r Real = a
	r.Inc()
	fmt.Println(a.N(), r.N(), a == Real{2})
	fmt.Println(ok(5).Unwrap(0), bad[string]("no").Unwrap("def"))
	d := merge(Dict[int]{"a": 1}, map[string]int{"b": 2, "a": 3})
	fmt.Println(d)
	p := PairOf[string]{"x", "y"}
	q := struct{ A, B string }{"x", "y"}
	fmt.Println(p == q)
	var e any = v
	_, isInts := e.([]int)
	_, isAlias := e.(Ints)
	fmt.Println(isInts, isAlias)
	switch e.(type) {
	case Vec[string]:
		fmt.Println("strings")
	case Vec[int]:
		fmt.Println("ints")
	}
	type local = map[Int]Vec[Alias]
	l := local{1: {{5}, {6}}}
	fmt.Printf("%v %T\n", l, l)
	var b byte = 'x'
	var u uint8 = b
	var rr rune = 'y'
	var i32 int32 = rr
	var an interface{} = any(u)
	fmt.Printf("%T %T %v %v\n", b, rr, an, i32)
}
