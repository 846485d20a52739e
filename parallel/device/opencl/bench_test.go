package opencl

import (
	"fmt"
	"testing"
	"unsafe"

	"github.com/adabc437/fanout/parallel/device/backend"
)

// BenchmarkLaunch is a launch of one work-item and the wait for it.
func BenchmarkLaunch(b *testing.B) {
	d := devices(b)[0]
	q := newQueue(b, d)
	_, k := build(b, d, addOne())
	x := newBuffer(b, d, q, make([]byte, 4))
	args := []backend.Arg{{Buffer: x, Len: 1}}
	b.ReportAllocs()
	for b.Loop() {
		e, err := q.Launch(k, 0, 1, args)
		must(b, e, err)
	}
}

// BenchmarkLaunchByTheDriverAlone is the same with no more than the driver's calls.
func BenchmarkLaunchByTheDriverAlone(b *testing.B) {
	d := devices(b)[0]
	q := newQueue(b, d).(*queue)
	_, k := build(b, d, addOne())
	x := newBuffer(b, d, q, make([]byte, 4))
	e, err := q.Launch(k, 0, 1, []backend.Arg{{Buffer: x, Len: 1}}) // sets the arguments
	must(b, e, err)
	call := struct{ one, event uintptr }{one: 1}
	c := &call
	b.ReportAllocs()
	for b.Loop() {
		d.cl.enqueueNDRangeKernel.do(q.id, k.(*Kernel).id, 1, 0, uintptr(unsafe.Pointer(&c.one)), uintptr(unsafe.Pointer(&c.one)), 0, 0, uintptr(unsafe.Pointer(&c.event)))
		d.cl.waitForEvents.do(1, uintptr(unsafe.Pointer(&c.event)))
		d.cl.releaseEvent.do(c.event)
	}
}

// BenchmarkCall is the least that a call of the driver takes.
func BenchmarkCall(b *testing.B) {
	d := devices(b)[0]
	b.ReportAllocs()
	for b.Loop() {
		d.cl.flush.do(0)
	}
}

func BenchmarkWrite(b *testing.B) { benchmarkTransfer(b, backend.Queue.Write) }

func BenchmarkRead(b *testing.B) {
	benchmarkTransfer(b, func(q backend.Queue, x backend.Buffer, offset int64, dst []byte) (backend.Event, error) {
		return q.Read(dst, x, offset)
	})
}

func benchmarkTransfer(b *testing.B, do func(backend.Queue, backend.Buffer, int64, []byte) (backend.Event, error)) {
	d := devices(b)[0]
	for _, size := range []int{4 << 10, 1 << 20, 64 << 20} {
		b.Run(fmt.Sprintf("%dKiB", size>>10), func(b *testing.B) {
			q := newQueue(b, d)
			host := make([]byte, size)
			x := newBuffer(b, d, q, host)
			b.SetBytes(int64(size))
			for b.Loop() {
				e, err := do(q, x, 0, host)
				must(b, e, err)
			}
		})
	}
}
