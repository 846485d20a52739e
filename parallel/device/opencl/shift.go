package opencl

import (
	"errors"
	"fmt"
	"unsafe"
)

// shift makes copies of operands that begin where the device lets no pointer point to,
// before the kernel; unshift copies back what it may have changed, and frees the copies.
// Nothing of them may be an argument in another way, too, if it is written.
func (q *queue) shift(context uintptr, list []operand) (unshift func(e *event) error, err error) {
	d := q.dev
	type copied struct {
		o    *operand
		from uintptr
	}
	var all []copied
	f := &d.cl.enqueueCopyBuffer
	unshift = func(e *event) error {
		var errs error
		for _, c := range all {
			if e != nil && c.o.written {
				e.forget()
				status := f.do(q.id, c.o.moved, c.from, 0, uintptr(c.o.arg.Offset), uintptr(c.o.size), 0, 0, uintptr(unsafe.Pointer(&e.last)))
				errs = errors.Join(errs, d.failed(status, f.name, 0))
			}
			d.cl.releaseMemObject.do(c.o.moved)
			c.o.moved = 0
		}
		return errs
	}
	for i := range list {
		o := &list[i]
		if o.buffer == nil || o.size == 0 || o.arg.Offset%d.align == 0 {
			continue
		}
		if j := overlaps(list, i); j >= 0 {
			unshift(nil)
			return nil, fmt.Errorf("arguments %d and %d are parts of one buffer that overlap, and one is written: %s can do that only where both begin at a multiple of %d bytes", i+1, j+1, d.info.Name, d.align)
		}
		mem, err := d.newMem(context, memReadWrite, o.size)
		if err != nil {
			unshift(nil)
			return nil, err
		}
		o.moved = mem
		all = append(all, copied{o, o.buffer.mem})
		if status := f.do(q.id, o.buffer.mem, mem, uintptr(o.arg.Offset), 0, uintptr(o.size), 0, 0, 0); status != success {
			unshift(nil)
			return nil, d.failed(status, f.name, 0)
		}
	}
	return unshift, nil
}

// overlaps finds an operand that has bytes of the i-th, where one of both is written; -1
// if there is none.
func overlaps(list []operand, i int) int {
	a := &list[i]
	for j := range list {
		b := &list[j]
		if j != i && b.buffer == a.buffer && (a.written || b.written) &&
			a.arg.Offset < b.arg.Offset+b.size && b.arg.Offset < a.arg.Offset+a.size {
			return j
		}
	}
	return -1
}
