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
		Label: r.label, Workers: r.options.workers, Cores: runtime.GOMAXPROCS(0), Tasks: r.n,
		Start: r.start, Wall: time.Since(r.start), Err: err,
	}
	total := 0
	var heads []head
	for _, w := range r.workers {
		if w == nil || len(w.marks) == 0 {
			continue
		}
		// In order already, but for chunks that changed hands.
		if !slices.IsSortedFunc(w.marks, byIndex) {
			slices.SortFunc(w.marks, byIndex)
		}
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
			Index: m.index, Count: m.count, Attempt: 1, Worker: h.worker,
			Started: m.started, Finished: m.finished, Returned: m.finished, Err: m.err,
		})
		if h.marks = h.marks[1:]; len(h.marks) == 0 {
			heads[0] = heads[len(heads)-1]
			heads = heads[:len(heads)-1]
		}
		siftDown(heads, 0)
	}
	return a
}

func byIndex(x, y mark) int { return cmp.Compare(x.index, y.index) }

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
			if heads[c].marks[0].index < heads[least].marks[0].index {
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
