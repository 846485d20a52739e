package opencl

import (
	"fmt"
	"runtime"
	"sync/atomic"
	"unsafe"

	"github.com/adabc437/fanout/parallel/device/backend"
)

// A buffer is memory of a device, in the user's hands: it is freed when it is dropped.
type buffer struct {
	*memory
	dropped runtime.Cleanup
}

var _ backend.Buffer = (*buffer)(nil)

// memory is what a buffer and the commands that use it hold.
type memory struct {
	dev   *device
	mem   uintptr
	size  int64
	freed atomic.Bool
	holds atomic.Int64 // the buffer's own and those of commands
}

// Alloc makes a buffer. Sizes beyond the device's are refused here: drivers give memory
// when it is first used, where it is too late to say so.
func (d *device) Alloc(size int64) (backend.Buffer, error) {
	if size < 0 {
		return nil, fmt.Errorf("opencl: a buffer of %d bytes: the size must not be negative", size)
	}
	context, err := d.enter()
	if err != nil {
		return nil, err
	}
	defer d.leave()
	size = max(size, 1)
	if size > d.info.MaxBuf {
		return nil, d.noRoom(size, fmt.Errorf("the largest buffer of %s has %d bytes", d.info.Name, d.info.MaxBuf))
	}
	if d.used.Add(size) > d.info.Memory {
		d.used.Add(-size)
		return nil, d.noRoom(size, nil)
	}
	mem, err := d.newMem(context, memReadWrite, size)
	if err != nil {
		d.used.Add(-size)
		return nil, err
	}
	m := &memory{dev: d, mem: mem, size: size}
	m.holds.Store(1)
	d.mu.Lock()
	d.memories[m] = struct{}{}
	d.mu.Unlock()
	b := &buffer{memory: m}
	b.dropped = runtime.AddCleanup(b, (*memory).free, m)
	return b, nil
}

func (d *device) newMem(context uintptr, flags uintptr, size int64) (uintptr, error) {
	var status int32
	mem := d.cl.createBuffer.make(context, flags, uintptr(size), 0, uintptr(unsafe.Pointer(&status)))
	return mem, d.failed(status, d.cl.createBuffer.name, size)
}

// part makes a buffer of the driver's that is a part of another, from a byte on that is a
// multiple of the device's alignment.
func (d *device) part(mem uintptr, flags uintptr, offset, size int64) (uintptr, error) {
	region := [2]uintptr{uintptr(offset), uintptr(size)}
	var status int32
	sub := d.cl.createSubBuffer.make(mem, flags, regionCreate, uintptr(unsafe.Pointer(&region)), uintptr(unsafe.Pointer(&status)))
	return sub, d.failed(status, d.cl.createSubBuffer.name, 0)
}

// Size is the buffer's size in bytes.
func (b *buffer) Size() int64 { return b.size }

// Free gives the memory back when the commands that use it have ended.
func (b *buffer) Free() {
	b.dropped.Stop()
	b.free()
}

func (m *memory) free() {
	if !m.freed.Swap(true) {
		m.drop()
	}
}

// hold keeps the memory until drop.
func (m *memory) hold() error {
	for n := m.holds.Load(); n > 0 && !m.freed.Load(); n = m.holds.Load() {
		if m.holds.CompareAndSwap(n, n+1) {
			return nil
		}
	}
	return fmt.Errorf("opencl: the buffer of %d bytes was freed", m.size)
}

func (m *memory) drop() {
	if m.holds.Add(-1) > 0 {
		return
	}
	d := m.dev
	d.mu.Lock()
	_, mine := d.memories[m]
	delete(d.memories, m)
	d.mu.Unlock()
	if mine { // else the device was closed, and has freed it
		d.cl.releaseMemObject.do(m.mem)
		d.used.Add(-m.size)
	}
}

// bufferOf is the buffer as one of this device, with bytes from offset on.
func (d *device) bufferOf(b backend.Buffer, offset, size int64) (*buffer, error) {
	own, ok := b.(*buffer)
	switch {
	case !ok || own == nil:
		return nil, fmt.Errorf("opencl: not a buffer of %s: %T", d.info.Name, b)
	case own.dev != d:
		return nil, fmt.Errorf("opencl: the buffer is on another device, %s", own.dev.info.Name)
	case offset < 0 || size < 0 || offset > own.size || size > own.size-offset:
		return nil, fmt.Errorf("opencl: %d bytes from byte %d on are not within a buffer of %d bytes", size, offset, own.size)
	}
	return own, nil
}
