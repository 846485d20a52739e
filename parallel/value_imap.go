package parallel

import (
	"context"
	"fmt"
	"iter"
	"reflect"
)

// A row is what f is called with for one element.
type row struct{ key, val reflect.Value }

// ImapValue is [Imap] for a function and data whose types are known only at run time:
// both as [MapValue] takes them. Channels, iterators and integers are taken from as the
// loop goes on, which may be without end. The results are ordered, or given as they come.
// They are zero Values where f has no result.
//
// The error says what does not fit before anything runs; an element that cannot be
// converted fails in its place.
func ImapValue(ctx context.Context, f, xs reflect.Value, ordered bool, opts ...Option) (iter.Seq2[reflect.Value, error], error) {
	c, err := newCaller(f)
	if err != nil {
		return nil, err
	}
	if err := c.checkMap(); err != nil {
		return nil, err
	}
	source, key, val, err := elementsOf(ctx, xs)
	if err != nil {
		return nil, err
	}
	if to := c.in(c.ins - 1); !convertible(val, to) {
		return nil, fmt.Errorf("parallel: f takes %s, but the elements of xs are %v", article(to.String()), val)
	}
	if c.ins == 2 {
		if err := c.checkKeys(key); err != nil {
			return nil, err
		}
		if to := c.in(0); !convertible(key, to) {
			return nil, fmt.Errorf("parallel: f takes %s, but the keys of xs are %v", article(to.String()), key)
		}
	}
	opts = append(opts[:len(opts):len(opts)], WithContext(ctx))
	var seed uint64
	if c.random {
		seed, opts = seedOf(opts)
	}
	if o := resolve(opts); o.onError == replaceResult {
		if c.outs == 0 {
			return nil, errNoResult
		}
		v, err := c.replacement(o.replacement)
		if err != nil {
			return nil, err
		}
		opts = append(opts, WithReplacement(v))
	}
	opts = append(opts, func(o *options) { o.unordered = !ordered })
	return imap(func(ctx context.Context, i int, x row) (y reflect.Value, err error) {
		in := c.frame(ctx, seed, i, c.ins)
		if in[len(in)-1], err = convert(x.val, c.in(c.ins-1)); err != nil {
			return y, err
		}
		if c.ins == 2 {
			if in[c.lead()], err = convert(x.key, c.in(0)); err != nil {
				return y, err
			}
		}
		ys, err := c.call(in)
		if err == nil && c.outs == 1 {
			y = ys[0]
		}
		return y, err
	}, source, func(x row) any { return x.val.Interface() }, opts), nil
}

// elementsOf gives what `for k, v := range xs` would, as the loop goes on, and the types
// of both.
func elementsOf(ctx context.Context, xs reflect.Value) (source func(context.Context) iter.Seq[row], key, val reflect.Type, err error) {
	for xs.IsValid() && xs.Kind() == reflect.Interface {
		xs = xs.Elem()
	}
	integer := reflect.TypeFor[int]()
	if xs.IsValid() {
		switch t := xs.Type(); {
		case t.Kind() == reflect.Chan && t.ChanDir()&reflect.RecvDir != 0 && !xs.IsNil():
			return func(ctx context.Context) iter.Seq[row] { return received(ctx, xs) }, integer, t.Elem(), nil
		case t.Kind() == reflect.Func && t.CanSeq2() && !xs.IsNil():
			yield := t.In(0)
			return func(context.Context) iter.Seq[row] {
				return func(yield func(row) bool) {
					for k, v := range xs.Seq2() {
						if !yield(row{k, v}) {
							return
						}
					}
				}
			}, yield.In(0), yield.In(1), nil
		case t.Kind() == reflect.Func && t.CanSeq() && !xs.IsNil():
			return func(context.Context) iter.Seq[row] { return counted(xs.Seq()) }, integer, t.In(0).In(0), nil
		case xs.CanInt(), xs.CanUint():
			return func(context.Context) iter.Seq[row] { return counted(xs.Seq()) }, integer, t, nil
		}
	}
	vals, keys, err := readElements(ctx, xs, true, "xs")
	if err != nil {
		return nil, nil, nil, err
	}
	return func(context.Context) iter.Seq[row] {
		return func(yield func(row) bool) {
			for i := range vals.Len() {
				if !yield(row{keys.Index(i), vals.Index(i)}) {
					return
				}
			}
		}
	}, keys.Type().Elem(), vals.Type().Elem(), nil
}

// counted gives values with their numbers.
func counted(xs iter.Seq[reflect.Value]) iter.Seq[row] {
	return func(yield func(row) bool) {
		i := 0
		for x := range xs {
			if !yield(row{reflect.ValueOf(i), x}) {
				return
			}
			i++
		}
	}
}

// received gives what comes from a channel until it is closed, or ctx ends.
func received(ctx context.Context, c reflect.Value) iter.Seq[row] {
	cases := []reflect.SelectCase{
		{Dir: reflect.SelectRecv, Chan: reflect.ValueOf(ctx.Done())},
		{Dir: reflect.SelectRecv, Chan: c},
	}
	return func(yield func(row) bool) {
		for i := 0; ; i++ {
			which, v, ok := reflect.Select(cases)
			if which == 0 || !ok || !yield(row{reflect.ValueOf(i), v}) {
				return
			}
		}
	}
}
