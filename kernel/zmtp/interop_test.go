package zmtp

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// python returns an interpreter that has pyzmq.
var python = sync.OnceValues(func() (string, error) {
	path := os.Getenv("FANOUT_TEST_PYTHON")
	if path == "" {
		path = filepath.Join("..", "..", ".venv", "bin", "python")
	}
	if out, err := exec.Command(path, "-c", "import zmq").CombinedOutput(); err != nil {
		return "", fmt.Errorf("no pyzmq with %s (set FANOUT_TEST_PYTHON): %w: %s", path, err, out)
	}
	return path, nil
})

// A pyPeer is a running testdata/peer.py.
type pyPeer struct {
	t      *testing.T
	in     io.WriteCloser
	lines  chan string
	stderr bytes.Buffer
	ended  chan error
}

// startPy runs a role of testdata/peer.py.
func startPy(t *testing.T, role string, args ...string) *pyPeer {
	t.Helper()
	path, err := python()
	if err != nil && os.Getenv("CI") != "" {
		t.Fatal(err)
	}
	if err != nil {
		t.Skip(err)
	}
	cmd := exec.CommandContext(patient(t), path, append([]string{filepath.Join("testdata", "peer.py"), role}, args...)...)
	p := &pyPeer{t: t, lines: make(chan string, 100), ended: make(chan error, 1)}
	cmd.Stderr = &p.stderr
	p.in, err = cmd.StdinPipe()
	check(t, err)
	out, err := cmd.StdoutPipe()
	check(t, err)
	check(t, cmd.Start())
	var wg sync.WaitGroup
	wg.Go(func() {
		defer close(p.lines)
		for sc := bufio.NewScanner(out); sc.Scan(); {
			p.lines <- sc.Text()
		}
	})
	go func() {
		wg.Wait()
		p.ended <- cmd.Wait()
	}()
	t.Cleanup(func() {
		cmd.Process.Kill() // It may have ended long since.
		for range p.lines {
		}
	})
	return p
}

// line waits for the next line, which must begin with word, and returns the rest.
func (p *pyPeer) line(word string) string {
	p.t.Helper()
	select {
	case l, ok := <-p.lines:
		if !ok {
			p.t.Fatalf("the Python peer ended (%v) before it said %q:\n%s", <-p.ended, word, &p.stderr)
		}
		rest, found := strings.CutPrefix(l, word)
		if !found {
			p.t.Fatalf("the Python peer said %q, want %q", l, word)
		}
		return strings.TrimSpace(rest)
	case <-time.After(patience):
		p.t.Fatalf("the Python peer did not say %q", word)
	}
	return ""
}

// tell sends a line.
func (p *pyPeer) tell() {
	p.t.Helper()
	_, err := io.WriteString(p.in, "go\n")
	check(p.t, err)
}

// done waits for the happy end.
func (p *pyPeer) done() {
	p.t.Helper()
	p.line("done")
	if err := <-p.ended; err != nil {
		p.t.Fatalf("the Python peer: %v\n%s", err, &p.stderr)
	}
}

// echo sends back whatever a ROUTER receives, until it is closed.
func echo(t *testing.T, r *Router) {
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			m, err := r.Recv(r.closing)
			if err != nil {
				return
			}
			r.Send(m) // What is lost is missed by the other side.
		}
	})
	t.Cleanup(func() {
		r.Close()
		wg.Wait()
	})
}

// onBoth runs f over TCP and over a Unix socket.
func onBoth(t *testing.T, f func(t *testing.T, at string)) {
	for name, at := range endpoints(t) {
		t.Run(name, func(t *testing.T) { f(t, at) })
	}
}

func TestInteropRouterServesLibzmqDealer(t *testing.T) {
	onBoth(t, func(t *testing.T, at string) {
		r := must(ListenRouter(patient(t), at, Options{}))(t)
		echo(t, r)
		startPy(t, "dealer", r.Addr()).done()
	})
}

func TestInteropRouterServesFiftyLibzmqDealers(t *testing.T) {
	r := must(ListenRouter(patient(t), anywhere, Options{}))(t)
	echo(t, r)
	startPy(t, "many", r.Addr(), "50").done()
}

func TestInteropRepServesLibzmqReq(t *testing.T) {
	onBoth(t, func(t *testing.T, at string) {
		r := must(ListenRep(patient(t), at, Options{}))(t)
		r.Echo()
		startPy(t, "req", r.Addr()).done()
	})
}

func TestInteropRouterAnswersLibzmqHeartbeats(t *testing.T) {
	r := must(ListenRouter(patient(t), anywhere, Options{}))(t)
	echo(t, r)
	startPy(t, "heartbeat", r.Addr()).done()
}

func TestInteropRouterComesBackForLibzmqDealer(t *testing.T) {
	r, err := ListenRouter(patient(t), anywhere, Options{})
	check(t, err)
	echo(t, r)
	p := startPy(t, "reconnect", r.Addr())
	p.line("first")
	addr := r.Addr()
	check(t, r.Close())
	r = must(ListenRouter(patient(t), addr, Options{}))(t)
	echo(t, r)
	p.tell()
	p.done()
}

func TestInteropLibzmqDealerComesBackUnderItsIdentity(t *testing.T) {
	r := must(ListenRouter(patient(t), anywhere, Options{}))(t)
	echo(t, r)
	startPy(t, "twice", r.Addr()).done()
}

// A good libzmq subscriber gets every message beside one that is stalled.
func TestInteropXPubServesLibzmqSub(t *testing.T) {
	onBoth(t, func(t *testing.T, at string) {
		x := must(ListenXPub(patient(t), at, Options{Linger: -1}))(t)
		stalled := startPy(t, "stalled", x.Addr())
		expectSub(t, x, "")
		good := startPy(t, "sub", x.Addr(), "20000")
		check(t, expectSub(t, x, "n").Send(text("n welcome", "")))
		good.line("ready")
		publishNumbers(t, x, 20_000, Reliable)
		good.done()
		stalled.tell()
		stalled.done()
	})
}

func TestInteropDealerTalksToLibzmqRouter(t *testing.T) {
	onBoth(t, func(t *testing.T, at string) {
		p := startPy(t, "router", wild(at), "3")
		d := must(DialDealer(patient(t), p.line("bound"), Options{Identity: []byte("go")}))(t)
		for _, m := range []Message{text("one"), text("", "two", ""), {make([]byte, 255), make([]byte, 10<<20)}} {
			check(t, d.Send(m))
			if digest(recv(t, d)) != digest(m) {
				t.Fatal("something else came back")
			}
		}
		p.tell()
		p.done()
	})
}

func TestInteropReqAsksLibzmqRep(t *testing.T) {
	onBoth(t, func(t *testing.T, at string) {
		p := startPy(t, "rep", wild(at), "3")
		q := must(DialReq(patient(t), p.line("bound"), Options{}))(t)
		for i := range 3 {
			got, err := q.Do(patient(t), text("ping", fmt.Sprint(i)))
			check(t, err)
			if want := text("ping", fmt.Sprint(i)); show(got) != show(want) {
				t.Fatalf("got %s, want %s", show(got), show(want))
			}
		}
		p.tell()
		p.done()
	})
}

func TestInteropReqAsksLibzmqRouter(t *testing.T) {
	p := startPy(t, "router", wild(anywhere), "1")
	q := must(DialReq(patient(t), p.line("bound"), Options{}))(t)
	got, err := q.Do(patient(t), text("ping"))
	check(t, err)
	if show(got) != show(text("ping")) {
		t.Fatalf("got %s", show(got))
	}
	p.tell()
	p.done()
}

func TestInteropSubHearsLibzmqXPub(t *testing.T) {
	onBoth(t, func(t *testing.T, at string) {
		p := startPy(t, "xpub", wild(at), "20000")
		s := must(DialSub(patient(t), p.line("bound"), Options{}, "n"))(t)
		collect(t, s, 20_000)
		check(t, s.Unsubscribe("n"))
		p.done()
	})
}

func TestInteropSubOfZMTP30HearsLibzmqXPub(t *testing.T) {
	p := startPy(t, "xpub", wild(anywhere), "10")
	s := must(DialSub(patient(t), p.line("bound"), Options{zmtp30: true}, "n"))(t)
	collect(t, s, 10)
	check(t, s.Unsubscribe("n"))
	p.done()
}

func TestInteropSubHearsLibzmqPub(t *testing.T) {
	p := startPy(t, "pub", wild(anywhere), "1000")
	s := must(DialSub(patient(t), p.line("bound"), Options{}, "probe", "n"))(t)
	expect(t, s, "probe")
	check(t, s.Unsubscribe("probe"))
	p.tell()
	collect(t, s, 1000)
	p.tell()
	p.done()
}

// TestInteropSubComesBackToLibzmq has the libzmq side end and start again.
func TestInteropSubComesBackToLibzmq(t *testing.T) {
	at := "ipc://" + filepath.Join(t.TempDir(), "s")
	p := startPy(t, "xpub", at, "5")
	s := must(DialSub(patient(t), p.line("bound"), Options{}, "n"))(t)
	collect(t, s, 5)
	check(t, s.Unsubscribe("n"))
	p.done()
	check(t, s.Subscribe("n"))
	p = startPy(t, "xpub", at, "5")
	p.line("bound")
	collect(t, s, 5)
	check(t, s.Unsubscribe("n"))
	p.done()
}

// wild spells "any port" as libzmq does.
func wild(endpoint string) string { return strings.Replace(endpoint, ":0", ":*", 1) }
