package direct

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"reflect"
)

// unary plans -x, !x, ^x, +x and &x.
func (p *planner) unary(x *ast.UnaryExpr) value {
	if x.Op == token.AND {
		v := p.address(x.X)
		return func() reflect.Value { return v().Addr() }
	}
	v := p.expr(x.X)
	t := p.typ(p.Info.TypeOf(x))
	switch x.Op {
	case token.ADD:
		return v
	case token.NOT:
		return func() reflect.Value {
			out := reflect.New(t).Elem()
			out.SetBool(!v().Bool())
			return out
		}
	case token.SUB, token.XOR:
		return func() reflect.Value {
			a, out := v(), reflect.New(t).Elem()
			switch {
			case a.CanInt() && x.Op == token.SUB:
				out.SetInt(-a.Int())
			case a.CanInt():
				out.SetInt(^a.Int())
			case a.CanUint() && x.Op == token.SUB:
				out.SetUint(-a.Uint())
			case a.CanUint():
				out.SetUint(^a.Uint())
			default:
				out.SetFloat(-a.Float())
			}
			return out
		}
	}
	refuse("the operator %s", x.Op)
	return nil
}

func (p *planner) binaryExpr(x *ast.BinaryExpr) value {
	switch x.Op {
	case token.LAND, token.LOR:
		a, b, t := p.expr(x.X), p.expr(x.Y), p.typ(p.Info.TypeOf(x))
		return func() reflect.Value {
			out := reflect.New(t).Elem()
			v := a().Bool()
			if v == (x.Op == token.LAND) {
				v = b().Bool()
			}
			out.SetBool(v)
			return out
		}
	case token.EQL, token.NEQ, token.LSS, token.LEQ, token.GTR, token.GEQ:
		return p.compare(x)
	case token.SHL, token.SHR:
		f := p.binary(x.Op, p.Info.TypeOf(x), x.OpPos)
		a, b := p.exprAs(x.X, p.Info.TypeOf(x)), p.shiftCount(x.Y)
		first := holdsCall(x.X)
		return func() reflect.Value { return f(pair(first, a, b)) }
	}
	t := p.Info.TypeOf(x)
	f := p.binary(x.Op, t, x.OpPos)
	a, b := p.exprAs(x.X, t), p.exprAs(x.Y, t)
	first := holdsCall(x.X)
	return func() reflect.Value { return f(pair(first, a, b)) }
}

// binary is the operation on two values of type t.
func (p *planner) binary(op token.Token, t types.Type, pos token.Pos) func(a, b reflect.Value) reflect.Value {
	rt := p.typ(t)
	return func(a, b reflect.Value) reflect.Value {
		out := reflect.New(rt).Elem()
		p.at = pos
		switch {
		case op == token.SHL || op == token.SHR:
			shift(out, op, a, b)
		case rt.Kind() == reflect.String:
			out.SetString(a.String() + b.String())
		case a.CanInt():
			out.SetInt(intOp(op, a.Int(), b.Int()))
		case a.CanUint():
			out.SetUint(intOp(op, a.Uint(), b.Uint()))
		case rt.Kind() == reflect.Float32:
			out.SetFloat(float64(floatOp(op, float32(a.Float()), float32(b.Float()))))
		default:
			out.SetFloat(floatOp(op, a.Float(), b.Float()))
		}
		return out
	}
}

// intOp wraps around in 64 bits; setting a narrower variable cuts the rest off.
func intOp[T int64 | uint64](op token.Token, a, b T) T {
	switch op {
	case token.ADD:
		return a + b
	case token.SUB:
		return a - b
	case token.MUL:
		return a * b
	case token.QUO:
		return a / b
	case token.REM:
		return a % b
	case token.AND:
		return a & b
	case token.OR:
		return a | b
	case token.XOR:
		return a ^ b
	case token.AND_NOT:
		return a &^ b
	}
	panic(fmt.Sprint("operator ", op))
}

func floatOp[T float32 | float64](op token.Token, a, b T) T {
	switch op {
	case token.ADD:
		return a + b
	case token.SUB:
		return a - b
	case token.MUL:
		return a * b
	}
	return a / b
}

// shiftCount plans the right side of a shift. A constant may be written as one of
// another kind, as 2.0.
func (p *planner) shiftCount(e ast.Expr) value {
	tv := p.Info.Types[e]
	if tv.Value == nil {
		return p.expr(e)
	}
	n := p.constant(types.TypeAndValue{Type: types.Typ[types.Uint], Value: tv.Value})
	return func() reflect.Value { return n }
}

func shift(out reflect.Value, op token.Token, a, b reflect.Value) {
	var n uint64
	if b.CanInt() {
		if b.Int() < 0 {
			panic(runtimeError("negative shift amount"))
		}
		n = uint64(b.Int())
	} else {
		n = b.Uint()
	}
	switch {
	case a.CanInt() && op == token.SHL:
		out.SetInt(a.Int() << n)
	case a.CanInt():
		out.SetInt(a.Int() >> n)
	case op == token.SHL:
		out.SetUint(a.Uint() << n)
	default:
		out.SetUint(a.Uint() >> n)
	}
}

// compare plans a comparison.
func (p *planner) compare(x *ast.BinaryExpr) value {
	rt := p.typ(p.Info.TypeOf(x))
	tx, ty := p.Info.Types[x.X], p.Info.Types[x.Y]
	boolean := func(v bool) reflect.Value {
		out := reflect.New(rt).Elem()
		out.SetBool(v)
		return out
	}
	if tx.IsNil() || ty.IsNil() {
		e := x.X
		if tx.IsNil() {
			e = x.Y
		}
		v := p.expr(e)
		return func() reflect.Value {
			a := v()
			return boolean((!a.IsValid() || a.IsNil()) == (x.Op == token.EQL))
		}
	}
	var a, b value
	switch {
	case types.IsInterface(tx.Type) || types.IsInterface(ty.Type):
		a, b = p.expr(x.X), p.expr(x.Y)
	case types.AssignableTo(ty.Type, tx.Type):
		a, b = p.expr(x.X), p.exprAs(x.Y, tx.Type)
	default:
		a, b = p.exprAs(x.X, ty.Type), p.expr(x.Y)
	}
	first := holdsCall(x.X)
	return func() reflect.Value {
		l, r := pair(first, a, b)
		p.at = x.OpPos
		switch x.Op {
		case token.EQL:
			return boolean(readable(l).Interface() == readable(r).Interface())
		case token.NEQ:
			return boolean(readable(l).Interface() != readable(r).Interface())
		}
		return boolean(ordered(x.Op, l, r))
	}
}

func ordered(op token.Token, a, b reflect.Value) bool {
	var less, equal bool
	switch {
	case a.CanInt():
		less, equal = a.Int() < b.Int(), a.Int() == b.Int()
	case a.CanUint():
		less, equal = a.Uint() < b.Uint(), a.Uint() == b.Uint()
	case a.CanFloat():
		x, y := a.Float(), b.Float()
		switch op { // NaN is in no order
		case token.GTR:
			return x > y
		case token.GEQ:
			return x >= y
		}
		less, equal = x < y, x == y
	default:
		less, equal = a.String() < b.String(), a.String() == b.String()
	}
	switch op {
	case token.LSS:
		return less
	case token.LEQ:
		return less || equal
	case token.GTR:
		return !less && !equal
	}
	return !less
}

// assertOK plans v, ok := x.(T).
func (p *planner) assertOK(x *ast.TypeAssertExpr) func() []reflect.Value {
	if x.Type == nil {
		refuse("a type switch")
	}
	v, want := p.expr(x.X), p.typ(p.Info.TypeOf(x.Type))
	return func() []reflect.Value {
		in := v()
		if in.IsValid() && in.Kind() == reflect.Interface {
			in = in.Elem()
		}
		p.at, p.asserted = x.Pos(), nil
		out := reflect.New(want).Elem()
		ok := false
		if in.IsValid() {
			p.asserted = in.Type()
			ok = in.Type() == want || want.Kind() == reflect.Interface && in.Type().Implements(want)
		}
		if ok {
			out.Set(in)
		}
		return []reflect.Value{out, reflect.ValueOf(ok)}
	}
}
