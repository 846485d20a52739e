package device

import (
	"context"
	"fmt"
	"math"
	"reflect"
	"time"

	"github.com/adabc437/fanout/parallel/device/backend"
	"github.com/adabc437/fanout/parallel/device/ir"
)

// Limits are what a device reaches at its best, as measured.
type Limits struct {
	// Bandwidth is how many bytes a second its memory moves, read and written: the better
	// one of a copy and of a triad, a[i] = b[i] + s·c[i], of a buffer larger than caches.
	Bandwidth float64
	// Rates are how many operations a second it computes: multiplications and additions
	// that are not fused (Go's are not), in many chains that do not wait for each other.
	Rates []Rate
}

// A Rate is how many operations of a kind of number a device computes in a second.
type Rate struct {
	Kind ir.Kind
	Rate float64
}

// Rate is that of a kind, or 0.
func (l *Limits) Rate(k ir.Kind) float64 {
	for _, r := range l.Rates {
		if r.Kind == k {
			return r.Rate
		}
	}
	return 0
}

// Limits measures the limits of the device for some kinds of numbers: Float32, Float64,
// Int32 and Int64. It takes about a
// second, and some 200 MB of the device's memory.
func (d *Device) Limits(ctx context.Context, kinds ...ir.Kind) (*Limits, error) {
	for _, k := range kinds {
		if k != ir.Float32 && k != ir.Float64 && k != ir.Int32 && k != ir.Int64 {
			return nil, fmt.Errorf("device: the limit of %s: there are those of float32, float64, int32 and int64", k)
		}
	}
	l := &Limits{}
	var err error
	if l.Bandwidth, err = d.bandwidth(ctx); err != nil {
		return nil, fmt.Errorf("device: the bandwidth of the memory: %w", err)
	}
	for _, k := range kinds {
		rate := 0.0
		for _, shape := range rateShapes {
			r, err := d.rate(ctx, k, shape)
			if err != nil {
				return nil, fmt.Errorf("device: the rate of operations of %s: %w", k, err)
			}
			rate = max(rate, r)
		}
		l.Rates = append(l.Rates, Rate{k, rate})
	}
	return l, nil
}

// best runs a command a few times, and gives the shortest time on the device.
func (d *Device) best(ctx context.Context, q backend.Queue, start func() (backend.Event, error)) (time.Duration, error) {
	const least, most = 3, 8
	const enough = 60 * time.Millisecond
	best, sum := time.Duration(math.MaxInt64), time.Duration(0)
	for n := 0; n < least && sum < 10*enough || n < most && sum < enough; n++ {
		e, err := start()
		if err != nil {
			return 0, err
		}
		if err := q.Flush(); err != nil {
			return 0, err
		}
		if err := e.Wait(ctx); err != nil {
			return 0, err
		}
		_, began, ended := e.Times()
		best, sum = min(best, ended-began), sum+ended-began
	}
	return max(best, d.Info().Tick, 1), nil
}

func (d *Device) bandwidth(ctx context.Context) (float64, error) {
	const elem = 4
	bytes := int64(64 << 20)
	info := d.Info()
	bytes = min(bytes, (info.Memory-d.InUse())/16)
	if info.MaxBuf > 0 {
		bytes = min(bytes, info.MaxBuf)
	}
	n := max(bytes/elem, 1)
	kernel, err := d.only(ctx, triad())
	if err != nil {
		return 0, err
	}
	q, err := d.Queue()
	if err != nil {
		return 0, err
	}
	defer q.Free()
	args := make([]backend.Arg, 3)
	for i := range args {
		b, err := d.Alloc(n * elem)
		if err != nil {
			return 0, err
		}
		defer b.Free()
		args[i] = backend.Arg{Buffer: b, Len: n}
	}
	zeros := make([]byte, n*elem) // so that all of the memory is there
	for i := range args {
		e, err := q.Write(args[i].Buffer, 0, zeros)
		if err == nil {
			err = e.Wait(ctx)
		}
		if err != nil {
			return 0, err
		}
	}
	copied, err := d.best(ctx, q, func() (backend.Event, error) {
		return q.Copy(args[0].Buffer, 0, args[1].Buffer, 0, n*elem)
	})
	if err != nil {
		return 0, err
	}
	ran, err := d.best(ctx, q, func() (backend.Event, error) { return q.Launch(kernel, 0, n, args) })
	if err != nil {
		return 0, err
	}
	total := float64(n * elem)
	return max(2*total/copied.Seconds(), 3*total/ran.Seconds()), nil
}

// only builds a program that is a single kernel.
func (d *Device) only(ctx context.Context, k *ir.Kernel) (backend.Kernel, error) {
	program, _, err := d.built(ctx, &ir.Program{Kernels: []*ir.Kernel{k}})
	if err != nil {
		return nil, err
	}
	return program.Kernel(k.Name)
}

func triad() *ir.Kernel {
	t := ir.Scalar(ir.Float32)
	var params []*ir.Var
	for _, name := range []string{"a", "b", "c"} {
		params = append(params, &ir.Var{Name: name, Type: ir.SliceOf(t)})
	}
	k := &ir.Kernel{Name: "triad", Params: params, Index: &ir.Var{Name: "i", Type: ir.Scalar(ir.Int64)}}
	at := func(n int) ir.Expr { return &ir.Elem{X: &ir.Ref{Var: params[n]}, I: &ir.Ref{Var: k.Index}} }
	scaled := &ir.Binary{Op: ir.Mul, X: constant(ir.Float32, 3), Y: at(2)}
	k.Body = []ir.Stmt{&ir.Assign{Place: at(0), X: &ir.Binary{Op: ir.Add, X: at(1), Y: scaled}}}
	return k
}

// A rateShape is a way to keep a device computing: chains that do not wait for each other,
// of so many multiplications and additions in an expression, so many times.
type rateShape struct {
	name          string
	chains, depth int
	times         int64
	loop          bool // the repetitions are a loop; else they stand one behind the other
}

// rateShapes differ in what compilers make of them: those for CPUs make vector
// instructions of neighbouring tasks where these have no loops.
var rateShapes = []rateShape{{"loop", 8, 8, 64, true}, {"straight", 8, 8, 4, false}}

// ops is how many operations a task has.
func (s rateShape) ops() int64 { return 2 * int64(s.chains*s.depth) * s.times }

// kernel makes the kernel: chains a = a·x + y.
func (s rateShape) kernel(kind ir.Kind) *ir.Kernel {
	t, index := ir.Scalar(kind), ir.Scalar(ir.Int64)
	out, x, y := &ir.Var{Name: "out", Type: ir.SliceOf(t)}, &ir.Var{Name: "x", Type: t}, &ir.Var{Name: "y", Type: t}
	k := &ir.Kernel{Name: fmt.Sprintf("rate_%s_%s", kind, s.name), Params: []*ir.Var{out, x, y}, Index: &ir.Var{Name: "i", Type: index}}
	ref := func(v *ir.Var) ir.Expr { return &ir.Ref{Var: v} }
	add := func(a, b ir.Expr) ir.Expr { return &ir.Binary{Op: ir.Add, X: a, Y: b} }
	var round []ir.Stmt
	var sum ir.Expr
	for c := range s.chains {
		a := &ir.Var{Name: fmt.Sprintf("a%d", c), Type: t}
		k.Body = append(k.Body, &ir.Declare{Var: a, Init: add(convert(t, ref(k.Index)), constant(kind, c))})
		chain := ref(a)
		for range s.depth {
			chain = add(&ir.Binary{Op: ir.Mul, X: chain, Y: ref(x)}, ref(y))
		}
		round = append(round, &ir.Assign{Place: ref(a), X: chain})
		if sum == nil {
			sum = ref(a)
		} else {
			sum = add(sum, ref(a))
		}
	}
	if s.loop {
		n := &ir.Var{Name: "n", Type: index}
		k.Body = append(k.Body, &ir.Declare{Var: n}, &ir.Loop{
			Cond: &ir.Binary{Op: ir.Lt, X: ref(n), Y: number(s.times)}, Bounded: true, Body: round,
			Post: []ir.Stmt{&ir.Assign{Place: ref(n), X: add(ref(n), number(1))}},
		})
	} else {
		for range s.times {
			k.Body = append(k.Body, round...)
		}
	}
	k.Body = append(k.Body, &ir.Assign{Place: &ir.Elem{X: ref(out), I: ref(k.Index)}, X: sum})
	return k
}

// rate measures a shape, with as many tasks as make it last for some milliseconds.
func (d *Device) rate(ctx context.Context, kind ir.Kind, s rateShape) (float64, error) {
	const first, most, long = 1 << 10, 1 << 24, 8 * time.Millisecond
	kernel, err := d.only(ctx, s.kernel(kind))
	if err != nil {
		return 0, err
	}
	q, err := d.Queue()
	if err != nil {
		return 0, err
	}
	defer q.Free()
	size := ir.Scalar(kind).Size()
	x, y := 0.999, 0.001
	if kind.IsInteger() {
		x, y = 3, 1
	}
	for n := int64(first); ; {
		b, err := d.Alloc(n * size)
		if err != nil {
			return 0, err
		}
		args := []backend.Arg{{Buffer: b, Len: n}, {Value: valueOf(kind, x)}, {Value: valueOf(kind, y)}}
		took, err := d.best(ctx, q, func() (backend.Event, error) { return q.Launch(kernel, 0, n, args) })
		b.Free()
		if err != nil {
			return 0, err
		}
		if took > long/2 || n == most {
			return float64(s.ops()) * float64(n) / took.Seconds(), nil
		}
		for want := float64(n) * float64(long) / float64(took); n < most && float64(n) < want; {
			n = min(2*n, most)
		}
	}
}

// constant is a small number of a kind.
func constant(k ir.Kind, n int) ir.Expr {
	c := &ir.Const{T: ir.Scalar(k), Bits: uint64(n)}
	switch k {
	case ir.Float32:
		c.Bits = uint64(math.Float32bits(float32(n)))
	case ir.Float64:
		c.Bits = math.Float64bits(float64(n))
	}
	return c
}

// valueOf is a number of a kind as an argument.
func valueOf(k ir.Kind, v float64) []byte {
	var x any
	switch k {
	case ir.Float32:
		x = float32(v)
	case ir.Float64:
		x = v
	case ir.Int32:
		x = int32(v)
	default:
		x = int64(v)
	}
	return valueBytes(reflect.ValueOf(x))
}
