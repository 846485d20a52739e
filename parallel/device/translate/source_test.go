package translate_test

import (
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"sync"
	"testing"

	"github.com/adabc437/fanout/parallel/device/translate"
)

// A source is a checked file of the tests.
type source struct {
	fset *token.FileSet
	file *ast.File
	info *types.Info
	pkg  *types.Package
}

var imports = struct {
	sync.Mutex
	types.Importer
}{Importer: importer.Default()}

func check(name, text string) (*source, error) {
	s := &source{fset: token.NewFileSet(), info: &types.Info{
		Types:      map[ast.Expr]types.TypeAndValue{},
		Defs:       map[*ast.Ident]types.Object{},
		Uses:       map[*ast.Ident]types.Object{},
		Selections: map[*ast.SelectorExpr]*types.Selection{},
		Instances:  map[*ast.Ident]types.Instance{},
	}}
	var err error
	if s.file, err = parser.ParseFile(s.fset, name, text, parser.ParseComments|parser.SkipObjectResolution); err != nil {
		return nil, err
	}
	imports.Lock()
	defer imports.Unlock()
	conf := types.Config{Importer: imports.Importer, Sizes: types.SizesFor("gc", "amd64")}
	s.pkg, err = conf.Check(s.file.Name.Name, s.fset, []*ast.File{s.file}, s.info)
	return s, err
}

func mustCheck(t testing.TB, name, text string) *source {
	t.Helper()
	s, err := check(name, text)
	if err != nil {
		t.Fatalf("the source of the test is wrong: %v\n%s", err, text)
	}
	return s
}

func (s *source) config() *translate.Config {
	return &translate.Config{Declaration: func(f *types.Func) (*translate.Source, error) {
		for _, d := range s.file.Decls {
			if d, ok := d.(*ast.FuncDecl); ok && s.info.Defs[d.Name] == f {
				return &translate.Source{Fset: s.fset, Info: s.info, Decl: d, Comments: s.file.Comments}, nil
			}
		}
		return nil, errLibrary
	}}
}

// named is the expression that the variable of the name is set to in the file.
func (s *source) named(t testing.TB, name string) ast.Expr {
	t.Helper()
	for _, d := range s.file.Decls {
		if d, ok := d.(*ast.GenDecl); ok && d.Tok == token.VAR {
			for _, spec := range d.Specs {
				if v := spec.(*ast.ValueSpec); v.Names[0].Name == name {
					return v.Values[0]
				}
			}
		}
	}
	t.Fatalf("the source has no variable %s", name)
	return nil
}

type libraryError struct{}

func (libraryError) Error() string { return "it is a function of a library" }

var errLibrary = libraryError{}

// translated translates what the variable f of the source is set to.
func translated(t testing.TB, text string) (*translate.Unit, error) {
	t.Helper()
	s := mustCheck(t, "In[1]", text)
	return translate.Function(s.config(), s.named(t, "f"), s.fset, s.info)
}
