package main

import (
	"fmt"
	"math"
	"unsafe"
)

// unsafe: sizes, offsets, pointers, slices and strings.

type header struct {
	flag  bool
	count int64
	kind  uint8
	name  string
	small struct {
		a byte
		b uint16
	}
}

type packed struct {
	a, b bool
	c    int16
	d    int32
}

func sum(p *int32, n int) (s int32) {
	for i := range n {
		s += *(*int32)(unsafe.Add(unsafe.Pointer(p), uintptr(i)*unsafe.Sizeof(*p)))
	}
	return
}

func bits(f float64) uint64 { return *(*uint64)(unsafe.Pointer(&f)) }

func main() {
	var h header
	var p packed
	fmt.Println(unsafe.Sizeof(h), unsafe.Alignof(h), unsafe.Offsetof(h.count), unsafe.Offsetof(h.kind), unsafe.Offsetof(h.name), unsafe.Offsetof(h.small.b))
	fmt.Println(unsafe.Sizeof(p), unsafe.Offsetof(p.d), unsafe.Alignof(p.c))
	const size = unsafe.Sizeof(int32(0)) * 2
	var buf [size]byte
	fmt.Println(len(buf), unsafe.Sizeof(buf), unsafe.Sizeof(""), unsafe.Sizeof([]int{}), unsafe.Sizeof(any(nil)), unsafe.Sizeof(map[int]int{}))
	fmt.Println(unsafe.Sizeof(struct{}{}), unsafe.Sizeof(complex64(0)), unsafe.Sizeof(uintptr(0)) == unsafe.Sizeof(&h))
	arr := [4]int32{1, 2, 3, 4}
	fmt.Println(sum(&arr[0], 4), sum(&arr[2], 2))
	fmt.Printf("%#x %v\n", bits(1.5), bits(1.5) == math.Float64bits(1.5))
	s := unsafe.Slice(&arr[1], 2)
	s[0] = 20
	fmt.Println(s, arr, len(s), cap(s))
	b := []byte("bytes")
	str := unsafe.String(&b[0], len(b))
	fmt.Println(str, *unsafe.StringData(str), *unsafe.SliceData(b))
	pc := (*int64)(unsafe.Pointer(uintptr(unsafe.Pointer(&h)) + unsafe.Offsetof(h.count)))
	*pc = 77
	fmt.Println(h.count)
	pd := (*int32)(unsafe.Add(unsafe.Pointer(&p), unsafe.Offsetof(p.d)))
	*pd = -5
	fmt.Println(p.d)
	n := uint32(0x01020304)
	bs := (*[4]byte)(unsafe.Pointer(&n))
	fmt.Println(bs[0]+bs[3], len(bs))
	type celsius float64
	c := celsius(3.5)
	f := (*float64)(unsafe.Pointer(&c))
	*f *= 2
	fmt.Println(c)
	var np unsafe.Pointer
	fmt.Println(np == nil, unsafe.Slice((*int)(nil), 0) == nil)
}
