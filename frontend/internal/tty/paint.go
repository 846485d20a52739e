package tty

import (
	"bytes"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// A Frame is what is typed, as lines of a terminal. No line is wider than the
// terminal, and there are no more lines than it has.
type Frame struct {
	Lines    []string
	Row, Col int // of the cursor
}

// A Painter shows one frame at the end of a terminal's output, in place of the one
// before. It is also the writer for all other output, which goes above the frame.
// Its methods may be called from any goroutine.
type Painter struct {
	mu    sync.Mutex
	w     io.Writer
	frame Frame
	shown bool
	row   int    // of the cursor in what is shown
	tail  string // the line that other output leaves open
	modes modes  // that other output has switched on
	err   error
}

// NewPainter paints to w.
func NewPainter(w io.Writer) *Painter { return &Painter{w: w} }

// begin and end keep a terminal from showing what is half painted.
const begin, end = "\x1b[?2026h\x1b[?25l", "\x1b[?25h\x1b[?2026l"

// Paint shows f.
func (p *Painter) Paint(f Frame) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.frame = f
	p.write(begin + p.back() + p.text() + end)
	p.shown = true
}

// Leave ends the frame with what f shows, and goes to the line below.
func (p *Painter) Leave(f Frame) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.frame = f
	p.frame.Row, p.frame.Col, p.tail = len(f.Lines)-1, 0, ""
	p.write(begin + p.back() + p.text() + "\r\n" + end)
	p.shown = false
}

// Hide takes the frame away.
func (p *Painter) Hide() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.shown {
		p.write(p.back() + "\x1b[J")
		p.shown = false
	}
}

// Clear clears the terminal; the frame is gone.
func (p *Painter) Clear() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.write("\x1b[H\x1b[2J")
	p.shown = false
}

// back goes to where the frame begins.
func (p *Painter) back() string {
	if !p.shown {
		return "\r"
	}
	if p.row > 0 {
		return fmt.Sprintf("\x1b[%dA\r", p.row)
	}
	return "\r"
}

// text is the frame, and the cursor in its place.
func (p *Painter) text() string {
	var b strings.Builder
	for i, line := range p.frame.Lines {
		if i > 0 {
			b.WriteString("\r\n")
		}
		erase := "\x1b[K"
		if i == len(p.frame.Lines)-1 {
			erase = "\x1b[J"
		}
		b.WriteString("\x1b[0m" + erase + line + "\x1b[0m") // behind a full line it would erase its last column
	}
	if len(p.frame.Lines) == 0 {
		b.WriteString("\x1b[J")
	}
	if up := len(p.frame.Lines) - 1 - p.frame.Row; up > 0 {
		fmt.Fprintf(&b, "\x1b[%dA", up)
	}
	b.WriteString("\r")
	if p.frame.Col > 0 {
		fmt.Fprintf(&b, "\x1b[%dC", p.frame.Col)
	}
	p.row = p.frame.Row
	return b.String()
}

// Write writes other output, above the frame.
func (p *Painter) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.tail = lastLine(p.tail, b)
	p.modes.see(b)
	if !p.shown {
		n, err := p.w.Write(b)
		if err != nil && p.err == nil {
			p.err = err
		}
		return n, err
	}
	s := string(b)
	if !strings.HasSuffix(s, "\n") {
		s += "\n"
	}
	p.write(begin + p.back() + "\x1b[J" + s + p.text() + end)
	return len(b), p.err
}

// maxTail bounds the open line that is remembered.
const maxTail = 4 << 10

func lastLine(tail string, b []byte) string {
	if i := bytes.LastIndexByte(b, '\n'); i >= 0 {
		tail, b = "", b[i+1:]
	}
	if len(tail)+len(b) > maxTail {
		return ""
	}
	return tail + string(b)
}

// Open takes the line that other output has left open, to be shown as the start of a
// frame. It is "" where that line cannot be painted again as it is.
func (p *Painter) Open() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	tail := p.tail
	p.tail = ""
	if tail == "" {
		return ""
	}
	if strings.ContainsFunc(tail, unicode.IsControl) || !utf8.ValidString(tail) {
		p.write("\r\n")
		return ""
	}
	return tail
}

// Settle switches off what other output has switched on and would be in the way of
// typing: another screen, and reports of the mouse and the focus.
func (p *Painter) Settle() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.write(p.modes.off())
}

// modes are those of a terminal that programs switch on, and what may be the start of
// a sequence that does.
type modes struct {
	on   []string
	rest []byte
}

// modeRE finds what switches a mode on or off.
var modeRE = regexp.MustCompile(`\x1b\[\?(47|1047|1049|1000|1002|1003|1004|1006)([hl])`)

// maxMode is how long what modeRE finds can be.
const maxMode = len("\x1b[?1049h")

func (m *modes) see(b []byte) {
	if len(m.rest) == 0 && bytes.IndexByte(b, 0x1b) < 0 {
		return
	}
	b = append(m.rest, b...)
	from := 0
	for _, at := range modeRE.FindAllSubmatchIndex(b, -1) {
		mode := string(b[at[2]:at[3]])
		m.on = slices.DeleteFunc(m.on, func(o string) bool { return o == mode })
		if b[at[4]] == 'h' {
			m.on = append(m.on, mode)
		}
		from = at[1]
	}
	rest := b[max(from, len(b)-maxMode+1):]
	if i := bytes.LastIndexByte(rest, 0x1b); i >= 0 {
		m.rest = bytes.Clone(rest[i:])
	} else {
		m.rest = nil
	}
}

// off gives what switches all of them off, the last one first.
func (m *modes) off() string {
	s := ""
	for _, mode := range slices.Backward(m.on) {
		s += "\x1b[?" + mode + "l"
	}
	*m = modes{}
	return s
}

// Send writes a sequence that shows nothing.
func (p *Painter) Send(sequence string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.write(sequence)
}

func (p *Painter) write(s string) {
	if p.err == nil {
		_, p.err = io.WriteString(p.w, s)
	}
}

// Err is the first error of writing.
func (p *Painter) Err() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.err
}
