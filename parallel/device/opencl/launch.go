package opencl

import (
	"errors"
	"fmt"
	"math"
	"runtime"
	"unsafe"

	"github.com/adabc437/fanout/parallel/device/backend"
	"github.com/adabc437/fanout/parallel/device/ir"
)

// maxChunk is the most indices in one command: work-items are counted by an int, and their
// number is rounded up to whole groups.
const maxChunk = math.MaxInt32 &^ 0xffff

// Launch runs a kernel for the indices base to base+n−1.
func (q *queue) Launch(k backend.Kernel, base, n int64, args []backend.Arg) (backend.Event, error) {
	d := q.dev
	kernel, err := d.kernelOf(k)
	switch {
	case err != nil:
		return nil, err
	case kernel.ir == nil:
		return nil, fmt.Errorf("opencl: kernel %s is of BuildSource: LaunchSource runs it", kernel.name)
	case n < 0 || base > math.MaxInt64-n:
		return nil, fmt.Errorf("opencl: kernel %s: %d indices from %d on: not a range of int64", kernel.name, n, base)
	}
	context, err := d.enter()
	if err != nil {
		return nil, err
	}
	defer d.leave()
	e := newEvent(q, d.cl.enqueueNDRangeKernel.name)
	list, err := kernel.operands(e, args)
	if err != nil {
		e.cancel()
		return nil, err
	}
	for first := int64(0); first < n; first += d.chunk {
		s, err := d.takeScratch(context, len(kernel.program.ir.Sites))
		if err != nil {
			e.cancel()
			return nil, err
		}
		e.parts = append(e.parts, part{base: base + first, kernel: kernel, scratch: s})
	}
	return q.launch(e, kernel, func() error {
		if n == 0 {
			return d.failed(q.marker(e), d.cl.enqueueMarkerWithWaitList.name, 0)
		}
		for i := range e.parts {
			if err := q.part(e, &e.parts[i], context, min(d.chunk, n-int64(i)*d.chunk), list); err != nil {
				return err
			}
		}
		return nil
	})
}

// launch calls enqueue while the kernel's arguments are its own to set. If it fails when
// the driver has taken some commands, the event waits for those, unseen.
func (q *queue) launch(e *event, k *Kernel, enqueue func() error) (backend.Event, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.id == 0 {
		e.cancel()
		return nil, fmt.Errorf("opencl: kernel %s: its program was freed", k.name)
	}
	if err := q.begin(); err != nil {
		e.cancel()
		return nil, err
	}
	defer q.end()
	if err := enqueue(); err != nil {
		// What was taken comes before the marker. A queue that takes no marker is lost, and
		// keeps what it has.
		e.forget()
		if q.marker(e) == success {
			q.add(e)
		}
		return nil, fmt.Errorf("opencl: kernel %s: %w", k.name, err)
	}
	q.add(e)
	return e, nil
}

// part enqueues the commands of a part with n indices.
func (q *queue) part(e *event, p *part, context uintptr, n int64, list []operand) error {
	d, k := q.dev, p.kernel
	if err := p.scratch.clear(d, q.id); err != nil {
		return err
	}
	args := setter{k: k}
	args.word(uint64(p.base), 8)
	args.word(uint64(n), 8)
	args.mem(p.scratch.faults)
	args.mem(p.scratch.slot.mem)
	values := 0
	for i := range list {
		o := &list[i]
		switch o.kind {
		case scalar:
			args.bytes(o.arg.Value)
		case aggregate:
			mem, err := p.scratch.value(d, context, q.id, values, o.arg.Value)
			if err != nil {
				return err
			}
			values++
			args.mem(mem)
		default:
			release, err := args.pointer(o)
			if err != nil {
				return err
			}
			defer release()
			if o.kind == nested {
				args.buffer(o.rows)
			}
			args.word(uint64(o.arg.Len), 8)
		}
	}
	if args.err != nil {
		return args.err
	}
	local := k.local(n)
	k.size[0], k.size[1] = uintptr((n+local-1)/local*local), uintptr(local)
	f := &d.cl.enqueueNDRangeKernel
	status := f.do(q.id, k.id, 1, 0, uintptr(unsafe.Pointer(&k.size[0])), uintptr(unsafe.Pointer(&k.size[1])), 0, 0, uintptr(unsafe.Pointer(&p.id)))
	if status != success {
		return d.failed(status, f.name, 0)
	}
	e.forget()
	e.last = p.id
	sites := len(k.program.ir.Sites)
	if !k.ir.Fails || sites == 0 {
		return nil
	}
	f, e.last = &d.cl.enqueueReadBuffer, 0
	status = f.do(q.id, p.scratch.faults, 0, 0, uintptr(sites*4), uintptr(unsafe.Pointer(&p.scratch.host[0])), 0, 0, uintptr(unsafe.Pointer(&e.last)))
	return d.failed(status, f.name, 0)
}

// local is how many work-items there are in a group. There are few sizes, for some drivers
// compile a kernel for each. A CPU runs a group on one core: where tasks are few, they
// are in more groups.
func (k *Kernel) local(n int64) int64 {
	d := k.program.dev
	units := int64(max(1, d.info.Units))
	if d.info.Kind == backend.CPU {
		for _, size := range []int64{64, 8} {
			if size <= k.group && n >= 4*size*units {
				return size
			}
		}
		return 1
	}
	step := max(1, min(k.multiple, k.group))
	if big := max(step, min(256, k.group)/step*step); n >= big*units {
		return big
	}
	return step
}

// An operandKind is how an argument is passed.
type operandKind uint8

const (
	scalar    operandKind = iota // by value
	aggregate                    // a struct or an array, in a small buffer
	slice
	nested
)

// An operand is an argument that was found to be right.
type operand struct {
	kind         operandKind
	arg          *backend.Arg
	buffer, rows *buffer // nil for one without elements
	size         int64   // of the elements, in bytes
}

// operands checks the arguments against the kernel's parameters, and has the event hold
// their buffers.
func (k *Kernel) operands(e *event, args []backend.Arg) ([]operand, error) {
	if len(args) != len(k.ir.Params) {
		return nil, fmt.Errorf("opencl: kernel %s takes %d arguments, not %d", k.name, len(k.ir.Params), len(args))
	}
	list := make([]operand, len(args))
	for i, p := range k.ir.Params {
		o, err := k.operand(p.Type, &args[i])
		for _, b := range []*buffer{o.buffer, o.rows} {
			if b != nil && err == nil {
				err = e.hold(b.memory)
			}
		}
		if err != nil {
			return nil, fmt.Errorf("opencl: kernel %s: argument %d, %s %s: %w", k.name, i+1, p.Name, p.Type, err)
		}
		list[i] = o
	}
	runtime.KeepAlive(args)
	return list, nil
}

func (k *Kernel) operand(t *ir.Type, a *backend.Arg) (o operand, err error) {
	o = operand{arg: a}
	if t.Kind != ir.Slice {
		if o.kind = aggregate; t.Kind.IsScalar() {
			o.kind = scalar
		}
		switch {
		case a.Buffer != nil || a.Rows != nil:
			return o, errors.New("a value is wanted, not a buffer")
		case int64(len(a.Value)) != t.Size():
			return o, fmt.Errorf("a value of %d bytes is wanted, not %d", t.Size(), len(a.Value))
		}
		return o, nil
	}
	if a.Value != nil || a.Len < 0 {
		return o, fmt.Errorf("a buffer with 0 or more elements is wanted, not a value of %d bytes or %d elements", len(a.Value), a.Len)
	}
	d, elem := k.program.dev, t.Elem
	if o.kind = slice; elem.Kind == ir.Slice {
		o.kind, elem = nested, elem.Elem
	}
	if elem.Kind == ir.Slice || elem.Kind == ir.Pointer {
		return o, fmt.Errorf("slices of %s: %w", t.Elem, backend.ErrUnsupported)
	}
	if o.kind == nested {
		if a.Len >= math.MaxInt64/8 || a.Rows == nil {
			return o, errors.New("a buffer of rows is wanted")
		}
		if o.rows, err = d.bufferOf(a.Rows, 0, (a.Len+1)*8); err != nil {
			return o, fmt.Errorf("rows: %w", err)
		}
	} else if a.Rows != nil {
		return o, errors.New("it has no rows")
	}
	if a.Buffer == nil {
		if o.kind == slice && a.Len > 0 {
			return o, errors.New("a buffer is wanted")
		}
		return o, nil
	}
	size := elem.Size()
	if o.kind == slice && size > 0 {
		if a.Len > math.MaxInt64/size {
			return o, fmt.Errorf("%d elements of %d bytes are too many", a.Len, size)
		}
		o.size = a.Len * size
	}
	if o.buffer, err = d.bufferOf(a.Buffer, a.Offset, o.size); err != nil {
		return o, err
	}
	if o.kind == nested {
		o.size = o.buffer.size - a.Offset
	}
	if a.Offset%elem.Align() != 0 {
		return o, fmt.Errorf("the offset, %d bytes, is not a multiple of %d, as the elements need", a.Offset, elem.Align())
	}
	return o, nil
}

// A setter sets a kernel's arguments one after the other, until one is refused.
type setter struct {
	k   *Kernel
	n   uintptr
	err error
}

func (s *setter) set(size uintptr, at unsafe.Pointer) {
	f := &s.k.program.dev.cl.setKernelArg
	if s.err == nil {
		if status := f.do(s.k.id, s.n, size, uintptr(at)); status != success {
			s.err = fmt.Errorf("argument %d: %w", s.n+1, s.k.program.dev.failed(status, f.name, 0))
		}
	}
	s.n++
}

func (s *setter) word(v uint64, size uintptr) {
	s.k.word = v
	s.set(size, unsafe.Pointer(&s.k.word))
}

func (s *setter) mem(mem uintptr) {
	s.k.word = uint64(mem)
	s.set(unsafe.Sizeof(mem), unsafe.Pointer(&s.k.word))
}

func (s *setter) bytes(value []byte) {
	s.set(uintptr(len(value)), unsafe.Pointer(unsafe.SliceData(value)))
}

func (s *setter) buffer(b *buffer) {
	if b == nil {
		s.mem(0)
		return
	}
	s.mem(b.mem)
}

// pointer sets a pointer to an operand's elements. Where they do not begin where their
// buffer does, it needs a part of it, until the command is there: release frees that.
func (s *setter) pointer(o *operand) (release func(), err error) {
	if o.buffer == nil || o.arg.Offset == 0 || o.size == 0 {
		s.buffer(o.buffer)
		return func() {}, nil
	}
	d := s.k.program.dev
	if o.arg.Offset%d.align != 0 {
		return nil, fmt.Errorf("an argument begins at byte %d of its buffer; %s asks for a multiple of %d", o.arg.Offset, d.info.Name, d.align)
	}
	part, err := d.part(o.buffer.mem, memReadWrite, o.arg.Offset, o.size)
	if err != nil {
		return nil, err
	}
	s.mem(part)
	return func() { d.cl.releaseMemObject.do(part) }, nil
}

// kernelOf is the kernel as one of this device.
func (d *device) kernelOf(k backend.Kernel) (*Kernel, error) {
	own, ok := k.(*Kernel)
	if !ok || own == nil {
		return nil, fmt.Errorf("opencl: not a kernel of %s: %T", d.info.Name, k)
	}
	if own.program.dev != d {
		return nil, fmt.Errorf("opencl: kernel %s was built for another device, %s", own.name, own.program.dev.info.Name)
	}
	return own, nil
}
