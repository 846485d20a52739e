package supervisor

import (
	"context"

	"github.com/adabc437/fanout/interp/session"
)

// A call is a request that the child has not answered.
type call struct {
	id   uint64
	op   op
	done chan struct{} // closed after the last event was emitted

	// Of execute and comm calls.
	cell   *cell
	ctx    context.Context
	onDone func(f frame) // runs before done is closed, in the reader

	// Guarded by the process's mutex.
	started     bool
	interrupted uint64 // the number of the interrupt that it was asked to stop by

	// Set before done is closed.
	reply frame
	err   error // errGone, or why the reply is unusable
}

// dies says whether the death of the process is the call's own end. Otherwise it
// has not started, and can be made again.
func (c *call) dies() bool { return c.started || c.interrupted != 0 }

// complete ends the call. It is called once.
func (c *call) complete(f frame, err error) {
	c.reply, c.err = f, err
	if err == nil && f.Err == nil && c.onDone != nil {
		c.onDone(f)
	}
	close(c.done)
}

// result puts the reply into v, unless the call failed.
func (c *call) result(v any) error {
	if c.err != nil {
		return c.err
	}
	if err := c.reply.Err.unpack(); c.reply.Err != nil {
		return err
	}
	if v == nil {
		return nil
	}
	return c.reply.decode(v)
}

// ask puts an input request of the child to the user, in a goroutine of its own.
func (p *process) ask(c *call, cl *cell, in inputBody) {
	parent := context.Background()
	if c != nil {
		parent = c.ctx
	}
	ctx, cancel := context.WithCancel(parent)
	p.mu.Lock()
	p.asking[in.Seq] = cancel
	p.mu.Unlock()
	p.askers.Go(func() {
		defer cancel()
		line, err := "", error(session.ErrNoInput)
		if cl != nil {
			line, err = cl.out.Input(ctx, in.Prompt, in.Password)
		}
		p.mu.Lock()
		delete(p.asking, in.Seq)
		p.mu.Unlock()
		f, ferr := newFrame(opInputReply, in.Seq, line)
		if ferr != nil {
			f, err = frame{Op: opInputReply, ID: in.Seq}, ferr
		}
		f.Err = toWire(err)
		_ = p.outbox.send(f) // errGone: nobody waits any more
	})
}
