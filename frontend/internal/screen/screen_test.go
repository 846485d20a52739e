package screen

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/adabc437/fanout/frontend/term"
	"github.com/adabc437/fanout/interp/session"
)

func stdout(text string) session.Event {
	return session.Event{Kind: session.Stream, Name: "stdout", Text: text}
}

func stderr(text string) session.Event {
	return session.Event{Kind: session.Stream, Name: "stderr", Text: text}
}

func result(text string) session.Event {
	return session.Event{Kind: session.Result, Data: map[string]any{"text/plain": text}}
}

func shown(id, text string) session.Event {
	return session.Event{Kind: session.Display, DisplayID: id, Data: map[string]any{"text/plain": text}}
}

func update(id, text string) session.Event {
	return session.Event{Kind: session.Update, DisplayID: id, Data: map[string]any{"text/plain": text}}
}

// interim makes an event one that is yet to be replaced.
func interim(e session.Event) session.Event {
	e.Interim = true
	return e
}

func cleared(wait bool) session.Event { return session.Event{Kind: session.Clear, Wait: wait} }

// show gives what is written of events, both streams in one.
func show(c term.Console, o Options, events []session.Event) string {
	var b strings.Builder
	c.Out, c.Err = &b, &b
	s := New(c, nil, o)
	s.Begin(3)
	for _, e := range events {
		s.Emit(e)
	}
	s.End()
	return b.String()
}

func TestIntoFiles(t *testing.T) {
	for name, c := range map[string]struct {
		events []session.Event
		want   string
	}{
		"streams as they are":             {[]session.Event{stdout("a"), stderr("b"), stdout("c\n")}, "abc\n"},
		"a result on a line of its own":   {[]session.Event{stdout("a"), result("4")}, "a\n4\n"},
		"an empty result is nothing":      {[]session.Event{result("")}, ""},
		"the final form alone":            {[]session.Event{shown("1", "0%"), update("1", "50%"), update("1", "plot\nplot")}, "plot\nplot\n"},
		"final before what follows":       {[]session.Event{shown("1", "0%"), update("1", "done"), stdout("a\n"), shown("2", "x")}, "done\na\nx\n"},
		"overtaken, and final at the end": {[]session.Event{shown("1", "0%"), stdout("a\n"), update("1", "50%"), stdout("b\n"), update("1", "done")}, "0%\na\nb\ndone\n"},
		"back to what is shown":           {[]session.Event{shown("1", "0%"), stdout("a\n"), update("1", "50%"), update("1", "0%")}, "0%\na\n"},
		"updates of nothing":              {[]session.Event{update("1", "x")}, ""},
		"what is interim is not shown":    {[]session.Event{interim(shown("1", "0%")), stdout("a\n"), interim(update("1", "50%")), stdout("b\n"), update("1", "done")}, "a\nb\ndone\n"},
		"interim to the end":              {[]session.Event{interim(shown("1", "0%"))}, "0%\n"},
		"a display without an id":         {[]session.Event{shown("", "x"), shown("", "y")}, "x\ny\n"},
		"clear drops what is not final":   {[]session.Event{shown("1", "a"), cleared(true), shown("2", "b"), update("1", "c")}, "b\n"},
		"clear in vain":                   {[]session.Event{stdout("a"), cleared(true)}, "a"},
		"no text": {[]session.Event{{Kind: session.Display, Data: map[string]any{"image/png": "iV", "image/svg+xml": "<svg>"}}},
			"<image/png, image/svg+xml>\n"},
		"lines":    {[]session.Event{{Kind: session.Display, Data: map[string]any{"text/plain": []any{"a\n", "b"}}}}, "a\nb\n"},
		"markdown": {[]session.Event{{Kind: session.Display, Data: map[string]any{"text/markdown": "*a*", "text/html": "<i>"}}}, "*a*\n"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := show(term.Console{}, Options{}, c.events); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestOnATerminal(t *testing.T) {
	console := term.Console{Terminal: true, Size: func() (int, int) { return 10, 5 }}
	for name, c := range map[string]struct {
		events []session.Event
		want   string
	}{
		"a line is drawn over":       {[]session.Event{shown("1", "0%"), update("1", "9%")}, "0%\r\x1b[J9%\n"},
		"the same text is not drawn": {[]session.Event{shown("1", "0%"), update("1", "0%")}, "0%\n"},
		"lines are drawn over":       {[]session.Event{shown("1", "0123456789a\nb"), update("1", "c")}, "01234567…\nb\x1b[1A\r\x1b[Jc\n"},
		"no further than the screen": {[]session.Event{shown("1", "1\n2\n3\n4\n5\n6\n7"), update("1", "c")}, "1\n2\n3\n4\n5\n6\n7\x1b[4A\r\x1b[Jc\n"},
		"in its place":               {[]session.Event{stdout("a"), shown("1", "0%"), stdout("b\n")}, "a\n0%\nb\n"},
		"it floats once overtaken": {
			[]session.Event{shown("1", "0%"), stdout("a\n"), update("1", "1%"), stdout("b\n"), update("1", "2%"), stdout("c\n")},
			"0%\na\n1%\r\x1b[Jb\n2%\r\x1b[Jc\n2%\n",
		},
		"what is interim floats at once": {
			[]session.Event{interim(shown("1", "0%")), stdout("a\n"), interim(update("1", "1%")), stdout("b\n"), update("1", "done"), stdout("c\n")},
			"0%\r\x1b[Ja\n1%\r\x1b[Jb\ndone\r\x1b[Jc\ndone\n",
		},
		"clear takes a display back": {[]session.Event{shown("1", "a"), cleared(true), shown("2", "b")}, "a\r\x1b[Jb\n"},
		"clear takes a line back":    {[]session.Event{stdout("50%"), cleared(false), stdout("60%\n")}, "50%\r\x1b[2K60%\n"},
		"stderr shares the line":     {[]session.Event{stderr("a"), result("4")}, "a\n4\n"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := show(console, Options{}, c.events); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestLabels(t *testing.T) {
	got := show(term.Console{}, Options{Labels: true}, []session.Event{result("4"), result("a\nb"), shown("", "d")})
	if want := "Out[3]: 4\nOut[3]:\na\nb\nd\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := show(term.Console{}, Options{NoResults: true}, []session.Event{result("4"), shown("", "d")}); got != "d\n" {
		t.Errorf("without results: %q", got)
	}
}

func TestErrorsAreColouredWhereWanted(t *testing.T) {
	d := &session.Diagnostic{Name: session.Panic, Message: "boom"}
	for _, colour := range []bool{false, true} {
		var out, err strings.Builder
		s := New(term.Console{Out: &out, Err: &err, Colour: colour}, nil, Options{
			Rewrite: func(text string) string { return strings.ReplaceAll(text, "boom", "bang") },
		})
		s.Emit(shown("1", "final"))
		s.Error(d)
		want := "Panic: bang\n"
		if colour {
			want = "\x1b[1;31mPanic: \x1b[0mbang\n"
		}
		if got := strings.ReplaceAll(err.String(), "\x1b[1;31mPanic\x1b[0m: ", "\x1b[1;31mPanic: \x1b[0m"); got != want || out.String() != "final\n" {
			t.Errorf("colour %v: %q, stdout %q", colour, got, out.String())
		}
	}
}

type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }

func TestTheFirstErrorOfWritingIsKept(t *testing.T) {
	s := New(term.Console{Out: broken{}}, nil, Options{})
	s.Emit(stdout("a"))
	s.Emit(stdout("b"))
	if err := s.Err(); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("got %v", err)
	}
}

func TestInput(t *testing.T) {
	var out strings.Builder
	var echo []bool
	c := term.Console{
		In: strings.NewReader("Ada\nsecret\r\nlast"), Out: &out, Interactive: true, Terminal: true,
		Echo: func(on bool) error { echo = append(echo, on); return nil },
	}
	s := New(c, NewLines(c.In), Options{})
	s.Emit(shown("1", "form"))
	for _, want := range []string{"Ada", "secret", "last"} {
		got, err := s.Input(t.Context(), want+"? ", want == "secret")
		if got != want || err != nil {
			t.Errorf("got %q, %v, want %q", got, err, want)
		}
	}
	if _, err := s.Input(t.Context(), "", false); !errors.Is(err, io.EOF) {
		t.Errorf("after the end: %v", err)
	}
	if want := "form\nAda? secret? \nlast? "; out.String() != want {
		t.Errorf("shown: %q, want %q", out.String(), want)
	}
	if len(echo) != 2 || echo[0] || !echo[1] {
		t.Errorf("echo was set to %v", echo)
	}
	if _, err := New(c, nil, Options{}).Input(t.Context(), "", false); !errors.Is(err, session.ErrNoInput) {
		t.Errorf("without input: %v", err)
	}
}

func TestAWaitForALineCanBeGivenUpWithoutLosingIt(t *testing.T) {
	r, w := io.Pipe()
	l := NewLines(r)
	ctx, cancel := context.WithCancel(t.Context())
	gone := make(chan error)
	go func() {
		_, err := l.Next(ctx)
		gone <- err
	}()
	cancel()
	if err := <-gone; !errors.Is(err, context.Canceled) {
		t.Errorf("given up: %v", err)
	}
	go io.WriteString(w, "a\nb\n")
	for _, want := range []string{"a", "b"} {
		if got, err := l.Next(t.Context()); got != want || err != nil {
			t.Errorf("got %q, %v, want %q", got, err, want)
		}
	}
}

func TestRowsCountWhatATerminalShows(t *testing.T) {
	for text, want := range map[string]int{
		"": 1, "0123456789": 1, "0123456789a": 2, "a\n\nb": 3, "日本日本日": 1, "a日本日本日": 2,
		"\x1b[31m0123456789\x1b[0m": 1, "\ta": 1, "\t\ta": 1, "\t\tab": 2, "e\u0301123456789": 1, "█████░░░░░": 1,
	} {
		if got := rows(text, 10); got != want {
			t.Errorf("rows(%q) = %d, want %d", text, got, want)
		}
	}
}

func TestImages(t *testing.T) {
	png := func(kind session.Kind, id, text string) session.Event {
		return session.Event{Kind: kind, DisplayID: id, Data: map[string]any{"text/plain": text, "image/png": "aW1n"},
			Metadata: map[string]any{"image/png": map[string]any{"width": 640.0}}}
	}
	o := Options{Labels: true, Image: func(png []byte, width int) string { return fmt.Sprintf("<%s %d>\n", png, width) }}
	for name, c := range map[string]struct {
		events []session.Event
		want   string
	}{
		"a result":                      {[]session.Event{png(session.Result, "", "plot")}, "Out[3]:\n<img 640>\n"},
		"a display":                     {[]session.Event{png(session.Display, "", "plot")}, "<img 640>\n"},
		"text is live, the image final": {[]session.Event{shown("1", "0%"), png(session.Update, "1", "plot")}, "0%\r\x1b[Jplot\r\x1b[J<img 640>\n"},
		"overtaken":                     {[]session.Event{png(session.Display, "1", "plot"), stdout("a\n")}, "plot\r\x1b[J<img 640>\na\n"},
	} {
		if got := show(term.Console{Terminal: true}, o, c.events); got != c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
	if got := show(term.Console{}, o, []session.Event{png(session.Result, "", "plot")}); got != "Out[3]: plot\n" {
		t.Errorf("into a file: %q", got)
	}
}

func TestLongResultsGoToThePager(t *testing.T) {
	var paged []string
	o := Options{Labels: true, Page: func(text string, _ bool) bool {
		if long := strings.Count(text, "\n") > 2; long {
			paged = append(paged, text)
			return true
		}
		return false
	}}
	got := show(term.Console{}, o, []session.Event{result("4"), result("a\nb\nc\nd"), result("5")})
	if want := "Out[3]: 4\nOut[3]: 5\n"; got != want || len(paged) != 1 || paged[0] != "Out[3]:\na\nb\nc\nd" {
		t.Errorf("got %q and in the pager %q", got, paged)
	}
}

// stepsOf gives a function that does something, and wants that to write so much to b.
func stepsOf(t *testing.T, b *strings.Builder) func(want string, do func()) {
	return func(want string, do func()) {
		t.Helper()
		b.Reset()
		do()
		if got := b.String(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestALiveDisplayTakesARowForEachLine(t *testing.T) {
	columns := 10
	c := term.Console{Terminal: true, Size: func() (int, int) { return columns, 24 }}
	var b strings.Builder
	c.Out, c.Err = &b, &b
	s := New(c, nil, Options{})
	step := stepsOf(t, &b)
	s.Begin(1)
	step("12345678…", func() { s.Emit(shown("1", "1234567890123")) })
	step("\r\x1b[J日本語日…\nb", func() { s.Emit(update("1", "日本語日本\nb")) })
	columns = 5 // in which 日本語日… takes two rows
	step("\x1b[2A\r\x1b[Jx", func() { s.Emit(update("1", "x")) })
	step("\r\x1b[Jabc…", func() { s.Emit(update("1", "abcdefg")) })
	step("\r\x1b[Jabcdefg\n", s.End)
}

// What goes on in the background is not drawn over between cells, where the user types.
func TestBetweenCellsTheFinalFormAloneIsShown(t *testing.T) {
	var b strings.Builder
	s := New(term.Console{Terminal: true, Out: &b, Err: &b, Size: func() (int, int) { return 40, 24 }}, nil, Options{})
	step := stepsOf(t, &b)
	s.Begin(1)
	step("mine\n10%\n", func() { s.Emit(shown("2", "mine")); s.Emit(interim(shown("1", "10%"))); s.End() })
	step("", func() { s.Emit(interim(update("1", "20%"))); s.Emit(update("2", "changed")) })
	s.Begin(2)
	step("30%\r\x1b[Ja\n", func() { s.Emit(interim(update("1", "30%"))); s.Emit(stdout("a\n")) })
	step("changed\n", s.End)
	step("", func() { s.Emit(interim(update("1", "90%"))) })
	step("done\n", func() { s.Emit(update("1", "done")) })
	s.Begin(3)
	step("", s.End)
	step("0%", func() { s.Emit(interim(shown("3", "0%"))) }) // by what goes on after its cell
	step("\r\x1b[Jdone\n", func() { s.Emit(update("3", "done")) })
	s.Begin(4)
	step("10%\n", func() { s.Emit(interim(shown("4", "10%"))); s.End() })
	step("done\n", func() { s.Emit(update("4", "done")) })
	s.Begin(5)
	step("", s.End)
}
