package device

import (
	"errors"
	"math"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/adabc437/fanout/parallel/device/backend"
	"github.com/adabc437/fanout/parallel/device/ir"
)

func TestListsOfListsOfListsAreRefused(t *testing.T) {
	each(t, func(t *testing.T, d *Device) {
		g := [][]float64{{1}, {2}}
		_, _, err := d.Map(t.Context(), &Call{Function: function(t, "corner"), Lists: []any{[][][]float64{g, g}}, Result: reflect.TypeFor[float64]()})
		if err == nil || !strings.Contains(err.Error(), "have to be captured") {
			t.Errorf("%v", err)
		}
	})
}

func TestInPlace(t *testing.T) {
	each(t, func(t *testing.T, d *Device) {
		xs := make([]float64, 5000)
		for i := range xs {
			xs[i] = float64(i % 10)
		}
		a, err := ToDevice(d, xs)
		if err != nil {
			t.Fatal(err)
		}
		defer a.Free()
		if _, _, err := d.Map(t.Context(), &Call{Function: function(t, "square"), Lists: []any{a}, Out: a, ChunkBytes: 4 * 333}); err != nil {
			t.Fatal(err)
		}
		sum, err := Operator("sum", ir.Float64)
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := d.Scan(t.Context(), &Call{Function: sum, Lists: []any{a}, Out: a, ChunkBytes: 8 * 333}); err != nil {
			t.Fatal(err)
		}
		got, err := a.ToHost()
		if err != nil {
			t.Fatal(err)
		}
		total := 0.0
		for i, x := range xs {
			if total += x * x; got[i] != total {
				t.Fatalf("element %d is %v, want %v", i, got[i], total)
			}
		}
		in, _ := a.Slice(0, 4000)
		out, _ := a.Slice(64, 4064)
		for name, f := range map[string]func() error{
			"Map": func() error {
				_, _, err := d.Map(t.Context(), &Call{Function: function(t, "square"), Lists: []any{in}, Out: out})
				return err
			},
			"Scan": func() error {
				_, _, err := d.Scan(t.Context(), &Call{Function: sum, Lists: []any{in}, Out: out})
				return err
			},
		} {
			if err := f(); err == nil || !strings.Contains(err.Error(), "overlaps") {
				t.Errorf("%s into a part that overlaps: %v", name, err)
			}
		}
	})
}

func TestOneSliceTwice(t *testing.T) {
	each(t, func(t *testing.T, d *Device) {
		if d.Info().Backend == "cpu" {
			return // it has no language of its own
		}
		source := "__kernel void twice(__global float *out, __global float *in) { int i = get_global_id(0); out[i] = 2 * in[i]; }"
		xs := []float32{1, 2, 3, 4}
		if _, err := d.RunSource(t.Context(), &SourceCall{Source: source, Kernel: "twice", Args: []any{xs, xs}}); err != nil || !slices.Equal(xs, []float32{2, 4, 6, 8}) {
			t.Errorf("one slice twice: %v, %v", xs, err)
		}
		if _, err := d.RunSource(t.Context(), &SourceCall{Source: source, Kernel: "twice", Args: []any{xs[:3], xs[1:]}}); err == nil || !strings.Contains(err.Error(), "share some of their memory") {
			t.Errorf("slices that overlap: %v", err)
		}
		if _, err := d.RunSource(t.Context(), &SourceCall{Source: source, Kernel: "twice", Args: []any{(*Array[float32])(nil), xs}}); !errors.Is(err, errNil) {
			t.Errorf("a nil array: %v", err)
		}
	})
}

func TestTooLarge(t *testing.T) {
	each(t, func(t *testing.T, d *Device) {
		var full *backend.MemoryError
		if _, err := NewArray[float64](d, 1<<60); !errors.As(err, &full) {
			t.Errorf("an array of 2^60 float64: %v", err)
		}
		if _, _, err := d.Map(t.Context(), &Call{Function: function(t, "collatz"), Lists: []any{1 << 60}, Result: reflect.TypeFor[int]()}); err == nil || !strings.Contains(err.Error(), "too many") {
			t.Errorf("2^60 tasks: %v", err)
		}
		if _, _, err := d.Map(t.Context(), &Call{Function: function(t, "collatz"), Lists: []any{1 << 39}, Result: reflect.TypeFor[[1 << 10]int]()}); err == nil {
			t.Error("results that are no results are no error")
		}
	})
}

func TestArraysWithoutMemory(t *testing.T) {
	var zero Array[float32]
	zero.Free()
	if zero.Device() != nil || zero.String() != "no array" || zero.Len() != 0 {
		t.Error(zero.Device(), zero.String(), zero.Len())
	}
	if _, err := zero.ToHost(); !errors.Is(err, errNil) {
		t.Errorf("ToHost: %v", err)
	}
}

func TestOutOfNothing(t *testing.T) {
	each(t, func(t *testing.T, d *Device) {
		a, err := NewArray[int16](d, 1)
		if err != nil {
			t.Fatal(err)
		}
		defer a.Free()
		if _, _, err := d.Map(t.Context(), &Call{Function: function(t, "double"), Lists: []any{[][]int16{{1}}}, Out: a}); err == nil || !strings.Contains(err.Error(), "returns nothing") {
			t.Errorf("%v", err)
		}
	})
}

func TestDroppedArraysMakeRoom(t *testing.T) {
	each(t, func(t *testing.T, d *Device) {
		if d.Info().Backend == "cpu" {
			return // what it has is Go's memory
		}
		for i := range 12 {
			if _, err := NewArray[uint8](d, int(min(d.Info().Memory/6, max(1, d.Info().MaxBuf)))); err != nil {
				t.Fatalf("array %d, when all before are garbage: %v", i, err)
			}
		}
		for d.InUse() > 0 { // each wants nothing to be left
			if b, err := d.alloc(d.Info().MaxBuf); err == nil {
				b.Free()
			}
			runtime.GC()
		}
	})
}

// TestRoundingOfWhatTheCompilerKnows rounds numbers that fit no int: PoCL's rint is not made
// for them, and its compiler leaves out the branch in which it knows that there is one.
func TestRoundingOfWhatTheCompilerKnows(t *testing.T) {
	each(t, func(t *testing.T, d *Device) {
		for name, want := range map[string]float64{"roundGreat": 1 << 63, "roundNone": math.NaN()} {
			got, _, err := d.Map(t.Context(), &Call{Function: function(t, name), Lists: []any{3}, Result: reflect.TypeFor[float64]()})
			if err != nil {
				t.Fatal(err)
			}
			if x := got.([]float64); x[0] != 0 || x[2] != 2 || x[1] != want && !(math.IsNaN(x[1]) && math.IsNaN(want)) {
				t.Errorf("%s gives %v, want [0 %v 2]", name, x, want)
			}
		}
	})
}

// A scan in place says of a fault what it says into another array.
func TestFaultsOfScansInPlace(t *testing.T) {
	each(t, func(t *testing.T, d *Device) {
		for _, size := range []int64{0, 4 * 1100} {
			for _, great := range []int{1, 1024, 2500, 4999} {
				xs := make([]int32, 5000)
				for i := range xs {
					xs[i] = 500
				}
				xs[great] = 3_000_000
				var says [2]string
				for place := range 2 {
					a, err := ToDevice(d, xs)
					if err != nil {
						t.Fatal(err)
					}
					out := a
					if place == 1 {
						if out, err = NewArray[int32](d, len(xs)); err != nil {
							t.Fatal(err)
						}
					}
					_, _, err = d.Scan(t.Context(), &Call{Function: function(t, "under"), Lists: []any{a}, Captures: []any{table}, Out: out, ChunkBytes: size})
					var task *TaskError
					if !errors.As(err, &task) {
						t.Fatal(err)
					}
					says[place] = task.Error()
					a.Free()
					out.Free()
				}
				if says[0] != says[1] {
					t.Errorf("element %d is too great, chunks of %d bytes: in place, %s; else, %s", great, size, says[0], says[1])
				}
			}
		}
	})
}

func TestWhatFreedAnArray(t *testing.T) {
	set := Open()
	defer set.Close()
	d := set.Devices[len(set.Devices)-1]
	a, err := ToDevice(d, []float64{1, 2})
	if err != nil {
		t.Fatal(err)
	}
	b, err := ToDevice(d, []float64{1, 2})
	if err != nil {
		t.Fatal(err)
	}
	a.Free()
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	for want, x := range map[string]*Array[float64]{"by Free": a, "when its device was closed": b} {
		_, _, err := d.Map(t.Context(), &Call{Function: function(t, "square"), Lists: []any{x}, Result: reflect.TypeFor[float64]()})
		if !errors.Is(err, ErrFreed) || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}

func TestListsOfOtherLengthsAreNamed(t *testing.T) {
	each(t, func(t *testing.T, d *Device) {
		_, _, err := d.Map(t.Context(), &Call{Function: function(t, "add"), Lists: []any{[]float64{1}, []float64{1, 2, 3}}, Result: reflect.TypeFor[float64]()})
		if !errors.Is(err, ErrLengths) || !strings.Contains(err.Error(), "list 1 has 1 elements, and list 2 has 3") {
			t.Errorf("%v", err)
		}
	})
}

// An array of a type that is known later is the results' room before.
func TestUntypedBecomesAnArray(t *testing.T) {
	each(t, func(t *testing.T, d *Device) {
		elem := reflect.TypeFor[particle]()
		out, err := d.NewOf(elem, 2)
		if err != nil {
			t.Fatal(err)
		}
		u, ok := out.(*Untyped)
		if !ok || u.Len() != 2 {
			t.Fatalf("%T", out)
		}
		ps := []particle{{}, {}}
		c := &Call{Function: function(t, "move"), Lists: []any{ps, []float32{1, 2}}, Result: elem}
		want, _, err := d.Map(t.Context(), c)
		if err != nil {
			t.Fatal(err)
		}
		c.Out = u
		if _, _, err := d.Map(t.Context(), c); err != nil {
			t.Fatal(err)
		}
		for _, wrong := range []reflect.Type{reflect.TypeFor[*Array[float64]](), reflect.TypeFor[int](), reflect.TypeFor[*int](), reflect.TypeFor[Array[particle]]()} {
			if x, err := u.Become(wrong); err == nil {
				t.Errorf("it becomes a %T", x)
			}
		}
		x, err := u.Become(reflect.TypeFor[*Array[particle]]())
		if err != nil {
			t.Fatal(err)
		}
		a := x.(*Array[particle])
		defer a.Free()
		if got, err := a.ToHost(); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%v, %v, want %v", got, err, want)
		}
	})
}
