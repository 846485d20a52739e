package plots

import (
	"fmt"
	"math"
	"strings"

	"github.com/adabc437/fanout/parallel/scaling"
)

// Scaling draws how much of each further worker arrives as speed: for work that stays the
// same (strong scaling), and for work that grows with the workers (weak scaling). Below
// stand the figures, a sentence on what there is to learn, the warnings, and how it was
// measured. A nil result is an empty one.
func Scaling(r *scaling.EfficiencyResult, opts ...Option) *Figure {
	if r == nil {
		r = new(scaling.EfficiencyResult)
	}
	st := newStyle(chartWidth, opts)
	f := scalingFigure{r, headed(st.title, r.Label, "strong and weak scaling")}
	if why := doubtOfScaling(r); why != "" {
		return senseless(st, f.heading, why)
	}
	return chartFigure(st, f.draw, f.chars(st.textColumns()))
}

type scalingFigure struct {
	r       *scaling.EfficiencyResult
	heading string
}

// empty tells whether there is nothing to draw.
func (f scalingFigure) empty() bool {
	return len(f.r.Strong) == 0 || len(f.r.Strong) != len(f.r.Weak)
}

func (f scalingFigure) draw(s *sheet) scene {
	s.heading(f.heading)
	if !f.empty() {
		s.legend([]key{
			{"strong: the same work for all", func(at point) []item {
				return append(stroke(s.running[3], 0)(at), circle("key", s.running[3], at))
			}},
			{"weak: as much work for each", func(at point) []item {
				return append(stroke(s.mean, 0)(at), diamond("key", s.mean, at))
			}},
			{"ideal", stroke(s.muted, 4)},
		})
		f.chart(s)
		s.figures(f.caption())
	}
	s.notes(f.lesson(), f.r.Warnings, f.r.Method)
	return s.finish(f.heading, f.lesson())
}

func (f scalingFigure) chart(s *sheet) {
	r := f.r
	most := r.Strong[len(r.Strong)-1].Workers
	top := 1.0
	workers := make([]int, len(r.Strong))
	for i, p := range r.Strong {
		workers[i] = p.Workers
		top = max(top, p.EfficiencyHigh, r.Weak[i].EfficiencyHigh)
	}
	across, up := scale{0, float64(most) * 1.06, false}, scale{0, top * 1.1, false}
	title := "workers"
	if most > 16 {
		across, title = scale{0.9, float64(most) * 1.1, true}, "workers, log scale"
	}
	marks := numberMarks(up.to, 6, percent)
	area := s.plane(across, up, marks, chartHigh)
	s.cores(area, r.Cores, float64(most), true)
	s.chart(area, countMarks(workers), marks, title, "efficiency (share of each worker's time that arrives as speed)")
	s.scene.add(area.curve("ideal", s.muted, 4, 1, float64(most), func(float64) float64 { return 1 }))
	f.row(s, area, "strong", s.running[3], circle, r.Strong)
	f.row(s, area, "weak", s.mean, diamond, r.Weak)
}

// row draws the points of one kind of scaling, and the line between them.
func (f scalingFigure) row(s *sheet, area plane, class, colour string, sign func(class, colour string, at point) item, points []scaling.ScalingPoint) {
	l := line{class: class + "-line", stroke: colour, width: 1.75}
	var over []item
	for _, p := range points {
		x := float64(p.Workers)
		at := area.at(x, p.Efficiency)
		l.points = append(l.points, at)
		over = append(over, area.errorBar(colour, x, p.EfficiencyLow, p.EfficiencyHigh), sign(class, colour, at))
	}
	if len(l.points) > 1 {
		s.scene.add(l)
	}
	s.scene.add(over...)
}

// within returns the place of the most workers that have a core each; all, if the tasks
// mostly wait.
func (f scalingFigure) within() int {
	k := 0
	for i, p := range f.r.Strong {
		if p.Workers <= f.r.Cores || f.r.Waits {
			k = i
		}
	}
	return k
}

func (f scalingFigure) caption() []figureOf {
	r, k := f.r, f.within()
	list := []figureOf{{"time, 1 worker", formatDuration(r.Strong[0].Median)}}
	if k == 0 {
		return list
	}
	with := ", " + plural(r.Strong[k].Workers, "worker")
	list = append(list, figureOf{"strong" + with, percent(r.Strong[k].Efficiency)}, figureOf{"weak" + with, percent(r.Weak[k].Efficiency)})
	if len(r.FitWorkers) > 0 {
		list = append(list, figureOf{"serial (Amdahl)", finePercent(r.StrongSerial)}, figureOf{"serial (Gustafson)", finePercent(r.WeakSerial)})
	}
	return list
}

// lesson says what there is to learn, in a few sentences.
func (f scalingFigure) lesson() string {
	if f.empty() {
		return "Nothing was measured."
	}
	k := f.within()
	if k == 0 {
		return "Only one worker had a core to itself: how the work scales cannot be told from that."
	}
	strong, weak := f.r.Strong[k], f.r.Weak[k]
	s := fmt.Sprintf("Strong scaling: the same work on %s used %s of each (%s times as fast). Weak scaling: with as much work for each as one had alone, %s.",
		plural(strong.Workers, "worker"), percent(strong.Efficiency), figures(strong.Speedup), percent(weak.Efficiency))
	switch gain := weak.Efficiency - strong.Efficiency; {
	case strong.Efficiency < 0.8 && f.r.Noisy:
		return s + " But the machine was busy with other things, or noisy: measure again when nothing else runs."
	case strong.Efficiency > 0.9 && weak.Efficiency > 0.9:
		return s + " Little is lost either way: the work divides well."
	case gain > 0.05 && weak.Efficiency < 0.85:
		return s + " Larger work makes better use of the workers, since part of what is lost does not grow with it (Gustafson's law)."
	case gain > 0.05:
		return s + " What is lost hardly grows with the work, so larger work makes better use of the workers (Gustafson's law)."
	case gain < -0.05:
		return s + " Larger work makes worse use of the workers: they may compete for memory."
	}
	return s + " What is lost grows with the work: it is in every task, or other programs use the cores."
}

func (f scalingFigure) chars(columns int) string {
	var b strings.Builder
	b.WriteString(oneLine(f.heading) + "\n")
	if !f.empty() {
		top := 1.0
		wide := 0
		for i, p := range f.r.Strong {
			top = math.Max(top, math.Max(p.Efficiency, f.r.Weak[i].Efficiency))
			wide = max(wide, len(plural(p.Workers, "worker")))
		}
		var rows []barRow
		row := func(name, kind string, p scaling.ScalingPoint) {
			r := barRow{name: fmt.Sprintf("%*s %-6s", wide, name, kind), full: p.Efficiency / top, light: 1 / top}
			r.note = fmt.Sprintf("%4s  %s–%s · %s", percent(p.Efficiency), percent(p.EfficiencyLow), percent(p.EfficiencyHigh), formatDuration(p.Median))
			if p.Workers > f.r.Cores {
				r.more = " · beyond the cores"
			}
			rows = append(rows, r)
		}
		for i, p := range f.r.Strong {
			row(plural(p.Workers, "worker"), "strong", p)
			row("", "weak", f.r.Weak[i])
		}
		writeBars(&b, rows, columns)
		fmt.Fprintf(&b, "%*s  █ efficiency  ░ up to the ideal; strong: the same work, weak: as much work for each\n", wide, "")
		writeCaption(&b, f.caption())
	}
	writeNotes(&b, f.lesson(), f.r.Warnings, f.r.Method)
	return b.String()
}
