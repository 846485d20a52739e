package interp

import (
	"go/types"
	"reflect"

	"github.com/adabc437/fanout/interp/lower"
	"github.com/adabc437/fanout/interp/rich"
)

// A shownType is a static type of an interpreted value, for package rich: the tier
// has it without names and methods.
type shownType struct {
	interp *Interp
	t      types.Type
}

// knownType is what rich may want to know of a value with the static type t, nil if
// that is not known. Compiled cells have real types.
func (i *Interp) knownType(v any, t types.Type) rich.Type {
	if i == nil || i.native != nil || v == nil {
		return nil
	}
	if t == nil || types.IsInterface(t) {
		sh, _ := i.shapes.dynamic(reflect.ValueOf(v))
		if sh == nil || sh.Type == nil {
			return nil
		}
		t = sh.Type
	}
	return shownType{i, types.Default(t)}
}

func (s shownType) of(t types.Type) rich.Type { return shownType{s.interp, t} }

// Name is the type as the user writes it.
func (s shownType) Name() string {
	if types.IsInterface(s.t) {
		return ""
	}
	return typeString(s.t)
}

// Elem is the type of elements.
func (s shownType) Elem() rich.Type {
	if u, ok := s.t.Underlying().(interface{ Elem() types.Type }); ok {
		return s.of(u.Elem())
	}
	return nil
}

// Key is the type of a map's keys.
func (s shownType) Key() rich.Type {
	if u, ok := s.t.Underlying().(*types.Map); ok {
		return s.of(u.Key())
	}
	return nil
}

// Field is the type of the i-th of n fields.
func (s shownType) Field(i, n int) rich.Type {
	if u, ok := s.t.Underlying().(*types.Struct); ok && u.NumFields() == n {
		return s.of(u.Field(i).Type())
	}
	return nil
}

// Dynamic is what an interface holds.
func (s shownType) Dynamic(v reflect.Value) (rich.Type, reflect.Value) {
	sh, held := s.interp.shapes.dynamic(v)
	if sh == nil || sh.Type == nil {
		return nil, v
	}
	return s.of(sh.Type), held
}

// Said is what a value of a cell's type says by Error or String.
func (s shownType) Said(v reflect.Value) (text string, isError, ok bool) {
	shape, ofPointer := s.shapes()
	for _, name := range []string{"Error", "String"} {
		if text, ok := s.interp.shapes.text(shape, v, name); ok {
			return text, name == "Error", true
		}
	}
	if ofPointer == nil {
		return "", false, false
	}
	p := reflect.New(v.Type())
	p.Elem().Set(v)
	for _, name := range []string{"Error", "String"} {
		if text, ok := s.interp.shapes.text(ofPointer, p, name); ok {
			return text, false, true
		}
	}
	return "", false, false
}

// Unwrap is the method Unwrap of an error of a cell's type.
func (s shownType) Unwrap(v reflect.Value) any {
	shape, _ := s.shapes()
	if f := s.interp.shapes.method(shape, v, "Unwrap"); f.IsValid() && f.CanInterface() {
		return f.Interface()
	}
	return nil
}

// shapes are those of a cell's type and of a pointer to it, nil for other types.
func (s shownType) shapes() (shape, ofPointer *lower.Shape) {
	t, star := s.t, ""
	if p, isPtr := t.(*types.Pointer); isPtr {
		t, star = p.Elem(), "*"
	}
	named, isNamed := t.(*types.Named)
	if !isNamed || named.Obj().Pkg() == nil || named.Obj().Pkg().Path() != "main" {
		return nil, nil
	}
	s.interp.mu.Lock()
	e := s.interp.scope.Lookup(named.Obj().Name())
	s.interp.mu.Unlock()
	if e == nil || !types.Identical(e.Obj.Type(), named) {
		return nil, nil
	}
	all := &s.interp.shapes
	all.mu.Lock()
	defer all.mu.Unlock()
	if star == "" {
		ofPointer = all.named["*"+e.Runtime]
	}
	return all.named[star+e.Runtime], ofPointer
}
