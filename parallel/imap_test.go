package parallel

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"sync/atomic"
	"testing"
	"time"
)

func TestImapFillsInTheRun(t *testing.T) {
	const n = 120
	f := &flaky{times: func(x int) int { return x % 4 / 3 * (1 + x%2) }} // 3, 7 …: twice
	var run Run
	var last Progress
	reports, given := 0, 0
	for y, err := range ImapErr(f.call, counting(0, n), WithWorkers(3), WithChunk(2), WithRun(&run), WithLabel("squares"),
		WithRetry(Retry{Attempts: 3, Backoff: 100 * time.Microsecond}),
		WithProgress(time.Nanosecond, func(p Progress) { reports++; last = p })) {
		if y != given*given || err != nil {
			t.Fatal(given, y, err)
		}
		given++
	}
	if run.Label != "squares" || run.Tasks != n || run.Workers != 3 || run.Err != nil || run.Wall <= 0 || given != n {
		t.Errorf("%d given, %+v", given, run)
	}
	if last.Elapsed = 0; reports == 0 || last != (Progress{Label: "squares", Done: n, Total: n, Workers: 3, Final: true}) {
		t.Errorf("%d reports, the last one %+v", reports, last)
	}
	if m := run.Measure(); m.Done != n || m.Retried != 2*n/4 || m.Skipped != 0 {
		t.Errorf("%+v", m)
	}
	checkAttempts(t, &run)
	for _, rec := range run.Records {
		if rec.Count != 1 || rec.Queued > rec.Started || rec.Started > rec.Finished || rec.Finished > rec.Returned || rec.Returned > run.Wall || rec.Worker >= 3 {
			t.Errorf("%+v", rec)
		}
	}
}

// What one record says of the order of the results is what the loop saw.
func TestImapRecordsWhenResultsWereGiven(t *testing.T) {
	var run Run
	hold := make(chan struct{})
	given := 0
	for range Imap(func(x int) int {
		if x == 0 {
			<-hold
		}
		if x == 1 {
			defer close(hold)
		}
		return x
	}, counting(0, 2), WithWorkers(2), WithRun(&run)) {
		given++
	}
	if given != 2 || len(run.Records) != 2 || run.Records[1].Returned < run.Records[0].Finished {
		t.Errorf("%d given: %+v", given, run.Records)
	}
}

func TestImapOptions(t *testing.T) {
	closed := NewPool(1)
	_ = closed.Close()
	var got []error
	for _, err := range Imap(func(x int) int { return x }, counting(0, 9), WithPool(closed)) {
		got = append(got, err)
	}
	if len(got) != 1 || !errors.Is(got[0], ErrClosed) {
		t.Error(got)
	}
	// Each failed task has its value, and the call no error.
	var run Run
	i := 0
	for y, err := range ImapErr(func(x int) (int, error) {
		if x%3 == 0 {
			return 0, errFlaky
		}
		return x, nil
	}, counting(0, 30), WithReplacement(-1), WithRun(&run)) {
		want := i
		if i%3 == 0 {
			want = -1
		}
		if y != want || err != nil {
			t.Errorf("result %d is %d, %v", i, y, err)
		}
		i++
	}
	if m := run.Measure(); m.Failed != 10 || m.Done != 20 {
		t.Errorf("%+v", m)
	}
	for _, err := range Imap(func(x int) int { return x }, counting(0, 3), WithReplacement("x")) {
		if err == nil || err.Error() != "parallel: the replacement is a string, and the results are of type int" {
			t.Error(err)
		}
	}
	// A task that does not listen is left to itself, and the next ones go on.
	release := make(chan struct{})
	defer close(release)
	var late *TimeoutError
	i = 0
	for y, err := range Imap(func(x int) int {
		if x == 1 {
			<-release
		}
		return x
	}, counting(0, 3), WithWorkers(1), WithTaskTimeout(200*time.Millisecond)) {
		if i == 1 && !errors.As(err, &late) || i != 1 && (err != nil || y != i) {
			t.Errorf("result %d is %d, %v", i, y, err)
		}
		i++
	}
	// The time for the whole.
	var last error
	for _, last = range ImapContext(t.Context(), func(ctx context.Context, x int) (int, error) {
		<-ctx.Done()
		return 0, ctx.Err()
	}, counting(0, 3), WithTimeout(5*time.Millisecond), WithRun(&run)) {
	}
	if !errors.Is(last, context.DeadlineExceeded) || !errors.Is(run.Err, context.DeadlineExceeded) || run.Measure().Failed != 0 {
		t.Error(last, run.Err, run.Measure())
	}
	for _, last = range ImapContext[int, int](t.Context(), nil, counting(0, 1)) {
	}
	if last == nil {
		t.Error("f is nil")
	}
}

func TestALoopThatEndsLeavesASourceThatBlocks(t *testing.T) {
	source := make(chan int)
	over := make(chan struct{})
	xs := func(yield func(int) bool) {
		defer close(over)
		for x := range source {
			if !yield(x) {
				return
			}
		}
	}
	go func() { source <- 4 }()
	for y, err := range Imap(func(x int) int { return x }, xs) {
		if y != 4 || err != nil {
			t.Error(y, err)
		}
		break
	}
	source <- 5 // the source still waits for it, and then hears that nobody wants it
	<-over
}

func TestAPanicInTheLoopEndsTheStream(t *testing.T) {
	pool := NewPool(3)
	func() {
		defer func() {
			if recover() != "body" {
				t.Error("the panic was lost")
			}
		}()
		for range Imap(func(x int) int { return x }, counting(0, 1<<40), WithPool(pool)) {
			panic("body")
		}
	}()
	if err := pool.Close(); err != nil { // it waits for nobody
		t.Error(err)
	}
}

// The workers of a loop are those of the pool, so what its body maps on the same pool
// gets them when the loop has nothing for them to do.
func TestImapSharesItsPool(t *testing.T) {
	pool := NewPool(3)
	defer pool.Close()
	var running, most atomic.Int32
	busy := func(x int) int {
		now := running.Add(1)
		for old := most.Load(); now > old && !most.CompareAndSwap(old, now); old = most.Load() {
		}
		time.Sleep(50 * time.Microsecond)
		running.Add(-1)
		return x
	}
	for y, err := range Imap(busy, counting(0, 40), WithPool(pool), WithWindow(3)) {
		ys, mapped := Map(busy, []int{y, y + 1}, WithPool(pool))
		if err != nil || mapped != nil || !slices.Equal(ys, []int{y, y + 1}) {
			t.Fatal(y, err, ys, mapped)
		}
	}
	if most.Load() > 4 { // 2 helpers, and one worker of each call
		t.Errorf("%d tasks ran at once", most.Load())
	}
}

func TestProgressOfALoopInTheBackground(t *testing.T) {
	gate := make(chan struct{})
	future := Go(func(_ context.Context, opts ...Option) (sum int, err error) {
		for y, err := range Imap(func(x int) int {
			if x == 5 {
				<-gate
			}
			return x
		}, counting(0, 10), append(opts, WithWorkers(1))...) {
			if err != nil {
				return 0, err
			}
			sum += y
		}
		return sum, nil
	})
	eventually(t, func() bool { p := future.Progress(); return p.Done == 5 && p.Total > 5 })
	close(gate)
	if sum, err := future.Get(); sum != 45 || err != nil || future.Progress().Total != 10 || future.Run().Tasks != 10 {
		t.Error(sum, err, future.Progress())
	}
}

// Loops, maps in them and in their tasks, breaks and cancellations, all on one pool.
func TestHammerImap(t *testing.T) {
	var people staff
	pool := NewPool(3, PoolInitializer(people.start), PoolFinalizer(people.end), PoolTasksPerWorker(50))
	var futures []*Future[int]
	for c := range 6 {
		futures = append(futures, Go(func(ctx context.Context, opts ...Option) (int, error) {
			random := rand.New(rand.NewPCG(4, uint64(c)))
			for range 40 {
				hammerImap(t, ctx, pool, &people, random)
			}
			return c, nil
		}))
	}
	for c, f := range AsCompleted(futures...) {
		if got, err := f.Get(); got != c || err != nil {
			t.Error(got, err)
		}
	}
	if err := pool.Close(); err != nil {
		t.Error(err)
	}
	people.check(t)
}

func hammerImap(t *testing.T, ctx context.Context, pool *Pool, people *staff, random *rand.Rand) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	n, kind, at := random.IntN(120), random.IntN(5), random.IntN(120)
	var run Run
	given := 0
	var last error
	for y, err := range ImapContext(ctx, func(ctx context.Context, x int) (int, error) {
		people.task(ctx)
		switch {
		case kind == 1 && x%20 == 0:
			ys, err := Map(func(x int) int { return x }, upTo(x), WithPool(pool))
			return x + len(ys) - x, err
		case kind == 2 && x == at:
			panic("at")
		}
		return x, nil
	}, counting(0, n), WithPool(pool), WithRun(&run), WithWindow(random.IntN(20)), WithChunk(random.IntN(4))) {
		var fault *TaskError
		if last = err; err == nil && y != given || errors.As(err, &fault) && fault.Index != given {
			t.Errorf("kind %d: result %d is %d, %v", kind, given, y, err)
		}
		given++
		if kind == 3 && y == at {
			break
		}
		if kind == 4 && y == at {
			cancel()
		}
	}
	if m := run.Measure(); kind < 3 && (given != n || m.Done+m.Failed != n) || run.Tasks < given-1 {
		t.Errorf("kind %d: %d of %d given, the last with %v: %+v", kind, given, n, last, m)
	}
	checkAttempts(t, &run)
}
