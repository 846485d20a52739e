package interp

import (
	"cmp"
	"fmt"
	"io"

	"github.com/google/uuid"

	"github.com/adabc437/fanout/interp/rt"
	"github.com/adabc437/fanout/interp/session"
)

// rtSession is the session as compiled cells reach it.
type rtSession struct{ i *Interp }

var _ rt.Session = rtSession{}

// run is the run that the goroutine belongs to, or else the current one.
func (s rtSession) run() *run {
	if id, ok := rt.CurrentID(); ok {
		s.i.runMu.Lock()
		r := cmp.Or(s.i.runs[id], s.i.jobRuns[id])
		s.i.runMu.Unlock()
		if r != nil {
			return r
		}
	}
	return s.i.current()
}

// Result takes the value of a cell's last expression. Where the same text runs twice at
// once, in two shells, it is one package, which knows the number of the later run only.
func (s rtSession) Result(id int, values []any) {
	if own, ok := rt.CurrentID(); ok {
		id = own
	}
	s.i.runMu.Lock()
	r := s.i.runs[id]
	s.i.runMu.Unlock()
	if r != nil {
		r.setResult(values)
	}
}

// Magic runs a magic.
func (s rtSession) Magic(id, n int, args []any) any {
	return s.i.callSiteFor(s.run(), id, n, args)
}

// Panicked ends the cell that has started the goroutine.
func (s rtSession) Panicked(id int, value any) {
	s.i.runMu.Lock()
	r := s.i.runs[id]
	s.i.runMu.Unlock()
	text := goPanicText(value)
	d := s.run().nativePanic(value, false)
	d.Message += " (in a goroutine)"
	d.Hint = panicHint(text)
	if !s.run().cell.Program {
		d.Notes = append(d.Notes, "outside a notebook this panic would end the whole program")
	}
	if r == nil || !r.broken.CompareAndSwap(nil, d) {
		where := ""
		if d.Pos != nil {
			where = d.Pos.String() + ": "
		}
		s.i.current().emit(session.Event{Kind: session.Stream, Name: "stderr", Text: where + "panic: " + d.Message + "\n"})
		return
	}
	r.cancel()
}

// Display shows a value.
func (s rtSession) Display(v any) string {
	id := uuid.NewString()
	if f, ok := isFuture(v); ok {
		s.run().showFuture(f, id)
		return id
	}
	data, meta := s.i.bundleOf(v, nil)
	s.run().emit(session.Event{Kind: session.Display, Data: data, Metadata: meta, DisplayID: id})
	return id
}

// Update changes what a handle shows.
func (s rtSession) Update(id string, v any) {
	data, meta := s.i.bundleOf(v, nil)
	s.run().emit(session.Event{Kind: session.Update, Data: data, Metadata: meta, DisplayID: id})
}

// ClearOutput removes the cell's output.
func (s rtSession) ClearOutput(wait bool) {
	s.run().emit(session.Event{Kind: session.Clear, Wait: wait})
}

// Ask asks the user.
func (s rtSession) Ask(prompt string, password bool) string { return s.i.ask(prompt, password) }

// Stdin is the user's input.
func (s rtSession) Stdin() io.Reader { return s.i.stdin.reader }

// Scan reads from the user's input.
func (s rtSession) Scan(line bool, format *string, args []any) (int, error) {
	switch {
	case format != nil:
		return fmt.Fscanf(s.i.stdin.buffered, *format, args...)
	case line:
		return fmt.Fscanln(s.i.stdin.buffered, args...)
	}
	return fmt.Fscan(s.i.stdin.buffered, args...)
}

// A link is a comm as compiled cells hold it.
type link struct{ c *Comm }

func (l link) ID() string                            { return l.c.ID() }
func (l link) Target() string                        { return l.c.Target() }
func (l link) Send(data any, buffers [][]byte) error { return l.c.Send(data, buffers...) }
func (l link) Close(data any) error                  { return l.c.Close(data) }
func (l link) OnMessage(f func(rt.CommMessage)) {
	l.c.OnMessage(func(m CommMessage) { f(rt.CommMessage(m)) })
}
func (l link) OnClose(f func(rt.CommMessage)) {
	l.c.OnClose(func(m CommMessage) { f(rt.CommMessage(m)) })
}

// CommTarget registers what is called when the front end opens a comm.
func (s rtSession) CommTarget(name string, open func(*rt.Comm, rt.CommMessage)) {
	s.i.comms.setTarget(name, func(c *Comm, m CommMessage) { open(&rt.Comm{Link: link{c}}, rt.CommMessage(m)) })
}

// OpenComm opens a comm.
func (s rtSession) OpenComm(target string, data any, buffers [][]byte) (*rt.Comm, error) {
	c, err := s.i.comms.openComm(target, data, buffers...)
	if err != nil {
		return nil, err
	}
	return &rt.Comm{Link: link{c}}, nil
}
