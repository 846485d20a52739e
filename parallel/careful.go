package parallel

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"
)

// Tasks are run with care, one by one, where a call wants more than to stop at the
// first failure: retries, a time limit for each, all errors, or a value in the place
// of a failed one. It costs some 100 ns a task.

// onError is what becomes of a call when a task has failed for good.
type onError int

const (
	stopOnError onError = iota
	collectErrors
	replaceResult
)

// WithCollect runs all tasks whatever becomes of others. The call then returns an
// [*Errors] with all failures, and the results that there are. The error of a call that
// ends sooner, as by [WithTimeout], wraps the failures so far and why it has ended.
func WithCollect() Option {
	return func(o *options) { o.onError = collectErrors }
}

// WithReplacement puts v in the place of the result of each task that fails, and goes
// on; the call returns no error for it. v must be of the type of the results. The
// failures stand in the records.
func WithReplacement(v any) Option {
	return func(o *options) { o.onError, o.replacement = replaceResult, v }
}

// WithTaskTimeout gives each attempt of a task d to end. The context that the task
// sees ends then, and the call goes on without the task, whether it listens or not: it
// has failed with a [*TimeoutError]. A task that does not listen goes on in a goroutine
// of its own until it returns, and its result is dropped.
func WithTaskTimeout(d time.Duration) Option {
	return func(o *options) { o.taskTimeout = max(d, 0) }
}

// WithTimeout ends the whole call after d, as the end of its context does; its error
// then is context.DeadlineExceeded.
func WithTimeout(d time.Duration) Option {
	return func(o *options) { o.timeout = max(d, 0) }
}

// A TimeoutError says that a task took longer than [WithTaskTimeout] allows. It is a
// context.DeadlineExceeded.
type TimeoutError struct{ After time.Duration }

func (e *TimeoutError) Error() string { return fmt.Sprintf("the task took longer than %v", e.After) }

// Unwrap makes it a context.DeadlineExceeded.
func (e *TimeoutError) Unwrap() error { return context.DeadlineExceeded }

// Errors are the failures of the tasks of a call with [WithCollect], by index.
type Errors struct {
	Failed []*TaskError
	Tasks  int // of the call
}

// Error names the first failures.
func (e *Errors) Error() string {
	const shown = 3
	s := fmt.Sprintf("%d of %d tasks failed", len(e.Failed), e.Tasks)
	for n, f := range e.Failed {
		if n == shown {
			return s + fmt.Sprintf("; and %d more", len(e.Failed)-n)
		}
		sep := "; "
		if n == 0 {
			sep = ": "
		}
		s += sep + f.Error()
	}
	return s
}

// Unwrap returns the failures, for errors.Is and errors.As.
func (e *Errors) Unwrap() []error {
	list := make([]error, len(e.Failed))
	for i, f := range e.Failed {
		list[i] = f
	}
	return list
}

// WithSeed makes what [MapRand] and its like hand out the same in every run: task i has
// the same stream of random numbers whatever the workers and the chunks are. Without it
// the seed is drawn, and stands in the [Run].
func WithSeed(seed uint64) Option {
	return func(o *options) { o.seed, o.seeded = seed, true }
}

// careful says that the tasks are to be run one by one.
func (o *options) careful() bool {
	return o.retry != nil || o.taskTimeout > 0 || o.onError != stopOnError
}

// carefully is serve in goroutines of its own: another one when a task has ended the last.
func (w *worker) carefully() {
	whole := false
	for !whole && w.run.stopped.Load() == 0 {
		over := make(chan struct{})
		go func() {
			defer close(over)
			defer w.occupy().leave()
			w.serve()
			whole = true
		}()
		<-over
	}
}

// careful runs the tasks from w.lo up to hi−1, and writes down how each went. It
// returns early when w.sig is set.
func (w *worker) careful(started time.Duration, hi int) {
	r := w.run
	attempt := max(w.tries, 1)
	began, first := started, w.lo
	good, since := w.lo, started // the tasks from here ended well, and are not written down yet
	writeGood := func() {
		w.write(mark{good, w.at - good, 1, false, since, started, nil}, w.at, hi, attempt, started)
		w.lo = w.at
	}
	ended := func(fault *TaskError) { // task w.at has
		now := time.Since(r.start)
		switch {
		case fault != nil:
			writeGood()
			w.failed(fault, started, now, hi)
		case attempt > 1:
			w.write(mark{w.at, 1, attempt, false, started, now, nil}, w.at+1, hi, attempt, now)
		}
		w.at++
		if fault != nil || attempt > 1 {
			good, since = w.at, now
			w.lo = w.at
		}
		started = now
	}
	running := false
	defer func() {
		if running { // it ends this goroutine
			fault := newTaskError(w.at, w.id, r.input, nil, r.exited())
			fault.Attempt = attempt
			ended(fault)
		}
		writeGood()
		w.measure(w.at-first, started-began, started)
		w.mu.Lock()
		w.now = interval{}
		w.mu.Unlock()
	}()
	for w.at = w.lo; w.at < hi; {
		if r.ctx.Err() != nil { // sooner than it is heard of: no task starts any more
			r.halt(context.Cause(r.ctx))
			break
		}
		running = true
		fault := w.attempt(w.at, attempt)
		running = false
		ended(fault)
		if w.sig.Load() != 0 || w.post != nil && !w.post.ready {
			break
		}
	}
}

// write keeps a mark, if it is of any task, and notes that an attempt at the tasks lo to
// hi−1 runs now.
func (w *worker) write(m mark, lo, hi, attempt int, now time.Duration) {
	cut := m.err != nil && cancels(m.err)
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		return
	}
	w.now, w.nowTry, w.since = interval{lo, hi}, attempt, now
	if m.count > 0 {
		w.marks = append(w.marks, m)
		if m.err == nil {
			w.done += m.count
		} else if !m.again && !cut {
			w.failures += m.count
		}
	}
}

// failed decides what becomes of a task that has failed.
func (w *worker) failed(fault *TaskError, started, now time.Duration, hi int) {
	r := w.run
	i, attempt := fault.Index, fault.Attempt
	m := mark{i, 1, attempt, false, started, now, r.judge(fault)}
	ended := r.ctx.Err() != nil || r.stopped.Load() != 0
	switch again := r.retry.again(fault); {
	case again && !ended:
		m.again = true
		w.write(m, i+1, hi, attempt, now)
		r.retryLater(later{now + r.retry.pause(attempt+1), i, attempt + 1})
		return
	case again:
		m.err = cutOff(m.err) // it is not known what would have become of it
	case r.onError == stopOnError:
		r.fail(fault)
	case cancels(m.err):
		r.halt(context.Cause(r.ctx))
	case r.onError == replaceResult:
		r.replace(i)
	default:
		r.mu.Lock()
		r.failures = append(r.failures, fault)
		r.mu.Unlock()
	}
	w.write(m, i+1, hi, attempt, now)
}

// attempt runs task i once.
func (w *worker) attempt(i, attempt int) (fault *TaskError) {
	r := w.run
	if r.taskTimeout == 0 {
		fault = w.try(w.ctx, i, nil)
	} else {
		fault = w.within(i)
	}
	if fault != nil {
		fault.Attempt = attempt
	}
	return fault
}

// What has become of a task that runs within a time limit.
const (
	open    = iota
	settled // it has ended
	givenUp // it goes on, and nobody waits
)

// within runs task i in a goroutine of its own, for at most the time that tasks have.
func (w *worker) within(i int) *TaskError {
	r := w.run
	limit := &TimeoutError{r.taskTimeout}
	ctx, cancel := context.WithTimeoutCause(w.ctx, r.taskTimeout, limit)
	defer cancel()
	var state atomic.Int32
	var own atomic.Pointer[occupant] // the task's
	done := make(chan *TaskError, 1)
	post := w.post
	go func() {
		var fault *TaskError
		whole := false
		defer func() {
			if !whole { // the task has ended the goroutine
				fault = newTaskError(i, w.id, r.input, nil, r.exited())
			}
			if !state.CompareAndSwap(open, settled) && state.Load() == givenUp {
				r.pool.vacate(post)
			}
			done <- fault
		}()
		if place := w.place; place != nil {
			o := occupy(place.pool)
			defer o.leave()
			if own.Store(o); state.Load() == givenUp {
				o.retire()
			}
		}
		if state.Load() == open {
			fault = w.try(ctx, i, func() bool { return state.CompareAndSwap(open, settled) })
		}
		whole = true
	}()
	select {
	case fault := <-done:
		if fault != nil && fault.Value == nil && ctx.Err() != nil && r.ctx.Err() == nil && isError(fault, context.DeadlineExceeded) {
			fault.Err = limit // it listened
		}
		return fault
	case <-ctx.Done():
		if !state.CompareAndSwap(open, givenUp) {
			return <-done
		}
		own.Load().retire()
		if w.post != nil { // the task still has it
			w.hire()
		}
		err := error(limit)
		if end := r.ctx.Err(); end != nil {
			err = end
		}
		return newTaskError(i, w.id, r.input, nil, err)
	}
}

// try calls the function on task i, whatever it does. keep, if it is not nil, says
// whether the result is still wanted.
func (w *worker) try(ctx context.Context, i int, keep func() bool) (fault *TaskError) {
	r := w.run
	returned := false
	defer func() {
		if returned {
			return
		}
		if value := recover(); value != nil {
			fault = newTaskError(i, w.id, r.input, value, nil)
		} // else the goroutine ends
	}()
	err := r.each(ctx, i, keep)
	returned = true
	if err != nil {
		return newTaskError(i, w.id, r.input, nil, err)
	}
	return nil
}
