package repl

import (
	"context"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/creack/pty"

	"github.com/adabc437/fanout/frontend/convert"
	"github.com/adabc437/fanout/frontend/term"
	"github.com/adabc437/fanout/interp/session"
	"github.com/adabc437/fanout/kernel/history"
)

// A typist types at a loop in a pseudo-terminal, and keeps what it writes.
type typist struct {
	t    *testing.T
	user *os.File
	mu   sync.Mutex
	out  strings.Builder
	more chan struct{} // something was written
	done chan int      // the exit status
}

func typing(t *testing.T, s session.Session, o Options) *typist {
	t.Helper()
	user, in, err := pty.Open()
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatalf("CI must have pseudo-terminals: %v", err)
		}
		t.Skipf("no pseudo-terminals here: %v", err)
	}
	t.Setenv("TERM", "xterm-256color")
	t.Setenv("NO_COLOR", "")
	if err := pty.Setsize(user, &pty.Winsize{Rows: 24, Cols: 80}); err != nil {
		t.Fatal(err)
	}
	p := &typist{t: t, user: user, more: make(chan struct{}, 1), done: make(chan int, 1)}
	o.Console = term.For(in, in, in)
	if _, err := term.Raw(in, false); err != nil { // or the system takes some of what is typed at once
		t.Fatal(err)
	}
	go func() {
		b := make([]byte, 4096)
		for {
			n, err := user.Read(b)
			if err != nil {
				return
			}
			p.mu.Lock()
			p.out.Write(b[:n])
			p.mu.Unlock()
			select {
			case p.more <- struct{}{}:
			default:
			}
		}
	}()
	p.press("\x1b[?6c") // the answer to what is asked at the start
	go func() {
		status, err := Run(t.Context(), s, o)
		if err != nil {
			t.Error(err)
		}
		p.done <- status
	}()
	t.Cleanup(func() { in.Close(); user.Close() })
	return p
}

func (p *typist) press(keys string) {
	p.t.Helper()
	if _, err := p.user.WriteString(keys); err != nil {
		p.t.Fatal(err)
	}
}

var sequences = regexp.MustCompile("\x1b(\\[[0-9;?>]*[ -/]*[@-~]|\\][^\x07\x1b]*(\x07|\x1b\\\\)|_[^\x1b]*\x1b\\\\)")

// text is what was written, without escape sequences.
func (p *typist) text() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return sequences.ReplaceAllString(p.out.String(), "")
}

// see waits until want was written.
func (p *typist) see(want string) {
	p.t.Helper()
	late := time.After(time.Minute)
	for !strings.Contains(p.text(), want) {
		select {
		case <-p.more:
		case <-late:
			p.t.Fatalf("%q is not written, but %q", want, p.text())
		}
	}
}

func (p *typist) ends(want int) {
	p.t.Helper()
	select {
	case got := <-p.done:
		if got != want {
			p.t.Errorf("exit status %d, want %d", got, want)
		}
	case <-time.After(time.Minute):
		p.t.Fatalf("the loop does not end: %q", p.text())
	}
}

func TestWhatIsTypedAheadRuns(t *testing.T) {
	s := newScripted()
	p := typing(t, s, Options{Banner: "hi"})
	p.press("1+1\rtable\rif x {\r\tf(1,\t2)\r}\rexit\r")
	p.ends(0)
	p.see("hi")
	p.see("Out[1]: 2")
	p.see("Out[2]:\r\na b\r\nc d")
	if want := "if x {\n\tf(1,\t2)\n}"; len(s.ran) != 3 || s.ran[2].Code != want || s.ran[2].Number != 3 {
		t.Errorf("ran %+v", s.ran)
	}
}

func TestCtrlDLeavesOnlyAnEmptyLine(t *testing.T) {
	p := typing(t, newScripted(), Options{})
	p.press("1+1\x04\x01\x04\x0b\x04")
	p.ends(0)
}

func TestCtrlCDropsAndInterrupts(t *testing.T) {
	s := newScripted()
	started := make(chan struct{})
	s.script["spin"] = func(ctx context.Context, _ session.Output) session.Reply {
		close(started)
		<-s.interrupted
		return session.Reply{Err: &session.Diagnostic{Name: session.Interrupted, Message: "stopped"}}
	}
	interrupts := make(chan os.Signal, 1)
	p := typing(t, s, Options{Interrupts: interrupts})
	p.press("dropped\x03spin\r")
	<-started
	interrupts <- os.Interrupt
	p.see("Interrupted: stopped")
	p.see("In [2]: ")
	interrupts <- os.Interrupt // as another program may send it
	p.press("\x04")
	p.ends(0)
	if len(s.ran) != 1 || s.ran[0].Code != "spin" {
		t.Errorf("ran %+v", s.ran)
	}
}

func TestACellIsAnsweredAtTheTerminal(t *testing.T) {
	p := typing(t, newScripted(), Options{})
	p.press("ask\rAdx\x7fa\r")
	p.see("name? Ada")
	p.see("hi Ada")
	p.press("\x04")
	p.ends(0)
}

func TestAPasswordDoesNotShow(t *testing.T) {
	s := newScripted()
	s.script["secret"] = func(ctx context.Context, out session.Output) session.Reply {
		line, err := out.Input(ctx, "password: ", true)
		if line != "sesame" || err != nil {
			t.Errorf("got %q, %v", line, err)
		}
		return session.Reply{}
	}
	p := typing(t, s, Options{})
	p.press("secret\r")
	p.see("password: ")
	p.press("sesame\r")
	p.see("In [2]: ")
	p.press("\x04")
	p.ends(0)
	if strings.Contains(p.text(), "sesame") {
		t.Errorf("it shows: %q", p.text())
	}
}

func TestTheNextCellCanBeGiven(t *testing.T) {
	s := newScripted()
	p := typing(t, s, Options{})
	p.press("name?\r")
	p.see("help")
	p.see("In [2]: next")
	p.press("\r\x04")
	p.ends(0)
	if len(s.ran) != 2 || s.ran[1].Code != "next" {
		t.Errorf("ran %+v", s.ran)
	}
}

func TestOutputOfGoroutinesGoesAboveWhatIsTyped(t *testing.T) {
	s := newScripted()
	var later session.Output
	s.script["go"] = func(_ context.Context, out session.Output) session.Reply {
		later = out
		return session.Reply{}
	}
	p := typing(t, s, Options{})
	p.press("go\rtyped")
	p.see("In [2]: typed")
	later.Emit(session.Event{Kind: session.Stream, Name: "stdout", Text: "from behind\n"})
	p.see("from behind\r\nIn [2]: typed")
	p.press("\x03\x04")
	p.ends(0)
}

func TestHistoryIsShared(t *testing.T) {
	path := filepath.Join(t.TempDir(), "h.sqlite")
	notebook := history.Open(history.Options{Path: path})
	notebook.Append(1, "1+1")
	notebook.Close()
	store := history.Open(history.Options{Path: path})
	defer store.Close()
	p := typing(t, newScripted(), Options{History: store})
	p.see("In [1]: ")
	// The history is read beside the typing: ask for it until it is there.
	for !strings.Contains(p.text(), "In [1]: 1+1") {
		p.press("\x1b[A")
		select {
		case <-p.more:
		case <-time.After(time.Minute):
			t.Fatal("the history does not come")
		}
	}
	p.press("\r")
	p.see("Out[1]: 2")
	p.press("\x04")
	p.ends(0)
	got, err := store.Tail(t.Context(), 1)
	if err != nil || len(got) != 1 || got[0].Input != "1+1" || got[0].Output != "2" || got[0].Session != 2 {
		t.Errorf("kept %+v, %v", got, err)
	}
}

func TestCellsAtTheStart(t *testing.T) {
	s := newScripted()
	p := typing(t, s, Options{Start: []Start{{"init.go", "boom"}, {"init.go", "hello"}}})
	p.press("\x04")
	p.ends(0)
	p.see("Panic: boom\r\n(this comes from init.go)\r\nhello")
	if s.ran[0].StoreHistory || s.ran[0].Number != 0 {
		t.Errorf("ran %+v", s.ran)
	}
}

func TestExec(t *testing.T) {
	for code, want := range map[string]outcome{
		"1+1":  {0, "2\n", []string{"1+1"}},
		"boom": {1, "Panic: boom\n", []string{"boom"}},
		"exit": {0, "", nil},
		"?":    {0, help, nil},
	} {
		got := run(t, newScripted(), Options{
			Console: term.Console{In: strings.NewReader("table\n"), Interactive: true}, Banner: "hi", Exec: []string{code},
		})
		if got.Status != want.Status || got.Out != want.Out || strings.Join(got.Ran, "|") != strings.Join(want.Ran, "|") {
			t.Errorf("%s: got %+v, want %+v", code, got, want)
		}
	}
}

func TestSave(t *testing.T) {
	dir := t.TempDir()
	s := newScripted()
	var want strings.Builder
	in := strings.Join([]string{
		"1+1", "strings.Builder?", "boom", "%%bash", "%pmap -h", "%save " + dir + "/a.ipynb", "%save " + dir + "/a.go", "%save " + dir + "/a.go", "%save -f " + dir + "/a.go",
		"%save", "%save a.txt", "%save -p a.ipynb", "%save -x a.go", "%save?",
	}, "\n")
	got := run(t, s, Options{Console: term.Console{In: strings.NewReader(in)}})
	for _, line := range []string{
		"2", "Panic: boom", "wrote " + dir + "/a.ipynb: 2 cells", "wrote " + dir + "/a.go: 2 cells",
		"%save: " + dir + "/a.go is there already; %save -f writes over it", "wrote " + dir + "/a.go: 2 cells",
		"%save: it needs a file, such as %save lesson.ipynb; %save? says more",
		`%save: the name of the file says how to save, and ends in .ipynb or .go, not ".txt"`,
		`%save: the name of a Go program ends in .go, not ".ipynb"`, "%save: there is no flag -x a.go; there are -p and -f",
	} {
		want.WriteString(line + "\n")
	}
	if want.WriteString(saveHelp); got.Out != want.String() {
		t.Errorf("got %s\nwant %s", got.Out, want.String())
	}
	if text, err := os.ReadFile(filepath.Join(dir, "a.go")); err != nil || !convert.IsNotebook(text) {
		t.Errorf("the cells are %q, %v", text, err)
	} else if nb, err := convert.ParseGo(text); err != nil || len(nb.Cells) != 2 || nb.Cells[0].Source != "1+1" || nb.Cells[1].Source != "%%bash" {
		t.Errorf("the cells are %q, %v", text, err)
	}
	text, err := os.ReadFile(filepath.Join(dir, "a.ipynb"))
	for _, part := range []string{`"1+1"`, `"execution_count": 1`, `"text/plain": [`, `"2"`, `"name": "fanout"`} {
		if err != nil || !strings.Contains(string(text), part) || strings.Contains(string(text), "boom") {
			t.Errorf("the notebook has no %s, or what failed: %v\n%s", part, err, text)
		}
	}
}

func TestCtrlCInterruptsACellThatAsks(t *testing.T) {
	s := newScripted()
	s.interrupted = make(chan struct{}, 1)
	p := typing(t, s, Options{})
	p.press("ask\r")
	p.see("name? ")
	p.press("Ad\x03")
	p.see("StdinError: context canceled")
	p.press("\x04")
	p.ends(0)
	select {
	case <-s.interrupted:
	default:
		t.Error("the session is not interrupted")
	}
}

func TestTheFirstCellsRunAgainInAnotherProcess(t *testing.T) {
	s := newScripted()
	s.script["die"] = func(context.Context, session.Output) session.Reply { return session.Reply{Died: true} }
	s.script["%restart"] = func(context.Context, session.Output) session.Reply { return session.Reply{Restart: true} }
	got := run(t, s, Options{
		Console: term.Console{In: strings.NewReader("1+1\ndie\n%restart\n")}, Start: []Start{{"init.go", "die"}},
	})
	if want := "die 1+1 die die %restart die"; strings.Join(got.Ran, " ") != want {
		t.Errorf("ran %q, want %q", got.Ran, want)
	}
	if want := "2\n(init.go runs again)\n(init.go runs again)\n"; got.Out != want {
		t.Errorf("got %q, want %q", got.Out, want)
	}
}

func TestSaveKnowsTheUsersHome(t *testing.T) {
	home := t.TempDir()
	t.Setenv("HOME", home)
	t.Setenv("USERPROFILE", home)
	got := run(t, newScripted(), Options{Console: term.Console{In: strings.NewReader("1+1\n%save ~/a.go\n")}})
	if _, err := os.Stat(filepath.Join(home, "a.go")); err != nil || !strings.Contains(got.Out, "wrote "+filepath.Join(home, "a.go")) {
		t.Errorf("got %q, %v", got.Out, err)
	}
}

func TestHelpAloneIsNotSaved(t *testing.T) {
	for code, want := range map[string]bool{
		"strings.Builder?": true, "?fmt.Println": true, "%pmap??": true, "%pmap -h": true, " %speedup --help ": true, "a?\nb?": true,
		"n := 5 // enough?": false, "!ls data?": false, "x": false, "": false, "%pmap f xs": false, "n := 5\nn?": false, "%%bash\nls?": false,
	} {
		if got := isHelp(code); got != want {
			t.Errorf("%q: %v", code, got)
		}
	}
}
