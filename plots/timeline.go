package plots

import (
	"math"
	"slices"

	"github.com/adabc437/fanout/parallel"
)

// Timeline draws who worked when in a run: a row for each worker (for several
// when there are more than 32), over time since the start of the run. Above
// them stands the number of tasks that wait to be taken, beside them the share
// of the time that each was busy, and under them how many tasks ran at once,
// with the number of workers, and that of cores if there are fewer.
//
// Below stand how many tasks took how long (those of a chunk count as its mean), on
// a logarithmic axis where the times differ by more than 30 times; where the
// workers' time went, as [parallel.Losses] splits it; wall time, CPU time of
// the process, speed-up, efficiency and imbalance as [parallel.Measures] defines
// them; and a sentence on what there is to learn. A panel that would say nothing is
// left out: of a single task, or of a run under 100 µs. Of a run with Lanes, the rows are
// those, with how much of the time each was alone. A nil run is an empty one. Of a
// run that cannot be, such as one with a negative number of workers, the figure says why.
func Timeline(run *parallel.Run, opts ...Option) *Figure {
	if run == nil {
		run = new(parallel.Run)
	}
	s := newStyle(760, opts)
	s.width = max(s.width, 480)
	if why := doubtOfRun(run); why != "" {
		return senseless(s, heading(run, s.title), why)
	}
	if l := lanesOf(run, s.title); l != nil {
		return l.figure(s)
	}
	m, l := run.Measure(), run.Losses()
	t := timeline{run: run, style: s, rows: makeRows(run, m)}
	t.heading = heading(run, s.title)
	t.caption = caption(run, m)
	t.parts = partsOf(l)
	t.lesson = lesson(run, m, l)
	t.x = pad + t.nameWidth() + 10
	t.wide = t.width - pad - 40 - t.x
	if t.drawn() {
		for i := range run.Records {
			t.has[kindOf(&run.Records[i])] = true
		}
		t.times = durationsOf(run)
		t.segments = makeSegments(t.rows, run.Wall, t.wide)
		t.queued = waiting(run, maxLevels)
		if t.hasConcurrency() {
			t.running = atOnce(t.rows, run.Wall, int(t.wide))
		}
	}
	return newFigure(s, t.draw, t.chars())
}

type timeline struct {
	style
	run      *parallel.Run
	rows     []row
	segments [][]segment
	has      [kinds]bool
	queued   []level   // tasks that wait
	running  []level   // tasks at once; none where they are not shown
	times    durations // of the tasks
	heading  string
	parts    []part // of the workers' time
	caption  []figureOf
	lesson   string

	scene scene
	// The area of the rows: pixels from x for the width of wide.
	x, wide float64
	y       float64 // the pen, going down
}

const maxLevels = 200 // steps of the queue

const (
	pad       = 20.0 // between the border of the card and what is on it
	smallText = 11.0
	plainText = 13.0
	titleText = 16.0
	valueText = 17.0
)

// draw draws the timeline on a card; it leaves t as it is.
func (t timeline) draw(p palette) scene {
	t.palette = p
	t.y = pad + 14
	t.scene.add(label{x: pad, y: t.y, size: titleText, bold: true, fill: p.ink,
		text: clip(t.heading, t.width-2*pad, titleText, true)})
	if t.drawn() {
		t.y += 24
		t.legend()
		t.y += 16
		t.queue()
		t.drawRows()
		t.details()
	}
	t.y += 28
	t.captions()

	height := math.Ceil(t.y + pad)
	back := card{rect{0.5, 0.5, t.width - 1, height - 1}, 8, p.card, p.border}
	t.scene.items = append([]item{back}, t.scene.items...)
	t.scene.width, t.scene.height = t.width, height
	t.scene.title, t.scene.desc = t.heading, t.lesson
	return t.scene
}

// details draws the lengths of the tasks and the split of the workers' time, side by
// side if there is room.
func (t *timeline) details() {
	const gap, least = 28.0, 640.0
	wide := t.width - 2*pad
	t.y += 16
	switch {
	case !t.hasDurations():
		t.y = drawSplit(&t.scene, t.palette, t.parts, pad, t.y, wide)
	case t.width < least:
		t.y = t.histogram(pad, t.y, wide) + 12
		t.y = drawSplit(&t.scene, t.palette, t.parts, pad, t.y, wide)
	default:
		half := (wide - gap) / 2
		y := t.histogram(pad, t.y, half)
		t.y = max(y, drawSplit(&t.scene, t.palette, t.parts, pad+half+gap, t.y, half))
	}
}

// drawn tells whether there is anything to draw.
func (t *timeline) drawn() bool {
	return len(t.rows) > 0 && len(t.run.Records) > 0 && t.run.Wall > 0
}

func (t *timeline) nameWidth() float64 {
	w := textWidth("queue", smallText, false)
	if t.hasConcurrency() {
		w = textWidth("tasks at once", smallText, false)
	}
	for _, r := range t.rows {
		w = max(w, textWidth(r.name(), smallText, false))
	}
	return w
}

// colour returns the colour of a segment.
func (p palette) colour(k kind, level int) string {
	return [kinds]string{p.running[level], p.returning, p.cancelled, p.failed, p.failed}[k]
}

var kindNames = [kinds]string{"running", "returning", "cancelled", "tried again", "failed"}

// legend explains the colours that the picture uses.
func (t *timeline) legend() {
	var seen [kinds]bool
	shaded := false
	for _, row := range t.segments {
		for _, s := range row {
			seen[s.kind] = true
			shaded = shaded || s.kind == running && s.level < 3
		}
	}
	t.scene.add(label{x: t.width - pad, y: t.y, size: smallText, anchor: right, fill: t.palette.muted, text: "busy"})
	p := t.palette
	x := t.x
	entry := func(text string, wide float64, key func(x float64) []item) {
		all := wide + 6 + textWidth(text, smallText, false)
		if x > t.x && x+all > t.width-pad-40 {
			x = t.x
			t.y += 16
		}
		t.scene.add(key(x)...)
		t.scene.add(label{x: x + wide + 6, y: t.y, size: smallText, fill: p.muted, text: text})
		x += all + 18
	}
	add := func(text string, colours ...string) {
		entry(text, float64(10*len(colours)), func(x float64) (list []item) {
			for i, c := range colours {
				list = append(list, blocks{"key", c, []rect{{x + float64(10*i), t.y - 9, 10, 10}}})
			}
			return list
		})
	}
	if slices.ContainsFunc(t.queued, func(l level) bool { return l.n > 0 }) {
		add("queued", p.queued)
	}
	for k := range kinds {
		switch {
		case !seen[k]:
		case k == running && shaded:
			add("running, by density", p.running[:]...)
		case k == retried || k == failed: // with the mark above it
			entry(kindNames[k], 23, func(x float64) []item {
				box := rect{x + 13, t.y - 9, 10, 10}
				list := mark("key", k, p, x+5, t.y-1, 5)
				if k == retried {
					return append(list, blocks{"key", p.colour(k, 3), stripes(box)})
				}
				return append(list, blocks{"key", p.colour(k, 3), []rect{box}})
			})
		default:
			add(kindNames[k], p.colour(k, 3))
		}
	}
	if slices.ContainsFunc(t.rows, func(r row) bool { return r.busy < 0.995 }) {
		add("idle", p.track)
	}
	if t.hasConcurrency() {
		entry("workers", 14, func(x float64) []item { return []item{blocks{"key", p.ink, []rect{{x, t.y - 4, 14, 1}}}} })
		if t.fewCores() > 0 {
			entry("cores", 14, func(x float64) []item { return []item{blocks{"key", p.ink, dashes(x, t.y-3.5, 14)}} })
		}
	}
}

// queue draws how many tasks wait.
func (t *timeline) queue() {
	const high = 22.0
	base := t.y + high
	t.scene.add(
		label{x: t.x - 10, y: base - 7, size: smallText, anchor: right, fill: t.palette.muted, text: "queue"},
		label{x: t.width - pad, y: base - 7, size: smallText, anchor: right, fill: t.palette.muted, text: compact(t.run.Tasks)},
	)
	points := []point{{t.x, base}}
	y := base
	for _, l := range t.queued {
		x := t.x + t.wide*min(float64(l.at)/float64(t.run.Wall), 1)
		points = append(points, point{x, y})
		y = base - high*max(l.n, 0)/float64(max(t.run.Tasks, 1))
		points = append(points, point{x, y})
	}
	points = append(points, point{t.x + t.wide, y}, point{t.x + t.wide, base})
	t.scene.add(
		polygon{"queue", t.palette.queued, points},
		blocks{"base", t.palette.grid, []rect{{t.x, base, t.wide, 1}}},
	)
	t.y = base + 10
}

// rowSizes returns the height of a row and of the space under it.
func (t *timeline) rowSizes() (high, gap float64) {
	switch n := len(t.rows); {
	case n <= 4:
		return 26, 8
	case n <= 8:
		return 20, 7
	case n <= 16:
		return 15, 5
	}
	return 11, 4
}

func (t *timeline) drawRows() {
	high, gap := t.rowSizes()
	top := t.y
	bottom := top + float64(len(t.rows))*(high+gap) - gap
	tracks := blocks{class: "track", fill: t.palette.track}
	for i := range t.rows {
		tracks.rects = append(tracks.rects, rect{t.x, top + float64(i)*(high+gap), t.wide, high})
	}
	t.scene.add(tracks)
	end := bottom
	if t.hasConcurrency() {
		end += panelHigh
	}
	t.axis(top, end)

	var paths [kinds][4][]rect
	for i, r := range t.rows {
		y := top + float64(i)*(high+gap)
		text := y + high/2 + 4
		t.scene.add(
			label{x: t.x - 10, y: text, size: smallText, anchor: right, fill: t.palette.ink, text: r.name()},
			label{x: t.width - pad, y: text, size: smallText, anchor: right, fill: t.palette.ink, text: percent(r.busy)},
		)
		for _, s := range t.segments[i] {
			at := rect{t.x + s.x0, y, min(s.x1, t.wide) - s.x0, high}
			if s.x0 > t.wide-2 && s.kind != running { // keep what was widened on the row
				at.x, at.w = t.x+t.wide-2, 2
			}
			if s.single && at.w > 3 {
				at.w -= 0.8 // so that neighbours stay apart
			}
			if s.kind == returning || s.kind == cancelled { // thinner: told from running without colour
				at.y, at.h = at.y+high/4, high/2
			}
			paths[s.kind][s.level] = append(paths[s.kind][s.level], at)
		}
	}
	for k := range kinds {
		for level, rects := range paths[k] {
			if k == retried {
				t.striped(rects)
			} else if len(rects) > 0 {
				t.scene.add(blocks{kindNames[k], t.palette.colour(k, level), rects})
			}
		}
	}
	for _, k := range []kind{retried, failed} {
		t.marks(k, slices.Concat(paths[k][:]...), gap)
	}
	t.y = bottom
	if t.hasConcurrency() {
		t.concurrency()
	}
	t.y = end + 18
}

// striped draws attempts that were followed by another: told from failed tasks
// without colour.
func (t *timeline) striped(rects []rect) {
	var lines []rect
	for _, r := range rects {
		lines = append(lines, stripes(r)...)
	}
	if len(rects) > 0 {
		t.scene.add(blocks{"retried-ground", t.palette.track, rects}, blocks{"retried", t.palette.failed, lines})
	}
}

// marks points at failed tasks and attempts from above, so that they show without
// colour.
func (t *timeline) marks(k kind, faults []rect, gap float64) {
	const most = 200
	size := min(gap, 6)
	for _, r := range faults[:min(len(faults), most)] {
		t.scene.add(mark("mark", k, t.palette, r.x+r.w/2, r.y+1, size)...)
	}
}

// mark is a triangle whose tip points down at x, y: full for failed, hollow for what
// was tried again.
func mark(class string, k kind, p palette, x, y, size float64) []item {
	down := func(class, fill string, size, tip float64) polygon {
		return polygon{class, fill, []point{{x - size, tip - size - 1}, {x + size, tip - size - 1}, {x, tip}}}
	}
	list := []item{down(class, p.failed, size, y)}
	if k == retried {
		list = append(list, down(class+"-inside", p.card, size*0.5, y-size*0.4))
	}
	return list
}

// axis draws the time axis down to bottom, and its lines across what stands above.
func (t *timeline) axis(top, bottom float64) {
	lines := blocks{class: "grid", fill: t.palette.grid}
	for _, k := range ticks(0, t.run.Wall, int(t.wide/90)) {
		x := t.x + t.wide*float64(k.at)/float64(t.run.Wall)
		lines.rects = append(lines.rects, rect{x - 0.5, top, 1, bottom - top + 4})
		anchor := middle
		if k.at == 0 {
			anchor = left
		} else if x+textWidth(k.text, smallText, false)/2 > t.width-pad {
			anchor = right
		}
		t.scene.add(label{x: x, y: bottom + 16, size: smallText, anchor: anchor, fill: t.palette.muted, text: k.text})
	}
	t.scene.add(lines, label{x: t.x - 10, y: bottom + 16, size: smallText, anchor: right, fill: t.palette.muted, text: "time"})
}

// captions writes the figures in a line, and the lesson below.
func (t *timeline) captions() {
	step := (t.width - 2*pad) / float64(len(t.caption))
	for i, f := range t.caption {
		x := pad + float64(i)*step
		t.scene.add(
			label{x: x, y: t.y, size: smallText, fill: t.palette.muted, text: f.name},
			label{x: x, y: t.y + 20, size: valueText, bold: true, fill: t.palette.ink, text: f.value},
		)
	}
	t.y += 24
	for _, line := range wrap(t.lesson, t.width-2*pad, plainText) {
		t.y += 19
		t.scene.add(label{x: pad, y: t.y, size: plainText, fill: t.palette.ink, text: line})
	}
}
