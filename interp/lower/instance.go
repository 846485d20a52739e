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
