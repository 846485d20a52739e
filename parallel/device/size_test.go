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

// claimed is a matrix that says how large it is, and has nothing.
type claimed struct{ rows, cols int }

func (c claimed) Dims() (rows, cols int) { return c.rows, c.cols }
func (c claimed) At(i, j int) float64    { panic("it was read") }

// rowsOf is n rows that are one row of memory.
func rowsOf[T any](n, width int) [][]T {
	row := make([]T, width)
	list := make([][]T, n)
	for i := range list {
		list[i] = row
	}
	return list
}

// unallocated fails where f takes memory, which it should not have asked for.
func unallocated(t *testing.T, name string, f func()) {
	t.Helper()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	if took := after.TotalAlloc - before.TotalAlloc; took > 64<<20 {
		t.Errorf("%s took %d bytes", name, took)
	}
}

func TestWrongSizesTakeNoMemory(t *testing.T) {
	huge := rowsOf[float64](1<<17, 1<<17) // 137 GB for a program that copies its rows
	ragged := append(slices.Clone(huge), nil)
	last := rowsOf[float64](1<<17, 0)
	last[0] = huge[0]
	wide := Matrix{1 << 24, 0, []float64{}} // its product with another has no end
	each(t, func(t *testing.T, d *Device) {
		var full *backend.MemoryError
		for _, c := range []struct {
			name string
			a, b any
			ok   func(error) bool
		}{
			{"ragged", ragged, huge, func(err error) bool { return strings.Contains(err.Error(), "row 131072 has 0 elements") }},
			{"ragged from row 1 on", last, huge, func(err error) bool { return strings.Contains(err.Error(), "row 1 has 0 elements") }},
			{"shapes", huge, rowsOf[float64](2, 1<<17), func(err error) bool { return errors.Is(err, ErrShape) }},
			{"types", huge, [][]float32{}, func(err error) bool { return err != nil }},
			{"negative", claimed{-1 << 40, -1 << 20}, huge, func(err error) bool { return errors.Is(err, ErrShape) }},
			{"too many to count", claimed{1 << 62, 1 << 62}, claimed{1 << 62, 1}, func(err error) bool { return errors.As(err, &full) }},
			{"claimed", claimed{1 << 20, 1 << 20}, claimed{1 << 20, 1}, func(err error) bool { return errors.As(err, &full) }},
			{"the product", wide, Matrix{0, 1 << 24, []float64{}}, func(err error) bool { return errors.As(err, &full) }},
		} {
			unallocated(t, c.name, func() {
				if _, _, err := d.MatMul(t.Context(), c.a, c.b); err == nil || !c.ok(err) {
					t.Errorf("%s: %v", c.name, err)
				}
			})
		}
		for name, grid := range map[string][][]float64{"ragged": ragged, "huge": huge} {
			unallocated(t, name, func() {
				if _, _, err := d.Stencil(t.Context(), &Call{Function: function(t, "heat"), Lists: []any{grid}, Captures: []any{scale}}); err == nil || name == "huge" != errors.As(err, &full) {
					t.Errorf("a stencil of a %s grid: %v", name, err)
				}
			})
		}
		sum := operator(t, "sum", ir.Int64)
		unallocated(t, "scan", func() {
			if _, _, err := d.Scan(t.Context(), &Call{Function: sum, Lists: []any{1 << 40}}); !errors.Is(err, ErrTooLarge) {
				t.Errorf("a scan of 2^40 numbers: %v", err)
			}
		})
		unallocated(t, "map", func() {
			if _, _, err := d.Map(t.Context(), &Call{Function: function(t, "collatz"), Lists: []any{1 << 40}, Result: reflect.TypeFor[int]()}); !errors.Is(err, ErrTooLarge) {
				t.Errorf("a map over 2^40 numbers: %v", err)
			}
		})
		unallocated(t, "captures", func() {
			if _, _, err := d.Map(t.Context(), &Call{Function: function(t, "row"), Lists: []any{1}, Captures: []any{huge}, Result: reflect.TypeFor[float64]()}); !errors.As(err, &full) {
				t.Errorf("captured rows: %v", err)
			}
		})
	})
}

func TestTimes(t *testing.T) {
	if times(3, 0, math.MaxInt64) != 0 || times(math.MaxInt64, 2, 2) != math.MaxInt64 || times(1<<31, 1<<31) != 1<<62 || times() != 1 {
		t.Error(times(3, 0, math.MaxInt64), times(math.MaxInt64, 2, 2), times(1<<31, 1<<31), times())
	}
}

// The result of a stencil stays on the device, in an Array or in a part of one.
func TestStencilIntoAnArray(t *testing.T) {
	each(t, func(t *testing.T, d *Device) {
		grid := [][]float64{{1, 2, 3, 4, 5}, {8, 1, 9, 2, 7}, {0, 4, 4, 1, 3}, {5, 5, 5, 5, 5}}
		for _, steps := range []int{0, 1, 2, 7} {
			c := &Call{Function: function(t, "heat"), Lists: []any{grid}, Captures: []any{scale}, Steps: steps}
			want, _, err := d.Stencil(t.Context(), c)
			if err != nil {
				t.Fatal(err)
			}
			n, err := c.Cells()
			if err != nil || n != 20 {
				t.Fatal(n, err)
			}
			whole, err := NewArray[float64](d, n+16)
			if err != nil {
				t.Fatal(err)
			}
			part, err := whole.Slice(16, 16+n)
			if err != nil {
				t.Fatal(err)
			}
			front, err := whole.Slice(0, n)
			if err != nil {
				t.Fatal(err)
			}
			for _, out := range []*Array[float64]{part, front} {
				c.Out = out
				none, p, err := d.Stencil(t.Context(), c)
				if err != nil || none != nil {
					t.Fatal(none, err)
				}
				if got, err := out.ToHost(); err != nil || !slices.Equal(got, flat(want.([][]float64))) {
					t.Errorf("%d steps: %v, %v, want %v", steps, got, err, want)
				}
				if took, bytes := p.Stage(CopyOut); bytes != 0 {
					t.Errorf("%d bytes were copied back in %v", bytes, took)
				}
			}
			c.Out = whole
			if _, _, err := d.Stencil(t.Context(), c); err == nil || !strings.Contains(err.Error(), "as many elements") {
				t.Errorf("an array of another length: %v", err)
			}
			whole.Free()
		}
		source, err := d.StencilSource(t.Context(), &Call{Function: function(t, "heat"), Lists: []any{grid}, Captures: []any{scale}})
		if err != nil || !strings.Contains(source, "heat") {
			t.Errorf("the source is %q, %v", source, err)
		}
	})
}
