package parallel

import (
	"context"
	"fmt"
	"reflect"
)

// MapValue is [Map] for a function and data whose types are known only at run
// time, as in a notebook. It answers with a slice of f's results in order, or
// the zero Value when f has no result besides an error.
//
// f is a function of the elements of xs, as `for _, v := range xs` gives them,
// or of both k and v of `for k, v := range xs`; before them it may take a
// context.Context, a *rand.Rand, or these two in this order. It returns nothing, a
// result, an error, or a result and an error. The random numbers are those of
// [MapRand]: each task has its own, and [WithSeed] makes them the same in every run.
//
// xs is a slice, an array, a map (in the order of its keys), a string (its
// runes), an integer n (0 to n−1), a channel (until it is closed) or an
// iterator function. Channels and iterators are read to their end before the
// first task starts.
//
// Elements whose type differs from that of the parameter are converted where
// no value can be lost: from any integer or float to a float, between integers
// if the value fits, from an interface to what it holds, and between types of
// the same kind. Keys and indices that are integers never become floats.
//
// The errors are those of [Map], and one that says what does not fit before
// anything runs.
func MapValue(ctx context.Context, f, xs reflect.Value, opts ...Option) (reflect.Value, error) {
	ctx, opts, cancel := limited(ctx, opts)
	defer cancel()
	c, vals, keys, err := mapping(ctx, f, xs)
	if err != nil {
		return reflect.Value{}, err
	}
	return c.mapElements(ctx, vals, keys, opts)
}

// limited puts the time limit of a call on its context, for a call that begins by reading
// its inputs.
func limited(ctx context.Context, opts []Option) (context.Context, []Option, context.CancelFunc) {
	limit := resolve(opts).timeout
	if limit <= 0 {
		return ctx, opts, func() {}
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	return ctx, append(opts[:len(opts):len(opts)], WithTimeout(0)), cancel
}

// mapping looks at a function and what it is to be mapped over, as they are.
func mapping(ctx context.Context, f, xs reflect.Value) (c *caller, vals, keys reflect.Value, err error) {
	if c, err = newCaller(f); err != nil {
		return nil, vals, keys, err
	}
	if err = c.checkMap(); err != nil {
		return nil, vals, keys, err
	}
	vals, keys, err = readElements(ctx, xs, c.ins == 2, "xs")
	return c, vals, keys, err
}

// mapElements maps c over elements and, if it takes two, keys.
func (c *caller) mapElements(ctx context.Context, vals, keys reflect.Value, opts []Option) (reflect.Value, error) {
	vals, err := convertAll(vals, c.in(c.ins-1), "the elements of xs")
	if err != nil {
		return reflect.Value{}, err
	}
	columns := []reflect.Value{vals}
	if c.ins == 2 {
		if err := c.checkKeys(keys.Type().Elem()); err != nil {
			return reflect.Value{}, err
		}
		if keys, err = convertAll(keys, c.in(0), "the keys of xs"); err != nil {
			return reflect.Value{}, err
		}
		columns = []reflect.Value{keys, vals}
	}
	opts = append(opts[:len(opts):len(opts)], WithContext(ctx))
	if o := resolve(opts); o.onError == replaceResult && c.outs == 1 {
		v, err := c.replacement(o.replacement)
		if err != nil {
			return reflect.Value{}, err
		}
		opts = append(opts, WithReplacement(v.Interface()))
	}
	if c.ins == 1 && c.lead() == 0 && !c.f.Type().IsVariadic() {
		if fast, ok := fastMaps[c.plainType()]; ok {
			return fast(c.f, vals, opts)
		}
	}
	return c.mapColumns(columns, func(i int) any { return vals.Index(i).Interface() }, opts)
}

// FilterValue is [Filter] for a function and data whose types are known only at run
// time: it answers with a slice of the elements of xs for which keep is true. keep is a
// function as [MapValue] takes it, with a result that is a bool.
func FilterValue(ctx context.Context, keep, xs reflect.Value, opts ...Option) (reflect.Value, error) {
	ctx, opts, cancel := limited(ctx, opts)
	defer cancel()
	c, vals, keys, err := mapping(ctx, keep, xs)
	if err != nil {
		return reflect.Value{}, err
	}
	if c.outs != 1 || c.f.Type().Out(0).Kind() != reflect.Bool {
		return reflect.Value{}, fmt.Errorf("parallel: f is a %v: a filter needs a function whose result is a bool", c.f.Type())
	}
	kept, err := c.mapElements(ctx, vals, keys, append(opts[:len(opts):len(opts)], part))
	if err != nil {
		return reflect.Value{}, err
	}
	out := reflect.MakeSlice(reflect.SliceOf(vals.Type().Elem()), 0, 0)
	for i := range kept.Len() {
		if kept.Index(i).Bool() {
			out = reflect.Append(out, vals.Index(i))
		}
	}
	return out, nil
}

// ApplyValue calls f on args on a worker, and returns f's results without the
// error. f may have any number of parameters and results, be variadic, take a
// context.Context first (ctx then is not among args) and return an error last. It may
// also take a *rand.Rand before the arguments, as in [MapValue].
// The arguments are converted as in [MapValue].
func ApplyValue(ctx context.Context, f reflect.Value, args []reflect.Value, opts ...Option) ([]reflect.Value, error) {
	c, err := newCaller(f)
	if err != nil {
		return nil, err
	}
	if c.random && len(args) == c.ins+1 { // it is among them
		c.random = false
		c.ins++
	}
	in, err := c.fit(args)
	if err != nil {
		return nil, err
	}
	shown := make([]any, len(args))
	for i, a := range args {
		if a.IsValid() && a.CanInterface() {
			shown[i] = a.Interface()
		}
	}
	input := func(int) any {
		if len(shown) == 1 {
			return shown[0]
		}
		return shown
	}
	var results []reflect.Value
	done := make(chan []reflect.Value, 1)
	seed, opts := seedOf(append(opts[:len(opts):len(opts)], WithContext(ctx)))
	job := job{n: 1, input: input, random: c.random}
	call := func(ctx context.Context, keep func() bool) error {
		frame := c.frame(ctx, seed, 0, len(in))
		copy(frame[c.lead():], in)
		out, err := c.call(frame)
		if err == nil && (keep == nil || keep()) {
			done <- out
		}
		return err
	}
	job.span = func(w *worker, lo, _ int) error {
		w.at = lo
		err := call(w.ctx, nil)
		if err == nil {
			w.at++
		}
		return err
	}
	job.each = func(ctx context.Context, _ int, keep func() bool) error { return call(ctx, keep) }
	job.replaceBy = func(v any) (func(int), error) {
		if c.outs != 1 {
			return nil, fmt.Errorf("parallel: f has %d results: a replacement is for functions with one", c.outs)
		}
		y, err := c.replacement(v)
		if err != nil {
			return nil, err
		}
		return func(int) { done <- []reflect.Value{y} }, nil
	}
	o := execute(job, opts)
	if o.err == nil {
		results = <-done
	}
	return results, o.err
}
