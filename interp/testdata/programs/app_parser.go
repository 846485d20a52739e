package main

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"unicode"
)

// A calculator: lexer, recursive descent parser, tree and evaluation.

type kind int

const (
	num kind = iota
	op
	ident
	eof
)

type token struct {
	kind kind
	text string
}

type expr interface {
	eval(env map[string]float64) (float64, error)
}

type lit float64
type ref string
type bin struct {
	op   byte
	l, r expr
}
type neg struct{ x expr }
type call struct {
	fn  string
	arg []expr
}

func (l lit) eval(map[string]float64) (float64, error) { return float64(l), nil }
func (r ref) eval(env map[string]float64) (float64, error) {
	if v, ok := env[string(r)]; ok {
		return v, nil
	}
	return 0, fmt.Errorf("unknown name %q", string(r))
}
func (n neg) eval(env map[string]float64) (float64, error) {
	v, err := n.x.eval(env)
	return -v, err
}
func (b bin) eval(env map[string]float64) (float64, error) {
	l, err := b.l.eval(env)
	if err != nil {
		return 0, err
	}
	r, err := b.r.eval(env)
	if err != nil {
		return 0, err
	}
	switch b.op {
	case '+':
		return l + r, nil
	case '-':
		return l - r, nil
	case '*':
		return l * r, nil
	case '/':
		if r == 0 {
			return 0, errors.New("division by zero")
		}
		return l / r, nil
	case '^':
		return math.Pow(l, r), nil
	}
	return 0, fmt.Errorf("bad operator %c", b.op)
}
func (c call) eval(env map[string]float64) (float64, error) {
	var vs []float64
	for _, a := range c.arg {
		v, err := a.eval(env)
		if err != nil {
			return 0, fmt.Errorf("in %s: %w", c.fn, err)
		}
		vs = append(vs, v)
	}
	fns := map[string]func(...float64) float64{"max": func(x ...float64) float64 { return slices.Max(x) }, "sqrt": func(x ...float64) float64 { return math.Sqrt(x[0]) }}
	f, ok := fns[c.fn]
	if !ok {
		return 0, fmt.Errorf("unknown function %s", c.fn)
	}
	return f(vs...), nil
}

func lex(s string) (out []token) {
	for i := 0; i < len(s); {
		c := rune(s[i])
		j := i + 1
		k := op
		switch {
		case c == ' ':
			i++
			continue
		case unicode.IsDigit(c):
			k = num
			for j < len(s) && (unicode.IsDigit(rune(s[j])) || s[j] == '.') {
				j++
			}
		case unicode.IsLetter(c):
			k = ident
			for j < len(s) && unicode.IsLetter(rune(s[j])) {
				j++
			}
		}
		out = append(out, token{k, s[i:j]})
		i = j
	}
	return append(out, token{eof, ""})
}

type parser struct {
	toks []token
	pos  int
}

func (p *parser) peek() token { return p.toks[p.pos] }
func (p *parser) next() token { t := p.toks[p.pos]; p.pos++; return t }
func (p *parser) accept(s string) bool {
	if p.peek().text == s {
		p.pos++
		return true
	}
	return false
}

var prec = map[string]int{"+": 1, "-": 1, "*": 2, "/": 2, "^": 3}

func (p *parser) expr(min int) expr {
	left := p.unary()
	for {
		t := p.peek()
		pr, ok := prec[t.text]
		if !ok || pr < min {
			return left
		}
		p.next()
		if t.text != "^" {
			pr++
		}
		left = bin{t.text[0], left, p.expr(pr)}
	}
}

func (p *parser) unary() expr {
	if p.accept("-") {
		return neg{p.unary()}
	}
	t := p.next()
	switch {
	case t.kind == num:
		v, err := strconv.ParseFloat(t.text, 64)
		if err != nil {
			panic(err)
		}
		return lit(v)
	case t.kind == ident && p.accept("("):
		c := call{fn: t.text}
		for !p.accept(")") {
			c.arg = append(c.arg, p.expr(1))
			p.accept(",")
		}
		return c
	case t.kind == ident:
		return ref(t.text)
	case t.text == "(":
		e := p.expr(1)
		if !p.accept(")") {
			panic(fmt.Errorf("want ), have %q", p.peek().text))
		}
		return e
	}
	panic(fmt.Errorf("unexpected %q", t.text))
}

func calc(s string, env map[string]float64) (v float64, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("parse %q: %v", s, r)
		}
	}()
	p := &parser{toks: lex(s)}
	e := p.expr(1)
	if t := p.peek(); t.kind != eof {
		return 0, fmt.Errorf("trailing %q", t.text)
	}
	return e.eval(env)
}

func main() {
	env := map[string]float64{"x": 3, "pi": math.Pi}
	for _, s := range []string{"1+2*3", "(1+2)*3", "2^3^2", "-x^2", "max(1, x, 2)*sqrt(16)", "8/4/2", "1/0", "y+1", "(1", "1 2", "foo(1)", "1..2", "*", "sqrt(z)"} {
		v, err := calc(s, env)
		fmt.Println(s, "=", v, err)
	}
}
