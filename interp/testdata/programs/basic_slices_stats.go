package main

import (
	"fmt"
	"math"
	"sort"
)

// Statistics of a slice: mean, median, mode, variance.

func mean(xs []float64) float64 {
	sum := 0.0
	for _, x := range xs {
		sum += x
	}
	return sum / float64(len(xs))
}

func median(xs []float64) float64 {
	s := make([]float64, len(xs))
	copy(s, xs)
	sort.Float64s(s)
	n := len(s)
	if n%2 == 1 {
		return s[n/2]
	}
	return (s[n/2-1] + s[n/2]) / 2
}

func variance(xs []float64) float64 {
	m := mean(xs)
	ss := 0.0
	for _, x := range xs {
		ss += (x - m) * (x - m)
	}
	return ss / float64(len(xs)-1)
}

func mode(xs []float64) (best float64, count int) {
	counts := map[float64]int{}
	for _, x := range xs {
		counts[x]++
	}
	for x, c := range counts {
		if c > count || c == count && x < best {
			best, count = x, c
		}
	}
	return best, count
}

func main() {
	xs := []float64{3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5}
	fmt.Printf("mean %.3f\n", mean(xs))
	fmt.Printf("median %.1f\n", median(xs))
	fmt.Printf("median of even %.1f\n", median(xs[:4]))
	fmt.Printf("sd %.4f\n", math.Sqrt(variance(xs)))
	m, c := mode(xs)
	fmt.Println("mode", m, "seen", c, "times")
	fmt.Println(xs)
}
