//go:build unix

package supervisor

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/adabc437/fanout/interp/session"
)

// TestHammer has shells, questions, interrupts and deaths at once, and wants
// every cell to end with its own output, whole, or with a reason.
func TestHammer(t *testing.T) {
	s := start(t, func(o *Options) { o.InterruptGrace = 20 * time.Millisecond })
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
	defer cancel()
	var users sync.WaitGroup
	for shell := range 3 {
		users.Go(func() { hammerShell(ctx, t, s, shell) })
	}
	users.Go(func() {
		for ctx.Err() == nil {
			_, err := s.Complete(ctx, "x", 1)
			var d *session.Diagnostic
			if err != nil && !errors.Is(err, errGone) && ctx.Err() == nil && !errors.As(err, &d) {
				t.Errorf("Complete: %v", err)
			}
			if err := s.Comm(ctx, session.CommMessage{Kind: session.CommMsg, ID: "x", Buffers: [][]byte{{1}}}, newRecorder()); err != nil && !errors.Is(err, errGone) && ctx.Err() == nil && !errors.As(err, &d) {
				t.Errorf("Comm: %v", err)
			}
		}
	})
	users.Go(func() {
		for ctx.Err() == nil {
			if err := sleep(ctx, 30*time.Millisecond); err == nil {
				s.Interrupt()
			}
		}
	})
	users.Wait()
	if _, out := run(t, s, "print fine"); out.text("stdout") != "fine\n" {
		t.Errorf("afterwards: %q", out.brief())
	}
}

// sleep spaces out what the hammer does; nothing depends on it.
func sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func hammerShell(ctx context.Context, t *testing.T, s *Supervisor, shell int) {
	name := ""
	if shell > 0 {
		name = fmt.Sprint("sub", shell)
	}
	for i := 0; ctx.Err() == nil; i++ {
		word := fmt.Sprintf("%d-%d", shell, i)
		last := []string{"display end", "display end", "display end", "exit 3", "gopanic x", "block", "spin", "kill"}[rand.N(8)]
		cellCtx, stop := ctx, context.CancelFunc(func() {})
		if last == "block" {
			cellCtx, stop = context.WithTimeout(ctx, 10*time.Millisecond)
		}
		out := newRecorder()
		r, err := s.Execute(cellCtx, session.Cell{Shell: name, Code: "display " + word + "\n" + last}, out)
		stop()
		if err != nil {
			t.Errorf("Execute: %v", err)
			return
		}
		brief := strings.Join(out.brief(), "|")
		if r.Err == nil && !strings.Contains(brief, "display: "+word+"|") {
			t.Errorf("%s %s: %q", word, last, brief)
		}
		if r.Err != nil && r.Err.Name == "" {
			t.Errorf("%s %s: no reason", word, last)
		}
	}
}
