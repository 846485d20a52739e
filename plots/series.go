package plots

import (
	"cmp"
	"math"
	"slices"
	"time"

	"github.com/adabc437/fanout/parallel"
)

// A level is how many there are of something from a point of time on.
type level struct {
	at time.Duration
	n  float64
}

// waiting returns how many tasks were queued and not started, over time:
// whenever that changed, or at some most equal steps if it changed more often.
func waiting(run *parallel.Run, most int) []level {
	changes := make([]level, 0, 2*len(run.Records)+1)
	started := 0
	for i := range run.Records {
		rec := &run.Records[i]
		n := float64(rec.Count)
		changes = append(changes, level{rec.Queued, n}, level{rec.Started, -n})
		if rec.Attempt <= 1 { // a task that is tried again has been counted
			started += rec.Count
		}
	}
	changes = append(changes, level{0, float64(run.Tasks - started)})
	if len(changes) <= 4*most {
		if list := sums(changes); len(list) <= most {
			return list
		}
	}
	return sampled(changes, run.Wall, most)
}

// sums turns changes into levels.
func sums(changes []level) []level {
	slices.SortFunc(changes, func(a, b level) int { return cmp.Compare(a.at, b.at) })
	var list []level
	sum := 0.0
	for i, c := range changes {
		sum += c.n
		if i+1 < len(changes) && changes[i+1].at == c.at {
			continue
		}
		list = append(list, level{c.at, sum})
	}
	return list
}

// sampled returns the level at each of most equal steps. It does not sort.
func sampled(changes []level, wall time.Duration, most int) []level {
	list := make([]level, most)
	for i := range list {
		list[i].at = time.Duration(float64(wall) * float64(i) / float64(most))
	}
	for _, c := range changes {
		i := int(math.Ceil(float64(c.at) / float64(max(wall, 1)) * float64(most)))
		if i = max(i, 0); i < most {
			list[i].n += c.n
		}
	}
	for i := range list[1:] {
		list[i+1].n += list[i].n
	}
	return list
}

// atOnce returns the mean number of tasks that ran at once in each of n equal parts
// of the run. A chunk runs one task at a time.
func atOnce(rows []row, wall time.Duration, n int) []level {
	list := make([]level, n)
	for i := range list {
		list[i].at = time.Duration(float64(wall) * float64(i) / float64(n))
	}
	for _, r := range rows {
		for i, share := range density(r, wall, n) {
			list[i].n += share * float64(r.workers())
		}
	}
	return list
}

// durations say how many tasks took how long.
type durations struct {
	from, to  time.Duration
	low, high float64 // from and to on the scale of the axis
	log       bool    // the bins are equally wide on a logarithmic scale
	bins      []int
	chunks    bool // some times are means of chunks
}

const (
	logSpan  = 30 // times that differ by more stand on a logarithmic scale
	maxTimes = 40 // bins
	minTimes = 8  // fewer are better seen one by one
)

// durationsOf counts tasks by how long they took; those of a chunk all took its mean.
// Attempts that were followed by another, and what was cut off, do not count. It has
// no bins where there is nothing to compare. The number of bins is twice the cube
// root of that of the times (Rice's rule), and at most maxTimes.
func durationsOf(run *parallel.Run) (d durations) {
	times := 0
	each := func(yield func(took time.Duration, count int)) {
		for i := range run.Records {
			rec := &run.Records[i]
			if rec.Count < 1 || rec.Retried || rec.Err != nil && rec.Cancelled() {
				continue
			}
			yield(max(rec.Busy()/time.Duration(rec.Count), 1), rec.Count)
		}
	}
	each(func(took time.Duration, n int) {
		if times == 0 {
			d.from = took
		}
		d.from, d.to = min(d.from, took), max(d.to, took)
		d.chunks = d.chunks || n > 1
		times++
	})
	if times < minTimes || d.from == d.to {
		return d
	}
	d.log = d.to/logSpan > d.from
	d.low, d.high = d.scale(d.from), d.scale(d.to)
	bins := min(math.Ceil(2*math.Cbrt(float64(times))), maxTimes)
	if !d.log {
		bins = min(bins, float64(d.to-d.from))
	}
	d.bins = make([]int, int(bins))
	each(func(took time.Duration, n int) {
		i := int(d.place(took) * float64(len(d.bins)))
		d.bins[min(max(i, 0), len(d.bins)-1)] += n
	})
	return d
}

// place returns where on the axis a time is, from 0 to 1.
func (d *durations) place(t time.Duration) float64 {
	return (d.scale(t) - d.low) / (d.high - d.low)
}

func (d *durations) scale(t time.Duration) float64 {
	if d.log {
		return math.Log(float64(t))
	}
	return float64(t)
}

// ticks divides the axis into at most some most parts.
func (d *durations) ticks(most int) []tick {
	if d.log {
		return logTicks(d.from, d.to, most)
	}
	return ticks(d.from, d.to, most)
}
