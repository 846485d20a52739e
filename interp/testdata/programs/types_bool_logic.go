package main

import (
	"fmt"
	"strconv"
)

// Booleans: short circuits, precedence, named types, tables of truth.

type Flag bool

func (f Flag) Not() Flag      { return !f }
func (f Flag) String() string { return map[bool]string{true: "on", false: "off"}[bool(f)] }

var calls []string

func t(s string) bool { calls = append(calls, s); return true }
func f(s string) bool { calls = append(calls, s); return false }

func xor(a, b bool) bool     { return a != b }
func implies(a, b bool) bool { return !a || b }

func all(bs ...bool) bool {
	for _, b := range bs {
		if !b {
			return false
		}
	}
	return true
}

type pred func(int) bool

func (p pred) and(q pred) pred { return func(n int) bool { return p(n) && q(n) } }
func (p pred) or(q pred) pred  { return func(n int) bool { return p(n) || q(n) } }
func (p pred) not() pred       { return func(n int) bool { return !p(n) } }

func main() {
	fmt.Println(t("a") && f("b") && t("c"), f("d") || t("e") || f("f"), calls)
	calls = nil
	fmt.Println(t("g") || f("h") && f("i"), f("j") && t("k") || t("l"), calls)
	for _, a := range []bool{false, true} {
		for _, b := range []bool{false, true} {
			fmt.Print(a && b, a || b, xor(a, b), implies(a, b), a == b, !a && !b, !(a || b), " ")
		}
	}
	fmt.Println()
	fl := Flag(1 < 2)
	fmt.Println(fl, fl.Not(), !fl, bool(fl) && true)
	fmt.Println(all(), all(true, 1 == 1), all(true, false))
	even := pred(func(n int) bool { return n%2 == 0 })
	big := pred(func(n int) bool { return n > 5 })
	for i := range 10 {
		if even.and(big.not()).or(func(n int) bool { return n == 9 })(i) {
			fmt.Print(i, " ")
		}
	}
	fmt.Println()
	x, y := 5, 10
	ok := x < y == true && x+1 < y || x > y
	ok2 := !(x == y) && x&1 == 1 && y>>1 == x
	fmt.Println(ok, ok2)
	m := map[bool][]int{}
	for i := range 6 {
		m[i%3 == 0] = append(m[i%3 == 0], i)
	}
	fmt.Println(m)
	var zero bool
	var p *bool = &zero
	*p = !*p
	fmt.Println(zero, *p == zero)
	n := 0
	for ok := true; ok; ok = n < 3 {
		n++
	}
	fmt.Println(n, fmt.Sprintf("%t %v %5t|", zero, fl, false))
	b, err := strconv.ParseBool("T")
	fmt.Println(b, err, strconv.FormatBool(!b))
}
