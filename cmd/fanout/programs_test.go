//go:build !race

package main

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
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
		Programs: all, Known: known, Limit: 2 * time.Minute, Alternate: os.Getenv("FANOUT_ALL_WAYS") == "",
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

// TestASweptCacheCostsNothing has a session outlive the files of its cells.
func TestASweptCacheCostsNothing(t *testing.T) {
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for _, way := range []string{"", "plugin"} {
		cache := t.TempDir()
		s, err := supervisor.Start(t.Context(), supervisor.Options{
			Command: []string{exe, "session"}, Logger: slog.New(slog.DiscardHandler),
			Env: append(os.Environ(), asFanout+"=1", "FANOUT_TIER=compiled", "FANOUT_BUILD="+way, "XDG_CACHE_HOME="+cache),
		})
		if err != nil {
			t.Fatal(err)
		}
		run := func(code string) {
			reply, err := s.Execute(t.Context(), session.Cell{ID: "x", Code: code, Number: 1}, discardOutput{})
			if err != nil || reply.Err != nil {
				t.Errorf("%s: %v, %v", code, err, reply.Err)
			}
		}
		run("func f(n int) int { for range n { n++ }; return n }")
		files, err := filepath.Glob(filepath.Join(cache, "fanout", "build", "*", "*.a"))
		if err != nil || len(files) == 0 {
			t.Fatal("no archives", err)
		}
		for _, file := range files {
			if err := os.Remove(file); err != nil {
				t.Fatal(err)
			}
		}
		run("func g() int { return f(2) }\nif g() != 4 { panic(g()) }")
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
}

// discardOutput takes what a cell shows.
type discardOutput struct{}

func (discardOutput) Emit(session.Event) {}
func (discardOutput) Input(context.Context, string, bool) (string, error) {
	return "", session.ErrNoInput
}
