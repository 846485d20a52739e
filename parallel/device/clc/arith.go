package clc

import (
	"fmt"
	"math"

	"github.com/adabc437/fanout/parallel/device/ir"
)

func (f *function) unary(e *ir.Unary) code {
	k := e.X.Type().Kind
	minus := func(op string, x code) code {
		if len(x.s) > 0 && x.s[0] == '-' {
			x = primary("(%s)", x.s)
		}
		return code{op + x.in(pUnary), pUnary}
	}
	switch {
	case e.Op == ir.LNot:
		if b, ok := e.X.(*ir.Binary); ok && b.Op == ir.Eq && !none(b.X.Type()) {
			return f.binary(&ir.Binary{Op: ir.Ne, X: b.X, Y: b.Y})
		}
		return code{"!" + f.expr(e.X).in(pUnary), pUnary}
	case e.Op == ir.Not && k.IsInteger():
		x := code{"~" + f.exact(e.X).in(pUnary), pUnary}
		if !k.IsSigned() && e.X.Type().Size() < 4 {
			x = cast(f.name(e.X.Type()), x)
		}
		return x
	case e.Op == ir.Neg && k.IsFloat():
		return minus("-", f.expr(e.X))
	case e.Op == ir.Neg && k.IsInteger():
		if f.wraps(e) {
			return cast(f.name(e.Type()), f.modular(e, true))
		}
		x := minus("-", f.exact(e.X))
		if e.X.Type().Size() < 4 {
			x = cast(f.name(e.X.Type()), x)
		}
		return x
	}
	fail("no operator of %s has the number %d", e.X.Type(), e.Op)
	return code{}
}

var precedences = map[ir.BinaryOp]int{
	ir.Add: pAdd, ir.SubOp: pAdd, ir.Mul: pMul, ir.Div: pMul, ir.Rem: pMul,
	ir.And: pAnd, ir.Or: pOr, ir.Xor: pXor, ir.Shl: pShift, ir.Shr: pShift,
	ir.Eq: pEqual, ir.Ne: pEqual, ir.Lt: pLess, ir.Le: pLess, ir.Gt: pLess, ir.Ge: pLess,
	ir.LAnd: pLAnd, ir.LOr: pLOr,
}

func (f *function) binary(e *ir.Binary) code {
	t := e.X.Type()
	if int(e.Op) > int(ir.LOr) {
		fail("no operator has the number %d", e.Op)
	}
	op, p := e.Op.String(), precedences[e.Op]
	switch {
	case e.Op.Compares():
		return f.compare(e)
	case e.Op == ir.LAnd || e.Op == ir.LOr:
		return binary(op, p, f.expr(e.X), f.expr(e.Y))
	case f.dividesInDouble(e):
		f.double = true
		return cast("float", binary(op, p, cast("double", f.expr(e.X)), cast("double", f.expr(e.Y))))
	case t.Kind.IsFloat() && e.Op <= ir.Div:
		return binary(op, p, f.expr(e.X), f.expr(e.Y))
	case !t.Kind.IsInteger():
		fail("%s has no operator %s", t, op)
	}
	switch e.Op {
	case ir.Add, ir.SubOp, ir.Mul:
		if f.wraps(e) {
			return cast(f.name(t), f.modular(e, true))
		}
		return f.plain(e)
	case ir.Div, ir.Rem:
		return f.divide(e)
	case ir.Shl, ir.Shr:
		return f.shift(e)
	case ir.AndNot:
		return binary("&", pAnd, f.first(e), code{"~" + f.exact(e.Y).in(pUnary), pUnary})
	}
	return binary(op, p, f.first(e), f.expr(e.Y))
}

// dividesInDouble says whether an operation is a quotient of float32 numbers that a device
// rounds right in float64 alone, see exact32.
func (f *function) dividesInDouble(e *ir.Binary) bool {
	return e.Op == ir.Div && e.X.Type().Kind == ir.Float32 && !f.options.NoFloat64 && !f.options.IEEE32
}

// first is the left operand, of which only one of two constants need have its type.
func (f *function) first(e *ir.Binary) code {
	if _, ok := e.Y.(*ir.Const); ok || !f.isExact(e.Y) {
		return f.atLeastOwn(e.X)
	}
	return f.expr(e.X)
}

// atLeastOwn is an expression with its type, or an int if that is wider.
func (f *function) atLeastOwn(e ir.Expr) code {
	if e.Type().Size() < 4 {
		return f.expr(e)
	}
	return f.exact(e)
}

// plain is an operation that cannot go wrong, or that wraps around in C, too.
func (f *function) plain(e *ir.Binary) code {
	return binary(e.Op.String(), precedences[e.Op], f.first(e), f.expr(e.Y))
}

// wraps says whether an expression is an operation with integers whose result must be cut
// to its type, or computed where C lets numbers wrap around.
func (f *function) wraps(e ir.Expr) bool {
	k := e.Type().Kind
	if !k.IsInteger() || k == ir.Uint32 || k == ir.Uint64 {
		return false
	}
	switch e := e.(type) {
	case *ir.Unary:
		if e.Op != ir.Neg {
			return false
		}
		lo, _ := f.bounds(e.X)
		least, _ := limits(k)
		return lo == least || !k.IsSigned()
	case *ir.Binary:
		if e.Op > ir.Mul {
			return false
		}
		_, _, fits := f.exactBounds(e)
		return !fits
	}
	return false
}

// modular is an operation that wraps, in an unsigned type at least as wide as its own. On
// top, one of narrow numbers may be an int.
func (f *function) modular(e ir.Expr, top bool) code {
	k := e.Type().Kind
	typ := "uint"
	if k == ir.Int64 {
		typ = "ulong"
	}
	if u, ok := e.(*ir.Unary); ok {
		if f.wraps(u.X) {
			return code{"-" + f.modular(u.X, false).in(pPrimary), pUnary}
		}
		return code{"-" + cast(typ, f.expr(u.X)).in(pUnary), pUnary}
	}
	b := e.(*ir.Binary)
	var x, y code
	wx, wy := f.wraps(b.X), f.wraps(b.Y)
	switch {
	case wx && wy:
		x, y = f.modular(b.X, false), f.modular(b.Y, false)
	case wx:
		x, y = f.modular(b.X, false), f.expr(b.Y)
	case wy:
		x, y = f.expr(b.X), f.modular(b.Y, false)
	case top && e.Type().Size() < 4 && !(k == ir.Uint16 && b.Op == ir.Mul):
		x, y = f.expr(b.X), f.expr(b.Y)
	default:
		if c, ok := b.Y.(*ir.Const); ok && positive(c) {
			x, y = f.expr(b.X), suffixed(c, typ)
		} else if c, ok := b.X.(*ir.Const); ok && positive(c) {
			x, y = suffixed(c, typ), f.expr(b.Y)
		} else {
			x, y = cast(typ, f.expr(b.X)), f.expr(b.Y)
		}
	}
	return binary(b.Op.String(), precedences[b.Op], x, y)
}

func positive(c *ir.Const) bool { return c.T.Kind.IsSigned() && c.Int() >= 0 }

func suffixed(c *ir.Const, typ string) code {
	if typ == "ulong" {
		return unsigned(uint64(c.Int()), ir.Uint64, false)
	}
	return unsigned(uint64(c.Int()), ir.Uint32, false)
}

func (f *function) compare(e *ir.Binary) code {
	t := e.X.Type()
	if t.Kind.IsScalar() {
		return binary(e.Op.String(), precedences[e.Op], f.first(e), f.expr(e.Y))
	}
	if t.Kind != ir.Array && t.Kind != ir.Struct || e.Op != ir.Eq && e.Op != ir.Ne {
		fail("%s cannot be compared by %s", t, e.Op)
	}
	if none(t) {
		return primary("%v", e.Op == ir.Eq)
	}
	x := primary("%s(%s, %s)", f.equal(t), f.text(e.X), f.text(e.Y))
	if e.Op == ir.Ne {
		return code{"!" + x.s, pUnary}
	}
	return x
}

// divide is a quotient or a remainder, of which only that of the least number by −1 is
// undefined in C.
func (f *function) divide(e *ir.Binary) code {
	t := e.X.Type()
	narrow := t.Size() < 4
	if !t.Kind.IsSigned() {
		return f.plain(e)
	}
	least, _ := limits(t.Kind)
	lx, _ := f.bounds(e.X)
	ly, hy := f.bounds(e.Y)
	switch {
	case lx > least || ly > -1 || hy < -1, narrow && e.Op == ir.Rem:
		return f.plain(e)
	case narrow:
		return cast(f.name(t), f.plain(e))
	}
	n := f.name(t)
	name, text := "fo_div_"+n, fmt.Sprintf("b == -1 ? (%s)-(u%s)a : a / b", n, n)
	if e.Op == ir.Rem {
		name, text = "fo_rem_"+n, "b == -1 ? 0 : a % b"
	}
	f.helper(name, func() string {
		return fmt.Sprintf("static %s %s(%s a, %s b) {\n    return %s;\n}", n, name, n, n, text)
	})
	return primary("%s(%s, %s)", name, f.text(e.X), f.text(e.Y))
}

func (f *function) shift(e *ir.Binary) code {
	t := e.X.Type()
	width, n := t.Size()*8, f.name(t)
	lo, hi := f.bounds(e.Y)
	if !e.Y.Type().Kind.IsInteger() {
		fail("%s is no shift count", e.Y.Type())
	}
	if lo >= 0 && hi < width {
		switch {
		case e.Op == ir.Shr:
			return binary(">>", pShift, f.atLeastOwn(e.X), f.expr(e.Y))
		case t.Kind == ir.Uint32 || t.Kind == ir.Uint64:
			return binary("<<", pShift, f.exact(e.X), f.expr(e.Y))
		case t.Kind == ir.Int64:
			return cast(n, binary("<<", pShift, cast("ulong", f.expr(e.X)), f.expr(e.Y)))
		}
		return cast(n, binary("<<", pShift, cast("uint", f.expr(e.X)), f.expr(e.Y)))
	}
	var name, text string
	wide := "uint"
	if width == 64 {
		wide = "ulong"
	}
	switch {
	case e.Op == ir.Shl:
		name, text = "fo_shl_"+n, fmt.Sprintf("n < %d ? (%s)((%s)x << n) : 0", width, n, wide)
	case t.Kind.IsSigned():
		name, text = "fo_shr_"+n, fmt.Sprintf("x >> (n < %d ? n : %d)", width, width-1)
	default:
		name, text = "fo_shr_"+n, fmt.Sprintf("n < %d ? x >> n : 0", width)
	}
	f.helper(name, func() string {
		return fmt.Sprintf("static %s %s(%s x, ulong n) {\n    return %s;\n}", n, name, n, text)
	})
	return primary("%s(%s, %s)", name, f.text(e.X), f.text(e.Y))
}

// convert is a conversion between numeric types.
func (f *function) convert(e *ir.Convert) code {
	from, to := e.X.Type(), e.To
	if !from.Kind.IsScalar() || !to.Kind.IsScalar() || (from.Kind == ir.Bool) != (to.Kind == ir.Bool) {
		fail("%s cannot be converted to %s", from, to)
	}
	switch {
	case from.Kind == to.Kind:
		return f.expr(e.X)
	case from.Kind.IsFloat() && to.Kind.IsInteger():
		return f.fromFloat(e)
	case from.Kind.IsInteger() && to.Kind.IsInteger() && to.Size() <= from.Size() && f.wraps(e.X) && from.Size() >= 4:
		x := f.modular(e.X, false)
		if from.Size() == 8 && to.Kind == ir.Uint64 || from.Size() == 4 && to.Kind == ir.Uint32 {
			return x
		}
		return cast(f.name(to), x)
	}
	return cast(f.name(to), f.expr(e.X))
}

// fromFloat is a conversion of a float to an integer: as amd64 does it. What fits no int64
// becomes the least one, what fits no int32 becomes the least one of those if the result
// has at most 32 bits, but uint32, which is cut from an int64, like uint64.
func (f *function) fromFloat(e *ir.Convert) code {
	src, k := f.name(e.X.Type()), e.To.Kind
	suffix := ""
	if src == "float" {
		suffix = "f"
	}
	long := func() string {
		return f.helper("fo_long_of_"+src, func() string {
			return fmt.Sprintf("static long fo_long_of_%s(%s x) {\n    return x >= -0x1p63%s && x < 0x1p63%s ? (long)x : LONG_MIN;\n}", src, src, suffix, suffix)
		})
	}
	x := f.text(e.X)
	switch k {
	case ir.Int64:
		return primary("%s(%s)", long(), x)
	case ir.Uint32:
		return cast("uint", primary("%s(%s)", long(), x))
	case ir.Uint64:
		name := f.helper("fo_ulong_of_"+src, func() string {
			return fmt.Sprintf(`
static ulong fo_ulong_of_%s(%s x) {
    long n = %s(x);
    return n >= 0 ? n : n | %s(x - 0x1p63%s);
}`, src, src, long(), long(), suffix)
		})
		return primary("%s(%s)", name, x)
	}
	name := f.helper("fo_int_of_"+src, func() string {
		above := "x > -0x1.00000002p31"
		if suffix != "" {
			above = "x >= -0x1p31f"
		}
		return fmt.Sprintf("static int fo_int_of_%s(%s x) {\n    return %s && x < 0x1p31%s ? (int)x : INT_MIN;\n}", src, src, above, suffix)
	})
	c := primary("%s(%s)", name, x)
	if k == ir.Int32 {
		return c
	}
	return cast(f.name(e.To), c)
}

// limits are the least and the greatest number of a type; of uint64, those of int64.
func limits(k ir.Kind) (lo, hi int64) {
	switch k {
	case ir.Int8:
		return math.MinInt8, math.MaxInt8
	case ir.Int16:
		return math.MinInt16, math.MaxInt16
	case ir.Int32:
		return math.MinInt32, math.MaxInt32
	case ir.Uint8:
		return 0, math.MaxUint8
	case ir.Uint16:
		return 0, math.MaxUint16
	case ir.Uint32:
		return 0, math.MaxUint32
	}
	return math.MinInt64, math.MaxInt64
}
