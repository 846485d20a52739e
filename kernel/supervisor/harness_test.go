//go:build unix

package supervisor

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/adabc437/fanout/interp/session"
)

// patience is how long a test waits for what must come.
const patience = 30 * time.Second

// A recorder keeps what a cell emits.
type recorder struct {
	mu     sync.Mutex
	events []session.Event
	news   chan struct{} // closed and renewed at each event
	input  func(ctx context.Context, prompt string) (string, error)
}

func newRecorder() *recorder { return &recorder{news: make(chan struct{})} }

func (r *recorder) Emit(e session.Event) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.events = append(r.events, e)
	close(r.news)
	r.news = make(chan struct{})
}

func (r *recorder) Input(ctx context.Context, prompt string, _ bool) (string, error) {
	if r.input == nil {
		return "", session.ErrNoInput
	}
	return r.input(ctx, prompt)
}

// brief gives the events in short, neighbouring text of one stream joined.
func (r *recorder) brief() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	var brief []string
	last := ""
	for _, e := range r.events {
		switch {
		case e.Kind == session.Stream && e.Name == last:
			brief[len(brief)-1] += e.Text
		case e.Kind == session.Stream:
			brief = append(brief, e.Name+": "+e.Text)
		case e.Comm != nil:
			brief = append(brief, fmt.Sprintf("%s: %s %q", e.Kind, e.Comm.Data, e.Comm.Buffers))
		default:
			brief = append(brief, fmt.Sprintf("%s: %v", e.Kind, e.Data["text/plain"]))
		}
		last = e.Name
	}
	return brief
}

// text gives all that came on a stream.
func (r *recorder) text(stream string) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	var b strings.Builder
	for _, e := range r.events {
		if e.Kind == session.Stream && e.Name == stream {
			b.WriteString(e.Text)
		}
	}
	return b.String()
}

// await waits until the brief form satisfies ok.
func (r *recorder) await(t *testing.T, what string, ok func([]string) bool) {
	t.Helper()
	timeout := time.After(patience)
	for {
		r.mu.Lock()
		news := r.news
		r.mu.Unlock()
		if ok(r.brief()) {
			return
		}
		select {
		case <-news:
		case <-timeout:
			t.Fatalf("waited for %s; got %q", what, r.brief())
		}
	}
}

// awaitText waits until text has come.
func (r *recorder) awaitText(t *testing.T, text string) {
	t.Helper()
	r.await(t, text, func(brief []string) bool { return strings.Contains(strings.Join(brief, ""), text) })
}

// A logBuffer shows the log of a test that failed.
type logBuffer struct {
	mu sync.Mutex
	b  strings.Builder
}

func (l *logBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func testOptions(t testing.TB, mode string) Options {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	var out logBuffer
	t.Cleanup(func() {
		if t.Failed() {
			t.Log(out.b.String())
		}
	})
	// Races in the child, which are no cell's, fail the test.
	dir, err := os.MkdirTemp("", "fanout") // t.TempDir's name holds what GORACE splits at
	if err != nil {
		t.Fatal(err)
	}
	races := filepath.Join(dir, "race")
	t.Cleanup(func() {
		defer os.RemoveAll(dir)
		files, _ := filepath.Glob(races + "*")
		for _, file := range files {
			raw, err := os.ReadFile(file)
			if err == nil && !strings.Contains(string(raw), "mapWrites") {
				t.Errorf("%s", raw)
			}
		}
	})
	return Options{
		Command: []string{exe},
		Env:     append(os.Environ(), childVariable+"="+mode, "GORACE=log_path="+races),
		Logger:  slog.New(slog.NewTextHandler(io.Writer(&out), nil)),
	}
}

func start(t testing.TB, change ...func(*Options)) *Supervisor {
	t.Helper()
	o := testOptions(t, "scripted")
	for _, f := range change {
		f(&o)
	}
	s, err := Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// run executes lines as one cell.
func run(t testing.TB, s *Supervisor, lines ...string) (session.Reply, *recorder) {
	t.Helper()
	out := newRecorder()
	r, err := s.Execute(t.Context(), session.Cell{Number: 3, Code: strings.Join(lines, "\n")}, out)
	if err != nil {
		t.Fatalf("Execute: %v", err)
	}
	return r, out
}

// A pendingCell is one that runs in the background.
type pendingCell struct {
	out   *recorder
	done  chan struct{}
	reply session.Reply
	err   error
}

func launch(ctx context.Context, s *Supervisor, shell string, lines ...string) *pendingCell {
	p := &pendingCell{out: newRecorder(), done: make(chan struct{})}
	go func() {
		defer close(p.done)
		p.reply, p.err = s.Execute(ctx, session.Cell{Number: 3, Shell: shell, Code: strings.Join(lines, "\n")}, p.out)
	}()
	return p
}

func (p *pendingCell) wait(t *testing.T) session.Reply {
	t.Helper()
	select {
	case <-p.done:
	case <-time.After(patience):
		t.Fatal("the cell does not end")
	}
	if p.err != nil {
		t.Fatalf("Execute: %v", p.err)
	}
	return p.reply
}
