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

// Exp is e to the power of z.
func Exp(z complex128) complex128 {
	if imag(z) == 0 {
		return complex(math.Exp(real(z)), imag(z))
	}
	return Rect(math.Exp(real(z)), imag(z))
}

// Log is the natural logarithm.
func Log(z complex128) complex128 { return complex(math.Log(Abs(z)), Phase(z)) }

// Sqrt is the square root whose real part is not negative.
func Sqrt(z complex128) complex128 {
	x, y := real(z), imag(z)
	if x == 0 && y == 0 {
		return complex(0, y)
	}
	if math.IsInf(y, 0) {
		return complex(math.Inf(1), y)
	}
	t := math.Sqrt((math.Abs(x) + Abs(z)) / 2)
	if x >= 0 {
		return complex(t, y/(2*t))
	}
	return complex(math.Abs(y)/(2*t), math.Copysign(t, y))
}

// Pow is x to the power of y.
func Pow(x, y complex128) complex128 {
	if x == 0 {
		switch {
		case y == 0:
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

// Sin is the sine.
func Sin(z complex128) complex128 {
	s, c := math.Sincos(real(z))
	return complex(s*math.Cosh(imag(z)), c*math.Sinh(imag(z)))
}

// Cos is the cosine.
func Cos(z complex128) complex128 {
	s, c := math.Sincos(real(z))
	return complex(c*math.Cosh(imag(z)), -s*math.Sinh(imag(z)))
}

// IsNaN says whether a part is no number, and none is infinite.
func IsNaN(z complex128) bool {
	return !IsInf(z) && (math.IsNaN(real(z)) || math.IsNaN(imag(z)))
}

// IsInf says whether a part is infinite.
func IsInf(z complex128) bool { return math.IsInf(real(z), 0) || math.IsInf(imag(z), 0) }
