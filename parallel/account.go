package parallel

import (
	"cmp"
	"runtime"
	"slices"
	"time"
)

// account turns what the workers wrote down into a Run.
func (r *run) account(err error) Run {
	a := Run{
		Label: r.label, Workers: r.options.workers, Cores: runtime.GOMAXPROCS(0), Tasks: r.total(),
		Start: r.start, Wall: time.Since(r.start), Err: err,
	}
	if r.random {
		a.Seed = r.seed
	}
	total := 0
	var heads []head
	for _, w := range r.workers {
		if w == nil || len(w.marks) == 0 {
			continue
		}
		// In order already, but for chunks that changed hands. Partial may look at them.
		w.mu.Lock()
		if !slices.IsSortedFunc(w.marks, byIndex) {
			slices.SortFunc(w.marks, byIndex)
		}
		w.mu.Unlock()
		total += len(w.marks)
		heads = append(heads, head{w.id, w.marks})
	}
	a.Records = make([]Record, 0, total)
	for i := len(heads)/2 - 1; i >= 0; i-- {
		siftDown(heads, i)
	}
	for len(heads) > 0 {
		h := &heads[0]
		m := &h.marks[0]
		a.Records = append(a.Records, Record{
			Index: m.index, Count: m.count, Attempt: max(m.attempt, 1), Retried: m.again, Worker: h.worker,
			Started: m.started, Finished: m.finished, Returned: m.finished, Err: m.err,
		})
		if h.marks = h.marks[1:]; len(h.marks) == 0 {
			heads[0] = heads[len(heads)-1]
			heads = heads[:len(heads)-1]
		}
		siftDown(heads, 0)
	}
	for k := range a.Records { // a task that is tried again waits from its last failure on
		if rec := &a.Records[k]; rec.Attempt > 1 && k > 0 {
			rec.Queued = a.Records[k-1].Finished
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, l := range r.laters { // attempts that the end of the run has cut off
		k, _ := slices.BinarySearchFunc(a.Records, l, func(rec Record, l later) int {
			return cmp.Or(cmp.Compare(rec.Index, l.index), cmp.Compare(rec.Attempt, l.attempt-1))
		})
		if k < len(a.Records) && a.Records[k].Index == l.index {
			a.Records[k].Retried = false
		}
	}
	return a
}

func byIndex(x, y mark) int {
	return cmp.Or(cmp.Compare(x.index, y.index), cmp.Compare(x.attempt, y.attempt))
}

// A head is what is left to merge of one worker's marks: never nothing.
type head struct {
	worker int
	marks  []mark
}

// siftDown restores the heap order, least index first, below place i.
func siftDown(heads []head, i int) {
	for {
		least := i
		for c := 2*i + 1; c <= 2*i+2 && c < len(heads); c++ {
			if byIndex(heads[c].marks[0], heads[least].marks[0]) < 0 {
				least = c
			}
		}
		if least == i {
			return
		}
		heads[i], heads[least] = heads[least], heads[i]
		i = least
	}
}
