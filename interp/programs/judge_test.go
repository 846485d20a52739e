package programs

import (
	"errors"
	"strings"
	"testing"

	"github.com/adabc437/fanout/interp/session"
)

func TestOutcomesAreKeptWhole(t *testing.T) {
	for _, o := range []Outcome{
		{},
		{Stdout: "a\n-- exit 3 --\nb\n", Exit: 1},
		{Stdout: "x\n", Exit: 2, Panic: "panic: a\n\tb [recovered]\n\tpanic: c", Line: 12},
	} {
		got, err := ParseOutcome(o.String())
		if err != nil || got != o {
			t.Errorf("%q becomes %q (%v)", o, got, err)
		}
	}
	if _, err := ParseOutcome("text\n"); err == nil {
		t.Error("an outcome without an end")
	}
}

func TestReports(t *testing.T) {
	const trace = "\n\ngoroutine 1 [running]:\nmain.f(...)\n\t/tmp/other.go:3\nmain.main()\n\t/tmp/p.go:9 +0x1\n"
	for stderr, want := range map[string]Outcome{
		"log\npanic: boom" + trace:                                {Panic: "panic: boom", Line: 9},
		"panic: nil\n[signal SIGSEGV: x addr=0x0 pc=0x1]" + trace: {Panic: "panic: nil", Line: 9},
		"panic: a [recovered]\n\tpanic: b\n\tc" + trace:           {Panic: "panic: a [recovered]\n\tpanic: b\n\tc", Line: 9},
		"nothing": {},
	} {
		text, line := report(stderr, "p.go")
		if text != want.Panic || line != want.Line {
			t.Errorf("%q: %q in line %d", stderr, text, line)
		}
	}
}

func TestMessages(t *testing.T) {
	for text, want := range map[string]string{
		"panic: boom":                                  "boom",
		"panic: a\n\tb":                                "a\nb",
		"panic: a [recovered]\n\tpanic: b\n\tc":        "b\nc",
		"panic: a [recovered, repanicked]":             "a",
		"panic: a\n\tpanic: b [recovered]\n\tpanic: c": "c",
	} {
		if got := (Outcome{Panic: text}).Message(); got != want {
			t.Errorf("%q says %q, want %q", text, got, want)
		}
	}
}

func TestVerdicts(t *testing.T) {
	at := &session.Position{Cell: 1, Line: 2}
	diagnostic := func(name, text string) *session.Diagnostic {
		return &session.Diagnostic{Name: name, Message: text, Pos: at}
	}
	well := Outcome{Stdout: "a\nb\n"}
	bad := Outcome{Stdout: "a\n", Exit: 2, Panic: "panic: x [recovered]\n\tpanic: boom", Line: 7}
	for _, test := range []struct {
		name    string
		want    Outcome
		got     Run
		verdict Verdict
		why     string
	}{
		{"same", well, Run{Stdout: "a\nb\n"}, Right, ""},
		{"other output", well, Run{Stdout: "a\nc\n"}, Wrong, `line 2 of the output is "c", not "b"`},
		{"less output", well, Run{Stdout: "a\n"}, Wrong, `ends before line 2, "b"`},
		{"more output", well, Run{Stdout: "a\nb\nc\n"}, Wrong, `line 3 of the output is "c"`},
		{"refused at once", well, Run{Err: diagnostic(session.TypeError, "no")}, Refused, "no"},
		{"refused halfway", well, Run{Stdout: "a\n", Err: diagnostic(session.TypeError, "no")}, Refused, "no"},
		{"refused too late", well, Run{Stdout: "x\n", Err: diagnostic(session.TypeError, "no")}, Wrong, "before it is refused"},
		{"refused unclearly", well, Run{Err: diagnostic(session.TypeError, "the interpreter failed: x")}, Wrong, "without a place or a reason"},
		{"refused nowhere", well, Run{Err: &session.Diagnostic{Name: session.TypeError, Message: "no"}}, Wrong, "without a place"},
		{"a panic too many", well, Run{Stdout: "a\nb\n", Err: diagnostic(session.Panic, "p")}, Wrong, "ends with"},
		{"a crash", well, Run{Stdout: "a\nb\n", Err: diagnostic(session.FatalError, "p")}, Wrong, "ends with"},
		{"a hang", well, Run{Failure: errors.New("does not end")}, Wrong, "does not end"},
		{"the panic", bad, Run{Stdout: "a\n", Err: diagnostic(session.Panic, "boom"), Line: 7}, Right, ""},
		{"the panic of a goroutine", bad, Run{Stdout: "a\n", Err: diagnostic(session.Panic, "boom (in a goroutine)"), Line: 7}, Right, ""},
		{"another panic", bad, Run{Stdout: "a\n", Err: diagnostic(session.Panic, "x"), Line: 7}, Wrong, `panics with "x"`},
		{"another line", bad, Run{Stdout: "a\n", Err: diagnostic(session.Panic, "boom"), Line: 8}, Wrong, "in line 8"},
		{"no panic", bad, Run{Stdout: "a\n"}, Wrong, "ends well"},
		{"the status", Outcome{Exit: 3}, Run{Err: diagnostic(session.ExitError, "the cell ended the session process (status 3)")}, Right, ""},
		{"status 0", Outcome{}, Run{Err: diagnostic(session.ExitError, "os.Exit(0)")}, Right, ""},
		{"another status", Outcome{Exit: 3}, Run{Err: diagnostic(session.ExitError, "os.Exit(4)")}, Wrong, "not with exit status 3"},
		{"no status", Outcome{Exit: 3}, Run{}, Wrong, "not with exit status 3"},
	} {
		verdict, why := Judge(test.want, test.got)
		if verdict != test.verdict || !strings.Contains(why, test.why) {
			t.Errorf("%s: %v: %s", test.name, verdict, why)
		}
	}
}
