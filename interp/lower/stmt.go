package lower

import (
	"go/ast"
	"go/token"
	"go/types"
	"strconv"

	"golang.org/x/tools/go/ast/astutil"
)

// statements lowers the cell's statements: declarations of variables become
// assignments to the session's, and the last expression is shown.
func (l *lowerer) statements() {
	for _, s := range l.Body.List {
		l.pos = s.Pos()
		n := len(l.marks)
		l.marks = append(l.marks, l.pos)
		if s.Pos().IsValid() {
			at := &ast.CallExpr{Fun: l.sel(Host, "At", l.pos), Lparen: l.pos, Args: []ast.Expr{number(l.opt.Run, l.pos), number(n, l.pos)}, Rparen: l.pos}
			l.body = append(l.body, &ast.ExprStmt{X: at})
		}
		l.body = append(l.body, l.statement(s)...)
	}
}

func (l *lowerer) statement(s ast.Stmt) []ast.Stmt {
	switch s := s.(type) {
	case *ast.LabeledStmt:
		if inner := l.statement(s.Stmt); len(inner) == 1 {
			s.Stmt = inner[0]
			return []ast.Stmt{s}
		}
	case *ast.AssignStmt:
		l.rewrite(s)
		if s.Tok == token.DEFINE {
			s.Tok = token.ASSIGN
		}
		return []ast.Stmt{s}
	case *ast.DeclStmt:
		if g, ok := s.Decl.(*ast.GenDecl); ok && g.Tok == token.VAR {
			return l.varStmt(g)
		}
	case *ast.ExprStmt:
		if s.X == l.Result {
			return []ast.Stmt{l.show(s)}
		}
	}
	holder := &ast.BlockStmt{Lbrace: s.Pos(), List: []ast.Stmt{s}, Rbrace: s.End()}
	l.rewrite(holder)
	return holder.List
}

// show passes the value of the last expression on to the session.
func (l *lowerer) show(s *ast.ExprStmt) ast.Stmt {
	tv := l.Info.Types[s.X]
	x := s.X
	wrapped := l.withMethods(x)
	s.X = wrapped
	l.rewrite(s)
	if tv.IsVoid() || tv.Type == nil {
		return s
	}
	if t, ok := tv.Type.(*types.Tuple); ok && t.Len() == 0 {
		return s
	}
	pos := x.Pos()
	if _, ok := tv.Type.(*types.Tuple); ok { // f(g()) must be all of the arguments
		s.X = &ast.CallExpr{Fun: l.sel(Host, "Results", pos), Lparen: pos, Args: []ast.Expr{s.X}, Rparen: x.End()}
		return s
	}
	if b, ok := tv.Type.(*types.Basic); ok && tv.Value != nil && b.Info()&types.IsUntyped != 0 {
		s.X = &ast.CallExpr{Fun: l.typeExpr(types.Default(b)), Lparen: pos, Args: []ast.Expr{s.X}, Rparen: x.End()}
	}
	s.X = &ast.CallExpr{Fun: l.sel(Host, "Result", pos), Lparen: pos, Args: []ast.Expr{number(l.opt.Run, pos), s.X}, Rparen: x.End()}
	return s
}

// varStmt makes assignments of a var declaration.
func (l *lowerer) varStmt(g *ast.GenDecl) []ast.Stmt {
	var out []ast.Stmt
	for _, spec := range g.Specs {
		v := spec.(*ast.ValueSpec)
		pos := v.Pos()
		var lhs []ast.Expr
		for _, id := range v.Names {
			lhs = append(lhs, id)
		}
		rhs := v.Values
		var stmts []ast.Stmt
		if len(rhs) == 0 { // the zero value, also when run again
			for range lhs {
				l.temps++
				tmp := "__zero" + strconv.Itoa(l.temps)
				stmts = append(stmts, &ast.DeclStmt{Decl: &ast.GenDecl{TokPos: pos, Tok: token.VAR, Specs: []ast.Spec{
					&ast.ValueSpec{Names: []*ast.Ident{{Name: tmp, NamePos: pos}}, Type: v.Type},
				}}})
				rhs = append(rhs, &ast.Ident{Name: tmp, NamePos: pos})
			}
		} else if v.Type != nil && len(rhs) == len(lhs) { // the declared type decides
			for i, e := range rhs {
				if tv := l.Info.Types[e]; tv.Value != nil {
					rhs[i] = &ast.CallExpr{Fun: &ast.ParenExpr{X: v.Type, Lparen: e.Pos(), Rparen: e.Pos()}, Lparen: e.Pos(), Args: []ast.Expr{e}, Rparen: e.End()}
				}
			}
		}
		stmts = append(stmts, &ast.AssignStmt{Lhs: lhs, Tok: token.ASSIGN, TokPos: pos, Rhs: rhs})
		block := &ast.BlockStmt{Lbrace: pos, List: stmts, Rbrace: v.End()}
		l.rewrite(block)
		if len(stmts) == 1 {
			out = append(out, stmts[0])
		} else {
			out = append(out, block)
		}
	}
	return out
}

// rewriteRange makes a counting loop of a range over an integer, which the tier
// does not know.
func (l *lowerer) rewriteRange(c *astutil.Cursor, r *ast.RangeStmt) {
	tv := l.Info.Types[r.X]
	if tv.Type == nil {
		return
	}
	switch t := tv.Type.Underlying().(type) {
	case *types.Basic:
		if t.Info()&types.IsInteger != 0 {
			l.rangeInt(c, r, tv.Type)
		}
	case *types.Signature:
		l.fail(r.X.Pos(), "call the function with a func literal as its yield, or collect the values into a slice first", "range over a function is not supported by the interpreted tier")
	}
}

func (l *lowerer) rangeInt(c *astutil.Cursor, r *ast.RangeStmt, t types.Type) {
	if id, ok := r.Key.(*ast.Ident); ok && r.Tok == token.DEFINE {
		if o := l.Info.Defs[id]; o != nil {
			t = o.Type()
		}
	} else if r.Key != nil && r.Tok == token.ASSIGN {
		t = l.Info.TypeOf(r.Key)
	}
	l.temps++
	n := strconv.Itoa(l.temps)
	pos := r.Pos()
	l.pos = pos
	id := func(s string) *ast.Ident { return &ast.Ident{Name: s + n, NamePos: pos} }
	conv := func(e ast.Expr) ast.Expr {
		return &ast.CallExpr{Fun: l.typeExpr(types.Default(t)), Lparen: pos, Args: []ast.Expr{e}, Rparen: pos}
	}
	zero := &ast.BasicLit{ValuePos: pos, Kind: token.INT, Value: "0"}
	body := r.Body
	if k, ok := r.Key.(*ast.Ident); r.Key != nil && !(ok && k.Name == "_") {
		set := &ast.AssignStmt{Lhs: []ast.Expr{r.Key}, Tok: r.Tok, TokPos: pos, Rhs: []ast.Expr{id("__i")}}
		body = &ast.BlockStmt{Lbrace: body.Lbrace, List: append([]ast.Stmt{set}, body.List...), Rbrace: body.Rbrace}
	}
	c.Replace(&ast.ForStmt{
		For:  r.For,
		Init: &ast.AssignStmt{Lhs: []ast.Expr{id("__i"), id("__n")}, Tok: token.DEFINE, TokPos: pos, Rhs: []ast.Expr{conv(zero), conv(r.X)}},
		Cond: &ast.BinaryExpr{X: id("__i"), OpPos: pos, Op: token.LSS, Y: id("__n")},
		Post: &ast.IncDecStmt{X: id("__i"), TokPos: pos, Tok: token.INC},
		Body: body,
	})
}
