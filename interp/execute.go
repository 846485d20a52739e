package interp

import (
	"context"
	"fmt"
	"go/ast"
	"go/types"
	"maps"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/adabc437/fanout/interp/cell"
	"github.com/adabc437/fanout/interp/check"
	"github.com/adabc437/fanout/interp/lower"
	"github.com/adabc437/fanout/interp/session"
)

// entryPrefix begins the names of the functions that hold cells' statements.
const entryPrefix = "__cell_"

// A run is one execution of a cell.
type run struct {
	interp    *Interp
	cell      session.Cell
	out       session.Output
	ctx       context.Context
	cancel    context.CancelFunc
	id        int
	tier      *interpreted             // that the cell was loaded into
	unusable  error                    // why the compiler cannot be used, if that has turned out
	sites     []*site                  // the magics in the cell
	borrowed  map[*check.Entity]string // see lent
	refused   map[string]bool          // declarations of earlier cells that devices cannot run any more
	noted     []string                 // what noteKept has said
	undo      map[string]earlier
	goroutine atomic.Int64   // that the statements of a compiled cell run on
	files     map[string]int // of the package that the cell was compiled to; see session.Event
	at        atomic.Int64   // the statement that runs, an index of marks
	marks     []session.Position
	panicAt   atomic.Pointer[session.Position]   // of the last call of panic, until it is recovered
	broken    atomic.Pointer[session.Diagnostic] // by a panic in one of its goroutines
	kernels   atomic.Int64                       // calls that run on devices
	left      atomic.Bool                        // a kernel has not stopped
	holds     *holding                           // of the unit that was translated last
	pending   []*heldFunction                    // what the cell's declarations give, while it runs

	mu       sync.Mutex
	status   status
	results  []any
	resultOf types.Type
	hasValue bool
	listed   bool    // the user listed several results
	bundle   *bundle // of the result, once the run has ended well
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
	r.showEnds()
	r.execute()
	r.showEnds()
	r.hush()
	if r.reply.Err == nil && len(c.Expressions) > 0 {
		r.expressions()
	}
	i.mu.Lock()
	r.reply.Variables = i.scope.Variables()
	if c.StoreHistory && !c.Silent {
		if r.reply.Err == nil {
			i.outs.keep(r)
		}
		i.runMu.Lock()
		if now := (session.Source{Number: c.Number, Code: c.Code}); len(i.history) == 0 || i.history[len(i.history)-1] != now {
			i.history = append(i.history, now)
		}
		i.runMu.Unlock()
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
		i.latest = &run{interp: i, cell: r.cell, out: r.out, ctx: context.Background(), id: r.id, tier: r.tier, marks: r.marks}
	}
}

// execute takes the cell through all stages and fills the reply.
func (r *run) execute() {
	defer func() {
		if p := recover(); p != nil { // a mistake of ours, not of the cell's
			r.reply.Err = &session.Diagnostic{
				Name: session.SessionError, Message: fmt.Sprintf("Fanout failed over this cell: %v", p),
				Hint: "please report it, with the cell; a simpler form of it may work", Report: string(debug.Stack()), Notes: []string{string(debug.Stack())},
			}
		}
	}()
	if len(r.cell.Code) > cell.MaxSize {
		r.reply.Err = &session.Diagnostic{Name: session.SyntaxError, Message: fmt.Sprintf("the cell has %d bytes; at most %d can be run", len(r.cell.Code), cell.MaxSize)}
		return
	}
	pieces := cell.Split(r.cell.Code, r.interp.takes)
	if len(pieces) == 1 && pieces[0].Kind == cell.CellMagic {
		r.reply.Err = r.cellMagic(pieces[0])
		return
	}
	r.reply.Err = r.runGo(pieces, func() {})
}

// runGo runs the Go of a cell, its line magics in their places.
// begin is called before it runs.
func (r *run) runGo(pieces []cell.Piece, begin func()) *session.Diagnostic {
	src, d := r.source(pieces)
	if d != nil {
		return r.refusal(d)
	}
	prog, d := r.load(src)
	if r.unusable != nil {
		if d = r.fallBack(); d == nil {
			prog, d = r.load(src)
		}
	}
	if d == nil && prog == nil {
		r.settle(nil, false)
	}
	if d != nil || prog == nil {
		return r.refusal(d)
	}
	begin()
	return r.runProgram(prog)
}

// runProgram runs what was loaded, and takes declarations back to which it did not come.
func (r *run) runProgram(prog program) *session.Diagnostic {
	d := prog.run(r)
	if p, ok := prog.(declarer); ok && d != nil {
		r.takeBack(p)
	}
	r.settle(prog, d != nil)
	return d
}

// A declarer is a program that knows which of its variables' declarations have run, also
// while it runs.
type declarer interface {
	declared(name string) bool
	// global says whether it knows that of the variables of a program, too.
	global() bool
}

// An earlier is what a name stood for before a cell declared a variable of that name.
type earlier struct {
	entity *check.Entity
	slot   slot
	stored bool // there was a slot
}

// declaredNow notes what the names stand for that a unit is about to give to variables.
// Those that its functions use keep to it.
func (i *Interp) declaredNow(unit *check.Unit) map[string]earlier {
	if i.native == nil {
		return nil
	}
	list := map[string]earlier{}
	for _, v := range unit.Locals {
		if !slices.ContainsFunc(unit.Decls, func(d check.Decl) bool { return d.Refs[v.Name()] }) {
			s, ok := i.native.slots[v.Name()]
			list[v.Name()] = earlier{i.scope.Lookup(v.Name()), s, ok}
		}
	}
	return list
}

// takeBack makes names what they were to which a cell that has failed did not come:
// x := f() leaves x alone where f fails.
func (r *run) takeBack(p declarer) {
	i := r.interp
	i.mu.Lock()
	defer i.mu.Unlock()
	for name, was := range r.undo {
		e := i.scope.Lookup(name)
		if p.declared(name) || e == nil || e.Cell != r.cell.Number || !e.IsVar() {
			continue
		}
		if was.entity != nil {
			i.scope.Declare(was.entity)
		} else {
			i.scope.Remove(name)
		}
		if was.stored {
			i.native.slots[name] = was.slot
		} else {
			delete(i.native.slots, name)
		}
	}
}

// file is the name that positions of this run carry.
func (r *run) file() string { return check.FileName(r.cell.Number) }

// lines gives the text of a line of this cell or an earlier one.
func (r *run) lines(file string, line int) string {
	n, _ := check.CellOf(file)
	code := r.cell.Code
	if n != r.cell.Number {
		code, _ = r.interp.codeOf(n)
	}
	all := strings.Split(code, "\n")
	if line < 1 || line > len(all) {
		return ""
	}
	return strings.TrimSuffix(all[line-1], "\r")
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
	if e.bundle == nil {
		return session.Expression{Err: &session.Diagnostic{Name: session.TypeError, Message: fmt.Sprintf("%q has no value", code)}}
	}
	return session.Expression{Data: e.bundle.data, Metadata: e.bundle.meta}
}
