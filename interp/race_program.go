package interp

import (
	_ "embed"
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/adabc437/fanout/interp/build"
	"github.com/adabc437/fanout/interp/cell"
	"github.com/adabc437/fanout/interp/check"
	"github.com/adabc437/fanout/interp/lower"
	"github.com/adabc437/fanout/interp/session"
)

// A cell as a program of its own.
//
// Each declaration that the cell needs, of its own and of earlier cells, is a file of
// package main, so that it has the imports that it was checked with. The statements are
// the body of main, as the user wrote them. Session variables are package variables,
// which are given their values before anything else runs, and so are variables of the
// cell that functions use. Line directives carry the cells' lines.

// raceRuntime is the package that the program has besides, with raceTypes.
//
//go:embed race.go.txt
var raceRuntime string

//go:embed race_types.go
var raceTypes string

// rt is the name of that package in the program. Nobody types it.
const raceRT = "Ɣrt"

// A raceProgram is a cell as a program.
type raceProgram struct {
	build.Program
	values []byte
}

// racer writes one.
type racer struct {
	run     *run
	interp  *Interp
	unit    *check.Unit
	maps    map[string]string // the calls of racert.Map by the names of their sites
	own     map[string]bool   // names that the unit declares for its package
	locals  map[string]*types.Var
	hoisted map[string]bool // locals that are package variables
	needed  map[string]*check.Entity
	queue   []*check.Entity
	vars    []string // session variables, in the order of need
	host    map[string]bool
	files   map[string][]byte
	imports map[string]bool
	names   map[string]string // local names of packages, for messages
	err     *session.Diagnostic
}

// raceProgram makes a program of the Go of a cell, in which magics stand as calls. The
// calls of racert.Map are given by the names of these, and so many jobs run in the
// background. The caller holds the session's lock.
func (r *run) raceProgram(src string, calls map[string]string, jobs int) (*raceProgram, *session.Diagnostic) {
	i := r.interp
	chunks, d := r.chunks(src)
	if d != nil {
		return nil, d
	}
	if len(chunks) == 0 {
		return nil, &session.Diagnostic{Name: session.MagicError, Message: "there is nothing to run"}
	}
	unit, d := r.check(chunks, nil)
	if d != nil {
		return nil, d
	}
	w := &racer{
		run: r, interp: i, unit: unit, maps: calls, own: map[string]bool{}, locals: map[string]*types.Var{}, hoisted: map[string]bool{},
		needed: map[string]*check.Entity{}, host: map[string]bool{}, files: map[string][]byte{}, imports: map[string]bool{}, names: map[string]string{},
	}
	w.declared()
	w.need()
	w.write()
	w.clashes()
	if w.err != nil {
		return nil, w.err
	}
	p := &raceProgram{Program: build.Program{Files: w.files, Imports: slices.Sorted(maps.Keys(w.imports)), Race: true}}
	var slots []slot
	for _, name := range w.vars {
		slots = append(slots, i.native.slots[name])
	}
	if len(slots) > 0 && jobs > 0 {
		return nil, &session.Diagnostic{
			Name: session.MagicError, Message: fmt.Sprintf("%%race copies the variables, and %s may write to them: %%pwait or %%pcancel first", inBackground(jobs)), Pos: w.firstUse(w.vars[0]),
		}
	}
	data, bad, err := encodeValues(slots)
	if err != nil {
		e := i.scope.Lookup(w.vars[bad])
		return nil, &session.Diagnostic{
			Name: session.MagicError, Message: fmt.Sprintf("the value of %s cannot be copied into the program: it %v", e.Name, err), Pos: w.firstUse(e.Name),
			Hint: "make it in a %%race cell, or in a function that the program calls; a function can be copied if it is declared, func f(…)",
		}
	}
	p.values = data
	return p, nil
}

// inBackground counts maps.
func inBackground(jobs int) string {
	if jobs == 1 {
		return "a map in the background"
	}
	return fmt.Sprintf("%d maps in the background", jobs)
}

// fail notes what keeps the cell from being a program; the first counts.
func (w *racer) fail(pos *session.Position, hint, format string, args ...any) {
	if w.err == nil {
		w.err = &session.Diagnostic{Name: session.MagicError, Message: fmt.Sprintf(format, args...), Hint: hint, Pos: pos}
	}
}

// firstUse is where the cell first uses a name.
func (w *racer) firstUse(name string) (at *session.Position) {
	nodes := []ast.Node{w.unit.Body}
	for _, d := range w.unit.Decls {
		nodes = append(nodes, d.Node)
	}
	for _, n := range nodes {
		ast.Inspect(n, func(n ast.Node) bool {
			if id, ok := n.(*ast.Ident); ok && at == nil && id.Name == name && w.unit.Info.Uses[id] != nil {
				at = check.Position(w.unit.Fset.Position(id.Pos()), w.run.lines)
			}
			return at == nil
		})
	}
	return at
}

// write writes the files.
func (w *racer) write() {
	if w.err != nil {
		return
	}
	_, shared, _ := strings.Cut(raceTypes, "\n")
	w.file("racert/racert.go", []string{modulePath + "parallel"}, raceRuntime)
	w.file("racert/types.go", nil, "package racert\n"+shared)
	for n, d := range w.unit.Decls {
		uses := d.Uses
		w.place(fmt.Sprintf("own%d.go", n), uses, d.Chunk)
	}
	for n, g := range w.unit.GlobalDecls {
		w.source(fmt.Sprintf("global%d.go", n), w.unit.Uses(g), w.text(g))
	}
	written := map[string]bool{}
	for _, name := range slices.Sorted(maps.Keys(w.needed)) {
		e := w.needed[name]
		if e.IsVar() {
			continue
		}
		if place := fmt.Sprintf("%d:%d:%d", e.Cell, e.Chunk.Line, e.Chunk.Col); !written[place] {
			written[place] = true
			w.place(fmt.Sprintf("earlier%d.go", len(written)), e.Uses, *e.Chunk)
		}
	}
	w.variables()
	w.main()
}

func (w *racer) file(name string, imports []string, text string) {
	w.files[name] = []byte(text)
	for _, p := range imports {
		w.imports[p] = true
	}
}

// place writes a file with one declaration.
func (w *racer) place(name string, uses map[string]types.Object, c cell.Chunk) {
	n, _ := check.CellOf(c.File)
	w.source(name, uses, fmt.Sprintf("/*line %s:%d:%d*/%s\n", check.FileName(n), c.Line, c.Col, c.Text))
}

// source writes a file of package main with the packages that it uses.
func (w *racer) source(name string, uses map[string]types.Object, text string) {
	var b strings.Builder
	var paths []string
	b.WriteString("package main\n")
	dots := map[string]bool{}
	for _, n := range slices.Sorted(maps.Keys(uses)) {
		o := uses[n]
		p, isPkg := o.(*types.PkgName)
		switch {
		case isPkg:
			fmt.Fprintf(&b, "import %s %q\n", n, p.Imported().Path())
			paths, w.names[n] = append(paths, p.Imported().Path()), p.Imported().Path()
		case o.Pkg() != nil && o.Pkg().Path() != "main" && o.Pkg().Path() != lower.Host && !dots[o.Pkg().Path()]:
			dots[o.Pkg().Path()] = true
			fmt.Fprintf(&b, "import . %q\n", o.Pkg().Path())
			paths = append(paths, o.Pkg().Path())
		}
	}
	if strings.Contains(text, raceRT+".") {
		fmt.Fprintf(&b, "import %s %q\n", raceRT, build.ProgramModule+"/racert")
	}
	w.file(name, paths, b.String()+plainDirectives(text))
}

// plainDirectives gives the files in line directives their cells' plain names.
func plainDirectives(text string) string {
	return cell.Directive.ReplaceAllStringFunc(text, func(m string) string {
		sub := cell.Directive.FindStringSubmatch(m)
		if n, ok := check.CellOf(sub[1]); ok {
			return fmt.Sprintf("/*line %s:%s:%s*/", check.FileName(n), sub[2], sub[3])
		}
		return m
	})
}

// text is a node as the user wrote it, at its place.
func (w *racer) text(n ast.Node) string {
	from, to := w.offset(n.Pos()), w.offset(n.End())
	return w.directive(n.Pos()) + w.unit.Text[from:to] + "\n"
}

func (w *racer) offset(pos token.Pos) int { return w.unit.Fset.PositionFor(pos, false).Offset }

func (w *racer) directive(pos token.Pos) string {
	p := w.unit.Fset.Position(pos)
	return fmt.Sprintf("/*line %s:%d:%d*/", p.Filename, p.Line, p.Column)
}

// variables writes the session's variables and the hoisted ones, with what gives the former
// their values before any other variable is set: they are the first of the program,
// whose files are taken in the order of their names.
func (w *racer) variables() {
	var b strings.Builder
	paths := map[string]string{} // to names
	qualifier := func(p *types.Package) string {
		if p.Path() == "main" || p.Path() == lower.Host {
			return ""
		}
		if paths[p.Path()] == "" {
			paths[p.Path()] = "Ɣp" + strconv.Itoa(len(paths))
		}
		return paths[p.Path()]
	}
	declared := map[string]bool{}
	for _, name := range w.vars {
		declared[name] = true
		t := w.interp.scope.Lookup(name).Obj.Type()
		if w.hoisted[name] && !types.Identical(t, w.locals[name].Type()) {
			w.fail(w.firstUse(name), "give it another name", "%s is used as the variable of an earlier cell and as one of this cell, of another type", name)
		}
		fmt.Fprintf(&b, "var %s %s\n", name, types.TypeString(t, qualifier))
	}
	for _, name := range slices.Sorted(maps.Keys(w.hoisted)) {
		if !declared[name] {
			fmt.Fprintf(&b, "var %s %s\n", name, types.TypeString(w.locals[name].Type(), qualifier))
		}
	}
	if len(w.vars) > 0 {
		fmt.Fprintf(&b, "var _ = %s.Load(&%s)\n", raceRT, strings.Join(w.vars, ", &"))
	}
	for _, name := range slices.Sorted(maps.Keys(w.host)) {
		b.WriteString(racePredeclared(name) + "\n")
	}
	for _, name := range slices.Sorted(maps.Keys(w.maps)) {
		result := w.resultOf(name)
		fmt.Fprintf(&b, "func %s(f, xs interface{}) ", name)
		if result == nil {
			fmt.Fprintf(&b, "{ %s }\n", w.maps[name])
			continue
		}
		text := types.TypeString(result, qualifier)
		w.types(result, name)
		fmt.Fprintf(&b, "%s { return %s.(%s) }\n", text, w.maps[name], text)
	}
	var head strings.Builder
	for _, path := range slices.Sorted(maps.Keys(paths)) {
		fmt.Fprintf(&head, "import %s %q\n", paths[path], path)
		w.imports[path] = true
	}
	fmt.Fprintf(&head, "import _ %q\n", build.ProgramModule+"/racert")
	if strings.Contains(b.String(), raceRT+".") {
		fmt.Fprintf(&head, "import %s %q\n", raceRT, build.ProgramModule+"/racert")
	}
	if strings.Contains(b.String(), "Ɣparallel.") {
		head.WriteString("import Ɣparallel " + strconv.Quote(modulePath+"parallel") + "\n")
	}
	w.files["aa.go"] = []byte("package main\n" + head.String() + b.String())
}

// resultOf is the type of what a magic gives, nil for none.
func (w *racer) resultOf(site string) (t types.Type) {
	for e, tv := range w.unit.Info.Types {
		if call, ok := e.(*ast.CallExpr); ok {
			if id, ok := call.Fun.(*ast.Ident); ok && id.Name == site {
				t = tv.Type
			}
		}
	}
	if tuple, ok := t.(*types.Tuple); ok && tuple.Len() == 0 {
		return nil
	}
	return t
}

// main writes the statements.
func (w *racer) main() {
	body := w.unit.Body.List
	switch {
	case w.unit.CallsMain && len(body) == 1:
		return // the user's own
	case w.own["main"] || w.needed["main"] != nil:
		w.fail(w.firstUse("main"), "give it another name", "the program has a main of its own, with the statements of the cell")
		return
	}
	var b strings.Builder
	b.WriteString("func main() {\n")
	for _, s := range body {
		b.WriteString(w.statement(s))
	}
	for _, name := range slices.Sorted(maps.Keys(w.locals)) {
		if !w.hoisted[name] {
			fmt.Fprintf(&b, "_ = %s\n", name)
		}
	}
	b.WriteString("}\n")
	w.source("main.go", w.bodyUses(), b.String())
}

// bodyUses is what the statements use that are written: of a hoisted variable the
// declaration has the type.
func (w *racer) bodyUses() map[string]types.Object {
	uses := map[string]types.Object{}
	for _, s := range w.unit.Body.List {
		d, isDecl := unlabelled(s).(*ast.DeclStmt)
		if !isDecl || !slices.ContainsFunc(w.declares(s), func(n string) bool { return w.hoisted[n] }) {
			maps.Copy(uses, w.unit.Uses(s))
			continue
		}
		for _, spec := range d.Decl.(*ast.GenDecl).Specs {
			for _, v := range spec.(*ast.ValueSpec).Values {
				maps.Copy(uses, w.unit.Uses(v))
			}
		}
	}
	return uses
}

// statement writes a statement of the cell.
func (w *racer) statement(s ast.Stmt) string {
	hoisted := slices.ContainsFunc(w.declares(s), func(n string) bool { return w.hoisted[n] })
	switch inner := unlabelled(s).(type) {
	case *ast.AssignStmt:
		if hoisted {
			at := w.offset(inner.TokPos)
			return w.directive(s.Pos()) + w.unit.Text[w.offset(s.Pos()):at] + "=" + w.unit.Text[at+len(":="):w.offset(s.End())] + "\n"
		}
	case *ast.DeclStmt:
		if hoisted {
			label := w.unit.Text[w.offset(s.Pos()):w.offset(inner.Pos())]
			return w.directive(s.Pos()) + label + "{\n" + w.assignments(inner.Decl.(*ast.GenDecl)) + "}\n"
		}
	case *ast.ExprStmt:
		if inner.X == w.unit.Result {
			return w.result(s, inner.X)
		}
	}
	return w.text(s)
}

// assignments are what var declarations do.
func (w *racer) assignments(g *ast.GenDecl) string {
	var b strings.Builder
	for _, spec := range g.Specs {
		s := spec.(*ast.ValueSpec)
		var names []string
		for _, id := range s.Names {
			names = append(names, id.Name)
		}
		b.WriteString(w.directive(s.Pos()))
		switch {
		case len(s.Values) > 0:
			from, to := w.offset(s.Values[0].Pos()), w.offset(s.End())
			fmt.Fprintf(&b, "%s = %s\n", strings.Join(names, ", "), w.unit.Text[from:to])
		default:
			for _, n := range names {
				if n != "_" {
					fmt.Fprintf(&b, "%s.Zero(&%s)\n", raceRT, n)
				}
			}
		}
	}
	return b.String()
}

// result writes the last expression of the cell, and has its value printed where the cell
// would show it.
func (w *racer) result(s ast.Stmt, x ast.Expr) string {
	tv := w.unit.Info.Types[x]
	if tv.IsVoid() || quietCall(w.unit, x) {
		return w.text(s)
	}
	show := raceRT + ".Show"
	if w.unit.Hidden {
		show = raceRT + ".Use"
	}
	from, to := w.offset(x.Pos()), w.offset(x.End())
	text := w.unit.Text[from:to]
	if rest, several := strings.CutPrefix(text, check.ValuesCall); several {
		text = rest
	} else {
		text = "(" + w.directive(x.Pos()) + text + ")"
	}
	return w.unit.Text[w.offset(s.Pos()):from] + show + text + "\n"
}

// clashes says of a name that it stands for a package in one part of the program, and for something
// else in all of it.
func (w *racer) clashes() {
	declared := slices.Concat(w.vars, slices.Collect(maps.Keys(w.own)), slices.Collect(maps.Keys(w.hoisted)), slices.Collect(maps.Keys(w.needed)), slices.Collect(maps.Keys(w.host)))
	slices.Sort(declared)
	for _, name := range declared {
		if path, ok := w.names[name]; ok {
			w.fail(w.firstUse(name), "give yours another name, or import the package under one", "%s is the package %s in one part of the program, and something of yours in another", name, path)
		}
	}
}
