package main

import (
	"log/slog"
	"os"
	"testing"

	"github.com/adabc437/fanout/interp/session"
	"github.com/adabc437/fanout/interp/session/sessiontest"
	"github.com/adabc437/fanout/kernel/supervisor"
)

// TestSupervisedSession holds the session that kernels use, in a process of its
// own, to the contract that the session inside that process keeps as well.
func TestSupervisedSession(t *testing.T) {
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	sessiontest.Run(t, func(t *testing.T) session.Session {
		s, err := supervisor.Start(t.Context(), supervisor.Options{
			Command: []string{exe, "session"}, Env: append(os.Environ(), asFanout+"=1"), Logger: slog.New(slog.DiscardHandler),
		})
		if err != nil {
			t.Fatal(err)
		}
		return s
	})
}
