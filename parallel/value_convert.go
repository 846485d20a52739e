package parallel

import (
	"fmt"
	"reflect"
	"strings"
)

// convertAll makes a slice of type []to out of the elements of list, or
// returns list itself where its elements are of that type already. what names
// the elements in errors.
func convertAll(list reflect.Value, to reflect.Type, what string) (reflect.Value, error) {
	from := list.Type().Elem()
	if from == to && list.Kind() == reflect.Slice {
		return list, nil
	}
	if !convertible(from, to) {
		return list, fmt.Errorf("parallel: f takes %s, but %s are %v", article(to.String()), what, from)
	}
	n := list.Len()
	converted := reflect.MakeSlice(reflect.SliceOf(to), n, n)
	for i := range n {
		v, err := convert(list.Index(i), to)
		if err != nil {
			return list, fmt.Errorf("parallel: %s, number %d: %w", what, i, err)
		}
		converted.Index(i).Set(v)
	}
	return converted, nil
}

// convertible tells whether convert may succeed for some value of type from.
func convertible(from, to reflect.Type) bool {
	return from.AssignableTo(to) ||
		from.Kind() == reflect.Interface ||
		isInteger(from) && (isInteger(to) || isFloat(to)) ||
		isFloat(from) && isFloat(to) ||
		from.Kind() == to.Kind() && from.ConvertibleTo(to)
}

// convert turns v into a value that can be assigned to type to.
func convert(v reflect.Value, to reflect.Type) (reflect.Value, error) {
	if !v.IsValid() || v.Kind() == reflect.Interface && v.IsNil() {
		switch to.Kind() {
		case reflect.Interface, reflect.Pointer, reflect.Slice, reflect.Map, reflect.Chan, reflect.Func:
			return reflect.Zero(to), nil
		}
		return v, fmt.Errorf("f takes %s, but this is nil", article(to.String()))
	}
	from := v.Type()
	switch {
	case from.AssignableTo(to):
		return v, nil
	case from.Kind() == reflect.Interface:
		return convert(v.Elem(), to)
	case isInteger(from) && isInteger(to):
		if !fits(v, to) {
			return v, fmt.Errorf("%v does not fit into %s", v, article(to.String()))
		}
	case !convertible(from, to):
		return v, fmt.Errorf("f takes %s, but this is %s", article(to.String()), article(from.String()))
	}
	return v.Convert(to), nil
}

// fits tells whether integer v is a value of integer type to.
func fits(v reflect.Value, to reflect.Type) bool {
	c := v.Convert(to)
	switch {
	case v.CanInt() && c.CanInt():
		return c.Int() == v.Int()
	case v.CanUint() && c.CanUint():
		return c.Uint() == v.Uint()
	case v.CanInt():
		return v.Int() >= 0 && c.Uint() == uint64(v.Int())
	}
	return c.Int() >= 0 && uint64(c.Int()) == v.Uint()
}

func isInteger(t reflect.Type) bool {
	return t.Kind() >= reflect.Int && t.Kind() <= reflect.Uintptr
}

func isFloat(t reflect.Type) bool {
	return t.Kind() == reflect.Float32 || t.Kind() == reflect.Float64
}

// article puts "a" or "an" before the name of a type.
func article(name string) string {
	if strings.ContainsRune("aeiou", rune(name[0])) && !strings.HasPrefix(name, "uint") {
		return "an " + name
	}
	return "a " + name
}
