package check

import (
	"errors"
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"strings"

	"github.com/adabc437/fanout/interp/cell"
)

// A Source is a function or method of an earlier cell, checked once more.
type Source struct {
	Fset *token.FileSet
	Info *types.Info
	// Decl has the receiver of a method as its first parameter.
	Decl *ast.FuncDecl
	// Func is what the function is to itself: another object than the session's.
	Func *types.Func
	// Comments are those in it.
	Comments []*ast.CommentGroup
}

// Source checks the declaration of an entity, a function or a method, once more, with
// what its names stood for when it was declared.
func (c *Checker) Source(e *Entity, scope *Scope) (*Source, error) {
	if e.Chunk == nil || e.Chunk.Kind != cell.Func && e.Chunk.Kind != cell.Method {
		return nil, fmt.Errorf("%s is no function", e.Name)
	}
	if e.Run != 0 {
		return nil, errors.New("magics stand in it")
	}
	w := c.start(Input{Number: e.Cell, File: e.Chunk.File, Chunks: []cell.Chunk{*e.Chunk}}, scope)
	w.unit.Imports = map[string]string{}
	if !w.parse() || len(w.unit.Decls) == 0 {
		return nil, fmt.Errorf("%s cannot be read again", e.Name)
	}
	decl := w.unit.Decls[0].Node.(*ast.FuncDecl)
	if decl.Recv != nil && generic(decl) {
		return nil, errors.New("it is a method of a generic type of an earlier cell: declare the type, its methods and the function in the cell of the magic")
	}
	leave := map[string]bool{}
	if decl.Recv == nil {
		leave[decl.Name.Name] = true
	}
	for name := range e.Uses {
		leave[name] = true
	}
	pkg := w.newPackage(leave)
	for name, o := range e.Uses {
		if leave[name] && (decl.Recv != nil || name != decl.Name.Name) {
			insertNamed(pkg, name, o)
		}
	}
	plain := decl
	if decl.Recv != nil {
		plain = asFunc(decl, "__method", decl.Body)
	}
	info := newInfo()
	w.quiet = true
	file := &ast.File{Package: w.file.Package, Name: w.file.Name, FileStart: w.file.FileStart, FileEnd: w.file.FileEnd, Decls: []ast.Decl{plain}}
	var first error
	conf := w.config(e.Chunk.File)
	conf.Error = func(err error) {
		var e types.Error
		if first == nil && !(errors.As(err, &e) && (earlierType(e.Msg) || strings.HasPrefix(e.Msg, "\t"))) {
			first = err
		}
	}
	_ = types.NewChecker(conf, c.Fset, pkg, info).Files([]*ast.File{file})
	if first != nil {
		return nil, fmt.Errorf("%s cannot be checked again: %w", e.Name, first)
	}
	f, _ := info.Defs[plain.Name].(*types.Func)
	return &Source{Fset: c.Fset, Info: info, Decl: plain, Func: f, Comments: w.file.Comments}, nil
}

// insertNamed makes a name of pkg stand for o.
func insertNamed(pkg *types.Package, name string, o types.Object) {
	if p, ok := o.(*types.PkgName); ok {
		pkg.Scope().Insert(types.NewPkgName(token.NoPos, pkg, name, p.Imported()))
		return
	}
	if o.Pkg() == nil || o.Name() != name {
		return
	}
	pkg.Scope().Insert(o)
}
