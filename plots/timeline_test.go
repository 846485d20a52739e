package plots

import (
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"flag"
	"fmt"
	"image/color"
	"image/png"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/adabc437/fanout/parallel"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// element is what the tests look at in an SVG.
type element struct {
	name  string
	attrs map[string]string
	text  string
}

func parseSVG(t *testing.T, svg string) []element {
	t.Helper()
	var all []element
	d := xml.NewDecoder(strings.NewReader(svg))
	for {
		tok, err := d.Token()
		if err == io.EOF {
			return all
		}
		if err != nil {
			t.Fatalf("the SVG is not well-formed: %v", err)
		}
		switch tok := tok.(type) {
		case xml.StartElement:
			e := element{name: tok.Name.Local, attrs: map[string]string{}}
			for _, a := range tok.Attr {
				e.attrs[a.Name.Local] = a.Value
			}
			all = append(all, e)
		case xml.CharData:
			if len(all) > 0 {
				all[len(all)-1].text += strings.TrimRight(string(tok), "\n")
			}
		}
	}
}

func texts(all []element) (list []string) {
	for _, e := range all {
		if e.name == "text" {
			list = append(list, e.text)
		}
	}
	return list
}

// rects counts the rectangles in the paths of a class.
func rects(all []element, class string) (n int) {
	for _, e := range all {
		if e.attrs["class"] == class {
			n += strings.Count(e.attrs["d"], "M")
		}
	}
	return n
}

func TestEverySVGIsStaticBoundedAndInsideItsCard(t *testing.T) {
	figures := map[string]*Figure{}
	for name, run := range cases() {
		figures[name] = Timeline(run)
		figures[name+" narrow"] = Timeline(run, Width(1), Dark(), Title(strings.Repeat("long ", 50)))
	}
	for name, samples := range timings() {
		figures["histogram "+name] = Histogram(samples, Title("fib(27)"))
	}
	for name, f := range figures {
		t.Run(name, func(t *testing.T) {
			svg := f.SVG()
			all := parseSVG(t, svg)
			if len(svg) > 100_000 {
				t.Errorf("%d bytes", len(svg))
			}
			if strings.Contains(svg, "NaN") || strings.Contains(svg, "Inf") {
				t.Error("a coordinate is not a number")
			}
			for _, e := range all {
				switch e.name {
				case "svg", "title", "desc", "rect", "path":
				case "text":
					checkInside(t, f.scene, e)
				default:
					t.Errorf("unexpected <%s>", e.name)
				}
				if d := e.attrs["d"]; strings.Contains(d, "h-0z") || strings.Contains(d, "--") {
					t.Errorf("a degenerate path in %s: %.80s", e.attrs["class"], d)
				}
			}
		})
	}
}

// checkInside tells whether a text would be cut off.
func checkInside(t *testing.T, s scene, e element) {
	t.Helper()
	number := func(name string) float64 {
		v, err := strconv.ParseFloat(e.attrs[name], 64)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	x, y, size := number("x"), number("y"), number("font-size")
	w := textWidth(e.text, size, e.attrs["font-weight"] == "bold")
	switch e.attrs["text-anchor"] {
	case "middle":
		x -= w / 2
	case "end":
		x -= w
	}
	const margin = 4
	if x < margin || x+w > s.width-margin || y-size < margin || y > s.height-margin {
		t.Errorf("%q is cut off: from %.1f to %.1f of %.0f", e.text, x, x+w, s.width)
	}
}

func TestTimelineShowsRowsAndFigures(t *testing.T) {
	all := parseSVG(t, Timeline(cases()["uneven"]).SVG())
	if n := rects(all, "track"); n != 2 {
		t.Errorf("%d rows for 2 workers", n)
	}
	if n := rects(all, "running"); n != 40 {
		t.Errorf("%d blocks for 40 tasks", n)
	}
	got := strings.Join(texts(all), "|")
	for _, want := range []string{
		"%pmap isPrime · 40 tasks · 2 workers", "worker 0", "worker 1", "0 ms", "100 ms", "300 ms",
		"wall time|371 ms", "CPU time|593 ms", "speed-up|1.60×", "efficiency|80%", "imbalance|25%",
		"Worker 0 sat idle for the last 40% of the run: one long task (39) came last.",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is missing in %s", want, got)
		}
	}
}

func TestManyWorkersShareRows(t *testing.T) {
	for workers, rows := range map[int]int{32: 32, 33: 17, 128: 32, 129: 26, 1000: 32} {
		run := simulate("", workers, 1, 0, lengths(3*workers, time.Millisecond, 0.5))
		if n := rects(parseSVG(t, Timeline(run).SVG()), "track"); n != rows {
			t.Errorf("%d workers: %d rows, want %d", workers, n, rows)
		}
	}
}

func TestFailedTasksAreMarked(t *testing.T) {
	all := parseSVG(t, Timeline(cases()["collected"]).SVG())
	if f, m := rects(all, "failed"), rects(all, "mark"); f != 11 || m != 11 {
		t.Errorf("%d failed, %d marks, want 11", f, m)
	}
	if n := rects(parseSVG(t, Timeline(cases()["cancelled"]).SVG()), "cancelled"); n != 3 {
		t.Errorf("%d cancelled, want 3", n)
	}
}

func TestTextIsEscaped(t *testing.T) {
	run := simulate("<script>alert(1)</script>\x00 & \"q\"", 1, 1, 0, lengths(3, time.Millisecond, 0))
	svg := Timeline(run).SVG()
	if strings.Contains(svg, "<script") {
		t.Error("a label became an element")
	}
	parseSVG(t, svg)
	html := ProgressHTML(parallel.Progress{Label: "<b onload='x'>", Total: 3})
	if strings.Contains(html, "<b") {
		t.Error(html)
	}
}

func TestFiguresAreTheSameEachTime(t *testing.T) {
	for name, run := range cases() {
		a, b := Timeline(run), Timeline(run)
		if a.SVG() != b.SVG() || a.Text() != b.Text() {
			t.Errorf("%s differs", name)
		}
	}
}

func TestPNGShowsTheSceneAtTwiceItsSize(t *testing.T) {
	f := Timeline(cases()["failed"], Width(480))
	data := f.PNG()
	if !bytes.Equal(data, f.PNG()) {
		t.Error("the PNG differs each time")
	}
	img, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	if b := img.Bounds(); b.Dx() != int(2*f.scene.width) || b.Dy() != int(2*f.scene.height) {
		t.Errorf("the PNG is %v", b)
	}
	// In the middle of every block of tasks there is its colour.
	for _, it := range f.scene.items {
		b, ok := it.(blocks)
		if !ok || b.class != "running" && b.class != "failed" {
			continue
		}
		for _, r := range b.rects {
			got := img.At(int(2*(r.x+r.w/2)), int(2*(r.y+r.h/2)))
			if r, g, b, _ := parseColour(b.fill).RGBA(); color.RGBAModel.Convert(got) != (color.RGBA{uint8(r >> 8), uint8(g >> 8), uint8(b >> 8), 255}) {
				t.Fatalf("%v in a block of %v", got, parseColour("#0072b2"))
			}
		}
	}
}

func TestGoldenTexts(t *testing.T) {
	for name, run := range cases() {
		golden(t, name, Timeline(run).Text())
	}
	for name, samples := range timings() {
		golden(t, "histogram-"+name, Histogram(samples).Text())
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name+".txt")
	if *update {
		if err := os.WriteFile(file, []byte(got+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got+"\n" != strings.ReplaceAll(string(want), "\r\n", "\n") {
		t.Errorf("%s:\n%s\nwant\n%s", name, got, want)
	}
}

func TestLessons(t *testing.T) {
	ms := time.Millisecond
	long := []time.Duration{300 * ms, 10 * ms, 10 * ms, 10 * ms}
	crowded := simulate("", 8, 1, 0, lengths(100, 10*ms, 0.1))
	crowded.Cores, crowded.CPU, crowded.Delayed = 2, 2*crowded.Wall, 6*crowded.Wall
	waits := simulate("", 2, 1, 0, lengths(100, 10*ms, 0.1))
	waits.CPU = ms
	ended := simulate("", 2, 1, 0, lengths(100, 10*ms, 0.1))
	ended.CPU, ended.Err = ms, fmt.Errorf("stopped: %w", context.Canceled)
	tiny := &parallel.Run{Workers: 2, Tasks: 2, Cores: 2, Wall: 188 * time.Microsecond, Records: []parallel.Record{
		{Index: 0, Count: 1, Started: 150 * time.Microsecond, Finished: 155 * time.Microsecond},
		{Index: 1, Count: 1, Started: 155 * time.Microsecond, Finished: 157 * time.Microsecond},
	}}
	few := &parallel.Run{Workers: 2, Tasks: 4, Cores: 2, Wall: 50 * ms, Records: []parallel.Record{
		{Index: 0, Count: 1, Finished: 10 * ms}, {Index: 1, Count: 1, Worker: 1, Finished: 10 * ms},
		{Index: 2, Count: 1, Started: 10 * ms, Finished: 30 * ms}, {Index: 3, Count: 1, Started: 30 * ms, Finished: 50 * ms},
	}}
	busy := simulate("", 2, 1, 0, lengths(100, 10*ms, 0.1))
	busy.CPU, busy.Delayed = busy.Wall, busy.Wall
	equal := simulate("", 2, 1, 0, []time.Duration{50 * ms, 50 * ms, 50 * ms})
	for want, run := range map[string]*parallel.Run{
		"There was nothing to run: the input is empty.": {Workers: 2},
		"No task started.": {Workers: 2, Tasks: 3, Err: context.Canceled},
		"One worker ran the tasks one after another, 82.5 ms each on average.":                                                       simulate("", 1, 1, 0, long),
		"2 tasks for 5 workers: 3 workers had nothing to do.":                                                                        simulate("", 5, 1, 0, long[:2]),
		"Worker 1 sat idle for the last 90% of the run: one task (0) took nearly all the time of the run.":                           simulate("", 2, 1, 0, long),
		"All was over in 20.0 µs: starting the workers takes as long as that, so more of them cannot help.":                          simulate("", 2, 2, 0, lengths(4, 10*time.Microsecond, 0)),
		"3 of 4 workers sat idle for the last 41% of the run: a chunk of 50 tasks came last, and smaller chunks would share it out.": cases()["chunks"],
		"8 workers shared 2 cores: waiting in line for one took 72% of the workers' time. Fewer workers would be as fast.":           crowded,
		"Worker 1 sat idle for the last 50% of the run: 3 tasks of about 50.0 ms do not divide evenly among 2 workers.":              equal,
		"The tasks mostly waited: they used a core for <1% of their time, so more workers would help.":                               waits,
		"All was over in 188 µs: starting the workers takes as long as that, so more of them cannot help.":                           tiny,
		"Worker 1 sat idle for the last 80% of the run: worker 0 still had 2 tasks to do.":                                           few,
		"Cancelled as the last of 100 tasks ended.":                                                                                  ended,
		"Other programs used the cores too: waiting for one took 50% of the workers' time.":                                          busy,
		"An even load: the workers were busy 99% of the time.":                                                                       cases()["many"],
		"Cancelled after 13 of 30 tasks; 3 that were still running were given up.":                                                   cases()["cancelled"],
		"Task 36 failed on worker 2 after 1.57 ms and stopped the run: 36 of 60 tasks were done, 23 were not.":                       cases()["failed"],
		"Handing out the tasks took 40% of the workers' time, for 299 ns a task: larger chunks would pay.":                           cases()["tiny"],
	} {
		if got := lesson(run, run.Measure(), run.Losses()); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}

func TestTimelineOfARealRun(t *testing.T) {
	var run parallel.Run
	_, err := parallel.MapErr(func(x int) (int, error) {
		time.Sleep(time.Duration(x) * 100 * time.Microsecond)
		if x == 19 {
			return 0, errors.New("no")
		}
		return x, nil
	}, []int{1, 5, 3, 8, 2, 9, 19}, parallel.WithWorkers(3), parallel.WithLabel("real"), parallel.WithRun(&run))
	if err == nil {
		t.Fatal("no error")
	}
	f := Timeline(&run)
	if text := f.Text(); !strings.Contains(text, "real · 7 tasks · 3 workers") || !strings.Contains(text, "Task 6 failed") {
		t.Error(text)
	}
	bundle := f.MimeBundle()
	if bundle["text/plain"] != f.Text() || bundle["image/svg+xml"] != f.SVG() {
		t.Error("the bundle differs from the forms")
	}
}

func TestColoursContrastWithTheirCard(t *testing.T) {
	for name, p := range map[string]palette{"light": light, "dark": dark} {
		for what, c := range map[string]struct {
			colour string
			least  float64
		}{
			"ink": {p.ink, 7}, "muted": {p.muted, 4.5}, "running": {p.running[3], 3}, "failed": {p.failed, 3}, "cancelled": {p.cancelled, 3},
		} {
			if got := contrast(c.colour, p.card); got < c.least {
				t.Errorf("%s %s has a contrast of %.1f, want %.1f", name, what, got, c.least)
			}
		}
	}
}

// contrast is the contrast ratio of WCAG 2.
func contrast(a, b string) float64 {
	x, y := luminance(a), luminance(b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

var hex = regexp.MustCompile(`^#[0-9a-f]{6}$`)

func BenchmarkTimeline(b *testing.B) {
	run := cases()["lots"]
	for b.Loop() {
		Timeline(run)
	}
}

func BenchmarkTimelineOfManyWorkers(b *testing.B) {
	run := simulate("", 256, 1, time.Microsecond, lengths(100_000, 10*time.Millisecond, 0.9))
	for b.Loop() {
		Timeline(run)
	}
}

func BenchmarkPNG(b *testing.B) {
	f := Timeline(cases()["collected"])
	for b.Loop() {
		f.PNG()
	}
}

// Tasks that are tried again wait again, and are counted once.
func TestTimelineOfRetries(t *testing.T) {
	ms := time.Millisecond
	bad := errors.New("bad")
	run := &parallel.Run{Workers: 1, Cores: 1, Tasks: 2, Wall: 50 * ms, Records: []parallel.Record{
		{Index: 0, Count: 1, Attempt: 1, Finished: 10 * ms, Err: bad, Retried: true},
		{Index: 0, Count: 1, Attempt: 2, Queued: 10 * ms, Started: 20 * ms, Finished: 30 * ms, Err: bad, Retried: true},
		{Index: 0, Count: 1, Attempt: 3, Queued: 30 * ms, Started: 40 * ms, Finished: 50 * ms},
		{Index: 1, Count: 1, Attempt: 1, Started: 10 * ms, Finished: 20 * ms},
	}}
	text := Timeline(run).plain
	if !strings.Contains(text, "2 attempts failed and were tried again: 20.0 ms of the workers' time went into them.") {
		t.Error(text)
	}
	least := 0.0
	for _, l := range waiting(run, 100) {
		least = min(least, l.n)
	}
	if least < 0 {
		t.Errorf("%v tasks wait", least)
	}
}
