package device

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"runtime"
	"time"

	"github.com/adabc437/fanout/parallel/device/backend"
)

// A work is the commands of one call, in two lanes that take turns: while one copies, the
// other computes.
type work struct {
	device  *Device
	profile *Profile
	lanes   [2]*lane
	turn    int
	own     []backend.Buffer // freed at the end
}

// A lane is a queue with its buffers, which each chunk of it uses again.
type lane struct {
	work    *work
	queue   backend.Queue
	buffers []backend.Buffer
	used    int
	pending []pending
	// stuck says that a command did not end when it was asked to: those behind it cannot.
	stuck bool
}

// pending is a command that was given to a queue.
type pending struct {
	event    backend.Event
	enqueued time.Time
	step     Step
	memory   []byte // which has to stay until then
	then     func()
	explain  func(*backend.FaultError) error // nil: the error is as it is
}

func newWork(d *Device, p *Profile) *work { return &work{device: d, profile: p} }

// end frees the queues and buffers, when their commands have ended.
func (w *work) end() {
	for _, l := range w.lanes {
		if l == nil {
			continue
		}
		for _, p := range l.pending { // of a call that has failed
			if l.stuck {
				break
			}
			l.stuck = errors.Is(p.event.Wait(stopped), backend.ErrAbandoned)
		}
		l.queue.Free()
		for _, b := range l.buffers {
			b.Free()
		}
	}
	for _, b := range w.own {
		b.Free()
	}
}

// stopped is a context that has ended: commands are asked to stop.
var stopped = func() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}()

// lane is lane number i.
func (w *work) lane(i int) (*lane, error) {
	if w.lanes[i] == nil {
		q, err := w.device.Queue()
		if err != nil {
			return nil, err
		}
		w.lanes[i] = &lane{work: w, queue: q}
	}
	return w.lanes[i], nil
}

// next is the lane of the next chunk, when what it did before is done.
func (w *work) next(ctx context.Context) (*lane, error) {
	if err := over(ctx); err != nil {
		return nil, err
	}
	l, err := w.lane(w.turn)
	if err != nil {
		return nil, err
	}
	w.turn = 1 - w.turn
	l.used = 0
	return l, l.wait(ctx)
}

// over is the error of a context that has ended: commands that are done do not look at it.
func over(ctx context.Context) error {
	err, cause := ctx.Err(), context.Cause(ctx)
	if err == nil || cause == err {
		return err
	}
	return fmt.Errorf("%w: %w", err, cause)
}

// wait waits for all commands.
func (w *work) wait(ctx context.Context) error {
	for i := range w.lanes { // the lane that is to be next has the older commands
		if l := w.lanes[(w.turn+i)%2]; l != nil {
			if err := l.wait(ctx); err != nil {
				return err
			}
		}
	}
	return nil
}

func (l *lane) wait(ctx context.Context) error { return l.waitFor(ctx, 0) }

// waitFor waits until at most so many commands have not ended.
func (l *lane) waitFor(ctx context.Context, most int) error {
	for len(l.pending) > most {
		p := l.pending[0]
		l.pending = l.pending[1:]
		err := p.event.Wait(ctx)
		l.stuck = l.stuck || errors.Is(err, backend.ErrAbandoned)
		runtime.KeepAlive(p.memory)
		var fault *backend.FaultError
		if errors.As(err, &fault) && p.explain != nil {
			return p.explain(fault)
		}
		if err != nil {
			return err
		}
		l.work.profile.add(p.event, p.enqueued, p.step)
		if p.then != nil {
			p.then()
		}
	}
	return nil
}

// buffer is a buffer of at least so many bytes, which the lane's next chunk may use again.
func (l *lane) buffer(size int64) (backend.Buffer, error) {
	size = max(1, size)
	if l.used < len(l.buffers) {
		if b := l.buffers[l.used]; b.Size() >= size {
			l.used++
			return b, nil
		}
		l.buffers[l.used].Free()
	} else {
		l.buffers = append(l.buffers, nil)
	}
	b, err := l.work.device.alloc(size)
	if err != nil {
		l.buffers = append(l.buffers[:l.used], l.buffers[l.used+1:]...)
		return nil, err
	}
	l.buffers[l.used] = b
	l.used++
	return b, nil
}

// in copies bytes, of tasks lo to hi, to the device.
func (l *lane) in(bytes []byte, lo, hi int64) (backend.Arg, error) {
	b, err := l.buffer(int64(len(bytes)))
	if err != nil || len(bytes) == 0 {
		return backend.Arg{Buffer: b}, err
	}
	return backend.Arg{Buffer: b}, l.write(bytes, b, lo, hi)
}

// write copies bytes into a buffer.
func (l *lane) write(bytes []byte, b backend.Buffer, lo, hi int64) error {
	return l.writeAt(bytes, b, 0, lo, hi)
}

func (l *lane) writeAt(bytes []byte, b backend.Buffer, offset, lo, hi int64) error {
	p := pending{memory: bytes, step: Step{Stage: CopyIn, First: lo, Count: hi - lo, Bytes: int64(len(bytes))}}
	return l.give(p, func(q backend.Queue) (backend.Event, error) { return q.Write(b, offset, bytes) })
}

// start notes a command that f gives to the queue.
func (l *lane) start(step Step, f func(backend.Queue) (backend.Event, error)) error {
	return l.give(pending{step: step}, f)
}

// give is start, with more than the step to be noted.
func (l *lane) give(p pending, f func(backend.Queue) (backend.Event, error)) (err error) {
	p.enqueued = time.Now()
	if p.event, err = f(l.queue); err == nil {
		l.pending = append(l.pending, p)
	}
	return err
}

// out copies a buffer, with what tasks lo to hi gave, from the device.
func (l *lane) out(bytes []byte, b backend.Buffer, lo, hi int64) error {
	if len(bytes) == 0 {
		return nil
	}
	p := pending{memory: bytes, step: Step{Stage: CopyOut, First: lo, Count: hi - lo, Bytes: int64(len(bytes))}}
	return l.give(p, func(q backend.Queue) (backend.Event, error) { return q.Read(bytes, b, 0) })
}

// then has f called when the last command has ended.
func (l *lane) then(f func()) {
	if n := len(l.pending); n > 0 {
		l.pending[n-1].then = f
	}
}

// launch runs a kernel for n indices from base.
func (l *lane) launch(k backend.Kernel, base, n int64, args []backend.Arg) error {
	return l.run(k, base, n, args, Step{Stage: Kernel, First: base, Count: n}, nil)
}

// run is launch with what is noted of it, and what explains its faults.
func (l *lane) run(k backend.Kernel, base, n int64, args []backend.Arg, step Step, explain func(*backend.FaultError) error) error {
	return l.give(pending{step: step, explain: explain}, func(q backend.Queue) (backend.Event, error) { return q.Launch(k, base, n, args) })
}

// buffer is a buffer for all of the call.
func (w *work) buffer(size int64) (backend.Buffer, error) {
	b, err := w.device.alloc(max(1, size))
	if err == nil {
		w.own = append(w.own, b)
	}
	return b, err
}

// captures copies what a function captures to the device, and waits for it.
func (w *work) captures(ctx context.Context, c *Call) ([]backend.Arg, error) {
	l, err := w.lane(0)
	if err != nil {
		return nil, err
	}
	var args []backend.Arg
	own := func(bytes []byte) (backend.Buffer, error) {
		b, err := w.buffer(int64(len(bytes)))
		if err != nil || len(bytes) == 0 {
			return b, err
		}
		now := time.Now()
		e, err := l.queue.Write(b, 0, bytes)
		if err == nil {
			l.pending = append(l.pending, pending{event: e, enqueued: now, memory: bytes, step: Step{Stage: CopyIn, Bytes: int64(len(bytes))}})
		}
		return b, err
	}
	for i, x := range c.Captures {
		v := reflect.ValueOf(x)
		param := c.Function.unit.Captures[i].Param
		if !v.IsValid() {
			return nil, fmt.Errorf("device: the captured %s has no value", param.Name)
		}
		if err := fits(v.Type(), param.Type); err != nil {
			return nil, err
		}
		if v.Kind() != reflect.Slice {
			args = append(args, argOf(v))
			continue
		}
		arg := backend.Arg{Len: int64(v.Len())}
		bytes := bytesOf(v, 0, int64(v.Len()))
		if isRows(v.Type()) {
			all := list{host: v, rows: true, elem: v.Type().Elem()}
			if err := w.device.holds(all.bytes(0, arg.Len)); err != nil {
				return nil, fmt.Errorf("the captured %s: %w", param.Name, err)
			}
			elems, starts := flatten(v, 0, int64(v.Len()))
			if arg.Rows, err = own(int64Bytes(starts)); err != nil {
				return nil, err
			}
			bytes = elems
		}
		if arg.Buffer, err = own(bytes); err != nil {
			return nil, err
		}
		args = append(args, arg)
	}
	return args, l.wait(ctx)
}
