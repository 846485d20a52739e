package cpu

import (
	"math"

	"github.com/adabc437/fanout/parallel/device/ir"
)

// kindOf is the kind of T.
func kindOf[T any]() ir.Kind {
	var zero T
	switch any(zero).(type) {
	case bool:
		return ir.Bool
	case int8:
		return ir.Int8
	case int16:
		return ir.Int16
	case int32:
		return ir.Int32
	case int64:
		return ir.Int64
	case uint8:
		return ir.Uint8
	case uint16:
		return ir.Uint16
	case uint32:
		return ir.Uint32
	case uint64:
		return ir.Uint64
	case float32:
		return ir.Float32
	case float64:
		return ir.Float64
	}
	return ir.Void
}

// same turns code of a type that is surely T into code[T].
func same[T, S any](x code[S]) code[T] {
	c, ok := any(x).(code[T])
	if !ok {
		fail("a value of %s is used as one of %s", kindOf[S](), kindOf[T]())
	}
	return c
}

func expect[T any](e ir.Expr) {
	if k := e.Type().Kind; k != kindOf[T]() {
		fail("%s is used as %s", ir.ExprText(e), kindOf[T]())
	}
}

func literal[T any](v T) code[T] { return func(*machine) T { return v } }

// leaf is code of expressions that read something; nil of others.
func leaf[T any](c *compiler, e ir.Expr) code[T] {
	switch e.(type) {
	case *ir.Ref, *ir.FieldOf, *ir.Elem, *ir.Deref:
		return load[T](c, e)
	case *ir.Zero:
		var zero T
		return literal(zero)
	}
	return nil
}

func operandOf[T number](c *compiler, e ir.Expr, compile func(*compiler, ir.Expr) code[T]) operand[T] {
	x := operand[T]{code: compile(c, e)}
	switch e := e.(type) {
	case *ir.Const:
		x.kind, x.k = constant, x.code(nil)
	case *ir.Ref, *ir.FieldOf, *ir.Elem:
		if r, ok := e.(*ir.Elem); ok && r.X.Type().Kind == ir.Slice {
			break
		}
		if p := c.place(e); p.dyn == nil {
			x.kind, x.offset = variable, p.offset
		}
	}
	return x
}

// integers is code of an expression of integers.
func integers[T integer](c *compiler, e ir.Expr) code[T] {
	expect[T](e)
	if x := leaf[T](c, e); x != nil {
		return x
	}
	switch e := e.(type) {
	case *ir.Const:
		return literal(T(e.Bits))
	case *ir.Len:
		return same[T](c.length(e.X, false))
	case *ir.Cap:
		return same[T](c.length(e.X, true))
	case *ir.Unary:
		x := integers[T](c, e.X)
		switch e.Op {
		case ir.Neg:
			return func(m *machine) T { return -x(m) }
		case ir.Not:
			return func(m *machine) T { return ^x(m) }
		}
	case *ir.Binary:
		return integerBinary[T](c, e)
	case *ir.Convert:
		return toInteger[T](c, e.X)
	case *ir.Math:
		return integerMath[T](c, e)
	}
	fail("%s is no integer", ir.ExprText(e))
	return nil
}

func (c *compiler) length(e ir.Expr, capacity bool) code[int64] {
	if r, ok := e.(*ir.Ref); ok && e.Type().Kind == ir.Slice {
		k := c.placeOf(r.Var)
		if capacity {
			return func(m *machine) int64 { return m.slices[k].cap }
		}
		return func(m *machine) int64 { return m.slices[k].len }
	}
	s := c.slice(e)
	if capacity {
		return func(m *machine) int64 { return s(m).cap }
	}
	return func(m *machine) int64 { return s(m).len }
}

func integerBinary[T integer](c *compiler, e *ir.Binary) code[T] {
	if e.Op == ir.Shl || e.Op == ir.Shr {
		return shift[T](c, e)
	}
	x, y := operandOf(c, e.X, integers[T]), operandOf(c, e.Y, integers[T])
	f, g := x.code, y.code
	switch e.Op {
	case ir.Add:
		return add(x, y)
	case ir.SubOp:
		return subtract(x, y)
	case ir.Mul:
		return multiply(x, y)
	case ir.Div:
		return divide(x, y)
	case ir.Rem:
		return func(m *machine) T { return f(m) % g(m) }
	case ir.And:
		return func(m *machine) T { return f(m) & g(m) }
	case ir.Or:
		return func(m *machine) T { return f(m) | g(m) }
	case ir.Xor:
		return func(m *machine) T { return f(m) ^ g(m) }
	case ir.AndNot:
		return func(m *machine) T { return f(m) &^ g(m) }
	}
	fail("integers have no operator %s", e.Op)
	return nil
}

func shift[T integer](c *compiler, e *ir.Binary) code[T] {
	x := integers[T](c, e.X)
	y := c.count(e.Y)
	if k, ok := e.Y.(*ir.Const); ok {
		n := k.Uint()
		if e.Op == ir.Shl {
			return func(m *machine) T { return x(m) << n }
		}
		return func(m *machine) T { return x(m) >> n }
	}
	if e.Op == ir.Shl {
		return func(m *machine) T { return x(m) << y(m) }
	}
	return func(m *machine) T { return x(m) >> y(m) }
}

// count is a shift count, which is not negative.
func (c *compiler) count(e ir.Expr) code[uint64] {
	if !e.Type().Kind.IsInteger() {
		fail("%s is no shift count", ir.ExprText(e))
	}
	return toInteger[uint64](c, e)
}

func convert[T, S number](x code[S]) code[T] {
	if kindOf[T]() == kindOf[S]() {
		return same[T](x)
	}
	return func(m *machine) T { return T(x(m)) }
}

// toInteger converts a number to an integer.
func toInteger[T integer](c *compiler, e ir.Expr) code[T] {
	switch e.Type().Kind {
	case ir.Int8:
		return convert[T](integers[int8](c, e))
	case ir.Int16:
		return convert[T](integers[int16](c, e))
	case ir.Int32:
		return convert[T](integers[int32](c, e))
	case ir.Int64:
		return convert[T](integers[int64](c, e))
	case ir.Uint8:
		return convert[T](integers[uint8](c, e))
	case ir.Uint16:
		return convert[T](integers[uint16](c, e))
	case ir.Uint32:
		return convert[T](integers[uint32](c, e))
	case ir.Uint64:
		return convert[T](integers[uint64](c, e))
	case ir.Float32:
		return convert[T](floats[float32](c, e))
	case ir.Float64:
		return convert[T](floats[float64](c, e))
	}
	fail("%s cannot be converted to %s", e.Type(), kindOf[T]())
	return nil
}

// toFloat converts a number to a float.
func toFloat[T float](c *compiler, e ir.Expr) code[T] {
	switch e.Type().Kind {
	case ir.Int8:
		return convert[T](integers[int8](c, e))
	case ir.Int16:
		return convert[T](integers[int16](c, e))
	case ir.Int32:
		return convert[T](integers[int32](c, e))
	case ir.Int64:
		return convert[T](integers[int64](c, e))
	case ir.Uint8:
		return convert[T](integers[uint8](c, e))
	case ir.Uint16:
		return convert[T](integers[uint16](c, e))
	case ir.Uint32:
		return convert[T](integers[uint32](c, e))
	case ir.Uint64:
		return convert[T](integers[uint64](c, e))
	case ir.Float32:
		return convert[T](floats[float32](c, e))
	case ir.Float64:
		return convert[T](floats[float64](c, e))
	}
	fail("%s cannot be converted to %s", e.Type(), kindOf[T]())
	return nil
}

// floats is code of an expression of floats.
func floats[T float](c *compiler, e ir.Expr) code[T] {
	expect[T](e)
	if x := leaf[T](c, e); x != nil {
		return x
	}
	switch e := e.(type) {
	case *ir.Const:
		if e.T.Kind == ir.Float32 {
			return same[T](literal(math.Float32frombits(uint32(e.Bits))))
		}
		return same[T](literal(math.Float64frombits(e.Bits)))
	case *ir.Unary:
		if x := floats[T](c, e.X); e.Op == ir.Neg {
			return func(m *machine) T { return -x(m) }
		}
	case *ir.Binary:
		x, y := operandOf(c, e.X, floats[T]), operandOf(c, e.Y, floats[T])
		switch e.Op {
		case ir.Add:
			return add(x, y)
		case ir.SubOp:
			return subtract(x, y)
		case ir.Mul:
			return multiply(x, y)
		case ir.Div:
			return divide(x, y)
		}
	case *ir.Convert:
		return toFloat[T](c, e.X)
	case *ir.Math:
		return floatMath[T](c, e)
	}
	fail("%s is no float", ir.ExprText(e))
	return nil
}

// bools is code of an expression of truth values.
func (c *compiler) bools(e ir.Expr) code[bool] {
	expect[bool](e)
	if x := leaf[bool](c, e); x != nil {
		return x
	}
	switch e := e.(type) {
	case *ir.Const:
		return literal(e.Uint() != 0)
	case *ir.Unary:
		if x := c.bools(e.X); e.Op == ir.LNot {
			return func(m *machine) bool { return !x(m) }
		}
	case *ir.Binary:
		return c.boolBinary(e)
	case *ir.Math:
		return c.boolMath(e)
	}
	fail("%s is no truth value", ir.ExprText(e))
	return nil
}

func (c *compiler) boolBinary(e *ir.Binary) code[bool] {
	switch e.Op {
	case ir.LAnd:
		x, y := c.bools(e.X), c.bools(e.Y)
		return func(m *machine) bool { return x(m) && y(m) }
	case ir.LOr:
		if x := c.outside(e); x != nil {
			return x
		}
		x, y := c.bools(e.X), c.bools(e.Y)
		return func(m *machine) bool { return x(m) || y(m) }
	}
	if !e.Op.Compares() {
		fail("truth values have no operator %s", e.Op)
	}
	switch e.X.Type().Kind {
	case ir.Bool:
		x, y := c.bools(e.X), c.bools(e.Y)
		switch e.Op {
		case ir.Eq:
			return func(m *machine) bool { return x(m) == y(m) }
		case ir.Ne:
			return func(m *machine) bool { return x(m) != y(m) }
		}
	case ir.Int8:
		return compare(c, e, integers[int8])
	case ir.Int16:
		return compare(c, e, integers[int16])
	case ir.Int32:
		return compare(c, e, integers[int32])
	case ir.Int64:
		return compare(c, e, integers[int64])
	case ir.Uint8:
		return compare(c, e, integers[uint8])
	case ir.Uint16:
		return compare(c, e, integers[uint16])
	case ir.Uint32:
		return compare(c, e, integers[uint32])
	case ir.Uint64:
		return compare(c, e, integers[uint64])
	case ir.Float32:
		return compare(c, e, floats[float32])
	case ir.Float64:
		return compare(c, e, floats[float64])
	case ir.Array, ir.Struct:
		return c.compareAggregates(e)
	}
	fail("%s cannot be compared by %s", e.X.Type(), e.Op)
	return nil
}

// outside is the usual check of an index, i < 0 || i >= n, in one step.
func (c *compiler) outside(e *ir.Binary) code[bool] {
	x, ok := e.X.(*ir.Binary)
	y, ok2 := e.Y.(*ir.Binary)
	if !ok || !ok2 || x.Op != ir.Lt || y.Op != ir.Ge || x.X.Type().Kind != ir.Int64 {
		return nil
	}
	i, ok := x.X.(*ir.Ref)
	j, ok2 := y.X.(*ir.Ref)
	zero, ok3 := x.Y.(*ir.Const)
	if !ok || !ok2 || !ok3 || i.Var != j.Var || zero.Bits != 0 {
		return nil
	}
	offset := c.placeOf(i.Var)
	switch n := y.Y.(type) {
	case *ir.Len:
		length := c.length(n.X, false)
		return func(m *machine) bool { return uint64(*at[int64](m, offset)) >= uint64(length(m)) }
	case *ir.Const:
		if k := n.Int(); k >= 0 {
			return func(m *machine) bool { return uint64(*at[int64](m, offset)) >= uint64(k) }
		}
	}
	return nil
}

func compare[T number](c *compiler, e *ir.Binary, compile func(*compiler, ir.Expr) code[T]) code[bool] {
	x, y := operandOf(c, e.X, compile), operandOf(c, e.Y, compile)
	switch e.Op {
	case ir.Eq:
		return equalTo(x, y)
	case ir.Ne:
		return notEqual(x, y)
	case ir.Lt:
		return less(x, y)
	case ir.Le:
		return lessOrEqual(x, y)
	case ir.Gt:
		return less(y, x)
	}
	return lessOrEqual(y, x)
}

func (c *compiler) compareAggregates(e *ir.Binary) code[bool] {
	if e.Op != ir.Eq && e.Op != ir.Ne {
		fail("%s cannot be compared by %s", e.X.Type(), e.Op)
	}
	x, y, same, want := c.place(e.X).code(), c.place(e.Y).code(), equal(e.X.Type()), e.Op == ir.Eq
	return func(m *machine) bool {
		a := x(m)
		return same(a, y(m)) == want
	}
}
