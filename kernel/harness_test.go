package kernel

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/adabc437/fanout/interp/session"
	"github.com/adabc437/fanout/kernel/wire"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// patience is how long a test waits for something that must happen.
const patience = 20 * time.Second

// A script is what a fake session does for a cell.
type script func(ctx context.Context, cell session.Cell, out session.Output) (session.Reply, error)

// A fakeSession does for each cell what is scripted for its code.
type fakeSession struct {
	mu         sync.Mutex
	scripts    map[string]script
	cells      []session.Cell
	comms      []session.CommMessage
	interrupts int
	closed     bool

	interrupted chan struct{} // receives on Interrupt
	ended       chan struct{} // closed by Close

	complete   func(code string, offset int) (session.Completion, error)
	inspect    func(code string, offset, detail int) (session.Inspection, error)
	isComplete func(code string) (session.Completeness, error)
	comm       func(msg session.CommMessage, out session.Output) error
}

var _ session.Session = (*fakeSession)(nil)

func newFakeSession() *fakeSession {
	return &fakeSession{scripts: map[string]script{}, interrupted: make(chan struct{}, 100), ended: make(chan struct{})}
}

// on scripts what a cell does.
func (f *fakeSession) on(code string, s script) { f.scripts[code] = s }

// emits scripts a cell that emits events and succeeds.
func (f *fakeSession) emits(code string, events ...session.Event) {
	f.on(code, func(_ context.Context, _ session.Cell, out session.Output) (session.Reply, error) {
		for _, e := range events {
			out.Emit(e)
		}
		return session.Reply{}, nil
	})
}

// fails scripts a cell that ends with a diagnostic.
func (f *fakeSession) fails(code string) {
	f.on(code, func(context.Context, session.Cell, session.Output) (session.Reply, error) {
		return session.Reply{Err: &session.Diagnostic{Name: session.Panic, Message: "boom"}}, nil
	})
}

// blocks scripts a cell that runs until the channel is closed, or it is
// interrupted, or the session is closed.
func (f *fakeSession) blocks(code string) (started, release chan struct{}) {
	started, release = make(chan struct{}), make(chan struct{})
	f.on(code, func(ctx context.Context, _ session.Cell, out session.Output) (session.Reply, error) {
		close(started)
		interrupted := session.Reply{Err: &session.Diagnostic{Name: session.Interrupted, Message: "stopped"}}
		select {
		case <-release:
			return session.Reply{}, nil
		case <-f.interrupted:
			return interrupted, nil
		case <-ctx.Done():
			return interrupted, nil
		case <-f.ended:
			return session.Reply{}, session.ErrClosed
		}
	})
	return started, release
}

func (f *fakeSession) Execute(ctx context.Context, cell session.Cell, out session.Output) (session.Reply, error) {
	f.mu.Lock()
	f.cells = append(f.cells, cell)
	s := f.scripts[cell.Code]
	f.mu.Unlock()
	if s == nil {
		return session.Reply{}, nil
	}
	return s(ctx, cell, out)
}

func (f *fakeSession) Interrupt() {
	f.mu.Lock()
	f.interrupts++
	f.mu.Unlock()
	select {
	case f.interrupted <- struct{}{}:
	default:
	}
}

var errNotScripted = errors.New("not scripted")

func (f *fakeSession) Complete(_ context.Context, code string, offset int) (session.Completion, error) {
	if f.complete == nil {
		return session.Completion{}, errNotScripted
	}
	return f.complete(code, offset)
}

func (f *fakeSession) Inspect(_ context.Context, code string, offset, detail int) (session.Inspection, error) {
	if f.inspect == nil {
		return session.Inspection{}, errNotScripted
	}
	return f.inspect(code, offset, detail)
}

func (f *fakeSession) IsComplete(_ context.Context, code string) (session.Completeness, error) {
	if f.isComplete == nil {
		return session.Completeness{}, errNotScripted
	}
	return f.isComplete(code)
}

func (f *fakeSession) Comm(_ context.Context, msg session.CommMessage, out session.Output) error {
	f.mu.Lock()
	f.comms = append(f.comms, msg)
	f.mu.Unlock()
	if f.comm == nil {
		return nil
	}
	return f.comm(msg, out)
}

func (f *fakeSession) Comms(_ context.Context, target string) (map[string]string, error) {
	all := map[string]string{"c1": "slider"}
	if target != "" && target != "slider" {
		return nil, nil
	}
	return all, nil
}

func (f *fakeSession) Restore(context.Context, session.Past) error { return nil }

func (f *fakeSession) Close() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.closed {
		f.closed = true
		close(f.ended)
	}
	return nil
}

// A sent is a message that the kernel sent.
type sent struct {
	channel wire.Channel
	class   Class
	*wire.Message
}

// String is what tests compare: channel, type, content.
func (s sent) String() string { return fmt.Sprintf("%s %s %s", s.channel, s.Type(), s.Content) }

// A fakeTransport keeps all messages in the order in which they were sent.
type fakeTransport struct {
	mu      sync.Mutex
	sent    []sent
	changed chan struct{} // closed and replaced at each message
	refuse  error         // what Send returns on stdin
}

var _ Transport = (*fakeTransport)(nil)

func (f *fakeTransport) Send(_ context.Context, ch wire.Channel, m *wire.Message) error {
	f.mu.Lock()
	refuse := f.refuse
	f.mu.Unlock()
	if refuse != nil && ch == wire.Stdin {
		return refuse
	}
	f.add(sent{channel: ch, Message: m})
	return nil
}

func (f *fakeTransport) Publish(m *wire.Message, class Class) {
	f.add(sent{wire.IOPub, class, m})
}

func (f *fakeTransport) add(s sent) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.sent = append(f.sent, s)
	close(f.changed)
	f.changed = make(chan struct{})
}

// A harness is a kernel between a fake session and a fake transport.
type harness struct {
	*testing.T
	k         *Kernel
	session   *fakeSession
	transport *fakeTransport
	client    *wire.Sender
}

func newHarness(t *testing.T, change ...func(*Config)) *harness {
	t.Helper()
	h := &harness{T: t, session: newFakeSession(), client: wire.NewSender("ada")}
	h.transport = &fakeTransport{changed: make(chan struct{})}
	c := Config{Session: h.session, HTML: true, Info: Info{Version: "0.1", GoVersion: "1.26", Banner: "hello"}}
	for _, f := range change {
		f(&c)
	}
	k, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	h.k = k
	k.Start(h.transport)
	t.Cleanup(func() {
		if err := k.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return h
}

// message makes a request with content given as JSON.
func (h *harness) message(msgType, content string) *wire.Message {
	h.Helper()
	m, err := h.client.New(msgType, nil, json.RawMessage("{}"))
	if err != nil {
		h.Fatal(err)
	}
	m.Content = json.RawMessage(content)
	m.Identities = [][]byte{[]byte("client")}
	return m
}

// send hands the kernel a request and returns it.
func (h *harness) send(ch wire.Channel, msgType, content string) *wire.Message {
	h.Helper()
	m := h.message(msgType, content)
	h.k.Handle(ch, m)
	return m
}

// execute sends a cell with further fields of the request.
func (h *harness) execute(code string, fields ...string) *wire.Message {
	h.Helper()
	return h.send(wire.Shell, "execute_request", "{"+strings.Join(append(fields, `"code":`+quote(code)), ",")+"}")
}

func quote(s string) string {
	b, _ := json.Marshal(s)
	return string(b)
}

// until waits for a message for which ok holds, and returns all that was sent up
// to it.
func (h *harness) until(what string, ok func(sent) bool) []sent {
	h.Helper()
	deadline := time.After(patience)
	for seen := 0; ; {
		h.transport.mu.Lock()
		all, changed := h.transport.sent, h.transport.changed
		h.transport.mu.Unlock()
		for ; seen < len(all); seen++ {
			if ok(all[seen]) {
				return all[:seen+1]
			}
		}
		select {
		case <-changed:
		case <-deadline:
			h.Fatalf("%s did not come; sent: %v", what, all)
		}
	}
}

// await waits for the idle status of m and returns all that was sent because of
// it.
func (h *harness) await(m *wire.Message) []sent {
	h.Helper()
	var mine []sent
	for _, s := range h.until("idle of "+m.Type(), func(s sent) bool {
		return s.Parent.MsgID == m.Header.MsgID && s.String() == idle
	}) {
		if s.Parent.MsgID == m.Header.MsgID {
			mine = append(mine, s)
		}
	}
	return mine
}

// reply waits for the end of m and returns the content of its reply.
func (h *harness) reply(m *wire.Message) map[string]any {
	h.Helper()
	for _, s := range h.await(m) {
		if s.channel != wire.IOPub && s.channel != wire.Stdin {
			content := map[string]any{}
			if err := json.Unmarshal(s.Content, &content); err != nil {
				h.Fatal(err)
			}
			return content
		}
	}
	h.Fatalf("no reply to %s", m.Type())
	return nil
}

const (
	starting = `iopub status {"execution_state":"starting"}`
	busy     = `iopub status {"execution_state":"busy"}`
	idle     = `iopub status {"execution_state":"idle"}`
)

// expect compares all that was sent because of m.
func (h *harness) expect(m *wire.Message, want ...string) {
	h.Helper()
	h.compare(m.Type(), h.await(m), want)
}

func (h *harness) compare(what string, got []sent, want []string) {
	h.Helper()
	var lines []string
	for _, s := range got {
		lines = append(lines, s.String())
	}
	if !reflect.DeepEqual(lines, want) {
		h.Errorf("%s\n got:\n  %s\nwant:\n  %s", what, strings.Join(lines, "\n  "), strings.Join(want, "\n  "))
	}
}

// wait waits for a channel to be closed or to receive.
func (h *harness) wait(what string, c <-chan struct{}) {
	h.Helper()
	select {
	case <-c:
	case <-time.After(patience):
		fmt.Fprintln(os.Stderr, what)
		h.Fatalf("%s did not happen", what)
	}
}
