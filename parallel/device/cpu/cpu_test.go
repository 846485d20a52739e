package cpu

import (
	"context"
	"errors"
	"math"
	"sync"
	"testing"

	"go.uber.org/goleak"

	"github.com/adabc437/fanout/parallel/device/backend"
	"github.com/adabc437/fanout/parallel/device/ir"
	"github.com/adabc437/fanout/parallel/device/ir/irtest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var (
	tInt   = ir.Scalar(ir.Int64)
	tFloat = ir.Scalar(ir.Float64)
)

func num(n int64) ir.Expr                            { return &ir.Const{T: tInt, Bits: uint64(n)} }
func real(x float64) ir.Expr                         { return &ir.Const{T: tFloat, Bits: math.Float64bits(x)} }
func ref(v *ir.Var) ir.Expr                          { return &ir.Ref{Var: v} }
func op(x ir.Expr, o ir.BinaryOp, y ir.Expr) ir.Expr { return &ir.Binary{Op: o, X: x, Y: y} }
func set(v *ir.Var, x ir.Expr) ir.Stmt               { return &ir.Assign{Place: ref(v), X: x} }

func open(t testing.TB) (backend.Device, backend.Queue) {
	d := Open()
	q, err := d.Queue()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	return d, q
}

func TestProgramsDoWhatGoDoes(t *testing.T) {
	d, _ := open(t)
	irtest.Run(t, d)
}

// endless is a kernel that does not end by itself.
func endless() *ir.Program {
	n := &ir.Var{Name: "n", Type: tInt}
	return &ir.Program{Kernels: []*ir.Kernel{{Name: "endless", Index: &ir.Var{Name: "i", Type: tInt}, Body: []ir.Stmt{
		&ir.Declare{Var: n}, &ir.Loop{Body: []ir.Stmt{set(n, op(ref(n), ir.Add, num(1)))}},
	}}}}
}

func launch(t *testing.T, d backend.Device, q backend.Queue, p *ir.Program, n int64, args ...backend.Arg) (backend.Event, error) {
	t.Helper()
	b, err := d.Build(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	k, err := b.Kernel(p.Kernels[0].Name)
	if err != nil {
		t.Fatal(err)
	}
	return q.Launch(k, 0, n, args)
}

func TestEndlessKernelsEndWithTheirContext(t *testing.T) {
	d, q := open(t)
	first, err := launch(t, d, q, endless(), 100)
	if err != nil {
		t.Fatal(err)
	}
	behind, err := launch(t, d, q, endless(), 1)
	if err != nil {
		t.Fatal(err)
	}
	why := errors.New("enough")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(why)
	for _, e := range []backend.Event{behind, first} {
		if err := e.Wait(ctx); !errors.Is(err, context.Canceled) || !errors.Is(err, why) {
			t.Errorf("the wait ends with %v", err)
		}
	}
}

func TestCopiesThatAreToStopDoNotRun(t *testing.T) {
	d, q := open(t)
	if _, err := launch(t, d, q, endless(), 1); err != nil {
		t.Fatal(err)
	}
	b, err := d.Alloc(8)
	if err != nil {
		t.Fatal(err)
	}
	to := []byte("as it was")
	read, err := q.Read(to[:8], b, 0)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := read.Wait(ctx); !errors.Is(err, context.Canceled) || string(to) != "as it was" {
		t.Errorf("%v, %q", err, to)
	}
}

func TestCloseEndsWhatRuns(t *testing.T) {
	d, q := open(t)
	var events []backend.Event
	for range 3 {
		e, err := launch(t, d, q, endless(), 10)
		if err != nil {
			t.Fatal(err)
		}
		events = append(events, e)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	for _, e := range events {
		if err := e.Wait(context.Background()); err == nil {
			t.Error("an endless kernel ended without an error")
		}
	}
	if _, err := d.Alloc(1); err == nil {
		t.Error("a closed device gives buffers")
	}
}

func TestArgumentsThatDoNotFitAreErrors(t *testing.T) {
	d, q := open(t)
	xs, n := &ir.Var{Name: "xs", Type: ir.SliceOf(tFloat)}, &ir.Var{Name: "n", Type: ir.Scalar(ir.Int32)}
	p := &ir.Program{Kernels: []*ir.Kernel{{Name: "k", Index: &ir.Var{Name: "i", Type: tInt}, Params: []*ir.Var{xs, n}}}}
	b, err := d.Alloc(64)
	if err != nil {
		t.Fatal(err)
	}
	four := backend.Arg{Value: make([]byte, 4)}
	for name, args := range map[string][]backend.Arg{
		"none":     nil,
		"swapped":  {four, {Buffer: b, Len: 8}},
		"too long": {{Buffer: b, Len: 9}, four},
		"huge":     {{Buffer: b, Len: math.MaxInt64}, four},
		"odd":      {{Buffer: b, Offset: 4, Len: 1}, four},
		"before":   {{Buffer: b, Offset: -8, Len: 1}, four},
		"wide":     {{Buffer: b, Len: 8}, {Value: make([]byte, 8)}},
		"rows":     {{Buffer: b, Len: 1, Rows: b}, four},
	} {
		if _, err := launch(t, d, q, p, 1, args...); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	if _, err := launch(t, d, q, p, 1, backend.Arg{Buffer: b, Offset: 8, Len: 7}, four); err != nil {
		t.Error(err)
	}
	b.Free()
	b.Free()
	if _, err := launch(t, d, q, p, 1, backend.Arg{Buffer: b, Len: 1}, four); err == nil {
		t.Error("a freed buffer can be used")
	}
	if d.InUse() != 0 {
		t.Errorf("%d bytes are in use", d.InUse())
	}
}

func TestProgramsWithoutChecksFailAndDoNotCrash(t *testing.T) {
	d, q := open(t)
	xs, i := &ir.Var{Name: "xs", Type: ir.SliceOf(tInt)}, &ir.Var{Name: "i", Type: tInt}
	bad := []ir.Expr{
		op(&ir.Elem{X: ref(xs), I: ref(i)}, ir.Add, num(1)),
		op(num(1), ir.Div, op(ref(i), ir.SubOp, num(5))),
		&ir.Len{X: &ir.Sub{X: ref(xs), Lo: num(0), Hi: ref(i), Max: ref(i)}},
	}
	for _, x := range bad {
		v := &ir.Var{Name: "v", Type: tInt}
		p := &ir.Program{Kernels: []*ir.Kernel{{Name: "k", Index: i, Params: []*ir.Var{xs}, Body: []ir.Stmt{&ir.Declare{Var: v, Init: x}}}}}
		b, err := d.Alloc(32)
		if err != nil {
			t.Fatal(err)
		}
		e, err := launch(t, d, q, p, 100, backend.Arg{Buffer: b, Len: 4})
		if err != nil {
			t.Fatal(err)
		}
		if err := e.Wait(t.Context()); err == nil {
			t.Errorf("%s: no error", ir.ExprText(x))
		}
	}
}

func TestMemoryEnds(t *testing.T) {
	d, _ := open(t)
	var m *backend.MemoryError
	if _, err := d.Alloc(d.Info().Memory); !errors.As(err, &m) {
		t.Errorf("all of the memory: %v", err)
	}
	if _, err := d.Alloc(math.MaxInt64); !errors.As(err, &m) {
		t.Errorf("more than there is: %v", err)
	}
	if d.InUse() != 0 {
		t.Errorf("%d bytes are in use", d.InUse())
	}
	if _, err := d.BuildSource(t.Context(), "x"); !errors.Is(err, backend.ErrUnsupported) {
		t.Errorf("source: %v", err)
	}
}

func TestQueuesOfSeveralGoroutines(t *testing.T) {
	d, _ := open(t)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			q, err := d.Queue()
			if err != nil {
				t.Error(err)
				return
			}
			defer q.Free()
			b, err := d.Alloc(8)
			if err != nil {
				t.Error(err)
				return
			}
			defer b.Free()
			got := make([]byte, 8)
			if _, err := q.Write(b, 0, []byte("in order")); err != nil {
				t.Error(err)
			}
			e, err := q.Read(got, b, 0)
			if err != nil {
				t.Error(err)
				return
			}
			if err := e.Wait(t.Context()); err != nil || string(got) != "in order" {
				t.Errorf("%q, %v", got, err)
			}
			if a, b, c := e.Times(); a > b || b > c {
				t.Errorf("the times are %v, %v, %v", a, b, c)
			}
		})
	}
	wg.Wait()
}

// mandelbrot is how many turns of z = z² + c it takes until |z| > 2, at most limit.
func mandelbrot() *ir.Program {
	v := func(name string, t *ir.Type) *ir.Var { return &ir.Var{Name: name, Type: t} }
	cx, cy, x, y, nx := v("cx", tFloat), v("cy", tFloat), v("x", tFloat), v("y", tFloat), v("nx", tFloat)
	n, limit := v("n", tInt), v("limit", tInt)
	mul := func(a, b ir.Expr) ir.Expr { return op(a, ir.Mul, b) }
	out := op(op(mul(ref(x), ref(x)), ir.Add, mul(ref(y), ref(y))), ir.Gt, real(4))
	loop := &ir.Loop{Cond: op(ref(n), ir.Lt, ref(limit)), Bounded: true, Post: []ir.Stmt{set(n, op(ref(n), ir.Add, num(1)))}}
	loop.Body = []ir.Stmt{
		&ir.If{Cond: out, Then: []ir.Stmt{&ir.Break{Of: loop}}},
		&ir.Declare{Var: nx, Init: op(op(mul(ref(x), ref(x)), ir.SubOp, mul(ref(y), ref(y))), ir.Add, ref(cx))},
		set(y, op(mul(mul(real(2), ref(x)), ref(y)), ir.Add, ref(cy))),
		set(x, ref(nx)),
	}
	f := &ir.Func{Name: "mandelbrot", Params: []*ir.Var{cx, cy, limit}, Results: []*ir.Type{tInt}, Body: []ir.Stmt{
		&ir.Declare{Var: x}, &ir.Declare{Var: y}, &ir.Declare{Var: n}, loop, &ir.Return{Values: []ir.Expr{ref(n)}},
	}}
	return &ir.Program{Funcs: []*ir.Func{f}}
}

func TestCall(t *testing.T) {
	var n int64
	if err := Call(t.Context(), mandelbrot(), "mandelbrot", []any{&n}, -0.75, 0.1, int64(1000)); err != nil || n != 33 {
		t.Errorf("%d turns, %v", n, err)
	}
	if err := Call(t.Context(), mandelbrot(), "mandelbrot", []any{&n}, 1.0, int32(1), int64(1)); err == nil {
		t.Error("an int32 is no float64")
	}
}

// BenchmarkMandelbrot gives the time of a turn, which has 13 operations with numbers.
func BenchmarkMandelbrot(b *testing.B) {
	p := mandelbrot()
	var n int64
	const turns = 1 << 20
	for b.Loop() {
		if err := Call(b.Context(), p, "mandelbrot", []any{&n}, 0.0, 0.0, int64(turns)); err != nil || n != turns {
			b.Fatal(n, err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/turns, "ns/turn")
}
