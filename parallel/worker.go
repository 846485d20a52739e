package parallel

import (
	"context"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// A chunk should last this share of the time since the run began, so that
	// the number of records grows with its logarithm, between these bounds: long
	// enough that the cost of a chunk (some 100 ns) does not matter, short enough
	// for progress to be seen.
	chunkShare = 1000
	minChunk   = 200 * time.Microsecond
	maxChunk   = 100 * time.Millisecond

	chunkGrowth = 8 // a chunk holds at most so many times the tasks of the last

	// Giving work away costs about a microsecond, so it must be worth more.
	worthSharing = 20 * time.Microsecond
	// A worker that has too little to share looks up again after so many tasks,
	// then after twice as many, and so on.
	firstQuota = 16
)

// A worker is one goroutine's part in a run. Another goroutine may take the
// place over later.
type worker struct {
	_       [64]byte
	run     *run
	id      int
	own     bool            // brought along by the call, not a helper of the pool
	present bool            // guarded by run.mu
	ctx     context.Context // the tasks'
	post    *post           // its place in the pool, if that has options
	place   *occupant       // guarded by run.mu; nil if it has no place to lend

	sig    *atomic.Uint32 // what span watches: run.signal or run.stopped
	at     int            // the task at hand
	lo, hi int            // the chunk at hand
	batch  int            // tasks that should last a chunk's time
	cost   float64        // ns a task, of the last batch
	quota  int            // see firstQuota
	tries  int            // which attempt the chunk at hand is; 0: the first

	mu             sync.Mutex
	closed         bool // the call has returned: write nothing down
	marks          []mark
	now            interval // the batch that runs
	nowTry         int      // which attempt it is
	since          time.Duration
	done, failures int
	_              [64]byte
}

// A mark is a record in short.
type mark struct {
	index, count      int
	attempt           int  // 0: the first
	again             bool // another attempt follows
	started, finished time.Duration
	err               error
}

// work runs tasks until there are none left for this worker.
func (w *worker) work(gone *bool) {
	defer w.run.leave(w, gone)
	if !w.run.single { // else the goroutines that run the tasks do
		defer w.occupy().leave()
	}
	if old := getLabels(); old != w.run.labels {
		setLabels(w.run.labels)
		defer setLabels(old)
	}
	if w.run.pool.manned() {
		w.hire()
		defer w.retire()
	}
	w.lo, w.hi = 0, 0
	if w.run.single {
		w.carefully()
		return
	}
	w.serve()
}

// serve runs what is left of the chunk at hand, and then others.
func (w *worker) serve() {
	for {
		for w.lo < w.hi {
			if !w.step() {
				return
			}
		}
		if !w.take() {
			return
		}
	}
}

// occupy notes which place this goroutine works in, if it may lend it: that of a call in
// the background, or of a task there that waits for the run.
func (w *worker) occupy() *occupant {
	r := w.run
	p := r.pool
	switch {
	case r.unattended():
	case w.own && r.caller != nil:
		p = r.caller.pool
	default:
		return nil
	}
	o := occupy(p)
	r.mu.Lock()
	w.place = o
	abandoned := r.abandoned
	r.mu.Unlock()
	if abandoned {
		o.retire()
	}
	return o
}

// take gets the next chunk.
func (w *worker) take() bool {
	r := w.run
	n := int64(r.n)
	w.quota = firstQuota
	w.tries = 0
	if r.stopped.Load() != 0 {
		return false
	}
	if _, ok := r.takeLater(w); ok {
		return true
	}
	if c := int64(r.chunk); c > 0 {
		if r.next.Load() >= n {
			return r.awaitLater(w)
		}
		lo := r.next.Add(c) - c
		w.lo, w.hi = int(lo), int(min(lo+c, n))
		return lo < n || r.awaitLater(w)
	}
	for {
		lo := r.next.Load()
		if lo >= n {
			return r.takeSpare(w) || r.awaitLater(w)
		}
		size := r.portion(lo, n, int64(w.batch))
		if r.next.CompareAndSwap(lo, lo+size) {
			w.lo, w.hi = int(lo), int(lo+size)
			return true
		}
	}
}

// portion returns how many tasks from lo on a worker takes whose next batch is of a size.
func (r *run) portion(lo, n, batch int64) int64 {
	workers := int64(r.limit)
	switch r.schedule {
	case Static: // up to the next of the bounds k·n/workers
		k := lo*workers/n + 1
		if k*n/workers <= lo {
			k++
		}
		return k*n/workers - lo
	case Guided:
		return min(max((n-lo+workers-1)/workers, int64(r.least)), n-lo)
	}
	return min(batch, (n-lo+2*workers-1)/(2*workers))
}

// step runs one batch of the chunk at hand. It returns false when the worker
// has to stop.
func (w *worker) step() bool {
	r := w.run
	w.sig = &r.signal
	n := min(w.hi-w.lo, w.batch)
	if s := r.signal.Load(); s != 0 {
		if s&stop != 0 {
			return false
		}
		if rest := w.hi - w.lo; rest > 1 && float64(rest)*w.cost > float64(worthSharing) {
			r.share(w)
			n = min(w.hi-w.lo, w.batch)
		} else {
			w.sig = &r.stopped
			n = min(n, w.quota)
			w.quota *= 2
		}
	}
	if w.post != nil {
		if n = w.prepare(n); n == 0 {
			return false
		}
	}
	started, ok := w.begin(n)
	if !ok {
		return false
	}
	lo, post := w.lo, w.post
	defer func() { // also when a task ends the goroutine
		if post != nil && w.post == post {
			post.tasks += w.lo - lo
		}
	}()
	w.call(started, lo+n)
	return r.stopped.Load() == 0
}

// begin writes down that the next n tasks run.
func (w *worker) begin(n int) (time.Duration, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed || w.run.stopped.Load() != 0 {
		return 0, false
	}
	w.now, w.nowTry = interval{w.lo, w.lo + n}, w.tries
	w.since = time.Since(w.run.start)
	return w.since, true
}

// call runs the tasks up to hi−1, and writes down how they went whatever they
// do.
func (w *worker) call(started time.Duration, hi int) {
	r := w.run
	if r.single {
		w.careful(started, hi)
		return
	}
	returned := false
	defer func() {
		if returned {
			return
		}
		var err error
		value := recover()
		if value == nil {
			err = r.exited()
		}
		w.finish(started, newTaskError(w.at, w.id, r.input, value, err))
	}()
	err := r.span(w, w.lo, hi)
	returned = true
	if err != nil {
		w.finish(started, newTaskError(w.at, w.id, r.input, nil, err))
		return
	}
	w.finish(started, nil)
}

// finish writes down that the tasks from w.lo up to w.at ended well, and that
// task w.at failed if there is a fault.
func (w *worker) finish(started time.Duration, fault *TaskError) {
	finished := time.Since(w.run.start)
	lo, n := w.lo, w.at-w.lo
	w.lo = w.at
	var err error
	cut := false
	if fault != nil {
		w.lo++
		err = w.run.judge(fault) // before it ends the run
		cut = cancels(err)
		w.run.fail(fault)
	}
	w.measure(w.lo-lo, finished-started, finished)

	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		return
	}
	w.now = interval{}
	if n > 0 {
		until := finished
		if fault != nil { // nobody looked at the clock: shares alike
			until = started + (finished-started)*time.Duration(n)/time.Duration(n+1)
		}
		w.marks = append(w.marks, mark{index: lo, count: n, started: started, finished: until})
		w.done += n
		started = until
	}
	if fault != nil {
		w.marks = append(w.marks, mark{index: w.at, count: 1, started: started, finished: finished, err: err})
		if !cut {
			w.failures++
		}
	}
}

// measure chooses the size of the next batch from how long n tasks took.
func (w *worker) measure(n int, took, now time.Duration) {
	if n == 0 {
		return
	}
	took = max(took, 1)
	w.cost = float64(took) / float64(n)
	target := min(max(now/chunkShare, minChunk), maxChunk)
	want := float64(target) / w.cost
	w.batch = int(max(1, min(want, float64(n)*chunkGrowth)))
}

// close ends what w writes down, and notes what it was at.
func (w *worker) close() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.closed = true
	if n := w.now.hi - w.now.lo; n > 0 {
		w.marks = append(w.marks, mark{index: w.now.lo, count: n, attempt: w.nowTry, started: w.since, finished: time.Since(w.run.start), err: ErrAbandoned})
	}
}
