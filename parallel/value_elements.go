package parallel

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"reflect"
	"slices"
)

// readElements lists what `for k, v := range xs` would give, as a slice or an
// array of elements and, if asked for, of keys. what names xs in errors.
func readElements(ctx context.Context, xs reflect.Value, keyed bool, what string) (vals, keys reflect.Value, err error) {
	defer func() {
		if p := recover(); p != nil { // an iterator of the user's
			err = fmt.Errorf("parallel: reading %s: panic: %v", what, p)
		}
	}()
	for xs.IsValid() && xs.Kind() == reflect.Interface {
		xs = xs.Elem()
	}
	if !xs.IsValid() {
		return vals, keys, fmt.Errorf("parallel: %s is nil: it should be %s", what, rangeable)
	}
	t := xs.Type()
	switch {
	case t.Kind() == reflect.Slice, t.Kind() == reflect.Array:
		vals = xs
	case t.Kind() == reflect.Pointer && t.Elem().Kind() == reflect.Array && !xs.IsNil():
		vals = xs.Elem()
	case t.Kind() == reflect.Map:
		vals, keys = readMap(xs)
		return vals, keys, nil
	case xs.CanInt() || xs.CanUint():
		if xs.CanInt() && xs.Int() > math.MaxInt32 || xs.CanUint() && xs.Uint() > math.MaxInt32 {
			return vals, keys, fmt.Errorf("parallel: %s is %v: at most %d tasks fit into one map", what, xs, math.MaxInt32)
		}
		vals = readRange(xs)
	case t.Kind() == reflect.String:
		return readString(xs)
	case t.Kind() == reflect.Chan:
		if vals, err = readChan(ctx, xs, what); err != nil {
			return vals, keys, err
		}
	case t.Kind() == reflect.Func && t.CanSeq2():
		return readSeq2(ctx, xs, what)
	case t.Kind() == reflect.Func && t.CanSeq():
		if vals, err = readSeq(ctx, xs, what); err != nil {
			return vals, keys, err
		}
	case t.Kind() == reflect.Pointer && t.Elem().Kind() == reflect.Slice:
		return vals, keys, fmt.Errorf("parallel: %s is %s: give the slice that it points to, with a * before it", what, article(t.String()))
	default:
		return vals, keys, fmt.Errorf("parallel: %s is %s: it should be %s", what, article(t.String()), rangeable)
	}
	if keyed {
		keys = readRange(reflect.ValueOf(vals.Len()))
	}
	return vals, keys, nil
}

const rangeable = "a slice, an array, a map, a string, an integer n (0 to n−1), a channel or an iterator"

// readRange lists 0 to n−1 in the type of n.
func readRange(n reflect.Value) reflect.Value {
	if n.CanUint() {
		n = n.Convert(reflect.TypeFor[uint]())
	}
	if n.Type() == reflect.TypeFor[int]() { // by far the commonest
		list := make([]int, max(n.Int(), 0))
		for i := range list {
			list[i] = i
		}
		return reflect.ValueOf(list)
	}
	list := reflect.MakeSlice(reflect.SliceOf(n.Type()), 0, 0)
	for i := range n.Seq() {
		list = reflect.Append(list, i)
	}
	return list
}

// readMap lists a map in the order of its keys: by value for numbers and
// strings, and else by their text.
func readMap(m reflect.Value) (vals, keys reflect.Value) {
	type entry struct{ key, val reflect.Value }
	var entries []entry
	for each := m.MapRange(); each.Next(); { // a NaN is a key, but cannot be looked up
		entries = append(entries, entry{each.Key(), each.Value()})
	}
	slices.SortFunc(entries, func(a, b entry) int { return compareKeys(a.key, b.key) })
	keys = reflect.MakeSlice(reflect.SliceOf(m.Type().Key()), len(entries), len(entries))
	vals = reflect.MakeSlice(reflect.SliceOf(m.Type().Elem()), len(entries), len(entries))
	for i, e := range entries {
		keys.Index(i).Set(e.key)
		vals.Index(i).Set(e.val)
	}
	return vals, keys
}

func compareKeys(a, b reflect.Value) int {
	switch {
	case a.CanInt():
		return cmp.Compare(a.Int(), b.Int())
	case a.CanUint():
		return cmp.Compare(a.Uint(), b.Uint())
	case a.CanFloat():
		return cmp.Compare(a.Float(), b.Float())
	case a.Kind() == reflect.String:
		return cmp.Compare(a.String(), b.String())
	}
	return cmp.Compare(fmt.Sprint(a), fmt.Sprint(b))
}

func readString(s reflect.Value) (vals, keys reflect.Value, err error) {
	var runes []rune
	var at []int
	for i, r := range s.String() {
		runes, at = append(runes, r), append(at, i)
	}
	return reflect.ValueOf(runes), reflect.ValueOf(at), nil
}

func readChan(ctx context.Context, c reflect.Value, what string) (reflect.Value, error) {
	if c.Type().ChanDir()&reflect.RecvDir == 0 {
		return reflect.Value{}, fmt.Errorf("parallel: %s is %s, which cannot be received from", what, article(c.Type().String()))
	}
	if c.IsNil() {
		return reflect.Value{}, fmt.Errorf("parallel: %s is a nil channel, which never gives a value", what)
	}
	list := reflect.MakeSlice(reflect.SliceOf(c.Type().Elem()), 0, 0)
	cases := []reflect.SelectCase{
		{Dir: reflect.SelectRecv, Chan: reflect.ValueOf(ctx.Done())},
		{Dir: reflect.SelectRecv, Chan: c},
	}
	for {
		which, v, ok := reflect.Select(cases)
		switch {
		case which == 0:
			return list, stillReading(ctx, what, list.Len())
		case !ok:
			return list, nil
		}
		list = reflect.Append(list, v)
	}
}

func readSeq(ctx context.Context, f reflect.Value, what string) (reflect.Value, error) {
	if f.IsNil() {
		return reflect.Value{}, fmt.Errorf("parallel: %s is a nil iterator", what)
	}
	list := reflect.MakeSlice(reflect.SliceOf(f.Type().In(0).In(0)), 0, 0)
	for v := range f.Seq() {
		if ctx.Err() != nil {
			return list, stillReading(ctx, what, list.Len())
		}
		list = reflect.Append(list, v)
	}
	return list, nil
}

func readSeq2(ctx context.Context, f reflect.Value, what string) (vals, keys reflect.Value, err error) {
	if f.IsNil() {
		return vals, keys, fmt.Errorf("parallel: %s is a nil iterator", what)
	}
	yield := f.Type().In(0)
	keys = reflect.MakeSlice(reflect.SliceOf(yield.In(0)), 0, 0)
	vals = reflect.MakeSlice(reflect.SliceOf(yield.In(1)), 0, 0)
	for k, v := range f.Seq2() {
		if ctx.Err() != nil {
			return vals, keys, stillReading(ctx, what, vals.Len())
		}
		keys, vals = reflect.Append(keys, k), reflect.Append(vals, v)
	}
	return vals, keys, nil
}

// A ReadError says that the context of a call, or its time, was over while it still read
// its inputs from a channel or an iterator.
type ReadError struct {
	What     string // the inputs
	Elements int    // read so far
	Err      error  // the cause of the end
}

func (e *ReadError) Error() string {
	return fmt.Sprintf("parallel: stopped while reading %s, after %d elements: %v", e.What, e.Elements, e.Err)
}

// Unwrap returns the cause.
func (e *ReadError) Unwrap() error { return e.Err }

func stillReading(ctx context.Context, what string, n int) error {
	return &ReadError{what, n, context.Cause(ctx)}
}
