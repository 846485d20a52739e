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

// TestSpecialCasesAreThoseOfCmplx tries all pairs of parts at the ends of float64 and beyond.
func TestSpecialCasesAreThoseOfCmplx(t *testing.T) {
	inf, tiny := math.Inf(1), math.SmallestNonzeroFloat64
	grid := func(parts ...float64) (list []complex128) {
		for _, x := range parts {
			for _, y := range parts {
				list = append(list, complex(x, y), complex(-x, y), complex(x, -y), complex(-x, -y))
			}
		}
		return list
	}
	near := func(got, want float64) bool {
		if math.IsNaN(want) || math.IsInf(want, 0) || want == 0 {
			return same(got, want, 0)
		}
		return math.Abs(got-want) <= 1e-14*math.Abs(want)+2*tiny && math.Signbit(got) == math.Signbit(want)
	}
	check := func(got, want complex128) bool {
		if cmplx.IsNaN(want) { // of a zero beside it, the sign is left open
			return near(math.Abs(real(got)), math.Abs(real(want))) && near(math.Abs(imag(got)), math.Abs(imag(want)))
		}
		return near(real(got), real(want)) && near(imag(got), imag(want))
	}
	for _, z := range grid(0, tiny, 3*tiny, 1e-310, 0x1p-1022, 1e-200, 0.75, 1, 2.5, 1e200, 1e308, math.MaxFloat64, inf, math.NaN()) {
		for name, f := range map[string][2]func(complex128) complex128{
			"Exp": {Exp, cmplx.Exp}, "Log": {Log, cmplx.Log}, "Sqrt": {Sqrt, cmplx.Sqrt}, "Sin": {Sin, cmplx.Sin}, "Cos": {Cos, cmplx.Cos},
			"Sinh": {Sinh, cmplx.Sinh}, "Cosh": {Cosh, cmplx.Cosh}, "Conj": {Conj, cmplx.Conj},
			"Polar": {polar(Polar), polar(cmplx.Polar)}, "Rect": {rect(Rect), rect(cmplx.Rect)},
		} {
			if size := math.Abs(imag(z)); name == "Sqrt" && size > 0 && size < 0x1p-1022 && (real(z) == 0 || math.Abs(real(z)) > 4) {
				continue // of these, Go loses bits or the sign: see TestSqrtOfSubnormals
			}
			if got, want := f[0](z), f[1](z); !check(got, want) {
				t.Errorf("%s(%v) is %v, want %v", name, z, got, want)
			}
		}
	}
	few := grid(0, 1e-310, 1, 2.5, 1e308, inf, math.NaN())
	for _, x := range few {
		for _, y := range few {
			if x == 0 && math.IsNaN(real(y)) && math.IsInf(imag(y), 0) {
				continue // of these, Go panics
			}
			if got, want := Pow(x, y), cmplx.Pow(x, y); !check(got, want) {
				t.Fatalf("Pow(%v, %v) is %v, want %v", x, y, got, want)
			}
		}
	}
}

func polar(f func(complex128) (float64, float64)) func(complex128) complex128 {
	return func(z complex128) complex128 { return complex(f(z)) }
}

func rect(f func(r, θ float64) complex128) func(complex128) complex128 {
	return func(z complex128) complex128 { return f(real(z), imag(z)) }
}

func TestSqrtOfSubnormals(t *testing.T) {
	half := math.Sqrt2 / 2
	for z, want := range map[complex128]complex128{
		complex(0, 0x1p-1074):         complex(half*0x1p-537, half*0x1p-537),
		complex(0, -0x1p-1074):        complex(half*0x1p-537, -half*0x1p-537),
		complex(0x1p-1074, 0):         complex(0x1p-537, 0),
		complex(-0x1p-1074, 0):        complex(0, 0x1p-537),
		complex(9, -0x1p-1074):        complex(3, math.Copysign(0, -1)),
		complex(-9, -0x1p-1074):       complex(0, -3),
		complex(3e308/2, 0):           complex(math.Sqrt(3e308/2), 0),
		complex(0x3p-1074, 0x1p-1072): complex(0x1p-536, 0x1p-537), // (2 + i)² = 3 + 4i
	} {
		if got := Sqrt(z); !same(real(got), real(want), 0) || !same(imag(got), imag(want), 0) {
			t.Errorf("Sqrt(%v) is %v, want %v", z, got, want)
		}
	}
}
