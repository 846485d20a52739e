package interp

import (
	"fmt"
	"go/types"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"

	yaegi "github.com/traefik/yaegi/interp"

	"github.com/adabc437/fanout/interp/cell"
	"github.com/adabc437/fanout/interp/check"
	"github.com/adabc437/fanout/interp/lower"
	"github.com/adabc437/fanout/interp/session"
)

// load checks, lowers and loads the cell, commits what it declares, and returns
// the program that runs its statements.
func (r *run) load(src string) (program, *session.Diagnostic) {
	r.interp.mu.Lock()
	defer r.interp.mu.Unlock()
	return r.loadSource(src)
}

func (r *run) loadSource(src string) (program, *session.Diagnostic) {
	i := r.interp
	r.tier = i.tier
	chunks, d := r.chunks(src)
	if d != nil || len(chunks) == 0 {
		return nil, d
	}
	all := chunks
	chunks, same := i.unchanged(all)
	if len(chunks) == 0 {
		r.again(same)
		r.tell(&check.Unit{})
		return nil, nil
	}
	unit, d := r.check(chunks, same)
	if d == changed || d == nil && redefines(unit, i.usesOf(same)) {
		chunks, same = all, nil
		unit, d = r.check(chunks, same)
	}
	if d != nil {
		return nil, d
	}
	for again := true; again; {
		if again, d = r.translate(unit); again {
			unit, d = r.check(chunks, same)
		}
		if d != nil {
			return nil, d
		}
	}
	if unit.Result != nil {
		r.resultOf = unit.Info.TypeOf(unit.Result)
		if unit.Hidden || quietCall(unit, unit.Result) {
			r.resultOf = nil
		}
		r.listed = unit.Signatures[check.ValuesCall] != nil
	}
	var prog program
	var entities []*check.Entity
	r.undo = i.declaredNow(unit)
	holding := r.holding(unit)
	var before map[string]reflect.Type
	if i.native != nil {
		if len(unit.Decls) > 0 {
			before = maps.Clone(i.native.types)
		}
		prog, entities, d = i.native.load(r, unit)
	} else {
		prog, entities, d = i.loadInterpreted(r, unit)
	}
	if d != nil {
		return nil, d
	}
	old := r.commit(unit, entities)
	r.pending = append(r.pending, i.hold(holding, old, prog)...)
	r.again(same)
	r.outdated(before, unit)
	r.tell(unit)
	i.keepSites(r)
	return prog, nil
}

// loadInterpreted loads a checked cell into the interpreter, while no task of a map in the
// background runs.
func (i *Interp) loadInterpreted(r *run, unit *check.Unit) (program, []*check.Entity, *session.Diagnostic) {
	slow := func() {
		r.emit(session.Event{Kind: session.Stream, Name: "stderr", Text: "waiting for the tasks that run in the background: without a Go toolchain a cell cannot be read beside them; an interrupt ends them\n"})
	}
	if err := i.tier.gate.close(r.ctx, i.tier.stopAll, slow); err != nil {
		i.tier.stopAll()
		return nil, nil, &session.Diagnostic{Name: session.Interrupted, Message: "the cell was interrupted before it ran, and with it the maps in the background"}
	}
	defer i.tier.gate.open()
	return i.tier.load(r, unit)
}

// chunks parts the Go of a cell, readies the packages that it imports, and puts earlier
// results and cells in the place of their names.
func (r *run) chunks(src string) ([]cell.Chunk, *session.Diagnostic) {
	chunks, errs := cell.Chunks(r.file(), src)
	if len(errs) > 0 {
		return nil, r.syntaxError(errs)
	}
	if len(chunks) == 0 {
		return nil, nil
	}
	if d := r.embeds(chunks); d != nil {
		return nil, d
	}
	if d := r.fetch(chunks); d != nil {
		return nil, d
	}
	return r.recall(severalValues(chunks))
}

var embedRE = regexp.MustCompile(`(?m)^[ \t]*//go:embed[ \t]`)

// embeds refuses a cell that embeds files, whose variables would stay empty: a cell
// has no folder that files could be embedded from.
func (r *run) embeds(chunks []cell.Chunk) *session.Diagnostic {
	at := embedRE.FindStringIndex(r.cell.Code)
	if at == nil || !slices.ContainsFunc(chunks, func(c cell.Chunk) bool { return c.Kind == cell.Import && strings.Contains(c.Text, `"embed"`) }) {
		return nil
	}
	line := 1 + strings.Count(r.cell.Code[:at[0]], "\n")
	return &session.Diagnostic{
		Name: session.TypeError, Message: "//go:embed works in packages, and a cell is none: its variable would be empty",
		Hint: "read the file with os.ReadFile, or a folder with os.DirFS", Pos: r.linePlace(r.cell.Number, line),
	}
}

// A program is a loaded cell.
type program interface {
	// run runs the cell's statements, shows its result, and says what went wrong.
	run(r *run) *session.Diagnostic
}

// load lowers a checked cell and loads it into the interpreter.
func (t *interpreted) load(r *run, unit *check.Unit) (program, []*check.Entity, *session.Diagnostic) {
	i := r.interp
	entry := entryPrefix + strconv.Itoa(r.id)
	opt := lower.Options{Entry: entry, Run: r.id, Calls: map[string]int{}, Predeclared: i.pre.objects, Generic: hasGeneric, Shape: i.shapes.add}
	for n, s := range r.sites {
		opt.Calls[s.name] = n
	}
	opt.Shown = t.world.Shown()
	plain, d := t.withoutGenerics(r, unit)
	if d != nil {
		return nil, nil, d
	}
	declared := unit.Decls
	p, d := lower.Lower(plain.unit, t.world.Scope, opt)
	if d != nil {
		return nil, nil, d
	}
	if err := t.Load(p); err != nil {
		return nil, nil, r.tierError(err)
	}
	for _, pos := range p.Marks {
		at := session.Position{}
		if pp := check.Position(i.checker.Fset.Position(pos), r.lines); pp != nil {
			at = *pp
		}
		r.marks = append(r.marks, at)
	}
	prog, err := t.entry(entry)
	if err != nil {
		return nil, nil, r.tierError(err)
	}
	return interpretedProgram{t, prog, r, r.declarationMarks(unit)}, t.declare(r, unit, declared, plain, p.Entities), nil
}

// An interpretedProgram is a cell in the interpreter.
type interpretedProgram struct {
	tier  *interpreted
	prog  *yaegi.Program
	of    *run
	marks map[string]int // of the statements that declare variables
}

// declarationMarks are the marks of the statements that declare the unit's variables.
func (r *run) declarationMarks(unit *check.Unit) map[string]int {
	marks := map[string]int{}
	for _, v := range unit.Locals {
		n := statementAt(unit, v.Pos())
		if n < 0 {
			continue
		}
		if at := check.Position(unit.Fset.Position(unit.Body.List[n].Pos()), r.lines); at != nil {
			if m := slices.Index(r.marks, *at); m >= 0 {
				marks[v.Name()] = m
			}
		}
	}
	return marks
}

// declared says whether the cell has come past a variable's declaration. Of the variables of
// a program it does not know that.
func (p interpretedProgram) declared(name string) bool {
	m, ok := p.marks[name]
	return ok && int(p.of.at.Load()) > m
}

func (interpretedProgram) global() bool { return false }

func (p interpretedProgram) run(r *run) *session.Diagnostic {
	err := p.tier.Run(r.ctx, r.id, p.prog, r.showResult)
	if d := r.broken.Load(); d != nil {
		return d
	}
	if err != nil {
		return r.failure(err)
	}
	return nil
}

// check types the cell, together with earlier declarations that use what it
// declares anew. An earlier declaration that no longer fits is left as it was; where it
// is one that the cell has, too, as same, the verdict is changed.
func (r *run) check(chunks, same []cell.Chunk) (*check.Unit, *session.Diagnostic) {
	i := r.interp
	declared := map[string]bool{}
	var names []string
	for _, c := range chunks {
		if c.Kind == cell.Stmt || c.Kind == cell.Import || c.Kind == cell.Package {
			continue
		}
		for _, n := range cell.Names(c) {
			declared[n] = true
			if e := i.scope.Lookup(n); e != nil && c.Kind != cell.Method {
				names = append(names, n)
			}
		}
	}
	var again []*check.Entity
	if i.native != nil {
		for _, e := range i.bases(chunks, declared) { // Go has no methods on types of another package
			names, again = append(names, e.Name), append(again, e)
		}
	}
	for _, e := range i.scope.Dependents(names, declared) {
		if !slices.Contains(again, e) {
			again = append(again, e)
		}
	}
	kept := map[string]bool{}
	maps.Copy(kept, r.refused)
	again = slices.DeleteFunc(again, func(e *check.Entity) bool { return kept[e.Name] })
	for {
		var texts []string // of again
		for _, e := range again {
			texts = append(texts, r.lent(e))
		}
		in := check.Input{Number: r.cell.Number, File: r.unitFile(), Chunks: r.placed(chunks), Lines: r.lines}
		for _, s := range r.sites {
			in.Calls = append(in.Calls, check.Call{Name: s.name, Label: s.label, Written: s.oneLine(), Type: s.typ})
		}
		if last := chunks[len(chunks)-1]; strings.HasPrefix(last.Text, check.ValuesCall) {
			in.Calls = append(in.Calls, check.Call{Name: check.ValuesCall, Type: valuesType})
		}
		places := map[cell.Chunk]bool{}
		for n, e := range again {
			c := *e.Chunk
			c.Text = r.withCaptures(texts[n])
			c.File += "/" + r.unitFile()
			if !places[c] { // a group declares several names
				places[c] = true
				in.Again = append(in.Again, c)
			}
		}
		if i.native != nil {
			in.Retype = i.retype(chunks, again)
		}
		unit, errs := i.checker.Check(in, i.scope)
		if len(errs) == 0 {
			if more := i.retyped(unit, declared, again, kept); len(more) > 0 {
				again = more
				continue
			}
			return unit, nil
		}
		bad := foreign(errs, r.cell.Number)
		if bad == nil || len(again) == 0 {
			return nil, check.Errors(errs)
		}
		held := map[string]bool{}
		again = slices.DeleteFunc(again, func(e *check.Entity) bool {
			if holds(e, bad.Pos) {
				kept[e.Name], held[e.Name] = true, true
			}
			return kept[e.Name]
		})
		if len(held) == 0 { // the error is in none of them
			return nil, check.Errors(errs)
		}
		if slices.ContainsFunc(same, func(c cell.Chunk) bool {
			return slices.ContainsFunc(cell.Names(c), func(n string) bool { return held[n] })
		}) {
			return nil, changed
		}
		r.noteKept(strings.Join(slices.Sorted(maps.Keys(held)), ", "), bad)
	}
}

// noteKept tells the user, once, that declarations of earlier cells stay as they are.
func (r *run) noteKept(names string, bad *session.Diagnostic) {
	text := fmt.Sprintf("note: %s at %s does not fit what this cell declares and keeps to the earlier version: %s\n", names, bad.Pos, bad.Message)
	if !slices.Contains(r.noted, text) {
		r.noted = append(r.noted, text)
		r.emit(session.Event{Kind: session.Stream, Name: "stderr", Text: text})
	}
}

// bases are the types of earlier cells that the cell declares methods on.
func (i *Interp) bases(chunks []cell.Chunk, declared map[string]bool) []*check.Entity {
	var list []*check.Entity
	for _, c := range chunks {
		if c.Kind != cell.Method {
			continue
		}
		base, _, _ := strings.Cut(c.Name, ".")
		e := i.scope.Lookup(base)
		if e == nil || e.Chunk == nil || e.Chunk.Kind != cell.Type || declared[base] || slices.Contains(list, e) {
			continue
		}
		list = append(list, e)
	}
	return list
}

// retype lists the session's variables whose types are declared again by chunks or
// again, with the same text: they are to have the new type. A variable keeps a
// type that has changed.
func (i *Interp) retype(chunks []cell.Chunk, again []*check.Entity) map[string]types.Type {
	same, changed := map[types.Object]bool{}, map[types.Object]bool{}
	sort := func(c cell.Chunk) {
		if c.Kind != cell.Type {
			return
		}
		for _, n := range cell.Names(c) {
			if e := i.scope.Lookup(n); e != nil && e.Obj != nil {
				if e.Chunk != nil && e.Chunk.Text == c.Text {
					same[e.Obj] = true
				} else {
					changed[e.Obj] = true
				}
			}
		}
	}
	for _, c := range chunks {
		sort(c)
	}
	for _, e := range again {
		sort(*e.Chunk)
	}
	list := map[string]types.Type{}
	if len(same) == 0 {
		return list
	}
	for o := range same { // a type built of a changed one has changed
		if check.Mentions(o.Type().Underlying(), changed) {
			delete(same, o)
		}
	}
	for _, e := range i.scope.Entities() {
		if v, ok := e.Obj.(*types.Var); ok && check.Mentions(v.Type(), same) && !check.Mentions(v.Type(), changed) {
			list[e.Name] = v.Type()
		}
	}
	return list
}

// retyped adds to again the declarations that use a variable which the unit
// gives another type, but for those that keep to the earlier one. It returns nil
// when there are none to add.
func (i *Interp) retyped(unit *check.Unit, declared map[string]bool, again []*check.Entity, kept map[string]bool) []*check.Entity {
	var names []string
	for _, v := range unit.Locals {
		if old := i.scope.Lookup(v.Name()); old != nil && !(old.IsVar() && types.Identical(old.Obj.Type(), v.Type())) {
			names = append(names, v.Name())
		}
	}
	for _, e := range again {
		names = append(names, e.Name)
	}
	skip := maps.Clone(declared)
	maps.Copy(skip, kept)
	more := i.scope.Dependents(names, skip)
	for _, e := range again {
		if !slices.Contains(more, e) {
			more = append(more, e)
		}
	}
	if len(more) == len(again) {
		return nil
	}
	return more
}

// unitFile names this run's file: the base of every position's file name, which
// is what the tier keeps imports by.
func (r *run) unitFile() string { return fmt.Sprintf("u%d", r.id) }

// markFile is the file name of positions inside the source of this run. The tier
// finds the imports of a type by the base of it, wherever the type stands.
func (r *run) markFile() string { return r.file() + "/" + r.unitFile() }

// placed gives the chunks the file name that the unit needs.
func (r *run) placed(chunks []cell.Chunk) []cell.Chunk {
	out := slices.Clone(chunks)
	for n := range out {
		out[n].Text = r.withCaptures(out[n].Text)
		out[n].File = r.markFile()
		if of, ok := check.CellOf(chunks[n].File); ok && of != r.cell.Number { // restored
			out[n].File = check.FileName(of) + "/" + r.unitFile()
		}
	}
	return out
}

// foreign finds an error that lies in an earlier cell.
func foreign(errs []*session.Diagnostic, number int) *session.Diagnostic {
	for _, e := range errs {
		if e.Pos == nil || e.Pos.Cell == number {
			return nil
		}
	}
	return errs[0]
}

func holds(e *check.Entity, p *session.Position) bool {
	n, _ := check.CellOf(e.Chunk.File)
	return n == p.Cell && p.Line >= e.Chunk.Line && p.Line <= e.Chunk.Line+strings.Count(e.Chunk.Text, "\n")
}

// commit puts what a unit declares into the scope.
func (r *run) commit(unit *check.Unit, entities []*check.Entity) (old []*check.Entity) {
	i := r.interp
	for name, path := range unit.Imports {
		if i.checker.Packages[name] != path || i.scope.Lookup(name) != nil || i.scope.Imports()[name] != "" {
			i.scope.Import(name, path)
			i.tier.world.Scope.Import(name, path)
			r.settings = append(r.settings, session.Declaration{Name: "import " + name, Cell: r.cell.Number, Source: fmt.Sprintf("import %s %q", name, path)})
		}
	}
	for _, path := range unit.Dots {
		i.scope.Dot(path)
		i.tier.world.Scope.Dot(path)
		r.settings = append(r.settings, session.Declaration{Name: "import . " + path, Cell: r.cell.Number, Source: fmt.Sprintf("import . %q", path)})
	}
	groups := map[string]bool{}
	for _, e := range entities {
		old = append(old, i.scope.Lookup(e.Name))
		if e.Obj == nil { // a method: its object lives in its type
			e.Obj = types.NewLabel(0, nil, e.Name)
		}
		e.Cell = r.cell.Number
		if e.Chunk != nil {
			n, _ := check.CellOf(e.Chunk.File)
			e.Cell = n
			e.Chunk.File = check.FileName(n)
			if e.Chunk.Written == "" {
				e.Chunk.Written = r.written(e.Chunk.Text)
			}
			if e.Chunk.Written != "" {
				e.Run = r.id
			}
			name := declarationName(e)
			if !groups[name] {
				groups[name] = true
				r.declareVars(e.Refs, entities)
				r.reply.Declared = append(r.reply.Declared, declaration(name, e))
			}
		}
		i.scope.Declare(e)
		delete(i.checker.Refused, e.Name)
	}
	return old
}

// tell lets the supervisor know what the cell declares before it can do harm.
func (r *run) tell(unit *check.Unit) {
	declared := slices.Concat(r.reply.Declared, r.settings)
	if len(declared) > 0 || len(unit.Locals) > 0 || len(r.files) > 0 {
		r.emit(session.Event{Kind: session.Commit, Declared: declared, Variables: r.interp.scope.Variables(), Files: r.files})
	}
}

// declareVars notes the variables that a declaration uses: after a crash they
// are declared again, without their values, so that the declaration holds.
func (r *run) declareVars(refs map[string]bool, fresh []*check.Entity) {
	for _, name := range slices.Sorted(maps.Keys(refs)) {
		e := r.interp.scope.Lookup(name)
		for _, f := range fresh {
			if f.Name == name {
				e = f
			}
		}
		if e == nil || !e.IsVar() {
			continue
		}
		for path, pkg := range packagesOf(e.Obj.Type()) {
			if r.interp.checker.Packages[pkg] != path {
				r.reply.Declared = append(r.reply.Declared, session.Declaration{Name: "import " + pkg, Cell: e.Cell, Source: fmt.Sprintf("import %s %q", pkg, path)})
			}
		}
		r.reply.Declared = append(r.reply.Declared, session.Declaration{Name: "var " + name, Cell: e.Cell, Source: "var " + name + " " + typeString(e.Obj.Type())})
	}
}

// packagesOf lists the packages that a type's notation names, path to name.
func packagesOf(t types.Type) map[string]string {
	found := map[string]string{}
	types.TypeString(t, func(p *types.Package) string {
		if p.Path() != "main" && p.Path() != lower.Host {
			found[p.Path()] = p.Name()
		}
		return p.Name()
	})
	return found
}
