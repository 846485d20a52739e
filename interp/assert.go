package interp

import (
	"fmt"
	"go/types"
	"reflect"
	"runtime"

	"github.com/adabc437/fanout/interp/lower"
)

// What interfaces hold, for type switches and assertions. in has the one interface;
// t is a nil pointer to the type asked for.

// is is host.Is.
func (s *shapes) is(n int, in []any, t any) bool {
	sh := s.at(n)
	if sh == nil || len(in) != 1 || in[0] == nil {
		return false
	}
	rt := reflect.TypeOf(t).Elem()
	it, wantsInterface := sh.Underlying.(*types.Interface)
	if wantsInterface && it.Empty() {
		return true
	}
	held, v := s.dynamic(reflect.ValueOf(in[0]))
	if !v.IsValid() || v.Kind() == reflect.Interface && v.IsNil() {
		return false
	}
	if wantsInterface {
		if held != nil {
			return types.Implements(held.Type, it)
		}
		if rt.Kind() == reflect.Interface && v.Type().Implements(rt) {
			return true
		}
		return hasMethods(v, it)
	}
	if held != nil {
		return held.Runtime == sh.Runtime
	}
	if e, ok := v.Interface().(runtimeError); ok && rt == reflect.TypeFor[*runtime.TypeAssertionError]() {
		return e.isAssertion()
	}
	return v.Type() == rt
}

// hasMethods compares the methods of a compiled value with an interface of a cell, by
// their names and numbers of parameters and results.
func hasMethods(v reflect.Value, it *types.Interface) bool {
	for m := range it.Methods() {
		f := v.MethodByName(m.Name())
		if !f.IsValid() || f.Type().NumIn() != m.Signature().Params().Len() || f.Type().NumOut() != m.Signature().Results().Len() {
			return false
		}
	}
	return true
}

// must is host.Must: it panics as Go does where is gives false.
func (s *shapes) must(n int, in []any, t any) bool {
	if s.is(n, in, t) {
		return true
	}
	sh := s.at(n)
	held := ""
	if in[0] != nil {
		held = s.nameOf(in[0])
	}
	it, wantsInterface := sh.Underlying.(*types.Interface)
	switch {
	case held == "" && wantsInterface:
		panic(runtimeError("interface conversion: interface is nil, not " + sh.Name))
	case wantsInterface:
		missing := ""
		if of, v := s.dynamic(reflect.ValueOf(in[0])); of != nil {
			if m, _ := types.MissingMethod(of.Type, it, true); m != nil {
				missing = m.Name()
			}
		} else {
			for m := range it.Methods() {
				if missing == "" && !v.MethodByName(m.Name()).IsValid() {
					missing = m.Name()
				}
			}
		}
		panic(runtimeError(fmt.Sprintf("interface conversion: %s is not %s: missing method %s", held, sh.Name, missing)))
	case held == "":
		held = "nil"
	}
	panic(runtimeError(fmt.Sprintf("interface conversion: interface {} is %s, not %s", held, sh.Name)))
}

// nameOf is the name of the type of what an interface holds.
func (s *shapes) nameOf(x any) string {
	held, v := s.dynamic(reflect.ValueOf(x))
	if held != nil {
		return held.Name
	}
	return fmt.Sprintf("%T", bare(v.Interface()))
}

// as is host.As: the value without what the tier has put it into; for an interface
// of a cell, put into what the tier wants.
func (s *shapes) as(n int, in []any, t any) any {
	held, v := s.dynamic(reflect.ValueOf(in[0]))
	if sh := s.at(n); isInterface(sh) {
		if _, _, ok := boxed(reflect.ValueOf(in[0])); ok || held == nil {
			return in[0]
		}
		return s.box(held.Runtime, v)
	}
	if e, ok := v.Interface().(runtimeError); ok && e.isAssertion() && reflect.TypeOf(t).Elem() == reflect.TypeFor[*runtime.TypeAssertionError]() {
		return new(runtime.TypeAssertionError)
	}
	return v.Interface()
}

// box puts a value into what the tier has interfaces of cells' types in.
func (s *shapes) box(name string, v reflect.Value) any {
	s.mu.Lock()
	sample := s.samples[name]
	s.mu.Unlock()
	if !sample.IsValid() {
		return v.Interface()
	}
	out := reflect.New(sample.Type())
	out.Elem().Set(sample)
	*at[reflect.Value](out.UnsafePointer(), sample.Type().Field(1).Offset) = v
	return out.Elem().Interface()
}

// sample is host.Sample: a value of a cell's type in an interface with methods.
func (s *shapes) sample(name string, in any) {
	list := reflect.ValueOf(in)
	if list.Kind() != reflect.Slice || list.Len() != 1 {
		return
	}
	v := list.Index(0)
	for v.Kind() == reflect.Interface {
		v = v.Elem()
	}
	if _, _, ok := boxed(v); !v.IsValid() || !ok {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.samples == nil {
		s.samples = map[string]reflect.Value{}
	}
	s.samples[name] = v
}

// know is host.Type: the runtime name of a struct type.
func (s *shapes) know(name string, t any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.knowType(name, reflect.TypeOf(t).Elem())
}

// A heldStringer is a fmt.Stringer of a cell's type that was in an any.
type heldStringer struct {
	IValue any
	shapes *shapes
	shape  *lower.Shape
}

// String calls the method of the cell.
func (e heldStringer) String() string {
	text, _ := e.shapes.text(e.shape, reflect.ValueOf(e.IValue), "String")
	return text
}

func (s *shapes) asError(in []any) error {
	if e, ok := in[0].(error); ok {
		return e
	}
	held, v := s.dynamic(reflect.ValueOf(in[0]))
	return heldError{v.Interface(), s, held}
}

func (s *shapes) asStringer(in []any) fmt.Stringer {
	if e, ok := in[0].(fmt.Stringer); ok {
		return e
	}
	held, v := s.dynamic(reflect.ValueOf(in[0]))
	return heldStringer{v.Interface(), s, held}
}
