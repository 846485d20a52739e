package plots

import (
	"math"

	"github.com/adabc437/fanout/parallel"
)

// Timeline draws who worked when in a run: a row for each worker (for several
// when there are more than 32), over time since the start of the run. Above
// them stands the number of tasks that wait to be taken, beside them the share
// of the time that each was busy, and below wall time, CPU time of the process,
// speed-up, efficiency and imbalance as [parallel.Measures] defines them, with
// a sentence on what there is to learn. A nil run is an empty one.
func Timeline(run *parallel.Run, opts ...Option) *Figure {
	if run == nil {
		run = new(parallel.Run)
	}
	s := newStyle(760, opts)
	s.width = max(s.width, 480)
	m := run.Measure()
	t := timeline{run: run, m: m, style: s, rows: makeRows(run, m)}
	t.heading = heading(run, s.title)
	t.caption = caption(run, m)
	t.lesson = lesson(run, m)
	return &Figure{scene: t.draw(), text: t.chars()}
}

type timeline struct {
	style
	run     *parallel.Run
	m       parallel.Measures
	rows    []row
	heading string
	caption []figureOf
	lesson  string

	scene scene
	// The area of the rows: pixels from x for the width of wide.
	x, wide float64
	y       float64 // the pen, going down
}

const (
	pad       = 20.0 // between the border of the card and what is on it
	smallText = 11.0
	plainText = 13.0
	titleText = 16.0
	valueText = 17.0
)

func (t *timeline) draw() scene {
	t.x = pad + t.nameWidth() + 10
	t.wide = t.width - pad - 40 - t.x
	segments := makeSegments(t.rows, t.run.Wall, t.wide)

	t.y = pad + 14
	t.scene.add(label{x: pad, y: t.y, size: titleText, bold: true, fill: t.palette.ink,
		text: clip(t.heading, t.width-2*pad, titleText, true)})
	if t.drawn() {
		t.y += 24
		t.legend(segments)
		t.y += 16
		t.queue()
		t.drawRows(segments)
	}
	t.y += 24
	t.captions()

	height := math.Ceil(t.y + pad)
	back := card{rect{0.5, 0.5, t.width - 1, height - 1}, 8, t.palette.card, t.palette.border}
	t.scene.items = append([]item{back}, t.scene.items...)
	t.scene.width, t.scene.height = t.width, height
	t.scene.title, t.scene.desc = t.heading, t.lesson
	return t.scene
}

// drawn tells whether there is anything to draw.
func (t *timeline) drawn() bool {
	return len(t.rows) > 0 && len(t.run.Records) > 0 && t.run.Wall > 0
}

func (t *timeline) nameWidth() float64 {
	w := textWidth("queue", smallText, false)
	for _, r := range t.rows {
		w = max(w, textWidth(r.name(), smallText, false))
	}
	return w
}

// colour returns the colour of a segment.
func (p palette) colour(k kind, level int) string {
	return [kinds]string{p.running[level], p.returning, p.cancelled, p.failed}[k]
}

var kindNames = [kinds]string{"running", "returning", "cancelled", "failed"}

// legend explains the colours that the picture uses.
func (t *timeline) legend(segments [][]segment) {
	var seen [kinds]bool
	shaded := false
	for _, row := range segments {
		for _, s := range row {
			seen[s.kind] = true
			shaded = shaded || s.kind == running && s.level < 3
		}
	}
	x := t.x
	t.scene.add(label{x: t.width - pad, y: t.y, size: smallText, anchor: right, fill: t.palette.muted, text: "busy"})
	entry := func(text string, colours ...string) {
		wide := float64(10*len(colours)) + 20 + textWidth(text, smallText, false)
		if x+wide > t.width-pad-40 {
			x = t.x
			t.y += 16
		}
		if text == kindNames[failed] { // with the mark above it
			t.scene.add(polygon{"key", colours[0], []point{{x, t.y - 7}, {x + 10, t.y - 7}, {x + 5, t.y - 1}}})
			x += 13
		}
		for _, c := range colours {
			t.scene.add(blocks{"key", c, []rect{{x, t.y - 9, 10, 10}}})
			x += 10
		}
		x += 6
		t.scene.add(label{x: x, y: t.y, size: smallText, fill: t.palette.muted, text: text})
		x += textWidth(text, smallText, false) + 18
	}
	entry("queued", t.palette.queued)
	for k := range kinds {
		switch {
		case k == running && shaded:
			entry("running, by density", t.palette.running[:]...)
		case seen[k]:
			entry(kindNames[k], t.palette.colour(k, 3))
		}
	}
	entry("idle", t.palette.track)
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
	for _, l := range waiting(t.run, 200) {
		x := t.x + t.wide*min(float64(l.at)/float64(t.run.Wall), 1)
		points = append(points, point{x, y})
		y = base - high*float64(l.tasks)/float64(max(t.run.Tasks, 1))
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

func (t *timeline) drawRows(segments [][]segment) {
	high, gap := t.rowSizes()
	top := t.y
	bottom := top + float64(len(t.rows))*(high+gap) - gap
	tracks := blocks{class: "track", fill: t.palette.track}
	for i := range t.rows {
		tracks.rects = append(tracks.rects, rect{t.x, top + float64(i)*(high+gap), t.wide, high})
	}
	t.scene.add(tracks)
	t.axis(top, bottom)

	var paths [kinds][4][]rect
	for i, r := range t.rows {
		y := top + float64(i)*(high+gap)
		text := y + high/2 + 4
		t.scene.add(
			label{x: t.x - 10, y: text, size: smallText, anchor: right, fill: t.palette.ink, text: r.name()},
			label{x: t.width - pad, y: text, size: smallText, anchor: right, fill: t.palette.ink, text: percent(r.busy)},
		)
		for _, s := range segments[i] {
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
			if len(rects) > 0 {
				t.scene.add(blocks{kindNames[k], t.palette.colour(k, level), rects})
			}
		}
	}
	var faults []rect
	for level := range paths[failed] {
		faults = append(faults, paths[failed][level]...)
	}
	t.marks(faults, gap)
	t.y = bottom + 18
}

// marks points at failed tasks from above, so that they show without colour.
func (t *timeline) marks(faults []rect, gap float64) {
	const most = 200
	size := min(gap, 6)
	for _, r := range faults[:min(len(faults), most)] {
		x := r.x + r.w/2
		t.scene.add(polygon{"mark", t.palette.failed, []point{{x - size, r.y - size}, {x + size, r.y - size}, {x, r.y + 1}}})
	}
}

// axis draws the time axis under the rows, and its lines between them.
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
	t.scene.add(lines)
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
