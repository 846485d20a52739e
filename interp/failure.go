package interp

import (
	"context"
	"errors"
	"go/token"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/adabc437/fanout/interp/cell"
	"github.com/adabc437/fanout/interp/check"
	"github.com/adabc437/fanout/interp/lower"
	"github.com/adabc437/fanout/interp/session"
)

// failure says how a run ended that did not end well.
func (r *run) failure(err error) *session.Diagnostic {
	if r.ctx.Err() != nil || errors.Is(err, context.Canceled) {
		r.tier.trace.take()
		d := &session.Diagnostic{Name: session.Interrupted, Message: "the cell was interrupted; its variables are as they were at that moment", Pos: r.place()}
		if r.cell.Program {
			d.Message = "the program was interrupted"
		} else if r.deviceAtWork() {
			d.Notes = append(d.Notes, deviceBusy)
		} else if r.tier.wasStuck() {
			d.Notes = append(d.Notes, "something it started is still blocked and was left behind; functions that other functions made before now must be made again")
		}
		return d
	}
	if errors.Is(err, errGoexit) {
		return &session.Diagnostic{Name: session.Panic, Message: err.Error(), Pos: r.place()}
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
	if p := r.panicAt.Load(); d.Pos == nil && p != nil {
		d.Pos = p
	}
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
	}
	if p := r.panicAt.Load(); p != nil {
		d.Pos = p
	} else {
		d.Notes = append(d.Notes, "the place is that of the go statement")
	}
	if !r.cell.Program {
		d.Notes = append(d.Notes, "outside a notebook this panic would end the whole program")
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
	if r.tier == nil {
		return nil
	}
	frames := slices.Compact(r.tier.trace.take())
	frames = slices.DeleteFunc(frames, func(f session.Frame) bool { return f.Func == "" })
	for n := range frames {
		f := &frames[n]
		if line, ok := r.interp.declaredAt(f.Func, f.Cell); ok { // closer than the tier's guess
			f.Line, f.Column = line, 0
		}
		f.Source = r.lines(check.FileName(f.Cell), f.Line)
	}
	return frames
}

// declaredAt is the line that a function is declared at in cell n.
func (i *Interp) declaredAt(name string, n int) (line int, ok bool) {
	i.mu.Lock()
	defer i.mu.Unlock()
	e := i.scope.Lookup(name)
	if e == nil || e.Chunk == nil || e.Cell != n {
		return 0, false
	}
	return e.Chunk.Line, true
}

// panicking notes where interpreted code is about to panic.
func (r *run) panicking(n, line, col int) {
	file := check.FileName(n)
	r.panicAt.Store(check.Position(token.Position{Filename: file, Line: line, Column: col}, r.lines))
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
	d.Hint = "this is legal Go, but the interpreted tier cannot run it; try a simpler form, or " + lower.WithGo
	return d
}

func (r *run) syntaxError(errs []*cell.Error) *session.Diagnostic {
	var list []*session.Diagnostic
	for _, e := range errs {
		list = append(list, &session.Diagnostic{Name: session.SyntaxError, Message: e.Msg, Pos: check.Position(e.Pos, r.lines)})
		if d := list[len(list)-1]; d.Pos != nil {
			d.Hint = check.Habit(d.Message, d.Pos.Source)
		}
	}
	return check.Errors(list)
}

// cleanTier takes the tier's own words out of its messages.
var cleanTier = strings.NewReplacer("CFG post-order panic: ", "", "pkg_fanout_host.", "")
