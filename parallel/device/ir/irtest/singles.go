package irtest

import (
	"math"

	"github.com/adabc437/fanout/parallel/device/ir"
)

// singleFunctions are those of package math with float32 numbers, held against Go's with
// float64 numbers. A device that computes them in float32 may be off as OpenCL allows.
func singleFunctions(s *suite) {
	m := s.maps("math32")
	single := func(name string, ulps float64, f func(float64) float64, xs ...float32) {
		each(m, name, append(xs, 0.25, 0.75, 1, 2, 3.5, 10, 0, float32(math.Inf(1)), float32(math.NaN())), ulps,
			func(x ir.Expr) ir.Expr { return call(name, tFloat32, x) }, func(x float32) float32 { return float32(f(float64(x))) })
	}
	edges := append(floatEdges[float32](), 0.49999997, 8388607.5, -0.49999997, -8388607.5, 0.9999, 1.0001, 7)
	for name, f := range inOrder(map[string]func(float64) float64{"Sqrt": math.Sqrt, "Floor": math.Floor, "Ceil": math.Ceil, "Trunc": math.Trunc, "Round": math.Round, "RoundToEven": math.RoundToEven, "Abs": math.Abs}) {
		single(name, 0, f, edges...)
	}
	for name, f := range inOrder(map[string]func(float64) float64{
		"Cbrt": math.Cbrt, "Exp": math.Exp, "Exp2": math.Exp2, "Expm1": math.Expm1, "Log": math.Log, "Log2": math.Log2, "Log10": math.Log10, "Log1p": math.Log1p,
		"Sin": math.Sin, "Cos": math.Cos, "Tan": math.Tan, "Asin": math.Asin, "Acos": math.Acos, "Atan": math.Atan, "Sinh": math.Sinh, "Cosh": math.Cosh, "Tanh": math.Tanh,
		"Asinh": math.Asinh, "Acosh": math.Acosh, "Atanh": math.Atanh, "Logb": math.Logb,
	}) {
		single(name, 6, f)
	}
	for name, f := range inOrder(map[string]func(float64) float64{"Erf": math.Erf, "Erfc": math.Erfc, "Gamma": math.Gamma}) {
		single(name, 20, f)
	}
	xs, ys := pairs(edges, edges)
	two := func(name string, ulps float64, f func(x, y float64) float64, xs, ys []float32) {
		zip(m, name, xs, ys, ulps, func(x, y ir.Expr) ir.Expr { return call(name, tFloat32, x, y) }, func(x, y float32) float32 { return float32(f(float64(x), float64(y))) })
	}
	two("Max", 0, math.Max, xs, ys)
	two("Min", 0, math.Min, xs, ys)
	two("Dim", 0, math.Dim, xs, ys)
	two("Copysign", 0, math.Copysign, xs, ys)
	plain := []float32{0.25, 1, 2, 3.5, 10, -2, -0.75}
	px, py := pairs(plain, plain)
	two("Atan2", 7, math.Atan2, px, py)
	two("Pow", 17, math.Pow, px, py)
	two("Mod", 0, math.Mod, px, py)
	two("Remainder", 0, math.Remainder, px, py)
	two("Hypot", 5, math.Hypot, px, py)
	zip(m, "FMA", px, py, 1, func(x, y ir.Expr) ir.Expr { return call("FMA", tFloat32, x, y, x) }, func(x, y float32) float32 {
		return float32(math.FMA(float64(x), float64(y), float64(x)))
	})
	signs := []int64{0, 1, -1, math.MaxInt64, math.MinInt64}
	ex, en := pairs(edges, signs)
	zip(m, "IsInf", ex, en, 0, func(x, n ir.Expr) ir.Expr { return call("IsInf", tBool, x, n) }, func(x float32, n int64) bool { return math.IsInf(float64(x), int(n)) })
	each(m, "IsNaN", edges, 0, func(x ir.Expr) ir.Expr { return call("IsNaN", tBool, x) }, func(x float32) bool { return math.IsNaN(float64(x)) })
	each(m, "Signbit", edges, 0, func(x ir.Expr) ir.Expr { return call("Signbit", tBool, x) }, func(x float32) bool { return math.Signbit(float64(x)) })
	each(m, "Inf", signs, 0, func(n ir.Expr) ir.Expr { return call("Inf", tFloat32, n) }, func(n int64) float32 { return float32(math.Inf(int(n))) })
	each(m, "NaN", signs, 0, func(ir.Expr) ir.Expr { return call("NaN", tFloat32) }, func(int64) float32 { return float32(math.NaN()) })
	lx, ln := pairs(plain, []int64{0, 1, -1, 10, 100, -100, 5000, math.MinInt64})
	zip(m, "Ldexp", lx, ln, 0, func(x, n ir.Expr) ir.Expr { return call("Ldexp", tFloat32, x, n) }, func(x float32, n int64) float32 {
		return float32(math.Ldexp(float64(x), int(max(-5000, min(5000, n)))))
	})
}
