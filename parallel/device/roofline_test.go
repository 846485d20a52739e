package device

import (
	"context"
	"errors"
	"math"
	"reflect"
	"testing"

	"github.com/adabc437/fanout/parallel/device/ir"
)

const rooflines = `package p

import "math"

type pair struct{ a, b float32 }

var table []float64

func poly(x float64) float64 { return ((x*2+1)*x+3)*x/7 }

func many(i int) float32 {
	x := float32(i)
	for k := 0; k < 10; k++ {
		x = x*0.5 + 1
	}
	return x
}

func skip(i int) int32 {
	s := int32(0)
	for k := int32(0); ; k++ {
		if k%2 == 1 {
			continue
		}
		if k > 9 {
			break
		}
		s += k
	}
	return s
}

func helper(x float64) float64 { return math.Sqrt(x) }

func calls(x float64) float64 { return helper(x) + helper(x+1) }

func swap(p pair) pair { return pair{p.b, p.a} }

func second(p pair) float32 { return p.b }

func sum(xs []float64) float64 {
	s := 0.0
	for _, x := range xs {
		s += x
	}
	return s
}

func look(i int) float64 { return table[i%4] * 2 }

func mods(i int) int {
	d := i + 1
	return 100 % d
}

func fma(x float64) float64 { return math.FMA(x, x, 1) }

func rate(x float64) float64 {
	for k := 0; k < 64; k++ {
		x = x*0.999 + 0.001
	}
	return x
}
`

type pair struct{ A, B float32 }

func rooflineCall(t *testing.T, name string, out reflect.Type, lists, captures []any) *Call {
	t.Helper()
	s, err := Parse("rooflines.go", rooflines)
	if err != nil {
		t.Fatal(err)
	}
	f, err := s.Function(name)
	if err != nil {
		t.Fatal(err)
	}
	return &Call{Function: f, Lists: lists, Captures: captures, Result: out}
}

// What is counted is what can be counted by hand.
func TestCounts(t *testing.T) {
	d := opened().Devices[len(opened().Devices)-1]
	doubles := make([]float64, 1000)
	for _, c := range []struct {
		name     string
		out      reflect.Type
		lists    []any
		captures []any
		kind     ir.Kind
		ops      float64 // of a task
		slow     float64
		bytes    float64
	}{
		{"poly", reflect.TypeFor[float64](), []any{doubles}, nil, ir.Float64, 7 - 1, 1, 16},
		{"many", reflect.TypeFor[float32](), []any{500}, nil, ir.Float32, 20, 0, 4},
		{"calls", reflect.TypeFor[float64](), []any{doubles}, nil, ir.Float64, 4, 2, 16},
		{"swap", reflect.TypeFor[pair](), []any{make([]pair, 20)}, nil, ir.Int64, 0, 0, 16},
		{"second", reflect.TypeFor[float32](), []any{make([]pair, 20)}, nil, ir.Int64, 0, 0, 12},
		{"fma", reflect.TypeFor[float64](), []any{doubles}, nil, ir.Float64, 2, 0, 16},
		{"skip", reflect.TypeFor[int32](), []any{50}, nil, ir.Int32, 11 + 10 + 5, 0, 4},
		{"mods", reflect.TypeFor[int](), []any{50}, nil, ir.Int64, 2, 1, 8},
		{"look", reflect.TypeFor[float64](), []any{400}, []any{make([]float64, 4)}, ir.Float64, 1, 0, 8 + 32.0/400},
	} {
		m := &mapping{device: d, call: rooflineCall(t, c.name, c.out, c.lists, c.captures)}
		if err := m.plan(); err != nil {
			t.Fatal(err)
		}
		m.profile = d.profile(m.call, m.n)
		sums, tasks, err := m.count(t.Context(), m.n)
		if err != nil {
			t.Fatal(err)
		}
		if tasks != min(m.n, mostSampled) {
			t.Errorf("%s: %d tasks were counted", c.name, tasks)
		}
		r := &Roofline{Tasks: m.n, Sampled: tasks}
		r.tell(sums, m.memory(m.n))
		n := float64(m.n)
		if r.Kind != c.kind || math.Abs(r.Ops/n-c.ops) > 1e-9 || math.Abs(r.Slow/n-c.slow) > 1e-9 || math.Abs(r.Bytes/n-c.bytes) > 1e-9 {
			t.Errorf("%s: a task has %v operations of %s, %v of them slow, and %v bytes; want %v of %s, %v, %v", c.name, r.Ops/n, r.Kind, r.Slow/n, r.Bytes/n, c.ops, c.kind, c.slow, c.bytes)
		}
	}
}

// Rows count with where they begin and end.
func TestCountsOfRows(t *testing.T) {
	d := opened().Devices[len(opened().Devices)-1]
	m := &mapping{device: d, call: rooflineCall(t, "sum", reflect.TypeFor[float64](), []any{[][]float64{{1, 2, 3}, nil, {4}}}, nil)}
	if err := m.plan(); err != nil {
		t.Fatal(err)
	}
	m.profile = d.profile(m.call, m.n)
	sums, tasks, err := m.count(t.Context(), m.n)
	if err != nil || tasks != 3 || sums[ops64] != 4 || sums[loaded] != 3*16+4*8 || sums[stored] != 3*8 {
		t.Errorf("%v of %d tasks, %v", sums, tasks, err)
	}
	if got := m.memory(m.n); got != 4*8+3*8+3*8 {
		t.Errorf("%v bytes of memory", got)
	}
}

func TestSamplesAreSpread(t *testing.T) {
	for _, n := range []int64{1, 2, 255, 256, 257, 1000, 1 << 40} {
		list := sample(n)
		seen := map[int64]bool{}
		parts := map[int64]bool{}
		for _, i := range list {
			if i < 0 || i >= n || seen[i] {
				t.Fatalf("%d of %d, or twice", i, n)
			}
			seen[i] = true
			parts[i*16/n] = true
		}
		if int64(len(list)) != min(n, mostSampled) || int64(len(parts)) != min(n, 16) {
			t.Errorf("%d of %d tasks, from %d parts", len(list), n, len(parts))
		}
	}
}

func TestRoofline(t *testing.T) {
	each(t, func(t *testing.T, d *Device) {
		xs := make([]float64, 20_000)
		r, err := d.Roofline(t.Context(), rooflineCall(t, "rate", reflect.TypeFor[float64](), []any{xs}, nil))
		if err != nil {
			t.Fatal(err)
		}
		n := float64(len(xs))
		if r.Kind != ir.Float64 || r.Ops != 128*n || r.Bytes != 16*n || r.Intensity() != 8 || r.Launches < 5 || r.Low > r.Time || r.Time > r.High {
			t.Errorf("%+v", r)
		}
		if r.Rate() <= 0 || r.Limits.Bandwidth <= 0 || r.Limits.Rate(ir.Float64) <= 0 || r.Limits.Rate(ir.Float32) <= 0 || r.Reached() <= 0 {
			t.Errorf("%+v", r)
		}
		t.Logf("%s: %.3g of %.3g op/s, float32 %.3g, %.3g of %.3g B/s, ridge %.3g, reached %.2f, %v", d.Info().Name, r.Rate(), r.Limits.Rate(ir.Float64), r.Limits.Rate(ir.Float32), r.Bandwidth(), r.Limits.Bandwidth, r.Ridge(), r.Reached(), r.Time)

		a, err := ToDevice(d, xs)
		if err != nil {
			t.Fatal(err)
		}
		defer a.Free()
		b, err := NewArray[float64](d, len(xs))
		if err != nil {
			t.Fatal(err)
		}
		defer b.Free()
		if err := b.FromHost(xs); err != nil {
			t.Fatal(err)
		}
		c := rooflineCall(t, "poly", reflect.TypeFor[float64](), []any{a}, nil)
		c.Out = b
		if r, err = d.kernel(t.Context(), c); err != nil || r.Ops != 6*n || r.Bytes != 16*n {
			t.Errorf("of an array: %+v, %v", r, err)
		}
		if got, err := b.ToHost(); err != nil || !reflect.DeepEqual(got, xs) {
			t.Errorf("the results were not thrown away: %v", err)
		}
	})
}

func TestRooflineOfWhatFails(t *testing.T) {
	d := opened().Default()
	if _, err := d.Roofline(t.Context(), rooflineCall(t, "poly", reflect.TypeFor[float64](), []any{[]float64{}}, nil)); !errors.Is(err, errNoTasks) {
		t.Error(err)
	}
	var task *TaskError
	if _, err := d.Roofline(t.Context(), rooflineCall(t, "look", reflect.TypeFor[float64](), []any{10}, []any{make([]float64, 2)})); !errors.As(err, &task) || task.Index != 2 {
		t.Error(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := d.Roofline(ctx, rooflineCall(t, "poly", reflect.TypeFor[float64](), []any{make([]float64, 10)}, nil)); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if _, err := d.Limits(t.Context(), ir.Bool); err == nil {
		t.Error("the rate of bools")
	}
}
