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
// host.Started gives before it starts goes to host.Begun and host.Ended. Function and arguments
// are evaluated where they stand.
func (l *lowerer) guard(g *ast.GoStmt, sig *types.Signature) {
	pos := g.Pos()
	l.pos = pos
	param := &ast.Field{Names: []*ast.Ident{l.ident("__token")}, Type: l.ident("int")}
	if lit, ok := ast.Unparen(g.Call.Fun).(*ast.FuncLit); ok {
		lit.Body.List = append([]ast.Stmt{l.ended(l.begun(l.ident("__token"))), l.recovery(pos)}, lit.Body.List...)
		lit.Type.Params.List = append([]*ast.Field{param}, lit.Type.Params.List...)
		for _, f := range lit.Type.Params.List {
			if len(f.Names) == 0 {
				f.Names = []*ast.Ident{l.ident("_")}
			}
		}
		g.Call.Args = append([]ast.Expr{l.started()}, g.Call.Args...)
		return
	}
	params := []*ast.Field{param}
	inner, args := g.Call, []ast.Expr{l.started()}
	if sig != nil { // or the call is evaluated in the goroutine
		params = append(params, &ast.Field{Names: []*ast.Ident{l.ident("__f")}, Type: l.typeExpr(sig)})
		inner = &ast.CallExpr{Fun: l.ident("__f"), Lparen: pos, Ellipsis: g.Call.Ellipsis, Rparen: pos}
		args = append(append(args, g.Call.Fun), g.Call.Args...)
		for n := range g.Call.Args {
			t := sig.Params().At(min(n, sig.Params().Len()-1)).Type()
			if sig.Variadic() && n >= sig.Params().Len()-1 && !g.Call.Ellipsis.IsValid() {
				t = t.(*types.Slice).Elem()
			}
			name := "__a" + strconv.Itoa(n)
			params = append(params, &ast.Field{Names: []*ast.Ident{l.ident(name)}, Type: l.typeExpr(t)})
			inner.Args = append(inner.Args, l.ident(name))
		}
	}
	g.Call = &ast.CallExpr{
		Fun: &ast.FuncLit{
			Type: &ast.FuncType{Func: pos, Params: &ast.FieldList{Opening: pos, List: params, Closing: pos}},
			Body: &ast.BlockStmt{Lbrace: pos, Rbrace: pos, List: []ast.Stmt{l.ended(l.begun(l.ident("__token"))), l.recovery(pos), &ast.ExprStmt{X: inner}}},
		},
		Lparen: pos, Rparen: pos,
		Args: args,
	}
}

func (l *lowerer) started() ast.Expr {
	return &ast.CallExpr{Fun: l.sel(Host, "Started", l.pos), Lparen: l.pos, Rparen: l.pos}
}

// guarded is the type of the function that a go statement calls, if it can be
// called with the arguments one by one.
func (l *lowerer) guarded(g *ast.GoStmt) *types.Signature {
	sig, ok := l.Info.TypeOf(g.Call.Fun).(*types.Signature)
	if !ok || sig.TypeParams().Len() > 0 {
		return nil
	}
	if len(g.Call.Args) == 1 {
		if _, isTuple := l.Info.TypeOf(g.Call.Args[0]).(*types.Tuple); isTuple {
			return nil
		}
	}
	if id, isIdent := ast.Unparen(g.Call.Fun).(*ast.Ident); isIdent {
		if _, isBuiltin := l.Info.Uses[id].(*types.Builtin); isBuiltin {
			return nil
		}
	}
	return sig
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

// begun is host.Begun(token), which gives the token back.
func (l *lowerer) begun(token ast.Expr) ast.Expr {
	return &ast.CallExpr{Fun: l.sel(Host, "Begun", l.pos), Lparen: l.pos, Args: []ast.Expr{token}, Rparen: l.pos}
}

// starters are functions that call their last argument in a goroutine. The value
// says that they start it at once.
var starters = map[string]bool{"(*sync.WaitGroup).Go": true, "time.AfterFunc": false, "context.AfterFunc": false}

// guardStarted gives the function that such a call starts a guard.
func (l *lowerer) guardStarted(call *ast.CallExpr) {
	s, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
	if !ok || len(call.Args) == 0 {
		return
	}
	f, ok := l.Info.Uses[s.Sel].(*types.Func)
	if !ok {
		return
	}
	atOnce, ok := starters[f.FullName()]
	if !ok {
		return
	}
	l.pos = call.Pos()
	last := &call.Args[len(call.Args)-1]
	lit, ok := ast.Unparen(*last).(*ast.FuncLit)
	if owned := l.owned[*last]; owned != nil {
		lit, ok = owned, true
	}
	if !ok {
		lit = &ast.FuncLit{
			Type: &ast.FuncType{Func: l.pos, Params: &ast.FieldList{}},
			Body: &ast.BlockStmt{Lbrace: l.pos, Rbrace: l.pos, List: []ast.Stmt{&ast.ExprStmt{X: &ast.CallExpr{Fun: *last, Lparen: l.pos, Rparen: l.pos}}}},
		}
	}
	tok := l.ident("__token")
	lit.Body.List = append([]ast.Stmt{l.ended(l.begun(tok)), l.recovery(l.pos)}, lit.Body.List...)
	if atOnce {
		*last = l.ownFrame(lit, l.started())
		return
	}
	take := &ast.AssignStmt{Lhs: []ast.Expr{tok}, TokPos: l.pos, Tok: token.DEFINE, Rhs: []ast.Expr{l.started()}}
	lit.Body.List = append([]ast.Stmt{take}, lit.Body.List...)
	if !ok {
		*last = l.ownFrame(lit, nil)
	}
}
