package main

import (
	"bytes"
	"fmt"
	"io"
	"sort"
	"strings"
)

// Embedding as inheritance: what is overridden, and what is not.

type Animal interface {
	Name() string
	Sound() string
	Speak() string
}

type Base struct{ name string }

func (b *Base) Name() string  { return b.name }
func (b *Base) Sound() string { return "..." }
func (b *Base) Speak() string { return b.Name() + " says " + b.Sound() }

type Dog struct{ Base }

func (d *Dog) Sound() string { return "woof" }

type Puppy struct {
	*Dog
	age int
}

func (p Puppy) Name() string  { return "little " + p.Dog.Name() }
func (p Puppy) Speak() string { return p.Name() + " yaps " + p.Sound() }

type Robot struct {
	Animal
	volts int
}

func (r Robot) Sound() string { return strings.ToUpper(r.Animal.Sound()) + fmt.Sprint(r.volts) }

type Template struct{ impl interface{ Step(int) string } }

func (t Template) Run() (s string) {
	for i := range 3 {
		s += t.impl.Step(i)
	}
	return
}

type stars struct{ Template }

func (stars) Step(n int) string { return strings.Repeat("*", n) + "|" }

type countingWriter struct {
	io.Writer
	n int
}

func (c *countingWriter) Write(p []byte) (int, error) {
	c.n += len(p)
	return c.Writer.Write(p)
}

type rev struct{ sort.Interface }

func (r rev) Less(i, j int) bool { return r.Interface.Less(j, i) }

func main() {
	d := &Dog{Base{"rex"}}
	p := Puppy{&Dog{Base{"bit"}}, 1}
	animals := []Animal{&Base{"thing"}, d, p, Robot{d, 9}, &p}
	for _, a := range animals {
		fmt.Printf("%s / %s / %s\n", a.Name(), a.Sound(), a.Speak())
	}
	p.name = "renamed"
	fmt.Println(p.Name(), p.Dog.Base.name, d.Base.Speak())
	var s stars
	s.impl = s
	fmt.Println(s.Run())
	var buf bytes.Buffer
	cw := &countingWriter{Writer: &buf}
	fmt.Fprintf(cw, "%d-%s", 42, "x")
	io.WriteString(cw, "!!")
	fmt.Println(buf.String(), cw.n)
	xs := sort.IntSlice{3, 1, 2}
	sort.Sort(rev{xs})
	fmt.Println(xs)
	r := Robot{volts: 1}
	func() {
		defer func() { fmt.Println("nil embedded:", recover() != nil) }()
		fmt.Println(r.Speak())
	}()
	_, ok := Animal(p).(interface{ Sound() string })
	fmt.Println(ok)
}
