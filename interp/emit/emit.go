// Package emit writes a checked cell as a Go package for the compiled tier.
//
// The user's own text is kept, and edited only where it must: names of the session
// get the package or the pointer behind them, top-level variables become the
// session's, loops get interrupt checks, go statements a guard. Line directives
// carry the user's lines. Nothing runs here. Start at [Emit].
//
// Every cell is a package main of its own under an import path that its content
// gives. So that later cells can use what it declares, each unexported name is
// exported under a longer one: [Mark] stands in front of it. Struct fields and
// methods get it, too; the loader takes it off the fields again, so that
// printing and encoding see the names that the user wrote.
package emit

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"maps"
	"slices"
	"strings"

	"github.com/adabc437/fanout/interp/cell"
	"github.com/adabc437/fanout/interp/check"
	"github.com/adabc437/fanout/interp/session"
)

// Mark exports an unexported name: Ʌfib is fib. It is a capital letter that
// nobody types.
const Mark = "Ʌ"

// own begins the names that generated code has for itself.
const own = "Ɣ"

// Names of a generated package that the host looks up.
const (
	Entry = own + "cell" // func(), which runs the statements
	Run   = own + "run"  // int, the run that results and magics belong to
	Table = own + "tab"  // [N]any, in the order of Package.Table
	Set   = own + "set"  // [N]bool, in the order of Package.Set
)

// Runtime is the import path of the package through which compiled cells call
// the session.
const Runtime = "github.com/adabc437/fanout/interp/rt"

// Options says how a unit is written.
type Options struct {
	// Calls maps the names of magics in the source to their numbers.
	Calls map[string]int
	// Host is the path of the package that declares what every cell sees.
	Host string
}

// A Package is a cell, written as Go.
type Package struct {
	Path    string
	Source  []byte
	Imports []string
	// Files are the names that line directives use for cells, by their numbers.
	Files map[string]int
	// Table lists what the variable Table of the package holds.
	Table []Item
	// Variables are the session's variables that the package uses: it reaches each
	// through a pointer, which the host sets before it runs anything.
	Variables []Variable
	// Set names variables that the unit declares: the variable Set of the package tells
	// of each whether its declaration has run.
	Set []string
	// Earlier are those that the unit uses for the last time, as it declares others
	// of their names.
	Earlier []Variable
	// Entities are what the unit declares.
	Entities []*check.Entity
	// Statements says that Entry does something.
	Statements bool
}

// An Item is a value or a type that the host wants to know: a func as itself, of
// a type or a variable a nil pointer to the type.
type Item struct {
	Name string
	Kind ItemKind
}

// ItemKind tells what an [Item] is.
type ItemKind int

// The kinds of items.
const (
	Func ItemKind = iota
	Type
	Var
	Made // see [MadeOf]; nobody asks for it
)

// A Variable is a session variable in a package. Pointer is the symbol of the
// pointer to it, which whoever loads the package sets before its code runs.
type Variable struct {
	Name    string
	Pointer string
	// New says that the unit declares the variable.
	New bool
}

// Emit writes a unit.
func Emit(u *check.Unit, scope *check.Scope, opt Options) (*Package, *session.Diagnostic) {
	w := &writer{
		Unit: u, scope: scope, opt: opt, text: u.Text,
		imports: map[string]string{}, objects: map[types.Object]*check.Entity{}, locals: map[types.Object]bool{}, declared: map[types.Object]bool{},
		vars: map[string]*Variable{}, files: map[string]string{}, skip: map[ast.Node]bool{}, closing: map[ast.Node][]edit{}, late: map[ast.Node]func(){}, labelled: map[ast.Stmt]bool{}, unused: map[ast.Expr]bool{}, earlier: map[string]*types.Var{}, aliases: map[string]string{},
	}
	w.names()
	w.walk()
	if w.err != nil {
		return nil, w.err
	}
	return w.finish()
}

type writer struct {
	*check.Unit
	scope    *check.Scope
	opt      Options
	text     string
	edits    []edit
	imports  map[string]string // path to the name that the source has for it
	objects  map[types.Object]*check.Entity
	locals   map[types.Object]bool // the unit's session variables
	declared map[types.Object]bool // what the unit declares besides
	vars     map[string]*Variable
	order    []string
	files    map[string]string
	skip     map[ast.Node]bool
	closing  map[ast.Node][]edit
	late     map[ast.Node]func()   // edits of a node that go around all inside of it
	inFunc   bool                  // a type is written where types of functions can be named
	earlier  map[string]*types.Var // variables that the unit declares anew with another type
	labelled map[ast.Stmt]bool
	unused   map[ast.Expr]bool // expressions that are statements
	aliases  map[string]string // of basic types that are embedded
	temps    int
	err      *session.Diagnostic
}

// names notes what the objects of the session are.
func (w *writer) names() {
	for _, e := range w.scope.Entities() {
		if e.Obj != nil {
			w.objects[e.Obj] = e
		}
	}
	for _, v := range w.Locals {
		w.locals[v] = true
	}
	for _, d := range w.Decls {
		for _, n := range d.Names {
			if o := w.Pkg.Scope().Lookup(n); o != nil {
				w.declared[o] = true
			}
		}
	}
}

// exported is the name under which other cells know name.
func exported(name string) string {
	if ast.IsExported(name) || name == "_" {
		return name
	}
	return Mark + name
}

// Plain takes the marks off a text.
func Plain(text string) string { return strings.ReplaceAll(text, Mark, "") }

// fail notes an error at pos; the first one counts.
func (w *writer) fail(pos token.Pos, hint, format string, args ...any) {
	if w.err == nil {
		w.err = &session.Diagnostic{Name: session.TypeError, Message: fmt.Sprintf(format, args...), Hint: hint, Pos: check.Position(w.Fset.Position(pos), w.Lines)}
	}
}

// pkg is the name of an imported package in the source.
func (w *writer) pkg(path string) string {
	if name, ok := w.imports[path]; ok {
		return name
	}
	name := fmt.Sprintf("%sp%d", own, len(w.imports))
	w.imports[path] = name
	return name
}

func (w *writer) rt() string { return w.pkg(Runtime) }

// finish puts the source together.
func (w *writer) finish() (*Package, *session.Diagnostic) {
	p := &Package{Files: map[string]int{}}
	var body strings.Builder
	for _, d := range w.Decls {
		body.WriteString(w.directive(d.Node.Pos()))
		body.WriteString(w.edited(w.offset(d.Node.Pos()), w.offset(d.Node.End())))
		body.WriteString("\n")
		w.extras(&body, d, p)
	}
	body.WriteString("func " + Entry + "() {\n")
	inits := w.Unit.AfterVars() // init functions run when the variables are set
	start := func() {
		for _, s := range w.initial(p) {
			p.Statements = true
			body.WriteString(s + "\n")
		}
	}
	if inits == 0 {
		start()
	}
	for n, s := range w.Body.List {
		if n == inits && n > 0 {
			start()
		}
		if w.skip[s] {
			continue
		}
		p.Statements = true
		body.WriteString(w.directive(s.Pos()) + w.edited(w.offset(s.Pos()), w.offset(s.End())) + "\n")
		w.isSet(&body, s, p)
	}
	if inits > 0 && inits == len(w.Body.List) {
		start()
	}
	for _, s := range w.final() {
		p.Statements = true
		body.WriteString(s + "\n")
	}
	body.WriteString("}\n")
	w.variables(&body, p)
	w.earlierVariables(&body, p)
	if w.err != nil {
		return nil, w.err
	}
	w.table(&body, p)
	for alias, of := range w.aliases {
		fmt.Fprintf(&body, "type %s = %s\n", alias, of)
	}
	var src strings.Builder
	src.WriteString("package main\n")
	for _, path := range slices.Sorted(maps.Keys(w.imports)) {
		if !strings.Contains(body.String(), w.imports[path]+".") {
			continue // it was named in what was edited away
		}
		fmt.Fprintf(&src, "import %s %q\n", w.imports[path], path)
		p.Imports = append(p.Imports, path)
	}
	src.WriteString("var " + Run + " int\n")
	if len(p.Set) > 0 {
		fmt.Fprintf(&src, "var %s [%d]bool\n", Set, len(p.Set))
	}
	src.WriteString(w.neutral(body.String(), p))
	sum := sha256.Sum256([]byte(src.String()))
	p.Path = "cell/" + hex.EncodeToString(sum[:8])
	p.Source = []byte(src.String())
	for _, e := range p.Entities {
		e.Runtime = p.Path
	}
	return p, nil
}

// isSet writes behind a statement of the cell that the variables are set which it
// declares.
func (w *writer) isSet(b *strings.Builder, s ast.Stmt, p *Package) {
	for {
		l, ok := s.(*ast.LabeledStmt)
		if !ok {
			break
		}
		s = l.Stmt
	}
	var names []*ast.Ident
	switch s := s.(type) {
	case *ast.AssignStmt:
		for _, e := range s.Lhs {
			if id, ok := e.(*ast.Ident); ok && s.Tok == token.DEFINE {
				names = append(names, id)
			}
		}
	case *ast.DeclStmt:
		if g, ok := s.Decl.(*ast.GenDecl); ok && g.Tok == token.VAR {
			for _, spec := range g.Specs {
				names = append(names, spec.(*ast.ValueSpec).Names...)
			}
		}
	}
	for _, id := range names {
		if v, isNew := w.Info.Defs[id].(*types.Var); isNew && w.TopLevel(v) {
			b.WriteString(set(id.Name, p) + "\n")
		}
	}
}

// set is the statement that says of a variable that it is set.
func set(name string, p *Package) string {
	p.Set = append(p.Set, name)
	return fmt.Sprintf("%s[%d] = true", Set, len(p.Set)-1)
}

// table writes the values that the host asks for.
func (w *writer) table(b *strings.Builder, p *Package) {
	fmt.Fprintf(b, "var %s = [...]interface{}{", Table)
	for _, it := range p.Table {
		switch it.Kind {
		case Func:
			b.WriteString(exported(it.Name) + ", ")
		case Type:
			b.WriteString("(*" + it.Name + ")(nil), ")
		case Made:
			b.WriteString("(*" + it.Name + ")(nil), ")
		case Var:
			b.WriteString("(*" + w.typeText(w.varType(it.Name)) + ")(nil), ")
		}
	}
	b.WriteString("}\n")
}

// extras writes what goes with a declaration and enters it.
func (w *writer) extras(b *strings.Builder, d check.Decl, p *Package) {
	chunk := d.Chunk
	enter := func(name string, o types.Object) {
		p.Entities = append(p.Entities, &check.Entity{Name: name, Obj: o, Chunk: &chunk, Refs: d.Refs, Uses: d.Uses})
	}
	if f, ok := d.Node.(*ast.FuncDecl); ok {
		name := f.Name.Name
		switch {
		case f.Recv != nil:
			enter(d.Names[0], nil)
		case name == "_" || name == "init":
		default:
			o := w.Pkg.Scope().Lookup(name)
			enter(name, o)
			if f.Type.TypeParams == nil {
				p.Table = append(p.Table, Item{name, Func})
			}
		}
		return
	}
	g := d.Node.(*ast.GenDecl)
	for _, s := range g.Specs {
		switch s := s.(type) {
		case *ast.TypeSpec:
			name := s.Name.Name
			if name == "_" {
				continue
			}
			enter(name, w.Pkg.Scope().Lookup(name))
			if exported(name) != name {
				params, args := w.typeParams(s)
				fmt.Fprintf(b, "type %s%s = %s%s\n", exported(name), params, name, args)
			}
			if t, ok := w.Info.Defs[s.Name].(*types.TypeName); s.TypeParams == nil && ok && !isConstraint(t.Type()) {
				p.Table = append(p.Table, Item{name, Type})
				for _, made := range MadeOf(name) {
					p.Table = append(p.Table, Item{made, Made})
				}
			}
		case *ast.ValueSpec:
			for _, n := range s.Names {
				if o := w.Pkg.Scope().Lookup(n.Name); o != nil {
					enter(n.Name, o)
				}
			}
		}
	}
}

// MadeOf are types made of a declared one that its package holds: those that reflection
// would otherwise make first, and that then were others than the compiler's. Cells that
// need more are compiled.
func MadeOf(name string) []string {
	return []string{
		"[]" + name, "[]*" + name, "[][]" + name, "[]map[string]" + name,
		"map[string]" + name, "map[string]*" + name, "map[string][]" + name, "map[int]" + name, "map[int][]" + name,
	}
}

// isConstraint says of an interface that no value can have it as its type.
func isConstraint(t types.Type) bool {
	i, ok := t.Underlying().(*types.Interface)
	return ok && (!i.IsMethodSet() || i.IsComparable())
}

// typeParams is the list of a generic type's parameters, as declared and as used.
func (w *writer) typeParams(s *ast.TypeSpec) (params, args string) {
	if s.TypeParams == nil {
		return "", ""
	}
	var names []string
	for _, f := range s.TypeParams.List {
		for _, n := range f.Names {
			names = append(names, n.Name)
		}
	}
	return w.edited(w.offset(s.TypeParams.Opening), w.offset(s.TypeParams.Closing)+1), "[" + strings.Join(names, ", ") + "]"
}

// variable is the session variable of that name in this package.
func (w *writer) variable(name string) *Variable {
	v := w.vars[name]
	if v == nil {
		v = &Variable{Name: name, Pointer: own + "v_" + name}
		w.vars[name] = v
		w.order = append(w.order, name)
	}
	return v
}

// pointer is the name of the pointer to a variable: to the earlier one of its name
// where the unit declares the name with another type, and still uses the earlier
// one.
func (w *writer) pointer(v *types.Var) string {
	e := w.objects[v]
	if e == nil || w.Retyped[v.Name()] != nil {
		return w.variable(v.Name()).Pointer
	}
	for _, l := range w.Locals {
		if l.Name() == v.Name() && !types.Identical(l.Type(), v.Type()) {
			w.earlier[v.Name()] = v
			return own + "o_" + v.Name()
		}
	}
	return w.variable(v.Name()).Pointer
}

// varType is the type that the variable has after this unit.
func (w *writer) varType(name string) types.Type {
	for _, v := range w.Locals {
		if v.Name() == name {
			return v.Type()
		}
	}
	if v := w.Retyped[name]; v != nil {
		return v.Type()
	}
	return w.scope.Lookup(name).Obj.Type()
}

// variables declares the pointers through which variables are reached.
func (w *writer) variables(b *strings.Builder, p *Package) {
	for _, v := range w.Locals {
		w.variable(v.Name())
	}
	for _, name := range slices.Sorted(maps.Keys(w.Retyped)) { // also those that the cell does not use
		w.variable(name)
	}
	for _, name := range w.order {
		v := *w.vars[name]
		t := w.varType(name)
		v.New = slices.ContainsFunc(w.Locals, func(l *types.Var) bool { return l.Name() == name })
		fmt.Fprintf(b, "var %s *%s\n", v.Pointer, w.typeText(t))
		p.Variables = append(p.Variables, v)
		p.Table = append(p.Table, Item{name, Var})
		if v.New {
			p.Entities = append(p.Entities, &check.Entity{Name: name, Obj: types.NewVar(token.NoPos, w.Pkg, name, t)})
		} else if r := w.Retyped[name]; r != nil {
			p.Entities = append(p.Entities, &check.Entity{Name: name, Obj: r})
		}
	}
}

// earlierVariables declares the pointers to variables that the unit replaces.
func (w *writer) earlierVariables(b *strings.Builder, p *Package) {
	for _, name := range slices.Sorted(maps.Keys(w.earlier)) {
		fmt.Fprintf(b, "var %so_%s *%s\n", own, name, w.typeText(w.earlier[name].Type()))
		p.Earlier = append(p.Earlier, Variable{Name: name, Pointer: own + "o_" + name})
	}
}

// offset is where pos lies in the text.
func (w *writer) offset(pos token.Pos) int { return w.Fset.PositionFor(pos, false).Offset }

// directive is a line directive for pos.
func (w *writer) directive(pos token.Pos) string {
	p := w.Fset.Position(pos)
	return fmt.Sprintf("/*line %s:%d:%d*/", p.Filename, p.Line, p.Column)
}

// neutral gives the files in line directives names that do not depend on the
// number of the cell, so that a cell that runs again is the same package.
func (w *writer) neutral(src string, p *Package) string {
	return cell.Directive.ReplaceAllStringFunc(src, func(m string) string {
		sub := cell.Directive.FindStringSubmatch(m)
		n, ok := check.CellOf(sub[1])
		if !ok {
			return m // of the user's text
		}
		name, ok := w.files[sub[1]]
		if !ok {
			name = fmt.Sprintf("cell%d", len(w.files))
			w.files[sub[1]] = name
			p.Files[name] = n
		}
		return fmt.Sprintf("/*line %s:%s:%s*/", name, sub[2], sub[3])
	})
}
