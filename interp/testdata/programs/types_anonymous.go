package main

import (
	"fmt"
	"strconv"
	"strings"
)

// Anonymous structs, functions and interfaces in data and tables.

var config = struct {
	Name  string
	Limit struct{ Min, Max int }
	Hooks []func(string) string
}{
	Name:  "cfg",
	Hooks: []func(string) string{strings.ToUpper, func(s string) string { return s + "!" }},
}

func apply(v interface {
	Len() int
	At(int) string
}) (out []string) {
	for i := range v.Len() {
		out = append(out, v.At(i))
	}
	return
}

type words []string

func (w words) Len() int        { return len(w) }
func (w words) At(i int) string { return w[i] }

func point() struct{ X, Y int } { return struct{ X, Y int }{3, 4} }

func main() {
	config.Limit.Max = 10
	s := config.Name
	for _, h := range config.Hooks {
		s = h(s)
	}
	fmt.Println(s, config.Limit)
	tests := []struct {
		in   string
		want int
		err  bool
	}{
		{"5", 5, false},
		{"x", 0, true},
		{in: "-7", want: -7},
	}
	for i, tt := range tests {
		got, err := strconv.Atoi(tt.in)
		fmt.Println(i, tt.in, got == tt.want, (err != nil) == tt.err)
	}
	fmt.Println(apply(words{"a", "b"}), point().X+point().Y)
	m := map[string]struct {
		n int
		f func() int
	}{"one": {1, func() int { return 11 }}, "two": {n: 2}}
	fmt.Println(m["one"].f(), m["two"].f == nil, m["three"].n)
	p := point()
	var q struct{ X, Y int } = p
	q.X++
	fmt.Println(p, q, p == q)
	ptr := &struct{ v []int }{[]int{1}}
	ptr.v = append(ptr.v, 2)
	fmt.Println(*ptr, len(ptr.v))
	var shape interface{ Area() int }
	fmt.Println(shape == nil)
	nested := []struct {
		k string
		v []struct{ a, b int }
	}{{"x", []struct{ a, b int }{{1, 2}, {3, 4}}}, {k: "y"}}
	total := 0
	for _, n := range nested {
		for _, v := range n.v {
			total += v.a * v.b
		}
	}
	fmt.Println(total, nested[1].v == nil)
	func(args struct{ a, b string }) { fmt.Println(args.b, args.a) }(struct{ a, b string }{"1", "2"})
	fmt.Printf("%v %+v\n", nested, tests[2])
	ch := make(chan struct{ id int }, 1)
	ch <- struct{ id int }{7}
	fmt.Println((<-ch).id)
	grid := [2][2]struct{ on bool }{}
	grid[1][0].on = true
	fmt.Println(grid)
}
