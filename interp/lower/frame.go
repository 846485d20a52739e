package lower

import (
	"go/ast"
	"go/token"
	"strconv"

	"golang.org/x/tools/go/ast/astutil"
)

// The tier keeps a function literal in a place of the frame that it is made in,
// and when the function has run puts back what was there before it, for which it
// locks the frame. So a goroutine that ends takes away the function that a loop
// has just made for the next one, and a deferred call of a literal of the same
// function waits for itself. A literal that is made in a frame of its own does
// neither.

// ownFrame makes []func() F{func() F { return lit }}[0]() of a function literal
// of type F. The slice keeps the tier from calling the outer function directly,
// which would show it the variables of later turns of a loop. With a token, the
// outer function has it as its parameter.
func (l *lowerer) ownFrame(lit *ast.FuncLit, token ast.Expr) *ast.CallExpr {
	pos := lit.Pos()
	l.pos = pos
	ft := &ast.FuncType{Func: pos, Params: &ast.FieldList{}, Results: &ast.FieldList{List: []*ast.Field{{Type: unnamed(lit.Type)}}}}
	call := &ast.CallExpr{Lparen: pos, Rparen: pos}
	if token != nil {
		ft.Params.List = []*ast.Field{{Names: []*ast.Ident{l.ident("__token")}, Type: l.ident("int")}}
		call.Args = []ast.Expr{token}
	}
	outer := &ast.FuncLit{
		Type: ft,
		Body: &ast.BlockStmt{Lbrace: pos, Rbrace: pos, List: []ast.Stmt{&ast.ReturnStmt{Return: pos, Results: []ast.Expr{lit}}}},
	}
	slice := &ast.CompositeLit{Type: &ast.ArrayType{Lbrack: pos, Elt: unnamed(ft)}, Lbrace: pos, Elts: []ast.Expr{outer}, Rbrace: pos}
	call.Fun = &ast.IndexExpr{X: slice, Lbrack: pos, Index: number(0, pos), Rbrack: pos}
	l.owned[call] = lit
	return call
}

// inLoop says that the node at hand is in a loop of its function.
func (l *lowerer) inLoop() bool { return len(l.loops) > 0 && l.loops[len(l.loops)-1] != nil }

// literalFrame puts a function literal into a frame of its own where it needs one. It
// does without where it is called at once.
func (l *lowerer) literalFrame(c *astutil.Cursor, lit *ast.FuncLit) {
	if call, isCall := c.Parent().(*ast.CallExpr); isCall && call.Fun == lit {
		return
	}
	if l.inLoop() || l.defers() {
		c.Replace(l.ownFrame(lit, nil))
	}
}

// defers says that the function at hand has deferred calls.
func (l *lowerer) defers() (found bool) {
	body := l.Body
	if n := len(l.bodies); n > 0 {
		body = l.bodies[n-1]
	}
	ast.Inspect(body, func(n ast.Node) bool {
		_, isDefer := n.(*ast.DeferStmt)
		_, isLit := n.(*ast.FuncLit)
		found = found || isDefer
		return !found && !isLit
	})
	return found
}

// goFrame gives the function of a go statement a variable of its own: the tier
// looks it up only in the goroutine, when a loop may have made the next one.
func (l *lowerer) goFrame(c *astutil.Cursor, g *ast.GoStmt) {
	lit, ok := g.Call.Fun.(*ast.FuncLit)
	if !ok || !l.inLoop() {
		return
	}
	l.temps++
	name := "__go" + strconv.Itoa(l.temps)
	l.pos = g.Pos()
	take := &ast.AssignStmt{Lhs: []ast.Expr{l.ident(name)}, TokPos: l.pos, Tok: token.DEFINE, Rhs: []ast.Expr{l.ownFrame(lit, nil)}}
	g.Call.Fun = l.ident(name)
	if c.Index() >= 0 {
		c.InsertBefore(take)
		return
	}
	c.Replace(&ast.BlockStmt{Lbrace: l.pos, Rbrace: l.pos, List: []ast.Stmt{take, g}})
}
