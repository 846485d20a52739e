package kernel

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"strings"
	"testing"

	"github.com/adabc437/fanout/interp/session"
	"github.com/adabc437/fanout/kernel/wire"
	"github.com/adabc437/fanout/kernel/zmtp"
)

// A zmqClient is a client of a kernel behind ZeroMQ.
type zmqClient struct {
	testing.TB
	ctx            context.Context
	codec          *wire.Codec
	sender         *wire.Sender
	shell, control *zmtp.Dealer
	stdin          *zmtp.Dealer
	iopub          *zmtp.Sub
	hb             *zmtp.Req
}

// freePorts fills in ports on which nobody listens.
func freePorts(t testing.TB, conn *wire.ConnectionInfo) {
	t.Helper()
	for _, port := range []*int{&conn.ShellPort, &conn.ControlPort, &conn.IOPubPort, &conn.StdinPort, &conn.HBPort} {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		*port = l.Addr().(*net.TCPAddr).Port
	}
}

// serve starts a kernel behind ZeroMQ and connects a client to it.
func serve(t testing.TB, s session.Session) (c *zmqClient, k *Kernel, ended <-chan error) {
	t.Helper()
	conn := wire.ConnectionInfo{Transport: "tcp", IP: "127.0.0.1", Key: "a key", SignatureScheme: "hmac-sha256"}
	freePorts(t, &conn)
	k, err := New(Config{Session: s, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*patience)
	done := make(chan error, 1)
	gone := make(chan struct{})
	go func() {
		defer close(gone)
		done <- ServeZMQ(ctx, conn, k)
	}()
	c = &zmqClient{TB: t, ctx: ctx, codec: wire.NewCodec([]byte(conn.Key)), sender: wire.NewSender("ada")}
	o := zmtp.Options{Identity: []byte("client")}
	dial := func(err error) {
		if err != nil {
			t.Fatal(err)
		}
	}
	c.iopub, err = zmtp.DialSub(ctx, conn.Address(wire.IOPub), zmtp.Options{}, "")
	dial(err)
	c.shell, err = zmtp.DialDealer(ctx, conn.Address(wire.Shell), o)
	dial(err)
	c.control, err = zmtp.DialDealer(ctx, conn.Address(wire.Control), o)
	dial(err)
	c.stdin, err = zmtp.DialDealer(ctx, conn.Address(wire.Stdin), o)
	dial(err)
	c.hb, err = zmtp.DialReq(ctx, conn.Address(wire.HB), zmtp.Options{})
	dial(err)
	t.Cleanup(func() {
		for _, socket := range []interface{ Close() error }{c.iopub, c.shell, c.control, c.stdin, c.hb} {
			socket.Close()
		}
		cancel()
		<-gone
	})
	// From here on nothing that is published is missed.
	if m := c.decode(c.iopub.Recv(c.ctx)); m.Type() != "iopub_welcome" || string(m.Content) != `{"subscription":""}` {
		t.Errorf("first message %s %s, want iopub_welcome", m.Type(), m.Content)
	}
	return c, k, done
}

func (c *zmqClient) decode(frames zmtp.Message, err error) *wire.Message {
	c.Helper()
	if err != nil {
		c.Fatal(err)
	}
	m, err := c.codec.Decode(frames)
	if err != nil {
		c.Fatal(err)
	}
	return m
}

func (c *zmqClient) send(d *zmtp.Dealer, msgType, content string, parent *wire.Message) *wire.Message {
	c.Helper()
	m, err := c.sender.New(msgType, parent, nil)
	if err != nil {
		c.Fatal(err)
	}
	m.Content = []byte(content)
	frames, err := c.codec.Encode(m)
	if err != nil {
		c.Fatal(err)
	}
	if err := d.Send(frames); err != nil {
		c.Fatal(err)
	}
	return m
}

// until reads iopub up to the idle of m, and lists the types that m caused.
func (c *zmqClient) until(m *wire.Message) string {
	c.Helper()
	var types []string
	for {
		got := c.decode(c.iopub.Recv(c.ctx))
		if got.Parent.MsgID != m.Header.MsgID {
			continue
		}
		types = append(types, got.Type())
		if strings.Contains(string(got.Content), `"idle"`) {
			return strings.Join(types, " ")
		}
	}
}

func TestServeZMQ(t *testing.T) {
	s := newFakeSession()
	answers := s.asks("ask", "?")
	c, k, ended := serve(t, s)
	if got, err := c.hb.Do(c.ctx, zmtp.Message{[]byte("ping")}); err != nil || string(got[0]) != "ping" {
		t.Errorf("heartbeat %q, %v", got, err)
	}

	if err := c.shell.Send(zmtp.Message{[]byte("garbage")}); err != nil {
		t.Fatal(err)
	}
	m := c.send(c.shell, "execute_request", `{"code":"ask","allow_stdin":true}`, nil)
	q := c.decode(c.stdin.Recv(c.ctx))
	if q.Type() != "input_request" || q.Parent.MsgID != m.Header.MsgID {
		t.Errorf("question %+v", q)
	}
	c.send(c.stdin, "input_reply", `{"value":"yes"}`, q)
	if a := <-answers; a.text != "yes" {
		t.Errorf("answer %+v", a)
	}
	reply := c.decode(c.shell.Recv(c.ctx))
	if reply.Type() != "execute_reply" || reply.Parent.MsgID != m.Header.MsgID || reply.Header.Version != "5.5" {
		t.Errorf("reply %+v", reply)
	}
	if got, want := c.until(m), "status execute_input status"; got != want {
		t.Errorf("published %s, want %s", got, want)
	}
	c.send(c.control, "connect_request", `{}`, nil)
	m = c.send(c.control, "shutdown_request", `{"restart":true}`, nil)
	if reply := c.decode(c.control.Recv(c.ctx)); !strings.Contains(string(reply.Content), `"shell_port":`) {
		t.Errorf("reply to connect_request %s", reply.Content)
	}
	if reply := c.decode(c.control.Recv(c.ctx)); reply.Type() != "shutdown_reply" {
		t.Errorf("reply %s", reply.Type())
	}
	if got, want := c.until(m), "status shutdown_reply status"; got != want {
		t.Errorf("published %s, want %s", got, want)
	}
	if err := <-ended; err != nil || !k.Restart() {
		t.Errorf("ServeZMQ: %v, restart %v", err, k.Restart())
	}
}

func TestAQuestionWaitsForStdinToConnect(t *testing.T) {
	s := newFakeSession()
	answers := s.asks("ask", "?")
	c, k, _ := serve(t, s)
	dial := func(ch wire.Channel) *zmtp.Dealer {
		d, err := zmtp.DialDealer(c.ctx, k.config.Connection.Address(ch), zmtp.Options{Identity: []byte("another")})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { d.Close() })
		return d
	}
	m := c.send(dial(wire.Shell), "execute_request", `{"code":"ask","allow_stdin":true}`, nil)
	for got := c.decode(c.iopub.Recv(c.ctx)); got.Type() != "execute_input" || got.Parent.MsgID != m.Header.MsgID; {
		got = c.decode(c.iopub.Recv(c.ctx))
	}
	stdin := dial(wire.Stdin)
	q := c.decode(stdin.Recv(c.ctx))
	c.send(stdin, "input_reply", `{"value":"yes"}`, q)
	if a := <-answers; a.text != "yes" || a.err != nil {
		t.Errorf("answer %+v", a)
	}
}

func TestServeZMQEndsWithItsContextAndSendsTheLastReplies(t *testing.T) {
	s := newFakeSession()
	started, _ := s.blocks("wait")
	c, k, ended := serve(t, s)
	c.send(c.shell, "execute_request", `{"code":"wait"}`, nil)
	<-started
	k.Shutdown(false)
	if reply := c.decode(c.shell.Recv(c.ctx)); reply.Type() != "execute_reply" || !strings.Contains(string(reply.Content), session.ErrClosed.Error()) {
		t.Errorf("reply %s %s", reply.Type(), reply.Content)
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

func TestServeZMQSaysWhichSocketCannotBeBound(t *testing.T) {
	conn := wire.ConnectionInfo{Transport: "tcp", IP: "127.0.0.1", SignatureScheme: "hmac-sha256"}
	freePorts(t, &conn)
	taken, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", conn.IOPubPort))
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	for want, conn := range map[string]wire.ConnectionInfo{"iopub channel": conn, "transport": {}} {
		k, err := New(Config{Session: newFakeSession()})
		if err != nil {
			t.Fatal(err)
		}
		if err := ServeZMQ(context.Background(), conn, k); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want one about %s", err, want)
		}
	}
}

func TestStreamTextIsMerged(t *testing.T) {
	s := &zmqSockets{codec: wire.NewCodec([]byte("key"))}
	sender := wire.NewSender("u")
	var parents []*wire.Message
	for range 2 {
		p, err := sender.New("execute_request", nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		parents = append(parents, p)
	}
	var run []zmtp.Message
	for _, part := range []struct {
		parent     int
		name, text string
	}{{0, "stdout", "a"}, {0, "stdout", "é"}, {0, "stderr", "!"}, {0, "stdout", "c"}, {1, "stdout", "d"}, {1, "stdout", "e"}, {1, "stdout", "f"}} {
		m, err := sender.New("stream", parents[part.parent], wire.Stream{Name: part.name, Text: part.text})
		if err != nil {
			t.Fatal(err)
		}
		m.Identities = [][]byte{[]byte("stream." + part.name)}
		frames, err := s.codec.Encode(m)
		if err != nil {
			t.Fatal(err)
		}
		run = append(run, frames)
	}
	var got []string
	for _, frames := range s.merge(run) {
		m, err := wire.NewCodec([]byte("key")).Decode(frames)
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, string(m.Content))
	}
	want := []string{
		`{"name":"stdout","text":"aé"}`, `{"name":"stderr","text":"!"}`, `{"name":"stdout","text":"c"}`, `{"name":"stdout","text":"def"}`,
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("merged to %v, want %v", got, want)
	}
}

// BenchmarkOnePlusOne is the way of the smallest cell through kernel and sockets.
func BenchmarkOnePlusOne(b *testing.B) {
	s := newFakeSession()
	s.emits("1+1", session.Event{Kind: session.Result, Data: map[string]any{"text/plain": "2"}})
	c, _, _ := serve(b, s)
	for b.Loop() {
		m := c.send(c.shell, "execute_request", `{"code":"1+1"}`, nil)
		c.decode(c.shell.Recv(c.ctx))
		c.until(m)
	}
}
