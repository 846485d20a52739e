package screen

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/width"

	"github.com/adabc437/fanout/interp/session"
)

// maxDisplays is how many displays are remembered for later updates.
const maxDisplays = 1000

// live keeps the displays that can change.
//
// A display is live while nothing has been shown after it: on a terminal it is
// drawn, and drawn over when it changes; elsewhere it waits, and only the form
// that it has in the end is shown. Other output overtakes it: then it is shown as
// it is, in its place. If it changes after that, it floats: a terminal draws it
// below all else as long as nothing comes, and its final form is shown when the
// cell ends. What is interim, as a progress line, floats as soon as it is overtaken.
// Between cells nothing is drawn over, as what stands there may be the user's; only the
// form that follows an interim one is shown.
type live struct {
	known []*display // oldest first
	at    *display   // the one that is live
	drawn string     // what of it stands on the terminal
}

type display struct {
	id, text string
	image    string // what shows it as an image, in place of the text, once it is final
	shown    string // what stands on the screen for good
	floats   bool
	interim  bool
}

func (s *Screen) display(e session.Event, text, image string) {
	s.before()
	id := e.DisplayID
	if id == "" {
		if image != "" {
			text = image
		}
		s.block(text)
		return
	}
	d := s.live.find(id)
	if d == nil {
		d = &display{id: id}
		s.live.known = append(s.live.known, d)
		if len(s.live.known) > maxDisplays {
			s.live.known = s.live.known[1:]
		}
	}
	d.text, d.image, d.shown, d.floats, d.interim = text, image, "", false, e.Interim
	s.enter(d)
}

func (l *live) find(id string) *display {
	for _, d := range l.known {
		if d.id == id {
			return d
		}
	}
	return nil
}

// forget makes d none of the displays, as it has been cleared.
func (l *live) forget(d *display) {
	l.known = slices.DeleteFunc(l.known, func(o *display) bool { return o == d })
	if l.at == d {
		l.at = nil
	}
}

// update changes a display. One that is not known is not on the screen.
func (s *Screen) update(e session.Event, text, image string) {
	d := s.live.find(e.DisplayID)
	if d == nil {
		return
	}
	was := d.interim
	d.interim = e.Interim
	if d.text == text && d.image == image {
		return
	}
	d.text, d.image = text, image
	switch {
	case s.between && was && !d.interim:
		if s.live.at == d {
			s.erase()
			s.live.at = nil
		}
		s.block(cmp.Or(image, text))
		d.settle()
	case s.between:
		d.floats = true
	case s.live.at == d:
		s.erase()
		s.draw()
	case s.console.Terminal:
		s.before()
		d.floats = true
		s.enter(d)
	default:
		d.floats = true
	}
}

// enter makes d the live one.
func (s *Screen) enter(d *display) {
	s.live.at = d
	if s.console.Terminal && s.out.open {
		s.print(&s.out, "\n")
	}
	s.draw()
}

// draw puts the live display on a terminal, each line in a row, and the cursor behind it.
func (s *Screen) draw() {
	if !s.console.Terminal {
		return
	}
	text := strings.TrimRight(s.live.at.text, "\n")
	columns, _ := s.console.Dimensions()
	s.live.drawn = cutLines(text, columns)
	s.print(&s.out, s.live.drawn)
}

// erase takes the live display off a terminal, as far as it is still on it. A terminal
// that has become narrower has broken its lines.
func (s *Screen) erase() {
	if !s.console.Terminal {
		return
	}
	columns, lines := s.console.Dimensions()
	up := ""
	if n := min(rows(s.live.drawn, columns), lines) - 1; n > 0 {
		up = fmt.Sprintf("\x1b[%dA", n)
	}
	s.out.print(up + "\r\x1b[J")
	s.out.open, s.err.open = false, false
}

// overtake ends the life of the display that is live, as other output follows.
func (s *Screen) overtake() {
	d := s.live.at
	if d == nil {
		return
	}
	s.live.at = nil
	switch {
	case d.interim:
		s.erase()
		d.floats = true
	case d.floats && s.console.Terminal:
		s.erase()
	case s.console.Terminal && d.image != "":
		s.erase()
		s.out.line(d.image)
		s.share(&s.out)
		d.settle()
	case s.console.Terminal:
		if text := strings.TrimRight(d.text, "\n"); text != s.live.drawn { // what stays is whole
			s.erase()
			s.print(&s.out, text)
		}
		if s.out.open {
			s.print(&s.out, "\n")
		}
		d.settle()
	default:
		if d.text != "" {
			s.out.line(d.text)
		}
		d.settle()
	}
}

func (d *display) settle() { d.shown, d.floats = d.text, false }

// finish shows each display's final form, where it is not shown yet.
func (s *Screen) finish() {
	if d := s.live.at; d != nil {
		interim := d.interim
		if d.shown == "" || !interim {
			d.floats, d.interim = false, false // it is in its place
		}
		s.overtake()
		d.interim = interim
	}
	for _, d := range s.live.known {
		if !d.floats || d.interim { // which is yet to come
			continue
		}
		if d.text != d.shown && d.text != "" {
			s.block(cmp.Or(d.image, d.text))
		}
		d.settle()
	}
}

// cutLines is text without what of its lines is wider than a terminal, or as wide.
func cutLines(text string, columns int) string {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		if cells(line, 1<<20) < columns {
			continue
		}
		lines[i] = cut(line, columns)
	}
	return strings.Join(lines, "\n")
}

// cut is the start of a line, with … and one column free at its end.
func cut(line string, columns int) string {
	at, escape := 0, false
	for i, r := range line {
		if escape || r == '\x1b' {
			at, escape = i+1, !escape || !unicode.IsLetter(r)
			continue
		}
		if cells(line[:i+len(string(r))], 1<<20) > columns-2 {
			break
		}
		at = i + len(string(r))
	}
	text := line[:at] + "…"
	if strings.Contains(text, "\x1b") {
		text += "\x1b[0m"
	}
	return text
}

// rows is how many lines of a terminal text takes.
func rows(text string, columns int) int {
	n := 0
	for line := range strings.SplitSeq(text, "\n") {
		n += max(1, (cells(line, columns)+columns-1)/columns)
	}
	return n
}

// cells is how many columns line takes when it begins at the first one, those
// included that a wide character leaves at the right edge.
func cells(line string, columns int) int {
	at := 0
	escape := false
	for _, r := range line {
		switch {
		case escape: // a sequence of colours ends with a letter
			escape = !unicode.IsLetter(r)
			continue
		case r == '\x1b':
			escape = true
			continue
		case r == '\t':
			column := at % columns
			at += min(8-column%8, columns-1-column)
			continue
		case r == '\r':
			continue
		case unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf, unicode.Cc):
			continue
		}
		switch width.LookupRune(r).Kind() {
		case width.EastAsianWide, width.EastAsianFullwidth:
			if at%columns == columns-1 {
				at++
			}
			at++
		}
		at++
	}
	return at
}
