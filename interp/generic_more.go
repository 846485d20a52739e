package interp

import (
	"reflect"
	"sync"
)

// Stand-ins for the less common functions of slices, maps and cmp.

func or(t reflect.Type, a []reflect.Value) []reflect.Value {
	for _, v := range a {
		if !v.IsZero() {
			return []reflect.Value{v}
		}
	}
	return []reflect.Value{reflect.Zero(t.Out(0))}
}

func chunk(t reflect.Type, a []reflect.Value) []reflect.Value {
	size := int(a[1].Int())
	if size < 1 {
		panic("cannot be less than 1")
	}
	var list []reflect.Value
	for i := 0; i < a[0].Len(); i += size {
		end := min(i+size, a[0].Len())
		list = append(list, a[0].Slice3(i, end, end))
	}
	return []reflect.Value{seqOf(t.Out(0), list)}
}

func appendSeq(_ reflect.Type, a []reflect.Value) []reflect.Value {
	out := a[0]
	for v := range a[1].Seq() {
		out = reflect.Append(out, v)
	}
	return []reflect.Value{out}
}

func insertSeq(_ reflect.Type, a []reflect.Value) []reflect.Value {
	for k, v := range a[1].Seq2() {
		a[0].SetMapIndex(k, v)
	}
	return nil
}

func equalFunc(_ reflect.Type, a []reflect.Value) []reflect.Value {
	if a[0].Len() != a[1].Len() {
		return values(false)
	}
	for i := range a[0].Len() {
		if !a[2].Call([]reflect.Value{a[0].Index(i), a[1].Index(i)})[0].Bool() {
			return values(false)
		}
	}
	return values(true)
}

func equalMaps(_ reflect.Type, a []reflect.Value) []reflect.Value {
	if a[0].Len() != a[1].Len() {
		return values(false)
	}
	for k, v := range a[0].Seq2() {
		if w := a[1].MapIndex(k); !w.IsValid() || !w.Equal(v) {
			return values(false)
		}
	}
	return values(true)
}

func equalMapsFunc(_ reflect.Type, a []reflect.Value) []reflect.Value {
	if a[0].Len() != a[1].Len() {
		return values(false)
	}
	for k, v := range a[0].Seq2() {
		if w := a[1].MapIndex(k); !w.IsValid() || !a[2].Call([]reflect.Value{v, w})[0].Bool() {
			return values(false)
		}
	}
	return values(true)
}

func compactFunc(_ reflect.Type, a []reflect.Value) []reflect.Value {
	n := 0
	for i := range a[0].Len() {
		if i == 0 || !a[1].Call([]reflect.Value{a[0].Index(n - 1), a[0].Index(i)})[0].Bool() {
			a[0].Index(n).Set(a[0].Index(i))
			n++
		}
	}
	return []reflect.Value{shrink(a[0], n)}
}

func binarySearchFunc(_ reflect.Type, a []reflect.Value) []reflect.Value {
	compare := func(i int) int64 { return a[2].Call([]reflect.Value{a[0].Index(i), a[1]})[0].Int() }
	low, high := 0, a[0].Len()
	for low < high {
		if mid := (low + high) / 2; compare(mid) < 0 {
			low = mid + 1
		} else {
			high = mid
		}
	}
	return append(values(low), reflect.ValueOf(low < a[0].Len() && compare(low) == 0))
}

func isSortedFunc(_ reflect.Type, a []reflect.Value) []reflect.Value {
	for i := 1; i < a[0].Len(); i++ {
		if a[1].Call([]reflect.Value{a[0].Index(i), a[0].Index(i - 1)})[0].Int() < 0 {
			return values(false)
		}
	}
	return values(true)
}

func compareSlices(_ reflect.Type, a []reflect.Value) []reflect.Value {
	for i := range min(a[0].Len(), a[1].Len()) {
		if c := compareValues(a[0].Index(i), a[1].Index(i)); c != 0 {
			return values(c)
		}
	}
	return values(compareValues(reflect.ValueOf(a[0].Len()), reflect.ValueOf(a[1].Len())))
}

func replaceSlice(_ reflect.Type, a []reflect.Value) []reflect.Value {
	i, j := int(a[1].Int()), int(a[2].Int())
	_ = a[0].Slice(i, j)
	out := reflect.AppendSlice(reflect.MakeSlice(a[0].Type(), 0, a[0].Len()), a[0].Slice(0, i))
	out = reflect.Append(out, a[3:]...)
	return []reflect.Value{reflect.AppendSlice(out, a[0].Slice(j, a[0].Len()))}
}

func clipSlice(_ reflect.Type, a []reflect.Value) []reflect.Value {
	return []reflect.Value{a[0].Slice3(0, a[0].Len(), a[0].Len())}
}

func grow(_ reflect.Type, a []reflect.Value) []reflect.Value {
	if a[0].Cap()-a[0].Len() >= int(a[1].Int()) {
		return a[:1]
	}
	out := reflect.MakeSlice(a[0].Type(), 0, a[0].Len()+int(a[1].Int()))
	return []reflect.Value{reflect.AppendSlice(out, a[0])}
}

// onceValue stands in for sync.OnceValue and sync.OnceValues.
func onceValue(t reflect.Type, a []reflect.Value) []reflect.Value {
	call := sync.OnceValue(func() []reflect.Value { return a[0].Call(nil) })
	return []reflect.Value{reflect.MakeFunc(t.Out(0), func([]reflect.Value) []reflect.Value { return call() })}
}
