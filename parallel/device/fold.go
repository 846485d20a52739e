package device

import (
	"context"
	"errors"
	"fmt"
	"math"
	"reflect"

	"github.com/adabc437/fanout/parallel/device/backend"
	"github.com/adabc437/fanout/parallel/device/cpu"
	"github.com/adabc437/fanout/parallel/device/ir"
)

// A folding is a Reduce or a Scan at work: x0 ∘ x1 ∘ …, where ∘ is associative. Elements
// are combined in sections, one for each work-item, whose results are combined in sections
// in their turn, until there is one.
type folding struct {
	device  *Device
	call    *Call
	list    list
	elem    *ir.Type     // what is combined
	taken   *ir.Type     // of the list's elements: a number that is converted to elem, or elem
	result  reflect.Type // what is given
	program *ir.Program
	// The kernels' names. The first ones take elements of the list, which may be whole
	// numbers that are nowhere in memory; the others take what sections gave.
	folds, applies [2]string
	traced         *ir.Program // the same kernels, which note what they are at
	captures       []backend.Arg
	kernels        map[string]backend.Kernel
	profile        *Profile
}

// newFolding checks a call and makes the kernels; scan says whether apply is wanted.
func newFolding(d *Device, c *Call, shape string, scan bool) (*folding, error) {
	f := c.Function
	if len(c.Captures) != len(f.unit.Captures) {
		return nil, fmt.Errorf("device: %d captured values for a function that captures %d", len(c.Captures), len(f.unit.Captures))
	}
	if len(c.Lists) != 1 {
		return nil, fmt.Errorf("device: a %s is of one list, and not of %d", shape, len(c.Lists))
	}
	l, err := c.list(c.Lists[0])
	if err != nil {
		return nil, inList(0, err)
	}
	if l.array != nil && l.array.on.device != d {
		return nil, inList(0, elsewhere(l.array.on.device, d, shape))
	}
	params := f.params()
	result, err := f.result()
	if err != nil {
		return nil, fmt.Errorf("device: %w", err)
	}
	if f.Random || result == nil || len(params) != 2 || !ir.Same(params[0].Type, result) || !ir.Same(params[1].Type, result) {
		return nil, fmt.Errorf("device: a %s needs a function of two values of one type, which returns a value of that type: func(a, b T) T; %s is not one", shape, f.Name)
	}
	r := &folding{device: d, call: c, list: l, elem: result, taken: result, result: c.Result, kernels: map[string]backend.Kernel{}}
	if l.rows {
		return nil, fmt.Errorf("device: a %s is of numbers, arrays or structs, and not of slices", shape)
	}
	if err := r.takes(); err != nil {
		return nil, inList(0, fmt.Errorf("device: the list of %s: %w", f.Name, err))
	}
	if err := r.list.inRange("xs", result); err != nil {
		return nil, inList(0, err)
	}
	if err := fits(r.result, result); err != nil {
		return nil, fmt.Errorf("device: the results of %s: %w", f.Name, err)
	}
	if f.operator == "sum" && result.Kind == ir.Float32 && d.Info().Float64 {
		if err := r.widen(); err != nil {
			return nil, err
		}
	}
	r.makeKernels(scan)
	return r, nil
}

// foldSource is the source of a folding's kernels.
func (d *Device) foldSource(ctx context.Context, c *Call, shape string, scan bool) (string, error) {
	r, err := newFolding(d, c, shape, scan)
	if err != nil {
		return "", err
	}
	program, _, err := d.builtFor(ctx, r.call.Function, r.program)
	if err != nil {
		return "", err
	}
	return program.Source(), nil
}

// ErrInitial says that an exclusive scan does not know what it begins with.
var ErrInitial = errors.New("device: an exclusive scan begins with the identity of its function, which must be given")

// initial is what an exclusive scan begins with, as what is combined.
func (r *folding) initial() (reflect.Value, error) {
	if r.call.Initial == nil {
		if r.call.Function.operator == "" {
			return reflect.Value{}, ErrInitial
		}
		return identity(r.call.Function.operator, goTypes[r.elem.Kind]), nil
	}
	v := reflect.ValueOf(r.call.Initial)
	want := goTypes[r.elem.Kind]
	if fits(v.Type(), r.elem) == nil {
		return v, nil
	}
	wrong := fmt.Errorf("device: an exclusive scan of %s cannot begin with %v, a %s", r.elem, v, v.Type())
	if want == nil || goTypes[KindOf(v.Type())] == nil || !v.CanConvert(want) {
		return reflect.Value{}, wrong
	}
	to := v.Convert(want)
	if !r.elem.Kind.IsFloat() && (v.CanFloat() || !to.Convert(v.Type()).Equal(v) || to.CanInt() && v.CanUint() && to.Int() < 0 || to.CanUint() && v.CanInt() && v.Int() < 0) {
		return reflect.Value{}, wrong
	}
	return to, nil
}

// identity is that of an operator on numbers of a type: what changes nothing.
func identity(operator string, t reflect.Type) reflect.Value {
	v := reflect.New(t).Elem()
	bits := t.Bits()
	switch least := operator == "max"; {
	case operator == "sum":
	case operator == "product":
		v.Set(reflect.ValueOf(1).Convert(t))
	case v.CanFloat() && least:
		v.SetFloat(math.Inf(-1))
	case v.CanFloat():
		v.SetFloat(math.Inf(1))
	case v.CanInt() && least:
		v.SetInt(-1 << (bits - 1))
	case v.CanInt():
		v.SetInt(1<<(bits-1) - 1)
	case !least:
		v.SetUint(math.MaxUint64 >> (64 - bits))
	}
	return v
}

// takes finds out how the elements of the list become those that are combined, and what
// type results have.
func (r *folding) takes() error {
	l, result := &r.list, r.elem
	if l.count {
		if r.result == nil {
			r.result = goTypes[result.Kind]
		}
		if r.taken = ir.Scalar(ir.Int64); r.result == nil {
			return fmt.Errorf("it takes a %s, and the numbers 0 to %d are integers", result, l.n-1)
		}
		return nil
	}
	if err := l.suits(result); err != nil {
		return err
	}
	if r.taken = l.typ; ir.Same(l.typ, result) {
		r.result = l.elem
	} else if r.result == nil {
		r.result = goTypes[result.Kind]
	}
	if l.array != nil && narrows(l.typ.Kind, result.Kind) {
		return fmt.Errorf("elements of %s may not fit into %s: make an array of them by %%gpumap -k", l.elem, article(result.String()))
	}
	return nil
}

// widen has float32 summed as float64: the sum is rounded once, at the end.
func (r *folding) widen() error {
	sum, err := Operator("sum", ir.Float64)
	if err != nil {
		return err
	}
	wide := *r.call
	wide.Function = sum
	r.call, r.elem = &wide, ir.Scalar(ir.Float64)
	return nil
}

// size is how many bytes an element of the list or of the results has on the device.
func (r *folding) size() int64 {
	if r.list.count {
		return max(1, int64(r.result.Size()))
	}
	return max(1, int64(r.result.Size()), r.taken.Size())
}

// converts says that elements of the list are to become those that are combined.
func (r *folding) converts() bool { return r.list.count || !ir.Same(r.taken, r.elem) }

// goTypes are the types of numbers by their kinds; of integers of 64 bits, int and uint.
var goTypes = map[ir.Kind]reflect.Type{
	ir.Int8: reflect.TypeFor[int8](), ir.Int16: reflect.TypeFor[int16](), ir.Int32: reflect.TypeFor[int32](), ir.Int64: reflect.TypeFor[int](),
	ir.Uint8: reflect.TypeFor[uint8](), ir.Uint16: reflect.TypeFor[uint16](), ir.Uint32: reflect.TypeFor[uint32](), ir.Uint64: reflect.TypeFor[uint](),
	ir.Float32: reflect.TypeFor[float32](), ir.Float64: reflect.TypeFor[float64](),
}

func (r *folding) makeKernels(scan bool) {
	f := r.call.Function
	make := func(trace bool) *ir.Program {
		var kernels []*ir.Kernel
		for k, name := range []string{"fold", "combine"} {
			kernel := r.foldKernel(name, k == 0, trace)
			r.folds[k] = kernel.Name
			kernels = append(kernels, kernel)
			if k == 0 && !r.converts() {
				r.folds[1] = r.folds[0]
				break
			}
		}
		if scan {
			for k, name := range []string{"apply", "spread"} {
				kernel := r.applyKernel(name, k == 0, trace)
				r.applies[k] = kernel.Name
				kernels = append(kernels, kernel)
				if k == 0 && !r.converts() && !r.call.Exclusive {
					r.applies[1] = r.applies[0]
					break
				}
			}
		}
		return f.with(kernels...)
	}
	r.program, r.traced = make(false), make(true)
}

// A fold makes the body of one of the kernels.
type fold struct {
	*builder
	element  func(j ir.Expr) ir.Expr
	n, per   ir.Expr
	captures []ir.Expr
	at       ir.Expr // where the element is noted that is to be combined; nil: nowhere
	elem     *ir.Type
}

func (r *folding) fold(name string, listed, trace bool) *fold {
	b := newBuilder(r.call.Function, name)
	k := &fold{builder: b, elem: r.elem}
	switch {
	case listed && r.list.count:
		first := b.param("first", ir.Scalar(ir.Int64))
		k.element = func(j ir.Expr) ir.Expr { return convert(r.elem, binary(ir.Add, first, j)) }
	case listed:
		x := b.param("x", ir.SliceOf(r.taken))
		k.element = func(j ir.Expr) ir.Expr { return convert(r.elem, at(x, j)) }
	default:
		x := b.param("x", ir.SliceOf(r.elem))
		k.element = func(j ir.Expr) ir.Expr { return at(x, j) }
	}
	k.n, k.per = b.param("n", ir.Scalar(ir.Int64)), b.param("section", ir.Scalar(ir.Int64))
	k.captures = b.captures()
	if trace {
		k.at = b.param("at", ir.SliceOf(ir.Scalar(ir.Int64)))
	}
	return k
}

// bounds are where the work-item's section begins and ends.
func (k *fold) bounds() (lo, hi ir.Expr) {
	l := k.declare("lo", ir.Scalar(ir.Int64), binary(ir.Mul, k.index(), k.per))
	h := k.declare("hi", ir.Scalar(ir.Int64), &ir.Math{Fn: "min", T: ir.Scalar(ir.Int64), Args: []ir.Expr{binary(ir.Add, ref(l), k.per), k.n}})
	return ref(l), ref(h)
}

// combine is a = f(a, b), where b begins with element j.
func (k *fold) combine(a, b, j ir.Expr) { k.join(a, a, b, j) }

// join is to = f(a, b), where b begins with element j.
func (k *fold) join(to, a, b, j ir.Expr) {
	if k.at != nil {
		k.set(at(k.at, number(0)), j)
	}
	k.set(to, k.call(k.elem, append([]ir.Expr{a, b}, k.captures...)))
}

// foldKernel combines sections: out[to+i] = x[lo] ∘ … ∘ x[hi-1]. On CPUs a section of a small
// function is combined in blocks, of which most does not wait for what is in front.
func (r *folding) foldKernel(name string, listed, trace bool) *ir.Kernel {
	k := r.fold(name, listed, trace)
	to, out := k.param("to", ir.Scalar(ir.Int64)), k.param("out", ir.SliceOf(r.elem))
	lo, hi := k.bounds()
	acc := ref(k.declare("acc", r.elem, k.element(lo)))
	next := ref(k.declare("next", ir.Scalar(ir.Int64), binary(ir.Add, lo, number(1))))
	if width := r.width(); width > 1 {
		k.blocks(width, acc, next, hi)
	}
	k.loop("j", next, hi, func(j ir.Expr) { k.combine(acc, k.element(j), j) })
	k.set(at(out, binary(ir.Add, to, k.index())), acc)
	return k.kernel
}

// blocks combines blocks of elements, each in a tree, as long as there are whole ones:
// acc = acc ∘ ((x0 ∘ x1) ∘ (x2 ∘ x3)), of four.
func (k *fold) blocks(width int64, acc, next, hi ir.Expr) {
	count := ref(k.declare("blocks", ir.Scalar(ir.Int64), binary(ir.Div, binary(ir.SubOp, hi, next), number(width))))
	k.loop("block", number(0), count, func(ir.Expr) {
		elements, places := make([]ir.Expr, width), make([]ir.Expr, width)
		for i := range elements {
			places[i] = next
			if i > 0 {
				places[i] = binary(ir.Add, next, number(int64(i)))
			}
			elements[i] = ref(k.declare("x", k.elem, k.element(places[i])))
		}
		for step := 1; step < len(elements); step *= 2 {
			for i := 0; i < len(elements); i += 2 * step {
				k.combine(elements[i], elements[i+step], places[i+step])
			}
		}
		k.combine(acc, elements[0], next)
		k.set(next, binary(ir.Add, next, number(width)))
	})
}

// width is how many elements are in a block.
func (r *folding) width() int64 {
	statements := 0
	for _, f := range r.call.Function.unit.Program.Funcs {
		ir.Walk(f.Body, func(ir.Stmt) { statements++ })
	}
	switch {
	case r.device.Info().Kind != backend.CPU || statements > 20:
		return 1
	case r.elem.Size() > 16:
		return 4
	}
	return 8
}

// applyKernel makes prefixes: out[j] = before ∘ x[lo] ∘ … ∘ x[j], where before is what all
// sections in front give: before[i-1], or carry[from] of the first one, if there is one.
// The last element goes to carry[to], too. Where listed is set these are the elements of the
// list, and results.
func (r *folding) applyKernel(name string, listed, trace bool) *ir.Kernel {
	k := r.fold(name, listed, trace)
	before, carry := k.param("before", ir.SliceOf(r.elem)), k.param("carry", ir.SliceOf(r.elem))
	from, to := k.param("from", ir.Scalar(ir.Int64)), k.param("to", ir.Scalar(ir.Int64))
	given := r.elem
	if listed {
		given = r.given()
	}
	out := k.param("out", ir.SliceOf(given))
	lo, hi := k.bounds()
	if listed && r.call.Exclusive {
		k.exclusive(before, carry, from, to, out, lo, hi, given)
		return k.kernel
	}
	acc := ref(k.declare("acc", r.elem, k.element(lo)))
	first := binary(ir.Eq, k.index(), number(0))
	k.when(binary(ir.LAnd, first, binary(ir.Ge, from, number(0))), func() { k.join(acc, at(carry, from), acc, lo) })
	k.when(binary(ir.Gt, k.index(), number(0)), func() { k.join(acc, at(before, binary(ir.SubOp, k.index(), number(1))), acc, lo) })
	k.set(at(out, lo), convert(given, acc))
	k.loop("j", binary(ir.Add, lo, number(1)), hi, func(j ir.Expr) {
		k.combine(acc, k.element(j), j)
		k.set(at(out, j), convert(given, acc))
	})
	k.when(binary(ir.LAnd, binary(ir.Eq, hi, k.n), binary(ir.Ge, to, number(0))), func() { k.set(at(carry, to), acc) })
	return k.kernel
}

// exclusive makes prefixes without the elements themselves: out[j] = before ∘ x[lo] ∘ … ∘
// x[j-1]. There is always something in front. An element is read before its place gets
// the result, for both may be in one array.
func (k *fold) exclusive(before, carry, from, to, out, lo, hi ir.Expr, given *ir.Type) {
	front := ref(k.declare("front", k.elem, nil))
	k.when(binary(ir.Eq, k.index(), number(0)), func() { k.set(front, at(carry, from)) })
	k.when(binary(ir.Gt, k.index(), number(0)), func() { k.set(front, at(before, binary(ir.SubOp, k.index(), number(1)))) })
	x := ref(k.declare("x", k.elem, nil))
	k.loop("j", lo, hi, func(j ir.Expr) {
		k.set(x, k.element(j))
		k.set(at(out, j), convert(given, front))
		// What comes behind the last element needs it only where the list goes on.
		next := binary(ir.Lt, binary(ir.Add, j, number(1)), hi)
		k.when(binary(ir.LOr, next, binary(ir.Ge, to, number(0))), func() { k.join(front, front, x, j) })
	})
	k.when(binary(ir.LAnd, binary(ir.Eq, hi, k.n), binary(ir.Ge, to, number(0))), func() { k.set(at(carry, to), front) })
}

// given is the type of the results on the device.
func (r *folding) given() *ir.Type {
	if kind := KindOf(r.result); kind.IsFloat() {
		return ir.Scalar(kind)
	}
	return r.elem
}

// A level is what is to be combined: elements of the list, or what sections of them gave.
type level struct {
	arg    backend.Arg
	n      int64
	first  int64 // the element of the list that the first one begins with
	stride int64 // how many elements of the list there are in each
	listed bool  // the elements themselves
}

// mostInSection bounds the elements that are combined one after another.
const mostInSection = 256

// section is how many elements a work-item combines. On a CPU, there are a few sections
// for each core at least. On a GPU sections are as short as a line of its cache, which
// work-items side by side read as a whole. Sections are short everywhere, as the errors of
// sums of floats grow with their length.
func (r *folding) section(n int64) int64 {
	info := r.device.Info()
	if info.Kind == backend.CPU {
		units := 8 * int64(max(1, info.Units))
		return min(mostInSection, max(64, (n+units-1)/units))
	}
	return max(8, 128/max(1, r.elem.Size()))
}

// chunk is how many elements of the list are on the device at a time, in one lane, if
// there are places elements of the result for each.
func (r *folding) chunk(places int64) int64 {
	info := r.device.Info()
	size := r.size()
	limit := r.call.ChunkBytes
	if limit == 0 {
		limit = max(1, (info.Memory-r.device.InUse())/4)
		if !info.Shared {
			limit = min(limit, 64<<20)
		}
		if r.list.array != nil || r.list.count {
			if places == 0 {
				limit = r.list.n * size // nothing is copied
			}
		}
	}
	n := limit / (size * max(1, places))
	if info.MaxBuf > 0 {
		n = min(n, info.MaxBuf/size)
	}
	n = max(1, min(n, r.list.n))
	if r.list.array != nil || r.call.Out != nil {
		n = whole(0, n, r.list.n)
	}
	return n
}

// build compiles the kernels.
func (r *folding) build(ctx context.Context) error {
	program, err := r.profile.built(ctx, r.device, r.call.Function, r.program)
	if err != nil {
		return err
	}
	for _, k := range r.program.Kernels {
		if r.kernels[k.Name], err = program.Kernel(k.Name); err != nil {
			return err
		}
	}
	return nil
}

// input copies elements lo to hi of the list to the device, if they are not there.
func (r *folding) input(l *lane, lo, hi int64) (in level, err error) {
	in = level{n: hi - lo, first: lo, stride: 1, listed: true}
	switch {
	case r.list.count:
		in.arg = argOf(reflect.ValueOf(lo))
	case r.list.array != nil:
		in.arg, err = r.list.arrayArg(lo, hi)
	default:
		in.arg, err = l.in(bytesOf(r.list.host, lo, hi), lo, hi)
		in.arg.Len = hi - lo
	}
	return in, err
}

// at is the type of a level's elements in memory.
func (r *folding) at(in level) *ir.Type {
	if in.listed {
		return r.taken
	}
	return r.elem
}

// name is the kernel for a level.
func (in *level) name(names [2]string) string {
	if in.listed {
		return names[0]
	}
	return names[1]
}

func (r *folding) args(in *level, per int64, more ...backend.Arg) []backend.Arg {
	args := []backend.Arg{in.arg, argOf(reflect.ValueOf(in.n)), argOf(reflect.ValueOf(per))}
	return append(append(args, r.captures...), more...)
}

// step is what the profile says of a launch.
func (r *folding) step(in level) Step {
	return Step{Stage: Kernel, First: in.first, Count: min(in.n*in.stride, r.list.n-in.first)}
}

// reduce combines all of a level into out[to].
func (r *folding) reduce(ctx context.Context, l *lane, in level, out backend.Arg, to int64) error {
	for {
		per := r.section(in.n)
		if in.n <= per {
			return r.foldSections(ctx, l, in, in.n, out, to)
		}
		next, err := r.sections(ctx, l, in, per)
		if err != nil {
			return err
		}
		in = next
	}
}

// sections combines the sections of a level: they are the next one.
func (r *folding) sections(ctx context.Context, l *lane, in level, per int64) (next level, err error) {
	next = level{n: (in.n + per - 1) / per, first: in.first, stride: in.stride * per}
	next.arg.Len = next.n
	if next.arg.Buffer, err = l.buffer(next.n * r.elem.Size()); err != nil {
		return next, err
	}
	return next, r.foldSections(ctx, l, in, per, next.arg, 0)
}

func (r *folding) foldSections(ctx context.Context, l *lane, in level, per int64, out backend.Arg, to int64) error {
	name := in.name(r.folds)
	count := (in.n + per - 1) / per
	explain := func(fault *backend.FaultError) error {
		return r.explain(ctx, fault, name, in, per, backend.Arg{}, 0)
	}
	return l.run(r.kernels[name], 0, count, r.args(&in, per, argOf(reflect.ValueOf(to)), out), r.step(in), explain)
}

// explain finds out which element a section failed at: the cpu combines the section once
// more, and notes where it is. Of an apply, before has the element in front of the section
// at place.
func (r *folding) explain(ctx context.Context, fault *backend.FaultError, name string, in level, per int64, before backend.Arg, place int64) error {
	lo := fault.Index * per
	hi := min(lo+per, in.n)
	e := &TaskError{Index: in.first + lo*in.stride, FaultError: *fault}
	at, known, err := r.trace(ctx, name, in, lo, hi, before, place)
	if err == nil && known.Site == fault.Site {
		e.Index = in.first + (lo+at)*in.stride
		e.FaultError = *known
	}
	e.FaultError.Index = e.Index
	switch {
	case r.list.count:
		e.Input = fmt.Sprint(e.Index)
	case r.list.array == nil:
		e.Input = clip(fmt.Sprintf("%v", r.list.host.Index(int(e.Index))))
	}
	return e
}

// trace runs a section on the cpu, and gives the fault, and where in the section it is.
func (r *folding) trace(ctx context.Context, name string, in level, lo, hi int64, before backend.Arg, place int64) (at int64, fault *backend.FaultError, err error) {
	d := &Device{Device: cpu.Open(), programs: map[string]backend.Program{}}
	defer d.Close()
	program, _, err := d.builtFor(ctx, r.call.Function, r.traced)
	if err != nil {
		return 0, nil, err
	}
	kernel, err := program.Kernel(name)
	if err != nil {
		return 0, nil, err
	}
	w := newWork(d, d.profile(r.call, hi-lo))
	defer w.end()
	t := *r
	if t.captures, err = w.captures(ctx, r.call); err != nil {
		return 0, nil, err
	}
	l, err := w.lane(0)
	if err != nil {
		return 0, nil, err
	}
	load := func(a backend.Arg, elem *ir.Type, lo, hi int64) (backend.Arg, error) {
		size := elem.Size()
		bytes := make([]byte, (hi-lo)*size)
		if len(bytes) > 0 {
			if err := r.device.move(func(q backend.Queue) (backend.Event, error) { return q.Read(bytes, a.Buffer, a.Offset+lo*size) }, len(bytes)); err != nil {
				return a, err
			}
		}
		arg, err := l.in(bytes, lo, hi)
		arg.Len = hi - lo
		return arg, err
	}
	one := level{n: hi - lo, listed: in.listed}
	if in.listed && r.list.count {
		one.arg = argOf(reflect.ValueOf(in.first + lo))
	} else if one.arg, err = load(in.arg, r.at(in), lo, hi); err != nil {
		return 0, nil, err
	}
	where := []int64{0}
	note, err := l.in(int64Bytes(where), 0, 1)
	if err != nil {
		return 0, nil, err
	}
	note.Len = 1
	out, err := l.buffer((hi - lo) * max(r.elem.Size(), r.size()))
	if err != nil {
		return 0, nil, err
	}
	more := []backend.Arg{note}
	if name == r.applies[0] || name == r.applies[1] {
		from := int64(-1)
		var carry backend.Arg
		if before.Buffer != nil {
			from = 0
			if carry, err = load(before, r.elem, place, place+1); err != nil {
				return 0, nil, err
			}
		}
		more = append(more, backend.Arg{}, carry, argOf(reflect.ValueOf(from)), argOf(reflect.ValueOf(int64(-1))))
	} else {
		more = append(more, argOf(reflect.ValueOf(int64(0))))
	}
	more = append(more, backend.Arg{Buffer: out, Len: hi - lo})
	if err := l.launch(kernel, 0, 1, t.args(&one, hi-lo, more...)); err != nil {
		return 0, nil, err
	}
	if err := l.wait(ctx); !errors.As(err, &fault) {
		return 0, nil, fmt.Errorf("device: the cpu finds no fault: %w", err)
	}
	return where[0], fault, d.move(func(q backend.Queue) (backend.Event, error) { return q.Read(int64Bytes(where), note.Buffer, 0) }, 1)
}
