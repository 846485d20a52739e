package interp

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"reflect"
	"runtime"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/adabc437/fanout/interp/rich"
	"github.com/adabc437/fanout/interp/session"
)

// A Handle is something on display that can be changed in place.
type Handle struct {
	interp *Interp
	id     string
}

// ID is the display id of the output.
func (h *Handle) ID() string { return h.id }

// Update shows v in place of what the handle showed.
func (h *Handle) Update(v any) {
	if h == nil || h.interp == nil {
		panic(errors.New("update of a handle that display did not return"))
	}
	data, meta := h.interp.bundleOf(v, nil)
	h.interp.current().emit(session.Event{Kind: session.Update, Data: data, Metadata: meta, DisplayID: h.id})
}

// display shows v and returns the handle to it.
func (i *Interp) display(v any) *Handle {
	h := &Handle{i, uuid.NewString()}
	if f, ok := isFuture(v); ok {
		i.current().showFuture(f, h.id)
		return h
	}
	data, meta := i.bundleOf(v, nil)
	i.current().emit(session.Event{Kind: session.Display, Data: data, Metadata: meta, DisplayID: h.id})
	return h
}

func (i *Interp) clearOutput(wait ...bool) {
	i.current().emit(session.Event{Kind: session.Clear, Wait: len(wait) > 0 && wait[0]})
}

// ask asks the user for a line; where that cannot be done the cell ends.
func (i *Interp) ask(prompt string, password bool) string {
	r := i.current()
	line, err := r.input(prompt, password)
	switch {
	case err == nil:
		return line
	case errors.Is(err, io.EOF):
		panic(errors.New("the input has ended"))
	case errors.Is(err, context.Canceled):
		<-r.ctx.Done()
		return ""
	}
	panic(&session.Diagnostic{Name: "StdinError", Message: err.Error(), Hint: "run the cell in a front end that can ask, or take the value from a variable"})
}

func (r *run) input(prompt string, password bool) (string, error) {
	if !r.cell.AllowStdin {
		return "", session.ErrNoInput
	}
	return r.out.Input(r.ctx, prompt, password)
}

// methods puts the rich methods of a value beside it: name, method value, …
func methods(v any, pairs ...any) any {
	m := rich.Methods{}
	for n := 0; n+1 < len(pairs); n += 2 {
		if name, ok := pairs[n].(string); ok {
			m[name] = pairs[n+1]
		}
	}
	return withMethods{v, m}
}

// printErr is the builtins print and println, which write to stderr.
func printErr(sep string, args []any) {
	var b strings.Builder
	for n, a := range args {
		if n > 0 {
			b.WriteString(sep)
		}
		switch v := reflect.ValueOf(a); {
		case v.IsValid() && v.CanFloat():
			fmt.Fprintf(&b, "%+e", v.Float())
		default:
			fmt.Fprint(&b, a)
		}
	}
	if sep != "" {
		b.WriteByte('\n')
	}
	_, _ = os.Stderr.WriteString(b.String()) // as the builtins, it has nobody to tell
}

// hostSymbols binds what lowered code and cells call in the session.
func (i *Interp) hostSymbols(t *interpreted) map[string]reflect.Value {
	v := reflect.ValueOf
	return map[string]reflect.Value{
		// what lowering puts in
		"Result":     v(func(id int, value any) { i.byID(t, id).setResult([]any{value}) }),
		"Results":    v(func(values ...any) { i.current().setResult(values) }),
		"Magic":      v(func(id, site int, args ...any) any { return i.callSite(id, site, args) }),
		"At":         v(func(id, n int) { i.byID(t, id).at.Store(int64(n)) }),
		"Started":    v(func() int { return t.started() }),
		"Begun":      v(func(token int) int { return t.begun(token) }),
		"Ended":      v(func(token int) { t.ended(token) }),
		"Sleep":      v(func(d time.Duration) { t.sleep(d) }),
		"Guarded":    v(func(id, n int, value any) { i.byID(t, id).goroutinePanic(n, value) }),
		"Generic":    v(callGeneric),
		"Clear":      v(clearValue),
		"Methods":    v(methods),
		"Method":     v(i.shapes.setMethod),
		"Shown":      v(i.shapes.show),
		"ShownAll":   v(i.shapes.showAll),
		"In":         v(func(x any) []any { return []any{x} }),
		"Error":      v(i.shapes.heldError),
		"ErrorsAs":   v(i.shapes.errorsAs),
		"Is":         v(i.shapes.is),
		"Must":       v(i.shapes.must),
		"As":         v(i.shapes.as),
		"AsError":    v(i.shapes.asError),
		"AsStringer": v(i.shapes.asStringer),
		"Sample":     v(i.shapes.sample),
		"Type":       v(i.shapes.know),
		"ShownIn":    v(func(n int, in []any) any { return i.shapes.showAny(in[0]) }),
		"TypeNameIn": v(func(n int, in []any) string { return i.shapes.typeName(n, in[0]) }),
		"TypeName":   v(i.shapes.typeName),
		"Equal":      v(equalValues),
		"Panic":      v(i.shapes.panicValue),
		"PanicIn":    v(func(in []any) any { return i.shapes.panicHeld(in[0]) }),
		"PanicNil":   v(func() any { return new(runtime.PanicNilError) }),
		"Shift":      v(shiftCount),
		"Runes":      v(runesOf),
		"PanicAt":    v(func(n, line, col int) { i.current().panicking(n, line, col) }),
		"Recovered":  v(func(value any) any { i.current().panicAt.Store(nil); return recovered(value) }),
		"Stdin":      v(&i.stdin.reader).Elem(),
		"Scan":       v(func(a ...any) (int, error) { return fmt.Fscan(i.stdin.buffered, a...) }),
		"Scanf":      v(func(f string, a ...any) (int, error) { return fmt.Fscanf(i.stdin.buffered, f, a...) }),
		"Scanln":     v(func(a ...any) (int, error) { return fmt.Fscanln(i.stdin.buffered, a...) }),
		"PrintErr":   v(func(a ...any) { printErr("", a) }),
		"PrintlnErr": v(func(a ...any) { printErr(" ", a) }),
		// what cells see
		"Display":     v(i.display),
		"ClearOutput": v(i.clearOutput),
		"Input":       v(func(prompt string) string { return i.ask(prompt, false) }),
		"Password":    v(func(prompt string) string { return i.ask(prompt, true) }),
		"OpenComm":    v(i.comms.openComm),
		"CommTarget":  v(i.comms.setTarget),
		"JSON":        v(rich.JSON),
		"HTML":        v((*rich.HTML)(nil)),
		"SVG":         v((*rich.SVG)(nil)),
		"Markdown":    v((*rich.Markdown)(nil)),
		"LaTeX":       v((*rich.LaTeX)(nil)),
		"JavaScript":  v((*rich.JavaScript)(nil)),
		"PNG":         v((*rich.PNG)(nil)),
		"JPEG":        v((*rich.JPEG)(nil)),
		"GIF":         v((*rich.GIF)(nil)),
		"JSONValue":   v((*rich.JSONValue)(nil)),
		"Handle":      v((*Handle)(nil)),
		"Comm":        v((*Comm)(nil)),
		"CommMessage": v((*CommMessage)(nil)),
	}
}
