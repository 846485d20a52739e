package supervisor

import (
	"context"
	"errors"
	"fmt"

	"github.com/adabc437/fanout/interp/session"
)

// An output is what a request of the child emits to. It stays usable after the
// request has been answered.
type output struct {
	server *server
	id     uint64
}

var _ session.Output = (*output)(nil)

// Emit sends the event and waits until the parent has taken it: what is printed
// after Emit then comes after the event.
func (o *output) Emit(e session.Event) {
	var buffers [][]byte
	if e.Comm != nil {
		buffers = e.Comm.Buffers
	}
	seq, taken := o.server.wait()
	if err := o.server.send(opEvent, o.id, eventBody{seq, e}, nil, buffers...); err != nil {
		o.server.forget(seq)
		if e.Kind != session.Stream && o.server.ctx.Err() == nil {
			o.Emit(session.Event{Kind: session.Stream, Name: "stderr", Text: fmt.Sprintf("cannot send %s: %v\n", e.Kind, err)})
		}
		return
	}
	select {
	case <-taken:
	case <-o.server.ctx.Done():
	}
}

// Input asks the parent, and so the user, for a line.
func (o *output) Input(ctx context.Context, prompt string, password bool) (string, error) {
	seq, answered := o.server.wait()
	if err := o.server.send(opInput, o.id, inputBody{seq, prompt, password}, nil); err != nil {
		o.server.forget(seq)
		return "", err
	}
	select {
	case f := <-answered:
		if f.Err != nil {
			return "", f.Err.unpack()
		}
		var line string
		err := f.decode(&line)
		return line, err
	case <-ctx.Done():
		o.server.forget(seq)
		if err := o.server.send(opInputCancel, seq, nil, nil); err != nil {
			return "", errors.Join(ctx.Err(), err)
		}
		return "", ctx.Err()
	case <-o.server.ctx.Done():
		return "", o.server.ctx.Err()
	}
}
