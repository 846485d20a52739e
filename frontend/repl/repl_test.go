package repl

import (
	"context"
	"errors"
	"io"
	"os"
	"reflect"
	"strings"
	"sync"
	"testing"

	"github.com/adabc437/fanout/frontend/term"
	"github.com/adabc437/fanout/interp/session"
)

// A scripted session runs cells by their code. Cells are complete when their
// braces are balanced.
type scripted struct {
	session.Session // what is not scripted is not called
	script          map[string]func(context.Context, session.Output) session.Reply
	interrupted     chan struct{}
	mu              sync.Mutex
	ran             []session.Cell
}

func (s *scripted) Execute(ctx context.Context, c session.Cell, out session.Output) (session.Reply, error) {
	s.mu.Lock()
	s.ran = append(s.ran, c)
	s.mu.Unlock()
	if c.Code == "close" {
		return session.Reply{}, session.ErrClosed
	}
	do := s.script[c.Code]
	if do == nil {
		return session.Reply{}, nil
	}
	return do(ctx, out), nil
}

func (s *scripted) Interrupt() { s.interrupted <- struct{}{} }

func (s *scripted) IsComplete(_ context.Context, code string) (session.Completeness, error) {
	switch open := strings.Count(code, "{") - strings.Count(code, "}"); {
	case open > 0:
		return session.Completeness{Status: session.Incomplete, Indent: strings.Repeat("\t", open)}, nil
	case open < 0:
		return session.Completeness{Status: session.Invalid}, nil
	}
	return session.Completeness{Status: session.Complete}, nil
}

func (s *scripted) Inspect(_ context.Context, code string, offset, _ int) (session.Inspection, error) {
	return session.Inspection{Found: code == "quit" && offset == 4}, nil
}

func emit(events ...session.Event) func(context.Context, session.Output) session.Reply {
	return func(_ context.Context, out session.Output) session.Reply {
		for _, e := range events {
			out.Emit(e)
		}
		return session.Reply{}
	}
}

func event(kind session.Kind, text string) session.Event {
	return session.Event{Kind: kind, DisplayID: "d", Data: map[string]any{"text/plain": text}}
}

func newScripted() *scripted {
	return &scripted{interrupted: make(chan struct{}), script: map[string]func(context.Context, session.Output) session.Reply{
		"1+1":   emit(event(session.Result, "2")),
		"table": emit(event(session.Result, "a b\nc d")),
		"hello": emit(session.Event{Kind: session.Stream, Name: "stdout", Text: "hello"}),
		"map":   emit(event(session.Display, "0%"), event(session.Update, "50%"), event(session.Update, "plot")),
		"quit":  emit(event(session.Result, "chan bool")),
		"boom": func(context.Context, session.Output) session.Reply {
			return session.Reply{Err: &session.Diagnostic{Name: session.Panic, Message: "boom"}}
		},
		"name?": func(context.Context, session.Output) session.Reply {
			return session.Reply{Payloads: []session.Payload{
				{Source: "page", Data: map[string]any{"text/plain": "help"}}, {Source: "set_next_input", Text: "next"},
			}}
		},
		"ask": func(ctx context.Context, out session.Output) session.Reply {
			line, err := out.Input(ctx, "name? ", false)
			if err != nil {
				return session.Reply{Err: &session.Diagnostic{Name: "StdinError", Message: err.Error()}}
			}
			return emit(session.Event{Kind: session.Stream, Name: "stdout", Text: "hi " + line + "\n"})(ctx, out)
		},
	}}
}

// An outcome is all that a loop leaves.
type outcome struct {
	Status int
	Out    string // and Err, as on a screen
	Ran    []string
}

func run(t *testing.T, s *scripted, o Options) outcome {
	t.Helper()
	var out strings.Builder
	o.Console.Err = &out
	if o.Console.Out == nil {
		o.Console.Out = &out
	} else {
		o.Console.Out = io.MultiWriter(&out, o.Console.Out)
	}
	status, err := Run(t.Context(), s, o)
	if err != nil {
		t.Error(err)
	}
	got := outcome{Status: status, Out: out.String()}
	typed := 0
	for _, c := range s.ran {
		got.Ran = append(got.Ran, c.Code)
		if strings.HasPrefix(c.ID, "start-") {
			continue
		}
		typed++
		if c.Number != typed || !c.StoreHistory || !c.AllowStdin || c.HTML || c.Silent {
			t.Errorf("cell %+v", c)
		}
	}
	return got
}

// What is typed shows on the screen, but not in Out: a line end after each
// prompt is the terminal's.
func TestTyped(t *testing.T) {
	for name, c := range map[string]struct {
		in   string
		want outcome
	}{
		"Ctrl-D at once":                    {"", outcome{0, "hi\nIn [1]: \n", nil}},
		"results":                           {"1+1\n\ntable\n", outcome{0, "hi\nIn [1]: Out[1]: 2\nIn [2]: In [2]: Out[2]:\na b\nc d\nIn [3]: \n", []string{"1+1", "table"}}},
		"output that does not end its line": {"hello\n", outcome{0, "hi\nIn [1]: hello\nIn [2]: \n", []string{"hello"}}},
		"lines with their indent":           {"if x {\nf()\n}\n", outcome{0, "hi\nIn [1]:    ...:        ...:     In [2]: \n", []string{"if x {\n\tf()\n}"}}},
		"Ctrl-D in a cell":                  {"if x {\n", outcome{0, "hi\nIn [1]:    ...:     \n", nil}},
		"errors":                            {"boom\n1+1\n", outcome{0, "hi\nIn [1]: Panic: boom\nIn [2]: Out[2]: 2\nIn [3]: \n", []string{"boom", "1+1"}}},
		"what does not parse":               {"}\n", outcome{0, "hi\nIn [1]: In [2]: \n", []string{"}"}}},
		"exit":                              {"exit\n1+1\n", outcome{0, "hi\nIn [1]: ", nil}},
		"exit()":                            {" exit() \n1+1\n", outcome{0, "hi\nIn [1]: ", nil}},
		"quit is a variable":                {"quit\n", outcome{0, "hi\nIn [1]: Out[1]: chan bool\nIn [2]: \n", []string{"quit"}}},
		"input":                             {"ask\nAda\n", outcome{0, "hi\nIn [1]: name? hi Ada\nIn [2]: \n", []string{"ask"}}},
		"a map":                             {"map\n", outcome{0, "hi\nIn [1]: 0%\r\x1b[J50%\r\x1b[Jplot\nIn [2]: \n", []string{"map"}}},
		"pages":                             {"name?\n", outcome{0, "hi\nIn [1]: next\nhelp\nIn [2]: \n", []string{"name?"}}},
	} {
		t.Run(name, func(t *testing.T) {
			got := run(t, newScripted(), Options{
				Console: term.Console{In: strings.NewReader(c.in), Interactive: true, Terminal: true}, Banner: "hi",
			})
			if !reflect.DeepEqual(got, c.want) {
				t.Errorf("got  %#v\nwant %#v", got, c.want)
			}
		})
	}
}

func TestPiped(t *testing.T) {
	for name, c := range map[string]struct {
		in   string
		want outcome
	}{
		"nothing":       {"", outcome{0, "", nil}},
		"results":       {"1+1\nhello\ntable", outcome{0, "2\nhello\na b\nc d\n", []string{"1+1", "hello", "table"}}},
		"lines":         {"if x {\n\n  f()\n}\r\n1+1\n", outcome{0, "2\n", []string{"if x {\n\n  f()\n}", "1+1"}}},
		"an open end":   {"if x {\n", outcome{0, "", []string{"if x {"}}},
		"errors":        {"boom\n1+1\n", outcome{1, "Panic: boom\n2\n", []string{"boom", "1+1"}}},
		"exit":          {"1+1\nexit\nboom\n", outcome{0, "2\n", []string{"1+1"}}},
		"a map":         {"map\n", outcome{0, "plot\n", []string{"map"}}},
		"no more input": {"ask", outcome{1, "name? \nStdinError: EOF\n", []string{"ask"}}},
	} {
		t.Run(name, func(t *testing.T) {
			got := run(t, newScripted(), Options{Console: term.Console{In: strings.NewReader(c.in)}, Banner: "hi"})
			if c.want.Out = strings.Replace(c.want.Out, "name? \n", "name? ", 1); !reflect.DeepEqual(got, c.want) {
				t.Errorf("got  %#v\nwant %#v", got, c.want)
			}
		})
	}
}

// A keyboard gives its lines one at a time, and tells when it is asked for one.
type keyboard struct {
	asked chan struct{}
	lines chan string
}

func (k keyboard) Read(p []byte) (int, error) {
	k.asked <- struct{}{}
	line, ok := <-k.lines
	if !ok {
		return 0, io.EOF
	}
	return copy(p, line), nil
}

// prompts tells of each first prompt of a cell.
type prompts chan struct{}

func (p prompts) Write(text []byte) (int, error) {
	if strings.HasPrefix(string(text), "In [") {
		p <- struct{}{}
	}
	return len(text), nil
}

func TestCtrlCDropsTheCellThatIsTyped(t *testing.T) {
	k := keyboard{make(chan struct{}), make(chan string)}
	signals, shown := make(chan os.Signal), make(prompts, 10)
	go func() {
		<-shown
		<-k.asked
		k.lines <- "if x {\n"
		<-k.asked
		signals <- os.Interrupt
		<-shown
		k.lines <- "1+1\n" // the read that was under way
		<-k.asked
		close(k.lines)
	}()
	got := run(t, newScripted(), Options{Console: term.Console{In: k, Out: shown, Interactive: true}, Interrupts: signals})
	want := outcome{0, "In [1]:    ...:     \nIn [1]: Out[1]: 2\nIn [2]: \n", []string{"1+1"}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %#v\nwant %#v", got, want)
	}
}

func TestCtrlCEndsPipedInput(t *testing.T) {
	k := keyboard{make(chan struct{}), make(chan string)}
	signals := make(chan os.Signal)
	go func() {
		<-k.asked
		signals <- os.Interrupt
	}()
	got := run(t, newScripted(), Options{Console: term.Console{In: k}, Interrupts: signals})
	if want := (outcome{Status: 130}); !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestCtrlCInterruptsTheCellThatRuns(t *testing.T) {
	s, signals := newScripted(), make(chan os.Signal)
	s.script["wait"] = func(context.Context, session.Output) session.Reply {
		signals <- os.Interrupt
		<-s.interrupted
		signals <- os.Interrupt // a second one
		<-s.interrupted
		return session.Reply{Err: &session.Diagnostic{Name: session.Interrupted, Message: "interrupted"}}
	}
	got := run(t, s, Options{Console: term.Console{In: strings.NewReader("wait\n1+1\n"), Interactive: true}, Interrupts: signals})
	want := outcome{0, "In [1]: \nInterrupted: interrupted\nIn [2]: Out[2]: 2\nIn [3]: \n", []string{"wait", "1+1"}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %#v\nwant %#v", got, want)
	}
}

func TestCancellingEndsTheLoop(t *testing.T) {
	s := newScripted()
	ctx, cancel := context.WithCancel(t.Context())
	s.script["cancel"] = func(context.Context, session.Output) session.Reply {
		cancel()
		return session.Reply{}
	}
	status, err := Run(ctx, s, Options{Console: term.Console{In: strings.NewReader("cancel\n1+1\n")}})
	if status != 130 || err != nil || len(s.ran) != 1 {
		t.Errorf("status %d, %v, ran %v", status, err, s.ran)
	}
}

type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, os.ErrClosed }
func (broken) Read([]byte) (int, error)  { return 0, os.ErrPermission }

func TestWhatEndsTheLoopEarly(t *testing.T) {
	for want, c := range map[error]term.Console{
		session.ErrClosed: {In: strings.NewReader("close\n1+1\n")},
		os.ErrClosed:      {In: strings.NewReader("1+1\n1+1\n"), Out: broken{}},
		os.ErrPermission:  {In: broken{}},
	} {
		s := newScripted()
		status, err := Run(t.Context(), s, Options{Console: c})
		if status != 1 || !errors.Is(err, want) || len(s.ran) > 1 {
			t.Errorf("want %v: status %d, %v, ran %v", want, status, err, s.ran)
		}
	}
}
