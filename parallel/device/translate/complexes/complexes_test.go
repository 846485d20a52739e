package complexes

import (
	"math"
	"math/cmplx"
	"testing"
)

var edges = []float64{0, math.Copysign(0, -1), 1, -2.5, 0.3, 1e200, 1e-300, math.Inf(1), math.Inf(-1), math.NaN()}

func same(x, y float64, by float64) bool {
	if math.IsNaN(x) || math.IsNaN(y) {
		return math.IsNaN(x) && math.IsNaN(y)
	}
	return x == y && math.Signbit(x) == math.Signbit(y) || by > 0 && math.Abs(x-y) <= by*(1+math.Abs(y))
}

func TestDivIsGos(t *testing.T) {
	for _, a := range edges {
		for _, b := range edges {
			for _, c := range edges {
				for _, d := range edges {
					x, y := complex(a, b), complex(c, d)
					if got, want := Div(x, y), x/y; !same(real(got), real(want), 0) || !same(imag(got), imag(want), 0) {
						t.Errorf("%v / %v is %v, want %v", x, y, got, want)
					}
				}
			}
		}
	}
}

func TestFunctionsAreThoseOfCmplx(t *testing.T) {
	parts := []float64{0, 1, -1, 0.25, -0.75, 3, -20}
	for _, a := range parts {
		for _, b := range parts {
			z := complex(a, b)
			for name, f := range map[string][2]func(complex128) complex128{
				"Exp": {Exp, cmplx.Exp}, "Log": {Log, cmplx.Log}, "Sqrt": {Sqrt, cmplx.Sqrt}, "Sin": {Sin, cmplx.Sin}, "Cos": {Cos, cmplx.Cos}, "Conj": {Conj, cmplx.Conj},
				"Pow": {func(z complex128) complex128 { return Pow(z, 2-0.5i) }, func(z complex128) complex128 { return cmplx.Pow(z, 2-0.5i) }},
			} {
				if got, want := f[0](z), f[1](z); !same(real(got), real(want), 1e-12*(1+cmplx.Abs(want))) || !same(imag(got), imag(want), 1e-12*(1+cmplx.Abs(want))) {
					t.Errorf("%s(%v) is %v, want %v", name, z, got, want)
				}
			}
			r, θ := Polar(z)
			wantR, wantθ := cmplx.Polar(z)
			if r != wantR || θ != wantθ {
				t.Errorf("Polar(%v) is %v, %v, want %v, %v", z, r, θ, wantR, wantθ)
			}
		}
	}
	for _, a := range edges {
		for _, b := range edges {
			if z := complex(a, b); IsNaN(z) != cmplx.IsNaN(z) || IsInf(z) != cmplx.IsInf(z) {
				t.Errorf("IsNaN or IsInf of %v", z)
			}
		}
	}
}
