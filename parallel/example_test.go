package parallel_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/adabc437/fanout/parallel"
)

func ExampleMap() {
	squares, err := parallel.Map(func(x int) int { return x * x }, []int{1, 2, 3, 4})
	fmt.Println(squares, err)
	// Output: [1 4 9 16] <nil>
}

func ExampleMapErr() {
	numbers, err := parallel.MapErr(strconv.Atoi, []string{"1", "two"}, parallel.WithWorkers(1))
	fmt.Println(numbers)
	fmt.Println(err)
	fmt.Println(errors.Is(err, strconv.ErrSyntax))
	// Output:
	// [1 0]
	// task 1 (input "two"): strconv.Atoi: parsing "two": invalid syntax
	// true
}

func ExampleMapContext() {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err := parallel.MapContext(ctx, func(ctx context.Context, x int) (int, error) {
		return x, ctx.Err()
	}, []int{1, 2, 3})
	fmt.Println(err)
	// Output: parallel: stopped after 0 of 3 tasks: context canceled
}

func ExampleApply() {
	_, err := parallel.Apply(func(xs []int) int { return xs[3] }, []int{1, 2, 3})
	fmt.Println(err)
	// Output: task 0 (input [1 2 3]): panic: runtime error: index out of range [3] with length 3
}

func ExamplePool() {
	pool := parallel.NewPool(4)
	defer func() { _ = pool.Close() }()
	lengths, err := parallel.Map(func(s string) int { return len(s) },
		[]string{"go", "gopher"}, parallel.WithPool(pool), parallel.WithChunk(1))
	fmt.Println(lengths, err, pool.Workers())
	// Output: [2 6] <nil> 4
}

func ExampleWithRun() {
	var run parallel.Run
	_, err := parallel.Map(func(x int) int { return x * x }, make([]int, 1000),
		parallel.WithLabel("squares"), parallel.WithWorkers(2), parallel.WithRun(&run))
	m := run.Measure()
	fmt.Println(err, run.Label, run.Workers, run.Tasks, m.Done)
	fmt.Println(m.Busy <= 2*m.Wall, m.Efficiency <= 1)
	// Output:
	// <nil> squares 2 1000 1000
	// true true
}

func ExampleMapValue() {
	half := func(x float64) float64 { return x / 2 }
	ys, err := parallel.MapValue(context.Background(), reflect.ValueOf(half), reflect.ValueOf(4))
	fmt.Println(ys, err)
	_, err = parallel.MapValue(context.Background(), reflect.ValueOf(half), reflect.ValueOf([]string{"a"}))
	fmt.Println(err)
	// Output:
	// [0 0.5 1 1.5] <nil>
	// parallel: f takes a float64, but the elements of xs are string
}

func ExampleStarmapValue() {
	area := func(w, h float64) float64 { return w * h }
	boxes := []struct{ width, height int }{{1, 2}, {3, 4}}
	ys, err := parallel.StarmapValue(context.Background(), reflect.ValueOf(area), []reflect.Value{reflect.ValueOf(boxes)})
	fmt.Println(ys, err)
	widths, heights := reflect.ValueOf([]int{1, 3}), reflect.ValueOf([]int{2, 4})
	ys, err = parallel.StarmapValue(context.Background(), reflect.ValueOf(area), []reflect.Value{widths, heights})
	fmt.Println(ys, err)
	// Output:
	// [2 12] <nil>
	// [2 12] <nil>
}

func ExampleReduceValue() {
	add := func(a, b float64) float64 { return a + b }
	sum, err := parallel.ReduceValue(context.Background(), reflect.ValueOf(add), reflect.ValueOf([]int{1, 2, 3}))
	fmt.Println(sum, err)
	// Output: 6 <nil>
}

func ExampleFilterValue() {
	even := func(x int) bool { return x%2 == 0 }
	xs, err := parallel.FilterValue(context.Background(), reflect.ValueOf(even), reflect.ValueOf(7))
	fmt.Println(xs, err)
	// Output: [0 2 4 6] <nil>
}

func ExampleImapValue() {
	square := func(x int) int { return x * x }
	results, err := parallel.ImapValue(context.Background(), reflect.ValueOf(square), reflect.ValueOf(1_000_000_000), true)
	if err != nil {
		fmt.Println(err)
		return
	}
	for y, err := range results {
		if y.Int() > 20 {
			break
		}
		fmt.Println(y, err)
	}
	// Output:
	// 0 <nil>
	// 1 <nil>
	// 4 <nil>
	// 9 <nil>
	// 16 <nil>
}

func ExampleGo() {
	dice := func(r *rand.Rand, n int) int { return 1 + r.IntN(n) }
	future := parallel.Go(func(_ context.Context, opts ...parallel.Option) ([]int, error) {
		return parallel.MapRand(dice, []int{6, 6, 20}, opts...)
	}, parallel.WithSeed(1), parallel.WithLabel("dice"))
	throws, err := future.Get()
	fmt.Println(len(throws), err)
	p := future.Progress()
	fmt.Println(p.Label, p.Done, p.Total)
	// Output:
	// 3 <nil>
	// dice 3 3
}

func ExampleWithUnordered() {
	first := make(chan bool)
	ys, err := parallel.Map(func(x int) int {
		if x == 0 {
			<-first // until the other one is done
		} else {
			defer close(first)
		}
		return x
	}, []int{0, 1}, parallel.WithUnordered(), parallel.WithWorkers(2), parallel.WithChunk(1))
	fmt.Println(len(ys), err)
	// Output: 2 <nil>
}

func ExampleReduceErr() {
	sum, err := parallel.ReduceErr(func(a, b int) (int, error) {
		if a > math.MaxInt-b {
			return 0, errors.New("overflow")
		}
		return a + b, nil
	}, []int{1, 2, math.MaxInt}, parallel.WithChunk(3))
	fmt.Println(sum, err)
	// Output: 0 task 0 (input [1 2 9223372036854775807]): overflow
}

func ExampleRun_WriteCSV() {
	run := &parallel.Run{Workers: 2, Tasks: 3, Wall: 60 * time.Millisecond, Records: []parallel.Record{
		{Index: 0, Count: 2, Attempt: 1, Finished: 50 * time.Millisecond, Returned: 50 * time.Millisecond},
		{Index: 2, Count: 1, Attempt: 1, Worker: 1, Finished: 20 * time.Millisecond, Returned: 20 * time.Millisecond, Err: errors.New("no")},
	}}
	if err := run.WriteCSV(os.Stdout); err != nil {
		fmt.Println(err)
	}
	// Output:
	// index,count,attempt,worker,state,queued_s,started_s,finished_s,returned_s,bytes,error
	// 0,2,1,0,done,0.000000000,0.000000000,0.050000000,0.050000000,0,
	// 2,1,1,1,failed,0.000000000,0.000000000,0.020000000,0.020000000,0,no
}

func ExampleReadRun() {
	var run parallel.Run
	if _, err := parallel.Map(func(x int) int { return x * x }, make([]int, 1000),
		parallel.WithLabel("squares"), parallel.WithWorkers(2), parallel.WithRun(&run)); err != nil {
		fmt.Println(err)
	}
	var file bytes.Buffer
	if err := run.WriteJSON(&file); err != nil {
		fmt.Println(err)
	}
	again, err := parallel.ReadRun(&file)
	fmt.Println(again.Label, again.Tasks, again.Measure().Done, err)
	// Output: squares 1000 1000 <nil>
}

func ExampleRun_Losses() {
	ms := time.Millisecond
	run := &parallel.Run{Workers: 2, Tasks: 2, Wall: 100 * ms, Records: []parallel.Record{
		{Index: 0, Count: 1, Worker: 0, Started: 5 * ms, Finished: 95 * ms},
		{Index: 1, Count: 1, Worker: 1, Started: 5 * ms, Finished: 45 * ms},
	}}
	l := run.Losses()
	fmt.Println("work", l.Work, "imbalance", l.Imbalance, "serial", l.Serial, "all", l.Total())
	// Output: work 130ms imbalance 50ms serial 20ms all 200ms
}

func ExampleMapWorker() {
	// Each worker has a buffer of its own, which its tasks use one after the other.
	newBuffer := func(int) (*bytes.Buffer, error) { return new(bytes.Buffer), nil }
	hex := func(b *bytes.Buffer, x int) (string, error) {
		b.Reset()
		fmt.Fprintf(b, "%#x", x)
		return b.String(), nil
	}
	ys, err := parallel.MapWorker(newBuffer, hex, []int{10, 200, 3000})
	fmt.Println(ys, err)
	// Output: [0xa 0xc8 0xbb8] <nil>
}

func ExamplePoolInitializer() {
	// The tasks of a worker find by its number what was made ready for it.
	var tables [2]map[int]string
	pool := parallel.NewPool(2,
		parallel.PoolInitializer(func(worker int) error {
			tables[worker] = map[int]string{1: "one", 2: "two"}
			return nil
		}),
		parallel.PoolFinalizer(func(worker int) error {
			tables[worker] = nil
			return nil
		}))
	ys, err := parallel.MapContext(context.Background(), func(ctx context.Context, x int) (string, error) {
		worker, _ := parallel.WorkerOf(ctx)
		return tables[worker][x], nil
	}, []int{2, 1, 2}, parallel.WithPool(pool))
	fmt.Println(ys, err)
	fmt.Println(pool.Close(), tables[0] == nil)
	// Output:
	// [two one two] <nil>
	// <nil> true
}

func ExamplePoolTasksPerWorker() {
	made := 0
	pool := parallel.NewPool(1,
		parallel.PoolInitializer(func(int) error { made++; return nil }),
		parallel.PoolTasksPerWorker(4))
	_, err := parallel.Map(func(x int) int { return x }, make([]int, 10), parallel.WithPool(pool))
	fmt.Println(made, err)
	// Output: 3 <nil>
}

func ExamplePool_Drain() {
	pool := parallel.NewPool(2)
	gate := make(chan bool)
	future := parallel.ApplyAsync(func(x int) int { close(gate); <-gate; return 2 * x }, 21, parallel.WithPool(pool))
	<-gate // it is under way
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	fmt.Println(pool.Drain(ctx))
	fmt.Println(future.Get())
	_, err := parallel.Apply(func(x int) int { return x }, 1, parallel.WithPool(pool))
	fmt.Println(err)
	// Output:
	// <nil>
	// 42 <nil>
	// parallel: the pool is closed
}

func ExamplePool_Terminate() {
	pool := parallel.NewPool(2)
	ys, err := parallel.MapContext(context.Background(), func(ctx context.Context, x int) (int, error) {
		if x == 2 {
			pool.Terminate()
			<-ctx.Done()
			return 0, ctx.Err()
		}
		return x * x, nil
	}, []int{1, 2, 3}, parallel.WithPool(pool), parallel.WithWorkers(1))
	fmt.Println(ys, err)
	// Output: [1 0 0] parallel: stopped after 1 of 3 tasks: the pool was terminated
}

func ExampleWithSchedule() {
	for _, schedule := range []parallel.Schedule{parallel.Auto, parallel.Static, parallel.Dynamic, parallel.Guided} {
		ys, err := parallel.Map(func(x int) int { return x + 1 }, []int{1, 2, 3},
			parallel.WithSchedule(schedule), parallel.WithWorkers(2))
		fmt.Println(schedule, ys, err)
	}
	// Output:
	// auto [2 3 4] <nil>
	// static [2 3 4] <nil>
	// dynamic [2 3 4] <nil>
	// guided [2 3 4] <nil>
}

func ExampleImapContext() {
	lines := strings.Lines("3\nfour\n5\n")
	for n, err := range parallel.ImapContext(context.Background(), func(_ context.Context, line string) (int, error) {
		return strconv.Atoi(strings.TrimSpace(line))
	}, lines) {
		fmt.Println(n, err)
	}
	// Output:
	// 3 <nil>
	// 0 task 1 (input "four\n"): strconv.Atoi: parsing "four": invalid syntax
	// 5 <nil>
}

func ExampleFuture_Progress() {
	future := parallel.MapAsync(func(x int) int { return x }, make([]int, 100))
	_ = future.Wait(context.Background())
	p := future.Progress()
	fmt.Println(p.Done, p.Failed, p.Total, p.Final)
	// Output: 100 0 100 true
}
