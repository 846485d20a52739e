package device

import (
	"context"
	"errors"
	"math/rand/v2"
	"os"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/adabc437/fanout/parallel/device/backend"
	"github.com/adabc437/fanout/parallel/philox"
)

var opened = sync.OnceValue(func() *Set { return Open() })
var source = sync.OnceValues(func() (*Source, error) { return Parse("functions_test.go", text) })

// each runs a test on each device.
func each(t *testing.T, test func(t *testing.T, d *Device)) {
	t.Helper()
	if opened().Missing != nil && os.Getenv("CI") != "" {
		t.Errorf("no OpenCL: %v", opened().Missing)
	}
	for _, d := range opened().Devices {
		t.Run(d.Info().Backend, func(t *testing.T) {
			test(t, d)
			if used := d.InUse(); used != 0 {
				t.Errorf("%d bytes are in use after it", used)
			}
		})
	}
}

func function(t *testing.T, name string) *Function {
	t.Helper()
	s, err := source()
	if err != nil {
		t.Fatal(err)
	}
	f, err := s.Function(name)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestMap(t *testing.T) {
	floats := make([]float64, 1000)
	for i := range floats {
		floats[i] = float64(i)/7 - 50
	}
	particles := make([]particle, 77)
	dts := make([]float32, len(particles))
	for i := range particles {
		particles[i] = particle{X: [3]float32{float32(i), 1, 2}, V: [3]float32{1, float32(-i), 0.5}, Mass: 1}
		dts[i] = float32(i) / 8
	}
	vectors := [][]float64{{3, 4}, {}, {1, 2, 2}, nil, {-5}}
	for _, c := range []struct {
		name     string
		f        any
		lists    []any
		captures []any
	}{
		{"square", square, []any{floats}, nil},
		{"square", square, []any{floats[:0]}, nil},
		{"square", square, []any{20}, nil},
		{"square", square, []any{[]int8{-128, 127}}, nil},
		{"collatz", collatz, []any{[]uint16{7, 65535}}, nil},
		{"collatz", collatz, []any{300}, nil},
		{"collatz", collatz, []any{uint8(200)}, nil},
		{"move", move, []any{particles, dts}, nil},
		{"scaled", scaled, []any{floats}, []any{scale}},
		{"lookup", lookup, []any{3}, []any{table}},
		{"lookup", lookup, []any{[3]int{2, 0, 1}}, []any{table}},
		{"row", row, []any{3}, []any{matrix}},
		{"norm", norm, []any{vectors}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			each(t, func(t *testing.T, d *Device) {
				for _, chunk := range []int64{0, 1, 100, 1000} {
					got, p, err := d.Map(t.Context(), &Call{Function: function(t, c.name), Lists: c.lists, Captures: c.captures, Result: reflect.TypeOf(c.f).Out(0), ChunkBytes: chunk})
					if err != nil {
						t.Fatal(err)
					}
					if want := serial(c.f, c.lists); !reflect.DeepEqual(got, want) {
						t.Errorf("chunks of %d bytes: %v, want %v", chunk, got, want)
					}
					kernels := int64(0)
					for _, s := range p.Steps {
						if s.Ended < s.Began || s.Began < s.Queued {
							t.Errorf("a step goes backwards: %+v", s)
						}
						if s.Stage == Kernel {
							kernels += s.Count
						}
					}
					if kernels != p.Tasks {
						t.Errorf("%d of %d tasks have steps", kernels, p.Tasks)
					}
				}
			})
		})
	}
}

// serial calls f in Go.
func serial(f any, lists []any) any {
	v := reflect.ValueOf(f)
	n := -1
	for _, l := range lists {
		if x := reflect.ValueOf(l); x.CanInt() {
			n = int(x.Int())
		} else if x.CanUint() {
			n = int(x.Uint())
		} else {
			n = x.Len()
		}
	}
	out := reflect.MakeSlice(reflect.SliceOf(v.Type().Out(0)), n, n)
	for i := range n {
		var in []reflect.Value
		if v.Type().NumIn() > len(lists) {
			in = append(in, reflect.ValueOf(i))
		}
		for _, l := range lists {
			if x := reflect.ValueOf(l); x.CanInt() || x.CanUint() {
				in = append(in, reflect.ValueOf(i))
			} else {
				in = append(in, x.Index(i))
			}
			last := len(in) - 1
			in[last] = in[last].Convert(v.Type().In(last))
		}
		out.Index(i).Set(v.Call(in)[0])
	}
	return out.Interface()
}

func TestRowsAreWrittenBack(t *testing.T) {
	each(t, func(t *testing.T, d *Device) {
		rows := [][]int16{{1, 2}, nil, {-3, 30000}}
		_, _, err := d.Map(t.Context(), &Call{Function: function(t, "double"), Lists: []any{rows}, ChunkBytes: 1})
		want := [][]int16{{2, 4}, nil, {-6, -5536}}
		if err != nil || !reflect.DeepEqual(rows, want) {
			t.Errorf("%v, %v, want %v", rows, err, want)
		}
		first, second := [][]int16{{7}, {8}}, [][]int16{{1}, {2, 3}}
		_, _, err = d.Map(t.Context(), &Call{Function: function(t, "doubleSecond"), Lists: []any{first, second}})
		if err != nil || !reflect.DeepEqual(first, [][]int16{{7}, {8}}) || !reflect.DeepEqual(second, [][]int16{{2}, {4, 6}}) {
			t.Errorf("through swapped variables: %v, %v, %v", first, second, err)
		}
	})
}

func TestRandom(t *testing.T) {
	each(t, func(t *testing.T, d *Device) {
		got, _, err := d.Map(t.Context(), &Call{Function: function(t, "inside"), Lists: []any{200}, Result: reflect.TypeFor[int](), Seed: 1 << 40})
		if err != nil {
			t.Fatal(err)
		}
		for i, hits := range got.([]int) {
			if want := inside(rand.New(philox.New(1<<40, uint64(i))), i); hits != want {
				t.Fatalf("task %d: %d, want %d", i, hits, want)
			}
		}
	})
}

func TestFault(t *testing.T) {
	each(t, func(t *testing.T, d *Device) {
		f := function(t, "lookup")
		_, p, err := d.Map(t.Context(), &Call{Function: f, Lists: []any{1000}, Captures: []any{table}, Result: reflect.TypeFor[int32]()})
		var task *TaskError
		if !errors.As(err, &task) || task.Index != 3 || task.Error() != "task 3 failed on input 3: index out of range [3] with length 3" {
			t.Errorf("%v", err)
		}
		if p == nil || p.Err == nil {
			t.Errorf("the profile does not say that it failed: %+v", p)
		}
		got, _, err := d.Map(t.Context(), &Call{Function: f, Lists: []any{3}, Captures: []any{table}, Result: reflect.TypeFor[int32]()})
		if err != nil || !reflect.DeepEqual(got, table) {
			t.Errorf("after it: %v, %v", got, err)
		}
	})
}

func TestCancel(t *testing.T) {
	each(t, func(t *testing.T, d *Device) {
		ctx, cancel := context.WithTimeoutCause(t.Context(), 20*time.Millisecond, errors.New("enough"))
		defer cancel()
		_, _, err := d.Map(ctx, &Call{Function: function(t, "forever"), Lists: []any{64}, Result: reflect.TypeFor[int]()})
		if err == nil || !strings.Contains(err.Error(), "enough") || errors.Is(err, backend.ErrAbandoned) {
			t.Errorf("%v", err)
		}
	})
}

func TestArray(t *testing.T) {
	each(t, func(t *testing.T, d *Device) {
		xs := []float64{1, 2, 3, 4, 5}
		a, err := ToDevice(d, xs)
		if err != nil {
			t.Fatal(err)
		}
		defer a.Free()
		b, err := NewArray[float64](d, 3)
		if err != nil {
			t.Fatal(err)
		}
		defer b.Free()
		part, err := a.Slice(1, 4)
		if err != nil {
			t.Fatal(err)
		}
		if _, p, err := d.Map(t.Context(), &Call{Function: function(t, "square"), Lists: []any{part}, Out: b}); err != nil || len(p.Steps) != 1 {
			t.Fatal(p, err)
		}
		if got, err := b.ToHost(); err != nil || !reflect.DeepEqual(got, []float64{4, 9, 16}) {
			t.Error(got, err)
		}
		if got, err := a.ToHost(); err != nil || !reflect.DeepEqual(got, xs) {
			t.Error(got, err)
		}
		if _, err := a.Slice(2, 6); err == nil {
			t.Error("a slice beyond the end is no error")
		}
		if err := a.FromHost(xs[:2]); err == nil {
			t.Error("FromHost of fewer elements is no error")
		}
		a.Free()
		a.Free()
		if _, err := part.ToHost(); !errors.Is(err, ErrFreed) {
			t.Errorf("an array that was freed: %v", err)
		}
		if _, _, err := d.Map(t.Context(), &Call{Function: function(t, "square"), Lists: []any{a}, Result: reflect.TypeFor[float64]()}); !errors.Is(err, ErrFreed) {
			t.Errorf("a map of it: %v", err)
		}
	})
	if _, err := NewArray[string](opened().Default(), 1); err == nil || !strings.Contains(err.Error(), "string cannot be on a device") {
		t.Errorf("an array of strings: %v", err)
	}
}

func TestWrongCalls(t *testing.T) {
	d := opened().Default()
	for _, c := range []struct {
		call *Call
		want string
	}{
		{&Call{Function: function(t, "collatz"), Lists: []any{[]float64{1}}, Result: reflect.TypeFor[int]()}, "takes a int64, and the elements are of kind float64"},
		{&Call{Function: function(t, "move"), Lists: []any{[]int{1}, []float32{1}}, Result: reflect.TypeFor[particle]()}, "takes a particle, and the elements are of kind int64"},
		{&Call{Function: function(t, "square"), Lists: []any{"x"}}, "and not a string"},
		{&Call{Function: function(t, "move"), Lists: []any{5, 5}}, "takes a particle"},
		{&Call{Function: function(t, "square"), Lists: []any{-5}}, "must not be negative"},
		{&Call{Function: function(t, "square"), Lists: []any{[]float64{1}}}, "Result must say which Go type"},
		{&Call{Function: function(t, "square"), Lists: []any{[]float64{1}}, Result: reflect.TypeFor[float32]()}, "the results: a float32 is not the float64"},
		{&Call{Function: function(t, "square")}, "at least one list"},
		{&Call{Function: function(t, "square"), Lists: []any{nil}}, "and not a <nil>"},
		{&Call{Function: function(t, "scaled"), Lists: []any{[]float64{1}}}, "0 captured values for a function that captures 1"},
		{&Call{Function: function(t, "move"), Lists: []any{[]particle{{}}, []float32{}}}, "list 1 has 1 elements, and list 2 has 0"},
		{&Call{Function: function(t, "collatz"), Lists: []any{1, 1, 1}}, "takes 1 arguments, and there are 3 lists"},
	} {
		if _, _, err := d.Map(t.Context(), c.call); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v, want %q", err, c.want)
		}
	}
	s, err := source()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Function("shortest"); err == nil || !strings.Contains(err.Error(), "string") {
		t.Errorf("a function of strings: %v", err)
	}
	if _, err := s.Function("nothing"); err == nil {
		t.Error("a function that is not there")
	}
}
