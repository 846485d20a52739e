package rich

import "reflect"

// A Type is what a caller knows of a value's type where reflection does not: the
// interpreter keeps the values of cells' types without names and methods. Parts of
// which nothing is known are nil. Its methods are called from one goroutine.
type Type interface {
	// Name is the type as the user writes it; "" for an interface.
	Name() string
	// Elem and Key are those of a pointer, slice, array, map or channel.
	Elem() Type
	Key() Type
	// Field is the type of the i-th of n fields.
	Field(i, n int) Type
	// Dynamic is what an interface holds, and its type.
	Dynamic(v reflect.Value) (Type, reflect.Value)
	// Said is what a value says of itself by its own Error or String.
	Said(v reflect.Value) (text string, isError, ok bool)
	// Unwrap is the value's own method Unwrap, a func() error or func() []error, or nil.
	Unwrap(v reflect.Value) any
}

func elemOf(t Type) Type {
	if t == nil {
		return nil
	}
	return t.Elem()
}

func keyOf(t Type) Type {
	if t == nil {
		return nil
	}
	return t.Key()
}

func fieldOf(t Type, i, n int) Type {
	if t == nil {
		return nil
	}
	return t.Field(i, n)
}

// resolved is a value with what is known of it, looked for in an interface.
func resolved(t Type, v reflect.Value) (Type, reflect.Value) {
	if t == nil || !v.IsValid() || t.Name() != "" || !v.CanInterface() || v.Kind() == reflect.Interface && v.IsNil() {
		return t, v
	}
	if in, held := t.Dynamic(v); in != nil && held.IsValid() {
		return in, held
	}
	return t, v
}

// said is what a value says of itself by methods that reflection does not see.
func said(t Type, v reflect.Value) (text string, isError, ok bool) {
	if t == nil || !v.IsValid() || !v.CanInterface() || nilable(v.Kind()) && v.IsNil() {
		return "", false, false
	}
	defer func() {
		if r := recover(); r != nil {
			text, isError, ok = "<String(): "+panicText(r)+">", false, true
		}
	}()
	text, isError, ok = t.Said(v)
	return valid(text), isError, ok
}
