package kernels

import (
	"context"
	"encoding/json"
	"fmt"
	"sync/atomic"

	"github.com/adabc437/fanout/kernel"
	"github.com/adabc437/fanout/kernel/wire"
)

// A run is the life of one session of a Kernel: it carries what the session's
// kernel says to the clients.
type run struct {
	of     *Kernel
	kernel *kernel.Kernel
	over   atomic.Bool // what still comes is dropped
	// cells counts the busy statuses of cells that have no idle yet, by the message
	// that caused them. Kernel.mu guards it.
	cells map[string]int
}

var _ kernel.Transport = (*run)(nil)

// Send implements kernel.Transport.
func (r *run) Send(_ context.Context, ch wire.Channel, m *wire.Message) error {
	if len(m.Identities) == 0 {
		return fmt.Errorf("%s names no client", m.Type())
	}
	if r.over.Load() {
		return ErrGone
	}
	r.of.mu.Lock()
	defer r.of.mu.Unlock()
	c := r.of.clients[string(m.Identities[0])]
	if c == nil {
		return fmt.Errorf("%s: its client is gone", m.Type())
	}
	return c.put(ch, m, kernel.Reliable)
}

// Publish implements kernel.Transport.
func (r *run) Publish(m *wire.Message, class kernel.Class) {
	if r.over.Load() {
		return
	}
	r.of.mu.Lock()
	defer r.of.mu.Unlock()
	r.track(m)
	r.of.send(m, class)
}

// track keeps the Kernel's status: it is busy while a cell or a comm message is
// being worked on, and not because something is asked beside a cell or the like.
func (r *run) track(m *wire.Message) {
	if m.Type() != "status" {
		return
	}
	switch m.Parent.MsgType {
	case "execute_request", "comm_open", "comm_msg":
	default:
		return
	}
	var s wire.KernelStatus
	if json.Unmarshal(m.Content, &s) != nil {
		return
	}
	id := m.Parent.Session + "/" + m.Parent.MsgID
	switch Status(s.ExecutionState) {
	case Busy:
		r.cells[id]++
	case Idle:
		if r.cells[id]--; r.cells[id] <= 0 {
			delete(r.cells, id)
		}
	}
	switch {
	case r.of.current != r: // it is being closed
	case len(r.cells) > 0:
		r.of.become(Busy)
	default:
		r.of.become(Idle)
	}
}
