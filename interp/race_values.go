package interp

import (
	"encoding"
	"encoding/binary"
	"errors"
	"fmt"
	"reflect"
	"unsafe"
)

// How the session's variables get into a program that runs beside it: as bytes, laid
// out by their types. What has no pointers in it is as it lies in memory, which is the
// same on both sides. race.go.txt reads it.

// maxRaceValues bounds the bytes of the values that a program is given.
const maxRaceValues = 1 << 30

// maxRaceDepth bounds how deep values lie in each other.
const maxRaceDepth = 10000

// An encoder writes the values of variables.
type encoder struct {
	b     []byte
	known map[address]int // numbers of what pointers can point to
	next  int
	depth int
}

// An address is where a value of a type lies.
type address struct {
	at  unsafe.Pointer
	typ reflect.Type
}

// encodeValues writes the values of variables. The error is that of the variable with
// the given index.
func encodeValues(slots []slot) (data []byte, bad int, err error) {
	e := encoder{known: map[address]int{}}
	for _, s := range slots {
		e.note(s.at, s.typ)
	}
	for n, s := range slots {
		if err := e.value(reflect.NewAt(s.typ, s.at).Elem()); err != nil {
			return nil, n, err
		}
	}
	return e.b, 0, nil
}

// note gives the next number to a place.
func (e *encoder) note(at unsafe.Pointer, t reflect.Type) {
	if _, ok := e.known[address{at, t}]; !ok {
		e.known[address{at, t}] = e.next
	}
	e.next++
}

func (e *encoder) number(n int) { e.b = binary.AppendUvarint(e.b, uint64(n)) }

// memory writes bytes as they lie in memory.
func (e *encoder) memory(at unsafe.Pointer, size int) error {
	if len(e.b)+size > maxRaceValues {
		return fmt.Errorf("is too large: a program is given %d MB at most", maxRaceValues>>20)
	}
	e.b = append(e.b, unsafe.Slice((*byte)(at), size)...)
	return nil
}

// value writes v, which can be addressed.
func (e *encoder) value(v reflect.Value) error {
	if e.depth++; e.depth > maxRaceDepth {
		return errors.New("lies too deep")
	}
	defer func() { e.depth-- }()
	t := v.Type()
	at := unsafe.Pointer(v.UnsafeAddr())
	v = reflect.NewAt(t, at).Elem() // also what is not exported
	if flat(t) {
		return e.memory(at, int(t.Size()))
	}
	if marshals(t) {
		b, err := reflect.NewAt(t, at).Interface().(encoding.BinaryMarshaler).MarshalBinary()
		e.number(len(b))
		e.b = append(e.b, b...)
		return err
	}
	switch t.Kind() {
	case reflect.String:
		e.number(v.Len())
		return e.memory(unsafe.Pointer(unsafe.StringData(v.String())), v.Len())
	case reflect.Struct:
		e.note(at, t)
		for i := range t.NumField() {
			if err := e.value(v.Field(i)); err != nil {
				return err
			}
		}
	case reflect.Array:
		return e.elements(v)
	case reflect.Slice:
		if v.IsNil() {
			e.number(0)
			return nil
		}
		e.number(1 + v.Len())
		return e.elements(v)
	case reflect.Map:
		return e.entries(v)
	case reflect.Pointer:
		return e.pointer(v)
	case reflect.Interface:
		return e.held(v)
	case reflect.UnsafePointer:
		if !v.IsNil() {
			return errors.New("holds an unsafe.Pointer")
		}
		e.number(0)
	case reflect.Func, reflect.Chan:
		if !v.IsNil() {
			return fmt.Errorf("holds a %s", map[reflect.Kind]string{reflect.Func: "function", reflect.Chan: "channel"}[t.Kind()])
		}
		e.number(0)
	}
	return nil
}

func (e *encoder) elements(v reflect.Value) error {
	if v.Kind() == reflect.Slice && v.Len() > 0 && flat(v.Type().Elem()) {
		return e.memory(v.UnsafePointer(), v.Len()*int(v.Type().Elem().Size()))
	}
	for i := range v.Len() {
		if err := e.value(v.Index(i)); err != nil {
			return err
		}
	}
	return nil
}

func (e *encoder) entries(v reflect.Value) error {
	if v.IsNil() {
		e.number(0)
		return nil
	}
	e.number(1 + v.Len())
	for it := v.MapRange(); it.Next(); {
		for _, x := range []reflect.Value{it.Key(), it.Value()} {
			if err := e.value(addressableCopy(x)); err != nil {
				return err
			}
		}
	}
	return nil
}

// pointer writes what v points to once.
func (e *encoder) pointer(v reflect.Value) error {
	if v.IsNil() {
		e.number(0)
		return nil
	}
	elem := v.Elem()
	if n, ok := e.known[address{v.UnsafePointer(), elem.Type()}]; ok {
		e.number(2 + n)
		return nil
	}
	e.number(1)
	e.note(v.UnsafePointer(), elem.Type())
	return e.value(elem)
}

// held writes what an interface holds.
func (e *encoder) held(v reflect.Value) error {
	if v.IsNil() {
		e.number(0)
		return nil
	}
	for n, t := range dynamic {
		if t == v.Elem().Type() {
			e.number(1 + n)
			return e.value(addressableCopy(v.Elem()))
		}
	}
	return fmt.Errorf("holds a %v in an interface", v.Elem().Type())
}

// addressableCopy is a copy of v that can be addressed.
func addressableCopy(v reflect.Value) reflect.Value {
	c := reflect.New(v.Type()).Elem()
	c.Set(v)
	return c
}
