package plots

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// chars draws the timeline with block characters.
func (t *timeline) chars() string {
	var b strings.Builder
	b.WriteString(oneLine(t.heading) + "\n")
	if t.drawn() {
		wide := len("queue")
		if t.hasConcurrency() {
			wide = len("tasks at once")
		} else if t.hasDurations() {
			wide = len("task times")
		}
		for _, r := range t.rows {
			wide = max(wide, utf8.RuneCountInString(r.name()))
		}
		n := t.textColumns() - wide - len(" || ") - max(len("100%"), len(compact(t.run.Tasks))) // of the cells
		line := func(name, cells, note string) {
			fmt.Fprintf(&b, "%*s │%s│ %s\n", wide, name, cells, note)
		}
		line("queue", t.queueChars(n), fmt.Sprintf("%4s", compact(t.run.Tasks)))
		for _, r := range t.rows {
			line(r.name(), rowChars(r, t.run.Wall, n), fmt.Sprintf("%4s", percent(r.busy)))
		}
		if t.hasConcurrency() {
			line("tasks at once", t.atOnceChars(n), fmt.Sprintf("%4s", compact(t.run.Workers)))
		}
		b.WriteString(strings.TrimRight(strings.Repeat(" ", wide+2)+axisChars(t.run.Wall, n), " ") + "\n")
		if t.hasDurations() {
			line("task times", sparkline(t.times.bins), t.times.span())
		}
		if key := t.textKey(); key != "" {
			b.WriteString(key + "\n")
		}
	}
	for i, f := range t.caption {
		if i > 0 {
			b.WriteString(" · ")
		}
		b.WriteString(f.name + " " + f.value)
	}
	if split := splitText(t.parts); split != "" && t.drawn() {
		b.WriteString("\n" + split)
	}
	b.WriteString("\n" + t.lesson)
	return b.String()
}

// textKey explains the marks that the rows use.
func (t *timeline) textKey() string {
	var marks []string
	for _, k := range []kind{failed, retried} {
		if t.has[k] {
			marks = append(marks, string(textMarks[k])+" "+kindNames[k])
		}
	}
	return strings.Join(marks, " · ")
}

var textMarks = map[kind]rune{failed: '×', retried: '○'}

// span says from what to what the times of the tasks are.
func (d *durations) span() string {
	s := formatDuration(d.from) + " … " + formatDuration(d.to)
	if d.log {
		s += ", log scale"
	}
	return s
}

// sparkline draws counts, one to a character.
func sparkline(counts []int) string {
	most := max(slices.Max(counts), 1)
	cells := make([]rune, len(counts))
	for i, n := range counts {
		level := 0
		if n > 0 {
			level = max(n*8/most, 1)
		}
		cells[i] = eighth[level]
	}
	return string(cells)
}

// atOnceChars draws the mean number of tasks at once; the full height stands for all
// workers.
func (t *timeline) atOnceChars(n int) string {
	cells := make([]rune, n)
	for i, l := range atOnce(t.rows, t.run.Wall, n) {
		level := int(l.n/float64(t.run.Workers)*8 + 0.5)
		if l.n > 0.02 {
			level = max(level, 1)
		}
		cells[i] = eighth[min(level, 8)]
	}
	return string(cells)
}

var (
	shades = []rune(" ░▒▓█")
	eighth = []rune(" ▁▂▃▄▅▆▇█")
)

// rowChars draws a row of a run of the length of wall in n characters.
func rowChars(r row, wall time.Duration, n int) string {
	cells := make([]rune, n)
	for i, share := range density(r, wall, n) {
		level := int(share*4 + 0.5)
		if share > 0.02 {
			level = max(level, 1)
		}
		cells[i] = shades[min(level, 4)]
	}
	for _, st := range r.stints {
		k := st.kind
		if k != failed && k != retried {
			continue
		}
		at := int(float64(st.to) / float64(max(wall, 1)) * float64(n))
		if at = min(at, n-1); cells[at] != textMarks[failed] {
			cells[at] = textMarks[k]
		}
	}
	return string(cells)
}

func (t *timeline) queueChars(n int) string {
	levels := waiting(t.run, 20*n)
	cells := make([]rune, n)
	k := 0
	for i := range cells {
		at := t.run.Wall * time.Duration(i) / time.Duration(n)
		for k+1 < len(levels) && levels[k+1].at <= at {
			k++
		}
		left := levels[k].n
		level := int(left * 8 / float64(max(t.run.Tasks, 1)))
		if left > 0 {
			level = max(level, 1)
		}
		cells[i] = eighth[min(max(level, 0), 8)]
	}
	return string(cells)
}

// axisChars is the axis of a time below n characters and what stands beside them.
func axisChars(wall time.Duration, n int) string {
	cells := []rune(strings.Repeat(" ", n+len("  100%")))
	for _, k := range ticks(0, wall, 5) {
		at := int(float64(k.at) / float64(wall) * float64(n))
		copy(cells[min(at, len(cells)-utf8.RuneCountInString(k.text)):], []rune(k.text))
	}
	return string(cells)
}

// oneLine takes line breaks and control characters out of s, and those that turn the
// direction of a text.
func oneLine(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == '\u2028' || r == '\u2029' || unicode.Is(unicode.Bidi_Control, r) {
			return ' '
		}
		return r
	}, s)
}
