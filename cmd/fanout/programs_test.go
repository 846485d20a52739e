//go:build !race

package main

import (
	"log/slog"
	"os"
	"testing"
	"time"

	"github.com/adabc437/fanout/interp/programs"
	"github.com/adabc437/fanout/interp/session"
	"github.com/adabc437/fanout/kernel/supervisor"
)

// TestCompiledPrograms holds the compiled tier to what go run makes of the corpus:
// every program, whole and in cells.
func TestCompiledPrograms(t *testing.T) {
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	all, err := programs.Read("../../interp/testdata/programs")
	if err != nil {
		t.Fatal(err)
	}
	known, err := programs.ReadKnown("../../interp/testdata/programs/KNOWN_COMPILED.txt")
	if err != nil {
		t.Fatal(err)
	}
	if testing.Short() {
		all = all[:20]
	}
	programs.Suite(t, programs.Options{
		Programs: all, Known: known, Limit: 2 * time.Minute,
		Floor: map[programs.Way]float64{programs.Whole: 1, programs.Two: 1, programs.Many: 0.99},
		Open: func(t *testing.T) session.Session {
			s, err := supervisor.Start(t.Context(), supervisor.Options{
				Command: []string{exe, "session"}, Env: append(os.Environ(), asFanout+"=1", "FANOUT_TIER=compiled"),
				Logger: slog.New(slog.DiscardHandler), StreamLimit: 1 << 40,
			})
			if err != nil {
				t.Fatal(err)
			}
			return s
		},
	})
}
