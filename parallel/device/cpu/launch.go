package cpu

import (
	"errors"
	"fmt"
	"math"
	"runtime"
	"sync"
	"sync/atomic"
	"unsafe"

	"github.com/adabc437/fanout/parallel/device/backend"
	"github.com/adabc437/fanout/parallel/device/ir"
)

// errStopped is the error of a launch that was told to stop.
var errStopped = errors.New("cpu: the kernel was stopped")

// Launch runs a kernel in goroutines, which end before its event does.
func (q *queue) Launch(bk backend.Kernel, base, n int64, args []backend.Arg) (backend.Event, error) {
	k, ok := bk.(*kernel)
	switch {
	case !ok || k == nil:
		return nil, fmt.Errorf("cpu: %T is no kernel of this device", bk)
	case k.program.device != q.device:
		return nil, fmt.Errorf("cpu: kernel %s belongs to another device", k.Name())
	case k.program.freed.Load():
		return nil, fmt.Errorf("%w: the program of kernel %s", errFreed, k.Name())
	case n < 0 || base > math.MaxInt64-n:
		return nil, fmt.Errorf("cpu: kernel %s cannot run %d times from %d on", k.Name(), n, base)
	case len(args) != len(k.code.ir.Params):
		return nil, fmt.Errorf("cpu: kernel %s takes %d arguments, not %d", k.Name(), len(k.code.ir.Params), len(args))
	}
	values := make([]value, len(args))
	for i, a := range args {
		v, err := q.value(k.code.ir.Params[i].Type, a)
		if err != nil {
			return nil, fmt.Errorf("cpu: kernel %s: argument %s: %w", k.Name(), k.code.ir.Params[i].Name, err)
		}
		values[i] = v
	}
	return q.add(func(e *event) error { return e.launch(k, base, n, values) })
}

// A value is an argument: bytes, or a slice.
type value struct {
	bytes []byte
	slice slice
}

// value checks an argument: nothing that a kernel does with it may touch other memory.
func (q *queue) value(t *ir.Type, a backend.Arg) (value, error) {
	if t.Kind != ir.Slice {
		if a.Buffer != nil || a.Rows != nil {
			return value{}, fmt.Errorf("it is a buffer, and should be a value of %s", t)
		}
		if int64(len(a.Value)) != t.Size() {
			return value{}, fmt.Errorf("it has %d bytes, and should have %d, as a %s", len(a.Value), t.Size(), t)
		}
		if t.Kind == ir.Bool && a.Value[0] > 1 {
			return value{}, fmt.Errorf("it is a bool with the value %d", a.Value[0])
		}
		return value{bytes: append([]byte(nil), a.Value...)}, nil
	}
	if a.Value != nil {
		return value{}, fmt.Errorf("it is a value, and should be a buffer of %s", t)
	}
	if a.Len < 0 {
		return value{}, fmt.Errorf("it has the length %d", a.Len)
	}
	if t.Elem.Kind == ir.Slice {
		return q.rows(t, a)
	}
	if a.Rows != nil {
		return value{}, fmt.Errorf("it has rows, and should be a %s", t)
	}
	s, err := q.elements(t.Elem, a.Buffer, a.Offset, a.Len)
	return value{slice: slice{p: s, len: a.Len, cap: a.Len}}, err
}

// elements is the address of n elements in a buffer.
func (q *queue) elements(t *ir.Type, b backend.Buffer, offset, n int64) (unsafe.Pointer, error) {
	if b == nil && n == 0 {
		return nil, nil
	}
	size := t.Size()
	if size > 0 && n > math.MaxInt64/size {
		return nil, fmt.Errorf("%d elements are too many", n)
	}
	if offset%t.Align() != 0 {
		return nil, fmt.Errorf("it begins at byte %d, which is no place for a %s", offset, t)
	}
	part, err := q.region(b, offset, n*size)
	if err != nil {
		return nil, err
	}
	if len(part) == 0 {
		return unsafe.Pointer(&none), nil
	}
	return unsafe.Pointer(&part[0]), nil
}

// none is what slices without bytes point to.
var none [8]byte

// rows is a slice of slices, of which all rows lie within the buffer.
func (q *queue) rows(t *ir.Type, a backend.Arg) (value, error) {
	if a.Rows == nil && a.Len == 0 {
		return value{}, nil
	}
	if t.Elem.Elem.Kind == ir.Slice {
		return value{}, fmt.Errorf("a %s has too many levels", t)
	}
	if a.Rows == nil {
		return value{}, fmt.Errorf("it has no rows, and should be a %s", t)
	}
	if a.Len == math.MaxInt64 {
		return value{}, fmt.Errorf("%d rows are too many", a.Len)
	}
	rows, err := q.elements(ir.Scalar(ir.Int64), a.Rows, 0, a.Len+1)
	if err != nil {
		return value{}, fmt.Errorf("rows: %w", err)
	}
	total := int64(0)
	if size := t.Elem.Elem.Size(); a.Buffer != nil && a.Offset >= 0 && a.Offset <= a.Buffer.Size() {
		total = a.Buffer.Size() - a.Offset
		if size > 0 {
			total /= size
		}
	}
	p, err := q.elements(t.Elem.Elem, a.Buffer, a.Offset, total)
	return value{slice: slice{p: p, rows: rows, len: a.Len, cap: a.Len, total: total}}, err
}

// A run is a launch that runs.
type run struct {
	event   *event
	kernel  *kernel
	base    int64
	n       int64
	chunk   int64
	values  []value
	stop    *atomic.Bool
	begun   atomic.Int64 // tasks that were taken
	stopped atomic.Bool
	worst   atomic.Int64 // the least index, from 0 on, of a task that failed; n if none did

	mu    sync.Mutex
	fault *backend.FaultError
	err   error
}

func (e *event) launch(k *kernel, base, n int64, values []value) error {
	if n == 0 {
		return nil
	}
	workers := int64(runtime.GOMAXPROCS(0))
	r := &run{event: e, kernel: k, base: base, n: n, values: values, stop: &e.stop, chunk: max(1, min(1024, n/(workers*8)))}
	r.worst.Store(n)
	workers = min(workers, (n+r.chunk-1)/r.chunk)
	var wg sync.WaitGroup
	for range workers - 1 {
		wg.Go(r.work)
	}
	r.work()
	wg.Wait()
	switch {
	case r.err != nil:
		return r.err
	case r.stopped.Load():
		return errStopped
	case r.fault != nil:
		return r.fault
	}
	return nil
}

// work runs tasks until there are no more.
func (r *run) work() {
	p := r.kernel.program
	m, ok := p.machines.Get().(*machine)
	if !ok {
		m = p.code.newMachine()
	}
	m.stop = r.stop
	r.arguments(m)
	index := int64(-1)
	defer func() {
		if e := recover(); e != nil {
			r.broken(index, e)
			return
		}
		clear(m.slices)
		m.stop = nil
		p.machines.Put(m)
	}()
	for {
		from := r.begun.Add(r.chunk) - r.chunk
		if from >= r.worst.Load() {
			return
		}
		for index = from; index < min(from+r.chunk, r.n); index++ {
			if !r.task(m, index) {
				break
			}
		}
		if r.stopped.Load() {
			return
		}
	}
}

// arguments puts the arguments into a machine.
func (r *run) arguments(m *machine) {
	for i, v := range r.values {
		at := r.kernel.code.args[i]
		if r.kernel.code.ir.Params[i].Type.Kind == ir.Slice {
			m.slices[at] = v.slice
		} else if len(v.bytes) > 0 {
			copyBytes(unsafe.Add(m.mem, at), unsafe.Pointer(&v.bytes[0]), int64(len(v.bytes)))
		}
	}
}

// task runs one task, and says whether those behind it shall run.
func (r *run) task(m *machine, index int64) bool {
	if r.stop.Load() {
		r.stopped.Store(true)
		return false
	}
	k := r.kernel.code
	*at[int64](m, k.index) = r.base + index
	for _, f := range k.begin {
		f(m)
	}
	m.ended, m.failed = false, false
	k.body(m)
	if !m.ended {
		return true
	}
	if !m.failed {
		r.stopped.Store(true)
		return false
	}
	r.failed(m, index)
	return false
}

// failed notes a task that has failed, if none before it has.
func (r *run) failed(m *machine, index int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if index < r.worst.Load() {
		r.worst.Store(index)
		r.fault = m.fault(r.kernel.program.code.program, r.base+index)
	}
}

func (m *machine) fault(p *ir.Program, index int64) *backend.FaultError {
	return &backend.FaultError{Index: index, Site: p.Sites[m.site], Known: m.known, X: m.x, Y: m.y}
}

// broken notes that a program is wrong, and ends the launch.
func (r *run) broken(index int64, reason any) {
	err, ok := reason.(error)
	if !ok {
		err = fmt.Errorf("%v", reason)
	}
	r.stop.Store(true)
	r.stopped.Store(true)
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.err == nil {
		r.err = fmt.Errorf("cpu: kernel %s, task %d: %w", r.kernel.Name(), r.base+index, err)
	}
}
