package device

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"

	"github.com/adabc437/fanout/parallel/device/translate"
	"github.com/adabc437/fanout/parallel/philox"
)

// A Library has the sources of what functions may call though it is not the user's: the
// methods of math/rand/v2.Rand, for which those of philox.Source stand.
type Library struct {
	source  *types.Named
	methods map[string]*translate.Source // of philox.Source, as functions
	funcs   map[*types.Func]*translate.Source
}

// randPath is the package whose Rand functions may take.
const randPath = "math/rand/v2"

// NewLibrary checks the sources, with an importer that knows math/bits.
func NewLibrary(imports types.Importer) (*Library, error) {
	fset, info := token.NewFileSet(), newInfo()
	file, err := parser.ParseFile(fset, "philox.go", philox.Text, parser.SkipObjectResolution)
	if err != nil {
		return nil, fmt.Errorf("device: %w", err)
	}
	conf := types.Config{Importer: noEmbed{imports}, Sizes: types.SizesFor("gc", "amd64")}
	pkg, err := conf.Check("philox", fset, []*ast.File{file}, info)
	if err != nil {
		return nil, fmt.Errorf("device: the library of random numbers: %w", err)
	}
	l := &Library{methods: map[string]*translate.Source{}, funcs: map[*types.Func]*translate.Source{}}
	l.source = pkg.Scope().Lookup("Source").Type().(*types.Named)
	for _, d := range file.Decls {
		decl, ok := d.(*ast.FuncDecl)
		if !ok {
			continue
		}
		l.funcs[info.Defs[decl.Name].(*types.Func)] = &translate.Source{Fset: fset, Info: info, Decl: decl}
		if decl.Recv == nil {
			continue
		}
		plain := *decl
		t := *decl.Type
		t.Params = &ast.FieldList{List: append(append([]*ast.Field{}, decl.Recv.List...), decl.Type.Params.List...)}
		plain.Recv, plain.Type = nil, &t
		l.methods[decl.Name.Name] = &translate.Source{Fset: fset, Info: info, Decl: &plain}
	}
	return l, nil
}

// noEmbed imports embed as an empty package: nothing of it is used.
type noEmbed struct{ types.Importer }

func (n noEmbed) Import(path string) (*types.Package, error) {
	if path == "embed" {
		pkg := types.NewPackage("embed", "embed")
		pkg.MarkComplete()
		return pkg, nil
	}
	return n.Importer.Import(path)
}

func newInfo() *types.Info {
	return &types.Info{
		Types: map[ast.Expr]types.TypeAndValue{}, Defs: map[*ast.Ident]types.Object{}, Uses: map[*ast.Ident]types.Object{},
		Implicits: map[ast.Node]types.Object{}, Selections: map[*ast.SelectorExpr]*types.Selection{}, Instances: map[*ast.Ident]types.Instance{}, Scopes: map[ast.Node]*types.Scope{},
	}
}

// isRand says whether a type is math/rand/v2.Rand.
func isRand(n *types.Named) bool {
	return n.Obj().Pkg() != nil && n.Obj().Pkg().Path() == randPath && n.Obj().Name() == "Rand"
}

// Substitute is for a translate.Config.
func (l *Library) Substitute(n *types.Named) types.Type {
	if isRand(n) {
		return l.source
	}
	return nil
}

// Declaration is for a translate.Config: of what is not in the library, it is nil without
// an error.
func (l *Library) Declaration(f *types.Func) (*translate.Source, error) {
	if s := l.funcs[f]; s != nil {
		return s, nil
	}
	recv := f.Signature().Recv()
	if recv == nil {
		return nil, nil
	}
	t := recv.Type()
	if p, ok := t.(*types.Pointer); ok {
		t = p.Elem()
	}
	if n, ok := t.(*types.Named); !ok || !isRand(n) {
		return nil, nil
	}
	if s := l.methods[f.Name()]; s != nil {
		return s, nil
	}
	hint := "compute with Float64, IntN, Uint64 and the like"
	switch f.Name() {
	case "NormFloat64": // Go's is by rejection, and a last bit of a device's Exp may change what comes next
		hint = "with r *rand.Rand as the first parameter of the function, a normal number is math.Sqrt(-2*math.Log(1-r.Float64())) * math.Cos(2*math.Pi*r.Float64())"
	case "ExpFloat64":
		hint = "with r *rand.Rand as the first parameter of the function, an exponential number is -math.Log(1 - r.Float64())"
	case "Perm", "Shuffle":
		hint = "swap elements of an array with r.IntN, from the last to the first"
	}
	return nil, &translate.Missing{Why: "a device's random numbers have no method " + f.Name(), Hint: hint}
}
