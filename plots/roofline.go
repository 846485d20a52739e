package plots

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/adabc437/fanout/parallel/device"
	"github.com/adabc437/fanout/parallel/device/backend"
	"github.com/adabc437/fanout/parallel/device/ir"
)

// Roofline draws how near a kernel comes to what its device can do: operations a second
// over operations for each byte, both on logarithmic axes, with the limits that the memory
// (the slope) and the arithmetic (the roof) set, and the kernel as a point under them.
// Below stand the figures, a few sentences on what holds the kernel up and what would
// help, and how it was measured. A nil result is an empty one. Of a result that cannot
// be, the figure says why.
func Roofline(r *device.Roofline, opts ...Option) *Figure {
	if r == nil {
		r = new(device.Roofline)
	}
	st := newStyle(chartWidth, opts)
	what := "roofline"
	if r.Device.Name != "" {
		what += " · " + r.Device.Name
	}
	f := rooflineFigure{r, headed(st.title, r.Function, what)}
	if why := doubtOfRoofline(r); why != "" {
		return senseless(st, f.heading, why)
	}
	return chartFigure(st, f.draw, f.chars())
}

type rooflineFigure struct {
	r       *device.Roofline
	heading string
}

// empty tells whether there is nothing to draw.
func (f rooflineFigure) empty() bool {
	return f.r.Time <= 0 || f.r.Limits.Bandwidth == 0 || f.r.Limits.Rate(f.r.Kind) == 0
}

// unit is that of an operation.
func (f rooflineFigure) unit() string { return unitOf(f.r.Kind) }

func unitOf(k ir.Kind) string {
	if k.IsFloat() {
		return "FLOP"
	}
	return "op"
}

// roof is the limit at an intensity, in operations a second.
func (f rooflineFigure) roof(intensity float64) float64 {
	return min(f.r.Limits.Bandwidth*intensity, f.r.Limits.Rate(f.r.Kind))
}

// far is by how many times a point may lie beside the ridge, to be drawn at its place.
const far = 1e4

// at is where the kernel is drawn: at its place, or if that is too far off, at the edge.
func (f rooflineFigure) at() (intensity, rate float64) {
	ridge := f.r.Ridge()
	intensity = min(max(f.r.Intensity(), ridge/far), ridge*far)
	if f.r.Ops == 0 {
		return intensity, f.r.Reached() * f.roof(intensity)
	}
	return intensity, max(f.r.Rate(), f.roof(intensity)/far)
}

// scales returns the axes with their marks.
func (f rooflineFigure) scales() (across, up scale, xs, ys []notch) {
	ridge := f.r.Ridge()
	intensity, rate := f.at()
	across = scale{min(intensity, ridge) / 8, max(intensity, ridge) * 8, true}
	bottom, top := min(rate, f.roof(across.from)), rate
	for _, l := range f.r.Limits.Rates {
		bottom, top = min(bottom, l.Rate), max(top, l.Rate)
	}
	up = scale{bottom / 5, top * 2, true}
	return across, up, powerMarks(across, 8), powerMarks(up, 7)
}

// powerMarks marks a logarithmic axis at powers of ten.
func powerMarks(s scale, most int) (list []notch) {
	first, last := int(math.Ceil(math.Log10(s.from)-1e-9)), int(math.Floor(math.Log10(s.to)+1e-9))
	every := max((last-first+most)/most, 1)
	for e := first; e <= last; e += every {
		at := math.Pow10(e)
		list = append(list, notch{at, powerText(at)})
	}
	return list
}

// powerText writes a power of ten.
func powerText(v float64) string {
	switch {
	case v < 1e-4:
		return strconv.FormatFloat(v, 'g', 3, 64)
	case v < 999:
		return strconv.FormatFloat(v, 'f', -1, 64)
	}
	number, prefix, _ := strings.Cut(scaled(v), " ")
	number, _, _ = strings.Cut(number, ".")
	return number + " " + prefix
}

func (f rooflineFigure) draw(s *sheet) scene {
	s.heading(f.heading)
	if !f.empty() {
		s.legend(f.keys(s))
		f.chart(s)
		s.figures(f.caption())
	}
	s.notes(f.lesson(), nil, f.method())
	return s.finish(f.heading, f.lesson())
}

func (f rooflineFigure) keys(s *sheet) []key {
	list := []key{
		{"the kernel", func(at point) []item { return []item{circle("key", s.mean, at)} }},
		{"limit of the memory: " + scaled(f.r.Limits.Bandwidth) + "B/s", stroke(s.running[3], 0)},
	}
	for _, l := range f.r.Limits.Rates {
		k := key{"of " + l.Kind.String() + ": " + scaled(l.Rate) + unitOf(l.Kind) + "/s", stroke(s.muted, 4)}
		if l.Kind == f.r.Kind {
			k.draw = stroke(s.core, 0)
		}
		list = append(list, k)
	}
	return list
}

func (f rooflineFigure) chart(s *sheet) {
	across, up, xs, ys := f.scales()
	area := s.plane(across, up, ys, chartHigh)
	unit := f.unit()
	ridge, rate := f.r.Ridge(), f.r.Limits.Rate(f.r.Kind)
	s.scene.add(
		polygon{"reach", s.track, []point{area.at(across.from, up.from), area.at(across.from, f.roof(across.from)), area.at(ridge, rate), area.at(across.to, rate), area.at(across.to, up.from)}},
	)
	s.chart(area, xs, ys, "arithmetic intensity ("+unit+" for each byte, log scale)", "operations per second ("+unit+"/s, log scale)")
	s.vertical(area, ridge, "ridge", "")
	f.regions(s, area)
	for _, l := range f.r.Limits.Rates {
		if l.Kind != f.r.Kind {
			from := max(l.Rate/f.r.Limits.Bandwidth, across.from)
			s.scene.add(line{"other", s.muted, 1.5, 4, []point{area.at(min(from, across.to), l.Rate), area.at(across.to, l.Rate)}})
		}
	}
	f.names(s, area)
	s.scene.add(
		line{"memory", s.running[3], 2.5, 0, []point{area.at(across.from, f.roof(across.from)), area.at(ridge, rate)}},
		line{"arithmetic", s.core, 2.5, 0, []point{area.at(ridge, rate), area.at(across.to, rate)}},
	)
	x, y := f.at()
	at, limit := area.at(x, y), area.at(x, f.roof(x))
	if math.Abs(limit.y-at.y) > 12 {
		s.scene.add(line{"gap", s.mean, 1.25, 3, []point{at, limit}})
	}
	s.scene.add(circle("kernel", s.mean, at))
	f.mark(s, area, at, limit)
}

// names writes the names of the roofs over their ends, first that of the kernel's, and then
// of those that keep clear of it.
func (f rooflineFigure) names(s *sheet, area plane) {
	var taken []float64
	for _, own := range []bool{true, false} {
		for _, l := range f.r.Limits.Rates {
			y := area.at(area.across.to, l.Rate).y - 5
			if own != (l.Kind == f.r.Kind) || slices.ContainsFunc(taken, func(t float64) bool { return math.Abs(t-y) < 17 }) {
				continue
			}
			taken = append(taken, y)
			s.scene.add(label{x: area.x + area.w - 2, y: y, size: smallText, anchor: right, fill: s.muted, text: l.Kind.String()})
		}
	}
}

// mark writes beside the point which share of its limit it reaches, clear of the lines.
func (f rooflineFigure) mark(s *sheet, area plane, at, limit point) {
	text := percent(f.r.Reached()) + " of the limit"
	long := textWidth(text, smallText, true)
	l := label{x: at.x + 9, y: at.y + 4, size: smallText, bold: true, fill: s.ink, text: text}
	switch above := at.y - limit.y; {
	case above < 0: // beyond the limit, whose line goes up to the right
		l.x, l.y = max(at.x-long, area.x+2), at.y-9
	case above < 16:
		l.y = at.y + 18
	}
	if l.x+long > area.x+area.w {
		l.x = at.x - 9 - long
	}
	s.scene.add(l)
}

// regions says at the bottom of the chart where which limit counts, if there is room.
func (f rooflineFigure) regions(s *sheet, area plane) {
	ridge := area.at(f.r.Ridge(), area.up.from).x
	for _, r := range []struct {
		text     string
		from, to float64
	}{{"memory is the limit", area.x, ridge}, {"arithmetic is the limit", ridge, area.x + area.w}} {
		if textWidth(r.text, smallText, false)+12 < r.to-r.from {
			s.scene.add(label{x: (r.from + r.to) / 2, y: area.y + area.h - 7, size: smallText, anchor: middle, fill: s.muted, text: r.text})
		}
	}
}

func (f rooflineFigure) caption() []figureOf {
	r := f.r
	return []figureOf{
		{"time of the kernel", formatDuration(r.Time)}, {"operations", scaled(r.Rate()) + f.unit() + "/s"}, {"memory", scaled(r.Bandwidth()) + "B/s"},
		{"intensity", f.intensity()}, {"share of the limit", percent(r.Reached())},
	}
}

func (f rooflineFigure) intensity() string {
	v := f.r.Intensity()
	switch {
	case math.IsInf(v, 1):
		return "no bytes"
	case v > 0 && v < 0.01:
		return strconv.FormatFloat(v, 'g', 2, 64) + " " + f.unit() + "/B"
	case v >= 1e6:
		return scaled(v) + f.unit() + "/B"
	}
	return figures(v) + " " + f.unit() + "/B"
}

// lesson says what there is to learn, in a few sentences.
func (f rooflineFigure) lesson() string {
	r := f.r
	if f.empty() {
		return "Nothing was measured."
	}
	reached, share := r.Reached(), percent(r.Reached())
	moves, computes := scaled(r.Bandwidth())+"B/s", scaled(r.Rate())+f.unit()+"/s"
	smaller := ""
	if r.Kind == ir.Float64 {
		smaller = ", or use smaller numbers (float32 in place of float64)"
	}
	with := "With " + f.intensity()
	if r.Bytes == 0 {
		with = "As it moves no bytes (the point stands at the right edge)"
	}
	fewer := "Do more with each element while it is there (several steps in one function)" + smaller + "."
	switch {
	case r.Ops == 0:
		return fmt.Sprintf("The kernel only moves numbers, and computes nothing: it moves %s, %s of what the memory can. (The point stands at the left edge.)", moves, share)
	case r.Memory() && reached > 1.1:
		return fmt.Sprintf("Bound by memory, with %s. It moves %s, more than was measured as the limit of the memory (%sB/s): its data stay in the caches, or something else used the memory meanwhile.", f.intensity(), moves, scaled(r.Limits.Bandwidth))
	case r.Memory() && reached >= 0.6:
		return fmt.Sprintf("Bound by memory: it does so little with each byte (%s) that the memory sets the limit, and moves %s, %s of what that can. Faster arithmetic would not help, fewer bytes would. %s", f.intensity(), moves, share, fewer)
	case r.Memory():
		return fmt.Sprintf("With %s, the memory would be the limit, but the kernel moves only %s, %s of what that can. %s", f.intensity(), moves, share, f.why())
	case reached > 1.1:
		return fmt.Sprintf("%s, arithmetic is the limit and not the memory, and the kernel computes %s, more than was measured as the limit: its operations are cheaper than those, or something else was at work meanwhile.", with, computes)
	case reached >= 0.6:
		return fmt.Sprintf("Bound by arithmetic: it computes %s, %s of the limit, and the memory has room (it moves %s). %s", computes, share, moves, f.cheaper())
	}
	return fmt.Sprintf("%s, arithmetic is the limit and not the memory, but the kernel computes only %s, %s of that limit. %s", with, computes, share, f.why())
}

// cheaper says what helps a kernel that is bound by arithmetic.
func (f rooflineFigure) cheaper() string {
	s := "Only fewer or cheaper operations would make it faster"
	if single, double := f.r.Limits.Rate(ir.Float32), f.r.Limits.Rate(ir.Float64); f.r.Kind == ir.Float64 && double > 0 && single > 1.3*double {
		return s + fmt.Sprintf(": float32 has %s times the rate of float64 here.", figures(single/double))
	}
	return s + "."
}

// why guesses what keeps a kernel far from its limits, and says what would help.
func (f rooflineFigure) why() string {
	const short = 50 * time.Microsecond
	r := f.r
	busy := int64(8 * max(r.Device.Units, 1)) // tasks that keep a device busy
	if r.Device.Kind == backend.GPU {
		busy = int64(1024 * max(r.Device.Units, 1))
	}
	switch {
	case r.Device.Backend == "cpu":
		return "This device runs programs step by step, and does not compile them: a driver of OpenCL (PoCL, for any processor) makes them many times as fast."
	case r.Tasks < busy:
		return fmt.Sprintf("%s cannot keep %s busy: more of them would help.", plural(int(r.Tasks), "task"), plural(max(r.Device.Units, 1), "compute unit"))
	case r.Time < short:
		return fmt.Sprintf("A launch that takes %s is over before the device is well at work: more tasks would help.", formatDuration(r.Time))
	case r.Slow > 0.03*r.Ops && r.Kind.IsFloat():
		return fmt.Sprintf("Of its operations %s are divisions and functions such as Sqrt or Sin, each of which takes as long as many additions: fewer of those would help.", percent(r.Slow/r.Ops))
	case r.Slow > 0.03*r.Ops:
		return fmt.Sprintf("Of its operations %s are divisions and remainders, each of which takes as long as many additions: fewer of those, or shifts, would help.", percent(min(r.Slow/r.Ops, 1)))
	case r.Memory():
		return "Elements that are read far from each other, branches that neighbouring tasks take differently, or a long loop with little to read may hold it up."
	}
	return "Operations that wait for each other, loops whose length differs from task to task, branches, or waiting for elements that are read far from each other may hold it up."
}

func (f rooflineFigure) method() string {
	r := f.r
	if f.empty() {
		return ""
	}
	s := fmt.Sprintf("Timed %s with %s, without copies: the median is shown; half of the times lie from %s to %s.", plural(r.Launches, "run"), plural(int(r.Tasks), "task"), formatDuration(r.Low), formatDuration(r.High))
	if r.Sampled >= r.Tasks {
		s += " The operations of all tasks were counted on the cpu."
	} else {
		s += fmt.Sprintf(" The operations are an estimate: those of %s were counted on the cpu.", plural(int(r.Sampled), "task"))
	}
	return s + " Each byte of the lists and results counts once, as if caches kept what is used again. The limits are the best that was measured here: copies of memory, and multiplications and additions that are not fused."
}

func (f rooflineFigure) chars() string {
	var b strings.Builder
	b.WriteString(oneLine(f.heading) + "\n")
	if !f.empty() {
		f.grid(&b)
		fmt.Fprintf(&b, "limits: memory / %sB/s", scaled(f.r.Limits.Bandwidth))
		for _, l := range f.r.Limits.Rates {
			sign := ""
			if l.Kind == f.r.Kind {
				sign = "─ "
			}
			fmt.Fprintf(&b, " · %s %s%s%s/s", l.Kind, sign, scaled(l.Rate), unitOf(l.Kind))
		}
		b.WriteString(" · ● the kernel\n")
		writeCaption(&b, f.caption())
	}
	writeNotes(&b, f.lesson(), nil, f.method())
	return b.String()
}

// grid draws the chart with characters.
func (f rooflineFigure) grid(b *strings.Builder) {
	const wide, high = 60, 12
	across, up, xs, ys := f.scales()
	cells := make([][]rune, high)
	for i := range cells {
		cells[i] = []rune(strings.Repeat(" ", wide))
	}
	set := func(x, y float64, r rune) {
		column, line := int(across.place(x)*wide), int((1-up.place(y))*high)
		if column >= 0 && column < wide && line >= 0 && line < high {
			cells[line][column] = r
		}
	}
	for i := range wide {
		x := across.from * math.Pow(across.to/across.from, (float64(i)+0.5)/wide)
		r := '─'
		if x < f.r.Ridge() {
			r = '/'
		}
		set(x, f.roof(x), r)
	}
	x, y := f.at()
	set(x, y, '●')
	names := make([]string, high)
	beside := 0
	for _, m := range ys {
		if line := int((1 - up.place(m.at)) * high); line >= 0 && line < high {
			names[line] = m.text + " " + f.unit() + "/s"
			if strings.Contains(m.text, " ") {
				names[line] = m.text + f.unit() + "/s"
			}
			beside = max(beside, len(names[line]))
		}
	}
	for i, line := range cells {
		fmt.Fprintf(b, "%*s │%s\n", beside, names[i], strings.TrimRight(string(line), " "))
	}
	axis := []rune(strings.Repeat(" ", wide+10))
	end := 0
	for _, m := range xs {
		if at := int(across.place(m.at) * wide); at >= end {
			copy(axis[at:], []rune(m.text))
			end = at + len(m.text) + 1
		}
	}
	fmt.Fprintf(b, "%*s └%s\n", beside, "", strings.Repeat("─", wide))
	fmt.Fprintf(b, "%*s  %s %s/B\n", beside, "", strings.TrimRight(string(axis), " "), f.unit())
}
