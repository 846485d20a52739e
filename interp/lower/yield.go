package lower

import (
	"go/ast"
	"go/token"
	"strconv"
)

// What leaves the body of a range over a function: returns, jumps to outer labels,
// and deferred calls, which run when the function ends that the loop is in.

// declarations are those of the variables that such a statement in the body sets.
func (y *yielder) declarations() []ast.Stmt {
	var list []ast.Stmt
	y.lowerer.pos = y.pos
	set := func(name string, value ast.Expr) {
		list = append(list, &ast.AssignStmt{Lhs: []ast.Expr{y.ident(name)}, TokPos: y.pos, Tok: token.DEFINE, Rhs: []ast.Expr{value}})
	}
	if len(y.leaps) > 0 {
		set("__leap"+y.n, number(0, y.pos))
	}
	if y.defers {
		set("__later"+y.n, &ast.CompositeLit{Type: &ast.ArrayType{Lbrack: y.pos, Elt: y.plain()}, Lbrace: y.pos, Rbrace: y.pos})
		list = append(list, y.runLater())
	}
	if !y.returns {
		return list
	}
	set("__ended"+y.n, y.ident("false"))
	for n, v := range y.results {
		t := y.typeExpr(y.function().At(n).Type())
		list = append(list, &ast.DeclStmt{Decl: &ast.GenDecl{TokPos: y.pos, Tok: token.VAR, Specs: []ast.Spec{&ast.ValueSpec{Names: []*ast.Ident{y.ident(v)}, Type: t}}}})
	}
	return list
}

// plain is func().
func (y *yielder) plain() *ast.FuncType { return &ast.FuncType{Func: y.pos, Params: &ast.FieldList{}} }

// leap notes where to jump behind the loop, and ends it.
func (y *yielder) leap(b *ast.BranchStmt) ast.Stmt {
	y.lowerer.pos = b.Pos()
	y.leaps = append(y.leaps, b)
	return &ast.BlockStmt{Lbrace: b.Pos(), Rbrace: b.End(), List: []ast.Stmt{
		&ast.AssignStmt{Lhs: []ast.Expr{y.ident("__leap" + y.n)}, TokPos: b.Pos(), Tok: token.ASSIGN, Rhs: []ast.Expr{number(len(y.leaps), b.Pos())}},
		y.yields("false"),
	}}
}

// later keeps a deferred call for runLater.
func (y *yielder) later(d *ast.DeferStmt) ast.Stmt {
	y.lowerer.pos = d.Pos()
	y.defers = true
	list := "__later" + y.n
	lit := &ast.FuncLit{Type: y.plain(), Body: &ast.BlockStmt{Lbrace: d.Pos(), Rbrace: d.End(), List: []ast.Stmt{&ast.ExprStmt{X: d.Call}}}}
	add := &ast.CallExpr{Fun: y.ident("append"), Lparen: d.Pos(), Args: []ast.Expr{y.ident(list), y.ownFrame(lit, nil)}, Rparen: d.End()}
	return &ast.AssignStmt{Lhs: []ast.Expr{y.ident(list)}, TokPos: d.Pos(), Tok: token.ASSIGN, Rhs: []ast.Expr{add}}
}

// runLater is defer func() { for n := len(later) - 1; n >= 0; n-- { later[n]() } }().
func (y *yielder) runLater() ast.Stmt {
	list, n := "__later"+y.n, "__n"+y.n
	call := &ast.CallExpr{Fun: &ast.IndexExpr{X: y.ident(list), Lbrack: y.pos, Index: y.ident(n), Rbrack: y.pos}, Lparen: y.pos, Rparen: y.pos}
	last := &ast.BinaryExpr{X: &ast.CallExpr{Fun: y.ident("len"), Lparen: y.pos, Args: []ast.Expr{y.ident(list)}, Rparen: y.pos}, OpPos: y.pos, Op: token.SUB, Y: number(1, y.pos)}
	loop := &ast.ForStmt{
		For:  y.pos,
		Init: &ast.AssignStmt{Lhs: []ast.Expr{y.ident(n)}, TokPos: y.pos, Tok: token.DEFINE, Rhs: []ast.Expr{last}},
		Cond: &ast.BinaryExpr{X: y.ident(n), OpPos: y.pos, Op: token.GEQ, Y: number(0, y.pos)},
		Post: &ast.IncDecStmt{X: y.ident(n), TokPos: y.pos, Tok: token.DEC},
		Body: &ast.BlockStmt{Lbrace: y.pos, Rbrace: y.pos, List: []ast.Stmt{&ast.ExprStmt{X: call}}},
	}
	lit := &ast.FuncLit{Type: y.plain(), Body: &ast.BlockStmt{Lbrace: y.pos, Rbrace: y.pos, List: []ast.Stmt{loop}}}
	return &ast.DeferStmt{Defer: y.pos, Call: &ast.CallExpr{Fun: lit, Lparen: y.pos, Rparen: y.pos}}
}

// keep makes a block of a return: its values are kept, and the loop ends.
func (y *yielder) keep(r *ast.ReturnStmt) ast.Stmt {
	y.returns = true
	y.lowerer.pos = r.Pos()
	b := &ast.BlockStmt{Lbrace: r.Pos(), Rbrace: r.End()}
	if len(r.Results) > 0 {
		y.results = nil
		var lhs []ast.Expr
		for n := range y.function().Len() {
			v := "__r" + y.n + "_" + strconv.Itoa(n)
			y.results = append(y.results, v)
			lhs = append(lhs, y.ident(v))
		}
		if len(lhs) != len(r.Results) {
			b.List = append(b.List, &ast.AssignStmt{Lhs: lhs, TokPos: r.Pos(), Tok: token.ASSIGN, Rhs: r.Results})
		} else {
			for n := range lhs {
				b.List = append(b.List, &ast.AssignStmt{Lhs: lhs[n : n+1], TokPos: r.Pos(), Tok: token.ASSIGN, Rhs: r.Results[n : n+1]})
			}
		}
	}
	b.List = append(b.List, &ast.AssignStmt{Lhs: []ast.Expr{y.ident("__ended" + y.n)}, TokPos: r.Pos(), Tok: token.ASSIGN, Rhs: []ast.Expr{y.ident("true")}}, y.yields("false"))
	return b
}
