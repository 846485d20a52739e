package scaling

import "math"

// Amdahl returns the speed-up on p workers of a program of which the fraction s is
// serial: 1 ÷ (s + (1−s)/p) (Amdahl, AFIPS 1967).
func Amdahl(s, p float64) float64 { return 1 / (s + (1-s)/p) }

// Gustafson returns the scaled speed-up on p workers of a program that spends the
// fraction s of its time there in serial parts, and whose parallel work grows with p:
// s + (1−s)·p (Gustafson, CACM 31(5), 1988).
func Gustafson(s, p float64) float64 { return s + (1-s)*p }

// KarpFlatt returns the serial fraction that a speed-up on p workers, more than one,
// amounts to: (1/speedup − 1/p) ÷ (1 − 1/p) (Karp and Flatt, CACM 33(5), 1990). It is
// 0 for an ideal speed-up and below it for a better one. Where it grows with p,
// overhead grows; where it stays, part of the program is serial.
func KarpFlatt(speedup, p float64) float64 { return (1/speedup - 1/p) / (1 - 1/p) }

// FitAmdahl returns the serial fraction, from 0 to 1, for which [Amdahl]'s law is
// closest to the speed-ups measured with so many workers each, by least squares. Those
// with one worker say nothing, and if there are no others the answer is 0.
func FitAmdahl(workers []int, speedups []float64) float64 {
	loss := func(s float64) (sum float64) {
		for i, p := range workers {
			if p > 1 {
				d := speedups[i] - Amdahl(s, float64(p))
				sum += d * d
			}
		}
		return sum
	}
	// The loss may have several minima, so the least point of a grid leads the way. It
	// is finer towards 0, where the law bends most.
	const steps = 256
	grid := func(k int) float64 { return math.Pow(float64(min(max(k, 0), steps))/steps, 3) }
	best := 0
	for k := range steps + 1 {
		if loss(grid(k)) < loss(grid(best)) {
			best = k
		}
	}
	lo, hi := grid(best-1), grid(best+1)
	for range 100 {
		a, b := lo+(hi-lo)/3, hi-(hi-lo)/3
		if loss(a) <= loss(b) {
			hi = b
		} else {
			lo = a
		}
	}
	s := (lo + hi) / 2
	if loss(grid(best)) <= loss(s) {
		return grid(best)
	}
	return s
}

// FitGustafson returns the serial fraction, from 0 to 1, for which [Gustafson]'s law
// is closest to the scaled speed-ups measured with so many workers each, by least
// squares.
func FitGustafson(workers []int, speedups []float64) float64 {
	var above, below float64
	for i, p := range workers {
		k := float64(p - 1)
		above += (float64(p) - speedups[i]) * k
		below += k * k
	}
	if below == 0 {
		return 0
	}
	return min(max(above/below, 0), 1)
}
