package opencl

import (
	"fmt"
	"sync/atomic"
	"unsafe"
)

// noFault is what the kernel finds where a task may note that it has failed.
const noFault = 0x7fffffff

// slabSlots is how many flags one buffer holds.
const slabSlots = 256

// A scratch is what one launch needs besides the user's buffers. It is used again by
// later launches, so that they allocate nothing.
type scratch struct {
	slot   slot
	asked  uintptr // the driver's event of the command that sets the flag, if any
	faults uintptr // one int32 for each site
	host   []int32 // what the driver reads of faults
	clean  []int32 // what it writes there
	dirty  bool    // whether faults must be written first
	values []value
}

// A value is the buffer of a struct or an array that is an argument.
type value struct {
	mem  uintptr
	host []byte
}

// A slot is a flag that the host sets and the kernel looks at, an int. Where host and
// device have one memory, both see it there. Else it is in the device's, where tasks
// can look at it often, and a command of another queue sets it while the kernel runs.
type slot struct {
	mem  uintptr       // a part of a slab, or a buffer
	flag *atomic.Int32 // nil: it is in the device's memory
}

// stop asks the kernel to stop. The lock of the launch's queue is held.
func (s *scratch) stop(d *device) {
	if s.slot.flag != nil {
		s.slot.flag.Store(1)
		return
	}
	f := &d.cl.enqueueWriteBuffer
	if s.asked == 0 && f.do(d.control, s.slot.mem, 0, 0, 4, uintptr(unsafe.Pointer(&d.one)), 0, 0, uintptr(unsafe.Pointer(&s.asked))) == success {
		d.cl.flush.do(d.control)
	}
}

// reset makes the flag 0 when the launch has ended.
func (s *scratch) reset(d *device) {
	switch {
	case s.slot.flag != nil:
		s.slot.flag.Store(0)
	case s.asked != 0:
		d.cl.waitForEvents.do(1, uintptr(unsafe.Pointer(&s.asked)))
		d.cl.releaseEvent.do(s.asked)
		s.asked = 0
		d.zero(s.slot.mem)
	}
}

// zero sets a flag in the device's memory to 0.
func (d *device) zero(mem uintptr) error {
	f := &d.cl.enqueueWriteBuffer
	return d.failed(f.do(d.control, mem, 1, 0, 4, uintptr(unsafe.Pointer(&d.none)), 0, 0, 0), f.name, 0)
}

// A slab is a buffer of flags that is mapped for as long as the device is open.
type slab struct{ mem, at uintptr }

// takeScratch gives a scratch for so many sites, whose flag is 0.
func (d *device) takeScratch(context uintptr, sites int) (*scratch, error) {
	d.mu.Lock()
	var s *scratch
	if n := len(d.scratch); n > 0 {
		s = d.scratch[n-1]
		d.scratch = d.scratch[:n-1]
	}
	d.mu.Unlock()
	if s == nil {
		slot, err := d.takeSlot(context)
		if err != nil {
			return nil, err
		}
		s = &scratch{slot: slot}
	}
	if sites = max(sites, 1); sites > len(s.host) {
		mem, err := d.newMem(context, memReadWrite, int64(sites)*4)
		if err != nil {
			d.giveScratch(s)
			return nil, err
		}
		if s.faults != 0 {
			d.cl.releaseMemObject.do(s.faults)
		}
		s.faults, s.host, s.clean, s.dirty = mem, make([]int32, sites), make([]int32, sites), true
		for i := range s.clean {
			s.clean[i] = noFault
		}
	}
	return s, nil
}

func (d *device) giveScratch(s *scratch) {
	s.reset(d)
	d.mu.Lock()
	d.scratch = append(d.scratch, s)
	d.mu.Unlock()
}

// value puts bytes into the i-th small buffer and gives it. The write is a command of the queue.
func (s *scratch) value(d *device, context, queue uintptr, i int, data []byte) (uintptr, error) {
	for len(s.values) <= i {
		s.values = append(s.values, value{})
	}
	v := &s.values[i]
	if v.mem == 0 || len(v.host) < len(data) {
		size := max(64, len(data))
		mem, err := d.newMem(context, memReadWrite, int64(size))
		if err != nil {
			return 0, err
		}
		if v.mem != 0 {
			d.cl.releaseMemObject.do(v.mem)
		}
		v.mem, v.host = mem, make([]byte, size)
	}
	if copy(v.host, data) == 0 {
		return v.mem, nil
	}
	return v.mem, d.write(queue, v.mem, unsafe.Pointer(&v.host[0]), len(data))
}

// clear writes noFault for all sites, if something else is there.
func (s *scratch) clear(d *device, queue uintptr) error {
	if !s.dirty {
		return nil
	}
	err := d.write(queue, s.faults, unsafe.Pointer(&s.clean[0]), len(s.clean)*4)
	s.dirty = err != nil
	return err
}

// write is a command that copies memory of a scratch, which stays as it is until the
// launch has ended.
func (d *device) write(queue, mem uintptr, from unsafe.Pointer, size int) error {
	f := &d.cl.enqueueWriteBuffer
	return d.failed(f.do(queue, mem, 0, 0, uintptr(size), uintptr(from), 0, 0, 0), f.name, 0)
}

func (s *scratch) free(d *device) {
	if s.faults != 0 {
		d.cl.releaseMemObject.do(s.faults)
	}
	for _, v := range s.values {
		if v.mem != 0 {
			d.cl.releaseMemObject.do(v.mem)
		}
	}
	d.cl.releaseMemObject.do(s.slot.mem)
}

// takeSlot gives a flag that is 0. There are slabSlots of them when the first one is asked for; more
// than so many launches at once make more, which the device may do only when it has time.
func (d *device) takeSlot(context uintptr) (slot, error) {
	if d.remote {
		mem, err := d.newMem(context, memReadWrite, d.align)
		if err != nil {
			return slot{}, err
		}
		if err := d.zero(mem); err != nil {
			d.cl.releaseMemObject.do(mem)
			return slot{}, err
		}
		return slot{mem: mem}, nil
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.slots) == 0 {
		if err := d.newSlab(context); err != nil {
			return slot{}, fmt.Errorf("opencl: memory that %s shares with the host: %w", d.info.Name, err)
		}
	}
	s := d.slots[len(d.slots)-1]
	d.slots = d.slots[:len(d.slots)-1]
	return s, nil
}

// newSlab makes and maps a slab and adds its flags to the device's.
func (d *device) newSlab(context uintptr) error {
	size := d.align * slabSlots
	mem, err := d.newMem(context, memReadWrite|memAllocHostPtr, size)
	if err != nil {
		return err
	}
	queue, err := d.newQueue(context)
	if err != nil {
		return err
	}
	defer d.cl.releaseCommandQueue.do(queue)
	var status int32
	f := &d.cl.enqueueMapBuffer
	at := f.make(queue, mem, 1, mapRead|mapWrite, 0, uintptr(size), 0, 0, 0, uintptr(unsafe.Pointer(&status)))
	if status != success {
		d.cl.releaseMemObject.do(mem)
		return d.failed(status, f.name, size)
	}
	d.slabs = append(d.slabs, slab{mem, at})
	// The driver's memory is no concern of the garbage collector.
	base := *(*unsafe.Pointer)(unsafe.Pointer(&at))
	clear(unsafe.Slice((*byte)(base), size))
	for i := range int64(slabSlots) {
		part, err := d.part(mem, memReadWrite, i*d.align, 4)
		if err != nil {
			return err
		}
		d.slots = append(d.slots, slot{part, (*atomic.Int32)(unsafe.Add(base, i*d.align))})
	}
	return nil
}

func (d *device) freeSlabs(context uintptr) {
	queue, err := d.newQueue(context)
	if err != nil {
		return
	}
	for _, s := range d.slabs {
		d.cl.enqueueUnmapMemObject.do(queue, s.mem, s.at, 0, 0, 0)
		d.cl.finish.do(queue)
		d.cl.releaseMemObject.do(s.mem)
	}
	d.cl.releaseCommandQueue.do(queue)
}
