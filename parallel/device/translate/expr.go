package translate

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"math"

	"github.com/adabc437/fanout/parallel/device/ir"
)

// expr translates an expression that has one value. What it calls is emitted; its checks
// are pending.
func (f *function) expr(e ast.Expr) ir.Expr {
	tv := f.info.Types[e]
	if tv.Value != nil {
		return f.constant(e, tv.Value, tv.Type)
	}
	switch e := e.(type) {
	case *ast.ParenExpr:
		return f.expr(e.X)
	case *ast.Ident:
		return f.ident(e)
	case *ast.BasicLit:
		f.refuse(e.Pos(), "this constant cannot be on a device", "")
	case *ast.CompositeLit:
		return f.composite(e)
	case *ast.FuncLit:
		f.refuse(e.Pos(), "a function literal can only be called, or held by a variable that is only called", "declare it with func, or call it where it stands")
	case *ast.SelectorExpr:
		return f.selector(e)
	case *ast.IndexExpr:
		return f.index(e)
	case *ast.IndexListExpr:
		f.functionValue(e, types.ExprString(e.X))
	case *ast.SliceExpr:
		return f.slice(e)
	case *ast.StarExpr:
		return &ir.Deref{X: f.pointer(e.X)}
	case *ast.UnaryExpr:
		return f.unary(e)
	case *ast.BinaryExpr:
		return f.binary(e)
	case *ast.CallExpr:
		return f.callValue(e)
	case *ast.TypeAssertExpr:
		f.known(e.X)
		f.refuse(e.Pos(), "a type assertion needs an interface, which cannot be on a device", "use concrete types, or a generic function")
	}
	f.refuse(e.Pos(), types.ExprString(e)+" cannot be on a device", "")
	return nil
}

func (f *function) functionValue(e ast.Expr, name string) {
	f.refuse(e.Pos(), "function "+name+" as a value cannot be on a device", "call it")
}

func (f *function) ident(e *ast.Ident) ir.Expr {
	switch obj := f.object(e).(type) {
	case *types.Var:
		if f.literals[obj] != nil {
			f.refuse(e.Pos(), "the function literal in "+e.Name+" can only be called", "declare it with func, or call it")
		}
		return f.value(e.Pos(), obj)
	case *types.Nil:
		f.refuse(e.Pos(), "nil cannot be on a device", "use len(s) == 0 for slices, and values in place of pointers")
	case *types.Func:
		f.functionValue(e, e.Name)
	}
	f.refuse(e.Pos(), e.Name+" cannot be on a device", "")
	return nil
}

func (f *function) object(id *ast.Ident) types.Object {
	if o := f.info.Uses[id]; o != nil {
		return o
	}
	return f.info.Defs[id]
}

// constant is a constant with a type.
func (f *function) constant(e ast.Expr, v constant.Value, t types.Type) ir.Expr {
	if v.Kind() == constant.String {
		f.refuse(e.Pos(), "a string cannot be on a device", "use numbers, such as an index into strings that stay on the host")
	}
	to := f.irType(e.Pos(), t, "")
	if b, ok := types.Unalias(t).(*types.Basic); ok && b.Kind() == types.UntypedInt {
		if _, exact := constant.Int64Val(v); !exact {
			to = uint64Type
		}
	}
	return f.constantOf(e, v, to)
}

func (f *function) constantOf(e ast.Expr, v constant.Value, to *ir.Type) ir.Expr {
	switch {
	case f.unit.isComplex(to):
		if x := complexConstant(v, to); x != nil {
			return x
		}
	case to.Kind == ir.Bool && v.Kind() == constant.Bool:
		return truth(constant.BoolVal(v))
	case to.Kind.IsInteger():
		v = constant.ToInt(v)
		if v.Kind() != constant.Int {
			break
		}
		if n, exact := constant.Int64Val(v); exact {
			return &ir.Const{T: to, Bits: uint64(n)}
		}
		if n, exact := constant.Uint64Val(v); exact {
			return &ir.Const{T: to, Bits: n}
		}
	case to.Kind == ir.Float32:
		if v = constant.ToFloat(v); v.Kind() == constant.Float || v.Kind() == constant.Int {
			n, _ := constant.Float32Val(v)
			return &ir.Const{T: to, Bits: uint64(math.Float32bits(n))}
		}
	case to.Kind == ir.Float64:
		if v = constant.ToFloat(v); v.Kind() == constant.Float || v.Kind() == constant.Int {
			n, _ := constant.Float64Val(v)
			return &ir.Const{T: to, Bits: math.Float64bits(n)}
		}
	}
	f.refuse(e.Pos(), "constant "+v.String()+" does not fit "+to.String(), "")
	return nil
}

func truth(b bool) *ir.Const {
	if b {
		return &ir.Const{T: boolType, Bits: 1}
	}
	return &ir.Const{T: boolType}
}

func integer(t *ir.Type, n int64) *ir.Const { return &ir.Const{T: t, Bits: uint64(n)} }

// pointer translates an expression that is a pointer.
func (f *function) pointer(e ast.Expr) ir.Expr {
	x := f.expr(e)
	if x.Type().Kind != ir.Pointer {
		f.refuse(e.Pos(), types.ExprString(e)+" is no pointer", "")
	}
	return x
}

// thing translates what a part is taken of: a variable, a part of one, or, for other
// values, a variable that they are put into.
func (f *function) thing(e ast.Expr) ir.Expr {
	mark := f.mark()
	x := f.expr(e)
	if x.Type().Kind == ir.Pointer {
		return &ir.Deref{X: x}
	}
	if isPlace(x) {
		return x
	}
	return f.spill(mark, x, "t")
}

func isPlace(x ir.Expr) bool {
	switch x := x.(type) {
	case *ir.Ref, *ir.Deref:
		return true
	case *ir.FieldOf:
		return isPlace(x.X)
	case *ir.Elem:
		return isPlace(x.X)
	}
	return false
}

func (f *function) selector(e *ast.SelectorExpr) ir.Expr {
	s := f.info.Selections[e]
	if s == nil {
		switch f.info.Uses[e.Sel].(type) {
		case *types.Func:
			f.functionValue(e, types.ExprString(e))
		case *types.Var:
			f.refuse(e.Pos(), types.ExprString(e)+" is a variable of a library", "copy it to a variable of the session first")
		}
		f.refuse(e.Pos(), types.ExprString(e)+" cannot be on a device", "")
	}
	if s.Kind() != types.FieldVal {
		f.refuse(e.Pos(), "method "+types.ExprString(e)+" as a value cannot be on a device", "call it")
	}
	return f.fields(e.Sel.Pos(), f.thing(e.X), s.Index())
}

// fields walks from a struct to a field of a field.
func (f *function) fields(pos token.Pos, x ir.Expr, path []int) ir.Expr {
	for _, i := range path {
		if x.Type().Kind == ir.Pointer {
			x = &ir.Deref{X: x}
		}
		if x.Type().Kind != ir.Struct || i >= len(x.Type().Fields) {
			f.refuse(pos, "this field cannot be read on a device", "")
		}
		x = &ir.FieldOf{X: x, I: i}
	}
	return x
}

func (f *function) unary(e *ast.UnaryExpr) ir.Expr {
	switch e.Op {
	case token.ADD:
		return f.expr(e.X)
	case token.SUB:
		mark := f.mark()
		x := f.expr(e.X)
		if f.unit.isComplex(x.Type()) {
			p := f.parts(mark, x)
			return &ir.Make{T: x.Type(), Elems: []ir.Expr{&ir.Unary{Op: ir.Neg, X: p[0]}, &ir.Unary{Op: ir.Neg, X: p[1]}}}
		}
		return &ir.Unary{Op: ir.Neg, X: x}
	case token.XOR:
		return &ir.Unary{Op: ir.Not, X: f.expr(e.X)}
	case token.NOT:
		return &ir.Unary{Op: ir.LNot, X: f.expr(e.X)}
	case token.AND:
		return f.addressOf(e)
	case token.ARROW:
		f.known(e.X)
		f.refuse(e.Pos(), "a device has no channels", "return values")
	}
	f.refuse(e.Pos(), "operator "+e.Op.String()+" cannot be on a device", "")
	return nil
}

func (f *function) addressOf(e *ast.UnaryExpr) ir.Expr {
	if lit, ok := ast.Unparen(e.X).(*ast.CompositeLit); ok {
		mark := f.mark()
		return &ir.Address{Place: f.spill(mark, f.expr(lit), "t")}
	}
	return f.address(e.Pos(), e.X)
}

// address is the address of a variable of the task, or of a part of it.
func (f *function) address(pos token.Pos, e ast.Expr) ir.Expr {
	if v := rootVar(f.info, e); v != nil && f.foreign(v) {
		f.refuse(pos, v.Name()+" is a variable of the session: tasks have a copy of it, and no address", "copy it to a variable of the function first")
	}
	x := f.expr(e)
	if d, ok := x.(*ir.Deref); ok {
		return d.X
	}
	if !isPlace(x) {
		f.refuse(pos, "the address of "+types.ExprString(e)+" cannot be taken on a device", "copy it to a variable first")
	}
	if inSlice(x) {
		f.refuse(pos, "the address of an element of a slice cannot be taken on a device", "copy the element to a variable, and assign it back")
	}
	return &ir.Address{Place: x}
}

// inSlice says whether a place is in a slice.
func inSlice(x ir.Expr) bool {
	for {
		switch e := x.(type) {
		case *ir.FieldOf:
			x = e.X
		case *ir.Elem:
			if e.X.Type().Kind == ir.Slice {
				return true
			}
			x = e.X
		default:
			return false
		}
	}
}

var binaryOps = map[token.Token]ir.BinaryOp{
	token.ADD: ir.Add, token.SUB: ir.SubOp, token.MUL: ir.Mul, token.QUO: ir.Div, token.REM: ir.Rem,
	token.AND: ir.And, token.OR: ir.Or, token.XOR: ir.Xor, token.AND_NOT: ir.AndNot, token.SHL: ir.Shl, token.SHR: ir.Shr,
	token.EQL: ir.Eq, token.NEQ: ir.Ne, token.LSS: ir.Lt, token.LEQ: ir.Le, token.GTR: ir.Gt, token.GEQ: ir.Ge,
	token.LAND: ir.LAnd, token.LOR: ir.LOr,
}

func (f *function) binary(e *ast.BinaryExpr) ir.Expr {
	op, ok := binaryOps[e.Op]
	if !ok {
		f.refuse(e.OpPos, "operator "+e.Op.String()+" cannot be on a device", "")
	}
	switch op {
	case ir.LAnd, ir.LOr:
		return f.logic(op, func() ir.Expr { return f.expr(e.X) }, func() ir.Expr { return f.expr(e.Y) })
	case ir.Eq, ir.Ne:
		f.comparable(e)
	}
	mark := f.mark()
	x := f.expr(e.X)
	y := f.expr(e.Y)
	if f.unit.isComplex(x.Type()) && ir.Same(x.Type(), y.Type()) {
		return f.complexOp(mark, e.OpPos, op, x, y)
	}
	if op.Compares() {
		x, y = f.sameStructs(x, y)
	}
	return f.operate(op, x, y, e, e.X, e.Y)
}

// comparable refuses comparisons that no device has.
func (f *function) comparable(e *ast.BinaryExpr) {
	for _, x := range []ast.Expr{e.X, e.Y} {
		t := f.subst(f.info.TypeOf(x))
		if t == nil {
			continue
		}
		switch t.Underlying().(type) {
		case *types.Pointer:
			f.refuse(e.OpPos, "pointers cannot be compared on a device", "compare what they point to")
		case *types.Slice:
			f.refuse(e.OpPos, "a slice cannot be compared with nil on a device", "use len(s) == 0")
		}
	}
}

// sameStructs makes operands of a comparison one type: one may be of a struct without name.
func (f *function) sameStructs(x, y ir.Expr) (ir.Expr, ir.Expr) {
	if x.Type().Kind == ir.Struct && y.Type().Kind == ir.Struct && !ir.Same(x.Type(), y.Type()) {
		return x, f.as(x.Type(), y)
	}
	return x, y
}

// operate is x op y, with the checks that it needs. at is the whole expression.
func (f *function) operate(op ir.BinaryOp, x, y ir.Expr, at, left, right ast.Expr) ir.Expr {
	kind := y.Type().Kind
	switch op {
	case ir.Div, ir.Rem:
		if kind.IsInteger() {
			if lo, hi := f.facts.interval(y); lo <= 0 && hi >= 0 {
				f.check(ir.DivideZero, at, left.Pos(), &ir.Binary{Op: ir.Eq, X: y, Y: integer(y.Type(), 0)}, nil, nil)
			}
		}
	case ir.Shl, ir.Shr:
		if lo, _ := f.facts.interval(y); kind.IsSigned() && lo < 0 {
			f.check(ir.ShiftCount, at, left.Pos(), &ir.Binary{Op: ir.Lt, X: y, Y: integer(y.Type(), 0)}, nil, nil)
		}
		return &ir.Binary{Op: op, X: x, Y: y}
	}
	if !ir.Same(x.Type(), y.Type()) {
		f.refuse(at.Pos(), "operands of "+op.String()+" have two types", "")
	}
	b := &ir.Binary{Op: op, X: x, Y: y}
	if op.Compares() {
		if n := narrowPair(b); n != nil {
			return n
		}
	}
	return b
}

// logic is && or ||: what the right side emits is run only where Go runs it.
func (f *function) logic(op ir.BinaryOp, left, right func() ir.Expr) ir.Expr {
	mark := f.mark()
	x := left()
	var y ir.Expr
	rest := f.list(func() {
		if op == ir.LAnd {
			f.facts.assume(x)
		}
		y = right()
	})
	if len(rest) == 0 {
		if f.calls && !f.steady(x, y) {
			t := f.spill(mark, &ir.Binary{Op: op, X: x, Y: y}, "ok")
			return t
		}
		return &ir.Binary{Op: op, X: x, Y: y}
	}
	t := f.spill(mark, x, "ok")
	f.facts.varies(t.Var)
	var cond ir.Expr = t
	if op == ir.LOr {
		cond = &ir.Unary{Op: ir.LNot, X: t}
	}
	f.emit(&ir.If{Cond: cond, Then: append(rest, &ir.Assign{Place: t, X: y})})
	return t
}

// steady says that no call changes the values: they read no memory, and no variable that a
// callee may change.
func (f *function) steady(list ...ir.Expr) bool {
	for _, x := range list {
		ok := true
		ir.Inside(x, func(x ir.Expr) {
			switch x := x.(type) {
			case *ir.Deref:
				ok = false
			case *ir.Elem:
				ok = ok && x.X.Type().Kind != ir.Slice
			case *ir.Ref:
				ok = ok && !f.facts.moving[x.Var]
			}
		})
		if !ok {
			return false
		}
	}
	return true
}

// as gives a value another type that Go takes it for: of structs with the same fields.
func (f *function) as(t *ir.Type, x ir.Expr) ir.Expr {
	from := x.Type()
	if ir.Same(t, from) || t.Kind != ir.Struct || from.Kind != ir.Struct || len(t.Fields) != len(from.Fields) {
		return x
	}
	if _, ok := x.(*ir.Zero); ok {
		return &ir.Zero{T: t}
	}
	if !isPlace(x) {
		x = f.spill(0, x, "t")
	}
	m := &ir.Make{T: t}
	for i := range t.Fields {
		m.Elems = append(m.Elems, f.as(t.Fields[i].Type, &ir.FieldOf{X: x, I: i}))
	}
	return m
}

// valueOf translates e as a value of type t.
func (f *function) valueOf(e ast.Expr, t *ir.Type) ir.Expr {
	if id, ok := ast.Unparen(e).(*ast.Ident); ok {
		if _, ok := f.object(id).(*types.Nil); ok && t.Kind == ir.Slice {
			return &ir.Zero{T: t}
		}
	}
	if tv := f.info.Types[e]; tv.Value != nil && (t.Kind.IsScalar() || f.unit.isComplex(t)) {
		if b, ok := tv.Type.(*types.Basic); ok && b.Info()&types.IsUntyped != 0 { // in a literal of a type of an earlier cell
			return f.constantOf(e, tv.Value, t)
		}
	}
	x := f.as(t, f.expr(e))
	if !ir.Same(t, x.Type()) {
		f.refuse(e.Pos(), types.ExprString(e)+" is not a "+t.String(), "")
	}
	return x
}
