package main

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
)

// Constraints: methods, type sets, comparable, self-referring and pointers.

type Stringer interface{ String() string }

type Num int

func (n Num) String() string { return fmt.Sprintf("#%d", int(n)) }

type StringableInt interface {
	~int | ~uint
	Stringer
}

func Join[T StringableInt](xs []T) string {
	var parts []string
	total := T(0)
	for _, x := range xs {
		parts = append(parts, x.String())
		total += x
	}
	return strings.Join(parts, "+") + "=" + total.String()
}

type Comparer[T any] interface{ Compare(T) int }

type Version struct{ major, minor int }

func (v Version) Compare(o Version) int {
	return cmp.Or(cmp.Compare(v.major, o.major), cmp.Compare(v.minor, o.minor))
}

func MaxOf[T Comparer[T]](a T, rest ...T) T {
	for _, b := range rest {
		if b.Compare(a) > 0 {
			a = b
		}
	}
	return a
}

type Setter[T any] interface {
	*T
	Set(string)
}

type Conf struct{ v string }

func (c *Conf) Set(s string) { c.v = "set " + s }

func FromStrings[T any, PT Setter[T]](ss ...string) []T {
	out := make([]T, len(ss))
	for i, s := range ss {
		PT(&out[i]).Set(s)
	}
	return out
}

func Index[T comparable](xs []T, x T) int {
	for i, y := range xs {
		if x == y {
			return i
		}
	}
	return -1
}

type Bytes interface{ ~string | ~[]byte }

func CountA[T Bytes](s T) (n int) {
	for i := 0; i < len(s); i++ {
		if s[i] == 'a' {
			n++
		}
	}
	return
}

func Kind[T any](v T) string {
	switch x := any(v).(type) {
	case int:
		return "int " + strconv.Itoa(x)
	case string:
		return "string " + x
	case Stringer:
		return "stringer " + x.String()
	}
	return fmt.Sprintf("%T", v)
}

type Shape interface{ Area() float64 }
type Sq float64

func (s Sq) Area() float64 { return float64(s * s) }

func Total[S Shape](ss []S) (t float64) {
	for _, s := range ss {
		t += s.Area()
	}
	return
}

func Range[T interface{ ~int8 | ~int }](from, to T) (out []T) {
	for i := from; i < to; i++ {
		out = append(out, i)
	}
	return
}

func main() {
	fmt.Println(Join([]Num{1, 2, 3}))
	fmt.Println(MaxOf(Version{1, 2}, Version{1, 10}, Version{0, 99}))
	fmt.Println(FromStrings[Conf]("a", "b"))
	fmt.Println(Index([]string{"x", "y"}, "y"), Index([]any{1, "a", nil}, any("a")), Index([]Version{{1, 1}}, Version{2, 2}))
	fmt.Println(CountA("banana"), CountA([]byte("aa")))
	fmt.Println(Kind(1), Kind("s"), Kind(Num(4)), Kind(2.5), Kind([]Num{1}))
	fmt.Println(Total([]Sq{1, 2}), Total([]Shape{Sq(3)}))
	fmt.Println(Range[int8](125, 127), Range(Num(1), 3))
	var c Comparer[Version] = Version{1, 1}
	fmt.Println(c.Compare(Version{1, 2}))
}
