package interp

import (
	"fmt"
	"reflect"
	"strings"
	"unsafe"

	"github.com/adabc437/fanout/interp/check"
)

// fault is told of every panic that passes a node of a program. At the node that
// it comes from it notes the place, and puts it in Go's words.
func (i *Interp) fault(op string, node, frame unsafe.Pointer, value any) any {
	r := i.current()
	pos := placeOfNode(i.checker.Fset, node)
	n, ok := check.CellOf(pos.Filename)
	if op == "call" { // on the way out
		if !nilCall(value) {
			return value
		}
	}
	if op == "callBin" && r.panicAt.Load() != nil {
		return value
	}
	if ok && pos.Line > 0 {
		r.panicking(n, pos.Line, pos.Column)
	}
	if op == "callBin" {
		return value
	}
	if v, isValue := value.(reflect.Value); isValue && v.CanInterface() {
		value = v.Interface()
	}
	if text := boundsText(op, node, frame, value); text != "" {
		return runtimeError("runtime error: " + text)
	}
	if err, isError := value.(error); isError {
		text := err.Error()
		if m := placedRE.FindStringSubmatch(text); m != nil {
			return runtimeError(m[4])
		}
	}
	return recovered(value)
}

// nilCall says that a call has failed since there is no function.
func nilCall(value any) bool {
	if e, isValue := value.(*reflect.ValueError); isValue {
		return strings.HasSuffix(e.Method, "Call")
	}
	s, isString := value.(string)
	return isString && s == "reflect.Value.Call: call of nil function"
}

// boundsText is what Go says of an index or a slice that is out of range.
func boundsText(op string, node, frame unsafe.Pointer, value any) string {
	s, ok := value.(string)
	if !ok || !strings.Contains(s, "out of") {
		return ""
	}
	x := operand(node, frame, 0)
	for x.Kind() == reflect.Pointer || x.Kind() == reflect.Interface {
		x = x.Elem()
	}
	switch x.Kind() {
	case reflect.Slice, reflect.Array, reflect.String:
	default:
		return ""
	}
	switch op {
	case "getIndexArray":
		if n, ok := intOf(operand(node, frame, 1)); ok {
			return indexText(n, x.Len())
		}
	case "slice", "slice0":
		var at []int64
		if op == "slice0" {
			at = append(at, 0)
		}
		for n := 1; ; n++ {
			v := operand(node, frame, n)
			if !v.IsValid() {
				break
			}
			k, ok := intOf(v)
			if !ok {
				return ""
			}
			at = append(at, k)
		}
		return sliceText(x, at)
	}
	return ""
}

func intOf(v reflect.Value) (int64, bool) {
	switch {
	case v.CanInt():
		return v.Int(), true
	case v.CanUint():
		return int64(v.Uint()), true
	}
	return 0, false
}

func indexText(n int64, length int) string {
	if n < 0 {
		return fmt.Sprintf("index out of range [%d]", n)
	}
	return fmt.Sprintf("index out of range [%d] with length %d", n, length)
}

// sliceText is what Go says of x[at[0]:at[1]:at[2]], of which the last ones may be
// left out.
func sliceText(x reflect.Value, at []int64) string {
	size, what := int64(x.Len()), "length"
	if x.Kind() == reflect.Slice {
		size, what = int64(x.Cap()), "capacity"
	}
	const say = "slice bounds out of range "
	if len(at) == 3 {
		switch low, high, top := at[0], at[1], at[2]; {
		case top < 0:
			return fmt.Sprintf(say+"[::%d]", top)
		case top > size:
			return fmt.Sprintf(say+"[::%d] with %s %d", top, what, size)
		case high < 0:
			return fmt.Sprintf(say+"[:%d:]", high)
		case high > top:
			return fmt.Sprintf(say+"[:%d:%d]", high, top)
		case low < 0:
			return fmt.Sprintf(say+"[%d::]", low)
		default:
			return fmt.Sprintf(say+"[%d:%d:]", low, high)
		}
	}
	low, high := at[0], int64(x.Len())
	if len(at) > 1 {
		high = at[1]
	}
	switch {
	case high < 0:
		return fmt.Sprintf(say+"[:%d]", high)
	case high > size:
		return fmt.Sprintf(say+"[:%d] with %s %d", high, what, size)
	case low < 0:
		return fmt.Sprintf(say+"[%d:]", low)
	}
	return fmt.Sprintf(say+"[%d:%d]", low, high)
}
