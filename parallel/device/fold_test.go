package device

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/adabc437/fanout/parallel/device/backend"
	"github.com/adabc437/fanout/parallel/device/cpu"
	"github.com/adabc437/fanout/parallel/device/ir"
)

// prefixes is the serial scan.
func prefixes[T any](f func(a, b T) T, xs []T) []T {
	out := make([]T, len(xs))
	for i, x := range xs {
		if out[i] = x; i > 0 {
			out[i] = f(out[i-1], x)
		}
	}
	return out
}

func operator(t *testing.T, name string, kind ir.Kind) *Function {
	t.Helper()
	f, err := Operator(name, kind)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// folded compares Reduce and Scan with the serial result, of lists and of arrays.
func folded[T any](t *testing.T, d *Device, f *Function, serial func(a, b T) T, element func(i int) T, captures []any, equal func(a, b T) bool) {
	t.Helper()
	for n, chunks := range map[int][]int64{1: {0, 1}, 2: {0, 1}, 7: {1, 20}, 127: {0, 1, 100}, 1021: {0, 4000}, 4099: {0, 1000}, 100_000: {0, 65_536}} {
		xs := make([]T, n)
		for i := range xs {
			xs[i] = element(i)
		}
		want := prefixes(serial, xs)
		array, err := ToDevice(d, xs)
		if err != nil {
			t.Fatal(err)
		}
		for _, chunk := range chunks {
			for _, l := range []any{xs, array} {
				c := &Call{Function: f, Lists: []any{l}, Captures: captures, ChunkBytes: chunk}
				got, p, err := d.Reduce(t.Context(), c)
				if err != nil {
					t.Fatalf("%s of %d elements: %v", f.Name, n, err)
				}
				if x, ok := got.(T); !ok || !equal(x, want[n-1]) {
					t.Errorf("%s of %d elements in chunks of %d: %v, want %v", f.Name, n, chunk, got, want[n-1])
				}
				profiled(t, p)
				prefix, p, err := d.Scan(t.Context(), c)
				if err != nil {
					t.Fatalf("%s of %d elements: %v", f.Name, n, err)
				}
				compare(t, f.Name, prefix.([]T), want, equal)
				profiled(t, p)
			}
		}
		if _, _, err := d.Scan(t.Context(), &Call{Function: f, Lists: []any{array}, Captures: captures, Out: array}); err != nil {
			t.Fatal(err)
		}
		got, err := array.ToHost()
		if err != nil {
			t.Fatal(err)
		}
		compare(t, f.Name+" in its place", got, want, equal)
		array.Free()
	}
}

func compare[T any](t *testing.T, name string, got, want []T, equal func(a, b T) bool) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s gives %d prefixes, not %d", name, len(got), len(want))
	}
	for i := range got {
		if !equal(got[i], want[i]) {
			t.Fatalf("%s of %d elements: prefix %d is %v, want %v", name, len(want), i, got[i], want[i])
		}
	}
}

func profiled(t *testing.T, p *Profile) {
	t.Helper()
	kernels := 0
	for _, s := range p.Steps {
		if s.Ended < s.Began || s.Began < s.Queued || s.First < 0 || s.First+s.Count > p.Tasks {
			t.Fatalf("a wrong step of %d tasks: %+v", p.Tasks, s)
		}
		if s.Stage == Kernel {
			kernels++
		}
	}
	if kernels == 0 || p.Chunks == 0 || p.Wall == 0 || p.Err != nil {
		t.Errorf("the profile has %d kernels, %d chunks, took %v, %v", kernels, p.Chunks, p.Wall, p.Err)
	}
}

func same[T comparable](a, b T) bool { return a == b }

func near(a, b float64) bool { return math.Abs(a-b) <= 1e-9*max(1, math.Abs(a), math.Abs(b)) }

func TestReduceAndScan(t *testing.T) {
	each(t, func(t *testing.T, d *Device) {
		folded(t, d, operator(t, "sum", ir.Int64), func(a, b int) int { return a + b }, func(i int) int { return i*i - 1000 }, nil, same)
		folded(t, d, operator(t, "product", ir.Uint16), func(a, b uint16) uint16 { return a * b }, func(i int) uint16 { return uint16(i) | 1 }, nil, same)
		folded(t, d, operator(t, "min", ir.Float32), func(a, b float32) float32 { return min(a, b) }, func(i int) float32 { return rand.Float32() }, nil, same)
		folded(t, d, operator(t, "max", ir.Int8), func(a, b int8) int8 { return max(a, b) }, func(i int) int8 { return int8(rand.Int32()) / 2 }, nil, same)
		folded(t, d, operator(t, "sum", ir.Float64), add, func(i int) float64 { return rand.Float64() }, nil, near)
		folded(t, d, function(t, "add"), add, func(i int) float64 { return float64(i) }, nil, near)
		folded(t, d, function(t, "compose"), compose, func(i int) [2]uint32 { return [2]uint32{rand.Uint32() | 1, rand.Uint32()} }, nil, same)
		folded(t, d, function(t, "under"), under, func(i int) int32 { return int32(i % 20) }, []any{table}, same)
	})
}

func TestReduceOfNumbers(t *testing.T) {
	each(t, func(t *testing.T, d *Device) {
		for _, chunk := range []int64{0, 800} {
			c := &Call{Function: operator(t, "sum", ir.Int64), Lists: []any{1000}, ChunkBytes: chunk}
			if got, _, err := d.Reduce(t.Context(), c); err != nil || got != 499500 {
				t.Errorf("the sum of 0 to 999 is %v, %v", got, err)
			}
			out, _, err := d.Scan(t.Context(), c)
			if err != nil || out.([]int)[999] != 499500 || out.([]int)[1] != 1 {
				t.Errorf("the sums of 0 to 999: %v", err)
			}
		}
		c := &Call{Function: operator(t, "max", ir.Uint8), Lists: []any{uint16(200)}}
		if got, _, err := d.Reduce(t.Context(), c); err != nil || got != uint8(199) {
			t.Errorf("the greatest of 0 to 199 is %v, %v", got, err)
		}
	})
}

func TestReduceOfNothing(t *testing.T) {
	each(t, func(t *testing.T, d *Device) {
		none := []any{[]float64{}}
		for name, want := range map[string]any{"sum": 0.0, "product": 1.0, "min": nil, "max": nil} {
			got, _, err := d.Reduce(t.Context(), &Call{Function: operator(t, name, ir.Float64), Lists: none})
			if got != want || (want == nil) != errors.Is(err, ErrEmpty) {
				t.Errorf("%s of nothing: %v, %v", name, got, err)
			}
		}
		if _, p, err := d.Reduce(t.Context(), &Call{Function: function(t, "add"), Lists: none}); !errors.Is(err, ErrEmpty) || p == nil {
			t.Errorf("add of nothing: %v", err)
		}
		if got, _, err := d.Scan(t.Context(), &Call{Function: function(t, "add"), Lists: none}); err != nil || len(got.([]float64)) != 0 {
			t.Errorf("the prefixes of nothing: %v, %v", got, err)
		}
	})
}

func TestFaultsOfReduceAndScan(t *testing.T) {
	each(t, func(t *testing.T, d *Device) {
		xs := make([]int32, 5000)
		xs[3000], xs[4321] = 1_500_000, 2_000_000 // the sum is beyond the table's end
		array, err := ToDevice(d, xs)
		if err != nil {
			t.Fatal(err)
		}
		defer array.Free()
		for _, l := range []any{xs, array} {
			c := &Call{Function: function(t, "under"), Lists: []any{l}, Captures: []any{table}}
			for _, c.ChunkBytes = range []int64{0, 1000, 100_000} {
				for _, shape := range []func(context.Context, *Call) (any, *Profile, error){d.Reduce, d.Scan} {
					_, p, err := shape(t.Context(), c)
					var task *TaskError
					if !errors.As(err, &task) || !strings.Contains(err.Error(), "index out of range [3] with length 3") {
						t.Fatalf("chunks of %d bytes: %v", c.ChunkBytes, err)
					}
					if lo := task.Index; lo <= 3000 || lo > 4321 {
						t.Errorf("chunks of %d bytes: element %d is said to fail", c.ChunkBytes, lo)
					}
					if p == nil || p.Err == nil {
						t.Error("the profile does not say that it failed")
					}
				}
			}
		}
		xs = make([]int32, 5000)
		xs[1234] = 3_000_000 // it fails with its neighbour
		_, _, err = d.Reduce(t.Context(), &Call{Function: function(t, "under"), Lists: []any{xs}, Captures: []any{table}})
		var task *TaskError
		if !errors.As(err, &task) || task.Index != 1234 && task.Index != 1235 {
			t.Errorf("element 1234 is too great: %v", err)
		}
		if err := d.count(t); err != nil {
			t.Error(err)
		}
	})
}

// count says whether the device still adds up.
func (d *Device) count(t *testing.T) error {
	got, _, err := d.Reduce(t.Context(), &Call{Function: operator(t, "sum", ir.Int64), Lists: []any{100}})
	if err == nil && got != 4950 {
		return errors.New("0 to 99 is not 4950")
	}
	return err
}

func TestCancelReduceAndScan(t *testing.T) {
	each(t, func(t *testing.T, d *Device) {
		xs := []int64{1, 1 << 60, 3, 4}
		for _, shape := range []func(context.Context, *Call) (any, *Profile, error){d.Reduce, d.Scan} {
			ctx, cancel := context.WithTimeoutCause(t.Context(), 20*time.Millisecond, errors.New("enough"))
			_, _, err := shape(ctx, &Call{Function: function(t, "stuck"), Lists: []any{xs}})
			cancel()
			if err == nil || !strings.Contains(err.Error(), "enough") || errors.Is(err, backend.ErrAbandoned) {
				t.Errorf("%v", err)
			}
		}
		if err := d.count(t); err != nil {
			t.Error(err)
		}
	})
}

func TestWrongReductions(t *testing.T) {
	d := opened().Default()
	for _, c := range []struct {
		call *Call
		want string
	}{
		{&Call{Function: function(t, "square"), Lists: []any{[]float64{1}}}, "func(a, b T) T; square is not one"},
		{&Call{Function: function(t, "scaled"), Lists: []any{[]float64{1}}, Captures: []any{1.0}}, "scaled is not one"},
		{&Call{Function: function(t, "inside"), Lists: []any{3}}, "inside is not one"},
		{&Call{Function: function(t, "add"), Lists: []any{[]bool{true}}}, "a bool is not the float64"},
		{&Call{Function: function(t, "add"), Lists: []any{[][]float64{{1}}}}, "and not of slices"},
		{&Call{Function: function(t, "add"), Lists: []any{}}, "of one list, and not of 0"},
		{&Call{Function: function(t, "add"), Lists: []any{(*Array[float64])(nil)}}, "the array is nil"},
		{&Call{Function: function(t, "under"), Lists: []any{[]int32{1}}}, "0 captured values"},
		{&Call{Function: operator(t, "sum", ir.Int8), Lists: []any{3}, Result: reflect.TypeFor[int]()}, "a int is not the int8"},
	} {
		for _, shape := range []func(context.Context, *Call) (any, *Profile, error){d.Reduce, d.Scan} {
			if _, p, err := shape(t.Context(), c.call); p != nil || err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v, want %q", err, c.want)
			}
		}
	}
	if _, err := Operator("mean", ir.Int8); err == nil {
		t.Error("there is an operator mean")
	}
	if _, err := Operator("sum", ir.Bool); err == nil {
		t.Error("bools have a sum")
	}
}

func TestShapesAtTheSameTime(t *testing.T) {
	each(t, func(t *testing.T, d *Device) {
		add, square, stencil := function(t, "add"), function(t, "square"), function(t, "life")
		xs := []float64{1, 2, 3, 4}
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				if got, _, err := d.Reduce(t.Context(), &Call{Function: add, Lists: []any{xs}}); err != nil || got != 10.0 {
					t.Errorf("%v, %v", got, err)
				}
				if got, _, err := d.Scan(t.Context(), &Call{Function: add, Lists: []any{xs}}); err != nil || !reflect.DeepEqual(got, []float64{1, 3, 6, 10}) {
					t.Errorf("%v, %v", got, err)
				}
				if got, _, err := d.Map(t.Context(), &Call{Function: square, Lists: []any{xs}, Result: reflect.TypeFor[float64]()}); err != nil || !reflect.DeepEqual(got, []float64{1, 4, 9, 16}) {
					t.Errorf("%v, %v", got, err)
				}
				if got, _, err := d.Stencil(t.Context(), &Call{Function: stencil, Lists: []any{[][]uint8{{1}}}}); err != nil || !reflect.DeepEqual(got, [][]uint8{{0}}) {
					t.Errorf("%v, %v", got, err)
				}
			})
		}
		wg.Wait()
	})
}

// exclusive is the serial exclusive scan.
func exclusive[T any](f func(a, b T) T, first T, xs []T) []T {
	out := make([]T, len(xs))
	for i, x := range xs {
		out[i] = first
		first = f(first, x)
	}
	return out
}

func TestExclusiveScans(t *testing.T) {
	each(t, func(t *testing.T, d *Device) {
		sum := operator(t, "sum", ir.Int64)
		add := func(a, b int) int { return a + b }
		for n, chunks := range map[int][]int64{0: {0}, 1: {0, 1}, 7: {1, 20}, 1021: {0, 4000}, 100_000: {0, 65_536}} {
			xs := make([]int, n)
			for i := range xs {
				xs[i] = i%11 - 3
			}
			array, err := ToDevice(d, xs)
			if err != nil {
				t.Fatal(err)
			}
			for _, chunk := range chunks {
				for _, list := range []any{xs, array} {
					got, _, err := d.Scan(t.Context(), &Call{Function: sum, Lists: []any{list}, ChunkBytes: chunk, Exclusive: true})
					if err != nil {
						t.Fatal(err)
					}
					compare(t, "exclusive", got.([]int), exclusive(add, 0, xs), func(a, b int) bool { return a == b })
				}
			}
			c := &Call{Function: sum, Lists: []any{array}, Exclusive: true, Initial: int8(5), Out: array}
			if _, _, err := d.Scan(t.Context(), c); err != nil {
				t.Fatal(err)
			}
			got, err := array.ToHost()
			if err != nil {
				t.Fatal(err)
			}
			compare(t, "exclusive in its place", got, exclusive(add, 5, xs), func(a, b int) bool { return a == b })
			array.Free()
		}
		for name, want := range map[string][]uint8{"sum": {0, 200}, "product": {1, 200}, "min": {255, 200}, "max": {0, 200}} {
			got, _, err := d.Scan(t.Context(), &Call{Function: operator(t, name, ir.Uint8), Lists: []any{[]uint8{200, 3}}, Exclusive: true})
			if err != nil || !reflect.DeepEqual(got, want) {
				t.Errorf("%s: %v, %v; want %v", name, got, err, want)
			}
		}
		for name, want := range map[string][]int32{"min": {math.MaxInt32, 7}, "max": {math.MinInt32, 7}} {
			got, _, err := d.Scan(t.Context(), &Call{Function: operator(t, name, ir.Int32), Lists: []any{[]int32{7, 3}}, Exclusive: true})
			if err != nil || !reflect.DeepEqual(got, want) {
				t.Errorf("%s: %v, %v; want %v", name, got, err, want)
			}
		}
		for name, want := range map[string][]float32{"sum": {0, 0.5, 0.75}, "max": {float32(math.Inf(-1)), 0.5, 0.5}} {
			got, _, err := d.Scan(t.Context(), &Call{Function: operator(t, name, ir.Float32), Lists: []any{[]float32{0.5, 0.25, 1}}, Exclusive: true})
			if err != nil || !reflect.DeepEqual(got, want) {
				t.Errorf("%s: %v, %v; want %v", name, got, err, want)
			}
		}
		if got, _, err := d.Scan(t.Context(), &Call{Function: sum, Lists: []any{4}, Result: reflect.TypeFor[int](), Exclusive: true}); err != nil || !reflect.DeepEqual(got, []int{0, 0, 1, 3}) {
			t.Error(got, err)
		}
		for _, wrong := range []any{1.5, "0", uint64(1 << 63)} {
			if _, _, err := d.Scan(t.Context(), &Call{Function: sum, Lists: []any{[]int{1}}, Exclusive: true, Initial: wrong}); err == nil || !strings.Contains(err.Error(), "cannot begin with") {
				t.Errorf("%v: %v", wrong, err)
			}
		}
	})
}

func TestSourcesOfFolds(t *testing.T) {
	d := &Device{Device: cpu.Open(), programs: map[string]backend.Program{}}
	defer d.Close()
	c := &Call{Function: operator(t, "sum", ir.Int64), Lists: []any{[]int{1, 2}}}
	for name, source := range map[string]func(*Device, context.Context, *Call) (string, error){"fold": (*Device).ReduceSource, "apply": (*Device).ScanSource} {
		if text, err := source(d, t.Context(), c); err != nil || !strings.Contains(text, name) {
			t.Errorf("%s: %s, %v", name, text, err)
		}
	}
}
