//go:build !race && cgo

package interp

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/adabc437/fanout/interp/session"
)

// TestCompiledSessions holds the compiled tier to the sessions of the interpreted one.
// It is left out under the race detector, with which cells would have to be
// compiled as well.
func TestCompiledSessions(t *testing.T) { sessions(t, TierCompiled) }

func TestInterruptEndsKernelsOfCompiledCells(t *testing.T) { interruptEndsKernels(t, TierCompiled) }

func TestInterruptOfADeviceThatDoesNotStopInACompiledCell(t *testing.T) {
	deviceDoesNotStop(t, everyCell)
}

func TestCompiledFunctionsForDevicesAreMadeAgain(t *testing.T) {
	functionsForDevicesAreMadeAgain(t, TierCompiled)
}

// TestSessionsWithAllCellsCompiled shows that the cells which the session evaluates
// itself would do the same as machine code.
func TestSessionsWithAllCellsCompiled(t *testing.T) {
	if *update {
		t.Skip("what is wanted comes from TestCompiledSessions")
	}
	sessions(t, everyCell)
}

// What has no loop statement may go on for ever too, and so may a loop that is busy
// in its head.
func TestInterruptEndsCompiledCode(t *testing.T) {
	nb := newNotebookOn(t, TierCompiled)
	nb.value("func wait() { <-time.NewTimer(time.Millisecond).C }\nfunc slow(int) bool { wait(); return true }\n" +
		"func keep(p *int) bool { *p = 1; return true }\n" +
		"type S int\nfunc (n S) String() string { if n < 2 { return \"\" }; var a, b fmt.Stringer = n - 1, n - 2; return a.String() + b.String() }\n" +
		"func call[F func(int) int](f F, n int) int { return f(n) }")
	for _, code := range []string{
		"n := 0\nL:\n\tn++\n\tgoto L",
		"n := 0\nL: switch { case n >= 0: n &= 7; goto L }",
		"for range time.Tick(time.Millisecond) {}",
		"for range func(yield func() bool) { for yield() { wait() } } {}",
		"for i := 0; slow(i); i++ {}",
		"for i := 0; keep(&i); i++ {}",
		"for i := 0; ; i, _ = i+1, slow(i) {}",
		"var f *func(int) int\ng := func(n int) int { if n < 2 { return n }; return (*f)(n-1) + (*f)(n-2) }\nf = &g\ng(60)",
		"var f any\ng := func(n int) int { if n < 2 { return n }; return f.(func(int) int)(n-1) + f.(func(int) int)(n-2) }\nf = g\ng(60)",
		"var f func(int) int\nf = func(n int) int { if n < 2 { return n }; return call(f, n-1) + call(f, n-2) }\nf(60)",
		"_ = S(60).String()",
	} {
		nb.value("ended := make(chan bool)")
		err, _ := nb.interrupted("func() {\ndefer close(ended)\ndisplay(1)\n" + code + "\n}()")
		if err == nil || err.Name != session.Interrupted {
			t.Errorf("%s: %v", code, err)
		}
		if got := nb.value("select { case <-ended: case <-time.After(5 * time.Second): panic(\"it goes on\") }\n1"); got != "1" {
			t.Errorf("%s goes on after an interrupt", code)
		}
	}
}

// What a go statement calls and gives is evaluated when it runs, and has the types
// that the function wants.
func TestGoStatementEvaluatesAtOnce(t *testing.T) {
	nb := newNotebookOn(t, TierCompiled)
	nb.value("type B bool\nfunc put[T any](c chan T, v T) { c <- v }\nfunc pair[A, B any](c chan string, a A, b B) { c <- fmt.Sprintf(\"%T %T\", a, b) }")
	for code, want := range map[string]string{
		"c, x := make(chan int), 1\ngo put(c, x)\nx = 2\n<-c":                                                            "1",
		"c, n := make(chan int64), 40\nf := func(v int64) { c <- v }\ngo f(1 << n)\n<-c":                                 "1099511627776",
		"c, n := make(chan B), 40\nf := func(v B) { c <- v }\ngo f(n == 40)\n<-c":                                        "true",
		"c := make(chan string)\ngo pair[float32](c, 1, 'a')\n<-c":                                                       `"float32 int32"`,
		"func() any { type K int; c := make(chan K); f := func(v K, p *K) { c <- v }; go f(1, nil); return int(<-c) }()": "1",
		"func() int { c := make(chan int); f := func(g func(int) int) { c <- g(3) }; go f(twice); return <-c }()":        "6",
		"c := make(chan int)\nd := c\ngo close(d)\nd = nil\n<-c":                                                         "0",
		"func() string {\n\tc := make(chan string)\n\tgo pair(c,\n\t\t1,\n\n\t\t\"\",\n\t)\n\treturn <-c\n}()":           `"int string"`,
	} {
		nb.value("func twice[T ~int](v T) T { return 2 * v }")
		if got := nb.value(code); got != want {
			t.Errorf("%s: %s, want %s", code, got, want)
		}
	}
	if got := nb.value("var ok B\nvar v, i any\nc := make(chan B, 3)\nc <- true\nc <- true\nc <- true\nv, ok = <-c\nvar x, y B = <-c\n_, i = <-c\nfmt.Sprint(v, ok, x, y, i)"); got != `"true true true true true"` {
		t.Error(got)
	}
	reply, _ := nb.run("func f(a, b int) {}\nfunc g() {\n\tgo f(\n\t\t1,\n\t\t2,\n\t)\n\tpanic(1)\n}\ng()")
	if reply.Err == nil || reply.Err.Pos == nil || reply.Err.Pos.Line != 7 {
		t.Errorf("%+v", reply.Err)
	}
}

// Programs that the compiled tier had a word against, though Go has none.
func TestProgramsOfRareForms(t *testing.T) {
	for name, c := range map[string]struct{ code, want string }{
		"embedded local types": {"type outer struct{ error }\nfunc main() {\n\ttype base struct{ x int }\n\ttype d struct{ base; n int }\n\ttype e struct{ *d }\n" +
			"\tv := d{base: base{1}}\n\tw := e{&v}\n\tw.base.x++\n\tw.d.n = 3\n\tout = fmt.Sprintf(\"%+v %v\", v, w.x)\n}", "{base:{x:2} n:3} 2"},
		"variables of dot imports": {"import . \"os\"\nfunc main() { out = fmt.Sprint(len(Args) > 0, Stdout == os.Stdout) }", "true true"},
		"typed blank variables": {"func id[T any](v T) T { return v }\nvar _ uint64 = 1 << 63\nvar _ func(int) int = id\nvar n = 40\nvar _ uint8 = 1 << n\n" +
			"func main() { out = fmt.Sprint(1) }", "1"},
		"names of the language": {"type any = int\nfunc main() {\n\tvar x any = 3\n\tuint16 := 2\n\tfor uint16 > 0 { uint16-- }\n\tout = fmt.Sprint(x, uint16)\n}", "3 0"},
		"text like a directive": {"func main() { out = fmt.Sprint(\"/*line x.go:10:3*/\") }", "/*line x.go:10:3*/"},
	} {
		nb := newNotebookOn(t, TierCompiled)
		code := strings.Replace("package main\n"+c.code, "func main", "var out string\nfunc main", 1)
		nb.value(code)
		if got := nb.value("out"); got != strconv.Quote(c.want) {
			t.Errorf("%s: %s, want %q", name, got, c.want)
		}
	}
}

func TestEmbeddedFilesAreRefused(t *testing.T) {
	nb := newNotebookOn(t, TierCompiled)
	reply, _ := nb.run("import _ \"embed\"\n\n//go:embed a.txt\nvar text string")
	if reply.Err == nil || !strings.Contains(reply.Err.Message, "go:embed") || reply.Err.Pos.Line != 3 {
		t.Errorf("%+v", reply.Err)
	}
	if got := nb.value("len(`\n//go:embed a.txt\n`)"); got != "18" {
		t.Error(got)
	}
}

// Two shells may run a cell of the same text at once, which is one package: each has
// its own result.
func TestOneTextInTwoShells(t *testing.T) {
	nb := newNotebookOn(t, TierCompiled)
	nb.value("gate, n := make(chan int), 0")
	var outs []*signal
	var replies []chan session.Reply
	for k, shell := range []string{"a", "b"} {
		out, done := &signal{shown: make(chan struct{})}, make(chan session.Reply, 1)
		go func() {
			cell := session.Cell{Shell: shell, Number: 10 + k, Code: "display(1)\nfor range gate { n++ }\n%who gate\n2 + 2"}
			reply, _ := nb.i.Execute(t.Context(), cell, out)
			done <- reply
		}()
		<-out.shown
		outs, replies = append(outs, out), append(replies, done)
	}
	nb.value("close(gate)")
	for k, out := range outs {
		if reply := <-replies[k]; reply.Err != nil || out.text(session.Result) != "4" || strings.Count(out.text(session.Stream), "gate") != 1 {
			t.Errorf("shell %d: %q, %q, %v", k, out.text(session.Result), out.text(session.Stream), reply.Err)
		}
	}
}

func TestResultThatIsNil(t *testing.T) {
	nb := newNotebookOn(t, TierCompiled)
	nb.value("nil")
	if got := nb.value("_ == nil"); got != "true" {
		t.Error(got)
	}
}

// A cell may set the environment; what compiles cells keeps to its own.
func TestEnvironmentOfCells(t *testing.T) {
	nb := newNotebookOn(t, TierCompiled)
	nb.value("for range 1 {}")
	for _, name := range []string{"PATH", "HOME", "GOROOT", "GOCACHE", "GOWORK", "XDG_CACHE_HOME"} {
		t.Setenv(name, "/nowhere")
	}
	want := strconv.FormatInt(time.Now().UnixNano(), 10) // a text that no cache has
	if got := nb.value("func() (n int) { for n < 1 { n++ }; return n * " + want + " }()"); got != want {
		t.Error(got)
	}
}

// A loop that comes by its check a while after the interrupt ends there.
func TestInterruptOfSlowTurns(t *testing.T) {
	nb := newNotebookOn(t, TierCompiled)
	nb.value("turn, turns, ended := make(chan bool), 0, make(chan bool)\nfunc await() { <-turn }")
	err, _ := nb.interrupted("func() {\ndefer close(ended)\ndisplay(1)\nfor { await(); turns++ }\n}()")
	if err == nil || err.Name != session.Interrupted || len(err.Notes) == 0 {
		t.Errorf("%+v", err)
	}
	if got := nb.value("turn <- true\nselect { case <-ended: case turn <- true: }\nturns"); got != "1" {
		t.Errorf("it ran for %s turns", got)
	}
}
