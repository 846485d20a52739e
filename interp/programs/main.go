package programs

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
)

// separable says that each statement of main can be a cell of its own: what
// main declares may live as long as the program, and nothing in it is about the
// function itself.
func (p *parsed) separable(g *graph) bool {
	if ofFunction(g.main.Body) {
		return false
	}
	taken := p.importNames()
	for name := range g.names {
		taken = append(taken, name)
	}
	seen := map[string]bool{}
	for _, s := range g.main.Body.List {
		for _, id := range declares(s) {
			name := id.Name
			switch {
			case name == "_":
			case slices.Contains(taken, name) || types.Universe.Lookup(name) != nil:
				return false // hides what functions mean by that name
			case seen[name] && shared(g.main.Body, name):
				return false // the same variable, not another one
			}
			seen[name] = true
		}
	}
	return true
}

// ofFunction says that a body has a statement that is about its function.
func ofFunction(body *ast.BlockStmt) bool {
	found := false
	ast.Inspect(body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.LabeledStmt, *ast.DeferStmt, *ast.ReturnStmt:
			found = true
		case *ast.CallExpr:
			if id, ok := n.Fun.(*ast.Ident); ok && id.Name == "recover" {
				found = true
			}
		}
		return !found
	})
	return found
}

// declares lists the names that a statement declares in its block.
func declares(s ast.Stmt) (ids []*ast.Ident) {
	switch s := s.(type) {
	case *ast.AssignStmt:
		if s.Tok != token.DEFINE {
			break
		}
		for _, x := range s.Lhs {
			if id, ok := x.(*ast.Ident); ok {
				ids = append(ids, id)
			}
		}
	case *ast.DeclStmt:
		for _, spec := range s.Decl.(*ast.GenDecl).Specs {
			switch spec := spec.(type) {
			case *ast.ValueSpec:
				ids = append(ids, spec.Names...)
			case *ast.TypeSpec:
				ids = append(ids, spec.Name)
			}
		}
	}
	return ids
}

// shared says that something may hold on to the variable name: a function
// literal that names it, or its address.
func shared(body *ast.BlockStmt, name string) bool {
	found := false
	names := func(n ast.Node) {
		ast.Inspect(n, func(n ast.Node) bool {
			id, ok := n.(*ast.Ident)
			found = found || ok && id.Name == name
			return !found
		})
	}
	ast.Inspect(body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			names(n)
		case *ast.UnaryExpr:
			if n.Op == token.AND {
				names(n.X)
			}
		case *ast.SliceExpr:
			names(n.X)
		case *ast.CallExpr: // a method may have a pointer to it
			if f, ok := n.Fun.(*ast.SelectorExpr); ok {
				names(f.X)
			}
		}
		return !found
	})
	return found
}
