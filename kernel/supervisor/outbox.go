package supervisor

import (
	"errors"
	"io"
	"sync"
)

// outboxLimit bounds what waits for a child that does not read.
const outboxLimit = 2 * maxFrame

var errOutboxFull = errors.New("the session process does not take requests")

// An outbox writes to the child, so that nobody waits for the child to read.
type outbox struct {
	w    io.WriteCloser
	done chan struct{}

	mu     sync.Mutex
	more   sync.Cond
	queue  [][]byte
	size   int
	closed bool
}

func newOutbox(w io.WriteCloser) *outbox {
	o := &outbox{w: w, done: make(chan struct{})}
	o.more.L = &o.mu
	go o.run()
	return o
}

// send queues f. Frames are written in the order of the calls.
func (o *outbox) send(f frame) error {
	raw, err := encodeFrame(f)
	if err != nil {
		return err
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.closed {
		return errGone
	}
	if o.size+len(raw) > outboxLimit {
		return errOutboxFull
	}
	o.queue = append(o.queue, raw)
	o.size += len(raw)
	o.more.Signal()
	return nil
}

// run writes until the outbox is closed. When the child is gone it goes on
// emptying the queue: its death is noticed elsewhere.
func (o *outbox) run() {
	defer close(o.done)
	for {
		o.mu.Lock()
		for len(o.queue) == 0 && !o.closed {
			o.more.Wait()
		}
		queue := o.queue
		o.queue, o.size = nil, 0
		closed := o.closed
		o.mu.Unlock()
		if closed {
			return
		}
		for _, raw := range queue {
			if _, err := o.w.Write(raw); err != nil {
				break
			}
		}
	}
}

// close closes the pipe at once, which tells the child to end, and drops what is
// queued.
func (o *outbox) close() {
	o.mu.Lock()
	first := !o.closed
	o.closed = true
	o.more.Signal()
	o.mu.Unlock()
	if first {
		_ = o.w.Close()
	}
	<-o.done
}
