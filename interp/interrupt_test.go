package interp

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/adabc437/fanout/interp/session"
	"github.com/adabc437/fanout/parallel"
	"github.com/adabc437/fanout/plots"
)

// signal is an output that says when the cell shows something.
type signal struct {
	recorder
	once  sync.Once
	shown chan struct{}
}

func (s *signal) Emit(e session.Event) {
	if e.Kind == session.Commit {
		return
	}
	s.recorder.Emit(e)
	s.once.Do(func() { close(s.shown) })
}

// interrupted runs a cell that calls display, interrupts it then, and returns how
// it ended and how long that took.
func (nb *notebook) interrupted(code string) (*session.Diagnostic, time.Duration) {
	nb.t.Helper()
	return nb.interruptedInto(&signal{shown: make(chan struct{})}, code)
}

func (nb *notebook) interruptedInto(out *signal, code string) (*session.Diagnostic, time.Duration) {
	nb.t.Helper()
	nb.n++
	done := make(chan session.Reply, 1)
	go func() {
		reply, err := nb.i.Execute(context.Background(), session.Cell{ID: "i", Code: code, Number: nb.n, StoreHistory: true}, out)
		if err != nil {
			nb.t.Error(err)
		}
		done <- reply
	}()
	select {
	case <-out.shown:
	case reply := <-done:
		nb.t.Fatalf("%s ended by itself: %v", code, reply.Err)
	}
	start := time.Now()
	nb.i.Interrupt()
	select {
	case reply := <-done:
		return reply.Err, time.Since(start)
	case <-time.After(time.Minute):
		nb.t.Fatalf("%s does not end", code)
	}
	return nil, 0
}

func TestInterruptEndsWhatever(t *testing.T) {
	nb := newNotebook(t)
	nb.value("n := 0\nch := make(chan int)\nvar mu sync.Mutex\nvar wg sync.WaitGroup\n" +
		"func innermost() { for { n++ } }\nfunc inner() { innermost() }\nfunc outer() int { inner(); return 1 }\n" +
		"func slow(i int) int { if i == 0 { display(i) }; time.Sleep(time.Hour); return i }\n" +
		"func spin(i int) int { if i == 0 { display(i) }; for {}; return i }")
	for _, code := range []string{
		"for {}", "for { n++; fmt.Sprint(n) }", "time.Sleep(time.Hour)", "<-ch", "ch <- 1", "for range ch {}", "select {}",
		"select { case <-ch: case ch <- 1: }", "wg.Add(1)\nwg.Wait()", "mu.Lock()\nmu.Lock()", "outer()", "!sleep 100",
		"%time for {}", "%timeit -n 1 for {}", "exec.Command(\"sleep\", \"100\").Run()",
		"slices.SortFunc([]int{2, 1}, func(a, b int) int { for {} })",
	} {
		err, took := nb.interrupted("display(1)\n" + code)
		if err == nil || err.Name != session.Interrupted || took > 2*time.Second {
			t.Errorf("%s: %v after %v", code, err, took)
		}
		if got := nb.value("func() int { return 2 }() + 3"); got != "5" {
			t.Errorf("after %s: %s", code, got)
		}
	}
	for _, code := range []string{"%pmap -q slow 100", "%pmap -q spin 4", "%papply -q slow 0", "ys := %pmap -q slow 3"} {
		if err, took := nb.interrupted(code); err == nil || err.Name != session.Interrupted || took > 2*time.Second {
			t.Errorf("%s: %v after %v", code, err, took)
		}
	}
}

// What an interrupted cell leaves behind stops, and no later cell wakes it up.
func TestInterruptedCellsStayDead(t *testing.T) {
	nb := newNotebook(t)
	nb.value("n := 0\nbeat := make(chan int)")
	for _, code := range []string{
		"display(0)\nfor { n++; time.Sleep(time.Millisecond) }",
		"display(0)\ngo func() { for { n++; time.Sleep(time.Millisecond) } }()\nselect {}",
		"display(0)\nfunc() { for { n++ } }()",
	} {
		if err, _ := nb.interrupted(code); err == nil || err.Name != session.Interrupted {
			t.Fatalf("%s: %v", code, err)
		}
		// Other interpreted code runs for many times the millisecond.
		first := nb.value("for range 20 { time.Sleep(time.Millisecond) }\nn")
		for range 5 {
			if again := nb.value("for range 20 { time.Sleep(time.Millisecond) }\nn"); again != first {
				t.Fatalf("%s goes on: n was %s and is %s", code, first, again)
			}
		}
	}
}

func TestInterruptKeepsVariables(t *testing.T) {
	nb := newNotebook(t)
	if err, _ := nb.interrupted("a := []int{1, 2}\nm := map[string]int{\"k\": 1}\ndisplay(0)\nfor { m[\"k\"] = 2 }"); err == nil {
		t.Fatal("not interrupted")
	}
	if got := nb.value("fmt.Sprint(a, m)"); got != `"[1 2] map[k:2]"` && got != `"[1 2] map[k:1]"` {
		t.Error(got)
	}
}

func TestCancelledBeforeItRan(t *testing.T) {
	nb := newNotebook(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	reply, err := nb.i.Execute(ctx, session.Cell{Code: "1", Number: 1}, &recorder{})
	if err != nil || reply.Err == nil || reply.Err.Name != session.Interrupted {
		t.Errorf("%v, %v", reply.Err, err)
	}
}

func TestTasksThatAnInterruptEndedAreCancelled(t *testing.T) {
	start := time.Now()
	record := &parallel.Run{
		Workers: 2, Tasks: 2, Start: start, Wall: time.Second,
		Records: []parallel.Record{
			{Index: 0, Count: 1, Worker: 0, Finished: 200 * time.Millisecond},
			{Index: 1, Count: 1, Worker: 1, Finished: time.Second},
		},
	}
	cutOff(record, start.Add(900*time.Millisecond))
	if m := record.Measure(); m.Done != 1 || m.Cancelled != 1 || !errors.Is(record.Err, context.Canceled) {
		t.Errorf("%+v, %v", m, record.Err)
	}
	if text := plots.Timeline(record).Text(); !strings.Contains(text, "Cancelled after 1 of 2 tasks.") {
		t.Error(text)
	}
}

// Sleeping tasks that the interrupt woke are not taken for finished ones.
func TestInterruptedMapsAreDrawnAsCancelled(t *testing.T) {
	nb := newNotebook(t)
	nb.value("func wait(i int) int { if i == 0 { display(i) }; time.Sleep(time.Hour); return i }")
	for n := range 100 {
		out := &signal{shown: make(chan struct{})}
		if err, _ := nb.interruptedInto(out, "%pmap wait 2"); err == nil || err.Name != session.Interrupted {
			t.Fatal(err)
		}
		out.mu.Lock()
		last := ""
		for _, e := range out.events {
			if text, ok := e.Data["text/plain"].(string); ok {
				last = text
			}
		}
		out.mu.Unlock()
		if !strings.Contains(last, "Cancelled after 0 of 2 tasks") {
			t.Fatalf("interrupt %d: %s", n, last)
		}
	}
}

// An interrupt ends kernels, and the session goes on with the device.
func TestInterruptEndsKernels(t *testing.T) { interruptEndsKernels(t, TierInterpreted) }

func interruptEndsKernels(t *testing.T, tier string) {
	nb := newNotebookOn(t, tier)
	for _, code := range []string{
		"%gpumap -q -d cpu func(n int) int { for n >= 0 { }; return n } 2",
		"func endless(a, b int) int { for a >= 0 { }; return b }\n%gpureduce -q -d cpu endless 5",
		"%gpustencil -q -n 1000000000 -d cpu func(g [][]float64, y, x int) float64 { return g[y][x] } [][]float64{{1, 2}, {3, 4}}",
	} {
		err, _ := nb.interrupted("display(1)\n" + code)
		if err == nil || err.Name != session.Interrupted {
			t.Errorf("%s: %+v", code, err)
		}
		if got := nb.value("%gpumap -q -d cpu func(n int) int { return n + 1 } 2"); got != "[]int{1, 2}" {
			t.Errorf("after %s: %s", code, got)
		}
	}
}
