// Package lower turns a checked cell into Go that the interpreted tier can run:
// top-level variables become the session's, names get the version that is meant,
// packages get aliases that nothing shadows, and the statements become the body
// of one function, so that an interrupted cell cannot come back to life.
//
// The syntax tree keeps its positions, so errors and panics of the tier name the
// user's own lines. Start at [Lower].
package lower

import (
	"fmt"
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"strconv"
	"strings"

	"github.com/adabc437/fanout/interp/check"
	"github.com/adabc437/fanout/interp/session"
)

// Host is the import path of the package through which lowered code calls the
// session: Started, Ended, Result, At, Methods, Magic, Generic and Stdin.
const Host = "fanout/host"

// Options says how a unit is lowered.
type Options struct {
	// Entry is the name of the function that will hold the statements.
	Entry string
	// Run is the number that Result and Magic pass to the host.
	Run int
	// Calls maps the names of magics in expressions to the numbers under which
	// the host knows them.
	Calls map[string]int
	// Predeclared maps the names that cells see to the objects behind them.
	Predeclared map[string]types.Object
	// Generic says whether the host can stand in for a generic function of a
	// bound package, such as slices.Max.
	Generic func(name string) bool
	// Shown maps names of types to what they are called in Go, where that is
	// something else.
	Shown map[string]string
	// Shape keeps a type's shape for the host, and numbers it.
	Shape func(*Shape) int
}

// A Program is a lowered unit.
type Program struct {
	// Files are to be loaded in order: types, constants and variables, and then
	// the functions that use them. Running Entry runs the statements.
	Files []*ast.File
	Entry string
	// Entities are what the unit declares, to be put into the scope.
	Entities []*check.Entity
	// Marks are the places of the statements, as numbered in calls of host.At:
	// the tier cannot say where a panic happened closer than the function.
	Marks []token.Pos
	// Packages are the import paths that Files need.
	Packages []string
}

// Lower lowers a unit. names gives out runtime names and knows what the session
// has declared; it is not changed otherwise. The unit's tree is used up.
func Lower(u *check.Unit, scope *check.Scope, opt Options) (*Program, *session.Diagnostic) {
	l := &lowerer{
		Unit: u, scope: scope, opt: opt, aliases: map[string]string{},
		byObject: map[types.Object]string{}, byName: map[string]string{}, inits: map[*ast.FuncDecl]string{},
		foldedFrom: map[ast.Expr]ast.Expr{}, owned: map[ast.Expr]*ast.FuncLit{}, shapes: map[types.Type]*Shape{}, slots: map[ast.Node][]slot{}, formats: map[*ast.CallExpr]constant.Value{},
	}
	l.pos = u.Body.Lbrace
	l.initsAt = len(u.Globals) + u.AfterVars()
	if len(u.Globals) > 0 {
		u.Body.List = append(u.GlobalStmts(), u.Body.List...)
	}
	l.name()
	l.declare()
	l.statements()
	l.shapesOf()
	if l.err != nil {
		return nil, l.err
	}
	return l.program(), nil
}

type lowerer struct {
	*check.Unit
	scope    *check.Scope
	opt      Options
	pos      token.Pos
	aliases  map[string]string // import path to alias
	byObject map[types.Object]string
	byName   map[string]string // of what this unit declares
	inits    map[*ast.FuncDecl]string
	owned    map[ast.Expr]*ast.FuncLit // function literals that have a frame of their own
	vars     []ast.Decl                // declarations of new session variables
	decls    []ast.Decl
	prologue []ast.Stmt // run before the statements
	initCall []ast.Stmt // calls of init functions, run before statement initsAt
	initsAt  int
	body     []ast.Stmt
	marks    []token.Pos
	shapes   map[types.Type]*Shape
	slots    map[ast.Node][]slot              // what becomes errors
	formats  map[*ast.CallExpr]constant.Value // of calls that print types
	entities []*check.Entity
	temps    int
	// foldedFrom has what the literals of constants were
	foldedFrom map[ast.Expr]ast.Expr
	// functions are those that the node at hand is in, outermost first
	functions []*types.Signature
	bodies    []*ast.BlockStmt
	loops     []ast.Node // and their loops, with a nil where each function begins
	err       *session.Diagnostic
}

// name gives every object of the unit its runtime name.
func (l *lowerer) name() {
	for _, e := range l.scope.Entities() {
		if e.Obj != nil {
			l.byObject[e.Obj] = e.Runtime
		}
	}
	for _, d := range l.Decls {
		f, isFunc := d.Node.(*ast.FuncDecl)
		if isFunc && f.Recv != nil {
			continue
		}
		if isFunc && f.Name.Name == "init" { // runs once, and nobody can name it
			l.inits[f] = l.scope.NewName("init")
			l.initCall = append(l.initCall, &ast.ExprStmt{X: &ast.CallExpr{Fun: &ast.Ident{Name: l.inits[f], NamePos: f.Pos()}, Lparen: f.Pos(), Rparen: f.Pos()}})
			continue
		}
		for _, n := range d.Names {
			o := l.Pkg.Scope().Lookup(n)
			if o == nil {
				continue // the blank name
			}
			l.byName[n] = l.scope.NewName(n)
			l.byObject[o] = l.byName[n]
			chunk := d.Chunk
			l.entities = append(l.entities, &check.Entity{Name: n, Obj: o, Runtime: l.byName[n], Chunk: &chunk, Refs: d.Refs, Uses: d.Uses})
		}
	}
	for _, v := range l.Locals {
		old := l.scope.Lookup(v.Name())
		if old != nil && old.IsVar() && types.Identical(old.Obj.Type(), v.Type()) {
			l.byObject[v], l.byName[v.Name()] = old.Runtime, old.Runtime
			continue
		}
		r := l.scope.NewName(v.Name())
		if types.Universe.Lookup(v.Name()) != nil {
			r = l.scope.NewName(ownName + v.Name())
		}
		l.byObject[v], l.byName[v.Name()] = r, r
		obj := types.NewVar(v.Pos(), l.Pkg, v.Name(), v.Type())
		l.entities = append(l.entities, &check.Entity{Name: v.Name(), Obj: obj, Runtime: r})
		l.vars = append(l.vars, l.varDecl(r, v.Type(), v.Pos()))
	}
}

func (l *lowerer) ident(name string) *ast.Ident { return &ast.Ident{Name: name, NamePos: l.pos} }

func (l *lowerer) varDecl(name string, t types.Type, pos token.Pos) ast.Decl {
	l.pos = pos
	expr := l.typeExpr(t)
	return &ast.GenDecl{TokPos: pos, Tok: token.VAR, Specs: []ast.Spec{&ast.ValueSpec{Names: []*ast.Ident{l.ident(name)}, Type: expr}}}
}

// runtimeName is what the tier calls an object of the session, or "".
func (l *lowerer) runtimeName(o types.Object) string {
	if r, ok := l.byObject[o]; ok {
		return r
	}
	if o.Pkg() == nil || o.Pkg().Path() != "main" || o.Parent() == nil || o.Parent().Parent() != types.Universe {
		return ""
	}
	if r, ok := l.byName[o.Name()]; ok {
		return r
	}
	if e := l.scope.Lookup(o.Name()); e != nil {
		return e.Runtime
	}
	return ""
}

// alias is the name under which the lowered file imports a package.
func (l *lowerer) alias(path string) string {
	if a, ok := l.aliases[path]; ok {
		return a
	}
	a := "pkg_" + strings.Map(func(r rune) rune {
		if r == '_' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' {
			return r
		}
		return '_'
	}, path)
	l.aliases[path] = a
	return a
}

func (l *lowerer) sel(path, name string, pos token.Pos) *ast.SelectorExpr {
	return &ast.SelectorExpr{X: &ast.Ident{Name: l.alias(path), NamePos: pos}, Sel: &ast.Ident{Name: name, NamePos: pos}}
}

// fail notes the first thing that this tier cannot do.
func (l *lowerer) fail(pos token.Pos, hint, format string, args ...any) {
	if hint != "" {
		hint += "; or "
	}
	if hint += WithGo; l.err == nil {
		l.err = &session.Diagnostic{
			Name: session.TypeError, Message: fmt.Sprintf(format, args...), Hint: hint,
			Pos: check.Position(l.Fset.Position(pos), l.Lines),
		}
	}
}

// declare lowers functions, types, constants and methods.
func (l *lowerer) declare() {
	for _, d := range l.Decls {
		f, isFunc := d.Node.(*ast.FuncDecl)
		if isFunc {
			l.ownInstances(f)
		}
		node := l.rewrite(d.Node).(ast.Decl)
		switch {
		case isFunc && f.Recv != nil:
			l.method(node.(*ast.FuncDecl), d)
		case isFunc:
			name := l.byName[d.Names[0]]
			if init := l.inits[f]; init != "" {
				name = init
			}
			if name == "" { // func _: checked, and that is all
				continue
			}
			f.Name.Name = name
			l.decls = append(l.decls, node)
		default:
			l.renameSpecs(node.(*ast.GenDecl))
			l.decls = append(l.decls, node)
			l.promoted(node.(*ast.GenDecl), d.Names)
		}
	}
}

func (l *lowerer) renameSpecs(g *ast.GenDecl) {
	rename := func(id *ast.Ident) {
		if r := l.byName[id.Name]; r != "" && id.Name != "_" {
			id.Name = r
		}
	}
	for _, s := range g.Specs {
		switch s := s.(type) {
		case *ast.TypeSpec:
			rename(s.Name)
		case *ast.ValueSpec:
			for _, id := range s.Names {
				rename(id)
			}
		}
	}
}

// method lowers a method. The tier never forgets a method's first body, so the
// method calls a function through a variable, and declaring it again sets that.
func (l *lowerer) method(f *ast.FuncDecl, d check.Decl) {
	name := d.Names[0]
	chunk := d.Chunk
	e := &check.Entity{Name: name, Obj: nil, Runtime: "", Chunk: &chunk, Refs: d.Refs, Uses: d.Uses}
	l.entities = append(l.entities, e)
	old := l.scope.Lookup(name)
	again := old != nil && l.byName[check.ReceiverBase(d.Node.(*ast.FuncDecl))] == "" && old.Runtime != "" && l.byName[strings.SplitN(name, ".", 2)[0]] == ""
	if isGeneric(f) {
		l.decls = append(l.decls, f)
		return
	}
	impl := l.scope.NewName("__impl_" + name)
	slot := l.scope.NewName("__slot_" + name)
	if again {
		slot = old.Runtime
	}
	e.Runtime = slot
	params, args := named(f)
	ft := &ast.FuncType{Func: f.Pos(), Params: params, Results: f.Type.Results}
	l.decls = append(l.decls, &ast.FuncDecl{Name: &ast.Ident{Name: impl, NamePos: f.Pos()}, Type: ft, Body: f.Body})
	if !again {
		l.vars = append(l.vars, &ast.GenDecl{TokPos: f.Pos(), Tok: token.VAR, Specs: []ast.Spec{&ast.ValueSpec{Names: []*ast.Ident{{Name: slot, NamePos: f.Pos()}}, Type: unnamed(ft)}}})
		call := &ast.CallExpr{Fun: &ast.Ident{Name: slot, NamePos: f.Pos()}, Args: args, Lparen: f.Pos(), Rparen: f.Pos()}
		if n := len(f.Type.Params.List); n > 0 {
			if _, ok := f.Type.Params.List[n-1].Type.(*ast.Ellipsis); ok {
				call.Ellipsis = f.Pos()
			}
		}
		var s ast.Stmt = &ast.ExprStmt{X: call}
		if f.Type.Results != nil && len(f.Type.Results.List) > 0 {
			s = &ast.ReturnStmt{Return: f.Pos(), Results: []ast.Expr{call}}
		}
		f.Body = &ast.BlockStmt{Lbrace: f.Pos(), Rbrace: f.Pos(), List: []ast.Stmt{s}}
		l.decls = append(l.decls, f)
	}
	l.tellMethod(f, name, impl)
	l.prologue = append(l.prologue, &ast.AssignStmt{
		Lhs: []ast.Expr{&ast.Ident{Name: slot, NamePos: f.Pos()}}, Tok: token.ASSIGN, TokPos: f.Pos(),
		Rhs: []ast.Expr{&ast.Ident{Name: impl, NamePos: f.Pos()}},
	})
}

func isGeneric(f *ast.FuncDecl) bool {
	t := f.Recv.List[0].Type
	if s, ok := t.(*ast.StarExpr); ok {
		t = s.X
	}
	_, one := t.(*ast.IndexExpr)
	_, many := t.(*ast.IndexListExpr)
	return one || many
}

// named gives every parameter of a method a name, the receiver's first, and
// returns the parameters of the same function without receiver, and the
// arguments that pass them on.
func named(f *ast.FuncDecl) (*ast.FieldList, []ast.Expr) {
	params := &ast.FieldList{Opening: f.Pos(), Closing: f.Pos()}
	var args []ast.Expr
	n := 0
	for _, list := range []*ast.FieldList{f.Recv, f.Type.Params} {
		for _, field := range list.List {
			if len(field.Names) == 0 {
				field.Names = []*ast.Ident{{Name: "_", NamePos: field.Pos()}}
			}
			for _, id := range field.Names {
				if id.Name == "_" {
					id.Name = "__arg" + strconv.Itoa(n)
				}
				n++
				args = append(args, &ast.Ident{Name: id.Name, NamePos: f.Pos()})
			}
			params.List = append(params.List, field)
		}
	}
	return params, args
}

// unnamed is a function type without the names of its parameters, which the tier
// would take for uses of the session's variables.
func unnamed(t *ast.FuncType) *ast.FuncType {
	bare := func(list *ast.FieldList) *ast.FieldList {
		if list == nil {
			return nil
		}
		out := &ast.FieldList{Opening: list.Opening, Closing: list.Closing}
		for _, f := range list.List {
			for range max(len(f.Names), 1) {
				out.List = append(out.List, &ast.Field{Type: f.Type})
			}
		}
		return out
	}
	return &ast.FuncType{Func: t.Func, Params: bare(t.Params), Results: bare(t.Results)}
}

func (l *lowerer) program() *Program {
	f := &ast.File{Package: l.pos, Name: l.ident("main")}
	code := &ast.File{Package: l.pos, Name: l.ident("main")}
	entryToken := &ast.UnaryExpr{OpPos: l.pos, Op: token.SUB, X: number(l.opt.Run, l.pos)}
	l.prologue = append([]ast.Stmt{l.ended(entryToken)}, l.prologue...)
	entry := &ast.FuncDecl{
		Name: &ast.Ident{Name: l.opt.Entry, NamePos: l.Body.Lbrace},
		Type: &ast.FuncType{Func: l.Body.Lbrace, Params: &ast.FieldList{}},
		Body: &ast.BlockStmt{Lbrace: l.Body.Lbrace, List: append(l.prologue, l.body...), Rbrace: l.Body.Rbrace},
	}
	p := &Program{Files: []*ast.File{f, code}, Entry: l.opt.Entry, Entities: l.entities, Marks: l.marks}
	imports := &ast.GenDecl{TokPos: l.pos, Tok: token.IMPORT, Lparen: l.pos, Rparen: l.pos}
	for path, alias := range l.aliases {
		p.Packages = append(p.Packages, path)
		spec := &ast.ImportSpec{
			Name: &ast.Ident{Name: alias, NamePos: l.pos},
			Path: &ast.BasicLit{ValuePos: l.pos, Kind: token.STRING, Value: strconv.Quote(path)},
		}
		imports.Specs = append(imports.Specs, spec)
		f.Imports = append(f.Imports, spec)
	}
	if len(imports.Specs) > 0 {
		f.Decls = append(f.Decls, imports)
	}
	for _, d := range l.decls {
		// The tier wants the methods of generic types before their instances.
		if fn, isFunc := d.(*ast.FuncDecl); isFunc && (fn.Recv == nil || !isGeneric(fn)) {
			code.Decls = append(code.Decls, d)
		} else {
			f.Decls = append(f.Decls, d)
		}
	}
	f.Decls = append(f.Decls, l.vars...)
	code.Decls = append(code.Decls, entry)
	return p
}
