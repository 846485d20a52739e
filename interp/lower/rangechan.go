package lower

import (
	"go/ast"
	"go/token"
	"strconv"

	"golang.org/x/tools/go/ast/astutil"
)

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
