package main

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// A small Lisp: reader, environments, closures, recursion.

type sym string
type list []any
type fn func(args []any) any

type env struct {
	vars  map[sym]any
	outer *env
}

func (e *env) find(s sym) *env {
	for ; e != nil; e = e.outer {
		if _, ok := e.vars[s]; ok {
			return e
		}
	}
	panic(fmt.Errorf("undefined %s", s))
}

func read(toks *[]string) any {
	if len(*toks) == 0 {
		panic(errors.New("unexpected end"))
	}
	t := (*toks)[0]
	*toks = (*toks)[1:]
	if t == "(" {
		var l list
		for len(*toks) > 0 && (*toks)[0] != ")" {
			l = append(l, read(toks))
		}
		if len(*toks) == 0 {
			panic(errors.New("missing )"))
		}
		*toks = (*toks)[1:]
		return l
	}
	if f, err := strconv.ParseFloat(t, 64); err == nil {
		return f
	}
	return sym(t)
}

func eval(x any, e *env) any {
	switch x := x.(type) {
	case sym:
		return e.find(x).vars[x]
	case list:
		if len(x) == 0 {
			return nil
		}
		switch x[0] {
		case sym("if"):
			if c, ok := eval(x[1], e).(bool); ok && c {
				return eval(x[2], e)
			}
			return eval(x[3], e)
		case sym("define"):
			e.vars[x[1].(sym)] = eval(x[2], e)
			return nil
		case sym("lambda"):
			return fn(func(args []any) any {
				inner := &env{map[sym]any{}, e}
				for i, p := range x[1].(list) {
					inner.vars[p.(sym)] = args[i]
				}
				return eval(x[2], inner)
			})
		case sym("quote"):
			return x[1]
		}
		f, ok := eval(x[0], e).(fn)
		if !ok {
			panic(fmt.Errorf("%v is not a function", x[0]))
		}
		var args []any
		for _, a := range x[1:] {
			args = append(args, eval(a, e))
		}
		return f(args)
	}
	return x
}

func global() *env {
	num := func(f func(a, b float64) any) fn {
		return func(args []any) any { return f(args[0].(float64), args[1].(float64)) }
	}
	return &env{vars: map[sym]any{
		"+": num(func(a, b float64) any { return a + b }), "-": num(func(a, b float64) any { return a - b }),
		"*": num(func(a, b float64) any { return a * b }), "<": num(func(a, b float64) any { return a < b }),
		"list": fn(func(args []any) any { return list(args) }),
		"len":  fn(func(args []any) any { return float64(len(args[0].(list))) }),
	}}
}

func run(src string, e *env) (out any, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("error: %v", r)
		}
	}()
	toks := strings.Fields(strings.NewReplacer("(", " ( ", ")", " ) ").Replace(src))
	return eval(read(&toks), e), nil
}

func main() {
	e := global()
	for _, s := range []string{"(+ 1 (* 2 3))", "(define fact (lambda (n) (if (< n 2) 1 (* n (fact (- n 1))))))", "(fact 10)",
		"(define adder (lambda (a) (lambda (b) (+ a b))))", "((adder 3) 4)", "(len (list 1 2 (quote (x y))))", "(list 1 (quote x))", "(nope 1)", "(1 2)", "(+ 1", "()"} {
		v, err := run(s, e)
		fmt.Println(s, "=>", v, err)
	}
}
