package cpu

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"
	"unsafe"

	"github.com/adabc437/fanout/parallel/device/backend"
)

// A queue has a goroutine that runs its commands, one behind the other.
type queue struct {
	device  *device
	mu      sync.Mutex
	wake    sync.Cond
	list    []*event // those that have not ended; the first one runs
	closed  bool
	aborted bool // the device is closed: what waits is not run
}

// Queue makes a queue.
func (d *device) Queue() (backend.Queue, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed {
		return nil, errClosed
	}
	q := &queue{device: d}
	q.wake.L = &q.mu
	d.open[q] = true
	d.queues.Go(q.run)
	return q, nil
}

// Free ends the queue behind the commands that it has.
func (q *queue) Free() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed = true
	q.wake.Signal()
}

// abort ends the queue, what it runs, and what waits there.
func (q *queue) abort() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed, q.aborted = true, true
	for _, e := range q.list {
		e.halt(errClosed)
	}
	q.wake.Signal()
}

func (q *queue) isAborted() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.aborted
}

// usable says whether the queue takes commands. Its lock is held.
func (q *queue) usable() error {
	switch {
	case q.aborted:
		return errClosed
	case q.closed:
		return fmt.Errorf("%w: the queue", errFreed)
	}
	return nil
}

// Flush does nothing: commands run as soon as they can.
func (q *queue) Flush() error {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.usable()
}

func (q *queue) run() {
	for e := q.next(); e != nil; e = q.next() {
		q.end(e, e.run())
	}
	q.device.mu.Lock()
	delete(q.device.open, q)
	q.device.mu.Unlock()
}

// next waits for a command; nil: there will be none.
func (q *queue) next() *event {
	q.mu.Lock()
	defer q.mu.Unlock()
	for len(q.list) == 0 {
		if q.closed {
			return nil
		}
		q.wake.Wait()
	}
	return q.list[0]
}

// end takes note of how a command has ended.
func (q *queue) end(e *event, err error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.list[0] = nil
	q.list = q.list[1:]
	if errors.Is(err, errStopped) {
		err = e.why
	}
	e.err = err
	close(e.done)
}

// add gives a command to the queue.
func (q *queue) add(do func(e *event) error) (backend.Event, error) {
	e := &event{queue: q, do: do, done: make(chan struct{}), queued: q.device.now()}
	q.mu.Lock()
	defer q.mu.Unlock()
	if err := q.usable(); err != nil {
		return nil, err
	}
	q.list = append(q.list, e)
	q.wake.Signal()
	return e, nil
}

// halt asks the kernels to stop that stand before a command, and its own.
func (q *queue) halt(e *event, why error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for i, other := range q.list {
		if other == e {
			for _, before := range q.list[:i+1] {
				before.halt(why)
			}
		}
	}
}

// An event is a command.
type event struct {
	queue *queue
	do    func(e *event) error
	stop  atomic.Bool // the kernel shall end
	why   error       // that it shall; the queue's lock guards it
	done  chan struct{}

	// Set before done is closed.
	err                  error
	queued, began, ended time.Duration
}

// halt asks the command's kernel to stop. The queue's lock is held.
func (e *event) halt(why error) {
	if e.why == nil {
		e.why = why
		e.stop.Store(true)
	}
}

func (e *event) run() error {
	e.began = e.queue.device.now()
	err := e.do(e)
	e.ended = e.queue.device.now()
	e.do = nil
	return err
}

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
	why := because(ctx)
	e.queue.halt(e, why)
	<-e.done
	if e.err != nil {
		return e.err
	}
	return why // what is before it in the queue may have been stopped
}

// because is why a context has ended.
func because(ctx context.Context) error {
	err, cause := ctx.Err(), context.Cause(ctx)
	if cause == nil || cause == err {
		return err
	}
	return fmt.Errorf("%w: %w", err, cause)
}

func (e *event) Times() (queued, began, ended time.Duration) {
	select {
	case <-e.done:
		return e.queued, e.began, e.ended
	default:
		return 0, 0, 0
	}
}

// region is a part of a buffer as bytes.
func (q *queue) region(b backend.Buffer, offset, size int64) ([]byte, error) {
	buf, ok := b.(*buffer)
	if !ok || buf == nil {
		return nil, fmt.Errorf("cpu: %T is no buffer of this device", b)
	}
	if buf.device != q.device {
		return nil, fmt.Errorf("cpu: the buffer belongs to another device")
	}
	words, err := buf.get()
	if err != nil {
		return nil, err
	}
	if offset < 0 || size < 0 || offset > buf.size || size > buf.size-offset {
		return nil, fmt.Errorf("cpu: %d bytes at %d lie outside of a buffer of %d bytes", size, offset, buf.size)
	}
	return unsafe.Slice((*byte)(unsafe.Pointer(&words[0])), buf.size)[offset : offset+size : offset+size], nil
}

// copyPart is how many bytes are copied before a look whether to stop.
const copyPart = 16 << 20

func (q *queue) copy(dst, src []byte) (backend.Event, error) {
	return q.add(func(e *event) error {
		for len(src) > 0 {
			switch n := min(len(src), copyPart); {
			case q.isAborted():
				return errClosed
			case e.stop.Load():
				return errStopped
			default:
				copy(dst, src[:n])
				dst, src = dst[n:], src[n:]
			}
		}
		return nil
	})
}

func (q *queue) Write(dst backend.Buffer, offset int64, src []byte) (backend.Event, error) {
	to, err := q.region(dst, offset, int64(len(src)))
	if err != nil {
		return nil, err
	}
	return q.copy(to, src)
}

func (q *queue) Read(dst []byte, src backend.Buffer, offset int64) (backend.Event, error) {
	from, err := q.region(src, offset, int64(len(dst)))
	if err != nil {
		return nil, err
	}
	return q.copy(dst, from)
}

func (q *queue) Copy(dst backend.Buffer, dstOffset int64, src backend.Buffer, srcOffset, size int64) (backend.Event, error) {
	to, err := q.region(dst, dstOffset, size)
	if err != nil {
		return nil, err
	}
	from, err := q.region(src, srcOffset, size)
	if err != nil {
		return nil, err
	}
	return q.copy(to, from)
}

// LaunchSource is not supported: there are no programs of BuildSource.
func (q *queue) LaunchSource(backend.Kernel, []int64, []int64, []backend.Arg) (backend.Event, error) {
	return nil, fmt.Errorf("cpu: kernels in OpenCL C: %w", backend.ErrUnsupported)
}
