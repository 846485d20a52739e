package parallel

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"

	"github.com/adabc437/fanout/parallel/philox"
)

// A caller is a function value, looked at.
type caller struct {
	f        reflect.Value
	context  bool // f takes a context first
	random   bool // f takes random numbers next
	ins      int  // parameters after those
	outs     int  // results before the error
	fails    bool // the last result is an error
	mappable bool // one result at most, besides an error
	spread   bool // the last argument is the slice of all variadic ones
}

var (
	contextType = reflect.TypeFor[context.Context]()
	errorType   = reflect.TypeFor[error]()
	randomType  = reflect.TypeFor[*rand.Rand]()
)

var errNoResult = errors.New("parallel: f has no result that could be replaced")

// newCaller looks at a function. A *rand.Rand is taken for the task's random numbers
// where it stands before other arguments.
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
	if c.ins > 1 && t.In(c.lead()) == randomType {
		c.random = true
		c.ins--
	}
	if c.outs > 0 && t.Out(c.outs-1) == errorType {
		c.fails = true
		c.outs--
	}
	c.mappable = c.outs <= 1
	return c, nil
}

// lead returns how many parameters stand before those that take the data.
func (c *caller) lead() (n int) {
	if c.context {
		n++
	}
	if c.random {
		n++
	}
	return n
}

// in returns the type of the ith parameter of those that take the data.
func (c *caller) in(i int) reflect.Type {
	i += c.lead()
	t := c.f.Type()
	if t.IsVariadic() && i == t.NumIn()-1 { // it is called with one element
		return t.In(i).Elem()
	}
	return t.In(i)
}

// checkMap says whether f can be mapped.
func (c *caller) checkMap() error {
	if c.ins != 1 && c.ins != 2 {
		return fmt.Errorf("parallel: f is a %v of %d arguments: a map needs a function of one (the element) or two (key and element)", c.f.Type(), c.ins)
	}
	return c.checkResults()
}

func (c *caller) checkResults() error {
	if !c.mappable {
		return fmt.Errorf("parallel: f is a %v: a map needs a function with one result at most, and an error after it", c.f.Type())
	}
	return nil
}

// checkKeys keeps integer keys from becoming floats.
func (c *caller) checkKeys(key reflect.Type) error {
	if isInteger(key) && isFloat(c.in(0)) {
		return fmt.Errorf("parallel: f takes %s first, but the keys of xs are %v", article(c.in(0).String()), key)
	}
	return nil
}

// plainType returns the type of f without its name.
func (c *caller) plainType() reflect.Type {
	t := c.f.Type()
	if t.Name() == "" {
		return t
	}
	in := make([]reflect.Type, t.NumIn())
	for i := range in {
		in[i] = t.In(i)
	}
	out := make([]reflect.Type, t.NumOut())
	for i := range out {
		out[i] = t.Out(i)
	}
	return reflect.FuncOf(in, out, t.IsVariadic())
}

// frame makes room for the arguments of task i, and fills in those that are no data.
func (c *caller) frame(ctx context.Context, seed uint64, i, data int) []reflect.Value {
	in := make([]reflect.Value, c.lead()+data)
	if c.context {
		in[0] = reflect.ValueOf(ctx)
	}
	if c.random {
		source := new(philox.Source)
		source.Seed(seed, uint64(i))
		in[c.lead()-1] = reflect.ValueOf(rand.New(source))
	}
	return in
}

// call calls f, and parts the error from the results.
func (c *caller) call(in []reflect.Value) (out []reflect.Value, err error) {
	if c.spread {
		out = c.f.CallSlice(in)
	} else {
		out = c.f.Call(in)
	}
	if c.fails {
		err, _ = out[c.outs].Interface().(error)
		out = out[:c.outs]
	}
	return out, err
}

// mapColumns calls f on the elements of the columns, side by side: slices of the types
// of its parameters, or arrays, of one length.
func (c *caller) mapColumns(columns []reflect.Value, input func(i int) any, opts []Option) (reflect.Value, error) {
	n := columns[0].Len()
	var out reflect.Value
	if c.outs == 1 {
		out = reflect.MakeSlice(reflect.SliceOf(c.f.Type().Out(0)), n, n)
	}
	seed, opts := seedOf(opts)
	lead := c.lead()
	job := job{n: n, input: input, random: c.random}
	job.span = func(w *worker, lo, hi int) error {
		in := c.frame(w.ctx, seed, lo, len(columns))
		source := new(philox.Source)
		if c.random {
			in[lead-1] = reflect.ValueOf(rand.New(source))
		}
		for w.at = lo; w.at < hi; {
			if c.random {
				source.Seed(seed, uint64(w.at))
			}
			for k, column := range columns {
				in[lead+k] = column.Index(w.at)
			}
			ys, err := c.call(in)
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
		in := c.frame(ctx, seed, i, len(columns))
		for k, column := range columns {
			in[lead+k] = column.Index(i)
		}
		ys, err := c.call(in)
		if err == nil && (keep == nil || keep()) && c.outs == 1 {
			out.Index(i).Set(ys[0])
		}
		return err
	}
	job.replaceBy = func(v any) (func(int), error) {
		if c.outs == 0 {
			return nil, errNoResult
		}
		y, err := c.replacement(v)
		if err != nil {
			return nil, err
		}
		return func(i int) { out.Index(i).Set(y) }, nil
	}
	if c.outs == 1 {
		job.copyDone = func(done []interval, packed bool) any { return copyValues(out, done, packed).Interface() }
	}
	o := execute(job, opts)
	if !o.abandoned && !o.unordered || c.outs == 0 {
		return out, o.err
	}
	return copyValues(out, o.done, o.unordered), o.err
}

// copyValues is copyOf for a slice whose type is known only at run time.
func copyValues(out reflect.Value, done []interval, packed bool) reflect.Value {
	kept := reflect.MakeSlice(out.Type(), out.Len(), out.Len())
	at := 0
	for _, s := range done {
		if !packed {
			at = s.lo
		}
		at += reflect.Copy(kept.Slice(at, kept.Len()), out.Slice(s.lo, s.hi))
	}
	return kept
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
