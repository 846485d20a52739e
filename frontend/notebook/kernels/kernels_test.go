package kernels

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/adabc437/fanout/interp/session"
	"github.com/adabc437/fanout/kernel"
	"github.com/adabc437/fanout/kernel/wire"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// patience is how long a test waits for something that must happen.
const patience = 20 * time.Second

// A fakeSession runs the cells that its test needs: "print X" writes X, "wait"
// runs until it is interrupted, "ask" shows what the user says.
type fakeSession struct {
	interrupts chan struct{}
	ended      chan struct{}
	closing    sync.Once
}

var _ session.Session = (*fakeSession)(nil)

func newFake() *fakeSession {
	return &fakeSession{interrupts: make(chan struct{}, 10), ended: make(chan struct{})}
}

func (f *fakeSession) Execute(ctx context.Context, cell session.Cell, out session.Output) (session.Reply, error) {
	what, arg, _ := strings.Cut(cell.Code, " ")
	stopped := session.Reply{Err: &session.Diagnostic{Name: session.Interrupted, Message: "stopped"}}
	switch what {
	case "print":
		out.Emit(session.Event{Kind: session.Stream, Name: "stdout", Text: arg})
	case "wait":
		select {
		case <-f.interrupts:
			return stopped, nil
		case <-f.ended:
			return session.Reply{}, session.ErrClosed
		}
	case "ask":
		text, err := out.Input(ctx, "? ", false)
		if err != nil {
			return session.Reply{}, err
		}
		out.Emit(session.Event{Kind: session.Stream, Name: "stdout", Text: text})
	}
	return session.Reply{}, nil
}

func (f *fakeSession) Interrupt() { f.interrupts <- struct{}{} }
func (f *fakeSession) Complete(context.Context, string, int) (session.Completion, error) {
	return session.Completion{}, nil
}
func (f *fakeSession) Inspect(context.Context, string, int, int) (session.Inspection, error) {
	return session.Inspection{}, nil
}
func (f *fakeSession) IsComplete(context.Context, string) (session.Completeness, error) {
	return session.Completeness{Status: session.Complete}, nil
}
func (f *fakeSession) Comm(context.Context, session.CommMessage, session.Output) error { return nil }
func (f *fakeSession) Comms(context.Context, string) (map[string]string, error)        { return nil, nil }
func (f *fakeSession) Restore(context.Context, session.Past) error                     { return nil }
func (f *fakeSession) Close() error {
	f.closing.Do(func() { close(f.ended) })
	return nil
}

// A bench is a Manager under test.
type bench struct {
	*testing.T
	m      *Manager
	sender *wire.Sender

	mu     sync.Mutex
	starts int
	fail   error // what starts fail with
}

func newBench(t *testing.T, max int) *bench {
	b := &bench{T: t, sender: wire.NewSender("test")}
	m, err := NewManager(Options{
		Start: func(ctx context.Context, spec Spec) (session.Session, error) {
			b.mu.Lock()
			defer b.mu.Unlock()
			b.starts++
			if b.fail != nil {
				return nil, b.fail
			}
			return newFake(), nil
		},
		Info: kernel.Info{Version: "1"}, Max: max,
	})
	if err != nil {
		t.Fatal(err)
	}
	b.m = m
	t.Cleanup(func() {
		if err := m.Close(); err != nil {
			t.Error(err)
		}
	})
	return b
}

func (b *bench) failing(err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.fail = err
}

func (b *bench) kernel() *Kernel {
	b.Helper()
	k, err := b.m.Start(Spec{Name: "fanout"})
	if err != nil {
		b.Fatal(err)
	}
	return k
}

// send sends a request and returns its id.
func (b *bench) send(c *Client, ch wire.Channel, typ string, content any) string {
	b.Helper()
	m, err := b.sender.New(typ, nil, content)
	if err != nil {
		b.Fatal(err)
	}
	if err := c.Send(ch, m); err != nil {
		b.Fatal(err)
	}
	return m.Header.MsgID
}

func (b *bench) run(c *Client, code string) string {
	b.Helper()
	return b.send(c, wire.Shell, "execute_request", wire.ExecuteRequest{Code: code, AllowStdin: true})
}

// until reads messages up to one of the given type in answer to the request id,
// or to any if that is empty.
func (b *bench) until(c *Client, typ, id string) *wire.Message {
	b.Helper()
	ctx, cancel := context.WithTimeout(b.Context(), patience)
	defer cancel()
	for {
		_, m, err := c.Next(ctx)
		if err != nil {
			b.Fatalf("waiting for %s: %v", typ, err)
		}
		if m.Type() == typ && (id == "" || m.Parent.MsgID == id) {
			return m
		}
	}
}

// becomes waits until k has the status.
func (b *bench) becomes(k *Kernel, want Status) {
	b.Helper()
	late := time.After(patience)
	for {
		s, changed := k.Watch()
		if s == want {
			return
		}
		select {
		case <-changed:
		case <-late:
			b.Fatalf("status %s, want %s", s, want)
		}
	}
}

func text(m *wire.Message) string {
	var s wire.Stream
	_ = json.Unmarshal(m.Content, &s)
	return s.Text
}

func TestCellsReachTheirKernelAndOutputsAllClients(t *testing.T) {
	b := newBench(t, 0)
	k := b.kernel()
	one, two := k.Connect("a"), k.Connect("b")
	id := b.run(one, "print hello")
	for _, c := range []*Client{one, two} {
		if got := text(b.until(c, "stream", id)); got != "hello" {
			t.Errorf("client %s reads %q, want hello", c.Session(), got)
		}
	}
	b.until(one, "execute_reply", id)
	last := b.run(two, "print bye")
	b.until(two, "execute_reply", last)
	for { // the reply is for the client that asked
		_, m, err := one.Next(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if m.Type() == "execute_reply" {
			t.Errorf("a reply that another client waits for: %+v", m.Header)
		}
		var s wire.KernelStatus
		if m.Type() == "status" && m.Parent.MsgID == last && json.Unmarshal(m.Content, &s) == nil && s.ExecutionState == "idle" {
			break
		}
	}
	if _, n := k.Active(); n != 2 {
		t.Errorf("%d clients, want 2", n)
	}
	two.Close()
	if _, _, err := two.Next(t.Context()); !errors.Is(err, ErrClosed) {
		t.Errorf("after Close: %v, want %v", err, ErrClosed)
	}
	if _, n := k.Active(); n != 1 {
		t.Errorf("%d clients after one has left, want 1", n)
	}
}

func TestInterruptEndsACellAndStatusFollows(t *testing.T) {
	b := newBench(t, 0)
	k := b.kernel()
	if s := k.Status(); s != Idle {
		t.Errorf("status %s at first, want idle", s)
	}
	c := k.Connect("")
	id := b.run(c, "wait")
	b.becomes(k, Busy)
	info := b.send(c, wire.Control, "kernel_info_request", nil)
	b.until(c, "kernel_info_reply", info)
	if s := k.Status(); s != Busy {
		t.Errorf("status %s beside a running cell, want busy", s)
	}
	if err := k.Interrupt(); err != nil {
		t.Fatal(err)
	}
	var reply wire.ErrorReply
	if err := wire.Unmarshal(b.until(c, "execute_reply", id), &reply); err != nil || reply.EName != session.Interrupted {
		t.Errorf("reply %+v, %v", reply, err)
	}
	b.becomes(k, Idle)
}

func TestRestartKeepsIDClientsAndWhatIsSentMeanwhile(t *testing.T) {
	b := newBench(t, 0)
	k := b.kernel()
	c := k.Connect("")
	running, waiting := b.run(c, "wait"), b.run(c, "print never")
	b.becomes(k, Busy)
	if err := k.Restart(); err != nil {
		t.Fatal(err)
	}
	again, ok := b.m.Get(k.ID())
	if !ok || again != k {
		t.Fatal("the kernel is not known by its id any more")
	}
	b.until(c, "execute_reply", running)
	var reply wire.AbortedReply
	if err := wire.Unmarshal(b.until(c, "execute_reply", waiting), &reply); err != nil || reply.Status != "aborted" {
		t.Errorf("the cell that waited: %+v, %v", reply, err)
	}
	id := b.run(c, "print back")
	if got := text(b.until(c, "stream", id)); got != "back" {
		t.Errorf("after the restart: %q", got)
	}
	if b.starts != 2 {
		t.Errorf("%d sessions, want 2", b.starts)
	}
}

func TestMessagesOfARestartAreKeptForTheNewSession(t *testing.T) {
	b := newBench(t, 0)
	k := b.kernel()
	c := k.Connect("")
	k.mu.Lock() // as Restart leaves it while it starts a session
	r := k.current
	k.ready = false
	k.mu.Unlock()
	ids := []string{b.run(c, "print one"), b.run(c, "print two")}
	k.release(r)
	ids = append(ids, b.run(c, "print three"))
	for _, id := range ids {
		b.until(c, "execute_reply", id)
	}
}

func TestAKernelThatCannotRestartIsDeadUntilItCan(t *testing.T) {
	b := newBench(t, 0)
	k := b.kernel()
	c := k.Connect("")
	broken := errors.New("no program")
	b.failing(broken)
	if err := k.Restart(); !errors.Is(err, broken) {
		t.Fatalf("restart: %v, want %v", err, broken)
	}
	m, err := b.sender.New("execute_request", nil, wire.ExecuteRequest{})
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Send(wire.Shell, m); !errors.Is(err, ErrDead) || k.Status() != Dead {
		t.Errorf("send to a kernel with status %s: %v", k.Status(), err)
	}
	if _, err := b.m.Start(Spec{}); !errors.Is(err, broken) {
		t.Errorf("start: %v, want %v", err, broken)
	}
	if n := len(b.m.List()); n != 1 {
		t.Errorf("%d kernels, want the dead one", n)
	}
	b.failing(nil)
	if err := k.Restart(); err != nil {
		t.Fatal(err)
	}
	b.until(c, "stream", b.run(c, "print x"))
}

func TestShutdownTellsClients(t *testing.T) {
	for name, end := range map[string]func(b *bench, k *Kernel, c *Client){
		"by the owner":  func(b *bench, k *Kernel, c *Client) { _ = k.Shutdown() },
		"by a message":  func(b *bench, k *Kernel, c *Client) { b.send(c, wire.Control, "shutdown_request", wire.Shutdown{}) },
		"with a cell":   func(b *bench, k *Kernel, c *Client) { b.run(c, "wait"); b.becomes(k, Busy); _ = k.Shutdown() },
		"with everyone": func(b *bench, k *Kernel, c *Client) { _ = b.m.Close() },
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, 0)
			k := b.kernel()
			c := k.Connect("")
			end(b, k, c)
			ctx, cancel := context.WithTimeout(t.Context(), patience)
			defer cancel()
			var err error
			for err == nil {
				_, _, err = c.Next(ctx)
			}
			if !errors.Is(err, ErrGone) {
				t.Errorf("the client hears %v, want %v", err, ErrGone)
			}
			if _, ok := b.m.Get(k.ID()); ok || !k.Ended() {
				t.Error("the kernel is still there")
			}
			for _, err := range []error{k.Interrupt(), k.Restart()} {
				if !errors.Is(err, ErrGone) {
					t.Errorf("%v, want %v", err, ErrGone)
				}
			}
			if _, _, err := k.Connect("").Next(ctx); !errors.Is(err, ErrGone) {
				t.Errorf("a late client hears %v", err)
			}
		})
	}
}

func TestRestartByMessage(t *testing.T) {
	b := newBench(t, 0)
	k := b.kernel()
	c := k.Connect("")
	b.send(c, wire.Control, "shutdown_request", wire.Shutdown{Restart: true})
	for {
		var s wire.KernelStatus
		if err := wire.Unmarshal(b.until(c, "status", ""), &s); err != nil {
			t.Fatal(err)
		}
		if s.ExecutionState == "restarting" {
			t.Error("clients are told of a restart, which JupyterLab takes for a death")
		}
		if s.ExecutionState == "starting" {
			break
		}
	}
	b.until(c, "stream", b.run(c, "print x"))
}

func TestStdinGoesToTheClientThatAsked(t *testing.T) {
	b := newBench(t, 0)
	k := b.kernel()
	c, other := k.Connect(""), k.Connect("")
	id := b.run(c, "ask")
	q := b.until(c, "input_request", id)
	m, err := b.sender.New("input_reply", q, wire.InputReply{Value: "Ada"})
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Send(wire.Stdin, m); err != nil {
		t.Fatal(err)
	}
	if got := text(b.until(c, "stream", id)); got != "Ada" {
		t.Errorf("the cell reads %q", got)
	}
	if got := text(b.until(other, "stream", id)); got != "Ada" {
		t.Errorf("the other client reads %q", got)
	}
}

func TestASlowClientLosesTextAndNothingElse(t *testing.T) {
	c := &Client{arrived: make(chan struct{}, 1)}
	stream := &wire.Message{ // as large as if all of it were text
		Header: wire.Header{MsgType: "stream"}, Content: json.RawMessage(`{"name":"stdout","text":"x"}`), Buffers: [][]byte{make([]byte, 1<<20)},
	}
	result := &wire.Message{Header: wire.Header{MsgType: "execute_result"}, Content: json.RawMessage("{}")}
	for range 2 * maxStreams >> 20 {
		if err := c.put(wire.IOPub, stream, kernel.Droppable); err != nil {
			t.Fatal(err)
		}
	}
	if err := c.put(wire.IOPub, result, kernel.Reliable); err != nil {
		t.Fatal(err)
	}
	if c.bytes > maxStreams+1<<20 {
		t.Errorf("%d bytes wait, want no more than %d", c.bytes, maxStreams)
	}
	told := 0
	for {
		_, m, err := c.Next(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(text(m), "left out") {
			told++
		}
		if m.Type() == "execute_result" {
			break
		}
	}
	if told != 1 {
		t.Errorf("the client was told %d times of what is left out, want once", told)
	}
}

func TestAClientThatNeverReadsIsCutOff(t *testing.T) {
	c := &Client{arrived: make(chan struct{}, 1)}
	display := &wire.Message{Header: wire.Header{MsgType: "display_data"}, Buffers: [][]byte{make([]byte, maxQueue/4)}}
	var err error
	for range 10 {
		err = c.put(wire.IOPub, display, kernel.Reliable)
	}
	if !errors.Is(err, ErrSlow) || c.items != nil {
		t.Errorf("%v, %d messages wait", err, len(c.items))
	}
	if _, _, err := c.Next(t.Context()); !errors.Is(err, ErrSlow) {
		t.Errorf("the client hears %v, want %v", err, ErrSlow)
	}
}

func TestStreamsOfOneCellAreJoined(t *testing.T) {
	c := &Client{arrived: make(chan struct{}, 1)}
	for i, part := range []struct{ cell, name string }{{"a", "stdout"}, {"a", "stdout"}, {"a", "stderr"}, {"b", "stderr"}} {
		content, err := json.Marshal(wire.Stream{Name: part.name, Text: fmt.Sprint(i)})
		if err != nil {
			t.Fatal(err)
		}
		m := &wire.Message{Header: wire.Header{MsgType: "stream"}, Parent: wire.Header{MsgID: part.cell}, Content: content}
		if err := c.put(wire.IOPub, m, kernel.Droppable); err != nil {
			t.Fatal(err)
		}
	}
	c.finish(ErrGone)
	var got []string
	for {
		_, m, err := c.Next(t.Context())
		if err != nil {
			break
		}
		got = append(got, m.Parent.MsgID+string(m.Content))
	}
	want := `a{"name":"stdout","text":"01"} a{"name":"stderr","text":"2"} b{"name":"stderr","text":"3"}`
	if s := strings.Join(got, " "); s != want || c.bytes != 0 {
		t.Errorf("got %s and %d bytes left, want %s", s, c.bytes, want)
	}
}

func TestThereIsABoundOfKernels(t *testing.T) {
	b := newBench(t, 2)
	k := b.kernel()
	b.kernel()
	if _, err := b.m.Start(Spec{}); !errors.Is(err, ErrTooMany) {
		t.Errorf("a third: %v, want %v", err, ErrTooMany)
	}
	if err := k.Shutdown(); err != nil {
		t.Fatal(err)
	}
	b.kernel()
}

// TestHammer starts, restarts, interrupts and ends kernels from many goroutines
// while clients come, run cells and go.
func TestHammer(t *testing.T) {
	b := newBench(t, 0)
	k := b.kernel()
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for range 20 {
				c := k.Connect("")
				b.run(c, "print x")
				b.until(c, "execute_reply", "")
				c.Close()
			}
		})
	}
	all.Go(func() {
		for range 10 {
			if err := k.Restart(); err != nil {
				t.Error(err)
			}
		}
	})
	all.Go(func() {
		for range 10 {
			if err := b.kernel().Shutdown(); err != nil {
				t.Error(err)
			}
			for _, k := range b.m.List() {
				k.Status()
				k.Active()
			}
		}
	})
	all.Wait()
}

// TestAClientThatIsTooSlowIsLetGo holds kernels to keeping nothing for clients that were
// cut off.
func TestAClientThatIsTooSlowIsLetGo(t *testing.T) {
	b := newBench(t, 0)
	k := b.kernel()
	slow, other := k.Connect("slow"), k.Connect("other")
	big := &wire.Message{Header: wire.Header{MsgType: "display_data"}, Content: make([]byte, maxQueue/2)}
	for range 3 { // which share their bytes
		if err := slow.put(wire.IOPub, big, kernel.Reliable); err != nil && !errors.Is(err, ErrSlow) {
			t.Fatal(err)
		}
	}
	if !slow.Slow() || other.Slow() {
		t.Fatalf("slow: %v and %v", slow.Slow(), other.Slow())
	}
	b.until(other, "execute_reply", b.run(other, "print x"))
	if _, n := k.Active(); n != 1 {
		t.Errorf("the kernel has %d clients, want one", n)
	}
	if _, _, err := slow.Next(t.Context()); !errors.Is(err, ErrSlow) {
		t.Errorf("the slow one hears %v", err)
	}
}
