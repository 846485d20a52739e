package interp

import (
	"context"
	"errors"
	"fmt"
	"go/ast"
	"go/types"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

	yaegi "github.com/traefik/yaegi/interp"

	"github.com/adabc437/fanout/interp/cell"
	"github.com/adabc437/fanout/interp/check"
	"github.com/adabc437/fanout/interp/lower"
	"github.com/adabc437/fanout/interp/session"
)

// entryPrefix begins the names of the functions that hold cells' statements.
const entryPrefix = "__cell_"

// A run is one execution of a cell.
type run struct {
	interp *Interp
	cell   session.Cell
	out    session.Output
	ctx    context.Context
	cancel context.CancelFunc
	id     int
	sites  []*site      // the magics in the cell
	at     atomic.Int64 // the statement that runs, an index of marks
	marks  []session.Position
	broken atomic.Pointer[session.Diagnostic] // by a panic in one of its goroutines

	mu       sync.Mutex
	results  []any
	resultOf types.Type
	hasValue bool
	reply    session.Reply
	settings []session.Declaration
}

func (r *run) emit(e session.Event) { r.out.Emit(e) }

// Execute runs a cell.
func (i *Interp) Execute(ctx context.Context, c session.Cell, out session.Output) (session.Reply, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	r := &run{interp: i, cell: c, out: out, ctx: ctx, cancel: cancel}
	if err := i.begin(r); err != nil {
		return session.Reply{}, err
	}
	defer i.end(r)
	r.execute()
	if r.reply.Err == nil && len(c.Expressions) > 0 {
		r.expressions()
	}
	i.mu.Lock()
	r.reply.Variables = i.scope.Variables()
	if c.StoreHistory && !c.Silent {
		i.history = append(i.history, entry{c.Number, c.Code})
	}
	i.mu.Unlock()
	r.reply.Declared = append(r.reply.Declared, r.settings...)
	return r.reply, nil
}

func (i *Interp) begin(r *run) error {
	i.runMu.Lock()
	defer i.runMu.Unlock()
	if i.closed {
		return session.ErrClosed
	}
	if r.cell.Shell == "" && len(i.runs) == 0 {
		i.stdin.discard()
	}
	i.lastID++
	r.id = i.lastID
	i.runs[r.id] = r
	i.latest = r
	return nil
}

func (i *Interp) end(r *run) {
	i.runMu.Lock()
	defer i.runMu.Unlock()
	delete(i.runs, r.id)
	if i.latest == nil || i.latest.id == r.id {
		i.latest = &run{interp: i, cell: r.cell, out: r.out, ctx: context.Background(), id: r.id, marks: r.marks}
	}
}

// execute takes the cell through all stages and fills the reply.
func (r *run) execute() {
	if len(r.cell.Code) > cell.MaxSize {
		r.reply.Err = &session.Diagnostic{Name: session.SyntaxError, Message: fmt.Sprintf("the cell has %d bytes; at most %d can be run", len(r.cell.Code), cell.MaxSize)}
		return
	}
	pieces := cell.Split(r.cell.Code, r.interp.takesGo)
	if len(pieces) == 1 && pieces[0].Kind == cell.CellMagic {
		r.reply.Err = r.cellMagic(pieces[0])
		return
	}
	r.reply.Err = r.runGo(pieces)
}

// runGo runs the Go of a cell, its line magics in their places.
func (r *run) runGo(pieces []cell.Piece) *session.Diagnostic {
	src, d := r.source(pieces)
	if d != nil {
		return d
	}
	prog, d := r.load(src)
	if d != nil || prog == nil {
		return d
	}
	err := r.interp.tier.Run(r.ctx, r.id, prog)
	if d := r.broken.Load(); d != nil {
		return d
	}
	if err != nil {
		return r.failure(err)
	}
	if !r.cell.Silent {
		r.showResult()
	}
	return nil
}

// file is the name that positions of this run carry.
func (r *run) file() string { return check.FileName(r.cell.Number) }

// lines gives the text of a line of this cell or an earlier one.
func (r *run) lines(file string, line int) string {
	n, _ := check.CellOf(file)
	code := ""
	if n == r.cell.Number {
		code = r.cell.Code
	} else {
		for _, e := range slices.Backward(r.interp.history) {
			if e.number == n {
				code = e.code
				break
			}
		}
	}
	all := strings.Split(code, "\n")
	if line < 1 || line > len(all) {
		return ""
	}
	return strings.TrimSuffix(all[line-1], "\r")
}

// load checks, lowers and loads the cell, commits what it declares, and returns
// the program that runs its statements.
func (r *run) load(src string) (*yaegi.Program, *session.Diagnostic) {
	i := r.interp
	i.mu.Lock()
	defer i.mu.Unlock()
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
	opt := lower.Options{Entry: entry, Run: r.id, Calls: map[string]int{}, Predeclared: i.pre.objects, Generic: hasGeneric}
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
		r.emit(session.Event{Kind: session.Stream, Name: "stderr", Text: fmt.Sprintf("note: %s does not fit what this cell declares and keeps to the earlier version: %s\n", bad.Pos, bad.Message)})
		again = slices.DeleteFunc(again, func(e *check.Entity) bool {
			if holds(e, bad.Pos) {
				kept[e.Name] = true
			}
			return kept[e.Name]
		})
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

// placed gives the chunks the file name that the unit needs.
func (r *run) placed(chunks []cell.Chunk) []cell.Chunk {
	out := slices.Clone(chunks)
	for n := range out {
		out[n].File = r.file() + "/" + r.unitFile()
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

// quietCall says of a call that its results are not worth showing: those of
// fmt.Print and its kin, and the handle of display.
func quietCall(u *check.Unit, x ast.Expr) bool {
	call, ok := ast.Unparen(x).(*ast.CallExpr)
	if !ok {
		return false
	}
	var id *ast.Ident
	switch f := ast.Unparen(call.Fun).(type) {
	case *ast.Ident:
		id = f
	case *ast.SelectorExpr:
		id = f.Sel
	default:
		return false
	}
	f, ok := u.Info.Uses[id].(*types.Func)
	if !ok || f.Pkg() == nil {
		return false
	}
	switch f.Pkg().Path() {
	case "fmt":
		return strings.HasPrefix(f.Name(), "Print") || strings.HasPrefix(f.Name(), "Fprint") || strings.HasPrefix(f.Name(), "Scan")
	case lower.Host:
		return f.Name() == "Display" || f.Name() == "display"
	}
	return false
}

// expressions evaluates the user expressions of the request.
func (r *run) expressions() {
	r.reply.Expressions = map[string]session.Expression{}
	for _, name := range slices.Sorted(maps.Keys(r.cell.Expressions)) {
		r.reply.Expressions[name] = r.interp.expression(r, r.cell.Expressions[name])
	}
}

func (i *Interp) expression(r *run, code string) session.Expression {
	c := session.Cell{ID: r.cell.ID, Code: code, Number: r.cell.Number, Shell: r.cell.Shell, Silent: true}
	e := &run{interp: i, cell: c, out: r.out, ctx: r.ctx, cancel: func() {}}
	if err := i.begin(e); err != nil {
		return session.Expression{Err: &session.Diagnostic{Name: session.SessionError, Message: err.Error()}}
	}
	defer i.end(e)
	e.execute()
	if e.reply.Err != nil {
		return session.Expression{Err: e.reply.Err}
	}
	data, meta, ok := e.bundle()
	if !ok {
		return session.Expression{Err: &session.Diagnostic{Name: session.TypeError, Message: fmt.Sprintf("%q has no value", code)}}
	}
	return session.Expression{Data: data, Metadata: meta}
}

// failure says how a run ended that did not end well.
func (r *run) failure(err error) *session.Diagnostic {
	if r.ctx.Err() != nil || errors.Is(err, context.Canceled) {
		r.interp.tier.trace.take()
		d := &session.Diagnostic{Name: session.Interrupted, Message: "the cell was interrupted; its variables are as they were at that moment"}
		if r.interp.tier.wasStuck() {
			d.Notes = append(d.Notes, "something it started is still blocked and was left behind; functions that other functions made before now must be made again")
		}
		return d
	}
	value, isPanic := asPanic(err)
	if !isPanic {
		return r.tierError(err)
	}
	trace := r.trace()
	var d *session.Diagnostic
	if e, ok := value.(error); ok && errors.As(e, &d) {
		if d.Pos == nil {
			d.Pos = r.place()
		}
		return d
	}
	d = &session.Diagnostic{Name: session.Panic, Message: panicText(value), Trace: trace, Pos: r.placeOf(value)}
	if d.Pos == nil {
		d.Pos = r.place()
	}
	if hint := panicHint(d.Message); hint != "" {
		d.Hint = hint
	}
	return d
}

// goroutinePanic ends the cell that started a goroutine which has panicked. After
// the cell's end it is told on stderr.
func (r *run) goroutinePanic(mark int, value any) {
	if v, ok := value.(reflect.Value); ok && v.CanInterface() {
		value = v.Interface()
	}
	text := panicText(value)
	d := &session.Diagnostic{
		Name: session.Panic, Message: text + " (in a goroutine)", Pos: r.mark(mark), Trace: r.trace(), Hint: panicHint(text),
		Notes: []string{"the place is that of the go statement; outside a notebook this panic would end the whole program"},
	}
	r.interp.runMu.Lock()
	running := r.interp.runs[r.id] == r
	r.interp.runMu.Unlock()
	if !running || !r.broken.CompareAndSwap(nil, d) {
		where := ""
		if d.Pos != nil {
			where = d.Pos.String() + ": "
		}
		r.emit(session.Event{Kind: session.Stream, Name: "stderr", Text: where + "panic: " + d.Message + "\n"})
		return
	}
	r.cancel()
}

// place is the statement of the cell that ran last.
func (r *run) place() *session.Position { return r.mark(int(r.at.Load())) }

func (r *run) mark(n int) *session.Position {
	if n < 0 || n >= len(r.marks) || r.marks[n].Line == 0 {
		return nil
	}
	p := r.marks[n]
	return &p
}

// trace lists the functions of cells that a panic has passed through, innermost
// first. The tier knows where they begin, and no closer.
func (r *run) trace() []session.Frame {
	frames := slices.Compact(r.interp.tier.trace.take())
	frames = slices.DeleteFunc(frames, func(f session.Frame) bool { return f.Func == "" })
	for n := range frames {
		frames[n].Source = r.lines(check.FileName(frames[n].Cell), frames[n].Line)
	}
	return frames
}

// tierError is an error of the tier itself: what go/types accepts and it does
// not.
func (r *run) tierError(err error) *session.Diagnostic {
	msg := err.Error()
	d := &session.Diagnostic{Name: session.TypeError, Message: msg}
	if m := placedRE.FindStringSubmatch(msg); m != nil {
		n, _ := check.CellOf(m[1])
		line, _ := strconv.Atoi(m[2])
		col, _ := strconv.Atoi(m[3])
		d.Message = m[4]
		d.Pos = &session.Position{Cell: n, Line: line, Column: col, Source: r.lines(check.FileName(n), line)}
	}
	d.Message = cleanTier.Replace(d.Message)
	d.Hint = "this is legal Go, but the interpreted tier cannot run it; try a simpler form"
	return d
}

func (r *run) syntaxError(errs []*cell.Error) *session.Diagnostic {
	var list []*session.Diagnostic
	for _, e := range errs {
		list = append(list, &session.Diagnostic{Name: session.SyntaxError, Message: e.Msg, Pos: check.Position(e.Pos, r.lines)})
	}
	return check.Errors(list)
}

// cleanTier takes the tier's own words out of its messages.
var cleanTier = strings.NewReplacer("CFG post-order panic: ", "", "pkg_fanout_host.", "")
