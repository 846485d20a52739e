package interp

import (
	"reflect"
	"sort"
)

// More stand-ins for generic functions: those that make or read iterators, and
// those that take a function.

// all stands in for slices.All and maps.All, which range over their argument.
func all(t reflect.Type, a []reflect.Value) []reflect.Value {
	return []reflect.Value{seq2Of(t.Out(0), func(yield func(k, v reflect.Value) bool) {
		for k, v := range a[0].Seq2() {
			if !yield(k, v) {
				break
			}
		}
	})}
}

func backward(t reflect.Type, a []reflect.Value) []reflect.Value {
	return []reflect.Value{seq2Of(t.Out(0), func(yield func(k, v reflect.Value) bool) {
		for i := a[0].Len() - 1; i >= 0; i-- {
			if !yield(reflect.ValueOf(i), a[0].Index(i)) {
				break
			}
		}
	})}
}

// seq2Of makes an iterator of type t.
func seq2Of(t reflect.Type, each func(yield func(k, v reflect.Value) bool)) reflect.Value {
	return reflect.MakeFunc(t, func(args []reflect.Value) []reflect.Value {
		each(func(k, v reflect.Value) bool { return args[0].Call([]reflect.Value{k, v})[0].Bool() })
		return nil
	})
}

func insertValues(_ reflect.Type, a []reflect.Value) []reflect.Value {
	i := int(a[1].Int())
	out := reflect.MakeSlice(a[0].Type(), 0, a[0].Len()+len(a)-2)
	out = reflect.AppendSlice(out, a[0].Slice(0, i))
	out = reflect.Append(out, a[2:]...)
	return []reflect.Value{reflect.AppendSlice(out, a[0].Slice(i, a[0].Len()))}
}

func repeatSlice(_ reflect.Type, a []reflect.Value) []reflect.Value {
	if a[1].Int() < 0 {
		panic("slices.Repeat: count must be non-negative")
	}
	out := reflect.MakeSlice(a[0].Type(), 0, a[0].Len()*int(a[1].Int()))
	for range a[1].Int() {
		out = reflect.AppendSlice(out, a[0])
	}
	return []reflect.Value{out}
}

func concat(t reflect.Type, a []reflect.Value) []reflect.Value {
	out := reflect.Zero(t.Out(0))
	for _, s := range a {
		out = reflect.AppendSlice(out, s)
	}
	return []reflect.Value{out}
}

func extremeFunc(name string, sign int64) standIn {
	return func(_ reflect.Type, a []reflect.Value) []reflect.Value {
		if a[0].Len() == 0 {
			panic(name + ": empty list")
		}
		best := a[0].Index(0)
		for i := 1; i < a[0].Len(); i++ {
			if v := a[0].Index(i); a[1].Call([]reflect.Value{v, best})[0].Int()*sign > 0 {
				best = v
			}
		}
		return []reflect.Value{best}
	}
}

// deleteFunc stands in for slices.DeleteFunc and maps.DeleteFunc.
func deleteFunc(_ reflect.Type, a []reflect.Value) []reflect.Value {
	if a[0].Kind() == reflect.Map {
		for k, v := range a[0].Seq2() {
			if a[1].Call([]reflect.Value{k, v})[0].Bool() {
				a[0].SetMapIndex(k, reflect.Value{})
			}
		}
		return nil
	}
	n := 0
	for i := range a[0].Len() {
		if v := a[0].Index(i); !a[1].Call([]reflect.Value{v})[0].Bool() {
			a[0].Index(n).Set(v)
			n++
		}
	}
	return []reflect.Value{shrink(a[0], n)}
}

func isSorted(_ reflect.Type, a []reflect.Value) []reflect.Value {
	for i := 1; i < a[0].Len(); i++ {
		if compareValues(a[0].Index(i), a[0].Index(i-1)) < 0 {
			return values(false)
		}
	}
	return values(true)
}

func sortedFunc(t reflect.Type, a []reflect.Value) []reflect.Value {
	out := collect(t.Out(0), a[0])
	if out.Len() > 0 {
		sortFunc(sort.Slice)(t, []reflect.Value{out, a[1]})
	}
	return []reflect.Value{out}
}

// collectMap reads an iterator of pairs to its end.
func collectMap(t reflect.Type, a []reflect.Value) []reflect.Value {
	out := reflect.MakeMap(t.Out(0))
	for k, v := range a[0].Seq2() {
		out.SetMapIndex(k, v)
	}
	return []reflect.Value{out}
}
