package direct

import (
	"fmt"
	"go/ast"
	"go/types"
	"math"
	"reflect"
	"strconv"
)

// call plans a call: its results.
func (p *planner) call(x *ast.CallExpr) func() []reflect.Value {
	fun := ast.Unparen(x.Fun)
	if tv := p.Info.Types[fun]; tv.IsType() {
		return p.conversion(x, tv.Type)
	}
	if id, ok := fun.(*ast.Ident); ok {
		if _, isMagic := p.calls[id.Name]; isMagic {
			return p.magic(x, id.Name)
		}
		if b, isBuiltin := p.Info.Uses[id].(*types.Builtin); isBuiltin {
			return p.builtin(x, b.Name())
		}
	}
	sig, ok := p.Info.TypeOf(fun).Underlying().(*types.Signature)
	if !ok {
		refuse("a call of %s", p.Info.TypeOf(fun))
	}
	if f := p.callee(fun); f != nil && started[f.FullName()] {
		refuse("%s", f.FullName())
	}
	var f value
	if s, ok := fun.(*ast.SelectorExpr); ok && p.Info.Selections[s] != nil && p.Info.Selections[s].Kind() == types.MethodVal {
		f = p.method(s)
	} else {
		f = p.expr(fun)
	}
	args := p.args(x, sig)
	return func() []reflect.Value {
		fv := f()
		in := args()
		p.at = x.Pos()
		if !fv.IsValid() || fv.IsNil() {
			panic(nilDereference)
		}
		if x.Ellipsis.IsValid() {
			return fv.CallSlice(in)
		}
		if t := fv.Type(); t.IsVariadic() && len(in) == t.NumIn()-1 { // Go passes nil, reflection an empty slice
			return fv.CallSlice(append(in, reflect.Zero(t.In(len(in)))))
		}
		return fv.Call(in)
	}
}

// started are functions that call their argument in a goroutine, or read the user's
// input: the compiler puts more around them than a call.
var started = map[string]bool{
	"(*sync.WaitGroup).Go": true, "time.AfterFunc": true, "context.AfterFunc": true,
}

func (p *planner) callee(fun ast.Expr) *types.Func {
	switch f := fun.(type) {
	case *ast.Ident:
		o, _ := p.Info.Uses[f].(*types.Func)
		return o
	case *ast.SelectorExpr:
		o, _ := p.Info.Uses[f.Sel].(*types.Func)
		return o
	}
	return nil
}

// method plans x.m, bound to x.
func (p *planner) method(s *ast.SelectorExpr) value {
	sel := p.Info.Selections[s]
	f := sel.Obj().(*types.Func)
	name := p.env.Member(f)
	if name != f.Name() && !types.IsInterface(f.Signature().Recv().Type()) {
		refuse("the unexported method %s", f.Name()) // reflection does not show it
	}
	recv := f.Signature().Recv().Type()
	_, byPointer := recv.Underlying().(*types.Pointer)
	t := p.Info.TypeOf(s.X)
	_, isPtr := t.Underlying().(*types.Pointer)
	path := sel.Index()[:len(sel.Index())-1]
	var base value
	if byPointer && !isPtr && len(path) == 0 || len(path) > 0 && !isPtr && !types.IsInterface(t) && p.addressable(s.X) {
		base = p.address(s.X)
	} else {
		base = p.expr(s.X)
	}
	return func() reflect.Value {
		v := base()
		p.at = s.Pos()
		if len(path) > 0 {
			v = p.field(v, path, s.Pos())
		}
		if v.Kind() == reflect.Interface || v.Kind() == reflect.Pointer {
			if v.IsNil() && (v.Kind() == reflect.Interface || !byPointer) {
				panic(nilDereference)
			}
		}
		if byPointer && v.Kind() != reflect.Pointer && v.CanAddr() {
			v = v.Addr()
		}
		m := v.MethodByName(name)
		if !m.IsValid() {
			panic(runtimeError("method " + name + " is not there"))
		}
		return m
	}
}

// addressable says that an expression is a variable.
func (p *planner) addressable(e ast.Expr) bool { return p.Info.Types[e].Addressable() }

// args plans the arguments of a call.
func (p *planner) args(x *ast.CallExpr, sig *types.Signature) func() []reflect.Value {
	if len(x.Args) == 1 {
		if _, isTuple := p.Info.TypeOf(x.Args[0]).(*types.Tuple); isTuple {
			call, ok := ast.Unparen(x.Args[0]).(*ast.CallExpr)
			if !ok {
				refuse("f(g())")
			}
			inner := p.call(call)
			param := make([]reflect.Type, sig.Params().Len())
			for n := range param {
				param[n] = p.typ(sig.Params().At(n).Type())
			}
			return func() []reflect.Value {
				out := inner()
				for n, v := range out {
					t := param[min(n, len(param)-1)]
					if sig.Variadic() && n >= len(param)-1 {
						t = t.Elem()
					}
					slot := reflect.New(t).Elem()
					store(slot, v)
					out[n] = slot
				}
				return out
			}
		}
	}
	list := make([]value, len(x.Args))
	for n, a := range x.Args {
		t := sig.Params().At(min(n, sig.Params().Len()-1)).Type()
		if sig.Variadic() && n >= sig.Params().Len()-1 && !x.Ellipsis.IsValid() {
			t = t.(*types.Slice).Elem()
		}
		list[n] = p.exprAs(a, t)
	}
	return func() []reflect.Value {
		out := make([]reflect.Value, len(list))
		for n, v := range list {
			out[n] = readable(copied(v()))
		}
		return out
	}
}

// conversion plans T(x).
func (p *planner) conversion(x *ast.CallExpr, t types.Type) func() []reflect.Value {
	v, rt := p.expr(x.Args[0]), p.typ(t)
	if _, isArray := t.Underlying().(*types.Array); isArray {
		refuse("a conversion to an array")
	}
	if from := p.Info.Types[x.Args[0]]; !from.IsNil() && !p.typ(from.Type).ConvertibleTo(rt) {
		refuse("a conversion to %s", t) // reflection does not take a slice of a named byte type for text
	}
	return func() []reflect.Value {
		in := v()
		p.at = x.Pos()
		out := reflect.New(rt).Elem()
		if in.IsValid() {
			if in.Kind() == reflect.Interface && rt.Kind() == reflect.Interface {
				store(out, in)
			} else {
				convert(out, readable(in))
			}
		}
		return []reflect.Value{out}
	}
}

// convert sets a variable to a value converted to its type. Numbers are converted
// as compiled code does it: reflection goes by way of float64 and of 64 bits, which
// rounds twice, and gives others of what does not fit.
func convert(out, in reflect.Value) {
	switch {
	case out.Kind() == reflect.Float32 && in.CanInt():
		out.SetFloat(float64(float32(in.Int())))
	case out.Kind() == reflect.Float32 && in.CanUint():
		out.SetFloat(float64(float32(in.Uint())))
	case in.CanFloat() && out.CanInt():
		out.SetInt(signed(in.Float(), out.Kind()))
	case in.CanFloat() && out.CanUint():
		out.SetUint(unsigned(in.Float(), out.Kind()))
	case in.Kind() == reflect.Slice && out.Kind() == reflect.Pointer && in.Len() < out.Type().Elem().Len():
		panic(runtimeError(fmt.Sprintf("cannot convert slice with length %d to array or pointer to array with length %d", in.Len(), out.Type().Elem().Len())))
	default:
		out.Set(in.Convert(out.Type()))
	}
}

func signed(f float64, k reflect.Kind) int64 {
	switch k {
	case reflect.Int8:
		return int64(int8(f))
	case reflect.Int16:
		return int64(int16(f))
	case reflect.Int32:
		return int64(int32(f))
	}
	return int64(f)
}

func unsigned(f float64, k reflect.Kind) uint64 {
	switch k {
	case reflect.Uint8:
		return uint64(uint8(f))
	case reflect.Uint16:
		return uint64(uint16(f))
	case reflect.Uint32:
		return uint64(uint32(f))
	}
	return uint64(f)
}

// magic plans the call that stands for a magic.
func (p *planner) magic(x *ast.CallExpr, name string) func() []reflect.Value {
	sig, ok := p.Info.TypeOf(x.Fun).(*types.Signature)
	if !ok || sig.TypeParams().Len() > 0 {
		refuse("a magic without a type")
	}
	var args []value
	for n, a := range x.Args {
		if n < sig.Params().Len() && !sig.Variadic() {
			args = append(args, p.exprAs(a, sig.Params().At(n).Type()))
		} else {
			args = append(args, p.expr(a))
		}
	}
	var rt reflect.Type
	if sig.Results().Len() > 0 {
		rt = p.typ(sig.Results().At(0).Type())
	}
	return func() []reflect.Value {
		var in []any
		for _, a := range args {
			in = append(in, show(copied(a())))
		}
		p.at = x.Pos()
		out := p.env.Call(name, in)
		if rt == nil {
			return nil
		}
		slot := reflect.New(rt).Elem()
		if out != nil {
			store(slot, reflect.ValueOf(out))
		}
		return []reflect.Value{slot}
	}
}

// builtin plans a call of a builtin function.
func (p *planner) builtin(x *ast.CallExpr, name string) func() []reflect.Value {
	one := func(f func() reflect.Value) func() []reflect.Value {
		return func() []reflect.Value { return []reflect.Value{f()} }
	}
	number := func(n int) reflect.Value { return reflect.ValueOf(n) }
	switch name {
	case "len", "cap":
		v := p.expr(x.Args[0])
		return one(func() reflect.Value {
			a := v()
			if a.Kind() == reflect.Pointer { // to an array; it may be nil
				return number(a.Type().Elem().Len())
			}
			if name == "len" {
				return number(a.Len())
			}
			return number(a.Cap())
		})
	case "append":
		t, ok := p.Info.TypeOf(x).Underlying().(*types.Slice)
		if !ok {
			refuse("append to %s", p.Info.TypeOf(x))
		}
		base := p.exprAs(x.Args[0], p.Info.TypeOf(x))
		if x.Ellipsis.IsValid() {
			if b, isString := p.Info.TypeOf(x.Args[1]).Underlying().(*types.Basic); isString && b.Info()&types.IsString != 0 {
				refuse("append of a string")
			}
			rest := p.exprAs(x.Args[1], p.Info.TypeOf(x))
			return one(func() reflect.Value { b := copied(base()); return reflect.AppendSlice(b, rest()) })
		}
		var vals []value
		for _, a := range x.Args[1:] {
			vals = append(vals, p.exprAs(a, t.Elem()))
		}
		return one(func() reflect.Value {
			b := copied(base())
			in := make([]reflect.Value, len(vals))
			for n, v := range vals {
				in[n] = readable(copied(v()))
			}
			return reflect.Append(b, in...)
		})
	case "make":
		return p.makeCall(x)
	case "new":
		if !p.Info.Types[x.Args[0]].IsType() {
			refuse("new of a value")
		}
		rt := p.typ(p.Info.TypeOf(x.Args[0]))
		return one(func() reflect.Value { return reflect.New(rt) })
	case "delete":
		t, ok := p.Info.TypeOf(x.Args[0]).Underlying().(*types.Map)
		if !ok {
			refuse("delete from %s", p.Info.TypeOf(x.Args[0]))
		}
		m, k := p.expr(x.Args[0]), p.exprAs(x.Args[1], t.Key())
		return func() []reflect.Value {
			mv, kv := m(), k()
			p.at = x.Pos()
			if mv.IsNil() { // the key may have no hash all the same
				mv = reflect.MakeMap(mv.Type())
			}
			mv.SetMapIndex(kv, reflect.Value{})
			return nil
		}
	case "panic":
		v := p.expr(x.Args[0])
		return func() []reflect.Value {
			a := show(v())
			p.at = x.Pos()
			panic(a)
		}
	}
	refuse("the builtin %s", name)
	return nil
}

// addressSpace is how much memory Go's runtime can name.
const addressSpace = 1 << min(48, strconv.IntSize-1)

func (p *planner) makeCall(x *ast.CallExpr) func() []reflect.Value {
	rt := p.typ(p.Info.TypeOf(x))
	var sizes []value
	for _, a := range x.Args[1:] {
		sizes = append(sizes, p.expr(a))
	}
	return func() []reflect.Value {
		n := make([]int, len(sizes))
		for i, s := range sizes {
			n[i] = intOf(s())
		}
		p.at = x.Pos()
		var v reflect.Value
		switch rt.Kind() {
		case reflect.Slice:
			c, most := n[len(n)-1], math.MaxInt
			if size := rt.Elem().Size(); size > 0 {
				most = int(addressSpace / size)
			}
			if n[0] < 0 || n[0] > most {
				panic(runtimeError("makeslice: len out of range"))
			}
			if c < n[0] || c > most {
				panic(runtimeError("makeslice: cap out of range"))
			}
			v = reflect.MakeSlice(rt, n[0], c)
		case reflect.Map:
			v = reflect.MakeMap(rt)
		default:
			size := 0
			if len(n) > 0 {
				size = n[0]
			}
			if size < 0 {
				panic(plainError("makechan: size out of range"))
			}
			v = reflect.MakeChan(rt, size)
		}
		return []reflect.Value{v}
	}
}
