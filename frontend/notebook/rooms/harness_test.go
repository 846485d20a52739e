package rooms

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"go.uber.org/goleak"

	"github.com/adabc437/fanout/frontend/notebook/kernels"
	"github.com/adabc437/fanout/interp"
	"github.com/adabc437/fanout/interp/session"
	"github.com/adabc437/fanout/kernel/supervisor"
)

// asSession makes this test program a session process.
const asSession = "FANOUT_ROOMS_TEST_SESSION"

func TestMain(m *testing.M) {
	if os.Getenv(asSession) != "" {
		os.Exit(supervisor.Child(context.Background(), func(context.Context) (session.Session, error) {
			return interp.New(interp.Options{})
		}))
	}
	goleak.VerifyTestMain(m)
}

// patience is how long a test waits for something that must happen.
const patience = 20 * time.Second

// A fakeSession runs the cells that its test needs, a word a cell; see Execute.
type fakeSession struct {
	mu          sync.Mutex
	interrupted chan struct{}
	ended       chan struct{}
	closing     sync.Once
	late        func() // emits from the cell "late" that has ended
}

var _ session.Session = (*fakeSession)(nil)

func newFake() *fakeSession {
	return &fakeSession{interrupted: make(chan struct{}, 9), ended: make(chan struct{})}
}

func emit(out session.Output, kind session.Kind, mime, text, id string) {
	out.Emit(session.Event{Kind: kind, Data: map[string]any{mime: text}, Metadata: map[string]any{}, DisplayID: id})
}

func (f *fakeSession) Execute(ctx context.Context, cell session.Cell, out session.Output) (session.Reply, error) {
	what, arg, _ := strings.Cut(cell.Code, " ")
	failed := func(name, text string) (session.Reply, error) {
		return session.Reply{Err: &session.Diagnostic{Name: name, Message: text}}, nil
	}
	switch what {
	case "print":
		out.Emit(session.Event{Kind: session.Stream, Name: "stdout", Text: arg})
	case "value":
		emit(out, session.Result, "text/plain", arg, "")
	case "html":
		emit(out, session.Display, "text/html", arg, "")
	case "display":
		emit(out, session.Display, "text/plain", arg, "shared")
	case "update":
		emit(out, session.Update, "text/plain", arg, "shared")
	case "fail":
		return failed(session.Panic, "boom")
	case "wait":
		out.Emit(session.Event{Kind: session.Stream, Name: "stdout", Text: "waiting\n"})
		select {
		case <-f.interrupted:
			return failed(session.Interrupted, "stopped")
		case <-f.ended:
			return session.Reply{}, session.ErrClosed
		}
	case "ask":
		text, err := out.Input(ctx, "name? ", false)
		if err != nil {
			return session.Reply{}, err
		}
		out.Emit(session.Event{Kind: session.Stream, Name: "stdout", Text: "hello " + text})
	case "late":
		f.mu.Lock()
		f.late = func() { out.Emit(session.Event{Kind: session.Stream, Name: "stdout", Text: "late"}) }
		f.mu.Unlock()
	case "now":
		f.mu.Lock()
		f.late()
		f.mu.Unlock()
	case "next":
		return session.Reply{Payloads: []session.Payload{{Source: "set_next_input", Text: arg}}}, nil
	case "replace":
		return session.Reply{Payloads: []session.Payload{{Source: "set_next_input", Text: arg, Replace: true}}}, nil
	case "page":
		return session.Reply{Payloads: []session.Payload{{Source: "page", Data: map[string]any{"text/plain": arg}}}}, nil
	case "much":
		out.Emit(session.Event{Kind: session.Stream, Name: "stdout", Text: strings.Repeat("x", 120<<10)})
	case "big":
		for range 20 {
			out.Emit(session.Event{Kind: session.Stream, Name: "stdout", Text: strings.Repeat("x", 20<<10)})
		}
	}
	return session.Reply{}, nil
}

func (f *fakeSession) Interrupt() { f.interrupted <- struct{}{} }
func (f *fakeSession) Complete(_ context.Context, code string, offset int) (session.Completion, error) {
	return session.Completion{Start: strings.LastIndex(code[:offset], " ") + 1, End: offset, Items: []session.Candidate{{Text: "Println", Type: "function"}}}, nil
}
func (f *fakeSession) Inspect(_ context.Context, code string, offset, detail int) (session.Inspection, error) {
	return session.Inspection{Found: true, Data: map[string]any{"text/plain": fmt.Sprint(code[:offset], detail)}}, nil
}
func (f *fakeSession) IsComplete(context.Context, string) (session.Completeness, error) {
	return session.Completeness{Status: session.Incomplete, Indent: "\t"}, nil
}
func (f *fakeSession) Comm(_ context.Context, m session.CommMessage, out session.Output) error {
	if m.Kind == session.CommOpen {
		data := json.RawMessage(`{"variables":[{"name":"x"}],"maps":[]}`)
		out.Emit(session.Event{Kind: session.CommMsg, Comm: &session.CommMessage{Kind: session.CommMsg, ID: m.ID, Data: data}})
	}
	return nil
}
func (f *fakeSession) Comms(context.Context, string) (map[string]string, error) { return nil, nil }
func (f *fakeSession) Restore(context.Context, session.Past) error              { return nil }
func (f *fakeSession) Close() error {
	f.closing.Do(func() { close(f.ended) })
	return nil
}

// A bench is a server of rooms under test.
type bench struct {
	*testing.T
	dir     string
	opt     Options
	rooms   *Rooms
	server  *httptest.Server
	fail    error // what kernels fail to start with
	started chan *fakeSession
	closed  bool
}

// newBench serves a folder with the notebook n.ipynb. change may change the options.
func newBench(t *testing.T, sources []string, change ...func(*Options)) *bench {
	b := &bench{T: t, dir: t.TempDir(), started: make(chan *fakeSession, 9)}
	if err := notebook(sources...).WriteFile(filepath.Join(b.dir, "n.ipynb")); err != nil {
		t.Fatal(err)
	}
	root, err := os.OpenRoot(b.dir)
	if err != nil {
		t.Fatal(err)
	}
	m, err := kernels.NewManager(kernels.Options{Start: func(ctx context.Context, spec kernels.Spec) (session.Session, error) {
		if b.fail != nil {
			return nil, b.fail
		}
		f := newFake()
		b.started <- f
		return f, nil
	}})
	if err != nil {
		t.Fatal(err)
	}
	state := t.TempDir()
	trust := NewTrust(filepath.Join(state, "data"))
	b.opt = Options{Root: root, Kernels: m, State: filepath.Join(state, "journals"), Trust: trust, Autosave: time.Hour, Watch: time.Hour, Linger: time.Hour}
	for _, f := range change {
		f(&b.opt)
	}
	b.serve()
	t.Cleanup(func() {
		b.close()
		if err := errors.Join(b.opt.Kernels.Close(), trust.Close(), root.Close()); err != nil {
			t.Error(err)
		}
	})
	return b
}

func (b *bench) serve() {
	rooms, err := New(b.opt)
	if err != nil {
		b.Fatal(err)
	}
	mux := http.NewServeMux()
	for path, h := range rooms.Routes() {
		mux.HandleFunc("GET "+path, h)
	}
	b.rooms, b.server, b.closed = rooms, httptest.NewServer(mux), false
}

func (b *bench) close() {
	if b.closed {
		return
	}
	b.closed = true
	err := b.rooms.Close()
	b.server.Close()
	if err != nil {
		b.Log("close:", err)
	}
}

// crash ends the server as kill -9 does: nothing is saved.
func (b *bench) crash() {
	b.rooms.mu.Lock()
	for _, e := range b.rooms.rooms {
		e.room.mu.Lock()
		e.room.end()
		e.room.mu.Unlock()
	}
	b.rooms.mu.Unlock()
	b.close()
}

func (b *bench) path() string { return filepath.Join(b.dir, "n.ipynb") }

func (b *bench) file() string {
	b.Helper()
	text, err := os.ReadFile(b.path())
	if err != nil {
		b.Fatal(err)
	}
	return string(text)
}

// A page is a client of a room, with what it knows.
type page struct {
	*bench
	ws     *websocket.Conn
	next   int
	unread [][]byte         // messages of the last frame
	room   map[string]any   // the last event of that kind
	events []map[string]any // those that no test has waited for yet
}

func (b *bench) page() *page { return b.pageAs("n.ipynb", "") }

// pageAs opens a room as a client, and waits until it is there.
func (b *bench) pageAs(path, client string) *page {
	b.Helper()
	p := b.dial(path, client)
	p.room = p.event("room", nil)
	return p
}

func (b *bench) dial(path, client string) *page {
	b.Helper()
	query := url.Values{"path": {path}, "client": {client}}
	ws, _, err := websocket.DefaultDialer.Dial("ws"+strings.TrimPrefix(b.server.URL, "http")+"/api/fanout/room?"+query.Encode(), nil)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { ws.Close() })
	return &page{bench: b, ws: ws}
}

func (p *page) read() map[string]any {
	p.Helper()
	if len(p.unread) == 0 {
		p.unread = bytes.Split(p.frame(), []byte{'\n'})
	}
	var m map[string]any
	if err := json.Unmarshal(p.unread[0], &m); err != nil {
		p.Fatal(err)
	}
	p.unread = p.unread[1:]
	return m
}

// frame waits for a websocket frame, of one or more messages.
func (p *page) frame() []byte {
	p.Helper()
	if err := p.ws.SetReadDeadline(time.Now().Add(patience)); err != nil {
		p.Fatal(err)
	}
	_, data, err := p.ws.ReadMessage()
	if err != nil {
		p.Fatal(err)
	}
	return data
}

// event waits for an event of a kind of which ok is true; nil is any.
func (p *page) event(kind string, ok func(map[string]any) bool) map[string]any {
	p.Helper()
	is := func(m map[string]any) bool { return m["ev"] == kind && (ok == nil || ok(m)) }
	if i := slices.IndexFunc(p.events, is); i >= 0 {
		m := p.events[i]
		p.events = p.events[i+1:]
		return m
	}
	p.events = nil
	for {
		m := p.read()
		if is(m) {
			return m
		}
	}
}

// ask sends a request and waits for its reply.
func (p *page) ask(op string, fields map[string]any) map[string]any {
	p.Helper()
	id := p.send(op, fields)
	for {
		m := p.read()
		if m["re"] == float64(id) {
			return m
		}
		if m["re"] != nil {
			p.Fatalf("a reply that nobody waits for: %v", m)
		}
		p.events = append(p.events, m)
	}
}

func (p *page) send(op string, fields map[string]any) int {
	p.Helper()
	p.next++
	m := map[string]any{"id": p.next, "op": op}
	for k, v := range fields {
		m[k] = v
	}
	if err := p.ws.WriteJSON(m); err != nil {
		p.Fatal(err)
	}
	return p.next
}

// do is ask for what must work.
func (p *page) do(op string, fields map[string]any) map[string]any {
	p.Helper()
	m := p.ask(op, fields)
	if m["error"] != nil {
		p.Fatalf("%s %v: %v", op, fields, m)
	}
	return m
}

// run runs cells and waits until the last of them has ended; it gives its state.
func (p *page) run(ids ...string) map[string]any {
	p.Helper()
	p.do("run", map[string]any{"cells": ids})
	return p.ended(ids[len(ids)-1])
}

// shows waits until a cell shows something.
func (p *page) shows() {
	p.Helper()
	p.event("outputs", func(m map[string]any) bool { return len(m["outputs"].([]any)) > 0 })
}

func (p *page) ended(id string) map[string]any {
	p.Helper()
	m := p.event("state", func(m map[string]any) bool {
		s := m["state"].(map[string]any)
		return m["cell"] == id && s["run"] == "idle" && s["status"] != nil
	})
	return m["state"].(map[string]any)
}

// cell is a cell as the page of somebody new sees it.
func (p *page) cell(id string) map[string]any {
	p.Helper()
	q := p.page()
	defer q.ws.Close()
	return cellIn(p.T, q.room, id)
}

func cellIn(t *testing.T, room map[string]any, id string) map[string]any {
	t.Helper()
	for _, c := range room["notebook"].(map[string]any)["cells"].([]any) {
		if c := c.(map[string]any); c["id"] == id {
			return c
		}
	}
	t.Fatalf("there is no cell %s in %v", id, room)
	return nil
}

// outputs is what a cell shows, in short.
func outputs(cell map[string]any) string {
	var parts []string
	for _, o := range cell["outputs"].([]any) {
		o := o.(map[string]any)
		switch o["output_type"] {
		case "stream":
			parts = append(parts, fmt.Sprintf("%s:%q", o["name"], o["text"]))
		case "error":
			parts = append(parts, fmt.Sprintf("error:%s:%s", o["ename"], o["evalue"]))
		default:
			parts = append(parts, fmt.Sprintf("%s:%v", o["output_type"], o["data"]))
		}
	}
	return strings.Join(parts, " ")
}

func replacing(old, text string) map[string]any {
	return map[string]any{"updates": []ChangeSet{Replacement(old, text)}}
}

// edit replaces the source of a cell.
func (p *page) edit(id string, version int, old, text string) map[string]any {
	p.Helper()
	m := replacing(old, text)
	m["cell"], m["version"] = id, version
	return p.ask("edit", m)
}
