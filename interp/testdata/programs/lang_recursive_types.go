package main

import (
	"fmt"
	"sort"
)

// Types that name themselves: lists, trees, functions, maps, interfaces.

type List struct {
	Val  int
	Next *List
}

type Tree struct{ Kids []Tree }
type Dir map[string]Dir
type F func(int) F
type S []S
type Ch chan Ch
type Visitor interface{ Visit(n Node) Visitor }
type Node interface{ Accept(Visitor) }
type Leaf int
type Branch []Node
type A struct{ b *B }
type B struct{ as []A }

func (l Leaf) Accept(v Visitor) { v.Visit(l) }
func (b Branch) Accept(v Visitor) {
	if w := v.Visit(b); w != nil {
		for _, n := range b {
			n.Accept(w)
		}
	}
}

type depth struct {
	d   int
	out *[]string
}

func (d depth) Visit(n Node) Visitor {
	*d.out = append(*d.out, fmt.Sprintf("%d:%T", d.d, n))
	if d.d == 2 {
		return nil
	}
	return depth{d.d + 1, d.out}
}

func (l *List) Len() int {
	if l == nil {
		return 0
	}
	return 1 + l.Next.Len()
}

func (t Tree) Count() int {
	n := 1
	for _, k := range t.Kids {
		n += k.Count()
	}
	return n
}

func (d Dir) Paths(prefix string) (out []string) {
	for name, sub := range d {
		p := prefix + "/" + name
		out = append(out, p)
		out = append(out, sub.Paths(p)...)
	}
	sort.Strings(out)
	return
}

func (s S) Depth() int {
	d := 0
	for _, x := range s {
		d = max(d, x.Depth())
	}
	return d + 1
}

func main() {
	l := &List{1, &List{2, &List{Val: 3}}}
	fmt.Println(l.Len(), l.Next.Next.Val, (*List)(nil).Len())
	fmt.Println(Tree{[]Tree{{}, {[]Tree{{}, {}}}}}.Count())
	d := Dir{"usr": {"bin": {}, "lib": {"go": nil}}, "tmp": nil}
	fmt.Println(d.Paths(""))
	total := 0
	var f F
	f = func(n int) F { total += n; return f }
	f(1)(2)(3)
	fmt.Println(total)
	fmt.Println(S{S{}, S{S{S{}}}}.Depth(), S{nil, {}})
	c := make(Ch, 1)
	c <- c
	fmt.Println(<-c == c)
	var out []string
	Branch{Leaf(1), Branch{Leaf(2), Branch{Leaf(3)}}}.Accept(depth{0, &out})
	fmt.Println(out)
	a := A{&B{}}
	a.b.as = append(a.b.as, a, A{})
	fmt.Println(len(a.b.as), a.b.as[0].b == a.b, a.b.as[1].b == nil)
	type T struct {
		m map[string]*T
		f func(*T) int
	}
	t := &T{m: map[string]*T{}}
	t.m["self"] = t
	t.f = func(t *T) int { return len(t.m) }
	fmt.Println(t.m["self"].m["self"].f(t))
}
