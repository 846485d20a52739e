package device

import (
	"reflect"
	"runtime"
	"sync"
	"testing"

	"github.com/adabc437/fanout/parallel/device/ir"
)

// cores runs f for parts of 0 to n−1, on all cores: what compiled Go does.
func cores(n int, f func(lo, hi int)) {
	var wg sync.WaitGroup
	parts := 4 * runtime.GOMAXPROCS(0)
	next := make(chan int, parts)
	for p := range parts {
		next <- p
	}
	close(next)
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			for p := range next {
				f(p*n/parts, (p+1)*n/parts)
			}
		})
	}
	wg.Wait()
}

// benchDevices runs a benchmark on each device and in Go.
func benchDevices(b *testing.B, n int, bench func(b *testing.B, d *Device)) {
	for _, d := range opened().Devices {
		b.Run(d.Info().Backend, func(b *testing.B) {
			if d.Info().Backend == "cpu" && n > 1_000_000 {
				b.Skip("package cpu interprets: it is measured with fewer elements")
			}
			bench(b, d)
		})
	}
}

// repeated measures calls behind the first one, for which a kernel is compiled.
func repeated(b *testing.B, call func() error) {
	b.Helper()
	if err := call(); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if err := call(); err != nil {
			b.Fatal(err)
		}
	}
}

func benchSource(b *testing.B, name string) *Function {
	s, err := Parse("bench_functions_test.go", benchText)
	if err != nil {
		b.Fatal(err)
	}
	f, err := s.Function(name)
	if err != nil {
		b.Fatal(err)
	}
	return f
}

func onDeviceFrom[T any](b *testing.B, d *Device, xs []T) *Array[T] {
	a, err := ToDevice(d, xs)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(a.Free)
	return a
}

func BenchmarkMandelbrot(b *testing.B) {
	const side = 400
	xs, ys, out := make([]float64, side*side), make([]float64, side*side), make([]int32, side*side)
	for i := range xs {
		xs[i], ys[i] = float64(i%side)/side*3-2, float64(i/side)/side*2-1
	}
	b.Run("go", func(b *testing.B) {
		for b.Loop() {
			cores(len(xs), func(lo, hi int) {
				for i := lo; i < hi; i++ {
					out[i] = mandelbrot(xs[i], ys[i])
				}
			})
		}
	})
	f := benchSource(b, "mandelbrot")
	benchDevices(b, 0, func(b *testing.B, d *Device) {
		repeated(b, func() error {
			_, _, err := d.Map(b.Context(), &Call{Function: f, Lists: []any{xs, ys}, Result: reflect.TypeFor[int32]()})
			return err
		})
	})
}

func benchMap[T any](b *testing.B, name string, serial func(T) T, xs []T, captures []any) {
	out := make([]T, len(xs))
	b.Run("go", func(b *testing.B) {
		for b.Loop() {
			cores(len(xs), func(lo, hi int) {
				for i := lo; i < hi; i++ {
					out[i] = serial(xs[i])
				}
			})
		}
	})
	f := benchSource(b, name)
	benchDevices(b, len(xs), func(b *testing.B, d *Device) {
		b.Run("copied", func(b *testing.B) {
			repeated(b, func() error {
				_, _, err := d.Map(b.Context(), &Call{Function: f, Lists: []any{xs}, Captures: captures, Result: reflect.TypeFor[T]()})
				return err
			})
		})
		b.Run("stays", func(b *testing.B) {
			from, to := onDeviceFrom(b, d, xs), onDeviceFrom(b, d, out)
			repeated(b, func() error {
				_, _, err := d.Map(b.Context(), &Call{Function: f, Lists: []any{from}, Captures: captures, Out: to})
				return err
			})
		})
	})
}

func BenchmarkPolynomial(b *testing.B) {
	xs := make([]float64, 1_000_000)
	for i := range xs {
		xs[i] = float64(i) / 1e6
	}
	benchMap(b, "polynomial", polynomial, xs, []any{terms})
}

func BenchmarkCubic(b *testing.B) {
	xs := make([]float32, 1_000_000)
	for i := range xs {
		xs[i] = float32(i) / 1e6
	}
	benchMap(b, "cubic", cubic, xs, nil)
}

// BenchmarkBandwidth is what reductions are compared with: sums of 8 at a time in Go, and
// a copy.
func BenchmarkBandwidth(b *testing.B) {
	xs, ys := make([]float64, 10_000_000), make([]float64, 10_000_000)
	for i := range xs {
		xs[i] = float64(i)
	}
	b.Run("copy", func(b *testing.B) {
		b.SetBytes(int64(16 * len(xs)))
		for b.Loop() {
			cores(len(xs), func(lo, hi int) { copy(ys[lo:hi], xs[lo:hi]) })
		}
	})
	b.Run("triad", func(b *testing.B) {
		b.SetBytes(int64(24 * len(xs)))
		for b.Loop() {
			cores(len(xs), func(lo, hi int) {
				x, y := xs[lo:hi], ys[lo:hi]
				for i := range x {
					y[i] = x[i] + 3*y[i]
				}
			})
		}
	})
	b.Run("sum", func(b *testing.B) {
		b.SetBytes(int64(8 * len(xs)))
		sums := make([]float64, 1)
		for b.Loop() {
			cores(len(xs), func(lo, hi int) {
				var s [8]float64
				for ; lo+8 <= hi; lo += 8 {
					x := xs[lo : lo+8]
					s[0] += x[0]
					s[1] += x[1]
					s[2] += x[2]
					s[3] += x[3]
					s[4] += x[4]
					s[5] += x[5]
					s[6] += x[6]
					s[7] += x[7]
				}
				if s[0] < 0 {
					sums[0] = s[0]
				}
			})
		}
	})
}

func benchFold[T any](b *testing.B, kind ir.Kind) {
	xs := make([]T, 10_000_000)
	f, err := Operator("sum", kind)
	if err != nil {
		b.Fatal(err)
	}
	size := int64(reflect.TypeFor[T]().Size())
	benchDevices(b, len(xs), func(b *testing.B, d *Device) {
		from, to := onDeviceFrom(b, d, xs), onDeviceFrom(b, d, xs)
		b.Run("reduce", func(b *testing.B) {
			b.SetBytes(int64(len(xs)) * size)
			repeated(b, func() error {
				_, _, err := d.Reduce(b.Context(), &Call{Function: f, Lists: []any{from}})
				return err
			})
		})
		b.Run("scan", func(b *testing.B) {
			b.SetBytes(int64(len(xs)) * size)
			repeated(b, func() error {
				_, _, err := d.Scan(b.Context(), &Call{Function: f, Lists: []any{from}, Out: to})
				return err
			})
		})
	})
}

func BenchmarkSumFloat64(b *testing.B) { benchFold[float64](b, ir.Float64) }

func BenchmarkSumFloat32(b *testing.B) { benchFold[float32](b, ir.Float32) }

// BenchmarkLaunch is a map of one element that is on the device: what a call costs.
func BenchmarkLaunch(b *testing.B) {
	f := benchSource(b, "cubic")
	benchDevices(b, 1, func(b *testing.B, d *Device) {
		from, to := onDeviceFrom(b, d, []float32{1}), onDeviceFrom(b, d, []float32{1})
		repeated(b, func() error {
			_, _, err := d.Map(b.Context(), &Call{Function: f, Lists: []any{from}, Out: to})
			return err
		})
	})
}

// BenchmarkTranslate is from a parsed file to the source of a kernel.
func BenchmarkTranslate(b *testing.B) {
	s, err := Parse("bench_functions_test.go", benchText)
	if err != nil {
		b.Fatal(err)
	}
	d := opened().Default()
	for b.Loop() {
		f, err := s.Function("mandelbrot")
		if err != nil {
			b.Fatal(err)
		}
		if _, err := d.Source(b.Context(), &Call{Function: f, Lists: []any{[]float64{1}, []float64{1}}, Result: reflect.TypeFor[int32]()}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkMatMul(b *testing.B) {
	const n = 500
	a := make([]float32, n*n)
	benchDevices(b, 0, func(b *testing.B, d *Device) {
		m := Matrix{n, n, onDeviceFrom(b, d, a)}
		for b.Loop() {
			c, _, err := d.MatMul(b.Context(), m, m)
			if err != nil {
				b.Fatal(err)
			}
			c.(Matrix).Data.(*Array[float32]).Free()
		}
		b.ReportMetric(2*n*n*n*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFlop/s")
	})
}

func BenchmarkStencil(b *testing.B) {
	g := grid(500, 500, func() float64 { return 1 })
	s, err := source()
	if err != nil {
		b.Fatal(err)
	}
	f, err := s.Function("heat")
	if err != nil {
		b.Fatal(err)
	}
	benchDevices(b, 0, func(b *testing.B, d *Device) {
		repeated(b, func() error {
			_, _, err := d.Stencil(b.Context(), &Call{Function: f, Lists: []any{g}, Captures: []any{scale}, Steps: 10})
			return err
		})
	})
	b.Run("go", func(b *testing.B) {
		for b.Loop() {
			repeat(heat, g, 10)
		}
	})
}
