package plots

import (
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/adabc437/fanout/parallel/scaling"
)

// Chunks draws how the time of a map depends on the size of its chunks: the medians with
// their quartiles, the floor that no division of the tasks falls below, the curve of
// floor and overhead that fits best, and the sizes chosen while running. Below stands what
// handing out a chunk costs, with a sentence on what there is to learn, the warnings,
// and how it was measured. A nil result is an empty one.
func Chunks(r *scaling.ChunksResult, opts ...Option) *Figure {
	if r == nil {
		r = new(scaling.ChunksResult)
	}
	st := newStyle(chartWidth, opts)
	what := "time by chunk size"
	if r.Tasks > 0 {
		what += " · " + plural(r.Tasks, "task") + " · " + plural(r.Workers, "worker")
	}
	f := chunksFigure{r, headed(st.title, r.Label, what)}
	if why := doubtOfChunks(r); why != "" {
		return senseless(st, f.heading, why)
	}
	return chartFigure(st, f.draw, f.chars(st.textColumns()))
}

type chunksFigure struct {
	r       *scaling.ChunksResult
	heading string
}

func (f chunksFigure) empty() bool { return len(f.r.Points) == 0 || f.r.Workers < 1 }

func (f chunksFigure) draw(s *sheet) scene {
	s.heading(f.heading)
	if !f.empty() {
		f.legend(s)
		f.chart(s)
		s.figures(f.caption())
	}
	s.notes(f.lesson(), f.r.Warnings, f.r.Method)
	return s.finish(f.heading, f.lesson())
}

func (f chunksFigure) legend(s *sheet) {
	keys := []key{{"fixed chunks (median, quartiles)", func(at point) []item {
		return []item{circle("key", s.running[3], at), blocks{"key", s.running[3], []rect{{at.x - 0.75, at.y - 8, 1.5, 16}}}}
	}}}
	if f.hasAuto() {
		keys = append(keys, key{"automatic chunks, at their mean size", func(at point) []item { return []item{diamond("key", s.mean, at)} }})
	}
	if f.r.Fitted {
		keys = append(keys, key{"floor: a perfect division", stroke(s.ink, 4)}, key{"floor + overhead of the chunks", stroke(s.mean, 0)})
	}
	if f.r.GoodTo > f.r.GoodFrom {
		keys = append(keys, key{"about as good as the best", func(at point) []item {
			box := rect{at.x - 8, at.y - 5, 16, 10}
			return []item{blocks{"key", s.grid, []rect{box}}, blocks{"key", s.track, []rect{grow(box, -1)}}}
		}})
	}
	s.legend(keys)
}

func (f chunksFigure) hasAuto() bool { return f.r.Auto.Size > 0 && len(f.r.Auto.Times) > 0 }

func (f chunksFigure) chart(s *sheet) {
	r := f.r
	least, greatest := math.Inf(1), 0.0
	cover := func(d time.Duration) {
		least, greatest = min(least, float64(d)), max(greatest, float64(d))
	}
	from, to := r.Points[0].Size, r.Points[len(r.Points)-1].Size
	sizes := make([]int, len(r.Points))
	for i, p := range r.Points {
		sizes[i] = p.Size
		cover(p.Low)
		cover(p.High)
	}
	if f.hasAuto() {
		cover(r.Auto.Low)
		cover(r.Auto.High)
		from, to = min(from, r.Auto.Size), max(to, r.Auto.Size)
	}
	if r.Fitted && r.Floor > 0 {
		cover(r.Floor)
	}
	log := greatest > 4*least
	up, marks := timeScale(least, greatest, log, 6)
	across := scale{float64(from) / 1.3, float64(to) * 1.3, true}
	area := s.plane(across, up, marks, chartHigh)
	if r.GoodTo > r.GoodFrom {
		x0, x1 := area.at(float64(r.GoodFrom)/1.15, up.from).x, area.at(float64(r.GoodTo)*1.15, up.from).x
		s.scene.add(blocks{"good", s.track, []rect{{x0, area.y, x1 - x0, area.h}}})
	}
	logNote := ""
	if log {
		logNote = " (log scale)"
	}
	s.chart(area, countMarks(sizes), marks, "tasks in a chunk (log scale)", "time of the map"+logNote)
	if r.Fitted {
		s.scene.add(
			area.curve("floor", s.ink, 4, float64(from), float64(to), func(float64) float64 { return float64(r.Floor) }),
			area.curve("model", s.mean, 0, float64(from), float64(to), func(x float64) float64 {
				return float64(r.Floor) + float64(r.Overhead)*float64(r.Tasks)/x/float64(r.Workers)
			}),
		)
	}
	if r.ImbalanceFrom > 0 {
		s.vertical(area, float64(r.ImbalanceFrom)/1.15, "imbalance", "too few chunks to balance")
	}
	for _, p := range r.Points {
		x := float64(p.Size)
		s.scene.add(area.errorBar(s.running[3], x, float64(p.Low), float64(p.High)), circle("point", s.running[3], area.at(x, float64(p.Median))))
	}
	if f.hasAuto() {
		x := float64(r.Auto.Size)
		at := area.at(x, float64(r.Auto.Median))
		l := label{x: at.x, y: at.y - 12, size: smallText, anchor: middle, bold: true, fill: s.ink, text: "auto"}
		if l.y < area.y+12 {
			l.y = at.y + 20
		}
		s.scene.add(area.errorBar(s.mean, x, float64(r.Auto.Low), float64(r.Auto.High)), diamond("auto", s.mean, at), l)
	}
}

func (f chunksFigure) caption() []figureOf {
	r := f.r
	best := f.point(r.Best)
	list := []figureOf{{"best size", compact(r.Best)}, {"its time", formatDuration(best.Median)}}
	if f.hasAuto() {
		list = append(list, figureOf{"automatic", formatDuration(r.Auto.Median)})
	}
	if r.Fitted {
		list = append(list, figureOf{"floor", formatDuration(r.Floor)}, figureOf{"cost of a chunk", formatDuration(r.Overhead)})
	}
	return list
}

func (f chunksFigure) point(size int) scaling.ChunkPoint {
	for _, p := range f.r.Points {
		if p.Size == size {
			return p
		}
	}
	return f.r.Points[0]
}

// task returns how long a task takes on average, in so far as the fit tells.
func (f chunksFigure) task() time.Duration {
	return time.Duration(float64(f.r.Floor) * float64(f.r.Workers) / float64(f.r.Tasks))
}

// lesson says what there is to learn, in a few sentences.
func (f chunksFigure) lesson() string {
	if f.empty() {
		return "Nothing was measured."
	}
	var say []string
	for _, part := range []string{f.sayCrowded(), f.sayOverhead(), f.sayGood(), f.sayImbalance(), f.sayAuto()} {
		if part != "" {
			say = append(say, part)
		}
	}
	return strings.Join(say, " ")
}

// sayCrowded is for times that say little, since they vary by half as much as they are.
func (f chunksFigure) sayCrowded() string {
	if f.point(f.r.Best).Spread() < 0.2 {
		return ""
	}
	return "Something else used the cores meanwhile, so take what follows with care."
}

func (f chunksFigure) sayOverhead() string {
	r := f.r
	if !r.Fitted {
		return ""
	}
	if r.Overhead == 0 {
		return fmt.Sprintf("Handing out a chunk costs too little to be measured, beside tasks of %s.", formatDuration(f.task()))
	}
	share := float64(r.Overhead) / float64(r.Overhead+f.task())
	s := fmt.Sprintf("Handing out a chunk costs about %s, and a task takes %s: ", formatDuration(r.Overhead), formatDuration(f.task()))
	if share < 0.02 {
		return s + "even one task at a time costs next to nothing."
	}
	return s + fmt.Sprintf("one task at a time, %s of the workers' time would go into handing out.", percent(share))
}

func (f chunksFigure) sayGood() string {
	r := f.r
	switch {
	case len(r.Points) < 2:
		return ""
	case r.GoodFrom == r.GoodTo:
		return fmt.Sprintf("Chunks of %s were the fastest.", plural(r.Best, "task"))
	}
	return fmt.Sprintf("All sizes from %s to %s tasks were about as good.", count(r.GoodFrom), count(r.GoodTo))
}

func (f chunksFigure) sayImbalance() string {
	if f.r.ImbalanceFrom == 0 {
		return ""
	}
	return fmt.Sprintf("From %s on, there are so few chunks that some workers are done long before others.", plural(f.r.ImbalanceFrom, "task"))
}

func (f chunksFigure) sayAuto() string {
	if len(f.r.Auto.Times) == 0 {
		return ""
	}
	best := f.point(f.r.Best).Median
	more := float64(f.r.Auto.Median-best) / float64(max(best, 1))
	switch {
	case more > 0.005:
		return fmt.Sprintf("Automatic chunks took %s more time than the best size, found without trying.", percent(more))
	case more < -0.005:
		return fmt.Sprintf("Automatic chunks were %s faster than the best fixed size: they start small and end small.", percent(-more))
	}
	return "Automatic chunks were as fast as the best size, found without trying."
}

func (f chunksFigure) chars(columns int) string {
	r := f.r
	var b strings.Builder
	b.WriteString(oneLine(f.heading) + "\n")
	if !f.empty() {
		greatest := float64(r.Auto.Median)
		for _, p := range r.Points {
			greatest = max(greatest, float64(p.Median))
		}
		wide := len("chunk size")
		var rows []barRow
		add := func(name string, took time.Duration, note, more string) {
			rows = append(rows, barRow{
				name: fmt.Sprintf("%*s", wide, name), full: float64(took) / max(greatest, 1),
				note: fmt.Sprintf("%8s  %s", formatDuration(took), note), more: more,
			})
		}
		row := func(name string, p scaling.ChunkPoint, more string) {
			add(name, p.Median, formatDuration(p.Low)+"–"+formatDuration(p.High), more)
		}
		fmt.Fprintf(&b, "%*s\n", wide, "chunk size")
		for _, p := range r.Points {
			note := ""
			switch {
			case p.Size == r.Best:
				note = " · best"
			case p.Size >= r.GoodFrom && p.Size <= r.GoodTo:
				note = " · about as good"
			case r.ImbalanceFrom > 0 && p.Size >= r.ImbalanceFrom:
				note = " · too few to balance"
			}
			row(compact(p.Size), p, note)
		}
		if f.hasAuto() {
			row("auto", r.Auto, " · of "+compact(r.Auto.Size)+" on average")
		}
		if r.Fitted {
			add("floor", r.Floor, "a perfect division", "")
			last := &rows[len(rows)-1]
			last.full, last.light = 0, last.full
		}
		writeBars(&b, rows, columns)
		writeCaption(&b, f.caption())
	}
	writeNotes(&b, f.lesson(), r.Warnings, r.Method)
	return b.String()
}
