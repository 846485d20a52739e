package parallel

import (
	"context"
	"fmt"
	"reflect"
)

// ReduceValue is [Reduce] for a function and data whose types are known only at run
// time. f takes two values of one type and returns a third, and may return an error after
// it; before them it may take a context.Context. xs is what [MapValue] takes; its
// elements are converted as there. Where xs is empty the error is [ErrEmpty].
func ReduceValue(ctx context.Context, f, xs reflect.Value, opts ...Option) (reflect.Value, error) {
	ctx, opts, cancel := limited(ctx, opts)
	defer cancel()
	c, err := newCaller(f)
	if err != nil {
		return reflect.Value{}, err
	}
	t := c.f.Type()
	if c.random || c.ins != 2 || c.outs != 1 || t.IsVariadic() || c.in(0) != c.in(1) || c.in(0) != t.Out(0) {
		return reflect.Value{}, fmt.Errorf("parallel: f is a %v: to reduce takes a function of two values of one type that returns a third of that type", t)
	}
	list, _, err := readElements(ctx, xs, false, "xs")
	if err != nil {
		return reflect.Value{}, err
	}
	if list, err = convertAll(list, c.in(0), "the elements of xs"); err != nil {
		return reflect.Value{}, err
	}
	opts = append(opts[:len(opts):len(opts)], WithContext(ctx))
	if o := resolve(opts); o.onError == replaceResult {
		v, err := c.replacement(o.replacement)
		if err != nil {
			return reflect.Value{}, err
		}
		opts = append(opts, WithReplacement(v))
	} else if fast, ok := fastReductions[c.plainType()]; ok {
		y, err := fast(c.f, list, opts)
		if err != nil {
			return reflect.Value{}, err
		}
		return y, nil
	}
	fold := func(ctx context.Context, n int, at func(i int) reflect.Value) (reflect.Value, error) {
		in := c.frame(ctx, 0, 0, 2)
		sum := at(0)
		for i := 1; i < n; i++ {
			in[c.lead()], in[c.lead()+1] = sum, at(i)
			ys, err := c.call(in)
			if err != nil {
				return sum, err
			}
			sum = ys[0]
		}
		return sum, nil
	}
	return reduce(list.Len(),
		func(ctx context.Context, lo, hi int) (reflect.Value, error) {
			return fold(ctx, hi-lo, func(i int) reflect.Value { return list.Index(lo + i) })
		},
		func(sums []reflect.Value) (reflect.Value, error) {
			return fold(ctx, len(sums), func(i int) reflect.Value { return sums[i] })
		},
		func(lo, hi int) any { return list.Slice(lo, hi).Interface() }, opts)
}

// fastReductions are for functions of known types, as fastMaps.
var fastReductions = func() map[reflect.Type]fastMap {
	m := map[reflect.Type]fastMap{}
	addReduction[int](m)
	addReduction[int64](m)
	addReduction[float32](m)
	addReduction[float64](m)
	addReduction[string](m)
	return m
}()

func addReduction[T any](m map[reflect.Type]fastMap) {
	m[reflect.TypeFor[func(T, T) T]()] = func(f, xs reflect.Value, opts []Option) (reflect.Value, error) {
		y, err := Reduce(plain[func(T, T) T](f), plain[[]T](xs), opts...)
		return reflect.ValueOf(y), err
	}
}
