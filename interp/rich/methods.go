package rich

import (
	"fmt"
	"reflect"
	"strings"

	"gonum.org/v1/gonum/mat"
)

// representations are the methods that each give one MIME type, in order.
var representations = []struct {
	method, mime string
	convert      func(any) any
}{
	{"HTML", textHTML, same},
	{"Markdown", "text/markdown", same},
	{"LaTeX", "text/latex", same},
	{"SVG", imageSVG, same},
	{"PNG", imagePNG, same},
	{"JPEG", imageJPEG, same},
	{"GIF", imageGIF, same},
	{"JavaScript", "application/javascript", same},
	{"JSON", applicationJSON, jsonResult},
}

func same(v any) any { return v }

// jsonResult reads the string or bytes that a JSON method returns as JSON.
func jsonResult(v any) any {
	if s, ok := asString(v); ok {
		return []byte(s)
	}
	return v
}

// methodSet finds the methods of one value: those given by the caller, then
// those of the value, then those of a pointer to a copy of it, because a user
// who declared them on *T expects them on a variable of type T as well.
type methodSet struct {
	given   Methods
	value   reflect.Value
	pointer reflect.Value
}

// maxCopy bounds the values that are copied to make them addressable.
const maxCopy = 1 << 16

func methodsOf(v any, m Methods) methodSet {
	ms := methodSet{given: m}
	if isNil(v) {
		return ms
	}
	rv := reflect.ValueOf(v)
	t := rv.Type()
	if t.NumMethod() > 0 {
		ms.value = rv
	}
	if t.Kind() == reflect.Struct && t.Size() <= maxCopy && reflect.PointerTo(t).NumMethod() > t.NumMethod() {
		ms.pointer = reflect.New(t)
		ms.pointer.Elem().Set(rv)
	}
	return ms
}

// pointerOf is a pointer to a copy of what is a matrix or formats itself only by
// way of one, such as a mat.Dense, and else nil.
func pointerOf(v any) any {
	rv := reflect.ValueOf(v)
	if !rv.IsValid() || rv.Kind() != reflect.Struct || rv.Type().Size() > maxCopy {
		return nil
	}
	for _, t := range []reflect.Type{matrixType, formatterType} {
		if p := reflect.PointerTo(rv.Type()); p.Implements(t) && !rv.Type().Implements(t) {
			return addressable(rv).Addr().Interface()
		}
	}
	return nil
}

var (
	matrixType    = reflect.TypeFor[mat.Matrix]()
	formatterType = reflect.TypeFor[fmt.Formatter]()
)

// find returns the method, or the zero Value where there is none that takes
// no argument and returns something.
func (ms methodSet) find(name string) reflect.Value {
	if f := reflect.ValueOf(ms.given[name]); callable(f) {
		return f
	}
	for _, v := range []reflect.Value{ms.value, ms.pointer} {
		if v.IsValid() {
			if f := v.MethodByName(name); callable(f) {
				return f
			}
		}
	}
	return reflect.Value{}
}

func callable(f reflect.Value) bool {
	if !f.IsValid() || f.Kind() != reflect.Func || f.IsNil() {
		return false
	}
	t := f.Type()
	return t.NumIn() == 0 && t.NumOut() > 0 && t.NumOut() <= 3 && t.Out(0) != errorType
}

var errorType = reflect.TypeFor[error]()

// call calls f and returns its results without a last error. A panic and a
// non-nil error come back as the error.
func call(f reflect.Value) (out []any, err error) {
	defer func() {
		if r := recover(); r != nil {
			out, err = nil, fmt.Errorf("%s", panicText(r))
		}
	}()
	results := f.Call(nil)
	if last := results[len(results)-1]; last.Type() == errorType {
		if e, _ := last.Interface().(error); e != nil {
			return nil, e
		}
		results = results[:len(results)-1]
	}
	for _, r := range results {
		out = append(out, r.Interface())
	}
	return out, nil
}

// panicText says what was recovered, in one line, even where the panic value's
// own Error or String panics (fmt sees to that).
func panicText(r any) string {
	text := fmt.Sprint("panic: ", r)
	return cut(strings.ReplaceAll(valid(text), "\n", " "), 500)
}

// isNil reports whether v is nil or a nil pointer, map, slice, func or chan:
// values whose methods are not called.
func isNil(v any) bool {
	if v == nil {
		return true
	}
	rv := reflect.ValueOf(v)
	switch rv.Kind() {
	case reflect.Pointer, reflect.Map, reflect.Slice, reflect.Func, reflect.Chan, reflect.UnsafePointer:
		return rv.IsNil()
	}
	return false
}

// asString returns the text of a string or []byte of any named type.
func asString(v any) (string, bool) {
	switch v := v.(type) {
	case string:
		return v, true
	case []byte:
		return string(v), true
	}
	rv := reflect.ValueOf(v)
	switch {
	case !rv.IsValid():
		return "", false
	case rv.Kind() == reflect.String:
		return rv.String(), true
	case rv.Kind() == reflect.Slice && rv.Type().Elem().Kind() == reflect.Uint8:
		return string(rv.Bytes()), true
	}
	return "", false
}
