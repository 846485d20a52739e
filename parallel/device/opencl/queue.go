package opencl

import (
	"errors"
	"fmt"
	"runtime"
	"sync"
	"time"
	"unsafe"

	"github.com/adabc437/fanout/parallel/device/backend"
)

// A queue is one of the driver's, whose commands run in order. A goroutine waits for them
// one after the other, and frees what they hold; it ends when the queue is freed and
// all its commands have ended.
type queue struct {
	dev *device
	id  uintptr
	// submit is held while commands are given to the driver, so that pending has their order.
	submit sync.Mutex

	mu      sync.Mutex
	wake    sync.Cond
	pending []*event
	calls   int // that may yet submit
	freed   bool

	ended time.Duration // when the last command did, by the device's clock; run alone uses it
}

var _ backend.Queue = (*queue)(nil)

// Queue makes a queue.
func (d *device) Queue() (backend.Queue, error) {
	context, err := d.enter()
	if err != nil {
		return nil, err
	}
	defer d.leave()
	id, err := d.newQueue(context)
	if err != nil {
		return nil, fmt.Errorf("opencl: %w", err)
	}
	q := &queue{dev: d, id: id}
	q.wake.L = &q.mu
	d.mu.Lock()
	d.queues[q] = struct{}{}
	d.mu.Unlock()
	d.running.Go(q.run)
	return q, nil
}

func (q *queue) run() {
	for e := q.next(); e != nil; e = q.next() {
		status := q.dev.await(q.id, e)
		q.mu.Lock()
		q.pending[0] = nil
		q.pending = q.pending[1:]
		stopped := e.stopped
		q.mu.Unlock()
		e.end(status, stopped)
		close(e.done)
	}
	q.dev.mu.Lock()
	delete(q.dev.queues, q)
	q.dev.mu.Unlock()
	q.dev.cl.releaseCommandQueue.do(q.id)
}

// next waits for a command; nil: there will be none.
func (q *queue) next() *event {
	q.mu.Lock()
	defer q.mu.Unlock()
	for len(q.pending) == 0 {
		q.pending = nil
		if q.freed && q.calls == 0 {
			return nil
		}
		q.wake.Wait()
	}
	return q.pending[0]
}

// Free ends the queue when its commands have ended.
func (q *queue) Free() {
	q.mu.Lock()
	q.freed = true
	q.wake.Signal()
	q.mu.Unlock()
}

// begin starts a call that gives commands to the driver, within enter and leave of the device.
func (q *queue) begin() error {
	q.mu.Lock()
	if q.freed {
		q.mu.Unlock()
		return errors.New("opencl: the queue was freed")
	}
	q.calls++
	q.mu.Unlock()
	q.submit.Lock()
	return nil
}

func (q *queue) end() {
	q.submit.Unlock()
	q.mu.Lock()
	q.calls--
	if q.freed {
		q.wake.Signal()
	}
	q.mu.Unlock()
}

func (q *queue) add(e *event) {
	q.mu.Lock()
	q.pending = append(q.pending, e)
	q.wake.Signal()
	q.mu.Unlock()
}

// stop asks the kernels to stop that stand before a command, and its own.
func (q *queue) stop(e *event, cause error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for i, p := range q.pending {
		if p == e {
			for _, p := range q.pending[:i+1] {
				p.stop(cause)
			}
			return
		}
	}
}

func (q *queue) stopAll(cause error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, p := range q.pending {
		p.stop(cause)
	}
}

// Write copies from the host to a buffer.
func (q *queue) Write(dst backend.Buffer, offset int64, src []byte) (backend.Event, error) {
	return q.transfer(&q.dev.cl.enqueueWriteBuffer, dst, offset, src)
}

// Read copies from a buffer to the host.
func (q *queue) Read(dst []byte, src backend.Buffer, offset int64) (backend.Event, error) {
	return q.transfer(&q.dev.cl.enqueueReadBuffer, src, offset, dst)
}

func (q *queue) transfer(f *function, b backend.Buffer, offset int64, host []byte) (backend.Event, error) {
	own, err := q.dev.bufferOf(b, offset, int64(len(host)))
	if err != nil {
		return nil, err
	}
	return q.command(f.name, []*memory{own.memory}, func(e *event) int32 {
		runtime.KeepAlive(own)
		if len(host) == 0 {
			return q.marker(e)
		}
		p := unsafe.Pointer(unsafe.SliceData(host))
		e.pins.Pin(p)
		return f.do(q.id, own.mem, 0, uintptr(offset), uintptr(len(host)), uintptr(p), 0, 0, uintptr(unsafe.Pointer(&e.last)))
	})
}

// Copy copies from one buffer to another. The parts must not overlap.
func (q *queue) Copy(dst backend.Buffer, dstOffset int64, src backend.Buffer, srcOffset, size int64) (backend.Event, error) {
	to, err := q.dev.bufferOf(dst, dstOffset, size)
	if err != nil {
		return nil, err
	}
	from, err := q.dev.bufferOf(src, srcOffset, size)
	if err != nil {
		return nil, err
	}
	if to == from && dstOffset < srcOffset+size && srcOffset < dstOffset+size {
		return nil, fmt.Errorf("opencl: copy of %d bytes from byte %d to byte %d of one buffer: the parts overlap", size, srcOffset, dstOffset)
	}
	f := &q.dev.cl.enqueueCopyBuffer
	return q.command(f.name, []*memory{to.memory, from.memory}, func(e *event) int32 {
		runtime.KeepAlive(to)
		runtime.KeepAlive(from)
		if size == 0 {
			return q.marker(e)
		}
		return f.do(q.id, from.mem, to.mem, uintptr(srcOffset), uintptr(dstOffset), uintptr(size), 0, 0, uintptr(unsafe.Pointer(&e.last)))
	})
}

// command gives one command to the driver and makes its event, which holds the memory.
func (q *queue) command(name string, uses []*memory, enqueue func(*event) int32) (backend.Event, error) {
	if _, err := q.dev.enter(); err != nil {
		return nil, err
	}
	defer q.dev.leave()
	e := newEvent(q, name)
	for _, m := range uses {
		if err := e.hold(m); err != nil {
			return nil, errors.Join(err, e.cancel())
		}
	}
	if err := q.begin(); err != nil {
		return nil, errors.Join(err, e.cancel())
	}
	defer q.end()
	if status := enqueue(e); status != success {
		return nil, errors.Join(q.dev.failed(status, name, 0), e.cancel())
	}
	q.add(e)
	return e, nil
}

// marker is a command that does nothing.
func (q *queue) marker(e *event) int32 {
	return q.dev.cl.enqueueMarkerWithWaitList.do(q.id, 0, 0, uintptr(unsafe.Pointer(&e.last)))
}

// Flush begins with the commands.
func (q *queue) Flush() error {
	if _, err := q.dev.enter(); err != nil {
		return err
	}
	defer q.dev.leave()
	if err := q.begin(); err != nil {
		return err
	}
	defer q.end()
	return q.dev.failed(q.dev.cl.flush.do(q.id), q.dev.cl.flush.name, 0)
}

// await waits until a command has ended and gives its status. Either the driver waits, or,
// where that would keep a core busy, the command's state is looked at: for a short time
// without a pause, then with pauses that are a sixteenth of the time so far, at most 1 ms.
func (d *device) await(queue uintptr, e *event) int32 {
	if !d.poll {
		if status := d.cl.waitForEvents.do(1, uintptr(unsafe.Pointer(&e.last))); status == success {
			return d.state(e, e.last)
		} else if status != codeWaitList {
			return status
		}
		return d.state(e, e.last)
	}
	d.cl.flush.do(queue)
	began := time.Now()
	for {
		if status := d.state(e, e.last); status <= 0 {
			return status
		}
		if passed := time.Since(began); passed < pollSpin {
			runtime.Gosched()
		} else {
			time.Sleep(min(passed/16, time.Millisecond))
		}
	}
}

// pollSpin is how long await looks without a pause.
const pollSpin = 200 * time.Microsecond

// state is a command's: 0 when it has ended, more before, less when it has failed.
func (d *device) state(e *event, id uintptr) int32 {
	if status := d.cl.getEventInfo.do(id, eventStatus, 4, uintptr(unsafe.Pointer(&e.state)), 0); status != success {
		return status
	}
	return e.state
}
