package zmtp

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"runtime"
	"strings"
	"testing"
	"time"
)

func TestASilentConnectionBlocksNobody(t *testing.T) {
	for name, at := range endpoints(t) {
		t.Run(name, func(t *testing.T) {
			r := must(ListenRouter(patient(t), at, Options{HandshakeTimeout: time.Hour}))(t)
			rawConn(t, r.Addr())
			half := rawConn(t, r.Addr())
			_, err := half.Write(greeting(1)[:20])
			check(t, err)
			d := must(DialDealer(patient(t), r.Addr(), Options{Identity: []byte("d")}))(t)
			check(t, d.Send(text("x")))
			expect(t, r, "d", "x")
		})
	}
}

func TestASilentConnectionIsClosedInTime(t *testing.T) {
	log := newJournal()
	r := must(ListenRouter(patient(t), anywhere, Options{HandshakeTimeout: 20 * time.Millisecond, Logger: log.logger()}))(t)
	conn := rawConn(t, r.Addr())
	if _, err := io.Copy(io.Discard, conn); err != nil {
		t.Fatal(err)
	}
	log.await(t, "connection refused", 1)
}

// ready is a whole handshake's bytes of a peer.
func ready(h hello) []byte {
	return append(greeting(1), encodeCommand(h.ready().body()).chunks[0]...)
}

func oldGreeting(revision byte, more ...byte) []byte {
	return append([]byte{0xff, 0, 0, 0, 0, 0, 0, 0, 1, 0x7f, revision}, more...)
}

func curve() []byte {
	g := greeting(1)
	copy(g[mechanismAt:], "CURVE")
	return g
}

// A badPeer is what a peer says, and what must be in the warning about it.
type badPeer struct {
	name  string
	bytes []byte
	log   string
}

func badPeers() []badPeer {
	dealer := ready(hello{socketType: typeDealer})
	after := func(b ...byte) []byte { return append(bytes.Clone(dealer), b...) }
	cmd := func(name, data string) []byte {
		return after(encodeCommand(command{name, []byte(data)}.body()).chunks[0]...)
	}
	long := func(flags byte, n uint64) []byte {
		return after(binary.BigEndian.AppendUint64([]byte{flags}, n)...)
	}
	return []badPeer{
		{"HTTP", []byte("GET / HTTP/1.1\r\n\r\n"), ErrVersion.Error()},
		{"ZMTP 1.0", []byte{1, 0}, "as in ZMTP 1.0"},
		{"ZMTP 1.0, long length", []byte{0xff, 0, 0, 0, 0, 0, 0, 0, 1, 0}, "no signature"},
		{"ZMTP 2.0", oldGreeting(1), "as in ZMTP 2.0"},
		{"CURVE", curve(), ErrMechanism.Error()},
		{"zeros", make([]byte, 100), ErrVersion.Error()},
		{"message before READY", append(greeting(1), 0, 1, 'x'), "a message before READY"},
		{"PING before READY", append(greeting(1), encodeCommand([]byte("\x04PING\x00\x00")).chunks[0]...), "before READY"},
		{"ERROR for READY", append(greeting(1), encodeCommand(errorCommand("go away").body()).chunks[0]...), "go away"},
		{"SUB to ROUTER", ready(hello{socketType: typeSub}), ErrSocketType.Error()},
		{"no socket type", append(greeting(1), encodeCommand([]byte("\x05READY")).chunks[0]...), "no Socket-Type"},
		{"unknown socket type", ready(hello{socketType: "NOVEL"}), "NOVEL"},
		{"identity with zero first", ready(hello{typeDealer, []byte{0, 1}}), "starts with a zero byte"},
		{"identity too long", ready(hello{typeDealer, make([]byte, 256)}), "256 bytes"},
		{"unknown flags", after(0x08, 0), "unknown flags"},
		{"command with MORE", after(5, 1, 'x'), "MORE"},
		{"command without name", after(4, 0), "a command without its name"},
		{"command with cut name", after(4, 2, 9, 'x'), "a command without its name"},
		{"huge frame", long(flagLong, 1<<40), "a frame of 1099511627776 bytes"},
		{"negative frame", long(flagLong, 1<<63), ErrLimit.Error()},
		{"huge command", long(flagLong|flagCommand, 1<<30), "a command of"},
		{"big message", after(append(append([]byte{flagMore, 200}, make([]byte, 200)...), 0, 100)...), "a message of more than 256 bytes"},
		{"many frames", after(bytes.Repeat([]byte{flagMore, 0}, 9)...), "a message of more than 8 frames"},
		{"bad PING", cmd(cmdPing, "x"), "a PING of 1 bytes"},
		{"second READY", cmd(cmdReady, ""), "second READY"},
		{"SUBSCRIBE to ROUTER", cmd(cmdSubscribe, ""), "a subscription from a DEALER"},
		{"ERROR", cmd(cmdError, "\x04oops"), "oops"},
	}
}

func TestBadPeersAreDisconnectedAndLoggedAndNobodyElseNotices(t *testing.T) {
	log := newJournal()
	r := must(ListenRouter(patient(t), anywhere, Options{
		Logger: log.logger(), MaxFrame: 1 << 20, MaxFrames: 8, MaxMessage: 256,
	}))(t)
	witness := must(DialDealer(patient(t), r.Addr(), Options{Identity: []byte("w")}))(t)
	for _, c := range badPeers() {
		t.Run(c.name, func(t *testing.T) {
			conn := rawConn(t, r.Addr())
			_, err := conn.Write(c.bytes)
			check(t, err)
			// The other side hangs up: a clean end, or a reset if bytes were unread.
			if _, err := io.Copy(io.Discard, conn); errors.Is(err, net.ErrClosed) || isTimeout(err) {
				t.Fatalf("not disconnected: %v", err)
			}
			log.await(t, "peer="+conn.LocalAddr().String()+" err=", 1)
			line := lineWith(log.String(), "peer="+conn.LocalAddr().String()+" err=")
			if !strings.Contains(line, c.log) || !strings.Contains(line, "level=WARN") {
				t.Errorf("logged %q, want a warning with %q", line, c.log)
			}
			check(t, witness.Send(text(c.name)))
			expect(t, r, "w", c.name)
		})
	}
}

func isTimeout(err error) bool {
	var ne net.Error
	return errors.As(err, &ne) && ne.Timeout()
}

func lineWith(log, want string) string {
	for line := range strings.Lines(log) {
		if strings.Contains(line, want) {
			return line
		}
	}
	return ""
}

func TestTruncationIsNoticed(t *testing.T) {
	log := newJournal()
	r := must(ListenRouter(patient(t), anywhere, Options{Logger: log.logger()}))(t)
	whole := append(ready(hello{typeDealer, []byte("t")}), flagMore, 1, 'a', 0, 3, 'b', 'c', 'd')
	for n := 1; n < len(whole); n++ {
		conn := rawConn(t, r.Addr())
		_, err := conn.Write(whole[:n])
		check(t, err)
		me := conn.LocalAddr().String()
		check(t, conn.(*net.TCPConn).CloseWrite())
		io.Copy(io.Discard, conn)
		log.await(t, "peer="+me+" err=", 1)
		line := lineWith(log.String(), "peer="+me+" err=")
		if atRest := n == len(whole)-8; atRest != strings.Contains(line, "err=EOF") || !atRest && !strings.Contains(line, "unexpected EOF") {
			t.Errorf("cut after %d of %d bytes: logged %q", n, len(whole), line)
		}
	}
	_, err := r.Recv(expired())
	if err == nil {
		t.Error("a part of a message was delivered")
	}
}

func TestALengthAloneAllocatesLittle(t *testing.T) {
	const n = 200 << 20
	in := newReader(bytes.NewReader(binary.BigEndian.AppendUint64([]byte{flagLong}, n)), wide)
	in.ready = true
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err := in.next()
	runtime.ReadMemStats(&after)
	if !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Fatalf("err = %v, want io.ErrUnexpectedEOF", err)
	}
	if got := after.TotalAlloc - before.TotalAlloc; got > 1<<20 {
		t.Errorf("a header that announces %d bytes allocated %d", n, got)
	}
}

func TestPingIsAnsweredWithItsContext(t *testing.T) {
	r := must(ListenRouter(patient(t), anywhere, Options{}))(t)
	conn, in := rawPeer(t, r.Addr(), typeDealer, "p", 1)
	// Between the frames of a message, as libzmq may do.
	ping := encodeCommand([]byte("\x04PING\x00\x00context")).chunks[0]
	_, err := conn.Write(append(append([]byte{flagMore, 1, 'a'}, ping...), 0, 1, 'b'))
	check(t, err)
	tr, err := in.next()
	check(t, err)
	if tr.command == nil || tr.command.name != cmdPong || string(tr.command.data) != "context" {
		t.Fatalf("the answer is %+v", tr)
	}
	expect(t, r, "p", "a", "b")
}

func TestAPeerIsGivenUpWhenItsTimeToLiveIsOver(t *testing.T) {
	log := newJournal()
	r := must(ListenRouter(patient(t), anywhere, Options{Logger: log.logger()}))(t)
	conn, in := rawPeer(t, r.Addr(), typeDealer, "p", 1)
	_, err := conn.Write(encodeCommand([]byte("\x04PING\x00\x01")).chunks[0])
	check(t, err)
	for err == nil { // PONG, then the end
		_, err = in.next()
	}
	log.await(t, "silent for longer than the 100ms", 1)
}

func TestAPingCanTakeTheTimeToLiveBack(t *testing.T) {
	log := newJournal()
	r := must(ListenRouter(patient(t), anywhere, Options{Logger: log.logger()}))(t)
	conn, in := rawPeer(t, r.Addr(), typeDealer, "p", 1)
	const short = 100 * time.Millisecond
	for _, ttl := range []string{"\x00\x01", "\x00\x00"} {
		_, err := conn.Write(encodeCommand([]byte("\x04PING" + ttl)).chunks[0])
		check(t, err)
		_, err = in.next() // PONG
		check(t, err)
	}
	// Nothing is said for longer than the first PING allowed.
	check(t, conn.SetReadDeadline(time.Now().Add(3*short)))
	if _, err := in.next(); !isTimeout(err) {
		t.Fatalf("the silent peer got %v, want nothing; log: %s", err, log.String())
	}
	_, err := conn.Write([]byte{0, 1, 'x'})
	check(t, err)
	expect(t, r, "p", "x")
}

func TestUnknownCommandsAreIgnored(t *testing.T) {
	log := newJournal()
	r := must(ListenRouter(patient(t), anywhere, Options{Logger: log.logger()}))(t)
	conn, _ := rawPeer(t, r.Addr(), typeDealer, "p", 1)
	novel := encodeCommand([]byte("\x05NOVELdata")).chunks[0]
	_, err := conn.Write(append(bytes.Repeat(novel, 5), 0, 1, 'x'))
	check(t, err)
	expect(t, r, "p", "x")
	if n := strings.Count(log.String(), "NOVEL"); n != 1 {
		t.Errorf("logged %d times, want once:\n%s", n, log)
	}
}

func TestSubscriptionsOfZMTP30(t *testing.T) {
	x := must(ListenXPub(patient(t), anywhere, Options{}))(t)
	s := must(DialSub(patient(t), x.Addr(), Options{zmtp30: true}, "a"))(t)
	expectSub(t, x, "a")
	check(t, x.Publish(text("a"), Reliable))
	expect(t, s, "a")
	check(t, s.Unsubscribe("a"))
	if e, err := x.Recv(patient(t)); err != nil || !e.Cancel || string(e.Topic) != "a" {
		t.Fatalf("event %+v, %v; want a cancelled", e, err)
	}
}

func TestSubscriptionsAreBounded(t *testing.T) {
	log := newJournal()
	x := must(ListenXPub(patient(t), anywhere, Options{Logger: log.logger()}))(t)
	go func() {
		for {
			if _, err := x.Recv(x.closing); err != nil {
				return
			}
		}
	}()
	conn, _ := rawPeer(t, x.Addr(), typeSub, "", 1)
	go func() {
		for i := range maxTopics + 1 {
			conn.Write(encodeSubscription(1, fmt.Sprint(i), true).chunks[0])
		}
	}()
	log.await(t, "more than 10000 subscriptions", 1)
}

func TestAWrongPartnerIsToldWhy(t *testing.T) {
	x := must(ListenXPub(patient(t), anywhere, Options{}))(t)
	conn := rawConn(t, x.Addr())
	_, err := conn.Write(ready(hello{socketType: typeDealer}))
	check(t, err)
	in := newReader(conn, wide)
	_, err = readGreeting(in.buf)
	check(t, err)
	tr, err := in.next()
	check(t, err)
	if want := errorCommand("Invalid socket type"); tr.command == nil || string(tr.command.body()) != string(want.body()) {
		t.Fatalf("received %+v, want %+v", tr.command, want)
	}
	log := newJournal()
	_, err = DialDealer(until(t, log, "connection refused"), x.Addr(), Options{Logger: log.logger()})
	if !errors.Is(err, ErrRefused) || !strings.Contains(err.Error(), "Invalid socket type") {
		t.Fatalf("err = %v, want ErrRefused with the reason", err)
	}

	// A listener that sends its READY first leaves it to the dialler to refuse.
	l := must(net.Listen("tcp", "127.0.0.1:0"))(t)
	defer l.Close()
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			conn.Write(ready(hello{socketType: typeXPub}))
		}
	}()
	log = newJournal()
	_, err = DialDealer(until(t, log, "connection refused"), "tcp://"+l.Addr().String(), Options{Logger: log.logger()})
	if !errors.Is(err, ErrSocketType) {
		t.Fatalf("err = %v, want ErrSocketType", err)
	}
}
