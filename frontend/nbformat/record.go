package nbformat

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/adabc437/fanout/interp/session"
)

// A Recorder turns the events of a notebook's cells into their outputs, as
// Jupyter's own executor does. Its methods may be called from any goroutine; the
// notebook may be read while none runs. The zero value is ready.
type Recorder struct {
	mu       sync.Mutex
	closed   bool
	displays map[string][]*Output         // by display id
	texts    map[*Output]*strings.Builder // of streams that still grow
	clear    map[*Cell]bool               // before the next output
}

// Emit adds e to the outputs of cell, which is executed as number. Comm events
// leave no trace in a notebook.
func (r *Recorder) Emit(cell *Cell, number int, e session.Event) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return
	}
	switch e.Kind {
	case session.Stream:
		r.stream(cell, e.Name, e.Text)
	case session.Clear:
		if e.Wait {
			r.waiting(cell, true)
		} else {
			r.drop(cell)
		}
	case session.Display, session.Result, session.Update:
		data, err := bundle(e.Data)
		joinBundle(data)
		meta, metaErr := bundle(e.Metadata)
		if err != nil || metaErr != nil {
			r.stream(cell, "stderr", fmt.Sprintf("this output cannot be stored: %v\n", firstError(err, metaErr)))
			return
		}
		r.show(cell, number, e, data, meta)
	}
}

func firstError(errs ...error) error {
	return errs[slices.IndexFunc(errs, func(err error) bool { return err != nil })]
}

// show adds a display or a result; all outputs of the same display id follow.
func (r *Recorder) show(cell *Cell, number int, e session.Event, data, meta map[string]any) {
	for _, o := range r.displays[e.DisplayID] {
		o.Data, o.Metadata = data, meta
	}
	if e.Kind == session.Update {
		return
	}
	o := &Output{Type: DisplayData, Data: data, Metadata: meta}
	if e.Kind == session.Result {
		o.Type, o.ExecutionCount = ExecuteResult, &number
	}
	r.add(cell, o)
	if e.DisplayID != "" {
		if r.displays == nil {
			r.displays = map[string][]*Output{}
		}
		r.displays[e.DisplayID] = append(r.displays[e.DisplayID], o)
	}
}

// Error adds the error that cell ended with.
func (r *Recorder) Error(cell *Cell, name, value string, traceback []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.closed {
		r.add(cell, &Output{Type: Error, EName: name, EValue: value, Traceback: traceback})
	}
}

// Close makes the recorder drop what still comes, from goroutines that outlive
// their cells.
func (r *Recorder) Close() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.closed = true
}

// stream adds text. The text of one name goes together as long as nothing but
// text comes between: the two streams have no order among themselves.
func (r *Recorder) stream(cell *Cell, name, text string) {
	r.settle(cell)
	for _, o := range slices.Backward(cell.Outputs) {
		if o.Type != Stream {
			break
		}
		if b := r.texts[o]; b != nil && o.Name == name {
			b.WriteString(text)
			o.Text = b.String()
			return
		}
	}
	o := &Output{Type: Stream, Name: name}
	cell.Outputs = append(cell.Outputs, o)
	if r.texts == nil {
		r.texts = map[*Output]*strings.Builder{}
	}
	b := &strings.Builder{}
	b.WriteString(text)
	r.texts[o] = b
	o.Text = b.String()
}

func (r *Recorder) add(cell *Cell, o *Output) {
	r.settle(cell)
	cell.Outputs = append(cell.Outputs, o)
}

// settle does a clear that waited for the next output.
func (r *Recorder) settle(cell *Cell) {
	if r.clear[cell] {
		r.drop(cell)
	}
}

func (r *Recorder) waiting(cell *Cell, wait bool) {
	if r.clear == nil {
		r.clear = map[*Cell]bool{}
	}
	r.clear[cell] = wait
}

// drop takes the outputs of cell away.
func (r *Recorder) drop(cell *Cell) {
	r.waiting(cell, false)
	gone := cell.Outputs
	cell.Outputs = nil
	for _, o := range gone {
		delete(r.texts, o)
	}
	for id, list := range r.displays {
		if list = slices.DeleteFunc(list, func(o *Output) bool { return slices.Contains(gone, o) }); len(list) > 0 {
			r.displays[id] = list
		} else {
			delete(r.displays, id)
		}
	}
}

// bundle gives a copy of a MIME bundle, or its metadata, in the types that JSON is read into.
func bundle(m map[string]any) (map[string]any, error) {
	out := maps.Clone(orEmpty(m))
	for key, v := range out {
		if _, ok := v.(string); ok {
			continue
		}
		plain, err := generic(v)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", key, err)
		}
		out[key] = plain
	}
	return out, nil
}
