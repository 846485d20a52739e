package irtest

import (
	"math"

	"github.com/adabc437/fanout/parallel/device/ir"
)

type (
	// integer and number are the types of which values are tried.
	integer interface {
		int8 | int16 | int32 | int64 | uint8 | uint16 | uint32 | uint64
	}
	float  interface{ float32 | float64 }
	number interface{ integer | float }
)

func typeOf[T any]() *ir.Type {
	var zero T
	switch any(zero).(type) {
	case bool:
		return ir.Scalar(ir.Bool)
	case int8:
		return ir.Scalar(ir.Int8)
	case int16:
		return ir.Scalar(ir.Int16)
	case int32:
		return ir.Scalar(ir.Int32)
	case int64:
		return ir.Scalar(ir.Int64)
	case uint8:
		return ir.Scalar(ir.Uint8)
	case uint16:
		return ir.Scalar(ir.Uint16)
	case uint32:
		return ir.Scalar(ir.Uint32)
	case uint64:
		return ir.Scalar(ir.Uint64)
	case float32:
		return ir.Scalar(ir.Float32)
	case float64:
		return ir.Scalar(ir.Float64)
	}
	panic("no type")
}

// konst is a constant of T.
func konst[T any](v T) *ir.Const {
	c := &ir.Const{T: typeOf[T]()}
	switch v := any(v).(type) {
	case bool:
		if v {
			c.Bits = 1
		}
	case int8:
		c.Bits = uint64(v)
	case int16:
		c.Bits = uint64(v)
	case int32:
		c.Bits = uint64(v)
	case int64:
		c.Bits = uint64(v)
	case uint8:
		c.Bits = uint64(v)
	case uint16:
		c.Bits = uint64(v)
	case uint32:
		c.Bits = uint64(v)
	case uint64:
		c.Bits = v
	case float32:
		c.Bits = uint64(math.Float32bits(v))
	case float64:
		c.Bits = math.Float64bits(v)
	}
	return c
}

func num(n int64) ir.Expr { return konst(n) }

func variable(name string, t *ir.Type) *ir.Var { return &ir.Var{Name: name, Type: t} }

func ref(v *ir.Var) ir.Expr { return &ir.Ref{Var: v} }

func elem(x, i ir.Expr) ir.Expr { return &ir.Elem{X: x, I: i} }

func fieldOf(x ir.Expr, i int) ir.Expr { return &ir.FieldOf{X: x, I: i} }

func op(x ir.Expr, o ir.BinaryOp, y ir.Expr) ir.Expr { return &ir.Binary{Op: o, X: x, Y: y} }

func convert(t *ir.Type, x ir.Expr) ir.Expr { return &ir.Convert{To: t, X: x} }

func call(fn string, t *ir.Type, args ...ir.Expr) ir.Expr {
	return &ir.Math{Fn: fn, T: t, Args: args}
}

func set(place, x ir.Expr) ir.Stmt { return &ir.Assign{Place: place, X: x} }

func declare(v *ir.Var, x ir.Expr) ir.Stmt { return &ir.Declare{Var: v, Init: x} }

// count is for v := from; v < to; v++.
func count(v *ir.Var, to ir.Expr, body ...ir.Stmt) *ir.Loop {
	return &ir.Loop{Cond: op(ref(v), ir.Lt, to), Post: []ir.Stmt{set(ref(v), op(ref(v), ir.Add, num(1)))}, Body: body, Bounded: true}
}

var (
	tInt     = ir.Scalar(ir.Int64)
	tFloat   = ir.Scalar(ir.Float64)
	tBool    = ir.Scalar(ir.Bool)
	tFloat32 = ir.Scalar(ir.Float32)
)

// A suite collects cases.
type suite struct{ cases []Case }

// maps are kernels of one program, each of which sets out from x[i] and y[i].
type maps struct {
	suite   *suite
	name    string
	program *ir.Program
}

func (s *suite) maps(name string) *maps {
	return &maps{suite: s, name: name, program: &ir.Program{}}
}

// A both is an expression of x and y, and what it is in Go.
type both[X, Y, Z any] struct {
	name string
	e    func(x, y ir.Expr) ir.Expr
	want func(x X, y Y) Z
}

// several adds one kernel that computes all of the expressions, side by side: devices take
// long to compile kernels.
func several[X, Y, Z any](m *maps, name string, xs []X, ys []Y, ulps float64, list []both[X, Y, Z]) {
	i, x, y, out := variable("i", tInt), variable("x", ir.SliceOf(typeOf[X]())), variable("y", ir.SliceOf(typeOf[Y]())), variable("out", ir.SliceOf(typeOf[Z]()))
	k := &ir.Kernel{Name: "k_" + name, Index: i, Params: []*ir.Var{x, y, out}}
	a := Arg{Type: out.Type, ULPs: ulps}
	for n, b := range list {
		at := op(op(ref(i), ir.Mul, num(int64(len(list)))), ir.Add, num(int64(n)))
		k.Body = append(k.Body, set(elem(ref(out), at), b.e(elem(ref(x), ref(i)), elem(ref(y), ref(i)))))
		a.Labels = append(a.Labels, b.name)
	}
	m.program.Kernels = append(m.program.Kernels, k)
	zs := []Z{}
	for i := range xs {
		for _, b := range list {
			zs = append(zs, b.want(xs[i], ys[i]))
		}
	}
	a.Want = bytesOf(zs)
	a.Data = make([]byte, len(a.Want))
	m.suite.cases = append(m.suite.cases, Case{Name: m.name + "/" + name, Program: m.program, Kernel: k.Name, own: k, N: int64(len(xs)), Args: []Arg{
		{Type: x.Type, Data: bytesOf(xs)}, {Type: y.Type, Data: bytesOf(ys)}, a,
	}})
}

// zip adds a kernel that computes e(x[i], y[i]), and a case of it: want computes the same.
func zip[X, Y, Z any](m *maps, name string, xs []X, ys []Y, ulps float64, e func(x, y ir.Expr) ir.Expr, want func(x X, y Y) Z) {
	several(m, name, xs, ys, ulps, []both[X, Y, Z]{{name, e, want}})
}

// each is zip with one argument.
func each[X, Z any](m *maps, name string, xs []X, ulps float64, e func(x ir.Expr) ir.Expr, want func(x X) Z) {
	zip(m, name, xs, xs, ulps, func(x, _ ir.Expr) ir.Expr { return e(x) }, func(x, _ X) Z { return want(x) })
}

// one is an expression of x alone.
func one[X, Z any](name string, e func(x ir.Expr) ir.Expr, want func(x X) Z) both[X, X, Z] {
	return both[X, X, Z]{name, func(x, _ ir.Expr) ir.Expr { return e(x) }, func(x, _ X) Z { return want(x) }}
}

// pairs are all pairs of two lists.
func pairs[X, Y any](xs []X, ys []Y) (a []X, b []Y) {
	for _, x := range xs {
		for _, y := range ys {
			a, b = append(a, x), append(b, y)
		}
	}
	return a, b
}

// ends are the least and the greatest value of T.
func ends[T integer]() (lo, hi T) {
	if T(0)-1 > 0 {
		return 0, T(0) - 1
	}
	lo = 1
	for lo<<1 != 0 {
		lo <<= 1
	}
	return lo, lo - 1
}

// edges are values of T where things go wrong.
func edges[T integer]() []T {
	lo, hi := ends[T]()
	list := []T{0, 1, 2, 3, 7, 100, lo, lo + 1, lo + 5, hi, hi - 1, hi/2 + 1, hi / 3}
	if lo < 0 {
		list = append(list, T(0)-1, T(0)-2, T(0)-7, lo/3)
	}
	return list
}

func floatEdges[T float]() []T {
	inf := T(math.Inf(1))
	list := []T{0, T(math.Copysign(0, -1)), 1, -1, 0.5, -0.5, 1.5, 2.5, -2.5, 3, 1e10, -1e10, 0.1, 1e-10, T(math.NaN()), inf, -inf, 123456.789, 16777216, 4294967296}
	if typeOf[T]().Kind == ir.Float32 {
		return append(list, math.MaxFloat32, -math.MaxFloat32, math.SmallestNonzeroFloat32, 1e-40)
	}
	big := []float64{math.MaxFloat64, -math.MaxFloat64, math.SmallestNonzeroFloat64, -math.SmallestNonzeroFloat64, 1e-310, 9007199254740993, 1e300}
	for _, x := range big {
		list = append(list, T(x))
	}
	return list
}
