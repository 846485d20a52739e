// Package generate writes random Go functions of the kind that package translate takes,
// and a program that calls them: see [File] and [Main]. What they compute does not depend
// on what Go leaves open, such as the order of a call and of a read of what it changes.
package generate

import (
	_ "embed"
	"fmt"
	"math/rand/v2"
	"strings"
)

// A typ is a type of the generated file.
type typ struct {
	name   string
	kind   kind
	bits   int
	elem   *typ // of an array or a slice
	n      int  // of an array
	fields []*variable
	method *fn // with a pointer receiver; nil: none
}

type kind uint8

const (
	boolean kind = iota
	signed
	unsigned
	float
	array
	structure
	slice
)

// A variable is one in scope, or a field of a struct.
type variable struct {
	name    string
	t       *typ
	fixed   bool // it is not assigned to
	pointer bool // it is a pointer to a t
	full    bool // it is a slice that surely has an element
	// local says that it is a slice that the function makes, of a known length and so of kind
	// array, or its variadic parameter: of those a device has only the elements.
	local bool
}

// A fn is a function.
type fn struct {
	name    string
	params  []*variable
	results []*typ
	fails   bool
	method  bool // of params[0], a pointer
	local   bool // a closure
	sums    bool // its last result is a sum of what was computed
}

// File is the source of a file of package main: so many functions F0, F1, …, which take
// numbers, truth values, arrays, structs, slices and slices of slices, and give at least
// one value; and what they call.
func File(seed uint64, functions int) string {
	g := &generator{r: rand.New(rand.NewPCG(seed, 1))}
	g.line("package main")
	g.line("import (")
	g.line(`"math"`)
	g.line(`"math/bits"`)
	g.line(")")
	g.line("var _, _ = math.Pi, bits.UintSize")
	g.declareTypes()
	for i := range functions {
		if i%3 == 0 {
			g.helper()
		}
		g.root(i)
	}
	return g.out.String()
}

//go:embed main.go.txt
var mainText string

// Main is the rest of the program: it calls the functions and prints what they give, as
// package encoding/gob has it, a [Record] for each call.
func Main(seed uint64, functions, calls int) string {
	var b strings.Builder
	b.WriteString(mainText)
	fmt.Fprintf(&b, "\nfunc main() {\n\tstart(%d, %d)\n", seed, calls)
	for i := range functions {
		fmt.Fprintf(&b, "\tcall(F%d)\n", i)
	}
	b.WriteString("\tend()\n}\n")
	return b.String()
}

// A Record is a call of a function, and what it gives. Values are as they stand in memory.
type Record struct {
	Function int
	Args     []Value
	After    []Value // the arguments, when the function has returned
	Results  []Value
	Panic    string // what it has panicked with; else ""
}

// A Value is the memory of a value, or of the elements of a slice, of which there are N.
type Value struct {
	Data []byte
	N    int
	Rows []Value // of a slice of slices
}

// A generator writes one file.
type generator struct {
	r       *rand.Rand
	out     strings.Builder
	depth   int
	scalars []*typ
	types   []*typ // all of values
	helpers []*fn

	// Of the function that is written:
	vars    []*variable
	closure []*fn
	names   int
	risk    int // how many things in this statement may still fail
	fails   bool
	loops   int
	labels  []string
	results []*typ
	budget  int // of statements
	inside  int // closures
	sums    bool
}

func (g *generator) line(format string, args ...any) {
	g.out.WriteString(strings.Repeat("\t", g.depth))
	fmt.Fprintf(&g.out, format, args...)
	g.out.WriteByte('\n')
}

func (g *generator) chance(percent int) bool { return g.r.IntN(100) < percent }

func pick[T any](g *generator, list []T) T { return list[g.r.IntN(len(list))] }

func (g *generator) name(base string) string {
	g.names++
	if g.chance(3) {
		base = pick(g, []string{"half", "größe", "kernel", "global", "as_int", "float4", "M_PI", "signed", "out", "fo_n", "calls", "_x"})
	}
	return fmt.Sprintf("%s%d", base, g.names)
}

var intType = &typ{name: "int", kind: signed, bits: 64}
var sumType = &typ{name: "uint64", kind: unsigned, bits: 64}
var boolType = &typ{name: "bool", kind: boolean}

func (g *generator) declareTypes() {
	g.scalars = []*typ{intType, boolType}
	for _, bits := range []int{8, 16, 32, 64} {
		g.scalars = append(g.scalars, &typ{name: fmt.Sprintf("int%d", bits), kind: signed, bits: bits}, &typ{name: fmt.Sprintf("uint%d", bits), kind: unsigned, bits: bits})
	}
	g.scalars = append(g.scalars, &typ{name: "uint", kind: unsigned, bits: 64}, &typ{name: "float32", kind: float, bits: 32}, &typ{name: "float64", kind: float, bits: 64})
	for i, t := range []*typ{g.scalars[2], g.scalars[7], g.scalars[len(g.scalars)-1]} {
		named := *t
		named.name = fmt.Sprintf("N%d", i)
		g.line("type %s %s", named.name, t.name)
		g.scalars = append(g.scalars, &named)
	}
	g.types = append(g.types, g.scalars...)
	for i := range 5 {
		s := &typ{name: fmt.Sprintf("S%d", i), kind: structure}
		g.line("type %s struct {", s.name)
		for k := range g.r.IntN(5) {
			f := &variable{name: fmt.Sprintf("f%d", k), t: pick(g, g.types)}
			if g.chance(40) {
				f.t = g.arrayOf(f.t)
			}
			g.line("\t%s %s", f.name, f.t.name)
			if g.chance(10) {
				g.line("\t_ %s", pick(g, g.scalars).name)
			}
			s.fields = append(s.fields, f)
		}
		g.line("}")
		g.types = append(g.types, s)
		if len(s.fields) > 0 && g.chance(70) {
			g.method(s)
		}
	}
	for range 4 {
		g.types = append(g.types, g.arrayOf(pick(g, g.types)))
	}
}

func (g *generator) arrayOf(t *typ) *typ {
	n := pick(g, []int{0, 1, 2, 3, 4, 4, 5, 8, 8, 16})
	if t.kind >= array {
		n = pick(g, []int{0, 1, 2, 3})
	}
	return &typ{name: fmt.Sprintf("[%d]%s", n, t.name), kind: array, elem: t, n: n}
}

func sliceOf(t *typ) *typ { return &typ{name: "[]" + t.name, kind: slice, elem: t} }

// begin starts a function.
func (g *generator) begin() {
	g.vars, g.closure, g.fails, g.loops, g.labels, g.inside = nil, nil, false, 0, nil, 0
}

// method gives a struct a method with a pointer receiver.
func (g *generator) method(s *typ) {
	f := &fn{name: "m", method: true}
	g.begin()
	f.params = append(f.params, &variable{name: "p", t: s, pointer: true, fixed: true})
	g.finish(f, 1, 6)
	s.method = f
}

// helper writes a function that others call.
func (g *generator) helper() {
	f := &fn{name: g.name("h")}
	g.begin()
	if g.chance(30) {
		f.params = append(f.params, &variable{name: g.name("p"), t: pick(g, g.types), pointer: true, fixed: true})
	}
	g.finish(f, 1+g.r.IntN(2), 4)
	g.helpers = append(g.helpers, f)
}

func (g *generator) root(i int) {
	f := &fn{name: fmt.Sprintf("F%d", i)}
	g.begin()
	g.finish(f, 1+g.r.IntN(2), 7)
}

// finish writes a function with some parameters more.
func (g *generator) finish(f *fn, results, statements int) {
	for range 1 + g.r.IntN(3) {
		t := pick(g, g.types)
		if g.chance(60) {
			t = pick(g, g.scalars)
		}
		if !f.method && g.chance(25) {
			t = sliceOf(t)
			if g.chance(20) {
				t = sliceOf(t)
			}
		}
		f.params = append(f.params, &variable{name: g.name("a"), t: t})
	}
	if strings.HasPrefix(f.name, "h") && g.chance(40) {
		f.params = append(f.params, &variable{name: g.name("a"), t: sliceOf(g.valueType()), local: true})
	}
	for range results {
		f.results = append(f.results, g.valueType())
	}
	g.vars = append(g.vars, f.params...)
	var params, types []string
	for k, p := range f.params {
		if f.method && k == 0 {
			continue
		}
		params = append(params, p.name+" "+p.declared())
	}
	if f.sums = results > 1 || !strings.HasPrefix(f.name, "h"); f.sums {
		f.results = append(f.results, sumType)
	}
	for _, t := range f.results {
		types = append(types, t.name)
	}
	receiver := ""
	if f.method {
		receiver = "(p *" + f.params[0].t.name + ") "
	}
	g.line("func %s%s(%s) (%s) {", receiver, f.name, strings.Join(params, ", "), strings.Join(types, ", "))
	g.depth++
	g.line("fuel, acc := 60, uint64(1)")
	g.line("_, _ = fuel, acc")
	for _, p := range f.params {
		if p.t.kind == slice && g.chance(60) {
			g.line("if len(%s) == 0 {", p.name)
			g.line("\tpanic(%q)", "empty")
			g.line("}")
			p.full, g.fails = true, true
		}
	}
	g.results, g.budget, g.sums = f.results, statements, f.sums
	for g.budget > 0 {
		g.statement()
	}
	g.returns()
	g.depth--
	g.line("}")
	f.fails = g.fails
}

func (v *variable) declared() string {
	switch {
	case v.pointer:
		return "*" + v.t.name
	case v.local:
		return "..." + v.t.elem.name
	}
	return v.t.name
}

func (g *generator) valueType() *typ {
	if g.chance(70) {
		return pick(g, g.scalars)
	}
	return pick(g, g.types)
}

func (g *generator) returns() {
	g.risk = g.allowed()
	var list []string
	for i, t := range g.results {
		if g.sums && i == len(g.results)-1 {
			list = append(list, "acc")
			continue
		}
		list = append(list, g.expr(t, 3))
	}
	g.line("return %s", strings.Join(list, ", "))
}

// allowed is how many things may fail in a statement: with more than one, it is Go's
// choice which of them does.
func (g *generator) allowed() int {
	if g.chance(7) {
		return 1
	}
	return 0
}

// may says whether something that can fail may stand here.
func (g *generator) may() bool {
	if g.risk == 0 {
		return false
	}
	g.risk--
	g.fails = true
	return true
}

// note uses a variable: its value, or a part of it, becomes a part of what the function gives.
func (g *generator) note(v *variable) {
	s, t, whole := v.name, v.t, v.name
	if v.local {
		whole = "len(" + v.name + ")"
	}
	for !v.pointer {
		switch {
		case t.kind == array && t.n > 0:
			s, t = fmt.Sprintf("%s[%d]", s, g.r.IntN(t.n)), t.elem
			continue
		case t.kind == structure && len(t.fields) > 0:
			f := pick(g, t.fields)
			s, t = s+"."+f.name, f.t
			continue
		}
		break
	}
	switch {
	case v.pointer || g.chance(20):
		g.line("_ = %s", whole)
	case t.kind == boolean:
		g.line("if %s {", s)
		g.line("\tacc = acc*31 + 1")
		g.line("}")
	case t.kind == signed || t.kind == unsigned:
		g.line("acc = acc*31 + uint64(%s)", s)
	case t.kind == float:
		g.line("if %s == %s { // not NaN, whose bits are left open", s, s)
		g.line("\tacc = acc*31 + math.Float64bits(float64(%s))", s)
		g.line("}")
	case t.kind == slice:
		g.line("acc = acc*31 + uint64(len(%s))", s)
	default:
		g.line("_ = %s", whole)
	}
}
