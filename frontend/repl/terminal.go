package repl

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/rivo/uniseg"

	"github.com/adabc437/fanout/frontend/internal/colour"
	"github.com/adabc437/fanout/frontend/internal/edit"
	"github.com/adabc437/fanout/frontend/internal/inline"
	"github.com/adabc437/fanout/frontend/internal/screen"
	"github.com/adabc437/fanout/frontend/internal/tty"
	"github.com/adabc437/fanout/frontend/term"
	"github.com/adabc437/fanout/kernel"
)

// answerTime is how long a terminal may take to say what it can do. Those that answer
// do so within a few milliseconds, or a round trip of a network.
const answerTime = 250 * time.Millisecond

// A terminal is what a loop has on a terminal that obeys escape sequences: an editor,
// colours, images and a pager.
type terminal struct {
	loop     *loop
	in       *os.File
	tty      *tty.Terminal
	paint    *tty.Painter
	editor   *edit.Editor
	theme    colour.Theme
	images   inline.Protocol
	next     string        // the text that the next cell begins with
	recalled chan struct{} // closed when the history is there; nil if it is, or there is none

	keys  sync.Mutex     // held by what takes keys while a cell runs
	tasks sync.WaitGroup // those that ask while the user types
	mu    sync.Mutex
	late  []func() // what they have found, for the editor
	stop  bool     // a signal has come
}

// terminalFor takes over the terminal of a loop; nil where there is none, or none that
// can be taken over.
func terminalFor(ctx context.Context, l *loop) *terminal {
	in, ok := l.options.Console.In.(*os.File)
	if !ok || !l.options.Console.Interactive || !l.options.Console.Terminal {
		return nil
	}
	t := &terminal{loop: l, in: in, paint: tty.NewPainter(l.options.Console.Out)}
	var err error
	if t.tty, err = tty.Open(in); err != nil {
		return nil
	}
	s := l.options.Settings
	t.editor = edit.New(asking{ctx, l.sess}, edit.Options{Vi: s.Keys == "vi", Keys: s.Bind})
	t.look(ctx)
	c := l.options.Console
	c.Out, c.Err = t.paint, t.paint
	c.Echo = nil
	o := screen.Options{Labels: true, LabelStyle: t.theme.Out, Ask: t.ask, Page: t.page}
	if t.images != inline.None {
		o.Image = t.image
	}
	l.screen = screen.New(c, nil, o)
	return t
}

// look finds out what the terminal can do.
func (t *terminal) look(ctx context.Context) {
	o := t.loop.options
	can, err := t.tty.Ask(ctx, o.Console.Out, answerTime)
	if err != nil {
		can = tty.Abilities{}
	}
	getenv := o.getenv
	setting := o.Settings.Colours
	if !o.Console.Colour && (setting == "" || setting == colour.Auto) {
		setting = colour.Never
	}
	isDark, known := can.Dark(getenv("COLORFGBG"))
	t.theme = colour.ThemeFor(setting, isDark, known, colour.Rich(getenv("TERM"), getenv("COLORTERM")))
	t.images = inline.Protocol(o.Settings.Images)
	if t.images == "" || t.images == inline.Auto {
		t.images = inline.Choose(can.Kitty, can.Sixel, can.Name, getenv("TERM_PROGRAM"))
	}
}

// close gives the terminal back.
func (t *terminal) close() error {
	t.tasks.Wait()
	if t.editor.Mode() != "" {
		t.paint.Send("\x1b[0 q")
	}
	return errors.Join(t.tty.Close(), t.paint.Err())
}

// bracketed paste on and off, by which terminals tell what is pasted from what is typed.
const pasteOn, pasteOff = "\x1b[?2004h", "\x1b[?2004l"

// read reads one cell, as loop.read does.
func (t *terminal) read(ctx context.Context, number int) (string, error) {
	t.loop.screen.EndLine()
	t.paint.Settle()
	t.paint.Send(pasteOn)
	defer t.paint.Send(pasteOff)
	stopListening := t.listen()
	defer stopListening()
	t.recall(ctx)
	t.editor.Begin(t.next)
	t.next = ""
	pasting := false // the key before came with text behind it
	for {
		if !t.tty.Waiting() {
			t.show(number, false)
			t.hint(ctx)
		}
		ev, err := t.tty.Next(ctx)
		t.take()
		switch {
		case errors.Is(err, tty.ErrWoken):
			if t.stopped() {
				t.show(number, true)
				return "", errDropped
			}
			continue
		case errors.Is(err, io.EOF):
			t.show(number, true)
			return "", io.EOF
		case err != nil:
			t.show(number, true)
			return "", err
		case ev.Paste != "":
			t.editor.Paste(ev.Paste)
			continue
		case ev.Key == "":
			continue
		}
		if utf8.RuneCountInString(ev.Key) > 1 || t.editor.Mode() == "command" { // which may ask for the history
			t.remember(ctx)
		}
		more := t.tty.Burst(ev.Key)
		t.editor.SetBurst(more || pasting && ev.Key != "Tab")
		pasting = more
		code, done, err := t.act(ctx, t.editor.Press(ev.Key), number)
		if done || err != nil {
			return code, err
		}
	}
}

// act does what the editor asks for. done says that the cell is read.
func (t *terminal) act(ctx context.Context, a edit.Action, number int) (code string, done bool, err error) {
	switch a {
	case edit.Accept:
		t.show(number, true)
		text, _ := t.editor.Text()
		if strings.TrimSpace(text) == "" {
			t.editor.Begin("")
			return "", false, nil
		}
		if t.loop.leaves(ctx, text) {
			return "", true, io.EOF
		}
		return strings.TrimRight(text, " \t\n"), true, nil
	case edit.Drop:
		t.show(number, true)
		return "", true, errDropped
	case edit.Leave:
		t.show(number, true)
		return "", true, io.EOF
	case edit.Clear:
		t.paint.Clear()
	case edit.Extern:
		t.extern(ctx)
	case edit.Page:
		t.paint.Hide()
		t.pager(ctx, t.editor.Doc())
	case edit.Stop:
		t.paint.Hide()
		t.problem(t.tty.Lend(suspend))
	}
	return "", false, nil
}

// show paints what is typed; with done it stays and the cursor goes below.
func (t *terminal) show(number int, done bool) {
	prompt := fmt.Sprintf("In [%d]: ", number)
	switch mode := t.editor.Mode(); {
	case done:
	case mode == "insert":
		prompt = "[ins] " + prompt
	case mode == "command":
		prompt = "[nav] " + prompt
	}
	columns, lines := t.loop.options.Console.Dimensions()
	l := edit.Look{
		Prompt: prompt, Continuation: strings.Repeat(" ", max(len(prompt)-len("...: "), 0)) + "...: ",
		PromptStyle: t.theme.In, ContinuationStyle: t.theme.Continuation, Highlight: t.theme.Highlight,
		Bracket: t.theme.Bracket, Match: t.theme.Match, Chosen: t.theme.Chosen, Kind: t.theme.Kind,
		Type: t.theme.Signature, Dim: t.theme.Dim, Width: columns, Height: lines,
	}
	rows, row, col := t.editor.View(l, done)
	if mode := t.editor.Mode(); mode != "" && len(rows) > 0 {
		shape := "\x1b[2 q"
		if mode == "insert" || done {
			shape = "\x1b[6 q"
		}
		rows[0] = shape + rows[0]
	}
	f := tty.Frame{Lines: rows, Row: row, Col: col}
	if done {
		t.paint.Leave(f)
	} else {
		t.paint.Paint(f)
	}
}

// listen has a signal, and a new size of the terminal, wake the reader.
func (t *terminal) listen() (stop func()) {
	ended, done := make(chan struct{}), make(chan struct{})
	resized, quiet := resizes()
	go func() {
		defer close(done)
		for {
			select {
			case _, ok := <-t.loop.options.Interrupts:
				if !ok {
					return
				}
				t.mu.Lock()
				t.stop = true
				t.mu.Unlock()
				t.tty.Wake()
			case <-resized:
				t.tty.Wake()
			case <-ended:
				return
			}
		}
	}()
	return func() {
		quiet()
		close(ended)
		<-done
	}
}

// stopped says whether a signal has come since it was asked last.
func (t *terminal) stopped() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	stop := t.stop
	t.stop = false
	return stop
}

// later runs find beside the typing; what it returns is called when the editor is free.
func (t *terminal) later(find func() func()) {
	t.tasks.Go(func() {
		t.found(find())
	})
}

// found has f called when the editor is free.
func (t *terminal) found(f func()) {
	t.mu.Lock()
	t.late = append(t.late, f)
	t.mu.Unlock()
	t.tty.Wake()
}

// take hands the editor what was found meanwhile.
func (t *terminal) take() {
	t.mu.Lock()
	late := t.late
	t.late = nil
	t.mu.Unlock()
	for _, f := range late {
		f()
	}
}

// hint asks for the signature of the call that is typed.
func (t *terminal) hint(ctx context.Context) {
	at, ok := t.editor.Call()
	if !ok || !t.editor.WantsHint(at) {
		return
	}
	text, _ := t.editor.Text()
	t.editor.SetHint(text, at, "")
	t.later(func() func() {
		says := asking{ctx, t.loop.sess}.Describe(text, at)
		return func() { t.editor.SetHint(text, at, says) }
	})
}

// remembered is how many cells of the history the editor offers.
const remembered = 5000

// recall has the editor offer the cells that were run, here and in notebooks.
func (t *terminal) recall(ctx context.Context) {
	store := t.loop.options.History
	if store == nil {
		return
	}
	read := make(chan struct{})
	t.recalled = read
	t.tasks.Go(func() {
		defer close(read)
		entries, err := store.Tail(ctx, remembered)
		if err != nil {
			return // history is a convenience
		}
		var cells []string
		seen := map[string]bool{}
		for _, e := range slices.Backward(entries) {
			text := strings.TrimRight(strings.ReplaceAll(e.Input, "\r", ""), " \t\n")
			if text != "" && !seen[text] {
				seen[text] = true
				cells = append(cells, text)
			}
		}
		slices.Reverse(cells)
		t.found(func() { t.editor.SetHistory(cells) })
	})
}

// remember waits until the history is there, which it is within milliseconds, unless
// the disk is slow.
func (t *terminal) remember(ctx context.Context) {
	if t.recalled == nil {
		return
	}
	timer := time.NewTimer(time.Second)
	defer timer.Stop()
	select {
	case <-t.recalled:
	case <-timer.C:
	case <-ctx.Done():
	}
	t.recalled = nil
	t.take()
}

// image shows a PNG, or gives "" where it cannot be shown.
func (t *terminal) image(png []byte, width int) string {
	columns, _ := t.loop.options.Console.Dimensions()
	at := inline.Place{Columns: columns}
	if out, ok := t.loop.options.Console.Out.(*os.File); ok {
		at.CellW, at.CellH = term.CellSize(out)
	}
	s, err := t.images.Encode(png, width, at)
	if err != nil {
		return ""
	}
	return s
}

// problem says what went wrong in what the terminal does itself.
func (t *terminal) problem(err error) {
	if err != nil {
		columns, _ := t.loop.options.Console.Dimensions()
		fmt.Fprintln(t.paint, kernel.Wrap(fmt.Sprintf("fanout: %v", err), columns))
	}
}

// ask reads one line while a cell runs and waits for it.
func (t *terminal) ask(ctx context.Context, prompt string, password bool) (string, error) {
	t.keys.Lock()
	defer t.keys.Unlock()
	if err := t.tty.Signals(false); err != nil {
		return "", err
	}
	defer func() { t.problem(t.tty.Signals(true)) }()
	line := edit.New(asking{ctx, t.loop.sess}, edit.Options{})
	prompt = t.paint.Open() + prompt
	_, last := cutLast(prompt, "\n")
	if columns, _ := t.loop.options.Console.Dimensions(); uniseg.StringWidth(last) > columns/2 {
		prompt, last = prompt+"\n", ""
	}
	if before := strings.TrimSuffix(prompt, last); before != "" {
		_, _ = io.WriteString(t.paint, before)
	}
	paint := func(done bool) {
		columns, lines := t.loop.options.Console.Dimensions()
		l := edit.Look{Prompt: last, Width: columns, Height: lines}
		if password {
			l.Highlight = func(string) []edit.Span { return nil }
		}
		rows, row, col := line.View(l, done)
		if f := (tty.Frame{Lines: rows, Row: row, Col: col}); done {
			t.paint.Leave(f)
		} else {
			t.paint.Paint(f)
		}
	}
	defer paint(true)
	for {
		paint(false)
		ev, err := t.tty.Next(ctx)
		switch {
		case errors.Is(err, tty.ErrWoken):
			t.take()
			continue
		case err != nil:
			return "", err
		case ev.Paste != "":
			text, rest, more := strings.Cut(ev.Paste, "\n")
			line.Paste(text)
			if more {
				t.tty.Unread(tty.Event{Key: "Enter"}, tty.Event{Paste: rest})
			}
			continue
		}
		switch ev.Key {
		case "Enter", "C-j":
			text, _ := line.Text()
			return text, nil
		case "C-c":
			t.loop.sess.Interrupt()
			return "", context.Canceled
		case "Tab", "C-r", "C-s", "Up", "Down", "M-Enter", "S-Enter", "C-o", "": // have no meaning in a line
			continue
		}
		if a := line.Press(ev.Key); a == edit.Leave {
			return "", io.EOF
		}
	}
}

func cutLast(s, sep string) (before, after string) {
	if i := strings.LastIndex(s, sep); i >= 0 {
		return s[:i], s[i+len(sep):]
	}
	return "", s
}

// shows says whether the terminal shows images.
func (t *terminal) shows() bool { return t.images != inline.None }
