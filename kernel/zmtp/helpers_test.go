package zmtp

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// patience is how long a test waits for what must happen.
const patience = 30 * time.Second

func patient(t testing.TB) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	t.Cleanup(cancel)
	return ctx
}

// A journal is a log that a test can wait on.
type journal struct {
	mu    sync.Mutex
	text  bytes.Buffer
	wrote chan struct{}
}

func newJournal() *journal { return &journal{wrote: make(chan struct{}, 1)} }

func (j *journal) Write(b []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	select {
	case j.wrote <- struct{}{}:
	default:
	}
	return j.text.Write(b)
}

func (j *journal) logger() *slog.Logger {
	return slog.New(slog.NewTextHandler(j, &slog.HandlerOptions{Level: slog.LevelDebug}))
}

func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.String()
}

// await waits until the journal has want in it n times.
func (j *journal) await(t testing.TB, want string, n int) {
	t.Helper()
	if !j.has(want, n) {
		t.Fatalf("the log does not have %q %d times:\n%s", want, n, j)
	}
}

// has waits until the journal has want in it n times, and says whether it did.
func (j *journal) has(want string, n int) bool {
	deadline := time.After(patience)
	for strings.Count(j.String(), want) < n {
		select {
		case <-j.wrote:
		case <-deadline:
			return false
		}
	}
	return true
}

// endpoints are one of each transport.
func endpoints(t testing.TB) map[string]string {
	return map[string]string{
		"tcp": "tcp://127.0.0.1:0",
		"ipc": "ipc://" + filepath.Join(t.TempDir(), "s"),
	}
}

const anywhere = "tcp://127.0.0.1:0"

// A closer is any socket.
type closer interface{ Close() error }

// must returns a socket that the test closes in the end.
func must[S closer](s S, err error) func(testing.TB) S {
	return func(t testing.TB) S {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { s.Close() })
		return s
	}
}

// text builds a message of strings.
func text(frames ...string) Message {
	var m Message
	for _, f := range frames {
		m = append(m, []byte(f))
	}
	return m
}

func show(m Message) string { return fmt.Sprintf("%q", [][]byte(m)) }

// recv returns the next message as text.
func recv(t testing.TB, s interface {
	Recv(context.Context) (Message, error)
}) Message {
	t.Helper()
	m, err := s.Recv(patient(t))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func expect(t testing.TB, s interface {
	Recv(context.Context) (Message, error)
}, frames ...string) {
	t.Helper()
	if got, want := show(recv(t, s)), show(text(frames...)); got != want {
		t.Fatalf("received %s, want %s", got, want)
	}
}

// expectSub waits for a subscription to topic.
func expectSub(t testing.TB, x *XPub, topic string) Subscription {
	t.Helper()
	s, err := x.Recv(patient(t))
	if err != nil {
		t.Fatal(err)
	}
	if string(s.Topic) != topic || s.Cancel {
		t.Fatalf("subscription event %q cancel=%v, want a subscription to %q", s.Topic, s.Cancel, topic)
	}
	return s
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// rawConn connects to a socket without saying anything.
func rawConn(t testing.TB, addr string) net.Conn {
	t.Helper()
	e, err := parseEndpoint(addr)
	check(t, err)
	conn, err := net.DialTimeout(e.network, e.address, patience)
	check(t, err)
	t.Cleanup(func() { conn.Close() })
	check(t, conn.SetDeadline(time.Now().Add(patience)))
	return conn
}

var wide = limits{frame: 1 << 30, frames: 1 << 20, message: 1 << 30}

// rawPeer connects and shakes hands, and leaves the rest to the test.
func rawPeer(t testing.TB, addr, socketType, identity string, minor byte) (net.Conn, *reader) {
	t.Helper()
	conn := rawConn(t, addr)
	in := newReader(conn, wide)
	_, _, err := handshake(conn, in, hello{socketType, []byte(identity)}, minor, atOnce)
	check(t, err)
	return conn, in
}

// stalledSub subscribes to everything and never reads.
func stalledSub(t testing.TB, x *XPub) net.Conn {
	t.Helper()
	conn, _ := rawPeer(t, x.Addr(), typeSub, "", 1)
	_, err := conn.Write(encodeSubscription(1, "", true).chunks[0])
	check(t, err)
	expectSub(t, x, "")
	return conn
}
