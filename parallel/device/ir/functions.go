package ir

// Functions lists what [Math] can call: of package math with float64 arguments, unless
// said otherwise; of package math/bits with the argument's type; and Go's min and max.
// The value is the number of arguments. T is the result's type.
//
// Those of math whose T is Float32 take float32 in place of float64: F(x) is
// float32(F(float64(x))). A device without float64 computes it as well as it can.
//
// math, float64 → float64:
//
//	Sqrt Cbrt Exp Exp2 Expm1 Log Log2 Log10 Log1p
//	Sin Cos Tan Asin Acos Atan Sinh Cosh Tanh Asinh Acosh Atanh
//	Floor Ceil Trunc Round RoundToEven Abs Erf Erfc Gamma
//
// math, two or three float64 → float64:
//
//	Atan2 Pow Mod Remainder Hypot Max Min Dim Copysign Nextafter FMA
//
// others of math: Inf(int64), NaN(), IsNaN(x) and IsInf(x, int64) and Signbit(x) → Bool,
// Float64bits → Uint64, Float64frombits, Float32bits(float32) → Uint32,
// Float32frombits → Float32, Ldexp(x, int64), Ilogb(x) → Int64, Logb(x).
//
// math/bits, an unsigned integer x: OnesCount LeadingZeros TrailingZeros Len → Int64,
// Reverse ReverseBytes → as x, RotateLeft(x, int64) → as x, MulHi(x, y) → the upper half
// of the product, as x.
//
// Go's own: min(x, y) and max(x, y) → as x; floats as Go's: NaN if one is NaN, and −0 is
// less than 0.
var Functions = map[string]int{
	"Sqrt": 1, "Cbrt": 1, "Exp": 1, "Exp2": 1, "Expm1": 1, "Log": 1, "Log2": 1, "Log10": 1, "Log1p": 1,
	"Sin": 1, "Cos": 1, "Tan": 1, "Asin": 1, "Acos": 1, "Atan": 1, "Sinh": 1, "Cosh": 1, "Tanh": 1, "Asinh": 1, "Acosh": 1, "Atanh": 1,
	"Floor": 1, "Ceil": 1, "Trunc": 1, "Round": 1, "RoundToEven": 1, "Abs": 1, "Erf": 1, "Erfc": 1, "Gamma": 1,
	"Atan2": 2, "Pow": 2, "Mod": 2, "Remainder": 2, "Hypot": 2, "Max": 2, "Min": 2, "Dim": 2, "Copysign": 2, "Nextafter": 2, "FMA": 3,
	"Inf": 1, "NaN": 0, "IsNaN": 1, "IsInf": 2, "Signbit": 1,
	"Float64bits": 1, "Float64frombits": 1, "Float32bits": 1, "Float32frombits": 1, "Ldexp": 2, "Ilogb": 1, "Logb": 1,
	"OnesCount": 1, "LeadingZeros": 1, "TrailingZeros": 1, "Len": 1, "Reverse": 1, "ReverseBytes": 1, "RotateLeft": 2, "MulHi": 2,
	"min": 2, "max": 2,
}
