package irtest

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"unsafe"

	"github.com/adabc437/fanout/parallel/device/backend"
	"github.com/adabc437/fanout/parallel/device/ir"
)

// Calls are calls of functions of package ir with Go values. All functions are in one
// program with one kernel, of which each call is a task: devices take long to compile, and
// little for a task.
type Calls struct {
	program *ir.Program
	kernel  *ir.Kernel
	words   *ir.Var
	at      *ir.Var
	funcs   []*called
	arenas  map[string]*arena // by the type's text
	order   []*arena          // as the kernel's parameters
	calls   []*Call
}

// A Call is one call. Its arguments are values whose memory is like that of the parameters'
// types; results are pointers to variables.
type Call struct {
	Args, Results []any
	// Fails says that the call is expected to fail. Such calls run in launches of their own.
	Fails bool
	// Err is set by Run: a [backend.FaultError] if the call has failed.
	Err error

	of *called
}

// called is a function that is called.
type called struct {
	f        *ir.Func
	number   int64
	captures []reflect.Value
}

// An arena holds all values of a type, those of slices one behind the other.
type arena struct {
	elem  *ir.Type
	param *ir.Var
	// of one run:
	data []byte
	n    int64
	rows []int64
}

// NewCalls has no functions yet.
func NewCalls() *Calls {
	c := &Calls{
		program: &ir.Program{}, arenas: map[string]*arena{},
		words: variable("words", ir.SliceOf(tInt)), at: variable("at", tInt),
	}
	c.kernel = &ir.Kernel{Name: "calls", Index: variable("task", tInt), Params: []*ir.Var{c.words}}
	c.program.Kernels = []*ir.Kernel{c.kernel}
	return c
}

// Add adds a function of a program, of which all functions and structs get other names.
// Captures are the values of its last parameters, the same ones in all calls.
func (c *Calls) Add(p *ir.Program, f *ir.Func, captures ...any) int {
	fn := &called{f: f, number: int64(len(c.funcs))}
	prefix := fmt.Sprintf("f%d_", fn.number)
	for _, t := range p.Structs {
		t.Name = prefix + t.Name
	}
	for _, g := range p.Funcs {
		g.Name = prefix + g.Name
		ir.Walk(g.Body, func(s ir.Stmt) {
			if s, ok := s.(*ir.Check); ok {
				s.Site += len(c.program.Sites)
			}
		})
	}
	c.program.Structs = append(c.program.Structs, p.Structs...)
	c.program.Funcs = append(c.program.Funcs, p.Funcs...)
	c.program.Sites = append(c.program.Sites, p.Sites...)
	for _, x := range captures {
		fn.captures = append(fn.captures, reflect.ValueOf(x))
	}
	c.funcs = append(c.funcs, fn)
	return int(fn.number)
}

// Call adds a call.
func (c *Calls) Call(function int, call *Call) *Call {
	call.of = c.funcs[function]
	c.calls = append(c.calls, call)
	return call
}

// Program makes the program.
func (c *Calls) Program() *ir.Program {
	if c.kernel.Body == nil {
		var bodies [][]ir.Stmt
		for _, f := range c.funcs {
			bodies = append(bodies, c.body(f))
		}
		c.kernel.Body = append([]ir.Stmt{declare(c.at, elem(ref(c.words), ref(c.kernel.Index)))}, c.choose(bodies, 0)...)
	}
	return c.program
}

func (c *Calls) word(n int) ir.Expr {
	return elem(ref(c.words), op(ref(c.at), ir.Add, num(int64(n))))
}

// choose goes to the body whose number is the first word of the call.
func (c *Calls) choose(bodies [][]ir.Stmt, first int) []ir.Stmt {
	if len(bodies) == 1 {
		return bodies[0]
	}
	half := len(bodies) / 2
	return []ir.Stmt{&ir.If{
		Cond: op(c.word(0), ir.Lt, num(int64(first+half))),
		Then: c.choose(bodies[:half], first), Else: c.choose(bodies[half:], first+half),
	}}
}

// body calls a function: the words are where its arguments and results stand.
func (c *Calls) body(fn *called) []ir.Stmt {
	call, n := &ir.Call{Func: fn.f}, 1
	word := func() ir.Expr { n++; return c.word(n - 1) }
	for _, p := range fn.f.Params {
		if p.Type.Kind == ir.Slice {
			x := ref(c.arena(p.Type.Elem).param)
			lo, hi := word(), word()
			call.Args = append(call.Args, &ir.Sub{X: x, Lo: lo, Hi: hi, Max: hi})
		} else {
			call.Args = append(call.Args, elem(ref(c.arena(p.Type).param), word()))
		}
	}
	list := []ir.Stmt{call}
	for i, t := range fn.f.Results {
		v := variable(fmt.Sprintf("f%d_result%d", fn.number, i), t)
		call.Results = append(call.Results, v)
		list = append(list, set(elem(ref(c.arena(t).param), word()), ref(v)))
	}
	return list
}

func (c *Calls) arena(elem *ir.Type) *arena {
	key := elem.String()
	if c.arenas[key] == nil {
		a := &arena{elem: elem, param: variable(fmt.Sprintf("arena%d", len(c.order)), ir.SliceOf(elem))}
		c.arenas[key] = a
		c.order = append(c.order, a)
		c.kernel.Params = append(c.kernel.Params, a.param)
	}
	return c.arenas[key]
}

// put appends values, which are in a slice, and gives where they begin and end.
func (a *arena) put(v reflect.Value) (lo, hi int64) {
	if a.elem.Kind == ir.Slice {
		lo = int64(len(a.rows))
		for i := range v.Len() {
			row := v.Index(i)
			a.data = append(a.data, memoryOf(row)...)
			a.rows = append(a.rows, int64(len(a.data))/max(1, a.elem.Elem.Size()))
		}
		return lo - 1, int64(len(a.rows)) - 1
	}
	lo = a.n
	a.n += int64(v.Len())
	a.data = append(a.data, memoryOf(v)...)
	return lo, a.n
}

// get copies values back.
func (a *arena) get(v reflect.Value, lo int64) {
	if a.elem.Kind == ir.Slice {
		for i := range v.Len() {
			copy(memoryOf(v.Index(i)), a.data[a.rows[lo+int64(i)]*a.elem.Elem.Size():])
		}
		return
	}
	copy(memoryOf(v), a.data[lo*a.elem.Size():])
}

// memoryOf is the memory of a slice's elements.
func memoryOf(v reflect.Value) []byte {
	if v.Len() == 0 {
		return nil
	}
	return unsafe.Slice((*byte)(v.UnsafePointer()), v.Len()*int(v.Type().Elem().Size()))
}

// single is a slice with one element.
func single(v reflect.Value) reflect.Value {
	s := reflect.MakeSlice(reflect.SliceOf(v.Type()), 1, 1)
	s.Index(0).Set(v)
	return s
}

// Run runs all calls, and sets their results, what they have written to their slices, and
// their errors. Its own error is not that of a call.
func (c *Calls) Run(ctx context.Context, dev backend.Device) error {
	p, err := dev.Build(ctx, c.Program())
	if err != nil {
		if b := (*backend.BuildError)(nil); errors.As(err, &b) {
			return fmt.Errorf("%w\n%s", err, b.Log)
		}
		return err
	}
	defer p.Free()
	k, err := p.Kernel(c.kernel.Name)
	if err != nil {
		return err
	}
	q, err := dev.Queue()
	if err != nil {
		return err
	}
	defer q.Free()
	l := &launcher{calls: c, dev: dev, queue: q, kernel: k}
	var good, bad []*Call
	for _, call := range c.calls {
		if call.Err = nil; call.Fails {
			bad = append(bad, call)
		} else {
			good = append(good, call)
		}
	}
	if err := l.all(ctx, good); err != nil {
		return err
	}
	return l.each(ctx, bad)
}

// A launcher runs calls on a device.
type launcher struct {
	calls  *Calls
	dev    backend.Device
	queue  backend.Queue
	kernel backend.Kernel
	args   []backend.Arg
	free   []backend.Buffer
	back   []func()
}

// all runs calls in one launch. If one fails, it is left out of a second one.
func (l *launcher) all(ctx context.Context, list []*Call) error {
	for len(list) > 0 {
		if err := l.upload(ctx, list); err != nil {
			return err
		}
		err := l.launch(ctx, 0, int64(len(list)))
		var f *backend.FaultError
		if errors.As(err, &f) && f.Index >= 0 && f.Index < int64(len(list)) {
			list[f.Index].Err = f
			list = slices.Delete(slices.Clone(list), int(f.Index), int(f.Index)+1)
			l.release()
			continue
		}
		if err == nil {
			err = l.download(ctx)
		}
		l.release()
		return err
	}
	return nil
}

// each runs calls one by one.
func (l *launcher) each(ctx context.Context, list []*Call) error {
	if len(list) == 0 {
		return nil
	}
	if err := l.upload(ctx, list); err != nil {
		return err
	}
	defer l.release()
	for i, c := range list {
		c.Err = l.launch(ctx, int64(i), 1)
		if f := (*backend.FaultError)(nil); c.Err != nil && !errors.As(c.Err, &f) {
			return c.Err
		}
	}
	return nil
}

func (l *launcher) launch(ctx context.Context, base, n int64) error {
	e, err := l.queue.Launch(l.kernel, base, n, l.args)
	if err != nil {
		return err
	}
	return e.Wait(ctx)
}

func (l *launcher) release() {
	for _, b := range l.free {
		b.Free()
	}
	l.free, l.args, l.back = nil, nil, nil
}

// upload lays out the values of calls.
func (l *launcher) upload(ctx context.Context, list []*Call) error {
	for _, a := range l.calls.order {
		a.data, a.n, a.rows = nil, 0, []int64{0}
	}
	words := make([]int64, len(list))
	for i, c := range list {
		words[i] = int64(len(words))
		words = append(words, l.layOut(c)...)
	}
	put := func(data []byte) (backend.Buffer, error) {
		b, err := l.dev.Alloc(int64(len(data)))
		if err != nil {
			return nil, err
		}
		l.free = append(l.free, b)
		e, err := l.queue.Write(b, 0, data)
		if err != nil {
			return nil, err
		}
		return b, e.Wait(ctx)
	}
	b, err := put(bytesOf(words))
	if err != nil {
		return err
	}
	l.args = append(l.args, backend.Arg{Buffer: b, Len: int64(len(words))})
	for _, a := range l.calls.order {
		b, err := put(a.data)
		if err != nil {
			return err
		}
		arg := backend.Arg{Buffer: b, Len: a.n}
		if a.elem.Kind == ir.Slice {
			arg.Len = int64(len(a.rows)) - 1
			if arg.Rows, err = put(bytesOf(a.rows)); err != nil {
				return err
			}
		}
		l.args = append(l.args, arg)
	}
	return nil
}

// place puts the captured values of a function, and gives their words.
func (f *called) place(c *Calls) (words []int64) {
	params := f.f.Params[len(f.f.Params)-len(f.captures):]
	for i, v := range f.captures {
		words = append(words, c.put(params[i].Type, v)...)
	}
	return words
}

func (c *Calls) put(t *ir.Type, v reflect.Value) []int64 {
	if t.Kind == ir.Slice {
		lo, hi := c.arena(t.Elem).put(v)
		return []int64{lo, hi}
	}
	lo, _ := c.arena(t).put(single(v))
	return []int64{lo}
}

// layOut puts the values of a call, and gives its words.
func (l *launcher) layOut(c *Call) []int64 {
	words := []int64{c.of.number}
	for i, x := range c.Args {
		t, v := c.of.f.Params[i].Type, reflect.ValueOf(x)
		w := l.calls.put(t, v)
		words = append(words, w...)
		if t.Kind == ir.Slice {
			l.back = append(l.back, func() { l.calls.arena(t.Elem).get(v, w[0]) })
		}
	}
	words = append(words, c.of.place(l.calls)...)
	for i, x := range c.Results {
		t, v := c.of.f.Results[i], reflect.ValueOf(x).Elem()
		w := l.calls.put(t, v)
		words = append(words, w...)
		l.back = append(l.back, func() {
			s := single(v)
			l.calls.arena(t).get(s, w[0])
			v.Set(s.Index(0))
		})
	}
	return words
}

// download reads the values back.
func (l *launcher) download(ctx context.Context) error {
	for i, a := range l.calls.order {
		e, err := l.queue.Read(a.data, l.args[i+1].Buffer, 0)
		if err != nil {
			return err
		}
		if err := e.Wait(ctx); err != nil {
			return err
		}
	}
	for _, f := range l.back {
		f()
	}
	return nil
}
