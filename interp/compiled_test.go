//go:build !race && cgo

package interp

import (
	"testing"

	"github.com/adabc437/fanout/interp/session"
)

// TestCompiledSessions holds the compiled tier to the sessions of the interpreted one.
// It is left out under the race detector, with which cells would have to be
// compiled as well.
func TestCompiledSessions(t *testing.T) { sessions(t, TierCompiled) }

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
