package backendtest

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/adabc437/fanout/parallel/device/backend"
)

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
