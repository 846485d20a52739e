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
)

var errFlaky = errors.New("flaky")

// flaky fails the first times that it is called with each x.
type flaky struct {
	mu    sync.Mutex
	calls map[int]int
	times func(x int) int
}

func (f *flaky) call(x int) (int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.calls == nil {
		f.calls = map[int]int{}
	}
	if f.calls[x]++; f.calls[x] <= f.times(x) {
		return 0, errFlaky
	}
	return x * x, nil
}

func upTo(n int) []int {
	xs := make([]int, n)
	for i := range xs {
		xs[i] = i
	}
	return xs
}

func TestRetry(t *testing.T) {
	f := &flaky{times: func(x int) int { return x % 3 }}
	var run Run
	ys, err := MapErr(f.call, upTo(50), WithWorkers(4), WithRun(&run), WithRetry(Retry{Attempts: 3, Backoff: time.Millisecond, Jitter: 1}))
	if err != nil {
		t.Fatal(err)
	}
	for x, y := range ys {
		if y != x*x || f.calls[x] != x%3+1 {
			t.Errorf("f(%d) = %d after %d calls", x, y, f.calls[x])
		}
	}
	if m := run.Measure(); m.Done != 50 || m.Failed != 0 || m.Retried != 17+2*16 {
		t.Errorf("%+v", m)
	}
	checkAttempts(t, &run)
}

// checkAttempts checks that every task that has records has one that is final, its last.
func checkAttempts(t *testing.T, run *Run) {
	t.Helper()
	final := map[int]int{}
	last := -1
	attempt := 0
	for _, rec := range run.Records {
		if rec.Index < last || rec.Index == last && rec.Attempt <= attempt {
			t.Errorf("records out of order at %+v", rec)
		}
		last, attempt = rec.Index, rec.Attempt
		if rec.Retried && (rec.Err == nil || rec.Count != 1) {
			t.Errorf("%+v", rec)
		}
		if rec.Started > rec.Finished {
			t.Errorf("ends before it starts: %+v", rec)
		}
		for i := rec.Index; i < rec.Index+rec.Count && !rec.Retried; i++ {
			final[i]++
		}
	}
	for i, n := range final {
		if n != 1 {
			t.Errorf("task %d has %d final records", i, n)
		}
	}
	if m := run.Measure(); m.Done+m.Failed+m.Cancelled+m.Skipped != run.Tasks || len(final)+m.Skipped != run.Tasks {
		t.Errorf("%d tasks, %d with records: %+v", run.Tasks, len(final), m)
	}
}

func TestRetryGivesUp(t *testing.T) {
	f := &flaky{times: func(x int) int { return 100 * (x / 7) }}
	_, err := MapErr(f.call, upTo(8), WithRetry(Retry{Attempts: 4}))
	var fault *TaskError
	if !errors.As(err, &fault) || fault.Index != 7 || fault.Attempt != 4 || !errors.Is(err, errFlaky) || f.calls[7] != 4 {
		t.Errorf("%v, %+v, %d calls", err, fault, f.calls[7])
	}
	if !strings.Contains(err.Error(), "after 4 attempts") {
		t.Error(err)
	}
	f = &flaky{times: func(int) int { return 1 }}
	if _, err = MapErr(f.call, upTo(1), WithRetry(Retry{Attempts: 4, If: func(err error) bool { return !errors.Is(err, errFlaky) }})); err == nil || f.calls[0] != 1 {
		t.Errorf("%v after %d calls", err, f.calls[0])
	}
}

func TestRetryPauses(t *testing.T) {
	r := Retry{Backoff: 10 * time.Millisecond, Max: 35 * time.Millisecond}
	for attempt, want := range map[int]time.Duration{2: 10 * time.Millisecond, 3: 20 * time.Millisecond, 4: 35 * time.Millisecond, 400: 35 * time.Millisecond} {
		if got := r.pause(attempt); got != want {
			t.Errorf("before attempt %d: %v", attempt, got)
		}
	}
	r = Retry{Backoff: time.Second, Factor: 1, Jitter: 0.5}
	for range 100 {
		if got := r.pause(9); got < time.Second/2 || got > time.Second {
			t.Errorf("with jitter: %v", got)
		}
	}
	if got := (&Retry{Backoff: time.Hour}).pause(5000); got <= 0 {
		t.Errorf("overflow: %v", got)
	}
	// While one task pauses, its worker does the others.
	f := &flaky{times: func(x int) int { return max(0, 1-x) }}
	var run Run
	if _, err := MapErr(f.call, upTo(3), WithWorkers(1), WithRun(&run), WithRetry(Retry{Attempts: 2, Backoff: 20 * time.Millisecond})); err != nil {
		t.Fatal(err)
	}
	last := run.Records[len(run.Records)-1]
	if again := run.Records[1]; again.Attempt != 2 || again.Started < 20*time.Millisecond || last.Finished > again.Started {
		t.Errorf("%+v", run.Records)
	}
}

func TestCollect(t *testing.T) {
	var run Run
	ys, err := MapErr(func(x int) (int, error) {
		switch x % 10 {
		case 3:
			return 0, errFlaky
		case 7:
			panic("seven")
		}
		return x, nil
	}, upTo(40), WithCollect(), WithRun(&run), WithWorkers(3))
	var all *Errors
	if !errors.As(err, &all) || len(all.Failed) != 8 || all.Tasks != 40 || !errors.Is(err, errFlaky) {
		t.Fatalf("%v", err)
	}
	for i, f := range all.Failed {
		if want := []int{3, 7}[i%2] + i/2*10; f.Index != want || i%2 == 1 && len(f.Stack) == 0 {
			t.Errorf("failure %d is of task %d", i, f.Index)
		}
	}
	if want := "8 of 40 tasks failed: task 3 (input 3): flaky; task 7 (input 7): panic: seven; task 13 (input 13): flaky; and 5 more"; err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
	if ys[39] != 39 || ys[3] != 0 {
		t.Error(ys)
	}
	checkAttempts(t, &run)
	if ys, err := Map(func(x int) int { return x }, upTo(5), WithCollect()); err != nil || len(ys) != 5 {
		t.Error(ys, err)
	}
}

func TestReplacement(t *testing.T) {
	f := func(x int) (float64, error) {
		if x == 2 {
			return 0, errFlaky
		}
		return float64(x), nil
	}
	ys, err := MapErr(f, upTo(4), WithReplacement(-1.0))
	if err != nil || !slices.Equal(ys, []float64{0, 1, -1, 3}) {
		t.Error(ys, err)
	}
	if _, err := MapErr(f, upTo(4), WithReplacement("x")); err == nil || err.Error() != "parallel: the replacement is a string, and the results are of type float64" {
		t.Error(err)
	}
	if ps, err := MapErr(func(int) (*int, error) { return nil, errFlaky }, upTo(2), WithReplacement(nil)); err != nil || len(ps) != 2 {
		t.Error(ps, err)
	}
}

func TestTaskTimeout(t *testing.T) {
	release := make(chan struct{})
	defer close(release)
	var run Run
	ys, err := Map(func(x int) int {
		if x == 1 {
			<-release // listens to nobody
		}
		return x + 1
	}, upTo(4), WithWorkers(2), WithTaskTimeout(20*time.Millisecond), WithCollect(), WithRun(&run))
	var limit *TimeoutError
	if !errors.As(err, &limit) || limit.After != 20*time.Millisecond || !errors.Is(err, context.DeadlineExceeded) {
		t.Fatal(err)
	}
	if !slices.Equal(ys, []int{1, 0, 3, 4}) || run.Wall > 5*time.Second {
		t.Error(ys, run.Wall)
	}
	checkAttempts(t, &run)
	// One that listens, and one that comes to an end in a second attempt.
	var calls atomic.Int32
	zs, err := MapContext(t.Context(), func(ctx context.Context, x int) (int, error) {
		if calls.Add(1) == 1 {
			<-ctx.Done()
			return 0, ctx.Err()
		}
		return x, nil
	}, []int{9}, WithTaskTimeout(10*time.Millisecond), WithRetry(Retry{Attempts: 2}))
	if err != nil || zs[0] != 9 || calls.Load() != 2 {
		t.Error(zs, err, calls.Load())
	}
	// One that ends its goroutine.
	if _, err := Map(func(int) int { runtime.Goexit(); return 0 }, upTo(1), WithTaskTimeout(time.Hour)); err == nil {
		t.Error("no error")
	}
}

func TestTimeoutOfTheCall(t *testing.T) {
	start := time.Now()
	ys, err := MapContext(t.Context(), func(ctx context.Context, x int) (int, error) {
		if x == 0 {
			return 5, nil
		}
		<-ctx.Done()
		return 0, ctx.Err()
	}, upTo(3), WithWorkers(2), WithTimeout(30*time.Millisecond))
	if !errors.Is(err, context.DeadlineExceeded) || ys[0] != 5 || time.Since(start) > 5*time.Second {
		t.Error(ys, err)
	}
}

// Whatever the options are, a call does what the loop would, and accounts for it.
func TestCarefulCallsEqualTheLoop(t *testing.T) {
	for round := range 60 {
		random := rand.New(rand.NewPCG(uint64(round), 1))
		n, attempts := random.IntN(200), 1+random.IntN(3)
		fails := make([]int, n) // how often each task fails
		for i := range fails {
			if random.IntN(4) == 0 {
				fails[i] = random.IntN(4)
			}
		}
		f := &flaky{times: func(x int) int { return fails[x] }}
		opts := []Option{WithWorkers(1 + random.IntN(6)), WithRetry(Retry{Attempts: attempts, Backoff: time.Duration(random.IntN(300)) * time.Microsecond})}
		if random.IntN(2) == 0 {
			opts = append(opts, WithChunk(1+random.IntN(20)))
		}
		if random.IntN(3) == 0 {
			opts = append(opts, WithTaskTimeout(time.Minute))
		}
		mode := random.IntN(3)
		switch mode {
		case 1:
			opts = append(opts, WithCollect())
		case 2:
			opts = append(opts, WithReplacement(-1))
		}
		var run Run
		ys, err := MapErr(f.call, upTo(n), append(opts, WithRun(&run))...)
		checkAttempts(t, &run)
		lost := 0
		for x := range n {
			want := x * x
			if fails[x] >= attempts {
				lost++
				if want = 0; mode == 2 {
					want = -1
				}
			}
			if mode != 0 && ys[x] != want || mode == 0 && ys[x] != want && ys[x] != 0 {
				t.Fatalf("round %d: f(%d) = %d, want %d", round, x, ys[x], want)
			}
		}
		var all *Errors
		switch {
		case (lost == 0 || mode == 2) != (err == nil):
			t.Fatalf("round %d: %d lost, and the error is %v", round, lost, err)
		case mode == 1 && lost > 0 && (!errors.As(err, &all) || len(all.Failed) != lost):
			t.Fatalf("round %d: %d lost: %v", round, lost, err)
		case mode != 0 && run.Measure().Done != n-lost:
			t.Fatalf("round %d: %+v", round, run.Measure())
		}
	}
}

func TestCancelWhileRetrying(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	var run Run
	_, err := MapErr(func(int) (int, error) { cancel(); return 0, errFlaky }, upTo(3), WithWorkers(2), WithContext(ctx),
		WithRetry(Retry{Attempts: 100, Backoff: time.Hour}), WithCollect(), WithRun(&run))
	if err == nil || run.Wall > 10*time.Second || run.Measure().Retried != 0 {
		t.Error(err, run.Wall)
	}
	checkAttempts(t, &run)
}

func TestMapRand(t *testing.T) {
	draw := func(r *rand.Rand, x int) string { return fmt.Sprint(x, r.IntN(1000), r.Float64()) }
	var run Run
	first, err := MapRand(draw, upTo(100), WithWorkers(1), WithSeed(7), WithRun(&run))
	if err != nil || run.Seed != 7 {
		t.Fatal(err, run.Seed)
	}
	second, _ := MapRand(draw, upTo(100), WithWorkers(5), WithChunk(3), WithSeed(7))
	careful, _ := MapRand(draw, upTo(100), WithWorkers(3), WithSeed(7), WithCollect())
	other, _ := MapRand(draw, upTo(100), WithSeed(8), WithRun(&run))
	if !slices.Equal(first, second) || !slices.Equal(first, careful) {
		t.Error("the streams depend on workers or chunks")
	}
	if slices.Equal(first, other) {
		t.Error("the seed does nothing")
	}
	drawn, _ := MapRand(draw, upTo(10), WithRun(&run))
	again, _ := MapRand(draw, upTo(10), WithSeed(run.Seed))
	if !slices.Equal(drawn, again) {
		t.Error("the seed in the run is another one")
	}
	seen := map[uint64]bool{}
	values, _ := MapRand(func(r *rand.Rand, _ int) uint64 { return r.Uint64() }, make([]int, 10000), WithSeed(1))
	for _, v := range values {
		seen[v] = true
	}
	if len(seen) != len(values) {
		t.Error("streams repeat")
	}
}
