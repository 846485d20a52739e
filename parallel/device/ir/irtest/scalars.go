package irtest

import (
	"fmt"
	"iter"
	goMaps "maps"
	"math"
	"math/bits"
	"slices"
	"strings"

	"github.com/adabc437/fanout/parallel/device/ir"
)

// Cases are all of them, those of one program in a row.
func Cases() []Case {
	s := &suite{}
	integers[int8](s)
	integers[int16](s)
	integers[int32](s)
	integers[int64](s)
	integers[uint8](s)
	integers[uint16](s)
	integers[uint32](s)
	integers[uint64](s)
	floats[float32](s)
	floats[float64](s)
	unsigned[uint8](s, bits.OnesCount8, bits.LeadingZeros8, bits.TrailingZeros8, bits.Len8, bits.Reverse8, bits.RotateLeft8)
	unsigned[uint16](s, bits.OnesCount16, bits.LeadingZeros16, bits.TrailingZeros16, bits.Len16, bits.Reverse16, bits.RotateLeft16)
	unsigned[uint32](s, bits.OnesCount32, bits.LeadingZeros32, bits.TrailingZeros32, bits.Len32, bits.Reverse32, bits.RotateLeft32)
	unsigned[uint64](s, bits.OnesCount64, bits.LeadingZeros64, bits.TrailingZeros64, bits.Len64, bits.Reverse64, bits.RotateLeft64)
	byteOrder(s)
	mathFunctions(s)
	singleFunctions(s)
	foldedFunctions(s)
	truthValues(s)
	structures(s)
	flow(s)
	return s.cases
}

var opNames = strings.NewReplacer("+", "add", "-", "sub", "*", "mul", "/", "div", "%", "rem", "&^", "andnot", "&", "and", "|", "or", "^", "xor",
	"<<", "shl", ">>", "shr", "==", "eq", "!=", "ne", "<=", "le", ">=", "ge", "<", "lt", ">", "gt")

func opName(o ir.BinaryOp) string { return opNames.Replace(o.String()) }

// compute is x o y in Go.
func compute[T integer](o ir.BinaryOp, x, y T) T {
	switch o {
	case ir.Add:
		return x + y
	case ir.SubOp:
		return x - y
	case ir.Mul:
		return x * y
	case ir.Div:
		return x / y
	case ir.Rem:
		return x % y
	case ir.And:
		return x & y
	case ir.Or:
		return x | y
	case ir.Xor:
		return x ^ y
	}
	return x &^ y
}

func compare[T number](o ir.BinaryOp, x, y T) bool {
	switch o {
	case ir.Eq:
		return x == y
	case ir.Ne:
		return x != y
	case ir.Lt:
		return x < y
	case ir.Le:
		return x <= y
	case ir.Gt:
		return x > y
	}
	return x >= y
}

func integers[T integer](s *suite) {
	t := typeOf[T]()
	m := s.maps(t.String())
	xs, ys := pairs(edges[T](), edges[T]())
	var dx, dy []T // without 0 as divisors
	for i := range xs {
		if ys[i] != 0 {
			dx, dy = append(dx, xs[i]), append(dy, ys[i])
		}
	}
	type two = both[T, T, T]
	var whole, divisions []two
	for o := ir.Add; o <= ir.AndNot; o++ {
		e := two{opName(o), func(x, y ir.Expr) ir.Expr { return op(x, o, y) }, func(x, y T) T { return compute(o, x, y) }}
		if o == ir.Div || o == ir.Rem {
			divisions = append(divisions, e)
		} else {
			whole = append(whole, e)
		}
		var withConst []two
		for _, k := range few(edges[T]()) {
			if k != 0 || o != ir.Div && o != ir.Rem {
				withConst = append(withConst, one(fmt.Sprintf("x %s %v", o, k), func(x ir.Expr) ir.Expr { return op(x, o, konst(k)) }, func(x T) T { return compute(o, x, k) }))
			}
			if o != ir.Div && o != ir.Rem {
				withConst = append(withConst, one(fmt.Sprintf("%v %s x", k, o), func(x ir.Expr) ir.Expr { return op(konst(k), o, x) }, func(x T) T { return compute(o, k, x) }))
			}
		}
		several(m, opName(o)+"_const", edges[T](), edges[T](), 0, withConst)
	}
	neg := func(x ir.Expr) ir.Expr { return &ir.Unary{Op: ir.Neg, X: x} }
	not := func(x ir.Expr) ir.Expr { return &ir.Unary{Op: ir.Not, X: x} }
	whole = append(whole,
		one("neg", neg, func(x T) T { return -x }),
		one("not", not, func(x T) T { return ^x }),
		two{"neg_sum", func(x, y ir.Expr) ir.Expr { return op(neg(op(x, ir.Add, y)), ir.Mul, neg(y)) }, func(x, y T) T { return -(x + y) * -y }},
		two{"chain", func(x, y ir.Expr) ir.Expr {
			return op(op(op(op(x, ir.Mul, y), ir.Mul, op(x, ir.Mul, x)), ir.Add, op(y, ir.Mul, op(x, ir.SubOp, y))), ir.SubOp, konst(T(5)))
		}, func(x, y T) T { return x*y*(x*x) + y*(x-y) - 5 }},
		two{"mixed", func(x, y ir.Expr) ir.Expr {
			return op(op(op(x, ir.Add, y), ir.Shr, konst(uint8(1))), ir.Xor, op(op(x, ir.Or, y), ir.AndNot, op(not(x), ir.And, y)))
		}, func(x, y T) T { return ((x + y) >> 1) ^ ((x | y) &^ (^x & y)) }},
		two{"min", func(x, y ir.Expr) ir.Expr { return call("min", t, x, y) }, func(x, y T) T { return min(x, y) }},
		two{"max", func(x, y ir.Expr) ir.Expr { return call("max", t, x, op(y, ir.Or, konst(T(1)))) }, func(x, y T) T { return max(x, y|1) }},
	)
	several(m, "arithmetic", xs, ys, 0, whole)
	several(m, "division", dx, dy, 0, divisions)
	comparisons(m, xs, ys, func(x T) T { return x + edges[T]()[9] }, func(x ir.Expr) ir.Expr { return op(x, ir.Add, konst(edges[T]()[9])) })
	shifts[T, int64](m)
	shifts[T, uint64](m)
	shifts[T, uint8](m)
	shifts[T, int32](m)
	constants(m, edges[T]())
	conversions[T](m, edges[T]())
}

// few are those edges where what is printed for a constant may differ: devices take long to
// compile them all.
func few[T integer](edges []T) (list []T) {
	lo, hi := ends[T]()
	for _, x := range edges {
		if x <= 3 && x+3 >= 3 || x == lo || x == hi || x == hi-1 || x == hi/2+1 {
			list = append(list, x)
		}
	}
	return list
}

// comparisons are all of them, of two values, and of one with another that follows from it.
func comparisons[T number](m *maps, xs, ys []T, other func(T) T, otherExpr func(ir.Expr) ir.Expr) {
	var list []both[T, T, bool]
	for o := ir.Eq; o <= ir.Ge; o++ {
		list = append(list,
			both[T, T, bool]{opName(o), func(x, y ir.Expr) ir.Expr { return op(x, o, y) }, func(x, y T) bool { return compare(o, x, y) }},
			one(opName(o)+"_sum", func(x ir.Expr) ir.Expr { return op(otherExpr(x), o, x) }, func(x T) bool { return compare(o, other(x), x) }))
	}
	several(m, "comparison", xs, ys, 0, list)
}

func shifts[T, C integer](m *maps) {
	var counts []C
	for _, n := range []uint64{0, 1, 5, 7, 8, 9, 15, 16, 31, 32, 33, 63, 64, 65, 127, 128, 200, 255, 256, 1 << 31, 1 << 32, 1<<32 + 1, math.MaxInt64, math.MaxUint64} {
		if c := C(n); c >= 0 && uint64(c) == n {
			counts = append(counts, c)
		}
	}
	xs, ns := pairs(edges[T](), counts)
	name := typeOf[C]().String()
	several(m, "shift_"+name, xs, ns, 0, []both[T, C, T]{
		{"shl", func(x, n ir.Expr) ir.Expr { return op(x, ir.Shl, n) }, func(x T, n C) T { return x << n }},
		{"shr", func(x, n ir.Expr) ir.Expr { return op(x, ir.Shr, n) }, func(x T, n C) T { return x >> n }},
		{"shl of 1", func(_, n ir.Expr) ir.Expr { return op(konst(T(1)), ir.Shl, n) }, func(_ T, n C) T { return T(1) << n }},
		{"shl masked", func(x, n ir.Expr) ir.Expr { return op(x, ir.Shl, op(n, ir.And, konst(C(7)))) }, func(x T, n C) T { return x << (n & 7) }},
	})
	if name != "int64" {
		return
	}
	var list []both[T, T, T]
	for _, n := range counts {
		list = append(list,
			one(fmt.Sprintf("shl by %d", n), func(x ir.Expr) ir.Expr { return op(x, ir.Shl, konst(n)) }, func(x T) T { return x << n }),
			one(fmt.Sprintf("shr by %d", n), func(x ir.Expr) ir.Expr { return op(x, ir.Shr, konst(n)) }, func(x T) T { return x >> n }))
	}
	several(m, "shift_const", edges[T](), edges[T](), 0, list)
}

// constants adds a kernel that has them all in its text.
func constants[T number](m *maps, list []T) {
	i, out := variable("i", tInt), variable("out", ir.SliceOf(typeOf[T]()))
	k := &ir.Kernel{Name: "constants", Index: i, Params: []*ir.Var{out}}
	for n, v := range list {
		k.Body = append(k.Body, set(elem(ref(out), num(int64(n))), konst(v)))
	}
	m.program.Kernels = append(m.program.Kernels, k)
	m.suite.cases = append(m.suite.cases, Case{Name: m.name + "/constants", Program: m.program, Kernel: k.Name, own: k, N: 1, Args: []Arg{
		{Type: out.Type, Data: make([]byte, len(bytesOf(list))), Want: bytesOf(list)},
	}})
}

func conversions[T number](m *maps, list []T) {
	conversion(m, list, func(x T) int8 { return int8(x) })
	conversion(m, list, func(x T) int16 { return int16(x) })
	conversion(m, list, func(x T) int32 { return int32(x) })
	conversion(m, list, func(x T) int64 { return int64(x) })
	conversion(m, list, func(x T) uint8 { return uint8(x) })
	conversion(m, list, func(x T) uint16 { return uint16(x) })
	conversion(m, list, func(x T) uint32 { return uint32(x) })
	conversion(m, list, func(x T) uint64 { return uint64(x) })
	conversion(m, list, func(x T) float32 { return float32(x) })
	conversion(m, list, func(x T) float64 { return float64(x) })
}

func conversion[T, U number](m *maps, list []T, f func(T) U) {
	t := typeOf[U]()
	several(m, "to_"+t.String(), list, list, 0, []both[T, T, U]{
		one("conversion", func(x ir.Expr) ir.Expr { return convert(t, x) }, f),
		one("of a sum", func(x ir.Expr) ir.Expr { return convert(t, op(x, ir.Add, x)) }, func(x T) U { return f(x + x) }),
	})
}

func floats[T float](s *suite) {
	t := typeOf[T]()
	m := s.maps(t.String())
	xs, ys := pairs(floatEdges[T](), floatEdges[T]())
	ulps := 0.0
	if t.Kind == ir.Float32 {
		ulps = 2.5 // of a division, where a device has no better one
	}
	type two = both[T, T, T]
	simple := func(o ir.BinaryOp, f func(x, y T) T) two {
		return two{opName(o), func(x, y ir.Expr) ir.Expr { return op(x, o, y) }, f}
	}
	several(m, "division", xs, ys, ulps, []two{simple(ir.Div, func(x, y T) T { return x / y })})
	comparisons(m, xs, ys, func(x T) T { return x + 1 }, func(x ir.Expr) ir.Expr { return op(x, ir.Add, konst(T(1))) })
	several(m, "arithmetic", xs, ys, 0, []two{
		simple(ir.Add, func(x, y T) T { return x + y }),
		simple(ir.SubOp, func(x, y T) T { return x - y }),
		simple(ir.Mul, func(x, y T) T { return x * y }),
		{"no fma", func(x, y ir.Expr) ir.Expr { return op(op(x, ir.Mul, y), ir.SubOp, op(y, ir.Mul, y)) }, func(x, y T) T { return T(x*y) - T(y*y) }},
		{"order", func(x, y ir.Expr) ir.Expr {
			return op(op(x, ir.Add, op(y, ir.Add, konst(T(0.1)))), ir.SubOp, op(x, ir.SubOp, op(y, ir.SubOp, x)))
		}, func(x, y T) T { return (x + (y + 0.1)) - (x - (y - x)) }},
		one("neg", func(x ir.Expr) ir.Expr { return &ir.Unary{Op: ir.Neg, X: x} }, func(x T) T { return -x }),
		one("minus const", func(x ir.Expr) ir.Expr { return op(x, ir.SubOp, konst(T(-0.1))) }, func(x T) T { return x - T(-0.1) }),
		{"min", func(x, y ir.Expr) ir.Expr { return call("min", t, x, y) }, func(x, y T) T { return min(x, y) }},
		{"max", func(x, y ir.Expr) ir.Expr { return call("max", t, x, y) }, func(x, y T) T { return max(x, y) }},
	})
	constants(m, floatEdges[T]())
	list := floatEdges[T]()
	for _, x := range []float64{-1.9, 127.5, 128, -129, 255.9, 256, 32768, 65536, 1 << 31, 1<<31 - 1, -(1 << 31), -(1 << 31) - 0.5, -(1 << 31) - 1, 1 << 32, 1<<32 + 5, -(1 << 32) - 5, 1<<53 + 2, 1 << 62, 1 << 63, 1<<63 + 4096, 1 << 64, 1<<64 - 4096, -(1 << 63), -(1 << 63) - 4096} {
		list = append(list, T(x))
	}
	conversions(m, list)
}

func unsigned[T integer](s *suite, ones, leading, trailing, length func(T) int, reverse func(T) T, rotate func(T, int) T) {
	t := typeOf[T]()
	m := s.maps("bits/" + t.String())
	var list []both[T, T, int64]
	counts := func(name string, f func(T) int) {
		list = append(list,
			one(name, func(x ir.Expr) ir.Expr { return call(name, tInt, x) }, func(x T) int64 { return int64(f(x)) }),
			one(name+" of or", func(x ir.Expr) ir.Expr {
				return op(call(name, tInt, op(x, ir.Or, konst(T(1)))), ir.SubOp, num(70))
			}, func(x T) int64 { return int64(f(x|1)) - 70 }),
			one(name+" is less", func(x ir.Expr) ir.Expr {
				return call("min", tInt, op(call(name, tInt, x), ir.SubOp, num(70)), num(-1))
			}, func(x T) int64 { return int64(f(x)) - 70 }))
	}
	counts("OnesCount", ones)
	counts("LeadingZeros", leading)
	counts("TrailingZeros", trailing)
	counts("Len", length)
	several(m, "counts", edges[T](), edges[T](), 0, list)
	each(m, "Reverse", edges[T](), 0, func(x ir.Expr) ir.Expr { return call("Reverse", t, x) }, reverse)
	xs, ns := pairs(edges[T](), []int64{0, 1, 3, 7, 8, 15, 31, 63, 64, 65, -1, -8, -33, math.MaxInt32, math.MinInt32})
	zip(m, "RotateLeft", xs, ns, 0, func(x, n ir.Expr) ir.Expr { return call("RotateLeft", t, x, n) }, func(x T, n int64) T { return rotate(x, int(n)) })
	xs, ys := pairs(edges[T](), edges[T]())
	width := uint(t.Size() * 8)
	zip(m, "MulHi", xs, ys, 0, func(x, y ir.Expr) ir.Expr { return call("MulHi", t, x, y) }, func(x, y T) T {
		hi, lo := bits.Mul64(uint64(x), uint64(y))
		if width == 64 {
			return T(hi)
		}
		return T(lo >> width)
	})
}

func byteOrder(s *suite) {
	m := s.maps("bits/ReverseBytes")
	each(m, "uint16", edges[uint16](), 0, func(x ir.Expr) ir.Expr { return call("ReverseBytes", typeOf[uint16](), x) }, bits.ReverseBytes16)
	each(m, "uint32", edges[uint32](), 0, func(x ir.Expr) ir.Expr { return call("ReverseBytes", typeOf[uint32](), x) }, bits.ReverseBytes32)
	each(m, "uint64", edges[uint64](), 0, func(x ir.Expr) ir.Expr { return call("ReverseBytes", typeOf[uint64](), x) }, bits.ReverseBytes64)
}

// mathFunctions are compared to within what OpenCL allows, and to Go's special cases.
func mathFunctions(s *suite) {
	m := s.maps("math")
	list := append(floatEdges[float64](), 0.25, 0.75, -0.75, 0.9999, 1.0001, -1.0001, 2, -2, -3, 4, 10, -10, 20.5, -20.5, 100, -100, 170.5, -170.5, 700, 709.9, -745.2, 8, 1024, 27, 0.49999999999999994, 4503599627370497.5, -0.49999999999999994)
	single := func(name string, ulps float64, f func(float64) float64) {
		xs := list
		switch name {
		case "Sin", "Cos", "Tan":
			xs = []float64{0, math.Copysign(0, -1), 0.5, -0.5, 1, 2, 3, 10, 100, -1000, 12345.678, math.Inf(1), math.Inf(-1), math.NaN(), math.Pi / 4, 1e-10}
		case "Gamma":
			xs = []float64{0, math.Copysign(0, -1), 0.5, -0.5, 1, 2, 3, 5.5, -1, -2, -2.5, 10, 20.5, 100.25, 170.5, 172, math.Inf(1), math.Inf(-1), math.NaN(), -1e10, 1e-10}
		}
		each(m, name, wellDone(name, xs), ulps, func(x ir.Expr) ir.Expr { return call(name, tFloat, x) }, f)
	}
	for name, f := range inOrder(map[string]func(float64) float64{"Sqrt": math.Sqrt, "Floor": math.Floor, "Ceil": math.Ceil, "Trunc": math.Trunc, "Round": math.Round, "RoundToEven": math.RoundToEven, "Abs": math.Abs, "Logb": math.Logb}) {
		single(name, 0, f)
	}
	for name, f := range inOrder(map[string]func(float64) float64{
		"Cbrt": math.Cbrt, "Exp": math.Exp, "Exp2": math.Exp2, "Expm1": math.Expm1, "Log": math.Log, "Log2": math.Log2, "Log10": math.Log10, "Log1p": math.Log1p,
		"Sin": math.Sin, "Cos": math.Cos, "Tan": math.Tan, "Asin": math.Asin, "Acos": math.Acos, "Atan": math.Atan, "Sinh": math.Sinh, "Cosh": math.Cosh, "Tanh": math.Tanh,
		"Asinh": math.Asinh, "Acosh": math.Acosh, "Atanh": math.Atanh, "Erf": math.Erf, "Erfc": math.Erfc, "Gamma": math.Gamma,
	}) {
		ulps := 8.0
		switch name {
		case "Erf", "Erfc", "Gamma":
			ulps = 40
		}
		single(name, ulps, f)
	}
	xs, ys := pairs(floatEdges[float64](), floatEdges[float64]())
	two := func(name string, ulps float64, f func(x, y float64) float64) {
		xs, ys := xs, ys
		if name == "Atan2" || name == "Pow" {
			xs, ys = pairs(wellDone(name, floatEdges[float64]()), wellDone(name, floatEdges[float64]()))
		}
		zip(m, name, xs, ys, ulps, func(x, y ir.Expr) ir.Expr { return call(name, tFloat, x, y) }, f)
	}
	two("Atan2", 8, math.Atan2)
	two("Pow", 100, math.Pow)
	two("Mod", 0, math.Mod)
	two("Remainder", 0, math.Remainder)
	two("Hypot", 8, math.Hypot)
	two("Max", 0, math.Max)
	two("Min", 0, math.Min)
	two("Dim", 0, math.Dim)
	two("Copysign", 0, math.Copysign)
	two("Nextafter", 0, math.Nextafter)
	zip(m, "FMA", xs, ys, 0, func(x, y ir.Expr) ir.Expr { return call("FMA", tFloat, x, y, x) }, func(x, y float64) float64 { return math.FMA(x, y, x) })
	signs := []int64{0, 1, -1, math.MaxInt64, math.MinInt64}
	fx, signs2 := pairs(floatEdges[float64](), signs)
	zip(m, "IsInf", fx, signs2, 0, func(x, n ir.Expr) ir.Expr { return call("IsInf", tBool, x, n) }, func(x float64, n int64) bool { return math.IsInf(x, int(n)) })
	each(m, "Inf", signs, 0, func(n ir.Expr) ir.Expr { return call("Inf", tFloat, n) }, func(n int64) float64 { return math.Inf(int(n)) })
	each(m, "NaN", signs, 0, func(ir.Expr) ir.Expr { return call("NaN", tFloat) }, func(int64) float64 { return math.NaN() })
	each(m, "IsNaN", floatEdges[float64](), 0, func(x ir.Expr) ir.Expr { return call("IsNaN", tBool, x) }, math.IsNaN)
	each(m, "Signbit", floatEdges[float64](), 0, func(x ir.Expr) ir.Expr { return call("Signbit", tBool, x) }, math.Signbit)
	each(m, "Float64bits", floatEdges[float64]()[:13], 0, func(x ir.Expr) ir.Expr { return call("Float64bits", typeOf[uint64](), x) }, math.Float64bits)
	each(m, "Float64frombits", edges[uint64](), 0, func(x ir.Expr) ir.Expr { return call("Float64frombits", tFloat, x) }, math.Float64frombits)
	each(m, "Float32bits", floatEdges[float32]()[:13], 0, func(x ir.Expr) ir.Expr { return call("Float32bits", typeOf[uint32](), x) }, math.Float32bits)
	each(m, "Float32frombits", edges[uint32](), 0, func(x ir.Expr) ir.Expr { return call("Float32frombits", tFloat32, x) }, math.Float32frombits)
	lx, ln := pairs(floatEdges[float64](), []int64{0, 1, -1, 10, 52, -52, 1023, 1024, -1022, -1074, -1075, -1080, 2000, -2100, 2100, 5000, math.MaxInt64, math.MinInt64})
	zip(m, "Ldexp", lx, ln, 0, func(x, n ir.Expr) ir.Expr { return call("Ldexp", tFloat, x, n) }, func(x float64, n int64) float64 { return math.Ldexp(x, int(max(-5000, min(5000, n)))) })
	each(m, "Ilogb", floatEdges[float64](), 0, func(x ir.Expr) ir.Expr { return call("Ilogb", tInt, x) }, func(x float64) int64 { return int64(math.Ilogb(x)) })
}

// inOrder goes over functions in the order of their names.
func inOrder(m map[string]func(float64) float64) iter.Seq2[string, func(float64) float64] {
	return func(yield func(string, func(float64) float64) bool) {
		for _, name := range slices.Sorted(goMaps.Keys(m)) {
			if !yield(name, m[name]) {
				return
			}
		}
	}
}

// wellDone leaves out arguments for which Go's own functions on amd64 are off by more than
// a device may be: logarithms of subnormal numbers, Sinh and Cosh just below where they
// overflow, Log2 and Acos near 1, powers of subnormal numbers, and the sign of Atan2 where
// its quotient underflows.
func wellDone(name string, xs []float64) []float64 {
	var list []float64
	for _, x := range xs {
		a := math.Abs(x)
		skip := false
		switch name {
		case "Log", "Log10", "Log1p", "Atan2", "Pow":
			skip = a > 0 && a < 1e-300
		case "Log2":
			skip = a > 0 && a < 1e-300 || math.Abs(a-1) < 0.01 && a != 1
		case "Acos":
			skip = a > 0.99 && a < 1
		case "Sinh", "Cosh":
			skip = a > 709 && a < 711
		}
		if !skip {
			list = append(list, x)
		}
	}
	return list
}

func truthValues(s *suite) {
	m := s.maps("bool")
	xs, ys := pairs([]bool{false, true}, []bool{false, true})
	two := func(name string, o ir.BinaryOp, f func(x, y bool) bool) {
		zip(m, name, xs, ys, 0, func(x, y ir.Expr) ir.Expr { return op(x, o, y) }, f)
	}
	two("and", ir.LAnd, func(x, y bool) bool { return x && y })
	two("or", ir.LOr, func(x, y bool) bool { return x || y })
	two("eq", ir.Eq, func(x, y bool) bool { return x == y })
	two("ne", ir.Ne, func(x, y bool) bool { return x != y })
	not := func(x ir.Expr) ir.Expr { return &ir.Unary{Op: ir.LNot, X: x} }
	zip(m, "mixed", xs, ys, 0, func(x, y ir.Expr) ir.Expr {
		return op(not(op(x, ir.LAnd, not(y))), ir.Ne, op(op(x, ir.LOr, y), ir.LAnd, konst(true)))
	}, func(x, y bool) bool { return !(x && !y) != ((x || y) && true) })
	ints, more := pairs(edges[int64](), edges[int64]())
	zip(m, "guards", ints, more, 0, func(x, y ir.Expr) ir.Expr {
		return op(op(y, ir.Ne, num(0)), ir.LAnd, op(op(x, ir.Rem, y), ir.Eq, num(0)))
	}, func(x, y int64) bool { return y != 0 && x%y == 0 })
	zip(m, "not_less", ints, more, 0, func(x, y ir.Expr) ir.Expr { return not(op(x, ir.Lt, y)) }, func(x, y int64) bool { return x >= y })
}
