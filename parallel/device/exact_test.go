package device

import (
	"math"
	"reflect"
	"strings"
	"testing"

	"github.com/adabc437/fanout/parallel/device/ir"
)

// TestSumsOfFloat32AreNearlyExact holds sums of many equal numbers against their product.
func TestSumsOfFloat32AreNearlyExact(t *testing.T) {
	const n = 1 << 20
	xs := make([]float32, n)
	for i := range xs {
		xs[i] = 0.1
	}
	exact := n * float64(float32(0.1))
	source, err := Parse("f.go", "package f\nfunc add(a, b float32) float32 { return a + b }")
	if err != nil {
		t.Fatal(err)
	}
	own, err := source.Function("add")
	if err != nil {
		t.Fatal(err)
	}
	each(t, func(t *testing.T, d *Device) {
		for _, c := range []struct {
			f     *Function
			bound float64 // relative
		}{{operator(t, "sum", ir.Float32), 0x1p-24}, {own, 5e-5}} {
			if c.f != own && !d.Info().Float64 {
				c.bound = 5e-5
			}
			call := &Call{Function: c.f, Lists: []any{xs}}
			sum, _, err := d.Reduce(t.Context(), call)
			if err != nil {
				t.Fatal(err)
			}
			if off := math.Abs(float64(sum.(float32))/exact - 1); off > c.bound {
				t.Errorf("the sum by %s is %v, off by %g", c.f.Name, sum, off)
			}
			totals, _, err := d.Scan(t.Context(), call)
			if err != nil {
				t.Fatal(err)
			}
			for i, x := range totals.([]float32) {
				if off := math.Abs(float64(x)/(exact*float64(i+1)/n) - 1); off > c.bound {
					t.Fatalf("total %d by %s is %v, off by %g", i, c.f.Name, x, off)
				}
			}
		}
	})
}

func TestElementsAreConvertedWhereTheyFit(t *testing.T) {
	source, err := Parse("f.go", "package f\nfunc b8(x uint8) uint8 { return x }\nfunc at(i uint8, x int) int { return int(i) + x }\nfunc hypot(a, b float64) float64 { return a + b/2 }\nfunc last(a, b uint8) uint8 { return b }")
	if err != nil {
		t.Fatal(err)
	}
	f := func(name string) *Function {
		f, err := source.Function(name)
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	each(t, func(t *testing.T, d *Device) {
		array, err := ToDevice(d, []int{1, 255, 256, -1})
		if err != nil {
			t.Fatal(err)
		}
		defer array.Free()
		bytes := reflect.TypeFor[uint8]()
		for _, c := range []struct {
			f      string
			list   any
			result reflect.Type
			want   string
		}{
			{"b8", []int{1, 255, 256, -1}, bytes, "the elements of xs, number 2: 256 does not fit into a uint8"},
			{"b8", []int8{1, -1}, bytes, "number 1: -1 does not fit into a uint8"},
			{"b8", []uint64{1, 1 << 63}, bytes, "number 1: 9223372036854775808 does not fit"},
			{"b8", 300, bytes, "number 256: 256 does not fit into a uint8"},
			{"b8", array, bytes, "task 2 failed: the element does not fit into a uint8"},
			{"at", make([]int, 300), reflect.TypeFor[int](), "the index of task 256 does not fit into a uint8"},
		} {
			if _, _, err := d.Map(t.Context(), &Call{Function: f(c.f), Lists: []any{c.list}, Result: c.result}); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%s of %v: %v, want %q", c.f, c.list, err, c.want)
			}
		}
		fit, err := array.Slice(0, 2)
		if err != nil {
			t.Fatal(err)
		}
		if ys, _, err := d.Map(t.Context(), &Call{Function: f("b8"), Lists: []any{fit}, Result: bytes}); err != nil || !reflect.DeepEqual(ys, []uint8{1, 255}) {
			t.Error(ys, err)
		}
		floats := reflect.TypeFor[float64]()
		for _, list := range []any{[]int{1, 2, 4}, []float32{1, 2, 4}} {
			c := &Call{Function: f("hypot"), Lists: []any{list}, Result: floats}
			if y, _, err := d.Reduce(t.Context(), c); err != nil || y != 4.0 {
				t.Errorf("the reduction of %T: %v, %v", list, y, err)
			}
			if ys, _, err := d.Scan(t.Context(), c); err != nil || !reflect.DeepEqual(ys, []float64{1, 2, 4}) {
				t.Errorf("the scan of %T: %v, %v", list, ys, err)
			}
		}
		for _, list := range []any{[]int{1, 300}, 257, array} {
			if y, _, err := d.Reduce(t.Context(), &Call{Function: f("last"), Lists: []any{list}, Result: bytes}); err == nil || !strings.Contains(err.Error(), "fit into a uint8") {
				t.Errorf("the reduction of %v: %v, %v", list, y, err)
			}
		}
	})
}

func TestPartsOfAnArrayDoNotFreeIt(t *testing.T) {
	each(t, func(t *testing.T, d *Device) {
		whole, err := ToDevice(d, []int{1, 2, 3})
		if err != nil {
			t.Fatal(err)
		}
		part, err := whole.Slice(1, 3)
		if err != nil {
			t.Fatal(err)
		}
		part.Free()
		if xs, err := whole.ToHost(); err != nil || !reflect.DeepEqual(xs, []int{1, 2, 3}) {
			t.Error(xs, err)
		}
		whole.Free()
		if _, err := part.ToHost(); err == nil {
			t.Error("a part of a freed array has elements")
		}
		if _, err := whole.Slice(0, 1); err == nil {
			t.Error("a freed array has parts")
		}
		if got := part.String(); got != "2 elements of int that have been freed" {
			t.Error(got)
		}
	})
}
