// Package sessiontest holds the tests that every session.Session must pass,
// whether it runs cells in its own process or speaks to another one. Start at
// [Run].
package sessiontest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/adabc437/fanout/interp/session"
)

// patience bounds how long a test waits for what must happen. It is there to end
// a test that has failed, and no test waits it out.
const patience = 20 * time.Second

// Run runs the suite. open returns a fresh session, which the suite closes.
func Run(t *testing.T, open func(t *testing.T) session.Session) {
	for _, test := range []struct {
		name string
		run  func(*desk)
	}{
		{"Results", results},
		{"EventsComeInOrder", order},
		{"ErrorsHavePlaces", places},
		{"WhatRanBeforeAnErrorStays", midway},
		{"SilentCellsShowNothing", silent},
		{"UserExpressions", expressions},
		{"Input", input},
		{"NoInput", noInput},
		{"InterruptEndsACell", interrupt},
		{"CancelEndsACell", cancel},
		{"InterruptOfNothing", interruptIdle},
		{"SubshellsOverlap", overlap},
		{"Complete", complete},
		{"Inspect", inspect},
		{"IsComplete", isComplete},
		{"CommsFromTheFrontEnd", commsIn},
		{"CommsFromTheSession", commsOut},
		{"DisplaysUpdate", displays},
		{"RestoreDeclaresAgain", restore},
		{"Reset", reset},
		{"Restart", restart},
		{"Payloads", payloads},
		{"CloseEndsIt", closed},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := open(t)
			t.Cleanup(func() { _ = s.Close() })
			test.run(&desk{T: t, s: s, open: open})
		})
	}
}

// A desk is a user at a session.
type desk struct {
	*testing.T
	s    session.Session
	open func(t *testing.T) session.Session
	n    int
}

// cell is the next cell, with code in it.
func (d *desk) cell(code string) session.Cell {
	d.n++
	return session.Cell{ID: fmt.Sprint("cell-", d.n), Code: code, Number: d.n, StoreHistory: true, AllowStdin: true}
}

func (d *desk) execute(c session.Cell, out *Output) session.Reply {
	d.Helper()
	ctx, stop := context.WithTimeout(d.Context(), patience)
	defer stop()
	reply, err := d.s.Execute(ctx, c, out)
	if err != nil {
		d.Fatalf("%s: %v", c.Code, err)
	}
	return reply
}

// do runs a cell that must succeed.
func (d *desk) do(code string) (session.Reply, *Output) {
	d.Helper()
	out := NewOutput()
	reply := d.execute(d.cell(code), out)
	if reply.Err != nil {
		d.Fatalf("%s: %v", code, reply.Err)
	}
	return reply, out
}

// gives runs a cell that must succeed with a result of that text.
func (d *desk) gives(code, want string) {
	d.Helper()
	if _, out := d.do(code); out.Text(session.Result) != want {
		d.Errorf("%s gives %q, want %q", code, out.Text(session.Result), want)
	}
}

// start runs a cell and returns when it has shown something; the reply comes
// through the channel.
func (d *desk) start(ctx context.Context, c session.Cell) <-chan session.Reply {
	d.Helper()
	out := NewOutput()
	done := make(chan session.Reply, 1)
	go func() {
		reply, err := d.s.Execute(ctx, c, out)
		if err != nil {
			d.Errorf("%s: %v", c.Code, err)
		}
		done <- reply
	}()
	select {
	case <-out.Seen(session.Display):
	case reply := <-done:
		d.Fatalf("%s ended before it showed anything: %v", c.Code, reply.Err)
	case <-time.After(patience):
		d.Fatalf("%s shows nothing", c.Code)
	}
	return done
}

func (d *desk) wait(done <-chan session.Reply) session.Reply {
	d.Helper()
	select {
	case reply := <-done:
		return reply
	case <-time.After(patience):
		d.Fatal("the cell does not end")
	}
	return session.Reply{}
}

func (d *desk) wantErr(reply session.Reply, name string) *session.Diagnostic {
	d.Helper()
	if reply.Err == nil || reply.Err.Name != name {
		d.Fatalf("the cell ended with %v, want a %s", reply.Err, name)
	}
	return reply.Err
}

// An Output records events and answers questions.
type Output struct {
	mu     sync.Mutex
	events []session.Event
	seen   map[session.Kind]chan struct{}
	// Answers are given to the cell's questions, in order; then the input ends.
	Answers []string
	// Asked are the prompts of the questions.
	Asked []string
}

// NewOutput returns an Output that answers with the lines given.
func NewOutput(answers ...string) *Output {
	return &Output{seen: map[session.Kind]chan struct{}{}, Answers: answers}
}

// Emit records an event.
func (o *Output) Emit(e session.Event) {
	if e.Kind == session.Commit {
		return // it shows nothing
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.events = append(o.events, e)
	ch := o.channel(e.Kind)
	select {
	case <-ch:
	default:
		close(ch)
	}
}

func (o *Output) channel(k session.Kind) chan struct{} {
	if o.seen[k] == nil {
		o.seen[k] = make(chan struct{})
	}
	return o.seen[k]
}

// Seen is closed once an event of the kind has come.
func (o *Output) Seen(k session.Kind) <-chan struct{} {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.channel(k)
}

// Input answers a question.
func (o *Output) Input(_ context.Context, prompt string, _ bool) (string, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.Asked = append(o.Asked, prompt)
	if len(o.Answers) == 0 {
		return "", io.EOF
	}
	line := o.Answers[0]
	o.Answers = o.Answers[1:]
	return line, nil
}

// Events are those recorded so far.
func (o *Output) Events() []session.Event {
	o.mu.Lock()
	defer o.mu.Unlock()
	return append([]session.Event(nil), o.events...)
}

// Text joins the text of the events of a kind.
func (o *Output) Text(k session.Kind) string {
	var b strings.Builder
	for _, e := range o.Events() {
		if e.Kind == k {
			text, _ := e.Data["text/plain"].(string)
			b.WriteString(e.Text + text)
		}
	}
	return b.String()
}

func isClosed(err error) bool { return errors.Is(err, session.ErrClosed) }
