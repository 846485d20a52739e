package lower

import (
	"go/ast"
	"go/token"
	"strconv"

	"golang.org/x/tools/go/ast/astutil"
)

// rangeChan makes for __c := ch; ; { v, __ok := <-__c; if !__ok { break }; body } of a
// range over a channel, of which the tier knows only some.
func (l *lowerer) rangeChan(c *astutil.Cursor, r *ast.RangeStmt) {
	l.temps++
	n := strconv.Itoa(l.temps)
	l.pos = r.Pos()
	ch, ok, value := "__c"+n, "__ok"+n, "__v"+n
	var first []ast.Stmt
	key, isIdent := r.Key.(*ast.Ident)
	switch {
	case r.Key == nil || isIdent && key.Name == "_":
		value = "_"
	case r.Tok == token.DEFINE:
		value = key.Name
	default:
		first = append(first, &ast.AssignStmt{Lhs: []ast.Expr{r.Key}, TokPos: l.pos, Tok: token.ASSIGN, Rhs: []ast.Expr{l.ident(value)}})
	}
	take := &ast.AssignStmt{
		Lhs: []ast.Expr{l.ident(value), l.ident(ok)}, TokPos: l.pos, Tok: token.DEFINE,
		Rhs: []ast.Expr{&ast.UnaryExpr{OpPos: l.pos, Op: token.ARROW, X: l.ident(ch)}},
	}
	end := &ast.IfStmt{
		If: l.pos, Cond: &ast.UnaryExpr{OpPos: l.pos, Op: token.NOT, X: l.ident(ok)},
		Body: &ast.BlockStmt{Lbrace: l.pos, Rbrace: l.pos, List: []ast.Stmt{&ast.BranchStmt{TokPos: l.pos, Tok: token.BREAK}}},
	}
	c.Replace(&ast.ForStmt{
		For:  r.For,
		Init: &ast.AssignStmt{Lhs: []ast.Expr{l.ident(ch)}, TokPos: l.pos, Tok: token.DEFINE, Rhs: []ast.Expr{r.X}},
		Body: &ast.BlockStmt{Lbrace: r.Body.Lbrace, Rbrace: r.Body.Rbrace, List: append(append([]ast.Stmt{take, end}, first...), r.Body.List...)},
	})
}

// rangeChannels makes for __s, __i := chs, 0; __i < len(__s); __i++ { i, c := __i, __s[__i]; body }
// of a range over a slice of channels, which the tier takes for one over a channel.
func (l *lowerer) rangeChannels(c *astutil.Cursor, r *ast.RangeStmt) {
	l.temps++
	l.pos = r.Pos()
	s, i := "__s"+strconv.Itoa(l.temps), "__i"+strconv.Itoa(l.temps)
	var first []ast.Stmt
	take := func(to ast.Expr, x ast.Expr) {
		if id, ok := to.(*ast.Ident); ok && id.Name != "_" {
			first = append(first, &ast.AssignStmt{Lhs: []ast.Expr{id}, TokPos: l.pos, Tok: token.DEFINE, Rhs: []ast.Expr{x}})
		}
	}
	take(r.Key, l.ident(i))
	take(r.Value, &ast.IndexExpr{X: l.ident(s), Lbrack: l.pos, Index: l.ident(i), Rbrack: l.pos})
	c.Replace(&ast.ForStmt{
		For:  r.For,
		Init: &ast.AssignStmt{Lhs: []ast.Expr{l.ident(s), l.ident(i)}, TokPos: l.pos, Tok: token.DEFINE, Rhs: []ast.Expr{r.X, l.computedInt(0)}},
		Cond: &ast.BinaryExpr{X: l.ident(i), OpPos: l.pos, Op: token.LSS, Y: &ast.CallExpr{Fun: l.ident("len"), Lparen: l.pos, Args: []ast.Expr{l.ident(s)}, Rparen: l.pos}},
		Post: &ast.IncDecStmt{X: l.ident(i), TokPos: l.pos, Tok: token.INC},
		Body: &ast.BlockStmt{Lbrace: r.Body.Lbrace, Rbrace: r.Body.Rbrace, List: append(first, r.Body.List...)},
	})
}

// computedInt is len(make([]int, n)), which the tier does not take for a constant.
func (l *lowerer) computedInt(n int) ast.Expr {
	list := &ast.CallExpr{Fun: l.ident("make"), Lparen: l.pos, Args: []ast.Expr{&ast.ArrayType{Lbrack: l.pos, Elt: l.ident("int")}, number(n, l.pos)}, Rparen: l.pos}
	return &ast.CallExpr{Fun: l.ident("len"), Lparen: l.pos, Args: []ast.Expr{list}, Rparen: l.pos}
}
