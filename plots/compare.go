package plots

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/adabc437/fanout/parallel/scaling"
)

// Compare draws how long several ways to compute the same thing took: a bar for each on a
// logarithmic axis, with quartiles, how many times as fast as the first it is, and
// whether its result is that of the first. Below stand a sentence on what there is to
// learn, the warnings, and how it was measured. A nil result is an empty one.
func Compare(r *scaling.CompareResult, opts ...Option) *Figure {
	if r == nil {
		r = new(scaling.CompareResult)
	}
	st := newStyle(chartWidth, opts)
	what := "compared"
	if n := len(r.Rows); n > 0 {
		what = plural(n, "way") + " compared"
	}
	f := compareFigure{r, headed(st.title, r.Label, what)}
	if why := doubtOfCompare(r); why != "" {
		return senseless(st, f.heading, why)
	}
	return chartFigure(st, f.draw, f.chars(st.textColumns()))
}

type compareFigure struct {
	r       *scaling.CompareResult
	heading string
}

// scale returns the axis of times, on which the shortest bar has some length.
func (f compareFigure) scale() (scale, []notch) {
	least, greatest := math.Inf(1), 0.0
	for _, row := range f.r.Rows {
		if len(row.Times) > 0 {
			least, greatest = min(least, float64(row.Low)), max(greatest, float64(row.High))
		}
	}
	if greatest == 0 {
		return scale{1, 10, true}, nil
	}
	return timeScale(least/2, greatest, true, 6)
}

func (f compareFigure) draw(s *sheet) scene {
	s.heading(f.heading)
	if len(f.r.Rows) > 0 {
		f.bars(s)
	}
	s.notes(f.lesson(), f.r.Warnings, f.r.Method)
	return s.finish(f.heading, f.lesson())
}

func (f compareFigure) bars(s *sheet) {
	const high, gap = 24.0, 12.0
	const ratioWide, agreeWide = 84.0, 62.0
	across, marks := f.scale()
	names := 0.0
	for _, row := range f.r.Rows {
		names = max(names, textWidth(row.Name, smallText, false))
	}
	names = min(names, 0.3*s.width)
	x := pad + names + 10
	rows := float64(len(f.r.Rows))
	s.y += 26
	right0 := s.width - pad - agreeWide
	s.scene.add(
		label{x: right0 - 8, y: s.y, size: smallText, anchor: right, fill: s.muted, text: "times as fast"},
		label{x: s.width - pad, y: s.y, size: smallText, anchor: right, fill: s.muted, text: "result"},
	)
	s.y += 10
	area := plane{rect{x, s.y, right0 - ratioWide - x, rows*(high+gap) + 2}, across, scale{0, 1, false}}
	lines := blocks{class: "grid", fill: s.grid}
	for _, m := range apart(marks, func(at float64) float64 { return area.at(at, 0).x }) {
		at := area.at(m.at, 0)
		lines.rects = append(lines.rects, rect{at.x - 0.5, area.y, 1, area.h + 4})
		s.scene.add(label{x: at.x, y: at.y + 18, size: smallText, anchor: middle, fill: s.muted, text: m.text})
	}
	s.scene.add(lines, label{x: area.x + area.w/2, y: area.y + area.h + 36, size: smallText, anchor: middle, fill: s.muted, text: "time (log scale; the bars show medians, the lines quartiles)"})
	for i, row := range f.r.Rows {
		y := area.y + float64(i)*(high+gap) + gap/2
		text := y + high/2 + 4
		s.scene.add(label{x: x - 8, y: text, size: smallText, anchor: right, fill: s.ink, text: clip(row.Name, names, smallText, false)})
		if row.Err != "" {
			what, colour := outcome(row), s.failed
			if row.Stopped {
				colour = s.muted
			}
			why := clip(oneLine(row.Err), right0-x-14, smallText, false)
			s.scene.add(
				blocks{"ground", s.card, []rect{{x + 2, y + 4, textWidth(why, smallText, false) + 8, high - 8}}},
				label{x: x + 6, y: text, size: smallText, fill: s.muted, text: why},
				label{x: s.width - pad, y: text, size: smallText, anchor: right, bold: true, fill: colour, text: what},
			)
			continue
		}
		f.bar(s, area, y, high, row)
		s.scene.add(label{x: right0 - 8, y: text, size: valueText - 3, anchor: right, bold: true, fill: s.ink, text: ratioText(row.Ratio)})
		s.agreement(s.width-pad, text, row, i == 0)
	}
	s.y = area.y + area.h + 38
}

// outcome says what became of a way that has no time.
func outcome(row scaling.CompareRow) string {
	if row.Stopped {
		return "stopped"
	}
	return "failed"
}

// bar draws the time of a way, and writes it into the bar, or behind it.
func (f compareFigure) bar(s *sheet, area plane, y, high float64, row scaling.CompareRow) {
	end := area.at(float64(row.Median), 0).x
	low, top := area.at(float64(row.Low), 0).x, area.at(float64(row.High), 0).x
	colour := s.quantity
	if !row.Agrees {
		colour = s.cancelled
	}
	mid := y + high/2
	s.scene.add(
		blocks{"bar", colour, []rect{{area.x, y, max(end-area.x, 1), high}}},
		blocks{"error-bar", s.ink, []rect{{low, mid - 0.75, max(top-low, 0.5), 1.5}, {low - 0.75, mid - 4, 1.5, 8}, {top - 0.75, mid - 4, 1.5, 8}}},
	)
	text := formatDuration(row.Median)
	long := textWidth(text, smallText, true)
	l := label{x: top + 8, y: mid + 4, size: smallText, bold: true, fill: s.ink, text: text}
	if l.x+long > area.x+area.w+4 { // on the bar, on a ground on which it reads
		l.x = low - 12 - long
		s.scene.add(blocks{"ground", s.card, []rect{{l.x - 4, y + 4, long + 8, high - 8}}})
	}
	s.scene.add(l)
}

// agreement says whether a result is that of the first way.
func (s *sheet) agreement(x, y float64, row scaling.CompareRow, first bool) {
	l := label{x: x, y: y, size: smallText, anchor: right, fill: s.ink, text: "agrees"}
	switch {
	case first:
		l.text, l.fill = "reference", s.muted
	case !row.Agrees:
		l.text, l.fill, l.bold = "differs", s.failed, true
	}
	s.scene.add(l)
	at := x - textWidth(l.text, l.size, l.bold) - 8
	switch {
	case first:
	case row.Agrees:
		s.scene.add(line{"agrees", s.running[3], 2, 0, []point{{at - 9, y - 4}, {at - 6, y - 1}, {at, y - 8}}})
	default:
		s.scene.add(
			line{"differs", s.failed, 2, 0, []point{{at - 8, y - 8}, {at, y}}},
			line{"differs", s.failed, 2, 0, []point{{at - 8, y}, {at, y - 8}}},
		)
	}
}

// ratioText writes how many times as fast something is, with at least two figures.
func ratioText(v float64) string {
	if v > 0 && v < 0.995 {
		return strconv.FormatFloat(v, 'f', 1-int(math.Floor(math.Log10(v))), 64) + "×"
	}
	return figures(v) + "×"
}

// lesson says what there is to learn, in a few sentences.
func (f compareFigure) lesson() string {
	rows := f.r.Rows
	if len(rows) == 0 {
		return "Nothing was measured."
	}
	best, ran := rows[0], 0
	wrong := ""
	for _, row := range rows {
		switch {
		case row.Err != "":
			continue
		case !row.Agrees && wrong == "":
			wrong = fmt.Sprintf(" The result of %s is not that of %s (%s): a wrong answer is no use, however fast.", called(row), called(rows[0]), oneLine(row.Differs))
		case row.Agrees && row.Median < best.Median:
			best = row
		}
		ran++
	}
	if ran < 2 {
		return fmt.Sprintf("Only %s ran: there is nothing to compare it with.", called(rows[0]))
	}
	var s string
	switch {
	case f.r.Noisy && best.Spread() > 0.2:
		s = "The times vary too much to tell which way is the fastest."
	case best.Name == rows[0].Name:
		s = fmt.Sprintf("No way with the same result was faster than %s.", called(best))
	case best.RatioLow <= 1:
		s = fmt.Sprintf("%s was the fastest, but no more so than the times vary.", called(best))
	default:
		s = fmt.Sprintf("%s was the fastest, %s times as fast as %s.", called(best), figures(best.Ratio), called(rows[0]))
	}
	if wrong != "" {
		return s + wrong
	}
	if f.r.Nothing {
		return s + " There were no results to compare, so nothing shows that the ways do the same work."
	}
	return s + " All results agree, so the ways do the same work."
}

// called is the name of a way in a sentence.
func called(row scaling.CompareRow) string {
	const most = 40
	if name := []rune(oneLine(row.Name)); len(name) > most {
		return string(name[:most-1]) + "…"
	}
	return oneLine(row.Name)
}

func (f compareFigure) chars(columns int) string {
	var b strings.Builder
	b.WriteString(oneLine(f.heading) + "\n")
	across, _ := f.scale()
	wide := 0
	for _, row := range f.r.Rows {
		wide = max(wide, utf8.RuneCountInString(row.Name))
	}
	wide = min(wide, max(columns/4, 12))
	var rows []barRow
	for i, row := range f.r.Rows {
		name := []rune(oneLine(row.Name))
		if len(name) > wide {
			name = append(name[:wide-1], '…')
		}
		bar := barRow{name: strings.Repeat(" ", wide-len(name)) + string(name)}
		switch {
		case row.Err != "":
			bar.note, bar.more = outcome(row)+":", " "+oneLine(row.Err)
			rows = append(rows, bar)
			continue
		case i == 0:
			bar.more = " · reference"
		case row.Agrees:
			bar.more = " · agrees"
		default:
			bar.more = " · differs: " + oneLine(row.Differs)
		}
		bar.full = across.place(float64(row.Median))
		bar.note = fmt.Sprintf("%8s  %s–%s · %6s", formatDuration(row.Median), formatDuration(row.Low), formatDuration(row.High), ratioText(row.Ratio))
		if row.Agrees || i == 0 {
			bar.note, bar.more = bar.note+bar.more, ""
		}
		rows = append(rows, bar)
	}
	writeBars(&b, rows, columns)
	if len(f.r.Rows) > 0 {
		fmt.Fprintf(&b, "%*s  log scale from %s to %s; × says how many times as fast as the first\n", wide, "", formatNS(across.from), formatNS(across.to))
	}
	writeNotes(&b, f.lesson(), f.r.Warnings, f.r.Method)
	return b.String()
}
