package supervisor

import (
	"context"
	"errors"

	"github.com/adabc437/fanout/interp/session"
)

// question is a request that runs no cell. A process that dies over it ends it
// with an error.
func (s *Supervisor) question(ctx context.Context, o op, body, v any) error {
	p, err := s.acquire(ctx, nil)
	if err != nil {
		return err
	}
	return s.answer(p.call(ctx, o, body, v, nil))
}

// answer is the error of a question as the caller is to see it.
func (s *Supervisor) answer(err error) error {
	if errors.Is(err, errGone) && s.isOver() {
		return session.ErrClosed
	}
	return err
}

// Complete asks the session process for completions.
func (s *Supervisor) Complete(ctx context.Context, code string, offset int) (session.Completion, error) {
	var c session.Completion
	err := s.question(ctx, opComplete, codeBody{Code: code, Offset: offset}, &c)
	return c, err
}

// Inspect asks the session process what the name at offset is.
func (s *Supervisor) Inspect(ctx context.Context, code string, offset, detail int) (session.Inspection, error) {
	var i session.Inspection
	err := s.question(ctx, opInspect, codeBody{Code: code, Offset: offset, Detail: detail}, &i)
	return i, err
}

// IsComplete asks the session process whether code can run as it stands.
func (s *Supervisor) IsComplete(ctx context.Context, code string) (session.Completeness, error) {
	var c session.Completeness
	err := s.question(ctx, opIsComplete, codeBody{Code: code}, &c)
	return c, err
}

// Comm hands the session process a message for a comm. What its handler prints
// while no cell runs in the main shell goes to out, too.
func (s *Supervisor) Comm(ctx context.Context, m session.CommMessage, out session.Output) error {
	p, err := s.acquire(ctx, nil)
	if err != nil {
		return err
	}
	cl := &cell{out: out, shell: commShell}
	p.feed.begin(cl)
	defer p.feed.end(cl)
	return s.answer(p.call(ctx, opComm, m, nil, cl, m.Buffers...))
}

// commShell is the shell of what stands for a comm handler among the cells. No
// subshell has it for an id.
const commShell = "comm handler"

// Comms asks the session process for its comms.
func (s *Supervisor) Comms(ctx context.Context, target string) (map[string]string, error) {
	comms := map[string]string{}
	err := s.question(ctx, opComms, target, &comms)
	return comms, err
}

// Restore has the session process take over the past, and remembers it for its
// successors.
func (s *Supervisor) Restore(ctx context.Context, past session.Past) error {
	err := s.question(ctx, opRestore, past, nil)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ledger.inherit(past)
	return err
}
