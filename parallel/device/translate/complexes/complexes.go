// Package complexes has what devices do for complex numbers beyond sums and products: the
// quotient, and functions of math/cmplx by their names. Text is translated for devices.
package complexes

import (
	_ "embed"
	"math"
)

// Text is the source of the package.
//
//go:embed complexes.go
var Text string

// Div is the quotient of complex numbers as Go has it: R. L. Smith, Algorithm 116: Complex
// division, Commun. ACM 5(8), 1962, with zeros and infinities as in C99, annex G.5.1.
func Div(x, y complex128) complex128 {
	a, b, c, d := real(x), imag(x), real(y), imag(y)
	var e, f float64
	if math.Abs(c) >= math.Abs(d) {
		ratio := d / c
		scale := c + ratio*d
		e, f = (a+b*ratio)/scale, (b-a*ratio)/scale
	} else {
		ratio := c / d
		scale := d + ratio*c
		e, f = (a*ratio+b)/scale, (b*ratio-a)/scale
	}
	if !math.IsNaN(e) || !math.IsNaN(f) {
		return complex(e, f)
	}
	switch inf := math.Inf(1); {
	case c == 0 && d == 0 && (!math.IsNaN(a) || !math.IsNaN(b)):
		inf = math.Copysign(inf, c)
		e, f = inf*a, inf*b
	case (math.IsInf(a, 0) || math.IsInf(b, 0)) && finite(c) && finite(d):
		a, b = unit(a), unit(b)
		e, f = inf*(a*c+b*d), inf*(b*c-a*d)
	case (math.IsInf(c, 0) || math.IsInf(d, 0)) && finite(a) && finite(b):
		c, d = unit(c), unit(d)
		e, f = 0*(a*c+b*d), 0*(b*c-a*d)
	}
	return complex(e, f)
}

func finite(x float64) bool { return !math.IsInf(x, 0) && !math.IsNaN(x) }

// unit is 1 for an infinity and 0 for other numbers, with the sign of x.
func unit(x float64) float64 {
	if math.IsInf(x, 0) {
		return math.Copysign(1, x)
	}
	return math.Copysign(0, x)
}

// Abs is the absolute value.
func Abs(z complex128) float64 { return math.Hypot(real(z), imag(z)) }

// Phase is the angle of z, from −π to π.
func Phase(z complex128) float64 { return math.Atan2(imag(z), real(z)) }

// Polar is the absolute value and the angle.
func Polar(z complex128) (r, θ float64) { return Abs(z), Phase(z) }

// Rect is the number with this absolute value and this angle.
func Rect(r, θ float64) complex128 {
	s, c := math.Sincos(θ)
	return complex(r*c, r*s)
}

// Conj is the conjugate.
func Conj(z complex128) complex128 { return complex(real(z), -imag(z)) }

// The special cases are those of C99, annex G.6, as Go has them.

// Exp is e to the power of z.
func Exp(z complex128) complex128 {
	x, y := real(z), imag(z)
	switch r := math.Exp(x); {
	case y == 0 && !finite(x): // on the real axis
		return complex(r, y)
	case math.IsInf(x, -1) && !finite(y): // of length 0, whatever the angle
		return complex(0, math.Copysign(0, y))
	case math.IsInf(x, 1) && !finite(y):
		return complex(x, math.NaN())
	default:
		return Rect(r, y)
	}
}

// Log is the natural logarithm.
func Log(z complex128) complex128 { return complex(math.Log(Abs(z)), Phase(z)) }

// Sqrt is the square root whose real part is not negative: W. Kahan, Branch cuts for complex
// elementary functions, 1987. Of parts that are very great or small, it is that of z·2^2k
// divided by 2^k.
func Sqrt(z complex128) complex128 {
	x, y := real(z), imag(z)
	switch {
	case x == 0 && y == 0:
		return complex(0, y)
	case math.IsInf(y, 0):
		return complex(math.Inf(1), y)
	case y == 0 && math.IsNaN(x):
		return complex(x, y)
	}
	back := 1.0
	switch size := math.Max(math.Abs(x), math.Abs(y)); {
	case size > 0x1p1000:
		x, y, back = x*0x1p-4, y*0x1p-4, 0x1p2
	case size < 0x1p-900:
		x, y, back = x*0x1p200, y*0x1p200, 0x1p-100
	}
	t := math.Sqrt((math.Abs(x) + math.Hypot(x, y)) / 2)
	long, short := t*back, math.Abs(y)/(2*t)*back
	switch {
	case x == 0: // of an angle of 45°
		short = long
	case x < 0:
		long, short = short, long
	}
	if math.Signbit(y) && !math.IsNaN(y) {
		short = -short
	}
	return complex(long, short)
}

// Pow is x to the power of y.
func Pow(x, y complex128) complex128 {
	if x == 0 {
		switch {
		case math.IsNaN(real(y)) || IsNaN(y):
			return complex(math.NaN(), math.NaN())
		case real(y) == 0:
			return 1
		case real(y) < 0 && imag(y) == 0:
			return complex(math.Inf(1), 0)
		case real(y) < 0:
			return complex(math.Inf(1), math.Inf(1))
		}
		return 0
	}
	r, θ := Polar(x)
	size, angle := math.Pow(r, real(y)), real(y)*θ
	if imag(y) != 0 {
		size *= math.Exp(-imag(y) * θ)
		angle += imag(y) * math.Log(r)
	}
	return Rect(size, angle)
}

// Sinh is the hyperbolic sine.
func Sinh(z complex128) complex128 {
	x, y := real(z), imag(z)
	switch {
	case y == 0 && !finite(x): // on the real axis
		return z
	case (x == 0 || math.IsInf(x, 0)) && !finite(y): // of no known angle
		return complex(x, math.NaN())
	}
	s, c := math.Sincos(y)
	return complex(math.Sinh(x)*c, math.Cosh(x)*s)
}

// Cosh is the hyperbolic cosine.
func Cosh(z complex128) complex128 {
	x, y := real(z), imag(z)
	switch {
	case math.IsNaN(x) && y == 0:
		return z
	case x == 0 && !finite(y):
		return complex(math.NaN(), x*math.Copysign(1, y))
	case math.IsInf(x, 0) && y == 0:
		return complex(math.Inf(1), y*math.Copysign(1, x))
	case math.IsInf(x, 0) && !finite(y):
		return complex(math.Inf(1), math.NaN())
	}
	s, c := math.Sincos(y)
	return complex(math.Cosh(x)*c, math.Sinh(x)*s)
}

// Sin is the sine: i·sin(z) = sinh(i·z).
func Sin(z complex128) complex128 {
	w := Sinh(timesI(z))
	return complex(imag(w), -real(w))
}

// Cos is the cosine: cos(z) = cosh(i·z).
func Cos(z complex128) complex128 { return Cosh(timesI(z)) }

// timesI is i·z, with the parts as they are.
func timesI(z complex128) complex128 { return complex(-imag(z), real(z)) }

// IsNaN says whether a part is no number, and none is infinite.
func IsNaN(z complex128) bool {
	return !IsInf(z) && (math.IsNaN(real(z)) || math.IsNaN(imag(z)))
}

// IsInf says whether a part is infinite.
func IsInf(z complex128) bool { return math.IsInf(real(z), 0) || math.IsInf(imag(z), 0) }
