package lower

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strconv"

	"golang.org/x/tools/go/ast/astutil"
)

// The tier evaluates the arguments of a deferred call when it runs, as it looks
// at the variables of a deferred function literal only then, which in a loop are
// those of the last turn. So arguments are put into variables of their own, and
// what a literal uses of a loop becomes arguments.

// deferred lowers a defer statement, after what is below it.
func (l *lowerer) deferred(c *astutil.Cursor, d *ast.DeferStmt, k known) {
	if c.Index() < 0 {
		return
	}
	l.pos = d.Pos()
	if lit, ok := ast.Unparen(d.Call.Fun).(*ast.FuncLit); ok && !d.Call.Ellipsis.IsValid() {
		for _, v := range k.vars {
			before := l.err
			t := l.typeExpr(v.Type())
			if l.err != before {
				l.err = before
				continue
			}
			lit.Type.Params.List = append(lit.Type.Params.List, &ast.Field{Names: []*ast.Ident{l.ident(v.Name())}, Type: t})
			d.Call.Args = append(d.Call.Args, l.ident(v.Name()))
		}
	}
	for n, a := range d.Call.Args {
		if id, ok := a.(*ast.Ident); ok && id.Name == "nil" {
			continue
		}
		if _, ok := a.(*ast.BasicLit); ok || l.constant(a) {
			continue
		}
		l.temps++
		name := "__deferred" + strconv.Itoa(l.temps)
		c.InsertBefore(&ast.AssignStmt{Lhs: []ast.Expr{l.ident(name)}, TokPos: l.pos, Tok: token.DEFINE, Rhs: []ast.Expr{a}})
		d.Call.Args[n] = l.ident(name)
	}
}

// deferredVars lists the variables that a deferred function literal uses of the
// loops around it.
func (l *lowerer) deferredVars(d *ast.DeferStmt) []*types.Var {
	lit, ok := ast.Unparen(d.Call.Fun).(*ast.FuncLit)
	first := slices.Index(l.loops, nil) // the last nil begins this function
	for n, loop := range l.loops {
		if loop == nil {
			first = n
		}
	}
	if !ok || first+1 >= len(l.loops) || variadic(lit) {
		return nil
	}
	loop := l.loops[first+1]
	var vars []*types.Var
	ast.Inspect(lit.Body, func(n ast.Node) bool {
		id, ok := n.(*ast.Ident)
		if !ok {
			return true
		}
		v, ok := l.Info.Uses[id].(*types.Var)
		if ok && !v.IsField() && v.Pos() >= loop.Pos() && v.Pos() < lit.Pos() && !slices.Contains(vars, v) {
			vars = append(vars, v)
		}
		return true
	})
	return vars
}

func variadic(lit *ast.FuncLit) bool {
	n := len(lit.Type.Params.List)
	if n == 0 {
		return false
	}
	_, ok := lit.Type.Params.List[n-1].Type.(*ast.Ellipsis)
	return ok
}

// checkDeferred refuses what would hang in the tier: a deferred call of a
// function literal that the same function keeps in a variable.
func (l *lowerer) checkDeferred(d *ast.DeferStmt) {
	body := l.Body
	if n := len(l.bodies); n > 0 {
		body = l.bodies[n-1]
	}
	ast.Inspect(d.Call, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		id, ok := ast.Unparen(call.Fun).(*ast.Ident)
		if !ok {
			return true
		}
		v, ok := l.Info.Uses[id].(*types.Var)
		if ok && l.holdsLiteral(body, v) {
			l.fail(id.Pos(), "declare it with func "+id.Name+"(…) at the top level of a cell, or write its body into the deferred function", "the interpreted tier cannot call %s from a deferred call: it is a function literal of the same function", id.Name)
		}
		return true
	})
}

// holdsLiteral says that body assigns a function literal to v.
func (l *lowerer) holdsLiteral(body *ast.BlockStmt, v *types.Var) (found bool) {
	check := func(id *ast.Ident, e ast.Expr) {
		_, isLit := ast.Unparen(e).(*ast.FuncLit)
		found = found || isLit && (l.Info.Defs[id] == v || l.Info.Uses[id] == v)
	}
	ast.Inspect(body, func(n ast.Node) bool {
		switch s := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.AssignStmt:
			for i, e := range s.Lhs {
				if id, ok := e.(*ast.Ident); ok && len(s.Lhs) == len(s.Rhs) {
					check(id, s.Rhs[i])
				}
			}
		case *ast.ValueSpec:
			for i, id := range s.Names {
				if i < len(s.Values) {
					check(id, s.Values[i])
				}
			}
		}
		return !found
	})
	return found
}
