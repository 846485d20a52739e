package programs

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/adabc437/fanout/interp/session"
)

// Options say what a [Suite] runs and what it demands.
type Options struct {
	// Open starts a session, in a process of its own: programs end their process.
	// The suite closes it.
	Open func(t *testing.T) session.Session
	// Programs are what is run. Ways are how; nil is all ways.
	Programs []Program
	Ways     []Way
	// Alternate runs each program whole and in one of the other ways, which take turns.
	Alternate bool
	// Floor is the share of programs, of 1, that must be right, for each way.
	Floor map[Way]float64
	// Known names the runs that are known to be wrong. One of them that is right
	// is a failure, as is another one that is wrong.
	Known Known
	// Limit bounds the time of a program; 0 is 30 s.
	Limit time.Duration
}

// knownLimit bounds the time of a program that is known to be wrong: it may not
// end at all.
const knownLimit = 2 * time.Second

// Suite runs programs in sessions and compares what they do with what they do
// under go run. Each program is a subtest. What came of each run is returned, by
// name and way.
func Suite(t *testing.T, o Options) []Result {
	if o.Ways == nil {
		o.Ways = Ways
	}
	if o.Limit == 0 {
		o.Limit = 30 * time.Second
	}
	s := &suite{Options: o}
	t.Run("programs", func(t *testing.T) {
		for n, p := range o.Programs {
			ways := s.ways(n)
			t.Run(p.Name, func(t *testing.T) {
				t.Parallel()
				for _, way := range ways {
					s.program(t, p, way)
				}
			})
		}
	})
	s.summary(t)
	return s.results
}

type suite struct {
	Options
	mu      sync.Mutex
	results []Result
}

// ways are those in which the program of a number is run.
func (s *suite) ways(n int) []Way {
	if !s.Alternate {
		return s.Ways
	}
	others := slices.DeleteFunc(slices.Clone(s.Ways), func(w Way) bool { return w == Whole })
	return []Way{Whole, others[n%len(others)]}
}

// runs counts the programs that are to run in a way.
func (s *suite) runs(w Way) (n int) {
	for i := range s.Programs {
		if slices.Contains(s.ways(i), w) {
			n++
		}
	}
	return n
}

// A Result is what came of a program in one of the ways.
type Result struct {
	Name    string
	Way     Way
	Verdict Verdict
	Why     string // it is not right
}

func (s *suite) program(t *testing.T, p Program, way Way) {
	cells, err := Split(p.Source, way)
	if err != nil {
		t.Fatal(err)
	}
	limit := s.Limit
	if s.Known.Has(p.Name, way) {
		limit = min(limit, knownLimit)
	}
	verdict, why := Judge(p.Want, s.run(t, cells, limit))
	s.mu.Lock()
	s.results = append(s.results, Result{p.Name, way, verdict, why})
	s.mu.Unlock()
	switch known := s.Known.Has(p.Name, way); {
	case verdict == Wrong && !known:
		t.Errorf("%s: wrong: %s", way, why)
	case verdict == Refused:
		t.Logf("%s: refused: %s", way, why)
	case verdict == Right && known && !s.Known.Sometimes(p.Name):
		t.Errorf("%s: listed as wrong, and right", way)
	}
}

// run runs cells one after the other, up to the first that fails.
func (s *suite) run(t *testing.T, cells []Cell, limit time.Duration) Run {
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	sess := s.Open(t)
	defer sess.Close()
	out := &output{}
	for n, c := range cells {
		reply, err := sess.Execute(ctx, session.Cell{ID: fmt.Sprint(n + 1), Code: c.Code, Number: n + 1, StoreHistory: true}, out)
		if ctx.Err() != nil {
			err = fmt.Errorf("does not end in %v", limit)
		}
		if err != nil {
			return Run{Stdout: out.text(), Failure: err}
		}
		if reply.Err != nil {
			r := Run{Stdout: out.text(), Err: reply.Err}
			if at := reply.Err.Pos; at != nil && at.Cell >= 1 && at.Cell <= len(cells) {
				r.Line = cells[at.Cell-1].Line(at.Line)
			}
			return r
		}
	}
	return Run{Stdout: out.text()}
}

// An output keeps what a program prints to stdout.
type output struct {
	mu sync.Mutex
	b  strings.Builder
}

// Emit keeps what is printed.
func (o *output) Emit(e session.Event) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if e.Kind == session.Stream && e.Name == "stdout" {
		o.b.WriteString(e.Text)
	}
}

// Input answers nothing.
func (o *output) Input(context.Context, string, bool) (string, error) {
	return "", session.ErrNoInput
}

func (o *output) text() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.String()
}

// summary tells the shares, and checks them if all programs have run.
func (s *suite) summary(t *testing.T) {
	slices.SortFunc(s.results, func(a, b Result) int {
		return strings.Compare(a.Name+" "+string(a.Way), b.Name+" "+string(b.Way))
	})
	count := map[Way]*[3]int{"total": {}}
	for _, w := range s.Ways {
		count[w] = &[3]int{}
	}
	var wrong, refused strings.Builder
	for _, r := range s.results {
		count[r.Way][r.Verdict]++
		count["total"][r.Verdict]++
		line := fmt.Sprintf("%s %s: %s\n", r.Name, r.Way, strings.ReplaceAll(r.Why, "\n", `\n`))
		switch r.Verdict {
		case Wrong:
			wrong.WriteString(line)
		case Refused:
			refused.WriteString(line)
		}
	}
	var b strings.Builder
	for _, w := range append(slices.Clone(s.Ways), "total") {
		c := count[w]
		n := c[Right] + c[Refused] + c[Wrong]
		share := float64(c[Right]) / float64(max(n, 1))
		fmt.Fprintf(&b, "%-5s %5.1f%%: %d programs, %d right, %d refused, %d wrong\n", w, 100*share, n, c[Right], c[Refused], c[Wrong])
		// In a part of the corpus there may be as many that are not right as in the whole.
		may := (1 - s.Floor[w]) * float64(len(s.Programs))
		if n == s.runs(w) && float64(n-c[Right]) > may {
			t.Errorf("%s: %d are not right, and %.1f may be", w, n-c[Right], may)
		}
	}
	t.Logf("programs that run as under go run:\n%s", &b)
	fmt.Fprintf(&b, "\nwrong:\n%s\nrefused:\n%s", &wrong, &refused)
	file := filepath.Join(t.ArtifactDir(), "programs.txt")
	if err := os.WriteFile(file, []byte(b.String()), 0o644); err != nil {
		t.Error(err)
	}
}
