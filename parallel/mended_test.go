package parallel

import (
	"context"
	"errors"
	"iter"
	"math"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

func TestImapTakesAnyWindowAndChunk(t *testing.T) {
	for name, opt := range map[string]Option{
		"window": WithWindow(math.MaxInt), "chunk": WithChunk(math.MaxInt),
	} {
		pool := NewPool(2)
		var got []int
		for y, err := range Imap(double, slices.Values(upTo(5)), WithPool(pool), opt) {
			if err != nil {
				t.Fatal(name, err)
			}
			got = append(got, y)
		}
		if !slices.Equal(got, []int{0, 2, 4, 6, 8}) {
			t.Errorf("%s: %v", name, got)
		}
		if err := pool.Close(); err != nil {
			t.Error(name, err)
		}
	}
	for _, c := range []struct{ n, workers, chunk, want int }{
		{0, 4, 3, 24}, {5, 4, 3, 12}, {100, 4, 3, 100}, {0, mostOut, mostOut, mostOut}, {math.MaxInt, 1, 1, mostOut}, {-1, 1, mostOut, mostOut},
	} {
		if got := windowOf(c.n, c.workers, c.chunk); got != c.want {
			t.Errorf("%+v: %d", c, got)
		}
	}
}

func TestAStreamThatCannotStartLeavesThePool(t *testing.T) {
	pool := NewPool(1)
	func() {
		defer func() {
			if recover() == nil {
				t.Error("no panic")
			}
		}()
		watch := func(o *options) { o.watch = func(*run) { panic("watch") } }
		for range Imap(double, slices.Values(upTo(5)), WithPool(pool), watch) {
		}
	}()
	if err := pool.Close(); err != nil { // it would wait for ever
		t.Error(err)
	}
}

func TestReduceTakesAnyChunk(t *testing.T) {
	y, err := Reduce(func(a, b int) int { return a + b }, upTo(4), WithChunk(math.MaxInt))
	if err != nil || y != 6 {
		t.Error(y, err)
	}
}

func double(x int) int { return 2 * x }

func TestAnImapWhoseContextEndsSaysSo(t *testing.T) {
	for range 20 { // it was left to chance
		ctx, cancel := context.WithCancel(context.Background())
		source := func(ctx context.Context) iter.Seq[int] {
			return func(yield func(int) bool) {
				yield(1)
				<-ctx.Done() // as one that reads from a channel
			}
		}
		same := func(_ context.Context, _, x int) (int, error) { return x, nil }
		s, err := newStream(same, source, func(x int) any { return x }, []Option{WithPool(NewPool(2)), WithContext(ctx)})
		if err != nil {
			cancel()
			t.Fatal(err)
		}
		err = s.give(func(int, error) bool {
			cancel()
			<-s.ended
			return true
		})
		s.end(err)
		if !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
	}
}

// Tasks that end their goroutines once the run was told to end, as those of interrupted
// cells do, are cut off.
func TestTasksThatEndTheirGoroutinesAtTheEndAreCancelled(t *testing.T) {
	for name, opts := range map[string][]Option{"stream": nil, "time limit": {WithTaskTimeout(time.Hour)}} {
		ctx, cancel := context.WithCancel(t.Context())
		started := make(chan bool, 2)
		var run Run
		go func() {
			<-started
			<-started
			cancel()
		}()
		wait := func(ctx context.Context, x int) (int, error) {
			started <- true
			<-ctx.Done()
			runtime.Goexit()
			return 0, nil
		}
		for range ImapContext(ctx, wait, slices.Values(upTo(9)), append(opts, WithWorkers(2), WithRun(&run))...) {
		}
		if m := run.Measure(); m.Failed != 0 || m.Cancelled < 2 { // more, if others had begun
			t.Errorf("%s: %d failed, %d cancelled", name, m.Failed, m.Cancelled)
		}
	}
}

func TestASourceThatEndsItsGoroutineIsAFault(t *testing.T) {
	source := func(yield func(int) bool) {
		yield(1)
		runtime.Goexit()
	}
	var ys []int
	var last error
	for y, err := range Imap(double, source, WithPool(NewPool(2))) {
		if last = err; err == nil {
			ys = append(ys, y)
		}
	}
	if !errors.Is(last, errSourceGoexit) || !slices.Equal(ys, []int{2}) {
		t.Error(ys, last)
	}
}

func TestClosedTicksDoNotSpin(t *testing.T) {
	ticks := make(chan time.Time)
	close(ticks)
	reports := 0
	patient := func(x int) int {
		for range 10_000 {
			runtime.Gosched()
		}
		return x
	}
	for range Imap(patient, slices.Values(upTo(1)), WithPool(NewPool(1)), WithTicks(ticks), WithProgress(1, func(Progress) { reports++ })) {
	}
	if reports > 2 { // one for the close, one at the end
		t.Error(reports, "reports")
	}
}

// A brittle error cannot be asked what it wraps where it is nil.
type brittle struct{ cause error }

func (e *brittle) Error() string { return "brittle" }
func (e *brittle) Unwrap() error { return e.cause }

func TestErrorsWhoseMethodsPanicAreFailuresLikeOthers(t *testing.T) {
	fail := func(int) (int, error) { var e *brittle; return 0, e }
	for name, opts := range map[string][]Option{
		"plain": nil, "collect": {WithCollect()}, "replacement": {WithReplacement(1)}, "retry": {WithRetry(Retry{Attempts: 2})},
		"limit": {WithTaskTimeout(time.Hour)},
	} {
		var run Run
		opts = append(opts, WithPool(NewPool(2)), WithRun(&run))
		_, err := MapErr(fail, upTo(1), opts...)
		if m := run.Measure(); m.Failed != 1 || (err == nil) != (name == "replacement") {
			t.Errorf("%s: %+v, %v", name, m, err)
		}
		for _, err := range ImapErr(fail, slices.Values(upTo(1)), opts...) {
			if (err == nil) != (name == "replacement") {
				t.Errorf("imap, %s: %v", name, err)
			}
		}
		if m := run.Measure(); m.Failed != 1 {
			t.Errorf("imap, %s: %+v", name, m)
		}
	}
}

func TestACutOffErrorIsCancelledWhateverItWraps(t *testing.T) {
	var e *brittle
	err := cutOff(&TaskError{Err: e})
	var fault *TaskError
	if !cancels(err) || !errors.Is(err, context.Canceled) || !errors.As(err, &fault) || !strings.Contains(err.Error(), "canceled") {
		t.Error(err)
	}
}

func TestARetryWhoseIfPanicsOrEndsItsGoroutine(t *testing.T) {
	for want, f := range map[string]func(error) bool{
		"Retry.If panicked: no idea":   func(error) bool { panic("no idea") },
		"Retry.If ended its goroutine": func(error) bool { runtime.Goexit(); return true },
	} {
		var run Run
		broken := errors.New("broken")
		opts := []Option{WithPool(NewPool(1)), WithRun(&run), WithRetry(Retry{Attempts: 3, If: f})}
		fail := func(x int) (int, error) {
			if x == 20 {
				return 0, broken
			}
			return x, nil
		}
		_, err := MapErr(fail, upTo(40), opts...)
		if !errors.Is(err, broken) || !strings.Contains(err.Error(), want) {
			t.Error(err)
		}
		checkOnce(t, &run, 21)
		var errs []error
		for _, err := range ImapErr(fail, slices.Values(upTo(40)), opts...) {
			if err != nil {
				errs = append(errs, err)
			}
		}
		if len(errs) != 1 || !errors.Is(errs[0], broken) || !strings.Contains(errs[0].Error(), want) {
			t.Error(errs)
		}
		checkOnce(t, &run, 40)
	}
}

// checkOnce says whether the first n tasks have a record each, and others none.
func checkOnce(t *testing.T, run *Run, n int) {
	t.Helper()
	next := 0
	for _, rec := range run.Records {
		if rec.Index != next || rec.Attempt != 1 {
			t.Errorf("%+v, not of task %d", rec, next)
		}
		next = rec.Index + rec.Count
	}
	if next != n {
		t.Errorf("records of %d tasks, not %d", next, n)
	}
}

func TestTheAccountAndPartialShareTheMarks(t *testing.T) { // with -race
	const n = 1 << 14
	w := &worker{}
	for i := range n {
		w.marks = append(w.marks, mark{index: i * 7919 % n, count: 1})
	}
	r := &run{job: job{n: n}, start: time.Now(), workers: []*worker{w}}
	begun, accounted, done := make(chan struct{}), make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		close(begun)
		for {
			r.mu.Lock()
			r.results()
			r.mu.Unlock()
			select {
			case <-accounted:
				return
			default:
			}
		}
	}()
	<-begun
	a := r.account(nil)
	close(accounted)
	<-done
	checkOnce(t, &a, n)
}

func TestAnAbandonedRetryIsRecordedAsOne(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	release := make(chan struct{})
	defer close(release)
	var run Run
	var calls atomic.Int32
	_, err := MapErr(func(int) (int, error) {
		if calls.Add(1) == 1 {
			return 0, errors.New("no")
		}
		cancel()
		<-release
		return 0, nil
	}, upTo(1), WithPool(NewPool(1)), WithContext(ctx), WithRetry(Retry{Attempts: 3}), WithRun(&run))
	if !errors.Is(err, context.Canceled) || len(run.Records) != 2 || run.Records[1].Attempt != 2 || !errors.Is(run.Records[1].Err, ErrAbandoned) {
		t.Errorf("%v, %+v", err, run.Records)
	}
}

func TestATaskThatEndsItsGoroutineIsTriedAgain(t *testing.T) {
	var run Run
	var calls atomic.Int32
	ys, err := MapErr(func(x int) (int, error) {
		if calls.Add(1) < 3 {
			runtime.Goexit()
		}
		return x + 7, nil
	}, upTo(1), WithPool(NewPool(1)), WithRetry(Retry{Attempts: 3}), WithRun(&run))
	if err != nil || ys[0] != 7 || len(run.Records) != 3 {
		t.Fatalf("%v, %v, %+v", ys, err, run.Records)
	}
	for i, rec := range run.Records {
		if rec.Attempt != i+1 || (rec.Err != nil) != rec.Retried || rec.Retried && !errors.Is(rec.Err, errGoexit) {
			t.Errorf("%+v", rec)
		}
	}
}

func TestTasksThatEndTheirGoroutineDoNotStopACallThatGoesOn(t *testing.T) {
	for _, unattended := range []bool{false, true} {
		for name, opt := range map[string]Option{"collect": WithCollect(), "replacement": WithReplacement(-1)} {
			var run Run
			task := func(x int) (int, error) {
				if x == 2 || x == 3 {
					runtime.Goexit()
				}
				return x, nil
			}
			opts := []Option{WithPool(NewPool(2)), opt, WithRun(&run)}
			ys, err := []int(nil), error(nil)
			if unattended {
				ys, err = MapErrAsync(task, upTo(6), opts...).Get()
			} else {
				ys, err = MapErr(task, upTo(6), opts...)
			}
			want, failures := []int{0, 1, 0, 0, 4, 5}, 2
			if name == "replacement" {
				want, failures = []int{0, 1, -1, -1, 4, 5}, 0
			}
			var all *Errors
			if errors.As(err, &all); !slices.Equal(ys, want) || all == nil != (failures == 0) || all != nil && len(all.Failed) != failures {
				t.Errorf("%s: %v, %v", name, ys, err)
			}
			checkOnce(t, &run, 6)
		}
	}
}

func TestACanceledOfATasksOwnIsAFailure(t *testing.T) {
	task := func(x int) (int, error) {
		if x == 2 {
			return 0, context.Canceled
		}
		return x, nil
	}
	for name, opt := range map[string]Option{"collect": WithCollect(), "replacement": WithReplacement(-1)} {
		var run Run
		opts := []Option{WithPool(NewPool(1)), WithRun(&run), opt}
		ys, err := MapErr(task, upTo(6), opts...)
		var all *Errors
		if found := errors.As(err, &all); found != (name == "collect") || found && !errors.Is(err, context.Canceled) || ys[5] != 5 {
			t.Errorf("%s: %v, %v", name, ys, err)
		}
		if m := run.Measure(); m.Failed != 1 || m.Cancelled != 0 || m.Done != 5 {
			t.Errorf("%s: %+v", name, m)
		}
		ys = nil
		for y, err := range ImapErr(task, slices.Values(upTo(6)), opts...) {
			if ys = append(ys, y); (err != nil) != (name == "collect" && len(ys) == 3) {
				t.Errorf("imap, %s: %v", name, err)
			}
		}
		if m := run.Measure(); m.Failed != 1 || m.Cancelled != 0 || len(ys) != 6 {
			t.Errorf("imap, %s: %v, %+v", name, ys, m)
		}
	}
	var run Run
	_, err := MapErr(task, upTo(6), WithPool(NewPool(1)), WithRun(&run))
	if m := run.Measure(); !errors.Is(err, context.Canceled) || m.Failed != 1 || m.Cancelled != 0 {
		t.Errorf("%v, %+v", err, m)
	}
}

func TestAnEndKeepsTheFailuresCollectedSoFar(t *testing.T) {
	why := errors.New("enough")
	broken := errors.New("broken")
	ctx, cancel := context.WithCancelCause(context.Background())
	_, err := MapContext(ctx, func(ctx context.Context, x int) (int, error) {
		if x == 0 {
			return 0, broken
		}
		cancel(why)
		return 0, ctx.Err()
	}, upTo(2), WithPool(NewPool(1)), WithCollect())
	var all *Errors
	if !errors.As(err, &all) || len(all.Failed) != 1 || all.Failed[0].Index != 0 || !errors.Is(err, broken) || !errors.Is(err, why) {
		t.Error(err)
	}
}

func TestMapValueTakesMapsWithNaNs(t *testing.T) {
	nan := math.NaN()
	xs := map[float64]int{nan: 1, 2: 20}
	xs[nan] = 1 // another one
	ys, err := MapValue(t.Context(), reflect.ValueOf(double), reflect.ValueOf(xs))
	if err != nil || !reflect.DeepEqual(ys.Interface(), []int{2, 2, 40}) {
		t.Error(ys, err)
	}
}

func TestWhatALateTaskHadIsNotGivenToOthers(t *testing.T) {
	type state struct{ late atomic.Bool }
	gate := make(chan struct{})
	start := func(int) (*state, error) { return new(state), nil }
	_, err := MapWorker(start, func(s *state, x int) (int, error) {
		switch {
		case s.late.Load():
			t.Error("it was")
		case x == 0:
			<-gate // its time is over
			s.late.Store(true)
		case x == 1:
			close(gate)
		default:
			for range 100 {
				runtime.Gosched()
			}
		}
		return x, nil
	}, upTo(300), WithPool(NewPool(1)), WithTaskTimeout(100*time.Millisecond), WithCollect())
	var all *Errors
	if !errors.As(err, &all) || all.Failed[0].Index != 0 {
		t.Error(err)
	}
}
