package zmtp

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
)

func TestRouterAndDealerExchangeMessages(t *testing.T) {
	for name, at := range endpoints(t) {
		t.Run(name, func(t *testing.T) {
			r := must(ListenRouter(patient(t), at, Options{}))(t)
			d := must(DialDealer(patient(t), r.Addr(), Options{Identity: []byte("me")}))(t)
			check(t, d.Send(text("", "a", "")))
			expect(t, r, "me", "", "a", "")
			check(t, r.Send(text("me", "b", "", "c")))
			expect(t, d, "b", "", "c")
		})
	}
}

func TestWhoeverHasDialledIsKnownToTheRouter(t *testing.T) {
	r := must(ListenRouter(patient(t), anywhere, Options{}))(t)
	for i := range 200 {
		name := fmt.Sprint("client ", i)
		d := must(DialDealer(patient(t), r.Addr(), Options{Identity: []byte(name)}))(t)
		check(t, r.Send(text(name, "hello")))
		expect(t, d, "hello")
		check(t, d.Close())
	}
}

func TestARouterAwaitsAPeer(t *testing.T) {
	r := must(ListenRouter(patient(t), anywhere, Options{}))(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := r.Await(ctx, []byte("late")); !errors.Is(err, context.Canceled) {
		t.Fatalf("err = %v, want context.Canceled", err)
	}
	awaited := make(chan error, 2)
	for range 2 {
		go func() { awaited <- r.Await(patient(t), []byte("late")) }()
	}
	must(DialDealer(patient(t), r.Addr(), Options{Identity: []byte("other")}))(t)
	d := must(DialDealer(patient(t), r.Addr(), Options{Identity: []byte("late")}))(t)
	for range 2 {
		check(t, <-awaited)
	}
	check(t, r.Send(text("late", "hello")))
	expect(t, d, "hello")
	go func() { awaited <- r.Await(patient(t), []byte("nobody")) }()
	check(t, r.Close())
	if err := <-awaited; !errors.Is(err, ErrClosed) {
		t.Fatalf("err = %v, want ErrClosed", err)
	}
}

func TestRepAnswersReq(t *testing.T) {
	for name, at := range endpoints(t) {
		t.Run(name, func(t *testing.T) {
			r := must(ListenRep(patient(t), at, Options{}))(t)
			r.Echo()
			q := must(DialReq(patient(t), r.Addr(), Options{}))(t)
			for i := range 3 {
				got, err := q.Do(patient(t), text("ping", fmt.Sprint(i)))
				check(t, err)
				if want := show(text("ping", fmt.Sprint(i))); show(got) != want {
					t.Fatalf("got %s, want %s", show(got), want)
				}
			}
		})
	}
}

func TestRouterAnswersReqAndRepAnswersDealer(t *testing.T) {
	r := must(ListenRouter(patient(t), anywhere, Options{}))(t)
	q := must(DialReq(patient(t), r.Addr(), Options{Identity: []byte("q")}))(t)
	var wg sync.WaitGroup
	wg.Go(func() {
		m, err := r.Recv(patient(t))
		if err == nil {
			err = r.Send(append(m[:3:3], []byte("answer")))
		}
		if err != nil {
			t.Error(err)
		}
	})
	got, err := q.Do(patient(t), text("question"))
	check(t, err)
	if show(got) != show(text("answer")) {
		t.Fatalf("got %s", show(got))
	}
	wg.Wait()

	p := must(ListenRep(patient(t), anywhere, Options{}))(t)
	p.Echo()
	d := must(DialDealer(patient(t), p.Addr(), Options{}))(t)
	check(t, d.Send(text("route", "here", "", "body")))
	expect(t, d, "route", "here", "", "body")
}

func TestReqIgnoresTheReplyToARequestItGaveUp(t *testing.T) {
	r := must(ListenRep(patient(t), anywhere, Options{}))(t)
	q := must(DialReq(patient(t), r.Addr(), Options{}))(t)
	ctx, cancel := context.WithCancel(context.Background())
	var first *Request
	var wg sync.WaitGroup
	wg.Go(func() {
		first, _ = r.Recv(patient(t))
		cancel()
	})
	if _, err := q.Do(ctx, text("first")); !errors.Is(err, context.Canceled) {
		t.Fatalf("err = %v, want context.Canceled", err)
	}
	wg.Wait()
	wg.Go(func() {
		second, err := r.Recv(patient(t))
		if err != nil {
			t.Error(err)
			return
		}
		first.Reply(text("late"))
		second.Reply(text("right"))
	})
	got, err := q.Do(patient(t), text("second"))
	check(t, err)
	wg.Wait()
	if show(got) != show(text("right")) {
		t.Fatalf("got %s, want the reply to the second request", show(got))
	}
}

func TestSubGetsWhatItSubscribedTo(t *testing.T) {
	for name, at := range endpoints(t) {
		t.Run(name, func(t *testing.T) {
			x := must(ListenXPub(patient(t), at, Options{}))(t)
			s := must(DialSub(patient(t), x.Addr(), Options{}, "a"))(t)
			expectSub(t, x, "a")
			check(t, x.Publish(text("b", "not for s"), Reliable))
			check(t, x.Publish(text("ab", "1"), Reliable))
			expect(t, s, "ab", "1")

			check(t, s.Subscribe("b"))
			expectSub(t, x, "b")
			check(t, s.Unsubscribe("a"))
			if e, err := x.Recv(patient(t)); err != nil || !e.Cancel || string(e.Topic) != "a" {
				t.Fatalf("event %+v, %v; want a cancelled", e, err)
			}
			check(t, x.Publish(text("a", "not for s"), Reliable))
			check(t, x.Publish(text("b", "2"), Reliable))
			expect(t, s, "b", "2")
		})
	}
}

func TestAWelcomeReachesTheNewSubscriber(t *testing.T) {
	x := must(ListenXPub(patient(t), anywhere, Options{}))(t)
	old := must(DialSub(patient(t), x.Addr(), Options{}, ""))(t)
	check(t, expectSub(t, x, "").Send(text("welcome", "1")))
	expect(t, old, "welcome", "1")

	young := must(DialSub(patient(t), x.Addr(), Options{}, ""))(t)
	event := expectSub(t, x, "")
	check(t, event.Send(text("welcome", "2")))
	check(t, x.Publish(text("to all"), Reliable))
	expect(t, young, "welcome", "2")
	expect(t, young, "to all")
	expect(t, old, "to all") // and no second welcome
}

func TestASubPassesOnOnlyItsTopics(t *testing.T) {
	x := must(ListenXPub(patient(t), anywhere, Options{}))(t)
	s := must(DialSub(patient(t), x.Addr(), Options{}, "a"))(t)
	event := expectSub(t, x, "a")
	check(t, event.Send(text("b", "unwanted")))
	check(t, event.Send(text("a", "wanted")))
	expect(t, s, "a", "wanted")
}

func TestARepeatedSubscriptionIsReportedAgain(t *testing.T) {
	x := must(ListenXPub(patient(t), anywhere, Options{}))(t)
	s := must(DialSub(patient(t), x.Addr(), Options{}, "a"))(t)
	expectSub(t, x, "a")
	check(t, s.Subscribe("a"))
	expectSub(t, x, "a")
	check(t, x.Publish(text("a", "once"), Reliable))
	check(t, x.Publish(text("a", "end"), Reliable))
	expect(t, s, "a", "once")
	expect(t, s, "a", "end")
}

func TestRouterNamesAnonymousPeersApart(t *testing.T) {
	r := must(ListenRouter(patient(t), anywhere, Options{}))(t)
	names := make(map[string]bool)
	for range 3 {
		d := must(DialDealer(patient(t), r.Addr(), Options{}))(t)
		check(t, d.Send(text("hello")))
		m := recv(t, r)
		names[string(m[0])] = true
		check(t, r.Send(Message{m[0], m[0]}))
		expect(t, d, string(m[0]))
	}
	if len(names) != 3 {
		t.Fatalf("3 peers have %d names", len(names))
	}
}

func TestTheNewestConnectionHasTheIdentity(t *testing.T) {
	log := newJournal()
	r := must(ListenRouter(patient(t), anywhere, Options{Logger: log.logger()}))(t)
	oldConn, old := rawPeer(t, r.Addr(), typeDealer, "twin", 1)
	_ = oldConn
	log.await(t, "peer connected", 1)
	d := must(DialDealer(patient(t), r.Addr(), Options{Identity: []byte("twin")}))(t)
	log.await(t, "identity taken over", 1)
	if _, err := old.next(); err == nil {
		t.Fatal("the older connection is still served")
	}
	check(t, d.Send(text("hello")))
	expect(t, r, "twin", "hello")
	check(t, r.Send(text("twin", "for the newest")))
	expect(t, d, "for the newest")
}

func TestSendNeedsAPeerAndFrames(t *testing.T) {
	r := must(ListenRouter(patient(t), anywhere, Options{}))(t)
	if err := r.Send(text("nobody", "x")); !errors.Is(err, ErrNoPeer) {
		t.Errorf("to nobody: err = %v, want ErrNoPeer", err)
	}
	if err := r.Send(text("nobody")); !errors.Is(err, ErrMessage) {
		t.Errorf("identity only: err = %v, want ErrMessage", err)
	}
	d := must(DialDealer(patient(t), r.Addr(), Options{}))(t)
	if err := d.Send(nil); !errors.Is(err, ErrMessage) {
		t.Errorf("no frames: err = %v, want ErrMessage", err)
	}
	if _, err := DialDealer(patient(t), r.Addr(), Options{Identity: []byte{0, 1}}); !errors.Is(err, ErrProtocol) {
		t.Errorf("identity with a zero byte first: err = %v, want ErrProtocol", err)
	}
	for _, at := range []string{"", "tcp://", "tcp://x", "udp://x:1", "ipc://", "127.0.0.1:0"} {
		if _, err := ListenRouter(patient(t), at, Options{}); !errors.Is(err, ErrEndpoint) {
			t.Errorf("endpoint %q: err = %v, want ErrEndpoint", at, err)
		}
	}
}

func TestLargeFramesArriveWhole(t *testing.T) {
	for name, at := range endpoints(t) {
		t.Run(name, func(t *testing.T) {
			r := must(ListenRouter(patient(t), at, Options{}))(t)
			d := must(DialDealer(patient(t), r.Addr(), Options{Identity: []byte("d")}))(t)
			m := Message{[]byte("d")}
			for _, n := range []int{0, 1, 255, 256, copyBelow - 1, copyBelow, firstRead, firstRead + 1, 10 << 20} {
				f := make([]byte, n)
				rand.NewChaCha8([32]byte{byte(n)}).Read(f)
				m = append(m, f)
			}
			check(t, d.Send(m[1:]))
			got := recv(t, r)
			if digest(got) != digest(m) {
				t.Fatal("the ROUTER received something else")
			}
			check(t, r.Send(got))
			if digest(recv(t, d)) != digest(m[1:]) {
				t.Fatal("the DEALER received something else")
			}
		})
	}
}

func digest(m Message) [32]byte {
	var b bytes.Buffer
	for _, f := range m {
		fmt.Fprintf(&b, "%d:", len(f))
		b.Write(f)
	}
	return sha256.Sum256(b.Bytes())
}

func TestFiftyClientsAtOnce(t *testing.T) {
	r := must(ListenRouter(patient(t), anywhere, Options{}))(t)
	var served sync.WaitGroup
	served.Go(func() {
		for range 50 * 20 {
			m, err := r.Recv(patient(t))
			if err == nil {
				err = r.Send(m)
			}
			if err != nil {
				t.Error(err)
				return
			}
		}
	})
	var wg sync.WaitGroup
	for i := range 50 {
		wg.Go(func() {
			d, err := DialDealer(patient(t), r.Addr(), Options{Identity: fmt.Append(nil, "client ", i)})
			if err != nil {
				t.Error(err)
				return
			}
			defer d.Close()
			for j := range 20 {
				if err := d.Send(text(fmt.Sprint(i), fmt.Sprint(j))); err != nil {
					t.Error(err)
					return
				}
				m, err := d.Recv(patient(t))
				if err != nil || show(m) != show(text(fmt.Sprint(i), fmt.Sprint(j))) {
					t.Errorf("client %d, message %d: got %s, %v", i, j, show(m), err)
					return
				}
			}
		})
	}
	wg.Wait()
	served.Wait()
}
