package clc

import (
	"fmt"
	"strings"

	"github.com/adabc437/fanout/parallel/device/ir"
)

// A form is how a variable stands in C, where it is not simply one.
type form uint8

const (
	bare    form = 1 + iota // a kernel's slice: x, x_len and perhaps x_rows
	pointed                 // a kernel's struct or array, behind a pointer
)

// A function prints one function or kernel.
type function struct {
	*printer
	names     names // in the function
	vars      map[*ir.Var]string
	forms     map[*ir.Var]form
	spans     map[*ir.Var]span
	sets      map[*ir.Var]int     // how often a variable is set; many times if by an address
	starts    map[*ir.Var]ir.Expr // what it is declared with
	assigned  map[*ir.Var]bool    // it, or a part of it
	addressed map[*ir.Var]bool
	of        *ir.Func // nil in a kernel
	results   []string // of a function with several: the pointers
	depth     int
	around    []ir.Stmt          // the loops around
	labels    map[ir.Stmt]string // behind a loop or a block
	nexts     map[ir.Stmt]string // before a loop's Post
	plainNext map[ir.Stmt]bool   // continue goes to Post
	targets   map[ir.Stmt]bool   // of Break
	count     int
}

func (p *printer) newFunction(body []ir.Stmt) *function {
	f := &function{printer: p, names: p.global.copy(), vars: map[*ir.Var]string{}, forms: map[*ir.Var]form{}, spans: map[*ir.Var]span{}, assigned: map[*ir.Var]bool{}, addressed: map[*ir.Var]bool{},
		labels: map[ir.Stmt]string{}, nexts: map[ir.Stmt]string{}, plainNext: map[ir.Stmt]bool{}, targets: map[ir.Stmt]bool{}}
	f.study(body)
	ir.Walk(body, func(s ir.Stmt) {
		if b, ok := s.(*ir.Break); ok {
			f.targets[b.Of] = true
		}
	})
	return f
}

func (f *function) line(format string, args ...any) {
	f.codeText.WriteString(strings.Repeat("    ", f.depth))
	fmt.Fprintf(&f.codeText, format, args...)
	f.codeText.WriteByte('\n')
}

// declareVar gives a variable its name in C.
func (f *function) declareVar(v *ir.Var) string {
	if n, ok := f.vars[v]; ok {
		return n
	}
	n := f.names.name(v.Name)
	f.vars[v] = n
	return n
}

// function prints a function. Behind its parameters there are pointers for its results if
// there are several, and what it needs to end the task.
func (p *printer) function(fn *ir.Func) {
	f := p.newFunction(fn.Body)
	f.of = fn
	var params []string
	for _, v := range fn.Params {
		params = append(params, f.declare(v.Type, f.declareVar(v)))
	}
	result := "void"
	if len(fn.Results) == 1 {
		result = strings.TrimSpace(f.declare(fn.Results[0], ""))
	} else {
		for i, t := range fn.Results {
			name := fmt.Sprintf("fo_result%d", i)
			f.results = append(f.results, name)
			params = append(params, f.declare(&ir.Type{Kind: ir.Pointer, Elem: t}, name))
		}
	}
	if fn.Fails {
		params = append(params, "__global int *fo_faults")
	}
	if fn.Stops {
		params = append(params, "__global volatile int *fo_stop")
	}
	if fn.Fails || fn.Stops {
		params = append(params, "bool *fo_end")
	}
	if len(params) == 0 {
		params = []string{"void"}
	}
	f.line("")
	if fn.Go != "" {
		f.line("// %s", comment(fn.Go))
	}
	f.line("static %s %s(%s) {", result, p.funcs[fn], strings.Join(params, ", "))
	f.depth++
	if hasUnbounded(fn.Body) {
		f.line("uint fo_turns = 0;")
	}
	f.list(fn.Body)
	f.depth--
	f.line("}")
}

func (p *printer) kernel(k *ir.Kernel) {
	f := p.newFunction(k.Body)
	params := []string{"const long fo_base", "const long fo_n", "__global int *fo_faults", "__global volatile int *fo_stop"}
	var copies []string
	for _, v := range k.Params {
		name := f.declareVar(v)
		changed := f.assigned[v] || f.addressed[v]
		switch t := v.Type; {
		case t.Kind.IsScalar():
			params = append(params, f.declare(t, name))
		case t.Kind == ir.Slice:
			if !changed {
				for f.names[name+"_len"] || f.names[name+"_rows"] {
					name = f.names.name(v.Name)
				}
				f.forms[v], f.vars[v] = bare, name
				f.names[name+"_len"], f.names[name+"_rows"] = true, true
			}
			arg := name
			if changed {
				arg = f.names.name(name + "_arg")
			}
			elem, rows, init := t.Elem, "", ""
			if elem.Kind == ir.Slice {
				elem, rows, init = elem.Elem, ", __global const long *"+arg+"_rows", arg+"_rows, "
			}
			params = append(params, fmt.Sprintf("__global %s *%s%s, const long %s_len", f.name(elem), arg, rows, arg))
			if changed {
				copies = append(copies, fmt.Sprintf("%s = {%s, %s%s_len, %s_len};", f.declare(t, name), arg, init, arg, arg))
			}
		case t.Kind == ir.Array || t.Kind == ir.Struct:
			arg := f.names.name(name + "_arg")
			params = append(params, fmt.Sprintf("__global const %s *%s", f.name(t), arg))
			if changed {
				copies = append(copies, fmt.Sprintf("%s = *%s;", f.declare(t, name), arg))
			} else {
				f.forms[v], f.vars[v] = pointed, arg
			}
		default:
			fail("the kernel %s has a parameter of type %s", k.Name, t)
		}
	}
	f.line("")
	f.line("__kernel void %s(%s) {", k.Name, strings.Join(params, ", "))
	f.depth++
	f.line("if ((long)get_global_id(0) >= fo_n) return;")
	f.line("long %s = fo_base + get_global_id(0);", f.declareVar(k.Index))
	for _, c := range copies {
		f.line("%s", c)
	}
	if hasUnbounded(k.Body) {
		f.line("uint fo_turns = 0;")
	}
	if callsEnding(k.Body) {
		f.line("bool fo_end = false;")
	}
	f.list(k.Body)
	f.depth--
	f.line("}")
}

func hasUnbounded(body []ir.Stmt) (has bool) {
	ir.Walk(body, func(s ir.Stmt) {
		l, ok := s.(*ir.Loop)
		has = has || ok && !l.Bounded
	})
	return has
}

func callsEnding(body []ir.Stmt) (does bool) {
	ir.Walk(body, func(s ir.Stmt) {
		c, ok := s.(*ir.Call)
		does = does || ok && (c.Func.Fails || c.Func.Stops)
	})
	return does
}

// comment is text that can stand behind // in C: one line that does not go on in the next.
func comment(s string) string {
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, s)
	for strings.HasSuffix(s, `\`) || strings.HasSuffix(s, "??/") || strings.HasSuffix(s, " ") {
		s = strings.TrimRight(strings.TrimSuffix(s, "??/"), `\ `)
	}
	return s
}
