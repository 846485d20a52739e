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

// staff notes what becomes of the workers of a pool.
type staff struct {
	mu       sync.Mutex
	ready    map[int]bool
	started  int
	ended    int
	breaches []string
}

func (s *staff) start(worker int) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ready == nil {
		s.ready = map[int]bool{}
	}
	if s.ready[worker] {
		s.breaches = append(s.breaches, fmt.Sprintf("worker %d made ready twice", worker))
	}
	s.ready[worker] = true
	s.started++
	return nil
}

func (s *staff) end(worker int) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.ready[worker] {
		s.breaches = append(s.breaches, fmt.Sprintf("worker %d ended, and was not ready", worker))
	}
	s.ready[worker] = false
	s.ended++
	return nil
}

// task notes that a worker has a task, if it may have it.
func (s *staff) task(ctx context.Context) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if worker, ok := WorkerOf(ctx); !ok || !s.ready[worker] {
		s.breaches = append(s.breaches, fmt.Sprintf("a task on worker %d (%v), which is not ready", worker, ok))
	}
}

func (s *staff) check(t *testing.T) {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.breaches) > 0 {
		t.Error(s.breaches)
	}
	if s.started != s.ended {
		t.Errorf("%d workers made ready, %d ended", s.started, s.ended)
	}
}

func TestPoolMakesWorkersReadyOnceBeforeTheirFirstTask(t *testing.T) {
	var s staff
	pool := NewPool(3, PoolInitializer(s.start), PoolFinalizer(s.end))
	f := func(ctx context.Context, x int) (int, error) { s.task(ctx); return x + 1, nil }
	for range 5 {
		if _, err := MapContext(t.Context(), f, upTo(100), WithPool(pool)); err != nil {
			t.Error(err)
		}
		for _, err := range ImapContext(t.Context(), f, counting(0, 50), WithPool(pool)) {
			if err != nil {
				t.Error(err)
			}
		}
	}
	if s.started < 1 || s.started > 3 {
		t.Errorf("%d workers made ready", s.started)
	}
	if err := pool.Close(); err != nil {
		t.Error(err)
	}
	s.check(t)
	if _, ok := WorkerOf(t.Context()); ok {
		t.Error("a worker out of nowhere")
	}
}

func TestPoolReplacesWorkersAfterTheirTasks(t *testing.T) {
	for _, opts := range [][]Option{nil, {WithChunk(7)}, {WithCollect()}, {WithSchedule(Static)}} {
		var s staff
		pool := NewPool(1, PoolInitializer(s.start), PoolFinalizer(s.end), PoolTasksPerWorker(4))
		if _, err := MapContext(t.Context(), func(ctx context.Context, x int) (int, error) { s.task(ctx); return x, nil }, upTo(10), append(opts, WithPool(pool))...); err != nil {
			t.Error(err)
		}
		if s.started != 3 {
			t.Errorf("10 tasks took %d workers of 4 tasks", s.started)
		}
		if _, err := ApplyErr(func(x int) (int, error) { return x, nil }, 1, WithPool(pool)); err != nil || s.started != 3 {
			t.Errorf("11 tasks took %d workers: %v", s.started, err)
		}
		for range Imap(func(x int) int { return x }, counting(0, 3), WithPool(pool)) {
		}
		if s.started != 4 {
			t.Errorf("14 tasks took %d workers of 4 tasks", s.started)
		}
		_ = pool.Close()
		s.check(t)
	}
}

func TestAPoolWhoseWorkersCannotBeMadeReadySaysSoAndTriesAgain(t *testing.T) {
	failing := atomic.Int32{}
	failing.Store(1)
	pool := NewPool(2, PoolInitializer(func(int) error {
		switch failing.Load() {
		case 1:
			return errFlaky
		case 2:
			panic("no start")
		case 3:
			runtime.Goexit()
		}
		return nil
	}), PoolFinalizer(func(int) error { return errors.New("no end") }))
	for mode, want := range map[int32]string{1: "flaky", 2: "panic: no start", 3: "ended its goroutine"} {
		failing.Store(mode)
		ys, err := Map(func(x int) int { return 1 }, upTo(9), WithPool(pool), WithCollect())
		if err == nil || !strings.Contains(err.Error(), "parallel: the initializer of the pool failed on worker ") || !strings.Contains(err.Error(), want) || len(ys) != 9 {
			t.Errorf("%v, %v", ys, err)
		}
		if mode == 1 && !errors.Is(err, errFlaky) {
			t.Error(err)
		}
		var last error
		for _, last = range Imap(func(x int) int { return 1 }, counting(0, 9), WithPool(pool)) {
		}
		if last == nil || !strings.Contains(last.Error(), want) {
			t.Error(last)
		}
	}
	failing.Store(0)
	if ys, err := Map(func(x int) int { return 1 }, upTo(9), WithPool(pool)); err != nil || slices.Contains(ys, 0) {
		t.Error(ys, err)
	}
	if err := pool.Close(); err == nil || !strings.Contains(err.Error(), "parallel: the finalizer of the pool failed on worker 0: no end") {
		t.Error(err)
	}
}

// A task that runs on after its time keeps its worker, and the others get another one.
func TestATaskThatIsGivenUpKeepsItsWorker(t *testing.T) {
	var s staff
	release := make(chan struct{})
	var ended sync.WaitGroup
	pool := NewPool(1, PoolInitializer(s.start), PoolFinalizer(s.end))
	var workers [3]atomic.Int32
	ended.Add(1)
	_, err := MapContext(t.Context(), func(ctx context.Context, x int) (int, error) {
		s.task(ctx)
		worker, _ := WorkerOf(ctx)
		workers[x].Store(int32(worker))
		if x == 0 {
			defer ended.Done()
			<-release
		}
		return x, nil
	}, upTo(3), WithPool(pool), WithTaskTimeout(10*time.Millisecond), WithCollect(), WithChunk(3))
	if !errors.Is(err, context.DeadlineExceeded) || workers[0].Load() != 0 || workers[1].Load() == 0 || workers[2].Load() == 0 {
		t.Error(workers[1].Load(), workers[2].Load(), err)
	}
	if err := pool.Close(); err != nil {
		t.Error(err)
	}
	close(release)
	ended.Wait()
	eventually(t, func() bool { s.mu.Lock(); defer s.mu.Unlock(); return s.ended == s.started })
	s.check(t)
}

// eventually waits for a condition.
func eventually(t *testing.T, holds func() bool) {
	t.Helper()
	for limit := time.Now().Add(20 * time.Second); !holds(); time.Sleep(100 * time.Microsecond) {
		if time.Now().After(limit) {
			t.Fatal("it never came to be")
		}
	}
}

func TestDrain(t *testing.T) {
	pool := NewPool(2)
	begun, gate := make(chan struct{}), make(chan struct{})
	future := ApplyAsync(func(int) int { close(begun); <-gate; return 5 }, 0, WithPool(pool))
	<-begun
	if err := pool.Drain(expired(t)); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if _, err := Apply(func(x int) int { return x }, 0, WithPool(pool)); !errors.Is(err, ErrClosed) {
		t.Error(err)
	}
	close(gate)
	if err := pool.Drain(t.Context()); err != nil || !future.Ready() {
		<-future.Done() // the call has ended, and the future hears of it
		if err != nil {
			t.Error(err)
		}
	}
	if y, err := future.Get(); y != 5 || err != nil {
		t.Error(y, err)
	}
	if err := pool.Drain(expired(t)); err != nil {
		t.Error("there was nothing to wait for:", err)
	}
}

func TestTerminate(t *testing.T) {
	pool := NewPool(3)
	release := make(chan struct{})
	var begun sync.WaitGroup
	begun.Add(3)
	var run Run
	deaf := MapAsync(func(x int) int {
		if x > 0 {
			begun.Done()
			<-release
		}
		return x + 1
	}, upTo(3), WithPool(pool), WithChunk(1), WithWorkers(2))
	listens := MapContextAsync(t.Context(), func(ctx context.Context, x int) (int, error) {
		begun.Done()
		<-ctx.Done()
		return 0, context.Cause(ctx)
	}, upTo(1), WithPool(pool), WithRun(&run))
	begun.Wait()
	var streamed error
	for _, streamed = range Imap(func(x int) int {
		if x == 3 {
			pool.Terminate()
		}
		return x
	}, counting(0, 1<<40), WithPool(pool)) {
	}
	if !errors.Is(streamed, ErrTerminated) {
		t.Error(streamed)
	}
	pool.Terminate()
	if err := pool.Close(); err != nil {
		t.Error(err)
	}
	ys, err := deaf.Get()
	if !errors.Is(err, ErrTerminated) || !errors.Is(err, context.Canceled) || !slices.Equal(ys, []int{1, 0, 0}) {
		t.Error(ys, err)
	}
	if fmt.Sprint(err) != "parallel: stopped after 1 of 3 tasks: the pool was terminated" {
		t.Error(err)
	}
	if _, err := listens.Get(); !errors.Is(err, ErrTerminated) || run.Measure().Cancelled != 1 {
		t.Error(err, run.Measure())
	}
	if _, err := Apply(func(x int) int { return x }, 0, WithPool(pool)); !errors.Is(err, ErrClosed) {
		t.Error(err)
	}
	close(release)
}

// closer is what a worker has, and closes once.
type closer struct {
	number int
	busy   atomic.Bool
	shut   atomic.Bool
	closed *atomic.Int32
	fail   error
}

func (c *closer) Close() error {
	c.closed.Add(1)
	c.shut.Store(true)
	return c.fail
}

func TestMapWorkerGivesEachWorkerItsOwn(t *testing.T) {
	var made, closed atomic.Int32
	start := func(n int) (*closer, error) { made.Add(1); return &closer{number: n, closed: &closed}, nil }
	use := func(c *closer, x int) (int, error) {
		if !c.busy.CompareAndSwap(false, true) {
			t.Error("two tasks at once have it")
		}
		defer c.busy.Store(false)
		if x == 77 {
			panic("77")
		}
		return x * 2, nil
	}
	for _, opts := range [][]Option{nil, {WithChunk(3)}, {WithCollect()}, {WithTaskTimeout(time.Minute)}} {
		made.Store(0)
		closed.Store(0)
		ys, err := MapWorker(start, use, upTo(60), append(opts, WithWorkers(3))...)
		if err != nil || ys[59] != 118 || made.Load() > 3 || closed.Load() != made.Load() {
			t.Errorf("%v: %d made, %d closed", err, made.Load(), closed.Load())
		}
	}
	made.Store(0)
	closed.Store(0)
	_, err := MapWorker(start, use, upTo(100), WithCollect(), WithWorkers(1))
	var all *Errors
	if !errors.As(err, &all) || len(all.Failed) != 1 || made.Load() != 2 || closed.Load() != 2 {
		t.Errorf("%v: %d made, %d closed", err, made.Load(), closed.Load())
	}
	_, err = MapWorker(func(int) (int, error) { return 0, errFlaky }, func(s, x int) (int, error) { return x, nil }, upTo(3), WithWorkers(1))
	if !errors.Is(err, errFlaky) || err.Error() != "task 0 (input 0): what worker 0 needs: flaky" {
		t.Error(err)
	}
	_, err = MapWorker(func(int) (*closer, error) { return &closer{closed: &closed, fail: errFlaky}, nil }, use, upTo(3), WithWorkers(1))
	if !errors.Is(err, errFlaky) {
		t.Error(err)
	}
	if _, err := MapWorker[int, int, int](nil, nil, nil); err == nil {
		t.Error("start and f are nil")
	}
	// What a task still has that was given up is closed when it ends, not before.
	release := make(chan struct{})
	made.Store(0)
	closed.Store(0)
	_, err = MapWorker(start, func(c *closer, x int) (int, error) {
		if x == 0 {
			<-release
			if c.shut.Load() {
				t.Error("it is closed while a task has it")
			}
		}
		return x, nil
	}, upTo(3), WithWorkers(1), WithTaskTimeout(10*time.Millisecond), WithCollect())
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
	close(release)
	eventually(t, func() bool { return closed.Load() == made.Load() })
}

func TestSchedules(t *testing.T) {
	// chunks lists what is handed out, where nobody measures.
	chunks := func(n, workers int, opts ...Option) (sizes []int) {
		r := &run{job: job{n: n}, options: resolve(opts), limit: workers}
		r.plan()
		w := &worker{run: r, batch: 1}
		for w.take() {
			sizes = append(sizes, w.hi-w.lo)
		}
		return sizes
	}
	for _, c := range []struct {
		n, workers int
		opts       []Option
		want       []int
	}{
		{10, 4, []Option{WithSchedule(Static)}, []int{2, 3, 2, 3}},
		{5, 4, []Option{WithSchedule(Static)}, []int{1, 1, 1, 2}},
		{7, 7, []Option{WithSchedule(Static)}, []int{1, 1, 1, 1, 1, 1, 1}},
		{10, 4, []Option{WithSchedule(Static), WithChunk(4)}, []int{4, 4, 2}},
		{3, 2, []Option{WithSchedule(Dynamic)}, []int{1, 1, 1}},
		{5, 2, []Option{WithSchedule(Dynamic), WithChunk(2)}, []int{2, 2, 1}},
		{16, 2, []Option{WithSchedule(Guided)}, []int{8, 4, 2, 1, 1}},
		{16, 2, []Option{WithSchedule(Guided), WithChunk(3)}, []int{8, 4, 3, 1}},
	} {
		if got := chunks(c.n, c.workers, c.opts...); !slices.Equal(got, c.want) {
			t.Errorf("%d tasks, %d workers: got %v, want %v", c.n, c.workers, got, c.want)
		}
	}
	for s, want := range map[Schedule]string{Auto: "auto", Static: "static", Dynamic: "dynamic", Guided: "guided", 9: "Schedule(9)"} {
		if s.String() != want {
			t.Error(s)
		}
	}
	random := rand.New(rand.NewPCG(1, 8))
	for range 200 {
		n, workers := 1+random.IntN(300), 1+random.IntN(20)
		workers = min(workers, n)
		got := chunks(n, workers, WithSchedule(Static))
		if len(got) != workers || slices.Max(got)-slices.Min(got) > 1 {
			t.Errorf("%d tasks, %d workers: %v", n, workers, got)
		}
	}
}
