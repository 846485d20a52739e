package interp

import (
	"encoding"
	"reflect"
	"slices"
	"time"
)

// flat says of a type that its values are bytes that mean the same on both sides: they have
// no pointers in them.
func flat(t reflect.Type) bool {
	if fresh(t) {
		return false
	}
	switch t.Kind() {
	case reflect.Struct:
		for i := range t.NumField() {
			if !flat(t.Field(i).Type) {
				return false
			}
		}
		return true
	case reflect.Array:
		return flat(t.Elem())
	}
	return t.Kind() >= reflect.Bool && t.Kind() <= reflect.Complex128
}

// marshals says of a type that its values make bytes of themselves, and are made of them.
func marshals(t reflect.Type) bool {
	p := reflect.PointerTo(t)
	return t.PkgPath() == "time" && p.Implements(reflect.TypeFor[encoding.BinaryMarshaler]()) && p.Implements(reflect.TypeFor[encoding.BinaryUnmarshaler]())
}

// fresh says of a type that its values begin anew: a lock that the session holds is not held
// there.
func fresh(t reflect.Type) bool {
	return t.PkgPath() == "sync" && slices.Contains([]string{"Mutex", "RWMutex", "WaitGroup", "Once"}, t.Name())
}

// leaf says of a type that its values lead to no memory that others share.
func leaf(t reflect.Type) bool {
	switch {
	case flat(t), fresh(t), marshals(t), t.Kind() == reflect.String:
		return true
	case t.Kind() == reflect.Array:
		return leaf(t.Elem())
	case t.Kind() != reflect.Struct:
		return false
	}
	for i := range t.NumField() {
		if !leaf(t.Field(i).Type) {
			return false
		}
	}
	return true
}

// dynamic are the types of what an interface can hold.
var dynamic = []reflect.Type{
	reflect.TypeFor[bool](), reflect.TypeFor[string](), reflect.TypeFor[int](), reflect.TypeFor[int8](), reflect.TypeFor[int16](),
	reflect.TypeFor[int32](), reflect.TypeFor[int64](), reflect.TypeFor[uint](), reflect.TypeFor[uint8](), reflect.TypeFor[uint16](),
	reflect.TypeFor[uint32](), reflect.TypeFor[uint64](), reflect.TypeFor[float32](), reflect.TypeFor[float64](),
	reflect.TypeFor[complex64](), reflect.TypeFor[complex128](), reflect.TypeFor[time.Duration](), reflect.TypeFor[time.Time](),
	reflect.TypeFor[[]any](), reflect.TypeFor[map[string]any](), reflect.TypeFor[[]int](), reflect.TypeFor[[]float64](),
	reflect.TypeFor[[]string](), reflect.TypeFor[[]byte](), reflect.TypeFor[map[string]int](), reflect.TypeFor[map[string]string](),
}
