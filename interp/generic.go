package interp

import (
	"cmp"
	"context"
	"reflect"
	"sort"
	"sync"

	"github.com/adabc437/fanout/parallel"
)

// The interpreted tier cannot hold generic functions of bound packages. For
// those that notebooks use most, lowered code calls a stand-in here, which does
// by reflection what the function does. An instance's type comes along as a pointer
// to a function of that type.

// A standIn does the work of a generic function. t is the type of the instance;
// args have the types of its parameters.
type standIn func(t reflect.Type, args []reflect.Value) []reflect.Value

func hasGeneric(name string) bool { return standIns()[name] != nil }

// callGeneric is what lowered code calls: the results in a slice.
func callGeneric(name string, instance any, args ...any) []any {
	t := reflect.TypeOf(instance).Elem()
	in := make([]reflect.Value, len(args))
	for n, a := range args {
		p := t.In(min(n, t.NumIn()-1))
		if t.IsVariadic() && n >= t.NumIn()-1 {
			p = p.Elem()
		}
		in[n] = reflect.New(p).Elem()
		if v := reflect.ValueOf(a); v.IsValid() {
			if v.Type() != p && v.Type().ConvertibleTo(p) {
				v = v.Convert(p)
			}
			in[n].Set(v)
		}
	}
	var out []any
	for _, v := range standIns()[name](t, in) {
		out = append(out, v.Interface())
	}
	return out
}

// standIns is the table of what can be stood in for.
var standIns = sync.OnceValue(func() map[string]standIn {
	return map[string]standIn{
		"slices.Sort": func(_ reflect.Type, a []reflect.Value) []reflect.Value {
			sort.Slice(a[0].Interface(), func(i, j int) bool { return compareValues(a[0].Index(i), a[0].Index(j)) < 0 })
			return nil
		},
		"slices.SortFunc":       sortFunc(sort.Slice),
		"slices.SortStableFunc": sortFunc(sort.SliceStable),
		"slices.Contains": func(_ reflect.Type, a []reflect.Value) []reflect.Value {
			return values(indexOf(a[0], a[1]) >= 0)
		},
		"slices.Index": func(_ reflect.Type, a []reflect.Value) []reflect.Value { return values(indexOf(a[0], a[1])) },
		"slices.IndexFunc": func(_ reflect.Type, a []reflect.Value) []reflect.Value {
			return values(indexFunc(a[0], a[1]))
		},
		"slices.ContainsFunc": func(_ reflect.Type, a []reflect.Value) []reflect.Value {
			return values(indexFunc(a[0], a[1]) >= 0)
		},
		"slices.Max":     extreme("slices.Max", 1),
		"slices.Min":     extreme("slices.Min", -1),
		"slices.Reverse": reverse,
		"slices.Equal": func(_ reflect.Type, a []reflect.Value) []reflect.Value {
			return values(equalSlices(a[0], a[1]))
		},
		"slices.Clone": func(_ reflect.Type, a []reflect.Value) []reflect.Value {
			if a[0].IsNil() {
				return a[:1]
			}
			return []reflect.Value{reflect.AppendSlice(reflect.MakeSlice(a[0].Type(), 0, a[0].Len()), a[0])}
		},
		"slices.BinarySearch": binarySearch,
		"slices.Delete": func(_ reflect.Type, a []reflect.Value) []reflect.Value {
			i, j, n := int(a[1].Int()), int(a[2].Int()), a[0].Len()
			_ = a[0].Slice(i, n).Slice(0, j-i) // both places must be in the slice, in order
			return []reflect.Value{shrink(a[0], reflect.AppendSlice(a[0].Slice(0, i), a[0].Slice(j, n)).Len())}
		},
		"slices.Compact": compact,
		"slices.Collect": func(t reflect.Type, a []reflect.Value) []reflect.Value {
			return []reflect.Value{collect(t.Out(0), a[0])}
		},
		"slices.Sorted": sorted,
		"slices.Values": func(t reflect.Type, a []reflect.Value) []reflect.Value {
			return []reflect.Value{seqOf(t.Out(0), elementsOf(a[0]))}
		},
		"slices.All":              all,
		"slices.Backward":         backward,
		"slices.Insert":           insertValues,
		"slices.Repeat":           repeatSlice,
		"slices.MaxFunc":          extremeFunc("slices.MaxFunc", 1),
		"slices.MinFunc":          extremeFunc("slices.MinFunc", -1),
		"slices.DeleteFunc":       deleteFunc,
		"slices.IsSorted":         isSorted,
		"slices.SortedFunc":       sortedFunc,
		"slices.Concat":           concat,
		"cmp.Or":                  or,
		"slices.Chunk":            chunk,
		"slices.AppendSeq":        appendSeq,
		"maps.Insert":             insertSeq,
		"slices.EqualFunc":        equalFunc,
		"maps.Equal":              equalMaps,
		"maps.EqualFunc":          equalMapsFunc,
		"slices.CompactFunc":      compactFunc,
		"slices.BinarySearchFunc": binarySearchFunc,
		"slices.IsSortedFunc":     isSortedFunc,
		"slices.Compare":          compareSlices,
		"slices.Replace":          replaceSlice,
		"slices.Clip":             clipSlice,
		"slices.Grow":             grow,
		"sync.OnceValue":          onceValue,
		"sync.OnceValues":         onceValue,
		"iter.Pull":               pull,
		"iter.Pull2":              pull2,
		"maps.All":                all,
		"maps.Collect":            collectMap,
		"maps.DeleteFunc":         deleteFunc,
		"maps.Keys": func(t reflect.Type, a []reflect.Value) []reflect.Value {
			return []reflect.Value{seqOf(t.Out(0), a[0].MapKeys())}
		},
		"maps.Values":      mapValues,
		"maps.Clone":       cloneMap,
		"maps.Copy":        copyMap,
		"cmp.Compare":      func(_ reflect.Type, a []reflect.Value) []reflect.Value { return values(compareValues(a[0], a[1])) },
		"cmp.Less":         func(_ reflect.Type, a []reflect.Value) []reflect.Value { return values(compareValues(a[0], a[1]) < 0) },
		pkgMap:             mapLike,
		pkgMap + "Err":     mapLike,
		pkgMap + "Context": mapLike,
		pkgApply:           applyLike,
		pkgApply + "Err":   applyLike,
	}
})

const (
	pkgMap   = "github.com/adabc437/fanout/parallel.Map"
	pkgApply = "github.com/adabc437/fanout/parallel.Apply"
)

func values(v any) []reflect.Value { return []reflect.Value{reflect.ValueOf(v)} }

// compareValues orders two values of an ordered type, as cmp.Compare does.
func compareValues(a, b reflect.Value) int {
	switch {
	case a.CanInt():
		return cmp.Compare(a.Int(), b.Int())
	case a.CanUint():
		return cmp.Compare(a.Uint(), b.Uint())
	case a.CanFloat():
		return cmp.Compare(a.Float(), b.Float())
	}
	return cmp.Compare(a.String(), b.String())
}

func sortFunc(by func(x any, less func(i, j int) bool)) standIn {
	return func(_ reflect.Type, a []reflect.Value) []reflect.Value {
		by(a[0].Interface(), func(i, j int) bool {
			return a[1].Call([]reflect.Value{a[0].Index(i), a[0].Index(j)})[0].Int() < 0
		})
		return nil
	}
}

func indexOf(s, v reflect.Value) int {
	for i := range s.Len() {
		if s.Index(i).Equal(v) {
			return i
		}
	}
	return -1
}

func indexFunc(s, f reflect.Value) int {
	for i := range s.Len() {
		if f.Call([]reflect.Value{s.Index(i)})[0].Bool() {
			return i
		}
	}
	return -1
}

func extreme(name string, sign int) standIn {
	return func(_ reflect.Type, a []reflect.Value) []reflect.Value {
		if a[0].Len() == 0 {
			panic(name + ": empty list")
		}
		best := a[0].Index(0)
		for i := range a[0].Len() {
			v := a[0].Index(i)
			if v.CanFloat() && v.Float() != v.Float() { // NaN wins
				return []reflect.Value{v}
			}
			if compareValues(v, best)*sign > 0 {
				best = v
			}
		}
		return []reflect.Value{best}
	}
}

func reverse(_ reflect.Type, a []reflect.Value) []reflect.Value {
	swap := reflect.Swapper(a[0].Interface())
	for i, j := 0, a[0].Len()-1; i < j; i, j = i+1, j-1 {
		swap(i, j)
	}
	return nil
}

func equalSlices(a, b reflect.Value) bool {
	if a.Len() != b.Len() {
		return false
	}
	for i := range a.Len() {
		if !a.Index(i).Equal(b.Index(i)) {
			return false
		}
	}
	return true
}

func binarySearch(_ reflect.Type, a []reflect.Value) []reflect.Value {
	n := sort.Search(a[0].Len(), func(i int) bool { return compareValues(a[0].Index(i), a[1]) >= 0 })
	found := n < a[0].Len() && compareValues(a[0].Index(n), a[1]) == 0
	return append(values(n), reflect.ValueOf(found))
}

func compact(_ reflect.Type, a []reflect.Value) []reflect.Value {
	n := 0
	for i := range a[0].Len() {
		if i == 0 || !a[0].Index(i).Equal(a[0].Index(n-1)) {
			a[0].Index(n).Set(a[0].Index(i))
			n++
		}
	}
	return []reflect.Value{shrink(a[0], n)}
}

// shrink cuts a slice to n elements and clears those behind.
func shrink(s reflect.Value, n int) reflect.Value {
	s.Slice(n, s.Len()).Clear()
	return s.Slice(0, n)
}

// collect reads an iterator to its end.
func collect(t reflect.Type, seq reflect.Value) reflect.Value {
	out := reflect.New(t).Elem()
	for v := range seq.Seq() {
		out = reflect.Append(out, v)
	}
	return out
}

func sorted(t reflect.Type, a []reflect.Value) []reflect.Value {
	out := collect(t.Out(0), a[0])
	if out.Len() > 0 {
		sort.Slice(out.Interface(), func(i, j int) bool { return compareValues(out.Index(i), out.Index(j)) < 0 })
	}
	return []reflect.Value{out}
}

func elementsOf(s reflect.Value) []reflect.Value {
	list := make([]reflect.Value, s.Len())
	for i := range list {
		list[i] = s.Index(i)
	}
	return list
}

// seqOf makes an iterator of type t over values.
func seqOf(t reflect.Type, list []reflect.Value) reflect.Value {
	return reflect.MakeFunc(t, func(args []reflect.Value) []reflect.Value {
		for _, v := range list {
			if !args[0].Call([]reflect.Value{v})[0].Bool() {
				break
			}
		}
		return nil
	})
}

func mapValues(t reflect.Type, a []reflect.Value) []reflect.Value {
	var list []reflect.Value
	for _, v := range a[0].Seq2() {
		list = append(list, v)
	}
	return []reflect.Value{seqOf(t.Out(0), list)}
}

func cloneMap(t reflect.Type, a []reflect.Value) []reflect.Value {
	if a[0].IsNil() {
		return a[:1]
	}
	out := reflect.MakeMapWithSize(t.Out(0), a[0].Len())
	for k, v := range a[0].Seq2() {
		out.SetMapIndex(k, v)
	}
	return []reflect.Value{out}
}

func copyMap(_ reflect.Type, a []reflect.Value) []reflect.Value {
	for k, v := range a[1].Seq2() {
		a[0].SetMapIndex(k, v)
	}
	return nil
}

// mapLike stands in for parallel.Map, MapErr and MapContext.
func mapLike(t reflect.Type, a []reflect.Value) []reflect.Value {
	ctx := context.Background()
	if t.In(0) == reflect.TypeFor[context.Context]() {
		ctx, _ = a[0].Interface().(context.Context)
		a = a[1:]
	}
	out, err := parallel.MapValue(ctx, a[0], a[1], optionsOf(a[2:])...)
	if !out.IsValid() {
		out = reflect.Zero(t.Out(0))
	}
	return []reflect.Value{out, errorValue(err)}
}

// applyLike stands in for parallel.Apply and ApplyErr.
func applyLike(t reflect.Type, a []reflect.Value) []reflect.Value {
	out, err := parallel.ApplyValue(context.Background(), a[0], a[1:2], optionsOf(a[2:])...)
	result := reflect.Zero(t.Out(0))
	if len(out) > 0 {
		result = out[0]
	}
	return []reflect.Value{result, errorValue(err)}
}

func optionsOf(args []reflect.Value) []parallel.Option {
	var opts []parallel.Option
	for _, a := range args {
		if o, ok := a.Interface().(parallel.Option); ok {
			opts = append(opts, o)
		}
	}
	return opts
}

func errorValue(err error) reflect.Value {
	v := reflect.New(reflect.TypeFor[error]()).Elem()
	if err != nil {
		v.Set(reflect.ValueOf(err))
	}
	return v
}

// clearValue is the builtin clear.
func clearValue(v any) {
	if rv := reflect.ValueOf(v); rv.IsValid() && (rv.Kind() == reflect.Map || rv.Kind() == reflect.Slice) {
		rv.Clear()
	}
}
