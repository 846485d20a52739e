package check

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"maps"
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
	uses := maps.Clone(e.Uses)
	plain := decl
	if decl.Recv != nil {
		plain = asFunc(decl, "__method", decl.Body)
	}
	if decl.Recv != nil && generic(decl) {
		params, base, err := c.receiverParams(decl, e, scope)
		if err != nil {
			return nil, err
		}
		plain.Type.TypeParams = params
		for name, o := range base.Uses {
			if uses[name] == nil {
				uses[name] = o
			}
		}
	}
	leave := map[string]bool{}
	if decl.Recv == nil {
		leave[decl.Name.Name] = true
	}
	for name := range uses {
		leave[name] = true
	}
	pkg := w.newPackage(leave)
	for name, o := range uses {
		if leave[name] && (decl.Recv != nil || name != decl.Name.Name) {
			insertNamed(pkg, name, o)
		}
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

// receiverParams are the type parameters of a method's receiver, with the constraints that
// the type's declaration gives them, as those of a function. The receiver's blank names
// get others. base is the type.
func (c *Checker) receiverParams(decl *ast.FuncDecl, e *Entity, scope *Scope) (params *ast.FieldList, base *Entity, err error) {
	name := ReceiverBase(decl)
	if base = scope.Ever(e.Uses[name]); base == nil {
		base = scope.Lookup(name)
	}
	if base == nil || base.Chunk == nil || base.Chunk.Kind != cell.Type {
		return nil, nil, fmt.Errorf("the declaration of its type %s is not known", name)
	}
	spec, err := c.typeSpec(base)
	if err != nil {
		return nil, nil, err
	}
	own := receiverArgs(decl)
	now := map[string]string{}
	params = &ast.FieldList{}
	for _, f := range spec.TypeParams.List {
		for _, id := range f.Names {
			if len(own) == 0 {
				return nil, nil, fmt.Errorf("its receiver has another number of type parameters than %s", name)
			}
			if own[0].Name == "_" {
				own[0].Name = fmt.Sprintf("T__%d", len(params.List))
			}
			now[id.Name] = own[0].Name
			params.List = append(params.List, &ast.Field{Names: []*ast.Ident{{Name: own[0].Name, NamePos: own[0].NamePos}}, Type: f.Type})
			own = own[1:]
		}
	}
	seen := map[ast.Expr]bool{}
	for _, f := range params.List {
		if seen[f.Type] { // of several names
			continue
		}
		seen[f.Type] = true
		ast.Inspect(f.Type, func(n ast.Node) bool {
			if _, ok := n.(*ast.SelectorExpr); ok { // of a package
				return false
			}
			if id, ok := n.(*ast.Ident); ok && now[id.Name] != "" {
				id.Name = now[id.Name]
			}
			return true
		})
	}
	return params, base, nil
}

// typeSpec reads the declaration of a generic type again.
func (c *Checker) typeSpec(e *Entity) (*ast.TypeSpec, error) {
	f, err := parser.ParseFile(c.Fset, e.Chunk.File, "package main\n"+e.Chunk.Text, parser.SkipObjectResolution)
	if err != nil {
		return nil, fmt.Errorf("%s cannot be read again: %w", e.Name, err)
	}
	for _, d := range f.Decls {
		if g, ok := d.(*ast.GenDecl); ok {
			for _, s := range g.Specs {
				if t, ok := s.(*ast.TypeSpec); ok && t.Name.Name == e.Name && t.TypeParams != nil {
					return t, nil
				}
			}
		}
	}
	return nil, fmt.Errorf("%s is no generic type", e.Name)
}

// receiverArgs are the names that a method gives the type parameters of its receiver.
func receiverArgs(decl *ast.FuncDecl) (names []*ast.Ident) {
	t := ast.Unparen(decl.Recv.List[0].Type)
	if s, ok := t.(*ast.StarExpr); ok {
		t = ast.Unparen(s.X)
	}
	var list []ast.Expr
	switch x := t.(type) {
	case *ast.IndexExpr:
		list = []ast.Expr{x.Index}
	case *ast.IndexListExpr:
		list = x.Indices
	}
	for _, x := range list {
		if id, ok := x.(*ast.Ident); ok {
			names = append(names, id)
		}
	}
	return names
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
