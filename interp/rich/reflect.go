package rich

import (
	"fmt"
	"reflect"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
	"unsafe"
)

var (
	stringerType = reflect.TypeFor[fmt.Stringer]()
	timeType     = reflect.TypeFor[time.Time]()
	durationType = reflect.TypeFor[time.Duration]()
)

// spoken returns what a value says of itself by Error or String, and times.
// Methods are not called on what an unexported field holds, which its package
// may guard by a lock; times are read without one.
func spoken(v reflect.Value) (text string, ok bool) {
	t := v.Type()
	switch {
	case t == durationType:
		return time.Duration(v.Int()).String(), true
	case t == timeType && !v.CanInterface():
		if !v.CanAddr() {
			return "", false
		}
		v = reflect.NewAt(t, unsafe.Pointer(v.UnsafeAddr())).Elem()
	case !v.CanInterface() || v.Kind() == reflect.Interface:
		return "", false
	}
	if t == timeType { // without the reading of the monotonic clock
		return v.Interface().(time.Time).Round(0).String(), true
	}
	isError, isStringer := t.Implements(errorType), t.Implements(stringerType)
	if !isError && !isStringer && v.Kind() == reflect.Struct && t.Size() <= maxCopy {
		if p := reflect.PointerTo(t); p.Implements(errorType) || p.Implements(stringerType) {
			return spoken(addressable(v).Addr())
		}
	}
	if !isError && !isStringer {
		return "", false
	}
	name := "String"
	defer func() {
		if r := recover(); r != nil {
			text, ok = "<"+name+"(): "+panicText(r)+">", true
		}
	}()
	if isError {
		name = "Error"
		return valid(v.Interface().(error).Error()), true
	}
	return valid(v.Interface().(fmt.Stringer).String()), true
}

// addressable returns v, or a copy of it whose fields can be addressed, where
// it may be copied and is not large.
func addressable(v reflect.Value) reflect.Value {
	if v.CanAddr() || !v.CanInterface() || v.Type().Size() > maxCopy {
		return v
	}
	c := reflect.New(v.Type()).Elem()
	c.Set(v)
	return c
}

// isLock reports a type of sync or sync/atomic, whose fields say nothing.
func isLock(t reflect.Type) bool { return t.PkgPath() == "sync" }

const interpreterPath = "github.com/traefik/yaegi/interp"

// interpreted unwraps what the interpreter keeps in place of a value: an
// interface value that carries its syntax tree, or the tree of a function.
// The zero Value stands for a function.
func interpreted(v reflect.Value) (reflect.Value, bool) {
	t := v.Type()
	if t.Kind() == reflect.Pointer && t.Elem().PkgPath() == interpreterPath && t.Elem().Name() == "node" {
		return reflect.Value{}, true
	}
	if t.PkgPath() != interpreterPath || t.Name() != "valueInterface" {
		return v, false
	}
	f := addressable(v).FieldByName("value")
	if !f.IsValid() || !f.CanAddr() || f.Type() != reflect.TypeFor[reflect.Value]() {
		return reflect.Value{}, true
	}
	return *(*reflect.Value)(unsafe.Pointer(f.UnsafeAddr())), true
}

func (b *builder) interpretedValue(v reflect.Value, s spot) *node {
	if !v.IsValid() {
		return b.leaf("func")
	}
	s.elide = false
	return b.value(v, s)
}

// fieldNames returns the names of a struct's fields as the user wrote them.
// The interpreter exports all fields of its anonymous structs by putting an X
// before a name that is not exported; it is taken off again, unless a sibling
// (Ymin beside Xmin) shows that the X is the user's.
func fieldNames(t reflect.Type) []string {
	names := make([]string, t.NumField())
	have := map[string]bool{}
	plainStruct := t.Name() == ""
	for i := range names {
		f := t.Field(i)
		names[i] = f.Name
		have[f.Name] = true
		plainStruct = plainStruct && f.IsExported()
	}
	if !plainStruct {
		return names
	}
	for i, name := range names {
		rest, ok := strings.CutPrefix(name, "X")
		if r, _ := utf8.DecodeRuneInString(rest); ok && rest != "" && !unicode.IsUpper(r) &&
			!unicode.IsDigit(r) && !have["Y"+rest] && !have[rest] {
			names[i] = rest
		}
	}
	return names
}
