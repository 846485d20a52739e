package corpus

//lint:file-ignore SA4011,ST1015,SA4000 users may write this, too

import (
	"math"
	"math/bits"
	"math/cmplx"
)

// Variables that the functions capture.
var (
	gain    = 2.5
	offsets = []int{3, -1, 4, 1, -5, 9, 2, -6}
	grid    = [][]float64{{1, 2, 3}, {}, {4.5}, {-1, math.Inf(1)}}
	origin  = point{1, -2}
	primes  = [6]uint8{2, 3, 5, 7, 11, 13}
)

const scale = 1 << 10

// point and the others are types of the functions.
type point struct{ x, y float64 }

type vec3 struct{ X, Y, Z float32 }

type mixed struct {
	a bool
	b int8
	_ uint16
	c float64
	d [3]int16
	point
	e struct{ n, m uint32 }
}

type celsius float64

type stack struct {
	data [16]int
	n    int
}

type pair[A, B any] struct {
	first  A
	second B
}

type number interface {
	~int | ~int32 | ~uint8 | ~float32 | ~float64
}

func (p point) norm() float64 { return math.Sqrt(p.x*p.x + p.y*p.y) }

func (p point) plus(q point) point { return point{p.x + q.x, p.y + q.y} }

func (p *point) move(dx, dy float64) { p.x += dx; p.y += dy }

func (s *stack) push(x int) {
	if s.n == len(s.data) {
		panic("stack is full")
	}
	s.data[s.n] = x
	s.n++
}

func (s *stack) pop() int {
	s.n--
	return s.data[s.n]
}

func (c celsius) fahrenheit() float64 { return float64(c)*9/5 + 32 }

func (p pair[A, B]) swapped() pair[B, A] { return pair[B, A]{p.second, p.first} }

func addInt(a, b int) int { return a + b }

func arithInt8(a, b int8) int8 { return a*b + (a - b) ^ (a &^ b) | -b }

func arithInt16(a, b int16) int16 { return (a+b)*(a-b) ^ ^b }

func arithInt32(a, b int32) int32 { return a*31 + b<<3 - (a ^ b) }

func arithInt64(a, b int64) int64 { return a*b - b&a | a }

func arithUint8(a, b uint8) uint8 { return a*b + a - b ^ 0x5a }

func arithUint16(a, b uint16) uint16 { return a*b - b*3 }

func arithUint32(a, b uint32) uint32 { return a*2654435761 + b }

func arithUint64(a, b uint64) uint64 { return a*6364136223846793005 + b }

func divInt(a, b int) int { return a / b }

func remInt32(a, b int32) int32 { return a % b }

func divInt8(a, b int8) (q, r int8) { return a / b, a % b }

func divUint64(a, b uint64) (uint64, uint64) { return a / b, a % b }

func divByConst(a int64) int64 { return a/7 + a%10 - a/-1 }

func divFloat(a, b float64) float64 { return a / b }

func divFloat32(a, b float32) float32 { return a/b - a*b }

func shifts(a int32, n uint8) int32 { return a<<n ^ a>>n }

func shiftSigned(a uint64, n int) uint64 { return a<<n | a>>(64-n) }

func shiftInt8(a int8, n uint64) int8 { return a>>n + a<<(n&3) }

func shiftConst(a uint16) uint16 { return a<<5 | a>>11 }

func compareInts(a, b int) (bool, bool, bool) { return a < b, a == b, a >= b }

func compareFloats(a, b float64) (lt, eq, ne, ge bool) { return a < b, a == b, a != b, a >= b }

func logic(a, b, c bool) bool { return a && !b || c != (a || b) }

func shortCircuit(xs []int, i int) bool { return i >= 0 && i < len(xs) && xs[i] > 0 }

func shortCircuitOr(xs []int, i int) bool { return i < 0 || i >= len(xs) || xs[i]/i > 1 }

func convertInts(a int64) (int8, uint8, int16, uint16, int32, uint32, uint64) {
	return int8(a), uint8(a), int16(a), uint16(a), int32(a), uint32(a), uint64(a)
}

func convertSmall(a int8) (uint8, uint16, uint32, uint64, int64) {
	return uint8(a), uint16(a), uint32(a), uint64(a), int64(a)
}

func intToFloat(a int64, b uint64) (float64, float32, float64, float32) {
	return float64(a), float32(a), float64(b), float32(b)
}

func floatToInt(a float64) int32 {
	if a > -1e9 && a < 1e9 {
		return int32(a)
	}
	return 0
}

func float32Of(a float64) float32 { return float32(a) * 0.1 }

func index(xs []float64, i int) float64 { return xs[i] }

func indexUint64(xs []int32, i uint64) int32 { return xs[i] }

func indexInt8(xs [5]int, i int8) int { return xs[i] }

func indexMasked(xs [8]int, i int) int { return xs[i&7] + xs[uint(i)%8] }

func indexNested(m [3][4]int, i, j int) int { return m[i][j] }

func indexConst(xs []int) int { return xs[0] + xs[2] }

func sum(xs []float64) float64 {
	s := 0.0
	for _, x := range xs {
		s += x
	}
	return s
}

func sumIndex(xs []int) (s int) {
	for i := range xs {
		s += xs[i] * i
	}
	return
}

func sumBackwards(xs []int) int {
	s := 0
	for i := len(xs) - 1; i >= 0; i-- {
		s = s*3 + xs[i]
	}
	return s
}

func neighbours(xs []float64) float64 {
	s := 0.0
	for i := 1; i < len(xs)-1; i++ {
		s += xs[i-1] - 2*xs[i] + xs[i+1]
	}
	return s
}

func everySecond(xs []int) int {
	s := 0
	for i := 0; i < len(xs); i += 2 {
		s += xs[i]
	}
	return s
}

func collatz(n uint32) int {
	steps := 0
	for m := uint64(n%1000 + 1); m != 1; steps++ {
		if m%2 == 0 {
			m /= 2
		} else {
			m = 3*m + 1
		}
	}
	return steps
}

func mandelbrot(cx, cy float64) int {
	x, y := 0.0, 0.0
	for i := range 50 {
		if x*x+y*y > 4 {
			return i
		}
		x, y = x*x-y*y+cx, 2*x*y+cy
	}
	return 50
}

func labels(n uint8) int {
	count := 0
outer:
	for i := range int(n % 32) {
		for j := 0; ; j++ {
			switch {
			case j > i:
				continue outer
			case i*j > 100:
				break outer
			case j == 3:
				break
			default:
				count += j
			}
			count++
		}
	}
	return count
}

func classify(x int) int {
	switch y := x % 8; y {
	case 0:
		return 100
	case 1, -1, 2:
		x += 1000
		fallthrough
	case 3:
		x++
	default:
		if x > 50 {
			break
		}
		x = -x
	case 5:
	}
	return x
}

func tagless(a, b float64) int {
	switch {
	default:
		return 0
	case a > b:
		return 1
	case a < b:
		return -1
	}
}

func switchOnCall(xs []int, i int) int {
	switch sumIndex(xs) % 3 {
	case xs[i]:
		return 1
	case 0, addInt(i, i):
		return 2
	}
	return 3
}

func fibonacci(n uint8) uint64 {
	var a, b uint64 = 0, 1
	for range n {
		a, b = b, a+b
	}
	return a
}

func swapElements(i, j uint8) [6]uint8 {
	a := primes
	i, j = i%6, j%6
	a[i], a[j] = a[j], a[i]
	i, a[i] = 5, 99
	return a
}

func gcd(a, b int) int {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}

func shadow(x int) int {
	y := x
	if x := x * 2; x > 10 {
		y := x + 1
		x += y
	} else if y := y - x; y < 0 {
		x := y
		y += x
		return y
	}
	{
		y := 3
		x += y
	}
	return x + y
}

func named(a, b int) (sum, diff int) {
	if a > b {
		sum = a
		return
	}
	sum, diff = a+b, a-b
	return
}

func severalResults(a, b int) int {
	s, d := named(a, b)
	s, _ = named(s, d)
	return s - d
}

func passOn(a, b int) int { return addInt(named(a, b)) }

func methods(x, y float64) float64 {
	p := point{x, y}
	p.move(1, 2)
	q := &p
	q.move(q.x, p.y)
	q.x++
	return p.plus(origin).norm() + point.norm(p)
}

func promoted(m mixed, x float64) float64 {
	m.move(x, m.c)
	m.point.y += m.norm()
	return m.x + m.y
}

func structs(m mixed, i uint8) mixed {
	m.d[i%3]++
	m.e.n, m.e.m = m.e.m, m.e.n+1
	m.a = !m.a
	m.b -= 100
	n := m
	n.c = 2
	if n == m {
		n.b++
	}
	return n
}

func equalStructs(a, b vec3) (bool, bool) { return a == b, a != vec3{1, 2, 3} }

func equalArrays(a, b [3]int8) bool { return a == b }

func vectors(a, b vec3) vec3 {
	return vec3{a.Y*b.Z - a.Z*b.Y, a.Z*b.X - a.X*b.Z, a.X*b.Y - a.Y*b.X}
}

func usesStack(xs []int) int {
	var s stack
	for _, x := range xs {
		if x < 0 && s.n > 1 {
			s.push(s.pop() - s.pop())
		} else {
			s.push(x)
		}
	}
	return s.pop()
}

func celsiusOf(t float64) float64 { return celsius(t).fahrenheit() }

func generic[T number](xs []T, start T) T {
	s := start + 1
	for _, x := range xs {
		s = s*2 + x
	}
	return s / 3
}

func genericInts(xs []int, a int32) (int, int32, float64) {
	return generic(xs, 1), generic[int32](nil, a), generic(nil, 0.5)
}

func clamp[T int | float64](x, lo, hi T) T { return min(max(x, lo), hi) }

func clamped(a int, b float64) (int, float64) { return clamp(a, -5, 5), clamp(b, -0.5, 0.5) }

func pairs(a int, b float32) (float32, int) {
	p := pair[int, float32]{a, b}.swapped()
	return p.first, p.second
}

func literals(x, y int) int {
	calls := 0
	square := func(x int) int {
		calls++
		return x*x + y
	}
	twice := func(x int) int { return square(x) + square(x+1) }
	y++
	return twice(x) + calls + func(z int) int { return z - calls }(y)
}

func literalSlices(xs []float64, i int) float64 {
	at := func(k int) float64 { return xs[k] }
	xs = xs[1:]
	return at(i) + at(0)
}

func captured(i int) float64 { return gain*float64(offsets[i]) + origin.x + float64(primes[3]) }

func capturedGrid(i, j int) float64 { return grid[i][j] * scale }

func gridSum() (s float64) {
	for i, row := range grid {
		for j := range row {
			s += grid[i][j] * float64(j+1)
		}
	}
	return s
}

func slicing(xs []int, i, j int) int { return len(xs[i:j]) + sumIndex(xs[:j]) }

func slicing3(xs []int, i, j, k int) (int, int) {
	ys := xs[i:j:k]
	return len(ys), cap(ys)
}

func sliceLoop(xs []int) int {
	n := 0
	for len(xs) > 1 {
		n += xs[0] - xs[len(xs)-1]
		xs = xs[1 : len(xs)-1]
	}
	return n
}

func toArray(xs []int32) [3]int32 { return [3]int32(xs) }

func nilSlice(a int) int {
	var xs []int
	for range xs {
		a++
	}
	return a + len(xs)
}

func arrayLiterals(i uint) int {
	table := [...]int{3, 1, 4, 8: 7}
	m := [2][2]int{{1, 2}, {3, 4}}
	return table[i%9] + m[i%2][1] + [3]int{1, 2, 3}[i%3]
}

func rangeCopy(a [4]int) int {
	s := 0
	for i, x := range a {
		a[3-i] = x + 1
		s = s*10 + x
	}
	for i := range a {
		s += a[i]
	}
	return s
}

func rangePointer(a [4]int) int {
	p, s := &a, 0
	for i, x := range p {
		p[3-i] = x + 1
		s = s*10 + x
	}
	return s + len(p)
}

func rangeAssigned(n int8) int {
	var i, s int8
	for i = range n % 20 {
		s += i
		i += 5
	}
	for j := range 6 {
		j *= 2
		s += int8(j)
	}
	return int(i) + int(s)
}

func panics(x int) int {
	if x > 3 {
		panic("x is too large")
	}
	return x
}

func order(x int) int {
	next := func() int { x++; return x }
	a := [3]int{next(), next() * 10, next() * 100}
	return a[0] + a[1] + a[2] - next()*next()
}

func mathFloat(x float64) (float64, float64, float64, float64, float64) {
	return math.Sqrt(x), math.Floor(x), math.Ceil(x), math.Trunc(x), math.Abs(x)
}

func mathRound(x float64) (float64, float64) { return math.Round(x), math.RoundToEven(x) }

func mathTrig(x float64) float64 {
	s, c := math.Sincos(x)
	return s*c + math.Atan2(x, 2) + math.Tanh(x)
}

func mathParts(x float64) (float64, int, float64, float64) {
	frac, exp := math.Frexp(x)
	whole, rest := math.Modf(x)
	return frac, exp, whole, rest
}

func mathBits(x float64, y float32) (uint64, uint32, bool, bool, bool) {
	return math.Float64bits(x) &^ (1 << 63), math.Float32bits(y * 0), math.Signbit(x), math.IsInf(x, 1), math.IsNaN(x)
}

func mathPow(x, y float64) (float64, float64) { return math.Pow(x, y), math.Hypot(x, y) }

func mathExp(x float64) float64 { return math.Exp(-x*x) * math.Log1p(math.Abs(x)) * math.Pi }

func minMax(a, b, c float64, i, j int) (float64, float64, int, int) {
	return min(a, b, c), max(a, b, c), min(i, j, 7), max(i, j)
}

func bitCounts(x uint64, y uint16) (int, int, int, int, int) {
	return bits.OnesCount64(x), bits.LeadingZeros64(x), bits.TrailingZeros16(y), bits.Len16(y), bits.Len(uint(x))
}

func bitMoves(x uint32, n int) (uint32, uint32, uint32) {
	return bits.RotateLeft32(x, n), bits.Reverse32(x), bits.ReverseBytes32(x)
}

func wide(x, y uint64, c bool) (hi, lo, sum, carry, diff, borrow uint64) {
	in := uint64(0)
	if c {
		in = 1
	}
	hi, lo = bits.Mul64(x, y)
	sum, carry = bits.Add64(x, y, in)
	diff, borrow = bits.Sub64(x, y, in)
	return
}

func wide32(x, y uint32) (a, b, c, d, e, f uint32) {
	a, b = bits.Mul32(x, y)
	c, d = bits.Add32(x, y, 1)
	e, f = bits.Sub32(x, y, 1)
	return
}

func xorshift(seed uint64, n uint8) uint64 {
	x := seed | 1
	for range n {
		x ^= x << 13
		x ^= x >> 7
		x ^= x << 17
	}
	return x
}

func sieve(n uint8) int {
	var composite [256]bool
	count := 0
	for i := 2; i <= int(n); i++ {
		if composite[i] {
			continue
		}
		count++
		for j := i * i; j <= int(n); j += i {
			composite[j] = true
		}
	}
	return count
}

func bubble(a [8]int32) [8]int32 {
	for i := 0; i < len(a); i++ {
		for j := len(a) - 1; j > i; j-- {
			if a[j] < a[j-1] {
				a[j], a[j-1] = a[j-1], a[j]
			}
		}
	}
	return a
}

func search(xs []int, x int) int {
	lo, hi := 0, len(xs)
	for lo < hi {
		mid := int(uint(lo+hi) >> 1)
		if xs[mid] < x {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return lo
}

func matrix(a, b [2][2]float64) (c [2][2]float64) {
	for i := range 2 {
		for j := range 2 {
			for k := range 2 {
				c[i][j] += a[i][k] * b[k][j]
			}
		}
	}
	return c
}

func constants() (uint8, float32, float64, int64, uint64, rune) {
	const big = 1 << 100
	return 'a' + 1, 1.0 / 3, math.MaxFloat64, math.MinInt64, big >> 37, 'ü'
}

func négation(größe int) int { return -größe }

func reserved(int, long, kernel int) int { return int + long*kernel }

func anonymous(x int32) int32 {
	p := struct{ a, b int32 }{x, 2}
	type local struct{ a, b int32 }
	q := local(p)
	q.a++
	p = q
	return p.a*p.b + q.a
}

func helperWrites(x float64) float64 {
	var a [4]float64
	fill := func(k int, p *float64) { *p = x * float64(k) }
	for i := range a {
		fill(i, &a[i])
	}
	return a[0] + a[1] - a[2]*a[3]
}

type shape interface{ area() float64 }

type square struct{ side float64 }

type disc struct{ r float64 }

func (s square) area() float64 { return s.side * s.side }

func (d *disc) area() float64 { d.r++; return d.r }

type counter[T any] struct {
	last  T
	count int
}

func (c *counter[T]) put(x T) int {
	c.last = x
	c.count++
	return c.count
}

type wrapped struct {
	counter[float64]
	inner struct{ point }
}

func areaOf[S shape](s S) float64 { return s.area() + 1 }

func constraintMethods(x float64) float64 {
	d := disc{x}
	return areaOf(square{x}) + areaOf(&d) + d.r
}

func genericMethods(x float64, n int) (float64, int, int) {
	var w wrapped
	w.put(x)
	var c counter[int]
	for i := range n & 7 {
		c.put(i * n)
	}
	w.inner.move(x, 1)
	return w.last + w.inner.x, w.put(1) + c.count, c.last
}

func localGeneric[T int | float32](x T) T {
	type local struct{ a, b T }
	l := local{x, 2}
	l.a, l.b = l.b, l.a
	return l.a*2 + l.b
}

func localTypes(x int, y float32) (int, float32) { return localGeneric(x), localGeneric(y) }

func fillSlice(xs []float64, x float64) int {
	for i := range xs {
		xs[i] = x * float64(i)
	}
	if len(xs) > 2 {
		xs[0], xs[1] = xs[1], xs[0]
		xs[len(xs)-1]++
	}
	return len(xs)
}

func copyDown(xs []int, i int) int {
	if i < 0 || i > len(xs) {
		return -1
	}
	return copy(xs, xs[i:])
}

func copyUp(xs []int, i uint8) int {
	if int(i) > len(xs) {
		return -1
	}
	return copy(xs[i:], xs)
}

func copyAcross(xs, ys []int16) int {
	clear(ys[:len(ys)/2])
	return copy(xs, ys)
}

func rowsWritten(rows [][]int32) int32 {
	s := int32(0)
	for i, row := range rows {
		for j, x := range row {
			s ^= x
			rows[i][j] = s
		}
		if len(row) > 1 {
			row[0] = row[len(row)-1]
		}
	}
	return s
}

func assignSlices(xs []int, i int) int {
	ys := xs
	xs, ys = ys[len(ys)/2:], xs[:len(xs)/2]
	i, xs[i] = len(ys), i
	return i
}

func orderOfIndexes(xs []int, i int) int {
	i, xs[i], xs[0] = 1, 7, i
	return xs[i]
}

func pointers(a [4]int, i uint8) (int, [4]int) {
	p := &a[i%4]
	*p += 10
	q := &point{1, 2}
	q.x, q.y = q.y, q.x
	swap := func(x, y *int) { *x, *y = *y, *x }
	swap(p, &a[0])
	r := p
	*r, a[1] = a[1]*2, *r
	return *p + int(q.x)*100, a
}

func sharedInCondition(x int) int {
	n := 0
	more := func() bool { n++; return n < 5 }
	for n < 100 && more() || n == 7 {
		x += n
	}
	if x > 10 && more() && x%2 == 0 || more() {
		x -= n
	}
	return x + n
}

func sliceVariable(xs []int) int {
	drop := func() { xs = xs[1:] }
	s := 0
	for len(xs) > 0 {
		s = s*10 + xs[0]
		drop()
		if len(xs) > 2 {
			drop()
		}
	}
	return s
}

func loopVariables(n uint8) (total int) {
	for i, j := 0, int(n%16); i < j; i, j = i+1, j-1 {
		add := func(k int) { total += i*k + j }
		add(2)
		p := &j
		*p -= i % 2
	}
	for i := uint8(250); i >= 250; i++ {
		total++
	}
	for i := int8(3); i < 120; i += 50 {
		total += int(i)
		if total > 100000 {
			break
		}
	}
	return
}

func wraps(n uint8) int {
	var a [8]int
	for i := n; i < 8; i-- {
		a[i]++
		if a[0] > 3 {
			break
		}
	}
	return a[0] + a[7]
}

func nestedSwitch(a, b int8) int {
	r := 0
loop:
	for i := range int8(10) {
		switch {
		case i == a:
			switch b {
			case 1, 2:
				continue loop
			case 3:
				break
			case 4:
				break loop
			default:
				r += 3
			}
			r++
		case i > b:
			break loop
		}
		r += 10
	}
	return r
}

func gainShadow(gain int) float64 { return float64(gain) + captured(0) }

const (
	first = iota + 1
	second
	third
)

func iotas(x int) int {
	switch x & 3 {
	case first:
		return third
	case second:
		return first << third
	}
	const local = second * 2.5
	return int(local) + x>>first
}

func float32Sum(xs []float32) float32 {
	var s, c float32
	for _, x := range xs {
		y := x - c
		t := s + y
		c = (t - s) - y
		s = t
	}
	return s
}

func intervals(x int, y uint32, z int8) int {
	var a [16]int
	for i := range a {
		a[i] = i * x
	}
	m := [4][4]int{{1, 2}, {3}}
	s := a[y>>28] + a[uint8(z)/16] + a[x&15] + a[y%3*5+1] + a[(y&3)*4+y%4]
	if z >= 0 && z < 16 {
		s += a[z] + a[15-z]
	}
	if x < 2 || x > 13 {
		return s + m[y%4][uint(x)%4]
	}
	return s + a[x-2] + a[x+2]
}

func conversions(a float32, b uint8, c int16) (int16, float32, uint64, bool) {
	type flag bool
	type level uint8
	f := flag(b > 3)
	l := level(c)
	return int16(b) << 4, float32(int8(l)) + a, uint64(int64(c)), bool(f) && l == level(b)
}

func callBehindCheck(xs []int, i int) bool {
	return xs[i] > 0 == (addInt(xs[0], 1) > 2 && xs[1] > addInt(i, 3))
}

func literalBehindCheck(xs []float64, i int, p point) bool {
	return xs[i] > 0 == (struct{ x, y float64 }{xs[0], 2} == p || xs[1] > 0)
}

func swapCaptured(rows [][]int, n uint8) int {
	if len(rows) < 2 || len(rows[0]) == 0 || len(rows[1]) == 0 {
		return -1
	}
	cur, next := rows[0], rows[1]
	flip := func() { cur, next = next, cur }
	for i := range n % 6 {
		cur[0] += int(i) + 1
		next[len(next)-1] ^= cur[0]
		flip()
	}
	return len(cur)
}

func swapOnce(xs, ys []int) int {
	cur, next := xs, ys
	flip := func() { cur, next = next, cur }
	flip()
	if len(cur) > 0 {
		cur[0] = 77
	}
	return len(next)
}

func exchange[T any](a, b *T) { *a, *b = *b, *a }

func rotate(a, b, c *[]int32) {
	exchange(a, b)
	exchange(b, c)
}

func rotated(xs, ys, zs []int32, i int) int {
	a, b, c := xs, ys, zs
	rotate(&a, &b, &c)
	a[i]++
	return len(b)
}

func redirect(p, q *[]int, xs []int) {
	*p = xs
	if len(*q) > 0 {
		(*q)[0] = 5
	}
}

func redirected(xs, ys, zs []int) int {
	a, b := xs, ys
	redirect(&a, &a, zs)
	redirect(&b, &a, zs)
	return len(a) + len(b)
}

func storedByPointer(xs, ys []float32) int {
	a := xs
	n := len(a)
	p := &a
	q := p
	*q = ys
	for i := range a {
		a[i] *= 2
	}
	return n - len(*p)
}

func readByPointer(xs, ys []float32, i uint8) int {
	a := xs
	p := &a
	b := *p
	a = ys
	if i := int(i % 8); i < len(b) && i < len(a) {
		b[i], (*p)[i] = a[i], b[i]
	}
	return len(b)
}

type samples []int16

func (s *samples) skip() { *s = (*s)[1:] }

func (s *samples) take(t samples) { *s = t }

func (s samples) set(x int16) { s[0] = x }

func methodsOfSlices(xs, ys []int16, x int16) int {
	s, t := samples(xs), samples(ys)
	s.skip()
	s.set(x)
	t.take(s)
	if len(t) > 1 {
		t.skip()
		t.set(x + 1)
	}
	return len(s) + len(t)
}

func rowVariable(rows [][]uint8, x uint8) (n int) {
	var row []uint8
	keep := func(r []uint8) { row = r }
	for _, row = range rows {
		if len(row) > 0 {
			row[0] = x
			row = row[1:]
		}
		for i := range row {
			row[i] += x
		}
	}
	for i, r := range rows {
		if keep(r); len(row) > i {
			row[i]++
		}
		func() {
			set := func(y uint8) {
				if s := row; len(s) > 2 {
					s[2] = y
				}
			}
			set(x)
		}()
		n += len(row)
	}
	return n
}

func larger(best *[]float64, xs []float64) bool {
	if len(xs) <= len(*best) {
		return false
	}
	*best = xs
	return true
}

func markLargest(rows [][]float64, spare []float64) (n int) {
	best := spare
	for i := range rows {
		if larger(&best, rows[i]) {
			n++
		}
	}
	for i := range best {
		best[i] = float64(n)
	}
	return n
}

func halves(xs []int, n uint8) int {
	part, rest := xs, xs
	split := func(at int) { part, rest = rest[:at], rest[at:] }
	for i := range n % 4 {
		split(len(rest) / 2)
		switch w := part; {
		case len(w) > 1:
			w[1] = int(i)
		case len(w) > 0:
			v := w[:1]
			v[0] = -int(i)
		}
	}
	return len(rest)
}

func readsOnly(xs, ys []int, i int) int {
	ys[0] = offsets[1]
	a, b := xs, offsets
	exchange(&a, &b)
	c := a[1:]
	return c[i] + len(b)
}

func rounded32(x, y float32) (float32, float32, float32, float32, float32, float32) {
	return float32(math.Sqrt(float64(x))), float32(math.Floor(float64(x))) + float32(math.Ceil(float64(y))),
		float32(math.Round(float64(x))), float32(math.RoundToEven(-float64(x))), float32(math.Trunc(math.Abs(float64(x)))),
		float32(math.Copysign(2, float64(y)))
}

func extremes32(x, y float32) (float32, float32, float32, float32) {
	return float32(math.Max(float64(x), float64(y))), float32(math.Min(float64(x), float64(y))),
		float32(math.Max(0, math.Min(float64(x), 1))), float32(math.Dim(float64(x), float64(y)))
}

func arith32(x, y float32, n int16) (float32, float32, float32, float32, float32) {
	return float32(float64(x) + float64(y)), float32(float64(x) - float64(n)), float32(float64(x) * float64(y)),
		float32(float64(x) / float64(y)), float32(math.Sqrt(float64(x)*float64(x) + float64(y)*float64(y)))
}

func tests32(x, y float32) (int, int64, uint8) {
	if math.IsNaN(float64(x)) || math.IsInf(float64(y), 0) || math.Signbit(float64(x)) && math.IsInf(float64(x), -1) {
		return int(math.Floor(float64(y))), 0, 0
	}
	if math.Abs(float64(x)) < 0.5 || math.Floor(float64(x)) == float64(x) {
		x = float32(math.Inf(-1))
	}
	return int(x), int64(math.Ceil(float64(y))), uint8(math.Abs(math.Trunc(float64(y))))
}

func math32(x, y float32) (float32, float32, float32, float32, float32, float32) {
	return float32(math.Sin(float64(x))), float32(math.Exp(-math.Abs(float64(x)))), float32(math.Log(math.Abs(float64(y)))),
		float32(math.Tanh(float64(x))), float32(math.Hypot(float64(x), float64(y))), float32(math.Atan2(float64(x), float64(y)))
}

func pow32(x, y float32) (float32, float32, float32, float32) {
	return float32(math.Pow(float64(x), 2)), float32(math.Cos(float64(y))), float32(math.FMA(float64(x), float64(y), 1)), float32(math.Ldexp(float64(x), 3))
}

func complexArith(a, b complex128) (complex128, complex128, complex128, complex128, complex128, bool) {
	c := a
	c *= b
	c -= 1 + 2i
	return a + b, a - b, c, a / b, -a * complex(0, imag(b)), a == b || a*2 != 2*a
}

func complex64Arith(a, b complex64, x float32) (complex64, complex64, complex64, complex128) {
	c := a*b + complex(x, 1)
	c++
	d := a / b
	return c, d, a - b*b, complex128(a) + complex128(complex64(complex128(b)))
}

func mandelbrotComplex(x, y float64, n uint8) int {
	c := complex(math.Mod(x, 2), math.Mod(y, 2))
	var z complex128
	for i := range int(n) {
		if real(z)*real(z)+imag(z)*imag(z) > 4 {
			return i
		}
		z = z*z + c
	}
	return -1
}

type wave struct {
	amplitude complex128
	n         int
}

func complexSlices(zs []complex128, w wave, i uint8) (complex128, wave) {
	sum := complex128(0)
	for k, z := range zs {
		sum += z * complex(real(w.amplitude), float64(k))
		zs[k] = sum
	}
	if len(zs) > 0 {
		w.amplitude = zs[int(i)%len(zs)] / 2
		zs[int(i)%len(zs)] *= 1i
	}
	w.n++
	return sum, w
}

func complexCheck(zs []complex64, i, j int) complex64 { return zs[i] * zs[j] }

func complexParts(z complex128, w complex64) (float64, float64, float64, float32, bool) {
	r, _ := cmplx.Polar(z)
	return cmplx.Abs(z), cmplx.Phase(z), r, real(w) - imag(w*w), cmplx.IsNaN(z) || cmplx.IsInf(cmplx.Conj(z))
}

func complexRoots(z complex128) (complex128, complex128) {
	return cmplx.Sqrt(z), cmplx.Exp(z)
}

func complexLog(z complex128) complex128 { return cmplx.Log(z) }

func complexWaves(z complex128) (complex128, complex128, complex128, complex128) {
	return cmplx.Sin(z), cmplx.Cos(z), cmplx.Sinh(z), cmplx.Cosh(z)
}

func integral(f func(float64) float64, a, b float64, n int) float64 {
	h, s := (b-a)/float64(n), (f(a)+f(b))/2
	for i := 1; i < n; i++ {
		s += f(a + float64(i)*h)
	}
	return s * h
}

func halved(x float64) float64 { return x / 2 }

func integrals(a, b float64) (float64, float64, float64) {
	k := gain * 2
	square := func(x float64) float64 { return x * x }
	alias := halved
	double := integral(func(x float64) float64 {
		return integral(func(y float64) float64 { return x*y + k }, 0, 1, 3)
	}, 0, b, 4)
	return integral(math.Sqrt, 0, math.Abs(a), 5) + integral(square, a, b, 5), integral(halved, a, b, 3) + alias(a) + integral(alias, b, a, 2), double
}

func fold[T any](xs []T, first T, f func(T, T) T) T {
	for _, x := range xs {
		first = f(first, x)
	}
	return first
}

func twiceApplied(f func(int) int, x int) int { return f(f(x)) }

func folds(xs []int, ys []float64, n int) (int, float64, int) {
	return fold(xs, n, func(a, b int) int { return max(a, b-n) }), fold(ys, gain, math.Max), twiceApplied(func(x int) int { return twiceApplied(func(y int) int { return y*3 + n }, x) }, n)
}

func news(x float64, n int) (float64, int) {
	p, q := new(float64), new(n)
	total := 0
	for i := range 3 {
		r := new(int)
		*r += i
		total += *r
	}
	*p += x
	*q++
	v := new(point)
	v.x = *p
	return v.x + v.y, *q + n + total
}

func lookUp(i int, x float64) float64 {
	table := []float64{1, 2, 4, x, 7: 5}
	var weights = []int{3, 1, 2}
	s := 0.0
	for k, w := range weights {
		s += float64(w) * table[k]
	}
	return s + table[i] + float64(len(table)-cap(weights))
}

func buffer(xs []int8, n uint8) (int, int) {
	counts := make([]int, 8)
	for _, x := range xs {
		counts[uint8(x)%8]++
	}
	for i, c := range counts {
		if i+1 < len(counts) {
			counts[i+1] += c
		}
	}
	counts[1], counts[2] = counts[2], counts[1]
	return counts[n%8], counts[n&15]
}

func freshBuffers(n int) int {
	total := 0
	for i := range 3 {
		b := make([]point, 2)
		b[i&1].x += float64(i)
		empty := []int{}
		total += int(b[0].x) + n&3*int(b[1].x) + len(empty)
	}
	return total
}

func largest(first float64, more ...float64) float64 {
	for i, x := range more {
		if x > first {
			first = x
		}
		more[i] = 0
	}
	return first + float64(len(more))
}

func joined(base int, digits ...int) (n int) {
	for _, d := range digits {
		n = n*base + d
	}
	return n
}

func variadic(x, y float64, n int) (float64, int, int) {
	return largest(x) + largest(y, x) + largest(1, x, y, 3), joined(10, n, n&7, 3), joined(10, joined(2), joined(n, 1))
}

// What stands in a local slice, in a variadic parameter or behind a slice changes where no
// variable is assigned to.

func elementsInLoop(xs []int, n int) int {
	p := []int{0, 1}
	s := 0
	for i := range n & 15 {
		s = s*3 + xs[p[0]] + xs[p[1]]
		p[0] = i
		p[i&1]++
		s = s*3 + xs[p[0]] + xs[p[1]]
	}
	return s
}

func elementsInHead(xs []int, n int) int {
	s := 0
	for p := []int{0}; p[0] < n&15; p[0]++ {
		s = s*3 + xs[p[0]]
		p[0] += n & 3
		s = s*3 + xs[p[0]]
	}
	return s
}

func elementsStraight(xs []int, n, m int) int {
	p := make([]int, 2)
	s := xs[p[0]]
	p[0] = n
	s += xs[p[0]]
	p[p[1]], p[1] = m, n
	s += xs[p[0]] * xs[p[1]]
	p[0]--
	s += xs[p[0]]
	p[0], xs[p[0]] = p[0]+2, 5
	return s + xs[p[0]]
}

func elementsBranch(xs []int, n int) int {
	p := []int{n, n - 1}
	if p[0] < 0 || p[0] >= len(xs) {
		return -1
	}
	s := xs[p[0]]
	p[0] += 2
	s += xs[p[0]]
	if p[1] >= 0 && p[1] < len(xs) {
		p[1] *= 3
		s += xs[p[1]]
	}
	for p[1] < len(xs) {
		p[1] = p[1]*2 + 1
		s += xs[p[1]]
	}
	return s
}

func elementsDivide(n, m int) int {
	p := []int{3, n}
	s := 100/p[0] + 50%p[1]
	p[0] = m
	s += 100 / p[0]
	for i := range 4 {
		s += 30 / p[0]
		p[0] -= i
		s += 30 % p[0]
	}
	for q := []int{2}; q[0] > -m; {
		s += 9 / q[0]
		q[0]--
		s += 9 / q[0]
	}
	return s
}

func elementsShift(x, n int) int {
	p := []int{1}
	x <<= p[0]
	p[0] = n & 15
	x <<= p[0]
	for range 3 {
		x ^= x >> p[0]
		p[0] -= 3
		x ^= x << p[0]
	}
	for q := []int8{3}; q[0] < 5; q[0]++ {
		x += 1 << q[0]
		q[0] += int8(n & 3)
		x += 1 << q[0]
	}
	return x
}

func elementsConverted(xs []int, n int) int {
	p := []int{0}
	u := [...]uint16{1}
	s := xs[uint8(p[0])] + xs[u[0]]
	for range 3 {
		s += xs[uint8(p[0])] + xs[int8(p[0])] + xs[u[0]]
		p[0] += n
		u[0] += uint16(n)
		s += xs[uint8(p[0])] + xs[int8(p[0])] + xs[u[0]]
	}
	return s
}

func elementsRange(xs []int, n int) int {
	p := []int{0, 1, 2}
	s := 0
	for i, k := range p {
		p[2] = n & 7
		s = s*3 + xs[k] + xs[p[i]]
		p[i] = n & 3
		s = s*3 + xs[k] + xs[p[i]]
	}
	for p[0] = range n & 3 {
		s += xs[p[0]]
		p[0]++
		s += xs[p[0]]
	}
	for p[1], p[0] = range xs {
		s += xs[p[1]]
		p[1] -= n & 1
		if p[1] > 0 {
			s += xs[p[1]]
			p[1] += n & 1
		}
		s += xs[p[1]]
	}
	return s
}

func elementsNested(xs []int, n int) int {
	p := []int{0, 0}
	s := 0
	for i := range 3 {
		q := []int{i}
		for j := range 2 {
			s = s*3 + xs[p[0]] + xs[q[0]]
			q[0] += j
			for r := []int{0}; r[0] < 2; r[0]++ {
				s = s*3 + xs[p[1]] + xs[r[0]]
				p[1] = n & 3
				r[0] += p[0]
				s += xs[p[1]] + xs[r[0]]
			}
			s += xs[q[0]]
		}
		p[0] = n & 7
		s += xs[p[0]]
	}
	return s
}

func elementsSpread(xs []int, n int) int {
	return moved(xs, n, 0, 1) + moved(xs, 1, n&3, 0, 2) + moved(xs, n)
}

func moved(xs []int, n int, p ...int) (s int) {
	for i := range p {
		s = s*3 + xs[p[0]]
		p[0] += n & 3
		s = s*3 + xs[p[0]] + xs[p[i]]
	}
	if len(p) > 1 {
		s += 10 / (p[1] + 2)
		p[1] -= n
		s += 10 / (p[1] + 2)
	}
	return s
}

type jump struct{ at, by int }

func elementsOfStructs(xs []int, n int) int {
	p := []jump{{0, 1}, {at: 1, by: n & 3}}
	s := 0
	for i := range p {
		s = s*3 + xs[p[i].at] + 20/p[i].by
		p[i].at += p[i].by
		s = s*3 + xs[p[i].at]
		p[1-i].by -= n & 1
		s += 20 / p[1-i].by
		p[i] = jump{n & 7, 1}
		s += xs[p[i].at] + 20/p[i].by
	}
	for q := []jump{{}}; q[0].at < 4; q[0].at++ {
		s += xs[q[0].at]
		q[0].at += n & 3
		s += xs[q[0].at]
	}
	return s
}

func elementsOfArrays(xs []int, n int) int {
	p := [][2]int{{0, 1}, {1, 0}}
	s := 0
	for i := range 2 {
		s = s*3 + xs[p[i][0]] + xs[p[0][1]]
		p[i][0] = n
		s = s*3 + xs[p[i][0]]
		p[0] = [2]int{1, n}
		s = s*3 + xs[p[0][1]]
	}
	return s
}

func elementsAliased(xs, ys []int, n int) int {
	xs[0], xs[1] = 0, 1
	a := xs[:]
	b := xs[len(xs)/3:]
	s := ys[xs[0]] + 30/xs[1]
	a[0] = n & 3
	s += ys[xs[0]]
	b[0]--
	s += ys[xs[0]] + 30/xs[1]
	for i := range 2 {
		s += ys[xs[i]]
		a[i] = i + n&3
		s += ys[xs[i]]
		b[0] = n & 7
		s += ys[xs[i]] + 1<<xs[i]
	}
	copy(a[1:], a)
	s += ys[xs[1]] + 8/(a[0]+1)
	clear(b)
	return s + ys[xs[0]] + 8/(a[0]+1) + 8/(n&1-b[0])
}

func elementsByCall(xs, ys []int, n int) int {
	p := [2]int{0, 1}
	q := &p
	xs[0] = 0
	s := xs[p[0]] + ys[xs[0]]
	setFirst(xs, n)
	s += ys[xs[0]]
	q[0] = n & 3
	s += xs[p[0]]
	step := func() { p[1] += n & 3 }
	for range 2 {
		s += xs[p[1]] + xs[q[1]]
		step()
		s += xs[p[1]] + xs[q[1]]
		addTo(&p[0], 1)
		s += xs[p[0]]
	}
	return s
}

func setFirst(xs []int, n int) { xs[0] = n }

func addTo(p *int, n int) { *p += n }

func fieldsInSlice(ps []jump, xs []int, n int) int {
	s := 0
	ps[0] = jump{0, 2}
	for i := range 2 {
		ps[i].at = i
		s = s*3 + xs[ps[i].at] + 7/ps[0].by
		ps[i].at += n & 3
		ps[0].by -= n & 1
		s = s*3 + xs[ps[i].at] + 7/ps[0].by
	}
	p := ps[0]
	s += xs[p.at]
	p.at--
	return s + xs[p.at] + xs[ps[0].at]
}

func fieldsInHead(xs []int, n int) int {
	s := 0
	for p := (jump{0, 1}); p.at < 5; p.at += p.by {
		s += xs[p.at]
		p.by = n&3 + 1
		s += xs[p.at]
	}
	for p := [2]int{}; p[0] < 5; p[0]++ {
		s += xs[p[0]] + 5/(p[1]+1)
		p[1] = n
		s += xs[p[0]] + 5/(p[1]+1)
	}
	k := n & 7
	for p := []int{1}; k > 0; k-- {
		s += xs[p[0]]
		p[0] = k & 7
		s += xs[p[0]] + 6/p[0]
	}
	return s
}

func lengthsInLoop(xs, ys []int, n int) int {
	s, k := 0, len(xs)
	for range 3 {
		for i := range k {
			s = s*3 + xs[i]
			xs = xs[n&1:]
		}
		m := len(xs)
		for i := m - 1; i >= 0; i-- {
			s = s*3 + xs[i]
			if i == n {
				xs = ys
			}
		}
		k = len(ys)
	}
	return s
}
