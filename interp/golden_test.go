package interp

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/adabc437/fanout/interp/session"
	"github.com/adabc437/fanout/parallel/device"
)

var update = flag.Bool("update", false, "write what the sessions in testdata give as what is wanted")

// Each file of testdata/sessions is a session: cells under a line "-- cell --",
// and under "-- gives --" all that the cell above gave. Where the compiled tier
// gives something else, that stands under "-- compiled --". The sessions in
// testdata/sessions/compiled are for that tier alone, and one whose text above the first
// cell has the line "Needs OpenCL." for machines that have it. A cell that displays "interrupt
// me" is interrupted there.
const (
	cellMark     = "-- cell --\n"
	givesMark    = "-- gives --\n"
	compiledMark = "-- compiled --\n"
)

func TestSessions(t *testing.T) { sessions(t, TierInterpreted) }

func sessions(t *testing.T, tier string) {
	files, err := filepath.Glob("testdata/sessions/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatal("no sessions", err)
	}
	if tier != TierInterpreted {
		more, err := filepath.Glob("testdata/sessions/compiled/*.txt")
		if err != nil || len(more) == 0 {
			t.Fatal("no sessions of the compiled tier", err)
		}
		files = append(files, more...)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) { replay(t, file, tier) })
	}
}

func replay(t *testing.T, file, tier string) {
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.Chdir(dir) })
	nb := newNotebookOn(t, tier)
	head, rest, _ := strings.Cut(string(text), cellMark)
	if strings.Contains(head, "\nNeeds OpenCL.\n") {
		set := device.Open()
		missing := set.Missing
		_ = set.Close()
		if missing != nil && os.Getenv("CI") != "" {
			t.Fatal(missing)
		}
		if missing != nil {
			t.Skip(missing)
		}
	}
	out := head
	for _, step := range strings.Split(rest, cellMark) {
		code, gives, _ := strings.Cut(step, givesMark)
		code = strings.TrimSuffix(code, "\n")
		interpreted, compiled, differs := strings.Cut(gives, compiledMark)
		want := interpreted
		if tier != TierInterpreted && differs {
			want = compiled
		}
		got := nb.transcript(strings.ReplaceAll(code, `\r`+"\n", "\r\n"))
		if tier == everyCell { // machine code knows its lines only
			got, want = columnRE.ReplaceAllString(got, "$1"), columnRE.ReplaceAllString(want, "$1")
		}
		if got != want && !*update {
			t.Errorf("In[%d]\n%s\ngives\n%swant\n%s", nb.n, code, got, want)
		}
		switch {
		case tier == TierInterpreted, filepath.Base(filepath.Dir(file)) == "compiled":
			interpreted = got
		case got != interpreted:
			compiled, differs = got, true
		default:
			differs = false
		}
		out += cellMark + code + "\n" + givesMark + interpreted
		if differs {
			out += compiledMark + compiled
		}
	}
	if *update {
		if err := os.WriteFile(filepath.Join(dir, file), []byte(out), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// cellTime ends a cell that hangs. None takes a tenth of it, but under the race detector on
// a busy machine.
const cellTime = 3 * time.Minute

// transcript runs a cell and writes down all that it gave.
func (nb *notebook) transcript(code string) string {
	nb.t.Helper()
	nb.n++
	rec := &recorder{lines: []string{"Ada", "36 1.5", "third"}, interrupt: nb.i.Interrupt}
	var reply session.Reply
	printed := captured(nb.t, func() {
		var err error
		ctx, cancel := context.WithTimeout(nb.t.Context(), cellTime)
		defer cancel()
		reply, err = nb.i.Execute(ctx, session.Cell{ID: "x", Code: code, Number: nb.n, StoreHistory: true, AllowStdin: true}, rec)
		if err != nil {
			nb.t.Error(err)
		}
	})
	var b strings.Builder
	if printed != "" {
		fmt.Fprintf(&b, "printed: %s\n", strings.TrimSuffix(printed, "\n"))
	}
	for _, e := range rec.events {
		switch e.Kind {
		case session.Stream:
			fmt.Fprintf(&b, "%s: %s\n", e.Name, strings.TrimSuffix(e.Text, "\n"))
		case session.Clear:
			fmt.Fprintf(&b, "clear wait=%v\n", e.Wait)
		case session.Display, session.Update:
			text, _ := e.Data["text/plain"].(string)
			if e.Data["image/svg+xml"] != nil { // a picture: its text is another one each time
				text, _, _ = strings.Cut(text, "\n")
			}
			fmt.Fprintf(&b, "%s%s: %s\n", e.Kind, others(e.Data), text)
		default:
			fmt.Fprintf(&b, "%s%s: %v\n", e.Kind, others(e.Data), e.Data["text/plain"])
		}
	}
	for _, p := range reply.Payloads {
		if p.Source == "set_next_input" {
			fmt.Fprintf(&b, "%s, replace=%v:\n%s", p.Source, p.Replace, p.Text)
			continue
		}
		fmt.Fprintf(&b, "%s: %v\n", p.Source, p.Data["text/plain"])
	}
	if d := reply.Err; d != nil {
		for _, d := range append([]*session.Diagnostic{d}, d.More...) {
			writeDiagnostic(&b, d)
		}
	}
	return strings.TrimRight(stable(nb.anyDevice(b.String())), "\n") + "\n"
}

// anyDevice takes out what differs from machine to machine: numbers and names of devices.
func (nb *notebook) anyDevice(s string) string {
	nb.i.devices.mu.Lock()
	defer nb.i.devices.mu.Unlock()
	if nb.i.devices.set == nil {
		return s
	}
	list := slices.Clone(nb.i.devices.set.Devices)
	s = strings.ReplaceAll(s, deviceNames(nb.i.devices.set), "DEVICES")
	slices.SortFunc(list, func(a, b *device.Device) int { return len(b.Info().Name) - len(a.Info().Name) }) // one may contain another
	for _, d := range list {
		s = strings.ReplaceAll(s, d.Label(), "device N (NAME)")
		s = strings.ReplaceAll(s, fmt.Sprintf("device %d, %s", d.Number, d.Info().Name), "device N, NAME")
		s = strings.ReplaceAll(s, d.Info().Name, "NAME")
	}
	return s
}

// others lists the MIME types beside text/plain.
func others(data map[string]any) string {
	var names []string
	for name := range data {
		if name != "text/plain" {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	if len(names) == 0 {
		return ""
	}
	return fmt.Sprint(" ", names)
}

func writeDiagnostic(b *strings.Builder, d *session.Diagnostic) {
	if d.Name == session.Interrupted { // anywhere
		d.Pos, d.Trace = nil, nil
	}
	fmt.Fprintf(b, "error: %v\n", d)
	if d.Pos != nil {
		fmt.Fprintf(b, "  source: %s\n", d.Pos.Source)
	}
	if d.Hint != "" {
		fmt.Fprintf(b, "  hint: %s\n", d.Hint)
	}
	for _, f := range d.Trace {
		fmt.Fprintf(b, "  in %s at %s\n", f.Func, f.Position)
	}
	for _, n := range d.Notes {
		fmt.Fprintf(b, "  note: %s\n", n)
	}
}

var (
	timeRE   = regexp.MustCompile(`\b\d+(\.\d+)?(e[+-]\d+)?( ± \d+(\.\d+)?(e[+-]\d+)?)? ?(ns|µs|ms|s)\b`)
	coreRE   = regexp.MustCompile(`\d+\.\d cores`)
	columnRE = regexp.MustCompile(`(In\[\d+\]:\d+):\d+`)
	tailRE   = regexp.MustCompile(`(?m)[ \t]+$`)
)

// stable takes out what differs from run to run.
func stable(s string) string {
	s = timeRE.ReplaceAllString(s, "TIME")
	s = coreRE.ReplaceAllString(s, "N cores")
	return tailRE.ReplaceAllString(s, "")
}

// captured is what f writes to standard output and standard error.
func captured(t *testing.T, f func()) string {
	t.Helper()
	file, err := os.CreateTemp(t.TempDir(), "out")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	stdout, stderr := os.Stdout, os.Stderr
	os.Stdout, os.Stderr = file, file
	defer func() { os.Stdout, os.Stderr = stdout, stderr }()
	f()
	text, err := os.ReadFile(file.Name())
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
