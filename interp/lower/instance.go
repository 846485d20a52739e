package lower

import (
	"go/ast"
	"go/types"

	"golang.org/x/tools/go/ast/astutil"
)

// instance gives a generic function its type arguments, which the tier cannot
// find by itself in many cases. Inside generic functions they are left to it.
func (l *lowerer) instance(c *astutil.Cursor, id *ast.Ident, args *types.TypeList) {
	switch p := c.Parent().(type) {
	case *ast.IndexExpr:
		if p.X == id {
			return
		}
	case *ast.IndexListExpr:
		if p.X == id {
			return
		}
	}
	before := l.err
	l.pos = id.Pos()
	var list []ast.Expr
	for t := range args.Types() {
		if open(t) {
			return
		}
		list = append(list, l.typeExpr(t))
	}
	if l.err != before {
		l.err = before
		return
	}
	if len(list) == 1 {
		c.Replace(&ast.IndexExpr{X: id, Lbrack: l.pos, Index: list[0], Rbrack: l.pos})
		return
	}
	c.Replace(&ast.IndexListExpr{X: id, Lbrack: l.pos, Indices: list, Rbrack: l.pos})
}

// open says that t depends on a type parameter.
func open(t types.Type) bool {
	switch t := t.(type) {
	case *types.TypeParam:
		return true
	case interface{ Elem() types.Type }: // pointers, slices, arrays, channels and maps
		if m, ok := t.(*types.Map); ok && open(m.Key()) {
			return true
		}
		return open(t.Elem())
	case *types.Named:
		for a := range t.TypeArgs().Types() {
			if open(a) {
				return true
			}
		}
	case *types.Signature:
		for _, tuple := range []*types.Tuple{t.Params(), t.Results()} {
			for v := range tuple.Variables() {
				if open(v.Type()) {
					return true
				}
			}
		}
	}
	return false
}

// ownInstances refuses a method of a generic type that uses the type with other
// arguments than its own: the tier would take that for the method's own type, and
// call the method without end.
func (l *lowerer) ownInstances(f *ast.FuncDecl) {
	o, ok := l.Info.Defs[f.Name].(*types.Func)
	if !ok || o.Signature().Recv() == nil || o.Signature().RecvTypeParams().Len() == 0 {
		return
	}
	own := o.Signature().RecvTypeParams()
	recv := o.Signature().Recv().Type()
	if p, isPointer := recv.(*types.Pointer); isPointer {
		recv = p.Elem()
	}
	base, ok := recv.(*types.Named)
	if !ok {
		return
	}
	ast.Inspect(f, func(n ast.Node) bool {
		if e, isExpr := n.(ast.Expr); isExpr && own.Len() > 1 && l.builds(e, base) {
			l.fail(e.Pos(), "declare a variable of the type, and set its fields", "the interpreted tier cannot build a %s in a method of the type, which has several type parameters", base.Obj().Name())
			return false
		}
		id, isIdent := n.(*ast.Ident)
		if !isIdent {
			return true
		}
		inst, isInst := l.Info.Instances[id]
		if t, isType := l.Info.Uses[id].(*types.TypeName); !isInst || !isType || t != base.Origin().Obj() {
			return true
		}
		for i := range inst.TypeArgs.Len() {
			if i < own.Len() && inst.TypeArgs.At(i) != own.At(i) {
				l.fail(id.Pos(), "make a function of the method", "the interpreted tier cannot run a method of %s that uses %s with other type arguments", base.Obj().Name(), base.Obj().Name())
			}
		}
		return true
	})
}

// builds says of an expression that it is a literal of a generic type, or a call of a
// generic function that gives a value of it.
func (l *lowerer) builds(e ast.Expr, base *types.Named) bool {
	switch x := e.(type) {
	case *ast.CompositeLit:
	case *ast.CallExpr:
		fun := ast.Unparen(x.Fun)
		switch f := fun.(type) {
		case *ast.IndexExpr:
			fun = f.X
		case *ast.IndexListExpr:
			fun = f.X
		}
		id, isIdent := fun.(*ast.Ident)
		if _, isFunc := l.Info.Uses[id].(*types.Func); !isIdent || !isFunc {
			return false
		}
	default:
		return false
	}
	t := l.Info.TypeOf(e)
	if p, ok := t.(*types.Pointer); ok {
		t = p.Elem()
	}
	n, ok := t.(*types.Named)
	return ok && n.Origin() == base.Origin()
}
