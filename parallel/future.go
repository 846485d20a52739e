package parallel

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"reflect"
	"runtime/debug"
	"slices"
	"sync"
	"time"
)

// A Future is a call under way: of [MapAsync], [ApplyAsync] and their like. All its
// methods may be called from any goroutine.
type Future[R any] struct {
	label  string
	cancel context.CancelCauseFunc
	done   chan struct{}
	call   *call

	replaces, unordered bool // see WithReplacement and WithUnordered
	opaque              bool // the call's results are not those of its tasks; known at its end

	mu       sync.Mutex
	result   R
	err      error
	running  *run          // nil before it starts, and when it has ended
	left     chan struct{} // of the run that has ended; see Drained
	last     Progress
	run      Run
	callback []func()
	waiting  []func() // of loops over AsCompleted; they come first, and do not block
}

// errNotReady is what Result says of a call that has not ended.
var errNotReady = errors.New("parallel: the call has not ended; Get waits for it")

// ErrCancelled is the cause of the end of a call whose Future was cancelled. It is a
// context.Canceled.
var ErrCancelled = cancelled{}

type cancelled struct{}

func (cancelled) Error() string { return "cancelled" }

// Unwrap makes it a context.Canceled.
func (cancelled) Unwrap() error { return context.Canceled }

// MapAsync starts [Map] and returns at once.
func MapAsync[T, R any](f func(T) R, xs []T, opts ...Option) *Future[[]R] {
	return goInOrder(func(_ context.Context, opts ...Option) ([]R, error) { return Map(f, xs, opts...) }, opts...)
}

// MapErrAsync starts [MapErr] and returns at once.
func MapErrAsync[T, R any](f func(T) (R, error), xs []T, opts ...Option) *Future[[]R] {
	return goInOrder(func(_ context.Context, opts ...Option) ([]R, error) { return MapErr(f, xs, opts...) }, opts...)
}

// MapContextAsync starts [MapContext] and returns at once.
func MapContextAsync[T, R any](ctx context.Context, f func(context.Context, T) (R, error), xs []T, opts ...Option) *Future[[]R] {
	return goInOrder(func(ctx context.Context, opts ...Option) ([]R, error) { return MapContext(ctx, f, xs, opts...) },
		append(opts[:len(opts):len(opts)], WithContext(ctx))...)
}

// StarmapAsync starts [Starmap] and returns at once.
func StarmapAsync[A, B, R any](f func(A, B) R, args []Pair[A, B], opts ...Option) *Future[[]R] {
	return goInOrder(func(_ context.Context, opts ...Option) ([]R, error) { return Starmap(f, args, opts...) }, opts...)
}

// ApplyAsync starts [Apply] and returns at once.
func ApplyAsync[T, R any](f func(T) R, x T, opts ...Option) *Future[R] {
	return goInOrder(func(_ context.Context, opts ...Option) (R, error) { return Apply(f, x, opts...) }, opts...)
}

// ApplyErrAsync starts [ApplyErr] and returns at once.
func ApplyErrAsync[T, R any](f func(T) (R, error), x T, opts ...Option) *Future[R] {
	return goInOrder(func(_ context.Context, opts ...Option) (R, error) { return ApplyErr(f, x, opts...) }, opts...)
}

// Go starts any call of the map family and returns at once. call makes one such call,
// and hands on to it the options that it is given, and the context if it takes one: they
// are opts, and what the Future needs to cancel and to watch the call.
//
// The call counts as one of its pool from now on: a [Pool.Close] waits for it. It comes to
// the pool's workers when call has made it; [ApplyAsync], [MapAsync] and their like have
// come to them when they return, so that such calls begin in their order.
func Go[R any](call func(ctx context.Context, opts ...Option) (R, error), opts ...Option) *Future[R] {
	return begin(false, call, opts)
}

// begin is Go; a call that is single has one run.
func begin[R any](single bool, call func(ctx context.Context, opts ...Option) (R, error), opts []Option) *Future[R] {
	o := resolve(opts)
	ctx, cancel := context.WithCancelCause(o.ctx)
	f := &Future[R]{
		label: o.label, cancel: cancel, done: make(chan struct{}),
		replaces: o.onError == replaceResult, unordered: o.unordered, call: newCall(o.pool, single),
	}
	run, start := &Run{}, time.Now()
	err := o.pool.enter(false)
	if call == nil {
		err = errNilFunc
	}
	if err != nil {
		cancel(nil)
		f.call.announce()
		var none R
		f.end(none, err, run)
		return f
	}
	background := func(o *options) { o.watch, o.call = f.watch, f.call }
	opts = append(opts[:len(opts):len(opts)], WithPool(o.pool), WithContext(ctx), WithRun(run), background)
	go func() {
		var result R
		err := error(errGoexit)
		defer func() {
			if value := recover(); value != nil { // of call itself, or of what reports its progress
				err = panicked(value)
			}
			if cause := context.Cause(ctx); err != nil && cause != nil && run.Start.IsZero() && !errors.Is(err, cause) {
				err = fmt.Errorf("parallel: stopped before its first task: %w", cause)
			}
			cancel(nil)
			if run.Start.IsZero() { // it has not come to its tasks
				*run = Run{Label: o.label, Workers: o.workers, Start: start, Wall: time.Since(start), Err: err}
			}
			if o.into != nil {
				*o.into = *run
			}
			f.call.repay()
			f.call.announce()
			callbacks := f.settle(result, err, run)
			o.pool.exit()
			f.inform(callbacks)
		}()
		result, err = call(ctx, opts...)
	}()
	return f
}

// panicked is the error of a call that panics.
func panicked(value any) error {
	stack := trimStack(debug.Stack())
	if err, ok := value.(error); ok {
		return fmt.Errorf("parallel: panic: %w\n%s", err, stack)
	}
	return fmt.Errorf("parallel: panic: %v\n%s", value, stack)
}

// goInOrder is [Go] for a call that does nothing else before: it returns when the call is
// in the pool's queue.
func goInOrder[R any](call func(ctx context.Context, opts ...Option) (R, error), opts ...Option) *Future[R] {
	f := begin(true, call, opts)
	<-f.call.queued
	return f
}

// watch is called when the run starts.
func (f *Future[R]) watch(r *run) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.running = r
}

// end ends a call that has not begun.
func (f *Future[R]) end(result R, err error, run *Run) { f.inform(f.settle(result, err, run)) }

// settle notes how the call has ended, and returns the callbacks that are to hear of it.
func (f *Future[R]) settle(result R, err error, run *Run) []func() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.result, f.err, f.run = result, err, *run
	f.last = Progress{Label: f.label, Elapsed: run.Wall}
	if f.running != nil {
		f.left = f.running.done
		f.last, f.opaque = f.running.reached(true), f.running.opaque
		f.last.Elapsed = run.Wall
	}
	f.last.Final = true
	callbacks := f.callback
	f.callback, f.running = nil, nil
	close(f.done)
	for _, tell := range f.waiting {
		tell()
	}
	f.waiting = nil
	return callbacks
}

// inform calls functions that the user wants called at the end, whatever they do. That
// one panics is no fault of the call, whose end others wait for: it is logged.
func (f *Future[R]) inform(callbacks []func()) {
	if len(callbacks) == 0 {
		return
	}
	defer f.inform(callbacks[1:])
	defer func() {
		if value := recover(); value != nil {
			slog.Error("parallel: a function given to OnSuccess or OnError panicked",
				"panic", value, "call", f.label, "stack", string(trimStack(debug.Stack())))
		}
	}()
	callbacks[0]()
}

// Get waits for the end of the call and returns what it returned.
func (f *Future[R]) Get() (R, error) {
	_ = f.Wait(context.Background()) // which does not end
	return f.result, f.err
}

// Wait waits for the end of the call, or of ctx, whose error it returns then: the call
// goes on.
func (f *Future[R]) Wait(ctx context.Context) error {
	if f.Ready() {
		return nil
	}
	defer lend(f.call).back()
	select {
	case <-f.done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Done is closed when the call has ended.
func (f *Future[R]) Done() <-chan struct{} { return f.done }

// Drained waits, when the call has ended, until no task of it runs any more: the end of a
// call that was cancelled abandons tasks that do not listen to their context.
func (f *Future[R]) Drained() {
	_ = f.Wait(context.Background())
	if f.left != nil {
		defer lend().back()
		<-f.left
	}
}

// Ready says whether the call has ended.
func (f *Future[R]) Ready() bool {
	select {
	case <-f.done:
		return true
	default:
		return false
	}
}

// Successful says whether the call has ended without an error.
func (f *Future[R]) Successful() bool { return f.Ready() && f.err == nil }

// Result returns what the call returned, and an error if it has not ended.
func (f *Future[R]) Result() (R, error) {
	if !f.Ready() {
		var zero R
		return zero, errNotReady
	}
	return f.result, f.err
}

// Cancel ends the call, as the end of its context does.
func (f *Future[R]) Cancel() { f.cancel(ErrCancelled) }

// Label is the call's; see [WithLabel].
func (f *Future[R]) Label() string { return f.label }

// Progress is how far the call has come: while it runs and after. The Total is 0 until
// its tasks are known.
func (f *Future[R]) Progress() Progress {
	f.mu.Lock()
	defer f.mu.Unlock()
	switch {
	case f.running != nil:
		return f.running.reached(false)
	case f.Ready():
		return f.last
	}
	return Progress{Label: f.label}
}

// Partial returns the results that there are, zero values elsewhere, and which of them
// there are: while the call runs and after. With [WithUnordered] they are the first ones.
// There are none of a call whose results are not those of its tasks, as of [Reduce],
// until it has ended.
func (f *Future[R]) Partial() (result R, done []bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if r := f.running; r != nil {
		return partial[R](r)
	}
	if f.opaque {
		return f.result, nil
	}
	done = make([]bool, f.run.Tasks)
	at := 0
	for _, rec := range f.run.Records {
		if rec.Err != nil && (!f.replaces || rec.Retried || rec.Cancelled()) {
			continue
		}
		if !f.unordered {
			at = rec.Index
		}
		for range rec.Count {
			done[at] = true
			at++
		}
	}
	return f.result, done
}

// partial copies the results that a run has so far.
func partial[R any](r *run) (result R, done []bool) {
	if r.copyDone == nil {
		return result, nil
	}
	r.mu.Lock()
	list := r.results()
	r.mu.Unlock()
	done = make([]bool, r.n)
	at := 0
	for _, s := range list {
		if !r.unordered {
			at = s.lo
		}
		for range s.hi - s.lo {
			done[at] = true
			at++
		}
	}
	switch copied := r.copyDone(list, r.unordered).(type) {
	case R:
		result = copied
	default:
		if v, ok := any(&result).(*reflect.Value); ok {
			*v = reflect.ValueOf(copied)
		}
	}
	return result, done
}

// Run is the account of the call; it is empty until the call has ended.
func (f *Future[R]) Run() Run {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.run
}

// OnSuccess has call called with the result when the call ends without an error; at
// once, if it has.
func (f *Future[R]) OnSuccess(call func(R)) {
	f.then(func() {
		if f.err == nil {
			call(f.result)
		}
	})
}

// OnError has call called with the error when the call ends with one; at once, if it
// has.
func (f *Future[R]) OnError(call func(error)) {
	f.then(func() {
		if f.err != nil {
			call(f.err)
		}
	})
}

func (f *Future[R]) then(call func()) {
	f.mu.Lock()
	if !f.Ready() {
		f.callback = append(f.callback, call)
		f.mu.Unlock()
		return
	}
	f.mu.Unlock()
	f.inform([]func(){call})
}

// AsCompleted gives the futures as their calls end, each with its place among them.
// A loop that ends early leaves the calls to themselves.
func AsCompleted[R any](futures ...*Future[R]) iter.Seq2[int, *Future[R]] {
	return AsCompletedContext(context.Background(), futures...)
}

// AsCompletedContext is [AsCompleted] that waits no longer than ctx allows: the loop ends
// then, and the other calls go on.
func AsCompletedContext[R any](ctx context.Context, futures ...*Future[R]) iter.Seq2[int, *Future[R]] {
	return func(yield func(int, *Future[R]) bool) {
		ended := make(chan int, len(futures)) // nobody waits for room
		calls := make([]*call, len(futures))
		for i, f := range futures {
			calls[i] = f.call
			f.tell(func() { ended <- i })
		}
		for range futures {
			i, ok := receive(ctx, ended, calls)
			if !ok || !yield(i, futures[i]) {
				return
			}
			calls = slices.DeleteFunc(calls, func(c *call) bool { return c == futures[i].call })
		}
	}
}

// receive waits for a value from c, or for the end of ctx, as one that waits for calls.
func receive(ctx context.Context, c <-chan int, calls []*call) (int, bool) {
	select { // also when ctx has ended
	case i := <-c:
		return i, true
	default:
	}
	defer lend(calls...).back()
	select {
	case i := <-c:
		return i, true
	case <-ctx.Done():
		return 0, false
	}
}

// tell has a function called when the call has ended; at once, if it has.
func (f *Future[R]) tell(call func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.Ready() {
		call()
		return
	}
	f.waiting = append(f.waiting, call)
}
