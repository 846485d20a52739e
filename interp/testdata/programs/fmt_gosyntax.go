package main

import (
	"fmt"
	"io"
	"time"
)

// %#v and %T of many kinds, nested and named.

type Kind uint8
type Names []string
type Pt struct{ X, Y int }
type Box struct {
	P  Pt
	PP *Pt
	N  Names
	M  map[string]Pt
	A  any
	F  func()
	E  error
	k  Kind
	In struct{ Z bool }
}
type Gen[T any] struct{ V T }
type Quiet struct{ s string }

func (q Quiet) GoString() string { return "Quiet{…}" }

func show(vs ...any) {
	for _, v := range vs {
		fmt.Printf("%T %#v\n", v, v)
	}
}

func main() {
	show(1, -2.5, 1e21, "q\"uote\n", 'x', true, nil, 2i, uint8(7), Kind(9), uintptr(255))
	show([]int{1}, []int(nil), [2]string{"a"}, map[string]int{"b": 2, "a": 1}, map[Pt]bool(nil), Names{"n"}, []any{1, "x", nil, Pt{}})
	show(Pt{1, 2}, struct {
		A int
		b string
	}{1, "z"}, Gen[int]{3}, Gen[[]Pt]{[]Pt{{1, 2}}}, Quiet{"s"}, []Quiet{{"t"}}, struct{ Q Quiet }{})
	show(Box{N: nil, M: map[string]Pt{"m": {}}, A: Kind(1), k: 4})
	show((*int)(nil), (func(int) error)(nil), (chan<- Pt)(nil), (error)(nil), []byte("hi"), [3]byte{1}, []error{nil}, time.Duration(5), struct{}{})
	fmt.Printf("%+v\n", Box{P: Pt{1, 2}, N: Names{"a", "b"}, A: []int{1}, E: io.EOF})
	fmt.Printf("%v %+v %T\n", &Pt{1, 2}, &Pt{1, 2}, &Pt{1, 2})
	fmt.Printf("%v %+v\n", []*Pt{nil}, map[string]*Pt{"nil": nil})
	fmt.Printf("%v %v\n", &[]int{1}, &map[string]int{"k": 1})
	fmt.Printf("%T %T %T %T\n", show, Pt.String, map[string][]*Box{}, make(<-chan func(...int) (Pt, error)))
	fmt.Printf("%q %v %x %X\n", Names{"a b"}, Names{"a b"}, Names{"hi"}, []byte{0xab})
	fmt.Printf("%6.2v|%-8v|%08v|%+v|% v\n", 3.14159, "l", 42, -1, 7)
}

func (p Pt) String() string { return fmt.Sprintf("<%d,%d>", p.X, p.Y) }
