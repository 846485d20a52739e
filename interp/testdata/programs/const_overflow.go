package main

import (
	"fmt"
	"math"
)

// What runtime arithmetic does where constant arithmetic would be an error.

func wrap8(n int) (int8, uint8) { return int8(n), uint8(n) }

func main() {
	for _, n := range []int{127, 128, 255, 256, -1, -129} {
		i, u := wrap8(n)
		fmt.Println(n, i, u)
	}
	var i8 int8 = math.MaxInt8
	i8++
	fmt.Println(i8, -i8, i8-1)
	var u32 uint32
	u32--
	fmt.Println(u32, u32*u32, u32+1)
	m := math.MinInt64
	fmt.Println(m, -m, m/-1, m%-1)
	fmt.Println(-7/2, -7%2, 7/-2, 7%-2, -7>>1, uint8(7)>>1)
	var s uint = 70
	fmt.Println(1<<s == 0, int32(1)<<(s-39), int64(-1)>>s, uint16(0xffff)<<(s-62))
	var f float64 = 1e100
	fmt.Println(f*f*f*f, -f*f*f*f, math.IsNaN(f*f*f*f-f*f*f*f))
	var x, y uint8 = 200, 100
	fmt.Println(x+y, x*y, x-y, y-x, x&^y, x^y, ^x)
	h := uint32(2166136261)
	for _, c := range []byte("hash me") {
		h ^= uint32(c)
		h *= 16777619
	}
	fmt.Printf("%d %#x %o %b\n", h, h, h, h&0xff)
	var z float64
	fmt.Println(1/z, -1/z, z/z == z/z, int64(float32(16777217)))
	fmt.Println(math.MaxInt, uint64(1<<63), int16(-32768)/int16(-1+int16(z)))
}
