package zmtp

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
)

func expired() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}

// until returns a context that ends when the log has want in it twice: what was
// logged first is over by then.
func until(t testing.TB, log *journal, want string) context.Context {
	ctx, cancel := context.WithCancel(patient(t))
	go func() {
		defer cancel()
		log.has(want, 2)
	}()
	return ctx
}

func TestADealerConnectsAgainUnderItsIdentity(t *testing.T) {
	for name, at := range endpoints(t) {
		t.Run(name, func(t *testing.T) {
			r, err := ListenRouter(patient(t), at, Options{})
			check(t, err)
			d := must(DialDealer(patient(t), r.Addr(), Options{Identity: []byte("d"), ReconnectMin: time.Millisecond}))(t)
			check(t, d.Send(text("1")))
			expect(t, r, "d", "1")
			addr := r.Addr()
			check(t, r.Close())

			r = must(ListenRouter(patient(t), addr, Options{}))(t)
			// Sent before or after it is connected again. One message may be lost
			// with the old connection, if its end is not known yet.
			ctx, stop := context.WithCancel(context.Background())
			var wg sync.WaitGroup
			wg.Go(func() {
				for ctx.Err() == nil {
					d.Send(text("2"))
					time.Sleep(time.Millisecond)
				}
			})
			expect(t, r, "d", "2")
			stop()
			wg.Wait()
			check(t, r.Send(text("d", "back")))
			expect(t, d, "back")
		})
	}
}

func TestASubSubscribesAgain(t *testing.T) {
	x, err := ListenXPub(patient(t), anywhere, Options{})
	check(t, err)
	s := must(DialSub(patient(t), x.Addr(), Options{ReconnectMin: time.Millisecond}, "a"))(t)
	expectSub(t, x, "a")
	check(t, x.Publish(text("a", "1"), Reliable))
	expect(t, s, "a", "1")
	addr := x.Addr()
	check(t, x.Close())
	x = must(ListenXPub(patient(t), addr, Options{}))(t)
	expectSub(t, x, "a")
	check(t, x.Publish(text("a", "2"), Reliable))
	expect(t, s, "a", "2")
}

func TestAReqLearnsThatItsConnectionWasLost(t *testing.T) {
	r, err := ListenRep(patient(t), anywhere, Options{Linger: -1})
	check(t, err)
	q := must(DialReq(patient(t), r.Addr(), Options{ReconnectMin: time.Millisecond}))(t)
	var wg sync.WaitGroup
	wg.Go(func() {
		r.Recv(patient(t))
		r.Close()
	})
	if _, err := q.Do(patient(t), text("x")); !errors.Is(err, ErrLost) {
		t.Fatalf("err = %v, want ErrLost", err)
	}
	wg.Wait()
	again := must(ListenRep(patient(t), r.Addr(), Options{}))(t)
	again.Echo()
	for {
		got, err := q.Do(patient(t), text("y"))
		if errors.Is(err, ErrLost) {
			continue
		}
		check(t, err)
		if show(got) != show(text("y")) {
			t.Fatalf("got %s", show(got))
		}
		return
	}
}

func TestAPeerThatComesBackGetsTheReply(t *testing.T) {
	log := newJournal()
	r := must(ListenRouter(patient(t), anywhere, Options{Logger: log.logger()}))(t)
	conn, _ := rawPeer(t, r.Addr(), typeDealer, "browser", 1)
	_, err := conn.Write([]byte{0, 1, 'q'})
	check(t, err)
	request := recv(t, r)
	conn.Close()
	log.await(t, "peer gone", 1)
	if err := r.Send(Message{request[0], []byte("nobody there")}); !errors.Is(err, ErrNoPeer) {
		t.Fatalf("err = %v, want ErrNoPeer", err)
	}
	d := must(DialDealer(patient(t), r.Addr(), Options{Identity: []byte("browser")}))(t)
	log.await(t, "peer connected", 2)
	check(t, r.Send(Message{request[0], []byte("reply")}))
	expect(t, d, "reply")
}

func TestDiallingEndsWithItsContext(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	check(t, err)
	addr := l.Addr().String()
	check(t, l.Close())
	log := newJournal()
	_, err = DialDealer(until(t, log, "refused"), "tcp://"+addr, Options{ReconnectMin: time.Millisecond, Logger: log.logger()})
	var refused *net.OpError
	if !errors.Is(err, context.Canceled) || !errors.As(err, &refused) {
		t.Fatalf("err = %v, want the context's and the last attempt's", err)
	}
}

func TestDiallingWaitsForTheOtherSide(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	var wg sync.WaitGroup
	var d *Dealer
	var err error
	wg.Go(func() {
		d, err = DialDealer(patient(t), "ipc://"+path, Options{Identity: []byte("d"), ReconnectMin: time.Millisecond})
	})
	r := must(ListenRouter(patient(t), "ipc://"+path, Options{}))(t)
	wg.Wait()
	d = must(d, err)(t)
	check(t, d.Send(text("x")))
	expect(t, r, "d", "x")
}

func TestCloseWritesWhatIsQueued(t *testing.T) {
	x, err := ListenXPub(patient(t), anywhere, Options{Linger: patience})
	check(t, err)
	s := must(DialSub(patient(t), x.Addr(), Options{}, ""))(t)
	expectSub(t, x, "")
	publishNumbers(t, x, 20_000, Reliable)
	var wg sync.WaitGroup
	wg.Go(func() { collect(t, s, 20_000) })
	check(t, x.Close())
	wg.Wait()

	r := must(ListenRouter(patient(t), anywhere, Options{}))(t)
	d, err := DialDealer(patient(t), r.Addr(), Options{Identity: []byte("d")})
	check(t, err)
	check(t, d.Send(text("last words")))
	check(t, d.Close())
	expect(t, r, "d", "last words")
}

// A connection that is closed while the peer still sends is reset, and what the
// peer has not read yet is lost: Close must let it read first.
func TestCloseDeliversToAPeerThatKeepsSending(t *testing.T) {
	r, err := ListenRouter(patient(t), anywhere, Options{Linger: patience})
	check(t, err)
	conn, in := rawPeer(t, r.Addr(), typeDealer, "p", 1)
	sender, stop := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	wg.Go(func() {
		for sender.Err() == nil {
			if _, err := conn.Write([]byte{0, 1, 'x'}); err != nil {
				return
			}
		}
	})
	expect(t, r, "p", "x")
	for range 8 {
		check(t, r.Send(Message{[]byte("p"), make([]byte, 1<<20)}))
	}
	wg.Go(func() { r.Close() })
	for i := range 8 {
		if _, err := in.next(); err != nil {
			t.Errorf("message %d of 8: %v", i, err)
			break
		}
	}
	stop()
	conn.Close()
	wg.Wait()
}

func TestCloseWaitsForAStalledPeerNoLongerThanLinger(t *testing.T) {
	x, err := ListenXPub(patient(t), anywhere, Options{Linger: 50 * time.Millisecond})
	check(t, err)
	stalledSub(t, x)
	check(t, x.Publish(Message{make([]byte, 64<<20)}, Reliable))
	began := time.Now()
	check(t, x.Close())
	if d := time.Since(began); d < 50*time.Millisecond || d > patience/2 {
		t.Errorf("Close took %v", d)
	}
}

func TestAClosedSocketSaysSo(t *testing.T) {
	r, err := ListenRouter(patient(t), anywhere, Options{HandshakeTimeout: time.Hour})
	check(t, err)
	rawConn(t, r.Addr())
	var wg sync.WaitGroup
	wg.Go(func() {
		if _, err := r.Recv(patient(t)); !errors.Is(err, ErrClosed) {
			t.Errorf("Recv: err = %v, want ErrClosed", err)
		}
	})
	for range 3 {
		wg.Go(func() { r.Close() })
	}
	wg.Wait()
	if err := r.Send(text("x", "y")); !errors.Is(err, ErrClosed) {
		t.Errorf("Send: err = %v, want ErrClosed", err)
	}
	if _, err := net.Dial("tcp", r.net.Addr().String()); err == nil {
		t.Error("the port is still open")
	}
	x, err := ListenXPub(patient(t), anywhere, Options{})
	check(t, err)
	check(t, x.Close())
	if err := x.Publish(text("x"), Reliable); !errors.Is(err, ErrClosed) {
		t.Errorf("Publish: err = %v, want ErrClosed", err)
	}
}

func TestAUnixSocketIsPrivateAndReplacesADeadOne(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no permissions of Unix sockets on Windows")
	}
	path := filepath.Join(t.TempDir(), "s")
	dead, err := net.Listen("unix", path)
	check(t, err)
	dead.(*net.UnixListener).SetUnlinkOnClose(false)
	check(t, dead.Close())
	r := must(ListenRouter(patient(t), "ipc://"+path, Options{}))(t)
	info, err := os.Stat(path)
	check(t, err)
	if info.Mode().Perm() != 0o600 {
		t.Errorf("permissions %v, want -rw-------", info.Mode().Perm())
	}
	if _, err := ListenRouter(patient(t), r.Addr(), Options{}); err == nil {
		t.Error("two sockets are bound to one path")
	}
	long := "ipc://" + filepath.Join(t.TempDir(), strings.Repeat("x", 120))
	if _, err := ListenRouter(patient(t), long, Options{}); err == nil || !strings.Contains(err.Error(), "systems allow") {
		t.Errorf("a long path: err = %v, want one that says so", err)
	}
	check(t, r.Close())
	if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the socket's file is still there: %v", err)
	}
}

func TestWildcardsOfTCPEndpoints(t *testing.T) {
	for s, want := range map[string]endpoint{
		"tcp://*:*":         {"tcp", ":0"},
		"tcp://[::1]:80":    {"tcp", "[::1]:80"},
		"tcp://localhost:1": {"tcp", "localhost:1"},
		"ipc://a/b":         {"unix", "a/b"},
	} {
		if got, err := parseEndpoint(s); err != nil || got != want {
			t.Errorf("parseEndpoint(%q) = %v, %v; want %v", s, got, err, want)
		}
	}
}

// TestHammer lets everything happen at once; it is for the race detector.
func TestHammer(t *testing.T) {
	x := must(ListenXPub(patient(t), anywhere, Options{QueueMessages: 500, Linger: -1}))(t)
	r := must(ListenRouter(patient(t), anywhere, Options{QueueMessages: 500, Linger: -1}))(t)
	fast := Options{ReconnectMin: time.Millisecond, Linger: -1}
	ctx, stop := context.WithCancel(context.Background())
	var servers, clients sync.WaitGroup
	for i := range 2 {
		servers.Go(func() {
			for n := 0; ctx.Err() == nil; n++ {
				x.Publish(text(fmt.Sprint(n%3), "x"), Class(i))
			}
		})
		servers.Go(func() {
			for {
				m, err := r.Recv(ctx)
				if err != nil {
					return
				}
				r.Send(m)
			}
		})
	}
	servers.Go(func() {
		for {
			s, err := x.Recv(ctx)
			if err != nil {
				return
			}
			s.Send(text("0", "welcome"))
		}
	})
	for i := range 8 {
		clients.Go(func() {
			for range 5 {
				s, err := DialSub(patient(t), x.Addr(), fast, "0")
				if err != nil {
					t.Error(err)
					return
				}
				s.Recv(patient(t))
				s.Subscribe("1")
				s.Unsubscribe("0")
				s.Close()
				o := fast
				o.Identity = fmt.Append(nil, "id", i%4) // each contested by two
				d, err := DialDealer(patient(t), r.Addr(), o)
				if err != nil {
					t.Error(err)
					return
				}
				for range 10 {
					d.Send(text("x"))
				}
				d.Close()
			}
		})
	}
	clients.Wait()
	stop()
	servers.Wait()
}
