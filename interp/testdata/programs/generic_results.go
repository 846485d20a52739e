package main

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Result and option types, chains of them, and lazy values.

type Option[T any] struct{ p *T }

func Some[T any](v T) Option[T] { return Option[T]{&v} }
func None[T any]() Option[T]    { return Option[T]{} }
func (o Option[T]) Get() (v T, ok bool) {
	if o.p == nil {
		return
	}
	return *o.p, true
}
func (o Option[T]) OrElse(f func() T) T {
	if v, ok := o.Get(); ok {
		return v
	}
	return f()
}
func MapOpt[T, U any](o Option[T], f func(T) U) Option[U] {
	if v, ok := o.Get(); ok {
		return Some(f(v))
	}
	return None[U]()
}

type Result[T any] struct {
	Val T
	Err error
}

func Try[T any](f func() T) (r Result[T]) {
	defer func() {
		if p := recover(); p != nil {
			r.Err = fmt.Errorf("caught %v", p)
		}
	}()
	r.Val = f()
	return
}

func From[T any](v T, err error) Result[T] { return Result[T]{v, err} }

func Then[T, U any](r Result[T], f func(T) (U, error)) Result[U] {
	if r.Err != nil {
		return Result[U]{Err: r.Err}
	}
	return From(f(r.Val))
}

type Lazy[T any] struct {
	f    func() T
	v    T
	done bool
}

func (l *Lazy[T]) Get() T {
	if !l.done {
		l.v, l.done = l.f(), true
	}
	return l.v
}

type Either[L, R any] struct {
	left  *L
	right *R
}

func Fold[L, R, T any](e Either[L, R], l func(L) T, r func(R) T) T {
	if e.left != nil {
		return l(*e.left)
	}
	return r(*e.right)
}

func main() {
	fmt.Println(Some(3).Get())
	fmt.Println(None[string]().Get())
	fmt.Println(MapOpt(Some(4), func(n int) string { return fmt.Sprint("n", n) }).OrElse(func() string { return "none" }))
	fmt.Println(MapOpt(None[int](), strconv.Itoa).OrElse(func() string { return "none" }))
	r := Then(From(strconv.Atoi("12")), func(n int) (float64, error) { return math.Sqrt(float64(n * 3)), nil })
	fmt.Println(r.Val, r.Err)
	bad := Then(From(strconv.Atoi("z")), func(n int) (string, error) { panic("not called") })
	fmt.Printf("%q %v\n", bad.Val, bad.Err)
	var arr []int
	t := Try(func() int { return arr[2] })
	fmt.Println(t.Val, t.Err)
	fmt.Println(Try(func() string { return "fine" }))
	n := 0
	l := Lazy[int]{f: func() int { n++; return n * 100 }}
	fmt.Println(l.Get(), l.Get(), n)
	s, e := "left", 5.5
	show := func(x Either[string, float64]) string {
		return Fold(x, strings.ToUpper, func(f float64) string { return fmt.Sprintf("%.2f", f) })
	}
	fmt.Println(show(Either[string, float64]{left: &s}), show(Either[string, float64]{right: &e}))
}
