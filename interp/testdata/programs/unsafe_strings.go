package main

import (
	"fmt"
	"math"
	"unsafe"
)

// unsafe: strings and bytes that share memory, fields by offset, bits of floats.

type vec struct {
	x, y, z float32
}

func bytesOf(s string) []byte {
	return unsafe.Slice(unsafe.StringData(s), len(s))
}

func stringOf(b []byte) string {
	return unsafe.String(unsafe.SliceData(b), len(b))
}

func field(v *vec, off uintptr) float32 {
	return *(*float32)(unsafe.Add(unsafe.Pointer(v), off))
}

func hash(v any, b []byte) (h uint32) {
	for _, c := range b {
		h = h*31 + uint32(c)
	}
	return h ^ uint32(unsafe.Sizeof(v))
}

func raw[T any](p *T) []byte {
	return unsafe.Slice((*byte)(unsafe.Pointer(p)), unsafe.Sizeof(*p))
}

func main() {
	s := "shared"
	b := bytesOf(s)
	fmt.Println(len(b), cap(b), string(b[:3]), unsafe.StringData(s) == &b[0])
	buf := []byte("mutable")
	t := stringOf(buf)
	buf[0] = 'M'
	fmt.Println(t)
	v := vec{1, 2, 3}
	fmt.Println(field(&v, unsafe.Offsetof(v.y)), field(&v, unsafe.Sizeof(v.x)*2))
	n := uint32(0xdeadbeef)
	fmt.Printf("% x %d\n", raw(&n), len(raw(&v)))
	raw(&n)[0] = 0
	fmt.Printf("%x\n", n)
	fmt.Println(hash(v, b), hash(s, nil))
	floats := []float32{1, -1}
	words := unsafe.Slice((*uint32)(unsafe.Pointer(&floats[0])), 2)
	words[1] &^= 1 << 31
	fmt.Println(floats, words[0] == math.Float32bits(1))
	fmt.Println(unsafe.Sizeof(struct {
		a bool
		b int64
		c bool
	}{}), unsafe.Sizeof([3]int16{}), unsafe.Alignof(int64(0)))
}
