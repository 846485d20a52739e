package translate

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"

	"github.com/adabc437/fanout/parallel/device/ir"
)

// A device gives tasks no memory, but what a function makes for itself may be an array: a
// slice whose length is known, and of which only elements and the length are asked for.

// holdsSlice declares a variable with a slice that can be an array, and says whether it is one.
func (f *function) holdsSlice(l, r ast.Expr) bool {
	v := f.isNew(l)
	s, ok := f.subst(v.Type()).Underlying().(*types.Slice)
	if !ok || !f.use.elementsOnly(v) {
		return false
	}
	n, ok := f.knownLength(ast.Unparen(r))
	if !ok {
		return false
	}
	t := f.irType(l.Pos(), types.NewArray(s.Elem(), n), "variable "+v.Name())
	var x ir.Expr = &ir.Zero{T: t}
	if lit, ok := ast.Unparen(r).(*ast.CompositeLit); ok && len(lit.Elts) > 0 {
		x = f.arrayLiteral(lit, t)
	}
	f.flush(0)
	f.declareVar(l.Pos(), v, x)
	f.facts.standsForSlice(f.values[v].(*ir.Ref).Var)
	return true
}

// knownLength is the length of a slice literal, or of make with a constant.
func (f *function) knownLength(r ast.Expr) (int64, bool) {
	switch r := r.(type) {
	case *ast.CompositeLit:
		n, next := int64(0), int64(0)
		for _, x := range r.Elts {
			if kv, ok := x.(*ast.KeyValueExpr); ok {
				v := f.info.Types[kv.Key].Value
				if v == nil {
					return 0, false
				}
				next, _ = constant.Int64Val(constant.ToInt(v))
			}
			next++
			n = max(n, next)
		}
		return n, true
	case *ast.CallExpr:
		if f.builtinName(r.Fun) != "make" || len(r.Args) != 2 {
			return 0, false
		}
		v := f.info.Types[r.Args[1]].Value
		if v == nil {
			return 0, false
		}
		n, exact := constant.Int64Val(constant.ToInt(v))
		return n, exact
	}
	return 0, false
}

// elementsOnly says of a slice that it is never assigned to as a whole, and that only its
// elements and its length are used, in the function that declares it.
func (u *usage) elementsOnly(v *types.Var) bool {
	return u.assigned[v] == 0 && !u.shared[v] && u.uses[v] == u.elements[v]
}

// noteElements counts what elementsOnly asks for.
func (w *usageWalk) noteElements(n, owner ast.Node) {
	element := func(x ast.Expr) {
		if id, ok := ast.Unparen(x).(*ast.Ident); ok {
			if v, ok := w.info.Uses[id].(*types.Var); ok && w.owner[v] == owner {
				w.elements[v]++
			}
		}
	}
	switch n := n.(type) {
	case *ast.Ident:
		if v, ok := w.info.Uses[n].(*types.Var); ok {
			w.uses[v]++
		}
	case *ast.IndexExpr:
		element(n.X)
	case *ast.RangeStmt:
		element(n.X)
	case *ast.CallExpr:
		if id, ok := ast.Unparen(n.Fun).(*ast.Ident); ok && len(n.Args) == 1 {
			if b, ok := w.info.Uses[id].(*types.Builtin); ok && (b.Name() == "len" || b.Name() == "cap") {
				element(n.Args[0])
			}
		}
	case *ast.UnaryExpr:
		if n.Op == token.AND {
			w.noteAddress(n.X)
		}
	case *ast.SelectorExpr:
		if s := w.info.Selections[n]; s != nil && s.Kind() != types.FieldVal {
			w.noteAddress(n.X) // of the receiver, maybe
		}
	}
}

// noteAddress counts a use of which an address may be taken.
func (w *usageWalk) noteAddress(x ast.Expr) {
	for {
		switch e := x.(type) {
		case *ast.ParenExpr:
			x = e.X
		case *ast.IndexExpr:
			x = e.X
		case *ast.SelectorExpr:
			x = e.X
		case *ast.Ident:
			if v, ok := w.info.Uses[e].(*types.Var); ok {
				w.uses[v]++
			}
			return
		default:
			return
		}
	}
}
