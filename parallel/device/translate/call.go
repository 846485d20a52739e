package translate

import (
	"errors"
	"go/ast"
	"go/token"
	"go/types"
	"strings"

	"github.com/adabc437/fanout/parallel/device/ir"
)

// callValue is a call or a conversion as an expression.
func (f *function) callValue(e *ast.CallExpr) ir.Expr {
	if f.info.Types[e.Fun].IsType() {
		return f.conversion(e)
	}
	if b := f.builtinName(e.Fun); b != "" {
		x := f.builtin(e, b)
		if x == nil {
			f.refuse(e.Pos(), b+" has no value", "")
		}
		return x
	}
	if x := f.libraryValue(e); x != nil {
		return x
	}
	results := f.call(e, nil)
	if len(results) != 1 {
		f.refuse(e.Pos(), types.ExprString(e.Fun)+" does not have one value", "")
	}
	return results[0]
}

func (f *function) builtinName(fun ast.Expr) string {
	id, ok := ast.Unparen(fun).(*ast.Ident)
	if sel, is := ast.Unparen(fun).(*ast.SelectorExpr); is {
		if b, is := f.info.Uses[sel.Sel].(*types.Builtin); is { // unsafe.Sizeof
			return "unsafe." + b.Name()
		}
	}
	if ok {
		if b, ok := f.info.Uses[id].(*types.Builtin); ok {
			return b.Name()
		}
	}
	return ""
}

// call calls a function of the user and gives its results. into has variables for them, or
// is nil, or has nils.
func (f *function) call(e *ast.CallExpr, into []*ir.Var) []ir.Expr {
	if lib, name := f.library(e.Fun); lib != "" {
		return f.libraryCall(e, lib, name, into)
	}
	mark := f.mark() // what stands in front of the call is checked where it is used, behind it
	with := f.passed(e)
	f.passing, f.spreading = with, f.spreadOf(e)
	callee, args := f.callee(e)
	f.passing, f.spreading = nil, 0
	params := callee.ir.Params[:len(callee.ir.Params)-len(callee.extras)]
	args = append(args, f.arguments(e, callee, with, params[len(args):])...)
	if len(args) != len(params) {
		f.refuse(e.Pos(), "this call has another number of arguments", "")
	}
	args = append(args, f.outsides(e.Pos(), callee)...)
	for _, p := range callee.apart {
		a, _ := partOf(args[p[0]])
		b, _ := partOf(args[p[1]])
		if !f.keptApart(a, b) {
			f.refuse(e.Pos(), types.ExprString(e.Fun)+" copies between two slices, and a device cannot tell whether they overlap here", "pass two parameters, or use a loop")
		}
	}
	f.flush(mark)
	return f.emitCall(e.Pos(), callee.ir, args, into)
}

func (f *function) emitCall(pos token.Pos, callee *ir.Func, args []ir.Expr, into []*ir.Var) []ir.Expr {
	c := &ir.Call{Func: callee, Args: args}
	var values []ir.Expr
	for i, t := range callee.Results {
		var v *ir.Var
		switch {
		case into == nil:
			v = f.newVar("r", t)
		case i < len(into):
			v = into[i]
		}
		c.Results = append(c.Results, v)
		if v != nil {
			values = append(values, &ir.Ref{Var: v})
		} else {
			values = append(values, zero(t))
		}
	}
	f.emitAt(pos, c)
	return values
}

// outsides are the arguments for what the callee reads from outside.
func (f *function) outsides(pos token.Pos, callee *function) []ir.Expr {
	var args []ir.Expr
	for _, x := range callee.extras {
		arg := f.value(pos, x.v)
		if x.param.Type.Kind == ir.Pointer && arg.Type().Kind != ir.Pointer {
			if d, ok := arg.(*ir.Deref); ok {
				arg = d.X
			} else {
				arg = &ir.Address{Place: arg}
			}
		}
		args = append(args, arg)
	}
	return args
}

// arguments translates the arguments of a call for the parameters.
func (f *function) arguments(e *ast.CallExpr, callee *function, with map[int]*function, params []*ir.Var) []ir.Expr {
	sig, _ := f.subst(f.info.TypeOf(e.Fun)).Underlying().(*types.Signature)
	if sig != nil && sig.Variadic() && !e.Ellipsis.IsValid() {
		if args := f.spreadArguments(e, callee, params); args != nil {
			return args
		}
		f.refuse(e.Pos(), "the variadic function "+types.ExprString(e.Fun)+" needs memory for its arguments, which a device does not give", "pass a slice: "+types.ExprString(e.Fun)+"(s...)")
	}
	if len(e.Args) == 1 && len(params) != 1 {
		if c, ok := ast.Unparen(e.Args[0]).(*ast.CallExpr); ok {
			values := f.call(c, nil)
			if len(values) == len(params) {
				for i := range values {
					values[i] = f.as(params[i].Type, values[i])
				}
				return values
			}
		}
	}
	if len(e.Args) != len(params)+len(with) {
		f.refuse(e.Pos(), "this call has another number of arguments", "")
	}
	var args []ir.Expr
	for i, a := range e.Args {
		if with[i] == nil {
			args = append(args, f.valueOf(a, params[len(args)].Type))
		}
	}
	return args
}

// spreadOf is how many arguments of a call are the variadic parameter's, one by one.
func (f *function) spreadOf(e *ast.CallExpr) int {
	t := f.subst(f.info.TypeOf(e.Fun))
	if t == nil || e.Ellipsis.IsValid() {
		return 0
	}
	sig, ok := t.Underlying().(*types.Signature)
	if !ok || !sig.Variadic() {
		return 0
	}
	return max(0, len(e.Args)-sig.Params().Len()+1)
}

// spreadArguments are the arguments of a call of a variadic function that has them as an
// array, or that gets none for the slice; otherwise nil.
func (f *function) spreadArguments(e *ast.CallExpr, callee *function, params []*ir.Var) []ir.Expr {
	n, last := f.spreadOf(e), len(params)-1
	if last < 0 || len(e.Args) != last+n {
		return nil
	}
	t := params[last].Type
	if n > 0 && (t.Kind != ir.Array || callee.spread != n) {
		return nil
	}
	var args []ir.Expr
	for i, a := range e.Args[:last] {
		args = append(args, f.valueOf(a, params[i].Type))
	}
	if n == 0 {
		return append(args, &ir.Zero{T: t})
	}
	rest := &ir.Make{T: t}
	for _, a := range e.Args[last:] {
		rest.Elems = append(rest.Elems, f.valueOf(a, t.Elem))
	}
	return append(args, rest)
}

// callee finds the function that is called, and its receiver.
func (f *function) callee(e *ast.CallExpr) (*function, []ir.Expr) {
	fun := ast.Unparen(e.Fun)
	switch x := fun.(type) {
	case *ast.FuncLit:
		return f.literal(x, f.ir.Name+"_func", "a function literal in "+f.ir.Go, ""), nil
	case *ast.Ident:
		switch obj := f.object(x).(type) {
		case *types.Func:
			return f.declared(obj, f.typeArgs(x), fun), nil
		case *types.Var:
			if l := f.local(obj); l != nil {
				return l, nil
			}
			if f.unit.config.Variable != nil && f.foreign(obj) && f.values[obj] == nil {
				return f.held(x, obj), nil
			}
			f.value(x.Pos(), obj) // says why not
		}
	case *ast.IndexExpr, *ast.IndexListExpr:
		if id := instanceName(fun); id != nil {
			if obj, ok := f.info.Uses[id].(*types.Func); ok {
				return f.declared(obj, f.typeArgs(id), fun), nil
			}
		}
	case *ast.SelectorExpr:
		return f.selected(x)
	}
	f.refuse(e.Pos(), "only declared functions can be called on a device", "declare it with func")
	return nil, nil
}

// instanceName is the name in f[T] or pkg.f[T].
func instanceName(x ast.Expr) *ast.Ident {
	switch e := x.(type) {
	case *ast.IndexExpr:
		x = e.X
	case *ast.IndexListExpr:
		x = e.X
	}
	switch e := ast.Unparen(x).(type) {
	case *ast.Ident:
		return e
	case *ast.SelectorExpr:
		return e.Sel
	}
	return nil
}

// typeArgs are the type arguments with which a generic function is named.
func (f *function) typeArgs(id *ast.Ident) []types.Type {
	var list []types.Type
	if in, ok := f.info.Instances[id]; ok {
		for i := range in.TypeArgs.Len() {
			list = append(list, f.subst(in.TypeArgs.At(i)))
		}
	}
	return list
}

// selected finds the function of a call x.M(…), pkg.F(…) or T.M(…).
func (f *function) selected(x *ast.SelectorExpr) (*function, []ir.Expr) {
	s := f.info.Selections[x]
	if s == nil {
		if obj, ok := f.info.Uses[x.Sel].(*types.Func); ok {
			return f.declared(obj, f.typeArgs(x.Sel), x), nil
		}
		f.selector(x) // says why not
	}
	recv := f.subst(s.Recv())
	switch s.Kind() {
	case types.FieldVal:
		f.known(x.X)
		f.refuse(x.Pos(), types.ExprString(x)+" is a field that holds a function, which cannot be on a device", "declare it with func and call it by its name")
	case types.MethodExpr:
		m, path := f.method(x, recv)
		if len(path) > 0 {
			f.refuse(x.Pos(), "a method expression of a promoted method cannot be on a device", "name the embedded type")
		}
		if _, ptr := recv.Underlying().(*types.Pointer); ptr != isPointer(m.Signature().Recv().Type()) {
			f.refuse(x.Pos(), "the method expression "+types.ExprString(x)+" has another kind of receiver than its method", "leave out the *")
		}
		return f.declaredMethod(m, x), nil
	}
	m, path := f.method(x, recv)
	callee := f.declaredMethod(m, x)
	return callee, []ir.Expr{f.receiver(x, m, path)}
}

func isPointer(t types.Type) bool {
	_, ok := types.Unalias(t).(*types.Pointer)
	return ok
}

// method finds the method that x.M names for a receiver's type, and the embedded fields
// on the way to it.
func (f *function) method(x *ast.SelectorExpr, recv types.Type) (*types.Func, []int) {
	s := f.info.Selections[x]
	obj, path, _ := types.LookupFieldOrMethod(recv, true, s.Obj().Pkg(), s.Obj().Name())
	m, ok := obj.(*types.Func)
	if !ok {
		f.refuse(x.Pos(), types.ExprString(x)+" is no method", "")
	}
	if r := m.Signature().Recv(); r == nil || types.IsInterface(r.Type()) {
		f.refuse(x.Pos(), types.ExprString(x)+" is a method of an interface, which cannot be on a device", "use the concrete type, or a generic function")
	}
	return m, path[:len(path)-1]
}

func (f *function) declaredMethod(m *types.Func, at ast.Expr) *function {
	var targs []types.Type
	recv := m.Signature().Recv().Type()
	if p, ok := types.Unalias(recv).(*types.Pointer); ok {
		recv = p.Elem()
	}
	if n, ok := types.Unalias(recv).(*types.Named); ok {
		for i := range n.TypeArgs().Len() {
			targs = append(targs, f.subst(n.TypeArgs().At(i)))
		}
	}
	return f.declared(m, targs, at)
}

// receiver is the first argument of a method.
func (f *function) receiver(x *ast.SelectorExpr, m *types.Func, path []int) ir.Expr {
	if !isPointer(m.Signature().Recv().Type()) {
		v := f.expr(x.X)
		if v.Type().Kind == ir.Pointer {
			v = &ir.Deref{X: v}
		}
		if len(path) > 0 && !isPlace(v) {
			v = f.spill(0, v, "t")
		}
		return f.fields(x.Sel.Pos(), v, path)
	}
	if t := f.subst(f.info.TypeOf(x.X)); isPointer(t.Underlying()) && len(path) == 0 {
		return f.pointer(x.X)
	}
	if v := rootVar(f.info, x.X); v != nil && f.foreign(v) && !isPointer(f.subst(f.info.TypeOf(x.X)).Underlying()) {
		f.refuse(x.Pos(), "method "+x.Sel.Name+" has a pointer as its receiver, and "+v.Name()+" is a variable of the session: tasks have a copy of it, and no address", "give the method a value as its receiver, or copy "+v.Name()+" to a variable of the function first")
	}
	p := f.fields(x.Sel.Pos(), f.thing(x.X), path)
	if inSlice(p) {
		f.refuse(x.Pos(), "method "+x.Sel.Name+" has a pointer as its receiver, and an element of a slice has no address on a device", "copy the element to a variable, and assign it back")
	}
	if d, ok := p.(*ir.Deref); ok {
		return d.X
	}
	return &ir.Address{Place: p}
}

// declared is a declared function, translated.
func (f *function) declared(fn *types.Func, targs []types.Type, at ast.Expr) *function {
	u, origin, pos := f.unit, fn.Origin(), position(f.fset, at.Pos())
	with, spread := f.passing, f.spreading
	f.passing, f.spreading = nil, 0
	for i, s := range u.stack {
		if s.origin == origin && len(with) > 0 { // maybe with other functions each time
			f.recursion(u.stack[i:], at)
		}
	}
	for _, g := range u.funcs[origin] {
		if identical(g.targList, targs) && samePassed(g.with, with) && g.spread == spread {
			for i, s := range u.stack {
				if s == g {
					f.recursion(u.stack[i:], at)
				}
			}
			if g.bad {
				f.fail()
			}
			return g
		}
	}
	if sig := origin.Signature(); sig.TypeParams().Len() > len(targs) && sig.Recv() == nil {
		f.refuse(at.Pos(), fn.Name()+" is generic: its type arguments are not known here", "name an instance, such as "+fn.Name()+"[float64]")
	}
	name := types.ExprString(at)
	if r := fn.Signature().Recv(); r != nil {
		name = typeName(r.Type()) + "." + fn.Name()
		if fn.Pkg() != nil && strings.HasSuffix(fn.Pkg().Path(), "/parallel/device") {
			name = types.ExprString(at)
		}
	}
	src, err := f.complexSource(at.Pos(), origin)
	if src == nil && err == nil {
		src, err = f.source(origin)
	}
	if err != nil {
		hint := libraryHint(fn)
		if m := (*Missing)(nil); errors.As(err, &m) {
			hint = m.Hint
		}
		u.report(pos, name+" cannot be called on a device: "+err.Error(), hint)
		f.fail()
	}
	g := u.newFunction(src.Fset, src.Info)
	g.origin, g.targList, g.with, g.spread, g.comments = origin, targs, with, spread, src.Comments
	u.funcs[origin] = append(u.funcs[origin], g)
	g.declare(src, name)
	if g.bad {
		f.fail()
	}
	return g
}

func (f *function) source(fn *types.Func) (*Source, error) {
	if f.unit.config.Declaration == nil {
		return nil, errNoSource
	}
	src, err := f.unit.config.Declaration(fn)
	if err != nil {
		return nil, err
	}
	if src == nil || src.Decl == nil || src.Decl.Body == nil {
		return nil, errNoSource
	}
	return src, nil
}

func identical(a, b []types.Type) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if !types.Identical(a[i], b[i]) {
			return false
		}
	}
	return true
}

// recursion refuses a call of a function that is being translated.
func (f *function) recursion(cycle []*function, at ast.Expr) {
	var names []string
	for _, g := range cycle {
		if g.origin != nil {
			names = append(names, g.ir.Go)
		}
	}
	names = append(names, names[0])
	f.refuse(at.Pos(), "recursion is not there on a device: "+strings.Join(names, " → "), "use a loop, with an array as a stack if need be")
}

func typeName(t types.Type) string {
	if p, ok := types.Unalias(t).(*types.Pointer); ok {
		t = p.Elem()
	}
	return types.TypeString(t, func(*types.Package) string { return "" })
}

// declare translates a declaration.
func (f *function) declare(src *Source, name string) {
	u := f.unit
	f.use = usageOf(src.Decl, src.Info)
	f.targs = map[*types.TypeParam]types.Type{}
	if obj, ok := src.Info.Defs[src.Decl.Name].(*types.Func); ok {
		params := obj.Signature().TypeParams()
		if params.Len() == 0 {
			params = obj.Signature().RecvTypeParams()
		}
		for i := range params.Len() {
			if i < len(f.targList) {
				f.targs[params.At(i)] = f.targList[i]
			}
		}
	}
	f.ir.Go = name
	if list := f.targList; len(list) > 0 && f.origin.Signature().Recv() == nil && !strings.Contains(name, "[") {
		var args []string
		for _, t := range list {
			args = append(args, typeName(t))
		}
		f.ir.Go = name + "[" + strings.Join(args, ", ") + "]"
	}
	f.ir.Name = u.unique(f.ir.Go)
	u.stack = append(u.stack, f)
	f.body(src.Decl.Recv, src.Decl.Type, src.Decl.Body)
	u.stack = u.stack[:len(u.stack)-1]
	u.prog.Funcs = append(u.prog.Funcs, f.ir)
}

// literal translates a function literal, which is only called.
func (f *function) literal(x *ast.FuncLit, name, goName, holder string) *function {
	g := f.unit.newFunction(f.fset, f.info)
	g.holder = holder
	g.parent, g.use, g.targs, g.targList, g.comments = f, f.use, f.targs, f.targList, f.comments
	g.ir.Go, g.ir.Name = goName, f.unit.unique(name)
	f.unit.stack = append(f.unit.stack, g)
	g.body(nil, x.Type, x.Body)
	f.said = max(f.said, x.End())
	f.unit.stack = f.unit.stack[:len(f.unit.stack)-1]
	f.unit.prog.Funcs = append(f.unit.prog.Funcs, g.ir)
	if g.bad {
		f.fail()
	}
	return g
}

func (u *unit) newFunction(fset *token.FileSet, info *types.Info) *function {
	return &function{
		unit: u, fset: fset, info: info, ir: &ir.Func{},
		values:   map[*types.Var]ir.Expr{},
		literals: map[*types.Var]*function{},
		names:    map[string]bool{},
		facts:    facts{moving: map[*ir.Var]bool{}, slices: map[*ir.Var]bool{}},
	}
}
