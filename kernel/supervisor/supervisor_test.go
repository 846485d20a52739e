//go:build unix

package supervisor

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"reflect"
	"strings"
	"testing"

	"github.com/adabc437/fanout/interp/session"
)

func TestPrintsAndEventsKeepTheirOrder(t *testing.T) {
	s := start(t)
	var lines, want []string
	for _, word := range strings.Fields("a b c d e f g h i j k l m n o p q r s t u v w x y z") {
		lines = append(lines, "print "+word, "display "+word, "stream "+word)
		want = append(want, "stdout: "+word+"\n", "display: "+word)
		if word != "a" {
			want[len(want)-2] = "stdout: " + string(word[0]-1) + "\n" + word + "\n"
		}
	}
	want = append(want, "stdout: z\n")
	for range 20 {
		r, out := run(t, s, lines...)
		if r.Err != nil {
			t.Fatal(r.Err)
		}
		if got := out.brief(); !reflect.DeepEqual(got, want) {
			t.Fatalf("got  %q\nwant %q", got, want)
		}
	}
}

func TestQuestionsAreAnsweredWhileACellRuns(t *testing.T) {
	s := start(t)
	ctx, cancel := context.WithCancel(t.Context())
	cell := launch(ctx, s, "", "print go", "block")
	cell.out.awaitText(t, "go")
	if c, err := s.Complete(t.Context(), "fmt.Pri", 7); err != nil || c.End != 7 || c.Items[0].Text != "fmt.Pri!" {
		t.Errorf("Complete: %+v %v", c, err)
	}
	if i, err := s.Inspect(t.Context(), "x", 1, 1); err != nil || !i.Found || i.Data["text/plain"] != "x at 1, detail 1" {
		t.Errorf("Inspect: %+v %v", i, err)
	}
	if c, err := s.IsComplete(t.Context(), "{"); err != nil || c != (session.Completeness{Status: session.Incomplete, Indent: "\t"}) {
		t.Errorf("IsComplete: %+v %v", c, err)
	}
	if _, err := s.Complete(t.Context(), "fail", 0); !errors.Is(err, session.ErrNoInput) || err.Error() != "complete: "+session.ErrNoInput.Error() {
		t.Errorf("an error that crosses the pipe: %v", err)
	}
	brief, stop := context.WithCancel(t.Context())
	stop()
	if _, err := s.Complete(brief, "block", 0); !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled question: %v", err)
	}
	sub := launch(t.Context(), s, "sub", "display from the subshell")
	if r := sub.wait(t); r.Err != nil {
		t.Error(r.Err)
	}
	cancel()
	if r := cell.wait(t); r.Err == nil || r.Err.Name != session.Interrupted {
		t.Errorf("cancelled: %+v", r.Err)
	}
}

func TestTextGoesToTheMainShellFirst(t *testing.T) {
	s := start(t)
	ctx, cancel := context.WithCancel(t.Context())
	sub := launch(ctx, s, "sub", "print from sub", "block")
	sub.out.awaitText(t, "from sub")
	_, main := run(t, s, "print from main")
	if got := main.brief(); !reflect.DeepEqual(got, []string{"stdout: from main\n"}) {
		t.Errorf("main: %q", got)
	}
	cancel()
	sub.wait(t)
	if got := sub.out.brief(); !reflect.DeepEqual(got, []string{"stdout: from sub\n"}) {
		t.Errorf("sub: %q", got)
	}
}

func TestLateOutputGoesToTheLastCell(t *testing.T) {
	s := start(t)
	_, first := run(t, s, "late afterwards")
	if _, err := s.Comms(t.Context(), "late"); err != nil {
		t.Fatal(err)
	}
	first.await(t, "both", func(brief []string) bool {
		return reflect.DeepEqual(brief, []string{"stdout: afterwards\n", "display: afterwards"})
	})
	if _, second := run(t, s, "print next"); second.text("stdout") != "next\n" {
		t.Errorf("next cell: %q", second.brief())
	}
}

func TestWhatACommHandlerPrintsGoesToItsMessage(t *testing.T) {
	s := start(t)
	_, first := run(t, s, "print before")
	handler := newRecorder()
	m := session.CommMessage{Kind: session.CommMsg, ID: "c", Data: json.RawMessage(`"print"`)}
	if err := s.Comm(t.Context(), m, handler); err != nil {
		t.Fatal(err)
	}
	if got := handler.text("stdout"); got != "from the handler\n" {
		t.Errorf("handler: %q", got)
	}
	if got := first.text("stdout"); got != "before\n" {
		t.Errorf("cell: %q", got)
	}
}

func TestRunesAreNotCut(t *testing.T) {
	s := start(t)
	text := strings.Repeat("aé日🙂", 2000)
	_, out := run(t, s, "bytewise "+text)
	if got := out.text("stdout"); got != text+"\n" {
		t.Errorf("got %d bytes, want %d", len(got), len(text)+1)
	}
	_, out = run(t, s, `write "\xffA\xe6"`, "display x", `write "\x97\xa5\n\xf0\x9f"`)
	if got, want := out.brief(), []string{"stdout: \uFFFDA", "display: x", "stdout: 日\n\uFFFD"}; !reflect.DeepEqual(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestInputIsARoundTrip(t *testing.T) {
	s := start(t)
	out := newRecorder()
	out.input = func(_ context.Context, prompt string) (string, error) {
		if prompt == "end" {
			return "", io.EOF
		}
		return "re: " + prompt, nil
	}
	if _, err := s.Execute(t.Context(), session.Cell{Code: "input name?\ninput end"}, out); err != nil {
		t.Fatal(err)
	}
	if got, want := out.text("stdout"), "got \"re: name?\" <nil>\ngot \"\" EOF\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if _, out := run(t, s, "input x"); out.text("stdout") != "got \"\" "+session.ErrNoInput.Error()+"\n" {
		t.Errorf("no input: %q", out.brief())
	}
	if _, out := run(t, s, "stdin"); out.text("stdout") != "\"\" EOF\n" {
		t.Errorf("the process's own stdin: %q", out.brief())
	}
}

func TestAnInterruptEndsInput(t *testing.T) {
	s := start(t)
	cell := &pendingCell{out: newRecorder(), done: make(chan struct{})}
	asked, ended := make(chan struct{}), make(chan struct{})
	cell.out.input = func(ctx context.Context, _ string) (string, error) {
		close(asked)
		<-ctx.Done()
		close(ended)
		return "", ctx.Err()
	}
	go func() {
		defer close(cell.done)
		cell.reply, cell.err = s.Execute(t.Context(), session.Cell{Code: "input x"}, cell.out)
	}()
	<-asked
	pid := s.Pid()
	s.Interrupt()
	if r := cell.wait(t); r.Err == nil || r.Err.Name != session.Interrupted {
		t.Errorf("%+v", r.Err)
	}
	<-ended
	if s.Pid() != pid {
		t.Error("the process was killed")
	}
}

func TestCommsCarryBuffers(t *testing.T) {
	s := start(t)
	ctx := t.Context()
	out := newRecorder()
	buffers := [][]byte{{0, 1, 2}, {}, []byte(strings.Repeat("z", 100_000))}
	open := session.CommMessage{Kind: session.CommOpen, ID: "1", Target: "slider"}
	msg := session.CommMessage{Kind: session.CommMsg, ID: "1", Data: []byte(`{"value":1}`), Buffers: buffers}
	for _, m := range []session.CommMessage{open, msg} {
		if err := s.Comm(ctx, m, out); err != nil {
			t.Fatal(err)
		}
	}
	if len(out.events) != 1 || !reflect.DeepEqual(out.events[0].Comm.Buffers, buffers) || string(out.events[0].Comm.Data) != `{"value":1}` {
		t.Errorf("echo: %q", out.brief())
	}
	if comms, err := s.Comms(ctx, ""); err != nil || !reflect.DeepEqual(comms, map[string]string{"1": "slider"}) {
		t.Errorf("Comms: %v %v", comms, err)
	}
}

func TestEventsOfAllKindsArrive(t *testing.T) {
	s := start(t)
	_, out := run(t, s, "number", "unmarshalable", "big")
	if n := out.events[0].Data["application/json"]; n == nil || n.(interface{ String() string }).String() != "4611686018427387905" {
		t.Errorf("a large number: %v", n)
	}
	if e := out.events[1]; e.Name != "stderr" || !strings.Contains(e.Text, "cannot send display") {
		t.Errorf("what is no JSON: %+v", e)
	}
	if text := out.events[2].Data["text/plain"]; len(text.(string)) != 5<<20 {
		t.Errorf("a large event: %d bytes", len(text.(string)))
	}
}

func TestLinesArriveAndFloodsAreHeldBack(t *testing.T) {
	s := start(t)
	_, out := run(t, s, "lines 20000")
	if got := strings.Count(out.text("stdout"), "\n"); got != 20000 || len(out.events) > 100 {
		t.Errorf("%d lines in %d events", got, len(out.events))
	}
	_, out = run(t, s, "flood 50", "eprint end")
	if got := out.text("stdout"); len(got) != defaultStreamLimit {
		t.Errorf("%d bytes shown", len(got))
	}
	want := "end\n[fanout: 35.2 MB of output dropped: a cell shows at most 16 MB; write it to a file instead]\n"
	if got := out.text("stderr"); got != want {
		t.Errorf("stderr: %q", got)
	}
	if _, out = run(t, s, "print fine"); !reflect.DeepEqual(out.brief(), []string{"stdout: fine\n"}) {
		t.Errorf("the next cell: %q", out.brief())
	}
}

func TestTextThatLooksLikeACrashIsShown(t *testing.T) {
	s := start(t)
	_, out := run(t, s, "eprint panic: not really", "display x", "eprint goroutine 1 [running]:", "eprint more")
	want := []string{"stderr: panic: not really\n", "display: x", "stderr: goroutine 1 [running]:\nmore\n"}
	if got := out.brief(); !reflect.DeepEqual(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cell := launch(ctx, s, "", "eprint panic: waiting", "block")
	cell.out.awaitText(t, "panic: waiting\n")
	cancel()
	cell.wait(t)
}

func TestCloseEndsCells(t *testing.T) {
	s := start(t)
	cell := launch(t.Context(), s, "", "print go", "spin")
	cell.out.awaitText(t, "go")
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	<-cell.done
	if !errors.Is(cell.err, session.ErrClosed) {
		t.Errorf("the cell: %+v %v", cell.reply, cell.err)
	}
	if _, err := s.Execute(t.Context(), session.Cell{}, newRecorder()); !errors.Is(err, session.ErrClosed) {
		t.Errorf("Execute: %v", err)
	}
	if _, err := s.Complete(t.Context(), "", 0); !errors.Is(err, session.ErrClosed) {
		t.Errorf("Complete: %v", err)
	}
	s.Interrupt()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}
