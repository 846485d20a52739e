package lower

import (
	"go/ast"
	"go/token"
	"go/types"

	"github.com/adabc437/fanout/interp/check"
)

// statements lowers the cell's statements: declarations of variables become
// assignments to the session's, and the last expression is shown.
func (l *lowerer) statements() {
	for i, s := range l.Body.List {
		if i == l.initsAt {
			l.body = append(l.body, l.initCall...)
			l.initCall = nil
		}
		l.pos = s.Pos()
		n := len(l.marks)
		l.marks = append(l.marks, l.pos)
		if s.Pos().IsValid() {
			at := &ast.CallExpr{Fun: l.sel(Host, "At", l.pos), Lparen: l.pos, Args: []ast.Expr{number(l.opt.Run, l.pos), number(n, l.pos)}, Rparen: l.pos}
			l.body = append(l.body, &ast.ExprStmt{X: at})
		}
		l.body = append(l.body, l.statement(s)...)
	}
	l.body = append(l.body, l.initCall...)
}

func (l *lowerer) statement(s ast.Stmt) []ast.Stmt {
	switch s := s.(type) {
	case *ast.LabeledStmt:
		switch s.Stmt.(type) {
		case *ast.AssignStmt, *ast.DeclStmt, *ast.ExprStmt:
			list := l.statement(s.Stmt)
			s.Stmt = list[0]
			return append([]ast.Stmt{s}, list[1:]...)
		}
	case *ast.AssignStmt:
		holder := &ast.BlockStmt{Lbrace: s.Pos(), List: []ast.Stmt{s}, Rbrace: s.End()}
		l.rewrite(holder)
		if s.Tok == token.DEFINE {
			s.Tok = token.ASSIGN
		}
		return holder.List
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
	if call, ok := s.X.(*ast.CallExpr); ok && isValues(call) {
		return l.showSeveral(s, call)
	}
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

func isValues(call *ast.CallExpr) bool {
	id, ok := call.Fun.(*ast.Ident)
	return ok && id.Name == check.ValuesCall
}

// showSeveral passes the values of a, b on to the session.
func (l *lowerer) showSeveral(s *ast.ExprStmt, call *ast.CallExpr) ast.Stmt {
	constant := make([]types.Type, len(call.Args))
	for n, a := range call.Args {
		if tv := l.Info.Types[a]; tv.Value != nil {
			constant[n] = types.Default(tv.Type)
		}
		call.Args[n] = l.withMethods(a)
	}
	for n := range call.Args {
		holder := &ast.ExprStmt{X: call.Args[n]}
		l.rewrite(holder)
		call.Args[n] = holder.X
		if constant[n] != nil {
			l.pos = call.Pos()
			call.Args[n] = &ast.CallExpr{Fun: l.typeExpr(constant[n]), Lparen: call.Pos(), Args: []ast.Expr{call.Args[n]}, Rparen: call.End()}
		}
	}
	call.Fun = l.sel(Host, "Results", call.Pos())
	return s
}
