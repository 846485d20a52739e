package device

import (
	"fmt"
	"strings"

	"github.com/adabc437/fanout/parallel/device/ir"
)

// A builder makes a kernel that calls a function.
type builder struct {
	f      *Function
	kernel *ir.Kernel
	taken  map[string]bool // names of variables
	body   *[]ir.Stmt      // where statements go
}

// newBuilder makes one of a kernel for f, or for no function.
func newBuilder(f *Function, base string) *builder {
	if f != nil {
		base = f.name(base)
	}
	k := &ir.Kernel{Name: base, Index: &ir.Var{Name: "i", Type: ir.Scalar(ir.Int64)}}
	return &builder{f: f, kernel: k, taken: map[string]bool{"i": true}, body: &k.Body}
}

func (b *builder) index() ir.Expr { return &ir.Ref{Var: b.kernel.Index} }

// fresh is a variable with a name of its own.
func (b *builder) fresh(name string, t *ir.Type) *ir.Var {
	base := strings.TrimRight(name, "0123456789")
	for k := 2; b.taken[name]; k++ {
		name = fmt.Sprint(base, k)
	}
	b.taken[name] = true
	return &ir.Var{Name: name, Type: t}
}

func (b *builder) param(name string, t *ir.Type) ir.Expr {
	v := b.fresh(name, t)
	b.kernel.Params = append(b.kernel.Params, v)
	return &ir.Ref{Var: v}
}

// captures are parameters for the captured variables.
func (b *builder) captures() (args []ir.Expr) {
	for _, c := range b.f.unit.Captures {
		args = append(args, b.param(c.Param.Name, c.Param.Type))
	}
	return args
}

func (b *builder) add(s ...ir.Stmt) { *b.body = append(*b.body, s...) }

// in has what f adds put into a list of statements.
func (b *builder) in(list *[]ir.Stmt, f func()) {
	around := b.body
	b.body = list
	f()
	b.body = around
}

// loop is for j := from; j < to; j++, with the body that f adds.
func (b *builder) loop(name string, from, to ir.Expr, f func(j ir.Expr)) {
	j := b.declare(name, ir.Scalar(ir.Int64), from)
	l := &ir.Loop{Cond: binary(ir.Lt, ref(j), to), Post: []ir.Stmt{&ir.Assign{Place: ref(j), X: binary(ir.Add, ref(j), number(1))}}, Bounded: true}
	b.in(&l.Body, func() { f(ref(j)) })
	b.add(l)
}

// when is if cond, with the body that f adds.
func (b *builder) when(cond ir.Expr, f func()) {
	s := &ir.If{Cond: cond}
	b.in(&s.Then, f)
	b.add(s)
}

func (b *builder) set(place, x ir.Expr) { b.add(&ir.Assign{Place: place, X: x}) }

func ref(v *ir.Var) ir.Expr { return &ir.Ref{Var: v} }

func at(x, i ir.Expr) ir.Expr { return &ir.Elem{X: x, I: i} }

func binary(op ir.BinaryOp, x, y ir.Expr) ir.Expr { return &ir.Binary{Op: op, X: x, Y: y} }

// declare makes a variable.
func (b *builder) declare(name string, t *ir.Type, init ir.Expr) *ir.Var {
	v := b.fresh(name, t)
	b.add(&ir.Declare{Var: v, Init: init})
	return v
}

// call calls the function; its result is nil where it has none.
func (b *builder) call(result *ir.Type, args []ir.Expr) ir.Expr {
	call := &ir.Call{Func: b.f.unit.Func, Args: args}
	b.add(call)
	if result == nil {
		return nil
	}
	y := b.fresh("y", result)
	call.Results = []*ir.Var{y}
	return &ir.Ref{Var: y}
}

// random is the address of a source of random numbers, at the beginning of the stream of
// the task: a philox.Source.
func (b *builder) random(seed ir.Expr) ir.Expr {
	t := b.f.unit.Func.Params[0].Type.Elem
	elems := make([]ir.Expr, len(t.Fields))
	for i, f := range t.Fields {
		switch f.Name {
		case "seed":
			elems[i] = seed
		case "stream":
			elems[i] = convert(f.Type, b.index())
		default:
			elems[i] = &ir.Zero{T: f.Type}
		}
	}
	return &ir.Address{Place: &ir.Ref{Var: b.declare("source", t, &ir.Make{T: t, Elems: elems})}}
}

func convert(t *ir.Type, x ir.Expr) ir.Expr {
	if ir.Same(t, x.Type()) {
		return x
	}
	return &ir.Convert{To: t, X: x}
}

func number(n int64) ir.Expr { return &ir.Const{T: ir.Scalar(ir.Int64), Bits: uint64(n)} }
