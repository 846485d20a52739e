package parallel

import (
	"cmp"
	"context"
	"fmt"
	"slices"
)

// An outcome is how a call ended.
type outcome struct {
	err       error
	abandoned bool       // tasks may still be running
	unordered bool       // the results are wanted in the order of done
	done      []interval // the tasks that have a result, if abandoned or unordered
}

// outcome says how the run ended.
func (r *run) outcome() outcome {
	done, failed := r.count()
	r.mu.Lock()
	defer r.mu.Unlock()
	o := outcome{abandoned: r.abandoned, unordered: r.unordered, err: r.verdict(done, failed)}
	if o.abandoned || o.unordered {
		o.done = r.results()
	}
	return o
}

// results returns the tasks that have a result: in the order in which they ended, if
// the call is unordered. The caller holds r.mu.
func (r *run) results() []interval {
	var ended []mark
	for _, w := range r.workers {
		if w == nil {
			continue
		}
		w.mu.Lock()
		for _, m := range w.marks {
			if m.err == nil || r.onError == replaceResult && !m.again && !cancels(m.err) {
				ended = append(ended, m)
			}
		}
		w.mu.Unlock()
	}
	if r.unordered {
		slices.SortFunc(ended, func(a, b mark) int {
			return cmp.Or(cmp.Compare(a.finished, b.finished), cmp.Compare(a.index, b.index))
		})
	}
	list := make([]interval, len(ended))
	for i, m := range ended {
		list[i] = interval{m.index, m.index + m.count}
	}
	return list
}

// verdict chooses the error of the call: the failure with the lowest index
// that is not an echo of the end of the run, or else what ended it.
func (r *run) verdict(done, failed int) error {
	cause, why := r.parent.Err(), context.Cause(r.parent)
	if cause == nil {
		cause, why = r.cut, r.cut
	}
	switch {
	case r.broken != nil:
		return r.broken
	case r.onError == stopOnError || done+failed < r.n:
	case r.onError == replaceResult, failed == 0:
		return nil
	default:
		return r.collected()
	}
	var worst *TaskError
	for _, e := range r.failures {
		echo := isError(e, context.Canceled) || cause != nil && isError(e, cause)
		if !echo && (worst == nil || e.Index < worst.Index) {
			worst = e
		}
	}
	switch {
	case worst != nil && (cause == nil || r.onError == stopOnError):
		return worst
	case done == r.n:
		return nil
	case cause != nil && r.onError == collectErrors && len(r.failures) > 0:
		return fmt.Errorf("parallel: stopped after %d of %d tasks: %w; %w", done, r.n, why, r.collected())
	case cause != nil:
		return fmt.Errorf("parallel: stopped after %d of %d tasks: %w", done, r.n, why)
	case len(r.failures) > 0:
		return r.failures[0]
	}
	return fmt.Errorf("parallel: stopped after %d of %d tasks", done, r.n)
}

// collected returns the failures so far. The caller holds r.mu.
func (r *run) collected() *Errors {
	failed := slices.SortedFunc(slices.Values(r.failures), func(a, b *TaskError) int { return cmp.Compare(a.Index, b.Index) })
	return &Errors{Failed: failed, Tasks: r.n}
}

// judge returns the error for the record of a task: its fault, marked as
// cancelled if it only hands on the end of the caller's context, and as a failure if it
// looks like that while nothing has ended.
func (r *run) judge(fault *TaskError) error {
	end := r.parent.Err()
	switch {
	case end != nil && isError(fault, end):
		return cutOff(fault)
	case !r.over() && cancels(fault):
		return &ownError{fault}
	}
	return fault
}

// exited is the error of a task that has ended its goroutine.
func (r *run) exited() error {
	if cause := r.ctx.Err(); cause != nil { // it was told to
		return cause
	}
	return errGoexit
}

// over says that some context which a task may listen to has ended: the run's, or one
// that it derives from, of which a task may hear sooner.
func (r *run) over() bool {
	return r.ctx.Err() != nil || r.parent.Err() != nil || r.options.ctx.Err() != nil
}
