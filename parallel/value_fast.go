package parallel

import "reflect"

// A fastMap maps a function of a known type over a slice of its parameter's
// type, without a reflect.Call for each task.
type fastMap func(f, xs reflect.Value, opts []Option) (reflect.Value, error)

var fastMaps = func() map[reflect.Type]fastMap {
	m := map[reflect.Type]fastMap{}
	addResults[int](m)
	addResults[int64](m)
	addResults[float32](m)
	addResults[float64](m)
	addResults[string](m)
	return m
}()

func addResults[T any](m map[reflect.Type]fastMap) {
	addFast[T, int](m)
	addFast[T, int64](m)
	addFast[T, uint64](m)
	addFast[T, float32](m)
	addFast[T, float64](m)
	addFast[T, bool](m)
	addFast[T, string](m)
}

func addFast[T, R any](m map[reflect.Type]fastMap) {
	m[reflect.TypeFor[func(T) R]()] = func(f, xs reflect.Value, opts []Option) (reflect.Value, error) {
		ys, err := Map(plain[func(T) R](f), plain[[]T](xs), opts...)
		return reflect.ValueOf(ys), err
	}
	m[reflect.TypeFor[func(T) (R, error)]()] = func(f, xs reflect.Value, opts []Option) (reflect.Value, error) {
		ys, err := MapErr(plain[func(T) (R, error)](f), plain[[]T](xs), opts...)
		return reflect.ValueOf(ys), err
	}
}

// plain returns v as a T, which is its type but for a name.
func plain[T any](v reflect.Value) T {
	return v.Convert(reflect.TypeFor[T]()).Interface().(T)
}
