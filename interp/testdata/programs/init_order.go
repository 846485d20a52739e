package main

import "fmt"

// Package variables are initialised by need, then init functions run.

var (
	a = c + b
	b = f()
	c = g("c", 1)
)

var d = 3

var trace []string

var x, y = two()

var _ = note("blank")

var table = map[string]func() int{"a": func() int { return a }, "late": func() int { return late }}

var late = g("late", a*2)

var self = &node{name: "root"}

type node struct {
	name string
	kids []*node
}

var early = method.m()

var method = T{g("T", 5)}

type T struct{ n int }

func (t T) m() int { return t.n + d }

func two() (int, string) { note("two"); return d, "y" }

func f() int {
	d++
	note("f")
	return d
}

func g(s string, n int) int { note("g" + s); return n }

func note(s string) bool { trace = append(trace, s); return true }

func init() {
	note("init1")
	self.kids = append(self.kids, &node{name: "kid"})
}

func init() {
	note("init2")
	d *= 10
}

const k = len(name)
const name = "const order does not matter"

func main() {
	fmt.Println(a, b, c, d)
	fmt.Println(x, y, late, early)
	fmt.Println(table["a"](), table["late"]())
	fmt.Println(self.kids[0].name, k)
	fmt.Println(trace)
}

func init() {
	note("init3")
}
