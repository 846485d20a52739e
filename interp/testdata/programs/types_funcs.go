package main

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Functions as values: nil ones, variadic ones, of methods, in data.

type Op func(float64, float64) float64

func (o Op) Apply(xs ...float64) float64 {
	acc := xs[0]
	for _, x := range xs[1:] {
		acc = o(acc, x)
	}
	return acc
}

type Handler interface{ Handle(string) string }

type HandlerFunc func(string) string

func (f HandlerFunc) Handle(s string) string { return f(s) }

func chain(h Handler, wraps ...func(Handler) Handler) Handler {
	for i := len(wraps) - 1; i >= 0; i-- {
		h = wraps[i](h)
	}
	return h
}

func tag(t string) func(Handler) Handler {
	return func(h Handler) Handler {
		return HandlerFunc(func(s string) string { return "<" + t + ">" + h.Handle(s) + "</" + t + ">" })
	}
}

func compose[A, B, C any](f func(A) B, g func(B) C) func(A) C { return func(a A) C { return g(f(a)) } }

func multi() (int, string, error) { return 7, "seven", nil }

func take(n int, s string, err error) string { return fmt.Sprint(n, s, err) }

func variadic(pre string, xs ...int) string { return fmt.Sprint(pre, len(xs), xs == nil, xs) }

func mutate(xs ...int) { xs[0] = -1 }

func main() {
	var add Op = func(a, b float64) float64 { return a + b }
	fmt.Println(add.Apply(1, 2, 3), Op(math.Pow).Apply(2, 3, 2), Op(math.Max).Apply(1, 9, 4))
	var nilOp Op
	fmt.Println(nilOp == nil, add != nil)
	h := chain(HandlerFunc(strings.ToUpper), tag("a"), tag("b"))
	fmt.Println(h.Handle("hi"))
	f := compose(strconv.Itoa, func(s string) []string { return strings.Split(s, "") })
	fmt.Println(f(123), len(f(4567)))
	fmt.Println(take(multi()))
	fmt.Println(multi())
	fmt.Println(variadic("a"), variadic("b", 1, 2), variadic("c", []int{}...), variadic("d", nil...))
	xs := []int{1, 2}
	mutate(xs...)
	fmt.Println(xs)
	fmt.Printf("%T %T %T\n", add, take, variadic)
	fact := func() func(int) int {
		var self func(int) int
		self = func(n int) int {
			if n < 2 {
				return 1
			}
			return n * self(n-1)
		}
		return self
	}()
	fmt.Println(fact(10))
	ops := map[string]Op{"+": add, "*": func(a, b float64) float64 { return a * b }}
	fmt.Println(ops["+"](2, 3), ops["*"](2, 3), ops["-"] == nil)
	fmt.Println(func(a, b int) int { return a - b }(5, 3))
	var fs [3]func() int
	for i := range fs {
		fs[i] = func() int { i *= 2; return i }
	}
	fmt.Println(fs[1](), fs[1](), fs[2](), fs[0]())
}
