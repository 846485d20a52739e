package main

import (
	"fmt"
	"io"
	"strings"
)

// String, Error and Format methods on values inside slices, maps and structs.

type ID int

func (i ID) String() string { return fmt.Sprintf("ID-%03d", int(i)) }

type Ptr struct{ n int }

func (p *Ptr) String() string { return fmt.Sprintf("Ptr<%d>", p.n) }

type Err struct{ Code int }

func (e Err) Error() string { return fmt.Sprintf("err %d", e.Code) }

type Both struct{}

func (Both) String() string { return "stringer" }
func (Both) Error() string  { return "error first" }

type Outer struct {
	ID   ID
	P    Ptr
	PP   *Ptr
	E    error
	priv ID
	List []ID
}

type Wrapped struct{ ID }

type Deep struct {
	Name string
	W    Wrapped
	Any  any
}

type Bad struct{}

func (Bad) String() string { panic("bad stringer") }

type NilOK struct{ v int }

func (n *NilOK) String() string {
	if n == nil {
		return "nil NilOK"
	}
	return "NilOK"
}

type NilBad struct{ v int }

func (n *NilBad) String() string { return fmt.Sprint(n.v) }

type M map[ID]ID

type L []ID

func (l L) String() string { return fmt.Sprintf("L%d", len(l)) }

func main() {
	fmt.Println(ID(1), []ID{1, 2}, map[ID]ID{3: 4}, [2]ID{5, 6})
	fmt.Println(map[string]ID{"a": 1}, M{1: 2}, L{1, 2, 3}, []L{{1}, nil})
	p := Ptr{7}
	fmt.Println(p, &p, []Ptr{p}, []*Ptr{}, struct{ P Ptr }{p})
	fmt.Println(Err{1}, &Err{2}, []error{Err{3}, io.EOF}, []Err{{4}})
	fmt.Println(Both{}, []Both{{}})
	fmt.Printf("%v\n", Outer{ID: 1, P: p, E: Err{5}, priv: 9, List: []ID{1}})
	fmt.Printf("%+v\n", Outer{ID: 1, P: p, E: Err{5}, priv: 9})
	fmt.Println(Wrapped{8}, Deep{"d", Wrapped{9}, ID(10)}, Deep{Any: &p})
	fmt.Printf("%s %d %v %x %q\n", ID(11), ID(11), ID(11), ID(11), ID(11))
	fmt.Println(Bad{})
	var n *NilOK
	var b *NilBad
	fmt.Println(n, b)
	var s fmt.Stringer = ID(12)
	fmt.Println(s, any(s), []fmt.Stringer{s, &p, n})
	fmt.Printf("%6v|%-8v|%8s|%+v|%T\n", ID(1), ID(2), ID(3), ID(4), ID(5))
	fmt.Println(fmt.Sprint(ID(1), ID(2)), fmt.Sprint("a", ID(3), 4, 5))
	type anon struct{ fmt.Stringer }
	fmt.Println(anon{ID(13)}, struct{ error }{Err{6}})
	fmt.Println(strings.Join([]string{ID(1).String(), fmt.Sprint(Err{1})}, ","))
	var e error = Err{7}
	fmt.Printf("%v %s %q %d %+v\n", e, e, e, e, e)
}
