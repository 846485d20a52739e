package backendtest

import "github.com/adabc437/fanout/parallel/device/ir"

// The types that the programs use.
var (
	boolean = ir.Scalar(ir.Bool)
	int32s  = ir.Scalar(ir.Int32)
	int64s  = ir.Scalar(ir.Int64)
	floats  = ir.Scalar(ir.Float32)
)

func ref(v *ir.Var) ir.Expr                    { return &ir.Ref{Var: v} }
func num(n int64) ir.Expr                      { return &ir.Const{T: int64s, Bits: uint64(n)} }
func at(x *ir.Var, i ir.Expr) ir.Expr          { return &ir.Elem{X: ref(x), I: i} }
func op(o ir.BinaryOp, x, y ir.Expr) ir.Expr   { return &ir.Binary{Op: o, X: x, Y: y} }
func long(x ir.Expr) ir.Expr                   { return &ir.Convert{To: int64s, X: x} }
func set(place, x ir.Expr) ir.Stmt             { return &ir.Assign{Place: place, X: x} }
func variable(name string, t *ir.Type) *ir.Var { return &ir.Var{Name: name, Type: t} }
func slice(name string, elem *ir.Type) *ir.Var { return variable(name, ir.SliceOf(elem)) }
func declare(v *ir.Var, x ir.Expr) *ir.Declare { return &ir.Declare{Var: v, Init: x} }
func kernel(k *ir.Kernel, s ...ir.Site) *ir.Program {
	return &ir.Program{Kernels: []*ir.Kernel{k}, Sites: s}
}

// saxpy is y[i] = a*x[i] + y[i].
func saxpy() *ir.Program {
	a, x, y, i := variable("a", floats), slice("x", floats), slice("y", floats), variable("i", int64s)
	return kernel(&ir.Kernel{Name: "saxpy", Params: []*ir.Var{a, x, y}, Index: i, Body: []ir.Stmt{
		set(at(y, ref(i)), op(ir.Add, op(ir.Mul, ref(a), at(x, ref(i))), at(y, ref(i)))),
	}})
}

// count is out[i-from]++ and where[i-from] = i.
func count() *ir.Program {
	from, out, where, i := variable("from", int64s), slice("out", int32s), slice("where", int64s), variable("i", int64s)
	k := func() ir.Expr { return op(ir.SubOp, ref(i), ref(from)) }
	return kernel(&ir.Kernel{Name: "count", Params: []*ir.Var{from, out, where}, Index: i, Body: []ir.Stmt{
		set(at(out, k()), op(ir.Add, at(out, k()), &ir.Const{T: int32s, Bits: 1})),
		set(at(where, k()), ref(i)),
	}})
}

// faults fails at site 0 where x[i-from] is 1, and at site 1 where it is 2; else it
// makes it 9.
func faults() *ir.Program {
	from, x, i := variable("from", int64s), slice("x", int64s), variable("i", int64s)
	k := func() ir.Expr { return op(ir.SubOp, ref(i), ref(from)) }
	is := func(n int64) ir.Expr { return op(ir.Eq, at(x, k()), num(n)) }
	return kernel(&ir.Kernel{Name: "faults", Params: []*ir.Var{from, x}, Index: i, Body: []ir.Stmt{
		&ir.Check{Cond: is(1), Site: 0, X: num(7), Y: num(5)},
		&ir.Check{Cond: is(2), Site: 1},
		set(at(x, k()), num(9)),
	}}, ir.Site{Fault: ir.OutOfRange, File: "cell", Line: 3, Col: 5, Text: "x[7]"},
		ir.Site{Fault: ir.Panic, File: "cell", Line: 4, Col: 5, Text: "no twos"})
}

// spin is for x[i] == 0 { turns++ }; x[i] = turns.
func spin() *ir.Program {
	x, turns, i := slice("x", int64s), variable("turns", int64s), variable("i", int64s)
	return kernel(&ir.Kernel{Name: "spin", Params: []*ir.Var{x}, Index: i, Body: []ir.Stmt{
		declare(turns, num(1)),
		&ir.Loop{Cond: op(ir.Eq, at(x, ref(i)), num(0)), Body: []ir.Stmt{
			set(ref(turns), op(ir.Add, ref(turns), num(1))),
		}},
		set(at(x, ref(i)), ref(turns)),
	}})
}

// rowSums is out[i] = the sum of rows[i].
func rowSums() *ir.Program {
	rows, out, i := slice("rows", ir.SliceOf(int32s)), slice("out", int64s), variable("i", int64s)
	row, sum, j := slice("row", int32s), variable("sum", int64s), variable("j", int64s)
	return kernel(&ir.Kernel{Name: "row_sums", Params: []*ir.Var{rows, out}, Index: i, Body: []ir.Stmt{
		declare(row, at(rows, ref(i))),
		declare(sum, num(0)),
		declare(j, num(0)),
		&ir.Loop{
			Cond:    op(ir.Lt, ref(j), &ir.Len{X: ref(row)}),
			Post:    []ir.Stmt{set(ref(j), op(ir.Add, ref(j), num(1)))},
			Body:    []ir.Stmt{set(ref(sum), op(ir.Add, ref(sum), long(at(row, ref(j)))))},
			Bounded: true,
		},
		set(at(out, ref(i)), ref(sum)),
	}})
}

// pairType is struct{ A int8; B int64; C float32; D [3]int32 }.
func pairType() *ir.Type {
	return &ir.Type{Kind: ir.Struct, Name: "pair", Fields: []ir.Field{
		{Name: "A", Type: ir.Scalar(ir.Int8), Offset: 0},
		{Name: "B", Type: int64s, Offset: 8},
		{Name: "C", Type: floats, Offset: 16},
		{Name: "D", Type: &ir.Type{Kind: ir.Array, Elem: int32s, Len: 3}, Offset: 20},
	}}
}

// fields is out[i] = int64(p.A) + p.B + int64(p.C) + int64(p.D[2]) + int64(q[1]) + i.
func fields() *ir.Program {
	pair, array := pairType(), &ir.Type{Kind: ir.Array, Elem: int32s, Len: 2}
	p, q, out, i := variable("p", pair), variable("q", array), slice("out", int64s), variable("i", int64s)
	field := func(n int) ir.Expr { return &ir.FieldOf{X: ref(p), I: n} }
	sum := ref(i)
	for _, x := range []ir.Expr{field(0), field(1), field(2), &ir.Elem{X: field(3), I: num(2)}, at(q, num(1))} {
		if x.Type().Kind != ir.Int64 {
			x = long(x)
		}
		sum = op(ir.Add, sum, x)
	}
	prog := kernel(&ir.Kernel{Name: "fields", Params: []*ir.Var{p, q, out}, Index: i, Body: []ir.Stmt{set(at(out, ref(i)), sum)}})
	prog.Structs = []*ir.Type{pair}
	return prog
}

// scalars is out[0] = the sum of one value of each integer kind and float32, if ok.
func scalars() *ir.Program {
	ok, out, i := variable("ok", boolean), slice("out", int64s), variable("i", int64s)
	params := []*ir.Var{ok}
	sum := num(0)
	for k := ir.Int8; k <= ir.Float32; k++ {
		v := variable("v_"+k.String(), ir.Scalar(k))
		params = append(params, v)
		x := ref(v)
		if k != ir.Int64 {
			x = long(x)
		}
		sum = op(ir.Add, sum, x)
	}
	return kernel(&ir.Kernel{Name: "scalars", Params: append(params, out), Index: i, Body: []ir.Stmt{
		&ir.If{Cond: ref(ok), Then: []ir.Stmt{set(at(out, ref(i)), sum)}, Else: []ir.Stmt{set(at(out, ref(i)), num(-1))}},
	}})
}
