package parallel

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"runtime"
	"slices"
	"sync/atomic"
	"testing"
	"time"
)

// A scenario is one call, drawn at random, whose outcome can be told beforehand.
type scenario struct {
	form      string
	n         int
	workers   int
	attempts  int
	mode      onError
	unordered bool
	cancelAt  int   // after so many calls of the function; 0: never
	fails     []int // how often each task fails
	panics    bool
	limited   bool // in time, by far more than it takes
	opts      []Option

	calls []atomic.Int32
	total atomic.Int32
	run   Run
	ctx   context.Context
	stop  context.CancelFunc
}

const replaced = -7

func draw(random *rand.Rand, pool *Pool, forms []string) *scenario {
	s := &scenario{form: forms[random.IntN(len(forms))], n: random.IntN(250), workers: 1 + random.IntN(6), attempts: 1 + random.IntN(3)}
	s.fails, s.calls = make([]int, s.n), make([]atomic.Int32, s.n)
	s.mode, s.unordered, s.panics = onError(random.IntN(3)), random.IntN(4) == 0, random.IntN(2) == 0
	if random.IntN(2) == 0 {
		for i := range s.fails {
			if random.IntN(8) == 0 {
				s.fails[i] = random.IntN(4)
			}
		}
	}
	if random.IntN(4) == 0 {
		s.cancelAt = 1 + random.IntN(300)
	}
	s.ctx, s.stop = context.WithCancel(context.Background())
	s.opts = []Option{WithContext(s.ctx), WithRun(&s.run), WithSchedule(Schedule(random.IntN(4)))}
	if s.attempts > 1 || random.IntN(2) == 0 {
		s.opts = append(s.opts, WithRetry(Retry{Attempts: s.attempts, Backoff: time.Duration(random.IntN(200)) * time.Microsecond}))
	}
	switch s.mode {
	case collectErrors:
		s.opts = append(s.opts, WithCollect())
	case replaceResult:
		s.opts = append(s.opts, WithReplacement(replaced))
	}
	if s.unordered {
		s.opts = append(s.opts, WithUnordered())
	}
	if random.IntN(2) == 0 {
		s.opts = append(s.opts, WithChunk(1+random.IntN(30)))
	}
	if random.IntN(5) == 0 {
		s.limited = true
		s.opts = append(s.opts, WithTaskTimeout(time.Minute))
	}
	if random.IntN(3) == 0 {
		s.opts = append(s.opts, WithPool(pool))
	} else {
		s.opts = append(s.opts, WithWorkers(s.workers))
	}
	return s
}

// f is the function of the call.
func (s *scenario) f(i int) (int, error) {
	call := int(s.calls[i].Add(1))
	if int(s.total.Add(1)) == s.cancelAt {
		s.stop()
	}
	switch {
	case call > s.fails[i]:
		return value(i), nil
	case s.panics:
		panic(errFlaky)
	}
	return 0, errFlaky
}

// value is what the loop would give.
func value(i int) int { return i*i + 1 }

// do makes the call, and returns the results, in their places if it is ordered.
func (s *scenario) do() ([]int, error) {
	xs := upTo(s.n)
	switch s.form {
	case "MapErr":
		return MapErr(s.f, xs, s.opts...)
	case "MapContext":
		return MapContext(s.ctx, func(_ context.Context, i int) (int, error) { return s.f(i) }, xs, s.opts...)
	case "MapWorker":
		return MapWorker(func(worker int) (*int, error) { return new(worker), nil }, func(w *int, i int) (int, error) {
			*w++ // a race if two tasks have it
			return s.f(i)
		}, xs, s.opts...)
	case "StarmapErr":
		args := make([]Pair[int, bool], s.n)
		for i := range args {
			args[i].First = i
		}
		return StarmapErr(func(i int, _ bool) (int, error) { return s.f(i) }, args, s.opts...)
	case "MapValue", "StarmapValue":
		f := func(_ context.Context, i int) (int, error) { return s.f(i) }
		var ys reflect.Value
		var err error
		if s.form == "MapValue" {
			ys, err = MapValue(s.ctx, reflect.ValueOf(f), reflect.ValueOf(xs), s.opts...)
		} else {
			args := make([][1]int, s.n)
			for i := range args {
				args[i][0] = i
			}
			ys, err = StarmapValue(s.ctx, reflect.ValueOf(f), []reflect.Value{reflect.ValueOf(args)}, s.opts...)
		}
		return ys.Interface().([]int), err
	case "Go":
		return Go(func(_ context.Context, opts ...Option) ([]int, error) { return MapErr(s.f, xs, opts...) }, s.opts...).Get()
	}
	return s.loop()
}

// loop is the call of an Imap.
func (s *scenario) loop() ([]int, error) {
	ys := make([]int, s.n)
	all := &Errors{Tasks: s.n}
	i := 0
	for y, err := range ImapErr(s.f, slices.Values(upTo(s.n)), s.opts...) {
		var fault *TaskError
		switch {
		case errors.As(err, &fault):
			if !s.unordered && fault.Index != i {
				return ys, fmt.Errorf("the failure of task %d comes as number %d", fault.Index, i)
			}
			all.Failed = append(all.Failed, fault)
		case err != nil:
			return ys, err
		default:
			ys[i] = y
		}
		i++
	}
	if len(all.Failed) == 0 {
		return ys, nil
	}
	return ys, all
}

// check holds the outcome to what the loop would do.
func (s *scenario) check(t *testing.T, ys []int, err error) {
	t.Helper()
	checkAttempts(t, &s.run)
	mode := s.mode
	if s.form == "Imap" && mode == stopOnError {
		mode = collectErrors // its failures end nothing
	}
	whole := !errors.Is(err, context.Canceled) // nothing has cut it off
	lost := 0
	want := make([]int, s.n)
	for i := range want {
		calls := int(s.calls[i].Load())
		least := min(s.fails[i]+1, s.attempts)
		if calls > least || whole && mode != stopOnError && calls != least {
			t.Errorf("task %d was called %d times", i, calls)
		}
		switch {
		case calls > s.fails[i]:
			want[i] = value(i)
		case s.fails[i] >= s.attempts:
			lost++
			if mode == replaceResult && calls == s.attempts {
				want[i] = replaced
			}
		}
	}
	given := 0 // records, of a single attempt each
	cut := 0   // of them, those of tasks that may not have come to call the function
	abandoned := false
	for _, rec := range s.run.Records {
		given += rec.Count
		abandoned = abandoned || errors.Is(rec.Err, ErrAbandoned)
		for i := rec.Index; i < rec.Index+rec.Count && rec.Cancelled(); i++ {
			want[i] = 0 // cut off, whatever it would have given
			if s.limited {
				cut++
			}
		}
	}
	if calls := int(s.total.Load()); !abandoned && (given < calls || given > calls+cut) {
		t.Errorf("%d calls, and records of %d", calls, given)
	}
	if !abandoned && (whole || s.form != "Imap") {
		if s.unordered {
			order := func(a, b int) int { return a - b }
			ys, want = slices.Clone(ys), slices.Clone(want)
			slices.SortFunc(ys, order)
			slices.SortFunc(want, order)
		}
		if !slices.Equal(ys, want) {
			t.Errorf("got  %v\nwant %v", ys, want)
		}
	}
	var all *Errors
	switch {
	case !whole:
		if s.cancelAt == 0 || !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	case (lost == 0 || mode == replaceResult) != (err == nil):
		t.Errorf("%d tasks fail for good: %v", lost, err)
	case mode == collectErrors && lost > 0 && (!errors.As(err, &all) || len(all.Failed) != lost):
		t.Errorf("%d tasks fail for good: %v", lost, err)
	}
	if t.Failed() {
		t.Logf("%s of %d tasks, %d workers, %d attempts, mode %d, unordered %v, cancelled at %d, panics %v: %v; %+v",
			s.form, s.n, s.workers, s.attempts, s.mode, s.unordered, s.cancelAt, s.panics, err, s.run.Measure())
	}
}

// Whatever is drawn, a call does what a serial loop would do, calls the function once
// for each record, and leaves no goroutine.
func TestAnyCallEqualsTheSerialLoop(t *testing.T) {
	before := runtime.NumGoroutine()
	var people staff
	pool := NewPool(3, PoolInitializer(people.start), PoolFinalizer(people.end), PoolTasksPerWorker(9))
	forms := []string{"MapErr", "MapContext", "MapWorker", "StarmapErr", "MapValue", "StarmapValue", "Go", "Imap", "Imap"}
	for round := range 300 {
		s := draw(rand.New(rand.NewPCG(uint64(round), 3)), pool, forms)
		ys, err := s.do()
		s.stop()
		if s.check(t, ys, err); t.Failed() {
			t.Fatal("round", round)
		}
	}
	if err := pool.Close(); err != nil {
		t.Error(err)
	}
	eventually(t, func() bool { return runtime.NumGoroutine() <= before })
	people.check(t)
}
