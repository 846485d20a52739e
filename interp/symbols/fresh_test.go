package symbols

import (
	"go/ast"
	"go/build"
	"go/parser"
	"go/token"
	"go/types"
	"path/filepath"
	"strings"
	"testing"

	"github.com/adabc437/fanout/interp/symbols/fanout"
)

// Fanout's own packages change; their tables must follow. What they declare is
// compared by name.
func TestFresh(t *testing.T) {
	const module = "github.com/adabc437/fanout"
	im := Importer(token.NewFileSet())
	for _, b := range fanout.Group.Packages {
		dir := filepath.Join("..", "..", filepath.FromSlash(strings.TrimPrefix(b.Path, module)))
		src, err := build.ImportDir(dir, 0)
		if err != nil {
			t.Fatal(err)
		}
		declared := map[string]bool{}
		for _, name := range src.GoFiles {
			f, err := parser.ParseFile(token.NewFileSet(), filepath.Join(dir, name), nil, parser.SkipObjectResolution)
			if err != nil {
				t.Fatal(err)
			}
			for _, d := range f.Decls {
				names(d, declared)
			}
		}
		p, err := im.Import(b.Path)
		if err != nil {
			t.Fatal(err)
		}
		bound := map[string]bool{}
		for _, name := range p.Scope().Names() {
			obj := p.Scope().Lookup(name)
			if !obj.Exported() {
				continue
			}
			bound[name] = true
			if named, ok := obj.Type().(*types.Named); ok {
				if _, isType := obj.(*types.TypeName); isType {
					for m := range named.Methods() {
						if m.Exported() {
							bound[name+"."+m.Name()] = true
						}
					}
				}
			}
		}
		for name := range declared {
			if !bound[name] {
				t.Errorf("%s.%s is not in the table: go generate ./interp/symbols", b.Path, name)
			}
		}
		for name := range bound {
			if !declared[name] {
				t.Errorf("%s.%s is in the table only: go generate ./interp/symbols", b.Path, name)
			}
		}
	}
}

// names adds what a declaration exports.
func names(d ast.Decl, to map[string]bool) {
	switch d := d.(type) {
	case *ast.FuncDecl:
		name := d.Name.Name
		if d.Recv != nil {
			recv := d.Recv.List[0].Type
			if star, ok := recv.(*ast.StarExpr); ok {
				recv = star.X
			}
			switch x := recv.(type) {
			case *ast.IndexExpr:
				recv = x.X
			case *ast.IndexListExpr:
				recv = x.X
			}
			id := recv.(*ast.Ident)
			if !id.IsExported() {
				return
			}
			name = id.Name + "." + name
		}
		if d.Name.IsExported() {
			to[name] = true
		}
	case *ast.GenDecl:
		for _, spec := range d.Specs {
			switch spec := spec.(type) {
			case *ast.TypeSpec:
				if spec.Name.IsExported() {
					to[spec.Name.Name] = true
				}
			case *ast.ValueSpec:
				for _, n := range spec.Names {
					if n.IsExported() {
						to[n.Name] = true
					}
				}
			}
		}
	}
}
