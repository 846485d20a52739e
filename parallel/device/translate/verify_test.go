package translate_test

import (
	"fmt"

	"github.com/adabc437/fanout/parallel/device/ir"
)

// verify says what is wrong with a program: types that do not fit, variables that are not
// there, names that are there twice.
func verify(p *ir.Program) (err error) {
	v := &verifier{done: map[*ir.Func]bool{}}
	names := map[string]bool{}
	for _, s := range p.Structs {
		if names[s.Name] {
			return fmt.Errorf("two structs %s", s.Name)
		}
		names[s.Name] = true
	}
	for _, f := range p.Funcs {
		if names[f.Name] {
			return fmt.Errorf("two functions %s", f.Name)
		}
		names[f.Name] = true
		v.f, v.names, v.vars = f, map[string]bool{}, map[*ir.Var]bool{}
		for _, x := range f.Params {
			v.declare(x)
		}
		v.list(f.Body)
		if v.err != nil {
			return fmt.Errorf("%s: %w\n%s", f.Name, v.err, ir.Text(p))
		}
		v.done[f] = true
	}
	return nil
}

type verifier struct {
	f      *ir.Func
	done   map[*ir.Func]bool
	names  map[string]bool
	vars   map[*ir.Var]bool
	around []ir.Stmt
	err    error
}

func (v *verifier) bad(format string, args ...any) {
	if v.err == nil {
		v.err = fmt.Errorf(format, args...)
	}
}

func (v *verifier) declare(x *ir.Var) {
	if v.names[x.Name] {
		v.bad("two variables %s", x.Name)
	}
	v.names[x.Name], v.vars[x] = true, true
}

func (v *verifier) list(list []ir.Stmt) {
	for _, s := range list {
		v.stmt(s)
	}
}

func (v *verifier) stmt(s ir.Stmt) {
	ir.Exprs(s, func(e ir.Expr) {
		if l, ok := s.(*ir.Loop); !ok || e != l.Cond {
			v.expr(e)
		}
	})
	switch s := s.(type) {
	case *ir.Declare:
		if s.Init != nil {
			v.same(s.Var.Type, s.Init.Type(), "declaration of "+s.Var.Name)
		}
		v.declare(s.Var)
	case *ir.Assign:
		v.same(s.Place.Type(), s.X.Type(), "assignment to "+ir.ExprText(s.Place))
	case *ir.Call:
		if !v.done[s.Func] || len(s.Args) != len(s.Func.Params) || len(s.Results) != len(s.Func.Results) {
			v.bad("call of %s", s.Func.Name)
			return
		}
		for i, a := range s.Args {
			v.same(s.Func.Params[i].Type, a.Type(), "argument of "+s.Func.Name)
		}
		for i, r := range s.Results {
			if r != nil {
				v.same(r.Type, s.Func.Results[i], "result of "+s.Func.Name)
				v.declare(r)
			}
		}
	case *ir.Check:
		v.kind(s.Cond, ir.Bool)
		for _, x := range []ir.Expr{s.X, s.Y} {
			if x != nil {
				v.kind(x, ir.Int64)
			}
		}
	case *ir.If:
		v.kind(s.Cond, ir.Bool)
		v.list(s.Then)
		v.list(s.Else)
	case *ir.Loop:
		v.list(s.Before)
		if s.Cond != nil {
			v.expr(s.Cond)
			v.kind(s.Cond, ir.Bool)
		}
		v.within(s, s.Body)
		v.list(s.Post)
	case *ir.Block:
		v.within(s, s.Body)
	case *ir.Break:
		v.inside(s.Of)
	case *ir.Continue:
		v.inside(s.Of)
	case *ir.Return:
		if len(s.Values) != len(v.f.Results) {
			v.bad("return of %d values", len(s.Values))
			return
		}
		for i, x := range s.Values {
			v.same(v.f.Results[i], x.Type(), "return")
		}
	}
}

func (v *verifier) within(s ir.Stmt, body []ir.Stmt) {
	v.around = append(v.around, s)
	v.list(body)
	v.around = v.around[:len(v.around)-1]
}

func (v *verifier) inside(s ir.Stmt) {
	for _, a := range v.around {
		if a == s {
			return
		}
	}
	v.bad("a break or continue of a statement that is not around it")
}

func (v *verifier) same(a, b *ir.Type, what string) {
	if !ir.Same(a, b) {
		v.bad("%s: %s and %s", what, a, b)
	}
}

func (v *verifier) kind(e ir.Expr, k ir.Kind) {
	if e.Type().Kind != k {
		v.bad("%s is a %s, not a %s", ir.ExprText(e), e.Type(), k)
	}
}

func (v *verifier) expr(e ir.Expr) {
	ir.Inside(e, func(e ir.Expr) {
		switch e := e.(type) {
		case *ir.Ref:
			if !v.vars[e.Var] {
				v.bad("%s is not declared", e.Var.Name)
			}
		case *ir.Binary:
			switch e.Op {
			case ir.Shl, ir.Shr:
				if !e.X.Type().Kind.IsInteger() || !e.Y.Type().Kind.IsInteger() {
					v.bad("shift %s", ir.ExprText(e))
				}
			default:
				v.same(e.X.Type(), e.Y.Type(), ir.ExprText(e))
			}
		case *ir.Elem:
			v.kind(e.I, ir.Int64)
			if k := e.X.Type().Kind; k != ir.Slice && k != ir.Array {
				v.bad("element of a %s", k)
			}
		case *ir.Len:
			v.kind(e.X, ir.Slice)
		case *ir.Cap:
			v.kind(e.X, ir.Slice)
		case *ir.Sub:
			v.kind(e.X, ir.Slice)
			for _, x := range []ir.Expr{e.Lo, e.Hi, e.Max} {
				v.kind(x, ir.Int64)
			}
		case *ir.Convert:
			if !e.To.Kind.IsScalar() || !e.X.Type().Kind.IsScalar() || e.To.Kind == ir.Bool != (e.X.Type().Kind == ir.Bool) {
				v.bad("conversion %s", ir.ExprText(e))
			}
		case *ir.Make:
			n := len(e.T.Fields)
			if e.T.Kind == ir.Array {
				n = int(e.T.Len)
			}
			if len(e.Elems) != n {
				v.bad("%d parts of %s", len(e.Elems), e.T)
				return
			}
			for i, x := range e.Elems {
				if t := e.T.Elem; t != nil {
					v.same(t, x.Type(), "part of "+e.T.String())
				} else {
					v.same(e.T.Fields[i].Type, x.Type(), "part of "+e.T.String())
				}
			}
		case *ir.Math:
			if n, ok := ir.Functions[e.Fn]; !ok || n != len(e.Args) {
				v.bad("function %s with %d arguments", e.Fn, len(e.Args))
			}
		case *ir.Deref:
			v.kind(e.X, ir.Pointer)
		}
	})
}
