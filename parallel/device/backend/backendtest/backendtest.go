// Package backendtest has the tests that every back-end passes: [Run].
package backendtest

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

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

func describes(t *testing.T, s *suite) {
	i := s.Info()
	t.Logf("%+v", i)
	if i.Backend == "" || i.Name == "" || i.Driver == "" {
		t.Errorf("it has no name, back-end or driver: %+v", i)
	}
	if i.Units < 1 || i.Memory < 1<<20 || i.MaxBuf < 1<<20 || i.MaxBuf > i.Memory || i.Clock < 0 || i.Tick < 0 || i.Kind > backend.Accelerator {
		t.Errorf("it has figures that cannot be: %+v", i)
	}
}

func allocates(t *testing.T, s *suite) {
	a, b := s.alloc(t, 1000), s.alloc(t, 24)
	if a.Size() != 1000 || b.Size() != 24 || s.InUse() != 1024 {
		t.Errorf("buffers of %d and %d bytes, %d in use; want 1000, 24 and 1024", a.Size(), b.Size(), s.InUse())
	}
	a.Free()
	a.Free()
	if s.InUse() != 24 {
		t.Errorf("%d bytes in use after a buffer was freed twice, want 24", s.InUse())
	}
	b.Free()
	if s.InUse() != 0 {
		t.Errorf("%d bytes in use after all was freed", s.InUse())
	}
	if z := s.alloc(t, 0); z.Size() < 1 {
		t.Errorf("a buffer of nothing has %d bytes; at least 1 is had", z.Size())
	}
	if _, err := s.Alloc(-1); err == nil {
		t.Error("a buffer of -1 bytes was made")
	}
}

func refusesMemory(t *testing.T, s *suite) {
	kept := s.alloc(t, 100)
	defer kept.Free()
	for _, size := range []int64{s.Info().MaxBuf + 1, s.Info().Memory + 1, 1 << 60, math.MaxInt64} {
		_, err := s.Alloc(size)
		var e *backend.MemoryError
		if !errors.As(err, &e) {
			t.Errorf("alloc %d: %v, want a MemoryError", size, err)
			continue
		}
		if e.Asked != size || e.InUse != 100 || e.Memory != s.Info().Memory {
			t.Errorf("alloc %d: %+v", size, e)
		}
	}
	if s.InUse() != 100 {
		t.Errorf("%d bytes in use after refusals, want 100", s.InUse())
	}
}

func random(n int) []byte {
	r := rand.New(rand.NewPCG(1, uint64(n)))
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(r.Uint32())
	}
	return b
}

func transfers(t *testing.T, s *suite) {
	q := s.queue(t)
	for _, n := range []int{0, 1, 2, 3, 4, 7, 63, 64, 65, 4095, 4097, 1<<20 + 5} {
		for _, offset := range []int64{0, 1, 4, 63, 4096} {
			b := s.alloc(t, int64(n)+offset+9)
			all := random(int(b.Size()))
			e, err := q.Write(b, 0, all)
			wait(t, e, err)
			part := random(n)
			e, err = q.Write(b, offset, part)
			wait(t, e, err)
			copy(all[offset:], part)
			got := make([]byte, len(all))
			e, err = q.Read(got, b, 0)
			wait(t, e, err)
			if !bytes.Equal(got, all) {
				t.Fatalf("%d bytes at %d: other bytes came back", n, offset)
			}
			got = make([]byte, n)
			e, err = q.Read(got, b, offset)
			wait(t, e, err)
			if !bytes.Equal(got, part) {
				t.Fatalf("%d bytes at %d: other bytes came back from there", n, offset)
			}
			b.Free()
		}
	}
}

func boundsTransfers(t *testing.T, s *suite) {
	q, b, c := s.queue(t), s.alloc(t, 10), s.alloc(t, 10)
	for _, at := range []struct {
		offset int64
		n      int
	}{{-1, 1}, {0, 11}, {10, 1}, {11, 0}, {9, 2}, {math.MaxInt64, 1}} {
		if _, err := q.Write(b, at.offset, make([]byte, at.n)); err == nil {
			t.Errorf("write of %d bytes at %d of 10 was taken", at.n, at.offset)
		}
		if _, err := q.Read(make([]byte, at.n), b, at.offset); err == nil {
			t.Errorf("read of %d bytes at %d of 10 was taken", at.n, at.offset)
		}
		if _, err := q.Copy(b, at.offset, c, 0, int64(at.n)); err == nil {
			t.Errorf("copy of %d bytes to %d of 10 was taken", at.n, at.offset)
		}
		if _, err := q.Copy(b, 0, c, at.offset, int64(at.n)); err == nil {
			t.Errorf("copy of %d bytes from %d of 10 was taken", at.n, at.offset)
		}
	}
	if _, err := q.Copy(b, 0, c, 0, -1); err == nil {
		t.Error("copy of -1 bytes was taken")
	}
	if _, err := q.Write(nil, 0, nil); err == nil {
		t.Error("write to no buffer was taken")
	}
}

func copies(t *testing.T, s *suite) {
	q := s.queue(t)
	data := random(1000)
	a := s.upload(t, q, data)
	b := s.upload(t, q, make([]byte, 1000))
	e, err := q.Copy(b, 100, a, 7, 500)
	wait(t, e, err)
	e, err = q.Copy(b, 3, a, 5, 0)
	wait(t, e, err)
	e, err = q.Copy(b, 700, b, 100, 300) // within a buffer
	wait(t, e, err)
	want := make([]byte, 1000)
	copy(want[100:], data[7:507])
	copy(want[700:], want[100:400])
	if got := download[byte](t, q, b, 1000); !bytes.Equal(got, want) {
		t.Error("other bytes were copied")
	}
}

func ordered(t *testing.T, s *suite) {
	q := s.queue(t)
	a, b := s.alloc(t, 4096), s.alloc(t, 4096)
	const rounds = 50
	got := make([][]byte, rounds)
	var last backend.Event
	for i := range rounds {
		if _, err := q.Write(a, 0, bytes.Repeat([]byte{byte(i)}, 4096)); err != nil {
			t.Fatal(err)
		}
		if _, err := q.Copy(b, 0, a, 0, 4096); err != nil {
			t.Fatal(err)
		}
		got[i] = make([]byte, 4096)
		e, err := q.Read(got[i], b, 0)
		if err != nil {
			t.Fatal(err)
		}
		last = e
	}
	if err := q.Flush(); err != nil {
		t.Fatal(err)
	}
	wait(t, last, nil)
	for i := range got {
		if !bytes.Equal(got[i], bytes.Repeat([]byte{byte(i)}, 4096)) {
			t.Fatalf("round %d read what another one wrote", i)
		}
	}
}

func twoQueues(t *testing.T, s *suite) {
	const n, rounds = 10000, 20
	k := s.kernel(t, count())
	type side struct {
		q          backend.Queue
		out, where backend.Buffer
		last       backend.Event
	}
	sides := make([]side, 2)
	for i := range sides {
		q := s.queue(t)
		sides[i] = side{q: q, out: s.upload(t, q, make([]int32, n)), where: s.alloc(t, 8*n)}
	}
	for range rounds {
		for i := range sides {
			e, err := sides[i].q.Launch(k, 0, n, []backend.Arg{value(int64(0)), sliceOf(sides[i].out, n), sliceOf(sides[i].where, n)})
			if err != nil {
				t.Fatal(err)
			}
			sides[i].last = e
		}
	}
	for _, p := range sides {
		wait(t, p.last, nil)
		for i, c := range download[int32](t, p.q, p.out, n) {
			if c != rounds {
				t.Fatalf("index %d was run %d times in %d rounds", i, c, rounds)
			}
		}
	}
}

func launches(t *testing.T, s *suite) {
	q, k := s.queue(t), s.kernel(t, saxpy())
	for _, n := range []int{0, 1, 2, 63, 64, 65, 1000, 1e6} {
		x, y := make([]float32, n+1), make([]float32, n+1)
		for i := range x {
			x[i], y[i] = float32(i%1000), float32(i%7)
		}
		bx, by := s.upload(t, q, x), s.upload(t, q, y)
		e, err := q.Launch(k, 0, int64(n), []backend.Arg{value(float32(2)), sliceOf(bx, n+1), sliceOf(by, n+1)})
		wait(t, e, err)
		for i := range n {
			y[i] += 2 * x[i]
		}
		if got := download[float32](t, q, by, n+1); !slices.Equal(got, y) {
			t.Errorf("n = %d: %s", n, firstOff(got, y))
		}
		bx.Free()
		by.Free()
	}
}

func firstOff[T comparable](got, want []T) string {
	for i := range want {
		if got[i] != want[i] {
			return fmt.Sprintf("element %d is %v, want %v", i, got[i], want[i])
		}
	}
	return "no difference"
}

func bases(t *testing.T, s *suite) {
	q, k := s.queue(t), s.kernel(t, count())
	for _, base := range []int64{1, 64, 1000, 1 << 31, 1 << 40, -5, math.MinInt64, math.MaxInt64 - 200} {
		for _, n := range []int{1, 63, 200} {
			out, where := s.upload(t, q, make([]int32, n)), s.alloc(t, 8*int64(n))
			e, err := q.Launch(k, base, int64(n), []backend.Arg{value(base), sliceOf(out, n), sliceOf(where, n)})
			wait(t, e, err)
			counts, at := download[int32](t, q, out, n), download[int64](t, q, where, n)
			for i := range n {
				if counts[i] != 1 || at[i] != base+int64(i) {
					t.Fatalf("base %d: turn %d ran %d times, with index %d", base, i, counts[i], at[i])
				}
			}
			out.Free()
			where.Free()
		}
	}
	b := s.alloc(t, 8)
	args := []backend.Arg{value(int64(0)), sliceOf(b, 1), sliceOf(b, 1)}
	if _, err := q.Launch(k, 0, -1, args); err == nil {
		t.Error("a launch of -1 indices was taken")
	}
	if _, err := q.Launch(k, math.MaxInt64, 2, args); err == nil {
		t.Error("a launch beyond the indices of int64 was taken")
	}
}

func passesScalars(t *testing.T, s *suite) {
	q, k := s.queue(t), s.kernel(t, scalars())
	for _, ok := range []bool{true, false} {
		out := s.upload(t, q, []int64{0})
		e, err := q.Launch(k, 0, 1, []backend.Arg{
			value(ok), value(int8(-1)), value(int16(-300)), value(int32(-70000)), value(int64(-1 << 40)),
			value(uint8(200)), value(uint16(60000)), value(uint32(4e9)), value(uint64(1 << 50)), value(float32(1.5)), sliceOf(out, 1),
		})
		wait(t, e, err)
		want := int64(-1)
		if ok {
			want = -1 - 300 - 70000 - 1<<40 + 200 + 60000 + 4e9 + 1<<50 + 1
		}
		if got := download[int64](t, q, out, 1)[0]; got != want {
			t.Errorf("ok = %v: the sum is %d, want %d", ok, got, want)
		}
	}
}

func passesStructs(t *testing.T, s *suite) {
	q, k := s.queue(t), s.kernel(t, fields())
	const n = 100
	out := s.alloc(t, 8*n)
	data := make([]byte, 32)
	// Two launches one behind the other, and a value that changes when the call is back.
	for round := range int64(2) {
		data[0] = byte(0xff - round)
		binary.LittleEndian.PutUint64(data[8:], uint64(1000*round))
		binary.LittleEndian.PutUint32(data[16:], math.Float32bits(float32(20.25)))
		binary.LittleEndian.PutUint32(data[28:], 300)
		e, err := q.Launch(k, 0, n, []backend.Arg{{Value: data}, value([2]int32{5, -6}), sliceOf(out, n)})
		if err != nil {
			t.Fatal(err)
		}
		clear(data)
		wait(t, e, nil)
		for i, got := range download[int64](t, q, out, n) {
			if want := (-1 - round) + 1000*round + 20 + 300 - 6 + int64(i); got != want {
				t.Fatalf("round %d: out[%d] is %d, want %d", round, i, got, want)
			}
		}
	}
}

func passesRows(t *testing.T, s *suite) {
	q, k := s.queue(t), s.kernel(t, rowSums())
	elems, rows := make([]int32, 0), []int64{0}
	var want []int64
	for i := range 200 {
		sum := int64(0)
		for j := range i % 13 {
			elems = append(elems, int32(i*j-50))
			sum += int64(i*j - 50)
		}
		rows, want = append(rows, int64(len(elems))), append(want, sum)
	}
	be, br, out := s.upload(t, q, elems), s.upload(t, q, rows), s.alloc(t, 8*200)
	e, err := q.Launch(k, 0, 200, []backend.Arg{{Buffer: be, Rows: br, Len: 200}, sliceOf(out, 200)})
	wait(t, e, err)
	if got := download[int64](t, q, out, 200); !slices.Equal(got, want) {
		t.Error(firstOff(got, want))
	}
}

func tellsFaults(t *testing.T, s *suite) {
	q, p := s.queue(t), faults()
	k := s.kernel(t, p)
	const n = 5000
	for _, test := range []struct {
		base int64
		at   map[int]int64 // what stands in x
		want int64
		site int
	}{
		{0, map[int]int64{4711: 1}, 4711, 0},
		{0, map[int]int64{4711: 1, 77: 1, 4000: 1}, 77, 0},
		{0, map[int]int64{4711: 1, 4000: 2}, 4000, 1},
		{0, map[int]int64{0: 2, 1: 1}, 0, 1},
		{1 << 33, map[int]int64{n - 1: 2}, 1<<33 + n - 1, 1},
	} {
		x := make([]int64, n)
		for i, v := range test.at {
			x[i] = v
		}
		b := s.upload(t, q, x)
		e, err := q.Launch(k, test.base, n, []backend.Arg{value(test.base), sliceOf(b, n)})
		if err != nil {
			t.Fatal(err)
		}
		err = e.Wait(t.Context())
		var f *backend.FaultError
		if !errors.As(err, &f) {
			t.Fatalf("%v: %v, want a FaultError", test.at, err)
		}
		if f.Index != test.want || f.Site != p.Sites[test.site] {
			t.Errorf("%v: task %d failed at %v, want %d at %v", test.at, f.Index, f.Site, test.want, p.Sites[test.site])
		}
		if f.Known && test.site == 0 && (f.X != 7 || f.Y != 5) {
			t.Errorf("the values are %d and %d, want 7 and 5", f.X, f.Y)
		}
		if again := e.Wait(t.Context()); !errors.As(again, &f) {
			t.Errorf("the second Wait says %v", again)
		}
		for i, got := range download[int64](t, q, b, n) {
			// Tasks that did not fail may have run or not; those that did left all as it was.
			if v, failed := test.at[i]; failed && got != v || !failed && got != 9 && got != 0 {
				t.Fatalf("x[%d] is %d after a fault", i, got)
			}
		}
		b.Free()
	}
}

func forgetsFaults(t *testing.T, s *suite) {
	q, k := s.queue(t), s.kernel(t, faults())
	var events []backend.Event
	for i := range 20 {
		x := make([]int64, 100)
		x[i] = int64(i % 3)
		b := s.upload(t, q, x)
		e, err := q.Launch(k, 0, 100, []backend.Arg{value(int64(0)), sliceOf(b, 100)})
		if err != nil {
			t.Fatal(err)
		}
		events = append(events, e)
		if i >= 10 { // from now on one behind the other
			e.Wait(t.Context())
		}
	}
	for i, e := range events {
		err := e.Wait(t.Context())
		var f *backend.FaultError
		if i%3 == 0 && err != nil || i%3 != 0 && (!errors.As(err, &f) || f.Index != int64(i)) {
			t.Errorf("launch %d: %v", i, err)
		}
	}
}

// works runs a kernel to see that a device does.
func works(t *testing.T, s *suite) {
	t.Helper()
	q, k := s.queue(t), s.kernel(t, count())
	out, where := s.upload(t, q, make([]int32, 100)), s.alloc(t, 800)
	e, err := q.Launch(k, 0, 100, []backend.Arg{value(int64(0)), sliceOf(out, 100), sliceOf(where, 100)})
	wait(t, e, err)
	for i, c := range download[int32](t, q, out, 100) {
		if c != 1 {
			t.Fatalf("index %d ran %d times", i, c)
		}
	}
}

var errEnough = errors.New("enough")

// endSoon is a context that ends some time after the kernel has begun, with errEnough.
func endSoon(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeoutCause(t.Context(), 50*time.Millisecond, errEnough)
	t.Cleanup(cancel)
	return ctx
}

func isStopped(t *testing.T, err error) {
	t.Helper()
	if !errors.Is(err, errEnough) || errors.Is(err, backend.ErrAbandoned) {
		t.Errorf("%v, want that the context has ended, and nothing was abandoned", err)
	}
}

func stops(t *testing.T, s *suite) {
	q, k := s.queue(t), s.kernel(t, spin())
	for _, n := range []int{1, 100} {
		x := s.upload(t, q, make([]int64, n))
		e, err := q.Launch(k, 0, int64(n), []backend.Arg{sliceOf(x, n)})
		if err != nil {
			t.Fatal(err)
		}
		isStopped(t, e.Wait(endSoon(t)))
		isStopped(t, e.Wait(t.Context()))
		e, err = q.Write(x, 0, bytesOf(slices.Repeat([]int64{1}, n))) // the queue goes on
		wait(t, e, err)
		e, err = q.Launch(k, 0, int64(n), []backend.Arg{sliceOf(x, n)}) // and so does the kernel
		wait(t, e, err)
	}
	works(t, s)
}

func stopsBefore(t *testing.T, s *suite) {
	q, k := s.queue(t), s.kernel(t, spin())
	x := s.upload(t, q, make([]int64, 1))
	launch, err := q.Launch(k, 0, 1, []backend.Arg{sliceOf(x, 1)})
	if err != nil {
		t.Fatal(err)
	}
	read, err := q.Read(make([]byte, 8), x, 0)
	if err != nil {
		t.Fatal(err)
	}
	isStopped(t, read.Wait(endSoon(t)))
	isStopped(t, launch.Wait(t.Context()))
	works(t, s)
}

func waitsDone(t *testing.T, s *suite) {
	q := s.queue(t)
	e, err := q.Write(s.alloc(t, 8), 0, make([]byte, 8))
	wait(t, e, err)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := e.Wait(ctx); err != nil {
		t.Errorf("waiting for what is done: %v", err)
	}
}

func refusesArguments(t *testing.T, s *suite) {
	q, k := s.queue(t), s.kernel(t, saxpy())
	rows, structs := s.kernel(t, rowSums()), s.kernel(t, fields())
	b, odd := s.alloc(t, 400), s.alloc(t, 401)
	a, x := value(float32(1)), sliceOf(b, 100)
	out := sliceOf(b, 50)
	for _, test := range []struct {
		name string
		k    backend.Kernel
		args []backend.Arg
	}{
		{"none", k, nil},
		{"too few", k, []backend.Arg{a, x}},
		{"too many", k, []backend.Arg{a, x, x, x}},
		{"a long value", k, []backend.Arg{value(int64(1)), x, x}},
		{"no value", k, []backend.Arg{{}, x, x}},
		{"a buffer for a value", k, []backend.Arg{x, x, x}},
		{"a value for a buffer", k, []backend.Arg{a, a, x}},
		{"no buffer", k, []backend.Arg{a, {Len: 1}, x}},
		{"too many elements", k, []backend.Arg{a, sliceOf(b, 101), x}},
		{"far too many elements", k, []backend.Arg{a, {Buffer: b, Len: math.MaxInt64}, x}},
		{"less than no elements", k, []backend.Arg{a, sliceOf(b, -1), x}},
		{"an offset beyond", k, []backend.Arg{a, {Buffer: b, Offset: 4, Len: 100}, x}},
		{"a negative offset", k, []backend.Arg{a, {Buffer: b, Offset: -4, Len: 1}, x}},
		{"an odd offset", k, []backend.Arg{a, {Buffer: odd, Offset: 1, Len: 100}, x}},
		{"rows for a slice", k, []backend.Arg{a, {Buffer: b, Rows: b, Len: 1}, x}},
		{"no rows", rows, []backend.Arg{sliceOf(b, 3), out}},
		{"few rows", rows, []backend.Arg{{Buffer: b, Rows: b, Len: 50}, out}},
		{"a short struct", structs, []backend.Arg{{Value: make([]byte, 31)}, value([2]int32{}), out}},
		{"a buffer for a struct", structs, []backend.Arg{sliceOf(b, 1), value([2]int32{}), out}},
	} {
		if e, err := q.Launch(test.k, 0, 1, test.args); err == nil {
			t.Errorf("%s: the launch was taken", test.name)
			e.Wait(t.Context())
		}
	}
	if _, err := q.Launch(nil, 0, 1, nil); err == nil {
		t.Error("a launch of no kernel was taken")
	}
	works(t, s)
}

func refusesKernels(t *testing.T, s *suite) {
	prog, err := s.Build(t.Context(), saxpy())
	if err != nil {
		t.Fatal(err)
	}
	defer prog.Free()
	if _, err := prog.Kernel("daxpy"); err == nil {
		t.Error("a kernel that is not there was found")
	}
}

func refusesOthers(t *testing.T, s *suite) {
	other := &suite{Device: s.open(t), open: s.open}
	defer other.Close()
	q := s.queue(t)
	b, theirs := s.alloc(t, 400), other.alloc(t, 400)
	if _, err := q.Write(theirs, 0, make([]byte, 4)); err == nil {
		t.Error("a write to another device's buffer was taken")
	}
	if _, err := q.Copy(b, 0, theirs, 0, 4); err == nil {
		t.Error("a copy from another device's buffer was taken")
	}
	if _, err := q.Launch(other.kernel(t, saxpy()), 0, 1, []backend.Arg{value(float32(1)), sliceOf(b, 100), sliceOf(b, 100)}); err == nil {
		t.Error("another device's kernel was launched")
	}
	if _, err := q.Launch(s.kernel(t, saxpy()), 0, 1, []backend.Arg{value(float32(1)), sliceOf(theirs, 100), sliceOf(b, 100)}); err == nil {
		t.Error("a kernel was launched with another device's buffer")
	}
}

func refusesFreed(t *testing.T, s *suite) {
	b, c := s.alloc(t, 400), s.alloc(t, 400)
	q := s.queue(t)
	prog, err := s.Build(t.Context(), saxpy())
	if err != nil {
		t.Fatal(err)
	}
	k, err := prog.Kernel("saxpy")
	if err != nil {
		t.Fatal(err)
	}
	b.Free()
	_, write := q.Write(b, 0, make([]byte, 4))
	_, read := q.Read(make([]byte, 4), b, 0)
	_, to := q.Copy(b, 0, c, 0, 4)
	_, from := q.Copy(c, 0, b, 0, 4)
	_, launch := q.Launch(k, 0, 1, []backend.Arg{value(float32(1)), sliceOf(b, 100), sliceOf(c, 100)})
	for i, err := range []error{write, read, to, from, launch} {
		if err == nil {
			t.Errorf("command %d took a buffer that was freed", i)
		}
	}
	prog.Free()
	prog.Free()
	if _, err := q.Launch(k, 0, 1, []backend.Arg{value(float32(1)), sliceOf(c, 100), sliceOf(c, 100)}); err == nil {
		t.Error("a kernel was launched whose program was freed")
	}
	if _, err := prog.Kernel("saxpy"); err == nil {
		t.Error("a program that was freed gave a kernel")
	}
	q.Free()
	q.Free()
	if _, err := q.Write(c, 0, make([]byte, 4)); err == nil {
		t.Error("a queue that was freed took a write")
	}
	if err := q.Flush(); err == nil {
		t.Error("a queue that was freed was flushed")
	}
	works(t, s)
}

func freesLater(t *testing.T, s *suite) {
	prog, err := s.Build(t.Context(), saxpy())
	if err != nil {
		t.Fatal(err)
	}
	k, err := prog.Kernel("saxpy")
	if err != nil {
		t.Fatal(err)
	}
	q, err := s.Queue()
	if err != nil {
		t.Fatal(err)
	}
	const n = 100000
	x, y := s.upload(t, q, make([]float32, n)), s.upload(t, q, slices.Repeat([]float32{3}, n))
	got := make([]byte, 4*n)
	for range 10 {
		if _, err := q.Launch(k, 0, n, []backend.Arg{value(float32(1)), sliceOf(x, n), sliceOf(y, n)}); err != nil {
			t.Fatal(err)
		}
	}
	e, err := q.Read(got, y, 0)
	if err != nil {
		t.Fatal(err)
	}
	x.Free()
	y.Free()
	prog.Free()
	q.Free()
	wait(t, e, nil)
	if !bytes.Equal(got, bytesOf(slices.Repeat([]float32{3}, n))) {
		t.Error("buffers changed that were freed while commands used them")
	}
	if s.InUse() != 0 {
		t.Errorf("%d bytes in use at the end", s.InUse())
	}
}

func times(t *testing.T, s *suite) {
	q, k := s.queue(t), s.kernel(t, count())
	const n = 100000
	out, where := s.upload(t, q, make([]int32, n)), s.alloc(t, 8*n)
	var events []backend.Event
	for range 5 {
		e, err := q.Launch(k, 0, n, []backend.Arg{value(int64(0)), sliceOf(out, n), sliceOf(where, n)})
		if err != nil {
			t.Fatal(err)
		}
		r, err := q.Read(make([]byte, 8*n), where, 0)
		if err != nil {
			t.Fatal(err)
		}
		events = append(events, e, r)
	}
	var last time.Duration
	for i, e := range events {
		wait(t, e, nil)
		queued, began, end := e.Times()
		if queued <= 0 || began < queued || end < began {
			t.Errorf("command %d: queued at %v, begun at %v, ended at %v", i, queued, began, end)
		}
		if tick := s.Info().Tick; began+tick < last {
			t.Errorf("command %d begins at %v, before the one in front ends at %v", i, began, last)
		}
		last = end
	}
}

func buildObeys(t *testing.T, s *suite) {
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(errEnough)
	if _, err := s.Build(ctx, saxpy()); !errors.Is(err, errEnough) {
		t.Errorf("a build whose context has ended: %v", err)
	}
	works(t, s)
}

func compilesSource(t *testing.T, s *suite) {
	_, err := s.BuildSource(t.Context(), "this is not a program, in any language;")
	if e := (*backend.BuildError)(nil); !errors.Is(err, backend.ErrUnsupported) && (!errors.As(err, &e) || e.Log == "") {
		t.Errorf("nonsense: %v, want ErrUnsupported, or a BuildError with a log", err)
	}
}

func shared(t *testing.T, s *suite) {
	const n, rounds = 2000, 15
	k, bad := s.kernel(t, count()), s.kernel(t, faults())
	common := s.queue(t)
	var wg sync.WaitGroup
	for g := range 8 {
		wg.Go(func() {
			if err := s.work(t.Context(), common, k, bad, g, n, rounds); err != nil {
				t.Errorf("goroutine %d: %v", g, err)
			}
		})
	}
	wg.Wait()
	if s.InUse() != 0 {
		t.Errorf("%d bytes in use at the end", s.InUse())
	}
}

// work is what one goroutine does with a shared device; every other one uses a queue of its own.
func (s *suite) work(ctx context.Context, common backend.Queue, k, bad backend.Kernel, g, n, rounds int) error {
	q := common
	if g%2 == 0 {
		own, err := s.Queue()
		if err != nil {
			return err
		}
		defer own.Free()
		q = own
	}
	do := func(e backend.Event, err error) error {
		if err != nil {
			return err
		}
		return e.Wait(ctx)
	}
	for r := range rounds {
		out, err := s.Alloc(int64(4 * n))
		if err != nil {
			return err
		}
		defer out.Free()
		where, err := s.Alloc(int64(8 * n))
		if err != nil {
			return err
		}
		defer where.Free()
		from, got := int64(g*1000+r), make([]byte, 8*n)
		if _, err := q.Write(out, 0, make([]byte, 4*n)); err != nil {
			return err
		}
		if _, err := q.Launch(k, from, int64(n), []backend.Arg{value(from), sliceOf(out, n), sliceOf(where, n)}); err != nil {
			return err
		}
		if err := do(q.Read(got, where, 0)); err != nil {
			return err
		}
		for i := range n {
			if v := int64(binary.LittleEndian.Uint64(got[8*i:])); v != from+int64(i) {
				return fmt.Errorf("round %d: turn %d has index %d, want %d", r, i, v, from+int64(i))
			}
		}
		x := make([]int64, n)
		x[(g*37+r)%n] = 2
		if _, err := q.Write(where, 0, bytesOf(x)); err != nil {
			return err
		}
		err = do(q.Launch(bad, 0, int64(n), []backend.Arg{value(int64(0)), sliceOf(where, n)}))
		var f *backend.FaultError
		if !errors.As(err, &f) || f.Index != int64((g*37+r)%n) {
			return fmt.Errorf("round %d: %w, want a fault of task %d", r, err, (g*37+r)%n)
		}
		out.Free()
		where.Free()
	}
	return nil
}

func closesInUse(t *testing.T, s *suite) {
	k, endless := s.kernel(t, count()), s.kernel(t, spin())
	const n = 1000
	q := s.queue(t)
	x := s.upload(t, q, make([]int64, 1))
	stuck, err := q.Launch(endless, 0, 1, []backend.Arg{sliceOf(x, 1)})
	if err != nil {
		t.Fatal(err)
	}
	begun := make(chan struct{}, 4)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			defer func() { begun <- struct{}{} }()
			for i := 0; ; i++ {
				if i == 3 {
					begun <- struct{}{}
				}
				if s.use(t.Context(), k, n) != nil {
					return // it was closed; that nothing crashes is what counts
				}
			}
		})
	}
	// The endless kernel may keep all of the device busy, so that the others do not come far.
	select {
	case <-begun:
	case <-time.After(50 * time.Millisecond):
	}
	if err := s.Close(); err != nil {
		t.Errorf("close: %v", err)
	}
	go func() { // the goroutines' last words
		for range begun {
		}
	}()
	wg.Wait()
	close(begun)
	if err := stuck.Wait(t.Context()); err == nil {
		t.Error("a kernel that was stopped says that all is well")
	}
	if s.InUse() != 0 {
		t.Errorf("%d bytes in use after Close", s.InUse())
	}
}

func (s *suite) use(ctx context.Context, k backend.Kernel, n int) error {
	q, err := s.Queue()
	if err != nil {
		return err
	}
	defer q.Free()
	out, err := s.Alloc(int64(4 * n))
	if err != nil {
		return err
	}
	defer out.Free()
	where, err := s.Alloc(int64(8 * n))
	if err != nil {
		return err
	}
	defer where.Free()
	e, err := q.Launch(k, 0, int64(n), []backend.Arg{value(int64(0)), sliceOf(out, n), sliceOf(where, n)})
	if err != nil {
		return err
	}
	return e.Wait(ctx)
}

func refusesClosed(t *testing.T, s *suite) {
	q, b := s.queue(t), s.alloc(t, 8)
	prog, err := s.Build(t.Context(), count())
	if err != nil {
		t.Fatal(err)
	}
	k, err := prog.Kernel("count")
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := s.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	}
	_, alloc := s.Alloc(8)
	_, queue := s.Queue()
	_, build := s.Build(t.Context(), saxpy())
	_, write := q.Write(b, 0, make([]byte, 8))
	_, launch := q.Launch(k, 0, 1, []backend.Arg{value(int64(0)), sliceOf(b, 1), sliceOf(b, 1)})
	_, kernel := prog.Kernel("count")
	for i, err := range []error{alloc, queue, build, write, launch, kernel, q.Flush()} {
		if err == nil {
			t.Errorf("call %d was taken by a device that is closed", i)
		}
	}
	b.Free()
	prog.Free()
	q.Free()
	if s.InUse() != 0 || s.Info().Name == "" {
		t.Errorf("after Close, %d bytes are in use and the name is %q", s.InUse(), s.Info().Name)
	}
}
