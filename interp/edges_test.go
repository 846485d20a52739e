package interp

import (
	"context"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/adabc437/fanout/interp/session"
)

func TestMagicsInFunctionsOfEarlierCells(t *testing.T) {
	nb := newNotebook(t)
	nb.value("func sq(i int) int { return i * i }\nfunc squares(n int) []int { return %pmap -q sq n }")
	nb.value("again := func() []int { return %pmap -q sq 2 }")
	for code, want := range map[string]string{
		"squares(3)":             "[]int{0, 1, 4}",
		"!true\nlen(squares(4))": "4", // not the magic of this cell
		"again()":                "[]int{0, 1}",
	} {
		if got := nb.value(code); got != want {
			t.Errorf("%s: %s", code, got)
		}
	}
}

// stderrSignal says when a cell writes to stderr.
type stderrSignal struct {
	recorder
	once sync.Once
	said chan struct{}
}

func (s *stderrSignal) Emit(e session.Event) {
	s.recorder.Emit(e)
	if e.Name == "stderr" {
		s.once.Do(func() { close(s.said) })
	}
}

func TestLateGoroutinePanicLeavesOtherCellsAlone(t *testing.T) {
	nb := newNotebook(t)
	nb.value("gate := make(chan int)\ngo func() { <-gate; panic(\"late\") }()")
	out := &stderrSignal{said: make(chan struct{})}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	done := make(chan session.Reply, 1)
	go func() {
		reply, _ := nb.i.Execute(ctx, session.Cell{Code: "close(gate)\nselect {}", Number: 2}, out)
		done <- reply
	}()
	select {
	case <-out.said:
		cancel()
		if reply := <-done; reply.Err == nil || reply.Err.Name != session.Interrupted {
			t.Errorf("%v", reply.Err)
		}
	case reply := <-done:
		t.Errorf("the cell ended: %v", reply.Err)
	}
}

func TestGoexitEndsTheCell(t *testing.T) {
	nb := newNotebook(t)
	reply, _ := nb.run("runtime.Goexit()")
	if reply.Err == nil || !strings.Contains(reply.Err.Message, "Goexit") {
		t.Errorf("%v", reply.Err)
	}
	if got := nb.value("1 + 1"); got != "2" {
		t.Error(got)
	}
}

// The methods that show a result belong to the run.
func TestInterruptWhileTheResultIsShown(t *testing.T) {
	nb := newNotebook(t)
	nb.value("type L int\nfunc (l L) String() string { for { time.Sleep(time.Millisecond) }; return \"\" }")
	if err, took := nb.interrupted("display(1)\nL(3)"); err == nil || err.Name != session.Interrupted || took > 2*time.Second {
		t.Errorf("%v after %v", err, took)
	}
}

func TestInterruptedTimingLeavesNothingBehind(t *testing.T) {
	nb := newNotebook(t)
	nb.value("n := 0")
	err, _ := nb.interrupted("display(1)\n%timeit -n 1000000000 n++")
	if err == nil || err.Name != session.Interrupted || len(err.Notes) > 0 {
		t.Errorf("%+v", err)
	}
}

func TestCellMagicsThatFail(t *testing.T) {
	nb := newNotebook(t)
	for code, want := range map[string]string{
		"%%time\n%%bash\nexit 3":                       "exit status 3",
		"%%time\npanic(1)":                             "1",
		"%%timeit\ngo panic(3)\nselect {}":             "3 (in a goroutine)",
		"%papply f" + strings.Repeat(" -1", 60) + " +": "cannot read",
	} {
		reply, out := nb.run(code)
		if reply.Err == nil || !strings.Contains(reply.Err.Message, want) {
			t.Errorf("%s: %v, want %s", code, reply.Err, want)
		}
		if text := out.text(session.Stream); text != "" {
			t.Errorf("%s: %s", code, text)
		}
	}
}

func TestApplyWithAContext(t *testing.T) {
	nb := newNotebook(t)
	nb.value("func f(ctx context.Context, n int, p *int) string { return fmt.Sprint(ctx != nil, n, p == nil) }\n" +
		"func g(ctx context.Context, more ...int) int { return len(more) }")
	for code, want := range map[string]string{"%papply -q f 3 nil": `"true 3 true"`, "%papply -q g 1 2": "2", "%papply -q g": "0"} {
		if got := nb.value(code); got != want {
			t.Errorf("%s: %s", code, got)
		}
	}
}

func TestMapOfAbsurdlyManyTasks(t *testing.T) {
	nb := newNotebook(t)
	for _, n := range []string{"1<<40", "uint64(1)<<63", "1<<62"} {
		reply, _ := nb.run("%pmap -q func(i int) int { return i } " + n)
		if reply.Err == nil || !strings.Contains(reply.Err.Message, "at most") {
			t.Errorf("%s: %v", n, reply.Err)
		}
	}
}

func TestSliceFunctionsAsInGo(t *testing.T) {
	nb := newNotebook(t)
	for code, want := range map[string]string{
		"math.IsNaN(slices.Max([]float64{math.NaN(), 1}))":                      "true",
		"a := []int{1, 1, 2, 2}\nb := slices.Compact(a)\nfmt.Sprint(a, b)":      `"[1 2 0 0] [1 2]"`,
		"a := []int{1, 2, 3, 4}\nb := slices.Delete(a, 1, 2)\nfmt.Sprint(a, b)": `"[1 3 4 0] [1 3 4]"`,
		"a := []int{1, 2, 3, 4}\nb := slices.Delete(a, 4, 4)\nfmt.Sprint(a, b)": `"[1 2 3 4] [1 2 3 4]"`,
	} {
		if got := nb.value(code); got != want {
			t.Errorf("%s: %s", code, got)
		}
	}
	for _, code := range []string{"slices.Delete([]int{1, 2, 3}, 2, 1)", "slices.Delete([]int{1, 2, 3}[:1], 0, 2)", "slices.Delete([]int{1}, 0, 2)"} {
		if reply, _ := nb.run(code); reply.Err == nil || reply.Err.Name != session.Panic {
			t.Errorf("%s: %v", code, reply.Err)
		}
	}
}

// A stop stops also what began while the run that an earlier stop ended was stuck.
func TestSecondStop(t *testing.T) {
	nb := newNotebook(t)
	s := nb.i.tier
	s.begin(-1)
	s.stopAll()
	s.begin(-2)
	before := atomic.LoadUint64(s.number)
	s.stopAll()
	if atomic.LoadUint64(s.number) == before {
		t.Error("the second stop raised nothing")
	}
}

// A %reset leaves a cell of another shell to the interpreter that it runs in.
func TestResetWhileAnotherCellRuns(t *testing.T) {
	nb := newNotebook(t)
	out := &signal{shown: make(chan struct{})}
	done := make(chan session.Reply, 1)
	go func() {
		code := "go func() { time.Sleep(time.Hour) }()\ndisplay(1)\nfor { time.Sleep(time.Millisecond) }"
		reply, _ := nb.i.Execute(context.Background(), session.Cell{Shell: "other", Number: 9, Code: code}, out)
		done <- reply
	}()
	<-out.shown
	nb.value("%reset -f")
	nb.value("x := 1")
	nb.i.Interrupt()
	if reply := <-done; reply.Err == nil || reply.Err.Name != session.Interrupted || len(reply.Err.Notes) > 0 {
		t.Errorf("%+v", reply.Err)
	}
	if got := nb.value("x"); got != "1" {
		t.Error(got)
	}
}
