package lower

import (
	"go/ast"
	"go/token"
	"go/types"
)

// panicValue lets the value of a panic go along with its type.
func (l *lowerer) panicValue(call *ast.CallExpr) func(ast.Expr) ast.Expr {
	if !l.isBuiltin(call.Fun, "panic") || len(call.Args) != 1 || l.opt.Shape == nil {
		return nil
	}
	tv := l.Info.Types[call.Args[0]]
	switch {
	case tv.IsNil():
		return func(e ast.Expr) ast.Expr {
			return &ast.CallExpr{Fun: l.sel(Host, "PanicNil", e.Pos()), Lparen: e.Pos(), Rparen: e.Pos()}
		}
	case isInterface(tv.Type):
		return func(e ast.Expr) ast.Expr {
			l.pos = e.Pos()
			return &ast.CallExpr{Fun: l.sel(Host, "PanicIn", l.pos), Lparen: l.pos, Args: []ast.Expr{l.inSlice(e, tv.Type)}, Rparen: l.pos}
		}
	case ofSession(tv.Type):
		id := l.opt.Shape(l.shape(tv.Type))
		return func(e ast.Expr) ast.Expr {
			return &ast.CallExpr{Fun: l.sel(Host, "Panic", e.Pos()), Lparen: e.Pos(), Args: []ast.Expr{number(id, e.Pos()), e}, Rparen: e.Pos()}
		}
	}
	return nil
}

func (l *lowerer) isBuiltin(e ast.Expr, name string) bool {
	id, ok := ast.Unparen(e).(*ast.Ident)
	if !ok || id.Name != name {
		return false
	}
	_, ok = l.Info.Uses[id].(*types.Builtin)
	return ok
}

// newValue makes func() *T { p := new(T); *p = x; return p }() of new(x).
func (l *lowerer) newValue(call *ast.CallExpr) func(ast.Expr) ast.Expr {
	if !l.isBuiltin(call.Fun, "new") || len(call.Args) != 1 || l.Info.Types[call.Args[0]].IsType() {
		return nil
	}
	p, ok := l.Info.TypeOf(call).(*types.Pointer)
	if !ok {
		return nil
	}
	return func(e ast.Expr) ast.Expr {
		l.pos = e.Pos()
		name := l.temp()
		return &ast.CallExpr{
			Fun: &ast.FuncLit{
				Type: &ast.FuncType{Func: l.pos, Params: &ast.FieldList{}, Results: &ast.FieldList{List: []*ast.Field{{Type: l.typeExpr(p)}}}},
				Body: &ast.BlockStmt{Lbrace: l.pos, Rbrace: l.pos, List: []ast.Stmt{
					&ast.AssignStmt{Lhs: []ast.Expr{l.ident(name)}, TokPos: l.pos, Tok: token.DEFINE, Rhs: []ast.Expr{
						&ast.CallExpr{Fun: l.ident("new"), Lparen: l.pos, Args: []ast.Expr{l.typeExpr(p.Elem())}, Rparen: l.pos},
					}},
					&ast.AssignStmt{Lhs: []ast.Expr{&ast.StarExpr{Star: l.pos, X: l.ident(name)}}, TokPos: l.pos, Tok: token.ASSIGN, Rhs: []ast.Expr{e}},
					&ast.ReturnStmt{Return: l.pos, Results: []ast.Expr{l.ident(name)}},
				}},
			},
			Lparen: l.pos, Rparen: l.pos,
		}
	}
}

// shiftCount says that a shift may be by a negative number, which panics.
func (l *lowerer) shiftCount(op token.Token, y ast.Expr) bool {
	tv := l.Info.Types[y]
	if op != token.SHL && op != token.SHR && op != token.SHL_ASSIGN && op != token.SHR_ASSIGN || tv.Type == nil || tv.Value != nil {
		return false
	}
	b, ok := tv.Type.Underlying().(*types.Basic)
	return ok && b.Info()&types.IsInteger != 0 && b.Info()&types.IsUnsigned == 0
}

func (l *lowerer) checkedShift(y ast.Expr) ast.Expr {
	pos := y.Pos()
	return &ast.CallExpr{Fun: l.sel(Host, "Shift", pos), Lparen: pos, Rparen: pos, Args: []ast.Expr{
		&ast.CallExpr{Fun: &ast.Ident{Name: "int", NamePos: pos}, Lparen: pos, Args: []ast.Expr{y}, Rparen: pos},
	}}
}
