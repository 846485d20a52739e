package opencl

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/adabc437/fanout/parallel/device/backend"
	"github.com/adabc437/fanout/parallel/device/backend/backendtest"
	"github.com/adabc437/fanout/parallel/device/ir"
)

func TestDevicesThatSpinWhenTheyWaitConform(t *testing.T) {
	cache := t.TempDir()
	devices(t)
	backendtest.Run(t, func(t *testing.T) backend.Device {
		d := devices(t, CacheDir(cache))[0]
		d.poll = true
		return d
	})
}

func TestLaunchesInSeveralCommandsConform(t *testing.T) {
	cache := t.TempDir()
	devices(t)
	backendtest.Run(t, func(t *testing.T) backend.Device {
		d := devices(t, CacheDir(cache))[0]
		d.chunk = 1000
		if testing.Short() {
			d.chunk = 100000
		}
		return d
	})
}

func TestNoLibraryIsNotFound(t *testing.T) {
	_, err := Open(Libraries("/nowhere/libOpenCL.so.1", "/nowhere/libOpenCL.so"))
	var none *NotFoundError
	if !errors.As(err, &none) {
		t.Fatalf("%v, want a NotFoundError", err)
	}
	if len(none.Tried) != 2 || !strings.Contains(none.Tried[0], "/nowhere/libOpenCL.so.1") || none.Hint == "" {
		t.Errorf("%+v", none)
	}
	for _, want := range []string{"/nowhere/libOpenCL.so:", none.Hint} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q does not say %q", err, want)
		}
	}
}

func TestALibraryThatIsNotOpenCLIsNotFound(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("the library is Linux's")
	}
	_, err := Open(Libraries("libc.so.6"))
	var none *NotFoundError
	if !errors.As(err, &none) || !strings.Contains(none.Tried[0], "OpenCL 1.2 or newer") {
		t.Errorf("%v, want a NotFoundError that says that it is too old", err)
	}
}

func TestErrorsNameCodeAndCall(t *testing.T) {
	err := failed(-5, "clEnqueueNDRangeKernel")
	if want := "CL_OUT_OF_RESOURCES (-5) from clEnqueueNDRangeKernel"; err.Error() != want {
		t.Errorf("%q, want %q", err, want)
	}
	if !errors.Is(err, &Error{Code: -5}) || errors.Is(err, &Error{Code: -6}) || errors.Is(err, &Error{Code: -5, Call: "clFinish"}) {
		t.Error("errors.Is does not compare code and call")
	}
	if failed(0, "clFlush") != nil {
		t.Error("success is an error")
	}
	if CodeName(-12345) != "unknown OpenCL status" {
		t.Error("a code that nobody knows has a name")
	}
}

func TestStatusesBecomeErrorsOfPackageBackend(t *testing.T) {
	d := devices(t)[0]
	for _, test := range []struct {
		status       int32
		asked        int64
		memory, lost bool
	}{
		{-1, 0, false, false}, {-2, 0, false, true}, {-4, 0, true, false}, {-5, 8, true, false}, {-6, 0, true, false},
		{-61, 8, true, false}, {-9999, 0, false, true},
		{-5, 0, false, false}, {-36, 0, false, false}, // the device answers
	} {
		err := d.failed(test.status, "clX", test.asked)
		var m *backend.MemoryError
		var own *Error
		if errors.As(err, &m) != test.memory || errors.Is(err, backend.ErrLost) != test.lost || !errors.As(err, &own) || own.Code != test.status {
			t.Errorf("status %d: %#v", test.status, err)
		}
		if m != nil && m.Asked != test.asked {
			t.Errorf("status %d: %d bytes asked for, want %d", test.status, m.Asked, test.asked)
		}
	}
}

func TestMemoryIsCountedBeforeTheDriverIsAsked(t *testing.T) {
	d := devices(t)[0]
	d.info.Memory = 1000
	a, err := d.Alloc(600)
	if err != nil {
		t.Fatal(err)
	}
	_, err = d.Alloc(500)
	var m *backend.MemoryError
	if !errors.As(err, &m) || m.Asked != 500 || m.InUse != 600 || m.Memory != 1000 {
		t.Errorf("%v, want a MemoryError for 500 bytes with 600 of 1000 in use", err)
	}
	a.Free()
	if _, err := d.Alloc(500); err != nil {
		t.Errorf("there is room again, but: %v", err)
	}
}

func TestBuffersThatAreDroppedAreFreed(t *testing.T) {
	d := devices(t)[0]
	func() {
		for range 10 {
			if _, err := d.Alloc(1 << 10); err != nil {
				t.Fatal(err)
			}
		}
	}()
	for began := time.Now(); d.InUse() > 0; runtime.Gosched() {
		runtime.GC()
		if time.Since(began) > time.Minute {
			t.Fatalf("%d bytes are still in use", d.InUse())
		}
	}
}

// addOne is x[i]++ for int32.
func addOne() *ir.Program {
	one := ir.Scalar(ir.Int32)
	x, i := &ir.Var{Name: "x", Type: ir.SliceOf(one)}, &ir.Var{Name: "i", Type: ir.Scalar(ir.Int64)}
	elem := &ir.Elem{X: &ir.Ref{Var: x}, I: &ir.Ref{Var: i}}
	return &ir.Program{Kernels: []*ir.Kernel{{Name: "add_one", Params: []*ir.Var{x}, Index: i, Body: []ir.Stmt{
		&ir.Assign{Place: elem, X: &ir.Binary{Op: ir.Add, X: elem, Y: &ir.Const{T: one, Bits: 1}}},
	}}}}
}

func build(t testing.TB, d *device, p *ir.Program) (backend.Program, backend.Kernel) {
	t.Helper()
	prog, err := d.Build(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	k, err := prog.Kernel(p.Kernels[0].Name)
	if err != nil {
		t.Fatal(err)
	}
	return prog, k
}

func newQueue(t testing.TB, d *device) backend.Queue {
	t.Helper()
	q, err := d.Queue()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(q.Free)
	return q
}

func newBuffer(t testing.TB, d *device, q backend.Queue, data []byte) backend.Buffer {
	t.Helper()
	b, err := d.Alloc(int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	e, err := q.Write(b, 0, data)
	must(t, e, err)
	return b
}

func must(t testing.TB, e backend.Event, err error) {
	t.Helper()
	if err == nil {
		err = e.Wait(t.Context())
	}
	if err != nil {
		t.Fatal(err)
	}
}

func ints(t testing.TB, q backend.Queue, b backend.Buffer) []int32 {
	t.Helper()
	data := make([]byte, b.Size())
	e, err := q.Read(data, b, 0)
	must(t, e, err)
	list := make([]int32, len(data)/4)
	if _, err := binary.Decode(data, binary.LittleEndian, list); err != nil {
		t.Fatal(err)
	}
	return list
}

func TestSlicesBeginAnywhereInABuffer(t *testing.T) {
	d := devices(t)[0]
	q := newQueue(t, d)
	_, k := build(t, d, addOne())
	for _, offset := range []int64{0, 4, d.align - 4, d.align, 4 * d.align, 4*d.align + 4} {
		b := newBuffer(t, d, q, make([]byte, 8*d.align))
		const n = 10
		for range 2 {
			e, err := q.Launch(k, 0, n, []backend.Arg{{Buffer: b, Offset: offset, Len: n}})
			must(t, e, err)
		}
		for i, v := range ints(t, q, b) {
			want := int32(0)
			if at := int64(i) * 4; at >= offset && at < offset+4*n {
				want = 2
			}
			if v != want {
				t.Errorf("offset %d: element %d is %d, want %d", offset, i, v, want)
			}
		}
	}
}

func TestPartsThatOverlapAreRefusedWhereTheyMustBeCopied(t *testing.T) {
	d := devices(t)[0]
	q := newQueue(t, d)
	one := ir.Scalar(ir.Int32)
	x, y, i := &ir.Var{Name: "x", Type: ir.SliceOf(one)}, &ir.Var{Name: "y", Type: ir.SliceOf(one)}, &ir.Var{Name: "i", Type: ir.Scalar(ir.Int64)}
	at := func(v *ir.Var) ir.Expr { return &ir.Elem{X: &ir.Ref{Var: v}, I: &ir.Ref{Var: i}} }
	_, k := build(t, d, &ir.Program{Kernels: []*ir.Kernel{{Name: "move", Params: []*ir.Var{x, y}, Index: i, Body: []ir.Stmt{
		&ir.Assign{Place: at(x), X: at(y)},
	}}}})
	b := newBuffer(t, d, q, make([]byte, 800))
	_, err := q.Launch(k, 0, 10, []backend.Arg{{Buffer: b, Offset: 4, Len: 10}, {Buffer: b, Offset: 40, Len: 10}})
	if err == nil || !strings.Contains(err.Error(), "overlap") {
		t.Errorf("%v, want that they overlap", err)
	}
	e, err := q.Launch(k, 0, 10, []backend.Arg{{Buffer: b, Offset: 4, Len: 10}, {Buffer: b, Offset: 44, Len: 10}})
	must(t, e, err)
}

func TestLaunchesUseTheirScratchAgain(t *testing.T) {
	d := devices(t)[0]
	q := newQueue(t, d)
	_, k := build(t, d, addOne())
	b := newBuffer(t, d, q, make([]byte, 400))
	for range 50 {
		e, err := q.Launch(k, 0, 100, []backend.Arg{{Buffer: b, Len: 100}})
		must(t, e, err)
	}
	if len(d.scratch) != 1 {
		t.Errorf("50 launches one behind the other made %d scratches, want 1", len(d.scratch))
	}
}

func TestMoreLaunchesThanASlabHasFlags(t *testing.T) {
	d := devices(t)[0]
	q := newQueue(t, d)
	_, k := build(t, d, addOne())
	b := newBuffer(t, d, q, make([]byte, 400))
	for range 2*slabSlots + 10 {
		if _, err := q.Launch(k, 0, 100, []backend.Arg{{Buffer: b, Len: 100}}); err != nil {
			t.Fatal(err)
		}
	}
	for i, v := range ints(t, q, b) {
		if v != 2*slabSlots+10 {
			t.Fatalf("element %d is %d, want %d", i, v, 2*slabSlots+10)
		}
	}
}

// Where host and device have two memories, flags are set by commands: here, too, as long
// as one of the device's units has nothing else to do.
func TestFlagsInTheDevicesMemoryStopKernels(t *testing.T) {
	d := devices(t)[0]
	if d.info.Units < 2 {
		t.Skip("the device has one unit, which the kernel takes")
	}
	d.remote = true
	q := newQueue(t, d)
	long := ir.Scalar(ir.Int64)
	x, i := &ir.Var{Name: "x", Type: ir.SliceOf(long)}, &ir.Var{Name: "i", Type: long}
	elem := &ir.Elem{X: &ir.Ref{Var: x}, I: &ir.Ref{Var: i}}
	zero := &ir.Binary{Op: ir.Eq, X: elem, Y: &ir.Const{T: long}}
	_, k := build(t, d, &ir.Program{Kernels: []*ir.Kernel{{Name: "spin", Params: []*ir.Var{x}, Index: i, Body: []ir.Stmt{
		&ir.Loop{Cond: zero},
	}}}})
	b := newBuffer(t, d, q, make([]byte, 8))
	for range 3 {
		var events []backend.Event
		for range 2 { // the second one is asked before it begins
			e, err := q.Launch(k, 0, 1, []backend.Arg{{Buffer: b, Len: 1}})
			if err != nil {
				t.Fatal(err)
			}
			events = append(events, e)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
		for _, e := range []backend.Event{events[1], events[0]} {
			if err := e.Wait(ctx); !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, backend.ErrAbandoned) {
				t.Errorf("%v, want that the time is over, and nothing was abandoned", err)
			}
		}
		cancel()
	}
	e, err := q.Write(b, 0, []byte{1, 0, 0, 0, 0, 0, 0, 0})
	must(t, e, err)
	e, err = q.Launch(k, 0, 1, []backend.Arg{{Buffer: b, Len: 1}})
	must(t, e, err) // the flag is 0 again, and the kernel ends by itself
}

func TestAKernelThatDoesNotStopIsAbandoned(t *testing.T) {
	d := devices(t)[0]
	q := newQueue(t, d)
	// It ends, but after far more than the grace.
	k := sourceKernel(t, d, `__kernel void slow(__global volatile int *x) { for (int i = 0; i < 200000000; i++) x[0] = x[0] + 1; }`, "slow")
	b := newBuffer(t, d, q, make([]byte, 4))
	d.grace = time.Millisecond
	e, err := q.LaunchSource(k, []int64{1}, nil, []backend.Arg{{Buffer: b}})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	enough := errors.New("enough")
	cancel(enough)
	err = e.Wait(ctx)
	for _, want := range []error{enough, context.Canceled, backend.ErrAbandoned} {
		if !errors.Is(err, want) {
			t.Errorf("%v, want one that is %v, too", err, want)
		}
	}
	must(t, e, nil)
}

func sourceKernel(t testing.TB, d *device, source, name string) *Kernel {
	t.Helper()
	prog, err := d.BuildSource(t.Context(), source)
	if err != nil {
		t.Fatal(err)
	}
	k, err := prog.Kernel(name)
	if err != nil {
		t.Fatal(err)
	}
	return k.(*Kernel)
}

const gridSource = `
__kernel void grid(__global int *out, const int a, const float4 v, __constant int *c, __local int *tile) {
    size_t x = get_global_id(0), y = get_global_id(1);
    tile[get_local_id(0)] = a;
    barrier(CLK_LOCAL_MEM_FENCE);
    out[y * get_global_size(0) + x] = tile[0] + (int)v.y + c[0] + (int)(100 * y + x);
}
__kernel void none(void) {}
`

func TestHandWrittenKernelsRun(t *testing.T) {
	dir := t.TempDir()
	for round := range 2 { // the second one from the cache
		d := devices(t, CacheDir(dir))[0]
		q := newQueue(t, d)
		k := sourceKernel(t, d, gridSource, "grid")
		if k.program.cached != (round == 1) {
			t.Errorf("round %d: cached is %v", round, k.program.cached)
		}
		infos, err := k.Args()
		if err != nil {
			t.Fatal(err)
		}
		want := []ArgInfo{{"out", "int*", "global", false}, {"a", "int", "private", false}, {"v", "float4", "private", false}, {"c", "int*", "constant", true}, {"tile", "int*", "local", false}}
		for i := range want {
			if infos[i] != want[i] {
				t.Errorf("argument %d is %v, want %v", i, infos[i], want[i])
			}
		}
		out, c := newBuffer(t, d, q, make([]byte, 4*16*3+int(d.align))), newBuffer(t, d, q, []byte{7, 0, 0, 0})
		v, _ := binary.Append(nil, binary.LittleEndian, []float32{1, 20, 3, 4})
		a := []byte{0xe8, 3, 0, 0} // 1000
		args := []backend.Arg{{Buffer: out, Offset: d.align}, {Value: a}, {Value: v}, {Buffer: c}, {Len: 64}}
		for _, local := range [][]int64{nil, {8, 1}} {
			e, err := q.LaunchSource(k, []int64{16, 3}, local, args)
			must(t, e, err)
			for i, got := range ints(t, q, out)[d.align/4:] {
				if want := int32(1027 + 100*(i/16) + i%16); got != want {
					t.Fatalf("local %v: element %d is %d, want %d", local, i, got, want)
				}
			}
		}
		for name, bad := range map[string][]backend.Arg{
			"too few":                 args[:4],
			"a value for a pointer":   {args[1], args[1], args[2], args[3], args[4]},
			"a pointer for a value":   {args[0], args[0], args[2], args[3], args[4]},
			"a short value":           {args[0], {Value: a[:2]}, args[2], args[3], args[4]},
			"a short vector":          {args[0], args[1], {Value: v[:12]}, args[3], args[4]},
			"a buffer for local":      {args[0], args[1], args[2], args[3], args[0]},
			"no bytes of local":       {args[0], args[1], args[2], args[3], {}},
			"an offset out of bounds": {{Buffer: c, Offset: 8}, args[1], args[2], args[3], args[4]},
			"an odd offset":           {{Buffer: out, Offset: 4}, args[1], args[2], args[3], args[4]},
			"rows":                    {{Buffer: out, Rows: c}, args[1], args[2], args[3], args[4]},
			"a buffer and a value":    {{Buffer: out, Value: a}, args[1], args[2], args[3], args[4]},
		} {
			if e, err := q.LaunchSource(k, []int64{16, 3}, nil, bad); err == nil {
				t.Errorf("%s: the launch was taken", name)
				e.Wait(t.Context())
			}
		}
		for _, bad := range [][2][]int64{{{}, nil}, {{1, 1, 1, 1}, nil}, {{16, -1}, nil}, {{16, 3}, {8}}, {{16, 3}, {5, 1}}, {{16, 3}, {0, 1}}, {{1 << 40, 1 << 40}, nil}, {{1 << 20}, {1 << 20}}} {
			if e, err := q.LaunchSource(k, bad[0], bad[1], args); err == nil {
				t.Errorf("%v in groups of %v: the launch was taken", bad[0], bad[1])
				e.Wait(t.Context())
			}
		}
		e, err := q.LaunchSource(k, []int64{16, 0}, nil, args)
		must(t, e, err)
		if _, err := q.Launch(k, 0, 1, args); err == nil {
			t.Error("Launch took a hand-written kernel")
		}
		_, built := build(t, d, addOne())
		if _, err := q.LaunchSource(built, []int64{1}, nil, []backend.Arg{{Buffer: out}}); err == nil {
			t.Error("LaunchSource took a kernel of Build")
		}
		e, err = q.LaunchSource(sourceKernel(t, d, gridSource, "none"), []int64{4}, nil, nil)
		must(t, e, err)
	}
}

func TestTheCompilersFirstComplaintIsTold(t *testing.T) {
	d := devices(t)[0]
	_, err := d.BuildSource(t.Context(), "__kernel void k(__global int *x) {\n    x[0] = nothing_like_it;\n}\n")
	var b *backend.BuildError
	if !errors.As(err, &b) {
		t.Fatalf("%v, want a BuildError", err)
	}
	if !strings.Contains(err.Error(), "nothing_like_it") || !strings.Contains(b.Log, "nothing_like_it") {
		t.Errorf("it does not name what is wrong: %v\n%s", err, b.Log)
	}
	if !errors.Is(err, &Error{Code: codeBuildFailure}) {
		t.Errorf("it does not wrap the driver's status: %v", err)
	}
}

func TestProgramsAreCached(t *testing.T) {
	dir := t.TempDir()
	run := func() bool {
		d := devices(t, CacheDir(dir))[0]
		q := newQueue(t, d)
		prog, k := build(t, d, addOne())
		b := newBuffer(t, d, q, make([]byte, 40))
		e, err := q.Launch(k, 0, 10, []backend.Arg{{Buffer: b, Len: 10}})
		must(t, e, err)
		if v := ints(t, q, b)[9]; v != 1 {
			t.Errorf("the last element is %d, want 1", v)
		}
		return prog.Cached()
	}
	if run() || !run() {
		t.Error("the first program was there already, or the second was not")
	}
	files, err := os.ReadDir(dir)
	if err != nil || len(files) != 1 {
		t.Fatalf("%d files in the cache (%v), want 1", len(files), err)
	}
	name := dir + "/" + files[0].Name()
	whole, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	// Damaged on the disk; and whole, but no program of this driver.
	none := cache{dir: dir, files: 10, bytes: 1 << 20}
	for _, damage := range []func(){
		func() { os.WriteFile(name, whole[:len(whole)/2], 0o600) },
		func() { os.WriteFile(name, nil, 0o600) },
		func() { none.put(strings.TrimSuffix(files[0].Name(), ".bin"), bytes.Repeat([]byte("no program"), 100)) },
	} {
		damage()
		if run() {
			t.Error("a damaged file was taken for a program")
		}
		if !run() {
			t.Error("it was not made anew")
		}
	}
}

func TestFewTasksAreInManyGroups(t *testing.T) {
	for _, test := range []struct {
		kind        backend.Kind
		units       int
		n           int64
		want        int64
		group, step int64
	}{
		{backend.CPU, 2, 1, 1, 4096, 8}, {backend.CPU, 2, 63, 1, 4096, 8}, {backend.CPU, 2, 64, 8, 4096, 8}, {backend.CPU, 2, 1e6, 64, 4096, 8},
		{backend.CPU, 2, 1e6, 8, 32, 8}, {backend.CPU, 2, 1e6, 1, 1, 1},
		{backend.GPU, 100, 1e6, 256, 1024, 32}, {backend.GPU, 100, 1000, 32, 1024, 32}, {backend.GPU, 100, 1e6, 192, 200, 64},
		{backend.GPU, 100, 1e6, 20, 20, 64}, {backend.GPU, 0, math.MaxInt64, 256, 256, 1},
	} {
		d := &device{info: backend.Info{Kind: test.kind, Units: test.units}}
		k := &Kernel{program: &program{dev: d}, group: test.group, multiple: test.step}
		if got := k.local(test.n); got != test.want {
			t.Errorf("%+v: groups of %d", test, got)
		}
	}
}

// The first launch of a kernel with a size of groups says how long the driver prepared it,
// which later ones do not.
func TestTheFirstLaunchOfASizeIsPrepared(t *testing.T) {
	for _, d := range devices(t) {
		p, err := d.BuildSource(t.Context(), fmt.Sprintf("__kernel void f(__global float *x) { size_t i = get_global_id(0); x[i] = pow(x[i], %d); }", time.Now().UnixNano()))
		if err != nil {
			t.Fatal(err)
		}
		k, err := p.Kernel("f")
		if err != nil {
			t.Fatal(err)
		}
		q, err := d.Queue()
		if err != nil {
			t.Fatal(err)
		}
		b, err := d.Alloc(4 * 64)
		if err != nil {
			t.Fatal(err)
		}
		defer b.Free()
		defer q.Free()
		for i, group := range []int64{16, 16, 8, 16} {
			e, err := q.LaunchSource(k, []int64{64}, []int64{group}, []backend.Arg{{Buffer: b}})
			if err != nil {
				t.Fatal(err)
			}
			if err := e.Wait(t.Context()); err != nil {
				t.Fatal(err)
			}
			prepared := e.(backend.Preparer).Prepared()
			_, began, _ := e.Times()
			if first := i == 0 || i == 2; prepared < 0 || prepared > began || !first && prepared != 0 {
				t.Errorf("launch %d, in groups of %d: prepared for %v, began at %v", i, group, prepared, began)
			}
			if strings.Contains(d.info.Driver, "Portable Computing Language") && i == 0 && prepared == 0 {
				t.Errorf("PoCL compiles a kernel before its first launch, in no time")
			}
		}
	}
}

func TestSystemsWithoutCallsSaySo(t *testing.T) {
	err := &NotFoundError{Hint: notSupported(errors.New("OpenCL is not supported on windows/386"))}
	want := "no OpenCL device was found: OpenCL is not supported on windows/386: it is with a build of Fanout for a system of 64 bits (amd64 or arm64)."
	if err.Error() != want {
		t.Errorf("%v\nwant %s", err, want)
	}
}

func TestGroupsThatDoNotFit(t *testing.T) {
	k := &Kernel{name: "f", group: 64, program: &program{dev: &device{maxGroup: 256}}}
	for _, c := range []struct {
		global, local []int64
		want          string
	}{
		{[]int64{100}, []int64{7}, "7 does not divide 100 work-items; 5 does"},
		{[]int64{64, 30}, []int64{8, 8}, "8 does not divide 30 work-items; 6 does"},
		{[]int64{64, 64}, []int64{8}, "work-items in 2 dimensions, groups in 1"},
		{[]int64{1024}, []int64{512}, "there are 1 to 256"},
		{[]int64{1024}, []int64{0}, "there are 1 to 256"},
		{[]int64{1024}, []int64{128}, "groups of [128] are 128 work-items; the device has at most 64"},
	} {
		if err := k.checkRange(c.global, c.local); !errors.Is(err, backend.ErrGroups) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v in groups of %v: %v, want %q", c.global, c.local, err, c.want)
		}
	}
	if err := k.checkRange([]int64{100, 3}, []int64{20, 3}); err != nil {
		t.Error(err)
	}
}
