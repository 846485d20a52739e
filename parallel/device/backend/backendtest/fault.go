package backendtest

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/adabc437/fanout/parallel/device/backend"
)

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
