package lower

import (
	"go/ast"
	"go/token"
	"strconv"

	"golang.org/x/tools/go/ast/astutil"
)

// carry gives each turn of a three-clause loop its own copy of variables that the
// turn changes:
//
//	for __i1 := 0; __i1 < 3; __i1++ { i := __i1; body; __i1 = i }
//
// in which a continue hands the value on, too.
func (l *lowerer) carry(c *astutil.Cursor, f *ast.ForStmt, vars []*ast.Ident) {
	if len(vars) == 0 {
		return
	}
	label := ""
	if p, ok := c.Parent().(*ast.LabeledStmt); ok {
		label = p.Label.Name
	}
	var in, out []ast.Stmt
	for _, v := range vars {
		name := v.Name
		l.temps++
		turn := "__" + name + strconv.Itoa(l.temps)
		o := l.Info.Defs[v]
		for _, part := range []ast.Node{f.Init, f.Cond, f.Post} {
			if part == nil {
				continue
			}
			ast.Inspect(part, func(n ast.Node) bool {
				if id, ok := n.(*ast.Ident); ok && (l.Info.Uses[id] == o || id == v) {
					id.Name = turn
				}
				return true
			})
		}
		id := func(s string) []ast.Expr { return []ast.Expr{&ast.Ident{Name: s, NamePos: v.Pos()}} }
		in = append(in, &ast.AssignStmt{Lhs: id(name), TokPos: v.Pos(), Tok: token.DEFINE, Rhs: id(turn)})
		out = append(out, &ast.AssignStmt{Lhs: id(turn), TokPos: v.Pos(), Tok: token.ASSIGN, Rhs: id(name)})
	}
	body := &ast.BlockStmt{Lbrace: f.Body.Lbrace, List: f.Body.List, Rbrace: f.Body.Rbrace}
	handOn(body, label, out)
	f.Body.List = append(append(in, body), out...)
}

// handOn puts statements in front of what continues the loop that body is of.
func handOn(body *ast.BlockStmt, label string, out []ast.Stmt) {
	loops := 0
	astutil.Apply(body, func(c *astutil.Cursor) bool {
		switch x := c.Node().(type) {
		case *ast.FuncLit:
			return false
		case *ast.ForStmt, *ast.RangeStmt:
			loops++
		case *ast.BranchStmt:
			ours := x.Label == nil && loops == 0 || x.Label != nil && x.Label.Name == label
			if x.Tok == token.CONTINUE && ours {
				list := append(append([]ast.Stmt{}, out...), x)
				c.Replace(&ast.BlockStmt{Lbrace: x.Pos(), List: list, Rbrace: x.End()})
				return false
			}
		}
		return true
	}, func(c *astutil.Cursor) bool {
		switch c.Node().(type) {
		case *ast.ForStmt, *ast.RangeStmt:
			loops--
		}
		return true
	})
}
