package std

import (
	"errors"
	"fmt"
	"reflect"
)

// ErrorTypes lists the wrappers of interpreted errors, largest first: package
// errors looks for the methods Unwrap, Is, and As.
//
// The fields for these three are of type any. Yaegi chooses a wrapper by the
// names of methods only, and Unwrap may be of two types.
func ErrorTypes() []reflect.Type {
	return []reflect.Type{
		reflect.TypeFor[errorUnwrapIsAs](),
		reflect.TypeFor[errorUnwrapIs](),
		reflect.TypeFor[errorUnwrapAs](),
		reflect.TypeFor[errorIsAs](),
		reflect.TypeFor[errorUnwrap](),
		reflect.TypeFor[errorIs](),
		reflect.TypeFor[errorAs](),
		reflect.TypeFor[errorOnly](),
	}
}

type errorOnly struct {
	IValue any
	WError func() string
}

func (w errorOnly) Error() string              { return message(w.WError).Error() }
func (w errorOnly) Format(s fmt.State, v rune) { formatError(s, v, w.IValue, w.WError) }
func (w errorOnly) Is(target error) bool       { return isError(w, nil, target) }

type errorUnwrap struct {
	IValue  any
	WError  func() string
	WUnwrap any
}

func (w errorUnwrap) Error() string              { return message(w.WError).Error() }
func (w errorUnwrap) Format(s fmt.State, v rune) { formatError(s, v, w.IValue, w.WError) }
func (w errorUnwrap) Is(target error) bool       { return isError(w, nil, target) }
func (w errorUnwrap) Unwrap() error              { return unwrap(w.WUnwrap) }

type errorIs struct {
	IValue any
	WError func() string
	WIs    any
}

func (w errorIs) Error() string              { return message(w.WError).Error() }
func (w errorIs) Format(s fmt.State, v rune) { formatError(s, v, w.IValue, w.WError) }
func (w errorIs) Is(target error) bool       { return isError(w, w.WIs, target) }

type errorAs struct {
	IValue any
	WError func() string
	WAs    any
}

func (w errorAs) Error() string              { return message(w.WError).Error() }
func (w errorAs) Format(s fmt.State, v rune) { formatError(s, v, w.IValue, w.WError) }
func (w errorAs) Is(target error) bool       { return isError(w, nil, target) }
func (w errorAs) As(target any) bool         { return asError(w.WAs, target) }

type errorUnwrapIs struct {
	IValue  any
	WError  func() string
	WUnwrap any
	WIs     any
}

func (w errorUnwrapIs) Error() string              { return message(w.WError).Error() }
func (w errorUnwrapIs) Format(s fmt.State, v rune) { formatError(s, v, w.IValue, w.WError) }
func (w errorUnwrapIs) Is(target error) bool       { return isError(w, w.WIs, target) }
func (w errorUnwrapIs) Unwrap() error              { return unwrap(w.WUnwrap) }

type errorUnwrapAs struct {
	IValue  any
	WError  func() string
	WUnwrap any
	WAs     any
}

func (w errorUnwrapAs) Error() string              { return message(w.WError).Error() }
func (w errorUnwrapAs) Format(s fmt.State, v rune) { formatError(s, v, w.IValue, w.WError) }
func (w errorUnwrapAs) Is(target error) bool       { return isError(w, nil, target) }
func (w errorUnwrapAs) Unwrap() error              { return unwrap(w.WUnwrap) }
func (w errorUnwrapAs) As(target any) bool         { return asError(w.WAs, target) }

type errorIsAs struct {
	IValue any
	WError func() string
	WIs    any
	WAs    any
}

func (w errorIsAs) Error() string              { return message(w.WError).Error() }
func (w errorIsAs) Format(s fmt.State, v rune) { formatError(s, v, w.IValue, w.WError) }
func (w errorIsAs) Is(target error) bool       { return isError(w, w.WIs, target) }
func (w errorIsAs) As(target any) bool         { return asError(w.WAs, target) }

type errorUnwrapIsAs struct {
	IValue  any
	WError  func() string
	WUnwrap any
	WIs     any
	WAs     any
}

func (w errorUnwrapIsAs) Error() string              { return message(w.WError).Error() }
func (w errorUnwrapIsAs) Format(s fmt.State, v rune) { formatError(s, v, w.IValue, w.WError) }
func (w errorUnwrapIsAs) Is(target error) bool       { return isError(w, w.WIs, target) }
func (w errorUnwrapIsAs) Unwrap() error              { return unwrap(w.WUnwrap) }
func (w errorUnwrapIsAs) As(target any) bool         { return asError(w.WAs, target) }

// A message is an Error method; package fmt reports its panics as such.
type message func() string

func (m message) Error() string {
	if m == nil {
		return ""
	}
	return m()
}

// formatError formats a wrapped error as if there were no wrapper.
func formatError(s fmt.State, verb rune, wrapped any, f func() string) {
	if stringVerb(s, verb) {
		wrapped = message(f)
	}
	_, _ = fmt.Fprintf(s, fmt.FormatString(s, verb), wrapped)
}

// unwrap calls an Unwrap method.
func unwrap(f any) error {
	switch f := f.(type) {
	case func() error:
		return f()
	case func() []error:
		return errors.Join(f()...)
	}
	return nil
}

// isError calls an Is method, if there is one. Without, two wrappers are the
// same error if what they wrap is: package errors, which compares values, cannot
// compare wrappers.
func isError(w error, f any, target error) bool {
	if f, ok := f.(func(error) bool); ok && f(target) {
		return true
	}
	a, b := wrapped(w), wrapped(target)
	if !a.IsValid() || !b.IsValid() || a.Type() != b.Type() || !a.Comparable() || !b.Comparable() || !a.Equal(b) {
		return false
	}
	// The types of scalars are gone: errors of different types may have one value.
	return a.Kind() == reflect.Pointer || w.Error() == target.Error()
}

// asError calls an As method.
func asError(f, target any) bool {
	as, ok := f.(func(any) bool)
	return ok && as(target)
}

// wrapped is the interpreted value in a wrapper.
func wrapped(w any) reflect.Value {
	v := reflect.ValueOf(w)
	if v.Kind() != reflect.Struct || v.NumField() == 0 || v.Type().Field(0).Name != "IValue" {
		return reflect.Value{}
	}
	return v.Field(0).Elem()
}

// errorsAs is errors.As for targets of interpreted types too, which to the
// compiled errors.As are no errors.
func errorsAs(err error, target any) bool {
	p := reflect.ValueOf(target)
	if err == nil || p.Kind() != reflect.Pointer || p.IsNil() {
		return errors.As(err, target)
	}
	if t := p.Type().Elem(); t.Kind() == reflect.Interface || t.Implements(reflect.TypeFor[error]()) {
		return errors.As(err, target)
	}
	return findAs(err, target, p.Elem())
}

func findAs(err error, target any, dst reflect.Value) bool {
	for err != nil {
		if x, ok := err.(interface{ As(any) bool }); ok && x.As(target) {
			return true
		}
		if v := wrapped(err); v.IsValid() && v.Type() == dst.Type() {
			dst.Set(v)
			return true
		}
		switch x := err.(type) {
		case interface{ Unwrap() error }:
			err = x.Unwrap()
		case interface{ Unwrap() []error }:
			for _, err := range x.Unwrap() {
				if findAs(err, target, dst) {
					return true
				}
			}
			return false
		default:
			return false
		}
	}
	return false
}
