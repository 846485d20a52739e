package main

import (
	"fmt"
	"math"
)

// Numerical methods: roots, integrals, series and linear steps.

func newton(x float64) float64 {
	z := 1.0
	for i := 0; i < 20; i++ {
		z -= (z*z - x) / (2 * z)
	}
	return z
}

func bisect(f func(float64) float64, a, b float64) float64 {
	for b-a > 1e-12 {
		m := (a + b) / 2
		if f(a)*f(m) <= 0 {
			b = m
		} else {
			a = m
		}
	}
	return (a + b) / 2
}

func simpson(f func(float64) float64, a, b float64, n int) float64 {
	h := (b - a) / float64(n)
	sum := f(a) + f(b)
	for i := 1; i < n; i++ {
		w := 4.0
		if i%2 == 0 {
			w = 2
		}
		sum += w * f(a+float64(i)*h)
	}
	return sum * h / 3
}

func piSeries(n int) float64 {
	sum, sign := 0.0, 1.0
	for k := 0; k < n; k++ {
		sum += sign / float64(2*k+1)
		sign = -sign
	}
	return 4 * sum
}

func euler(f func(t, y float64) float64, y, t, h float64, n int) float64 {
	for i := 0; i < n; i++ {
		y += h * f(t, y)
		t += h
	}
	return y
}

func main() {
	fmt.Printf("%.6f %.6f\n", newton(2), math.Sqrt(2))
	fmt.Printf("%.6f\n", bisect(func(x float64) float64 { return x*x*x - x - 2 }, 1, 2))
	fmt.Printf("%.6f\n", simpson(math.Sin, 0, math.Pi, 100))
	fmt.Printf("%.3f\n", piSeries(1000))
	fmt.Printf("%.4f\n", euler(func(t, y float64) float64 { return y }, 1, 0, 0.001, 1000))
	var e float64 = 1
	term := 1.0
	for i := 1; i < 15; i++ {
		term /= float64(i)
		e += term
	}
	fmt.Printf("%.8f %t\n", e, math.Abs(e-math.E) < 1e-9)
}
