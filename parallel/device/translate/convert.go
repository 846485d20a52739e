package translate

import (
	"go/ast"

	"github.com/adabc437/fanout/parallel/device/ir"
)

// conversion is T(x).
func (f *function) conversion(e *ast.CallExpr) ir.Expr {
	if len(e.Args) != 1 {
		f.refuse(e.Pos(), "a conversion has one argument", "")
	}
	arg := e.Args[0]
	to := f.irType(e.Fun.Pos(), f.info.TypeOf(e.Fun), "")
	if v := f.info.Types[arg].Value; v != nil && (to.Kind.IsScalar() || f.unit.isComplex(to)) {
		// To a type parameter: Go gives the constant its type at once.
		return f.constantOf(arg, v, to)
	}
	mark := f.mark()
	x := f.valueOfNil(arg, to)
	from := x.Type()
	switch {
	case from.Kind.IsScalar() && to.Kind.IsScalar():
		return convert(to, x)
	case from.Kind == ir.Slice && to.Kind == ir.Array:
		return f.sliceToArray(mark, e, x, to)
	case f.unit.isComplex(from) && f.unit.isComplex(to):
		return f.convertComplex(mark, to, x)
	case from.Kind == ir.Struct && to.Kind == ir.Struct:
		return f.as(to, x)
	case ir.Same(from, to):
		return x
	}
	f.refuse(e.Pos(), "a conversion of "+from.String()+" to "+to.String()+" cannot be on a device", "")
	return nil
}

func (f *function) valueOfNil(e ast.Expr, t *ir.Type) ir.Expr {
	if tv := f.info.Types[e]; tv.IsNil() && t.Kind == ir.Slice {
		return &ir.Zero{T: t}
	}
	return f.expr(e)
}

func (f *function) sliceToArray(mark int, e *ast.CallExpr, x ir.Expr, to *ir.Type) ir.Expr {
	if !isPlace(x) {
		x = f.spill(mark, x, "t")
	}
	f.check(ir.NotEqualLen, e, e.Pos(), &ir.Binary{Op: ir.Lt, X: &ir.Len{X: x}, Y: integer(int64Type, to.Len)}, &ir.Len{X: x}, integer(int64Type, to.Len))
	const few = 16
	if to.Len > few {
		v := f.spill(mark, &ir.Zero{T: to}, "t")
		f.facts.varies(v.Var)
		f.emit(f.counted(integer(int64Type, to.Len), func(i ir.Expr) {
			f.emit(&ir.Assign{Place: &ir.Elem{X: v, I: i}, X: &ir.Elem{X: x, I: i}})
		})...)
		return v
	}
	m := &ir.Make{T: to}
	for i := range to.Len {
		m.Elems = append(m.Elems, &ir.Elem{X: x, I: integer(int64Type, i)})
	}
	if to.Len == 0 {
		return &ir.Zero{T: to}
	}
	return m
}

// counted is a loop over 0 ≤ i < n.
func (f *function) counted(n ir.Expr, body func(i ir.Expr)) []ir.Stmt {
	i := f.newVar("i", int64Type)
	f.facts.varies(i)
	r := &ir.Ref{Var: i}
	return []ir.Stmt{
		&ir.Declare{Var: i},
		&ir.Loop{
			Cond:    &ir.Binary{Op: ir.Lt, X: r, Y: n},
			Body:    f.list(func() { body(r) }),
			Post:    []ir.Stmt{&ir.Assign{Place: r, X: &ir.Binary{Op: ir.Add, X: r, Y: integer(int64Type, 1)}}},
			Bounded: true,
		},
	}
}
