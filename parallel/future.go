package parallel

import (
	"context"
	"errors"
	"iter"
	"sync"
)

// A Future is a call under way: of [MapAsync], [ApplyAsync] and their like. All its
// methods may be called from any goroutine.
type Future[R any] struct {
	label  string
	cancel context.CancelCauseFunc
	done   chan struct{}

	mu       sync.Mutex
	result   R
	err      error
	partial  func() ([]bool, R) // of what runs
	run      Run
	callback []func()
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
	return start(opts, func(opts []Option, watch Option) ([]R, error) { return Map(f, xs, append(opts, watch)...) })
}

// MapErrAsync starts [MapErr] and returns at once.
func MapErrAsync[T, R any](f func(T) (R, error), xs []T, opts ...Option) *Future[[]R] {
	return start(opts, func(opts []Option, watch Option) ([]R, error) { return MapErr(f, xs, append(opts, watch)...) })
}

// MapContextAsync starts [MapContext] and returns at once.
func MapContextAsync[T, R any](ctx context.Context, f func(context.Context, T) (R, error), xs []T, opts ...Option) *Future[[]R] {
	return start(append(opts[:len(opts):len(opts)], WithContext(ctx)), func(opts []Option, watch Option) ([]R, error) {
		return MapContext(resolve(opts).ctx, f, xs, append(opts, watch)...)
	})
}

// StarmapAsync starts [Starmap] and returns at once.
func StarmapAsync[A, B, R any](f func(A, B) R, args []Pair[A, B], opts ...Option) *Future[[]R] {
	return start(opts, func(opts []Option, watch Option) ([]R, error) { return Starmap(f, args, append(opts, watch)...) })
}

// ApplyAsync starts [Apply] and returns at once.
func ApplyAsync[T, R any](f func(T) R, x T, opts ...Option) *Future[R] {
	return start(opts, func(opts []Option, watch Option) (R, error) { return Apply(f, x, append(opts, watch)...) })
}

// ApplyErrAsync starts [ApplyErr] and returns at once.
func ApplyErrAsync[T, R any](f func(T) (R, error), x T, opts ...Option) *Future[R] {
	return start(opts, func(opts []Option, watch Option) (R, error) { return ApplyErr(f, x, append(opts, watch)...) })
}

// start makes a future of a call. The call takes the options that it is given, and
// watch besides.
func start[R any](opts []Option, call func(opts []Option, watch Option) (R, error)) *Future[R] {
	o := resolve(opts)
	ctx, cancel := context.WithCancelCause(o.ctx)
	f := &Future[R]{label: o.label, cancel: cancel, done: make(chan struct{})}
	run := &Run{}
	opts = append(opts[:len(opts):len(opts)], WithContext(ctx), WithRun(run))
	into := o.into
	watch := func(o *options) { o.watch = f.watch }
	go func() {
		var result R
		err := error(errGoexit)
		defer func() {
			cancel(nil)
			if into != nil {
				*into = *run
			}
			f.end(result, err, run)
		}()
		result, err = call(opts, watch)
	}()
	return f
}

// watch is called when the run starts.
func (f *Future[R]) watch(r *run) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.partial = func() ([]bool, R) {
		var zero R
		if r.copyDone == nil {
			return nil, zero
		}
		done := make([]bool, r.n)
		result, _ := r.copyDone(r.finished(done)).(R)
		return done, result
	}
}

func (f *Future[R]) end(result R, err error, run *Run) {
	f.mu.Lock()
	f.result, f.err, f.run = result, err, *run
	callbacks := f.callback
	f.callback, f.partial = nil, nil
	close(f.done)
	f.mu.Unlock()
	for _, c := range callbacks {
		c()
	}
}

// Get waits for the end of the call and returns what it returned.
func (f *Future[R]) Get() (R, error) {
	<-f.done
	return f.result, f.err
}

// Wait waits for the end of the call, or of ctx, whose error it returns then: the call
// goes on.
func (f *Future[R]) Wait(ctx context.Context) error {
	select {
	case <-f.done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Done is closed when the call has ended.
func (f *Future[R]) Done() <-chan struct{} { return f.done }

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

// Partial returns the results that there are, zero values elsewhere, and which tasks
// they are of: while the call runs and after.
func (f *Future[R]) Partial() (result R, done []bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.partial != nil {
		done, result = f.partial()
		return result, done
	}
	done = make([]bool, f.run.Tasks)
	for _, rec := range f.run.Records {
		for i := rec.Index; i < rec.Index+rec.Count && rec.Err == nil; i++ {
			done[i] = true
		}
	}
	return f.result, done
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
	call()
}

// AsCompleted gives the futures as their calls end, each with its place among them.
// A loop that ends early leaves the calls to themselves.
func AsCompleted[R any](futures ...*Future[R]) iter.Seq2[int, *Future[R]] {
	return func(yield func(int, *Future[R]) bool) {
		ended := make(chan int, len(futures)) // nobody waits for room
		for i, f := range futures {
			f.then(func() { ended <- i })
		}
		for range futures {
			i := <-ended
			if !yield(i, futures[i]) {
				return
			}
		}
	}
}

// finished marks the tasks that have ended well, and returns them as intervals.
func (r *run) finished(done []bool) []interval {
	r.mu.Lock()
	defer r.mu.Unlock()
	var list []interval
	for _, w := range r.workers {
		if w == nil {
			continue
		}
		w.mu.Lock()
		for _, m := range w.marks {
			if m.err == nil {
				list = append(list, interval{m.index, m.index + m.count})
				for i := m.index; i < m.index+m.count; i++ {
					done[i] = true
				}
			}
		}
		w.mu.Unlock()
	}
	return list
}
