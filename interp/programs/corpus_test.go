package programs_test

import (
	"context"
	"flag"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/adabc437/fanout/interp"
	"github.com/adabc437/fanout/interp/programs"
	"github.com/adabc437/fanout/interp/session"
	"github.com/adabc437/fanout/kernel/supervisor"
)

const corpus = "../testdata/programs"

var (
	update = flag.Bool("update", false, "write what the Go toolchain makes of the programs that have no outcome yet or were changed since")
	known  = flag.Bool("known", false, "write which programs the interpreted tier runs wrong")
	prove  = flag.Bool("prove", os.Getenv("FANOUT_PROVE_PROGRAMS") != "", "compare the outcomes of all programs, not of a few, with what the Go toolchain makes of them")
)

// asSession makes this test binary a session process.
const asSession = "FANOUT_TEST_AS_SESSION"

func TestMain(m *testing.M) {
	if os.Getenv(asSession) != "" {
		os.Exit(supervisor.Child(context.Background(), func(context.Context) (session.Session, error) {
			return interp.New(interp.Options{Workers: 2})
		}))
	}
	os.Exit(m.Run())
}

// open starts a session process of the interpreted tier.
func open(t *testing.T) session.Session {
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	s, err := supervisor.Start(t.Context(), supervisor.Options{
		Command: []string{exe}, Env: append(os.Environ(), asSession+"=1"), Logger: slog.New(slog.DiscardHandler), StreamLimit: 1 << 40,
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestInterpretedTier(t *testing.T) {
	all, err := programs.Read(corpus)
	if err != nil {
		t.Fatal(err)
	}
	list := filepath.Join(corpus, "KNOWN.txt")
	faults, err := programs.ReadKnown(list)
	if err != nil {
		t.Fatal(err)
	}
	if testing.Short() {
		all = sample(all, 10)
	}
	results := programs.Suite(t, programs.Options{
		Open: open, Programs: all, Known: faults, Limit: 15 * time.Second,
		Floor: map[programs.Way]float64{programs.Whole: 0.81, programs.Two: 0.80, programs.Many: 0.79},
	})
	if *known && len(results) == len(all)*len(programs.Ways) && !testing.Short() {
		if err := os.WriteFile(list, []byte(faults.Update(results).String()), 0o644); err != nil {
			t.Error(err)
		}
	}
}

// TestOutcomes holds the outcomes that the corpus keeps against the toolchain:
// with -prove all of them, a few otherwise. With -update it writes them.
func TestOutcomes(t *testing.T) {
	files, err := programs.Files(corpus)
	if err != nil {
		t.Fatal(err)
	}
	if !*prove && !*update {
		files = sample(files, 40)
	}
	for _, file := range files {
		kept := programs.OutcomeFile(file)
		if *update && !*prove && !newer(file, kept) {
			continue
		}
		t.Run(programs.Name(file), func(t *testing.T) {
			t.Parallel()
			got, err := programs.Toolchain(t.Context(), file)
			if err != nil {
				t.Fatal(err)
			}
			again, err := programs.Toolchain(t.Context(), file)
			if err != nil || again != got {
				t.Fatalf("another outcome the second time: %v\n%s\nnot\n%s", err, again, got)
			}
			if *update {
				if err := os.WriteFile(kept, []byte(got.String()), 0o644); err != nil {
					t.Error(err)
				}
				return
			}
			want, err := os.ReadFile(kept)
			if err != nil {
				t.Fatal(err)
			}
			if got.String() != string(want) {
				t.Errorf("%s: under %s it gives\n%swant\n%s", file, runtime.Version(), got, want)
			}
		})
	}
}

// TestCutsKeepTheMeaning builds the cells that programs are cut into as programs
// again: with -prove all of them, a few otherwise.
func TestCutsKeepTheMeaning(t *testing.T) {
	all, err := programs.Read(corpus)
	if err != nil {
		t.Fatal(err)
	}
	if !*prove {
		all = sample(all, 40)
	}
	for _, p := range all {
		t.Run(p.Name, func(t *testing.T) {
			t.Parallel()
			source, err := programs.Together(p.Source)
			if err != nil {
				t.Fatal(err)
			}
			file := filepath.Join(t.TempDir(), p.Name+".go")
			if err := os.WriteFile(file, []byte(source), 0o600); err != nil {
				t.Fatal(err)
			}
			got, err := programs.Toolchain(t.Context(), file)
			if err != nil {
				t.Fatal(err)
			}
			got.Line = p.Want.Line
			if got != p.Want {
				t.Errorf("its cells in a row give\n%swant\n%s\n%s", got, p.Want, source)
			}
		})
	}
}

// newer says that a file was written after another one, or that there is no
// other one.
func newer(file, other string) bool {
	a, err := os.Stat(file)
	b, otherErr := os.Stat(other)
	return err == nil && (otherErr != nil || a.ModTime().After(b.ModTime()))
}

// sample takes every nth.
func sample[T any](all []T, n int) []T {
	var some []T
	for i := 0; i < len(all); i += n {
		some = append(some, all[i])
	}
	return some
}
