package scaling_test

import (
	"context"
	"fmt"
	"math"

	"github.com/adabc437/fanout/parallel"
	"github.com/adabc437/fanout/parallel/scaling"
)

func ExampleSpeedup() {
	xs := make([]float64, 10_000)
	work := func(_ context.Context, opts ...parallel.Option) error {
		_, err := parallel.Map(math.Sqrt, xs, opts...)
		return err
	}
	r, err := scaling.Speedup(context.Background(), work, scaling.SpeedupOptions{
		Workers: []int{1, 2},
		Plan:    scaling.Plan{Label: "sqrt", Repeats: 3},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, p := range r.Points {
		fmt.Println(p.Workers, len(p.Times)) // and p.Median, p.Speedup, p.KarpFlatt …
	}
	// Output:
	// 1 3
	// 2 3
}

func ExampleChunks() {
	xs := make([]float64, 1000)
	work := func(_ context.Context, opts ...parallel.Option) error {
		_, err := parallel.Map(math.Sqrt, xs, opts...)
		return err
	}
	r, err := scaling.Chunks(context.Background(), work, len(xs), scaling.ChunksOptions{
		Workers: 2, Sizes: []int{1, 10, 100}, Plan: scaling.Plan{Repeats: 3},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, p := range r.Points {
		fmt.Println(p.Size, p.Chunks) // and p.Median …; r.Overhead is the cost of a chunk
	}
	// Output:
	// 1 1000
	// 10 100
	// 100 10
}

func ExampleEfficiency() {
	work := func(_ context.Context, scale int, opts ...parallel.Option) error {
		_, err := parallel.Map(math.Sqrt, make([]float64, 1000*scale), opts...)
		return err
	}
	r, err := scaling.Efficiency(context.Background(), work, scaling.EfficiencyOptions{
		Workers: []int{1, 2}, Plan: scaling.Plan{Repeats: 3},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	for i, p := range r.Strong {
		fmt.Println(p.Workers, p.Scale, r.Weak[i].Scale) // and p.Efficiency …
	}
	// Output:
	// 1 1 1
	// 2 1 2
}

func ExampleCompare() {
	xs := []float64{1, 4, 9}
	r, err := scaling.Compare(context.Background(), []scaling.Way{
		{Name: "loop", Run: func(context.Context) (any, error) {
			ys := make([]float64, len(xs))
			for i, x := range xs {
				ys[i] = math.Sqrt(x)
			}
			return ys, nil
		}},
		{Name: "parallel", Run: func(ctx context.Context) (any, error) {
			return parallel.Map(math.Sqrt, xs, parallel.WithContext(ctx))
		}},
		{Name: "wrong", Run: func(context.Context) (any, error) { return []float64{1, 2, 4}, nil }},
	}, scaling.CompareOptions{Plan: scaling.Plan{Repeats: 3}})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, row := range r.Rows {
		fmt.Printf("%s: %v %q\n", row.Name, row.Agrees, row.Differs) // and row.Median, row.Ratio …
	}
	// Output:
	// loop: true ""
	// parallel: true ""
	// wrong: false "[2]: 3 and 4"
}

func ExampleFitAmdahl() {
	s := scaling.FitAmdahl([]int{2, 4, 8}, []float64{1.90, 3.48, 5.93})
	fmt.Printf("serial fraction %.2f, limit %.0f times\n", s, 1/s)
	// Output: serial fraction 0.05, limit 20 times
}

func ExampleKarpFlatt() {
	for _, m := range []struct{ workers, speedup float64 }{{2, 1.95}, {4, 3.70}, {8, 6.50}} {
		fmt.Printf("%.3f\n", scaling.KarpFlatt(m.speedup, m.workers))
	}
	// It grows a little: there is some overhead that grows with the workers.

	// Output:
	// 0.026
	// 0.027
	// 0.033
}

func ExampleDifference() {
	fmt.Println(scaling.Difference([]int{1, 2, 3}, []int{1, 2, 4}, 0))
	fmt.Println(scaling.Difference(0.1+0.2, 0.3, 1e-12) == "")
	// Output:
	// [2]: 3 and 4
	// true
}
