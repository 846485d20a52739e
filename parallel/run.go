package parallel

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"
	"time"
	"unsafe"
)

// grace is how long a cancelled call waits for tasks that listen to their
// context, before it abandons those that do not.
const grace = 50 * time.Millisecond

// A job is what one call of the map family has to do, without its types.
type job struct {
	n     int             // tasks
	input func(i int) any // for messages
	// span runs the tasks lo to hi−1 in order. It keeps the index of the task
	// at hand in w.at, and past the last one that ended well when it returns.
	// After each task it returns early if w.sig is set. An error is that of
	// task w.at.
	span func(w *worker, lo, hi int) error
	// each runs task i alone, on a context of its own. It stores the result if keep
	// is nil or says that it is still wanted.
	each func(ctx context.Context, i int, keep func() bool) error
	// replaceBy returns what puts v in the place of the result of a task.
	replaceBy func(v any) (func(i int), error)
	// copyDone returns a copy of the results of some tasks, zero values elsewhere; if
	// packed, they stand in the order of done from the start. It may be nil.
	copyDone func(done []interval, packed bool) any
	random   bool // the tasks take random numbers, from the seed among the options
}

// An interval holds the tasks lo to hi−1.
type interval struct{ lo, hi int }

// Bits of run.signal.
const (
	stop   = 1 << iota // no task may start any more
	hungry             // a worker has nothing to do: split your chunk
)

// A run is one call under way.
type run struct {
	job
	options
	parent  context.Context         // the caller's
	ctx     context.Context         // the tasks': ends with the run
	cancel  context.CancelCauseFunc // of ctx
	start   time.Time
	limit   int // workers that can be of use
	least   int // tasks in a chunk, if Guided
	done    chan struct{}
	labels  unsafe.Pointer // of the caller, for the profiler
	delays  *delays        // at the start, if they are wanted
	looks   looks
	single  bool        // tasks are run one by one; see careful
	stream  bool        // n is not known: next counts the tasks so far
	fixed   bool        // chunks are never split
	cut     error       // what ended the run, besides its context
	guest   guest       // that the pool is to invite helpers for
	caller  *occupant   // the task that waits for it, if its place is the own worker's
	replace func(i int) // see WithReplacement

	_       [64]byte
	next    atomic.Int64 // the first task not handed out
	_       [56]byte
	waiting atomic.Int64  // attempts in laters
	signal  atomic.Uint32 // stop | hungry
	stopped atomic.Uint32 // stop
	_       [56]byte

	mu        sync.Mutex
	workers   []*worker  // by id; nil until first used
	present   int        // workers at work
	invited   int        // invitations in the pool's queue
	ownAway   bool       // the call's own worker has left
	spare     []interval // given away by workers, for others to take
	failures  []*TaskError
	broken    error // a worker could not be made ready
	laters    laters
	ended     bool // done is closed
	abandoned bool
}

// execute runs a job to its end.
func execute(j job, opts []Option) outcome {
	o := resolve(opts)
	if err := o.pool.enter(o.unattended()); err != nil {
		return outcome{err: err}
	}
	defer o.pool.exit()
	r := &run{job: j, options: o, parent: o.ctx, start: time.Now(), done: make(chan struct{}), labels: getLabels()}
	if r.single = o.careful(); o.onError == replaceResult {
		replace, err := j.replaceBy(o.replacement)
		if err != nil {
			return outcome{err: err}
		}
		r.replace = replace
	}
	if o.timeout > 0 {
		ctx, cancel := context.WithTimeout(r.parent, o.timeout)
		defer cancel()
		r.parent = ctx
	}
	r.limit = min(o.workers, j.n)
	r.plan()
	r.workers = make([]*worker, r.limit)
	r.ctx, r.cancel = context.WithCancelCause(r.parent)
	defer r.cancel(nil)
	var cpu time.Duration
	if r.into != nil {
		cpu = usage()
		if r.looked() {
			r.looks.begin(r.start)
		}
	}
	if r.opaque {
		r.copyDone = nil
	}
	if r.guest = r; !r.unattended() {
		r.caller = here()
	}
	if r.watch != nil {
		r.watch(r)
	}
	if j.n > 0 && r.parent.Err() == nil {
		r.launch()
		r.wait()
	} else {
		r.mu.Lock()
		r.end()
		r.mu.Unlock()
	}
	out := r.outcome()
	if r.into != nil {
		*r.into = r.account(out.err)
		r.into.CPU = usage() - cpu
		if r.delays != nil {
			r.into.Delayed = r.delays.delayed(&r.looks, r.into.CPU)
		}
	}
	if r.progress != nil {
		r.report(true)
	}
	return out
}

// plan works out how the tasks are to be shared out.
func (r *run) plan() {
	r.chunk = min(r.options.chunk, r.n)
	switch {
	case r.schedule == Dynamic:
		r.chunk = max(r.chunk, 1)
	case r.schedule == Guided:
		r.least, r.chunk = r.chunk, 0
	}
	r.fixed = r.chunk > 0 || r.schedule == Static || r.schedule == Guided
}

func (r *run) launch() {
	helpers := r.limit
	if !r.unattended() {
		helpers--
	}
	if r.invited = helpers; helpers > 0 {
		r.pool.invite(r, helpers)
	}
	if r.unattended() {
		r.call.announce()
	} else {
		go r.own() // after the others are invited: it may be done with all
	}
}

// own is the worker that the call brings along.
func (r *run) own() {
	if w := r.join(true); w != nil {
		var gone bool
		w.work(&gone)
	}
}

// help is one helper's part in the run. It sets *gone when the run was
// abandoned meanwhile.
func (r *run) help(gone *bool) {
	if w := r.join(false); w != nil {
		w.work(gone)
	}
}

// join lets a worker in; nil means that there is nothing for it to do.
func (r *run) join(own bool) *worker {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !own {
		r.invited--
	}
	exhausted := r.next.Load() >= int64(r.n) && len(r.spare) == 0
	if r.ended || r.abandoned || r.stopped.Load() != 0 || exhausted || r.present == r.limit {
		r.ownAway = r.ownAway || own
		r.updateHunger()
		if own && r.present == 0 {
			r.end()
		}
		return nil
	}
	r.present++
	r.updateHunger()
	for id, w := range r.workers {
		if w == nil {
			w = &worker{run: r, id: id, batch: 1, ctx: r.ctx}
			r.workers[id] = w
		}
		if !w.present {
			w.present, w.own = true, own
			return w
		}
	}
	panic("parallel: more workers than places")
}

// leave lets w out. It sets *gone if the pool has already written off w.
func (r *run) leave(w *worker, gone *bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.present--
	w.present = false
	r.ownAway = r.ownAway || w.own
	*gone = r.abandoned && !w.own
	r.updateHunger()
	if r.present == 0 {
		r.end()
	}
}

// end tells the caller that no worker is left. The caller holds r.mu.
func (r *run) end() {
	if !r.ended {
		r.ended = true
		if r.unattended() && r.call.single {
			r.call.repay()
		}
		r.withdraw()
		close(r.done)
	}
}

// withdraw takes back the invitations that nobody has followed. The caller holds r.mu.
func (r *run) withdraw() {
	if r.invited > 0 {
		r.invited = 0
		r.pool.withdraw(r.guest)
	}
}

// updateHunger asks the workers to share if others have nothing to do. The
// caller holds r.mu.
func (r *run) updateHunger() {
	if r.fixed {
		return
	}
	want := r.next.Load() >= int64(r.n) && r.limit-r.present > len(r.spare)
	switch is := r.signal.Load()&hungry != 0; {
	case want && !is:
		r.signal.Or(hungry)
	case !want && is:
		r.signal.And(^uint32(hungry))
	}
}

// share splits what w has at hand between w and the workers that have
// nothing, and calls for them.
func (r *run) share(w *worker) {
	r.mu.Lock()
	defer r.mu.Unlock()
	missing := r.limit - r.present
	for k := missing - len(r.spare); k > 0; k-- {
		piece := (w.hi - w.lo) / (k + 1)
		if piece == 0 {
			continue
		}
		r.spare = append(r.spare, interval{w.hi - piece, w.hi})
		w.hi -= piece
	}
	if r.ownAway && missing > 0 {
		r.ownAway = false
		missing--
		go r.own()
	}
	if k := min(missing, len(r.spare)) - r.invited; k > 0 {
		r.invited += k
		r.pool.invite(r, k)
	}
	r.updateHunger()
}

// takeSpare gives w an interval that another worker gave away.
func (r *run) takeSpare(w *worker) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	k := len(r.spare)
	if k == 0 {
		return false
	}
	w.lo, w.hi = r.spare[k-1].lo, r.spare[k-1].hi
	w.batch, w.cost = 1, 0 // these may be other tasks than w has seen so far
	r.spare = r.spare[:k-1]
	r.updateHunger()
	return true
}

// fail takes note of a failure, and stops the run.
func (r *run) fail(e *TaskError) {
	r.mu.Lock()
	r.failures = append(r.failures, e)
	r.mu.Unlock()
	r.halt(e)
}

// halt keeps tasks from starting, and cancels the context of those that run.
func (r *run) halt(cause error) {
	r.stopped.Store(1)
	r.signal.Or(stop)
	r.cancel(cause)
}

// wait returns when no worker is left, or when the caller's context is done.
func (r *run) wait() {
	whole := false
	defer func() {
		if !whole { // the progress function panicked
			r.halt(context.Canceled)
			r.abandon()
		}
	}()
	looks := r.looked()
	every := r.every
	if looks && (r.progress == nil || every > lookEvery) {
		every = lookEvery
	}
	tick := r.ticks
	if tick == nil && (looks || r.progress != nil) {
		t := time.NewTicker(every)
		defer t.Stop()
		tick = t.C
	}
	reported := r.start
	if looks {
		runtime.Gosched() // a worker may want this thread
		if d, ok := readDelays(r.done); ok {
			r.delays = &d
		}
		if r.progress != nil {
			var leave func()
			tick, leave = r.looks.observe(tick)
			defer leave()
			looks = false
		}
	}
	for {
		select {
		case <-r.done:
			whole = true
			return
		case _, ok := <-tick:
			if !ok { // the user's are over
				tick = nil
				continue
			}
			if looks {
				r.looks.look()
			}
			if now := time.Now(); r.progress != nil && now.Sub(reported) >= r.every-min(every/2, time.Millisecond) {
				reported = now
				r.report(false)
			}
		case <-r.parent.Done():
			r.finish(context.Cause(r.parent))
			whole = true
			return
		case <-r.pool.terminated:
			r.cut = ErrTerminated
			r.finish(r.cut)
			whole = true
			return
		}
	}
}

// looked says whether the account of the run is to tell how long tasks waited for a core.
// Of a single task that matters less than how soon it is done.
func (r *run) looked() bool { return r.into != nil && r.n > 1 }

// finish ends the run for a cause, and waits a while for the tasks that still run.
func (r *run) finish(cause error) {
	r.halt(cause)
	if r.unattended() && !r.stream {
		r.mu.Lock()
		if r.present == 0 { // nobody has come yet, and no task would start
			r.end()
		}
		r.mu.Unlock()
	}
	t := time.NewTimer(grace)
	defer t.Stop()
	select {
	case <-r.done:
	case <-t.C:
		r.abandon()
	}
}

// abandon closes the books while tasks still run.
func (r *run) abandon() {
	r.mu.Lock()
	if r.ended {
		r.mu.Unlock()
		return
	}
	r.abandoned = true
	r.withdraw()
	helpers := 0
	for _, w := range r.workers {
		if w == nil || !w.present {
			continue
		}
		if w.place.retire(); !w.own {
			helpers++
		}
	}
	r.mu.Unlock()
	r.pool.forget(helpers)
	for _, w := range r.workers {
		if w != nil {
			w.close()
		}
	}
}

// report calls the progress function.
func (r *run) report(final bool) { r.progress(r.reached(final)) }

// reached returns how far the run has come.
func (r *run) reached(final bool) Progress {
	p := Progress{Label: r.label, Total: r.total(), Workers: r.options.workers, Elapsed: time.Since(r.start), Final: final}
	p.Done, p.Failed = r.count()
	return p
}

// total returns the number of tasks, of a stream that so far.
func (r *run) total() int {
	if r.stream {
		return int(r.next.Load())
	}
	return r.n
}

// count returns how many tasks succeeded and failed so far.
func (r *run) count() (done, failed int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, w := range r.workers {
		if w != nil {
			w.mu.Lock()
			done, failed = done+w.done, failed+w.failures
			w.mu.Unlock()
		}
	}
	return done, failed
}
