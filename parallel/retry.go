package parallel

import (
	"container/heap"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"time"
)

// A Retry says what becomes of a task that failed: it is tried again, after a pause in
// which its worker does other tasks.
type Retry struct {
	// Attempts is how often a task is tried in all, the first time with it.
	Attempts int
	// Backoff is the pause before the second attempt; each further one is Factor
	// times as long (2 if Factor is 0), and at most Max, if that is not 0.
	Backoff time.Duration
	Factor  float64
	Max     time.Duration
	// Jitter takes a random share of each pause, between none and this much of it
	// (0 to 1), so that tasks that failed together do not come back together.
	Jitter float64
	// If says whether an error is worth another attempt; nil: any is. A panic is a
	// [*TaskError] with a Value. If If itself panics, there is no other attempt, and
	// the error of the task says so.
	If func(error) bool
}

// WithRetry tries tasks that fail again. Their [Record] says which attempt it is of.
func WithRetry(r Retry) Option {
	return func(o *options) { o.retry = &r }
}

// pause returns how long to wait before an attempt, from 2 up.
func (r *Retry) pause(attempt int) time.Duration {
	factor := r.Factor
	if factor <= 0 {
		factor = 2
	}
	d := float64(r.Backoff) * math.Pow(factor, float64(attempt-2))
	if r.Max > 0 {
		d = min(d, float64(r.Max))
	}
	if r.Jitter > 0 {
		d -= d * min(r.Jitter, 1) * rand.Float64()
	}
	return time.Duration(min(d, math.MaxInt64/2))
}

// again says whether a fault is worth another attempt.
func (r *Retry) again(fault *TaskError) bool {
	if r == nil || fault.Attempt >= r.Attempts {
		return false
	}
	if r.If == nil {
		return true
	}
	again := false
	answered := make(chan error)
	go func() { // which it may end
		err := errors.New("Retry.If ended its goroutine (runtime.Goexit)")
		defer func() {
			if value := recover(); value != nil {
				err = fmt.Errorf("Retry.If panicked: %v", value)
			}
			answered <- err
		}()
		again = r.If(fault)
		err = nil
	}()
	fault.unasked = <-answered
	return again
}

// A later is an attempt that is due at a time since the start of the run.
type later struct {
	at      time.Duration
	index   int
	attempt int
}

// laters are attempts to come, the next one first: a heap.
type laters []later

func (l laters) Len() int           { return len(l) }
func (l laters) Less(i, j int) bool { return l[i].at < l[j].at }
func (l laters) Swap(i, j int)      { l[i], l[j] = l[j], l[i] }
func (l *laters) Push(x any)        { *l = append(*l, x.(later)) }
func (l *laters) Pop() any {
	old := *l
	last := old[len(old)-1]
	*l = old[:len(old)-1]
	return last
}

// retryLater notes an attempt to come.
func (r *run) retryLater(l later) {
	r.mu.Lock()
	defer r.mu.Unlock()
	heap.Push(&r.laters, l)
	r.waiting.Store(int64(len(r.laters)))
}

// takeLater gives w an attempt that is due. Otherwise it returns how long the next one
// takes to be; less than 0 means that there is none.
func (r *run) takeLater(w *worker) (wait time.Duration, ok bool) {
	if r.waiting.Load() == 0 {
		return -1, false
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.laters) == 0 {
		return -1, false
	}
	if wait := r.laters[0].at - time.Since(r.start); wait > 0 {
		return wait, false
	}
	l := heap.Pop(&r.laters).(later)
	r.waiting.Store(int64(len(r.laters)))
	w.lo, w.hi, w.tries = l.index, l.index+1, l.attempt
	return 0, true
}

// awaitLater waits until an attempt is due, and gives it to w. It returns false if
// there is none, or the run stops.
func (r *run) awaitLater(w *worker) bool {
	for {
		wait, ok := r.takeLater(w)
		if ok || wait < 0 {
			return ok
		}
		t := time.NewTimer(wait)
		select {
		case <-t.C:
		case <-r.ctx.Done():
			t.Stop()
			return false
		}
	}
}
