package cpu

import (
	"context"
	"fmt"
	"reflect"
	"runtime"
	"sync/atomic"
	"unsafe"

	"github.com/adabc437/fanout/parallel/device/ir"
)

// Call runs one function of a program. Arguments are Go values whose memory is like that of
// the parameters' types: numbers, bools, arrays and structs of those, slices, slices of
// slices, and pointers. Results are pointers to Go variables; nil for one that is not
// wanted. A task that fails gives a [backend.FaultError] with the index 0; when ctx ends,
// its error is returned.
func Call(ctx context.Context, p *ir.Program, fn string, results []any, args ...any) (err error) {
	c, err := compile(p)
	if err != nil {
		return err
	}
	f := c.find(fn)
	if f == nil {
		return fmt.Errorf("cpu: the program has no function %s", fn)
	}
	if len(args) != len(f.params) || len(results) != len(f.results) {
		return fmt.Errorf("cpu: %s takes %d arguments and gives %d results, not %d and %d", fn, len(f.params), len(f.results), len(args), len(results))
	}
	var copies []*place
	for range args {
		copies = append(copies, nil)
	}
	for i, v := range f.params {
		if v.Type.Kind == ir.Pointer && v.Type.Elem.Kind != ir.Slice {
			copies[i] = &place{offset: c.room(v.Type.Elem)}
		}
	}
	var stop atomic.Bool
	defer context.AfterFunc(ctx, func() { stop.Store(true) })()
	m := c.newMachine()
	m.stop = &stop
	defer func() {
		switch e := recover().(type) {
		case nil:
		case runtime.Error:
			err = fmt.Errorf("cpu: %s: %w", fn, e)
		case error:
			err = fmt.Errorf("cpu: %s: %w", fn, e)
		default:
			panic(e)
		}
	}()
	var after []func()
	for i, x := range args {
		done, err := c.argument(m, f.params[i], copies[i], reflect.ValueOf(x))
		if err != nil {
			return fmt.Errorf("cpu: %s: argument %d: %w", fn, i, err)
		}
		after = append(after, done)
	}
	f.body(m)
	for _, g := range after {
		g()
	}
	if m.failed {
		return m.fault(p, 0)
	}
	if m.ended {
		return because(ctx)
	}
	for i, r := range results {
		if r == nil {
			continue
		}
		v, t := reflect.ValueOf(r), f.results[i].Type
		if v.Kind() != reflect.Pointer || int64(v.Elem().Type().Size()) != t.Size() {
			return fmt.Errorf("cpu: %s: result %d: %T cannot hold a %s", fn, i, r, t)
		}
		copyBytes(v.UnsafePointer(), unsafe.Add(m.mem, c.places[f.results[i]]), t.Size())
	}
	return nil
}

func (c *compiler) find(fn string) *compiled {
	for _, f := range c.program.Funcs {
		if f.Name == fn {
			return c.funcs[f]
		}
	}
	return nil
}

// argument puts an argument into a machine, and gives what is to be done after the call.
func (c *compiler) argument(m *machine, v *ir.Var, copied *place, x reflect.Value) (func(), error) {
	t, own := v.Type, c.places[v]
	none := func() {}
	bad := fmt.Errorf("a %s is no %s", x.Type(), t)
	switch {
	case t.Kind == ir.Slice && x.Kind() == reflect.Slice && t.Elem.Kind == ir.Slice:
		return c.rowsArgument(m, own, t, x)
	case t.Kind == ir.Slice && x.Kind() == reflect.Slice:
		if int64(x.Type().Elem().Size()) != t.Elem.Size() {
			return nil, bad
		}
		m.slices[own] = slice{p: x.UnsafePointer(), len: int64(x.Len()), cap: int64(x.Cap())}
		return none, nil
	case t.Kind == ir.Pointer && copied != nil && x.Kind() == reflect.Pointer:
		size := t.Elem.Size()
		if int64(x.Type().Elem().Size()) != size {
			return nil, bad
		}
		inside := unsafe.Add(m.mem, copied.offset)
		copyBytes(inside, x.UnsafePointer(), size)
		*at[int64](m, own) = copied.offset
		return func() { copyBytes(x.UnsafePointer(), inside, size) }, nil
	case t.Kind == ir.Slice || t.Kind == ir.Pointer || int64(x.Type().Size()) != t.Size():
		return nil, bad
	}
	where := reflect.New(x.Type())
	where.Elem().Set(x)
	copyBytes(unsafe.Add(m.mem, own), where.UnsafePointer(), t.Size())
	return none, nil
}

// rowsArgument lays rows one behind the other, and copies them back afterwards.
func (c *compiler) rowsArgument(m *machine, own int64, t *ir.Type, x reflect.Value) (func(), error) {
	if x.Type().Elem().Kind() != reflect.Slice || int64(x.Type().Elem().Elem().Size()) != t.Elem.Elem.Size() {
		return nil, fmt.Errorf("a %s is no %s", x.Type(), t)
	}
	all := reflect.MakeSlice(x.Type().Elem(), 0, 0)
	rows := make([]int64, 1, x.Len()+1)
	for i := range x.Len() {
		all = reflect.AppendSlice(all, x.Index(i))
		rows = append(rows, int64(all.Len()))
	}
	m.slices[own] = slice{p: all.UnsafePointer(), rows: unsafe.Pointer(&rows[0]), len: int64(x.Len()), cap: int64(x.Len()), total: int64(all.Len())}
	return func() {
		for i := range x.Len() {
			reflect.Copy(x.Index(i), all.Slice(int(rows[i]), int(rows[i+1])))
		}
	}, nil
}
