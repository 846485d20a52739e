package parallel

import (
	"context"
	"errors"
	"fmt"
	"reflect"
)

// MapValue is [Map] for a function and data whose types are known only at run
// time, as in a notebook. It answers with a slice of f's results in order, or
// the zero Value when f has no result besides an error.
//
// f is a function of the elements of xs, as `for _, v := range xs` gives them,
// or of both k and v of `for k, v := range xs`; before them it may take a
// context.Context. It returns nothing, a result, an error, or a result and an
// error.
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
	c, err := newCaller(f)
	if err != nil {
		return reflect.Value{}, err
	}
	if c.ins != 1 && c.ins != 2 {
		return reflect.Value{}, fmt.Errorf("parallel: f is a %v of %d arguments: a map needs a function of one (the element) or two (key and element)", c.f.Type(), c.ins)
	}
	if !c.mappable {
		return reflect.Value{}, fmt.Errorf("parallel: f is a %v: a map needs a function with one result at most, and an error after it", c.f.Type())
	}
	vals, keys, err := readElements(ctx, xs, c.ins == 2)
	if err != nil {
		return reflect.Value{}, err
	}
	last := c.in(c.ins - 1)
	if vals, err = convertAll(vals, last, "the elements of xs"); err != nil {
		return reflect.Value{}, err
	}
	if c.ins == 2 {
		if key := keys.Type().Elem(); isInteger(key) && isFloat(c.in(0)) {
			return reflect.Value{}, fmt.Errorf("parallel: f takes %s first, but the keys of xs are %v", article(c.in(0).String()), key)
		}
		if keys, err = convertAll(keys, c.in(0), "the keys of xs"); err != nil {
			return reflect.Value{}, err
		}
	}
	opts = append(opts[:len(opts):len(opts)], WithContext(ctx))
	if o := resolve(opts); o.onError == replaceResult && c.outs == 1 {
		v, err := c.replacement(o.replacement)
		if err != nil {
			return reflect.Value{}, err
		}
		opts = append(opts, WithReplacement(v.Interface()))
	}
	if c.ins == 1 && !c.context && !f.Type().IsVariadic() {
		if fast, ok := fastMaps[c.plainType()]; ok {
			return fast(c.f, vals, opts)
		}
	}
	return c.mapAll(vals, keys, opts)
}

// ApplyValue calls f on args on a worker, and returns f's results without the
// error. f may have any number of parameters and results, be variadic, take a
// context.Context first (ctx then is not among args) and return an error last.
// The arguments are converted as in [MapValue].
func ApplyValue(ctx context.Context, f reflect.Value, args []reflect.Value, opts ...Option) ([]reflect.Value, error) {
	c, err := newCaller(f)
	if err != nil {
		return nil, err
	}
	in, err := c.fit(args)
	if err != nil {
		return nil, err
	}
	var results []reflect.Value
	shown := make([]any, len(args))
	for i, a := range args {
		if a.IsValid() && a.CanInterface() {
			shown[i] = a.Interface()
		}
	}
	job := job{n: 1, input: func(int) any {
		if len(shown) == 1 {
			return shown[0]
		}
		return shown
	}}
	done := make(chan []reflect.Value, 1)
	job.span = func(w *worker, lo, _ int) error {
		w.at = lo
		out, err := c.call(w.run.ctx, in)
		if err != nil {
			return err
		}
		w.at++
		done <- out
		return nil
	}
	job.each = func(ctx context.Context, _ int, keep func() bool) error {
		out, err := c.call(ctx, in)
		if err == nil && (keep == nil || keep()) {
			done <- out
		}
		return err
	}
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
	o := execute(job, append(opts[:len(opts):len(opts)], WithContext(ctx)))
	if o.err == nil {
		results = <-done
	}
	return results, o.err
}

// A caller is a function value, looked at.
type caller struct {
	f        reflect.Value
	context  bool // f takes a context first
	ins      int  // parameters after the context
	outs     int  // results before the error
	fails    bool // the last result is an error
	mappable bool // one result at most, besides an error
}

var (
	contextType = reflect.TypeFor[context.Context]()
	errorType   = reflect.TypeFor[error]()
)

func newCaller(f reflect.Value) (*caller, error) {
	for f.IsValid() && f.Kind() == reflect.Interface {
		f = f.Elem()
	}
	if !f.IsValid() {
		return nil, errNilFunc
	}
	if f.Kind() != reflect.Func {
		return nil, fmt.Errorf("parallel: f is %s, not a function", article(f.Type().String()))
	}
	if f.IsNil() {
		return nil, errNilFunc
	}
	t := f.Type()
	c := &caller{f: f, ins: t.NumIn(), outs: t.NumOut()}
	if c.ins > 0 && t.In(0) == contextType {
		c.context = true
		c.ins--
	}
	if c.outs > 0 && t.Out(c.outs-1) == errorType {
		c.fails = true
		c.outs--
	}
	c.mappable = c.outs <= 1
	return c, nil
}

// in returns the type of the ith parameter after the context.
func (c *caller) in(i int) reflect.Type {
	if c.context {
		i++
	}
	t := c.f.Type()
	if t.IsVariadic() && i == t.NumIn()-1 { // it is called with one element
		return t.In(i).Elem()
	}
	return t.In(i)
}

// plainType returns the type of f without its name.
func (c *caller) plainType() reflect.Type {
	t := c.f.Type()
	if t.Name() == "" {
		return t
	}
	in := []reflect.Type{t.In(0)}
	out := make([]reflect.Type, t.NumOut())
	for i := range out {
		out[i] = t.Out(i)
	}
	return reflect.FuncOf(in, out, false)
}

// call calls f, and parts the error from the results.
func (c *caller) call(ctx context.Context, in []reflect.Value) ([]reflect.Value, error) {
	if c.context {
		in = append([]reflect.Value{reflect.ValueOf(ctx)}, in...)
	}
	out := c.f.Call(in)
	if c.fails {
		err, _ := out[c.outs].Interface().(error)
		return out[:c.outs], err
	}
	return out, nil
}

// mapAll maps f over slices of elements and, for two parameters, keys.
func (c *caller) mapAll(vals, keys reflect.Value, opts []Option) (reflect.Value, error) {
	n := vals.Len()
	var out reflect.Value
	if c.outs == 1 {
		out = reflect.MakeSlice(reflect.SliceOf(c.f.Type().Out(0)), n, n)
	}
	job := job{n: n, input: func(i int) any { return vals.Index(i).Interface() }}
	job.span = func(w *worker, lo, hi int) error {
		in := make([]reflect.Value, c.ins)
		for w.at = lo; w.at < hi; {
			in[c.ins-1] = vals.Index(w.at)
			if c.ins == 2 {
				in[0] = keys.Index(w.at)
			}
			ys, err := c.call(w.run.ctx, in)
			if err != nil {
				return err
			}
			if c.outs == 1 {
				out.Index(w.at).Set(ys[0])
			}
			w.at++
			if w.sig.Load() != 0 {
				break
			}
		}
		return nil
	}
	job.each = func(ctx context.Context, i int, keep func() bool) error {
		in := []reflect.Value{vals.Index(i)}
		if c.ins == 2 {
			in = []reflect.Value{keys.Index(i), in[0]}
		}
		ys, err := c.call(ctx, in)
		if err == nil && c.outs == 1 && (keep == nil || keep()) {
			out.Index(i).Set(ys[0])
		}
		return err
	}
	job.replaceBy = func(v any) (func(int), error) {
		if c.outs == 0 {
			return nil, errors.New("parallel: f has no result that could be replaced")
		}
		y, err := c.replacement(v)
		if err != nil {
			return nil, err
		}
		return func(i int) { out.Index(i).Set(y) }, nil
	}
	o := execute(job, opts)
	if !o.abandoned || c.outs == 0 {
		return out, o.err
	}
	kept := reflect.MakeSlice(out.Type(), n, n)
	for _, s := range o.done {
		reflect.Copy(kept.Slice(s.lo, s.hi), out.Slice(s.lo, s.hi))
	}
	return kept, o.err
}

// replacement converts v to the type of f's result.
func (c *caller) replacement(v any) (reflect.Value, error) {
	t := c.f.Type().Out(0)
	if v == nil {
		if nilable(t) {
			return reflect.Zero(t), nil
		}
		return reflect.Value{}, fmt.Errorf("parallel: the replacement is nil, and the results are of type %v", t)
	}
	y, err := convert(reflect.ValueOf(v), t)
	if err != nil {
		return reflect.Value{}, fmt.Errorf("parallel: the replacement is %s, and the results are of type %v", article(fmt.Sprintf("%T", v)), t)
	}
	return y, nil
}

// fit converts args to the parameters of f.
func (c *caller) fit(args []reflect.Value) ([]reflect.Value, error) {
	t := c.f.Type()
	least := c.ins
	if t.IsVariadic() {
		least--
	}
	if len(args) < least || len(args) > c.ins && !t.IsVariadic() {
		return nil, fmt.Errorf("parallel: f is a %v, which needs %d arguments, not %d", t, c.ins, len(args))
	}
	in := make([]reflect.Value, len(args))
	for i, a := range args {
		v, err := convert(a, c.in(min(i, c.ins-1)))
		if err != nil {
			return nil, fmt.Errorf("parallel: argument %d: %w", i+1, err)
		}
		in[i] = v
	}
	return in, nil
}
