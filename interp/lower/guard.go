package lower

import (
	"go/ast"
	"go/token"
	"go/types"
	"strconv"
)

// A panic in a goroutine ends a Go program. In a notebook it ends the cell that
// started the goroutine: the go statement's function gets a guard,
//
//	defer func() { if r := recover(); r != nil { host.Guarded(run, mark, r) } }()
//
// guard puts it in, and an account of the goroutine's end: the token that
// host.Started gives before it starts goes to host.Ended. Function and arguments
// are evaluated where they stand.
func (l *lowerer) guard(g *ast.GoStmt) {
	pos := g.Pos()
	l.pos = pos
	param := &ast.Field{Names: []*ast.Ident{l.ident("__token")}, Type: l.ident("int")}
	started := &ast.CallExpr{Fun: l.sel(Host, "Started", pos), Lparen: pos, Rparen: pos}
	if lit, ok := ast.Unparen(g.Call.Fun).(*ast.FuncLit); ok {
		lit.Body.List = append([]ast.Stmt{l.ended(l.ident("__token")), l.recovery(pos)}, lit.Body.List...)
		lit.Type.Params.List = append([]*ast.Field{param}, lit.Type.Params.List...)
		for _, f := range lit.Type.Params.List {
			if len(f.Names) == 0 {
				f.Names = []*ast.Ident{l.ident("_")}
			}
		}
		g.Call.Args = append([]ast.Expr{started}, g.Call.Args...)
		return
	}
	sig, ok := l.Info.TypeOf(g.Call.Fun).(*types.Signature)
	if !ok || g.Call.Ellipsis.IsValid() || len(g.Call.Args) == 1 && sig.Params().Len() > 1 {
		return
	}
	params := &ast.FieldList{Opening: pos, Closing: pos, List: []*ast.Field{param, {Names: []*ast.Ident{l.ident("__f")}, Type: l.typeExpr(sig)}}}
	inner := &ast.CallExpr{Fun: l.ident("__f"), Lparen: pos, Rparen: pos}
	for n := range g.Call.Args {
		t := sig.Params().At(min(n, sig.Params().Len()-1)).Type()
		if sig.Variadic() && n >= sig.Params().Len()-1 {
			t = t.(*types.Slice).Elem()
		}
		name := "__a" + strconv.Itoa(n)
		params.List = append(params.List, &ast.Field{Names: []*ast.Ident{l.ident(name)}, Type: l.typeExpr(t)})
		inner.Args = append(inner.Args, l.ident(name))
	}
	g.Call = &ast.CallExpr{
		Fun: &ast.FuncLit{
			Type: &ast.FuncType{Func: pos, Params: params},
			Body: &ast.BlockStmt{Lbrace: pos, Rbrace: pos, List: []ast.Stmt{l.ended(l.ident("__token")), l.recovery(pos), &ast.ExprStmt{X: inner}}},
		},
		Lparen: pos, Rparen: pos,
		Args: append([]ast.Expr{started, g.Call.Fun}, g.Call.Args...),
	}
}

func (l *lowerer) recovery(pos token.Pos) ast.Stmt {
	l.pos = pos
	l.marks = append(l.marks, pos)
	mark := len(l.marks) - 1
	r := "__recovered"
	report := &ast.CallExpr{Fun: l.sel(Host, "Guarded", pos), Lparen: pos, Rparen: pos, Args: []ast.Expr{number(l.opt.Run, pos), number(mark, pos), l.ident(r)}}
	check := &ast.IfStmt{
		If:   pos,
		Init: &ast.AssignStmt{Lhs: []ast.Expr{l.ident(r)}, Tok: token.DEFINE, TokPos: pos, Rhs: []ast.Expr{&ast.CallExpr{Fun: l.ident("recover"), Lparen: pos, Rparen: pos}}},
		Cond: &ast.BinaryExpr{X: l.ident(r), OpPos: pos, Op: token.NEQ, Y: l.ident("nil")},
		Body: &ast.BlockStmt{Lbrace: pos, Rbrace: pos, List: []ast.Stmt{&ast.ExprStmt{X: report}}},
	}
	lit := &ast.FuncLit{Type: &ast.FuncType{Func: pos, Params: &ast.FieldList{}}, Body: &ast.BlockStmt{Lbrace: pos, Rbrace: pos, List: []ast.Stmt{check}}}
	return &ast.DeferStmt{Defer: pos, Call: &ast.CallExpr{Fun: lit, Lparen: pos, Rparen: pos}}
}

// ended is defer host.Ended(token): called directly, it runs in stopped code too.
func (l *lowerer) ended(token ast.Expr) ast.Stmt {
	return &ast.DeferStmt{Defer: l.pos, Call: &ast.CallExpr{Fun: l.sel(Host, "Ended", l.pos), Lparen: l.pos, Args: []ast.Expr{token}, Rparen: l.pos}}
}
