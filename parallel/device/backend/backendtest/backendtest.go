// Package backendtest has the tests that every back-end passes: [Run].
package backendtest

import (
	"encoding/binary"
	"errors"
	"testing"

	"github.com/adabc437/fanout/parallel/device/backend"
	"github.com/adabc437/fanout/parallel/device/ir"
)

// Run runs the tests on devices that open gives: a new one with each call, all of the same
// kind. Run closes them.
func Run(t *testing.T, open func(t *testing.T) backend.Device) {
	for _, test := range []struct {
		name string
		run  func(t *testing.T, s *suite)
	}{
		{"a device describes itself", describes},
		{"buffers count and are freed once", allocates},
		{"too much memory is a MemoryError", refusesMemory},
		{"what is written is read, at every offset", transfers},
		{"transfers beyond a buffer are refused", boundsTransfers},
		{"buffers are copied", copies},
		{"commands of a queue keep their order", ordered},
		{"two queues do not disturb each other", twoQueues},
		{"kernels run once for each index", launches},
		{"indices begin at the base", bases},
		{"scalars are passed by value", passesScalars},
		{"structs and arrays are passed by value", passesStructs},
		{"slices of slices have rows", passesRows},
		{"the failed task with the least index is told", tellsFaults},
		{"a launch without a fault after one with is clean", forgetsFaults},
		{"a kernel that does not end is stopped", stops},
		{"waiting for a command behind it stops it, too", stopsBefore},
		{"a context that has ended does not undo what is done", waitsDone},
		{"wrong arguments are refused", refusesArguments},
		{"unknown kernels are refused", refusesKernels},
		{"objects of other devices are refused", refusesOthers},
		{"what was freed is refused", refusesFreed},
		{"freed buffers stay until their commands have ended", freesLater},
		{"times are in order", times},
		{"builds obey their context", buildObeys},
		{"source is compiled, or not supported", compilesSource},
		{"goroutines share a device", shared},
		{"a device closes while it is used", closesInUse},
		{"a closed device refuses", refusesClosed},
	} {
		t.Run(test.name, func(t *testing.T) {
			d := open(t)
			t.Cleanup(func() {
				if err := d.Close(); err != nil {
					t.Errorf("close: %v", err)
				}
			})
			test.run(t, &suite{Device: d, open: open})
		})
	}
}

// A suite is a device under test. Its methods end the test when they fail, so that they
// are for the test's own goroutine.
type suite struct {
	backend.Device
	open func(t *testing.T) backend.Device
}

func (s *suite) alloc(t *testing.T, size int64) backend.Buffer {
	t.Helper()
	b, err := s.Alloc(size)
	if err != nil {
		t.Fatalf("alloc %d bytes: %v", size, err)
	}
	return b
}

func (s *suite) queue(t *testing.T) backend.Queue {
	t.Helper()
	q, err := s.Queue()
	if err != nil {
		t.Fatalf("queue: %v", err)
	}
	t.Cleanup(q.Free)
	return q
}

// kernel builds a program and gives its only kernel.
func (s *suite) kernel(t *testing.T, p *ir.Program) backend.Kernel {
	t.Helper()
	prog, err := s.Build(t.Context(), p)
	if err != nil {
		if e := (*backend.BuildError)(nil); errors.As(err, &e) {
			t.Logf("the compiler's log:\n%s", e.Log)
		}
		t.Fatalf("build %s: %v", p.Kernels[0].Name, err)
	}
	k, err := prog.Kernel(p.Kernels[0].Name)
	if err != nil {
		t.Fatal(err)
	}
	if k.Name() != p.Kernels[0].Name {
		t.Errorf("the kernel's name is %q, not %q", k.Name(), p.Kernels[0].Name)
	}
	if prog.Source() == "" {
		t.Error("the program has no source")
	}
	return k
}

func wait(t *testing.T, e backend.Event, err error) {
	t.Helper()
	if err == nil {
		err = e.Wait(t.Context())
	}
	if err != nil {
		t.Fatal(err)
	}
}

// bytesOf are values as they stand in memory.
func bytesOf(values any) []byte {
	b, err := binary.Append(nil, binary.LittleEndian, values)
	if err != nil {
		panic(err)
	}
	return b
}

func (s *suite) upload(t *testing.T, q backend.Queue, values any) backend.Buffer {
	t.Helper()
	data := bytesOf(values)
	b := s.alloc(t, int64(len(data)))
	e, err := q.Write(b, 0, data)
	wait(t, e, err)
	return b
}

// download reads a buffer from its beginning.
func download[T any](t *testing.T, q backend.Queue, b backend.Buffer, n int) []T {
	t.Helper()
	values := make([]T, n)
	data := make([]byte, binary.Size(values))
	e, err := q.Read(data, b, 0)
	wait(t, e, err)
	if _, err := binary.Decode(data, binary.LittleEndian, values); err != nil {
		t.Fatal(err)
	}
	return values
}

func value(v any) backend.Arg { return backend.Arg{Value: bytesOf(v)} }

func sliceOf(b backend.Buffer, n int) backend.Arg { return backend.Arg{Buffer: b, Len: int64(n)} }

var errEnough = errors.New("enough")
