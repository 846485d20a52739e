// Package philox is a counter-based generator of random numbers: Philox 4x32-10 of
// Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3" (SC 2011).
//
// A block of random numbers is a function of a key and of a counter. So each task of a
// map has a stream of its own at no cost, and it is the same one on every device.
package philox

import (
	_ "embed" // the text
	"math/bits"
)

// Text is the source of this package, which package device translates.
//
//go:embed philox.go
var Text string

const (
	mul0, mul1   = 0xD2511F53, 0xCD9E8D57
	weyl0, weyl1 = 0x9E3779B9, 0xBB67AE85 // the golden ratio, and √3 − 1
)

// Block is Philox 4x32-10: four random words for a counter and a key.
func Block(c0, c1, c2, c3, k0, k1 uint32) (x0, x1, x2, x3 uint32) {
	for range 10 {
		p0, p1 := uint64(c0)*mul0, uint64(c2)*mul1
		c0, c1, c2, c3 = uint32(p1>>32)^c1^k0, uint32(p1), uint32(p0>>32)^c3^k1, uint32(p0)
		k0 += weyl0
		k1 += weyl1
	}
	return c0, c1, c2, c3
}

// A Source gives the numbers of one stream; it is a math/rand/v2.Source. The key is the
// seed, and the counter is the number of the block, below that of the stream. A block has
// two numbers of 64 bits, each of two words, the lower half first. The zero Source is
// stream 0 of seed 0. It is not safe for concurrent use.
type Source struct {
	seed, stream, block uint64
	spare               uint64
	full                bool // the second number of the last block is still to be had
}

// New returns stream number stream of a seed.
func New(seed, stream uint64) *Source { return &Source{seed: seed, stream: stream} }

// Seed sets s to the beginning of a stream.
func (s *Source) Seed(seed, stream uint64) { *s = Source{seed: seed, stream: stream} }

// Uint64 is the next number.
func (s *Source) Uint64() uint64 {
	if s.full {
		s.full = false
		return s.spare
	}
	x0, x1, x2, x3 := Block(uint32(s.block), uint32(s.block>>32), uint32(s.stream), uint32(s.stream>>32), uint32(s.seed), uint32(s.seed>>32))
	s.block++
	s.spare, s.full = uint64(x2)|uint64(x3)<<32, true
	return uint64(x0) | uint64(x1)<<32
}

// What follows are the methods of math/rand/v2.Rand that devices have, on a Source: each
// gives what rand.New(s) would.

// Uint32 is as that of a rand.Rand.
func (s *Source) Uint32() uint32 { return uint32(s.Uint64() >> 32) }

// Int64 is as that of a rand.Rand.
func (s *Source) Int64() int64 { return int64(s.Uint64() &^ (1 << 63)) }

// Int32 is as that of a rand.Rand.
func (s *Source) Int32() int32 { return int32(s.Uint64() >> 33) }

// Int is as that of a rand.Rand, of 64 bits.
func (s *Source) Int() int { return int(s.Uint64() &^ (1 << 63)) }

// Uint is as that of a rand.Rand, of 64 bits.
func (s *Source) Uint() uint { return uint(s.Uint64()) }

// Float64 is as that of a rand.Rand: uniform in [0, 1).
func (s *Source) Float64() float64 { return float64(s.Uint64()&(1<<53-1)) / (1 << 53) }

// Float32 is as that of a rand.Rand: uniform in [0, 1).
func (s *Source) Float32() float32 { return float32(s.Uint32()&(1<<24-1)) / (1 << 24) }

// Uint64N is as that of a rand.Rand: uniform in [0, n), by the method of Lemire, "Fast
// random integer generation in an interval" (ACM TOMACS 2019).
func (s *Source) Uint64N(n uint64) uint64 {
	if n == 0 {
		panic("invalid argument to Uint64N")
	}
	return s.below(n)
}

func (s *Source) below(n uint64) uint64 {
	if n&(n-1) == 0 {
		return s.Uint64() & (n - 1)
	}
	hi, lo := bits.Mul64(s.Uint64(), n)
	if lo < n {
		for least := -n % n; lo < least; {
			hi, lo = bits.Mul64(s.Uint64(), n)
		}
	}
	return hi
}

// IntN is as that of a rand.Rand.
func (s *Source) IntN(n int) int {
	if n <= 0 {
		panic("invalid argument to IntN")
	}
	return int(s.below(uint64(n)))
}

// Int64N is as that of a rand.Rand.
func (s *Source) Int64N(n int64) int64 {
	if n <= 0 {
		panic("invalid argument to Int64N")
	}
	return int64(s.below(uint64(n)))
}

// Int32N is as that of a rand.Rand.
func (s *Source) Int32N(n int32) int32 {
	if n <= 0 {
		panic("invalid argument to Int32N")
	}
	return int32(s.below(uint64(n)))
}

// Uint32N is as that of a rand.Rand.
func (s *Source) Uint32N(n uint32) uint32 {
	if n == 0 {
		panic("invalid argument to Uint32N")
	}
	return uint32(s.below(uint64(n)))
}

// UintN is as that of a rand.Rand.
func (s *Source) UintN(n uint) uint {
	if n == 0 {
		panic("invalid argument to UintN")
	}
	return uint(s.below(uint64(n)))
}
