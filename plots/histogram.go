package plots

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"
)

// Histogram draws how repeated timings of one thing are distributed: a small
// picture with the mean, the sample standard deviation (n − 1), the minimum and
// the number of samples. Samples far above the others (past the third quartile
// by more than six interquartile ranges) are counted in a note, not drawn.
func Histogram(samples []time.Duration, opts ...Option) *Figure {
	h := histogram{style: newStyle(460, opts)}
	h.calls = max(h.calls, 1)
	h.sorted = slices.Sorted(slices.Values(samples))
	if why := doubtOfSamples(h.sorted); why != "" {
		heading := h.title
		if heading == "" {
			heading = plural(len(samples), "time")
		}
		return senseless(h.style, heading, why)
	}
	h.summarise()
	return newFigure(h.style, h.draw, h.chars())
}

type histogram struct {
	style
	sorted   []time.Duration
	mean, sd float64 // ns
	from, to time.Duration
	bins     []int
	beyond   int // samples above to
}

func (h *histogram) summarise() {
	n := len(h.sorted)
	if n == 0 {
		return
	}
	each := func(d time.Duration) float64 { return float64(d) / float64(h.calls) }
	for _, d := range h.sorted {
		h.mean += each(d) / float64(n)
	}
	for _, d := range h.sorted {
		h.sd += (each(d) - h.mean) * (each(d) - h.mean)
	}
	h.sd = math.Sqrt(h.sd / float64(max(n-1, 1)))
	for i, d := range h.sorted {
		h.sorted[i] = time.Duration(math.Round(each(d)))
	}

	quarter, third := h.sorted[n/4], h.sorted[n*3/4]
	spread := third - quarter
	h.from, h.to = h.sorted[0], h.sorted[n-1]
	if limit := third + 6*spread; spread > 0 && h.to > limit {
		last, _ := slices.BinarySearch(h.sorted, limit+1) // at least three quarters of n
		h.to = h.sorted[last-1]
		h.beyond = n - last
	}
	h.bins = make([]int, binCount(n-h.beyond, spread, h.to-h.from))
	for _, d := range h.sorted[:n-h.beyond] {
		i := 0
		if h.to > h.from {
			i = int(float64(d-h.from) / float64(h.to-h.from) * float64(len(h.bins)))
		}
		h.bins[min(i, len(h.bins)-1)]++
	}
}

// binCount follows Freedman and Diaconis (1981): bins as wide as twice the
// interquartile range over the cube root of n; between 1 and 40 of them.
func binCount(n int, spread, width time.Duration) int {
	switch {
	case width <= 0:
		return 1
	case spread <= 0:
		return min(max(n, 1), 10)
	}
	bins := float64(width) / (2 * float64(spread) / math.Cbrt(float64(n)))
	return int(min(max(math.Ceil(bins), 5), 40, float64(width)))
}

// statement says the result in a line: "1.23 ms ± 0.04 ms".
func (h *histogram) statement() string {
	if len(h.sorted) == 0 {
		return "no samples"
	}
	u := unitFor(time.Duration(h.mean))
	mean := figures(h.mean / float64(u.size))
	if len(h.sorted) == 1 {
		return mean + " " + u.name
	}
	_, fraction, _ := strings.Cut(mean, ".")
	return fmt.Sprintf("%s ± %.*f %s", mean, len(fraction), h.sd/float64(u.size), u.name)
}

func (h *histogram) details() string {
	n := len(h.sorted)
	switch {
	case n == 0:
		return "Nothing was timed."
	case n == 1:
		return "one run: time it more often to see how it varies"
	}
	s := fmt.Sprintf("mean ± standard deviation of %s · minimum %s", plural(n, "run"), formatDuration(h.sorted[0]))
	if h.beyond > 0 {
		s += fmt.Sprintf(" · %d beyond the picture, up to %s", h.beyond, formatDuration(h.sorted[n-1]))
	}
	return s
}

func (h *histogram) draw(p palette) scene {
	var s scene
	wide := h.width - 2*pad
	y := pad + 14
	s.add(label{x: pad, y: y, size: valueText, bold: true, fill: p.ink, text: h.statement()})
	if h.title != "" {
		room := wide - textWidth(h.statement(), valueText, true) - 16
		s.add(label{x: h.width - pad, y: y, size: smallText, anchor: right, fill: p.muted, text: clip(h.title, room, smallText, false)})
	}
	indent := 0.0
	if h.to > h.from {
		y = h.bars(&s, p, y+16, wide)
		indent = 18
		s.add(blocks{"key", p.mean, []rect{{pad, y + 11.5, 12, 2}}})
	} else {
		y += 6
	}
	for _, line := range wrap(h.details(), wide-indent, smallText) {
		y += 16
		s.add(label{x: pad + indent, y: y, size: smallText, fill: p.muted, text: line})
	}
	s.width, s.height = h.width, math.Ceil(y+pad-4)
	s.title, s.desc = h.statement(), h.details()
	s.items = append([]item{card{rect{0.5, 0.5, s.width - 1, s.height - 1}, 8, p.card, p.border}}, s.items...)
	return s
}

// bars draws the bins from y down, and their axis; it returns where the pen is
// then.
func (h *histogram) bars(s *scene, p palette, y, wide float64) float64 {
	const high = 72.0
	base := y + high
	most := slices.Max(h.bins)
	step := wide / float64(len(h.bins))
	bars := blocks{class: "bar", fill: p.quantity}
	for i, n := range h.bins {
		if n > 0 {
			tall := max(high*float64(n)/float64(most), 1)
			bars.rects = append(bars.rects, rect{pad + float64(i)*step, base - tall, max(step-1, 0.5), tall})
		}
	}
	s.add(bars, blocks{"base", p.grid, []rect{{pad, base, wide, 1}}})
	place := func(ns float64) float64 { return pad + wide*(ns-float64(h.from))/float64(h.to-h.from) }
	if x := place(h.mean); x <= pad+wide {
		x0, x1 := max(place(h.mean-h.sd), pad), min(place(h.mean+h.sd), pad+wide)
		s.add(
			blocks{"mean", p.mean, []rect{{x - 0.75, y, 1.5, high}}},
			blocks{"sd", p.mean, []rect{{x0, base + 2, x1 - x0, 2}}},
		)
	}
	for _, k := range ticks(h.from, h.to, 5) {
		x := place(float64(k.at))
		half := textWidth(k.text, smallText, false) / 2
		s.add(
			blocks{"tick", p.grid, []rect{{x - 0.5, base, 1, 5}}},
			label{x: min(max(x, pad+half), pad+wide-half), y: base + 17, size: smallText, anchor: middle, fill: p.muted, text: k.text},
		)
	}
	return base + 22
}

func (h *histogram) chars() string {
	var b strings.Builder
	if h.title != "" {
		b.WriteString(oneLine(h.title) + "\n")
	}
	b.WriteString(h.statement())
	if len(h.bins) > 1 {
		b.WriteString("\n" + sparkline(h.bins))
		fmt.Fprintf(&b, " %s … %s", formatDuration(h.from), formatDuration(h.to))
	}
	b.WriteString("\n" + h.details())
	return b.String()
}
