package plots

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/adabc437/fanout/parallel/scaling"
)

// Speedup draws how many times as fast a program is on more workers: the medians with
// their quartiles, the ideal, the curve of Amdahl's law that fits best, and where the
// cores end. Below stand the serial fraction and the limit that it implies, with a sentence
// on what there is to learn, the warnings, and how it was measured. A nil result is an empty
// one.
func Speedup(r *scaling.SpeedupResult, opts ...Option) *Figure {
	if r == nil {
		r = new(scaling.SpeedupResult)
	}
	st := newStyle(chartWidth, opts)
	f := speedupFigure{r, headed(st.title, r.Label, "speed-up")}
	if why := doubtOfSpeedup(r); why != "" {
		return senseless(st, f.heading, why)
	}
	return chartFigure(st, f.draw, f.chars(st.textColumns()))
}

const (
	chartWidth = 640.0
	chartHigh  = 250.0
)

// chartFigure makes a figure of what draw draws on a sheet.
func chartFigure(st style, draw func(*sheet) scene, text string) *Figure {
	return newFigure(st, func(p palette) scene { return draw(newSheet(p, st.width)) }, text)
}

// headed puts what a picture shows behind the name of the experiment.
func headed(title, label, what string) string {
	if title == "" {
		title = label
	}
	if title == "" {
		return strings.ToUpper(what[:1]) + what[1:]
	}
	return title + " · " + what
}

type speedupFigure struct {
	r       *scaling.SpeedupResult
	heading string
}

// fitted tells whether there is a curve of Amdahl's law that says something.
func (f speedupFigure) fitted() bool { return len(f.r.FitWorkers) > 0 && f.r.Serial < 1 }

// most returns the greatest number of workers.
func (f speedupFigure) most() int { return f.r.Points[len(f.r.Points)-1].Workers }

func (f speedupFigure) best() scaling.SpeedupPoint {
	return slices.MaxFunc(f.r.Points, func(a, b scaling.SpeedupPoint) int {
		if a.Speedup < b.Speedup {
			return -1
		}
		return btoi(a.Speedup > b.Speedup)
	})
}

func (f speedupFigure) draw(s *sheet) scene {
	r := f.r
	s.heading(f.heading)
	if len(r.Points) > 0 {
		f.legend(s)
		area, workers := f.chart(s)
		f.metric(s, area, workers)
		s.figures(f.caption())
	}
	s.notes(f.lesson(), r.Warnings, r.Method)
	return s.finish(f.heading, f.lesson())
}

func (f speedupFigure) legend(s *sheet) {
	keys := []key{
		{"measured (median, quartiles)", func(at point) []item {
			return []item{circle("key", s.running[3], at), blocks{"key", s.running[3], []rect{{at.x - 0.75, at.y - 8, 1.5, 16}}}}
		}},
		{"ideal: p workers, p times as fast", stroke(s.muted, 4)},
	}
	if f.fitted() {
		keys = append(keys, key{"Amdahl's law, serial fraction " + finePercent(f.r.Serial), stroke(s.mean, 0)})
	}
	s.legend(keys)
}

// chart draws the speed-ups; it returns where, and the marks of the workers.
func (f speedupFigure) chart(s *sheet) (plane, []notch) {
	r, most := f.r, float64(f.most())
	top := 1.0
	for _, p := range r.Points {
		top = max(top, p.SpeedupHigh)
	}
	if f.fitted() {
		top = max(top, min(scaling.Amdahl(r.Serial, most), 1.5*top))
	}
	top = max(1.15*top, min(most, float64(r.Cores)))
	across, up := scale{0, most * 1.06, false}, scale{0, top, false}
	marks := numberMarks(top, 6, func(v float64) string { return shortNumber(v) + "×" })
	if f.most() > 16 { // doublings are as wide as each other
		low := 1.0
		for _, p := range r.Points {
			low = min(low, p.SpeedupLow)
		}
		across, up = scale{0.9, most * 1.1, true}, scale{max(0.8*low, 0.01), top * 1.1, true}
		marks = nil
		for v := math.Pow(2, math.Ceil(math.Log2(up.from))); v <= up.to; v *= 2 {
			marks = append(marks, notch{v, shortNumber(v) + "×"})
		}
	}
	workers := make([]int, len(r.Points))
	for i, p := range r.Points {
		workers[i] = p.Workers
	}
	area := s.plane(across, up, marks, chartHigh)
	s.cores(area, r.Cores, most, true)
	logNote := ""
	if up.log {
		logNote = ", log scale"
	}
	title := "workers" + logNote
	if len(f.metrics()) > 1 {
		title = "" // under the panel that follows
	}
	s.chart(area, countMarks(workers), marks, title, "speed-up (how many times as fast as one worker"+logNote+")")

	s.scene.add(area.curve("ideal", s.muted, 4, 1, most, func(p float64) float64 { return p }))
	if f.fitted() {
		s.scene.add(area.curve("amdahl", s.mean, 0, 1, most, func(p float64) float64 { return scaling.Amdahl(r.Serial, p) }))
	}
	for _, p := range r.Points {
		x := float64(p.Workers)
		s.scene.add(area.errorBar(s.running[3], x, max(p.SpeedupLow, up.from), p.SpeedupHigh), circle("point", s.running[3], area.at(x, max(p.Speedup, up.from))))
	}
	f.values(s, area)
	return area, countMarks(workers)
}

// metrics returns the points whose Karp–Flatt metric says something.
func (f speedupFigure) metrics() (list []scaling.SpeedupPoint) {
	for _, p := range f.r.Points {
		if slices.Contains(f.r.FitWorkers, p.Workers) {
			list = append(list, p)
		}
	}
	return list
}

// metric draws a small panel of the Karp–Flatt metric under that of the speed-ups, if there
// is a course to see.
func (f speedupFigure) metric(s *sheet, above plane, workers []notch) {
	points := f.metrics()
	if len(points) < 2 {
		return
	}
	const high, least = 64, 0.05
	from, to := 0.0, least
	for _, p := range points {
		from, to = min(from, p.KarpFlatt), max(to, p.KarpFlatt)
	}
	area := above
	area.rect = rect{above.x, s.y + 40, above.w, high}
	area.up = scale{from * 1.2, to * 1.3, false}
	s.cores(area, f.r.Cores, float64(f.most()), false)
	title := "workers"
	if above.across.log {
		title += ", log scale"
	}
	s.chart(area, workers, numberMarks(area.up.to, 3, func(v float64) string { return shortNumber(100*v) + "%" }), title, "Karp–Flatt metric (the serial fraction that a speed-up amounts to): level for a serial part, rising for overhead")
	l := line{class: "metric-line", stroke: s.running[3], width: 1.75}
	for _, p := range points {
		l.points = append(l.points, area.at(float64(p.Workers), p.KarpFlatt))
	}
	s.scene.add(l)
	for _, at := range l.points {
		s.scene.add(circle("metric", s.running[3], at))
	}
}

// values writes the speed-ups under their points where there is room, most workers first.
func (f speedupFigure) values(s *sheet, area plane) {
	free := s.width
	for i := len(f.r.Points) - 1; i > 0; i-- {
		p := f.r.Points[i]
		at := area.at(float64(p.Workers), max(p.SpeedupLow, area.up.from))
		text := figures(p.Speedup) + "×"
		long := textWidth(text, smallText, true)
		x := at.x - long/2
		if p.Workers == f.r.Cores && f.r.Cores < f.most() { // beside the line there
			x = at.x - 5 - long
		}
		before := area.at(float64(f.r.Points[i-1].Workers), area.up.from).x
		if x+long > free || x < before+6 {
			continue
		}
		free = x - 4
		s.scene.add(label{x: x, y: min(at.y+18, area.y+area.h-6), size: smallText, bold: true, fill: s.ink, text: text})
	}
}

// cores draws where the cores end, if that is in the picture, and says so.
func (s *sheet) cores(p plane, cores int, most float64, named bool) {
	if cores <= 1 || float64(cores) >= most {
		return
	}
	from := p.at(float64(cores), p.up.from).x
	s.scene.add(blocks{"beyond", s.track, []rect{{from, p.y, p.x + p.w - from, p.h}}})
	text := ""
	if named {
		text = plural(cores, "core")
	}
	s.vertical(p, float64(cores), "cores", text)
}

func (f speedupFigure) caption() []figureOf {
	r, best := f.r, f.best()
	list := []figureOf{{"time, 1 worker", formatDuration(r.Points[0].Median)}}
	if best.Workers == 1 {
		for _, p := range r.Points[1:min(len(r.Points), 4)] {
			list = append(list, figureOf{plural(p.Workers, "worker"), figures(p.Speedup) + "×"})
		}
		return list
	}
	list = append(list, figureOf{"best, " + plural(best.Workers, "worker"), figures(best.Speedup) + "×"}, figureOf{"its efficiency", percent(best.Efficiency)})
	if !f.fitted() {
		return list
	}
	limit := "none"
	if l := r.Limit(); l < 10_000 {
		limit = figures(l) + "×"
	}
	return append(list, figureOf{"serial fraction", finePercent(r.Serial)}, figureOf{"limit by Amdahl", limit})
}

// lesson says what there is to learn, in a few sentences.
func (f speedupFigure) lesson() string {
	if len(f.r.Points) == 0 {
		return "Nothing was measured."
	}
	if len(f.r.Points) == 1 {
		return "Only one worker was tried: give more counts to see how the speed grows."
	}
	var say []string
	for _, part := range []string{f.sayBest(), f.saySerial(), f.sayGrowth(), f.sayBeyond()} {
		if part != "" {
			say = append(say, part)
		}
	}
	return strings.Join(say, " ")
}

func (f speedupFigure) sayBest() string {
	best := f.best()
	if best.Workers == 1 && f.crowded() {
		return "More workers made it no faster, but other programs used the cores meanwhile: measure again when nothing else runs."
	}
	if best.Workers == 1 {
		return "More workers made it no faster: handing out the tasks costs more than sharing them gains. Give each task more work, or larger chunks."
	}
	return fmt.Sprintf("With %s the work was done %s times as fast as with one: each worker was worth %s of a lone one.",
		plural(best.Workers, "worker"), figures(best.Speedup), percent(best.Efficiency))
}

// crowded tells whether tasks with a worker to each core waited for one, so that others
// must have used it.
func (f speedupFigure) crowded() bool {
	return slices.ContainsFunc(f.r.Points, func(p scaling.SpeedupPoint) bool { return p.Workers <= f.r.Cores && p.Delayed > crowdedShare })
}

// crowdedShare is the share of their time waiting for a core above which tasks are not
// alone on the machine.
const crowdedShare = 0.15

// saySerial explains the serial fraction.
func (f speedupFigure) saySerial() string {
	r := f.r
	switch {
	case !f.fitted() || f.best().Workers == 1:
		return ""
	case f.crowded():
		return "Other programs used the cores too, which looks like a serial part: measure again when nothing else runs."
	case r.Serial < 0.005:
		return "Hardly any of it has to be done by one worker alone, so more cores would bring nearly as much more speed."
	}
	return fmt.Sprintf("It behaves as if %s of it were serial (done by one worker while the others wait): then no number of workers makes it more than %s times as fast.",
		finePercent(r.Serial), figures(r.Limit()))
}

// sayGrowth compares the Karp–Flatt metric of few workers with that of many.
func (f speedupFigure) sayGrowth() string {
	e := f.metrics()
	if len(e) < 2 || f.best().Workers == 1 || f.crowded() {
		return ""
	}
	first, last := e[0].KarpFlatt, e[len(e)-1].KarpFlatt
	switch {
	case last < 0.02 && first < 0.02: // too little to make much of
		return ""
	case last > 1.5*max(first, 0) && last-first > 0.01:
		return fmt.Sprintf("The Karp–Flatt metric grows from %s to %s: what holds it up is overhead that grows with the workers, rather than a serial part.", finePercent(first), finePercent(last))
	case first > 1.5*max(last, 0) && first-last > 0.01:
		return fmt.Sprintf("The Karp–Flatt metric falls from %s to %s: what holds it up weighs less with more workers.", finePercent(first), finePercent(last))
	}
	return fmt.Sprintf("The Karp–Flatt metric stays near %s: a serial part holds it up, rather than overhead.", finePercent(last))
}

// sayBeyond tells of more workers than cores.
func (f speedupFigure) sayBeyond() string {
	r := f.r
	within, beyond := 0.0, 0.0
	for _, p := range r.Points {
		if p.Workers <= r.Cores {
			within = max(within, p.Speedup)
		} else {
			beyond = max(beyond, p.Speedup)
		}
	}
	switch {
	case beyond == 0 || f.best().Workers == 1:
		return ""
	case r.Waits && beyond > 1.1*within:
		return fmt.Sprintf("The tasks mostly wait, so more workers than the %s help.", plural(r.Cores, "core"))
	case beyond <= 1.1*within:
		return fmt.Sprintf("More workers than the %s bring nothing: they take turns.", plural(r.Cores, "core"))
	}
	return ""
}

// chars draws the speed-ups with block characters: full for what was measured, light up
// to the ideal.
func (f speedupFigure) chars(columns int) string {
	var b strings.Builder
	b.WriteString(oneLine(f.heading) + "\n")
	if len(f.r.Points) > 0 {
		most := float64(f.most())
		wide := len(plural(f.most(), "worker"))
		for _, p := range f.r.Points {
			most = max(most, p.Speedup)
		}
		most = min(most, max(1.5*f.best().Speedup, float64(min(f.r.Cores, f.most()))))
		var rows []barRow
		for _, p := range f.r.Points {
			note := fmt.Sprintf("%5s×", figures(p.Speedup))
			if p.Workers > 1 {
				note += fmt.Sprintf("  %s–%s× · efficiency %s · Karp–Flatt %s", figures(p.SpeedupLow), figures(p.SpeedupHigh), percent(p.Efficiency), finePercent(p.KarpFlatt))
			}
			row := barRow{name: fmt.Sprintf("%*s", wide, plural(p.Workers, "worker")), full: p.Speedup / most, light: float64(p.Workers) / most, note: note}
			if p.Workers > f.r.Cores {
				row.more = " · beyond the cores"
			}
			rows = append(rows, row)
		}
		writeBars(&b, rows, columns)
		fmt.Fprintf(&b, "%*s  █ measured  ░ up to the ideal; half of the repeats lie between the numbers\n", wide, "")
		writeCaption(&b, f.caption())
	}
	writeNotes(&b, f.lesson(), f.r.Warnings, f.r.Method)
	return b.String()
}

// A barRow is a line of a chart in text: a bar, full over light, as shares of its length,
// between a name and a note. What is more may go on in the next line.
type barRow struct {
	name        string
	full, light float64
	note, more  string
}

// writeBars draws bars one below the other, as long as names and notes leave room in so many
// columns.
func writeBars(b *strings.Builder, rows []barRow, columns int) {
	const least, most = 12, 32
	beside := 0
	for _, r := range rows {
		beside = max(beside, utf8.RuneCountInString(r.name)+utf8.RuneCountInString(r.note))
	}
	n := min(max(columns-beside-len(" || "), least), most)
	for _, r := range rows {
		fmt.Fprintf(b, "%s │%s│ %s%s\n", r.name, barChars(r.full, r.light, n), r.note, r.more)
	}
}

// barChars draws a full bar over a light one, as shares of the whole length of n.
func barChars(full, light float64, n int) string {
	if math.IsNaN(full) || math.IsNaN(light) {
		return strings.Repeat(" ", n)
	}
	eighths := int(min(max(full, 0), 1)*float64(n)*8 + 0.5)
	bar := strings.Repeat("█", eighths/8)
	used := eighths / 8
	if part := eighths % 8; part > 0 {
		bar += string([]rune("▏▎▍▌▋▊▉")[part-1])
		used++
	}
	if ideal := int(min(max(light, 0), 1)*float64(n) + 0.5); ideal > used {
		bar += strings.Repeat("░", ideal-used)
		used = ideal
	}
	return bar + strings.Repeat(" ", n-used)
}

func writeCaption(b *strings.Builder, list []figureOf) {
	for i, f := range list {
		if i > 0 {
			b.WriteString(" · ")
		}
		b.WriteString(f.name + " " + f.value)
	}
	b.WriteByte('\n')
}

// writeNotes ends with what there is to learn, which also stands for the picture where it
// cannot be seen.
func writeNotes(b *strings.Builder, lesson string, warnings []string, method string) {
	if method != "" {
		b.WriteString(oneLine(method) + "\n")
	}
	for _, w := range warnings {
		b.WriteString("! " + oneLine(w) + "\n")
	}
	b.WriteString(lesson)
}
