package translate

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"math"
	"slices"
	"strings"

	"github.com/adabc437/fanout/parallel/device/ir"
)

// library names the package and the function if fun is one of math or math/bits.
func (f *function) library(fun ast.Expr) (pkg, name string) {
	sel, ok := ast.Unparen(fun).(*ast.SelectorExpr)
	if !ok {
		if id, is := ast.Unparen(fun).(*ast.Ident); is { // a dot import
			return f.libraryName(f.info.Uses[id])
		}
		return "", ""
	}
	if f.info.Selections[sel] != nil {
		return "", ""
	}
	return f.libraryName(f.info.Uses[sel.Sel])
}

func (f *function) libraryName(obj types.Object) (pkg, name string) {
	fn, ok := obj.(*types.Func)
	if !ok || fn.Pkg() == nil {
		return "", ""
	}
	if p := fn.Pkg().Path(); p == "math" || p == "math/bits" {
		return p, fn.Name()
	}
	return "", ""
}

// mathFunctions are those of package math that package ir has, with the kind of the result
// where it is no float64.
var mathFunctions = func() map[string]ir.Kind {
	m := map[string]ir.Kind{}
	for _, name := range strings.Fields(`Sqrt Cbrt Exp Exp2 Expm1 Log Log2 Log10 Log1p Sin Cos Tan Asin Acos Atan Sinh Cosh
		Tanh Asinh Acosh Atanh Floor Ceil Trunc Round RoundToEven Abs Erf Erfc Gamma Atan2 Pow Mod Remainder Hypot
		Max Min Dim Copysign Nextafter FMA Inf NaN Float64frombits Ldexp Logb`) {
		m[name] = ir.Float64
	}
	m["IsNaN"], m["IsInf"], m["Signbit"] = ir.Bool, ir.Bool, ir.Bool
	m["Float64bits"], m["Float32bits"], m["Float32frombits"], m["Ilogb"] = ir.Uint64, ir.Uint32, ir.Float32, ir.Int64
	return m
}()

// libraryValue is a call of a function of math or math/bits with one result as an
// expression, or nil.
func (f *function) libraryValue(e *ast.CallExpr) ir.Expr {
	lib, name := f.library(e.Fun)
	if lib == "" {
		return nil
	}
	sig, ok := f.info.TypeOf(e.Fun).(*types.Signature)
	if !ok || sig.Results().Len() != 1 {
		return nil
	}
	mark := f.mark()
	var args []ir.Expr
	if sig.Params().Len() == len(e.Args) {
		for _, a := range e.Args {
			args = append(args, f.expr(a))
		}
	} else if c, ok := ast.Unparen(e.Args[0]).(*ast.CallExpr); ok {
		args = f.call(c, nil)
	}
	x := f.libraryExpr(e.Pos(), lib, name, args)
	if f.calls && !f.steady(args...) { // calls are in order, and a later one may change the arguments
		return f.spill(mark, x, "m")
	}
	return x
}

func (f *function) libraryExpr(pos token.Pos, lib, name string, args []ir.Expr) ir.Expr {
	if lib == "math" {
		k, ok := mathFunctions[name]
		if !ok || ir.Functions[name] != len(args) {
			f.notThere(pos, "math."+name)
		}
		x := &ir.Math{Fn: name, T: ir.Scalar(k), Args: args}
		if k == ir.Bool {
			if y := narrowMath(x); y != nil {
				return y
			}
		}
		return x
	}
	base := strings.TrimRight(name, "0123456789")
	switch base {
	case "OnesCount", "LeadingZeros", "TrailingZeros", "Len":
		return &ir.Math{Fn: base, T: int64Type, Args: args}
	case "Reverse", "ReverseBytes", "RotateLeft":
		return &ir.Math{Fn: base, T: args[0].Type(), Args: args}
	}
	f.notThere(pos, "bits."+name)
	return nil
}

func (f *function) notThere(pos token.Pos, name string) {
	f.refuse(pos, name+" is not there on a device", "write what you need of it as a function of the session")
}

// libraryCall is a call of a function of math or math/bits as a statement, or with several
// results.
func (f *function) libraryCall(e *ast.CallExpr, lib, name string, into []*ir.Var) []ir.Expr {
	var values []ir.Expr
	if x := f.libraryValue(e); x != nil {
		f.flush(0)
		values = []ir.Expr{x}
	} else {
		var args []ir.Expr
		sig, _ := f.info.TypeOf(e.Fun).(*types.Signature)
		if sig == nil || len(e.Args) != sig.Params().Len() {
			f.refuse(e.Pos(), "the arguments of "+lib+"."+name+" must stand one by one on a device", "put them into variables")
		}
		for _, a := range e.Args {
			x := f.expr(a)
			if _, ok := x.(*ir.Const); !ok {
				x = f.spill(0, x, "x")
			}
			args = append(args, x)
		}
		values = f.several(e.Pos(), lib, name, args)
	}
	if into == nil {
		return values
	}
	for i, x := range values {
		if i < len(into) && into[i] != nil {
			f.emit(&ir.Declare{Var: into[i], Init: x})
			values[i] = &ir.Ref{Var: into[i]}
		}
	}
	return values
}

// several are the results of a function that has more than one.
func (f *function) several(pos token.Pos, lib, name string, args []ir.Expr) []ir.Expr {
	fn := func(name string, t *ir.Type, args ...ir.Expr) ir.Expr { return &ir.Math{Fn: name, T: t, Args: args} }
	op := func(op ir.BinaryOp, x, y ir.Expr) ir.Expr { return &ir.Binary{Op: op, X: x, Y: y} }
	spill := func(x ir.Expr, name string) ir.Expr { return f.spill(0, x, name) }
	if lib == "math" {
		x := args[0]
		switch name {
		case "Sincos":
			return []ir.Expr{spill(fn("Sin", float64Type, x), "sin"), spill(fn("Cos", float64Type, x), "cos")}
		case "Modf":
			whole := spill(fn("Trunc", float64Type, x), "whole")
			return []ir.Expr{whole, spill(fn("Copysign", float64Type, op(ir.SubOp, x, whole), x), "frac")}
		case "Frexp":
			return f.frexp(x)
		}
		f.notThere(pos, "math."+name)
	}
	t := args[0].Type()
	var top ir.Expr = integer(uint64Type, 63)
	if t.Kind == ir.Uint32 {
		top = integer(uint64Type, 31)
	}
	switch strings.TrimRight(name, "0123456789") {
	case "Add":
		// As math/bits: a carry comes out where both have the top bit, or one has and the sum
		// has not.
		x, y := args[0], args[1]
		sum := spill(op(ir.Add, op(ir.Add, x, y), args[2]), "sum")
		carry := op(ir.Shr, op(ir.Or, op(ir.And, x, y), op(ir.AndNot, op(ir.Or, x, y), sum)), top)
		return []ir.Expr{sum, spill(carry, "carry")}
	case "Sub":
		x, y := args[0], args[1]
		diff := spill(op(ir.SubOp, op(ir.SubOp, x, y), args[2]), "diff")
		notX := &ir.Unary{Op: ir.Not, X: x}
		same := &ir.Unary{Op: ir.Not, X: op(ir.Xor, x, y)}
		borrow := op(ir.Shr, op(ir.Or, op(ir.And, notX, y), op(ir.And, same, diff)), top)
		return []ir.Expr{diff, spill(borrow, "borrow")}
	case "Mul":
		return []ir.Expr{spill(fn("MulHi", t, args[0], args[1]), "hi"), spill(op(ir.Mul, args[0], args[1]), "lo")}
	}
	f.notThere(pos, "bits."+name)
	return nil
}

// frexp is math.Frexp, by the bits of x: x itself where it is 0, infinite or no number.
func (f *function) frexp(x ir.Expr) []ir.Expr {
	op := func(op ir.BinaryOp, x, y ir.Expr) ir.Expr { return &ir.Binary{Op: op, X: x, Y: y} }
	frac := f.spill(0, x, "frac")
	exp := f.spill(0, integer(int64Type, 0), "exp")
	f.facts.varies(frac.Var)
	f.facts.varies(exp.Var)
	bits := f.newVar("bits", uint64Type)
	isNumber := &ir.Unary{Op: ir.LNot, X: op(ir.LOr,
		op(ir.LOr, op(ir.Eq, frac, &ir.Const{T: float64Type}), &ir.Math{Fn: "IsNaN", T: boolType, Args: []ir.Expr{frac}}),
		&ir.Math{Fn: "IsInf", T: boolType, Args: []ir.Expr{frac, integer(int64Type, 0)}})}
	half := op(ir.Or, op(ir.AndNot, &ir.Ref{Var: bits}, integer(uint64Type, 0x7ff<<52)), integer(uint64Type, 0x3fe<<52))
	exponent := op(ir.Add, exp, op(ir.SubOp, convert(int64Type, op(ir.And, op(ir.Shr, &ir.Ref{Var: bits}, integer(uint64Type, 52)), integer(uint64Type, 0x7ff))), integer(int64Type, 0x3fe)))
	least, scale := float(0x1p-1022), float(0x1p52)
	f.emit(&ir.If{Cond: isNumber, Then: []ir.Stmt{
		&ir.If{
			Cond: op(ir.Lt, &ir.Math{Fn: "Abs", T: float64Type, Args: []ir.Expr{frac}}, least),
			Then: []ir.Stmt{
				&ir.Assign{Place: frac, X: op(ir.Mul, frac, scale)},
				&ir.Assign{Place: exp, X: integer(int64Type, -52)},
			},
		},
		&ir.Declare{Var: bits, Init: &ir.Math{Fn: "Float64bits", T: uint64Type, Args: []ir.Expr{frac}}},
		&ir.Assign{Place: exp, X: exponent},
		&ir.Assign{Place: frac, X: &ir.Math{Fn: "Float64frombits", T: float64Type, Args: []ir.Expr{half}}},
	}})
	return []ir.Expr{frac, exp}
}

func float(x float64) *ir.Const { return &ir.Const{T: float64Type, Bits: math.Float64bits(x)} }

// builtin is a call of a function of the language; nil if it has no value.
func (f *function) builtin(e *ast.CallExpr, name string) ir.Expr {
	f.known(e.Args...)
	switch name {
	case "len", "cap":
		return f.length(e, name)
	case "min", "max":
		x := f.expr(e.Args[0])
		for _, a := range e.Args[1:] {
			y := f.expr(a)
			if !x.Type().Kind.IsScalar() || !ir.Same(x.Type(), y.Type()) {
				f.refuse(a.Pos(), "arguments of "+name+" have two types", "")
			}
			x = &ir.Math{Fn: name, T: x.Type(), Args: []ir.Expr{x, y}}
		}
		return x
	case "copy":
		return f.copySlices(e)
	case "clear":
		f.clear(e)
		return nil
	case "panic":
		f.panic(e)
		return nil
	case "make", "append":
		f.refuse(e.Pos(), name+" needs memory, which a device does not give", "use a fixed array, such as [16]float64, or a slice that the caller passes for the results")
	case "new":
		return f.newVariable(e)
	case "recover":
		f.refuse(e.Pos(), "a device cannot recover from a panic: the task ends", "check before what can fail")
	case "print", "println":
		f.refuse(e.Pos(), "a device cannot print", "return the values, and print them afterwards")
	case "delete":
		f.refuse(e.Pos(), "a map cannot be on a device", "use an array or a slice")
	case "close":
		f.refuse(e.Pos(), "a device has no channels", "return values")
	case "complex":
		return f.makeComplex(e)
	case "real":
		return f.part(e.Args[0], 0)
	case "imag":
		return f.part(e.Args[0], 1)
	}
	f.refuse(e.Pos(), name+" is not there on a device", "")
	return nil
}

// newVariable is new(T): a variable of the task.
func (f *function) newVariable(e *ast.CallExpr) ir.Expr {
	mark := f.mark()
	var x ir.Expr
	if tv := f.info.Types[e.Args[0]]; tv.IsType() {
		x = &ir.Zero{T: f.irType(e.Args[0].Pos(), tv.Type, "")}
		if x.Type().Kind.IsScalar() {
			x = zero(x.Type())
		}
	} else { // new(x), since Go 1.26
		x = f.expr(e.Args[0])
	}
	if k := x.Type().Kind; k == ir.Slice || k == ir.Pointer {
		f.refuse(e.Pos(), "new of a slice or a pointer cannot be on a device", "use a local variable, and its address")
	}
	v := f.spill(mark, x, "t")
	f.facts.varies(v.Var)
	return &ir.Address{Place: v}
}

func (f *function) length(e *ast.CallExpr, name string) ir.Expr {
	t := f.subst(f.info.TypeOf(e.Args[0]))
	if p, ok := t.Underlying().(*types.Pointer); ok {
		t = p.Elem()
	}
	switch t := t.Underlying().(type) {
	case *types.Array: // not constant: there is a call in the argument, or a type parameter
		f.expr(e.Args[0])
		return integer(int64Type, t.Len())
	case *types.Slice:
		x := f.thing(e.Args[0])
		if x.Type().Kind == ir.Array { // a slice that is one
			return integer(int64Type, x.Type().Len)
		}
		if name == "cap" {
			return &ir.Cap{X: x}
		}
		return &ir.Len{X: x}
	}
	f.expr(e.Args[0]) // says why not
	f.refuse(e.Pos(), name+" of this is not there on a device", "use an array or a slice")
	return nil
}

// copySlices copies elements one by one; from the end if both are parts of one slice and the
// source begins before the destination.
func (f *function) copySlices(e *ast.CallExpr) ir.Expr {
	dst, src := f.asSlice(e.Args[0]), f.asSlice(e.Args[1])
	f.flush(0)
	to, toLo := partOf(dst)
	from, fromLo := partOf(src)
	if to != from && !f.keptApart(to, from) {
		f.refuse(e.Pos(), "copy cannot tell on a device whether "+types.ExprString(e.Args[0])+" and "+types.ExprString(e.Args[1])+" overlap", "write both as parts of parameters, such as xs[1:], or use a loop")
	}
	n := f.spill(0, &ir.Math{Fn: "min", T: int64Type, Args: []ir.Expr{&ir.Len{X: dst}, &ir.Len{X: src}}}, "n")
	move := func(at func(i ir.Expr) ir.Expr) []ir.Stmt {
		return f.counted(n, func(i ir.Expr) {
			f.emitAt(e.Pos(), &ir.Assign{Place: &ir.Elem{X: dst, I: at(i)}, X: &ir.Elem{X: src, I: at(i)}})
		})
	}
	up := move(func(i ir.Expr) ir.Expr { return i })
	if to != from {
		f.emit(up...)
		return n
	}
	down := move(func(i ir.Expr) ir.Expr {
		last := &ir.Binary{Op: ir.SubOp, X: n, Y: integer(int64Type, 1)}
		return &ir.Binary{Op: ir.SubOp, X: last, Y: i}
	})
	f.emit(&ir.If{Cond: &ir.Binary{Op: ir.Le, X: toLo, Y: fromLo}, Then: up, Else: down})
	return n
}

// partOf is the variable that a slice is a part of, and where the part begins.
func partOf(x ir.Expr) (*ir.Var, ir.Expr) {
	var lo ir.Expr = integer(int64Type, 0)
	for {
		switch e := x.(type) {
		case *ir.Ref:
			return e.Var, lo
		case *ir.Sub:
			x, lo = e.X, &ir.Binary{Op: ir.Add, X: lo, Y: e.Lo}
		default:
			return nil, lo
		}
	}
}

// keptApart says whether a and b can be two slices that do not overlap: they are if they are
// two parameters that are never assigned to, which callers then see to.
func (f *function) keptApart(a, b *ir.Var) bool {
	i, j := f.param(a), f.param(b)
	if i < 0 || j < 0 || i == j {
		return false
	}
	f.apart = append(f.apart, [2]int{i, j})
	return true
}

// param is the number of a parameter that is never assigned to, or -1.
func (f *function) param(v *ir.Var) int {
	for u, x := range f.values {
		if r, ok := x.(*ir.Ref); ok && r.Var == v && !f.use.fixed(u) {
			return -1
		}
	}
	return slices.Index(f.ir.Params, v)
}

// asSlice translates an argument of copy or clear.
func (f *function) asSlice(e ast.Expr) ir.Expr {
	x := f.expr(e)
	if x.Type().Kind != ir.Slice {
		f.refuse(e.Pos(), types.ExprString(e)+" is no slice, which it must be on a device", "use a loop")
	}
	if x.Type().Elem.Kind == ir.Slice {
		f.refuse(e.Pos(), "the rows of a slice of slices cannot be changed on a device", "use a loop over the elements of each row")
	}
	return x
}

func (f *function) clear(e *ast.CallExpr) {
	x := f.asSlice(e.Args[0])
	if !isPlace(x) {
		x = f.spill(0, x, "t")
	}
	f.flush(0)
	f.emit(f.counted(&ir.Len{X: x}, func(i ir.Expr) {
		f.emitAt(e.Pos(), &ir.Assign{Place: &ir.Elem{X: x, I: i}, X: zero(x.Type().Elem)})
	})...)
}

// panic ends the task with a constant message.
func (f *function) panic(e *ast.CallExpr) {
	v := f.info.Types[e.Args[0]].Value
	if v == nil || v.Kind() != constant.String {
		f.refuse(e.Pos(), "panic on a device needs a constant string", `use a constant message, such as panic("too large")`)
	}
	f.flush(0)
	f.emit(&ir.Check{Cond: truth(true), Site: f.site(ir.Panic, e.Pos(), "panic: "+constant.StringVal(v))})
}
