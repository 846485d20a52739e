package translate

import (
	"go/ast"
	"go/types"

	"github.com/adabc437/fanout/parallel/device/ir"
)

func (f *function) index(e *ast.IndexExpr) ir.Expr {
	f.known(e.X)
	if tv, ok := f.info.Types[e.X]; ok {
		t := f.subst(tv.Type)
		switch under := t.Underlying().(type) {
		case *types.Signature:
			f.functionValue(e, types.ExprString(e.X))
		case *types.Map:
			f.refuse(e.Pos(), types.ExprString(e.X)+" is a map, which cannot be on a device", "use a slice, sorted and searched by halves if need be")
		case *types.Basic:
			if under.Info()&types.IsString != 0 {
				f.refuse(e.Pos(), types.ExprString(e.X)+" is a string, which cannot be on a device", "let the function have a []byte, which the host makes of the text")
			}
		}
	}
	x := f.thing(e.X)
	if k := x.Type().Kind; k != ir.Slice && k != ir.Array {
		f.refuse(e.Pos(), types.ExprString(e.X)+" has no elements on a device", "")
	}
	mark := f.mark()
	i := f.indexValue(mark, e.Index)
	f.checkIndex(e, x, i)
	return &ir.Elem{X: x, I: toInt64(i)}
}

// indexValue translates an index, into a variable if it is long.
func (f *function) indexValue(mark int, e ast.Expr) ir.Expr {
	i := f.expr(e)
	if !i.Type().Kind.IsInteger() { // an untyped float constant, such as 2.0
		if v := f.info.Types[e].Value; v != nil {
			i = f.constantOf(e, v, int64Type)
		}
	}
	if !i.Type().Kind.IsInteger() {
		f.refuse(e.Pos(), "this index is no integer", "")
	}
	if weight(i) > 3 {
		if lo, hi := f.facts.interval(i); lo > minInt64 || hi < maxInt64 {
			t := f.spill(mark, i, "i")
			f.facts.within(t.Var, lo, hi)
			return t
		}
		return f.spill(mark, i, "i")
	}
	return i
}

const minInt64, maxInt64 = -1 << 63, 1<<63 - 1

// weight is how many parts an expression has.
func weight(x ir.Expr) int {
	n := 0
	ir.Inside(x, func(x ir.Expr) {
		n++
		if _, ok := x.(*ir.Math); ok {
			n += 3
		}
	})
	return n
}

func toInt64(i ir.Expr) ir.Expr { return convert(int64Type, i) }

// convert converts a number, at once if it is an integer constant.
func convert(t *ir.Type, x ir.Expr) ir.Expr {
	if x.Type().Kind == t.Kind {
		return x
	}
	if c, ok := x.(*ir.Const); ok && c.T.Kind.IsInteger() && t.Kind.IsInteger() {
		return &ir.Const{T: t, Bits: wrap(c.Bits, t.Kind)}
	}
	if y := rounded(x); y != nil && t.Kind == ir.Float32 {
		return y
	}
	if y := narrow(x); y != nil {
		x = y
	}
	return &ir.Convert{To: t, X: x}
}

// wrap cuts an integer back to the width of a kind.
func wrap(bits uint64, k ir.Kind) uint64 {
	switch k {
	case ir.Int8:
		return uint64(int8(bits))
	case ir.Int16:
		return uint64(int16(bits))
	case ir.Int32:
		return uint64(int32(bits))
	case ir.Uint8:
		return uint64(uint8(bits))
	case ir.Uint16:
		return uint64(uint16(bits))
	case ir.Uint32:
		return uint64(uint32(bits))
	}
	return bits
}

// checkIndex adds the check that i is in the range of x, if it may not be.
func (f *function) checkIndex(e *ast.IndexExpr, x, i ir.Expr) {
	lo, hi := f.facts.interval(i)
	var length ir.Expr
	if t := x.Type(); t.Kind == ir.Array {
		if lo >= 0 && hi < t.Len {
			return
		}
		length = integer(int64Type, t.Len)
	} else {
		if f.facts.inSlice(toInt64(i), x) {
			return
		}
		length = &ir.Len{X: x}
	}
	f.check(ir.OutOfRange, e, e.Pos(), outside(i, length, lo >= 0), toInt64(i), length)
}

// outside is i < 0 || i >= n.
func outside(i, n ir.Expr, notNegative bool) ir.Expr {
	if notNegative {
		return &ir.Binary{Op: ir.Ge, X: toInt64(i), Y: n}
	}
	if i.Type().Kind != ir.Uint64 {
		i = toInt64(i)
	}
	return &ir.Binary{Op: ir.Ge, X: convert(uint64Type, i), Y: convert(uint64Type, n)}
}

func (f *function) slice(e *ast.SliceExpr) ir.Expr {
	mark := f.mark()
	x := f.expr(e.X)
	if x.Type().Kind == ir.Pointer {
		x = &ir.Deref{X: x}
	}
	if x.Type().Kind != ir.Slice {
		f.refuse(e.Pos(), types.ExprString(e.X)+" cannot be sliced on a device: it is in no memory that tasks share", "use it as an array, with an index for where a part begins")
	}
	if !isPlace(x) {
		x = f.spill(mark, x, "t")
	}
	var lo, hi, most ir.Expr = integer(int64Type, 0), &ir.Len{X: x}, &ir.Cap{X: x}
	bound := func(to *ir.Expr, b ast.Expr) {
		if b != nil {
			*to = f.indexValue(f.mark(), b)
		}
	}
	bound(&lo, e.Low)
	bound(&hi, e.High)
	bound(&most, e.Max)
	limit := ir.Expr(&ir.Cap{X: x})
	// Each bound is in order with the next one; the last one with the capacity.
	ordered := func(fault ir.Fault, b, limit ir.Expr) {
		if l, h := f.facts.interval(b); l >= 0 {
			if ll, _ := f.facts.interval(limit); h <= ll {
				return
			}
		}
		if l, h := f.facts.interval(b); l < 0 || h > 0 {
			f.check(fault, e, e.Pos(), above(b, limit, l >= 0), toInt64(b), limit)
		}
	}
	high, low := ir.SliceHigh, ir.SliceLow
	if e.Max != nil {
		ordered(ir.SliceMax, most, limit)
		limit, high, low = toInt64(most), ir.SliceHighMax, ir.SliceLowMax
	}
	if e.High != nil {
		ordered(high, hi, limit)
	}
	if e.Low != nil {
		ordered(low, lo, toInt64(hi))
	}
	return &ir.Sub{X: x, Lo: toInt64(lo), Hi: toInt64(hi), Max: toInt64(most)}
}

// above is b < 0 || b > limit, of a limit that is not negative.
func above(b, limit ir.Expr, notNegative bool) ir.Expr {
	if notNegative {
		return &ir.Binary{Op: ir.Gt, X: toInt64(b), Y: limit}
	}
	if b.Type().Kind != ir.Uint64 {
		b = toInt64(b)
	}
	return &ir.Binary{Op: ir.Gt, X: convert(uint64Type, b), Y: convert(uint64Type, limit)}
}
