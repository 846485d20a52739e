package philox

import (
	"math/rand/v2"
	"testing"
)

// The known answers are those published with Random123 1.14 (kat_vectors).
func TestKnownAnswers(t *testing.T) {
	for _, c := range []struct{ in, want [6]uint32 }{
		{[6]uint32{}, [6]uint32{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
		{[6]uint32{0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff}, [6]uint32{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
		{[6]uint32{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344, 0xa4093822, 0x299f31d0}, [6]uint32{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
	} {
		var got [6]uint32
		got[0], got[1], got[2], got[3] = Block(c.in[0], c.in[1], c.in[2], c.in[3], c.in[4], c.in[5])
		if got != c.want {
			t.Errorf("Block(%x) = %x, want %x", c.in, got, c.want)
		}
	}
}

func TestStreams(t *testing.T) {
	const seed, stream = 0x299f31d0a4093822, 0x0370734413198a2e
	s := New(seed, stream)
	s.block = 0x85a308d3243f6a88
	for i, want := range []uint64{0x94fdccebd16cfe09, 0x24126ea15001e420} {
		if got := s.Uint64(); got != want {
			t.Errorf("number %d is %x, want %x", i, got, want)
		}
	}
	a, b := New(1, 7), New(9, 9)
	b.Uint64()
	b.Seed(1, 7)
	for range 5 {
		if x, y := a.Uint64(), b.Uint64(); x != y {
			t.Fatalf("a stream that is set to its beginning differs: %x and %x", x, y)
		}
	}
	seen := map[uint64]string{}
	for seed := range uint64(20) {
		for stream := range uint64(20) {
			s := New(seed, stream)
			for range 4 {
				x := s.Uint64()
				if seen[x] != "" {
					t.Fatalf("%x comes twice", x)
				}
				seen[x] = "there"
			}
		}
	}
}

// TestAsRand compares the methods with those of rand.Rand over the same source.
func TestAsRand(t *testing.T) {
	for _, n := range []uint64{1, 2, 3, 7, 1 << 20, 1<<31 - 1} {
		s, r := New(3, n), rand.New(New(3, n))
		for i := range 200 {
			for name, pair := range map[string][2]any{
				"Uint64": {s.Uint64(), r.Uint64()}, "Uint32": {s.Uint32(), r.Uint32()}, "Int64": {s.Int64(), r.Int64()},
				"Int32": {s.Int32(), r.Int32()}, "Int": {s.Int(), r.Int()}, "Uint": {s.Uint(), r.Uint()},
				"Float64": {s.Float64(), r.Float64()}, "Float32": {s.Float32(), r.Float32()},
				"Uint64N": {s.Uint64N(n), r.Uint64N(n)}, "IntN": {s.IntN(int(n)), r.IntN(int(n))}, "Int64N": {s.Int64N(int64(n)), r.Int64N(int64(n))},
				"Int32N": {s.Int32N(int32(n)), r.Int32N(int32(n))}, "Uint32N": {s.Uint32N(uint32(n)), r.Uint32N(uint32(n))}, "UintN": {s.UintN(uint(n)), r.UintN(uint(n))},
			} {
				if pair[0] != pair[1] {
					t.Fatalf("%s(%d), number %d: %v, rand.Rand has %v", name, n, i, pair[0], pair[1])
				}
			}
		}
	}
	// where numbers are drawn again
	s, r := New(1, 1), rand.New(New(1, 1))
	for range 100 {
		if x, y := s.Uint64N(1<<63+1), r.Uint64N(1<<63+1); x != y {
			t.Fatalf("Uint64N(1<<63+1) is %d, rand.Rand has %d", x, y)
		}
	}
}

func BenchmarkUint64(b *testing.B) {
	for name, source := range map[string]rand.Source{"philox": New(1, 2), "pcg": rand.NewPCG(1, 2)} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				source.Uint64()
			}
		})
	}
}
