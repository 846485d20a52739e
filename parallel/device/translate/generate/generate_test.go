package generate

import (
	"go/ast"
	"go/format"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"math/rand/v2"
	"testing"
)

// TestFilesAreGo checks the types of what is written.
func TestFilesAreGo(t *testing.T) {
	for range 5 {
		seed := rand.Uint64()
		text := File(seed, 20)
		fset := token.NewFileSet()
		f, err := parser.ParseFile(fset, "random.go", text, 0)
		if err == nil {
			_, err = (&types.Config{Importer: importer.Default(), Sizes: types.SizesFor("gc", "amd64")}).Check("main", fset, []*ast.File{f}, nil)
		}
		if _, e := format.Source([]byte(text)); err == nil {
			err = e
		}
		if err != nil {
			t.Fatalf("seed %d: %v\n%s", seed, err, text)
		}
	}
}
