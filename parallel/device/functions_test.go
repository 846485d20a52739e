package device

import (
	_ "embed"
	"math"
	"math/rand/v2"
)

//go:embed functions_test.go
var text string

func square(x float64) float64 { return x * x }

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

type particle struct {
	X, V [3]float32
	Mass float64
	Live bool
}

func move(p particle, dt float32) particle {
	for k := range p.X {
		p.X[k] += p.V[k] * dt
	}
	p.Live = p.X[0] < 10
	return p
}

var scale, table, matrix = 3.0, []int32{5, 7, 11}, [][]float64{{1, 2}, {}, {3}}

func scaled(i int, x float64) float64 { return scale*x + float64(i) }

func lookup(i int) int32 { return table[i] }

func row(i int) float64 {
	sum := 0.0
	for _, x := range matrix[i] {
		sum += x
	}
	return sum
}

func norm(v []float64) float64 {
	sum := 0.0
	for _, x := range v {
		sum += x * x
	}
	return math.Sqrt(sum)
}

func double(v []int16) {
	for i := range v {
		v[i] *= 2
	}
}

func doubleSecond(v, w []int16) {
	from, to := v, w
	flip := func() { from, to = to, from }
	flip()
	double(from)
}

func roundGreat(i int) float64 {
	if i == 1 {
		return math.RoundToEven(1 << 63)
	}
	return float64(i)
}

func roundNone(i int) float64 {
	if i == 1 {
		return math.RoundToEven(math.NaN())
	}
	return float64(i)
}

func inside(r *rand.Rand, n int) (hits int) {
	for range n {
		x, y := r.Float64(), r.Float64()
		if x*x+y*y < 1 {
			hits++
		}
	}
	return hits + r.IntN(10)
}

func forever(n int) int {
	for n >= 0 {
		n ^= 1
	}
	return n
}

func shortest(a, b string) bool { return len(a) < len(b) }

func add(a, b float64) float64 { return a + b }

// compose combines x ↦ ax + b: associative, and not commutative.
func compose(f, g [2]uint32) [2]uint32 { return [2]uint32{f[0] * g[0], f[1]*g[0] + g[1]} }

// under adds, and asks a table for what is to be left out: it fails at a sum beyond its end.
func under(a, b int32) int32 {
	_ = table[(a+b)/1000000]
	return a + b
}

func stuck(a, b int64) int64 {
	for a < b {
		a ^= 1
		b |= 2
	}
	return a + b
}

func life(g [][]uint8, y, x int) uint8 {
	n := 0
	for dy := -1; dy <= 1; dy++ {
		for dx := -1; dx <= 1; dx++ {
			if v, u := y+dy, x+dx; (dy != 0 || dx != 0) && v >= 0 && v < len(g) && u >= 0 && u < len(g[v]) {
				n += int(g[v][u])
			}
		}
	}
	if n == 3 || n == 2 && g[y][x] == 1 {
		return 1
	}
	return 0
}

func heat(g [][]float64, y, x int) float64 {
	if y == 0 || x == 0 || y == len(g)-1 || x == len(g[0])-1 {
		return g[y][x]
	}
	return g[y][x] + scale*(g[y-1][x]+g[y+1][x]+g[y][x-1]+g[y][x+1]-4*g[y][x])/16
}

// right fails in the last column, when it is 3 or more.
func right(g [][]int, y, x int) int {
	if g[y][x] >= 3 {
		return g[y][x+1]
	}
	return g[y][x] + 1
}

func spoil(g [][]int, y, x int) int {
	g[y][x] = 1
	return 0
}

func corner(g [][]float64) float64 { return g[1][0] }

// These run on devices only.
var _ = []any{doubleSecond, roundGreat, roundNone, forever, shortest, stuck, right, spoil, corner}
