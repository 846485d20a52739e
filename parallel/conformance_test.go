package parallel_test

import (
	"context"
	"errors"
	"log/slog"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/adabc437/fanout/parallel"
)

// What those look for who know multiprocessing.Pool, concurrent.futures, joblib, Dask or
// Julia's pmap, as far as no other test shows it. docs/pool.md names the test of each
// entry.

// long is a limit for calls that would otherwise wait for ever where they are wrong.
var long = parallel.WithTimeout(time.Minute)

var errNo = errors.New("no")

func numbers(n int) []int {
	xs := make([]int, n)
	for i := range xs {
		xs[i] = i
	}
	return xs
}

// A crowd counts the tasks that run at once.
type crowd struct{ now, most atomic.Int32 }

func (c *crowd) enter() {
	now := c.now.Add(1)
	for most := c.most.Load(); now > most && !c.most.CompareAndSwap(most, now); most = c.most.Load() {
	}
}

func (c *crowd) leave() { c.now.Add(-1) }

func TestAPoolRunsAsManyTasksAtOnceAsItHasWorkers(t *testing.T) {
	for _, n := range []int{1, 2, 5} {
		var c crowd
		var together sync.WaitGroup
		together.Add(n)
		_, err := parallel.Map(func(x int) int {
			c.enter()
			defer c.leave()
			if x < n {
				together.Done()
				together.Wait()
			}
			return x
		}, numbers(5*n), parallel.WithPool(parallel.NewPool(n)), parallel.WithChunk(1), long)
		if err != nil || int(c.most.Load()) != n {
			t.Errorf("a pool of %d had %d tasks at once: %v", n, c.most.Load(), err)
		}
	}
	for _, n := range []int{0, -3} {
		if got := parallel.NewPool(n).Workers(); got != runtime.GOMAXPROCS(0) {
			t.Errorf("NewPool(%d) has %d workers", n, got)
		}
	}
}

// Every call that is waited for brings along a worker, so simultaneous ones run some
// tasks more.
func TestSimultaneousCallsShareTheWorkersOfTheirPool(t *testing.T) {
	const size, calls = 3, 4
	pool := parallel.NewPool(size)
	var c crowd
	var wg sync.WaitGroup
	for range calls {
		wg.Go(func() {
			ys, err := parallel.Map(func(x int) int {
				c.enter()
				defer c.leave()
				runtime.Gosched()
				return x
			}, numbers(200), parallel.WithPool(pool), parallel.WithChunk(1))
			if err != nil || !slices.Equal(ys, numbers(200)) {
				t.Error(ys, err)
			}
		})
	}
	wg.Wait()
	if most := c.most.Load(); most > size-1+calls {
		t.Errorf("%d tasks at once", most)
	}
}

// Calls in the background bring none: together they run as many tasks as the pool has
// workers, whoever waits for them.
func TestCallsInTheBackgroundRunNoMoreTasksThanThePoolHasWorkers(t *testing.T) {
	for _, size := range []int{1, 2, 3} {
		pool := parallel.NewPool(size)
		var c crowd
		var together sync.WaitGroup // so many do run at once
		together.Add(size)
		task := func(x int) int {
			c.enter()
			defer c.leave()
			if x < size {
				together.Done()
				together.Wait()
			}
			runtime.Gosched()
			return x
		}
		var singles []*parallel.Future[int]
		for x := range 50 {
			singles = append(singles, parallel.ApplyAsync(task, x, parallel.WithPool(pool), long))
		}
		many := parallel.MapAsync(func(x int) int { return task(x + size) }, numbers(100), parallel.WithPool(pool), parallel.WithChunk(1), long)
		for i, f := range parallel.AsCompleted(singles...) {
			if y, err := f.Get(); y != i || err != nil {
				t.Error(i, y, err)
			}
		}
		if _, err := many.Get(); err != nil {
			t.Error(err)
		}
		if most := int(c.most.Load()); most != size {
			t.Errorf("a pool of %d had %d tasks at once", size, most)
		}
	}
}

func TestCallsInTheBackgroundBeginInTheirOrder(t *testing.T) {
	pool := parallel.NewPool(1)
	var order []int // one at a time
	var futures []*parallel.Future[int]
	for x := range 20 {
		futures = append(futures, parallel.ApplyAsync(func(x int) int { order = append(order, x); return x }, x, parallel.WithPool(pool)))
	}
	if err := pool.Close(); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(order, numbers(20)) {
		t.Error(order)
	}
	for _, f := range futures {
		if !f.Successful() {
			t.Error(f.Get())
		}
	}
}

func TestACallThatWaitsForAPlaceCanBeCancelled(t *testing.T) {
	pool := parallel.NewPool(1)
	gate := make(chan struct{})
	first := parallel.ApplyAsync(func(int) int { <-gate; return 1 }, 0, parallel.WithPool(pool), long)
	second := parallel.ApplyAsync(func(int) int { t.Error("it was cancelled before it began"); return 2 }, 0, parallel.WithPool(pool))
	third := parallel.MapAsync(func(x int) int { return x + 3 }, numbers(2), parallel.WithPool(pool))
	second.Cancel()
	if _, err := second.Get(); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if first.Ready() || third.Ready() {
		t.Error("they have ended")
	}
	close(gate)
	if ys, err := third.Get(); err != nil || !slices.Equal(ys, []int{3, 4}) {
		t.Error(ys, err)
	}
}

// Python runs the tasks too, after close.
func TestCloseWaitsForCallsThatWereMadeBefore(t *testing.T) {
	for range 200 {
		pool := parallel.NewPool(2)
		future := parallel.MapAsync(func(x int) int { return x }, numbers(10), parallel.WithPool(pool))
		sum := parallel.Go(func(_ context.Context, opts ...parallel.Option) (int, error) {
			return parallel.Reduce(func(a, b int) int { return a + b }, numbers(10), opts...)
		}, parallel.WithPool(pool))
		if err := pool.Close(); err != nil {
			t.Fatal(err)
		}
		if ys, err := future.Get(); err != nil || !slices.Equal(ys, numbers(10)) {
			t.Fatal(ys, err)
		}
		if y, err := sum.Get(); y != 45 || err != nil {
			t.Fatal(y, err)
		}
		if _, err := parallel.MapAsync(func(x int) int { return x }, numbers(10), parallel.WithPool(pool)).Get(); !errors.Is(err, parallel.ErrClosed) {
			t.Fatal(err)
		}
	}
}

func TestAChunkOfTheSizeThatWasAskedForIsOneWorkers(t *testing.T) {
	const size = 3
	var run parallel.Run
	_, err := parallel.Map(func(x int) int { runtime.Gosched(); return x }, numbers(100), parallel.WithChunk(size), parallel.WithWorkers(4), parallel.WithRun(&run))
	if err != nil {
		t.Fatal(err)
	}
	workers := map[int]int{} // by chunk
	for _, rec := range run.Records {
		chunk := rec.Index / size
		if last := (rec.Index + rec.Count - 1) / size; last != chunk {
			t.Errorf("one record is of two chunks: %+v", rec)
		}
		if w, ok := workers[chunk]; ok && w != rec.Worker {
			t.Errorf("workers %d and %d had chunk %d", w, rec.Worker, chunk)
		}
		workers[chunk] = rec.Worker
	}
	if len(workers) != 34 {
		t.Errorf("%d chunks", len(workers))
	}
}

func TestTheFirstFailureStopsTheRestAndKeepsWhatIsDone(t *testing.T) {
	var started atomic.Int32
	first := make(chan struct{})
	ys, err := parallel.MapContext(t.Context(), func(ctx context.Context, x int) (int, error) {
		started.Add(1)
		switch x {
		case 0:
			defer close(first)
			return 5, nil
		case 1:
			<-first
			return 0, errNo
		}
		<-ctx.Done()
		return 0, ctx.Err()
	}, numbers(1000), parallel.WithWorkers(3), parallel.WithChunk(1), long)
	var fault *parallel.TaskError
	if !errors.As(err, &fault) || fault.Index != 1 || fault.Input != "1" || !errors.Is(err, errNo) {
		t.Error(err)
	}
	if len(ys) != 1000 || ys[0] != 5 {
		t.Error("what was done is lost")
	}
	if n := started.Load(); n > 4 {
		t.Errorf("%d tasks ran; two have ended, and there are three workers", n)
	}
}

func TestImapUnorderedGivesFirstWhatIsReadyFirst(t *testing.T) {
	gate := make(chan struct{})
	var got []int
	for y, err := range parallel.ImapUnordered(func(x int) int {
		if x == 0 {
			<-gate
		}
		return x
	}, slices.Values(numbers(3)), parallel.WithWorkers(2), long) {
		if err != nil {
			t.Fatal(err)
		}
		if got = append(got, y); len(got) == 2 {
			close(gate)
		}
	}
	if !slices.Equal(got, []int{1, 2, 0}) {
		t.Error(got)
	}
}

func TestAFailureInAChunkOfImapLeavesTheOthersOfTheChunk(t *testing.T) {
	var ys []int
	var faults []int
	for y, err := range parallel.ImapErr(func(x int) (int, error) {
		if x == 1 {
			return 0, errNo
		}
		return x, nil
	}, slices.Values(numbers(6)), parallel.WithChunk(3), parallel.WithWorkers(2)) {
		var fault *parallel.TaskError
		if errors.As(err, &fault) {
			faults = append(faults, fault.Index)
			continue
		}
		ys = append(ys, y)
	}
	if !slices.Equal(ys, []int{0, 2, 3, 4, 5}) || !slices.Equal(faults, []int{1}) {
		t.Error(ys, faults)
	}
}

// A lockedError is one that no pickling could carry.
type lockedError struct {
	mu   sync.Mutex
	says func() string
}

func (e *lockedError) Error() string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.says()
}

func TestNothingIsCopiedBetweenTasksAndTheirCaller(t *testing.T) {
	// A function literal with variables of its caller; inputs and results that hold
	// functions, channels and locks.
	type part struct {
		mu   sync.Mutex
		send chan func() int
	}
	offset := 10
	parts := []*part{{send: make(chan func() int, 1)}, {send: make(chan func() int, 1)}}
	ys, err := parallel.Map(func(p *part) func() *part {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.send <- func() int { return offset }
		return func() *part { return p }
	}, parts)
	if err != nil {
		t.Fatal(err)
	}
	offset = 20
	for i, y := range ys {
		if p := y(); p != parts[i] || (<-p.send)() != 20 {
			t.Errorf("part %d is another one", i)
		}
	}
	// Errors stay what they are.
	locked := &lockedError{says: func() string { return "locked" }}
	_, err = parallel.MapErr(func(int) (int, error) { return 0, locked }, numbers(1))
	var same *lockedError
	if !errors.As(err, &same) || same != locked {
		t.Error(err)
	}
	// Large data is shared, and can be written to.
	large := make([]float64, 1<<16)
	if _, err := parallel.Map(func(i int) int { large[i] = float64(i); return 0 }, numbers(len(large))); err != nil || large[1<<15] != 1<<15 {
		t.Error(large[1<<15], err)
	}
}

func TestEqualInputsAreTasksOfTheirOwn(t *testing.T) {
	var calls atomic.Int64
	ys, err := parallel.Map(func(int) int64 { return calls.Add(1) }, []int{0, 0, 0, 0})
	if slices.Sort(ys); err != nil || !slices.Equal(ys, []int64{1, 2, 3, 4}) {
		t.Error(ys, err)
	}
}

// A task that waits leaves its place to others, and has it back when it goes on.
func TestTasksInTheBackgroundMayWaitForOthersOnTheirPool(t *testing.T) {
	for _, size := range []int{1, 2} {
		pool := parallel.NewPool(size)
		var fib func(n int) int
		fib = func(n int) int {
			if n < 2 {
				return n
			}
			a := parallel.ApplyAsync(fib, n-1, parallel.WithPool(pool), long)
			b := parallel.ApplyAsync(fib, n-2, parallel.WithPool(pool), long, parallel.WithTaskTimeout(time.Minute))
			sum := 0
			for _, f := range parallel.AsCompleted(a, b) {
				y, err := f.Get()
				if err != nil {
					t.Error(err)
				}
				sum += y
			}
			return sum
		}
		if y, err := parallel.ApplyAsync(fib, 10, parallel.WithPool(pool), long).Get(); y != 55 || err != nil {
			t.Error(y, err)
		}
		if err := pool.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestATaskThatWaitsDoesNotRun(t *testing.T) {
	pool := parallel.NewPool(1)
	var c crowd
	work := func(x int) int {
		c.enter()
		defer c.leave()
		runtime.Gosched()
		return x
	}
	var others []*parallel.Future[int]
	outer := parallel.ApplyAsync(func(x int) int {
		for i := range 20 { // of which the first waits for those before it
			c.enter()
			f := parallel.ApplyAsync(work, i, parallel.WithPool(pool), long)
			c.leave()
			if y, err := f.Get(); y != i || err != nil {
				t.Error(y, err)
			}
		}
		return x
	}, 1, parallel.WithPool(pool), long)
	for i := range 20 {
		others = append(others, parallel.ApplyAsync(work, i, parallel.WithPool(pool), long))
	}
	for _, f := range others {
		if _, err := f.Get(); err != nil {
			t.Error(err)
		}
	}
	if _, err := outer.Get(); err != nil {
		t.Error(err)
	}
	if most := c.most.Load(); most != 1 {
		t.Errorf("%d tasks at once on a pool of one", most)
	}
}

func TestATaskMayWaitForAnotherCallOnItsOwnPool(t *testing.T) {
	pool := parallel.NewPool(1)
	y, err := parallel.ApplyErr(func(x int) (int, error) {
		return parallel.ApplyAsync(func(x int) int { return x + 1 }, x, parallel.WithPool(pool), long).Get()
	}, 41, parallel.WithPool(pool), long)
	if y != 42 || err != nil {
		t.Error(y, err)
	}
}

func TestStarmapInTheBackground(t *testing.T) {
	future := parallel.StarmapAsync(func(a int, b string) string { return b[:a] }, []parallel.Pair[int, string]{{1, "abc"}, {2, "xyz"}})
	if ys, err := future.Get(); err != nil || !slices.Equal(ys, []string{"a", "xy"}) {
		t.Error(ys, err)
	}
}

func TestWaitingForTheFirstForAFailureAndForAll(t *testing.T) {
	gates := make([]chan error, 4)
	pool := parallel.WithPool(parallel.NewPool(len(gates)))
	futures := make([]*parallel.Future[int], len(gates))
	for i := range gates {
		gates[i] = make(chan error, 1)
		futures[i] = parallel.ApplyErrAsync(func(i int) (int, error) { return i, <-gates[i] }, i, pool, long)
	}
	gates[1] <- nil
	for i := range parallel.AsCompleted(futures...) {
		if i != 1 || !futures[1].Successful() || futures[0].Ready() || futures[2].Ready() || futures[3].Ready() {
			t.Errorf("the first to end was %d", i)
		}
		break
	}
	gates[2] <- errNo
	ended := 0
	for i, f := range parallel.AsCompleted(futures...) {
		ended++
		if _, err := f.Get(); err != nil {
			if i != 2 || !errors.Is(err, errNo) || futures[0].Ready() || futures[3].Ready() {
				t.Errorf("the first to fail was %d: %v", i, err)
			}
			break
		}
	}
	gates[0] <- nil
	gates[3] <- nil
	all := 0
	for range parallel.AsCompleted(futures...) {
		all++
	}
	if ended != 2 || all != 4 {
		t.Errorf("%d ended until one failed, and %d in all", ended, all)
	}
}

func TestAsCompletedEndsWithItsContext(t *testing.T) {
	gate := make(chan struct{})
	pool := parallel.WithPool(parallel.NewPool(2))
	quick := parallel.ApplyAsync(func(x int) int { return x }, 1, pool)
	slow := parallel.ApplyAsync(func(x int) int { <-gate; return x }, 2, pool, long)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var ended []int
	for i := range parallel.AsCompletedContext(ctx, slow, quick) {
		ended = append(ended, i)
		cancel()
	}
	if !slices.Equal(ended, []int{1}) || slow.Ready() {
		t.Error(ended, slow.Ready())
	}
	close(gate)
	if y, err := slow.Get(); y != 2 || err != nil {
		t.Error(y, err)
	}
	for i := range parallel.AsCompletedContext(ctx, slow, quick) { // it has ended, and so have they
		ended = append(ended, i)
	}
	if len(ended) != 3 {
		t.Error(ended)
	}
}

func TestWaitingOnlyWaitsAndCancelEndsTheCall(t *testing.T) {
	begun, over := make(chan struct{}), make(chan error, 1)
	future := parallel.MapContextAsync(t.Context(), func(ctx context.Context, x int) (int, error) {
		if x == 0 {
			return 7, nil
		}
		close(begun)
		<-ctx.Done()
		over <- context.Cause(ctx)
		return 0, ctx.Err()
	}, numbers(2), parallel.WithWorkers(1), long)
	<-begun
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	if err := future.Wait(ctx); !errors.Is(err, context.DeadlineExceeded) || future.Ready() {
		t.Error(err)
	}
	select {
	case err := <-over:
		t.Errorf("the end of the waiting has ended the task: %v", err)
	default:
	}
	future.Cancel()
	if err := <-over; !errors.Is(err, parallel.ErrCancelled) {
		t.Error(err)
	}
	ys, err := future.Get()
	if !errors.Is(err, context.Canceled) || future.Successful() || ys[0] != 7 {
		t.Error(ys, err)
	}
	if _, done := future.Partial(); !slices.Equal(done, []bool{true, false}) {
		t.Error(done)
	}
}

func TestACallbackThatPanicsIsLoggedAndTheOthersAreCalled(t *testing.T) {
	var log strings.Builder // written to before told is
	before := slog.Default()
	defer slog.SetDefault(before)
	slog.SetDefault(slog.New(slog.NewTextHandler(&log, nil)))
	gate, told := make(chan struct{}), make(chan int, 1)
	future := parallel.ApplyAsync(func(x int) int { <-gate; return x }, 6, parallel.WithLabel("six"))
	future.OnSuccess(func(int) { panic("oh dear") })
	future.OnSuccess(func(y int) { told <- y })
	close(gate)
	if y := <-told; y != 6 {
		t.Error(y)
	}
	if text := log.String(); !strings.Contains(text, "oh dear") || !strings.Contains(text, "call=six") || !strings.Contains(text, "conformance_test.go") {
		t.Error(text)
	}
	future.OnSuccess(func(int) { panic("late") })
	if text := log.String(); !strings.Contains(text, "late") {
		t.Error(text)
	}
	if y, err := future.Get(); y != 6 || err != nil {
		t.Error(y, err)
	}
}

// A callback may end the pool: its call has left it.
func TestACallbackMayCloseThePool(t *testing.T) {
	pool := parallel.NewPool(2)
	gate, closed := make(chan struct{}), make(chan error, 1)
	future := parallel.ApplyAsync(func(x int) int { <-gate; return x }, 6, parallel.WithPool(pool))
	future.OnSuccess(func(int) { closed <- pool.Close() })
	close(gate)
	if err := <-closed; err != nil {
		t.Error(err)
	}
}

func TestCallbacksAreCalledOnceEachInTheirOrder(t *testing.T) {
	gate := make(chan struct{})
	future := parallel.ApplyAsync(func(x int) int { <-gate; return x }, 6, long)
	var order []int
	last := make(chan struct{})
	for i := range 3 {
		future.OnSuccess(func(y int) { order = append(order, 10*i+y) })
	}
	future.OnError(func(err error) { t.Error("called for success:", err) })
	future.OnSuccess(func(int) { close(last) })
	close(gate)
	<-last
	future.OnSuccess(func(y int) { order = append(order, y) })
	if !slices.Equal(order, []int{6, 16, 26, 6}) {
		t.Error(order)
	}
	failed := parallel.ApplyErrAsync(func(int) (int, error) { return 0, errNo }, 0)
	told := make(chan error, 1)
	failed.OnSuccess(func(int) { t.Error("called for a failure") })
	failed.OnError(func(err error) { told <- err })
	if err := <-told; !errors.Is(err, errNo) {
		t.Error(err)
	}
}
