package supervisor

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/adabc437/fanout/interp/session"
)

// errInterrupted ends the wait for a session process.
var errInterrupted = errors.New("interrupted")

// Execute runs the cell in the session process. A cell that had not started when
// the process died runs in the next one; one that had ends with a Diagnostic that
// says why it died. The error is session.ErrClosed, or a *session.Diagnostic if
// no session process can be had.
func (s *Supervisor) Execute(ctx context.Context, c session.Cell, out session.Output) (session.Reply, error) {
	for {
		p, err := s.acquire(ctx, true)
		if errors.Is(err, errInterrupted) || (err != nil && ctx.Err() != nil) {
			return session.Reply{Err: &session.Diagnostic{
				Name: session.Interrupted, Message: "interrupted before the cell started",
			}}, nil
		}
		if err != nil {
			return session.Reply{}, err
		}
		reply, err := s.execute(ctx, p, c, out)
		if errors.Is(err, errGone) {
			continue
		}
		return reply, err
	}
}

// execute runs the cell in p. It returns errGone if p died before the cell
// started.
func (s *Supervisor) execute(ctx context.Context, p *process, c session.Cell, out session.Output) (session.Reply, error) {
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
	stop := context.AfterFunc(ctx, func() {
		p.interrupt(func(other *call) bool { return other == request }, frame{Op: opInterrupt, ID: request.id})
	})
	<-request.done
	stop()
	if errors.Is(request.err, errGone) {
		return s.mourn(p, request)
	}
	if err := request.result(nil); err != nil {
		return session.Reply{}, fmt.Errorf("execute: %w", err)
	}
	return reply, decodeErr
}

// mourn gives the reply of a call that p's death has ended.
func (s *Supervisor) mourn(p *process, c *call) (session.Reply, error) {
	if p.fate != nil && p.fate.reason == closed {
		return session.Reply{}, session.ErrClosed
	}
	if !c.dies() {
		return session.Reply{}, errGone
	}
	d := *p.death
	if p.fate != nil && p.fate.reason == interrupted && !c.interrupted {
		d.Name = session.SessionError
		d.Message = "a cell in another shell did not stop when it was interrupted, so the session process was ended"
	}
	d.Notes, d.Trace = slices.Clone(d.Notes), slices.Clone(d.Trace)
	return session.Reply{Err: &d}, nil
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
	s.failure = &failure{&session.Diagnostic{
		Name:    session.SessionError,
		Message: fmt.Sprintf("the session process could not be started, %d times in a row: %s", quickDeaths, why.Message),
		Hint:    "run a cell to try again",
		Report:  why.Report,
	}}
	s.log.Error("gave up on the session process", "message", why.Message)
	s.announce()
}

// acquire waits for a process that takes requests. Where there is none because
// the keeper has given up, retry has it try again.
func (s *Supervisor) acquire(ctx context.Context, retry bool) (*process, error) {
	for {
		s.mu.Lock()
		p, failed, changed, interrupts := s.ready, s.failure, s.changed, s.interrupts
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
		case failed != nil && !retry:
			return nil, failed.d
		case p != nil && !p.isGone():
			return p, nil
		}
		retry = false // what fails from now on has been tried for this caller
		select {
		case <-changed:
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-interrupts:
			return nil, errInterrupted
		}
	}
}

// Interrupt asks the running cells to stop, and ends the session process if they
// have not within the grace, or if it is called again while they have not.
func (s *Supervisor) Interrupt() {
	s.mu.Lock()
	close(s.interrupts)
	s.interrupts = make(chan struct{})
	p := s.live
	s.mu.Unlock()
	p.interrupt(func(*call) bool { return true }, frame{Op: opInterruptAll})
}
