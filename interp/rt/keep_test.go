package rt

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"strings"
	"testing"
)

// TestKeep: a function that is not reached by Keep is not in the program, and cells that
// call it cannot be linked with it. Serve, and generic functions, are not the cells'.
func TestKeep(t *testing.T) {
	entries, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	funcs, kept := map[string]bool{}, map[string]bool{}
	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), ".go") || strings.HasSuffix(e.Name(), "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), e.Name(), nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range f.Decls {
			fn, ok := d.(*ast.FuncDecl)
			if !ok || fn.Recv != nil || !fn.Name.IsExported() {
				continue
			}
			if fn.Name.Name != "Keep" {
				funcs[fn.Name.Name] = fn.Type.TypeParams == nil
				continue
			}
			ast.Inspect(fn.Body, func(n ast.Node) bool {
				if id, ok := n.(*ast.Ident); ok {
					kept[id.Name] = true
				}
				return true
			})
		}
	}
	if len(kept) < 10 {
		t.Fatalf("Keep keeps only %d names", len(kept))
	}
	for name, plain := range funcs {
		if plain && name != "Serve" && !kept[name] {
			t.Errorf("Keep does not keep %s: cells that call it would not link", name)
		}
	}
}
