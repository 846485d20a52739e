package parallel

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// A Record says what became of one task, or of Count tasks with consecutive
// indices where one record each would have cost more than the tasks. Times
// are since the start of the run, on the monotonic clock.
type Record struct {
	Index   int  // of the first task, from 0
	Count   int  // tasks the record stands for, at least 1
	Attempt int  // 1 for the first
	Retried bool // it failed, and another attempt followed
	Worker  int  // from 0

	Queued   time.Duration // ready to be taken
	Started  time.Duration // taken by the worker
	Finished time.Duration // the function had returned
	Returned time.Duration // the result was with the caller

	Bytes int64 // moved between processes or machines; 0 within this one
	Err   error // nil, or why the task failed
}

// Busy returns how long the worker was at it.
func (r Record) Busy() time.Duration { return r.Finished - r.Started }

// Cancelled tells whether the task ended because the run was stopped, not by a
// fault of its own, such as the end of a context that it has made.
func (r Record) Cancelled() bool { return cancels(r.Err) }

// cancels tells whether an error is that of a task which the end of the run cut off.
func cancels(err error) bool {
	return isError(err, context.Canceled) || isError(err, ErrAbandoned)
}

// cutOff marks an error as that of a task which the end of the run cut off.
func cutOff(err error) error {
	if cancels(err) {
		return err
	}
	return &cutError{err}
}

type cutError struct{ err error }

func (e *cutError) Error() string { return fmt.Sprintf("%v (%v)", e.err, context.Canceled) }

// Is makes it a context.Canceled, whatever the methods of the task's error do.
func (e *cutError) Is(target error) bool { return target == context.Canceled }

func (e *cutError) Unwrap() error { return e.err }

// An ownError is that of a task which fails as one that is cut off does, while its run goes
// on: some context of its own has ended. That is a failure, so cancels is false for it.
type ownError struct{ err error }

func (e *ownError) Error() string { return e.err.Error() }

// Is and As stand in for an Unwrap, which would show the context.Canceled.
func (e *ownError) Is(target error) bool {
	return target != context.Canceled && target != ErrAbandoned && isError(e.err, target)
}

func (e *ownError) As(target any) bool { return errors.As(e.err, target) }

// Failed tells whether the task ended by a fault of its own.
func (r Record) Failed() bool { return r.Err != nil && !r.Cancelled() }

// ErrAbandoned is the error in the record of tasks that still ran when their
// call was cancelled. Such a record covers a chunk: some of its tasks may have
// finished, but their results were dropped, and some may never have started.
var ErrAbandoned = errors.New("abandoned while running")

// A Run is the account of one call of the map family. [WithRun] fills it in.
type Run struct {
	Label   string
	Workers int       // workers the call could use
	Cores   int       // of this process when the call began (GOMAXPROCS)
	Tasks   int       // tasks asked for
	Start   time.Time // when the call began
	Seed    uint64    // of the random numbers of [MapRand]

	Wall time.Duration // from Start until the call returned: the makespan
	CPU  time.Duration // user and system time of the whole process meanwhile; 0 where unknown
	// Delayed is how long goroutines of the process that could have gone on waited for
	// a core meanwhile, all together: an estimate, from looks every 5 ms. Those that
	// sleep, or wait for a network or a lock, wait for no core. On Linux it holds the
	// waits that other processes cause. It is 0 for a run that is over at once.
	Delayed time.Duration

	// Records are sorted by Index and Attempt, and those of different tasks do not
	// overlap. Tasks that never started have none.
	Records []Record
	Err     error // what the call returned

	// Lanes are names for the workers, where they do different things: the stages of a
	// call on a device. Nil: they are workers like others. With them, records of different
	// workers may be of the same tasks, and those of one may overlap, so [Measures] and
	// [Losses] say little.
	Lanes []string
}

// lane is the name of a worker.
func (r *Run) lane(w int) string {
	if w >= 0 && w < len(r.Lanes) {
		return r.Lanes[w]
	}
	return fmt.Sprintf("worker %d", w)
}

// Measures are figures derived from the records of a run. All are zero for an
// empty run.
type Measures struct {
	Done      int // tasks that succeeded
	Failed    int // tasks that panicked or returned an error
	Cancelled int // tasks that the end of the run cut off
	Skipped   int // tasks that never started
	Retried   int // attempts that failed and were followed by another

	Wall time.Duration // the makespan
	Busy time.Duration // Σ (Finished − Started) over all records
	Idle time.Duration // Workers × Wall − Busy, at least 0

	// Startup is the time before the first task, and Overhead the time between
	// one record and the next, summed over the workers that took part. With
	// what they wait after their last task, and the Wall of the workers that
	// had none, they make up Idle.
	Startup, Overhead time.Duration

	// Work is Busy without the time in which tasks waited for a core, as far as
	// that is known: Busy − Delayed, and at least the CPU time.
	Work time.Duration

	// Speedup is Work ÷ Wall: how long the tasks would take one after the other,
	// in so far as a task takes as long alone as it does in company, by how long
	// they took.
	Speedup float64

	// Efficiency is Speedup ÷ Workers: 1 when nobody ever idles, or waits for a core.
	Efficiency float64

	// Imbalance is the greatest busy time of a worker ÷ the mean over all
	// workers, − 1: 0 when all worked equally long, Workers − 1 when one did
	// everything (the percent imbalance of Pearce et al., ICS 2012, as a
	// fraction).
	Imbalance float64

	WorkerBusy []time.Duration // busy time of each worker
	WorkerLast []time.Duration // when each worker finished its last task
}

// Measure derives all measures in one pass over the records.
func (r *Run) Measure() Measures {
	m := Measures{
		Wall:       r.Wall,
		WorkerBusy: make([]time.Duration, r.Workers),
		WorkerLast: make([]time.Duration, r.Workers),
	}
	first := make([]time.Duration, r.Workers) // start of each worker's first task; −1: none
	for i := range first {
		first[i] = -1
	}
	for _, rec := range r.Records {
		switch {
		case rec.Retried:
			m.Retried++
		case rec.Err == nil:
			m.Done += rec.Count
		case rec.Cancelled():
			m.Cancelled += rec.Count
		default:
			m.Failed += rec.Count
		}
		m.Busy += rec.Busy()
		if w := rec.Worker; w >= 0 && w < r.Workers {
			m.WorkerBusy[w] += rec.Busy()
			m.WorkerLast[w] = max(m.WorkerLast[w], rec.Finished)
			if first[w] < 0 || rec.Started < first[w] {
				first[w] = rec.Started
			}
		}
	}
	m.Skipped = max(r.Tasks-m.Done-m.Failed-m.Cancelled, 0)
	var longest time.Duration
	for w, busy := range m.WorkerBusy {
		longest = max(longest, busy)
		if first[w] >= 0 {
			m.Startup += first[w]
			m.Overhead += max(m.WorkerLast[w]-first[w]-busy, 0)
		}
	}
	if r.Workers == 0 || r.Wall <= 0 || m.Busy <= 0 {
		return m
	}
	m.Idle = max(time.Duration(r.Workers)*r.Wall-m.Busy, 0)
	m.Work = max(m.Busy-r.Delayed, min(r.CPU, m.Busy))
	m.Speedup = float64(m.Work) / float64(r.Wall)
	m.Efficiency = m.Speedup / float64(r.Workers)
	m.Imbalance = float64(longest)*float64(r.Workers)/float64(m.Busy) - 1
	return m
}

// Busy returns the time all workers together spent in tasks.
func (r *Run) Busy() time.Duration { return r.Measure().Busy }

// Idle returns the time all workers together spent without a task.
func (r *Run) Idle() time.Duration { return r.Measure().Idle }

// Overhead returns the time spent between tasks; see [Measures].
func (r *Run) Overhead() time.Duration { return r.Measure().Overhead }

// Speedup returns how many times faster the run was than its tasks one after the
// other; see [Measures].
func (r *Run) Speedup() float64 { return r.Measure().Speedup }

// Efficiency returns the speed-up per worker; see [Measures].
func (r *Run) Efficiency() float64 { return r.Measure().Efficiency }

// Imbalance returns how much longer the busiest worker worked than the mean;
// see [Measures].
func (r *Run) Imbalance() float64 { return r.Measure().Imbalance }
