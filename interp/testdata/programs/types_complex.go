package main

import (
	"fmt"
	"math"
	"math/cmplx"
)

// Complex numbers: arithmetic, parts, printing and functions.

func mandel(c complex128) int {
	z := 0i
	for n := range 50 {
		if real(z)*real(z)+imag(z)*imag(z) > 4 {
			return n
		}
		z = z*z + c
	}
	return 50
}

type Poly []complex128

func (p Poly) At(x complex128) (y complex128) {
	for i := len(p) - 1; i >= 0; i-- {
		y = y*x + p[i]
	}
	return
}

func main() {
	a := complex(3, -4)
	var b complex64 = 1 + 2i
	fmt.Println(a, b, real(a), imag(b), a+complex128(b), a*2, a/(1i), -a)
	fmt.Printf("%v %.1f %T %T %g\n", a, b, a, b, a*a)
	fmt.Println(cmplx.Abs(a), cmplx.Conj(a), a == 3-4i, a != 3-4i)
	r, th := cmplx.Polar(1i)
	fmt.Printf("%.3f %.3f\n", r, th)
	fmt.Printf("%.3f\n", cmplx.Exp(complex(0, math.Pi)))
	fmt.Printf("%.4f %.4f\n", cmplx.Sqrt(-1), cmplx.Pow(2i, 2))
	for y := -1.0; y <= 1; y += 0.5 {
		for x := -2.0; x <= 0.5; x += 0.25 {
			fmt.Print(string(" .:-=+*#%@"[min(mandel(complex(x, y))/5, 9)]))
		}
		fmt.Println()
	}
	p := Poly{1, 0, 2i}
	fmt.Println(p.At(2), p.At(1i), Poly(nil).At(5))
	const k = 2i * 2i
	var f float64 = k
	fmt.Println(k, f)
	var zero complex128
	fmt.Println(cmplx.IsNaN(zero/zero), cmplx.IsInf(1/zero))
	m := map[complex128]string{1i: "i", 1: "one"}
	fmt.Println(m[1i], m[1+0i], len(m))
	arr := [...]complex64{1, 2i}
	arr[0] += arr[1]
	arr[1] *= arr[1]
	fmt.Println(arr)
}
