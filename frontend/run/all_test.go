package run

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/adabc437/fanout/frontend/term"
	"github.com/adabc437/fanout/interp/session"
)

// A closing session is a scripted one that can be closed.
type closing struct {
	scripted
	closed *int
	mu     *sync.Mutex
}

func (c *closing) Close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	*c.closed++
	return nil
}

// sortedLines puts lines in an order of their own: those of two notebooks mix.
func sortedLines(text string) []string {
	return slices.Sorted(strings.Lines(text))
}

func TestAll(t *testing.T) {
	dir := t.TempDir()
	book := func(name string, cells ...map[string]any) string {
		path := filepath.Join(dir, name)
		if err := os.Rename(write(t, cells...), path); err != nil {
			t.Fatal(err)
		}
		return path
	}
	a := book("a.ipynb", code("hello"), code("four"))
	b := book("long.ipynb", code("warn"), code("boom"), code("four"))
	var mu sync.Mutex
	closed := 0
	dirs := map[string]int{}
	start := func(_ context.Context, dir string) (session.Session, error) {
		mu.Lock()
		defer mu.Unlock()
		dirs[dir]++
		return &closing{scripted{script: script}, &closed, &mu}, nil
	}
	var out, errs strings.Builder
	o := Options{Console: term.Console{In: strings.NewReader("x"), Out: &out, Err: &errs}}
	output := filepath.Join(dir, "out.html")
	status, err := All(t.Context(), start, []Job{{a, output}, {b, ""}}, 2, o)
	if status != 1 || err != nil || closed != 2 || dirs[dir] != 2 {
		t.Errorf("status %d, %v, %d sessions closed, started in %v", status, err, closed, dirs)
	}
	labelA, labelB := a+"    | ", b+" | "
	if got, want := sortedLines(out.String()), []string{labelA + "4\n", labelA + "hello\n"}; !slices.Equal(got, want) {
		t.Errorf("stdout %q, want %q", got, want)
	}
	for _, want := range []string{
		labelB + "careful\n", labelB + "In[1]:2:1: Panic: boom\n", "ok    " + a + "     2 cells in ", "FAIL  " + b + "  cell 2 of 3: Panic: boom\n",
	} {
		if !strings.Contains(errs.String(), want) {
			t.Errorf("%q is missing in %s", want, errs.String())
		}
	}
	if text, err := os.ReadFile(output); err != nil || !strings.Contains(string(text), "hello") {
		t.Errorf("the page: %v", err)
	}
}

func TestAllGoesOnWhereOneCannotRun(t *testing.T) {
	path := write(t, code("four"))
	start := func(context.Context, string) (session.Session, error) { return nil, errors.New("no memory") }
	var errs strings.Builder
	status, err := All(t.Context(), start, []Job{{path, ""}, {path + ".txt", ""}}, 1, Options{Console: term.Console{Err: &errs}})
	if status != 1 || err != nil || strings.Count(errs.String(), "FAIL  ") != 2 || !strings.Contains(errs.String(), "no memory") {
		t.Errorf("status %d, %v, %s", status, err, errs.String())
	}
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	if status, _ := All(cancelled, start, []Job{{path, ""}}, 1, Options{}); status != 130 {
		t.Errorf("cancelled: status %d", status)
	}
}
