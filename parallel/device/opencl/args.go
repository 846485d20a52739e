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
	written      bool
	moved        uintptr // a copy of the elements, while one is needed
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
		o.written = p.Written
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
	if o.moved != 0 {
		s.mem(o.moved)
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
