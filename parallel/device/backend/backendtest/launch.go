package backendtest

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/adabc437/fanout/parallel/device/backend"
)

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
