package interp

import (
	"fmt"
	"go/types"
	"reflect"
	"strings"
	"sync"

	"github.com/adabc437/fanout/interp/lower"
)

// shapes are the types that lowered code names by number, and the methods of
// cells' types that say how values print.
type shapes struct {
	mu      sync.Mutex
	list    []*lower.Shape
	numbers map[string]int
	methods map[[2]string]reflect.Value // by the type's runtime name and the method's name
	named   map[string]*lower.Shape     // by the type's runtime name, of a pointer with a star
	typed   map[reflect.Type]string     // the runtime name of a struct type; "" if there are several
	samples map[string]reflect.Value    // of what the tier has values in
}

// add numbers a shape. One like it gets the same number.
func (s *shapes) add(sh *lower.Shape) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.name(sh, map[*lower.Shape]bool{})
	var key strings.Builder
	shapeKey(&key, sh, map[*lower.Shape]int{})
	if n, ok := s.numbers[key.String()]; ok {
		return n
	}
	if s.numbers == nil {
		s.numbers = map[string]int{}
	}
	s.list = append(s.list, sh)
	s.numbers[key.String()] = len(s.list) - 1
	return len(s.list) - 1
}

// name notes the shapes of cells' types in sh.
func (s *shapes) name(sh *lower.Shape, seen map[*lower.Shape]bool) {
	if sh == nil || seen[sh] {
		return
	}
	seen[sh] = true
	if sh.Runtime != "" {
		if s.named == nil {
			s.named = map[string]*lower.Shape{}
		}
		s.named[sh.Runtime] = sh
	}
	for _, part := range append(sh.Fields, sh.Key, sh.Elem) {
		s.name(part, seen)
	}
}

// dynamic finds the shape of what an interface holds, as far as the tier knows it.
func (s *shapes) dynamic(v reflect.Value) (*lower.Shape, reflect.Value) {
	name := ""
	for v.IsValid() && v.CanInterface() {
		if v.Kind() == reflect.Interface {
			v = v.Elem()
			continue
		}
		switch h := v.Interface().(type) {
		case heldError:
			return h.shape, reflect.ValueOf(h.IValue)
		case heldValue:
			return h.shape, reflect.ValueOf(h.IValue)
		case heldStringer:
			return h.shape, reflect.ValueOf(h.IValue)
		}
		node, inner, ok := boxed(v)
		if ok {
			v, name = inner, typeOfNode(node)
			continue
		}
		if b := bare(v.Interface()); b != nil && reflect.TypeOf(b) != v.Type() {
			if of, in := s.dynamic(reflect.ValueOf(b)); of != nil {
				return of, in
			}
		}
		break
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if sh := s.named[name]; v.IsValid() && (sh == nil || isInterface(sh)) {
		t, star := v.Type(), ""
		if t.Kind() == reflect.Pointer {
			t, star = t.Elem(), "*"
		}
		if n := s.typed[t]; n != "" {
			name = star + n
		}
	}
	sh := s.named[name]
	if sh == nil || !v.IsValid() || (v.Kind() == reflect.Pointer) != strings.HasPrefix(name, "*") {
		return nil, v
	}
	return sh, v
}

func shapeKey(b *strings.Builder, sh *lower.Shape, seen map[*lower.Shape]int) {
	if sh == nil {
		b.WriteByte('-')
		return
	}
	if n, ok := seen[sh]; ok {
		fmt.Fprintf(b, "#%d", n)
		return
	}
	seen[sh] = len(seen)
	fmt.Fprintf(b, "%s=%s%v(", sh.Name, sh.Underlying, sh.Methods)
	shapeKey(b, sh.Key, seen)
	shapeKey(b, sh.Elem, seen)
	for _, f := range sh.Fields {
		shapeKey(b, f, seen)
	}
	b.WriteByte(')')
}

func (s *shapes) at(n int) *lower.Shape {
	s.mu.Lock()
	defer s.mu.Unlock()
	if n < 0 || n >= len(s.list) {
		return nil
	}
	return s.list[n]
}

// setMethod notes the function behind a method.
func (s *shapes) setMethod(owner, name string, f any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.methods == nil {
		s.methods = map[[2]string]reflect.Value{}
	}
	s.methods[[2]string{owner, name}] = reflect.ValueOf(f)
}

// knowType notes a struct type.
func (s *shapes) knowType(name string, t reflect.Type) {
	if t.Kind() != reflect.Struct || t.NumField() == 0 {
		return
	}
	if s.typed == nil {
		s.typed = map[reflect.Type]string{}
	}
	if old, ok := s.typed[t]; ok && old != name {
		name = ""
	}
	s.typed[t] = name
}

// method is a method of a value of the shape, or the zero Value.
func (s *shapes) method(sh *lower.Shape, v reflect.Value, name string) reflect.Value {
	if sh == nil {
		return reflect.Value{}
	}
	m, ok := sh.Methods[name]
	if !ok {
		return reflect.Value{}
	}
	for _, i := range m.Path {
		for v.Kind() == reflect.Pointer || v.Kind() == reflect.Interface {
			v = v.Elem()
		}
		if v.Kind() != reflect.Struct || i >= v.NumField() {
			return reflect.Value{}
		}
		v = v.Field(i)
	}
	if m.Owner == "" {
		return v.MethodByName(name)
	}
	s.mu.Lock()
	f := s.methods[[2]string{m.Owner, name}]
	s.mu.Unlock()
	if !f.IsValid() || f.Kind() != reflect.Func || f.Type().NumIn() == 0 || f.Type().IsVariadic() {
		return reflect.Value{}
	}
	want := f.Type().In(0)
	switch {
	case v.Type() == want:
	case v.Kind() == reflect.Pointer && !v.IsNil() && v.Type().Elem() == want:
		v = v.Elem()
	case v.CanAddr() && reflect.PointerTo(v.Type()) == want:
		v = v.Addr()
	case v.Type().ConvertibleTo(want) && v.Kind() == want.Kind():
		v = v.Convert(want)
	default:
		return reflect.Value{}
	}
	return reflect.MakeFunc(reflect.FuncOf(ins(f.Type()), outs(f.Type()), false), func(in []reflect.Value) []reflect.Value {
		return f.Call(append([]reflect.Value{v}, in...))
	})
}

// ins are the parameters behind the receiver.
func ins(t reflect.Type) []reflect.Type {
	var list []reflect.Type
	for n := 1; n < t.NumIn(); n++ {
		list = append(list, t.In(n))
	}
	return list
}

func outs(t reflect.Type) []reflect.Type {
	var list []reflect.Type
	for o := range t.Outs() {
		list = append(list, o)
	}
	return list
}

// text calls a method that gives a string. ok is false if there is none.
func (s *shapes) text(sh *lower.Shape, v reflect.Value, name string) (text string, ok bool) {
	m := s.method(sh, v, name)
	if !m.IsValid() || m.Type().NumOut() != 1 || m.Type().NumIn() != 0 || m.Type().Out(0).Kind() != reflect.String {
		return "", false
	}
	if v.Kind() == reflect.Pointer && v.IsNil() {
		defer func() {
			if recover() != nil {
				text, ok = "<nil>", true
			}
		}()
	}
	return m.Call(nil)[0].String(), true
}

// A shown is a value on its way to a function of package fmt.
type shown struct {
	shapes *shapes
	shape  *lower.Shape
	value  any
}

// show is host.Shown.
func (s *shapes) show(n int, value any) any {
	sh := s.at(n)
	if sh == nil || value == nil {
		return value
	}
	if isInterface(sh) {
		return s.showAny(value)
	}
	return shown{s, sh, value}
}

// showAll is host.ShownAll.
func (s *shapes) showAll(values []any) []any {
	out := make([]any, len(values))
	for n, v := range values {
		out[n] = s.showAny(v)
	}
	return out
}

// showAny goes by what the tier knows of a value.
func (s *shapes) showAny(value any) any {
	if value == nil {
		return nil
	}
	v := reflect.ValueOf(value)
	sh, inner := s.dynamic(v)
	if sh == nil {
		if inner != v && inner.IsValid() && inner.CanInterface() {
			return inner.Interface()
		}
		if k := v.Kind(); v.Type().Name() != "" || k != reflect.Slice && k != reflect.Map && k != reflect.Array {
			return value
		}
		sh = anyShape(v.Type())
	}
	return shown{s, sh, inner.Interface()}
}

func isInterface(sh *lower.Shape) bool {
	_, ok := sh.Underlying.(*types.Interface)
	return ok
}

// anyShape is the shape of a slice, an array or a map of which only what it is in the
// tier is known: interfaces may be in it.
func anyShape(t reflect.Type) *lower.Shape {
	sh := &lower.Shape{Name: t.String(), Underlying: types.Typ[types.Invalid]}
	switch t.Kind() {
	case reflect.Map:
		sh.Key, sh.Elem = anyShape(t.Key()), anyShape(t.Elem())
		sh.Tells = sh.Key.Tells
	case reflect.Slice, reflect.Array:
		sh.Elem = anyShape(t.Elem())
	case reflect.Interface:
		sh.Underlying, sh.Tells = types.NewInterfaceType(nil, nil), true
	}
	sh.Tells = sh.Tells || sh.Elem != nil && sh.Elem.Tells
	return sh
}

// typeName is host.TypeName: what %T prints.
func (s *shapes) typeName(n int, value any) string {
	sh := s.at(n)
	if sh == nil || value == nil {
		return fmt.Sprintf("%T", value)
	}
	if isInterface(sh) {
		of, v := s.dynamic(reflect.ValueOf(value))
		if of != nil {
			return of.Name
		}
		return fmt.Sprintf("%T", bare(v.Interface()))
	}
	return sh.Name
}

// Format prints the value as package fmt prints one of the named type.
func (x shown) Format(f fmt.State, verb rune) {
	p := &valuePrinter{shapes: x.shapes, State: f, verb: verb, format: fmt.FormatString(f, verb), sharp: verb == 'v' && f.Flag('#'), plus: verb == 'v' && f.Flag('+')}
	p.print(x.shape, reflect.ValueOf(x.value), 0, true)
}
