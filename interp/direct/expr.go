package direct

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"math"
	"reflect"
)

// runtimeError is a panic in the words of Go's runtime.
type runtimeError string

func (e runtimeError) Error() string { return "runtime error: " + string(e) }

// RuntimeError makes it a runtime.Error.
func (e runtimeError) RuntimeError() {}

// plainError is a panic in the words of Go's runtime, of those that do not say so.
type plainError string

func (e plainError) Error() string { return string(e) }

// RuntimeError makes it a runtime.Error.
func (e plainError) RuntimeError() {}

const nilDereference = runtimeError("invalid memory address or nil pointer dereference")

// exprAs plans an expression that is assigned to something of type t.
func (p *planner) exprAs(e ast.Expr, t types.Type) value {
	v := p.expr(e)
	rt := p.typ(t)
	return func() reflect.Value {
		x := v()
		if x.IsValid() && x.Type() == rt {
			return x
		}
		out := reflect.New(rt).Elem()
		store(out, x)
		return out
	}
}

// expr plans an expression. An invalid value stands for nil.
func (p *planner) expr(e ast.Expr) value {
	tv := p.Info.Types[e]
	if tv.Value != nil {
		v := p.constant(tv)
		return func() reflect.Value { return v }
	}
	if tv.IsNil() {
		return func() reflect.Value { return reflect.Value{} }
	}
	switch x := e.(type) {
	case *ast.ParenExpr:
		return p.expr(x.X)
	case *ast.Ident:
		return p.ident(x)
	case *ast.SelectorExpr:
		return p.selector(x)
	case *ast.IndexExpr:
		return p.index(x)
	case *ast.SliceExpr:
		return p.slice(x)
	case *ast.StarExpr:
		return p.address(x)
	case *ast.UnaryExpr:
		return p.unary(x)
	case *ast.BinaryExpr:
		return p.binaryExpr(x)
	case *ast.CompositeLit:
		return p.composite(x, p.Info.TypeOf(x))
	case *ast.TypeAssertExpr:
		return p.assert(x)
	case *ast.CallExpr:
		many := p.call(x)
		return func() reflect.Value {
			out := many()
			if len(out) == 0 {
				return reflect.Value{}
			}
			return out[0]
		}
	}
	refuse("a %T", e)
	return nil
}

func (p *planner) ident(id *ast.Ident) value {
	switch o := p.Info.ObjectOf(id).(type) {
	case *types.Var:
		return p.variable(o, id)
	case *types.Func:
		return p.function(o)
	}
	refuse("the name %s", id.Name)
	return nil
}

// variable plans the use of a variable of the session.
func (p *planner) variable(o *types.Var, id *ast.Ident) value {
	if o.Pkg() != nil && o.Pkg().Path() != "main" {
		v, ok := p.env.Symbol(o.Pkg().Path(), o.Name())
		if !ok || !v.CanAddr() {
			refuse("the variable %s", o.Name())
		}
		return func() reflect.Value { return v }
	}
	if _, isNew := p.fresh[o.Name()]; isNew {
		return func() reflect.Value { return p.home[o.Name()] }
	}
	v, ok := p.env.Var(o.Name())
	if !ok || v.Type() != p.typeOr(o.Type(), v.Type()) {
		refuse("the variable %s", id.Name)
	}
	return func() reflect.Value { return v }
}

// typeOr is the run-time type of t, or the one given where it cannot be had.
func (p *planner) typeOr(t types.Type, or reflect.Type) (rt reflect.Type) {
	defer func() {
		if r := recover(); r != nil {
			if _, ok := r.(refusal); !ok {
				panic(r)
			}
			rt = or
		}
	}()
	return p.typ(t)
}

func (p *planner) function(o *types.Func) value {
	if o.Signature().TypeParams().Len() > 0 || o.Pkg() == nil {
		refuse("the generic function %s", o.Name())
	}
	var v reflect.Value
	var ok bool
	if o.Pkg().Path() == "main" {
		v, ok = p.env.Func(o.Name())
	} else {
		v, ok = p.env.Symbol(o.Pkg().Path(), o.Name())
	}
	if !ok || v.Kind() != reflect.Func {
		refuse("the function %s", o.Name())
	}
	return func() reflect.Value { return v }
}

// selector plans pkg.Name, x.field, or a method value.
func (p *planner) selector(s *ast.SelectorExpr) value {
	sel := p.Info.Selections[s]
	if sel == nil {
		switch o := p.Info.Uses[s.Sel].(type) {
		case *types.Var:
			return p.variable(o, s.Sel)
		case *types.Func:
			return p.function(o)
		}
		refuse("%s", s.Sel.Name)
	}
	if sel.Kind() != types.FieldVal {
		refuse("a method value")
	}
	x := p.expr(s.X)
	return func() reflect.Value { return p.field(x(), sel.Index(), s.Pos()) }
}

// field walks to a field through pointers.
func (p *planner) field(v reflect.Value, index []int, pos token.Pos) reflect.Value {
	if v.Kind() == reflect.Struct && !v.CanAddr() { // to read what is unexported
		c := reflect.New(v.Type()).Elem()
		c.Set(v)
		v = c
	}
	for _, i := range index {
		if v.Kind() == reflect.Pointer {
			if v.IsNil() {
				p.at = pos
				panic(nilDereference)
			}
			v = v.Elem()
		}
		v = readable(v.Field(i))
	}
	return v
}

// address plans what can be assigned to or have its address taken.
func (p *planner) address(e ast.Expr) value {
	switch x := ast.Unparen(e).(type) {
	case *ast.Ident:
		return p.ident(x)
	case *ast.StarExpr:
		ptr := p.expr(x.X)
		return func() reflect.Value {
			v := ptr()
			p.at = x.Pos()
			return p.pointee(v, x.Pos())
		}
	case *ast.SelectorExpr:
		sel := p.Info.Selections[x]
		if sel == nil {
			return p.selector(x)
		}
		if sel.Kind() != types.FieldVal {
			refuse("a method value")
		}
		var base value
		if _, isPtr := p.Info.TypeOf(x.X).Underlying().(*types.Pointer); isPtr {
			base = p.expr(x.X)
		} else {
			base = p.address(x.X)
		}
		return func() reflect.Value { return p.field(base(), sel.Index(), x.Pos()) }
	case *ast.IndexExpr:
		switch p.Info.TypeOf(x.X).Underlying().(type) {
		case *types.Slice, *types.Pointer:
			return p.index(x)
		case *types.Array:
			base, i := p.address(x.X), p.expr(x.Index)
			return func() reflect.Value { return p.element(base(), i(), x.Pos()) }
		}
	case *ast.CompositeLit:
		return p.composite(x, p.Info.TypeOf(x))
	}
	refuse("the address of a %T", e)
	return nil
}

// index plans x[i].
func (p *planner) index(x *ast.IndexExpr) value {
	switch t := p.Info.TypeOf(x.X).Underlying().(type) {
	case *types.Map:
		m, key, elem := p.expr(x.X), p.exprAs(x.Index, t.Key()), p.typ(t.Elem())
		return func() reflect.Value {
			mv, k := m(), key()
			p.at = x.Pos()
			if v := mv.MapIndex(k); v.IsValid() {
				return v
			}
			return reflect.Zero(elem)
		}
	case *types.Slice, *types.Array, *types.Basic:
		base, i := p.expr(x.X), p.expr(x.Index)
		return func() reflect.Value { return p.element(base(), i(), x.Pos()) }
	case *types.Pointer:
		base, i := p.expr(x.X), p.expr(x.Index)
		return func() reflect.Value {
			v, n := base(), i()
			return p.element(p.pointee(v, x.Pos()), n, x.Pos())
		}
	}
	refuse("an index of %s", p.Info.TypeOf(x.X))
	return nil
}

func (p *planner) element(v, i reflect.Value, pos token.Pos) reflect.Value {
	p.at = pos
	n := intOf(i)
	if n < 0 || n >= v.Len() {
		if n < 0 {
			panic(runtimeError(fmt.Sprintf("index out of range [%d]", n)))
		}
		panic(runtimeError(fmt.Sprintf("index out of range [%v] with length %d", i, v.Len())))
	}
	return v.Index(n)
}

// intOf is an index or a size as an int, or the greatest one.
func intOf(v reflect.Value) int {
	if v.CanUint() {
		return int(min(v.Uint(), math.MaxInt))
	}
	return int(v.Int())
}

// mapIndex plans v, ok := m[k].
func (p *planner) mapIndex(x *ast.IndexExpr) func() []reflect.Value {
	t, ok := p.Info.TypeOf(x.X).Underlying().(*types.Map)
	if !ok {
		refuse("two values of an index")
	}
	m, key, elem := p.expr(x.X), p.exprAs(x.Index, t.Key()), p.typ(t.Elem())
	return func() []reflect.Value {
		mv, k := m(), key()
		p.at = x.Pos()
		v := mv.MapIndex(k)
		found := v.IsValid()
		if !found {
			v = reflect.Zero(elem)
		}
		return []reflect.Value{v, reflect.ValueOf(found)}
	}
}

// slice plans x[i:j].
func (p *planner) slice(x *ast.SliceExpr) value {
	var base value
	isString := false
	switch t := p.Info.TypeOf(x.X).Underlying().(type) {
	case *types.Slice:
		base = p.expr(x.X)
	case *types.Basic:
		base, isString = p.expr(x.X), true
	case *types.Array:
		base = p.address(x.X)
	default:
		refuse("a slice of %s", t)
	}
	part := func(e ast.Expr) value {
		if e == nil {
			return nil
		}
		return p.expr(e)
	}
	lo, hi, most := part(x.Low), part(x.High), part(x.Max)
	return func() reflect.Value {
		v := base()
		at := func(bound value, otherwise int) (int, any) {
			if bound == nil {
				return otherwise, otherwise
			}
			b := bound()
			return intOf(b), readable(copied(b)).Interface()
		}
		i, low := at(lo, 0)
		j, high := at(hi, v.Len())
		k, limit := at(most, 0)
		p.at = x.Pos()
		size, word := v.Len(), "length"
		if !isString {
			size = v.Cap()
			if v.Kind() == reflect.Slice {
				word = "capacity"
			}
		}
		outside := func(format string, args ...any) {
			panic(runtimeError("slice bounds out of range " + fmt.Sprintf(format, args...)))
		}
		if most == nil {
			switch {
			case j < 0:
				outside("[:%d]", high)
			case j > size:
				outside("[:%d] with %s %d", high, word, size)
			case i < 0:
				outside("[%d:]", low)
			case i > j:
				outside("[%d:%d]", low, high)
			}
			return v.Slice(i, j)
		}
		switch {
		case k < 0:
			outside("[::%d]", limit)
		case k > size:
			outside("[::%d] with %s %d", limit, word, size)
		case j < 0:
			outside("[:%d:]", high)
		case j > k:
			outside("[:%d:%d]", high, limit)
		case i < 0:
			outside("[%d::]", low)
		case i > j:
			outside("[%d:%d:]", low, high)
		}
		return v.Slice3(i, j, k)
	}
}

// composite plans a literal of a slice, array, map or struct.
func (p *planner) composite(x *ast.CompositeLit, t types.Type) value {
	rt := p.typ(t)
	type part struct{ key, val value }
	element := func(e ast.Expr, t types.Type) value {
		lit, ok := e.(*ast.CompositeLit)
		if !ok || lit.Type != nil {
			return p.exprAs(e, t)
		}
		if ptr, isPtr := t.Underlying().(*types.Pointer); isPtr {
			v := p.composite(lit, ptr.Elem())
			return func() reflect.Value { return v().Addr() }
		}
		return p.composite(lit, t)
	}
	switch u := t.Underlying().(type) {
	case *types.Struct:
		var parts []part
		var fields []int
		for n, e := range x.Elts {
			field := n
			if kv, ok := e.(*ast.KeyValueExpr); ok {
				id, _ := kv.Key.(*ast.Ident)
				field, e = -1, kv.Value
				for k := range u.NumFields() {
					if id != nil && u.Field(k).Name() == id.Name {
						field = k
					}
				}
				if field < 0 {
					refuse("a field that is not there")
				}
			}
			fields = append(fields, field)
			parts = append(parts, part{val: element(e, u.Field(field).Type())})
		}
		return func() reflect.Value {
			v := reflect.New(rt).Elem()
			for n, f := range fields {
				readable(v.Field(f)).Set(readable(parts[n].val()))
			}
			return v
		}
	case *types.Map:
		var parts []part
		for _, e := range x.Elts {
			kv := e.(*ast.KeyValueExpr)
			parts = append(parts, part{element(kv.Key, u.Key()), element(kv.Value, u.Elem())})
		}
		return func() reflect.Value {
			m := reflect.MakeMapWithSize(rt, len(parts))
			for _, q := range parts {
				k := copied(q.key())
				m.SetMapIndex(k, readable(q.val()))
			}
			v := reflect.New(rt).Elem()
			v.Set(m)
			return v
		}
	}
	var elem types.Type
	switch u := t.Underlying().(type) {
	case *types.Slice:
		elem = u.Elem()
	case *types.Array:
		elem = u.Elem()
	default:
		refuse("a literal of %s", t)
	}
	var vals []value
	for _, e := range x.Elts {
		if _, keyed := e.(*ast.KeyValueExpr); keyed {
			refuse("a literal with indices")
		}
		vals = append(vals, element(e, elem))
	}
	return func() reflect.Value {
		v := reflect.New(rt).Elem()
		if rt.Kind() == reflect.Slice {
			v.Set(reflect.MakeSlice(rt, len(vals), len(vals)))
		}
		for n, e := range vals {
			v.Index(n).Set(readable(e()))
		}
		return v
	}
}

// assert plans x.(T).
func (p *planner) assert(x *ast.TypeAssertExpr) value {
	both := p.assertOK(x)
	iface, want := p.Info.TypeOf(x.X), p.typ(p.Info.TypeOf(x))
	return func() reflect.Value {
		out := both()
		if out[1].Bool() {
			return out[0]
		}
		p.at = x.Pos()
		panic(conversionError{p.asserted, want, p.typeOr(iface, reflect.TypeFor[any]())})
	}
}

// conversionError is the panic of a failed assertion.
type conversionError struct{ got, want, iface reflect.Type }

func (e conversionError) Error() string {
	from := "interface"
	if e.iface != nil && (e.got != nil || e.want.Kind() != reflect.Interface) {
		from = e.iface.String()
	}
	switch {
	case e.got == nil:
		return fmt.Sprintf("interface conversion: %s is nil, not %s", from, e.want)
	case e.want.Kind() == reflect.Interface:
		return fmt.Sprintf("interface conversion: %s is not %s: missing method %s", e.got, e.want, missingMethod(e.got, e.want))
	}
	which := ""
	if e.got.String() == e.want.String() { // two versions of a type
		which = " (types from different scopes)"
		if e.got.PkgPath() != e.want.PkgPath() {
			which = " (types from different packages)"
		}
	}
	return fmt.Sprintf("interface conversion: %s is %s, not %s%s", from, e.got, e.want, which)
}

// RuntimeError makes it a runtime.Error.
func (e conversionError) RuntimeError() {}

func missingMethod(got, want reflect.Type) string {
	for m := range want.NumMethod() {
		if _, ok := got.MethodByName(want.Method(m).Name); !ok {
			return want.Method(m).Name
		}
	}
	return "?"
}
