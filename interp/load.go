package interp

import (
	"fmt"
	"go/types"
	"maps"
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
func (r *run) load(src string) (*yaegi.Program, *session.Diagnostic) {
	i := r.interp
	i.mu.Lock()
	defer i.mu.Unlock()
	r.tier = i.tier
	chunks, errs := cell.Chunks(r.file(), src)
	if len(errs) > 0 {
		return nil, r.syntaxError(errs)
	}
	if len(chunks) == 0 {
		return nil, nil
	}
	unit, d := r.check(chunks)
	if d != nil {
		return nil, d
	}
	if unit.Result != nil {
		r.resultOf = unit.Info.TypeOf(unit.Result)
		if unit.Hidden || quietCall(unit, unit.Result) {
			r.resultOf = nil
		}
	}
	entry := entryPrefix + strconv.Itoa(r.id)
	opt := lower.Options{Entry: entry, Run: r.id, Calls: map[string]int{}, Predeclared: i.pre.objects, Generic: hasGeneric, Shape: i.shapes.add}
	for n, s := range r.sites {
		opt.Calls[s.name] = n
	}
	p, d := lower.Lower(unit, i.scope, opt)
	if d != nil {
		return nil, d
	}
	if err := i.tier.Load(p); err != nil {
		return nil, r.tierError(err)
	}
	r.commit(unit, p)
	i.keepSites(r)
	for _, pos := range p.Marks {
		at := session.Position{}
		if pp := check.Position(i.checker.Fset.Position(pos), r.lines); pp != nil {
			at = *pp
		}
		r.marks = append(r.marks, at)
	}
	prog, err := i.tier.entry(entry)
	if err != nil {
		return nil, r.tierError(err)
	}
	return prog, nil
}

// check types the cell, together with earlier declarations that use what it
// declares anew. An earlier declaration that no longer fits is left as it was.
func (r *run) check(chunks []cell.Chunk) (*check.Unit, *session.Diagnostic) {
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
	again := i.scope.Dependents(names, declared)
	kept := map[string]bool{}
	for {
		in := check.Input{Number: r.cell.Number, File: r.unitFile(), Chunks: r.placed(chunks), Lines: r.lines}
		for _, s := range r.sites {
			in.Calls = append(in.Calls, check.Call{Name: s.name, Label: s.label, Type: s.typ})
		}
		for _, e := range again {
			c := *e.Chunk
			c.File += "/" + r.unitFile()
			in.Again = append(in.Again, c)
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
		before := len(again)
		again = slices.DeleteFunc(again, func(e *check.Entity) bool {
			if holds(e, bad.Pos) {
				kept[e.Name] = true
			}
			return kept[e.Name]
		})
		if len(again) == before { // the error is in none of them
			return nil, check.Errors(errs)
		}
		r.emit(session.Event{Kind: session.Stream, Name: "stderr", Text: fmt.Sprintf("note: %s does not fit what this cell declares and keeps to the earlier version: %s\n", bad.Pos, bad.Message)})
	}
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
		out[n].File = r.markFile()
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
func (r *run) commit(unit *check.Unit, p *lower.Program) {
	i := r.interp
	for name, path := range unit.Imports {
		if i.checker.Packages[name] != path || i.scope.Lookup(name) != nil || i.scope.Imports()[name] != "" {
			i.scope.Import(name, path)
			r.settings = append(r.settings, session.Declaration{Name: "import " + name, Cell: r.cell.Number, Source: fmt.Sprintf("import %s %q", name, path)})
		}
	}
	for _, path := range unit.Dots {
		i.scope.Dot(path)
		r.settings = append(r.settings, session.Declaration{Name: "import . " + path, Cell: r.cell.Number, Source: fmt.Sprintf("import . %q", path)})
	}
	groups := map[string]bool{}
	for _, e := range p.Entities {
		if e.Obj == nil { // a method: its object lives in its type
			e.Obj = types.NewLabel(0, nil, e.Name)
		}
		e.Cell = r.cell.Number
		if e.Chunk != nil {
			n, _ := check.CellOf(e.Chunk.File)
			e.Cell = n
			e.Chunk.File = check.FileName(n)
			name := e.Name
			if len(cell.Names(*e.Chunk)) > 1 { // a group goes by its place
				name = fmt.Sprintf("%s:%d:%d", e.Chunk.File, e.Chunk.Line, e.Chunk.Col)
			}
			if !groups[name] {
				groups[name] = true
				r.declareVars(e.Refs, p.Entities)
				r.reply.Declared = append(r.reply.Declared, session.Declaration{Name: name, Cell: e.Cell, Source: e.Chunk.Text})
			}
		}
		i.scope.Declare(e)
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
