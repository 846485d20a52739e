package plots

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/adabc437/fanout/parallel"
)

// splitTitle stands over the split of the workers' time.
const splitTitle = "where the workers' time went"

// A part is one way in which the workers' time was spent.
type part struct {
	name    string
	took    time.Duration
	percent int // of all of the workers' time, rounded so that all add up to 100
	colour  func(palette) string
}

// partsOf lists the parts of the workers' time: work first, then what was lost. It is
// nil where there is nothing to split.
func partsOf(l parallel.Losses) []part {
	if l.Total() <= 0 {
		return nil
	}
	parts := []part{
		{name: "work", took: l.Work, colour: func(p palette) string { return p.running[3] }},
		{name: "waiting for a core", took: l.Core, colour: func(p palette) string { return p.core }},
		{name: "retries", took: l.Retries, colour: func(p palette) string { return p.failed }},
		{name: "handing out tasks", took: l.Dispatch, colour: func(p palette) string { return p.queued }},
		{name: "returning results", took: l.Return, colour: func(p palette) string { return p.returning }},
		{name: "nothing to do", took: l.Imbalance, colour: func(p palette) string { return p.idle }},
		{name: "start and end", took: l.Serial, colour: func(p palette) string { return p.serial }},
	}
	setPercents(parts, l.Total())
	return parts
}

// setPercents rounds the first share to the nearest, and the others so that all add
// up to 100: down, and up again where rounding took most (the largest remainders).
func setPercents(parts []part, total time.Duration) {
	exact := func(i int) float64 { return 100 * float64(parts[i].took) / float64(total) }
	parts[0].percent = int(math.Round(exact(0)))
	left := 100 - parts[0].percent
	var order []int
	for i := range parts[1:] {
		parts[i+1].percent = int(exact(i + 1))
		left -= parts[i+1].percent
		order = append(order, i+1)
	}
	remainder := func(i int) float64 { return exact(i) - float64(parts[i].percent) }
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(remainder(b), remainder(a)) })
	for _, i := range order {
		if left > 0 {
			parts[i].percent++
			left--
		}
	}
	if left < 0 { // the first was rounded up by what the others would need
		parts[0].percent += left
	}
}

// shown returns the parts of at least one percent; all their percents add up to 100.
func shown(parts []part) (list []part) {
	for _, p := range parts {
		if p.percent > 0 {
			list = append(list, p)
		}
	}
	return list
}

func (p part) label() string { return p.name + " " + percent(float64(p.percent)/100) }

// splitText writes the split in a line; it is empty where there is none.
func splitText(parts []part) string { return partsText(splitTitle, parts) }

// partsText writes parts in a line, behind their title.
func partsText(title string, parts []part) string {
	var labels []string
	for _, p := range shown(parts) {
		labels = append(labels, p.label())
	}
	if labels == nil {
		return ""
	}
	return title + ": " + strings.Join(labels, " · ")
}

// drawSplit draws the split as a stacked bar with its legend, from y down. It returns
// where it ends.
func drawSplit(s *scene, p palette, parts []part, x, y, wide float64) float64 {
	return drawParts(s, p, splitTitle, parts, x, y, wide)
}

// drawParts draws parts of a time so, under a title.
func drawParts(s *scene, p palette, title string, parts []part, x, y, wide float64) float64 {
	const high = 12.0
	y += smallText
	s.add(label{x: x, y: y, size: smallText, fill: p.muted, text: title})
	y += 8
	list := shown(parts)
	at := x
	for _, part := range list {
		w := wide * float64(part.percent) / 100
		box := rect{at, y, max(w-1, 0.75), high}
		s.add(blocks{"split", part.colour(p), part.fill(box)})
		at += w
	}
	y += high + 4

	widest := 0.0
	for _, part := range list {
		widest = max(widest, textWidth(part.label(), smallText, false))
	}
	const key = 16.0
	columns := int(max(math.Floor((wide+14)/(widest+key+14)), 1))
	for i, part := range list {
		if i%columns == 0 {
			y += 15
		}
		kx := x + float64(i%columns)*(widest+key+14)
		s.add(
			blocks{"key", part.colour(p), part.fill(rect{kx, y - 9, 10, 10})},
			label{x: kx + key, y: y, size: smallText, fill: p.ink, text: clip(part.label(), wide-key, smallText, false)},
		)
	}
	return y
}

// fill returns what is painted of a box: stripes for what was tried again, as in the
// timeline.
func (p part) fill(box rect) []rect {
	if p.name == "retries" {
		return stripes(box)
	}
	return []rect{box}
}

// stripes returns every other line of a rectangle, each 2 high, the first and the last
// with it.
func stripes(r rect) (list []rect) {
	const high = 2.0
	n := max(math.Round((r.h-high)/(2*high)), 1)
	for i := range int(n) + 1 {
		list = append(list, rect{r.x, r.y + (r.h-high)*float64(i)/n, r.w, high})
	}
	return list
}
