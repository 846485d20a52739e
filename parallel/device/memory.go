package device

import (
	"errors"
	"fmt"
	"math"
	"reflect"
	"unsafe"

	"github.com/adabc437/fanout/parallel/device/backend"
	"github.com/adabc437/fanout/parallel/device/cpu"
	"github.com/adabc437/fanout/parallel/device/ir"
)

// bytesOf is the memory of elements lo to hi of a slice, whose elements have no pointers.
func bytesOf(xs reflect.Value, lo, hi int64) []byte {
	size := int64(xs.Type().Elem().Size())
	if hi <= lo || size == 0 {
		return nil
	}
	return unsafe.Slice((*byte)(unsafe.Add(xs.UnsafePointer(), lo*size)), (hi-lo)*size)
}

// valueBytes is a value as it stands in memory.
func valueBytes(v reflect.Value) []byte {
	p := reflect.MakeSlice(reflect.SliceOf(v.Type()), 1, 1)
	p.Index(0).Set(v)
	return bytesOf(p, 0, 1)
}

// ErrTooLarge says that results would be larger than this machine's memory.
var ErrTooLarge = errors.New("device: more than this machine's memory")

// holds says whether n values can be in the memory of this process. It is asked before that
// is made, for Go ends a program that asks for too much.
func holds(elem reflect.Type, n int64) error {
	const few = 1 << 28
	size := int64(elem.Size())
	if size == 0 || n <= few/size {
		return nil
	}
	c := cpu.Open()
	defer c.Close()
	if memory := c.Info().Memory; n > memory/size {
		return fmt.Errorf("%w: %d values of %s, of %d bytes each, and it has %d bytes: work on a part at a time", ErrTooLarge, n, elem, size, memory)
	}
	return nil
}

// holds says whether the device can have values of some bytes at the same time, each a list.
func (d *Device) holds(lists ...int64) error {
	info := d.Info()
	total := int64(0)
	for _, n := range lists {
		if total += min(n, math.MaxInt64-total); info.MaxBuf > 0 && n > info.MaxBuf {
			total = max(total, info.Memory+1)
		}
	}
	if total > info.Memory {
		return fmt.Errorf("device: %w", &backend.MemoryError{Asked: total, InUse: d.InUse(), Memory: info.Memory})
	}
	return nil
}

// times is a product of sizes, or the largest number if it is larger.
func times(sizes ...int64) int64 {
	all := int64(1)
	for _, n := range sizes {
		if n > 0 && all > math.MaxInt64/n {
			return math.MaxInt64
		}
		all *= n
	}
	return all
}

// asSlice is a slice of what a list has: of a slice, an array or a pointer to one.
func asSlice(xs reflect.Value) (reflect.Value, bool) {
	switch xs.Kind() {
	case reflect.Slice:
		return xs, true
	case reflect.Array:
		p := reflect.New(xs.Type())
		p.Elem().Set(xs)
		return p.Elem().Slice(0, xs.Len()), true
	case reflect.Pointer:
		if xs.Type().Elem().Kind() == reflect.Array && !xs.IsNil() {
			return xs.Elem().Slice(0, xs.Len()), true
		}
	}
	return xs, false
}

// isRows says whether a list is one of slices.
func isRows(t reflect.Type) bool {
	return t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.Slice
}

// flatten puts the elements of rows lo to hi one behind the other, and says where each
// row begins and where the last one ends.
func flatten(xs reflect.Value, lo, hi int64) (elems []byte, starts []int64) {
	starts = make([]int64, hi-lo+1)
	for i := lo; i < hi; i++ {
		starts[i-lo+1] = starts[i-lo] + int64(xs.Index(int(i)).Len())
	}
	size := int64(xs.Type().Elem().Elem().Size())
	elems = make([]byte, 0, starts[hi-lo]*size)
	for i := lo; i < hi; i++ {
		row := xs.Index(int(i))
		elems = append(elems, bytesOf(row, 0, int64(row.Len()))...)
	}
	return elems, starts
}

// unflatten copies elements back to rows lo to hi.
func unflatten(xs reflect.Value, lo, hi int64, elems []byte) {
	for i := lo; i < hi; i++ {
		row := xs.Index(int(i))
		elems = elems[copy(bytesOf(row, 0, int64(row.Len())), elems):]
	}
}

func int64Bytes(list []int64) []byte { return bytesOf(reflect.ValueOf(list), 0, int64(len(list))) }

// fits says whether values of a Go type stand in memory as those of t.
func fits(g reflect.Type, t *ir.Type) error {
	wrong := func() error { return fmt.Errorf("a %s is not the %s that the function takes", g, t) }
	switch t.Kind {
	case ir.Slice:
		if g.Kind() != reflect.Slice {
			return wrong()
		}
		return fits(g.Elem(), t.Elem)
	case ir.Array:
		if g.Kind() != reflect.Array || int64(g.Len()) != t.Len {
			return wrong()
		}
		return fits(g.Elem(), t.Elem)
	case ir.Struct:
		if g.Kind() == reflect.Complex64 || g.Kind() == reflect.Complex128 {
			if len(t.Fields) != 2 || int64(g.Size()) != t.Size() || !t.Fields[0].Type.Kind.IsFloat() || !t.Fields[1].Type.Kind.IsFloat() {
				return wrong()
			}
			return nil
		}
		if g.Kind() != reflect.Struct || g.NumField() != len(t.Fields) || int64(g.Size()) != t.Size() {
			return wrong()
		}
		for i, f := range t.Fields {
			if int64(g.Field(i).Offset) != f.Offset {
				return wrong()
			}
			if err := fits(g.Field(i).Type, f.Type); err != nil {
				return err
			}
		}
		return nil
	}
	if KindOf(g) != t.Kind || int64(g.Size()) != t.Size() {
		return wrong()
	}
	return nil
}

// KindOf is the kind of a Go type, or Void if devices do not have it.
func KindOf(t reflect.Type) ir.Kind {
	switch t.Kind() {
	case reflect.Bool:
		return ir.Bool
	case reflect.Int8:
		return ir.Int8
	case reflect.Int16:
		return ir.Int16
	case reflect.Int32:
		return ir.Int32
	case reflect.Int, reflect.Int64:
		return ir.Int64
	case reflect.Uint8:
		return ir.Uint8
	case reflect.Uint16:
		return ir.Uint16
	case reflect.Uint32:
		return ir.Uint32
	case reflect.Uint, reflect.Uint64:
		return ir.Uint64
	case reflect.Float32:
		return ir.Float32
	case reflect.Float64:
		return ir.Float64
	case reflect.Array:
		return ir.Array
	case reflect.Struct, reflect.Complex64, reflect.Complex128: // of two floats
		return ir.Struct
	case reflect.Slice:
		return ir.Slice
	}
	return ir.Void
}

// argOf is a value as an argument of a kernel.
func argOf(v reflect.Value) backend.Arg { return backend.Arg{Value: valueBytes(v)} }

// Elem is the type of the elements of a list: of a slice, an array, an *Array, or a whole
// number, which stands for the numbers below it. A nil *Array has none.
func Elem(list any) (reflect.Type, bool) {
	if a, ok := list.(onDevice); ok {
		if reflect.ValueOf(list).IsNil() {
			return nil, false
		}
		return a.part().elem, a.part().elem != nil
	}
	v := reflect.ValueOf(list)
	if v.IsValid() && (v.CanInt() || v.CanUint()) {
		return v.Type(), true
	}
	if v.IsValid() {
		if s, ok := asSlice(v); ok {
			return s.Type().Elem(), true
		}
	}
	return nil, false
}
