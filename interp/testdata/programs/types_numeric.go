package main

import (
	"fmt"
	"math"
	"reflect"
)

// All numeric types, their sizes, literals and conversions.

func main() {
	fmt.Println(0b1010, 0o17, 017, 0x_ff, 1_000_000, 0x1p-2, 0x1.8p1, 1e-3, .5, 5.)
	fmt.Println('a', '\n', '\x41', '\u00e9', '\U0001F600', '\'', '\\', '\101')
	vals := []any{int8(-5), int16(-5), int32(-5), int64(-5), int(-5), uint8(5), uint16(5), uint32(5), uint64(5), uint(5), uintptr(5), float32(1.5), 2.5, complex64(1 + 2i), 3 + 4i, true, "s", 'r', byte('b')}
	for _, v := range vals {
		t := reflect.TypeOf(v)
		fmt.Printf("%v=%v/%d/%v ", t, v, t.Size(), t.Kind())
	}
	fmt.Println()
	f := -3.99
	fmt.Println(int(f), int64(-f), uint8(3.0), float32(0.1), float64(float32(0.1)))
	fmt.Println(string(rune(65)), string(rune(0x4e16)), []byte("hé"), []rune("hé"), string([]rune{72, 105}), string([]byte{72, 105}))
	var r rune = 'x'
	var b byte = 'y'
	fmt.Printf("%T %T %c %c %q %U\n", r, b, r, b, r, '⌘')
	fmt.Printf("%d|%5d|%-5d|%05d|%+d|%x|%X|%#x|%#o|%b|%e|%g|%8.3f|%-8.2f|\n", 42, 42, 42, 42, 42, 255, 255, 255, 8, 5, 1234.5678, 1e21, math.Pi, math.E)
	type Meters float64
	type Feet float64
	m := Meters(10)
	ft := Feet(m * 3.28084)
	fmt.Printf("%.2f %T %T\n", ft, m, ft)
	fmt.Println(math.MaxInt8, math.MinInt8, math.MaxUint16, math.MaxFloat32, math.SmallestNonzeroFloat64)
	fmt.Println(7&3, 7|8, 7^2, 1<<4, 256>>2, 7&^5, -5&0xf, +3, -(-3), ^0)
	a, c := 17, 5
	a += c
	a *= 2
	a -= 1
	a /= 3
	a %= 10
	a <<= 2
	a |= 1
	a ^= 3
	a &= 0xf
	a &^= 2
	a >>= 1
	fmt.Println(a)
}
