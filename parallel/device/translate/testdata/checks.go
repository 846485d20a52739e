package p

var weights []float64

func g(xs []float64, rows [][]float64, a [8]int, i int, n uint8) float64 {
	// No checks: the loop's head says that i is in range.
	s := 0.0
	for i := range xs {
		s += xs[i]
	}
	for i := 1; i < len(xs); i++ {
		s += xs[i] - xs[i-1]
	}
	m := len(xs)
	for i := m - 1; i >= 0; i-- {
		s *= xs[i]
	}
	for i := 0; i < m; i++ {
		s -= xs[i]
	}
	for r := range rows {
		for c := range rows[r] {
			s += rows[r][c]
		}
	}
	for i := 0; i < 8; i++ {
		s += float64(a[i] + a[i&3] + a[n%8])
	}

	// One check: the second one is the same.
	s += weights[i] * weights[i]
	if i > 0 && i < len(xs) {
		s += xs[i] / float64(a[i%8])
	}

	// Checks.
	for i := range xs {
		i++
		s += xs[i]
	}
	ys := xs
	for len(ys) > i {
		ys = ys[1:]
	}
	return s + ys[i]
}

var f = g
