package device

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"github.com/adabc437/fanout/parallel/device/backend"
)

// multiply is the product by a loop, and for each number the sum of the terms' sizes, by
// which its error is measured.
func multiply[T float32 | float64](a, b [][]T, n int) (c [][]T, sizes [][]float64) {
	c, sizes = make([][]T, len(a)), make([][]float64, len(a))
	for i := range a {
		c[i], sizes[i] = make([]T, n), make([]float64, n)
		for j := range n {
			sum := 0.0
			for q, x := range a[i] {
				term := float64(x) * float64(b[q][j])
				sum += term
				sizes[i][j] += math.Abs(term)
			}
			c[i][j] = T(sum)
		}
	}
	return c, sizes
}

func checkProduct[T float32 | float64](t *testing.T, name string, got, want [][]T, sizes [][]float64, k int) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %d rows, want %d", name, len(got), len(want))
	}
	e := 0x1p-24 // of a single addition
	if reflect.TypeFor[T]().Kind() == reflect.Float64 {
		e = 0x1p-53
	}
	for i := range got {
		if len(got[i]) != len(want[i]) {
			t.Fatalf("%s: row %d has %d numbers, want %d", name, i, len(got[i]), len(want[i]))
		}
		for j := range got[i] {
			if diff := math.Abs(float64(got[i][j] - want[i][j])); !(diff <= float64(k+2)*e*sizes[i][j]) {
				t.Fatalf("%s: number %d, %d is %v, want %v", name, i, j, got[i][j], want[i][j])
			}
		}
	}
}

// methods are those that a device has.
func (d *Device) methods(t *testing.T) []string {
	if d.Info().Backend == "cpu" {
		return []string{byRows}
	}
	list := []string{byPanels, byTiles}
	q, err := d.Queue()
	if err != nil {
		t.Fatal(err)
	}
	defer q.Free()
	if err := q.(gemmer).HasGemm(); err == nil {
		list = append(list, byCLBlast)
	} else if !strings.Contains(err.Error(), "CLBlast is not installed") {
		t.Error(err)
	}
	return list
}

func flat[T any](rows [][]T) (list []T) {
	for _, r := range rows {
		list = append(list, r...)
	}
	return list
}

func unflat[T any](list []T, m, n int) [][]T {
	rows := make([][]T, m)
	for i := range rows {
		rows[i] = list[i*n : (i+1)*n]
	}
	return rows
}

func products[T float32 | float64](t *testing.T, d *Device) {
	number := func() T { return T(rand.NormFloat64()) }
	for _, s := range [][3]int{{1, 1, 1}, {2, 3, 4}, {8, 16, 16}, {17, 1, 13}, {1, 40, 1}, {65, 33, 71}, {130, 70, 129}, {3, 0, 2}, {0, 3, 2}, {3, 2, 0}} {
		m, k, n := s[0], s[1], s[2]
		a, b := grid(m, k, number), grid(k, n, number)
		want, sizes := multiply(a, b, n)
		fa, err := ToDevice(d, append(make([]T, 5), flat(a)...))
		if err != nil {
			t.Fatal(err)
		}
		part, err := fa.Slice(5, fa.Len())
		if err != nil {
			t.Fatal(err)
		}
		fb, err := ToDevice(d, flat(b))
		if err != nil {
			t.Fatal(err)
		}
		for _, method := range d.methods(t) {
			name := fmt.Sprintf("%d × %d by %d × %d by %s", m, k, k, n, method)
			if m > 0 && k > 0 { // a slice without rows has no columns
				c, p, err := d.matMul(t.Context(), a, b, method)
				if err != nil {
					t.Fatalf("%s: %v", name, err)
				}
				checkProduct(t, name, c.([][]T), want, sizes, k)
				if p.Method != method || p.Err != nil {
					t.Errorf("%s: the profile says %+v", name, p)
				}
			}
			c, _, err := d.matMul(t.Context(), Matrix{m, k, flat(a)}, Matrix{k, n, fb}, method)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			got := c.(Matrix)
			checkProduct(t, name, unflat(got.Data.([]T), got.Rows, got.Cols), want, sizes, k)
			c, _, err = d.matMul(t.Context(), Matrix{m, k, part}, Matrix{k, n, fb}, method)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			got = c.(Matrix)
			list, err := got.Data.(*Array[T]).ToHost()
			if err != nil {
				t.Fatal(err)
			}
			got.Data.(*Array[T]).Free()
			checkProduct(t, name, unflat(list, got.Rows, got.Cols), want, sizes, k)
		}
		fa.Free()
		fb.Free()
	}
}

func TestMatMul(t *testing.T) {
	each(t, func(t *testing.T, d *Device) {
		products[float32](t, d)
		products[float64](t, d)
	})
}

// dense is a matrix as gonum's are.
type dense [][]float64

func (d dense) Dims() (rows, cols int) { return len(d), len(d[0]) }
func (d dense) At(i, j int) float64    { return d[i][j] }

func TestMatMulOfMethods(t *testing.T) {
	each(t, func(t *testing.T, d *Device) {
		c, p, err := d.MatMul(t.Context(), dense{{1, 2}, {3, 4}}, &Matrix{2, 1, []float64{5, 6}})
		if want := (Matrix{2, 1, []float64{17, 39}}); err != nil || !reflect.DeepEqual(c, want) || p.Method == "" {
			t.Errorf("%v, %v, want %v", c, err, want)
		}
	})
}

func TestWrongProducts(t *testing.T) {
	d := opened().Default()
	one := [][]float64{{1}}
	for _, c := range []struct {
		a, b any
		want string
	}{
		{one, [][]float64{{1}, {2}}, "1 × 1 by 2 × 1"},
		{one, [][]float32{{1}}, "a product of float64 by float32"},
		{one, [][]int{{1}}, "should be of float32 or float64"},
		{[][]float64{{1}, {1, 2}}, one, "the first matrix: row 1 has 2 elements"},
		{one, 3, "the second matrix: it is a int"},
		{nil, one, "it is a <nil>"},
		{(*Matrix)(nil), one, "it is nil"},
		{Matrix{2, 2, []float64{1, 2, 3}}, one, "2 × 2, with 3 numbers"},
		{Matrix{-1, -3, []float64{1, 2, 3}}, one, "-1 × -3, with 3 numbers"},
		{Matrix{1 << 32, 1 << 32, []float64{}}, one, "with 0 numbers"},
		{Matrix{1, 1, 1}, one, "should be of float32 or float64"},
	} {
		if _, p, err := d.MatMul(t.Context(), c.a, c.b); p != nil || err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v by %v: %v, want %q", c.a, c.b, err, c.want)
		}
	}
	if _, _, err := d.MatMul(t.Context(), one, [][]float64{{1}, {2}}); !errors.Is(err, ErrShape) {
		t.Errorf("%v is not ErrShape", err)
	}
}

func TestCancelMatMul(t *testing.T) {
	each(t, func(t *testing.T, d *Device) {
		ctx, cancel := context.WithCancelCause(t.Context())
		cancel(errors.New("enough"))
		m := grid(200, 200, rand.Float64)
		if _, _, err := d.MatMul(ctx, m, m); err == nil || !strings.Contains(err.Error(), "enough") || errors.Is(err, backend.ErrAbandoned) {
			t.Errorf("%v", err)
		}
	})
}
