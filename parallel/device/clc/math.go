package clc

import (
	"fmt"
	"strings"

	"github.com/adabc437/fanout/parallel/device/ir"
)

// builtins are functions of package math that OpenCL C has with the same special cases.
var builtins = map[string]string{
	"Sqrt": "sqrt", "Cbrt": "cbrt", "Log": "log", "Log2": "log2", "Log10": "log10", "Log1p": "log1p",
	"Sin": "sin", "Cos": "cos", "Tan": "tan", "Asin": "asin", "Acos": "acos", "Atan": "atan", "Sinh": "sinh", "Cosh": "cosh", "Tanh": "tanh", "Asinh": "asinh", "Acosh": "acosh", "Atanh": "atanh",
	"Abs": "fabs", "Erf": "erf", "Erfc": "erfc",
	"Atan2": "atan2", "Pow": "pow", "Mod": "fmod", "Remainder": "remainder", "Hypot": "hypot", "Copysign": "copysign", "FMA": "fma",
	"IsNaN": "isnan", "Signbit": "signbit", "Logb": "logb",
	"Float64bits": "as_ulong", "Float64frombits": "as_double", "Float32bits": "as_uint", "Float32frombits": "as_float",
}

// ours are functions of package math that OpenCL C has not, or has with other special
// cases. REAL is double, or float where the name ends with f.
var ours = map[string]string{
	"Gamma": `
static REAL fo_gamma(REAL x) {
    if (x == 0) return copysign((REAL)INFINITY, x);
    if (isnan(x) || (x < 0 && x == floor(x))) return NAN;
    return tgamma(x);
}`,
	"Max": `
static REAL fo_max(REAL x, REAL y) { // as Go's math.Max
    if (x == (REAL)INFINITY || y == (REAL)INFINITY) return INFINITY;
    if (isnan(x) || isnan(y)) return NAN;
    if (x == y) return signbit(x) ? y : x;
    return x > y ? x : y;
}`,
	"Min": `
static REAL fo_min(REAL x, REAL y) { // as Go's math.Min
    if (x == -(REAL)INFINITY || y == -(REAL)INFINITY) return -INFINITY;
    if (isnan(x) || isnan(y)) return NAN;
    if (x == y) return signbit(x) ? x : y;
    return x < y ? x : y;
}`,
	"Dim": `
static REAL fo_dim(REAL x, REAL y) {
    REAL d = x - y;
    return d <= 0 ? 0 : d;
}`,
	"Nextafter": `
static REAL fo_nextafter(REAL x, REAL y) {
    return x == y ? x : nextafter(x, y);
}`,
	"Floor": wholeOf("floor"), "Ceil": wholeOf("ceil"), "Trunc": wholeOf("trunc"), "Round": wholeOf("round"), "RoundToEven": wholeOf("rint"),
	"Exp": ofNumber("exp"), "Exp2": ofNumber("exp2"), "Expm1": ofNumber("expm1"),
	"Inf": `
static REAL fo_inf(long sign) {
    return sign >= 0 ? INFINITY : -INFINITY;
}`,
	"IsInf": `
static bool fo_isinf(REAL x, long sign) {
    return isinf(x) && (sign == 0 || (sign > 0) == (x > 0));
}`,
	"Ldexp": `
static REAL fo_ldexp(REAL x, long n) {
    return ldexp(x, (int)clamp(n, -5000L, 5000L));
}`,
	"Ilogb": `
static long fo_ilogb(REAL x) {
    return x == 0 ? INT_MIN : isinf(x) || isnan(x) ? INT_MAX : ilogb(x);
}`,
}

// PoCL's rint, floor, ceil, trunc, round, exp, exp2 and expm1 (SLEEF, as of PoCL 3.1) make an
// int of x. C leaves that open where x is too great or no number. If the compiler knows such
// an x, the value is none, and what branches on it, as rint does, is dropped with all that
// leads to it: if (c) { y = rint(0x1p63); } never sets y.

// wholeOf is a function that makes a number whole.
func wholeOf(name string) string {
	return fmt.Sprintf(`
static REAL fo_%[1]s(REAL x) {
    return fabs(x) < (sizeof(x) == 4 ? 0x1p23f : 0x1p52f) ? %[1]s(x) : x; // from there on, all numbers are whole
}`, name)
}

// ofNumber is a function that gives NaN for NaN.
func ofNumber(name string) string {
	return fmt.Sprintf(`
static REAL fo_%[1]s(REAL x) {
    return isnan(x) ? x : %[1]s(x);
}`, name)
}

// exact32 are functions of float32 numbers that give in float32 what they give in float64
// and rounded to float32: those that round nothing, a difference, and the square root, of
// which 2p+2 bits suffice to round it to p bits in two steps. (S. A. Figueroa: When is
// double rounding innocuous? SIGNUM Newsletter 30(3), 1995.)
var exact32 = map[string]bool{
	"Sqrt": true, "Floor": true, "Ceil": true, "Trunc": true, "Round": true, "RoundToEven": true, "Abs": true, "Copysign": true, "Max": true, "Min": true, "Dim": true,
	"Inf": true, "NaN": true, "IsNaN": true, "IsInf": true, "Signbit": true,
}

// single says whether a function of float32 numbers is computed in float32.
func (f *function) single(fn string) bool {
	return f.options.NoFloat64 || f.options.IEEE32 && exact32[fn]
}

// isSingle says whether a call is one of a function of package math with float32 numbers.
func isSingle(e *ir.Math) bool {
	if e.Fn == "Float32bits" || e.Fn == "Float32frombits" || e.Fn == "min" || e.Fn == "max" {
		return false
	}
	return e.T.Kind == ir.Float32 || len(e.Args) > 0 && e.Args[0].Type().Kind == ir.Float32
}

// inDouble is a function of float32 numbers computed in float64.
func (f *function) inDouble(e *ir.Math) code {
	d := &ir.Math{Fn: e.Fn, T: e.T}
	for _, x := range e.Args {
		if x.Type().Kind == ir.Float32 {
			x = &ir.Convert{To: ir.Scalar(ir.Float64), X: x}
		}
		d.Args = append(d.Args, x)
	}
	if e.T.Kind != ir.Float32 {
		return f.math(d)
	}
	d.T = ir.Scalar(ir.Float64)
	return cast("float", f.math(d))
}

// math is a call of a function.
func (f *function) math(e *ir.Math) code {
	n, ok := ir.Functions[e.Fn]
	if !ok || n != len(e.Args) {
		fail("there is no function %s with %d arguments", e.Fn, len(e.Args))
	}
	single := isSingle(e)
	if single && !f.single(e.Fn) {
		return f.inDouble(e)
	}
	if text, ok := ours[e.Fn]; ok {
		return f.call(f.own(text, single), e.Args, f.expr)
	}
	if e.Fn == "NaN" {
		if single {
			return primary("as_float(0x7fc00000u)")
		}
		f.double = true
		return primary("as_double(0x7ff8000000000001ul)")
	}
	if name, ok := builtins[e.Fn]; ok {
		c := f.call(name, e.Args, f.exact)
		if e.Fn == "IsNaN" || e.Fn == "Signbit" {
			return binary("!=", pEqual, c, primary("0"))
		}
		return c
	}
	if e.Fn == "min" || e.Fn == "max" {
		if !e.T.Kind.IsFloat() {
			return f.call(e.Fn, e.Args, f.exact)
		}
		return f.call(f.minMax(e.Fn, f.name(e.T)), e.Args, f.expr)
	}
	return f.bits(e)
}

// own prints one of our functions and gives its name.
func (f *function) own(text string, single bool) string {
	name, _, _ := strings.Cut(strings.Fields(text)[2], "(")
	if single {
		text = strings.ReplaceAll(strings.Replace(text, name+"(", name+"f(", 1), "REAL", "float")
		return f.helper(name+"f", func() string { return text })
	}
	f.double = true
	return f.helper(name, func() string { return strings.ReplaceAll(text, "REAL", "double") })
}

func (f *function) call(name string, args []ir.Expr, print func(ir.Expr) code) code {
	var list []string
	for _, x := range args {
		list = append(list, print(x).s)
	}
	return primary("%s(%s)", name, strings.Join(list, ", "))
}

// minMax is Go's own min or max of floats: NaN if one is, and −0 is less than 0.
func (f *function) minMax(fn, t string) string {
	return f.helper("fo_"+fn+"_"+t, func() string {
		less, first, second := "<", "x", "y"
		if fn == "max" {
			less, first, second = ">", "y", "x"
		}
		return fmt.Sprintf(`
static %[1]s fo_%[2]s_%[1]s(%[1]s x, %[1]s y) { // as Go's %[2]s
    if (isnan(x) || isnan(y)) return NAN;
    if (x == y) return signbit(x) ? %[4]s : %[5]s;
    return x %[3]s y ? x : y;
}`, t, fn, less, first, second)
	})
}

// bits is a function of package math/bits.
func (f *function) bits(e *ir.Math) code {
	t := e.Args[0].Type()
	if !t.Kind.IsInteger() || t.Kind.IsSigned() {
		fail("%s of %s", e.Fn, t)
	}
	n, width := f.name(t), t.Size()*8
	x := f.exact(e.Args[0])
	switch e.Fn {
	case "OnesCount":
		return cast("long", primary("popcount(%s)", x.s))
	case "LeadingZeros":
		return cast("long", primary("clz(%s)", x.s))
	case "Len":
		return code{fmt.Sprintf("%d - (long)clz(%s)", width, x.s), pAdd}
	case "MulHi":
		return primary("mul_hi(%s, %s)", x.s, f.exact(e.Args[1]).s)
	case "RotateLeft":
		return primary("rotate(%s, %s)", x.s, cast(n, binary("&", pAnd, f.expr(e.Args[1]), primary("%d", width-1))).s)
	}
	name, text := "", ""
	switch e.Fn {
	case "TrailingZeros":
		name, text = "fo_ctz_"+n, fmt.Sprintf("static long fo_ctz_%[1]s(%[1]s x) {\n    return popcount((%[1]s)(~x & (x - 1)));\n}", n)
	case "ReverseBytes":
		if width == 8 {
			return x
		}
		name, text = "fo_reverse_bytes_"+n, fmt.Sprintf("static %[1]s fo_reverse_bytes_%[1]s(%[1]s x) {\n    return as_%[1]s(as_uchar%[2]d(x).s%[3]s);\n}", n, width/8, "76543210"[8-width/8:])
	case "Reverse":
		name, text = "fo_reverse_"+n, fmt.Sprintf(`
static %[1]s fo_reverse_%[1]s(%[1]s x) {
    %[1]s r = 0;
    for (int i = 0; i < %[2]d; i++) {
        r = r << 1 | (x >> i & 1);
    }
    return r;
}`, n, width)
	default:
		fail("%s is not known", e.Fn)
	}
	f.helper(name, func() string { return text })
	return primary("%s(%s)", name, x.s)
}
