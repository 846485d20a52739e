package kernel

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"

	"golang.org/x/text/width"

	"github.com/adabc437/fanout/interp/session"
	"github.com/adabc437/fanout/kernel/wire"
)

// The bounds of a rendered diagnostic.
const (
	tabWidth  = 4   // columns of a tab
	lineWidth = 110 // columns of a source line that are shown
	maxFrames = 24  // frames of a trace that are shown
)

// A palette holds the escape sequences that a rendering uses, and the columns that it
// has; 0 are any number.
type palette struct {
	name, place, caret, hint, dim, reset string

	columns int
}

// line is how many columns a source line may have behind so many others.
func (p palette) line(before int) int {
	if p.columns <= 0 {
		return lineWidth
	}
	return min(lineWidth, max(p.columns-before-2, 10)) // 2 for where it is cut
}

// prose breaks text into lines.
func (p palette) prose(text string) []string { return strings.Split(Wrap(text, p.columns), "\n") }

var (
	plain palette
	// Front ends show errors on a background of their own, red in JupyterLab, light
	// or dark: no colour of text is legible on all of them.
	bold   = palette{name: "\x1b[1m", place: "\x1b[1m", caret: "\x1b[1m", hint: "\x1b[1m", reset: "\x1b[0m"}
	colour = palette{
		name: "\x1b[1;31m", place: "\x1b[36m", caret: "\x1b[1;31m", hint: "\x1b[32m", dim: "\x1b[2m", reset: "\x1b[0m",
	}
)

// RenderText gives d as lines of plain text, without a line end at the end.
func RenderText(d *session.Diagnostic) string { return RenderTerminal(d, false, 0) }

// RenderANSI gives d as lines of text with colours for a terminal, without a
// line end at the end.
func RenderANSI(d *session.Diagnostic) string { return RenderTerminal(d, true, 0) }

// RenderTerminal gives d as lines of text for a terminal of so many columns, with colours
// or without: prose is broken between words, and of source lines the part around the
// place is shown. 0 columns are any number.
func RenderTerminal(d *session.Diagnostic, colours bool, columns int) string {
	p := plain
	if colours {
		p = colour
	}
	p.columns = columns
	return strings.Join(render(d, p), "\n")
}

// ErrorContent gives d as Jupyter wants it: the traceback holds all there is to
// see, with what matters in bold, and front ends show that alone.
func ErrorContent(d *session.Diagnostic) wire.Error {
	return wire.Error{EName: d.Name, EValue: clean(d.Message), Traceback: render(d, bold)}
}

// render lays d out: what and where, further errors, the hint, the trace, the
// notes, and Go's own report.
func render(d *session.Diagnostic, p palette) []string {
	frames, in := callers(d)
	lines := headline(d, in, d.Name, p)
	for _, more := range d.More {
		if more == nil {
			continue
		}
		name := more.Name
		if name == d.Name {
			name = ""
		}
		lines = append(lines, headline(more, "", name, p)...)
	}
	title := "Called from:"
	if d.Pos == nil {
		title = "Trace:"
	}
	lines = append(lines, trace(title, frames, p)...)
	for _, note := range d.Notes {
		lines = append(lines, p.prose(strings.TrimRight(clean(note), "\n"))...)
	}
	if report := strings.TrimSpace(clean(d.Report)); report != "" {
		lines = append(lines, "")
		for line := range strings.Lines(report) {
			lines = append(lines, p.paint(p.dim, strings.TrimRight(line, "\n")))
		}
	}
	return lines
}

// callers returns the frames that are to be shown below the place of d: where the
// innermost one is that place, the others, and the name of its function.
func callers(d *session.Diagnostic) (frames []session.Frame, in string) {
	if d.Pos == nil || len(d.Trace) == 0 {
		return d.Trace, ""
	}
	first := d.Trace[0]
	sameColumn := first.Column == d.Pos.Column || first.Column <= 0 || d.Pos.Column <= 0
	if first.Cell == d.Pos.Cell && first.Line == d.Pos.Line && sameColumn {
		return d.Trace[1:], first.Func
	}
	return d.Trace, ""
}

// place gives a position as In[3]:2:7, or In[3]:2 where the column is not known.
func place(p session.Position) string {
	if p.Column <= 0 {
		return fmt.Sprintf("In[%d]:%d", p.Cell, p.Line)
	}
	return p.String()
}

// headline renders the place, the name and the message of one diagnostic, its
// source line with a caret, and its hint. in is the function, if it is known.
func headline(d *session.Diagnostic, in, name string, p palette) []string {
	var head strings.Builder
	if d.Pos != nil {
		head.WriteString(p.paint(p.place, place(*d.Pos)))
		if in != "" {
			head.WriteString(" in " + clean(in))
		}
		head.WriteString(": ")
	}
	if name != "" {
		head.WriteString(p.paint(p.name, name) + ": ")
	}
	head.WriteString(clean(d.Message))
	lines := p.prose(strings.TrimRight(head.String(), "\n"))
	if d.Pos != nil && strings.TrimSpace(d.Pos.Source) != "" {
		gutter := fmt.Sprintf("%5d | ", d.Pos.Line)
		source, caret := underline(d.Pos.Source, d.Pos.Column, p.line(len(gutter)))
		lines = append(lines, p.paint(p.dim, gutter)+source)
		if d.Pos.Column > 0 {
			under := strings.Repeat(" ", len(gutter)-2) + "| "
			lines = append(lines, p.paint(p.dim, under)+strings.Repeat(" ", caret)+p.paint(p.caret, "^"))
		}
	}
	if d.Hint != "" {
		lines = append(lines, p.prose(p.paint(p.hint, "Hint: ")+strings.TrimRight(clean(d.Hint), "\n"))...)
	}
	return lines
}

// trace renders the frames below a title. Runs of equal ones (a recursion) are
// shown once.
func trace(title string, frames []session.Frame, p palette) []string {
	if len(frames) == 0 {
		return nil
	}
	lines := []string{title}
	shown := 0
	for i := 0; i < len(frames); {
		if shown == maxFrames {
			return append(lines, p.paint(p.dim, fmt.Sprintf("  … %d more", len(frames)-i)))
		}
		same := 1
		for i+same < len(frames) && frames[i+same] == frames[i] {
			same++
		}
		lines = append(lines, frame(frames[i], p))
		if same > 1 {
			lines = append(lines, p.paint(p.dim, fmt.Sprintf("  … %d more like it", same-1)))
		}
		i += same
		shown++
	}
	return lines
}

func frame(f session.Frame, p palette) string {
	line := "  " + p.paint(p.place, place(f.Position))
	before := len("  ") + len(place(f.Position)) + len("  ")
	if f.Func != "" {
		line += " " + clean(f.Func)
		before += 1 + len(clean(f.Func))
	}
	if source := strings.TrimSpace(f.Source); source != "" {
		source, _ = underline(source, 1, p.line(before))
		line += p.paint(p.dim, "  "+source)
	}
	return line
}

func (p palette) paint(escape, text string) string {
	if escape == "" {
		return text
	}
	return escape + text + p.reset
}

// A glyph is one code point of a source line as it is shown.
type glyph struct {
	text string
	wide int // columns
}

// underline returns source as it is shown, and the display column (from 0) of
// its code point number column (from 1). Of a long line the part around the
// column is shown, in some columns more than width at most.
func underline(source string, column, width int) (string, int) {
	line := glyphs(source)
	target := min(max(column-1, 0), len(line))
	from, to := window(line, target, width)
	var shown strings.Builder
	caret := 0
	if from > 0 {
		shown.WriteString("…")
		caret = 1
	}
	for i, g := range line[from:to] {
		shown.WriteString(g.text)
		if from+i < target {
			caret += g.wide
		}
	}
	if to < len(line) {
		shown.WriteString("…")
	}
	return shown.String(), caret
}

func glyphs(source string) []glyph {
	var line []glyph
	at := 0
	for _, r := range strings.TrimRight(source, "\r\n") {
		g := glyph{string(r), runeWidth(r)}
		switch {
		case r == '\t':
			n := tabWidth - at%tabWidth
			g = glyph{strings.Repeat(" ", n), n}
		case unicode.IsControl(r):
			g = glyph{"\uFFFD", 1}
		}
		line = append(line, g)
		at += g.wide
	}
	return line
}

// window picks the glyphs [from, to) of line that are shown: all of them if they
// fit, else half of the width before target and the rest after it.
func window(line []glyph, target, columns int) (from, to int) {
	total := 0
	for _, g := range line {
		total += g.wide
	}
	if total <= columns {
		return 0, len(line)
	}
	left := columns
	for from = target; from > 0 && line[from-1].wide <= left-columns/2; from-- {
		left -= line[from-1].wide
	}
	for to = target; to < len(line) && line[to].wide <= left; to++ {
		left -= line[to].wide
	}
	for ; from > 0 && line[from-1].wide <= left; from-- { // the end of the line
		left -= line[from-1].wide
	}
	return from, to
}

// Wrap breaks the lines of text that have more columns than a terminal, between words
// where it can. A line that is broken goes on with its own indent. 0 columns are any
// number.
func Wrap(text string, columns int) string {
	if columns <= 0 {
		return text
	}
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		if shownWidth(line) > columns {
			lines[i] = wrapLine(line, columns)
		}
	}
	return strings.Join(lines, "\n")
}

func wrapLine(line string, columns int) string {
	words := strings.Split(strings.TrimLeft(line, " "), " ")
	indent := strings.Repeat(" ", min(len(line)-len(strings.TrimLeft(line, " ")), columns/2))
	var b strings.Builder
	b.WriteString(indent)
	at := len(indent)
	for i, word := range words {
		wide := shownWidth(word)
		switch {
		case i == 0:
		case at+1+wide > columns:
			b.WriteString("\n" + indent)
			at = len(indent)
		default:
			b.WriteByte(' ')
			at++
		}
		b.WriteString(word)
		at += wide
	}
	return b.String()
}

// shownWidth is how many columns a line takes, without its escape sequences.
func shownWidth(line string) int {
	n := 0
	for _, r := range escapes.ReplaceAllString(line, "") {
		n += runeWidth(r)
	}
	return n
}

// runeWidth is how many columns of a terminal r takes.
func runeWidth(r rune) int {
	if unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf) {
		return 0
	}
	switch width.LookupRune(r).Kind() {
	case width.EastAsianWide, width.EastAsianFullwidth:
		return 2
	}
	return 1
}

// escapes matches the sequences with which text moves a terminal's cursor and
// sets its colours.
var escapes = regexp.MustCompile("\x1b\\[[0-9;:?<=>]*[ -/]*[@-~]|\x1b\\][^\x07\x1b]*(\x07|\x1b\\\\)")

// clean makes text from a cell harmless to a terminal: escape sequences and
// other control characters are taken out, and it becomes valid UTF-8.
func clean(text string) string {
	if strings.Contains(text, "\x1b") {
		text = escapes.ReplaceAllString(text, "")
	}
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' && r != '\t' {
			return -1
		}
		return r
	}, strings.ToValidUTF8(text, "\uFFFD"))
}
