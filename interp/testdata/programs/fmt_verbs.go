package main

import (
	"fmt"
	"io"
	"math"
	"time"
)

// fmt: the verbs on values of many kinds.

type P struct {
	X, Y int
	s    string
}

type W struct {
	P
	Ptr   *P
	M     map[string]int
	L     []P
	I     any
	F     func()
	E     error
	inner struct{ a []byte }
}

type Color int

func (c Color) String() string { return [...]string{"red", "green"}[c] }

type Secret string

func (Secret) GoString() string { return "Secret(***)" }

type F float64

func (f F) Format(s fmt.State, verb rune) {
	w, hasW := s.Width()
	p, hasP := s.Precision()
	fmt.Fprintf(s, "[%c %v%d %v%d %v%v]", verb, hasW, w, hasP, p, s.Flag('+'), s.Flag('#'))
}

func main() {
	p := P{1, 2, "z"}
	fmt.Printf("%v|%+v|%#v|%T\n", p, p, p, p)
	fmt.Printf("%v|%+v|%T\n", &p, &p, &p)
	w := W{P: p, M: map[string]int{"b": 2, "a": 1}, L: []P{{}, {3, 4, "q"}}, I: 5, E: io.EOF}
	fmt.Printf("%v\n%+v\n", w, w)
	fmt.Printf("%#v\n", struct {
		A []int
		B map[string]bool
		C any
		D [2]string
		E *int
	}{[]int{1}, map[string]bool{"k": true}, 'x', [2]string{"a"}, nil})
	fmt.Printf("%v %d %s %+v %#v %x %q\n", Color(1), Color(1), Color(0), []Color{0, 1}, Color(1), Color(1), Color(0))
	fmt.Printf("%v %#v %s %#v\n", Secret("a"), Secret("a"), Secret("b"), []Secret{"c"})
	fmt.Printf("%v %+6.2f %#x %s\n", F(1), F(1), F(1), []F{1})
	fmt.Printf("%t %5t|%v\n", true, false, nil)
	fmt.Printf("%s %v %d %x %q %X\n", []byte("ab"), []byte("ab"), []byte("ab"), []byte("ab"), []byte("ab"), "hi")
	fmt.Printf("%6d|%-6d|%06d|% d|%+d|%x|%#b|%o|%c|%U|%#U\n", 42, 42, -42, 42, 42, -255, 5, 64, 0x4e16, 0x4e16, 0x4e16)
	fmt.Printf("%f|%.2f|%8.3f|%-8.1f|%e|%G|%g|%+.1e\n", 3.14159, 3.14159, 3.14159, 3.14159, 31415.9, 1e-10, 100000.0, 12345.678)
	fmt.Printf("%*d|%-*d|%.*f\n", 5, 42, 5, 42, 2, math.Pi)
	fmt.Printf("%[2]d %[1]d %[2]q\n", 65, 66)
	fmt.Printf("%!|%z|%d|%s\n", 1, "str", 5)
	fmt.Printf("%d %s\n", 1)
	fmt.Printf("%d\n", 1, 2)
	fmt.Printf("%s|%v|%d\n", error(nil), []any{nil, 1, "a", []string{"b"}}, []any{1, "x"})
	fmt.Printf("%v %v %+v\n", [3]bool{true}, map[P]string{{1, 2, ""}: "v"}, struct{}{})
	fmt.Printf("%q %v %s %x\n", []string{"a b", "c"}, []string{"a b", "c"}, []string{"a", "b"}, []string{"a", "b"})
	fmt.Printf("%5.1f%%|%-10s|%10s|%.2s|%q|%+q\n", 99.5, "left", "right", "truncated", "é\n", "é")
	fmt.Println(fmt.Sprint("a", 1, 2, "b", "c", 3.0, nil), fmt.Sprintln("x", 1))
	fmt.Println(fmt.Errorf("wrap %d: %w", 1, io.EOF), time.Duration(90)*time.Second, []error{io.EOF, nil})
	fmt.Printf("%08.3f|%+08d|%x|%X|% x|%#v|%#v|%#v\n", -3.14159, 42, 3.5, []byte{1, 171}, []byte{1, 171}, 1.0, "s", int8(3))
}
