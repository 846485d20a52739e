package screen

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/adabc437/fanout/frontend/term"
	"github.com/adabc437/fanout/interp/session"
)

// Run under -race: everything at once, from cells and from the front end.
func TestHammer(t *testing.T) {
	var b strings.Builder
	lines := NewLines(strings.NewReader(strings.Repeat("x\n", 50)))
	s := New(term.Console{Out: &b, Err: &b, Terminal: true, Interactive: true}, lines, Options{Labels: true})
	var wg sync.WaitGroup
	for n := range 4 {
		wg.Go(func() {
			for i := range 200 {
				id := fmt.Sprint(i % 3)
				s.Emit(stdout("a"))
				s.Emit(shown(id, "b"))
				s.Emit(update(id, fmt.Sprint(n, i)))
				s.Emit(result("4"))
				s.Emit(cleared(i%2 == 0))
			}
		})
	}
	wg.Go(func() {
		for n := range 50 {
			s.Begin(n)
			if _, err := s.Input(t.Context(), "?", false); err != nil {
				t.Error(err)
			}
			s.Error(&session.Diagnostic{Name: session.Panic, Message: "boom"})
			s.End()
			s.Prompt("In")
			s.Echoed()
			s.EndLine()
		}
	})
	wg.Wait()
	if err := s.Err(); err != nil {
		t.Error(err)
	}
}
