package parallel

import (
	"cmp"
	"slices"
	"time"
)

// Losses say where the time of the workers went. The parts are disjoint, and add up
// to Workers × Wall of the [Run]: see [Losses.Total].
type Losses struct {
	// Work is the time in tasks, whatever became of them, without what stands under
	// Core and Retries.
	Work time.Duration

	// Core is the time in which tasks that had a worker waited for a core:
	// Busy − Work of [Measures].
	Core time.Duration

	// Retries is the time in attempts that failed and were followed by another, and
	// the time without a task in which nothing but further attempts was to come.
	Retries time.Duration

	// Dispatch is the time of workers between two of their tasks while there were
	// tasks to be taken.
	Dispatch time.Duration

	// Return is the time in which a worker had no task because the result of its
	// last one was on the way to the caller: Returned − Finished, as far as the
	// worker did not go on meanwhile. It is 0 within one process.
	Return time.Duration

	// Imbalance is the time without a task while others worked and there was none
	// to be taken: the end of a run, mostly. It includes all the time from the
	// first task of the run to the last of the workers that had none.
	Imbalance time.Duration

	// Serial is the time before the first task of each worker, and that of all
	// workers after the last task of the run. More workers do not shorten it.
	Serial time.Duration
}

// Total returns the sum of the parts: Workers × Wall.
func (l Losses) Total() time.Duration {
	return l.Work + l.Core + l.Retries + l.Dispatch + l.Return + l.Imbalance + l.Serial
}

// Losses splits the time of the workers. All parts are zero for a run without
// workers or without length. Times outside the run, and those in which a worker
// would have had two tasks at once, are not counted twice.
func (r *Run) Losses() Losses {
	var l Losses
	if r.Workers <= 0 || r.Wall <= 0 {
		return l
	}
	s := r.splitter()
	for _, mine := range s.workers {
		s.split(&l, mine)
	}
	l.shareDelay(s.tried, r.Measure())
	return l
}

// A span is a stretch of time, from until to.
type span struct{ from, to time.Duration }

// A stint is what the split needs to know of a record.
type stint struct {
	span
	back  time.Duration // when the result had returned
	again bool          // another attempt followed
}

// A splitter holds what the split of a worker's time needs to know of the others.
type splitter struct {
	wall        time.Duration
	first, last time.Duration // the first start and the last end of a task
	ready       []span        // there are tasks to be taken
	again       []span        // there are none, but some that are to be tried again
	workers     [][]stint     // by worker, by start
	tried       time.Duration // in attempts that were followed by another
}

func (r *Run) splitter() *splitter {
	s := &splitter{wall: r.Wall, first: r.Wall, workers: make([][]stint, r.Workers)}
	counts := make([]int, r.Workers)
	for i := range r.Records {
		if w := r.Records[i].Worker; w >= 0 && w < r.Workers {
			counts[w]++
		}
	}
	for w, n := range counts {
		s.workers[w] = make([]stint, 0, n)
	}
	taken := 0
	var ready, again []span
	for i := range r.Records {
		rec := &r.Records[i]
		waited := span{rec.Queued, rec.Started}
		if rec.Attempt > 1 {
			again = append(again, waited)
		} else {
			taken += rec.Count
			ready = join(ready, waited)
		}
		if rec.Worker < 0 || rec.Worker >= r.Workers {
			continue
		}
		s.first, s.last = min(s.first, rec.Started), max(s.last, rec.Finished)
		s.workers[rec.Worker] = append(s.workers[rec.Worker], stint{span{rec.Started, rec.Finished}, rec.Returned, rec.Retried})
	}
	if taken < r.Tasks {
		ready = []span{{0, r.Wall}} // some were never taken
	}
	s.ready = merge(ready)
	s.again = without(merge(again), s.ready)
	s.first, s.last = max(s.first, 0), min(s.last, r.Wall)
	byStart := func(a, b stint) int { return cmp.Compare(a.from, b.from) }
	for _, mine := range s.workers {
		if !slices.IsSortedFunc(mine, byStart) {
			slices.SortFunc(mine, byStart)
		}
	}
	return s
}

// join adds a span to a list, and widens the last one instead if both begin alike:
// the tasks of most runs are all queued at once.
func join(list []span, s span) []span {
	if k := len(list); k > 0 && list[k-1].from == s.from {
		list[k-1].to = max(list[k-1].to, s.to)
		return list
	}
	return append(list, s)
}

// merge sorts spans, and makes one of those that touch.
func merge(list []span) []span {
	slices.SortFunc(list, func(a, b span) int { return cmp.Compare(a.from, b.from) })
	merged := list[:0]
	for _, s := range list {
		if k := len(merged); k > 0 && s.from <= merged[k-1].to {
			merged[k-1].to = max(merged[k-1].to, s.to)
		} else if s.to > s.from {
			merged = append(merged, s)
		}
	}
	return merged
}

// without returns what a list covers and another does not; both are merged.
func without(list, other []span) []span {
	var rest []span
	for _, s := range list {
		k, _ := slices.BinarySearchFunc(other, s.from, func(a span, t time.Duration) int { return cmp.Compare(a.to, t) })
		for ; k < len(other) && other[k].from < s.to; k++ {
			if other[k].from > s.from {
				rest = append(rest, span{s.from, other[k].from})
			}
			s.from = max(s.from, other[k].to)
		}
		if s.from < s.to {
			rest = append(rest, s)
		}
	}
	return rest
}

// split adds the time of one worker, whose stints are in order, to l. Work then
// holds the time in which tasks waited for a core as well.
func (s *splitter) split(l *Losses, mine []stint) {
	now := time.Duration(0)
	back := time.Duration(0) // when the result of the last task had returned
	began := false
	idle := func(until time.Duration) {
		until = min(until, s.wall)
		if until <= now {
			return
		}
		if !began {
			l.Serial += until - now
		} else {
			way := min(max(back, now), until)
			l.Return += way - now
			s.wait(l, span{way, until})
		}
		now = until
	}
	for _, m := range mine {
		idle(m.from)
		if end := min(m.to, s.wall); end > now {
			if m.again {
				l.Retries += end - now
				s.tried += end - now
			} else {
				l.Work += end - now
			}
			now = end
		}
		began, back = true, m.back
	}
	if !began {
		if s.first < s.last {
			l.Imbalance += s.last - s.first
			l.Serial += s.wall - (s.last - s.first)
		} else {
			l.Serial += s.wall
		}
		return
	}
	s.finish(l, now, back)
}

// wait splits a pause between two tasks of a worker.
func (s *splitter) wait(l *Losses, pause span) {
	taking, again := overlap(s.ready, pause), overlap(s.again, pause)
	l.Dispatch += taking
	l.Retries += again
	l.Imbalance += pause.to - pause.from - taking - again
}

// finish splits what is left of a worker's time after its last task.
func (s *splitter) finish(l *Losses, now, back time.Duration) {
	if now >= s.wall {
		return
	}
	way := min(max(back, now), s.wall)
	l.Return += way - now
	end := max(s.last, way)
	pause := span{way, end}
	again := overlap(s.again, pause)
	l.Retries += again
	l.Imbalance += end - way - again
	l.Serial += s.wall - end
}

// overlap returns how much of s the spans of a merged list cover.
func overlap(list []span, s span) (sum time.Duration) {
	k, _ := slices.BinarySearchFunc(list, s.from, func(a span, t time.Duration) int { return cmp.Compare(a.to, t) })
	for ; k < len(list) && list[k].from < s.to; k++ {
		sum += max(min(list[k].to, s.to)-max(list[k].from, s.from), 0)
	}
	return sum
}

// shareDelay takes the time in which tasks waited for a core out of the time in
// tasks: the same share of all, since nobody knows whose it was. tried is the part
// of Retries that was in tasks.
func (l *Losses) shareDelay(tried time.Duration, m Measures) {
	if m.Busy <= 0 || m.Work >= m.Busy {
		return
	}
	share := func(d time.Duration) time.Duration {
		return min(time.Duration(float64(d)*float64(m.Busy-m.Work)/float64(m.Busy)), d)
	}
	l.Core = share(l.Work) + share(tried)
	l.Work -= share(l.Work)
	l.Retries -= share(tried)
}
