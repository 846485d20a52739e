package supervisor

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"slices"
	"sync"
	"time"

	"github.com/adabc437/fanout/interp/session"
)

// errGone says that the session process has ended, or is about to.
var errGone = errors.New("the session process has ended")

// How long a process may take, beside the grace of interrupts.
const (
	goneGrace   = 250 * time.Millisecond // to end once its reply pipe has
	killGrace   = 120 * time.Millisecond // to end once it was killed, before cells are told
	deafGrace   = 3 * time.Second        // to hear of an interrupt, on a busy machine
	maxPatience = 30 * time.Second       // that a session can ask for when it is interrupted
	tailGrace   = 100 * time.Millisecond // to read what an ended process has left
	keptCells   = 64                     // cells that late events find
)

// A process is one life of the session process.
type process struct {
	cmd     *exec.Cmd
	log     *slog.Logger
	grace   time.Duration // of interrupts
	outbox  *outbox
	replies *os.File
	feed    *feed
	born    time.Time
	hooks

	hello    chan struct{} // closed once the child has said hello
	greeting hello         // set before hello is closed
	reaped   chan struct{} // closed when the process is no more
	state    *os.ProcessState
	read     chan struct{} // closed when the reply pipe has ended
	killed   chan struct{} // closed when a verdict was executed
	finished chan struct{} // closed when all is over; what follows is set before
	death    *session.Diagnostic
	fate     *verdict // the verdict that counted; nil: it died by itself
	told     bool     // a cell is told of the death
	askers   sync.WaitGroup

	mu      sync.Mutex
	gone    bool // no further calls
	used    bool // it has started to execute a cell
	verdict *verdict
	next    uint64
	calls   map[uint64]*call
	cells   map[uint64]*cell // of recent execute and comm calls
	recent  []uint64
	asking  map[uint64]context.CancelFunc
	unheard map[uint64][]chan time.Duration // interrupts that the child has not heard of
}

// hooks are what a process calls in its supervisor.
type hooks struct {
	bury      func(*process, *session.Diagnostic) // completes the diagnosis of its death, before calls end
	commit    func(*process, session.Event)       // takes in what a cell declares
	translate func([]byte) []byte                 // puts the user's cells into a report
}

// spawn starts a session process.
func spawn(o *Options, c *capture, h hooks) (*process, error) {
	if len(o.Command) == 0 {
		return nil, errors.New("supervisor: no command for the session process")
	}
	pipes, err := newPipeSet()
	if err != nil {
		return nil, fmt.Errorf("pipes of the session process: %w", err)
	}
	cmd := exec.Command(o.Command[0], o.Command[1:]...)
	cmd.Dir, cmd.Env = o.Dir, slices.Clone(o.Env)
	if o.Env == nil {
		cmd.Env = os.Environ()
	}
	if o.MemoryLimit > 0 {
		cmd.Env = append(cmd.Env, memoryEnv(o.MemoryLimit))
	}
	cmd.Stdout, cmd.Stderr = pipes.child[0], pipes.child[1]
	passPipes(cmd, pipes.child[2], pipes.child[3], pipes.child[4])
	if err := cmd.Start(); err != nil {
		pipes.close()
		return nil, fmt.Errorf("start the session process: %w", err)
	}
	pipes.closeChild()
	f, err := newFeed(c, [pipeCount]*os.File{pipes.parent[0], pipes.parent[1], pipes.parent[4]})
	if err != nil {
		killGroup(cmd.Process)
		_ = cmd.Wait()
		pipes.close()
		return nil, fmt.Errorf("output of the session process: %w", err)
	}
	p := &process{
		cmd: cmd, log: o.Logger, grace: o.InterruptGrace, feed: f, born: time.Now(), hooks: h,
		outbox: newOutbox(pipes.parent[2]), replies: pipes.parent[3],
		hello: make(chan struct{}), reaped: make(chan struct{}), read: make(chan struct{}),
		killed: make(chan struct{}), finished: make(chan struct{}),
		calls: map[uint64]*call{}, cells: map[uint64]*cell{}, asking: map[uint64]context.CancelFunc{}, unheard: map[uint64][]chan time.Duration{},
	}
	go p.reap()
	go p.listen()
	go p.attend()
	return p, nil
}

// A pipeSet is both ends of the five pipes: stdout, stderr, requests, replies,
// crash report.
type pipeSet struct{ parent, child [5]*os.File }

func newPipeSet() (*pipeSet, error) {
	var s pipeSet
	for i := range s.parent {
		r, w, err := os.Pipe()
		if err != nil {
			s.close()
			return nil, err
		}
		s.parent[i], s.child[i] = r, w
		if i == 2 {
			s.parent[i], s.child[i] = w, r
		}
		if err := blocking(s.child[i]); err != nil {
			s.close()
			return nil, err
		}
	}
	return &s, nil
}

func (s *pipeSet) closeChild() {
	for _, f := range s.child {
		_ = f.Close() // nil is fine
	}
}

func (s *pipeSet) close() {
	s.closeChild()
	for _, f := range s.parent {
		_ = f.Close()
	}
}

// reap waits for the process, however long that takes.
func (p *process) reap() {
	_ = p.cmd.Wait() // its state says all
	p.state = p.cmd.ProcessState
	close(p.reaped)
}

// attend waits for the end of the process and then ends all that depends on it.
func (p *process) attend() {
	defer close(p.finished)
	p.awaitEnd()
	killGroup(p.cmd.Process)
	// The pipe ends with the process, unless somebody has inherited it.
	if err := p.replies.SetReadDeadline(time.Now().Add(tailGrace)); err != nil {
		_ = p.replies.Close()
	}
	<-p.read
	p.outbox.close()
	_ = p.replies.Close()
	why := cause{crash: p.translate(p.feed.finish())}
	select {
	case <-p.reaped:
		why.state = p.state
	default:
	}
	p.mu.Lock()
	p.gone = true
	p.fate, why.verdict = p.verdict, p.verdict
	calls := p.calls
	p.calls = nil
	for _, cancel := range p.asking {
		cancel()
	}
	p.mu.Unlock()
	if p.saidHello() {
		why.hello = p.greeting
	}
	p.death = why.diagnose()
	for _, c := range calls {
		p.told = p.told || (c.op == opExecute && c.dies())
	}
	p.bury(p, p.death)
	for _, c := range calls {
		if c.op == opExecute {
			p.feed.c.lost(c.cell)
		}
		c.complete(frame{}, errGone)
	}
	p.askers.Wait()
}

// awaitEnd returns when the process has ended, or was killed and takes its time
// to give its memory back.
func (p *process) awaitEnd() {
	read := p.read
	for {
		select {
		case <-p.reaped:
			return
		case <-p.killed:
			await(p.reaped, killGrace)
			return
		case <-read:
			if !await(p.reaped, goneGrace) {
				p.kill(verdict{reason: broken, err: errors.New("it closed its pipe")})
			}
			read = nil
		}
	}
}

// await waits for ch, no longer than d, and says whether it was closed.
func await(ch <-chan struct{}, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ch:
		return true
	case <-timer.C:
		return false
	}
}

func (p *process) isGone() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.gone
}

func (p *process) saidHello() bool {
	select {
	case <-p.hello:
		return true
	default:
		return false
	}
}

func (p *process) wasUsed() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.used
}

// condemn says why the process ends, if nobody has said so before, and lets in
// no further calls.
func (p *process) condemn(v verdict) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.gone = true
	if p.verdict == nil {
		p.verdict = &v
	}
}

// kill ends the process and its group at once.
func (p *process) kill(v verdict) {
	p.condemn(v)
	p.mu.Lock()
	defer p.mu.Unlock()
	select {
	case <-p.killed:
	default:
		select {
		case <-p.reaped: // the group's number may be another's
		default:
			killGroup(p.cmd.Process)
		}
		close(p.killed)
	}
}

// hangUp asks the process to end.
func (p *process) hangUp() {
	p.condemn(verdict{reason: closed})
	p.outbox.close()
}

// A tail reads a pipe to its end, or past its deadline up to what it holds: a
// reader that was late still learns all that a dead process has said.
type tail struct{ *os.File }

func (t tail) Read(b []byte) (int, error) {
	n, err := t.File.Read(b)
	if n == 0 && errors.Is(err, os.ErrDeadlineExceeded) {
		if n = readLeft(t.File, b); n > 0 {
			err = nil
		}
	}
	return n, err
}

// listen reads what the child says until its pipe ends.
func (p *process) listen() {
	defer close(p.read)
	r := bufio.NewReaderSize(tail{p.replies}, readSize)
	err := p.greet(r)
	for err == nil {
		var f frame
		if f, err = readFrame(r); err == nil {
			err = p.handle(f)
		}
	}
	if !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, os.ErrDeadlineExceeded) && !errors.Is(err, os.ErrClosed) {
		p.kill(verdict{reason: broken, err: err})
	}
}

// greet takes the child's hello.
func (p *process) greet(r io.Reader) error {
	f, err := readFrame(r)
	if err != nil {
		return err
	}
	if f.Op != opHello {
		return fmt.Errorf("%w: %s before hello", errProtocol, f.Op)
	}
	if err := f.decode(&p.greeting); err != nil {
		return err
	}
	if v := p.greeting.Version; v != protocolVersion {
		return fmt.Errorf("%w: the session process speaks version %d of the protocol, the kernel %d; are they of the same build?", errProtocol, v, protocolVersion)
	}
	if build := buildID(); p.greeting.Build != build {
		p.log.Warn("the session process is of another build", "session", p.greeting.Build, "kernel", build)
	}
	close(p.hello)
	return nil
}
