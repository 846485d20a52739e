package plots

import (
	"math"
	"slices"
	"time"
)

// shortest is the length of a run under which its panels would show chance only.
const shortest = 100 * time.Microsecond

// hasConcurrency tells whether the number of tasks at once says anything.
func (t *timeline) hasConcurrency() bool {
	return t.drawn() && t.run.Tasks > 1 && t.run.Workers > 1 && t.run.Wall >= shortest
}

// hasDurations tells whether the lengths of the tasks say anything.
func (t *timeline) hasDurations() bool {
	return t.drawn() && len(t.times.bins) > 1 && t.run.Wall >= shortest
}

// fewCores returns the number of cores if it bounds the tasks that can run at once
// more than the workers do, or else 0.
func (t *timeline) fewCores() int {
	if t.run.Cores > 0 && t.run.Cores < t.run.Workers {
		return t.run.Cores
	}
	return 0
}

const (
	panelHigh = 52.0 // of the tasks at once, with the space above
	panelGap  = 12.0
)

// concurrency draws how many tasks ran at once, under the rows and along their axis.
func (t *timeline) concurrency() {
	const high = panelHigh - panelGap
	p := t.palette
	base := t.y + panelHigh
	most := float64(t.run.Workers)
	for _, l := range t.running {
		most = max(most, l.n)
	}
	place := func(n float64) float64 { return base - high*n/most }
	points := []point{{t.x, base}}
	y := base
	for _, l := range t.running {
		x := t.x + t.wide*min(max(float64(l.at)/float64(t.run.Wall), 0), 1)
		if next := place(l.n); math.Abs(next-y) > 0.25 {
			points = append(points, point{x, y}, point{x, next})
			y = next
		}
	}
	points = append(points, point{t.x + t.wide, y}, point{t.x + t.wide, base})
	t.scene.add(
		label{x: t.x - 10, y: base - high/2 + 4, size: smallText, anchor: right, fill: p.muted, text: "tasks at once"},
		polygon{"at-once", p.quantity, points},
		blocks{"base", p.grid, []rect{{t.x, base, t.wide, 1}}},
		blocks{"workers", p.ink, []rect{{t.x, place(float64(t.run.Workers)) - 0.5, t.wide, 1}}},
		label{x: t.width - pad, y: place(float64(t.run.Workers)) + 4, size: smallText, anchor: right, fill: p.ink, text: compact(t.run.Workers)},
	)
	if n := t.fewCores(); n > 0 {
		y := place(float64(n))
		t.scene.add(blocks{"cores", p.ink, dashes(t.x, y, t.wide)})
		if text := y + 4; text > place(float64(t.run.Workers))+4+smallText {
			t.scene.add(label{x: t.width - pad, y: text, size: smallText, anchor: right, fill: p.ink, text: compact(n)})
		}
	}
	t.y = base
}

// dashes returns a dashed line, one unit thick.
func dashes(x, y, wide float64) (list []rect) {
	const dash, gap = 5.0, 4.0
	for at := 0.0; at < wide; at += dash + gap {
		list = append(list, rect{x + at, y - 0.5, min(dash, wide-at), 1})
	}
	return list
}

// histogram draws how many tasks took how long, in a box from x, y of the width of
// wide. It returns where it ends.
func (t *timeline) histogram(x, y, wide float64) float64 {
	const high, axis = 56.0, 34.0
	p := t.palette
	most := slices.Max(t.times.bins)
	y += smallText
	t.scene.add(label{x: x, y: y, size: smallText, fill: p.muted, text: "tasks"})
	x, wide = x+axis, wide-axis
	top := y + 12
	base := top + high
	bars := blocks{class: "bar", fill: p.quantity}
	step := wide / float64(len(t.times.bins))
	for i, n := range t.times.bins {
		if n > 0 {
			tall := max(high*float64(n)/float64(most), 1)
			bars.rects = append(bars.rects, rect{x + float64(i)*step, base - tall, max(step-1, 0.5), tall})
		}
	}
	t.scene.add(
		blocks{"grid", p.grid, []rect{{x, top, wide, 1}}}, bars,
		blocks{"base", p.grid, []rect{{x, base, wide, 1}}},
		label{x: x - 6, y: top + 4, size: smallText, anchor: right, fill: p.muted, text: compact(most)},
		label{x: x - 6, y: base + 3, size: smallText, anchor: right, fill: p.muted, text: "0"},
	)
	for _, k := range t.times.ticks(int(wide / 62)) {
		at := x + wide*t.times.place(k.at)
		half := textWidth(k.text, smallText, false) / 2
		t.scene.add(
			blocks{"tick", p.grid, []rect{{at - 0.5, base, 1, 5}}},
			label{x: min(max(at, x+half), x+wide-half), y: base + 17, size: smallText, anchor: middle, fill: p.muted, text: k.text},
		)
	}
	t.scene.add(label{x: x + wide/2, y: base + 33, size: smallText, anchor: middle, fill: p.muted,
		text: clip(t.times.title(), wide, smallText, false)})
	return base + 33
}

// title names the axis of the time.
func (d *durations) title() string {
	s := "time of a task"
	switch {
	case d.chunks && d.log:
		s += " (mean of its chunk, log scale)"
	case d.chunks:
		s += " (mean of its chunk)"
	case d.log:
		s += " (log scale)"
	}
	return s
}
