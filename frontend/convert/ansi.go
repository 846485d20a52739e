package convert

import (
	"fmt"
	"html"
	"regexp"
	"strconv"
	"strings"
)

// ansiRE finds the escape sequences of terminals.
var ansiRE = regexp.MustCompile("\x1b(?:\\[[0-9;:?]*[ -/]*[@-~]|\\][^\a\x1b]*(?:\a|\x1b\\\\)|[@-Z\\\\^_])")

// stripANSI takes escape sequences away.
func stripANSI(text string) string { return ansiRE.ReplaceAllString(text, "") }

// settled gives the form that text has in the end on a terminal: what follows a
// carriage return is written over what is before it in the line.
func settled(text string) string {
	if !strings.Contains(text, "\r") {
		return text
	}
	all := strings.Split(strings.ReplaceAll(text, "\r\n", "\n"), "\n")
	for i, line := range all {
		line = strings.TrimRight(line, "\r")
		all[i] = line[strings.LastIndexByte(line, '\r')+1:]
	}
	return strings.Join(all, "\n")
}

// A look is how text is to be shown.
type look struct {
	bold, faint, italic, underline, inverse bool
	fg, bg                                  string // a class, or a colour in CSS
}

// ansiHTML gives text with its colours as HTML.
func ansiHTML(text string) string {
	text = settled(text)
	var out strings.Builder
	var now look
	last := 0
	put := func(s string) {
		if s == "" {
			return
		}
		if now == (look{}) {
			out.WriteString(html.EscapeString(s))
			return
		}
		fmt.Fprintf(&out, "<span%s>%s</span>", now.attributes(), html.EscapeString(s))
	}
	for _, m := range ansiRE.FindAllStringIndex(text, -1) {
		put(text[last:m[0]])
		last = m[1]
		if sequence := text[m[0]:m[1]]; strings.HasPrefix(sequence, "\x1b[") && strings.HasSuffix(sequence, "m") {
			now.apply(sequence[2 : len(sequence)-1])
		}
	}
	put(text[last:])
	return out.String()
}

// apply changes a look by the parameters of a sequence.
func (l *look) apply(text string) {
	params := strings.FieldsFunc(text, func(r rune) bool { return r == ';' || r == ':' })
	if len(params) == 0 {
		*l = look{}
	}
	var n []int
	for _, p := range params {
		v, err := strconv.Atoi(p)
		if err != nil || v > 255 {
			return
		}
		n = append(n, v)
	}
	for len(n) > 0 {
		p := n[0]
		n = n[1:]
		switch {
		case p == 0:
			*l = look{}
		case p == 1:
			l.bold = true
		case p == 2:
			l.faint = true
		case p == 3:
			l.italic = true
		case p == 4:
			l.underline = true
		case p == 7:
			l.inverse = true
		case p == 22:
			l.bold, l.faint = false, false
		case p == 23:
			l.italic = false
		case p == 24:
			l.underline = false
		case p == 27:
			l.inverse = false
		case p == 38 || p == 48:
			var colour string
			colour, n = extended(n)
			if p == 38 {
				l.fg = colour
			} else {
				l.bg = colour
			}
		case p == 39:
			l.fg = ""
		case p == 49:
			l.bg = ""
		case p >= 30 && p <= 37, p >= 90 && p <= 97:
			l.fg = basic(p%10, p >= 90)
		case p >= 40 && p <= 47, p >= 100 && p <= 107:
			l.bg = basic(p%10, p >= 100)
		}
	}
}

// basic gives the class of one of the sixteen colours.
func basic(n int, bright bool) string {
	if bright {
		n += 8
	}
	return "ansi-" + strconv.Itoa(n)
}

// extended reads a colour of 256, or of red, green and blue.
func extended(n []int) (string, []int) {
	switch {
	case len(n) >= 2 && n[0] == 5:
		return palette(n[1]), n[2:]
	case len(n) >= 4 && n[0] == 2:
		return fmt.Sprintf("rgb(%d,%d,%d)", n[1], n[2], n[3]), n[4:]
	}
	return "", nil
}

// palette gives one of xterm's 256 colours.
func palette(n int) string {
	switch {
	case n < 16:
		return basic(n%8, n >= 8)
	case n >= 232:
		grey := 8 + 10*(n-232)
		return fmt.Sprintf("rgb(%d,%d,%d)", grey, grey, grey)
	}
	level := func(v int) int {
		if v == 0 {
			return 0
		}
		return 55 + 40*v
	}
	n -= 16
	return fmt.Sprintf("rgb(%d,%d,%d)", level(n/36), level(n/6%6), level(n%6))
}

// attributes gives the attributes of an element that looks so.
func (l look) attributes() string {
	var classes, styles []string
	for _, c := range []struct {
		on   bool
		name string
	}{{l.bold, "ansi-bold"}, {l.faint, "ansi-faint"}, {l.italic, "ansi-italic"}, {l.underline, "ansi-underline"}, {l.inverse, "ansi-inverse"}} {
		if c.on {
			classes = append(classes, c.name)
		}
	}
	for _, c := range []struct{ value, suffix, property string }{{l.fg, "", "color"}, {l.bg, "-bg", "background-color"}} {
		switch {
		case strings.HasPrefix(c.value, "ansi-"):
			classes = append(classes, c.value+c.suffix)
		case c.value != "":
			styles = append(styles, c.property+":"+c.value)
		}
	}
	var out string
	if len(classes) > 0 {
		out += ` class="` + strings.Join(classes, " ") + `"`
	}
	if len(styles) > 0 {
		out += ` style="` + strings.Join(styles, ";") + `"`
	}
	return out
}

// PlainText gives text as it looks on a terminal in the end, without colours.
func PlainText(text string) string { return settled(stripANSI(text)) }
