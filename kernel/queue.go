package kernel

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/adabc437/fanout/kernel/wire"
)

// The bounds of a queue, beyond which requests are refused.
const (
	maxQueued      = 10_000
	maxQueuedBytes = 512 << 20
)

// lateness is for how long after a failed cell requests may still arrive that
// their sender sent before it could know of the failure.
const lateness = 100 * time.Millisecond

// A queue holds the requests of one shell, or those of the control channel, and
// serves them one after the other.
type queue struct {
	k       *Kernel
	channel wire.Channel
	shell   string // the subshell's id

	mu     sync.Mutex
	ready  sync.Cond // items or closed changed
	items  []item
	bytes  int // of the items
	closed bool
	// cells says that cells have come, and others that other requests have.
	cells, others bool
	// stopped says that what is taken up from now on ends at once.
	stopped bool
	// cancel ends the request that is being served, and inSession says that it is a
	// cell that the session runs, which has an interrupt of its own.
	cancel    context.CancelFunc
	inSession bool
	failed    time.Time // when a cell failed last that aborts those behind it
}

// An item is a request that waits. An aborted one is answered but not served.
type item struct {
	msg     *wire.Message
	aborted bool
}

func newQueue(k *Kernel, ch wire.Channel, shell string) *queue {
	q := &queue{k: k, channel: ch, shell: shell}
	q.ready.L = &q.mu
	return q
}

// push puts m at the end, or refuses it.
func (q *queue) push(m *wire.Message) {
	if err := q.add(m); err != nil {
		q.request(m).refuse(err)
	}
}

func (q *queue) add(m *wire.Message) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	size := len(m.Content)
	for _, b := range m.Buffers {
		size += len(b)
	}
	switch {
	case q.closed:
		return &protocolError{"KernelEnded", "this kernel or subshell is being shut down"}
	case len(q.items) >= maxQueued, len(q.items) > 0 && q.bytes+size > maxQueuedBytes:
		return &protocolError{"QueueFull", fmt.Sprintf("%d requests are waiting: wait for some to end, or interrupt the kernel", len(q.items))}
	}
	if m.Type() == "execute_request" {
		q.cells = true
	} else {
		q.others = true
	}
	q.items = append(q.items, item{m, q.isLate(m)})
	q.bytes += size
	q.ready.Signal()
	return nil
}

// forCells says that cells may come: front ends also make subshells for comms alone.
func (q *queue) forCells() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.shell == "" || q.cells || !q.others
}

// isLate says whether m is a cell that was sent before its sender could know that
// the one before it failed, and that arrived after it: it belongs to what the
// failure aborts.
func (q *queue) isLate(m *wire.Message) bool {
	if m.Type() != "execute_request" || q.failed.IsZero() || time.Since(q.failed) > lateness {
		return false
	}
	sent := m.Header.Time()
	return !sent.IsZero() && sent.Before(q.failed)
}

// abort makes the cells that wait be answered as aborted.
//
// https://jupyter-client.readthedocs.io/en/stable/messaging.html#request-reply
func (q *queue) abort() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.failed = time.Now()
	for i := range q.items {
		if q.items[i].msg.Type() == "execute_request" {
			q.items[i].aborted = true
		}
	}
}

// run serves requests until the queue is closed and empty.
func (q *queue) run() {
	for {
		it, ok := q.next()
		if !ok {
			return
		}
		q.serve(it)
	}
}

func (q *queue) next() (item, bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for len(q.items) == 0 {
		if q.closed {
			return item{}, false
		}
		q.ready.Wait()
	}
	it := q.items[0]
	q.items[0] = item{}
	q.items = q.items[1:]
	q.bytes -= len(it.msg.Content)
	for _, b := range it.msg.Buffers {
		q.bytes -= len(b)
	}
	return it, true
}

func (q *queue) serve(it item) {
	r := q.request(it.msg)
	ctx, cancel := context.WithCancel(q.k.ctx)
	r.ctx = ctx
	q.mu.Lock()
	q.cancel = cancel
	if q.stopped {
		cancel() // stop came between next and here
	}
	q.mu.Unlock()
	r.serve(it.aborted)
	q.mu.Lock()
	q.cancel = nil
	q.mu.Unlock()
	cancel()
}

func (q *queue) request(m *wire.Message) *request {
	return &request{k: q.k, queue: q, channel: q.channel, ctx: q.k.ctx, msg: m}
}

// interrupt ends the request being served, unless the session has it, which the
// caller interrupts itself: a cell that was interrupted twice would be killed.
func (q *queue) interrupt() {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.cancel != nil && !q.inSession {
		q.cancel()
	}
}

// enterSession says that from now on the session is to be interrupted, and
// leaveSession ends that.
func (q *queue) enterSession() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.inSession = true
}

func (q *queue) leaveSession() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.inSession = false
}

// close refuses new requests and aborts those that wait.
func (q *queue) close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed = true
	for i := range q.items {
		q.items[i].aborted = true
	}
	q.ready.Broadcast()
}

// stop closes the queue and ends the request being served.
func (q *queue) stop() {
	q.close()
	q.mu.Lock()
	defer q.mu.Unlock()
	q.stopped = true
	if q.cancel != nil {
		q.cancel()
	}
}
