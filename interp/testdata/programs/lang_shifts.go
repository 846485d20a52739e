package main

import (
	"fmt"
	"math"
	"math/bits"
)

// Shifts, masks and flags of signed and unsigned numbers.

type Perm uint8

const (
	X Perm = 1 << iota
	W
	R
	mask = R | W | X
)

func (p Perm) Has(q Perm) bool { return p&q == q }
func (p Perm) String() string {
	b := []byte("---")
	for i, c := range "rwx" {
		if p&(R>>i) != 0 {
			b[i] = byte(c)
		}
	}
	return string(b)
}

type Set uint64

func (s *Set) Add(ns ...int) {
	for _, n := range ns {
		*s |= 1 << n
	}
}
func (s Set) Each(f func(int)) {
	for s != 0 {
		f(bits.TrailingZeros64(uint64(s)))
		s &= s - 1
	}
}

func pack(r, g, b uint8) uint32 { return uint32(r)<<16 | uint32(g)<<8 | uint32(b) }
func unpack(c uint32) (r, g, b uint8) {
	return uint8(c >> 16), uint8(c >> 8), uint8(c)
}

func parity(n uint) (p uint) {
	for ; n > 0; n >>= 1 {
		p ^= n & 1
	}
	return
}

func gray(n uint) uint { return n ^ n>>1 }

func main() {
	p := R | X
	fmt.Println(p, p.Has(R), p.Has(R|W), p&^X, p|W, p^mask, ^p&mask, Perm(0))
	var s Set
	s.Add(3, 1, 63, 3)
	s.Each(func(n int) { fmt.Print(n, " ") })
	fmt.Printf("%b\n", s&0xff)
	c := pack(0x12, 0xab, 0xff)
	fmt.Printf("%06x ", c)
	fmt.Println(unpack(c))
	var i8 int8 = -128
	var u8 uint8 = 0x96
	n := 3
	fmt.Println(i8>>1, i8>>7, i8>>n, u8>>4, u8<<4, u8<<n>>n, i8<<1, -1>>n, uint32(1)<<31>>n)
	fmt.Println(1<<n, int64(1)<<(n*20), uint8(255)<<uint(n), uint16(1)<<n<<13)
	var sh uint64 = 200
	fmt.Println(1>>sh, -1>>sh, uint32(5)<<sh, int16(-5)>>sh)
	var f float64 = 1 << 3
	var w = 1.0 << 3
	fmt.Println(f, w, 1<<3.0, uint8(1<<7), int64(1<<62))
	fmt.Println(parity(7), parity(5), gray(5), bits.OnesCount(0xf0f0))
	x := 0b1011_0010
	x |= 1 << 2
	x &^= 1 << 4
	x ^= 0xff
	x <<= 1
	x >>= 3
	fmt.Printf("%b %d %#o %#X\n", x, x, x, x)
	for i := range uint(4) {
		fmt.Printf("%02b ", gray(i))
	}
	fmt.Println()
	fmt.Println(math.MaxUint64>>60, uint64(math.MaxUint64)<<sh>>n, -7&3, -7|3, -7^3, 6&^3)
	func() {
		defer func() { fmt.Println(recover()) }()
		n = -n
		fmt.Println(1 << n)
	}()
}
