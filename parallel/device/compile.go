package device

import (
	"errors"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"

	"github.com/adabc437/fanout/parallel/device/translate"
)

// A Source is Go source whose functions can become Functions.
type Source struct {
	fset    *token.FileSet
	info    *types.Info
	file    *ast.File
	library *Library
}

// Parse reads a file of Go, such as a program embeds of itself: with go:embed, the same
// text is compiled and translated. Packages that it imports are looked for as source in
// GOROOT.
func Parse(name, text string) (*Source, error) {
	s := &Source{fset: token.NewFileSet(), info: newInfo()}
	var err error
	if s.file, err = parser.ParseFile(s.fset, name, text, parser.ParseComments|parser.SkipObjectResolution); err != nil {
		return nil, fmt.Errorf("device: %w", err)
	}
	imports := importer.ForCompiler(s.fset, "source", nil)
	if s.library, err = NewLibrary(imports); err != nil {
		return nil, err
	}
	conf := types.Config{Importer: noEmbed{imports}, Sizes: types.SizesFor("gc", "amd64")}
	if _, err = conf.Check(s.file.Name.Name, s.fset, []*ast.File{s.file}, s.info); err != nil {
		return nil, fmt.Errorf("device: %w", err)
	}
	return s, nil
}

// Function translates a function of the source.
func (s *Source) Function(name string) (*Function, error) {
	for _, d := range s.file.Decls {
		if d, ok := d.(*ast.FuncDecl); ok && d.Recv == nil && d.Name.Name == name {
			use := &ast.Ident{NamePos: d.Name.Pos(), Name: name}
			info := &types.Info{Uses: map[*ast.Ident]types.Object{use: s.info.Defs[d.Name]}}
			unit, err := translate.Function(&translate.Config{Declaration: s.declaration, Substitute: s.library.Substitute}, use, s.fset, info)
			if err != nil {
				return nil, fmt.Errorf("device: %w", err)
			}
			return NewFunction(name, unit), nil
		}
	}
	return nil, fmt.Errorf("device: there is no function %s in %s", name, s.fset.Position(s.file.Package).Filename)
}

func (s *Source) declaration(f *types.Func) (*translate.Source, error) {
	if found, err := s.library.Declaration(f); found != nil || err != nil {
		return found, err
	}
	for _, d := range s.file.Decls {
		if d, ok := d.(*ast.FuncDecl); ok && s.info.Defs[d.Name] == f {
			return &translate.Source{Fset: s.fset, Info: s.info, Decl: d, Comments: s.file.Comments}, nil
		}
	}
	return nil, errors.New("it is a function of a library")
}
