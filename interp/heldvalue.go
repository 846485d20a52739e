package interp

import (
	"fmt"
	"reflect"
	"runtime"
	"strconv"

	"github.com/adabc437/fanout/interp/lower"
)

// A heldValue is a value of a cell's type in a panic, which has neither Error nor
// String.
type heldValue struct {
	IValue any
	shapes *shapes
	shape  *lower.Shape
}

// text is what Go's runtime prints of it.
func (h heldValue) text() string {
	v := reflect.ValueOf(h.IValue)
	name := h.shape.Name
	switch {
	case v.Kind() == reflect.Bool, v.CanInt(), v.CanUint():
		return fmt.Sprintf("%s(%v)", name, v)
	case v.CanFloat():
		return fmt.Sprintf("%s(%e)", name, v.Float())
	case v.Kind() == reflect.String:
		return fmt.Sprintf("%s(%s)", name, strconv.Quote(v.String()))
	}
	return fmt.Sprintf("%s: %+v", name, shown{h.shapes, h.shape, h.IValue})
}

// panicValue is host.Panic: a value with the type that it has in Go.
func (s *shapes) panicValue(n int, value any) any {
	if sh := s.at(n); sh != nil {
		return s.held(sh, value)
	}
	return value
}

// panicHeld is host.PanicIn: what an interface holds.
func (s *shapes) panicHeld(value any) any {
	if value == nil {
		return new(runtime.PanicNilError)
	}
	switch value.(type) {
	case heldError, heldStringer, heldValue:
		return value
	}
	sh, inner := s.dynamic(reflect.ValueOf(value))
	if sh == nil || !inner.IsValid() || !inner.CanInterface() {
		return value
	}
	return s.held(sh, inner.Interface())
}

func (s *shapes) held(sh *lower.Shape, value any) any {
	v := reflect.ValueOf(value)
	for _, name := range []string{"Error", "String"} {
		switch _, ok := sh.Methods[name]; {
		case !ok:
		case !s.method(sh, v, name).IsValid():
			return value
		case name == "Error":
			return heldError{value, s, sh}
		default:
			return heldStringer{value, s, sh}
		}
	}
	return heldValue{value, s, sh}
}

// shiftCount is host.Shift: it panics as Go does where a shift is by a negative number.
func shiftCount(n int) uint {
	if n < 0 {
		panic(runtimeError("runtime error: negative shift amount"))
	}
	return uint(n)
}

// A placedRune is a rune of a string.
type placedRune struct {
	At   int
	Rune rune
}

// runesOf is host.Runes: what a range over a string goes through.
func runesOf(s string) []placedRune {
	list := make([]placedRune, 0, len(s))
	for at, r := range s {
		list = append(list, placedRune{at, r})
	}
	return list
}
