package plots

import (
	"fmt"
	"math"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/adabc437/fanout/parallel"
)

// ProgressText renders how far a run has come as one line of characters, with
// a bar of width columns. The line has at most so many columns, or any number if columns is
// 0: a long label is cut first, then the bar, and what is said last is left out.
func ProgressText(p parallel.Progress, width, columns int) string {
	bar, notes := max(width, 4), progressNotes(p)
	label := oneLine(p.Label)
	if uncounted(p) {
		return labelled(label, formatDuration(p.Elapsed), columns)
	}
	rest := func() int { return utf8.RuneCountInString(barText(p, bar)+strings.Join(notes, " · ")) + 3 }
	if columns > 0 {
		const leastLabel, leastBar = 12, 8
		least := min(utf8.RuneCountInString(label), leastLabel)
		for len(notes) > 1 && rest()-bar+leastBar+1+least > columns {
			notes = notes[:len(notes)-1]
		}
		if over := rest() + 1 + least - columns; over > 0 {
			bar = max(bar-over, leastBar)
		}
		label = clipRunes(label, max(columns-rest()-1, 1))
	}
	if label != "" {
		label += " "
	}
	return label + barText(p, bar) + " · " + strings.Join(notes, " · ")
}

// uncounted says that nobody knows how far the run has come: it is one call of a device.
func uncounted(p parallel.Progress) bool { return p.Total == 0 && p.Workers == 0 && !p.Final }

// labelled is a line of a label and a note, in columns, or any number if that is 0.
func labelled(label, note string, columns int) string {
	if columns > 0 {
		label = clipRunes(label, max(columns-utf8.RuneCountInString(note)-len(" · "), 1))
	}
	if label == "" {
		return note
	}
	return label + " · " + note
}

// barText is a bar of width columns, and the percentage.
func barText(p parallel.Progress, width int) string {
	eighths := int(share(p) * float64(width) * 8)
	bar := strings.Repeat("█", eighths/8)
	if part := eighths % 8; part > 0 {
		bar += string([]rune("▏▎▍▌▋▊▉")[part-1])
	}
	filled := (eighths + 7) / 8
	return fmt.Sprintf("%s%s %3d%%", bar, strings.Repeat("░", width-filled), wholePercent(p))
}

// ProgressHTML renders how far a run has come as an HTML fragment without
// script, whose colours read on light and dark pages. It inherits the text
// colour and the font of the page.
func ProgressHTML(p parallel.Progress) string {
	var b strings.Builder
	b.WriteString(`<div style="display:flex;align-items:center;gap:0.75em;flex-wrap:wrap;font-size:0.9em;font-variant-numeric:tabular-nums">`)
	if p.Label != "" {
		fmt.Fprintf(&b, `<span style="font-weight:600">%s</span>`, escape(p.Label))
	}
	if uncounted(p) {
		fmt.Fprintf(&b, `<span style="opacity:0.75">%s</span></div>`, escape(formatDuration(p.Elapsed)))
		return b.String()
	}
	percent := wholePercent(p)
	colour := "#3c91c2"
	if p.Failed > 0 {
		colour = "#d55e00"
	}
	fmt.Fprintf(&b, `<span role="progressbar" aria-valuemin="0" aria-valuemax="100" aria-valuenow="%d" style="display:inline-block;width:16em;height:0.7em;border-radius:0.35em;overflow:hidden;background:rgba(128,128,128,0.28)">`, percent)
	fmt.Fprintf(&b, `<span style="display:block;height:100%%;width:%s%%;background:%s"></span></span>`, decimal(share(p)*100), colour)
	fmt.Fprintf(&b, `<span>%d%%</span>`, percent)
	for _, s := range progressNotes(p) {
		fmt.Fprintf(&b, `<span style="opacity:0.75">%s</span>`, escape(s))
	}
	b.WriteString("</div>")
	return b.String()
}

// share returns the part of the tasks that have ended, 0 to 1.
func share(p parallel.Progress) float64 {
	if p.Total <= 0 {
		if p.Final {
			return 1
		}
		return 0
	}
	return min(max(float64(p.Done+p.Failed)/float64(p.Total), 0), 1)
}

// wholePercent does not say 100 before all is done.
func wholePercent(p parallel.Progress) int { return int(math.Floor(share(p) * 100)) }

func progressNotes(p parallel.Progress) []string {
	notes := []string{fmt.Sprintf("%s of %s", count(p.Done+p.Failed), count(p.Total))}
	if p.Failed > 0 {
		notes = append(notes, count(p.Failed)+" failed")
	}
	times := formatDuration(p.Elapsed)
	if left, ok := remaining(p); ok {
		times += ", " + formatDuration(left) + " left"
	}
	notes = append(notes, times)
	if p.Workers > 0 {
		notes = append(notes, plural(p.Workers, "worker"))
	}
	return notes
}

// remaining estimates the time left from the mean time of the tasks so far.
func remaining(p parallel.Progress) (time.Duration, bool) {
	over := p.Done + p.Failed
	if p.Final || over == 0 || over >= p.Total || p.Elapsed <= 0 {
		return 0, false
	}
	return time.Duration(float64(p.Elapsed) / float64(over) * float64(p.Total-over)), true
}
