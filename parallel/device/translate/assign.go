package translate

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"

	"github.com/adabc437/fanout/parallel/device/ir"
)

func (f *function) assign(s *ast.AssignStmt) {
	f.noteCalls(append(append([]ast.Expr(nil), s.Lhs...), s.Rhs...)...)
	switch s.Tok {
	case token.ASSIGN, token.DEFINE:
		if len(s.Lhs) == len(s.Rhs) {
			f.assignAll(s.Pos(), s.Lhs, s.Rhs)
			return
		}
		f.assignCall(s.Lhs, s.Rhs[0])
	default:
		op, ok := binaryOps[s.Tok+token.ADD-token.ADD_ASSIGN]
		if !ok {
			f.refuse(s.TokPos, "operator "+s.Tok.String()+" cannot be on a device", "")
		}
		f.update(s.TokPos, s.Lhs[0], op, s.Rhs[0])
	}
}

// update is place op= value; without a value it is 1.
func (f *function) update(pos token.Pos, l ast.Expr, op ir.BinaryOp, r ast.Expr) {
	f.noteCalls(l, r)
	place := f.place(l)
	var y ir.Expr
	var at = l
	if r == nil {
		y = f.one(place.Type())
	} else {
		y = f.expr(r)
		at = &ast.BinaryExpr{X: l, OpPos: pos, Op: opToken(op), Y: r}
	}
	var x ir.Expr
	if f.unit.isComplex(place.Type()) && ir.Same(place.Type(), y.Type()) {
		x = f.complexOp(0, pos, op, place, y)
	} else {
		x = f.operate(op, place, y, at, l, r)
	}
	f.flush(0)
	f.emitAt(l.Pos(), &ir.Assign{Place: place, X: x})
}

func opToken(op ir.BinaryOp) token.Token {
	for t, o := range binaryOps {
		if o == op {
			return t
		}
	}
	return token.ILLEGAL
}

func (f *function) one(t *ir.Type) ir.Expr {
	switch t.Kind {
	case ir.Float32:
		return &ir.Const{T: t, Bits: 0x3f800000}
	case ir.Float64:
		return float(1)
	}
	if f.unit.isComplex(t) {
		return complexConstant(constant.MakeInt64(1), t)
	}
	return integer(t, 1)
}

// isNew says whether an identifier on the left declares a variable.
func (f *function) isNew(l ast.Expr) *types.Var {
	if id, ok := l.(*ast.Ident); ok && id.Name != "_" {
		if v, ok := f.info.Defs[id].(*types.Var); ok {
			return v
		}
	}
	return nil
}

func isBlank(l ast.Expr) bool {
	id, ok := l.(*ast.Ident)
	return ok && id.Name == "_"
}

// place translates what is assigned to.
func (f *function) place(l ast.Expr) ir.Expr {
	if v := rootVar(f.info, l); v != nil && f.foreign(v) {
		f.refuse(l.Pos(), v.Name()+" is a variable of the session: tasks have a copy of it, and a change would be lost", "return the value instead")
	}
	if ix, ok := ast.Unparen(l).(*ast.IndexExpr); ok {
		if t := f.info.TypeOf(ix.X); t != nil {
			if _, ok := f.subst(t).Underlying().(*types.Map); ok {
				f.expr(ix) // says why not
			}
		}
	}
	x := f.expr(l)
	switch {
	case !isPlace(x):
		f.refuse(l.Pos(), types.ExprString(l)+" cannot be assigned to on a device", "")
	case x.Type().Kind == ir.Pointer:
		f.refuse(l.Pos(), "pointer "+types.ExprString(l)+" cannot be changed on a device", "make a new variable with :=")
	case x.Type().Kind == ir.Slice && inSlice(x):
		f.refuse(l.Pos(), "the rows of a slice of slices cannot be changed on a device", "assign to the elements of the row, one by one")
	}
	return x
}

// declareVar declares a variable with a value.
func (f *function) declareVar(pos token.Pos, v *types.Var, x ir.Expr) {
	to := f.newUserVar(v, x.Type())
	if _, ok := x.(*ir.Zero); ok {
		x = nil
	}
	f.emitAt(pos, &ir.Declare{Var: to, Init: x})
	if x != nil && f.use.assigned[v] == 0 {
		f.facts.equalsLen(to, x)
		if to.Type.Kind.IsInteger() {
			if lo, hi := f.facts.interval(x); lo > minInt64 || hi < maxInt64 {
				f.facts.within(to, lo, hi)
			}
		}
	}
}

// assignAll is a, b = x, y or a, b := x, y.
func (f *function) assignAll(pos token.Pos, lhs, rhs []ast.Expr) {
	if len(lhs) == 1 {
		f.assignOne(lhs[0], rhs[0])
		return
	}
	// First everything is evaluated, then the values are assigned from left to right.
	places := make([]ir.Expr, len(lhs))
	for i, l := range lhs {
		if !isBlank(l) && f.isNew(l) == nil {
			places[i] = f.place(l)
		}
	}
	values := make([]ir.Expr, len(rhs))
	for i, r := range rhs {
		switch {
		case f.isNew(lhs[i]) != nil:
			if f.holdsLiteral(lhs[i], r) {
				continue
			}
			values[i] = f.valueOf(r, f.newType(lhs[i], r))
		case places[i] != nil:
			values[i] = f.valueOf(r, places[i].Type())
		default:
			f.expr(r)
		}
	}
	f.flush(0)
	for i := range values {
		if values[i] != nil && f.disturbed(values[i], places[:i]) {
			values[i] = f.spill(0, values[i], "t")
		}
		if places[i] != nil {
			places[i] = f.fixPlace(places[i], places[:i])
		}
	}
	for i, l := range lhs {
		switch v := f.isNew(l); {
		case values[i] == nil:
		case v != nil:
			f.declareVar(l.Pos(), v, values[i])
		case places[i] != nil:
			f.emitAt(l.Pos(), &ir.Assign{Place: places[i], X: values[i]})
		}
	}
}

// newType is the type of a new variable. Where there is none, it is the value that says why.
func (f *function) newType(l, r ast.Expr) *ir.Type {
	v := f.isNew(l)
	if _, p := f.typ(v.Type()); p != nil {
		f.expr(r)
	}
	return f.irType(l.Pos(), v.Type(), "variable "+v.Name())
}

// disturbed says whether an assignment to one of the places may change the value.
func (f *function) disturbed(x ir.Expr, places []ir.Expr) bool {
	for _, p := range places {
		if p == nil {
			continue
		}
		r, whole := p.(*ir.Ref)
		if whole && !f.reached(r.Var) {
			if mentions(x, r.Var) {
				return true
			}
			continue
		}
		// A part of something: it may be in any memory, or in the variable that it begins at.
		if !f.constantly(x, ir.Root(p)) {
			return true
		}
	}
	return false
}

// reached says that a pointer may point to v.
func (f *function) reached(v *ir.Var) bool {
	for u, x := range f.values {
		if r, ok := x.(*ir.Ref); ok && r.Var == v {
			return f.use.shared[u]
		}
	}
	return false
}

func mentions(x ir.Expr, v *ir.Var) bool {
	found := false
	ir.Inside(x, func(x ir.Expr) {
		if r, ok := x.(*ir.Ref); ok && r.Var == v {
			found = true
		}
	})
	return found
}

// constantly says that x reads no memory and no variable that a pointer may point to, and
// not root.
func (f *function) constantly(x ir.Expr, root *ir.Var) bool {
	ok := true
	ir.Inside(x, func(x ir.Expr) {
		switch x := x.(type) {
		case *ir.Deref:
			ok = false
		case *ir.Elem:
			ok = ok && x.X.Type().Kind != ir.Slice
		case *ir.Ref:
			ok = ok && !f.reached(x.Var) && (x.Var != root || x.Var.Type.Kind == ir.Slice)
		}
	})
	return ok
}

// fixPlace puts into variables what decides where a place is, if earlier assignments of the
// statement may change it.
func (f *function) fixPlace(p ir.Expr, before []ir.Expr) ir.Expr {
	switch e := p.(type) {
	case *ir.Elem:
		x, i := f.fixPlace(e.X, before), e.I
		if e.X.Type().Kind == ir.Slice && f.disturbed(e.X, before) {
			x = f.spill(0, e.X, "t")
		}
		if f.disturbed(i, before) {
			i = f.spill(0, i, "i")
		}
		return &ir.Elem{X: x, I: i}
	case *ir.FieldOf:
		return &ir.FieldOf{X: f.fixPlace(e.X, before), I: e.I}
	}
	return p
}

func (f *function) assignOne(l, r ast.Expr) {
	if v := f.isNew(l); v != nil {
		if f.holdsLiteral(l, r) || f.holdsSlice(l, r) {
			return
		}
		t := f.newType(l, r)
		if c, ok := f.directCall(r); ok {
			to := f.newUserVar(v, t)
			if !f.try(func() { f.callInto(c, to) }) {
				delete(f.values, v)
				f.breakVar(l)
				f.fail()
			}
			return
		}
		x := f.valueOf(r, t)
		f.flush(0)
		f.declareVar(l.Pos(), v, x)
		return
	}
	if isBlank(l) {
		f.expr(r)
		return
	}
	place := f.place(l)
	checks := f.pending
	f.pending = nil
	x := f.valueOf(r, place.Type())
	f.flush(0)
	f.pending = checks // an index of the left side is checked behind the right side
	f.flush(0)
	f.emitAt(l.Pos(), &ir.Assign{Place: place, X: x})
}

// directCall says whether r is a call of a function of the user.
func (f *function) directCall(r ast.Expr) (*ast.CallExpr, bool) {
	c, ok := ast.Unparen(r).(*ast.CallExpr)
	if !ok || f.info.Types[c.Fun].IsType() || f.builtinName(c.Fun) != "" || f.info.Types[r].Value != nil {
		return nil, false
	}
	if lib, _ := f.library(c.Fun); lib != "" {
		return nil, false
	}
	return c, true
}

// callInto calls a function whose result is the new variable to.
func (f *function) callInto(c *ast.CallExpr, to *ir.Var) {
	values := f.call(c, []*ir.Var{to})
	if len(values) != 1 {
		f.refuse(c.Pos(), types.ExprString(c.Fun)+" does not have one value", "")
	}
	// A struct without a name may be given to one with a name.
	if call, ok := f.out[len(f.out)-1].(*ir.Call); ok && !ir.Same(call.Func.Results[0], to.Type) {
		f.refuse(c.Pos(), "the result of "+types.ExprString(c.Fun)+" is of another type", "convert it")
	}
}

// holdsLiteral translates the function literal that a new variable holds.
func (f *function) holdsLiteral(l, r ast.Expr) bool {
	v := f.isNew(l)
	if _, ok := f.subst(v.Type()).Underlying().(*types.Signature); !ok {
		return false
	}
	lit, ok := ast.Unparen(r).(*ast.FuncLit)
	if f.use.assigned[v] > 0 || f.use.shared[v] {
		f.refuse(l.Pos(), v.Name()+" holds more than one function, which cannot be on a device", "declare each with func, and choose with if or switch")
	}
	if !ok {
		f.literals[v] = f.functionOf(ast.Unparen(r))
		return true
	}
	f.literals[v] = f.literal(lit, f.ir.Name+"_"+v.Name(), v.Name()+" in "+f.ir.Go, v.Name())
	return true
}

// assignCall is a, b = f() or a, b := f().
func (f *function) assignCall(lhs []ast.Expr, r ast.Expr) {
	c, ok := ast.Unparen(r).(*ast.CallExpr)
	if !ok {
		f.expr(r) // says why not
		f.refuse(r.Pos(), types.ExprString(r)+" does not have two values on a device", "")
	}
	into := make([]*ir.Var, len(lhs))
	places := make([]ir.Expr, len(lhs))
	for i, l := range lhs {
		if !isBlank(l) && f.isNew(l) == nil {
			places[i] = f.place(l)
		}
	}
	checks := f.pending
	f.pending = nil
	tuple, _ := f.subst(f.info.TypeOf(r)).(*types.Tuple)
	if tuple == nil || tuple.Len() != len(lhs) {
		f.refuse(r.Pos(), types.ExprString(r)+" does not have so many values", "")
	}
	for i := range lhs {
		switch v := f.isNew(lhs[i]); {
		case v != nil:
			into[i] = f.newVar(v.Name(), f.irType(r.Pos(), tuple.At(i).Type(), "result"))
		case places[i] != nil:
			into[i] = f.newVar("r", f.irType(r.Pos(), tuple.At(i).Type(), "result"))
		}
	}
	f.call(c, into)
	for i, l := range lhs {
		if v := f.isNew(l); v != nil {
			f.values[v] = &ir.Ref{Var: into[i]}
			if !f.use.fixed(v) {
				f.facts.varies(into[i])
			}
		}
	}
	f.pending = checks
	f.flush(0)
	for i, p := range places {
		if p != nil {
			places[i] = f.fixPlace(p, places[:i])
		}
	}
	for i, p := range places {
		if p != nil {
			f.emitAt(lhs[i].Pos(), &ir.Assign{Place: p, X: f.as(p.Type(), &ir.Ref{Var: into[i]})})
		}
	}
}
