package irtest

import (
	"fmt"
	"math"

	"github.com/adabc437/fanout/parallel/device/ir"
)

// foldedFunctions are the functions of package math of numbers that a compiler knows, and so
// computes with itself: NaN, infinities and what is near them.
func foldedFunctions(s *suite) {
	m := s.maps("folded")
	folded(m, "float64", tFloat, func(f func(float64) float64) func(float64) float64 { return f })
	folded(m, "float32", tFloat32, func(f func(float64) float64) func(float64) float32 {
		return func(x float64) float32 { return float32(f(x)) }
	})
	foldedPairs(m)
}

var specials = []float64{math.NaN(), math.Inf(1), math.Inf(-1), math.Copysign(0, -1), 0x1p63, -0x1p100}

// known is a number of type t that the compiler sees.
func known(t *ir.Type, x float64) ir.Expr {
	switch {
	case math.IsNaN(x):
		return call("NaN", t)
	case math.IsInf(x, 0):
		return call("Inf", t, num(int64(math.Copysign(1, x))))
	case t.Kind == ir.Float32:
		return konst(float32(x))
	}
	return konst(x)
}

func folded[T float](m *maps, name string, t *ir.Type, as func(func(float64) float64) func(float64) T) {
	var list []both[T, T, T]
	for fn, f := range inOrder(map[string]func(float64) float64{
		"Sqrt": math.Sqrt, "Floor": math.Floor, "Ceil": math.Ceil, "Trunc": math.Trunc, "Round": math.Round, "RoundToEven": math.RoundToEven, "Abs": math.Abs, "Logb": math.Logb,
		"Cbrt": math.Cbrt, "Exp": math.Exp, "Exp2": math.Exp2, "Expm1": math.Expm1, "Log": math.Log, "Log2": math.Log2, "Log10": math.Log10, "Log1p": math.Log1p,
		"Sin": math.Sin, "Cos": math.Cos, "Tan": math.Tan, "Asin": math.Asin, "Acos": math.Acos, "Atan": math.Atan, "Sinh": math.Sinh, "Cosh": math.Cosh, "Tanh": math.Tanh,
		"Asinh": math.Asinh, "Acosh": math.Acosh, "Atanh": math.Atanh, "Erf": math.Erf, "Erfc": math.Erfc, "Gamma": math.Gamma,
	}) {
		for _, x := range specials {
			switch {
			case (fn == "Sin" || fn == "Cos" || fn == "Tan") && math.Abs(x) > 1 && !math.IsInf(x, 0):
				continue // Go itself is off
			case fn == "Gamma" && x < -1:
				continue
			}
			list = append(list, both[T, T, T]{fmt.Sprintf("%s(%v)", fn, x), func(_, _ ir.Expr) ir.Expr { return call(fn, t, known(t, x)) }, func(_, _ T) T { return as(f)(x) }})
		}
	}
	several(m, name, []T{0}, []T{0}, 100, list)
}

func foldedPairs(m *maps) {
	var list []both[float64, float64, float64]
	for _, k := range []struct {
		fn string
		f  func(x, y float64) float64
	}{
		{"Atan2", math.Atan2}, {"Pow", math.Pow}, {"Mod", math.Mod}, {"Remainder", math.Remainder}, {"Hypot", math.Hypot}, {"Max", math.Max}, {"Min", math.Min},
		{"Dim", math.Dim}, {"Copysign", math.Copysign}, {"Nextafter", math.Nextafter},
	} {
		fn, f := k.fn, k.f
		for _, x := range specials {
			for _, y := range specials {
				if fn == "Copysign" && math.IsNaN(y) {
					continue // of NaN, the sign is left open
				}
				list = append(list, both[float64, float64, float64]{fmt.Sprintf("%s(%v, %v)", fn, x, y),
					func(_, _ ir.Expr) ir.Expr { return call(fn, tFloat, known(tFloat, x), known(tFloat, y)) }, func(_, _ float64) float64 { return f(x, y) }})
			}
		}
	}
	for _, x := range specials {
		for _, y := range specials {
			list = append(list, both[float64, float64, float64]{fmt.Sprintf("FMA(%v, %v, 1)", x, y),
				func(_, _ ir.Expr) ir.Expr { return call("FMA", tFloat, known(tFloat, x), known(tFloat, y), konst(1.0)) }, func(_, _ float64) float64 { return math.FMA(x, y, 1) }})
		}
		for _, n := range []int64{0, 5, -5, math.MaxInt64, math.MinInt64} {
			list = append(list, both[float64, float64, float64]{fmt.Sprintf("Ldexp(%v, %d)", x, n),
				func(_, _ ir.Expr) ir.Expr { return call("Ldexp", tFloat, known(tFloat, x), num(n)) }, func(_, _ float64) float64 { return math.Ldexp(x, int(max(-5000, min(5000, n)))) }})
		}
	}
	several(m, "pairs", []float64{0}, []float64{0}, 100, list)
	var tests []both[float64, float64, int64]
	for _, x := range specials {
		tests = append(tests,
			both[float64, float64, int64]{fmt.Sprintf("Ilogb(%v)", x), func(_, _ ir.Expr) ir.Expr { return call("Ilogb", tInt, known(tFloat, x)) }, func(_, _ float64) int64 { return int64(math.Ilogb(x)) }},
			both[float64, float64, int64]{fmt.Sprintf("int64(%v)", x), func(_, _ ir.Expr) ir.Expr { return convert(tInt, known(tFloat, x)) }, func(_, _ float64) int64 { return int64(x) }})
	}
	several(m, "integers", []float64{0}, []float64{0}, 0, tests)
	var truths []both[float64, float64, bool]
	for _, x := range specials {
		truths = append(truths, both[float64, float64, bool]{fmt.Sprintf("IsNaN(%v)", x), func(_, _ ir.Expr) ir.Expr { return call("IsNaN", tBool, known(tFloat, x)) }, func(_, _ float64) bool { return math.IsNaN(x) }})
		for _, sign := range []int64{-1, 0, 1} {
			truths = append(truths, both[float64, float64, bool]{fmt.Sprintf("IsInf(%v, %d)", x, sign), func(_, _ ir.Expr) ir.Expr { return call("IsInf", tBool, known(tFloat, x), num(sign)) }, func(_, _ float64) bool { return math.IsInf(x, int(sign)) }})
		}
		if !math.IsNaN(x) {
			truths = append(truths, both[float64, float64, bool]{fmt.Sprintf("Signbit(%v)", x), func(_, _ ir.Expr) ir.Expr { return call("Signbit", tBool, known(tFloat, x)) }, func(_, _ float64) bool { return math.Signbit(x) }})
		}
	}
	several(m, "truths", []float64{0}, []float64{0}, 0, truths)
}
