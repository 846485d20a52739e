package device

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"reflect"
	"slices"
	"time"

	"github.com/adabc437/fanout/parallel/device/backend"
	"github.com/adabc437/fanout/parallel/device/cpu"
	"github.com/adabc437/fanout/parallel/device/ir"
)

// A Call is what a device is to do: a function, and what to call it on.
type Call struct {
	Function *Function
	// Lists are what it is called on, side by side: slices, arrays, an [Array], or a whole
	// number n, which stands for 0 to n−1. Of a slice of slices the elements are slices:
	// what the function writes to them is copied back. A function with one more
	// parameter, an integer, takes the index first.
	Lists []any
	// Captures are the values of [Function.Captures].
	Captures []any
	// Result is the type of what the function returns; nil if it returns nothing.
	Result reflect.Type
	// Out is the *Array that gets the results of a Map; nil: they come as a slice.
	Out any
	// Seed is that of the random numbers: task i has stream i of it.
	Seed uint64
	// Steps is how often a Stencil is repeated; 0 is once.
	Steps int
	// Exclusive has a Scan leave each element out of its own prefix: the first result is
	// Initial, which stands in front of the list.
	Exclusive bool
	// Initial is for an Exclusive scan; nil is the identity of the [Operator].
	Initial any
	// ChunkBytes is how many bytes of lists and results are on the device at a time, in
	// each of two chunks; 0 is automatic.
	ChunkBytes int64
	// Progress, if it is not nil, is told how many of a Map's tasks, or of a Stencil's
	// steps, are done: once before the first, and now and then, on the goroutine that
	// calls. The call waits for it.
	Progress func(done, total int64)
}

// progress tells how far the call has come.
func (c *Call) progress(done, total int64) {
	if c.Progress != nil {
		c.Progress(done, total)
	}
}

// A TaskError is a task that failed.
type TaskError struct {
	Index int64
	Input string // what the function was called on, if that is known
	backend.FaultError
}

// Error says which task failed, on what, and why.
func (e *TaskError) Error() string {
	input := ""
	if e.Input != "" {
		input = " on input " + e.Input
	}
	return fmt.Sprintf("task %d failed%s: %s", e.Index, input, e.Reason())
}

// Reason is why, in Go's words.
func (e *TaskError) Reason() string { return e.Site.Message(e.Known, e.X, e.Y) }

// Unwrap gives the device's error.
func (e *TaskError) Unwrap() error { return &e.FaultError }

// ErrLengths says that lists side by side do not have as many elements.
var ErrLengths = errors.New("device: the lists differ in length")

// A ListError is an error that lies in one of a call's lists.
type ListError struct {
	List int // from 0
	Err  error
}

// Error is that of Err.
func (e *ListError) Error() string { return e.Err.Error() }

// Unwrap gives Err.
func (e *ListError) Unwrap() error { return e.Err }

// inList is an error of list k, or nil.
func inList(k int, err error) error {
	if err == nil {
		return nil
	}
	return &ListError{k, err}
}

// mostTasks bounds the tasks of a call.
const mostTasks = 1 << 40

// A list is one of a call's lists, ready to be copied.
type list struct {
	n     int64
	count bool          // 0 to n−1
	host  reflect.Value // a slice
	rows  bool          // a slice of slices
	array *raw
	elem  reflect.Type // nil of a count
	typ   *ir.Type     // of the elements, on the device
}

// suits says whether the elements are what a parameter takes, or numbers that can become
// that without loss of meaning: integers of another size or floats, and floats of another size.
func (l *list) suits(param *ir.Type) error {
	kind := ir.Int64
	if param.Kind == ir.Slice && param.Elem.Kind == ir.Slice {
		return fmt.Errorf("its elements would be %s, which have to be captured: a list has numbers, arrays, structs or slices of these", cmp.Or[any](l.elem, param))
	}
	if !l.count {
		err := fits(l.elem, param)
		if err == nil {
			l.typ = param
			return nil
		}
		if kind = KindOf(l.elem); !kind.IsInteger() && !kind.IsFloat() {
			return err
		}
	}
	if p := param.Kind; !p.IsFloat() && !(p.IsInteger() && kind.IsInteger()) {
		return fmt.Errorf("the function takes a %s, and the elements are of kind %s", param, kind)
	}
	l.typ = ir.Scalar(kind)
	return nil
}

func (c *Call) list(x any) (l list, err error) {
	if a, ok := x.(onDevice); ok {
		if reflect.ValueOf(x).IsNil() {
			return l, errNil
		}
		l.array = a.part()
		if _, err := l.array.use(); err != nil {
			return l, err
		}
		l.n, l.elem = int64(l.array.Len()), l.array.elem
		return l, nil
	}
	v := reflect.ValueOf(x)
	switch {
	case v.IsValid() && v.CanInt():
		l.n, l.count = v.Int(), true
	case v.IsValid() && v.CanUint():
		l.n, l.count = int64(v.Uint()), true
	default:
		var ok bool
		if v.IsValid() {
			l.host, ok = asSlice(v)
		}
		if !ok {
			return l, fmt.Errorf("device: a list is a slice, an array, a device.Array or a whole number, and not a %T", x)
		}
		l.n, l.elem, l.rows = int64(l.host.Len()), l.host.Type().Elem(), isRows(l.host.Type())
	}
	if l.n > math.MaxInt || l.n > mostTasks {
		return l, fmt.Errorf("device: %d tasks are too many: at most %d", l.n, int64(min(mostTasks, math.MaxInt)))
	}
	if l.n < 0 {
		return l, fmt.Errorf("device: %d tasks: a whole number n stands for 0 to n−1, and must not be negative", l.n)
	}
	return l, nil
}

// Len is the number of tasks.
func (c *Call) Len() (int, error) {
	if len(c.Lists) == 0 {
		return 0, errors.New("device: a map needs at least one list")
	}
	l, err := c.list(c.Lists[0])
	return int(l.n), err
}

// bytes is how many bytes elements lo to hi take on the device.
func (l *list) bytes(lo, hi int64) (n int64) {
	switch {
	case l.count, l.array != nil:
	case l.rows:
		size := int64(l.elem.Elem().Size())
		for i := lo; i < hi; i++ {
			n += int64(l.host.Index(int(i)).Len())*size + 8
		}
	default:
		n = (hi - lo) * int64(l.elem.Size())
	}
	return n
}

// Map calls the function for each element of the lists, and returns a slice of the results
// (nil if it returns nothing, or if they are in Out). Its error is a *TaskError if a task
// failed; the profile is there in any case but that of a call that cannot be.
func (d *Device) Map(ctx context.Context, c *Call) (out any, p *Profile, err error) {
	m := &mapping{device: d, call: c}
	if err := m.plan(); err != nil {
		return nil, nil, err
	}
	m.profile = d.profile(c, m.n)
	err = m.run(ctx)
	m.profile.end(err)
	var fault *backend.FaultError
	if errors.As(err, &fault) {
		err = m.explain(ctx, fault)
		m.profile.Err = err
	}
	if err != nil || m.out == nil || m.out.array != nil {
		return nil, m.profile, err
	}
	return m.out.host.Interface(), m.profile, nil
}

func (d *Device) profile(c *Call, n int64) *Profile {
	info := d.Info()
	if info.Backend == "cpu" { // OpenCL may have a device of nearly the same name
		info.Name = "cpu (" + info.Name + ")"
	}
	return &Profile{Device: info, Function: c.Function.Name, Tasks: n, Start: time.Now()}
}

// Label is what messages call the device: its number and name, or cpu.
func (d *Device) Label() string {
	if d.Info().Backend == "cpu" {
		return fmt.Sprintf("device %d (cpu)", d.Number)
	}
	return fmt.Sprintf("device %d (%s)", d.Number, d.Info().Name)
}

// ErrElsewhere says that an array is on another device than the one that is to use it.
var ErrElsewhere = errors.New("device: the array is on another device")

// elsewhere is ErrElsewhere, with the devices of the array and of the call, a what.
func elsewhere(array, call *Device, what string) error {
	return &placed{fmt.Sprintf("device: the array is on %s, and the %s is to run on %s", array.Label(), what, call.Label())}
}

type placed struct{ message string }

func (e *placed) Error() string { return e.message }

func (e *placed) Unwrap() error { return ErrElsewhere }

func (p *Profile) end(err error) { p.Wall, p.Err = time.Since(p.Start), err }

// Source is the kernel that Map would run, in the device's language.
func (d *Device) Source(ctx context.Context, c *Call) (string, error) {
	m := &mapping{device: d, call: c}
	if err := m.plan(); err != nil {
		return "", err
	}
	program, _, err := d.builtFor(ctx, c.Function, m.program)
	if err != nil {
		return "", err
	}
	return program.Source(), nil
}

// A mapping is a Map at work.
type mapping struct {
	device  *Device
	call    *Call
	lists   []list
	index   bool // the function takes the index first
	n       int64
	out     *list
	program *ir.Program
	kernel  string
	profile *Profile
	dry     bool // nothing is copied back
}

// plan checks the call, and makes the kernel.
func (m *mapping) plan() error {
	c, f := m.call, m.call.Function
	if len(c.Captures) != len(f.unit.Captures) {
		return fmt.Errorf("device: %d captured values for a function that captures %d", len(c.Captures), len(f.unit.Captures))
	}
	if len(c.Lists) == 0 {
		return errors.New("device: a map needs at least one list")
	}
	for k, x := range c.Lists {
		l, err := c.list(x)
		if err != nil {
			return inList(k, err)
		}
		if k > 0 && l.n != m.n {
			return inList(k, fmt.Errorf("%w: list 1 has %d elements, and list %d has %d", ErrLengths, m.n, k+1, l.n))
		}
		m.n = l.n
		if l.array != nil && l.array.on.device != m.device {
			return inList(k, elsewhere(l.array.on.device, m.device, "map"))
		}
		m.lists = append(m.lists, l)
	}
	params := f.params()
	switch {
	case len(params) == len(m.lists)+1 && params[0].Type.Kind.IsInteger():
		m.index, params = true, params[1:]
	case len(params) != len(m.lists):
		return fmt.Errorf("device: %s takes %d arguments, and there are %d lists", f.Name, len(f.params()), len(m.lists))
	}
	for k := range m.lists {
		if err := m.lists[k].suits(params[k].Type); err != nil {
			return inList(k, fmt.Errorf("device: list %d of %s: %w", k+1, f.Name, err))
		}
		if err := m.lists[k].inRange(listName(k, len(m.lists)), params[k].Type); err != nil {
			return inList(k, err)
		}
	}
	if m.index {
		if err := indexFits(m.n, f.params()[0].Type); err != nil {
			return err
		}
	}
	result, err := f.result()
	if err != nil {
		return fmt.Errorf("device: %w", err)
	}
	switch {
	case result != nil && c.Out != nil:
		a, err := m.device.place(c.Out, m.n)
		if err != nil {
			return err
		}
		m.out = &list{array: a, n: m.n, elem: a.elem}
		for _, l := range m.lists {
			if err := a.apart(l.array); err != nil {
				return err
			}
		}
	case result != nil:
		if c.Result == nil {
			return fmt.Errorf("device: %s returns a %s: Result must say which Go type that is", f.Name, result)
		}
		m.out = &list{n: m.n, elem: c.Result}
	case c.Out != nil:
		return fmt.Errorf("device: %s returns nothing that could be put into Out", f.Name)
	}
	if m.out != nil {
		if err := fits(m.out.elem, result); err != nil {
			return fmt.Errorf("device: the results: %w", err)
		}
		if _, err := m.device.bytesFor(m.out.elem, m.n); err != nil {
			return err
		}
		if m.out.array == nil {
			if err := holds(m.out.elem, m.n); err != nil {
				return err
			}
		}
	}
	m.makeKernel(result)
	return nil
}

// makeKernel makes the kernel: out[i] = f(i, xs[i], …), of a chunk that begins at first.
func (m *mapping) makeKernel(result *ir.Type) {
	f := m.call.Function
	b := newBuilder(f, "map")
	first := b.param("first", ir.Scalar(ir.Int64))
	k := ir.Expr(&ir.Binary{Op: ir.SubOp, X: b.index(), Y: first})
	var args []ir.Expr
	sites := slices.Clone(f.unit.Program.Sites)
	if f.Random {
		seed := b.param("seed", ir.Scalar(ir.Uint64))
		args = append(args, b.random(seed))
	}
	params := f.params()
	if m.index {
		args = append(args, convert(params[0].Type, b.index()))
		params = params[1:]
	}
	for n, l := range m.lists {
		if l.count {
			args = append(args, convert(params[n].Type, b.index()))
			continue
		}
		x := at(b.param(params[n].Name, ir.SliceOf(l.typ)), k)
		if t := params[n].Type; l.array != nil && narrows(l.typ.Kind, t.Kind) {
			x = ref(b.declare("x", l.typ, x))
			sites = append(sites, ir.Site{Fault: ir.Panic, Text: "the element does not fit into " + article(t.String())})
			b.add(&ir.Check{Cond: misfits(x, t), Site: len(sites) - 1})
		}
		args = append(args, convert(params[n].Type, x))
	}
	captures := b.captures()
	if result == nil {
		b.call(nil, append(args, captures...))
	} else {
		out := b.param("out", ir.SliceOf(result))
		y := b.call(result, append(args, captures...))
		b.add(&ir.Assign{Place: &ir.Elem{X: out, I: k}, X: y})
	}
	m.kernel, m.program = b.kernel.Name, f.with(b.kernel)
	m.program.Sites = sites
}

// run cuts the work into chunks, and gives them to two queues in turns.
func (m *mapping) run(ctx context.Context) error {
	program, err := m.profile.built(ctx, m.device, m.call.Function, m.program)
	if err != nil {
		return err
	}
	kernel, err := program.Kernel(m.kernel)
	if err != nil {
		return err
	}
	if m.out != nil && m.out.array == nil {
		m.out.host = reflect.MakeSlice(reflect.SliceOf(m.out.elem), int(m.n), int(m.n))
	}
	if m.n == 0 {
		return nil
	}
	w := newWork(m.device, m.profile)
	defer w.end()
	captures, err := w.captures(ctx, m.call)
	if err != nil {
		return err
	}
	m.call.progress(0, m.n)
	for before, lo := int64(0), int64(0); lo < m.n; {
		hi := m.chunk(lo)
		if err := m.enqueue(ctx, w, kernel, captures, lo, hi); err != nil {
			return err
		}
		m.profile.Chunks++
		m.call.progress(before, m.n) // the chunk before the last: its lane was waited for
		before, lo = lo, hi
	}
	return w.wait(ctx)
}

// chunk is where a chunk that begins at lo ends.
func (m *mapping) chunk(lo int64) int64 {
	info := m.device.Info()
	lists := m.lists
	if m.out != nil {
		lists = append(lists[:len(lists):len(lists)], *m.out)
	}
	bytes := func(hi int64) (total, largest int64) {
		for _, l := range lists {
			b := l.bytes(lo, hi)
			total += b
			largest = max(largest, b)
		}
		return total, largest
	}
	limit := m.call.ChunkBytes
	if limit == 0 {
		limit = max(1, (info.Memory-m.device.InUse())/4)
		if !info.Shared {
			limit = min(limit, 64<<20) // copies and kernels overlap
		}
	}
	fits := func(hi int64) bool {
		total, largest := bytes(hi)
		return total <= limit && (info.MaxBuf == 0 || largest <= info.MaxBuf)
	}
	if fits(m.n) {
		return m.n
	}
	low, high := lo+1, m.n // a chunk has a task at least, whether that fits or not
	for low < high {
		if mid := low + (high-low+1)/2; fits(mid) {
			low = mid
		} else {
			high = mid - 1
		}
	}
	for _, l := range lists {
		if l.array != nil {
			return whole(lo, low, m.n)
		}
	}
	return low
}

// alignedTasks is what chunks of arrays are multiples of, so that each begins where devices
// take it from: parts of a buffer begin at multiples of some 128 bytes.
const alignedTasks = 1024

// whole makes of a chunk from lo to hi one whose end is aligned, or n.
func whole(lo, hi, n int64) int64 {
	return min(n, lo+max(alignedTasks, (hi-lo)/alignedTasks*alignedTasks))
}

// enqueue gives a chunk to a queue.
func (m *mapping) enqueue(ctx context.Context, w *work, kernel backend.Kernel, captures []backend.Arg, lo, hi int64) error {
	lane, err := w.next(ctx)
	if err != nil {
		return err
	}
	args := []backend.Arg{{Value: int64Bytes([]int64{lo})}}
	if m.call.Function.Random {
		args = append(args, argOf(reflect.ValueOf(m.call.Seed)))
	}
	params := m.call.Function.params()
	if m.index {
		params = params[1:]
	}
	type back struct {
		list  *list
		arg   backend.Arg
		bytes []byte
	}
	var backs []back
	for k := range m.lists {
		l := &m.lists[k]
		switch {
		case l.count:
		case l.array != nil:
			arg, err := l.arrayArg(lo, hi)
			if err != nil {
				return err
			}
			args = append(args, arg)
		case l.rows:
			elems, starts := flatten(l.host, lo, hi)
			arg, err := lane.in(elems, lo, hi)
			if err != nil {
				return err
			}
			rows, err := lane.in(int64Bytes(starts), lo, hi)
			if err != nil {
				return err
			}
			arg.Rows, arg.Len = rows.Buffer, hi-lo
			args = append(args, arg)
			if params[k].Written && !m.dry {
				backs = append(backs, back{l, arg, elems})
			}
		default:
			arg, err := lane.in(bytesOf(l.host, lo, hi), lo, hi)
			if err != nil {
				return err
			}
			arg.Len = hi - lo
			args = append(args, arg)
		}
	}
	args = append(args, captures...)
	var out backend.Arg
	if m.out != nil {
		if m.out.array != nil && !m.dry {
			out, err = m.out.arrayArg(lo, hi)
		} else {
			out.Buffer, err = lane.buffer((hi - lo) * int64(m.out.elem.Size()))
			out.Len = hi - lo
		}
		if err != nil {
			return err
		}
		args = append(args, out)
	}
	if err := lane.launch(kernel, lo, hi-lo, args); err != nil {
		return err
	}
	if m.out != nil && m.out.array == nil && !m.dry {
		if err := lane.out(bytesOf(m.out.host, lo, hi), out.Buffer, lo, hi); err != nil {
			return err
		}
	}
	for _, b := range backs {
		if len(b.bytes) == 0 {
			continue // there is no command whose end could be waited for
		}
		if err := lane.out(b.bytes, b.arg.Buffer, lo, hi); err != nil {
			return err
		}
		lane.then(func() { unflatten(b.list.host, lo, hi, b.bytes) })
	}
	return lane.queue.Flush()
}

// arrayArg is elements lo to hi of an Array.
func (l *list) arrayArg(lo, hi int64) (backend.Arg, error) {
	b, err := l.array.use()
	return backend.Arg{Buffer: b, Offset: (l.array.lo + lo) * int64(l.elem.Size()), Len: hi - lo}, err
}

// explain finds out what a task failed on: the cpu runs it once more, and sees the values.
func (m *mapping) explain(ctx context.Context, fault *backend.FaultError) error {
	e := &TaskError{Index: fault.Index, FaultError: *fault}
	for _, l := range m.lists {
		if l.array != nil {
			return e
		}
	}
	for k, l := range m.lists {
		if k > 0 {
			e.Input += ", "
		}
		if l.count {
			e.Input += fmt.Sprint(fault.Index)
		} else {
			e.Input += clip(fmt.Sprintf("%v", l.host.Index(int(fault.Index))))
		}
	}
	if fault.Known {
		return e
	}
	d := &Device{Device: cpu.Open(), programs: map[string]backend.Program{}}
	defer d.Close()
	one := *m
	one.device, one.profile, one.dry = d, d.profile(m.call, 1), true
	again := one.task(ctx, fault.Index)
	var known *backend.FaultError
	if errors.As(again, &known) && known.Site == fault.Site {
		e.FaultError = *known
	}
	return e
}

// task runs a single task.
func (m *mapping) task(ctx context.Context, i int64) error {
	program, _, err := m.device.builtFor(ctx, m.call.Function, m.program)
	if err != nil {
		return err
	}
	kernel, err := program.Kernel(m.kernel)
	if err != nil {
		return err
	}
	w := newWork(m.device, m.profile)
	defer w.end()
	captures, err := w.captures(ctx, m.call)
	if err != nil {
		return err
	}
	if err := m.enqueue(ctx, w, kernel, captures, i, i+1); err != nil {
		return err
	}
	return w.wait(ctx)
}

func clip(s string) string {
	if r := []rune(s); len(r) > 60 {
		return string(r[:59]) + "…"
	}
	return s
}
