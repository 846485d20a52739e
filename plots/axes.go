package plots

import (
	"math"
	"slices"
	"strconv"
	"time"
)

// A sheet is a card that is filled from top to bottom.
type sheet struct {
	palette
	width float64
	scene scene
	y     float64 // the pen, going down
}

func newSheet(p palette, width float64) *sheet {
	return &sheet{palette: p, width: width, y: pad - 4}
}

func (s *sheet) heading(text string) {
	s.y += 18
	s.scene.add(label{x: pad, y: s.y, size: titleText, bold: true, fill: s.ink, text: clip(text, s.width-2*pad, titleText, true)})
}

// A key explains one sign of a picture. draw draws it in a box of the width and the
// height of 16 pixels around a centre.
type key struct {
	text string
	draw func(centre point) []item
}

func (s *sheet) legend(keys []key) {
	s.y += 24
	x := pad
	for _, k := range keys {
		wide := 22 + textWidth(k.text, smallText, false)
		if x > pad && x+wide > s.width-pad {
			x = pad
			s.y += 17
		}
		s.scene.add(k.draw(point{x + 8, s.y - 4})...)
		s.scene.add(label{x: x + 22, y: s.y, size: smallText, fill: s.muted, text: clip(k.text, s.width-2*pad-22, smallText, false)})
		x += wide + 18
	}
}

// figures writes numbers, each under its name, in a line or in as many as they need.
func (s *sheet) figures(list []figureOf) {
	room := s.width - 2*pad
	widest := 0.0
	for _, f := range list {
		widest = max(widest, textWidth(f.name, smallText, false), textWidth(f.value, valueText, true))
	}
	columns := max(min(len(list), int(room/(widest+10))), 1)
	lines := (len(list) + columns - 1) / columns
	columns = (len(list) + lines - 1) / lines // as many in each
	step := room / float64(columns)
	for i, f := range list {
		if i%columns == 0 {
			s.y += 44 - 22*float64(btoi(i == 0))
		}
		x := pad + float64(i%columns)*step
		s.scene.add(
			label{x: x, y: s.y, size: smallText, fill: s.muted, text: clip(f.name, step-6, smallText, false)},
			label{x: x, y: s.y + 20, size: valueText, bold: true, fill: s.ink, text: clip(f.value, step-6, valueText, true)},
		)
	}
	s.y += 22
}

// notes writes what there is to learn, then warnings, then how it was measured.
func (s *sheet) notes(lesson string, warnings []string, method string) {
	s.y += 4
	for _, text := range wrap(lesson, s.width-2*pad, plainText) {
		s.y += 19
		s.scene.add(label{x: pad, y: s.y, size: plainText, fill: s.ink, text: text})
	}
	s.y += 6
	const indent = 18
	for _, w := range warnings {
		for i, text := range wrap(w, s.width-2*pad-indent, smallText) {
			s.y += 16
			if i == 0 {
				s.scene.add(
					polygon{"warning", s.failed, []point{{pad, s.y + 1}, {pad + 6, s.y - 10}, {pad + 12, s.y + 1}}},
					blocks{"warning-sign", s.card, []rect{{pad + 5.25, s.y - 6, 1.5, 3.5}, {pad + 5.25, s.y - 1.5, 1.5, 1.5}}},
				)
			}
			s.scene.add(label{x: pad + indent, y: s.y, size: smallText, fill: s.ink, text: text})
		}
		s.y += 3
	}
	for _, text := range wrap(method, s.width-2*pad, smallText) {
		s.y += 16
		s.scene.add(label{x: pad, y: s.y, size: smallText, fill: s.muted, text: text})
	}
}

// finish puts the card under what was drawn.
func (s *sheet) finish(title, desc string) scene {
	high := math.Ceil(s.y + pad - 2)
	back := card{rect{0.5, 0.5, s.width - 1, high - 1}, 8, s.card, s.border}
	s.scene.items = append([]item{back}, s.scene.items...)
	s.scene.width, s.scene.height = s.width, high
	s.scene.title, s.scene.desc = title, desc
	return s.scene
}

// A scale maps the numbers from one to another onto 0 to 1.
type scale struct {
	from, to float64
	log      bool
}

func (s scale) place(v float64) float64 {
	if s.log {
		return math.Log(v/s.from) / math.Log(s.to/s.from)
	}
	return (v - s.from) / (s.to - s.from)
}

// A plane is an area with two axes.
type plane struct {
	rect
	across, up scale
}

func (p plane) at(x, y float64) point {
	return point{p.x + p.w*p.across.place(x), p.y + p.h*(1-p.up.place(y))}
}

// A notch of an axis is a number with its text.
type notch struct {
	at   float64
	text string
}

// chart draws the axes of a plane and leaves the pen under it. The titles carry the
// units; that of the axis upwards stands above it.
func (s *sheet) chart(p plane, across, up []notch, acrossTitle, upTitle string) {
	s.scene.add(label{x: pad, y: p.y - 13, size: smallText, fill: s.muted, text: clip(upTitle, s.width-2*pad, smallText, false)})
	lines := blocks{class: "grid", fill: s.grid}
	for _, m := range up {
		y := p.at(p.across.from, m.at).y
		lines.rects = append(lines.rects, rect{p.x, y - 0.5, p.w, 1})
		s.scene.add(label{x: p.x - 8, y: y + 4, size: smallText, anchor: right, fill: s.muted, text: m.text})
	}
	base := p.y + p.h
	taken := math.Inf(-1)
	for _, m := range across {
		x := p.at(m.at, p.up.from).x
		lines.rects = append(lines.rects, rect{x - 0.5, base, 1, 5})
		half := textWidth(m.text, smallText, false) / 2
		if x-half < taken {
			continue
		}
		taken = x + half + 6
		s.scene.add(label{x: min(x, s.width-8-half), y: base + 18, size: smallText, anchor: middle, fill: s.muted, text: m.text})
	}
	lines.rects = append(lines.rects, rect{p.x, base - 0.5, p.w, 1})
	s.scene.add(lines)
	s.y = base + 18
	if acrossTitle != "" {
		s.y += 18
		s.scene.add(label{x: p.x + p.w/2, y: s.y, size: smallText, anchor: middle, fill: s.muted, text: acrossTitle})
	}
}

// plane returns an area for a chart under the pen, wide enough for the marks beside it.
func (s *sheet) plane(across, up scale, marks []notch, high float64) plane {
	beside := 0.0
	for _, m := range marks {
		beside = max(beside, textWidth(m.text, smallText, false))
	}
	x := pad + beside + 8
	return plane{rect{x, s.y + 38, s.width - pad - 12 - x, high}, across, up}
}

// errorBar draws from low to high at x, with ends.
func (p plane) errorBar(colour string, x, low, high float64) blocks {
	a, b := p.at(x, high), p.at(x, low)
	const half = 4
	return blocks{"error-bar", colour, []rect{
		{a.x - 0.75, a.y, 1.5, max(b.y-a.y, 0.5)},
		{a.x - half, a.y - 0.75, 2 * half, 1.5}, {a.x - half, b.y - 0.75, 2 * half, 1.5},
	}}
}

// vertical draws a dashed line at x, with a text beside its top, if there is one.
func (s *sheet) vertical(p plane, x float64, class, text string) {
	at := p.at(x, p.up.from).x
	s.scene.add(line{class, s.muted, 1.25, 3, []point{{at, p.y}, {at, p.y + p.h}}})
	if text == "" {
		return
	}
	long := textWidth(text, smallText, false)
	l := label{x: at + 5, y: p.y + 9, size: smallText, fill: s.muted, text: text}
	if l.x+long > p.x+p.w {
		l.x, l.anchor = at-5, right
	}
	s.scene.add(l)
}

// curve is the line of a function from one x to another, where it is in the plane.
func (p plane) curve(class, colour string, dash, from, to float64, f func(x float64) float64) line {
	const steps = 200
	l := line{class: class, stroke: colour, width: 1.75, dash: dash}
	for i := range steps + 1 {
		t := float64(i) / steps
		x := from + t*(to-from)
		if p.across.log {
			x = from * math.Pow(to/from, t)
		}
		if y := f(x); y >= p.up.from*(1-1e-9) && y <= p.up.to*(1+1e-9) {
			l.points = append(l.points, p.at(x, y))
		}
	}
	return l
}

// signs tell the points of one row of a chart from those of another.
func circle(class, colour string, at point) item { return polygon{class, colour, disc(at, 4.5)} }

func diamond(class, colour string, at point) item {
	const r = 6
	return polygon{class, colour, []point{{at.x, at.y - r}, {at.x + r, at.y}, {at.x, at.y + r}, {at.x - r, at.y}}}
}

// stroke is a short piece of a line, for a key.
func stroke(colour string, dash float64) func(point) []item {
	return func(at point) []item {
		return []item{line{"key", colour, 1.75, dash, []point{{at.x - 8, at.y}, {at.x + 8, at.y}}}}
	}
}

// niceStep returns the least of 1, 2 and 5 times a power of ten that divides span into at
// most so many steps.
func niceStep(span float64, most int) float64 {
	step := math.Pow(10, math.Floor(math.Log10(span/float64(most))))
	for _, k := range []float64{1, 2, 5, 10} {
		if span/(step*k) <= float64(most) {
			return step * k
		}
	}
	return 10 * step
}

// numberMarks marks a linear axis from 0.
func numberMarks(to float64, most int, text func(float64) string) (list []notch) {
	step := niceStep(to, most)
	for i := 0; float64(i)*step <= to*(1+1e-9); i++ {
		list = append(list, notch{float64(i) * step, text(float64(i) * step)})
	}
	return list
}

func shortNumber(v float64) string { return strconv.FormatFloat(v, 'g', 4, 64) }

// timeScale is an axis for times in nanoseconds: linear from 0, or logarithmic.
func timeScale(least, greatest float64, log bool, most int) (scale, []notch) {
	least = max(least, 1)
	if greatest = max(greatest, least); !log {
		s := scale{0, greatest * 1.08, false}
		var marks []notch
		for _, k := range ticks(0, time.Duration(s.to), most) {
			marks = append(marks, notch{float64(k.at), k.text})
		}
		return s, marks
	}
	s := scale{least / 1.2, greatest * 1.2, true}
	return s, timeMarks(s, most)
}

// timeMarks marks a logarithmic axis of times.
func timeMarks(s scale, most int) []notch {
	for _, steps := range [][]float64{{1, 2, 3, 4, 5, 6, 8}, {1, 2, 5}, {1}} {
		if list := decadeMarks(s, steps, 1); len(list) <= most {
			return list
		}
	}
	decades := math.Log10(s.to / s.from)
	return decadeMarks(s, []float64{1}, int(math.Ceil(decades/float64(max(most-1, 1)))))
}

// apart returns the marks whose texts, centred at their places on the page, keep clear of
// each other.
func apart(marks []notch, place func(at float64) float64) (list []notch) {
	const clear = 6
	end := math.Inf(-1)
	for _, m := range marks {
		half := textWidth(m.text, smallText, false) / 2
		if x := place(m.at); x-half >= end {
			list = append(list, m)
			end = x + half + clear
		}
	}
	return list
}

func decadeMarks(s scale, steps []float64, every int) (list []notch) {
	first := int(math.Floor(math.Log10(s.from)))
	for e := first; math.Pow10(e) <= s.to; e += every {
		for _, k := range steps {
			at := k * math.Pow10(e)
			if at < s.from*(1-1e-9) || at > s.to*(1+1e-9) {
				continue
			}
			d := time.Duration(math.Round(at))
			u := unitFor(d)
			list = append(list, notch{at, strconv.FormatFloat(float64(d)/float64(u.size), 'f', -1, 64) + " " + u.name})
		}
	}
	return list
}

// countMarks marks numbers themselves.
func countMarks(list []int) []notch {
	marks := make([]notch, len(list))
	for i, n := range slices.Sorted(slices.Values(list)) {
		marks[i] = notch{float64(n), compact(n)}
	}
	return marks
}

// formatNS shows a number of nanoseconds.
func formatNS(v float64) string { return formatDuration(time.Duration(math.Round(v))) }
