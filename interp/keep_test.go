package interp

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestKeepGeneric: a generic function of package parallel that keepGeneric does not have
// may call what is not in the program; cells that use it would be built as plugins.
func TestKeepGeneric(t *testing.T) {
	kept, err := os.ReadFile("keep.go")
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob("../parallel/*.go")
	if err != nil || len(files) == 0 {
		t.Fatal("no sources of package parallel", err)
	}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range f.Decls {
			fn, ok := d.(*ast.FuncDecl)
			if ok && fn.Recv == nil && fn.Type.TypeParams != nil && fn.Name.IsExported() && !strings.Contains(string(kept), "parallel."+fn.Name.Name+"[") {
				t.Errorf("keep.go does not have parallel.%s", fn.Name.Name)
			}
		}
	}
}
