package interp

import (
	"errors"
	"reflect"

	"github.com/adabc437/fanout/interp/lower"
)

// A heldError is an error that is a struct of a cell's type. The tier's own wrapper
// has lost the struct.
type heldError struct {
	IValue any
	shapes *shapes
	shape  *lower.Shape
}

// asError is host.Error: a value of a cell's struct type as an error.
func (s *shapes) heldError(n int, value any) error { return heldError{value, s, s.at(n)} }

// Error calls the method of the cell.
func (e heldError) Error() string {
	text, _ := e.shapes.text(e.shape, reflect.ValueOf(e.IValue), "Error")
	return text
}

// call calls a method of the cell that gives one value, if there is one.
func (e heldError) call(name string, args ...any) (out any, ok bool) {
	m := e.shapes.method(e.shape, reflect.ValueOf(e.IValue), name)
	if !m.IsValid() || m.Type().NumIn() != len(args) || m.Type().NumOut() != 1 {
		return nil, false
	}
	in := make([]reflect.Value, len(args))
	for n, a := range args {
		in[n] = reflect.ValueOf(a)
		if !in[n].IsValid() || !in[n].Type().AssignableTo(m.Type().In(n)) {
			return nil, false
		}
	}
	return m.Call(in)[0].Interface(), true
}

// Unwrap calls the method of the cell.
func (e heldError) Unwrap() error {
	out, _ := e.call("Unwrap")
	err, _ := out.(error)
	return err
}

// Is calls the method of the cell, and compares what is held.
func (e heldError) Is(target error) bool {
	if t, ok := target.(heldError); ok && t.shape.Runtime == e.shape.Runtime && reflect.ValueOf(e.IValue).Comparable() && e.IValue == t.IValue {
		return true
	}
	is, _ := e.call("Is", target)
	yes, _ := is.(bool)
	return yes
}

// errorsAs is errors.As where the target is a struct of a cell's type.
func (s *shapes) errorsAs(n int, err error, target any) bool {
	sh := s.at(n)
	var found bool
	walkErrors(err, func(e error) bool {
		h, ok := e.(heldError)
		if ok && h.shape.Runtime == sh.Runtime {
			reflect.ValueOf(target).Elem().Set(reflect.ValueOf(h.IValue))
			found = true
		}
		return !found
	})
	return found
}

// walkErrors visits an error and those that it wraps, until visit gives false.
func walkErrors(err error, visit func(error) bool) bool {
	for err != nil {
		if !visit(err) {
			return false
		}
		if many, ok := err.(interface{ Unwrap() []error }); ok {
			for _, e := range many.Unwrap() {
				if !walkErrors(e, visit) {
					return false
				}
			}
			return true
		}
		err = errors.Unwrap(err)
	}
	return true
}
