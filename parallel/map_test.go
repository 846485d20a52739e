package parallel

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestMapEqualsASerialLoopForAnySizeChunkAndWorkers(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for round := range 300 {
		n, workers, chunk := rng.IntN(400), 1+rng.IntN(9), rng.IntN(30)
		if round%3 == 0 {
			chunk = 0
		}
		if round%50 == 0 {
			n *= 500
		}
		fails := -1
		if n > 0 && rng.IntN(3) == 0 {
			fails = rng.IntN(n)
		}
		panics := rng.IntN(2) == 0
		xs := make([]int, n)
		for i := range xs {
			xs[i] = rng.IntN(1000)
		}
		started := make([]atomic.Int32, n)
		cause := errors.New("no")
		f := func(i int) (int, error) {
			started[i].Add(1)
			if xs[i] > 990 {
				time.Sleep(100 * time.Microsecond)
			}
			if i == fails {
				if panics {
					panic(cause)
				}
				return 0, cause
			}
			return xs[i]*2 + 1, nil
		}
		index := make([]int, n)
		for i := range index {
			index[i] = i
		}
		var run Run
		ys, err := MapErr(f, index, WithWorkers(workers), WithChunk(chunk), WithRun(&run))
		checkRecords(t, &run, started)
		if fails < 0 {
			if err != nil {
				t.Fatal(err)
			}
			if m := run.Measure(); m.Done != n {
				t.Fatalf("%d of %d done", m.Done, n)
			}
		} else {
			var te *TaskError
			if !errors.As(err, &te) || te.Index != fails || !errors.Is(err, cause) || te.Input != fmt.Sprint(fails) {
				t.Fatalf("task %d failed, but the error is %v", fails, err)
			}
			if m := run.Measure(); m.Failed != 1 || m.Done+m.Skipped != n-1 {
				t.Fatalf("one of %d failed: %+v", n, m)
			}
		}
		for i, y := range ys {
			want := 0
			if started[i].Load() == 1 && i != fails {
				want = xs[i]*2 + 1
			}
			if y != want {
				t.Fatalf("result %d is %d, want %d", i, y, want)
			}
		}
	}
}

func TestCancelledMapKeepsWhatIsDoneAndCountsTheRest(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for range 60 {
		n, workers, chunk, at := 1+rng.IntN(2000), 1+rng.IntN(8), rng.IntN(20), rng.IntN(1500)
		started := make([]atomic.Int32, n)
		var count atomic.Int32
		ctx, cancel := context.WithCancel(context.Background())
		index := make([]int, n)
		for i := range index {
			index[i] = i
		}
		var run Run
		ys, err := MapContext(ctx, func(ctx context.Context, i int) (int, error) {
			started[i].Add(1)
			if int(count.Add(1)) == at {
				cancel()
			}
			if rng := i % 100; rng == 99 {
				select {
				case <-ctx.Done():
					return 0, ctx.Err()
				case <-time.After(50 * time.Microsecond):
				}
			}
			return i + 1, nil
		}, index, WithWorkers(workers), WithChunk(chunk), WithRun(&run))
		cancel()
		checkRecords(t, &run, started)
		m := run.Measure()
		if err == nil && m.Done != n || err != nil && (m.Done == n || !errors.Is(err, context.Canceled)) {
			t.Fatalf("%d of %d done, but the error is %v", m.Done, n, err)
		}
		if m.Failed != 0 || m.Done+m.Cancelled+m.Skipped != n {
			t.Fatalf("%d tasks: %+v", n, m)
		}
		for _, r := range run.Records {
			for i := r.Index; i < r.Index+r.Count; i++ {
				if r.Err == nil && ys[i] != i+1 {
					t.Fatalf("task %d is done, but its result is %d", i, ys[i])
				}
			}
		}
	}
}

func TestCancellationReturnsWhileATaskStillRuns(t *testing.T) {
	release := make(chan struct{})
	ended := make(chan struct{}, 2)
	ctx, cancel := context.WithCancelCause(context.Background())
	because := errors.New("the user said so")
	var begun atomic.Int32
	pool := NewPool(2)
	var run Run
	begin := time.Now()
	ys, err := Map(func(i int) int {
		if i >= 2 {
			if begun.Add(1) == 2 {
				cancel(because)
			}
			<-release
			ended <- struct{}{}
		}
		return i + 1
	}, []int{0, 1, 2, 3, 4, 5, 6, 7}, WithContext(ctx), WithPool(pool), WithChunk(1), WithRun(&run))
	if took := time.Since(begin); took > 2*time.Second {
		t.Errorf("took %v", took)
	}
	if !errors.Is(err, because) || !slices.Equal(ys, []int{1, 2, 0, 0, 0, 0, 0, 0}) {
		t.Errorf("got %v, %v", ys, err)
	}
	if m := run.Measure(); m.Done != 2 || m.Cancelled != 2 || m.Skipped != 4 {
		t.Errorf("%+v", m)
	}
	// The pool has its workers back although two goroutines still block.
	var together sync.WaitGroup
	together.Add(2)
	if _, err := Map(func(int) int { together.Done(); together.Wait(); return 0 }, []int{0, 1}, WithPool(pool), WithChunk(1)); err != nil {
		t.Error(err)
	}
	_ = pool.Close()
	close(release)
	<-ended
	<-ended
	if !slices.Equal(ys, []int{1, 2, 0, 0, 0, 0, 0, 0}) {
		t.Errorf("an abandoned task changed the results: %v", ys)
	}
}

func TestTasksThatHandOnTheDeadlineAreCancelledNotFailed(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Millisecond)
	defer cancel()
	var run Run
	var last Progress
	_, err := MapContext(ctx, func(ctx context.Context, x int) (int, error) {
		<-ctx.Done()
		return 0, ctx.Err()
	}, []int{0, 1, 2}, WithWorkers(2), WithRun(&run), WithProgress(time.Hour, func(p Progress) { last = p }))
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
	if m := run.Measure(); m.Failed != 0 || m.Cancelled == 0 || last.Failed != 0 {
		t.Errorf("%+v, %+v", m, last)
	}
}

func TestNestedMapsOnOnePoolEnd(t *testing.T) {
	for _, size := range []int{1, 2, 5} {
		pool := NewPool(size)
		var running, peak atomic.Int32
		sum := func(ys []int) (s int) {
			for _, y := range ys {
				s += y
			}
			return s
		}
		ten := []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}
		leaf := func(x int) int {
			now := running.Add(1)
			for old := peak.Load(); now > old && !peak.CompareAndSwap(old, now); old = peak.Load() {
			}
			runtime.Gosched()
			running.Add(-1)
			return x
		}
		middle := func(int) int {
			ys, err := Map(leaf, ten, WithPool(pool))
			if err != nil {
				panic(err)
			}
			return sum(ys)
		}
		outer := func(int) int {
			ys, err := Map(middle, ten, WithPool(pool))
			if err != nil {
				panic(err)
			}
			return sum(ys)
		}
		ys, err := Map(outer, ten, WithPool(pool))
		if err != nil || sum(ys) != 4500 {
			t.Errorf("pool of %d: %v, %v", size, ys, err)
		}
		if int(peak.Load()) > size {
			t.Errorf("%d tasks ran at once on %d workers", peak.Load(), size)
		}
		_ = pool.Close()
	}
}

// The first tasks are over at once, so chunks grow; then a chunk turns out to
// hold long tasks, which the other workers must get a share of.
func TestAChunkOfUnexpectedlyLongTasksIsShared(t *testing.T) {
	xs := make([]int, 4000)
	for i := 1000; i < 1040; i++ {
		xs[i] = 1
	}
	var run Run
	_, err := Map(func(x int) int {
		if x == 1 {
			time.Sleep(5 * time.Millisecond)
		}
		return x
	}, xs, WithWorkers(4), WithRun(&run))
	if err != nil {
		t.Fatal(err)
	}
	workers := map[int]bool{}
	for _, rec := range run.Records {
		if rec.Index < 1040 && rec.Index+rec.Count > 1000 {
			workers[rec.Worker] = true
		}
	}
	if len(workers) < 3 {
		t.Errorf("%d of 4 workers had long tasks: they were not shared", len(workers))
	}
}

func TestPanicBecomesAnErrorThatNamesTheTask(t *testing.T) {
	_, err := Map(func(x []int) int { return divide(1, len(x)-2) }, [][]int{{1}, {1, 2}, {1, 2, 3}}, WithChunk(1), WithWorkers(1))
	var te *TaskError
	if !errors.As(err, &te) {
		t.Fatal(err)
	}
	if want := "task 1 (input [1 2]): panic: runtime error: integer divide by zero"; err.Error() != want {
		t.Errorf("got  %s\nwant %s", err, want)
	}
	var re runtime.Error
	if !errors.As(err, &re) {
		t.Error("the error does not unwrap to the runtime error")
	}
	stack := string(te.Stack)
	if !strings.Contains(stack, "divide") || strings.Contains(stack, "(*worker)") || strings.Contains(stack, "debug.Stack") {
		t.Errorf("the stack is not that of the task:\n%s", stack)
	}
}

//go:noinline
func divide(a, b int) int { return a / b }

func TestGoexitInATaskIsAFailureAndThePoolLivesOn(t *testing.T) {
	pool := NewPool(3)
	defer pool.Close()
	for range 20 {
		_, err := Map(func(x int) int {
			if x%2 == 1 {
				runtime.Goexit()
			}
			return x
		}, []int{0, 1, 2, 3, 4, 5}, WithPool(pool), WithChunk(1))
		if !errors.Is(err, errGoexit) {
			t.Fatal(err)
		}
	}
	var together sync.WaitGroup
	together.Add(3)
	if _, err := Map(func(int) int { together.Done(); together.Wait(); return 0 }, []int{0, 1, 2}, WithPool(pool), WithChunk(1)); err != nil {
		t.Error(err)
	}
}

func TestProgressIsReportedAndEndsWithAFinalReport(t *testing.T) {
	var seen []Progress
	gate := make(chan struct{})
	_, err := Map(func(x int) int {
		if x == 1 {
			<-gate
		}
		return x
	}, []int{0, 1, 2, 3}, WithWorkers(2), WithChunk(1), WithLabel("p"), WithProgress(time.Millisecond, func(p Progress) {
		seen = append(seen, p)
		if len(seen) == 3 {
			close(gate)
		}
	}))
	if err != nil || len(seen) < 4 {
		t.Fatalf("%d reports, %v", len(seen), err)
	}
	last := seen[len(seen)-1]
	last.Elapsed = 0
	if want := (Progress{Label: "p", Done: 4, Total: 4, Workers: 2, Final: true}); last != want {
		t.Errorf("last report %+v", last)
	}
	if !slices.IsSortedFunc(seen, func(a, b Progress) int { return a.Done - b.Done }) {
		t.Errorf("progress went back: %+v", seen)
	}
}

func TestPanicInTheProgressFunctionStopsTheCall(t *testing.T) {
	var ran atomic.Int32
	func() {
		defer func() {
			if recover() == nil {
				t.Error("the panic was lost")
			}
		}()
		_, _ = MapContext(context.Background(), func(ctx context.Context, x int) (int, error) {
			ran.Add(1)
			<-ctx.Done()
			return 0, nil
		}, make([]int, 100), WithProgress(time.Millisecond, func(Progress) { panic("p") }))
	}()
	if n := int(ran.Load()); n > runtime.GOMAXPROCS(0) {
		t.Errorf("%d tasks ran", n)
	}
}

func TestEmptyAndNil(t *testing.T) {
	run := Run{Label: "old", Tasks: 7}
	ys, err := Map(func(x int) int { return x }, nil, WithRun(&run))
	if err != nil || len(ys) != 0 || run.Tasks != 0 || run.Label != "" {
		t.Errorf("%v, %v, %+v", ys, err, run)
	}
	m := run.Measure()
	if m.Speedup != 0 || m.Efficiency != 0 || m.Imbalance != 0 {
		t.Errorf("measures of an empty run: %+v", m)
	}
	if m := new(Run).Measure(); m.Speedup != 0 {
		t.Errorf("measures of no run: %+v", m)
	}
	if _, err := Map[int, int](nil, []int{1}); err == nil {
		t.Error("a nil function was taken")
	}
}

func TestClosedPoolRefuses(t *testing.T) {
	p := NewPool(2)
	_ = p.Close()
	_ = p.Close()
	if _, err := Apply(func(x int) int { return x }, 1, WithPool(p)); !errors.Is(err, ErrClosed) {
		t.Error(err)
	}
}
