package interp

import (
	_ "embed"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"strings"

	"github.com/adabc437/fanout/interp/lower"
)

// hostSource declares, for the type checker and for documentation, the names
// that cells see without an import. host.go binds them.
//
//go:embed host.go.txt
var hostSource string

// lowerCase are the functions that cells call by a lower-case name.
var lowerCase = map[string]string{
	"display": "Display", "clearOutput": "ClearOutput", "input": "Input", "password": "Password",
	"commTarget": "CommTarget", "openComm": "OpenComm",
}

// A predeclared scope is what every cell sees besides Go's universe.
type predeclared struct {
	pkg     *types.Package
	objects map[string]types.Object
	docs    map[string]string
}

func newPredeclared() (*predeclared, error) {
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, "host.go", hostSource, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return nil, fmt.Errorf("predeclared names: %w", err)
	}
	conf := types.Config{IgnoreFuncBodies: true}
	pkg, err := conf.Check(lower.Host, fset, []*ast.File{f}, nil)
	if err != nil {
		return nil, fmt.Errorf("predeclared names: %w", err)
	}
	p := &predeclared{pkg: pkg, objects: map[string]types.Object{}, docs: map[string]string{}}
	for _, name := range pkg.Scope().Names() {
		o := pkg.Scope().Lookup(name)
		if _, isFunc := o.(*types.Func); !isFunc || name == "JSON" {
			p.objects[name] = o
		}
	}
	for lc, name := range lowerCase {
		p.objects[lc] = pkg.Scope().Lookup(name)
	}
	for _, d := range f.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			p.docs[d.Name.Name] = strings.TrimSpace(d.Doc.Text())
		case *ast.GenDecl:
			for _, s := range d.Specs {
				if t, ok := s.(*ast.TypeSpec); ok {
					p.docs[t.Name.Name] = strings.TrimSpace(d.Doc.Text())
				}
			}
		}
	}
	return p, nil
}
