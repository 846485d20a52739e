package supervisor

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/adabc437/fanout/interp/session"
)

// begin sends a request. cl is where its output goes, onDone what is done with
// its reply before anything else; both may be nil. It returns errGone if the
// process takes none any more.
func (p *process) begin(ctx context.Context, o op, body any, cl *cell, onDone func(frame), buffers ...[]byte) (*call, error) {
	f, err := newFrame(o, 0, body, buffers...)
	if err != nil {
		return nil, err
	}
	c := &call{op: o, done: make(chan struct{}), cell: cl, ctx: ctx, onDone: onDone}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.gone {
		return nil, errGone
	}
	p.next++
	c.id, f.ID = p.next, p.next
	if err := p.outbox.send(f); err != nil {
		return nil, err
	}
	p.calls[c.id] = c
	if cl != nil {
		p.cells[c.id] = cl
		p.recent = append(p.recent, c.id)
		p.forget()
	}
	return c, nil
}

// forget drops the cells of old calls that have ended. p.mu is held.
func (p *process) forget() {
	if len(p.recent) < 2*keptCells {
		return
	}
	old := len(p.recent) - keptCells
	kept := p.recent[:0]
	for i, id := range p.recent {
		if i < old && p.calls[id] == nil {
			delete(p.cells, id)
		} else {
			kept = append(kept, id)
		}
	}
	p.recent = kept
}

// call is a request whose reply is put into v. A call that ctx ends is cancelled in
// the child and not waited for.
func (p *process) call(ctx context.Context, o op, body, v any, cl *cell, buffers ...[]byte) error {
	c, err := p.begin(ctx, o, body, cl, nil, buffers...)
	if err != nil {
		return err
	}
	select {
	case <-c.done:
		return c.result(v)
	case <-ctx.Done():
		_ = p.outbox.send(frame{Op: opInterrupt, ID: c.id}) // errGone: nothing to cancel
		return ctx.Err()
	}
}

// handle acts on one frame of the child. An error ends the process.
func (p *process) handle(f frame) error {
	p.mu.Lock()
	c := p.calls[f.ID]
	cl := p.cells[f.ID]
	switch f.Op {
	case opStarted:
		if c != nil {
			c.started, p.used = true, true
		}
	case opReply:
		delete(p.calls, f.ID)
	case opHeard:
		var heard heardBody
		if f.decode(&heard) == nil {
			for _, ch := range p.unheard[f.ID] {
				ch <- heard.Patience
			}
			delete(p.unheard, f.ID)
		}
	case opInputCancel:
		if cancel := p.asking[f.ID]; cancel != nil {
			cancel()
		}
	}
	p.mu.Unlock()
	switch f.Op {
	case opStarted, opInputCancel, opHeard:
		return nil
	case opReply:
		if c == nil {
			return fmt.Errorf("%w: an answer to request %d, which there is not", errProtocol, f.ID)
		}
		if c.op == opExecute {
			p.feed.end(c.cell)
		}
		c.complete(f, nil)
		return nil
	case opEvent:
		return p.takeEvent(f, cl)
	case opInput:
		var in inputBody
		if err := f.decode(&in); err != nil {
			return err
		}
		p.feed.settle()
		p.ask(c, cl, in)
		return nil
	}
	return fmt.Errorf("%w: unexpected %q", errProtocol, f.Op)
}

func (p *process) takeEvent(f frame, cl *cell) error {
	var body eventBody
	if err := f.decode(&body); err != nil {
		return err
	}
	if body.Event.Comm != nil {
		body.Event.Comm.Buffers = f.Buffers
	}
	if body.Event.Kind == session.Commit {
		p.commit(p, body.Event)
	} else {
		p.feed.event(cl, body.Event)
	}
	_ = p.outbox.send(frame{Op: opAck, ID: body.Seq}) // errGone: nobody waits
	return nil
}

// interrupt asks the child to stop the calls, and ends the process if they have
// not ended within the grace, or if one of them was asked before. number, never
// 0, tells one interrupt from another. The grace begins when the child has heard of
// it, and is longer while a device keeps a call.
func (p *process) interrupt(number uint64, which func(*call) bool, request frame) {
	p.mu.Lock()
	var calls []*call
	again, fresh := false, false
	for _, c := range p.calls {
		if c.op == opExecute && which(c) {
			again = again || (c.interrupted != 0 && c.interrupted != number)
			fresh = fresh || c.interrupted == 0
			c.interrupted = number
			calls = append(calls, c)
		}
	}
	if fresh && !again {
		heard := make(chan time.Duration, 1)
		p.unheard[number] = append(p.unheard[number], heard) // shells may share a number
		p.askers.Go(func() { p.awaitStop(calls, number, heard) })
	}
	p.mu.Unlock()
	switch {
	case again:
		p.kill(verdict{reason: interrupted})
	case fresh:
		if body, err := marshal(stopBody{number}); err == nil {
			request.Body = body
		}
		_ = p.outbox.send(request) // errGone: it ends anyway
	}
}

// awaitStop waits for the end of calls that were asked to stop, and ends the process when
// it is over with its patience. Programs of the cells are signalled once the child has heard;
// where a device keeps a cell they would take a driver's compiler with them, and so only
// when its time is over.
func (p *process) awaitStop(calls []*call, number uint64, heard chan time.Duration) {
	defer func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		left := slices.DeleteFunc(p.unheard[number], func(ch chan time.Duration) bool { return ch == heard })
		if p.unheard[number] = left; len(left) == 0 {
			delete(p.unheard, number)
		}
	}()
	allowed := p.grace + deafGrace
	timer := time.NewTimer(allowed)
	defer timer.Stop()
	spared := false
	for len(calls) > 0 {
		select {
		case <-calls[0].done:
			calls = calls[1:]
		case patience := <-heard:
			if spared = patience > 0; !spared {
				interruptGroup(p.cmd.Process)
			}
			allowed = p.grace + min(max(patience, 0), maxPatience)
			timer.Reset(allowed)
		case <-timer.C:
			if spared {
				spared = false
				interruptGroup(p.cmd.Process)
				allowed += p.grace
				timer.Reset(p.grace)
				continue
			}
			p.kill(verdict{reason: interrupted, waited: allowed})
			return
		}
	}
	select {
	case patience := <-heard: // it came with the end of the last call
		if patience <= 0 {
			interruptGroup(p.cmd.Process)
		}
	default:
	}
}
