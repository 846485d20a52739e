package translate

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"

	"github.com/adabc437/fanout/parallel/device/ir"
)

func (f *function) forStmt(s *ast.ForStmt, label string) {
	if s.Init != nil {
		f.stmt(s.Init, "")
	}
	vars := f.loopVars(s)
	for _, v := range vars { // from turn to turn they change
		f.facts.varies(v)
	}
	before, loop := f.out, &ir.Loop{}
	f.try(func() {
		if s.Cond != nil {
			f.noteCalls(s.Cond)
			loop.Before = f.list(func() { loop.Cond = f.expr(s.Cond) })
		}
	})
	loop.Body = f.list(func() {
		defer f.settle(s)()
		for u, v := range vars {
			if f.use.fixed(u) {
				f.facts.stays(v)
			}
		}
		f.knownInBody(s, loop, vars, before)
		f.within(&target{label: label, loop: loop}, func() { f.stmts(s.Body.List) })
		for _, v := range vars {
			f.facts.varies(v)
		}
	})
	if s.Post != nil {
		loop.Post = f.list(func() { f.stmt(s.Post, "") })
	}
	f.emit(loop)
}

// settle takes variables that are assigned to, but not in the loop, for ones that keep their
// value, until the function that it gives is called.
func (f *function) settle(loop ast.Stmt) (undo func()) {
	assigned := f.assignedIn(loop)
	var settled []*ir.Var
	for v, x := range f.values {
		if r, ok := x.(*ir.Ref); ok && f.facts.moving[r.Var] && !f.use.shared[v] && !assigned[v] {
			f.facts.stays(r.Var)
			settled = append(settled, r.Var)
		}
	}
	return func() {
		for _, v := range settled {
			f.facts.varies(v)
		}
	}
}

// loopVars are the variables that the head of the loop declares.
func (f *function) loopVars(s *ast.ForStmt) map[*types.Var]*ir.Var {
	vars := map[*types.Var]*ir.Var{}
	a, ok := s.Init.(*ast.AssignStmt)
	if !ok || a.Tok != token.DEFINE {
		return vars
	}
	for _, l := range a.Lhs {
		if v := f.isNew(l); v != nil {
			if r, ok := f.values[v].(*ir.Ref); ok {
				vars[v] = r.Var
			}
		}
	}
	return vars
}

// knownInBody notes what the body of a loop knows: its condition is true, and a counter is
// where it began or further on. It finds out whether the loop surely ends.
func (f *function) knownInBody(s *ast.ForStmt, loop *ir.Loop, vars map[*types.Var]*ir.Var, before []ir.Stmt) {
	if v, step := f.counter(s); v != nil && vars[v] != nil && f.use.fixed(v) && f.use.post[v] == 1 {
		first := firstValue(before, vars[v])
		least, most := kindRange(vars[v].Type.Kind)
		bounded, noWrap := f.bounded(s, v, step)
		loop.Bounded = bounded
		if first != nil && noWrap && vars[v].Type.Kind != ir.Uint64 {
			lo, hi := f.facts.interval(first)
			if step > 0 && lo >= least {
				f.facts.within(vars[v], lo, most)
			} else if step < 0 && hi <= most {
				f.facts.within(vars[v], least, hi)
				f.belowFirst(vars[v], first)
			}
		}
	}
	if loop.Cond != nil {
		f.facts.assume(loop.Cond)
	}
}

// belowFirst notes that a counter that goes down from len(xs)-1 is less than len(xs).
func (f *function) belowFirst(v *ir.Var, first ir.Expr) {
	if b, ok := first.(*ir.Binary); ok && b.Op == ir.SubOp {
		if lo, _ := f.facts.interval(b.Y); lo >= 1 {
			if xs := f.facts.lenOf(b.X); xs != nil {
				f.facts.below(v, xs)
			}
		}
	}
}

// counter is the variable that the post statement moves by a constant step.
func (f *function) counter(s *ast.ForStmt) (*types.Var, int64) {
	switch p := s.Post.(type) {
	case *ast.IncDecStmt:
		if p.Tok == token.INC {
			return f.variable(p.X), 1
		}
		return f.variable(p.X), -1
	case *ast.AssignStmt:
		if len(p.Rhs) != 1 || p.Tok != token.ADD_ASSIGN && p.Tok != token.SUB_ASSIGN {
			return nil, 0
		}
		step := f.intConst(p.Rhs[0])
		if step <= 0 || step > 1<<31 {
			return nil, 0
		}
		if p.Tok == token.SUB_ASSIGN {
			step = -step
		}
		return f.variable(p.Lhs[0]), step
	}
	return nil, 0
}

func (f *function) variable(x ast.Expr) *types.Var {
	if id, ok := ast.Unparen(x).(*ast.Ident); ok {
		v, _ := f.object(id).(*types.Var)
		return v
	}
	return nil
}

// intConst is the value of an integer constant, the greatest int64 if it is beyond, or 0.
func (f *function) intConst(x ast.Expr) int64 {
	if v := f.info.Types[x].Value; v != nil && v.Kind() == constant.Int {
		if n, exact := constant.Int64Val(v); exact {
			return n
		}
		return maxInt64
	}
	return 0
}

// firstValue is what a counter was declared with just before, or nil.
func firstValue(before []ir.Stmt, v *ir.Var) ir.Expr {
	for i := len(before) - 1; i >= 0; i-- {
		if d, ok := before[i].(*ir.Declare); ok && d.Var == v {
			if d.Init == nil && v.Type.Kind.IsInteger() {
				return integer(v.Type, 0)
			}
			return d.Init
		}
	}
	return nil
}

func (f *function) valueType(v *types.Var) *ir.Type { return f.values[v].Type() }

// bounded says whether a loop with a counter surely ends, and whether the counter surely
// does not wrap around while it runs.
func (f *function) bounded(s *ast.ForStmt, v *types.Var, step int64) (ends, noWrap bool) {
	kind := f.valueType(v).Kind
	if !kind.IsInteger() {
		return false, false
	}
	var look func(c ast.Expr)
	look = func(c ast.Expr) {
		b, ok := ast.Unparen(c).(*ast.BinaryExpr)
		if !ok {
			return
		}
		if b.Op == token.LAND {
			look(b.X)
			look(b.Y)
			return
		}
		op, limit := b.Op, b.Y
		if f.variable(b.X) != v {
			if f.variable(b.Y) != v {
				return
			}
			op, limit = mirrored(op), b.X
		}
		if !f.unchanged(s, limit) {
			return
		}
		least, most := kindRange(kind)
		if kind == ir.Uint64 {
			least = 0
		}
		value := f.info.Types[limit].Value
		n := f.intConst(limit)
		isLen := f.isLength(limit)
		up := step > 0 && (op == token.LSS && (step == 1 || isLen || value != nil && n <= most-step) ||
			op == token.LEQ && (value != nil && n <= most-step || isLen))
		down := step < 0 && (op == token.GTR && (step == -1 || value != nil && n >= least-step) ||
			op == token.GEQ && value != nil && n >= least-step)
		if up || down {
			ends, noWrap = true, true
		}
	}
	if s.Cond != nil {
		look(s.Cond)
	}
	return ends, noWrap
}

func mirrored(op token.Token) token.Token {
	switch op {
	case token.LSS:
		return token.GTR
	case token.GTR:
		return token.LSS
	case token.LEQ:
		return token.GEQ
	case token.GEQ:
		return token.LEQ
	}
	return op
}

func (f *function) isLength(x ast.Expr) bool {
	c, ok := ast.Unparen(x).(*ast.CallExpr)
	return ok && f.builtinName(c.Fun) == "len"
}

// unchanged says that an expression has one value while the loop runs.
func (f *function) unchanged(loop ast.Node, x ast.Expr) bool {
	if f.info.Types[x].Value != nil {
		return true
	}
	switch e := ast.Unparen(x).(type) {
	case *ast.Ident:
		v := f.variable(e)
		return v != nil && !f.changes(loop, v)
	case *ast.SelectorExpr:
		s := f.info.Selections[e]
		return s != nil && s.Kind() == types.FieldVal && !s.Indirect() && f.unchanged(loop, e.X)
	case *ast.BinaryExpr:
		return f.unchanged(loop, e.X) && f.unchanged(loop, e.Y)
	case *ast.CallExpr:
		if f.isLength(e) || f.info.Types[e.Fun].IsType() {
			return len(e.Args) == 1 && f.unchanged(loop, e.Args[0])
		}
	}
	return false
}

func (f *function) rangeStmt(s *ast.RangeStmt, label string) {
	ok := f.try(func() { f.rangeLoop(s, label) })
	if ok {
		return
	}
	// The body may have errors of its own.
	if s.Tok == token.DEFINE {
		f.breakVar(s.Key)
		f.breakVar(s.Value)
	}
	f.try(func() {
		f.list(func() {
			f.within(&target{label: label, loop: &ir.Loop{}}, func() { f.stmts(s.Body.List) })
		})
	})
	f.fail()
}

func (f *function) rangeLoop(s *ast.RangeStmt, label string) {
	f.known(s.X)
	f.noteCalls(s.X)
	t := f.subst(f.info.TypeOf(s.X))
	if t == nil {
		f.refuse(s.X.Pos(), "this cannot be ranged over on a device", "")
	}
	switch under := t.Underlying().(type) {
	case *types.Basic:
		if under.Info()&types.IsString != 0 {
			if _, ok := ast.Unparen(s.X).(*ast.CallExpr); ok {
				f.expr(s.X) // says why not
			}
			f.refuse(s.X.Pos(), "a string cannot be on a device", "let the function have a []byte, which the host makes of the text")
		}
		f.rangeInt(s, label)
	case *types.Slice, *types.Array:
		f.rangeElements(s, label)
	case *types.Pointer:
		f.rangeElements(s, label)
	case *types.Map:
		f.refuse(s.X.Pos(), "a map cannot be on a device", "range over an array or a slice")
	case *types.Chan:
		f.refuse(s.X.Pos(), "a device has no channels", "range over an array or a slice")
	case *types.Signature:
		f.refuse(s.X.Pos(), "an iterator is a function value, which cannot be on a device", "use a for loop with a counter")
	default:
		f.refuse(s.X.Pos(), "this cannot be ranged over on a device", "")
	}
}

// rangeInt is for i := range n.
func (f *function) rangeInt(s *ast.RangeStmt, label string) {
	var n ir.Expr
	if v := f.info.Types[s.X].Value; v != nil {
		t := int64Type
		if s.Key != nil && !isBlank(s.Key) {
			t = f.irType(s.Key.Pos(), f.info.TypeOf(s.Key), "")
		} else if got, p := f.typ(f.info.TypeOf(s.X)); p == nil {
			t = got
		}
		n = f.constantOf(s.X, v, t)
	} else {
		mark := f.mark()
		n = f.expr(s.X)
		if u := f.variable(s.X); u == nil || f.changes(s.Body, u) || s.Tok == token.ASSIGN && f.variable(s.Key) == u {
			keep := n
			r := f.spill(mark, n, "n")
			f.facts.equalsLen(r.Var, keep)
			n = r
		}
	}
	f.flush(0)
	f.rangeLoopOver(s, label, n, nil)
}

// rangeElements is for i, x := range xs.
func (f *function) rangeElements(s *ast.RangeStmt, label string) {
	x := f.thing(s.X)
	f.flush(0)
	t := x.Type()
	if t.Kind != ir.Slice && t.Kind != ir.Array {
		f.refuse(s.X.Pos(), "this cannot be ranged over on a device", "")
	}
	_, isPtr := f.subst(f.info.TypeOf(s.X)).Underlying().(*types.Pointer)
	_, steady := f.facts.key(x)
	if u := f.variable(s.X); u != nil && !isPtr {
		steady = steady || !f.changes(s.Body, u) && !f.assignsTo(s, u)
	}
	// Go ranges over a copy of an array, which nobody sees if only the index is asked for.
	inPlace := t.Kind == ir.Array && (isPtr || s.Value == nil || isBlank(s.Value))
	if _, ok := f.subst(f.info.TypeOf(s.X)).Underlying().(*types.Slice); ok && t.Kind == ir.Array {
		inPlace = true // a slice that is an array
	}
	if !steady && !inPlace {
		x = f.spill(0, x, "xs")
	}
	var n ir.Expr = &ir.Len{X: x}
	if t.Kind == ir.Array {
		n = integer(int64Type, t.Len)
	}
	f.rangeLoopOver(s, label, n, x)
}

// assignsTo says whether the head of the loop assigns to u.
func (f *function) assignsTo(s *ast.RangeStmt, u *types.Var) bool {
	if s.Tok != token.ASSIGN {
		return false
	}
	for _, x := range []ast.Expr{s.Key, s.Value} {
		if x != nil && rootVar(f.info, x) == u {
			return true
		}
	}
	return false
}

// rangeLoopOver emits the loop over 0 ≤ i < n, and over the elements of xs if there are.
func (f *function) rangeLoopOver(s *ast.RangeStmt, label string, n, xs ir.Expr) {
	t := n.Type()
	var own *types.Var // the user's counter, if it can be the loop's, too
	if s.Key != nil && s.Tok == token.DEFINE {
		own = f.isNew(s.Key)
	}
	name := "i"
	var counter *ir.Var
	if own != nil && f.use.fixed(own) {
		counter = f.newUserVar(own, t)
	} else {
		counter = f.newVar(name, t)
	}
	i := &ir.Ref{Var: counter}
	f.facts.varies(counter)
	f.emit(&ir.Declare{Var: counter})
	loop := &ir.Loop{Cond: &ir.Binary{Op: ir.Lt, X: i, Y: n}, Bounded: true}
	loop.Body = f.list(func() {
		defer f.settle(s)()
		f.facts.stays(counter)
		if t.Kind != ir.Uint64 {
			_, most := kindRange(t.Kind)
			f.facts.within(counter, 0, most)
		}
		f.facts.assume(loop.Cond)
		if xs != nil {
			f.facts.below(counter, xs)
		}
		f.rangeVar(s, s.Key, own != nil && f.use.fixed(own), i)
		if xs != nil {
			f.rangeVar(s, s.Value, false, &ir.Elem{X: xs, I: i})
		}
		f.within(&target{label: label, loop: loop}, func() { f.stmts(s.Body.List) })
		f.facts.varies(counter)
	})
	loop.Post = []ir.Stmt{&ir.Assign{Place: i, X: &ir.Binary{Op: ir.Add, X: i, Y: integer(t, 1)}}}
	f.emit(loop)
}

// rangeVar gives a variable of the head its value in a turn.
func (f *function) rangeVar(s *ast.RangeStmt, l ast.Expr, done bool, x ir.Expr) {
	if l == nil || isBlank(l) || done {
		return
	}
	if s.Tok == token.DEFINE {
		if v := f.isNew(l); v != nil {
			f.declareVar(l.Pos(), v, x)
		}
		return
	}
	place := f.place(l)
	f.flush(0)
	f.emitAt(l.Pos(), &ir.Assign{Place: place, X: f.as(place.Type(), x)})
}
