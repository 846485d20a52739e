package supervisor

import (
	"go/ast"
	"go/parser"
	"go/scanner"
	"go/token"
	"slices"
	"strings"

	"github.com/adabc437/fanout/interp/session"
)

// recursive lists the functions of cells that code calls, itself or by way of
// others, and that may call themselves: Go's report of a stack that has overflown
// knows nothing of interpreted functions.
func recursive(code string, declarations []session.Declaration) []session.Declaration {
	calls := map[string][]string{} // by the name of a function those that it names
	for _, d := range declarations {
		if body := bodyOf(d); body != nil {
			calls[d.Name] = nil
		}
	}
	for _, d := range declarations {
		if body := bodyOf(d); body != nil {
			calls[d.Name] = functionsIn(namesIn(body), calls)
		}
	}
	used := reached(functionsIn(wordsOf(code), calls), calls)
	var found []session.Declaration
	for _, d := range declarations {
		if used[d.Name] && reached(calls[d.Name], calls)[d.Name] {
			found = append(found, d)
		}
	}
	return found
}

// bodyOf is the body of a function or method; nil for other declarations.
func bodyOf(d session.Declaration) *ast.BlockStmt {
	if !strings.Contains(d.Source, "func") {
		return nil
	}
	f, _ := parser.ParseFile(token.NewFileSet(), "", "package p\n"+d.Source, parser.SkipObjectResolution) // what can be read, where magics stand in it
	if f == nil || len(f.Decls) == 0 {
		return nil
	}
	if fn, ok := f.Decls[0].(*ast.FuncDecl); ok {
		return fn.Body
	}
	return nil
}

// namesIn lists the names in a function, those of methods and fields with a dot
// before.
func namesIn(n ast.Node) []string {
	var names []string
	ast.Inspect(n, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.SelectorExpr:
			names = append(append(names, "."+n.Sel.Name), namesIn(n.X)...)
			return false
		case *ast.Ident:
			names = append(names, n.Name)
		}
		return true
	})
	return names
}

// wordsOf lists the names in any text, as namesIn does.
func wordsOf(code string) []string {
	var s scanner.Scanner
	set := token.NewFileSet()
	s.Init(set.AddFile("", -1, len(code)), []byte(code), nil, 0)
	var names []string
	for {
		_, tok, text := s.Scan()
		switch tok {
		case token.EOF:
			return names
		case token.IDENT:
			names = append(names, text, "."+text)
		}
	}
}

// functionsIn picks the functions that names stand for; .m is any method m.
func functionsIn(names []string, functions map[string][]string) []string {
	var found []string
	for f := range functions {
		_, method, isMethod := strings.Cut(f, ".")
		if slices.Contains(names, f) || isMethod && slices.Contains(names, "."+method) {
			found = append(found, f)
		}
	}
	return found
}

// reached is the set of the functions from and all that they call.
func reached(from []string, calls map[string][]string) map[string]bool {
	seen := map[string]bool{}
	from = slices.Clone(from)
	for len(from) > 0 {
		f := from[len(from)-1]
		from = from[:len(from)-1]
		if !seen[f] {
			seen[f] = true
			from = append(from, calls[f]...)
		}
	}
	return seen
}

// blame says in d which functions of cells may have recursed without end.
func (l *ledger) blame(d *session.Diagnostic, code string) {
	found := recursive(code, l.declarations)
	if len(found) == 0 || d.Pos != nil {
		return
	}
	var names []string
	for _, f := range found {
		names = append(names, f.Name)
	}
	d.Hint = "see to it that the recursion of " + strings.Join(names, ", ") + " ends"
	if f := found[0]; len(found) == 1 && f.Line > 0 {
		d.Pos = &session.Position{Cell: f.Cell, Line: f.Line, Column: 1}
		l.locate(d)
	}
}
