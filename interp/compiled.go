package interp

import (
	"errors"
	"fmt"
	"path"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"time"
	"unsafe"

	"github.com/adabc437/fanout/interp/build"
	"github.com/adabc437/fanout/interp/check"
	"github.com/adabc437/fanout/interp/emit"
	"github.com/adabc437/fanout/interp/lower"
	"github.com/adabc437/fanout/interp/rt"
	"github.com/adabc437/fanout/interp/session"
)

// compiled is the tier of machine code: a cell becomes a package, which is built,
// loaded into this process and called.
//
// The session's variables live in memory that this process knows: packages reach
// each through a pointer, which is set before their code runs. So a variable may
// be declared by one package, read by another and printed by the session.
type compiled struct {
	tools     *build.Toolchain
	slots     map[string]slot // variables by name
	funcs     map[string]reflect.Value
	types     map[string]reflect.Type
	files     map[string]map[string]int // of each package, its file names to numbers of cells
	asleep    map[int]bool              // the goroutines that the last deadlock has left
	nextTimer func() int64              // see build.NextTimer
	signals   bool                      // a cell uses os/signal, so that any wait may end
}

// A slot is a variable of the session.
type slot struct {
	at  unsafe.Pointer
	typ reflect.Type
}

func newCompiled(tools *build.Toolchain) *compiled {
	return &compiled{
		tools: tools, slots: map[string]slot{}, funcs: map[string]reflect.Value{}, types: map[string]reflect.Type{},
		files: map[string]map[string]int{}, nextTimer: build.NextTimer(),
	}
}

// load builds a checked cell and loads it. The caller holds the session's lock.
func (t *compiled) load(r *run, unit *check.Unit) (program, []*check.Entity, *session.Diagnostic) {
	for _, path := range unit.Imports {
		t.signals = t.signals || path == "os/signal"
	}
	opt := emit.Options{Calls: map[string]int{}, Host: lower.Host}
	for n, s := range r.sites {
		opt.Calls[s.name] = n
	}
	if !r.interp.options.CompileAll {
		if prog, entities := t.directly(r, unit); prog != nil {
			return prog, entities, nil
		}
	}
	p, d := emit.Emit(unit, r.interp.scope, opt)
	if d != nil {
		return nil, nil, d
	}
	img, err := t.tools.Build(r.ctx, build.Package{Path: p.Path, Source: p.Source, Imports: p.Imports})
	if err != nil {
		var stale *build.StaleError
		if unusable := t.tools.Ready(r.ctx); unusable != nil && r.ctx.Err() == nil {
			r.unusable = unusable
		} else if errors.As(err, &stale) {
			r.unusable = err
		}
		return nil, nil, t.buildError(r, p, err)
	}
	if err := t.bind(r, img, p, unit); err != nil {
		return nil, nil, &session.Diagnostic{Name: session.SessionError, Message: err.Error()}
	}
	if !p.Statements && len(unit.Inits) == 0 {
		return nil, p.Entities, nil
	}
	entry, ok := img.Symbol(emit.Entry)
	if !ok {
		return nil, nil, missing(img, emit.Entry)
	}
	prog := &native{entry: funcAt(entry), names: p.Set}
	if len(p.Set) > 0 {
		at, ok := img.Symbol(emit.Set)
		if !ok {
			return nil, nil, missing(img, emit.Set)
		}
		prog.set = unsafe.Slice((*bool)(at), len(p.Set))
		clear(prog.set) // the package may have run before
	}
	return prog, p.Entities, nil
}

func missing(img *build.Image, name string) *session.Diagnostic {
	return &session.Diagnostic{Name: session.SessionError, Message: fmt.Sprintf("the compiled cell %s lacks %s", img.Path(), name)}
}

// funcAt makes a function of the address of its code.
func funcAt(code unsafe.Pointer) func() {
	closure := &code // a func value is a pointer to a word that holds the address
	return *(*func())(unsafe.Pointer(&closure))
}

// bind gives the package the session's variables, and notes what it declares.
func (t *compiled) bind(r *run, img *build.Image, p *emit.Package, unit *check.Unit) error {
	symbol := func(name string) (unsafe.Pointer, error) {
		at, ok := img.Symbol(name)
		if !ok {
			return nil, fmt.Errorf("the compiled cell %s lacks %s", img.Path(), name)
		}
		return at, nil
	}
	number, err := symbol(emit.Run)
	if err != nil {
		return err
	}
	*(*int)(number) = r.id
	var table []any
	if len(p.Table) > 0 {
		at, err := symbol(emit.Table)
		if err != nil {
			return err
		}
		table = unsafe.Slice((*any)(at), len(p.Table))
	}
	fresh := map[string]reflect.Type{}
	for n, it := range p.Table {
		switch it.Kind {
		case emit.Func:
			t.funcs[it.Name] = reflect.ValueOf(table[n])
		case emit.Type:
			t.types[it.Name] = reflect.TypeOf(table[n]).Elem()
		case emit.Var:
			fresh[it.Name] = reflect.TypeOf(table[n]).Elem()
		}
	}
	for _, v := range p.Earlier {
		pointer, err := symbol(v.Pointer)
		if err != nil {
			return err
		}
		*(*unsafe.Pointer)(pointer) = t.slots[v.Name].at
	}
	for _, v := range p.Variables {
		pointer, err := symbol(v.Pointer)
		if err != nil {
			return err
		}
		s, known := t.slots[v.Name]
		if known && v.New && s.typ != fresh[v.Name] {
			known = false // declared anew with another type
		}
		if !known {
			s.at = reflect.New(fresh[v.Name]).UnsafePointer()
		}
		s.typ = fresh[v.Name]
		t.slots[v.Name] = s
		*(*unsafe.Pointer)(pointer) = s.at
	}
	t.files[p.Path] = p.Files
	r.files = map[string]int{}
	for name, n := range p.Files {
		r.files[p.Path+" "+name] = n
	}
	return nil
}

// buildError is what the compiler says of a cell that go/types has accepted.
func (t *compiled) buildError(r *run, p *emit.Package, err error) *session.Diagnostic {
	if r.ctx.Err() != nil {
		return &session.Diagnostic{Name: session.Interrupted, Message: "the cell was interrupted while it was compiled; it has not run"}
	}
	var failed *build.CompileError
	if !errors.As(err, &failed) || len(failed.Lines) == 0 {
		return &session.Diagnostic{Name: session.SessionError, Message: "the cell could not be compiled: " + err.Error()}
	}
	var list []*session.Diagnostic
	for _, l := range failed.Lines {
		n, ok := p.Files[path.Base(l.File)]
		d := &session.Diagnostic{Name: session.TypeError, Message: emit.Plain(l.Msg)}
		if ok {
			d.Pos = r.linePlace(n, l.Line)
		}
		list = append(list, d)
	}
	return check.Errors(list)
}

// linePlace is where the text of a line begins.
func (r *run) linePlace(n, line int) *session.Position {
	n, line = r.interp.moved(n, line)
	text := r.lines(check.FileName(n), line)
	return &session.Position{Cell: n, Line: line, Column: 1 + len(text) - len(strings.TrimLeft(text, " \t")), Source: text}
}

// value reads a variable.
func (t *compiled) value(e *check.Entity) (any, bool) {
	s, ok := t.slots[e.Name]
	if !ok {
		return nil, false
	}
	return reflect.NewAt(s.typ, s.at).Elem().Interface(), true
}

// A native program is compiled code. Of each of the variables that it declares it
// says whether the declaration has run.
type native struct {
	entry func()
	names []string
	set   []bool
}

func (n *native) declared(name string) bool {
	k := slices.Index(n.names, name)
	return k < 0 || n.set[k]
}

func (n *native) global() bool { return true }

// stopGrace is how long stopped code may take to notice.
const stopGrace = 100 * time.Millisecond

// How long a call of a device may take to stop. Kernels look at intervals, copies of
// gigabytes and a driver's compiler do not look, and all of it takes longer on a busy
// machine. A call gives each of its two queues up after 2 s; what it shows then is to
// stand before the cell's error.
const (
	kernelGrace    = 5 * time.Second  // until the cell ends without it
	devicePatience = 10 * time.Second // until the session process is ended
)

func (n *native) run(r *run) *session.Diagnostic {
	return r.native(n.entry, func() *session.Position { return nil })
}

// native runs code of the compiled tier, shows the result, and says what went
// wrong. place is where the cell itself is, if it is known.
func (r *run) native(code func(), place func() *session.Position) *session.Diagnostic {
	var failure *session.Diagnostic
	started, done := rt.Start(r.id, func() {
		r.goroutine.Store(goroutineID())
		code()
		r.showResult()
	}, func(value any, ended bool) {
		failure = r.nativePanic(value, ended)
		if failure.Pos == nil {
			failure.Pos = place()
		}
	})
	watch := r.watchDeadlock()
	defer watch.stop()
	ending := &session.Diagnostic{Name: session.Interrupted, Message: "the cell was interrupted; its variables are as they were at that moment"}
waiting:
	for {
		select {
		case <-done:
			if r.ctx.Err() == nil || r.broken.Load() != nil {
				started.Forget()
				if d := r.broken.Load(); d != nil {
					return d
				}
				return failure
			}
			break waiting
		case <-r.ctx.Done():
			if frames := r.whereabouts(); len(frames) > 0 {
				ending.Pos, ending.Trace = firstPlace(frames), namedFrames(frames)
			} else {
				ending.Pos = place()
			}
			break waiting
		case <-watch.due():
			if d := watch.look(); d != nil {
				if ending = d; d.Pos == nil {
					d.Pos = place()
				}
				r.cancel()
				break waiting
			}
		}
	}
	started.Kill()
	grace := stopGrace
	if r.kernels.Load() > 0 {
		grace = kernelGrace
	}
	blocked := false
	select {
	case <-done:
	case <-time.After(grace):
		blocked = true
	}
	switch {
	case ending.Name != session.Interrupted:
	case r.deviceAtWork():
		ending.Notes = append(ending.Notes, deviceBusy)
	case blocked:
		ending.Notes = append(ending.Notes, "something it started is still blocked, and ends when it can go on")
	}
	started.Settle(ending.Name == session.Deadlock)
	if d := r.broken.Load(); d != nil {
		return d
	}
	return ending
}

// nativePanic says how compiled code has ended. It is called where the panic's
// frames still are on the stack.
func (r *run) nativePanic(value any, ended bool) *session.Diagnostic {
	if ended {
		return &session.Diagnostic{Name: session.Panic, Message: errGoexit.Error()}
	}
	if e, ok := value.(error); ok {
		var d *session.Diagnostic
		if errors.As(e, &d) {
			if d.Pos == nil {
				d.Pos = firstPlace(r.stack())
			}
			return d
		}
	}
	d := &session.Diagnostic{Name: session.Panic, Message: emit.Plain(goPanicText(value)), Trace: r.stack()}
	d.Pos = firstPlace(d.Trace)
	d.Hint = panicHint(d.Message)
	d.Trace = namedFrames(d.Trace)
	return d
}

func firstPlace(frames []session.Frame) *session.Position {
	if len(frames) == 0 {
		return nil
	}
	p := frames[0].Position
	return &p
}

// namedFrames leaves out the cells' own statements.
func namedFrames(frames []session.Frame) []session.Frame {
	var out []session.Frame
	for _, f := range frames {
		if f.Func != "" {
			out = append(out, f)
		}
	}
	return out
}

// stack lists the frames of cells on the stack of a panic, innermost first.
func (r *run) stack() []session.Frame {
	t := r.interp.native
	pcs := make([]uintptr, 256)
	pcs = pcs[:runtime.Callers(2, pcs)]
	frames := runtime.CallersFrames(pcs)
	var out []session.Frame
	panicking := false
	for {
		f, more := frames.Next()
		if f.Function == "runtime.gopanic" && !panicking {
			panicking, out = true, nil // what is above is the handling of it
		}
		if pkg, name, ok := cellFunc(f.Function); ok && t != nil {
			if n, known := t.files[pkg][path.Base(f.File)]; known && f.Line > 0 {
				out = append(out, session.Frame{Func: name, Position: *r.linePlace(n, f.Line)})
			}
		}
		if !more || len(out) >= 100 {
			break
		}
	}
	return out
}

// cellFunc parts the name of a function of a cell's package: "cell/3f2a.Ʌfib" is
// fib. The cell's statements have no name.
func cellFunc(symbol string) (pkg, name string, ok bool) {
	if !strings.HasPrefix(symbol, "cell/") {
		return "", "", false
	}
	pkg, name, _ = strings.Cut(symbol, ".")
	name = strings.ReplaceAll(emit.Plain(name), "[...]", "")
	if strings.HasPrefix(name, emit.Entry) {
		name = ""
	}
	return pkg, name, true
}
