// Package screen shows what cells emit as text: streams as they come, results
// and displays by their plain text, errors as package kernel renders them. It
// knows terminals, on which a display that changes is drawn over, and files and
// pipes, into which only its final form goes.
//
// Start at [New] and [Screen].
package screen

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/adabc437/fanout/frontend/term"
	"github.com/adabc437/fanout/interp/session"
	"github.com/adabc437/fanout/kernel"
)

// Options say how a screen shows what comes.
type Options struct {
	// NoResults leaves results out.
	NoResults bool
	// Labels puts Out[n]: in front of results.
	Labels bool
	// LabelStyle is the SGR parameters of labels; "" is none.
	LabelStyle string
	// Image gives what shows a PNG of so many pixels' width on the console, or "". The
	// width is 0 where it is that of the file.
	Image func(png []byte, width int) string
	// Ask asks the user for a line, in place of reading one from the console.
	Ask func(ctx context.Context, prompt string, password bool) (string, error)
	// Page shows a result, or documentation, in a pager, and says whether it has; it does
	// not where text is short.
	Page func(text string, result bool) bool
	// Rewrite changes a rendered error before it is shown; nil leaves it as it is.
	Rewrite func(string) string
}

// A Screen shows one cell after the other: [Screen.Begin], the events,
// [Screen.End]. Its methods may be called from any goroutine. Emit writes at
// once, and so waits for whoever reads slowly.
type Screen struct {
	console term.Console
	options Options
	lines   *Lines

	mu       sync.Mutex
	number   int
	between  bool // no cell runs: the end of the output may be the user's
	out, err writer
	live     live
	wipe     bool // clear_output waits for the next output
}

var _ session.Output = (*Screen)(nil)

// New makes a screen on c, whose input is read by lines. With lines nil no cell
// can ask for input.
func New(c term.Console, lines *Lines, o Options) *Screen {
	return &Screen{console: c, options: o, lines: lines, out: writer{w: c.Out}, err: writer{w: c.Err}}
}

// A writer keeps whether its last line is open, and its first error.
type writer struct {
	w    io.Writer
	open bool
	err  error
}

func (w *writer) print(text string) {
	if text == "" || w.w == nil || w.err != nil {
		return
	}
	_, w.err = io.WriteString(w.w, text)
	w.open = !strings.HasSuffix(text, "\n")
}

// line prints text on lines of its own.
func (w *writer) line(text string) {
	if w.open {
		w.print("\n")
	}
	if !strings.HasSuffix(text, "\n") {
		text += "\n"
	}
	w.print(text)
}

// Begin says that the cell of this number runs from here on.
func (s *Screen) Begin(number int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.number, s.between = number, false
}

// End shows the final form of displays that were not drawn where they belong.
func (s *Screen) End() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.wipe = false
	s.finish()
	s.between = true
}

// noticed begins what the session itself says in a cell's stream.
const noticed = "[fanout: "

// Emit shows one event.
func (s *Screen) Emit(e session.Event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch e.Kind {
	case session.Stream:
		if e.Text == "" {
			return
		}
		s.before()
		if e.Name == "stderr" {
			if columns, _ := s.console.Dimensions(); s.console.Terminal && !s.err.open && strings.HasPrefix(e.Text, noticed) {
				e.Text = kernel.Wrap(e.Text, columns)
			}
			s.print(&s.err, e.Text)
		} else {
			s.print(&s.out, e.Text)
		}
	case session.Result:
		if !s.options.NoResults {
			s.result(e)
		}
	case session.Display:
		s.display(e, plainText(e.Data), s.image(e))
	case session.Update:
		s.update(e, plainText(e.Data), s.image(e))
	case session.Clear:
		s.wipe = true
		if !e.Wait {
			s.before()
		}
	}
}

// before makes way for other output: by a clear_output that is left to do, of
// which a live display and the open line of a terminal can be taken back, or by
// overtaking the display that is live.
func (s *Screen) before() {
	switch {
	case !s.wipe:
		s.overtake()
	case s.live.at != nil:
		s.erase()
		s.live.forget(s.live.at)
	case s.console.Terminal && s.out.open:
		s.out.print("\r\x1b[2K")
		s.out.open, s.err.open = false, false
	}
	s.wipe = false
}

// print writes to one of the two writers. Where someone sees both, they share
// their lines.
func (s *Screen) print(w *writer, text string) {
	w.print(text)
	s.share(w)
}

func (s *Screen) share(w *writer) {
	if s.console.Terminal || s.console.Interactive {
		s.out.open, s.err.open = w.open, w.open
	}
}

// block shows text on lines of its own, and nothing if there is none.
func (s *Screen) block(text string) {
	s.before()
	if text == "" {
		return
	}
	s.out.line(text)
	s.share(&s.out)
}

// result shows the value of a cell: as an image where that can be shown, else as text,
// which goes to the pager if it is long.
func (s *Screen) result(e session.Event) {
	image := s.image(e)
	if image != "" && s.options.Labels {
		image = s.mark() + "\n" + image
	}
	if image != "" {
		s.block(image)
		return
	}
	text := s.label(plainText(e.Data))
	if s.options.Page != nil && text != "" {
		s.endLine()
		if s.options.Page(text, true) {
			return
		}
	}
	s.block(text)
}

// image is what shows the PNG of an event, or "".
func (s *Screen) image(e session.Event) string {
	text, ok := e.Data["image/png"].(string)
	if !ok || s.options.Image == nil || !s.console.Terminal {
		return ""
	}
	png, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return ""
	}
	width := 0
	if meta, ok := e.Metadata["image/png"].(map[string]any); ok {
		switch w := meta["width"].(type) {
		case float64:
			width = int(w)
		case int:
			width = w
		}
	}
	return s.options.Image(png, width)
}

func (s *Screen) label(text string) string {
	if !s.options.Labels || text == "" {
		return text
	}
	if strings.Contains(strings.TrimRight(text, "\n"), "\n") {
		return s.mark() + "\n" + text
	}
	return s.mark() + " " + text
}

// mark is Out[n]: in its style.
func (s *Screen) mark() string {
	mark := fmt.Sprintf("Out[%d]:", s.number)
	if s.options.LabelStyle != "" {
		mark = "\x1b[" + s.options.LabelStyle + "m" + mark + "\x1b[0m"
	}
	return mark
}

// Error shows what went wrong in a cell.
func (s *Screen) Error(d *session.Diagnostic) {
	columns := 0
	if s.console.Terminal {
		columns, _ = s.console.Dimensions()
	}
	text := kernel.RenderTerminal(d, s.console.Colour, columns)
	if s.options.Rewrite != nil {
		text = s.options.Rewrite(text)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.before()
	s.err.line(text)
	s.share(&s.err)
}

// Block shows text on lines of its own.
func (s *Screen) Block(text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.block(text)
}

// Say shows prose on lines of its own, which a terminal breaks between words.
func (s *Screen) Say(text string) {
	if s.console.Terminal {
		columns, _ := s.console.Dimensions()
		text = kernel.Wrap(text, columns)
	}
	s.Block(text)
}

// Prompt shows text at the start of a line, and leaves the line open.
func (s *Screen) Prompt(text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.endLine()
	s.print(&s.out, text)
}

// EndLine ends the line that is open, if there is one.
func (s *Screen) EndLine() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.endLine()
}

func (s *Screen) endLine() {
	s.overtake()
	if s.out.open {
		s.print(&s.out, "\n")
	}
}

// Answered says that whoever types has ended the line.
func (s *Screen) Answered() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.out.open, s.err.open = false, false
}

// Echoed says that a terminal has echoed what is typed while a cell runs, such as
// ^C, so that the line is open.
func (s *Screen) Echoed() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.console.Interactive {
		s.out.open, s.err.open = true, true
	}
}

// Pages shows what a cell wants to be shown in a pager.
func (s *Screen) Pages(payloads []session.Payload) {
	for _, p := range payloads {
		if text := plainText(p.Data); p.Source == "page" && (s.options.Page == nil || !s.options.Page(text, false)) {
			s.Block(text)
		}
	}
}

// Err is the first error of writing.
func (s *Screen) Err() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return errors.Join(s.out.err, s.err.err)
}

// Input asks for a line. What is shown of the question is prompt, as it is.
func (s *Screen) Input(ctx context.Context, prompt string, password bool) (string, error) {
	if s.options.Ask != nil {
		s.mu.Lock()
		s.overtake()
		s.mu.Unlock()
		line, err := s.options.Ask(ctx, prompt, password)
		s.Answered()
		return line, err
	}
	if s.lines == nil {
		return "", session.ErrNoInput
	}
	s.mu.Lock()
	s.overtake()
	s.print(&s.out, prompt)
	s.mu.Unlock()
	if password && s.console.Echo != nil && s.console.Echo(false) == nil {
		defer func() {
			_ = s.console.Echo(true)
			s.mu.Lock()
			defer s.mu.Unlock()
			s.print(&s.out, "\n") // the one that did not echo
		}()
	}
	line, err := s.lines.Next(ctx)
	if err == nil && s.console.Interactive {
		s.Answered()
	}
	return line, err
}

// plainText is the text of a MIME bundle that reads best in a terminal.
func plainText(data map[string]any) string {
	for _, mime := range []string{"text/plain", "text/markdown", "text/latex"} {
		switch v := data[mime].(type) {
		case string:
			return v
		case []string:
			return strings.Join(v, "")
		case []any:
			return fmt.Sprint(v...)
		}
	}
	if len(data) == 0 {
		return ""
	}
	return "<" + strings.Join(slices.Sorted(maps.Keys(data)), ", ") + ">"
}
