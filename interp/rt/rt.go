// Package rt is what compiled cells call: it stands between them and the session
// that runs them. Nothing else should import it but the session itself.
//
// Compiled code has one way to reach its session, and that is the process that it
// was loaded into. So this package holds state: the [Session] that the process
// serves, set once by [Serve].
package rt

import (
	"io"
	"reflect"
	"sync/atomic"
	"time"
	"unsafe"

	"github.com/adabc437/fanout/interp/rich"
)

// A Session is what runs cells.
type Session interface {
	// Result takes the value of the last expression of a run.
	Result(run int, values []any)
	// Magic runs the magic of that number in a run's cell.
	Magic(run, n int, args []any) any
	// Panicked takes the panic of a goroutine that a cell has started.
	Panicked(run int, value any)
	// Display, Update and ClearOutput act on the output of the cell that runs.
	Display(v any) (id string)
	Update(id string, v any)
	ClearOutput(wait bool)
	// Ask asks the user for a line.
	Ask(prompt string, password bool) string
	// Stdin is standard input, which asks the user line by line.
	Stdin() io.Reader
	// Scan are fmt.Scan, Scanln and Scanf (format not nil) from Stdin.
	Scan(line bool, format *string, args []any) (int, error)
	// CommTarget and OpenComm are those of cells.
	CommTarget(name string, open func(*Comm, CommMessage))
	OpenComm(target string, data any, buffers [][]byte) (*Comm, error)
}

var serving atomic.Pointer[Session]

// Serve says which session compiled cells belong to.
func Serve(s Session) { serving.Store(&s) }

//
//go:noinline
func session() Session {
	s := serving.Load()
	if s == nil {
		panic("a compiled cell runs without a session")
	}
	return *s
}

// Keep reaches what compiled cells call, lest the linker leave it out of a program
// in which no other code does.
func Keep() []any {
	return []any{
		Result, Magic, Scan, Scanln, Scanf, Stdin, JSON, Display, ClearOutput, Input, Password, CommTarget, OpenComm, Sleep,
		Trap, Look, Enter, Start, Done, Live, CurrentID, Guard, Guarded, GuardedErr, &Stop, session, taken,
		(*HTML)(nil), (*SVG)(nil), (*Markdown)(nil), (*LaTeX)(nil), (*JavaScript)(nil), (*PNG)(nil), (*JPEG)(nil), (*GIF)(nil),
		(*JSONValue)(nil), (*Handle)(nil), (*Comm)(nil), (*CommMessage)(nil),
	}
}

// Result gives the session what the last expression of a run is.
func Result(run int) func(values ...any) {
	return func(values ...any) { session().Result(run, values) }
}

// Magic runs a magic.
func Magic(run, n int, args ...any) any { return session().Magic(run, n, args) }

// As is v.(T). What reflection has made before the compiler may have a type of its own,
// which is T in all but its address: then v is taken for a T. What can become a T, as an
// array on a device of elements whose type the session does not know, becomes one.
func As[T any](v any) T {
	if t, ok := v.(T); ok || v == nil {
		return t
	}
	if p := taken(v, (*T)(nil)); p != nil {
		return *(*T)(p)
	}
	return v.(T) // with the panic of Go
}

// taken is where a copy of v stands, if its type is made alike of the same ones as that
// which to points to. It is not a part of As, lest cells call what reflect alone does.
//
//go:noinline
func taken(v, to any) unsafe.Pointer {
	if u, ok := v.(interface {
		Become(t reflect.Type) (any, error)
	}); ok {
		var err error
		if v, err = u.Become(reflect.TypeOf(to).Elem()); err != nil {
			panic(err)
		}
	}
	from := reflect.TypeOf(v)
	if from != reflect.TypeOf(to).Elem() && !alike(from, reflect.TypeOf(to).Elem()) {
		return nil
	}
	p := reflect.New(from)
	p.Elem().Set(reflect.ValueOf(v))
	return p.UnsafePointer()
}

// alike says of types without names that they are made alike of the same ones.
func alike(a, b reflect.Type) bool {
	if a == b {
		return true
	}
	if a.Kind() != b.Kind() || a.Name() != "" || b.Name() != "" {
		return false
	}
	switch a.Kind() {
	case reflect.Slice, reflect.Pointer:
		return alike(a.Elem(), b.Elem())
	case reflect.Array:
		return a.Len() == b.Len() && alike(a.Elem(), b.Elem())
	case reflect.Chan:
		return a.ChanDir() == b.ChanDir() && alike(a.Elem(), b.Elem())
	case reflect.Map:
		return alike(a.Key(), b.Key()) && alike(a.Elem(), b.Elem())
	case reflect.Func:
		if a.NumIn() != b.NumIn() || a.NumOut() != b.NumOut() || a.IsVariadic() != b.IsVariadic() {
			return false
		}
		for n := range a.NumIn() {
			if !alike(a.In(n), b.In(n)) {
				return false
			}
		}
		for n := range a.NumOut() {
			if !alike(a.Out(n), b.Out(n)) {
				return false
			}
		}
		return true
	}
	return false
}

// Turns is how many turns of a short loop there are between two looks at [Stop]: often
// enough for an interrupt. Counting down to zero costs a loop next to nothing, and a look
// that is a call leaves its registers alone.
const Turns uint32 = 1 << 16

// Look ends the goroutine if its run is to stop, and returns Turns.
//
//go:noinline
func Look() uint32 {
	if Stop.Load() != 0 {
		Trap()
	}
	return Turns
}

// Zero sets a variable to its zero value, as its declaration does.
func Zero[T any](p *T) {
	var zero T
	*p = zero
}

// Scan is fmt.Scan, of the user's input.
func Scan(a ...any) (int, error) { return session().Scan(false, nil, a) }

// Scanln is fmt.Scanln, of the user's input.
func Scanln(a ...any) (int, error) { return session().Scan(true, nil, a) }

// Scanf is fmt.Scanf, of the user's input.
func Scanf(format string, a ...any) (int, error) { return session().Scan(true, &format, a) }

// Stdin is os.Stdin, of the user's input.
func Stdin() io.Reader { return session().Stdin() }

// The types that say how a value is shown.
type (
	HTML       = rich.HTML
	SVG        = rich.SVG
	Markdown   = rich.Markdown
	LaTeX      = rich.LaTeX
	JavaScript = rich.JavaScript
	PNG        = rich.PNG
	JPEG       = rich.JPEG
	GIF        = rich.GIF
	JSONValue  = rich.JSONValue
)

// JSON shows v as a tree.
func JSON(v any) JSONValue { return rich.JSON(v) }

// A Handle is something on display that can be changed in place.
type Handle struct{ id string }

// ID is the display id of the output.
func (h *Handle) ID() string { return h.id }

// Update shows v in place of what the handle showed.
func (h *Handle) Update(v any) {
	if h == nil || h.id == "" {
		panic("update of a handle that display did not return")
	}
	session().Update(h.id, v)
}

// Display shows v and returns a handle to it.
func Display(v any) *Handle { return &Handle{session().Display(v)} }

// ClearOutput removes the cell's output so far.
func ClearOutput(wait ...bool) { session().ClearOutput(len(wait) > 0 && wait[0]) }

// Input asks the user for a line.
func Input(prompt string) string { return session().Ask(prompt, false) }

// Password asks the user for a line without showing it.
func Password(prompt string) string { return session().Ask(prompt, true) }

// CommTarget has open called for each comm that the front end opens.
func CommTarget(name string, open func(*Comm, CommMessage)) { session().CommTarget(name, open) }

// OpenComm opens a comm to the front end.
func OpenComm(target string, data any, buffers ...[]byte) (*Comm, error) {
	return session().OpenComm(target, data, buffers)
}

// Sleep is time.Sleep, which an interrupt ends.
func Sleep(d time.Duration) {
	r := current()
	if r == nil || d <= 0 {
		time.Sleep(d)
		return
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-r.stopped:
		Trap()
	}
}
