package lower

import (
	"go/ast"
	"go/token"
	"reflect"
	"strconv"
	"strings"
)

// hideFields keeps unexported fields out of encodings: the tier exports all
// fields, under other names.
func (l *lowerer) hideFields(s *ast.StructType) {
	for _, f := range s.Fields.List {
		hidden := len(f.Names) > 0
		for n, id := range f.Names {
			if id.Name == "_" { // the tier wants names that differ
				f.Names[n] = &ast.Ident{Name: l.temp(), NamePos: id.Pos()}
			}
			hidden = hidden && !id.IsExported()
		}
		if !hidden {
			continue
		}
		tag := ""
		if f.Tag != nil {
			tag, _ = strconv.Unquote(f.Tag.Value)
		}
		f.Tag = &ast.BasicLit{ValuePos: f.Pos(), Kind: token.STRING, Value: strconv.Quote(hiddenTag(tag))}
	}
}

func hiddenTag(tag string) string {
	for _, key := range []string{"json", "xml"} {
		if _, ok := reflect.StructTag(tag).Lookup(key); !ok {
			tag = strings.TrimSpace(tag + " " + key + `:"-"`)
		}
	}
	return tag
}

// clearResults begins a function with var zero T; s = zero for each named result: the tier lets
// them begin with what the variable has that the call's result goes to.
func clearResults(t *ast.FuncType, body *ast.BlockStmt) {
	if t.Results == nil || body == nil {
		return
	}
	var list []ast.Stmt
	for _, f := range t.Results.List {
		for _, id := range f.Names {
			if id.Name == "_" {
				continue
			}
			pos := id.Pos()
			zero := &ast.Ident{Name: "__zero_" + id.Name, NamePos: pos}
			list = append(list,
				&ast.DeclStmt{Decl: &ast.GenDecl{TokPos: pos, Tok: token.VAR, Specs: []ast.Spec{&ast.ValueSpec{Names: []*ast.Ident{zero}, Type: f.Type}}}},
				&ast.AssignStmt{Lhs: []ast.Expr{&ast.Ident{Name: id.Name, NamePos: pos}}, TokPos: pos, Tok: token.ASSIGN, Rhs: []ast.Expr{&ast.Ident{Name: zero.Name, NamePos: pos}}})
		}
	}
	body.List = append(list, body.List...)
}
