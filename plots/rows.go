package plots

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/adabc437/fanout/parallel"
)

const (
	maxRows     = 32   // more workers than this share rows
	maxSegments = 3000 // of a whole timeline
)

// A kind is what a stretch of a worker's time was spent on.
type kind int

const (
	running kind = iota
	returning
	cancelled
	retried
	failed
	kinds
)

// A row of a timeline stands for the workers first to last.
type row struct {
	first, last int
	stints      []stint // by start
	busy        float64 // share of the workers' time, 0 to 1
}

// A stint is what a timeline shows of a record.
type stint struct {
	from, to, back time.Duration // started, finished, returned
	kind           kind
}

func (r row) workers() int { return r.last - r.first + 1 }

func (r row) name() string {
	if r.first == r.last {
		return fmt.Sprintf("worker %d", r.first)
	}
	return fmt.Sprintf("workers %d–%d", r.first, r.last)
}

// makeRows deals the records out to at most maxRows rows.
func makeRows(run *parallel.Run, m parallel.Measures) []row {
	if run.Workers <= 0 {
		return nil
	}
	per := (run.Workers + maxRows - 1) / maxRows
	rows := make([]row, 0, maxRows)
	for first := 0; first < run.Workers; first += per {
		r := row{first: first, last: min(first+per, run.Workers) - 1}
		for _, busy := range m.WorkerBusy[r.first : r.last+1] {
			if run.Wall > 0 {
				r.busy += float64(busy) / float64(run.Wall) / float64(r.workers())
			}
		}
		rows = append(rows, r)
	}
	counts := make([]int, len(rows))
	for _, rec := range run.Records {
		if rec.Worker >= 0 && rec.Worker < run.Workers {
			counts[rec.Worker/per]++
		}
	}
	for n := range rows {
		rows[n].stints = make([]stint, 0, counts[n])
	}
	for i := range run.Records {
		if rec := &run.Records[i]; rec.Worker >= 0 && rec.Worker < run.Workers {
			r := &rows[rec.Worker/per]
			r.stints = append(r.stints, stint{rec.Started, rec.Finished, rec.Returned, kindOf(rec)})
		}
	}
	byStart := func(a, b stint) int { return cmp.Compare(a.from, b.from) }
	for _, r := range rows {
		if !slices.IsSortedFunc(r.stints, byStart) {
			slices.SortFunc(r.stints, byStart)
		}
	}
	return rows
}

// A segment is a stretch of a row, from x0 to x1, in pixels from the row's
// start. level is the density of running ones, 0 to 3.
type segment struct {
	x0, x1 float64
	kind   kind
	level  int
	single bool // one task, or one chunk, that deserves an outline
}

// makeSegments draws rows on width pixels that stand for wall. It merges what
// is too narrow, and more of it if there would be too many segments.
func makeSegments(rows []row, wall time.Duration, width float64) [][]segment {
	if wall <= 0 {
		return make([][]segment, len(rows))
	}
	for least := 1.5; ; least *= 2 {
		total := 0
		all := make([][]segment, len(rows))
		for i, r := range rows {
			if r.workers() == 1 {
				all[i] = narrate(r, wall, width, least)
			} else {
				all[i] = shade(r, wall, width, 2*least)
			}
			total += len(all[i])
		}
		if total <= maxSegments || least > width/8 {
			return all
		}
	}
}

// narrate lists what one worker did, in order. Neighbours narrower than least
// become blocks shaded by how much of them was work.
func narrate(r row, wall time.Duration, width, least float64) []segment {
	scale := width / float64(wall)
	var list []segment
	var block struct{ x0, x1, work float64 }
	flush := func() {
		if block.work > 0 {
			x1 := max(block.x1, block.x0+0.75)
			list = appendShaded(list, block.x0, x1, block.work/(x1-block.x0))
		}
		block.work = 0
	}
	for _, st := range r.stints {
		x0, x1 := float64(st.from)*scale, float64(st.to)*scale
		if st.kind == running && x1-x0 < least {
			if block.work > 0 && (x0-block.x1 > least || x0-block.x0 > 4*least) {
				flush()
			}
			if block.work == 0 {
				block.x0 = x0
			}
			block.x1 = max(block.x1, x1)
			block.work += max(x1-x0, 1e-6)
			continue
		}
		flush()
		list = appendStint(list, st.kind, x0, x1, least)
		if back := float64(st.back) * scale; back-x1 >= least {
			list = append(list, segment{x0: x1, x1: back, kind: returning})
		}
	}
	flush()
	return plain(list)
}

// plain takes the outlines off a row in which few tasks are wide enough to be
// told apart, since they would look like pauses among the many that are not.
func plain(list []segment) []segment {
	var alone, merged, tasks float64
	for _, s := range list {
		if s.single {
			alone += s.x1 - s.x0
			tasks++
		} else if s.kind == running {
			merged += s.x1 - s.x0
		}
	}
	if merged < alone/4 && alone >= 5*tasks {
		return list
	}
	joined := list[:0]
	for _, s := range list {
		s.single = false
		if k := len(joined); k > 0 && s.kind == running && joined[k-1].kind == running &&
			joined[k-1].level == s.level && s.x0-joined[k-1].x1 < 0.5 {
			joined[k-1].x1 = s.x1
			continue
		}
		joined = append(joined, s)
	}
	return joined
}

// appendStint adds the segment of one stint. Failures are never too narrow
// to see, and those that would overlap are one.
func appendStint(list []segment, k kind, x0, x1, least float64) []segment {
	s := segment{x0: x0, x1: x1, kind: k, level: 3, single: true}
	if s.kind == running {
		return append(list, s)
	}
	s.single = false
	s.x1 = max(s.x1, s.x0+2)
	if k := len(list); k > 0 && list[k-1].kind == s.kind && s.x0-list[k-1].x1 < least {
		list[k-1].x1 = max(list[k-1].x1, s.x1)
		return list
	}
	return append(list, s)
}

func kindOf(rec *parallel.Record) kind {
	switch {
	case rec.Err == nil:
		return running
	case rec.Retried:
		return retried
	case rec.Failed():
		return failed
	case rec.Cancelled():
		return cancelled
	}
	return running
}

// appendShaded adds a block of running tasks, or widens the last one if it is
// as dense.
func appendShaded(list []segment, x0, x1, density float64) []segment {
	level := 0
	for _, bound := range []float64{0.3, 0.6, 0.85} {
		if density > bound {
			level++
		}
	}
	if k := len(list); k > 0 {
		last := &list[k-1]
		if last.kind == running && !last.single && last.level == level && x0-last.x1 < 0.5 {
			last.x1 = x1
			return list
		}
	}
	return append(list, segment{x0: x0, x1: x1, kind: running, level: level})
}

// shade lists how many of several workers worked, in steps of some pixels, and
// then what failed or was cut off.
func shade(r row, wall time.Duration, width, step float64) []segment {
	shares := density(r, wall, int(width/step))
	step = width / float64(len(shares))
	var list []segment
	for i, share := range shares {
		if share > 0.005 {
			list = appendShaded(list, float64(i)*step, float64(i+1)*step, share)
		}
	}
	scale := width / float64(wall)
	for k := cancelled; k < kinds; k++ {
		for _, st := range r.stints {
			if st.kind == k {
				list = appendStint(list, k, float64(st.from)*scale, float64(st.to)*scale, step)
			}
		}
	}
	return list
}

// density returns the share of the row's workers that were busy, in n equal
// parts of the run.
func density(r row, wall time.Duration, n int) []float64 {
	shares := make([]float64, max(n, 1))
	part := float64(wall) / float64(len(shares))
	for _, st := range r.stints {
		from, to := float64(st.from)/part, float64(st.to)/part
		for i := max(int(from), 0); i < len(shares) && float64(i) < to; i++ {
			shares[i] += min(to, float64(i+1)) - max(from, float64(i))
		}
	}
	for i := range shares {
		shares[i] /= float64(r.workers())
	}
	return shares
}
