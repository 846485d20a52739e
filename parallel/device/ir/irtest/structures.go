package irtest

import (
	"bytes"
	"encoding/binary"
	"reflect"
	"unsafe"

	"github.com/adabc437/fanout/parallel/device/ir"
)

// The structs of the cases, with the memory that Go gives them.
type (
	point struct {
		X, Y float64
	}
	padded struct {
		A int8
		B int64
		C bool
		D [3]int16
		P point
		E uint8
	}
	hollow struct {
		A    int32
		None struct{}
		Gap  [0]int64
		B    int32
		_    int16
		C    uint8
		Last struct{}
	}
	shape struct {
		Half   [2]point
		Global padded
	}
)

// layout is the type of T's memory.
func layout[T any](p *ir.Program) *ir.Type { return layoutOf(p, reflect.TypeFor[T]()) }

func layoutOf(p *ir.Program, t reflect.Type) *ir.Type {
	kinds := map[reflect.Kind]ir.Kind{reflect.Bool: ir.Bool, reflect.Int8: ir.Int8, reflect.Int16: ir.Int16, reflect.Int32: ir.Int32, reflect.Int64: ir.Int64,
		reflect.Uint8: ir.Uint8, reflect.Uint16: ir.Uint16, reflect.Uint32: ir.Uint32, reflect.Uint64: ir.Uint64, reflect.Float32: ir.Float32, reflect.Float64: ir.Float64}
	if k, ok := kinds[t.Kind()]; ok {
		return ir.Scalar(k)
	}
	if t.Kind() == reflect.Array {
		return &ir.Type{Kind: ir.Array, Len: int64(t.Len()), Elem: layoutOf(p, t.Elem())}
	}
	name := t.Name()
	if name == "" {
		name = "empty"
	}
	for _, s := range p.Structs {
		if s.Name == name {
			return s
		}
	}
	s := &ir.Type{Kind: ir.Struct, Name: name}
	for i := range t.NumField() {
		f := t.Field(i)
		s.Fields = append(s.Fields, ir.Field{Name: f.Name, Type: layoutOf(p, f.Type), Offset: int64(f.Offset)})
	}
	p.Structs = append(p.Structs, s)
	return s
}

// memory are the bytes of values, with what is between their fields set to a pattern.
func memory[T any](list ...T) []byte {
	var zero T
	size := int(unsafe.Sizeof(zero))
	if len(list) == 0 || size == 0 {
		return nil
	}
	return bytes.Clone(unsafe.Slice((*byte)(unsafe.Pointer(&list[0])), len(list)*size))
}

// add adds a kernel to a program, and a case of it.
func (s *suite) add(name string, p *ir.Program, k *ir.Kernel, n int64, args ...Arg) *Case {
	k.Name = "k_" + name
	if k.Index == nil {
		k.Index = variable("i", tInt)
	}
	p.Kernels = append(p.Kernels, k)
	for i, v := range k.Params {
		args[i].Type = v.Type
	}
	s.cases = append(s.cases, Case{Name: name, Program: p, Kernel: k.Name, N: n, Args: args})
	return &s.cases[len(s.cases)-1]
}

func structures(s *suite) {
	p := &ir.Program{}
	tPoint, tPadded, tHollow, tShape := layout[point](p), layout[padded](p), layout[hollow](p), layout[shape](p)
	a := padded{-3, 1 << 40, true, [3]int16{1, -2, 3}, point{1.5, -2.5}, 200}
	b := padded{5, -7, false, [3]int16{9, 8, 7}, point{0, 1}, 1}

	i := variable("i", tInt)
	xs, ys := variable("xs", ir.SliceOf(tPadded)), variable("ys", ir.SliceOf(tPadded))
	tmp := variable("tmp", tPadded)
	k := &ir.Kernel{Index: i, Params: []*ir.Var{xs, ys}, Body: []ir.Stmt{
		declare(tmp, elem(ref(xs), ref(i))),
		set(fieldOf(ref(tmp), 0), op(fieldOf(ref(tmp), 0), ir.Add, konst(int8(127)))),
		set(elem(fieldOf(ref(tmp), 3), num(1)), op(elem(fieldOf(ref(tmp), 3), num(2)), ir.Mul, konst(int16(30000)))),
		set(elem(fieldOf(ref(tmp), 3), op(ref(i), ir.Rem, num(3))), konst(int16(4))),
		set(fieldOf(fieldOf(ref(tmp), 4), 1), op(fieldOf(fieldOf(elem(ref(xs), ref(i)), 4), 0), ir.Mul, konst(2.0))),
		set(fieldOf(ref(tmp), 2), op(fieldOf(ref(tmp), 1), ir.Gt, num(0))),
		set(elem(ref(ys), ref(i)), ref(tmp)),
		set(fieldOf(elem(ref(ys), ref(i)), 5), konst(uint8(9))),
	}}
	change := func(x padded, i int) padded {
		old := x.P.X
		x.A += 127
		x.D[1] = x.D[2] * 30000
		x.D[i%3] = 4
		x.P.Y = old * 2
		x.C = x.B > 0
		x.E = 9
		return x
	}
	s.add("struct_fields", p, k, 2, Arg{Data: memory(a, b)}, Arg{Data: memory(b, b), Want: memory(change(a, 0), change(b, 1))})

	hs, hout := variable("hs", ir.SliceOf(tHollow)), variable("hout", ir.SliceOf(tHollow))
	h := variable("h", tHollow)
	k = &ir.Kernel{Index: i, Params: []*ir.Var{hs, hout}, Body: []ir.Stmt{
		declare(h, elem(ref(hs), ref(i))),
		set(fieldOf(ref(h), 1), &ir.Zero{T: tHollow.Fields[1].Type}),
		set(fieldOf(ref(h), 3), op(fieldOf(ref(h), 3), ir.Add, fieldOf(ref(h), 0))),
		set(elem(ref(hout), ref(i)), ref(h)),
		set(fieldOf(elem(ref(hout), ref(i)), 6), fieldOf(elem(ref(hs), ref(i)), 6)),
	}}
	h1, h2 := hollow{A: 1, B: 2, C: 3}, hollow{A: -5, B: 6, C: 7}
	s.add("struct_nothing", p, k, 2, Arg{Data: memory(h1, h2)}, Arg{Data: memory(h2, h2), Want: memory(hollow{A: 1, B: 3, C: 3}, hollow{A: -5, B: 1, C: 7})})

	same := variable("same", ir.SliceOf(tBool))
	k = &ir.Kernel{Index: i, Params: []*ir.Var{xs, ys, same}, Body: []ir.Stmt{
		set(elem(ref(same), op(ref(i), ir.Mul, num(3))), op(elem(ref(xs), ref(i)), ir.Eq, elem(ref(ys), ref(i)))),
		set(elem(ref(same), op(op(ref(i), ir.Mul, num(3)), ir.Add, num(1))), op(fieldOf(elem(ref(xs), ref(i)), 3), ir.Ne, fieldOf(elem(ref(ys), ref(i)), 3))),
		set(elem(ref(same), op(op(ref(i), ir.Mul, num(3)), ir.Add, num(2))), op(fieldOf(elem(ref(xs), ref(i)), 4), ir.Eq, &ir.Make{T: tPoint, Elems: []ir.Expr{konst(1.5), konst(-2.5)}})),
	}}
	c, d := a, a
	c.D[2]++
	d.P.X = 0
	s.add("struct_equal", p, k, 3, Arg{Data: memory(a, a, a)}, Arg{Data: memory(a, c, d)}, Arg{Data: make([]byte, 9), Want: []byte{1, 0, 1, 0, 1, 1, 0, 0, 1}})

	// A whole value by value, read in place, and one that the task changes.
	arg, own, out := variable("arg", tShape), variable("own", tShape), variable("out", ir.SliceOf(tFloat))
	k = &ir.Kernel{Index: i, Params: []*ir.Var{arg, own, out}, Body: []ir.Stmt{
		set(fieldOf(elem(fieldOf(ref(own), 0), num(1)), 0), op(fieldOf(elem(fieldOf(ref(own), 0), num(1)), 0), ir.Add, convert(tFloat, ref(i)))),
		set(fieldOf(ref(own), 1), fieldOf(ref(arg), 1)),
		set(elem(ref(out), ref(i)), op(op(fieldOf(elem(fieldOf(ref(arg), 0), op(ref(i), ir.And, num(1))), 1), ir.Add, fieldOf(elem(fieldOf(ref(own), 0), num(1)), 0)), ir.Add, fieldOf(fieldOf(fieldOf(ref(own), 1), 4), 0))),
	}}
	sh := shape{Half: [2]point{{1, 2}, {3, 4}}, Global: a}
	s.add("struct_by_value", p, k, 3, Arg{Data: memory(sh)}, Arg{Data: memory(sh)}, Arg{Data: make([]byte, 24), Want: memory(2+3+1.5, 4+4+1.5, 2+5+1.5)})

	// Make and Zero; a value that is made of what it replaces; arrays in arrays.
	grid := &ir.Type{Kind: ir.Array, Len: 2, Elem: &ir.Type{Kind: ir.Array, Len: 3, Elem: tInt}}
	pt, g, g2, z := variable("pt", tPoint), variable("grid", grid), variable("grid2", grid), variable("zero", tPadded)
	row := func(list ...int64) ir.Expr {
		m := &ir.Make{T: grid.Elem}
		for _, n := range list {
			m.Elems = append(m.Elems, op(ref(i), ir.Add, num(n)))
		}
		return m
	}
	k = &ir.Kernel{Index: i, Params: []*ir.Var{out}, Body: []ir.Stmt{
		declare(pt, &ir.Make{T: tPoint, Elems: []ir.Expr{konst(1.0), convert(tFloat, ref(i))}}),
		set(ref(pt), &ir.Make{T: tPoint, Elems: []ir.Expr{fieldOf(ref(pt), 1), fieldOf(ref(pt), 0)}}),
		declare(g, &ir.Make{T: grid, Elems: []ir.Expr{row(1, 2, 3), row(4, 5, 6)}}),
		declare(g2, ref(g)),
		set(elem(ref(g), num(0)), elem(ref(g2), num(1))),
		set(elem(elem(ref(g), op(ref(i), ir.And, num(1))), num(2)), num(100)),
		declare(z, nil),
		set(ref(z), &ir.Zero{T: tPadded}),
		set(elem(ref(out), ref(i)), op(op(fieldOf(ref(pt), 0), ir.Mul, konst(1000.0)), ir.Add, op(fieldOf(ref(pt), 1), ir.Add,
			convert(tFloat, op(op(elem(elem(ref(g), num(0)), num(2)), ir.Add, elem(elem(ref(g), num(1)), num(2))), ir.Add, op(convert(tInt, fieldOf(ref(z), 0)), ir.Add, elem(elem(ref(g2), num(0)), num(0)))))))),
	}}
	s.add("struct_make", p, k, 2, Arg{Data: make([]byte, 16), Want: memory(0*1000.0+1+100+6+0+1, 1*1000.0+1+7+100+0+2)})

	// Elements that take no memory.
	es, n := variable("es", ir.SliceOf(tHollow.Fields[1].Type)), variable("n", ir.SliceOf(tInt))
	k = &ir.Kernel{Index: i, Params: []*ir.Var{es, n}, Body: []ir.Stmt{
		set(elem(ref(es), ref(i)), &ir.Zero{T: tHollow.Fields[1].Type}),
		set(elem(ref(n), ref(i)), &ir.Len{X: ref(es)}),
		&ir.If{Cond: op(elem(ref(es), ref(i)), ir.Ne, &ir.Make{T: tHollow.Fields[1].Type}), Then: []ir.Stmt{set(elem(ref(n), ref(i)), num(-1))}},
	}}
	s.add("slice_of_nothing", p, k, 2, Arg{Rows: make([]int64, 5)}, Arg{Data: make([]byte, 16), Want: memory[int64](5, 5)})
	partsOfSlices(s)
	parameters(s)
}

// partsOfSlices are parts of slices, and rows of slices of slices.
func partsOfSlices(s *suite) {
	p := &ir.Program{}
	i := variable("i", tInt)
	xs, out := variable("xs", ir.SliceOf(tInt)), variable("out", ir.SliceOf(tInt))
	part, again := variable("part", xs.Type), variable("again", xs.Type)
	sub := func(x ir.Expr, lo, hi, limit int64) ir.Expr {
		return &ir.Sub{X: x, Lo: num(lo), Hi: num(hi), Max: num(limit)}
	}
	sum := &ir.Func{Name: "sum", Go: "func sum(list []int) int", Results: []*ir.Type{tInt}}
	list, total, j := variable("list", xs.Type), variable("total", tInt), variable("j", tInt)
	sum.Params = []*ir.Var{list}
	sum.Body = []ir.Stmt{declare(total, nil), declare(j, num(0)),
		count(j, &ir.Len{X: ref(list)}, set(ref(total), op(ref(total), ir.Add, elem(ref(list), ref(j))))),
		&ir.Return{Values: []ir.Expr{ref(total)}}}
	r := variable("r", tInt)
	put := func(at int64, x ir.Expr) ir.Stmt { return set(elem(ref(out), num(at)), x) }
	k := &ir.Kernel{Index: i, Params: []*ir.Var{xs, out}, Body: []ir.Stmt{
		declare(part, sub(ref(xs), 2, 5, 7)),
		put(0, &ir.Len{X: ref(part)}), put(1, &ir.Cap{X: ref(part)}),
		declare(again, sub(ref(part), 1, 5, 5)),
		put(2, &ir.Len{X: ref(again)}), put(3, elem(ref(again), num(3))),
		set(elem(ref(part), num(0)), num(50)),
		&ir.Call{Func: sum, Args: []ir.Expr{ref(xs)}, Results: []*ir.Var{r}},
		put(4, ref(r)),
		set(ref(again), &ir.Zero{T: xs.Type}),
		put(5, &ir.Len{X: ref(again)}),
		put(6, &ir.Len{X: sub(ref(xs), 1, 4, 4)}), put(7, &ir.Cap{X: sub(ref(xs), 1, 4, 4)}), put(8, elem(sub(ref(xs), 1, 4, 4), num(1))),
	}}
	p.Funcs = []*ir.Func{sum}
	s.add("slice_parts", p, k, 1, Arg{Data: memory[int64](0, 1, 2, 3, 4, 5, 6, 7), Want: memory[int64](0, 1, 50, 3, 4, 5, 6, 7)}, Arg{Data: make([]byte, 72), Want: memory[int64](3, 5, 4, 6, 76, 0, 3, 3, 50)})

	m := variable("m", ir.SliceOf(ir.SliceOf(tInt)))
	rows, line := variable("rows", m.Type), variable("line", xs.Type)
	whole := &ir.Func{Name: "at", Go: "func at(m [][]int, i, j int) int", Results: []*ir.Type{tInt}}
	fm, fi, fj := variable("m", m.Type), variable("i", tInt), variable("j", tInt)
	whole.Params = []*ir.Var{fm, fi, fj}
	whole.Body = []ir.Stmt{&ir.Return{Values: []ir.Expr{op(elem(elem(ref(fm), ref(fi)), ref(fj)), ir.Add, &ir.Len{X: elem(ref(fm), op(ref(fi), ir.SubOp, num(1)))})}}}
	k = &ir.Kernel{Index: i, Params: []*ir.Var{m, out}, Body: []ir.Stmt{
		put(0, &ir.Len{X: ref(m)}), put(1, &ir.Len{X: elem(ref(m), num(1))}), put(2, elem(elem(ref(m), num(2)), num(1))),
		declare(rows, &ir.Sub{X: ref(m), Lo: num(1), Hi: num(3), Max: num(3)}),
		put(3, &ir.Len{X: ref(rows)}),
		declare(line, elem(ref(rows), num(1))),
		put(4, &ir.Len{X: ref(line)}), put(5, &ir.Cap{X: ref(line)}), put(6, elem(ref(line), num(0))),
		set(elem(elem(ref(m), num(0)), op(num(1), ir.Add, ref(i))), num(77)),
		set(elem(ref(line), num(2)), num(88)),
		&ir.Call{Func: whole, Args: []ir.Expr{ref(m), num(2), num(0)}, Results: []*ir.Var{r}},
		put(7, ref(r)), put(8, &ir.Len{X: elem(ref(m), op(ref(i), ir.Add, num(2)))}),
	}}
	p.Funcs = append(p.Funcs, whole)
	s.add("slice_rows", p, k, 1, Arg{Data: memory[int64](1, 2, 3, 4, 5), Rows: []int64{0, 2, 2, 5}, Want: memory[int64](1, 77, 3, 4, 88)}, Arg{Data: make([]byte, 72), Want: memory[int64](3, 0, 4, 2, 3, 3, 3, 3, 3)})

	// A kernel that changes its own slices.
	k = &ir.Kernel{Index: i, Params: []*ir.Var{m, xs, out}, Body: []ir.Stmt{
		set(ref(xs), &ir.Sub{X: ref(xs), Lo: ref(i), Hi: &ir.Len{X: ref(xs)}, Max: &ir.Cap{X: ref(xs)}}),
		set(ref(m), &ir.Sub{X: ref(m), Lo: ref(i), Hi: &ir.Len{X: ref(m)}, Max: &ir.Cap{X: ref(m)}}),
		set(elem(ref(out), ref(i)), op(op(elem(ref(xs), num(0)), ir.Mul, num(100)), ir.Add, op(op(&ir.Len{X: ref(xs)}, ir.Mul, num(10)), ir.Add, &ir.Len{X: elem(ref(m), num(0))}))),
	}}
	s.add("slice_reassigned", p, k, 3, Arg{Data: memory[int64](1, 2, 3, 4, 5), Rows: []int64{0, 2, 2, 5}}, Arg{Data: memory[int64](4, 5, 6)}, Arg{Data: make([]byte, 24), Want: memory[int64](432, 520, 613)})
}

// parameters are kernels' parameters of all kinds, and names that mean something in C.
func parameters(s *suite) {
	p := &ir.Program{}
	values := []any{true, int8(-8), int16(-1600), int32(-320000), int64(-1 << 40), uint8(200), uint16(60000), uint32(4e9), uint64(1 << 63), float32(0.1), 1e300}
	kinds := []ir.Kind{ir.Bool, ir.Int8, ir.Int16, ir.Int32, ir.Int64, ir.Uint8, ir.Uint16, ir.Uint32, ir.Uint64, ir.Float32, ir.Float64}
	names := []string{"half", "kernel", "float4", "abs", "image2d_t", "global", "get_global_id", "fo_base", "M_PI", "int", "long"}
	i, out := variable("main", tInt), variable("signed", ir.SliceOf(tFloat))
	k := &ir.Kernel{Index: i}
	var args []Arg
	var want []float64
	for n, v := range values {
		x := variable(names[n], ir.Scalar(kinds[n]))
		k.Params = append(k.Params, x)
		data, err := binary.Append(nil, binary.NativeEndian, v)
		if err != nil {
			panic(err)
		}
		args = append(args, Arg{Data: data})
		if n == 0 {
			k.Body = append(k.Body, &ir.If{Cond: ref(x), Then: []ir.Stmt{set(elem(ref(out), num(0)), konst(1.0))}})
			want = append(want, 1)
			continue
		}
		if n%2 == 1 {
			k.Body = append(k.Body, set(ref(x), ref(x)))
		}
		k.Body = append(k.Body, set(elem(ref(out), num(int64(n))), convert(tFloat, ref(x))))
		want = append(want, reflect.ValueOf(v).Convert(reflect.TypeFor[float64]()).Float())
	}
	k.Params = append(k.Params, out)
	s.add("parameters", p, k, 1, append(args, Arg{Data: make([]byte, len(want)*8), Want: memory(want...)})...)
}
