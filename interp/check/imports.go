package check

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"github.com/adabc437/fanout/interp/cell"
	"github.com/adabc437/fanout/interp/session"
)

// importAll reads the cell's import declarations.
func (c *checker) importAll() bool {
	for _, ch := range c.in.Chunks {
		if ch.Kind != cell.Import {
			continue
		}
		src := "package main\n" + fmt.Sprintf("/*line %s:%d:%d*/%s\n", ch.File, ch.Line, ch.Col, ch.Text)
		f, err := parser.ParseFile(c.Fset, c.in.File, src, parser.ImportsOnly)
		for _, e := range cell.Parsed(err) {
			c.errs = append(c.errs, c.diagnose(session.SyntaxError, e.Pos, e.Msg))
		}
		if f == nil || err != nil {
			continue
		}
		for _, spec := range f.Imports {
			c.importSpec(spec)
		}
	}
	c.unit.Imports, c.unit.Dots = c.imports, c.dots
	return len(c.errs) == 0
}

func (c *checker) importSpec(spec *ast.ImportSpec) {
	p := strings.Trim(spec.Path.Value, "`\"")
	pkg, err := c.Importer.Import(p)
	if err != nil {
		d := c.diagnose(session.TypeError, c.Fset.Position(spec.Path.Pos()), err.Error())
		var paths []string
		for _, q := range c.Packages {
			paths = append(paths, q)
		}
		if best := Closest(p, paths); best != "" {
			d.Hint = fmt.Sprintf("did you mean %q?", best)
		}
		c.errs = append(c.errs, d)
		return
	}
	name := pkg.Name()
	if spec.Name != nil {
		name = spec.Name.Name
	}
	switch name {
	case "_":
	case ".":
		c.dots = append(c.dots, p)
	default:
		c.imports[name] = p
	}
}

// packages are the names that stand for packages in this cell.
func (c *checker) packages() map[string]string {
	if c.known == nil {
		c.known = map[string]string{}
		for _, m := range []map[string]string{c.Packages, c.scope.imports, c.imports} {
			for name, p := range m {
				c.known[name] = p
			}
		}
	}
	return c.known
}

// newPackage makes the package that the cell is checked as, filled with the
// session's objects but those named in leave.
func (c *checker) newPackage(leave map[string]bool) *types.Package {
	pkg := types.NewPackage("main", "main")
	for name, e := range c.scope.entities {
		if !leave[name] && !strings.Contains(name, ".") && c.imports[name] == "" {
			pkg.Scope().Insert(e.Obj)
		}
	}
	known := c.packages()
	for name := range selected(c.file, c.unit.GlobalDecls) {
		p, ok := known[name]
		if !ok || leave[name] || pkg.Scope().Lookup(name) != nil && c.imports[name] == "" {
			continue
		}
		if imported, err := c.Importer.Import(p); err == nil {
			pn := types.NewPkgName(token.NoPos, pkg, name, imported)
			if pkg.Scope().Insert(pn) == nil {
				c.unit.Imports[name] = p
			}
		}
	}
	for _, p := range slices.Concat(c.dots, c.scope.dots) {
		dot, err := c.Importer.Import(p)
		if err != nil {
			continue
		}
		for _, name := range dot.Scope().Names() {
			if o := dot.Scope().Lookup(name); o.Exported() && !leave[name] {
				pkg.Scope().Insert(o)
			}
		}
	}
	for name, o := range c.Predeclared {
		if !leave[name] && pkg.Scope().Lookup(name) == nil {
			insertAs(pkg, name, o)
		}
	}
	for name, p := range c.retyped {
		if imported, err := c.Importer.Import(p); err == nil {
			pkg.Scope().Insert(types.NewPkgName(token.NoPos, pkg, name, imported))
		}
	}
	for name, sig := range c.sigs {
		pkg.Scope().Insert(types.NewFunc(token.NoPos, pkg, name, sig))
	}
	return pkg
}

// insertAs puts an object of another package into pkg under a name of its own.
func insertAs(pkg *types.Package, name string, o types.Object) {
	switch o := o.(type) {
	case *types.Func:
		pkg.Scope().Insert(types.NewFunc(token.NoPos, o.Pkg(), name, o.Signature()))
	case *types.TypeName:
		pkg.Scope().Insert(types.NewTypeName(token.NoPos, o.Pkg(), name, o.Type()))
	case *types.Var:
		pkg.Scope().Insert(types.NewVar(token.NoPos, o.Pkg(), name, o.Type()))
	}
}

// selected lists the identifiers that stand before a dot.
func selected(f *ast.File, globals []*ast.GenDecl) map[string]bool {
	names := map[string]bool{}
	note := func(n ast.Node) bool {
		if s, ok := n.(*ast.SelectorExpr); ok {
			if id, ok := s.X.(*ast.Ident); ok {
				names[id.Name] = true
			}
		}
		return true
	}
	ast.Inspect(f, note)
	for _, g := range globals {
		ast.Inspect(g, note)
	}
	return names
}
