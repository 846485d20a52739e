package edit

import (
	"fmt"
	"slices"
	"strings"

	"github.com/rivo/uniseg"
)

// A Look says how what is typed is shown. All styles are parameters of an SGR
// sequence, such as 1;32; "" is none.
type Look struct {
	// Prompt stands before the first line, Continuation before the others. They are as
	// wide as each other.
	Prompt, Continuation           string
	PromptStyle, ContinuationStyle string
	// Highlight gives the styles of the text.
	Highlight func(text string) []Span
	// Bracket marks the bracket that belongs to the one at the cursor, Match what a
	// search has found, Chosen the chosen completion, Kind and Type what stands beside a
	// completion, and Dim what is beside the point.
	Bracket, Match, Chosen, Kind, Type, Dim string
	// Width and Height are the terminal's columns and lines.
	Width, Height int
}

// A Span is a part of the text with a style. Spans follow each other.
type Span struct {
	Text, Style string
}

// tabWidth is how many columns a tab takes.
const tabWidth = 4

// minWidth is the fewest columns that a terminal is taken to have.
const minWidth = 8

// The most lines of what stands below the text.
const (
	menuLines = 10
	hintLines = 4
)

// View gives the lines of a terminal and the cursor's place in them. With done, what
// stands below the text is left out.
func (e *Editor) View(l Look, done bool) (lines []string, row, col int) {
	l.Width, l.Height = max(l.Width, minWidth), max(l.Height, 4)
	lines, row, col = e.layout(l, done)
	if done {
		return lines, len(lines) - 1, 0
	}
	below := e.below(l)
	space := max(l.Height-1-len(below), l.Height/2, 1)
	if len(lines) > space { // the lines around the cursor
		first := min(max(row-space/2, 0), len(lines)-space)
		lines, row = lines[first:first+space], row-first
	}
	below = below[:min(len(below), max(l.Height-1-len(lines), 0))]
	return append(lines, below...), row, col
}

// A painter lays text out in lines.
type painter struct {
	lines []string
	line  strings.Builder
	col   int
	style string
}

func (p *painter) put(text string, width int, style string) {
	if style != p.style {
		p.line.WriteString("\x1b[0m")
		if style != "" {
			p.line.WriteString("\x1b[" + style + "m")
		}
		p.style = style
	}
	p.line.WriteString(text)
	p.col += width
}

func (p *painter) end() {
	p.put("", 0, "")
	p.lines = append(p.lines, p.line.String())
	p.line.Reset()
	p.col = 0
}

// layout is the text with its prompts. With done nothing is marked for the cursor.
func (e *Editor) layout(l Look, done bool) (lines []string, row, col int) {
	p := &painter{}
	indent := min(uniseg.StringWidth(l.Prompt), l.Width/2)
	l.Prompt, l.Continuation = fit(l.Prompt, indent, ""), fit(l.Continuation, indent, "")
	p.put(l.Prompt, indent, l.PromptStyle)
	spans := []Span{{e.text, ""}}
	if l.Highlight != nil && e.text != "" {
		spans = l.Highlight(e.text)
	}
	var marks map[int]string
	if !done {
		marks = e.marks(l)
	}
	at, row, col := 0, 0, indent
	for _, s := range spans {
		state := -1 // what came before a span says nothing of its first character's width
		for rest := s.Text; rest != ""; {
			var c string
			var w int
			c, rest, w, state = uniseg.FirstGraphemeClusterInString(rest, state)
			style := s.Style
			if m, ok := marks[at]; ok {
				style = m
			}
			text := c
			switch {
			case c == "\n":
				if at == e.at {
					row, col = p.place(l, indent)
				}
				at++
				p.end()
				p.put(l.Continuation, indent, l.ContinuationStyle)
				continue
			case c == "\t":
				w = tabWidth - (p.col-indent)%tabWidth
				text = strings.Repeat(" ", w)
			case len(c) == 1 && (c[0] < 0x20 || c[0] == 0x7f):
				text, w, style = "^"+string(rune(c[0]^0x40)), 2, l.Dim
			}
			if p.col+w > l.Width {
				p.end()
				p.put(strings.Repeat(" ", indent), indent, "")
			}
			if at == e.at {
				row, col = len(p.lines), p.col
			}
			at += len(c)
			p.put(text, w, style)
		}
	}
	if e.at >= at {
		row, col = p.place(l, indent)
	}
	p.end()
	return p.lines, row, col
}

// place is where the cursor stands behind what is laid out; the right edge of a full
// line is on the next.
func (p *painter) place(l Look, indent int) (row, col int) {
	if p.col >= l.Width {
		p.end()
		p.put(strings.Repeat(" ", indent), indent, "")
	}
	return len(p.lines), p.col
}

// marks are the styles of single characters, by offset: a bracket's partner, and what a
// search has found.
func (e *Editor) marks(l Look) map[int]string {
	marks := map[int]string{}
	if s := e.search; s != nil {
		if !s.failed && s.query != "" {
			for i := e.at; i < min(e.at+len(s.query), len(e.text)); i++ {
				marks[i] = l.Match
			}
		}
		return marks
	}
	if len(e.text) > maxCall {
		return marks
	}
	for _, at := range []int{e.at, e.at - 1} {
		if to := partner(e.text, at); to >= 0 {
			marks[to], marks[at] = l.Bracket, l.Bracket
			break
		}
	}
	return marks
}

// below is what stands below the text: a search, a menu, documentation or a hint.
func (e *Editor) below(l Look) []string {
	switch {
	case e.search != nil:
		what := "search back"
		if e.search.forward {
			what = "search on"
		}
		if e.search.failed {
			what = "no " + what
		}
		return []string{fit(what+": "+e.search.query, l.Width, l.Dim)}
	case e.menu != nil:
		return e.menu.view(l)
	case e.doc != "":
		return shorten(e.doc, l, min(l.Height/2, 20), "… the same key again shows all of it")
	}
	if h := e.hinted(); h != "" {
		first, _, _ := strings.Cut(h, "\n\n")
		return signature(first, l)
	}
	if e.pending != "" {
		return []string{fit(e.pending+"-", l.Width, l.Dim)}
	}
	return nil
}

// signature is the first lines of a signature, and of a long one the part around the
// argument that is typed: ^ stands below that, or → in front.
func signature(text string, l Look) []string {
	lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
	if len(lines) > 1 && strings.Trim(lines[1], " ^") == "" && strings.Contains(lines[1], "^") {
		lines[0], lines[1] = around(lines[0], lines[1], l.Width)
	}
	at := slices.IndexFunc(lines, func(line string) bool { return strings.HasPrefix(strings.TrimLeft(line, " "), "→") })
	if at < hintLines-1 || len(lines) <= hintLines {
		return shorten(strings.Join(lines, "\n"), l, hintLines, "…")
	}
	shown := []string{lines[0] + " …"}
	shown = append(shown, lines[min(at-1, len(lines)-hintLines+1):]...)
	return shorten(strings.Join(shown, "\n"), l, hintLines, "…")
}

// around is the part of a line around what ^ in the line below mark, where the line is
// wider than the terminal.
func around(line, marks string, width int) (string, string) {
	text := []rune(line)
	if uniseg.StringWidth(line) < width {
		return line, marks
	}
	from := strings.IndexByte(marks, '^')
	to := min(from+strings.Count(marks, "^"), len(text))
	if to < width-1 {
		return line, marks // the end is cut
	}
	room := width - 3 // for … at both ends
	first := max(min(from, to-room+min(8, room/3)), from-room/2, 0)
	if to-first > room {
		first = min(from, len(text))
	}
	return "…" + string(text[first:]), strings.Repeat(" ", 1+max(from-first, 0)) + strings.Repeat("^", max(to-from, 1))
}

// shorten is the first lines of a text.
func shorten(text string, l Look, most int, rest string) []string {
	lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
	var out []string
	for i, line := range lines {
		if i == most-1 && len(lines) > most {
			return append(out, fit(rest, l.Width, l.Dim))
		}
		out = append(out, fit(line, l.Width, l.Type))
	}
	return out
}

// fit is a line of text no wider than a terminal, without control characters.
func fit(text string, width int, style string) string {
	var b strings.Builder
	col, state := 0, -1
	for text != "" {
		var c string
		var w int
		c, text, w, state = uniseg.FirstGraphemeClusterInString(text, state)
		if c == "\t" {
			w = tabWidth - col%tabWidth
			c = strings.Repeat(" ", w)
		} else if c[0] < 0x20 || c[0] == 0x7f {
			continue
		}
		if col+w > width-1 && text != "" || col+w > width {
			b.WriteString("…")
			break
		}
		b.WriteString(c)
		col += w
	}
	if style == "" {
		return b.String()
	}
	return "\x1b[" + style + "m" + b.String() + "\x1b[0m"
}

// view lists the candidates around the one that is chosen, with their kinds and types.
func (m *menu) view(l Look) []string {
	lines := min(menuLines, max(l.Height/2-1, 1))
	first := min(max(m.index-lines+1, 0), max(len(m.list)-lines, 0))
	shown := m.list[first:min(first+lines, len(m.list))]
	wide, kinds := 0, 0
	for _, c := range shown {
		wide, kinds = max(wide, uniseg.StringWidth(c.Text)), max(kinds, len(c.Kind))
	}
	wide = min(wide, l.Width/2)
	var out []string
	for i, c := range shown {
		name := fit(c.Text, wide, "")
		name += strings.Repeat(" ", max(wide-uniseg.StringWidth(name), 0))
		if first+i == m.index {
			out = append(out, fit(" "+name+" "+pad(c.Kind, kinds)+" "+c.Signature, l.Width, l.Chosen))
			continue
		}
		kind := " " + pad(c.Kind, kinds) + " "
		line := fit(" "+name, l.Width, "")
		left := l.Width - 1 - wide
		if left > len(kind) {
			line += fit(kind, left, l.Kind)
			if left -= len(kind); c.Signature != "" && left > 3 {
				line += fit(c.Signature, left, l.Type)
			}
		}
		out = append(out, line)
	}
	if rest := len(m.list) - len(shown); rest > 0 {
		out = append(out, fit(fmt.Sprintf(" %d of %d", max(m.index+1, 0), len(m.list)), l.Width, l.Dim))
	}
	return out
}

func pad(s string, width int) string { return s + strings.Repeat(" ", max(width-len(s), 0)) }
