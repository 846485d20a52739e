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
	list    []*event
	wake    chan struct{} // has one when there is something new
	closed  bool
	abort   bool // what waits is not run
	current atomic.Pointer[event]
}

// Queue makes a queue.
func (d *device) Queue() (backend.Queue, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed {
		return nil, errClosed
	}
	q := &queue{device: d, wake: make(chan struct{}, 1)}
	d.open[q] = true
	d.queues.Go(q.run)
	return q, nil
}

func (q *queue) close(abort bool) {
	q.mu.Lock()
	q.closed, q.abort = true, q.abort || abort
	q.mu.Unlock()
	if e := q.current.Load(); abort && e != nil {
		e.stop.Store(true)
	}
	q.signal()
}

func (q *queue) aborted() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.abort
}

func (q *queue) signal() {
	select {
	case q.wake <- struct{}{}:
	default:
	}
}

// Free ends the queue behind the commands that it has.
func (q *queue) Free() { q.close(false) }

// Flush does nothing: commands run as soon as they can.
func (q *queue) Flush() error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed {
		return fmt.Errorf("%w: the queue", errFreed)
	}
	return nil
}

func (q *queue) run() {
	defer func() {
		q.device.mu.Lock()
		delete(q.device.open, q)
		q.device.mu.Unlock()
	}()
	for {
		q.mu.Lock()
		list, closed := q.list, q.closed
		q.list = nil
		q.mu.Unlock()
		for _, e := range list {
			q.current.Store(e)
			if q.aborted() {
				e.cancel(errClosed)
			}
			e.run()
		}
		switch {
		case len(list) > 0:
		case closed:
			return
		default:
			<-q.wake
		}
	}
}

// add gives a command to the queue.
func (q *queue) add(do func(e *event) error) (backend.Event, error) {
	e := &event{device: q.device, do: do, done: make(chan struct{}), queued: q.device.now()}
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed {
		if q.abort {
			return nil, errClosed
		}
		return nil, fmt.Errorf("%w: the queue", errFreed)
	}
	q.list = append(q.list, e)
	q.signal()
	return e, nil
}

// The states of an event.
const (
	waiting int32 = iota
	running
	cancelled
)

// An event is a command.
type event struct {
	device *device
	do     func(e *event) error
	state  atomic.Int32
	stop   atomic.Bool // the kernel shall end
	done   chan struct{}

	// Set before done is closed.
	err                  error
	queued, began, ended time.Duration
}

func (e *event) run() {
	if !e.state.CompareAndSwap(waiting, running) {
		return
	}
	e.began = e.device.now()
	e.err = e.do(e)
	e.ended = e.device.now()
	e.do = nil
	close(e.done)
}

// cancel ends a command that has not begun.
func (e *event) cancel(err error) bool {
	if !e.state.CompareAndSwap(waiting, cancelled) {
		return false
	}
	e.began = e.device.now()
	e.ended, e.err = e.began, err
	close(e.done)
	return true
}

func (e *event) Wait(ctx context.Context) error {
	select {
	case <-e.done:
		return e.err
	default:
	}
	select {
	case <-e.done:
	case <-ctx.Done():
		err := because(ctx)
		if e.cancel(err) {
			return err
		}
		e.stop.Store(true)
		<-e.done
		if errors.Is(e.err, errStopped) {
			return err
		}
	}
	return e.err
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
		return e.queued, 0, 0
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

func (q *queue) copy(dst, src []byte) (backend.Event, error) {
	return q.add(func(*event) error {
		copy(dst, src)
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
