package main

import (
	"errors"
	"fmt"
	"strconv"
)

// Several values: passed on, returned, assigned, spread, ignored.

func div(a, b int) (q, r int) { return a / b, a % b }
func add(a, b int) int        { return a + b }
func sum(xs ...int) (t int) {
	for _, x := range xs {
		t += x
	}
	return
}
func tag(s string, xs ...int) string     { return fmt.Sprint(s, xs) }
func strs() (string, int, int)           { return "t", 1, 2 }
func swap[A, B any](a A, b B) (B, A)     { return b, a }
func wrap(v any, err error) (any, error) { return []any{v}, err }
func fails() (int, error)                { return 0, errors.New("fails") }
func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

type P struct{ x, y int }

func (p P) XY() (int, int)   { return p.x, p.y }
func (p *P) Set(x, y int) *P { p.x, p.y = x, y; return p }
func ret() (a int, b string) { a, b = 1, "b"; return }
func chain() (int, int)      { return div(17, 5) }
func ifaces() (any, error, func() (int, bool)) {
	return nil, nil, func() (int, bool) { return 4, true }
}

func main() {
	fmt.Println(add(div(17, 5)))
	fmt.Println(sum(div(9, 4)), tag(strs()))
	fmt.Println(swap(swap(1, "a")))
	fmt.Println(wrap(fails()))
	fmt.Println(must(strconv.Atoi("42")) + 1)
	var p P
	p.Set(div(20, 6)).Set(p.XY())
	fmt.Println(p, add(p.XY()))
	a, b := ret()
	fmt.Println(a, b)
	fmt.Println(chain())
	_, _, f := ifaces()
	n, ok := f()
	fmt.Println(n, ok)
	var q, r int
	q, r = div(7, 2)
	arr := [2]int{}
	arr[0], arr[1] = div(7, 3)
	m := map[string]int{}
	m["q"], m["r"] = div(50, 7)
	fmt.Println(q, r, arr, m)
	var x, y = div(8, 3)
	var i, s any = 1, "s"
	fmt.Println(x, y, i, s)
	fs := []func(int, int) (int, int){div, func(a, b int) (int, int) { return b, a }}
	for _, f := range fs {
		fmt.Println(f(3, 4))
	}
	if q, r := div(10, 5); r == 0 {
		fmt.Println("exact", q)
	}
	ch := make(chan P, 1)
	ch <- P{1, 2}
	v, open := <-ch
	fmt.Println(v, open)
	for i, j := 0, 10; i < j; i, j = i+3, j-1 {
		fmt.Print(i, ",", j, " ")
	}
	fmt.Println()
	func() {
		defer func() { fmt.Println("recovered", recover()) }()
		must(fails())
	}()
	g := func() (r1, r2 int) { defer func() { r1, r2 = r2, r1 }(); return 1, 2 }
	fmt.Println(g())
	xs := []int{1, 2, 3}
	fmt.Println(sum(xs...), sum(xs[1:]...), tag("e", xs[:0]...))
}
