package main

import (
	"fmt"
	"math"
	"strconv"
)

// Number formats and bits as a beginner uses them.

func toBinary(n int) string {
	if n == 0 {
		return "0"
	}
	s := ""
	for n > 0 {
		s = string(rune('0'+n%2)) + s
		n /= 2
	}
	return s
}

func fromBinary(s string) int {
	n := 0
	for _, c := range s {
		n = n*2 + int(c-'0')
	}
	return n
}

func countOnes(n uint) int {
	count := 0
	for n != 0 {
		n &= n - 1
		count++
	}
	return count
}

func isPowerOfTwo(n int) bool { return n > 0 && n&(n-1) == 0 }

func main() {
	for _, n := range []int{0, 5, 10, 255} {
		b := toBinary(n)
		fmt.Println(n, b, fromBinary(b) == n, strconv.FormatInt(int64(n), 2) == b)
	}
	fmt.Println(countOnes(7), countOnes(1024), isPowerOfTwo(64), isPowerOfTwo(65))
	fmt.Printf("%b %o %x %X %08b\n", 42, 42, 42, 42, 5)
	x := 6
	fmt.Println(x&3, x|1, x^7, x<<2, x>>1, x&^2)
	const (
		read = 1 << iota
		write
		exec
	)
	perm := read | write
	perm |= exec
	perm &^= write
	fmt.Println(perm, perm&write == 0, perm&exec != 0)
	var b byte = 250
	b += 10
	fmt.Println(b)
	n, err := strconv.ParseInt("ff", 16, 64)
	fmt.Println(n, err)
	fmt.Println(math.MaxInt64, math.MinInt64, math.MaxUint8)
}
