package main

import (
	"fmt"
	"math"
	"math/big"
	"math/bits"
	"math/rand/v2"
	"strconv"
)

// math, math/big, math/bits and fixed random sequences.

func fact(n int64) *big.Int {
	out := big.NewInt(1)
	for i := int64(2); i <= n; i++ {
		out.Mul(out, big.NewInt(i))
	}
	return out
}

func gcd(a, b int) int {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}

type stats struct{ n, mean, m2 float64 }

func (s *stats) add(x float64) {
	s.n++
	d := x - s.mean
	s.mean += d / s.n
	s.m2 += d * (x - s.mean)
}

func (s stats) sd() float64 { return math.Sqrt(s.m2 / (s.n - 1)) }

func main() {
	f := fact(30)
	fmt.Println(f, f.BitLen(), new(big.Int).Mod(f, big.NewInt(1000007)))
	a, _ := new(big.Int).SetString("123456789012345678901234567890", 10)
	fmt.Println(a.Cmp(f), new(big.Int).Exp(big.NewInt(2), big.NewInt(100), nil), a.Text(36))
	r := big.NewRat(1, 3)
	r.Add(r, big.NewRat(1, 6))
	fmt.Println(r, r.FloatString(3))
	fmt.Println(bits.OnesCount(255), bits.LeadingZeros64(1), bits.TrailingZeros(8), bits.Len(1023), bits.Reverse8(1), bits.RotateLeft8(0x81, 1))
	hi, lo := bits.Mul64(1<<63, 6)
	fmt.Println(hi, lo, gcd(84, 36))
	fmt.Printf("%.4f %.4f %.4f %.4f\n", math.Sin(1), math.Log(10), math.Exp(0.5), math.Cbrt(27))
	fmt.Println(math.Floor(-1.5), math.Ceil(-1.5), math.Round(2.5), math.RoundToEven(2.5), math.Trunc(-1.5), math.Mod(7, -3), math.Remainder(7, 4))
	fmt.Println(math.Hypot(3, 4), math.Signbit(math.Copysign(0, -1)), math.IsInf(math.Inf(1), 1), math.MaxInt16)
	fr, ex := math.Frexp(10)
	ip, fp := math.Modf(3.25)
	fmt.Println(fr, ex, ip, fp)
	var s stats
	for _, x := range []float64{2, 4, 4, 4, 5, 5, 7, 9} {
		s.add(x)
	}
	fmt.Printf("%.3f %.3f\n", s.mean, s.sd())
	rnd := rand.New(rand.NewPCG(1, 2))
	x, y := rnd.IntN(100), rnd.IntN(100)
	again := rand.New(rand.NewPCG(1, 2))
	fmt.Println(x == again.IntN(100), y == again.IntN(100), len(rnd.Perm(5)))
	fmt.Println(math.Float32bits(1), math.Float64frombits(0x4009_21fb_5444_2d18), math.Nextafter(1, 2) > 1)
	fmt.Println(0.1+0.2, float32(0.1)+float32(0.2), 0.1+0.2 == 0.3, 1e308*10 > math.MaxFloat64)
	for base := 2; base <= 36; base += 17 {
		fmt.Print(strconv.FormatInt(12345, base), " ")
	}
	fmt.Println()
}
