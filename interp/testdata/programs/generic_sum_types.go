package main

import (
	"fmt"
	"strconv"
	"strings"
)

// Closed sets of types by interfaces with unexported methods, and visitors.

type Expr interface{ isExpr() }

type (
	Num float64
	Var string
	Bin struct {
		Op   rune
		L, R Expr
	}
	Call struct {
		Name string
		Args []Expr
	}
)

func (Num) isExpr()   {}
func (Var) isExpr()   {}
func (*Bin) isExpr()  {}
func (*Call) isExpr() {}

func show(e Expr) string {
	switch e := e.(type) {
	case Num:
		return strconv.FormatFloat(float64(e), 'g', -1, 64)
	case Var:
		return string(e)
	case *Bin:
		return "(" + show(e.L) + string(e.Op) + show(e.R) + ")"
	case *Call:
		parts := make([]string, len(e.Args))
		for i, a := range e.Args {
			parts[i] = show(a)
		}
		return e.Name + "(" + strings.Join(parts, ",") + ")"
	default:
		return fmt.Sprintf("?%T", e)
	}
}

func simplify(e Expr) Expr {
	b, ok := e.(*Bin)
	if !ok {
		return e
	}
	l, r := simplify(b.L), simplify(b.R)
	ln, lok := l.(Num)
	rn, rok := r.(Num)
	switch {
	case lok && rok:
		switch b.Op {
		case '+':
			return ln + rn
		case '*':
			return ln * rn
		}
	case b.Op == '*' && (lok && ln == 0 || rok && rn == 0):
		return Num(0)
	case b.Op == '*' && lok && ln == 1, b.Op == '+' && lok && ln == 0:
		return r
	case b.Op == '*' && rok && rn == 1, b.Op == '+' && rok && rn == 0:
		return l
	}
	return &Bin{b.Op, l, r}
}

func diff(e Expr, v Var) Expr {
	switch e := e.(type) {
	case Var:
		if e == v {
			return Num(1)
		}
	case *Bin:
		switch e.Op {
		case '+':
			return &Bin{'+', diff(e.L, v), diff(e.R, v)}
		case '*':
			return &Bin{'+', &Bin{'*', diff(e.L, v), e.R}, &Bin{'*', e.L, diff(e.R, v)}}
		}
	}
	return Num(0)
}

func count(e Expr) map[string]int {
	m := map[string]int{}
	var walk func(Expr)
	walk = func(e Expr) {
		m[fmt.Sprintf("%T", e)]++
		switch e := e.(type) {
		case *Bin:
			walk(e.L)
			walk(e.R)
		case *Call:
			for _, a := range e.Args {
				walk(a)
			}
		}
	}
	walk(e)
	return m
}

func main() {
	x := Var("x")
	e := Expr(&Bin{'+', &Bin{'*', Num(3), &Bin{'*', x, x}}, &Bin{'+', &Bin{'*', Num(2), x}, Num(1)}})
	fmt.Println(show(e))
	d := diff(e, "x")
	fmt.Println(show(d))
	fmt.Println(show(simplify(d)))
	fmt.Println(show(simplify(&Bin{'+', Num(2), &Bin{'*', Num(3), Num(4)}})))
	fmt.Println(show(&Call{"max", []Expr{x, Num(1.5), e.(*Bin).R}}), show(nil))
	fmt.Println(count(e), Expr(x) == Var("x"), Expr(Num(1)) == Expr(Num(1)))
}
