package interp

import (
	"fmt"
	"reflect"
	"regexp"
	"runtime"
	"strconv"
	"strings"

	"github.com/adabc437/fanout/interp/check"
	"github.com/adabc437/fanout/interp/session"
)

const nilDereference = "runtime error: invalid memory address or nil pointer dereference"

// tierWords are what the tier says in a panic where Go says something else.
var tierWords = map[string]string{
	"reflect: slice index out of range":                           "runtime error: index out of range",
	"reflect: array index out of range":                           "runtime error: index out of range",
	"reflect: string index out of range":                          "runtime error: index out of range",
	"reflect.Value.Slice: slice index out of bounds":              "runtime error: slice bounds out of range",
	"reflect.Value.Slice: string slice index out of bounds":       "runtime error: slice bounds out of range",
	"reflect.Value.Slice3: slice index out of bounds":             "runtime error: slice bounds out of range",
	"runtime: allocation size out of range":                       "runtime error: makeslice: len out of range",
	"reflect: indirection through nil pointer to embedded struct": nilDereference,
	"reflect.Value.Call: call of nil function":                    nilDereference,
	"reflect.MakeSlice: negative len":                             "runtime error: makeslice: len out of range",
	"reflect.MakeSlice: negative cap":                             "runtime error: makeslice: cap out of range",
	"reflect.MakeSlice: len > cap":                                "runtime error: makeslice: cap out of range",
}

// panicText is the value of a panic in Go's own words.
func panicText(v any) string {
	switch v := v.(type) {
	case *reflect.ValueError:
		return nilDereference
	case heldValue:
		return v.text()
	case runtime.Error:
		if text, ok := tierWords[v.Error()]; ok {
			return text
		}
		return v.Error()
	case error:
		return v.Error()
	case fmt.Stringer:
		return v.String()
	}
	s := fmt.Sprint(v)
	if text, ok := tierWords[s]; ok {
		return text
	}
	if m := toArrayRE.FindStringSubmatch(s); m != nil {
		return "runtime error: cannot convert slice with length " + m[1] + " to array or pointer to array with length " + m[2]
	}
	if strings.Contains(s, "on zero Value") || strings.HasPrefix(s, "reflect: Method on nil interface value") {
		return nilDereference
	}
	if rest, ok := strings.CutPrefix(s, "reflect: "); ok {
		return "runtime error: " + rest
	}
	if m := placedRE.FindStringSubmatch(s); m != nil {
		return m[4]
	}
	return s
}

// toArrayRE is what the tier says of conversions of slices.
var toArrayRE = regexp.MustCompile(`cannot convert slice with length (\d+) to (?:pointer to )?array with length (\d+)$`)

// placedRE is the place that the tier puts in front of some panics.
var placedRE = regexp.MustCompile(`(?s)^(\S*In\[\d+\]\S*?):(\d+):(\d+): (.*)$`)

// placeOf reads that place.
func (r *run) placeOf(v any) *session.Position {
	s, ok := v.(string)
	m := placedRE.FindStringSubmatch(s)
	if !ok || m == nil {
		return nil
	}
	n, _ := check.CellOf(m[1])
	line, _ := strconv.Atoi(m[2])
	col, _ := strconv.Atoi(m[3])
	return &session.Position{Cell: n, Line: line, Column: col, Source: r.lines(check.FileName(n), line)}
}

// conversionRE finds an assertion that has failed: the type that there is, and the
// one that is asked for.
var conversionRE = regexp.MustCompile(`^interface conversion: .* is (\S+), not ([^\s;]+)`)

func panicHint(msg string) string {
	switch {
	case strings.Contains(msg, "nil map"):
		return "make the map first: m = make(map[K]V)"
	case strings.Contains(msg, "nil pointer"), strings.Contains(msg, "zero Value"):
		return "a pointer, map, slice, function or interface is nil here; give it a value first"
	case strings.Contains(msg, "index out of range"):
		return "valid indices are 0 to len-1"
	}
	if m := conversionRE.FindStringSubmatch(msg); m != nil && m[1] == m[2] {
		return "there are two versions of " + strings.TrimPrefix(strings.TrimLeft(m[1], "*[]"), "main.") + ", and the value is of the earlier one: run the cells again that made it"
	}
	return ""
}

// A runtimeError is a panic of the tier in Go's words.
type runtimeError string

func (e runtimeError) Error() string { return string(e) }

// As finds a type assertion that has failed. The tier cannot tell more of it.
func (e runtimeError) As(target any) bool {
	t, ok := target.(**runtime.TypeAssertionError)
	if ok = ok && e.isAssertion(); ok {
		*t = new(runtime.TypeAssertionError)
	}
	return ok
}

func (e runtimeError) isAssertion() bool {
	return strings.HasPrefix(string(e), "interface conversion: ")
}

// RuntimeError makes it a runtime.Error, as it is in compiled code.
func (e runtimeError) RuntimeError() {}

// recovered is what recover gives to a cell: what the tier says with a string,
// or with an error of package reflect, is a runtime error in Go.
func recovered(v any) any {
	if rv, ok := v.(reflect.Value); ok && rv.CanInterface() {
		v = rv.Interface()
	}
	switch e := v.(type) {
	case *reflect.ValueError:
		return runtimeError(nilDereference)
	case error:
		if text, ok := tierWords[e.Error()]; ok {
			return runtimeError(text)
		}
		if m := placedRE.FindStringSubmatch(e.Error()); m != nil && strings.Contains(m[4], "interface conversion") {
			return runtimeError(m[4])
		}
	case string:
		text := panicText(e)
		if text != e {
			return runtimeError(text)
		}
	}
	return v
}

// equalValues is == of interfaces.
func equalValues(a, b any) bool { return bare(a) == bare(b) }

// bare takes a value out of what the tier wraps it in where it becomes an
// interface of a bound package: a struct with the value in field IValue.
func bare(v any) any {
	switch h := v.(type) {
	case heldError:
		return h.IValue
	case heldValue:
		return h.IValue
	case heldStringer:
		return h.IValue
	}
	rv := reflect.ValueOf(v)
	if rv.Kind() != reflect.Struct || !strings.HasPrefix(rv.Type().PkgPath(), "github.com/adabc437/fanout/interp/symbols") {
		return v
	}
	f := rv.FieldByName("IValue")
	if !f.IsValid() || !f.CanInterface() {
		return v
	}
	return f.Interface()
}

// goPanicText is what the Go runtime prints of a panic's value.
func goPanicText(v any) string {
	switch v := v.(type) {
	case nil:
		return "nil"
	case error:
		return v.Error()
	case fmt.Stringer:
		return v.String()
	}
	rv := reflect.ValueOf(v)
	text := ""
	switch k := rv.Kind(); {
	case k == reflect.Bool:
		text = strconv.FormatBool(rv.Bool())
	case rv.CanInt():
		text = strconv.FormatInt(rv.Int(), 10)
	case rv.CanUint():
		text = strconv.FormatUint(rv.Uint(), 10)
	case rv.CanFloat():
		text = fmt.Sprintf("%+e", rv.Float())
	case rv.CanComplex():
		c := rv.Complex()
		text = fmt.Sprintf("(%+e%+ei)", real(c), imag(c))
	case k == reflect.String:
		if text = rv.String(); rv.Type().Name() != "string" {
			return fmt.Sprintf("%s(%q)", rv.Type(), text)
		}
		return text
	default:
		return fmt.Sprintf("%s: %+v", rv.Type(), v) // the runtime prints addresses, which tell nothing
	}
	if rv.Type().PkgPath() == "" {
		return text
	}
	return fmt.Sprintf("%s(%s)", rv.Type(), text)
}
