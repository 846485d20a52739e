package parallel

import (
	"context"
	"fmt"
	"reflect"
	"testing"
)

// The benchmarks report ns/task: what a task costs besides its own work, which
// is next to nothing here. Records are kept.

func benchmarkMap(b *testing.B, n int, opts ...Option) {
	xs := make([]int, n)
	var run Run
	opts = append(opts, WithRun(&run))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Map(func(x int) int { return x + 1 }, xs, opts...); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/task")
	b.ReportMetric(float64(len(run.Records)), "records")
}

func BenchmarkMap(b *testing.B) {
	for _, chunk := range []int{0, 1, 100} {
		for _, n := range []int{100, 100_000} {
			name := fmt.Sprintf("chunk=%d/tasks=%d", chunk, n)
			if chunk == 0 {
				name = fmt.Sprintf("chunk=auto/tasks=%d", n)
			}
			b.Run(name, func(b *testing.B) { benchmarkMap(b, n, WithChunk(chunk)) })
		}
	}
}

func BenchmarkApply(b *testing.B) {
	for b.Loop() {
		if _, err := Apply(func(x int) int { return x + 1 }, 1); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkMapValue(b *testing.B) {
	const n = 10_000
	for name, f := range map[string]any{
		"fast":    func(x int) int { return x + 1 },
		"reflect": func(x int) int8 { return int8(x) },
		"made": reflect.MakeFunc(reflect.TypeFor[func(int) int](), func(in []reflect.Value) []reflect.Value {
			return []reflect.Value{reflect.ValueOf(int(in[0].Int()) + 1)}
		}).Interface(),
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, err := MapValue(context.Background(), reflect.ValueOf(f), reflect.ValueOf(n)); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/task")
		})
	}
}

func BenchmarkImap(b *testing.B) {
	const n = 10_000
	for _, chunk := range []int{1, 100} {
		b.Run(fmt.Sprintf("chunk=%d", chunk), func(b *testing.B) {
			for b.Loop() {
				for _, err := range Imap(func(x int) int { return x + 1 }, counting(0, n), WithChunk(chunk)) {
					if err != nil {
						b.Fatal(err)
					}
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/task")
		})
	}
}

// A pool starts with its first call.
func BenchmarkPoolStart(b *testing.B) {
	for name, opts := range map[string][]PoolOption{"plain": nil, "initialized": {PoolInitializer(func(int) error { return nil })}} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				pool := NewPool(8, opts...)
				if _, err := Apply(func(x int) int { return x + 1 }, 1, WithPool(pool)); err != nil {
					b.Fatal(err)
				}
				if err := pool.Close(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkMapWorker(b *testing.B) {
	const n = 100_000
	xs := make([]int, n)
	for b.Loop() {
		if _, err := MapWorker(func(int) (*int, error) { return new(int), nil }, func(s *int, x int) (int, error) { *s++; return x, nil }, xs); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/task")
}
