package irtest

import (
	"github.com/adabc437/fanout/parallel/device/ir"
)

// flow are loops, jumps, calls and tasks that fail.
func flow(s *suite) {
	jumps(s)
	calls(s)
	faults(s)
	indices(s)
}

func jumps(s *suite) {
	p := &ir.Program{}
	i, out := variable("i", tInt), variable("out", ir.SliceOf(tInt))
	n, a, b := variable("n", tInt), variable("a", tInt), variable("b", tInt)
	add := func(k int64) ir.Stmt { return set(ref(n), op(ref(n), ir.Add, num(k))) }
	when := func(x ir.Expr, then ...ir.Stmt) ir.Stmt { return &ir.If{Cond: x, Then: then} }
	is := func(v *ir.Var, k int64) ir.Expr { return op(ref(v), ir.Eq, num(k)) }

	// Loops in loops, with jumps out of and on with both.
	inner := count(b, num(10))
	outer := count(a, num(10))
	inner.Body = []ir.Stmt{
		when(op(ref(b), ir.Gt, ref(a)), &ir.Continue{Of: outer}),
		when(is(b, 4), &ir.Break{Of: inner}),
		when(op(op(ref(a), ir.Mul, ref(b)), ir.Gt, op(num(20), ir.Add, ref(i))), &ir.Break{Of: outer}),
		when(is(b, 2), &ir.Continue{Of: inner}),
		add(1),
	}
	outer.Body = []ir.Stmt{add(100), declare(b, num(0)), inner, add(10000)}
	k := &ir.Kernel{Index: i, Params: []*ir.Var{out}, Body: []ir.Stmt{declare(n, nil), declare(a, num(0)), outer, set(elem(ref(out), ref(i)), ref(n))}}
	var want []int64
	for i := range int64(5) {
		n := int64(0)
	outer:
		for a := range int64(10) {
			n += 100
		inner:
			for b := range int64(10) {
				switch {
				case b > a:
					continue outer
				case b == 4:
					break inner
				case a*b > 20+i:
					break outer
				case b == 2:
					continue inner
				}
				n++
			}
			n += 10000
		}
		want = append(want, n)
	}
	s.add("jumps", p, k, 5, Arg{Data: make([]byte, 40), Want: memory(want...)})

	// A loop with Before and a long Post, not bounded; blocks that are left.
	l := &ir.Loop{Cond: op(ref(b), ir.Lt, num(50))}
	l.Before = []ir.Stmt{declare(b, op(ref(a), ir.Mul, ref(a))), when(is(a, 6), &ir.Continue{Of: l})}
	l.Post = []ir.Stmt{set(ref(a), op(ref(a), ir.Add, num(1))), when(op(ref(a), ir.Gt, num(100)), add(1000000)), add(1)}
	block := &ir.Block{}
	block.Body = []ir.Stmt{when(is(a, 3), &ir.Break{Of: block}), when(is(a, 4), &ir.Continue{Of: l}), add(100), count(variable("c", tInt), num(2))}
	c := block.Body[3].(*ir.Loop)
	cv := c.Cond.(*ir.Binary).X.(*ir.Ref).Var
	c.Body = []ir.Stmt{when(op(ref(a), ir.Eq, num(5)), &ir.Break{Of: block}), add(7)}
	block.Body = append(block.Body[:3:3], declare(cv, num(0)), c)
	l.Body = []ir.Stmt{block, add(10)}
	k = &ir.Kernel{Index: i, Params: []*ir.Var{out}, Body: []ir.Stmt{declare(n, nil), declare(a, ref(i)), l, set(elem(ref(out), ref(i)), ref(n))}}
	want = nil
	for i := range int64(9) {
		n := int64(0)
		for a := i; ; {
			if a != 6 {
				if a*a >= 50 {
					break
				}
				switch a {
				case 3:
					n += 10
				case 4:
				case 5:
					n += 110
				default:
					n += 124
				}
			}
			a++
			n++
		}
		want = append(want, n)
	}
	s.add("blocks", p, k, 9, Arg{Data: make([]byte, 72), Want: memory(want...)})

	// Variables are new in each turn; counters at the ends of their types; counting down.
	fresh, down, low := variable("fresh", tInt), variable("down", tInt), variable("low", typeOf[int8]())
	up := &ir.Loop{Cond: op(ref(low), ir.Le, konst(int8(126))), Bounded: true, Post: []ir.Stmt{set(ref(low), op(ref(low), ir.Add, konst(int8(1))))}, Body: []ir.Stmt{
		set(ref(n), op(ref(n), ir.Add, convert(tInt, op(ref(low), ir.Add, konst(int8(1)))))),
	}}
	k = &ir.Kernel{Index: i, Params: []*ir.Var{out}, Body: []ir.Stmt{
		declare(n, nil), declare(a, num(0)),
		count(a, num(3), declare(fresh, nil), set(ref(fresh), op(ref(fresh), ir.Add, op(ref(a), ir.Add, num(1)))), set(ref(n), op(ref(n), ir.Add, ref(fresh)))),
		declare(down, op(ref(i), ir.Add, num(5))),
		&ir.Loop{Cond: op(ref(down), ir.Ge, num(0)), Bounded: true, Post: []ir.Stmt{set(ref(down), op(ref(down), ir.SubOp, num(1)))}, Body: []ir.Stmt{set(ref(n), op(ref(n), ir.Add, op(ref(down), ir.Mul, num(1000))))}},
		declare(low, konst(int8(120))), up,
		set(elem(ref(out), ref(i)), op(op(ref(n), ir.Mul, num(1000)), ir.Add, op(ref(a), ir.Mul, ref(down)))),
	}}
	sum := func(i int64) int64 {
		n := int64(6) + (5+i)*(6+i)/2*1000
		for low := int64(121); low <= 127; low++ {
			n += low
		}
		return n*1000 - 3
	}
	s.add("counters", p, k, 3, Arg{Data: make([]byte, 24), Want: memory(sum(0), sum(1), sum(2))})
}

func calls(s *suite) {
	p := &ir.Program{}
	tPoint := layout[point](p)
	i, out := variable("i", tInt), variable("out", ir.SliceOf(tFloat))

	x, y := variable("x", tFloat), variable("y", tFloat)
	divmod := &ir.Func{Name: "divmod", Go: "func divmod(x, y float64) (float64, float64)", Params: []*ir.Var{x, y}, Results: []*ir.Type{tFloat, tFloat},
		Body: []ir.Stmt{&ir.If{Cond: op(ref(y), ir.Eq, konst(0.0)), Then: []ir.Stmt{&ir.Return{Values: []ir.Expr{konst(-1.0), ref(x)}}}},
			&ir.Return{Values: []ir.Expr{call("Trunc", tFloat, op(ref(x), ir.Div, ref(y))), call("Mod", tFloat, ref(x), ref(y))}}}}

	pt, by := variable("p", &ir.Type{Kind: ir.Pointer, Elem: tPoint}), variable("by", tFloat)
	scale := &ir.Func{Name: "Point_scale", Go: "func (p *Point) scale(by float64)", Params: []*ir.Var{pt, by}, Body: []ir.Stmt{
		set(fieldOf(&ir.Deref{X: ref(pt)}, 0), op(fieldOf(&ir.Deref{X: ref(pt)}, 0), ir.Mul, ref(by))),
		set(&ir.Deref{X: ref(pt)}, &ir.Make{T: tPoint, Elems: []ir.Expr{fieldOf(&ir.Deref{X: ref(pt)}, 1), fieldOf(&ir.Deref{X: ref(pt)}, 0)}}),
	}}
	v := variable("v", &ir.Type{Kind: ir.Pointer, Elem: tFloat})
	inc := &ir.Func{Name: "half", Go: "func half(v *float64)", Params: []*ir.Var{v}, Body: []ir.Stmt{set(&ir.Deref{X: ref(v)}, op(&ir.Deref{X: ref(v)}, ir.Div, konst(2.0)))}}
	mk := &ir.Func{Name: "atomic_add", Params: []*ir.Var{x}, Results: []*ir.Type{tPoint}, Body: []ir.Stmt{
		&ir.Call{Func: inc, Args: []ir.Expr{&ir.Address{Place: ref(x)}}},
		&ir.Return{Values: []ir.Expr{&ir.Make{T: tPoint, Elems: []ir.Expr{ref(x), op(ref(x), ir.Add, konst(1.0))}}}}}}
	p.Funcs = []*ir.Func{divmod, scale, inc, mk}

	q, r, only, pp := variable("q", tFloat), variable("r", tFloat), variable("only", tFloat), variable("pp", tPoint)
	list := variable("list", &ir.Type{Kind: ir.Array, Len: 2, Elem: tPoint})
	ptr := variable("ptr", &ir.Type{Kind: ir.Pointer, Elem: tFloat})
	k := &ir.Kernel{Index: i, Params: []*ir.Var{out}, Body: []ir.Stmt{
		&ir.Call{Func: divmod, Args: []ir.Expr{convert(tFloat, op(ref(i), ir.Add, num(7))), convert(tFloat, op(ref(i), ir.Rem, num(3)))}, Results: []*ir.Var{q, r}},
		&ir.Call{Func: divmod, Args: []ir.Expr{konst(9.0), konst(4.0)}, Results: []*ir.Var{nil, only}},
		&ir.Call{Func: mk, Args: []ir.Expr{ref(q)}, Results: []*ir.Var{pp}},
		&ir.Call{Func: mk, Args: []ir.Expr{ref(q)}},
		&ir.Call{Func: scale, Args: []ir.Expr{&ir.Address{Place: ref(pp)}, konst(3.0)}},
		declare(list, nil),
		set(elem(ref(list), num(1)), ref(pp)),
		&ir.Call{Func: scale, Args: []ir.Expr{&ir.Address{Place: elem(ref(list), num(1))}, konst(10.0)}},
		declare(ptr, &ir.Address{Place: fieldOf(elem(ref(list), op(ref(i), ir.And, num(1))), 1)}),
		set(&ir.Deref{X: ref(ptr)}, op(&ir.Deref{X: ref(ptr)}, ir.Add, konst(0.25))),
		set(elem(ref(out), ref(i)), op(op(op(fieldOf(elem(ref(list), num(1)), 0), ir.Mul, konst(1000.0)), ir.Add, fieldOf(elem(ref(list), num(1)), 1)), ir.Add,
			op(op(ref(r), ir.Mul, konst(0.5)), ir.Add, op(ref(only), ir.Add, fieldOf(elem(ref(list), num(0)), 1))))),
	}}
	var want []float64
	for i := range 6 {
		q, r := -1.0, float64(i+7)
		if y := i % 3; y != 0 {
			q, r = float64((i+7)/y), float64((i+7)%y)
		}
		x, y := q/2, q/2+1
		x, y = y, x*3
		x, y = y, x*10
		zero := 0.25
		if i&1 == 1 {
			y, zero = y+0.25, 0
		}
		want = append(want, x*1000+y+(r*0.5+(1+zero)))
	}
	s.add("calls", p, k, 6, Arg{Data: make([]byte, 48), Want: memory(want...)})
}

// faults are tasks that fail, in kernels and in functions that they call.
func faults(s *suite) {
	p := &ir.Program{Sites: []ir.Site{
		{Fault: ir.OutOfRange, File: "In[1]", Line: 3, Col: 9, Text: "xs[j]"},
		{Fault: ir.Panic, File: "In[1]", Line: 7, Col: 2, Text: `too much \`},
		{Fault: ir.DivideZero, File: "In[1]", Line: 9, Col: 2, Text: "a / b"},
	}}
	i, xs, out, limit := variable("i", tInt), variable("xs", ir.SliceOf(tInt)), variable("out", ir.SliceOf(tInt)), variable("limit", tInt)
	n := variable("n", tInt)
	deep := &ir.Func{Name: "deep", Go: "func deep(n int) int", Params: []*ir.Var{n}, Results: []*ir.Type{tInt}, Body: []ir.Stmt{
		&ir.Check{Cond: op(ref(n), ir.Gt, num(70)), Site: 1},
		&ir.Return{Values: []ir.Expr{op(ref(n), ir.Mul, num(2))}},
	}}
	r := variable("r", tInt)
	outer := &ir.Func{Name: "outer", Go: "func outer(n int) (int, int)", Params: []*ir.Var{n}, Results: []*ir.Type{tInt, tInt}, Body: []ir.Stmt{
		&ir.Call{Func: deep, Args: []ir.Expr{ref(n)}, Results: []*ir.Var{r}},
		&ir.Return{Values: []ir.Expr{ref(r), op(ref(r), ir.Add, num(1))}},
	}}
	p.Funcs = []*ir.Func{deep, outer}
	a, b := variable("a", tInt), variable("b", tInt)
	j := variable("j", tInt)
	k := &ir.Kernel{Index: i, Params: []*ir.Var{xs, out, limit}, Body: []ir.Stmt{
		declare(j, op(ref(i), ir.Mul, num(2))),
		&ir.Check{Cond: op(op(ref(j), ir.Lt, num(0)), ir.LOr, op(ref(j), ir.Ge, &ir.Len{X: ref(xs)})), Site: 0, X: ref(j), Y: &ir.Len{X: ref(xs)}},
		&ir.Call{Func: outer, Args: []ir.Expr{op(elem(ref(xs), ref(j)), ir.Add, ref(limit))}, Results: []*ir.Var{a, b}},
		set(elem(ref(out), ref(i)), op(ref(a), ir.Add, ref(b))),
	}}
	data, res := make([]int64, 200), make([]int64, 100)
	want := make([]int64, 100)
	for i := range data {
		data[i] = int64(i % 70)
	}
	for i := range want {
		want[i] = 4*data[2*i] + 1
	}
	args := func(limit int64) []Arg {
		return []Arg{{Data: memory(data...)}, {Data: memory(res...), Want: memory(want...)}, {Data: memory(limit)}}
	}
	s.add("faults", p, k, 100, args(0)...)
	again := func(name string, n, limit int64, f *Fault) {
		c := Case{Name: name, Program: p, Kernel: k.Name, N: n, Args: args(limit), Fault: f}
		for i := range c.Args {
			c.Args[i].Type = k.Params[i].Type
		}
		s.cases = append(s.cases, c)
	}
	again("fault_index", 5000, 0, &Fault{Index: 100, Site: 0, X: 200, Y: 200})
	again("fault_in_callee", 100, 5, &Fault{Index: 33, Site: 1})
	again("fault_first_of_two", 5000, 5, &Fault{Index: 33, Site: 1})
	again("fault_at_once", 100, 100, &Fault{Index: 0, Site: 1})

	// Loops that may not end, in functions, too.
	w := variable("w", tInt)
	loop := &ir.Loop{Cond: op(ref(w), ir.Ne, num(1))}
	steps := variable("steps", tInt)
	loop.Body = []ir.Stmt{
		&ir.If{Cond: op(op(ref(w), ir.And, num(1)), ir.Eq, num(0)), Then: []ir.Stmt{set(ref(w), op(ref(w), ir.Div, num(2)))},
			Else: []ir.Stmt{set(ref(w), op(op(ref(w), ir.Mul, num(3)), ir.Add, num(1)))}},
		set(ref(steps), op(ref(steps), ir.Add, num(1))),
	}
	collatz := &ir.Func{Name: "collatz", Go: "func collatz(w int) int", Params: []*ir.Var{w}, Results: []*ir.Type{tInt}, Body: []ir.Stmt{declare(steps, nil), loop, &ir.Return{Values: []ir.Expr{ref(steps)}}}}
	p2 := &ir.Program{Funcs: []*ir.Func{collatz}}
	k2 := &ir.Kernel{Index: i, Params: []*ir.Var{out}, Body: []ir.Stmt{
		&ir.Call{Func: collatz, Args: []ir.Expr{op(ref(i), ir.Add, num(1))}, Results: []*ir.Var{r}},
		set(elem(ref(out), ref(i)), ref(r)),
	}}
	var lengths []int64
	for i := range int64(1000) {
		n := int64(0)
		for w := i + 1; w != 1; n++ {
			if w&1 == 0 {
				w /= 2
			} else {
				w = w*3 + 1
			}
		}
		lengths = append(lengths, n)
	}
	s.add("collatz", p2, k2, 1000, Arg{Data: make([]byte, 8000), Want: memory(lengths...)})
}

// indices are kernels that begin elsewhere than at 0, or do not run at all.
func indices(s *suite) {
	p := &ir.Program{}
	i, out := variable("i", tInt), variable("out", ir.SliceOf(tInt))
	k := &ir.Kernel{Index: i, Params: []*ir.Var{out}, Body: []ir.Stmt{set(elem(ref(out), ref(i)), op(ref(i), ir.Mul, num(3)))}}
	for _, n := range []int64{0, 1, 63, 64, 65, 1000} {
		var want []int64
		for i := range 1100 {
			if int64(i) >= 7 && int64(i) < 7+n {
				want = append(want, int64(i)*3)
			} else {
				want = append(want, 0)
			}
		}
		if n == 0 {
			s.add("indices", p, k, 0, Arg{Data: make([]byte, 8800)})
			continue
		}
		s.cases = append(s.cases, Case{Name: "indices", Program: p, Kernel: k.Name, Base: 7, N: n, Args: []Arg{{Type: out.Type, Data: make([]byte, 8800), Want: memory(want...)}}})
	}
}
