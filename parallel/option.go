package parallel

import (
	"context"
	"fmt"
	"time"
)

// An Option changes how one call of the map family runs. A later option
// overrules an earlier one of the same name.
type Option func(*options)

type options struct {
	ctx      context.Context
	pool     *Pool
	workers  int // 0: as many as the pool has
	chunk    int // 0: measured
	label    string
	into     *Run
	every    time.Duration
	progress func(Progress)
	ticks    <-chan time.Time

	retry       *Retry
	taskTimeout time.Duration
	timeout     time.Duration // of the call
	onError     onError
	replacement any
	seed        uint64
	seeded      bool
	unordered   bool
	schedule    Schedule
	window      int        // of Imap
	watch       func(*run) // is called when the run starts
	opaque      bool       // the results of the tasks are not those of the call
	call        *call      // in the background
	place       Place      // nil: goroutines
}

// unattended says that nobody waits for the call: it runs in the background, where it
// brings no worker along, and has entered the pool already.
func (o *options) unattended() bool { return o.call != nil && o.call.pool == o.pool }

// Progress is how far a call has come.
type Progress struct {
	Label   string
	Done    int           // tasks that succeeded
	Failed  int           // tasks that panicked or returned an error
	Total   int           // tasks in all; of an Imap those so far
	Workers int           // workers the call may use
	Elapsed time.Duration // since the call began
	Final   bool          // the last report of the call
}

// WithContext ends the call when ctx is done; see the package comment for what
// becomes of tasks that run at that moment.
func WithContext(ctx context.Context) Option {
	return func(o *options) {
		if ctx != nil {
			o.ctx = ctx
		}
	}
}

// WithPool runs the call on p in place of [Default].
func WithPool(p *Pool) Option {
	return func(o *options) { o.pool = p }
}

// WithWorkers lets n tasks run at once. With [WithPool], n is at most the size
// of that pool; without, the call runs on n workers of its own, which may be
// more than there are cores. Zero or less means the size of the pool.
func WithWorkers(n int) Option {
	return func(o *options) { o.workers = max(n, 0) }
}

// WithChunk hands out n tasks at a time, and never splits such a chunk. Zero
// or less means to measure, which is the default.
func WithChunk(n int) Option {
	return func(o *options) { o.chunk = max(n, 0) }
}

// A Schedule says how tasks are shared out among the workers.
type Schedule int

const (
	// Auto measures: chunks grow until handing one out costs next to nothing, shrink
	// towards the end, and are split when a worker has nothing to do.
	Auto Schedule = iota
	// Static gives each worker one chunk, all alike in size, and never splits it. A
	// worker takes a second one only if nobody has begun it.
	Static
	// Dynamic hands out chunks of one size, one task without [WithChunk].
	Dynamic
	// Guided hands out chunks of as many tasks as each worker would get of those that are
	// left, so that they shrink, down to one task or the size of [WithChunk] (guided
	// self-scheduling, as of OpenMP).
	Guided
)

// String returns the name, in lower case.
func (s Schedule) String() string {
	names := [...]string{"auto", "static", "dynamic", "guided"}
	if s < 0 || int(s) >= len(names) {
		return fmt.Sprintf("Schedule(%d)", int(s))
	}
	return names[s]
}

// WithSchedule shares the tasks out as s says. [Imap] has a schedule of its own.
func WithSchedule(s Schedule) Option {
	return func(o *options) { o.schedule = s }
}

// WithUnordered gives the results of [Map] and its like in the order in which the tasks
// ended, as far as the records tell: those that one record stands for are in the order
// of their inputs. Tasks that have no result leave zero values at the end. [Imap] with
// it is [ImapUnordered]; [Reduce] and [Filter] keep their order.
func WithUnordered() Option {
	return func(o *options) { o.unordered = true }
}

// part marks the options of a call that is a part of another one, whose results are
// others and depend on the order.
func part(o *options) { o.unordered, o.opaque = false, true }

// WithLabel names the call in its [Run], its progress and its plots.
func WithLabel(label string) Option {
	return func(o *options) { o.label = label }
}

// WithRun fills in run when the call ends: its records, its wall and CPU time.
// What run held before is overwritten.
func WithRun(run *Run) Option {
	return func(o *options) { o.into = run }
}

// WithProgress calls report at most once in every interval while the call
// runs, and once more at its end with Final set. It runs on the goroutine that
// called Map, never twice at once; the workers do not wait for it. An interval
// of zero or less means 100 ms.
func WithProgress(every time.Duration, report func(Progress)) Option {
	if every <= 0 {
		every = 100 * time.Millisecond
	}
	return func(o *options) { o.every, o.progress = every, report }
}

// WithTicks has the call look to its progress when a time comes from ticks, in place
// of a timer of its own; some milliseconds apart are best.
func WithTicks(ticks <-chan time.Time) Option {
	return func(o *options) { o.ticks = ticks }
}

// resolve fills in what opts leave open.
func resolve(opts []Option) options {
	o := options{ctx: context.Background()}
	for _, opt := range opts {
		if opt != nil {
			opt(&o)
		}
	}
	switch {
	case o.pool == nil && o.workers > 0:
		o.pool = NewPool(o.workers)
	case o.pool == nil:
		o.pool = Default()
	}
	if o.workers == 0 || o.workers > o.pool.size {
		o.workers = o.pool.size
	}
	return o
}
