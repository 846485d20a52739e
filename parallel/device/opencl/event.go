package opencl

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"time"
	"unsafe"

	"github.com/adabc437/fanout/parallel/device/backend"
)

// An event is a command that was given to a queue; of a launch, all of its commands.
type event struct {
	queue *queue
	call  string  // of the driver, for errors
	last  uintptr // the driver's event behind which nothing of the command is left to do
	done  chan struct{}

	// Until done:
	held  []*memory
	pins  runtime.Pinner
	parts []part
	// stopped is why the kernel was asked to stop; the queue's lock guards it.
	stopped error
	space   struct {
		held [4]*memory
		part [1]part
	}
	state int32 // the driver writes it
	times [4]uint64
	fresh bool // a launch with groups of a size that the kernel had not been launched with

	// From done on:
	err                    error
	queued, began, endedAt time.Duration
	prepared               time.Duration
}

// A part of a launch is one command: no more indices go into one than an int counts.
type part struct {
	base    int64
	kernel  *Kernel
	id      uintptr // the driver's event of the kernel
	scratch *scratch
}

var _ interface {
	backend.Event
	backend.Preparer
} = (*event)(nil)

func newEvent(q *queue, call string) *event {
	e := &event{queue: q, call: call, done: make(chan struct{})}
	e.held, e.parts = e.space.held[:0], e.space.part[:0]
	return e
}

func (e *event) hold(m *memory) error {
	if err := m.hold(); err != nil {
		return err
	}
	e.held = append(e.held, m)
	return nil
}

// cancel lets go of what an event holds whose command the driver did not take.
func (e *event) cancel() error {
	e.letGo()
	return nil
}

// forget releases the last event so far, if it is not the one of a kernel: there will be
// a later one.
func (e *event) forget() {
	for _, p := range e.parts {
		if p.id == e.last {
			e.last = 0
		}
	}
	if e.last != 0 {
		e.queue.dev.cl.releaseEvent.do(e.last)
	}
	e.last = 0
}

func (e *event) letGo() {
	d := e.queue.dev
	e.pins.Unpin()
	for _, m := range e.held {
		m.drop()
	}
	for _, p := range e.parts {
		if p.id != 0 && p.id != e.last {
			d.cl.releaseEvent.do(p.id)
		}
		if p.scratch != nil {
			d.giveScratch(p.scratch)
		}
	}
	if e.last != 0 {
		d.cl.releaseEvent.do(e.last)
	}
	e.held, e.parts = nil, nil
}

// Wait waits until the command has ended. When ctx ends first, the kernels that stand
// before the command in its queue are asked to stop, and its own: it could not end else.
func (e *event) Wait(ctx context.Context) error {
	select {
	case <-e.done:
		return e.err
	default:
	}
	select {
	case <-e.done:
		return e.err
	case <-ctx.Done():
	}
	cause := ended(ctx)
	e.queue.stop(e, cause)
	timer := time.NewTimer(e.queue.dev.grace)
	defer timer.Stop()
	select {
	case <-e.done:
		if e.err != nil {
			return e.err
		}
		return cause
	case <-timer.C:
		return fmt.Errorf("opencl: %w: %w", cause, backend.ErrAbandoned)
	}
}

// ended is why a context has ended.
func ended(ctx context.Context) error {
	err, cause := ctx.Err(), context.Cause(ctx)
	if errors.Is(cause, err) {
		return cause
	}
	return fmt.Errorf("%w: %w", err, cause)
}

// Times says when the command was queued, began and ended; they are 0 until it has ended.
func (e *event) Times() (queued, began, ended time.Duration) {
	select {
	case <-e.done:
		return e.queued, e.began, e.endedAt
	default:
		return 0, 0, 0
	}
}

// Prepared is how long the first launch with a size of groups waited when the driver had
// it, and the command in front had ended: PoCL compiles it then.
func (e *event) Prepared() time.Duration {
	select {
	case <-e.done:
		return e.prepared
	default:
		return 0
	}
}

// stop asks the event's kernel to stop. The queue's lock is held.
func (e *event) stop(cause error) {
	for _, p := range e.parts {
		if e.stopped == nil {
			e.stopped = cause
		}
		p.scratch.stop(e.queue.dev)
	}
}

// end takes note of how the command has ended, and lets go of what it held.
func (e *event) end(status int32, stopped error) {
	d := e.queue.dev
	first, final := e.last, e.last
	for i, p := range e.parts {
		if p.id == 0 { // the driver did not take it
			continue
		}
		if i == 0 {
			first = p.id
		}
		final = p.id
		if s := d.state(e, p.id); s < 0 && status == success {
			status = s
		}
	}
	e.err = d.failed(status, e.call, 0)
	if e.err == nil {
		e.err = stopped
	}
	if e.err == nil {
		e.err = e.fault()
	} else {
		for _, p := range e.parts {
			p.scratch.dirty = true
		}
	}
	e.profile(0, first, profilingQueued)
	e.profile(1, first, profilingStarted)
	e.profile(2, final, profilingEnded)
	e.queued, e.began, e.endedAt = time.Duration(e.times[0]), time.Duration(e.times[1]), time.Duration(e.times[2])
	if e.fresh {
		e.profile(3, first, profilingGiven)
		e.prepared = max(0, e.began-max(time.Duration(e.times[3]), e.queue.ended))
	}
	e.queue.ended = e.endedAt
	e.letGo()
}

func (e *event) profile(i int, id, what uintptr) {
	f := &e.queue.dev.cl.getEventProfilingInfo
	if f.do(id, what, 8, uintptr(unsafe.Pointer(&e.times[i])), 0) != success {
		e.times[i] = 0
	}
}

// fault is the failed task with the least index of a launch.
func (e *event) fault() error {
	var found *backend.FaultError
	for _, p := range e.parts {
		if !p.kernel.ir.Fails {
			continue
		}
		sites := p.kernel.program.ir.Sites
		for i, at := range p.scratch.host[:len(sites)] {
			if at == noFault {
				continue
			}
			p.scratch.dirty = true
			if index := p.base + int64(at); found == nil || index < found.Index {
				found = &backend.FaultError{Index: index, Site: sites[i]}
			}
		}
	}
	if found == nil {
		return nil
	}
	return found
}
