package lower

import (
	"go/ast"
	"go/token"
	"go/types"
	"strconv"

	"golang.org/x/tools/go/ast/astutil"
)

// The tier assigns the values of a[i], b = x, y one after the other, looking at what
// stands on the left again each time. So operands and values are put into variables
// first, in Go's order.

// A tuple is what must be known of an assignment of several values.
type tuple struct {
	places []place
	values []types.TypeAndValue
}

type place struct {
	typ     types.Type // nil for the blank name
	base    types.Type // of x in x[i], x.f and *x
	isConst bool       // the index
	isBlank bool
}

// tuple looks at an assignment. It must be asked before it is rewritten.
func (l *lowerer) tuple(s *ast.AssignStmt) *tuple {
	if s.Tok != token.ASSIGN || len(s.Lhs) < 2 {
		return nil
	}
	t, needed := &tuple{}, false
	for _, e := range s.Lhs {
		p := place{typ: l.Info.TypeOf(e)}
		switch x := ast.Unparen(e).(type) {
		case *ast.Ident:
			p.isBlank = x.Name == "_"
		case *ast.IndexExpr:
			needed = true
			p.base, p.isConst = l.Info.TypeOf(x.X), l.constant(x.Index)
		case *ast.SelectorExpr:
			needed = true
			p.base = l.Info.TypeOf(x.X)
		case *ast.StarExpr:
			needed = true
			p.base = l.Info.TypeOf(x.X)
		}
		t.places = append(t.places, p)
	}
	for _, e := range s.Rhs {
		t.values = append(t.values, l.Info.Types[e])
		switch ast.Unparen(e).(type) {
		case *ast.CallExpr, *ast.SliceExpr:
			needed = needed || len(s.Rhs) > 1
		}
	}
	if !needed {
		return nil
	}
	return t
}

// splitTuple makes assignments of single values of one of several.
func (l *lowerer) splitTuple(c *astutil.Cursor, s *ast.AssignStmt, t *tuple) {
	l.pos = s.Pos()
	take := func(e ast.Expr) ast.Expr {
		name := l.temp()
		c.InsertBefore(&ast.AssignStmt{Lhs: []ast.Expr{l.ident(name)}, TokPos: l.pos, Tok: token.DEFINE, Rhs: []ast.Expr{e}})
		return l.ident(name)
	}
	for n, p := range t.places {
		if p.base != nil {
			s.Lhs[n] = operands(ast.Unparen(s.Lhs[n]), p, take)
		}
	}
	values := make([]ast.Expr, len(s.Lhs))
	if len(s.Rhs) == 1 {
		define := &ast.AssignStmt{TokPos: l.pos, Tok: token.DEFINE, Rhs: s.Rhs}
		for n, p := range t.places {
			if p.isBlank {
				define.Lhs = append(define.Lhs, l.ident("_"))
				continue
			}
			name := l.temp()
			define.Lhs = append(define.Lhs, l.ident(name))
			values[n] = l.ident(name)
		}
		c.InsertBefore(define)
	} else {
		for n, e := range s.Rhs {
			values[n] = l.tupleValue(c, e, t.places[n], t.values[n], take)
		}
	}
	for n := len(s.Lhs) - 1; n >= 0; n-- {
		if values[n] != nil && !t.places[n].isBlank {
			c.InsertAfter(&ast.AssignStmt{Lhs: s.Lhs[n : n+1 : n+1], TokPos: l.pos, Tok: token.ASSIGN, Rhs: []ast.Expr{values[n]}})
		}
	}
	c.Delete()
}

// tupleValue puts a value into a variable, unless it is a constant.
func (l *lowerer) tupleValue(c *astutil.Cursor, e ast.Expr, p place, tv types.TypeAndValue, take func(ast.Expr) ast.Expr) ast.Expr {
	switch {
	case tv.Value != nil || tv.IsNil():
		return e
	case p.isBlank || p.typ == nil:
		c.InsertBefore(&ast.AssignStmt{Lhs: []ast.Expr{l.ident("_")}, TokPos: l.pos, Tok: token.ASSIGN, Rhs: []ast.Expr{e}})
		return nil
	case isInterface(p.typ) && !isInterface(tv.Type):
		return take(e)
	}
	before := l.err
	typ := l.typeExpr(p.typ)
	if l.err != before {
		l.err = before
		return take(e)
	}
	name := l.temp()
	spec := &ast.ValueSpec{Names: []*ast.Ident{l.ident(name)}, Type: typ, Values: []ast.Expr{e}}
	c.InsertBefore(&ast.DeclStmt{Decl: &ast.GenDecl{TokPos: l.pos, Tok: token.VAR, Specs: []ast.Spec{spec}}})
	return l.ident(name)
}

// operands puts what stands in a place into variables.
func operands(e ast.Expr, p place, take func(ast.Expr) ast.Expr) ast.Expr {
	_, isPointer := p.base.Underlying().(*types.Pointer)
	switch x := e.(type) {
	case *ast.IndexExpr:
		if _, isArray := p.base.Underlying().(*types.Array); !isArray && !isPointer {
			x.X = take(x.X)
		}
		if !p.isConst {
			x.Index = take(x.Index)
		}
	case *ast.SelectorExpr:
		if isPointer {
			x.X = take(x.X)
		}
	case *ast.StarExpr:
		x.X = take(x.X)
	}
	return e
}

func (l *lowerer) temp() string {
	l.temps++
	return "__value" + strconv.Itoa(l.temps)
}
