package main

import (
	"bytes"
	"go/ast"
	"go/doc"
	"go/printer"
	"go/token"
	"go/types"
	"maps"
	"slices"
	"strings"

	"github.com/adabc437/fanout/interp/symbols/internal/table"
)

// An entry is the documentation of one name.
type entry struct{ signature, doc string }

// document encodes the documentation of a package: name, signature and text of
// each documented thing. It spoils the syntax trees of the package.
func document(p *pkg) []byte {
	d, err := doc.NewFromFiles(p.fset, p.files, p.path)
	if err != nil {
		return nil
	}
	all := map[string]entry{"": {"package " + p.types.Name() + " // import \"" + p.path + "\"", d.Doc}}
	funcs := func(prefix string, list []*doc.Func) {
		for _, f := range list {
			f.Decl.Doc, f.Decl.Body = nil, nil
			all[prefix+f.Name] = entry{print(p.fset, f.Decl), f.Doc}
		}
	}
	values := func(list []*doc.Value) {
		for _, v := range list {
			for _, spec := range v.Decl.Specs {
				s := spec.(*ast.ValueSpec)
				text := s.Doc.Text()
				if text == "" {
					text = s.Comment.Text()
				}
				if text == "" {
					text = v.Doc
				}
				for _, n := range s.Names {
					if obj := p.types.Scope().Lookup(n.Name); obj != nil && obj.Exported() {
						all[n.Name] = entry{describe(obj), text}
					}
				}
			}
		}
	}
	values(d.Consts)
	values(d.Vars)
	funcs("", d.Funcs)
	for _, t := range d.Types {
		t.Decl.Doc = nil
		for _, spec := range t.Decl.Specs {
			spec.(*ast.TypeSpec).Doc = nil
		}
		all[t.Name] = entry{print(p.fset, t.Decl), t.Doc}
		for _, spec := range t.Decl.Specs {
			fields(p.fset, t.Name, spec.(*ast.TypeSpec).Type, all)
		}
		values(t.Consts)
		values(t.Vars)
		funcs("", t.Funcs)
		funcs(t.Name+".", t.Methods)
	}
	var b []byte
	for _, name := range slices.Sorted(maps.Keys(all)) {
		e := all[name]
		if name != "" && !ast.IsExported(name) {
			continue
		}
		b = table.AppendString(b, name)
		b = table.AppendString(b, e.signature)
		b = table.AppendString(b, strings.TrimRight(e.doc, "\n"))
	}
	return b
}

// fields documents the fields of a struct and the methods of an interface.
func fields(fset *token.FileSet, typ string, expr ast.Expr, all map[string]entry) {
	var list *ast.FieldList
	switch t := expr.(type) {
	case *ast.StructType:
		list = t.Fields
	case *ast.InterfaceType:
		list = t.Methods
	}
	if list == nil {
		return
	}
	for _, f := range list.List {
		text := f.Doc.Text()
		if text == "" {
			text = f.Comment.Text()
		}
		for _, n := range f.Names {
			if !n.IsExported() {
				continue
			}
			if ft, ok := f.Type.(*ast.FuncType); ok && list.Opening.IsValid() {
				if _, method := expr.(*ast.InterfaceType); method {
					all[typ+"."+n.Name] = entry{"func (" + typ + ") " + n.Name + strings.TrimPrefix(print(fset, ft), "func"), text}
					continue
				}
			}
			all[typ+"."+n.Name] = entry{"field " + n.Name + " " + print(fset, f.Type), text}
		}
	}
}

// describe is the signature of a constant or variable.
func describe(obj types.Object) string {
	return types.ObjectString(obj, func(p *types.Package) string {
		if p == obj.Pkg() {
			return ""
		}
		return p.Name()
	})
}

func print(fset *token.FileSet, node any) string {
	var b bytes.Buffer
	conf := printer.Config{Mode: printer.UseSpaces | printer.TabIndent, Tabwidth: 8}
	if err := conf.Fprint(&b, fset, node); err != nil {
		return ""
	}
	return b.String()
}
