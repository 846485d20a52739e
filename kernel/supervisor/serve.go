package supervisor

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"sync"
	"time"

	"github.com/adabc437/fanout/interp/session"
)

// closeGrace is how long a session may take to close once its parent is gone.
const closeGrace = 500 * time.Millisecond

// Pipes are the child's ends of the protocol.
type Pipes struct {
	Requests *os.File // the parent's requests are read here
	Replies  *os.File // events and replies are written here
	Crash    *os.File // Go's report of a crash, and last words, are written here

	maxStack, memory int64 // what hello says about the limits
	outputs          *outputs
}

// Serve answers the parent's requests with s until ctx ends or the parent closes
// the request pipe (as its death does), and returns nil then. It closes s, and
// does not wait for it longer than half a second: what cells still do must not
// keep the process alive.
func Serve(ctx context.Context, p Pipes, s session.Session) error {
	ctx, cancel := context.WithCancel(ctx)
	srv := &server{
		session: s, out: p.Replies, ctx: ctx, outputs: p.outputs,
		running: map[uint64]*request{}, waiting: map[uint64]chan frame{},
	}
	stop := context.AfterFunc(ctx, func() { p.Requests.Close() })
	err := srv.send(opHello, 0, hello{
		Version: protocolVersion, PID: os.Getpid(), Build: buildID(), MaxStack: p.maxStack, Memory: p.memory,
	}, nil)
	if err == nil {
		err = srv.read(bufio.NewReader(p.Requests))
	}
	ended := !stop()
	cancel()
	closed := make(chan struct{})
	go func() {
		defer close(closed)
		if cerr := s.Close(); cerr != nil && err == nil {
			err = fmt.Errorf("close the session: %w", cerr)
		}
		srv.requests.Wait()
	}()
	timer := time.NewTimer(closeGrace)
	defer timer.Stop()
	select {
	case <-closed:
	case <-timer.C:
		return nil
	}
	if ended || errors.Is(err, io.EOF) {
		return nil
	}
	return err
}

// buildID names the build of this program, as far as Go knows it.
func buildID() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return ""
	}
	id := info.Main.Version
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			id += " " + s.Value
		}
	}
	return id
}

// A server is the child's side of the protocol.
type server struct {
	session  session.Session
	outputs  *outputs
	ctx      context.Context // ends with Serve
	requests sync.WaitGroup

	write sync.Mutex // held while a frame is written
	out   io.Writer

	mu      sync.Mutex
	seq     uint64
	running map[uint64]*request
	waiting map[uint64]chan frame // emitters and askers, by Seq
}

// A request is one that has not been answered.
type request struct {
	op     op
	cancel context.CancelFunc
}

// send writes one frame.
func (s *server) send(o op, id uint64, body any, werr *wireError, buffers ...[]byte) error {
	f, err := newFrame(o, id, body, buffers...)
	if err != nil {
		return err
	}
	f.Err = werr
	raw, err := encodeFrame(f)
	if err != nil {
		return err
	}
	s.write.Lock()
	defer s.write.Unlock()
	if _, err := s.out.Write(raw); err != nil {
		return fmt.Errorf("write to the kernel: %w", err)
	}
	return nil
}

// read takes frames until the pipe ends. It never waits for anything else, so
// that the parent's writes do not.
func (s *server) read(r io.Reader) error {
	for {
		f, err := readFrame(r)
		if err != nil {
			return fmt.Errorf("read from the kernel: %w", err)
		}
		switch f.Op {
		case opAck, opInputReply:
			s.mu.Lock()
			ch := s.waiting[f.ID]
			delete(s.waiting, f.ID)
			s.mu.Unlock()
			if ch != nil {
				ch <- f
			}
		case opInterrupt:
			s.stop(f, func(id uint64, _ *request) bool { return id == f.ID })
		case opInterruptAll:
			// The cells' contexts, and not Session.Interrupt: that might come late
			// and hit the next cell.
			s.stop(f, func(_ uint64, r *request) bool { return r.op == opExecute })
		default:
			s.begin(f)
		}
	}
}

// hearTime is how long cells go on that are to stop until the parent takes notice.
const hearTime = 100 * time.Millisecond

// stop cancels the requests that run now. It first tells the parent that an interrupt has
// come, and how long the cells may need, so that it has heard of it when they end.
func (s *server) stop(f frame, which func(uint64, *request) bool) {
	var cancels []context.CancelFunc
	s.mu.Lock()
	for id, r := range s.running {
		if which(id, r) {
			cancels = append(cancels, r.cancel)
		}
	}
	s.mu.Unlock()
	cancel := func() {
		for _, c := range cancels {
			c()
		}
	}
	var stop stopBody
	if f.Body == nil || f.decode(&stop) != nil || stop.Number == 0 {
		cancel()
		return
	}
	var heard heardBody
	if p, ok := s.session.(session.Patient); ok {
		heard.Patience = p.Patience()
	}
	s.requests.Go(func() {
		late := time.AfterFunc(hearTime, cancel) // where the parent does not read
		defer late.Stop()
		_ = s.send(opHeard, stop.Number, heard, nil) // if that fails, the parent is gone
		cancel()
	})
}

// begin answers f in a goroutine of its own.
func (s *server) begin(f frame) {
	ctx, cancel := context.WithCancel(s.ctx)
	s.mu.Lock()
	s.running[f.ID] = &request{op: f.Op, cancel: cancel}
	s.mu.Unlock()
	s.requests.Go(func() {
		defer cancel()
		result, err := s.answer(ctx, f)
		s.mu.Lock()
		delete(s.running, f.ID)
		s.mu.Unlock()
		if e := s.send(opReply, f.ID, result, toWire(err)); e != nil && s.ctx.Err() == nil {
			// Too large or not JSON: the parent must hear of it.
			_ = s.send(opReply, f.ID, nil, toWire(e))
		}
	})
}

// answer performs the request that f is.
func (s *server) answer(ctx context.Context, f frame) (any, error) {
	var code codeBody
	switch f.Op {
	case opExecute:
		var cell session.Cell
		if err := f.decode(&cell); err != nil {
			return nil, err
		}
		if err := s.send(opStarted, f.ID, nil, nil); err != nil {
			return nil, err
		}
		s.outputs.reopen()
		return s.session.Execute(ctx, cell, &output{s, f.ID})
	case opComplete:
		if err := f.decode(&code); err != nil {
			return nil, err
		}
		return s.session.Complete(ctx, code.Code, code.Offset)
	case opInspect:
		if err := f.decode(&code); err != nil {
			return nil, err
		}
		return s.session.Inspect(ctx, code.Code, code.Offset, code.Detail)
	case opIsComplete:
		if err := f.decode(&code); err != nil {
			return nil, err
		}
		return s.session.IsComplete(ctx, code.Code)
	case opComm:
		var m session.CommMessage
		if err := f.decode(&m); err != nil {
			return nil, err
		}
		m.Buffers = f.Buffers
		return nil, s.session.Comm(ctx, m, &output{s, f.ID})
	case opComms:
		var target string
		if err := f.decode(&target); err != nil {
			return nil, err
		}
		return s.session.Comms(ctx, target)
	case opRestore:
		var past session.Past
		if err := f.decode(&past); err != nil {
			return nil, err
		}
		return nil, s.session.Restore(ctx, past)
	}
	return nil, fmt.Errorf("%w: unknown request %q", errProtocol, f.Op)
}

// wait reserves a Seq and the channel on which its answer comes.
func (s *server) wait() (uint64, chan frame) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.seq++
	ch := make(chan frame, 1)
	s.waiting[s.seq] = ch
	return s.seq, ch
}

func (s *server) forget(seq uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.waiting, seq)
}
