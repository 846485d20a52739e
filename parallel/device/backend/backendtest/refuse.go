package backendtest

import (
	"bytes"
	"context"
	"errors"
	"math"
	"slices"
	"testing"

	"github.com/adabc437/fanout/parallel/device/backend"
)

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
