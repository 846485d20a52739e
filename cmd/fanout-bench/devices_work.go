package main

import "math/rand/v2"

// These functions run compiled, on goroutines, and translated, on devices: the same text.

// polynomial has 20 terms.
func polynomial(x float64) float64 {
	y := 0.0
	for k := 20; k > 0; k-- {
		y = y*x + 1/float64(k)
	}
	return y
}

// escape is how often z ↦ z² + c can be repeated in point i of a picture of 1000 × 1000.
func escape(i int) int32 {
	re, im := float64(i%1000)*0.003-2, float64(i/1000)*0.003-1.5
	x, y := 0.0, 0.0
	for n := int32(0); n < 200; n++ {
		if x*x+y*y > 4 {
			return n
		}
		x, y = x*x-y*y+re, 2*x*y+im
	}
	return 200
}

// collatz counts the steps of n to 1.
func collatz(n int) (steps int) {
	for n++; n != 1; steps++ {
		if n%2 == 0 {
			n /= 2
		} else {
			n = 3*n + 1
		}
	}
	return steps
}

// hits counts random points in the quarter circle.
func hits(r *rand.Rand, n int) (in int) {
	for range n {
		x, y := r.Float64(), r.Float64()
		if x*x+y*y < 1 {
			in++
		}
	}
	return in
}

func plusOne(x float64) float64 { return x + 1 }
