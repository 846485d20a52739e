package supervisor

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/adabc437/fanout/interp/session"
)

// errInterrupted ends the wait for a session process.
var errInterrupted = errors.New("interrupted")

// Execute runs the cell in the session process. A cell that had not started when
// the process died runs in the next one; one that had ends with a Diagnostic that
// says why it died. The error is session.ErrClosed, or a *session.Diagnostic if
// no session process can be had.
func (s *Supervisor) Execute(ctx context.Context, c session.Cell, out session.Output) (session.Reply, error) {
	s.mu.Lock()
	turn := turn{from: s.interrupts, retry: true}
	s.mu.Unlock()
	for {
		p, err := s.acquire(ctx, &turn)
		if errors.Is(err, errInterrupted) || (err != nil && ctx.Err() != nil) {
			return session.Reply{Err: &session.Diagnostic{
				Name: session.Interrupted, Message: "interrupted before the cell started",
			}}, nil
		}
		if err != nil {
			return session.Reply{}, err
		}
		reply, err := s.execute(ctx, p, c, out, turn.from)
		if errors.Is(err, errGone) {
			continue
		}
		return reply, err
	}
}

// execute runs the cell in p. Interrupts count that came after number from. It
// returns errGone if p died before the cell started.
func (s *Supervisor) execute(ctx context.Context, p *process, c session.Cell, out session.Output, from uint64) (session.Reply, error) {
	cl := &cell{out: out, shell: c.Shell}
	p.feed.begin(cl)
	defer s.capture.lost(cl)
	s.mu.Lock()
	s.ledger.ran(c)
	notice := s.notice
	s.notice = ""
	s.mu.Unlock()
	if notice != "" {
		s.capture.notice(cl, notice)
	}
	var reply session.Reply
	var decodeErr error
	request, err := p.begin(ctx, opExecute, c, cl, func(f frame) {
		if decodeErr = f.decode(&reply); decodeErr == nil {
			s.record(p, reply)
		}
	})
	if err != nil {
		return session.Reply{}, err
	}
	interrupt := func(number uint64) {
		p.interrupt(number, func(other *call) bool { return other == request }, frame{Op: opInterrupt, ID: request.id})
	}
	s.mu.Lock()
	last := s.interrupts
	s.mu.Unlock()
	if last != from { // it may have missed this call
		interrupt(last)
	}
	stop := context.AfterFunc(ctx, func() { interrupt(math.MaxUint64 - request.id) })
	<-request.done
	stop()
	if errors.Is(request.err, errGone) {
		return s.mourn(p, request, c)
	}
	if err := request.result(nil); err != nil {
		return session.Reply{}, fmt.Errorf("execute: %w", err)
	}
	return reply, decodeErr
}

// mourn gives the reply of cell's call c that p's death has ended. Of a program it
// is all the same what the death has cost.
func (s *Supervisor) mourn(p *process, c *call, cell session.Cell) (session.Reply, error) {
	if p.fate != nil && p.fate.reason == closed {
		return session.Reply{}, session.ErrClosed
	}
	if !c.dies() {
		return session.Reply{}, errGone
	}
	d := *p.death
	if p.fate != nil && p.fate.reason == interrupted && c.interrupted == 0 {
		d.Name = session.SessionError
		d.Message = "a cell in another shell did not stop when it was interrupted, so the session process was ended"
	}
	d.Notes, d.Trace = slices.Clone(d.Notes), slices.Clone(d.Trace)
	if overflow(&d) {
		s.mu.Lock()
		s.ledger.blame(&d, cell.Code)
		s.mu.Unlock()
	}
	if cell.Program {
		d.Notes = nil
	}
	return session.Reply{Err: &d, Died: true}, nil
}

// commit takes in what a cell declares that is about to run.
func (s *Supervisor) commit(p *process, e session.Event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ready == p {
		s.ledger.variables = e.Variables
		s.ledger.declare(e.Declared)
	}
	s.ledger.places.add(e.Files)
}

// translate puts the user's cells into what Go says of a crash.
func (s *Supervisor) translate(report []byte) []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.ledger.places.translate(report)
}

// record takes in what a cell has done, and ends p if the cell asked for it.
func (s *Supervisor) record(p *process, r session.Reply) {
	s.mu.Lock()
	s.ledger.record(r)
	if r.Restart && s.ready == p {
		s.ready = nil
	}
	s.mu.Unlock()
	if r.Restart {
		p.kill(verdict{reason: restarted})
	}
}

// bury completes the account of p's death, and sees to it that somebody hears
// of it.
func (s *Supervisor) bury(p *process, d *session.Diagnostic) {
	s.mu.Lock()
	s.ledger.locate(d)
	lost := lostNames(s.ledger.variables)
	d.Notes = append(d.Notes, s.ledger.notes()...)
	s.ledger.lose(s.ledger.variables)
	s.ledger.variables = nil
	if s.ready == p {
		s.ready = nil
	}
	over := s.isClosed
	s.mu.Unlock()
	if over || (p.fate != nil && p.fate.reason == restarted) {
		return
	}
	s.log.Warn("the session process has died", "pid", p.cmd.Process.Pid, "error", d.Name, "message", d.Message)
	if p.told {
		return
	}
	text := "the session process died between cells: " + d.Message
	if lost != "" {
		text += "; " + lost
	}
	s.addNotice(text)
}

// addNotice has the next cell told of something.
func (s *Supervisor) addNotice(text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.notice += "[fanout: " + text + "]\n"
}

// giveUp has everyone who waits for a session process hear that there is none.
func (s *Supervisor) giveUp(why *session.Diagnostic) {
	s.mu.Lock()
	defer s.mu.Unlock()
	report := why.Report
	if report == "" {
		report = strings.TrimSpace(s.capture.orphans())
	}
	s.failure = &failure{&session.Diagnostic{
		Name:    session.SessionError,
		Message: fmt.Sprintf("the session process could not be started, %d times in a row: %s", quickDeaths, why.Message),
		Hint:    "run a cell to try again",
		Report:  report,
	}}
	s.log.Error("gave up on the session process", "message", why.Message)
	s.announce()
}

// A turn is a cell's wait for a session process.
type turn struct {
	from  uint64 // the number of the last interrupt that does not concern the cell
	retry bool   // where the keeper has given up, it is asked to try again, once
}

// acquire waits for a process that takes requests. t is nil for what is no cell.
func (s *Supervisor) acquire(ctx context.Context, t *turn) (*process, error) {
	for {
		s.mu.Lock()
		p, failed, changed := s.ready, s.failure, s.changed
		interrupted := t != nil && s.interrupts != t.from
		retry := t != nil && t.retry
		if failed != nil && retry {
			s.failure = nil
			select {
			case s.kick <- struct{}{}:
			default:
			}
		}
		over := s.isClosed
		s.mu.Unlock()
		switch {
		case over:
			return nil, session.ErrClosed
		case interrupted:
			return nil, errInterrupted
		case failed != nil && !retry:
			return nil, failed.d
		case p != nil && !p.isGone():
			return p, nil
		}
		if t != nil {
			t.retry = false // what fails from now on has been tried for this cell
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// Interrupt asks the running cells to stop, and ends the session process if they
// have not within the grace, or if it is called again while they have not.
func (s *Supervisor) Interrupt() {
	s.mu.Lock()
	s.interrupts++
	s.announce()
	p, number := s.live, s.interrupts
	s.mu.Unlock()
	p.interrupt(number, func(*call) bool { return true }, frame{Op: opInterruptAll})
}
