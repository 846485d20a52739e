package cpu

import (
	"math"
	"math/bits"

	"github.com/adabc437/fanout/parallel/device/ir"
)

var oneFloat = map[string]func(float64) float64{
	"Sqrt": math.Sqrt, "Cbrt": math.Cbrt, "Exp": math.Exp, "Exp2": math.Exp2, "Expm1": math.Expm1,
	"Log": math.Log, "Log2": math.Log2, "Log10": math.Log10, "Log1p": math.Log1p,
	"Sin": math.Sin, "Cos": math.Cos, "Tan": math.Tan, "Asin": math.Asin, "Acos": math.Acos, "Atan": math.Atan,
	"Sinh": math.Sinh, "Cosh": math.Cosh, "Tanh": math.Tanh, "Asinh": math.Asinh, "Acosh": math.Acosh, "Atanh": math.Atanh,
	"Floor": math.Floor, "Ceil": math.Ceil, "Trunc": math.Trunc, "Round": math.Round, "RoundToEven": math.RoundToEven,
	"Abs": math.Abs, "Erf": math.Erf, "Erfc": math.Erfc, "Gamma": math.Gamma, "Logb": math.Logb,
}

var twoFloats = map[string]func(x, y float64) float64{
	"Atan2": math.Atan2, "Pow": math.Pow, "Mod": math.Mod, "Remainder": math.Remainder, "Hypot": math.Hypot,
	"Max": math.Max, "Min": math.Min, "Dim": math.Dim, "Copysign": math.Copysign, "Nextafter": math.Nextafter,
}

func checkArgs(e *ir.Math) {
	if n, ok := ir.Functions[e.Fn]; !ok || n != len(e.Args) {
		fail("there is no function %s with %d arguments", e.Fn, len(e.Args))
	}
}

func floatMath[T float](c *compiler, e *ir.Math) code[T] {
	checkArgs(e)
	switch e.Fn {
	case "min", "max":
		x, y := floats[T](c, e.Args[0]), floats[T](c, e.Args[1])
		if e.Fn == "min" {
			return func(m *machine) T { return min(x(m), y(m)) }
		}
		return func(m *machine) T { return max(x(m), y(m)) }
	case "Float32frombits":
		x := integers[uint32](c, e.Args[0])
		return same[T](code[float32](func(m *machine) float32 { return math.Float32frombits(x(m)) }))
	}
	if e.T.Kind == ir.Float32 {
		x := c.float64Math(widened(e))
		return same[T](code[float32](func(m *machine) float32 { return float32(x(m)) }))
	}
	return same[T](c.float64Math(e))
}

// widened is a function of float32 numbers as one of float64 numbers.
func widened(e *ir.Math) *ir.Math {
	if len(e.Args) > 0 && e.Args[0].Type().Kind != ir.Float32 && e.T.Kind != ir.Float32 {
		return e
	}
	d := &ir.Math{Fn: e.Fn, T: e.T}
	if e.T.Kind == ir.Float32 {
		d.T = ir.Scalar(ir.Float64)
	}
	for _, x := range e.Args {
		if x.Type().Kind == ir.Float32 {
			x = &ir.Convert{To: ir.Scalar(ir.Float64), X: x}
		}
		d.Args = append(d.Args, x)
	}
	return d
}

func (c *compiler) float64Math(e *ir.Math) code[float64] {
	if f := oneFloat[e.Fn]; f != nil {
		x := floats[float64](c, e.Args[0])
		switch e.Fn {
		case "Sqrt":
			return func(m *machine) float64 { return math.Sqrt(x(m)) }
		case "Abs":
			return func(m *machine) float64 { return math.Abs(x(m)) }
		}
		return func(m *machine) float64 { return f(x(m)) }
	}
	if f := twoFloats[e.Fn]; f != nil {
		x, y := floats[float64](c, e.Args[0]), floats[float64](c, e.Args[1])
		return func(m *machine) float64 { return f(x(m), y(m)) }
	}
	switch e.Fn {
	case "NaN":
		return literal(math.NaN())
	case "FMA":
		x, y, z := floats[float64](c, e.Args[0]), floats[float64](c, e.Args[1]), floats[float64](c, e.Args[2])
		return func(m *machine) float64 { return math.FMA(x(m), y(m), z(m)) }
	case "Inf":
		x := integers[int64](c, e.Args[0])
		return func(m *machine) float64 {
			if x(m) >= 0 {
				return math.Inf(1)
			}
			return math.Inf(-1)
		}
	case "Float64frombits":
		x := integers[uint64](c, e.Args[0])
		return func(m *machine) float64 { return math.Float64frombits(x(m)) }
	case "Ldexp":
		x, n := floats[float64](c, e.Args[0]), integers[int64](c, e.Args[1])
		return func(m *machine) float64 { return math.Ldexp(x(m), int(max(-5000, min(5000, n(m))))) }
	}
	fail("%s gives no float", e.Fn)
	return nil
}

func (c *compiler) boolMath(e *ir.Math) code[bool] {
	checkArgs(e)
	e = widened(e)
	switch e.Fn {
	case "IsNaN":
		x := floats[float64](c, e.Args[0])
		return func(m *machine) bool { return math.IsNaN(x(m)) }
	case "Signbit":
		x := floats[float64](c, e.Args[0])
		return func(m *machine) bool { return math.Signbit(x(m)) }
	case "IsInf":
		x, n := floats[float64](c, e.Args[0]), integers[int64](c, e.Args[1])
		return func(m *machine) bool { return math.IsInf(x(m), int(max(-1, min(1, n(m))))) }
	}
	fail("%s gives no truth value", e.Fn)
	return nil
}

func integerMath[T integer](c *compiler, e *ir.Math) code[T] {
	checkArgs(e)
	switch e.Fn {
	case "min", "max":
		x, y := integers[T](c, e.Args[0]), integers[T](c, e.Args[1])
		if e.Fn == "min" {
			return func(m *machine) T { return min(x(m), y(m)) }
		}
		return func(m *machine) T { return max(x(m), y(m)) }
	case "Float64bits":
		x := floats[float64](c, e.Args[0])
		return same[T](code[uint64](func(m *machine) uint64 { return math.Float64bits(x(m)) }))
	case "Float32bits":
		x := floats[float32](c, e.Args[0])
		return same[T](code[uint32](func(m *machine) uint32 { return math.Float32bits(x(m)) }))
	case "Ilogb":
		x := floats[float64](c, e.Args[0])
		return same[T](code[int64](func(m *machine) int64 { return int64(math.Ilogb(x(m))) }))
	case "OnesCount", "LeadingZeros", "TrailingZeros", "Len":
		return same[T](c.counts(e))
	}
	return bitsMath[T](c, e)
}

// counts are functions of package math/bits that give an int.
func (c *compiler) counts(e *ir.Math) code[int64] {
	t := e.Args[0].Type()
	width := int(t.Size() * 8)
	if t.Kind.IsSigned() {
		fail("%s of %s", e.Fn, t)
	}
	x := toInteger[uint64](c, e.Args[0])
	switch e.Fn {
	case "OnesCount":
		return func(m *machine) int64 { return int64(bits.OnesCount64(x(m))) }
	case "LeadingZeros":
		return func(m *machine) int64 { return int64(width - bits.Len64(x(m))) }
	case "Len":
		return func(m *machine) int64 { return int64(bits.Len64(x(m))) }
	}
	return func(m *machine) int64 { return int64(min(width, bits.TrailingZeros64(x(m)))) }
}

// bitsMath is a function of package math/bits that gives what it takes.
func bitsMath[T integer](c *compiler, e *ir.Math) code[T] {
	k := kindOf[T]()
	if k.IsSigned() {
		fail("%s of %s", e.Fn, k)
	}
	width := int(ir.Scalar(k).Size() * 8)
	x := integers[T](c, e.Args[0])
	switch e.Fn {
	case "Reverse":
		return func(m *machine) T { return T(bits.Reverse64(uint64(x(m))) >> (64 - width)) }
	case "ReverseBytes":
		return func(m *machine) T { return T(bits.ReverseBytes64(uint64(x(m))) >> (64 - width)) }
	case "RotateLeft":
		n := integers[int64](c, e.Args[1])
		return func(m *machine) T {
			v, by := x(m), uint(n(m))&uint(width-1)
			return v<<by | v>>(uint(width)-by)
		}
	case "MulHi":
		y := integers[T](c, e.Args[1])
		if width == 64 {
			return func(m *machine) T {
				hi, _ := bits.Mul64(uint64(x(m)), uint64(y(m)))
				return T(hi)
			}
		}
		return func(m *machine) T { return T(uint64(x(m)) * uint64(y(m)) >> width) }
	}
	fail("%s gives no %s", e.Fn, k)
	return nil
}
