package opencl

import (
	"fmt"
	"math"
	"unsafe"

	"github.com/adabc437/fanout/parallel/device/backend"
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
		unshift, err := q.shift(context, list)
		if err != nil {
			return err
		}
		for i := range e.parts {
			if err := q.part(e, &e.parts[i], context, min(d.chunk, n-int64(i)*d.chunk), list); err != nil {
				unshift(nil)
				return err
			}
		}
		return unshift(e)
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
	if p == &e.parts[0] {
		e.fresh = k.isFresh(k.size[1])
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
