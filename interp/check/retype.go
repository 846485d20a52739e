package check

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
)

// When a cell declares a type again that has not changed, or adds a method to
// one, the session's variables of that type are to have the new one: it has the same
// memory. For the check they are declared again, by the spelling of their types.

// Mentions says that t is built of a type whose object is in set.
func Mentions(t types.Type, set map[types.Object]bool) bool {
	found := false
	seen := map[types.Type]bool{}
	var visit func(types.Type)
	tuple := func(l *types.Tuple) {
		for v := range l.Variables() {
			visit(v.Type())
		}
	}
	visit = func(t types.Type) {
		if t == nil || found || seen[t] {
			return
		}
		seen[t] = true
		switch t := t.(type) {
		case *types.Named:
			found = found || set[t.Obj()]
			for a := range t.TypeArgs().Types() {
				visit(a)
			}
		case *types.Alias:
			found = found || set[t.Obj()]
			visit(types.Unalias(t))
		case *types.Pointer:
			visit(t.Elem())
		case *types.Slice:
			visit(t.Elem())
		case *types.Array:
			visit(t.Elem())
		case *types.Chan:
			visit(t.Elem())
		case *types.Map:
			visit(t.Key())
			visit(t.Elem())
		case *types.Struct:
			for f := range t.Fields() {
				visit(f.Type())
			}
		case *types.Signature:
			tuple(t.Params())
			tuple(t.Results())
		case *types.Interface:
			for m := range t.ExplicitMethods() {
				visit(m.Type())
			}
		}
	}
	visit(t)
	return found
}

// retypes are the declarations of the input's Retype, and the packages that they
// name by names of their own.
func (c *checker) retypes() (decls []ast.Decl, names map[string]bool) {
	names = map[string]bool{}
	for name, t := range c.in.Retype {
		text := types.TypeString(t, func(p *types.Package) string {
			if p.Path() == "main" {
				return ""
			}
			alias := fmt.Sprintf("__retype%d", len(c.retyped))
			for a, path := range c.retyped {
				if path == p.Path() {
					return a
				}
			}
			c.retyped[alias] = p.Path()
			return alias
		})
		e, err := parser.ParseExpr(text)
		if err != nil {
			continue
		}
		names[name] = true
		decls = append(decls, &ast.GenDecl{Tok: token.VAR, Specs: []ast.Spec{&ast.ValueSpec{Names: []*ast.Ident{{Name: name}}, Type: unplaced(e)}}})
	}
	return decls, names
}

// unplaced takes the positions off an expression, which are of another file.
func unplaced(e ast.Expr) ast.Expr {
	ast.Inspect(e, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok {
			id.NamePos = token.NoPos
		}
		return true
	})
	return e
}
