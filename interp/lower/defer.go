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
	if s, ok := d.Call.Fun.(*ast.SelectorExpr); ok && l.copiesReceiver(s) {
		l.temps++
		name := "__deferred" + strconv.Itoa(l.temps)
		c.InsertBefore(&ast.AssignStmt{Lhs: []ast.Expr{l.ident(name)}, TokPos: l.pos, Tok: token.DEFINE, Rhs: []ast.Expr{s.X}})
		s.X = l.ident(name)
	} else if ok { // the receiver, too
		if id, isIdent := s.X.(*ast.Ident); isIdent && l.refers(id) {
			l.temps++
			name := "__deferred" + strconv.Itoa(l.temps)
			c.InsertBefore(&ast.AssignStmt{Lhs: []ast.Expr{l.ident(name)}, TokPos: l.pos, Tok: token.DEFINE, Rhs: []ast.Expr{id}})
			s.X = l.ident(name)
		}
	}
	if id, ok := d.Call.Fun.(*ast.Ident); ok { // what it is now
		if v, isVar := l.Info.Uses[id].(*types.Var); isVar && !v.IsField() {
			l.temps++
			name := "__deferred" + strconv.Itoa(l.temps)
			c.InsertBefore(&ast.AssignStmt{Lhs: []ast.Expr{l.ident(name)}, TokPos: l.pos, Tok: token.DEFINE, Rhs: []ast.Expr{id}})
			d.Call.Fun = l.ident(name)
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

// copiesReceiver says that a method has a value of a cell's type as its receiver.
func (l *lowerer) copiesReceiver(s *ast.SelectorExpr) bool {
	m := l.Info.Selections[s]
	if m == nil || m.Kind() != types.MethodVal || len(m.Index()) != 1 || isInterface(m.Recv()) || !ofSession(m.Recv()) {
		return false
	}
	_, isPointer := m.Recv().Underlying().(*types.Pointer)
	f, ok := m.Obj().(*types.Func)
	if !ok || isPointer {
		return false
	}
	_, wants := f.Signature().Recv().Type().(*types.Pointer)
	return !wants
}

// refers says that id is a variable that holds a pointer to a value of a cell's type.
func (l *lowerer) refers(id *ast.Ident) bool {
	v, ok := l.Info.Uses[id].(*types.Var)
	if !ok {
		return false
	}
	_, isPointer := v.Type().(*types.Pointer)
	return isPointer && ofSession(v.Type())
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
