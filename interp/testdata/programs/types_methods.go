package main

import "fmt"

// Method values and expressions, receivers by value and by pointer.

type Counter struct {
	n    int
	name string
}

func (c *Counter) Inc() *Counter     { c.n++; return c }
func (c Counter) Get() int           { return c.n }
func (c Counter) With(n int) Counter { c.n = n; return c }
func (Counter) Static(x int) int     { return x * 2 }

type IntList []int

func (l IntList) Len() int       { return len(l) }
func (l *IntList) Add(xs ...int) { *l = append(*l, xs...) }
func (l IntList) Map(f func(int) int) (out IntList) {
	for _, x := range l {
		out.Add(f(x))
	}
	return
}

type Temp float64

func (t Temp) F() Temp { return t*9/5 + 32 }

type Fn func() string

func (f Fn) Twice() string { return f() + f() }

type Matrix map[string]int

func (m Matrix) Put(k string, v int) Matrix { m[k] = v; return m }

func main() {
	c := Counter{name: "c"}
	c.Inc().Inc().Inc()
	fmt.Println(c.Get(), c.With(10).Get(), c.n)
	get := c.Get
	inc := c.Inc
	inc()
	inc()
	fmt.Println(get(), c.Get())
	fget := Counter.Get
	finc := (*Counter).Inc
	pget := (*Counter).Get
	finc(&c)
	fmt.Println(fget(c), pget(&c), Counter.Static(c, 21))
	fmt.Printf("%T\n%T\n%T\n%T\n", fget, finc, get, inc)
	var l IntList
	l.Add(1, 2, 3)
	fmt.Println(l.Len(), l.Map(func(x int) int { return x * x }), IntList{5}.Len())
	add := l.Add
	add(4)
	add(5)
	fmt.Println(l)
	fmt.Println(Temp(100).F(), Temp.F(-40))
	n := 0
	fmt.Println(Fn(func() string { n++; return fmt.Sprint("#", n) }).Twice())
	fmt.Println(Matrix{}.Put("b", 2).Put("a", 1))
	fs := []func() int{c.Get, c.With(1).Get, (&c).Get}
	c.n = 100
	for _, f := range fs {
		fmt.Print(f(), " ")
	}
	fmt.Println()
	m := map[string]func(Counter) int{"get": Counter.Get}
	fmt.Println(m["get"](c))
	cs := []Counter{{n: 1}, {n: 2}}
	for i := range cs {
		cs[i].Inc()
	}
	for _, x := range cs {
		x.Inc()
	}
	fmt.Println(cs)
	pm := map[string]*Counter{"a": {}}
	pm["a"].Inc().Inc()
	fmt.Println(pm["a"].Get())
	var i interface{ Get() int } = &c
	f := i.Get
	c.n = 7
	fmt.Println(f(), i.Get())
}
