//go:build unix

package supervisor

import (
	"errors"
	"fmt"
	"os"
	"reflect"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/adabc437/fanout/interp/session"
)

const goesOn = "functions and types are declared again; the notebook goes on"

func TestDeathsCostACellAndNothingElse(t *testing.T) {
	for _, c := range []struct {
		line, name, message string // message is a prefix of it
		hint, report        string // a part of it
		trace               string
		stderr              string
	}{
		{line: "panic boom", name: session.Panic, message: "panic: boom"},
		{line: "panicerr broken pipe dream", name: session.Panic, message: "panic: "},
		{
			line: "gopanic in a goroutine", name: session.Panic, message: "panic: in a goroutine",
			report: "[running]:\ngithub.com/adabc437/fanout/kernel/supervisor.cellFunction\n\tIn[3]:9\n",
			trace:  "[In[3]:9:1 cellFunction In[3]:3:1 goPanic.func1 In[3]:2:1 goPanic]",
		},
		{line: "nilmap", name: session.Panic, message: "panic: assignment to entry in nil map", hint: "make the map"},
		{line: "nilptr", name: session.Panic, message: "panic: runtime error: invalid memory address or nil pointer dereference"},
		{line: "twolines", name: session.Panic, message: "panic: one\n\ntwo"},
		{
			line: "mapwrites", name: session.FatalError, message: "concurrent map writes",
			hint: "sync.Mutex", report: "mapWrites", trace: "[In[3]:17:1 mapWrites.func1 In[3]:15:1 mapWrites]",
		},
		{
			line: "recurse", name: session.FatalError, message: "stack overflow: goroutine stack exceeds 128 MB: infinite recursion?",
			hint: "ends", report: "the same",
		},
		{line: "unlock", name: session.FatalError, message: "sync: unlock of unlocked mutex", hint: "Lock"},
		{line: "exit 3", name: session.ExitError, message: "the cell ended the session process: exit status 3", hint: "os.Exit"},
		{line: "exit 0", name: session.ExitError, message: "the cell ended the session process: exit status 0"},
		{line: "logfatal last words", name: session.ExitError, message: "the cell ended the session process: exit status 1", stderr: "last words\n"},
		{line: "kill", name: session.SessionError, message: "the session process was killed (signal: killed)"},
		{line: "abort", name: session.FatalError, message: "SIGABRT: abort"},
		{line: "garbage 4 hello", name: session.SessionError, message: "the session process was ended, for it broke off", hint: "descriptors"},
		{line: "garbage 4 this is longer than the head of a frame", name: session.SessionError, message: "the session process was ended, for it broke off"},
		{line: "closefd 4\nspin", name: session.SessionError, message: "the session process was ended, for it broke off the talk with the kernel: it closed its pipe"},
		{line: "garbage 5 panic: fake\nexit 4", name: session.ExitError, message: "the cell ended the session process: exit status 4"},
	} {
		t.Run(strings.ReplaceAll(c.line, "\n", ","), func(t *testing.T) {
			t.Parallel()
			s := start(t)
			run(t, s, "declare f=f", "var x", "var y")
			pid := s.Pid()
			begun := time.Now()
			r, out := run(t, s, "print before", c.line)
			t.Logf("died after %v", time.Since(begun).Round(time.Millisecond))
			d := r.Err
			if d == nil {
				t.Fatal("it lives")
			}
			if d.Name != c.name || !strings.HasPrefix(d.Message, c.message) || !strings.Contains(d.Hint, c.hint) {
				t.Errorf("got %s: %q, hint %q", d.Name, d.Message, d.Hint)
			}
			if strings.Count(d.Report, "\n") > 30 || !strings.Contains(d.Report, c.report) || strings.Contains(d.Report, "runtime.") {
				t.Errorf("report:\n%s", d.Report)
			}
			if c.trace != "" && trace(d) != c.trace {
				t.Errorf("trace: %s", trace(d))
			}
			if want := []string{"variables lost: x, y", goesOn}; !reflect.DeepEqual(d.Notes, want) {
				t.Errorf("notes: %q", d.Notes)
			}
			if out.text("stdout") != "before\n" || out.text("stderr") != c.stderr {
				t.Errorf("output: %q", out.brief())
			}
			r, out = run(t, s, "declared", "var z")
			if r.Err != nil || !reflect.DeepEqual(out.brief(), []string{"stdout: f=f\n"}) || s.Pid() == pid {
				t.Errorf("afterwards: %v %q", r.Err, out.brief())
			}
			if want := []string{"z"}; !reflect.DeepEqual(r.Variables, want) {
				t.Errorf("variables: %q", r.Variables)
			}
		})
	}
}

func trace(d *session.Diagnostic) string {
	var frames []string
	for _, f := range d.Trace {
		frames = append(frames, f.Position.String()+" "+f.Func)
	}
	return fmt.Sprint(frames)
}

func TestMemoryRunsOut(t *testing.T) {
	s := start(t, func(o *Options) { o.MemoryLimit = 256 << 20 })
	r, out := run(t, s, "print before", "alloc")
	if r.Err == nil || r.Err.Name != session.MemoryError || !strings.HasPrefix(r.Err.Message, "out of memory: the session holds ") ||
		!strings.HasSuffix(r.Err.Message, ", the limit is 256 MiB") {
		t.Errorf("alloc: %+v", r.Err)
	}
	if got := out.brief(); !reflect.DeepEqual(got, []string{"stdout: before\n"}) {
		t.Errorf("output: %q", got)
	}
	if runtime.GOOS == "linux" && !raceEnabled {
		r, out = run(t, s, "hugealloc 100GiB")
		if r.Err == nil || r.Err.Name != session.MemoryError || len(out.brief()) > 0 {
			t.Errorf("hugealloc: %+v %q", r.Err, out.brief())
		}
	}
	r, _ = run(t, s, "recurse")
	if r.Err == nil || r.Err.Name != session.FatalError || !strings.Contains(r.Err.Message, "exceeds 64 MB") {
		t.Errorf("recurse: %+v", r.Err)
	}
}

func TestGrandchildrenDoNotHoldUpADeath(t *testing.T) {
	for _, line := range []string{"sleeper", "deserter"} {
		s := start(t)
		begun := time.Now()
		r, out := run(t, s, line, "exit 3")
		if r.Err == nil || r.Err.Name != session.ExitError || time.Since(begun) > 5*time.Second {
			t.Errorf("%s: %+v after %v", line, r.Err, time.Since(begun))
		}
		pid, err := strconv.Atoi(strings.TrimSpace(out.text("stdout")))
		if err != nil {
			t.Fatal(err)
		}
		if line == "deserter" {
			_ = syscall.Kill(pid, syscall.SIGKILL)
			continue
		}
		waitGone(t, pid)
	}
}

// waitGone waits until a process that is no child of this one has ended (a zombie
// has).
func waitGone(t *testing.T, pid int) {
	t.Helper()
	deadline := time.Now().Add(patience)
	for syscall.Kill(pid, 0) == nil && !isZombie(pid) {
		if time.Now().After(deadline) {
			t.Fatalf("process %d lives on", pid)
		}
		time.Sleep(time.Millisecond)
	}
}

func TestAKillBetweenCellsIsToldToTheNext(t *testing.T) {
	s := start(t)
	run(t, s, "declare f=f", "var x")
	if err := syscall.Kill(s.Pid(), syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	// However soon the next cell comes: one that has not started is not lost.
	r, out := run(t, s, "declared")
	want := []string{
		"stderr: [fanout: the session process died between cells: the session process was killed (signal: killed); variables lost: x]\n",
		"stdout: f=f\n",
	}
	if r.Err != nil || !reflect.DeepEqual(out.brief(), want) {
		t.Errorf("got %v %q", r.Err, out.brief())
	}
}

func TestDeathEndsSubshellsAndQuestions(t *testing.T) {
	s := start(t)
	sub := launch(t.Context(), s, "sub", "print go", "block")
	sub.out.awaitText(t, "go")
	question := make(chan error, 1)
	go func() {
		_, err := s.Complete(t.Context(), "block", 0)
		question <- err
	}()
	p := s.live
	waitFor(t, "the question", func() bool {
		p.mu.Lock()
		defer p.mu.Unlock()
		return len(p.calls) == 2
	})
	main, _ := run(t, s, "exit 3")
	if got := sub.wait(t); !reflect.DeepEqual(got, main) || got.Err == nil {
		t.Errorf("subshell %+v, main %+v", got.Err, main.Err)
	}
	if err := <-question; !errors.Is(err, errGone) {
		t.Errorf("question: %v", err)
	}
}

func waitFor(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patience); !ok(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("waited for " + what)
		}
	}
}

// A cell that closes its outputs silences itself alone, and the programs that later
// ones start have them, too.
func TestClosedOutputsAreOpenedAgain(t *testing.T) {
	s := start(t)
	run(t, s, "print before", "close", "print lost")
	for range 2 {
		_, out := run(t, s, "print after", "eprint too", "shell echo from sh; echo and >&2", "close")
		if out.text("stdout") != "after\nfrom sh\n" || out.text("stderr") != "too\nand\n" {
			t.Errorf("after the outputs were closed: %q", out.brief())
		}
	}
}

func TestDeclarationsAreReplacedResetAndRestarted(t *testing.T) {
	s := start(t)
	die := func() { run(t, s, "exit 3") }
	shows := func(want string) {
		t.Helper()
		die()
		if _, out := run(t, s, "declared"); out.text("stdout") != want || out.text("stderr") != "" {
			t.Errorf("got %q, want %q", out.brief(), want)
		}
	}
	run(t, s, "declare f=1", "declare g=1")
	run(t, s, "declare h=1", "declare f=2")
	shows("f=2\ng=1\nh=1\n")
	shows("f=2\ng=1\nh=1\n")
	run(t, s, "reset", "declare i=1")
	shows("i=1\n")
	pid := s.Pid()
	r, _ := run(t, s, "restart", "declare j=1")
	if r.Err != nil {
		t.Error(r.Err)
	}
	if _, out := run(t, s, "declared", "print new"); !reflect.DeepEqual(out.brief(), []string{"stdout: new\n"}) || s.Pid() == pid {
		t.Errorf("after a restart: %q", out.brief())
	}
	run(t, s, "declare k=broken", "declare l=1")
	die()
	want := []string{"stderr: [fanout: not declared again: k: undefined]\n", "stdout: l=1\n"}
	if _, out := run(t, s, "declared"); !reflect.DeepEqual(out.brief(), want) {
		t.Errorf("broken: %q", out.brief())
	}
	run(t, s, "declare m=deadly")
	die()
	want = []string{"stderr: [fanout: the earlier declarations are lost: the session process died over them]\n", "stdout: alive\n"}
	_, out := run(t, s, "declared", "print alive")
	if got := out.brief(); len(got) != 2 || !strings.HasSuffix(got[0], strings.TrimPrefix(want[0], "stderr: ")) || got[1] != want[1] {
		t.Errorf("deadly: %q", got)
	}
}

func TestTheHistoryAndTheNamesOfWhatIsLostOutliveADeath(t *testing.T) {
	s := start(t)
	number := 0
	cell := func(code string) string {
		t.Helper()
		number++
		out := newRecorder()
		if _, err := s.Execute(t.Context(), session.Cell{Number: number, Code: code, StoreHistory: true}, out); err != nil {
			t.Fatal(err)
		}
		run(t, s, "print") // no cell of the history
		return out.text("stdout")
	}
	cell("var x")
	cell("exit 3")
	cell("var y")
	cell("exit 4")
	if got, want := cell("past"), "1: var x\n2: exit 3\n3: var y\n4: exit 4\nlost: [x y]\n"; got != want {
		t.Errorf("after deaths: %q, want %q", got, want)
	}
	cell("restart")
	if got, want := cell("past"), "1: var x\n2: exit 3\n3: var y\n4: exit 4\n5: past\n6: restart\nlost: []\n"; got != want {
		t.Errorf("after a restart: %q, want %q", got, want)
	}
}

func TestALateReaderLearnsWhatADeadProcessHasSaid(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	defer w.Close() // somebody else has inherited it
	raw, err := encodeFrame(frame{Op: opStarted, ID: 7})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(append(raw, raw...)); err != nil {
		t.Fatal(err)
	}
	if err := r.SetReadDeadline(time.Unix(1, 0)); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if f, err := readFrame(tail{r}); err != nil || f.ID != 7 {
			t.Fatalf("got %+v, %v", f, err)
		}
	}
	if _, err := readFrame(tail{r}); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("at the end: %v", err)
	}
}

func TestTenDeathsInARow(t *testing.T) {
	s := start(t)
	for range 10 {
		if r, _ := run(t, s, "exit 3"); r.Err == nil || r.Err.Name != session.ExitError {
			t.Fatalf("%+v", r.Err)
		}
	}
	if r, _ := run(t, s, "print fine"); r.Err != nil {
		t.Error(r.Err)
	}
}

func TestAProcessThatCannotStart(t *testing.T) {
	for mode, message := range map[string]string{
		"dies":    "exit status 9",
		"fails":   "open the session: no interpreter",
		"deaf":    "exit status 5",
		"version": "speaks version 99 of the protocol, the kernel 3",
	} {
		t.Run(mode, func(t *testing.T) {
			s, err := Start(t.Context(), testOptions(t, mode))
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			for round := range 2 {
				_, err := s.Execute(t.Context(), session.Cell{Code: "print"}, newRecorder())
				var d *session.Diagnostic
				if !errors.As(err, &d) || d.Name != session.SessionError || !strings.Contains(d.Message, message) {
					t.Errorf("Execute: %v", err)
				}
				if mode == "dies" && d.Report != strings.Repeat("no good start\n", 2)+"no good start" {
					t.Errorf("round %d report: %q", round, d.Report)
				}
				if _, err := s.Complete(t.Context(), "", 0); !errors.As(err, &d) {
					t.Errorf("Complete: %v", err)
				}
			}
		})
	}
	o := testOptions(t, "scripted")
	o.Command = []string{"/nonexistent/program"}
	if _, err := Start(t.Context(), o); err == nil || !strings.Contains(err.Error(), "/nonexistent/program") {
		t.Errorf("Start: %v", err)
	}
	t.Setenv(MemoryVariable, "many")
	if _, err := Start(t.Context(), testOptions(t, "scripted")); err == nil || !strings.Contains(err.Error(), `FANOUT_MEMORY_LIMIT: "many" is not a size`) {
		t.Errorf("Start: %v", err)
	}
}
