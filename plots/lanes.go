package plots

import (
	"cmp"
	"fmt"
	"image/color"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// lanes is a timeline of things that go on side by side and are not alike, such as the
// stages of a call on a device: a row for each, how long each took, and how much of the
// time each was alone.
type lanes struct {
	heading  string
	list     []lane
	from, to time.Duration // what the axis shows
	since    string        // when it begins, in words
	built    string        // what is said of a build, which is not on the axis; "" if there is none
	build    time.Duration
	together []stint // a thin row of when two kinds of lanes were at work at once; none: it is not shown
	columns  []string
	parts    []part
	title    string // of the parts
	caption  []figureOf
	lesson   string
}

// A lane is one of them.
type lane struct {
	name   string
	colour func(palette) string
	row    row // of spans that do not overlap
	notes  []string
}

// togetherName is the name of the row of when copies and kernels go on at once.
const togetherName = "both at once"

// laneColours tell lanes apart.
var laneColours = []func(palette) string{
	func(p palette) string { return p.core },
	func(p palette) string { return p.running[3] },
	func(p palette) string { return p.returning },
	func(p palette) string { return p.serial },
	func(p palette) string { return p.cancelled },
}

func atOnceColour(p palette) string { return p.queued }

func idleColour(p palette) string { return p.idle }

// joined sorts stints and joins those that overlap: what failed, and what is next to each
// other, stays apart.
func joined(list []stint) []stint {
	slices.SortStableFunc(list, func(a, b stint) int { return cmp.Compare(a.from, b.from) })
	var all []stint
	for _, s := range list {
		if k := len(all); k > 0 && s.from < all[k-1].to && s.kind == all[k-1].kind {
			all[k-1].to = max(all[k-1].to, s.to)
			all[k-1].back = all[k-1].to
			continue
		}
		all = append(all, s)
	}
	return all
}

// sweep goes through the time from one moment to another, and calls visit for each stretch
// in which the same lanes are at work.
func sweep(list []lane, from, to time.Duration, visit func(from, to time.Duration, active []int, n int)) {
	type edge struct {
		at       time.Duration
		lane, by int
	}
	var edges []edge
	for i, l := range list {
		for _, s := range l.row.stints {
			if a, b := max(s.from, from), min(s.to, to); a < b {
				edges = append(edges, edge{a, i, 1}, edge{b, i, -1})
			}
		}
	}
	slices.SortFunc(edges, func(a, b edge) int { return cmp.Compare(a.at, b.at) })
	active, n, at := make([]int, len(list)), 0, from
	for _, e := range append(edges, edge{at: to, lane: -1}) {
		if e.at > at {
			visit(at, e.at, active, n)
			at = e.at
		}
		if e.lane < 0 {
			return
		}
		before := active[e.lane] > 0
		active[e.lane] += e.by
		n += btoi(active[e.lane] > 0) - btoi(before)
	}
}

// split fills in the parts: each lane alone, several at once, and none.
func (l *lanes) split(several, none string) {
	alone := make([]time.Duration, len(l.list))
	var together, idle time.Duration
	sweep(l.list, l.from, l.to, func(from, to time.Duration, active []int, n int) {
		switch n {
		case 0:
			idle += to - from
		case 1:
			alone[slices.IndexFunc(active, func(k int) bool { return k > 0 })] += to - from
		default:
			together += to - from
		}
	})
	if l.to <= l.from {
		return
	}
	for i, lane := range l.list {
		name := lane.name
		if together > 0 {
			name += " alone"
		}
		l.parts = append(l.parts, part{name: name, took: alone[i], colour: lane.colour})
	}
	l.parts = append(l.parts, part{name: several, took: together, colour: atOnceColour}, part{name: none, took: idle, colour: idleColour})
	setPercents(l.parts, l.to-l.from)
}

// busy is how long a lane was at work.
func (l lane) busy() (d time.Duration) {
	for _, s := range l.row.stints {
		d += s.to - s.from
	}
	return d
}

// drawn tells whether there is anything to draw.
func (l *lanes) drawn() bool {
	return l.to > l.from && slices.ContainsFunc(l.list, func(l lane) bool { return len(l.row.stints) > 0 })
}

func (l *lanes) figure(st style) *Figure {
	return chartFigure(st, l.draw, l.chars(st.textColumns()))
}

func (l *lanes) draw(s *sheet) scene {
	s.heading(l.heading)
	if l.drawn() {
		l.rows(s)
		s.y += 16
		s.y = drawParts(&s.scene, s.palette, l.title, l.parts, pad, s.y, s.width-2*pad)
	}
	if len(l.caption) > 0 {
		s.y += 6
		s.figures(l.caption)
	}
	s.notes(l.lesson, nil, "")
	return s.finish(l.heading, l.lesson)
}

// rows draws the lanes over their axis, with the notes beside them.
func (l *lanes) rows(s *sheet) {
	const gap, space = 8.0, 12.0
	high := 26.0
	if len(l.list) > 8 {
		high = 15
	}
	names := textWidth(togetherName, smallText, false)
	wide := make([]float64, len(l.columns))
	for i, c := range l.columns {
		wide[i] = textWidth(c, smallText, false)
	}
	for _, lane := range l.list {
		names = max(names, textWidth(lane.name, smallText, false))
		for i, n := range lane.notes {
			wide[i] = max(wide[i], textWidth(n, smallText, false))
		}
	}
	if l.built != "" {
		wide[0] = max(wide[0], textWidth(formatDuration(l.build), smallText, false))
	}
	names = min(names, s.width/4)
	beside := 0.0
	for _, w := range wide {
		beside += w + space
	}
	x := pad + names + 10
	area := rect{x, 0, s.width - pad - beside - x, high}
	notes := func(y float64, colour string, list []string) {
		at := area.x + area.w
		for i, n := range list {
			at += space + wide[i]
			s.scene.add(label{x: at, y: y, size: smallText, anchor: right, fill: colour, text: n})
		}
	}
	name := func(y float64, colour, text string) {
		s.scene.add(label{x: x - 10, y: y, size: smallText, anchor: right, fill: colour, text: clip(text, names, smallText, false)})
	}
	s.y += 24
	header := s.y
	notes(header, s.muted, l.columns)
	s.y += 8
	if l.built != "" {
		l.beforehand(s, rect{x, s.y, area.w, high}, name, notes)
		s.y += high + gap
	}
	top := s.y
	rows := make([]row, len(l.list))
	for i, lane := range l.list {
		rows[i] = lane.row.shifted(-l.from)
	}
	segments := makeSegments(rows, l.to-l.from, area.w)
	if text := "paler: at work for a part of the time"; hasPale(segments) && textWidth(text, smallText, false) < area.w {
		s.scene.add(label{x: x, y: header, size: smallText, fill: s.muted, text: text})
	}
	tracks := blocks{class: "track", fill: s.track}
	for i := range l.list {
		tracks.rects = append(tracks.rects, rect{x, top + float64(i)*(high+gap), area.w, high})
	}
	s.scene.add(tracks)
	bottom := top + float64(len(l.list))*(high+gap) - gap
	if len(l.together) > 0 {
		bottom += gap + high/2
	}
	l.axis(s, rect{x, top, area.w, bottom - top})
	for i, lane := range l.list {
		y := top + float64(i)*(high+gap)
		name(y+high/2+4, s.ink, lane.name)
		notes(y+high/2+4, s.ink, lane.notes)
		s.bars("lane", lane.colour(s.palette), rect{x, y, area.w, high}, segments[i])
	}
	if len(l.together) > 0 {
		y := bottom - high/2
		name(y+high/4+4, s.muted, togetherName)
		thin := row{stints: l.together}.shifted(-l.from)
		s.bars("at-once", atOnceColour(s.palette), rect{x, y, area.w, high / 2}, makeSegments([]row{thin}, l.to-l.from, area.w)[0])
	}
	s.y = bottom + 18
}

// hasPale tells whether some segments are of sparse work.
func hasPale(segments [][]segment) bool {
	return slices.ContainsFunc(segments, func(list []segment) bool {
		return slices.ContainsFunc(list, func(s segment) bool { return s.kind == running && s.level < 3 })
	})
}

// beforehand draws what came before the axis begins: a bar that is broken off, with its time.
func (l *lanes) beforehand(s *sheet, at rect, name func(float64, string, string), notes func(float64, string, []string)) {
	const wide = 34.0
	y := at.y + at.h/2 + 4
	name(y, s.ink, "build")
	notes(y, s.ink, []string{formatDuration(l.build)})
	colour := s.serial
	s.scene.add(
		blocks{"build", colour, []rect{{at.x, at.y, wide, at.h}}},
		polygon{"break", s.card, []point{{at.x + wide - 14, at.y + at.h + 1}, {at.x + wide - 7, at.y - 1}, {at.x + wide - 3, at.y - 1}, {at.x + wide - 10, at.y + at.h + 1}}},
		label{x: at.x + wide + 8, y: y, size: smallText, fill: s.muted, text: clip(l.built, at.w-wide-8, smallText, false)},
	)
}

// bars draws the segments of a row; the sparser the work in one is, the paler.
func (s *sheet) bars(class, colour string, at rect, segments []segment) {
	var rects [4][]rect
	var faults []rect
	for _, g := range segments {
		r := rect{at.x + g.x0, at.y, max(min(g.x1, at.w)-g.x0, 0.75), at.h}
		r.x = min(r.x, at.x+at.w-r.w)
		if g.kind != running {
			faults = append(faults, r)
			continue
		}
		if g.single && r.w > 3 {
			r.w -= 0.8 // so that neighbours stay apart
		}
		rects[g.level] = append(rects[g.level], r)
	}
	for level, list := range rects {
		if len(list) > 0 {
			s.scene.add(blocks{class, mixed(s.track, colour, []float64{0.4, 0.6, 0.8, 1}[level]), list})
		}
	}
	if len(faults) > 0 {
		s.scene.add(blocks{"failed", s.failed, faults})
	}
}

// mixed is a colour with a share of another.
func mixed(a, b string, share float64) string {
	x, y := color.NRGBAModel.Convert(parseColour(a)).(color.NRGBA), color.NRGBAModel.Convert(parseColour(b)).(color.NRGBA)
	mix := func(a, b uint8) uint8 { return uint8(float64(a)*(1-share) + float64(b)*share + 0.5) }
	return fmt.Sprintf("#%02x%02x%02x", mix(x.R, y.R), mix(x.G, y.G), mix(x.B, y.B))
}

// axis draws the time under an area.
func (l *lanes) axis(s *sheet, at rect) {
	lines := blocks{class: "grid", fill: s.grid}
	bottom := at.y + at.h
	end := at.x - 10.0
	for _, k := range ticks(0, l.to-l.from, max(int(at.w/90), 1)) {
		x := at.x + at.w*float64(k.at)/float64(l.to-l.from)
		lines.rects = append(lines.rects, rect{x - 0.5, at.y, 1, at.h + 4})
		anchor := middle
		if k.at == 0 {
			anchor = left
		}
		s.scene.add(label{x: x, y: bottom + 16, size: smallText, anchor: anchor, fill: s.muted, text: k.text})
		end = x + textWidth(k.text, smallText, false)
	}
	s.scene.add(lines)
	s.scene.add(label{x: at.x - 10, y: bottom + 16, size: smallText, anchor: right, fill: s.muted, text: "time"})
	if long := textWidth(l.since, smallText, false); end+14+long < s.width-pad {
		s.scene.add(label{x: s.width - pad, y: bottom + 16, size: smallText, anchor: right, fill: s.muted, text: l.since})
	}
}

// shifted is the row at another time.
func (r row) shifted(by time.Duration) row {
	list := make([]stint, len(r.stints))
	for i, s := range r.stints {
		s.from, s.to, s.back = max(s.from+by, 0), max(s.to+by, 0), max(s.back+by, 0)
		list[i] = s
	}
	r.stints = list
	return r
}

func (l *lanes) chars(columns int) string {
	var b strings.Builder
	b.WriteString(oneLine(l.heading) + "\n")
	if l.drawn() {
		wide := utf8.RuneCountInString(togetherName)
		for _, lane := range l.list {
			wide = max(wide, min(utf8.RuneCountInString(lane.name), 24))
		}
		beside := len(" 100%")
		for _, lane := range l.list {
			beside = max(beside, 1+utf8.RuneCountInString(strings.Join(lane.notes, "  ")))
		}
		n := max(columns-wide-len(" ||")-beside, 20)
		line := func(name, cells, note string) {
			b.WriteString(strings.TrimRight(fmt.Sprintf("%*s │%s│ %s", wide, clipRunes(oneLine(name), wide), cells, note), " ") + "\n")
		}
		if l.built != "" {
			fmt.Fprintf(&b, "%*s  %s, %s\n", wide, "build", formatDuration(l.build), l.built)
		}
		for _, lane := range l.list {
			line(lane.name, l.cells(lane.row, n), strings.Join(lane.notes, "  "))
		}
		if len(l.together) > 0 {
			line(togetherName, l.cells(row{stints: l.together}, n), "")
		}
		b.WriteString(strings.TrimRight(strings.Repeat(" ", wide+2)+axisChars(l.to-l.from, n), " "))
		if l.since != "" {
			b.WriteString("  " + l.since)
		}
		b.WriteByte('\n')
		if text := partsText(l.title, l.parts); text != "" {
			b.WriteString(text + "\n")
		}
	}
	if len(l.caption) > 0 {
		writeCaption(&b, l.caption)
	}
	b.WriteString(l.lesson)
	return b.String()
}

// cells draws a row with n block characters.
func (l *lanes) cells(r row, n int) string {
	return rowChars(r.shifted(-l.from), l.to-l.from, n)
}

func clipRunes(s string, most int) string {
	if r := []rune(s); len(r) > most {
		return string(r[:most-1]) + "…"
	}
	return s
}
