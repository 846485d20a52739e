package check

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
)

// A program, a cell with a package clause, has package-level variables: they may
// be used before they are declared, and are set in the order of their
// dependencies. In every other cell a var declaration is a statement.

// globalVars moves the var declarations of a program's body to its declarations.
func (c *checker) globalVars() {
	if c.unit.Body == nil || !c.unit.Main && !c.onlyVars(c.unit.Body) {
		return
	}
	var rest []ast.Stmt
	for _, s := range c.unit.Body.List {
		d, ok := s.(*ast.DeclStmt)
		g, isGen := (*ast.GenDecl)(nil), false
		if ok {
			g, isGen = d.Decl.(*ast.GenDecl)
		}
		if !isGen || g.Tok != token.VAR {
			rest = append(rest, s)
			continue
		}
		c.unit.GlobalDecls = append(c.unit.GlobalDecls, g)
	}
	c.unit.Body.List = rest
}

// onlyVars says that a cell has no statements but var declarations, of which none
// stands for an earlier variable of its own name, as x = x + 1 does: then they are
// as a package's. Nor has it magics, whose types follow from statements.
func (c *checker) onlyVars(b *ast.BlockStmt) bool {
	specs := 0
	for _, s := range b.List {
		d, ok := s.(*ast.DeclStmt)
		if !ok {
			return false
		}
		g, ok := d.Decl.(*ast.GenDecl)
		if !ok || g.Tok != token.VAR {
			return false
		}
		for _, spec := range g.Specs {
			specs++
			s := spec.(*ast.ValueSpec)
			for _, v := range s.Values {
				if slices.ContainsFunc(c.in.Calls, func(call Call) bool { return mentions(v, call.Name) }) {
					return false
				}
			}
			for _, n := range s.Names {
				for _, v := range s.Values {
					if mentions(v, n.Name) {
						return false
					}
				}
			}
		}
	}
	return specs > 1
}

// mentions says that an expression uses a name, and not for a field or a key.
func mentions(e ast.Expr, name string) (found bool) {
	ast.Inspect(e, func(n ast.Node) bool {
		switch x := n.(type) {
		case *ast.SelectorExpr:
			found = found || mentions(x.X, name)
			return false
		case *ast.KeyValueExpr:
			if _, isName := x.Key.(*ast.Ident); isName {
				found = found || mentions(x.Value, name)
				return false
			}
		case *ast.FuncLit, *ast.StructType:
			return false
		case *ast.Ident:
			found = found || x.Name == name
		}
		return !found
	})
	return found
}

// globals notes the program's variables, and the order in which they are set.
func (c *checker) globals() {
	c.unit.Globals = nil
	for _, g := range c.unit.GlobalDecls {
		for _, s := range g.Specs {
			for _, id := range s.(*ast.ValueSpec).Names {
				if v, ok := c.unit.Info.Defs[id].(*types.Var); ok && id.Name != "_" {
					c.unit.Locals = append(c.unit.Locals, v)
				}
			}
		}
	}
	c.unit.Globals = c.unit.Info.InitOrder
}

// GlobalStmts are statements that do what the program's variable declarations do.
func (u *Unit) GlobalStmts() []ast.Stmt {
	var list []ast.Stmt
	at := map[*types.Var]*ast.Ident{}
	for id, o := range u.Info.Defs {
		if v, ok := o.(*types.Var); ok {
			at[v] = id
		}
	}
	for _, init := range u.Globals {
		s := &ast.AssignStmt{Tok: token.ASSIGN, TokPos: init.Rhs.Pos(), Rhs: []ast.Expr{init.Rhs}}
		for _, v := range init.Lhs {
			id := &ast.Ident{Name: v.Name(), NamePos: init.Rhs.Pos()}
			if def := at[v]; def != nil {
				id.NamePos = def.Pos()
			}
			if v.Name() != "_" {
				u.Info.Uses[id] = v
				u.Info.Types[id] = types.TypeAndValue{Type: v.Type()}
			}
			s.Lhs = append(s.Lhs, id)
		}
		list = append(list, s)
	}
	return list
}
