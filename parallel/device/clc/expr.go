package clc

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/adabc437/fanout/parallel/device/ir"
)

// code is an expression in C and how strongly it binds.
type code struct {
	s string
	p int
}

// How strongly the operators of C bind.
const (
	pTernary = 3 + iota
	pLOr
	pLAnd
	pOr
	pXor
	pAnd
	pEqual
	pLess
	pShift
	pAdd
	pMul
	pUnary
	pPrimary
)

func primary(format string, args ...any) code { return code{fmt.Sprintf(format, args...), pPrimary} }

// in is the text where something binds as strongly as p.
func (c code) in(p int) string {
	if c.p < p {
		return "(" + c.s + ")"
	}
	return c.s
}

func cast(typ string, x code) code { return code{"(" + typ + ")" + x.in(pUnary), pUnary} }

// binary joins two operands. Parentheses stand where C needs them, and where few people
// know that it does not.
func binary(op string, p int, x, y code) code {
	left, right := p, p+1
	switch p {
	case pOr, pXor, pAnd, pShift:
		if x.p != p || p == pShift {
			left = pUnary
		}
		right = pUnary
	case pLess, pEqual:
		left, right = pShift+1, pShift+1
	case pLOr:
		if x.p != p {
			left = pLAnd + 1
		}
		right = pLAnd + 1
	}
	return code{x.in(left) + " " + op + " " + y.in(right), p}
}

// text is an expression where nothing stands around it.
func (f *function) text(e ir.Expr) string { return f.expr(e).s }

// expr prints an expression: its value in C is that in Go, and so is its type, but that
// narrow integers may be an int, and constants of the types with 64 bits, too.
func (f *function) expr(e ir.Expr) code {
	if none(e.Type()) {
		if r, ok := e.(*ir.Ref); ok && f.forms[r.Var] != pointed {
			return primary("%s", f.vars[r.Var])
		}
		return f.zero(e.Type())
	}
	switch e := e.(type) {
	case *ir.Const:
		return f.constant(e, true)
	case *ir.Ref:
		return f.ref(e.Var)
	case *ir.Unary:
		return f.unary(e)
	case *ir.Binary:
		return f.binary(e)
	case *ir.Convert:
		return f.convert(e)
	case *ir.FieldOf:
		return f.field(e)
	case *ir.Elem:
		return f.elem(e)
	case *ir.Len:
		return f.length(e.X, "len")
	case *ir.Cap:
		return f.length(e.X, "cap")
	case *ir.Sub:
		return f.sub(e)
	case *ir.Make:
		return primary("(%s)%s", f.name(e.T), f.braces(e))
	case *ir.Zero:
		return f.zero(e.T)
	case *ir.Math:
		return f.math(e)
	case *ir.Address:
		return f.address(e.Place)
	case *ir.Deref:
		return code{"*" + f.expr(e.X).in(pUnary), pUnary}
	}
	fail("%T is no expression", e)
	return code{}
}

func (f *function) zero(t *ir.Type) code {
	if t.Kind.IsScalar() {
		return f.constant(&ir.Const{T: t}, true)
	}
	if t.Kind == ir.Pointer {
		return primary("0")
	}
	return primary("(%s){0}", f.name(t))
}

// initial is what stands behind the = of a declaration.
func (f *function) initial(t *ir.Type, e ir.Expr) string {
	if e == nil {
		e = &ir.Zero{T: t}
	}
	aggregate := !t.Kind.IsScalar() && t.Kind != ir.Pointer
	switch e := e.(type) {
	case *ir.Zero:
		if aggregate {
			return "{0}"
		}
	case *ir.Make:
		if !none(t) {
			return f.braces(e)
		}
		return "{0}"
	}
	return f.text(e)
}

// braces is the list of the elements of a struct or an array.
func (f *function) braces(e *ir.Make) string {
	var list []string
	if e.T.Kind == ir.Array {
		for _, x := range e.Elems {
			list = append(list, f.text(x))
		}
		return "{{" + strings.Join(list, ", ") + "}}"
	}
	end, gaps := int64(0), false
	for _, x := range e.T.Fields {
		gaps = gaps || x.Offset >= end+max(1, x.Type.Align()) || none(x.Type)
		end = x.Offset + x.Type.Size()
	}
	if len(e.Elems) != len(e.T.Fields) {
		fail("%s is made of %d values, not of %d", e.T, len(e.T.Fields), len(e.Elems))
	}
	for i, x := range e.Elems {
		switch {
		case none(x.Type()):
		case gaps:
			list = append(list, "."+f.fieldNames(e.T)[i]+" = "+f.text(x))
		default:
			list = append(list, f.text(x))
		}
	}
	return "{" + strings.Join(list, ", ") + "}"
}

// constant prints a constant. A plain one is an int if it fits and its type is one of
// integers; others have exactly their type, or can be converted by a cast.
func (f *function) constant(e *ir.Const, plain bool) code {
	switch k := e.T.Kind; {
	case k == ir.Bool:
		return primary("%v", e.Uint() != 0)
	case k.IsFloat():
		return f.float(e.Float(), k == ir.Float64)
	case k.IsSigned():
		return signed(e.Int(), plain || k < ir.Int64)
	case k.IsInteger():
		return unsigned(e.Uint(), k, plain)
	}
	fail("no constants have the type %s", e.T)
	return code{}
}

func signed(n int64, plain bool) code {
	switch {
	case n == math.MinInt64:
		return primary("LONG_MIN")
	case n == math.MinInt32 && plain:
		return primary("INT_MIN")
	}
	s := strconv.FormatInt(n, 10)
	if !plain || n < math.MinInt32 || n > math.MaxInt32 {
		s += "L"
	}
	if n < 0 {
		return code{s, pUnary}
	}
	return primary("%s", s)
}

func unsigned(n uint64, k ir.Kind, plain bool) code {
	s := strconv.FormatUint(n, 10)
	if n >= 1<<20 {
		s = fmt.Sprintf("%#x", n)
	}
	switch {
	case k == ir.Uint64 && (!plain || n > math.MaxInt32):
		s += "ul"
	case k == ir.Uint32 && (!plain || n > math.MaxInt32):
		s += "u"
	}
	return primary("%s", s)
}

// float prints a floating-point number: as a decimal where every compiler surely reads it
// right (at most 15 digits and a small exponent; 7 for a float), otherwise by its bits.
func (f *function) float(x float64, double bool) code {
	bits, suffix, digits, scale := 64, "", 15, 22
	if double {
		f.double = true
	} else {
		bits, suffix, digits, scale = 32, "f", 7, 10
	}
	if math.IsNaN(x) || math.IsInf(x, 0) {
		if double {
			return primary("as_double(%#xul)", math.Float64bits(x))
		}
		return primary("as_float(%#xu)", math.Float32bits(float32(x)))
	}
	p := pPrimary
	if math.Signbit(x) {
		p = pUnary
	}
	s := strconv.FormatFloat(x, 'e', -1, bits)
	mantissa, exponent, _ := strings.Cut(strings.TrimPrefix(s, "-"), "e")
	e, _ := strconv.Atoi(exponent)
	n := len(strings.Replace(mantissa, ".", "", 1))
	if n > digits || e > scale || e-n+1 < -scale {
		return code{strconv.FormatFloat(x, 'x', -1, bits) + suffix, p}
	}
	s = strconv.FormatFloat(x, 'g', -1, bits)
	if !strings.ContainsAny(s, ".e") {
		s += ".0"
	}
	return code{s + suffix, p}
}

// ref reads a variable.
func (f *function) ref(v *ir.Var) code {
	name, ok := f.vars[v]
	if !ok {
		fail("%s is used where it is not declared", v.Name)
	}
	switch f.forms[v] {
	case pointed:
		return code{"*" + name, pUnary}
	case bare:
		if v.Type.Elem.Kind == ir.Slice {
			return primary("(%s){%s, %s_rows, %s_len, %s_len}", f.name(v.Type), name, name, name, name)
		}
		return primary("(%s){%s, %s_len, %s_len}", f.name(v.Type), name, name, name)
	}
	return primary("%s", name)
}

// member is a part of a struct value.
func (f *function) member(x ir.Expr, part string) code {
	switch e := x.(type) {
	case *ir.Deref:
		return primary("%s->%s", f.expr(e.X).in(pPrimary), part)
	case *ir.Ref:
		if f.forms[e.Var] == pointed {
			return primary("%s->%s", f.vars[e.Var], part)
		}
	}
	return primary("%s.%s", f.expr(x).in(pPrimary), part)
}

func (f *function) field(e *ir.FieldOf) code {
	t := e.X.Type()
	if t.Kind != ir.Struct || e.I < 0 || e.I >= len(t.Fields) {
		fail("%s has no field %d", t, e.I)
	}
	return f.member(e.X, f.fieldNames(t)[e.I])
}

// isBare gives the name of a kernel's slice that is printed as a pointer.
func (f *function) isBare(e ir.Expr) (string, bool) {
	r, ok := e.(*ir.Ref)
	if !ok || f.forms[r.Var] != bare {
		return "", false
	}
	return f.vars[r.Var], true
}

func (f *function) elem(e *ir.Elem) code {
	t, i := e.X.Type(), f.expr(e.I)
	switch {
	case t.Kind == ir.Array && none(t):
		return f.zero(t.Elem)
	case t.Kind == ir.Array:
		return f.member(e.X, "at["+i.s+"]")
	case t.Kind != ir.Slice:
		fail("%s has no elements", t)
	case t.Elem.Kind == ir.Slice:
		return primary("%s(%s, %s)", f.row(t), f.text(e.X), i.s)
	}
	if rows, ok := e.X.(*ir.Elem); ok {
		r := f.text(rows.I)
		if name, ok := f.isBare(rows.X); ok {
			return primary("%s[%s_rows[%s] + %s]", name, name, r, i.in(pAdd+1))
		}
		return primary("%s[%s[%s] + %s]", f.member(rows.X, "at").s, f.member(rows.X, "rows").s, r, i.in(pAdd+1))
	}
	if name, ok := f.isBare(e.X); ok {
		return primary("%s[%s]", name, i.s)
	}
	return primary("%s[%s]", f.member(e.X, "at").s, i.s)
}

// row is the name of a function that gives a slice of a slice of slices.
func (f *function) row(t *ir.Type) string {
	all, one := f.name(t), f.name(t.Elem)
	return f.helper(strings.TrimSuffix(all, "s")+"_row", func() string {
		return fmt.Sprintf(`
static %s %s_row(%s x, long i) {
    long n = x.rows[i + 1] - x.rows[i];
    return (%s){x.at + x.rows[i], n, n};
}`, one, strings.TrimSuffix(all, "s"), all, one)
	})
}

func (f *function) length(x ir.Expr, what string) code {
	if x.Type().Kind != ir.Slice {
		fail("%s has no %s", x.Type(), what)
	}
	if name, ok := f.isBare(x); ok {
		return primary("%s_len", name)
	}
	if e, ok := x.(*ir.Elem); ok {
		if name, ok := f.isBare(e.X); ok && simple(e.I) {
			return code{fmt.Sprintf("%s_rows[%s + 1] - %s_rows[%s]", name, f.text(e.I), name, f.text(e.I)), pAdd}
		}
	}
	if s, ok := x.(*ir.Sub); ok && what == "len" {
		return binary("-", pAdd, f.exact(s.Hi), f.exact(s.Lo))
	}
	return f.member(x, what)
}

// simple says whether an expression may be printed twice.
func simple(e ir.Expr) bool {
	switch e.(type) {
	case *ir.Ref, *ir.Const:
		return true
	}
	return false
}

func (f *function) sub(e *ir.Sub) code {
	t := e.X.Type()
	if t.Kind != ir.Slice {
		fail("a part of %s is not a slice", t)
	}
	typ := f.name(t)
	name := f.helper(typ+"_part", func() string {
		first := "x.at + lo"
		if t.Elem.Kind == ir.Slice {
			first = "x.at, x.rows + lo"
		}
		return fmt.Sprintf(`
static %s %s_part(%s x, long lo, long hi, long max) {
    return (%s){%s, hi - lo, max - lo};
}`, typ, typ, typ, typ, first)
	})
	return primary("%s(%s, %s, %s, %s)", name, f.text(e.X), f.text(e.Lo), f.text(e.Hi), f.text(e.Max))
}

// address is &place.
func (f *function) address(place ir.Expr) code {
	if d, ok := place.(*ir.Deref); ok {
		return f.expr(d.X)
	}
	if _, ok := place.(*ir.Ref); !ok && nowhere(place) {
		return code{fmt.Sprintf("&(%s){0}", f.name(place.Type())), pUnary}
	}
	return code{"&" + f.expr(place).in(pUnary), pUnary}
}

// nowhere says whether a place takes no memory, or is in such a one.
func nowhere(place ir.Expr) bool {
	for {
		if none(place.Type()) {
			return true
		}
		switch e := place.(type) {
		case *ir.FieldOf:
			place = e.X
		case *ir.Elem:
			place = e.X
		default:
			return false
		}
	}
}

// exact is an expression that has its own type in C.
func (f *function) exact(e ir.Expr) code {
	t := e.Type()
	if c, ok := e.(*ir.Const); ok {
		x := f.constant(c, false)
		if t.Size() < 4 && t.Kind.IsInteger() {
			x = cast(f.name(t), x)
		}
		return x
	}
	x := f.expr(e)
	if !f.isExact(e) {
		return cast(f.name(t), x)
	}
	return x
}

// isExact says whether an expression is printed with its own type, not as an int.
func (f *function) isExact(e ir.Expr) bool {
	switch e := e.(type) {
	case *ir.Const:
		return e.T.Kind.IsFloat()
	case *ir.Zero:
		return !e.T.Kind.IsInteger() && e.T.Kind != ir.Bool
	case *ir.Unary:
		return e.Op != ir.LNot && (e.X.Type().Size() >= 4 || e.Op == ir.Neg)
	case *ir.Binary:
		if e.Type().Kind == ir.Bool {
			return false
		}
		if e.Type().Size() < 4 {
			return f.wraps(e)
		}
		return true
	}
	return true
}
