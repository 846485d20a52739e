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

// Stencil makes a new grid of one: each cell of it is f(g, y, x), where g is the old grid,
// a [][]T with rows of one length, and f is the call's function, func(g [][]T, y, x int) T,
// which says itself what it does at the edges. With Call.Steps this is repeated: the grids
// in between stay on the device, which has two of them in turns, and room for both.
//
// The call's one list is the grid, which stays as it is; the result is a new [][]T. It is
// nil if the cells are in Call.Out, an [Array] of as many elements as the grid has cells, row
// by row. If f fails, the error is a *TaskError, whose Index is y·width + x.
func (d *Device) Stencil(ctx context.Context, c *Call) (out any, p *Profile, err error) {
	s, err := newStencil(d, c)
	if err != nil {
		return nil, nil, err
	}
	s.profile = d.profile(c, times(s.cells, int64(s.steps)))
	s.profile.Rounds = s.steps
	var flat reflect.Value
	if s.out == nil {
		flat = reflect.MakeSlice(s.grid.Type().Elem(), int(s.cells), int(s.cells))
	}
	if s.cells > 0 {
		err = s.run(ctx, s.steps, flat)
	}
	s.profile.end(err)
	if err != nil || s.out != nil {
		return nil, s.profile, err
	}
	rows := reflect.MakeSlice(s.grid.Type(), s.grid.Len(), s.grid.Len())
	for y := range s.grid.Len() {
		w := int(s.width)
		rows.Index(y).Set(flat.Slice3(y*w, (y+1)*w, (y+1)*w))
	}
	return rows.Interface(), s.profile, nil
}

// StencilSource is the kernel that Stencil would run, in the device's language.
func (d *Device) StencilSource(ctx context.Context, c *Call) (string, error) {
	s, err := newStencil(d, c)
	if err != nil {
		return "", err
	}
	program, _, err := d.builtFor(ctx, c.Function, s.program)
	if err != nil {
		return "", err
	}
	return program.Source(), nil
}

// Cells is the number of elements of all rows of a call's first list, as the grid of a
// Stencil is.
func (c *Call) Cells() (int, error) {
	if len(c.Lists) == 0 || c.Lists[0] == nil || !isRows(reflect.TypeOf(c.Lists[0])) {
		return 0, errGrid
	}
	rows, n := reflect.ValueOf(c.Lists[0]), int64(0)
	for y := range rows.Len() {
		if n += int64(rows.Index(y).Len()); n > min(mostTasks, math.MaxInt) {
			return 0, fmt.Errorf("device: a grid of more than %d cells", int64(min(mostTasks, math.MaxInt)))
		}
	}
	return int(n), nil
}

var errGrid = errors.New("device: a stencil needs one grid, a slice of slices")

// A stencil is a Stencil at work.
type stencil struct {
	device       *Device
	call         *Call
	grid         reflect.Value
	elem         *ir.Type
	cells, width int64
	steps        int
	out          *raw // which gets the last grid
	program      *ir.Program
	traced       *ir.Program // which notes at which cell it is
	kernel       string
	profile      *Profile
}

func newStencil(d *Device, c *Call) (*stencil, error) {
	f := c.Function
	if len(c.Captures) != len(f.unit.Captures) {
		return nil, fmt.Errorf("device: %d captured values for a function that captures %d", len(c.Captures), len(f.unit.Captures))
	}
	result, err := f.result()
	if err != nil {
		return nil, fmt.Errorf("device: %w", err)
	}
	params := f.params()
	grid := ir.SliceOf(ir.SliceOf(result))
	if f.Random || result == nil || len(params) != 3 || !ir.Same(params[0].Type, grid) || !params[1].Type.Kind.IsInteger() || !params[2].Type.Kind.IsInteger() {
		return nil, fmt.Errorf("device: a stencil needs a function func(g [][]T, y, x int) T; %s is not one", f.Name)
	}
	if err := f.with().Finish(); err != nil {
		return nil, fmt.Errorf("device: %w", err)
	}
	if params[0].Written {
		return nil, fmt.Errorf("device: %s changes the grid: return the new value of the cell", f.Name)
	}
	if len(c.Lists) != 1 || c.Lists[0] == nil || !isRows(reflect.TypeOf(c.Lists[0])) {
		return nil, errGrid
	}
	if c.Steps < 0 {
		return nil, fmt.Errorf("device: %d steps of a stencil", c.Steps)
	}
	s := &stencil{device: d, call: c, grid: reflect.ValueOf(c.Lists[0]), elem: result, steps: max(1, c.Steps)}
	for y := range s.grid.Len() {
		w := int64(s.grid.Index(y).Len())
		if y > 0 && w != s.width {
			return nil, inList(0, fmt.Errorf("device: row %d of the grid has %d elements, and row 0 has %d; all must have as many", y, w, s.width))
		}
		s.width = w
	}
	if err := errors.Join(indexFits(int64(s.grid.Len()), params[1].Type), indexFits(s.width, params[2].Type)); err != nil {
		return nil, err
	}
	s.cells = times(s.width, int64(s.grid.Len()))
	if err := fits(s.grid.Type(), grid); err != nil {
		return nil, fmt.Errorf("device: the grid of %s: %w", f.Name, err)
	}
	if err := s.room(); err != nil {
		return nil, fmt.Errorf("a grid of %d × %d cells: %w", s.grid.Len(), s.width, err)
	}
	s.program, s.traced = f.with(s.makeKernel(false)), f.with(s.makeKernel(true))
	return s, nil
}

// room says whether the grids find room, here and on the device, and finds Out.
func (s *stencil) room() error {
	bytes := times(s.cells, s.elem.Size())
	if err := s.device.holds(bytes, bytes, 8*int64(s.grid.Len())); err != nil {
		return err
	}
	elem := s.grid.Type().Elem().Elem()
	if s.call.Out == nil {
		return holds(elem, s.cells)
	}
	a, err := s.device.place(s.call.Out, s.cells)
	if err != nil {
		return err
	}
	s.out = a
	return fits(a.elem, s.elem)
}

// makeKernel makes the kernel: out[k] = f(g, k/width, k%width), for some cells k that follow
// one another.
func (s *stencil) makeKernel(trace bool) *ir.Kernel {
	i64 := ir.Scalar(ir.Int64)
	b := newBuilder(s.call.Function, "stencil")
	s.kernel = b.kernel.Name
	params := s.call.Function.params()
	g := b.param("g", params[0].Type)
	width, cells, per := b.param("width", i64), b.param("cells", i64), b.param("section", i64)
	captures := b.captures()
	out := b.param("out", ir.SliceOf(s.elem))
	lo := ref(b.declare("lo", i64, binary(ir.Mul, b.index(), per)))
	hi := ref(b.declare("hi", i64, &ir.Math{Fn: "min", T: i64, Args: []ir.Expr{binary(ir.Add, lo, per), cells}}))
	y := ref(b.declare("y", i64, binary(ir.Div, lo, width)))
	x := ref(b.declare("x", i64, binary(ir.Rem, lo, width)))
	var note ir.Expr
	if trace {
		note = b.param("at", ir.SliceOf(i64))
	}
	b.loop("k", lo, hi, func(k ir.Expr) {
		if trace {
			b.set(at(note, number(0)), k)
		}
		b.set(at(out, k), b.call(s.elem, append([]ir.Expr{g, convert(params[1].Type, y), convert(params[2].Type, x)}, captures...)))
		b.set(x, binary(ir.Add, x, number(1)))
		b.when(binary(ir.Eq, x, width), func() {
			b.set(x, number(0))
			b.set(y, binary(ir.Add, y, number(1)))
		})
	})
	return b.kernel
}

// section is how many cells a work-item computes: on a CPU a row, on others one, so that
// work-items side by side read memory side by side.
func (s *stencil) section() int64 {
	if s.device.Info().Kind == backend.CPU {
		return s.width
	}
	return 1
}

// mostPending is how many steps are given to a queue before the first has ended.
const mostPending = 64

// run makes steps and copies the last grid to flat.
func (s *stencil) run(ctx context.Context, steps int, flat reflect.Value) error {
	program, err := s.profile.built(ctx, s.device, s.call.Function, s.program)
	if err != nil {
		return err
	}
	kernel, err := program.Kernel(s.kernel)
	if err != nil {
		return err
	}
	w := newWork(s.device, s.profile)
	defer w.end()
	captures, err := w.captures(ctx, s.call)
	if err != nil {
		return err
	}
	l, err := w.lane(0)
	if err != nil {
		return err
	}
	elems, starts := flatten(s.grid, 0, int64(s.grid.Len()))
	grids, err := s.grids(l, steps, flat.IsValid())
	if err != nil {
		return err
	}
	from, to := grids[0], grids[1]
	if err := l.writeAt(elems, from.Buffer, from.Offset, 0, s.cells); err != nil {
		return err
	}
	rows, err := l.in(int64Bytes(starts), 0, s.cells)
	if err != nil {
		return err
	}
	from.Rows, from.Len = rows.Buffer, int64(s.grid.Len())
	to.Len = s.cells
	per := s.section()
	s.call.progress(0, int64(steps))
	for step := range steps {
		if err := over(ctx); err != nil {
			return err
		}
		if err := l.waitFor(ctx, mostPending); err != nil {
			return err
		}
		if done := step - mostPending; done > 0 && done%mostPending == 0 {
			s.call.progress(int64(done), int64(steps))
		}
		explain := func(fault *backend.FaultError) error { return s.explain(ctx, fault, step, per) }
		note := Step{Stage: Kernel, First: int64(step) * s.cells, Count: s.cells}
		if err := l.run(kernel, 0, (s.cells+per-1)/per, s.args(from, to, s.cells, per, captures), note, explain); err != nil {
			return err
		}
		from.Buffer, to.Buffer = to.Buffer, from.Buffer
		from.Offset, to.Offset = to.Offset, from.Offset
	}
	s.profile.Chunks = 1
	if flat.IsValid() {
		if err := l.out(bytesOf(flat, 0, s.cells), from.Buffer, 0, s.cells); err != nil {
			return err
		}
	}
	return w.wait(ctx)
}

// grids are room for the first grid and for the next one: of the two, Out is the one that the
// last step makes, if the result is to be there.
func (s *stencil) grids(l *lane, steps int, copied bool) (grids [2]backend.Arg, err error) {
	for i := range grids {
		if s.out != nil && !copied && i == steps%2 {
			own := list{array: s.out, elem: s.out.elem}
			grids[i], err = own.arrayArg(0, s.cells)
		} else {
			grids[i].Buffer, err = l.buffer(s.cells * s.elem.Size())
		}
		if err != nil {
			return grids, err
		}
	}
	return grids, nil
}

func (s *stencil) args(from, to backend.Arg, cells, per int64, captures []backend.Arg) []backend.Arg {
	args := []backend.Arg{from, argOf(reflect.ValueOf(s.width)), argOf(reflect.ValueOf(cells)), argOf(reflect.ValueOf(per))}
	return append(append(args, captures...), to)
}

// explain finds out at which cell a step failed: what is there before it is computed once
// more, and the cpu runs the section, and notes where it is.
func (s *stencil) explain(ctx context.Context, fault *backend.FaultError, step int, per int64) error {
	e := &TaskError{Index: fault.Index * per, FaultError: *fault}
	if at, known, err := s.trace(ctx, fault.Index*per, step, per); err == nil && known.Site == fault.Site {
		e.Index, e.FaultError = at, *known
	}
	e.FaultError.Index = e.Index
	e.Input = fmt.Sprintf("y = %d, x = %d", e.Index/s.width, e.Index%s.width)
	if s.steps > 1 {
		e.Input += fmt.Sprintf(", step %d", step)
	}
	return e
}

func (s *stencil) trace(ctx context.Context, lo int64, step int, per int64) (at int64, fault *backend.FaultError, err error) {
	grid, starts := flatten(s.grid, 0, int64(s.grid.Len()))
	if step > 0 {
		flat := reflect.MakeSlice(s.grid.Type().Elem(), int(s.cells), int(s.cells))
		again := *s
		again.profile = s.device.profile(s.call, 0)
		if err := again.run(ctx, step, flat); err != nil {
			return 0, nil, err
		}
		grid = bytesOf(flat, 0, s.cells)
	}
	d := &Device{Device: cpu.Open(), programs: map[string]backend.Program{}}
	defer d.Close()
	program, _, err := d.builtFor(ctx, s.call.Function, s.traced)
	if err != nil {
		return 0, nil, err
	}
	kernel, err := program.Kernel(s.kernel)
	if err != nil {
		return 0, nil, err
	}
	w := newWork(d, d.profile(s.call, 0))
	defer w.end()
	captures, err := w.captures(ctx, s.call)
	if err != nil {
		return 0, nil, err
	}
	l, err := w.lane(0)
	if err != nil {
		return 0, nil, err
	}
	where := []int64{0}
	var args [3]backend.Arg
	for i, bytes := range [][]byte{grid, int64Bytes(starts), int64Bytes(where)} {
		if args[i], err = l.in(bytes, 0, 0); err != nil {
			return 0, nil, err
		}
	}
	args[0].Rows, args[0].Len, args[2].Len = args[1].Buffer, int64(s.grid.Len()), 1
	out := backend.Arg{Len: s.cells}
	if out.Buffer, err = l.buffer(s.cells * s.elem.Size()); err != nil {
		return 0, nil, err
	}
	list := append(s.args(args[0], out, min(lo+per, s.cells), per, captures), args[2])
	if err := l.launch(kernel, lo/per, 1, list); err != nil {
		return 0, nil, err
	}
	if err := l.wait(ctx); !errors.As(err, &fault) {
		return 0, nil, fmt.Errorf("device: the cpu finds no fault: %w", err)
	}
	return where[0], fault, d.move(func(q backend.Queue) (backend.Event, error) { return q.Read(int64Bytes(where), args[2].Buffer, 0) }, 1)
}
