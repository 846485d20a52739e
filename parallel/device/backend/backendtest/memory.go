package backendtest

import (
	"bytes"
	"errors"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/adabc437/fanout/parallel/device/backend"
)

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
