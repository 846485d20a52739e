package supervisor

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/adabc437/fanout/interp/session"
)

// Options say how the session process is run. Command is needed; everything else
// has a default.
type Options struct {
	// Command is the program and its arguments, which must end up in Child.
	Command []string
	// Dir is the working directory; empty is the kernel's own.
	Dir string
	// Env is the environment; nil is the kernel's own.
	Env []string
	// MemoryLimit bounds the session's memory in bytes. 0 leaves it to
	// MemoryVariable and its default.
	MemoryLimit int64
	// StreamLimit is how many bytes of stdout, and as many of stderr, a cell
	// shows. Default 16 MB.
	StreamLimit int64
	// InterruptGrace is how long a cell may take to stop before its process is
	// killed. Default 0.3 s.
	InterruptGrace time.Duration
	// Logger hears of processes that start and die. Default slog.Default().
	Logger *slog.Logger
}

// The defaults and bounds of a Supervisor.
const (
	defaultStreamLimit = 16_000_000
	defaultGrace       = 300 * time.Millisecond
	batchTime          = 100 * time.Millisecond
	batchSize          = 10 << 10
	holdTime           = 250 * time.Millisecond
	helloTimeout       = 10 * time.Second
	restoreTimeout     = 30 * time.Second
	closeTimeout       = time.Second
	quickDeath         = 5 * time.Second // a process that lives longer has started well
	quickDeaths        = 3               // in a row, before it is left alone
	retryPause         = 50 * time.Millisecond
)

// A Supervisor is a session whose cells run in a child process, which is replaced
// when it dies.
//
// An Output given to Execute must stay usable after Execute has returned: what the
// cell's goroutines print later goes to it. Its Emit is called with a lock held
// that Execute and Comm take: it must not call them.
type Supervisor struct {
	opts    Options
	log     *slog.Logger
	capture *capture
	closing chan struct{}
	done    chan struct{} // closed when the keeper has ended
	kick    chan struct{} // asks the keeper to try again

	mu         sync.Mutex
	ledger     ledger
	live       *process      // the last one started
	ready      *process      // the one that takes requests; nil while there is none
	failure    *failure      // why the keeper has given up; nil while it has not
	changed    chan struct{} // closed and renewed when one of the others changes
	interrupts uint64        // how many there were: calls of Interrupt; starts at 1 to leave 0 free
	notice     string        // what the next cell is told first
	isClosed   bool
}

var _ session.Session = (*Supervisor)(nil)

// A failure is why no session process can be had.
type failure struct{ d *session.Diagnostic }

// Start starts a session process and returns without waiting for it: the first
// request does that. The error is of the start itself, or of a wrong option. ctx
// bounds Start alone; Close ends the Supervisor.
func Start(ctx context.Context, o Options) (*Supervisor, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if o.MemoryLimit == 0 {
		if _, err := MemoryLimit(); err != nil {
			return nil, err
		}
	}
	if o.StreamLimit <= 0 {
		o.StreamLimit = defaultStreamLimit
	}
	if o.InterruptGrace <= 0 {
		o.InterruptGrace = defaultGrace
	}
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	s := &Supervisor{
		opts: o, log: o.Logger,
		capture: &capture{limit: o.StreamLimit, batch: batchTime, hold: holdTime, batchSize: batchSize},
		closing: make(chan struct{}), done: make(chan struct{}), kick: make(chan struct{}, 1),
		changed: make(chan struct{}), interrupts: 1,
	}
	p, err := spawn(&s.opts, s.capture, hooks{s.bury, s.commit, s.translate})
	if err != nil {
		return nil, err
	}
	s.live = p
	go s.keep(p)
	return s, nil
}

// Pid gives the process id of the session process that was started last.
func (s *Supervisor) Pid() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.live.cmd.Process.Pid
}

// Close ends the session process, after a second by force, and everything that
// the Supervisor runs. Cells still running end.
func (s *Supervisor) Close() error {
	s.mu.Lock()
	if !s.isClosed {
		s.isClosed = true
		close(s.closing)
		s.announce()
	}
	p := s.live
	s.mu.Unlock()
	p.hangUp()
	if !await(s.done, closeTimeout) {
		p.kill(verdict{reason: closed})
		<-s.done
	}
	return nil
}

// announce wakes those who wait for a change. s.mu is held.
func (s *Supervisor) announce() {
	close(s.changed)
	s.changed = make(chan struct{})
}

// keep sees to it that there is a session process, until Close.
func (s *Supervisor) keep(p *process) {
	var reaping sync.WaitGroup // of the killed that take their time
	defer func() {
		reaping.Wait()
		close(s.done)
	}()
	deaths, overRestore := 0, 0 // in a row
	for {
		good := s.prepare(p, overRestore)
		reaped := p.reaped
		<-p.finished
		reaping.Go(func() { <-reaped })
		s.mu.Lock()
		s.ready = nil
		s.mu.Unlock()
		if s.isOver() {
			return
		}
		if p.wasUsed() || (good && time.Since(p.born) > quickDeath) {
			deaths = 0
		} else {
			deaths++
		}
		overRestore++
		if good || !p.saidHello() {
			overRestore = 0
		}
		if p = s.replace(p, &deaths); p == nil {
			return
		}
	}
}

func (s *Supervisor) isOver() bool {
	select {
	case <-s.closing:
		return true
	default:
		return false
	}
}

// prepare waits for p's hello, restores what was declared, and makes p the one
// that takes requests, or says false.
func (s *Supervisor) prepare(p *process, overRestore int) bool {
	timer := time.NewTimer(helloTimeout)
	defer timer.Stop()
	select {
	case <-p.hello:
	case <-p.finished:
		return false
	case <-timer.C:
		p.kill(verdict{reason: broken, err: fmt.Errorf("it did not answer within %s", helloTimeout)})
		return false
	}
	if !s.restore(p, overRestore) {
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ready = p
	s.announce()
	return true
}

// restore has p take over the past. After two deaths over that it forgets
// what was declared. It says false if p has died.
func (s *Supervisor) restore(p *process, deaths int) bool {
	s.mu.Lock()
	gaveUp := deaths >= 2 && len(s.ledger.declarations) > 0
	if gaveUp {
		s.ledger.declarations = nil
	}
	past := s.ledger.past()
	s.mu.Unlock()
	if gaveUp {
		s.addNotice("the earlier declarations are lost: the session process died over them")
	}
	if past.Empty() {
		return true
	}
	ctx, cancel := context.WithTimeout(context.Background(), restoreTimeout)
	defer cancel()
	err := p.call(ctx, opRestore, past, nil, nil)
	switch {
	case err == nil:
	case errors.Is(err, errGone):
		return false
	case ctx.Err() != nil:
		p.kill(verdict{reason: broken, err: fmt.Errorf("it did not declare things again within %s", restoreTimeout)})
		return false
	default:
		s.log.Warn("not all was declared again", "error", err)
		const lost = "not declared again: " // the session may say so itself
		s.addNotice(lost + strings.TrimPrefix(strings.TrimSpace(err.Error()), lost))
	}
	return true
}

// replace starts the successor of p, after so many quick deaths, and counts on. It
// returns nil once the Supervisor is closed.
func (s *Supervisor) replace(p *process, deaths *int) *process {
	why := p.death
	for {
		if *deaths >= quickDeaths {
			s.giveUp(why)
			select {
			case <-s.kick:
			case <-s.closing:
				return nil
			}
			*deaths = 0
		}
		if *deaths > 0 {
			select {
			case <-time.After(time.Duration(*deaths) * retryPause):
			case <-s.closing:
				return nil
			}
		}
		next, err := spawn(&s.opts, s.capture, hooks{s.bury, s.commit, s.translate})
		if err != nil {
			s.log.Error("session process", "error", err)
			why = &session.Diagnostic{Name: session.SessionError, Message: err.Error()}
			*deaths++
			continue
		}
		s.mu.Lock()
		s.live = next
		over := s.isClosed
		s.mu.Unlock()
		if over {
			next.hangUp()
		}
		return next
	}
}
