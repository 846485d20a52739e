package device

import (
	"fmt"
	"math"
	"reflect"
	"strings"
	"unsafe"

	"github.com/adabc437/fanout/parallel/device/ir"
)

// inRange says which element of a list does not fit into a parameter, an integer of another
// size or sign: it would wrap around. Elements that are on a device are looked at there.
func (l *list) inRange(name string, param *ir.Type) error {
	if !param.Kind.IsInteger() {
		return nil
	}
	least, most := limits(param.Kind)
	switch {
	case l.count:
		if l.n > 0 && uint64(l.n-1) > most {
			return misfit(name, int64(most)+1, int64(most)+1, param)
		}
	case l.array == nil && KindOf(l.elem).IsInteger() && KindOf(l.elem) != param.Kind:
		if i := outside(l.host, least, most); i >= 0 {
			return misfit(name, int64(i), l.host.Index(i).Interface(), param)
		}
	}
	return nil
}

// indexFits says that the numbers of tasks do not fit into a parameter.
func indexFits(n int64, param *ir.Type) error {
	if _, most := limits(param.Kind); n > 0 && uint64(n-1) > most {
		return fmt.Errorf("device: the index of task %d does not fit into %s", most+1, article(param.String()))
	}
	return nil
}

func misfit(name string, i int64, x any, t *ir.Type) error {
	return fmt.Errorf("device: the elements of %s, number %d: %v does not fit into %s", name, i, x, article(t.String()))
}

// listName is what messages call list number k of n.
func listName(k, n int) string {
	if n == 1 {
		return "xs"
	}
	return fmt.Sprintf("list %d", k+1)
}

// limits are the least and the greatest value of a kind of integers.
func limits(k ir.Kind) (least int64, most uint64) {
	bits := 8 * ir.Scalar(k).Size()
	if !k.IsSigned() {
		return 0, math.MaxUint64 >> (64 - bits)
	}
	return math.MinInt64 >> (64 - bits), math.MaxInt64 >> (64 - bits)
}

// outside is the first element of a slice of integers that is less than least or greater
// than most, or -1.
func outside(xs reflect.Value, least int64, most uint64) int {
	switch xs.Type().Elem().Kind() {
	case reflect.Int8:
		return signedOutside[int8](xs, least, most)
	case reflect.Int16:
		return signedOutside[int16](xs, least, most)
	case reflect.Int32:
		return signedOutside[int32](xs, least, most)
	case reflect.Int64, reflect.Int:
		return signedOutside[int64](xs, least, most)
	case reflect.Uint8:
		return unsignedOutside[uint8](xs, most)
	case reflect.Uint16:
		return unsignedOutside[uint16](xs, most)
	case reflect.Uint32:
		return unsignedOutside[uint32](xs, most)
	}
	return unsignedOutside[uint64](xs, most)
}

// values are the elements of a slice whose type is as large as T.
func values[T any](xs reflect.Value) []T { return unsafe.Slice((*T)(xs.UnsafePointer()), xs.Len()) }

func signedOutside[T int8 | int16 | int32 | int64](xs reflect.Value, least int64, most uint64) int {
	top := int64(min(most, math.MaxInt64))
	for i, x := range values[T](xs) {
		if int64(x) < least || int64(x) > top {
			return i
		}
	}
	return -1
}

func unsignedOutside[T uint8 | uint16 | uint32 | uint64](xs reflect.Value, most uint64) int {
	for i, x := range values[T](xs) {
		if uint64(x) > most {
			return i
		}
	}
	return -1
}

// narrows says whether a conversion between integers may lose their value.
func narrows(from, to ir.Kind) bool {
	if !from.IsInteger() || !to.IsInteger() || from == to {
		return false
	}
	least, most := limits(from)
	low, high := limits(to)
	return least < low || most > high
}

// misfits says, on a device, that an integer x is not a value of type t.
func misfits(x ir.Expr, t *ir.Type) ir.Expr {
	from := x.Type()
	there := convert(t, x)
	lost := binary(ir.Ne, convert(from, there), x)
	switch {
	case from.Kind.IsSigned() && !t.Kind.IsSigned():
		return binary(ir.LOr, binary(ir.Lt, x, &ir.Const{T: from}), lost)
	case !from.Kind.IsSigned() && t.Kind.IsSigned():
		return binary(ir.LOr, binary(ir.Lt, there, &ir.Const{T: t}), lost)
	}
	return lost
}

// article puts "a" or "an" before the name of a type.
func article(name string) string {
	if name != "" && strings.ContainsRune("aeiou", rune(name[0])) && !strings.HasPrefix(name, "uint") {
		return "an " + name
	}
	return "a " + name
}
