package translate

import (
	"math"

	"github.com/adabc437/fanout/parallel/device/ir"
)

// Go's package math is one of float64: users of float32 write float32(math.Sqrt(float64(x))).
// That is computed in float32, which some devices have alone and others have faster: a sum,
// difference, product, quotient or square root of float32 numbers that is rounded to the 53
// bits of a float64 and then to the 24 of a float32 is the one that is rounded once, for
// 53 ≥ 2·24+2. (S. A. Figueroa: When is double rounding innocuous? SIGNUM Newsletter 30(3),
// 1995.) Of the other functions, a back-end says whether it has float64 for them.

var float32Type = ir.Scalar(ir.Float32)

// sameInFloat32 are functions of float32 numbers whose float64 results are float32 numbers.
var sameInFloat32 = map[string]bool{
	"Floor": true, "Ceil": true, "Trunc": true, "Round": true, "RoundToEven": true, "Abs": true, "Copysign": true, "Max": true, "Min": true, "Inf": true, "NaN": true,
}

// narrow is a float64 whose value is surely a float32 number, as a float32; otherwise nil.
func narrow(x ir.Expr) ir.Expr {
	if x.Type().Kind != ir.Float64 {
		return nil
	}
	switch x := x.(type) {
	case *ir.Const:
		v := math.Float64frombits(x.Bits)
		if w := float32(v); float64(w) == v {
			return &ir.Const{T: float32Type, Bits: uint64(math.Float32bits(w))}
		}
	case *ir.Convert:
		switch x.X.Type().Kind {
		case ir.Float32:
			return x.X
		case ir.Int8, ir.Int16, ir.Uint8, ir.Uint16:
			return &ir.Convert{To: float32Type, X: x.X}
		}
	case *ir.Unary:
		if y := narrow(x.X); y != nil {
			return &ir.Unary{Op: x.Op, X: y}
		}
	case *ir.Math:
		if sameInFloat32[x.Fn] {
			return narrowMath(x)
		}
	}
	return nil
}

// narrowMath is a function of float64 numbers that are float32 numbers as a function of
// those, which gives its value rounded to float32; otherwise nil.
func narrowMath(x *ir.Math) ir.Expr {
	if x.Fn == "Nextafter" || x.Fn == "Float64frombits" {
		return nil // of float64 numbers in their own right
	}
	to := &ir.Math{Fn: x.Fn, T: x.T}
	if x.T.Kind == ir.Float64 {
		to.T = float32Type
	}
	for _, a := range x.Args {
		if a.Type().Kind == ir.Float64 {
			if a = narrow(a); a == nil {
				return nil
			}
		}
		to.Args = append(to.Args, a)
	}
	return to
}

// rounded is a float64 rounded to float32, as an operation with float32 numbers if it is
// one; otherwise nil.
func rounded(x ir.Expr) ir.Expr {
	if y := narrow(x); y != nil {
		return y
	}
	switch x := x.(type) {
	case *ir.Binary:
		if x.Op <= ir.Div {
			return narrowPair(x)
		}
	case *ir.Math:
		if x.T.Kind == ir.Float64 && x.Fn != "min" && x.Fn != "max" {
			return narrowMath(x)
		}
	}
	return nil
}

// narrowPair is an operation with two float64 numbers that are float32 numbers as one with
// those; otherwise nil.
func narrowPair(x *ir.Binary) ir.Expr {
	a, b := narrow(x.X), narrow(x.Y)
	if a == nil || b == nil {
		return nil
	}
	return &ir.Binary{Op: x.Op, X: a, Y: b}
}
