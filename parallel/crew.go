package parallel

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
)

// A PoolOption changes how the workers of a pool live.
type PoolOption func(*Pool)

// PoolInitializer has start make each worker ready before its first task: its number
// counts from 0. If it fails or panics, the call whose task it was for ends with that
// error, and the next task of the worker has it try again.
//
// Workers are numbers here, not goroutines: no two tasks have the same number at once,
// and [WorkerOf] tells a task its own. There are as many as tasks run at once, which are
// more than the pool has workers where calls are nested or simultaneous. What a single
// call needs, such as a buffer for each worker, is simpler with [MapWorker].
func PoolInitializer(start func(worker int) error) PoolOption {
	return func(p *Pool) { p.crew.start = start }
}

// PoolFinalizer has end see to each worker that [PoolInitializer] has made ready, when it
// is replaced and when the pool is closed. Its failure ends the call, or is returned by
// [Pool.Close].
func PoolFinalizer(end func(worker int) error) PoolOption {
	return func(p *Pool) { p.crew.end = end }
}

// PoolTasksPerWorker replaces a worker after n tasks: it is finalized, and made ready
// anew. Zero or less means never.
func PoolTasksPerWorker(n int) PoolOption {
	return func(p *Pool) { p.crew.life = max(n, 0) }
}

// WorkerOf returns the number of the worker that runs a task, from the context of the
// task, on a pool that has a [PoolInitializer]; false elsewhere.
func WorkerOf(ctx context.Context) (worker int, ok bool) {
	worker, ok = ctx.Value(workerKey{}).(int)
	return worker, ok
}

type workerKey struct{}

// A crew are the workers of a pool with options.
type crew struct {
	start func(worker int) error
	end   func(worker int) error
	life  int // tasks

	// Guarded by Pool.mu.
	idle    []*post
	posts   int // in all
	leaving int // being finalized by Close
}

// A post is the place of a worker. One goroutine has it at a time.
type post struct {
	id    int
	ready bool
	tasks int // since it was made ready
}

// manned says that workers need posts.
func (p *Pool) manned() bool { return p.crew.start != nil || p.crew.end != nil }

// occupy gives out the free post with the least number.
func (p *Pool) occupy() *post {
	p.mu.Lock()
	defer p.mu.Unlock()
	if k := len(p.crew.idle); k > 0 {
		free := p.crew.idle[k-1]
		p.crew.idle = p.crew.idle[:k-1]
		return free
	}
	p.crew.posts++
	return &post{id: p.crew.posts - 1}
}

// vacate takes a post back. On a closed pool, where only abandoned tasks still have
// any, its worker ends.
func (p *Pool) vacate(free *post) {
	if free == nil {
		return
	}
	p.mu.Lock()
	late := p.closed && p.runs == 0
	if !late {
		at, _ := slices.BinarySearchFunc(p.crew.idle, free, func(a, b *post) int { return cmp.Compare(b.id, a.id) })
		p.crew.idle = slices.Insert(p.crew.idle, at, free)
	}
	p.mu.Unlock()
	if late {
		_ = p.finalize(free) // nobody is there to be told, as of what the task returns
	}
}

// dismiss finalizes workers on behalf of Close.
func (p *Pool) dismiss(posts []*post) error {
	var errs []error
	for i := len(posts) - 1; i >= 0; i-- { // by number
		errs = append(errs, p.dismissOne(posts[i]))
	}
	return errors.Join(errs...)
}

func (p *Pool) dismissOne(x *post) error {
	defer func() { // whatever the finalizer does
		p.mu.Lock()
		defer p.mu.Unlock()
		p.crew.leaving--
		p.ended.Broadcast()
	}()
	return p.finalize(x)
}

// finalize ends a worker that is ready.
func (p *Pool) finalize(x *post) error {
	if !x.ready {
		return nil
	}
	x.ready, x.tasks = false, 0
	if p.crew.end == nil {
		return nil
	}
	return guard(x.id, "finalizer", p.crew.end)
}

// initialize makes a worker ready.
func (p *Pool) initialize(x *post) error {
	if p.crew.start != nil {
		if err := guard(x.id, "initializer", p.crew.start); err != nil {
			return err
		}
	}
	x.ready, x.tasks = true, 0
	return nil
}

// guard calls a function of the user's on a worker, and returns how it fails.
func guard(worker int, what string, f func(worker int) error) (err error) {
	defer func() {
		if value := recover(); value != nil {
			cause, _ := value.(error)
			err = &workerError{worker, what, fmt.Sprintf("panic: %v", value), cause, trimStack(debug.Stack())}
		}
	}()
	if err := f(worker); err != nil {
		return &workerError{worker: worker, what: what, text: err.Error(), cause: err}
	}
	return nil
}

// A workerError says that a worker could not be made ready, or ended.
type workerError struct {
	worker int
	what   string
	text   string
	cause  error
	stack  []byte // of a panic
}

func (e *workerError) Error() string {
	return fmt.Sprintf("parallel: the %s of the pool failed on worker %d: %s", e.what, e.worker, e.text)
}

func (e *workerError) Unwrap() error { return e.cause }

// hire gives w a post in the pool.
func (w *worker) hire() {
	w.post = w.run.pool.occupy()
	w.ctx = context.WithValue(w.run.ctx, workerKey{}, w.post.id)
}

// retire gives it back.
func (w *worker) retire() {
	w.run.pool.vacate(w.post)
	w.post, w.ctx = nil, w.run.ctx
}

// prepare makes w's post ready for at most n tasks, and returns for how many; 0 ends the
// run.
func (w *worker) prepare(n int) int {
	p, x := w.run.pool, w.post
	life := p.crew.life
	if x.ready && (life == 0 || x.tasks < life) {
		return w.lifetime(n)
	}
	failure := error(&workerError{worker: x.id, what: "initializer", text: errGoexit.Error(), cause: errGoexit})
	defer func() { // also when the user's function ends the goroutine
		if failure != nil {
			w.run.breakOff(failure)
		}
	}()
	err := p.finalize(x)
	if err == nil {
		err = p.initialize(x)
	}
	if failure = err; err != nil {
		return 0
	}
	return w.lifetime(n)
}

// lifetime returns how many of n tasks the worker may do.
func (w *worker) lifetime(n int) int {
	if life := w.run.pool.crew.life; life > 0 {
		return min(n, life-w.post.tasks)
	}
	return n
}

// breakOff ends the run because a worker is not fit for it.
func (r *run) breakOff(err error) {
	r.mu.Lock()
	if r.broken == nil {
		r.broken = err
	}
	r.mu.Unlock()
	r.halt(err)
}
