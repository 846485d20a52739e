package device

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
)

// repeat is the serial stencil.
func repeat[T any](f func(g [][]T, y, x int) T, g [][]T, steps int) [][]T {
	for range steps {
		next := make([][]T, len(g))
		for y := range g {
			next[y] = make([]T, len(g[y]))
			for x := range g[y] {
				next[y][x] = f(g, y, x)
			}
		}
		g = next
	}
	return g
}

func grid[T any](h, w int, f func() T) [][]T {
	g := make([][]T, h)
	for y := range g {
		g[y] = make([]T, w)
		for x := range g[y] {
			g[y][x] = f()
		}
	}
	return g
}

func TestStencil(t *testing.T) {
	each(t, func(t *testing.T, d *Device) {
		for _, size := range [][2]int{{0, 0}, {3, 0}, {1, 1}, {1, 31}, {31, 1}, {17, 23}, {100, 101}} {
			g := grid(size[0], size[1], func() uint8 { return uint8(rand.Uint32() % 2) })
			h := grid(size[0], size[1], func() float64 { return float64(rand.IntN(1000)) })
			for _, steps := range []int{0, 1, 2, 5, 150} {
				if steps == 150 && len(g) > 20 {
					continue
				}
				got, p, err := d.Stencil(t.Context(), &Call{Function: function(t, "life"), Lists: []any{g}, Steps: steps})
				if want := repeat(life, g, max(1, steps)); err != nil || !reflect.DeepEqual(got, want) {
					t.Fatalf("life of %d × %d cells, %d steps: %v, %v, want %v", size[0], size[1], steps, got, err, want)
				}
				if n := int64(size[0] * size[1] * max(1, steps)); p.Tasks != n {
					t.Errorf("%d tasks, want %d", p.Tasks, n)
				}
				got, _, err = d.Stencil(t.Context(), &Call{Function: function(t, "heat"), Lists: []any{h}, Captures: []any{scale}, Steps: steps})
				if want := repeat(heat, h, max(1, steps)); err != nil || !nearGrid(got.([][]float64), want) {
					t.Fatalf("heat of %d × %d cells, %d steps: %v, %v, want %v", size[0], size[1], steps, got, err, want)
				}
			}
		}
	})
}

func nearGrid(a, b [][]float64) bool {
	if len(a) != len(b) {
		return false
	}
	for y := range a {
		if len(a[y]) != len(b[y]) {
			return false
		}
		for x := range a[y] {
			if math.Abs(a[y][x]-b[y][x]) > 1e-9*max(1, math.Abs(b[y][x])) {
				return false
			}
		}
	}
	return true
}

func TestFaultOfStencil(t *testing.T) {
	each(t, func(t *testing.T, d *Device) {
		f := function(t, "right")
		for _, c := range []struct {
			cell, steps int
			want        string
		}{
			{3, 1, "task 8 failed on input y = 2, x = 2: index out of range [3] with length 3"},
			{1, 5, "task 8 failed on input y = 2, x = 2, step 2: index out of range [3] with length 3"},
		} {
			g := [][]int{{-50, -50, -50}, {-50, -50, -50}, {-50, -50, c.cell}, {-50, -50, -50}}
			_, p, err := d.Stencil(t.Context(), &Call{Function: f, Lists: []any{g}, Steps: c.steps})
			var task *TaskError
			if !errors.As(err, &task) || task.Index != 8 || err.Error() != c.want {
				t.Errorf("%v, want %s", err, c.want)
			}
			if p == nil || p.Err == nil {
				t.Error("the profile does not say that it failed")
			}
		}
	})
}

func TestCancelStencil(t *testing.T) {
	each(t, func(t *testing.T, d *Device) {
		ctx, cancel := context.WithCancelCause(t.Context())
		cancel(errors.New("enough"))
		g := grid(50, 50, func() uint8 { return 1 })
		if _, _, err := d.Stencil(ctx, &Call{Function: function(t, "life"), Lists: []any{g}, Steps: 1 << 30}); err == nil || !strings.Contains(err.Error(), "enough") {
			t.Errorf("%v", err)
		}
	})
}

func TestWrongStencils(t *testing.T) {
	d := opened().Default()
	for _, c := range []struct {
		call *Call
		want string
	}{
		{&Call{Function: function(t, "life"), Lists: []any{[][]uint8{{1}, {1, 2}}}}, "row 1 of the grid has 2 elements, and row 0 has 1"},
		{&Call{Function: function(t, "life"), Lists: []any{[][]int{{1}}}}, "a int is not the uint8"},
		{&Call{Function: function(t, "life"), Lists: []any{[]uint8{1}}}, "one grid, a slice of slices"},
		{&Call{Function: function(t, "life"), Lists: []any{nil}}, "one grid, a slice of slices"},
		{&Call{Function: function(t, "life"), Lists: []any{[][]uint8{{1}}}, Steps: -1}, "-1 steps"},
		{&Call{Function: function(t, "add"), Lists: []any{[][]float64{{1}}}}, "add is not one"},
		{&Call{Function: function(t, "spoil"), Lists: []any{[][]int{{1}}}}, "spoil changes the grid"},
		{&Call{Function: function(t, "heat"), Lists: []any{[][]float64{{1}}}}, "0 captured values"},
	} {
		if _, p, err := d.Stencil(t.Context(), c.call); p != nil || err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v, want %q", err, c.want)
		}
	}
}
