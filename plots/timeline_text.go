package plots

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"
)

const textColumns = 60

// chars draws the timeline with block characters.
func (t *timeline) chars() string {
	var b strings.Builder
	b.WriteString(oneLine(t.heading) + "\n")
	if t.drawn() {
		wide := len("queue")
		for _, r := range t.rows {
			wide = max(wide, utf8.RuneCountInString(r.name()))
		}
		line := func(name, cells, note string) {
			fmt.Fprintf(&b, "%*s │%s│ %s\n", wide, name, cells, note)
		}
		line("queue", t.queueChars(), fmt.Sprintf("%4s", compact(t.run.Tasks)))
		for _, r := range t.rows {
			line(r.name(), t.rowChars(r), fmt.Sprintf("%4s", percent(r.busy)))
		}
		b.WriteString(strings.TrimRight(strings.Repeat(" ", wide+2)+t.axisChars(), " ") + "\n")
	}
	for i, f := range t.caption {
		if i > 0 {
			b.WriteString(" · ")
		}
		b.WriteString(f.name + " " + f.value)
	}
	b.WriteString("\n" + t.lesson)
	return b.String()
}

var (
	shades = []rune(" ░▒▓█")
	eighth = []rune(" ▁▂▃▄▅▆▇█")
)

func (t *timeline) rowChars(r row) string {
	cells := make([]rune, textColumns)
	for i, share := range density(r, t.run.Wall, textColumns) {
		level := int(share*4 + 0.5)
		if share > 0.02 {
			level = max(level, 1)
		}
		cells[i] = shades[min(level, 4)]
	}
	for _, rec := range r.records {
		if rec.Failed() {
			at := int(int64(rec.Finished) * textColumns / max(int64(t.run.Wall), 1))
			cells[min(at, textColumns-1)] = '×'
		}
	}
	return string(cells)
}

func (t *timeline) queueChars() string {
	levels := waiting(t.run, 20*textColumns)
	cells := make([]rune, textColumns)
	k := 0
	for i := range cells {
		at := t.run.Wall * time.Duration(i) / textColumns
		for k+1 < len(levels) && levels[k+1].at <= at {
			k++
		}
		n := levels[k].tasks
		level := n * 8 / max(t.run.Tasks, 1)
		if n > 0 {
			level = max(level, 1)
		}
		cells[i] = eighth[min(level, 8)]
	}
	return string(cells)
}

func (t *timeline) axisChars() string {
	cells := []rune(strings.Repeat(" ", textColumns+12))
	for _, k := range ticks(0, t.run.Wall, 5) {
		at := int(float64(k.at) / float64(t.run.Wall) * textColumns)
		copy(cells[at:], []rune(k.text))
	}
	return string(cells)
}

// oneLine takes line breaks and control characters out of s.
func oneLine(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, s)
}
