package notebook

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/gorilla/websocket"
	"go.uber.org/goleak"

	"github.com/adabc437/fanout/examples"
	"github.com/adabc437/fanout/frontend/notebook/kernels"
	"github.com/adabc437/fanout/interp/session"
	"github.com/adabc437/fanout/kernel"
	"github.com/adabc437/fanout/kernel/wire"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// patience is how long a test waits for something that must happen.
const patience = 20 * time.Second

const testToken = "a-token-of-the-tests-0123456789"

// A fakeSession runs the cells that the tests need: "print X" writes X, "wait"
// runs until it is interrupted or released, "count" writes 1 to 50. What the tests
// do not need is missing.
type fakeSession struct {
	session.Session
	dir        string
	interrupts chan struct{}
	ended      chan struct{}
	closing    sync.Once
}

func (f *fakeSession) Execute(ctx context.Context, cell session.Cell, out session.Output) (session.Reply, error) {
	what, arg, _ := strings.Cut(cell.Code, " ")
	switch what {
	case "print":
		out.Emit(session.Event{Kind: session.Stream, Name: "stdout", Text: arg})
	case "dir":
		out.Emit(session.Event{Kind: session.Stream, Name: "stdout", Text: f.dir})
	case "comm":
		out.Emit(session.Event{Kind: session.CommMsg, Comm: &session.CommMessage{
			Kind: session.CommMsg, ID: "c", Data: json.RawMessage(`{"a":1}`), Buffers: [][]byte{[]byte("one"), {}, []byte("three")},
		}})
	case "wait":
		select {
		case <-f.interrupts:
			return session.Reply{Err: &session.Diagnostic{Name: session.Interrupted, Message: "stopped"}}, nil
		case <-f.ended:
			return session.Reply{}, session.ErrClosed
		}
	}
	return session.Reply{}, nil
}

func (f *fakeSession) Comm(_ context.Context, m session.CommMessage, out session.Output) error {
	out.Emit(session.Event{Kind: session.CommMsg, Comm: &m}) // an echo
	return nil
}

func (f *fakeSession) Interrupt() { f.interrupts <- struct{}{} }

func (f *fakeSession) Close() error {
	f.closing.Do(func() { close(f.ended) })
	return nil
}

// A desk is a server under test, and a client of it.
type desk struct {
	*testing.T
	dir    string
	server *Server
	http   *httptest.Server
	log    *bytes.Buffer // read it after close
	sender *wire.Sender
	closed sync.Once
}

func newDesk(t *testing.T, change ...func(*Options)) *desk {
	t.Helper()
	d := &desk{T: t, dir: t.TempDir(), log: &bytes.Buffer{}, sender: wire.NewSender("test")}
	o := Options{
		Root: d.dir, Token: testToken, Tutorials: examples.Notebooks, Info: kernel.Info{Version: "1.2"},
		Page:   fstest.MapFS{"index.html": {Data: []byte("<title>the page</title>")}, "assets/a.js": {Data: []byte("1")}},
		Logger: slog.New(slog.NewTextHandler(d.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
		Start: func(_ context.Context, spec kernels.Spec) (session.Session, error) {
			return &fakeSession{dir: spec.Dir, interrupts: make(chan struct{}, 10), ended: make(chan struct{})}, nil
		},
	}
	for _, c := range change {
		c(&o)
	}
	var err error
	if d.server, err = New(o); err != nil {
		t.Fatal(err)
	}
	d.http = httptest.NewServer(d.server)
	t.Cleanup(d.close)
	return d
}

func (d *desk) close() {
	d.closed.Do(func() {
		if err := d.server.Close(); err != nil {
			d.Error(err)
		}
		d.http.Close()
	})
}

// write makes a file below the root.
func (d *desk) write(name, text string) {
	d.Helper()
	name = filepath.Join(d.dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		d.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		d.Fatal(err)
	}
}

// An answer is what a request came to.
type answer struct {
	status int
	header http.Header
	body   string
}

// ask sends a request; edit changes it.
func (d *desk) ask(method, path, body string, edit ...func(*http.Request)) answer {
	d.Helper()
	r, err := http.NewRequestWithContext(d.Context(), method, d.http.URL+path, strings.NewReader(body))
	if err != nil {
		d.Fatal(err)
	}
	for _, e := range edit {
		e(r)
	}
	c := http.Client{
		Transport: &http.Transport{DisableKeepAlives: true}, Timeout: patience,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	resp, err := c.Do(r)
	if err != nil {
		d.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		d.Fatal(err)
	}
	return answer{resp.StatusCode, resp.Header, string(text)}
}

func withToken(r *http.Request) { r.Header.Set("Authorization", "token "+testToken) }

func with(name, value string) func(*http.Request) {
	return func(r *http.Request) {
		if name == "Host" {
			r.Host = value
			return
		}
		r.Header.Set(name, value)
	}
}

// rest sends a request with the token, wants the status, and reads the answer into
// v, unless that is nil.
func (d *desk) rest(method, path, body string, status int, v any) answer {
	d.Helper()
	a := d.ask(method, path, body, withToken)
	if a.status != status {
		d.Fatalf("%s %s: status %d, want %d: %s", method, path, a.status, status, a.body)
	}
	if v != nil {
		if err := json.Unmarshal([]byte(a.body), v); err != nil {
			d.Fatalf("%s %s: %v in %s", method, path, err, a.body)
		}
	}
	return a
}

// A page is a websocket of a kernel.
type page struct {
	*desk
	conn  *websocket.Conn
	codec codec
}

// dial opens the websocket of a kernel.
func (d *desk) dial(kernel, session string, protocols ...string) *page {
	d.Helper()
	conn, resp, err := d.tryDial(kernel, session, http.Header{"Authorization": {"token " + testToken}}, protocols...)
	if err != nil {
		d.Fatalf("websocket: %v, %+v", err, resp)
	}
	d.Cleanup(func() { conn.Close() })
	return &page{d, conn, codecFor(conn.Subprotocol())}
}

func (d *desk) tryDial(kernel, session string, h http.Header, protocols ...string) (*websocket.Conn, *http.Response, error) {
	url := "ws" + strings.TrimPrefix(d.http.URL, "http") + "/api/kernels/" + kernel + "/channels"
	if session != "" {
		url += "?session_id=" + session
	}
	dialer := websocket.Dialer{Subprotocols: protocols, HandshakeTimeout: patience}
	return dialer.DialContext(d.Context(), url, h)
}

// send sends a request and returns its id.
func (p *page) send(ch wire.Channel, typ string, content any, buffers ...[]byte) string {
	p.Helper()
	m, err := p.sender.New(typ, nil, content)
	if err != nil {
		p.Fatal(err)
	}
	m.Buffers = buffers
	frame, isBinary, err := p.codec.encode(ch, m)
	if err != nil {
		p.Fatal(err)
	}
	kind := websocket.TextMessage
	if isBinary {
		kind = websocket.BinaryMessage
	}
	if err := p.conn.WriteMessage(kind, frame); err != nil {
		p.Fatal(err)
	}
	return m.Header.MsgID
}

func (p *page) run(code string) string {
	p.Helper()
	return p.send(wire.Shell, "execute_request", wire.ExecuteRequest{Code: code})
}

// next reads one message.
func (p *page) next() (wire.Channel, *wire.Message, error) {
	_ = p.conn.SetReadDeadline(time.Now().Add(patience))
	kind, frame, err := p.conn.ReadMessage()
	if err != nil {
		return "", nil, err
	}
	return p.codec.decode(frame, kind == websocket.BinaryMessage)
}

// until reads up to a message of the type in answer to the request id.
func (p *page) until(typ, id string) *wire.Message {
	p.Helper()
	for {
		_, m, err := p.next()
		if err != nil {
			p.Fatalf("waiting for %s: %v", typ, err)
		}
		if m.Type() == typ && (id == "" || m.Parent.MsgID == id) {
			return m
		}
	}
}

func streamText(m *wire.Message) string {
	var s wire.Stream
	_ = json.Unmarshal(m.Content, &s)
	return s.Text
}
