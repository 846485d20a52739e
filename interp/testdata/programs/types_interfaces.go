package main

import (
	"bytes"
	"fmt"
	"io"
	"reflect"
	"time"
)

// Interfaces: embedding, dynamic types, nil of two kinds, comparison.

type Shape interface {
	Area() float64
	Perimeter() float64
}

type Named interface{ Name() string }

type NamedShape interface {
	Shape
	Named
}

type Sq struct{ side float64 }

func (s Sq) Area() float64      { return s.side * s.side }
func (s Sq) Perimeter() float64 { return 4 * s.side }
func (s Sq) Name() string       { return "square" }

type Circ struct{ r float64 }

func (c *Circ) Area() float64      { return 3 * c.r * c.r }
func (c *Circ) Perimeter() float64 { return 6 * c.r }

type MyErr struct{}

func (*MyErr) Error() string { return "my error" }

func mayFail(fail bool) error {
	var e *MyErr
	if fail {
		e = &MyErr{}
	}
	return e
}

func describe(s Shape) string {
	out := fmt.Sprintf("%T %.1f", s, s.Area())
	if n, ok := s.(Named); ok {
		out += " " + n.Name()
	}
	switch v := s.(type) {
	case Sq:
		out += fmt.Sprint(" side ", v.side)
	case *Circ:
		v.r++
		out += fmt.Sprint(" r ", v.r)
	}
	return out
}

func main() {
	shapes := []Shape{Sq{2}, &Circ{1}, &Sq{3}}
	for _, s := range shapes {
		fmt.Println(describe(s))
	}
	var ns NamedShape = Sq{5}
	var sh Shape = ns
	fmt.Println(sh.Area(), ns.Name(), sh == ns, sh == Shape(Sq{5}), sh == Sq{5})
	c := &Circ{1}
	var s1, s2 Shape = c, c
	fmt.Println(s1 == s2, s1 == Shape(&Circ{1}))
	fmt.Println(mayFail(true), mayFail(false) == nil, mayFail(false) != nil)
	var e error
	fmt.Println(e == nil, e)
	fmt.Printf("%v %T\n", e, e)
	_, ok := sh.(interface{ Volume() float64 })
	fmt.Println(ok)
	var x any = 3
	if n, ok := x.(int); ok {
		fmt.Println("int", n+1)
	}
	if _, ok := x.(string); !ok {
		fmt.Println("not a string")
	}
	vals := []any{1, "a", nil, 2.5, []int{1}, Sq{1}, &Sq{1} == nil, 'x', struct{}{}}
	for _, v := range vals {
		fmt.Printf("%T ", v)
	}
	fmt.Println()
	var w fmt.Stringer = time.Duration(1500) * time.Millisecond
	fmt.Println(w, w.String(), reflect.TypeOf(w))
	var rw interface {
		io.Reader
		io.Writer
	} = &bytes.Buffer{}
	fmt.Fprint(rw, "through an interface")
	b, _ := io.ReadAll(rw)
	fmt.Println(string(b))
}
