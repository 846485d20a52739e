package plots

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/adabc437/fanout/parallel"
)

func TestPanelsThatSayNothingAreLeftOut(t *testing.T) {
	for name, want := range map[string]struct{ atOnce, times bool }{
		"uneven":  {true, true},
		"pieces":  {true, true},
		"wide":    {true, true},
		"one":     {false, true},  // worker
		"few":     {true, false},  // tasks
		"single":  {false, false}, // task
		"instant": {false, false},
		"empty":   {false, false},
		"zero":    {false, false},
	} {
		f := Timeline(cases()[name])
		shown := texts(parseSVG(t, f.SVG()))
		hasTimes := slices.ContainsFunc(shown, func(s string) bool { return strings.HasPrefix(s, "time of a task") })
		if got := slices.Contains(shown, "tasks at once"); got != want.atOnce || got != strings.Contains(f.Text(), "tasks at once") {
			t.Errorf("%s: tasks at once shown: %v", name, got)
		}
		if hasTimes != want.times || hasTimes != strings.Contains(f.Text(), "task times") {
			t.Errorf("%s: times of tasks shown: %v", name, hasTimes)
		}
	}
}

func TestTasksAtOnceHasLinesForWorkersAndFewerCores(t *testing.T) {
	all := parseSVG(t, Timeline(cases()["crowded"]).SVG())
	if rects(all, "workers") != 1 || rects(all, "cores") < 10 {
		t.Errorf("%d lines for workers, %d dashes for cores", rects(all, "workers"), rects(all, "cores"))
	}
	all = parseSVG(t, Timeline(cases()["uneven"]).SVG())
	if rects(all, "workers") != 1 || rects(all, "cores") != 0 {
		t.Errorf("%d lines for workers, %d dashes for as many cores", rects(all, "workers"), rects(all, "cores"))
	}
}

func TestAtOnceIsTheMeanOfEachPart(t *testing.T) {
	ms := time.Millisecond
	run := &parallel.Run{Workers: 2, Tasks: 3, Wall: 40 * ms, Records: []parallel.Record{
		{Index: 0, Count: 1, Started: 5 * ms, Finished: 40 * ms},
		{Index: 1, Count: 9, Worker: 1, Finished: 10 * ms}, {Index: 10, Count: 1, Worker: 1, Started: 15 * ms, Finished: 20 * ms},
	}}
	got := atOnce(makeRows(run, run.Measure()), run.Wall, 4)
	want := []level{{0, 1.5}, {10 * ms, 1.5}, {20 * ms, 1}, {30 * ms, 1}}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestWaitingIsTheSameSampled(t *testing.T) {
	run := cases()["many"]
	var changes []level
	for _, rec := range run.Records {
		changes = append(changes, level{rec.Queued, float64(rec.Count)}, level{rec.Started, -float64(rec.Count)})
	}
	exact := sums(slices.Clone(changes))
	for _, l := range sampled(changes, run.Wall, 200) {
		k := 0
		for k+1 < len(exact) && exact[k+1].at <= l.at {
			k++
		}
		if l.n != exact[k].n {
			t.Fatalf("at %v %v wait, sampled %v", l.at, exact[k].n, l.n)
		}
	}
}

func TestDurationsCountTheTasksOfChunks(t *testing.T) {
	us := time.Microsecond
	run := &parallel.Run{Tasks: 100}
	for i := range 10 {
		run.Records = append(run.Records, parallel.Record{Index: 10 * i, Count: 10, Finished: time.Duration(100+10*i) * us})
	}
	run.Records = append(run.Records,
		parallel.Record{Count: 1, Finished: time.Second, Err: errors.New("bad"), Retried: true},
		parallel.Record{Count: 50, Finished: time.Second, Err: context.Canceled},
		parallel.Record{Count: 50, Finished: time.Second, Err: parallel.ErrAbandoned})
	d := durationsOf(run)
	if d.from != 10*us || d.to != 19*us || d.log || !d.chunks || fmt.Sprint(d.bins) != "[20 20 20 20 20]" {
		t.Errorf("%+v", d)
	}
	run.Records[3].Finished = 10 * time.Millisecond
	d = durationsOf(run)
	sum := 0
	for _, n := range d.bins {
		sum += n
	}
	if !d.log || sum != 100 || d.bins[len(d.bins)-1] != 10 {
		t.Errorf("%+v", d)
	}
}

func TestLogTicksAreRoundAndFew(t *testing.T) {
	for _, c := range []struct {
		from, to time.Duration
		most     int
		want     string
	}{
		{3 * time.Microsecond, 150 * time.Microsecond, 6, "5 µs|10 µs|20 µs|50 µs|100 µs"},
		{900, 40 * time.Millisecond, 6, "1 µs|10 µs|100 µs|1 ms|10 ms"},
		{1, time.Hour, 5, "1 ns|1 µs|1 ms|1 s|16.7 min"},
	} {
		var got []string
		for _, k := range logTicks(c.from, c.to, c.most) {
			got = append(got, k.text)
		}
		if strings.Join(got, "|") != c.want {
			t.Errorf("%v to %v: %v", c.from, c.to, got)
		}
	}
}

func TestAttemptsThatWereTriedAgainAreStripedAndMarked(t *testing.T) {
	run := cases()["retried"]
	again, bad := 0, 0
	for _, rec := range run.Records {
		if rec.Retried {
			again++
		} else if rec.Failed() {
			bad++
		}
	}
	all := parseSVG(t, Timeline(run).SVG())
	if n := rects(all, "retried-ground"); n != again || rects(all, "mark-inside") != again || rects(all, "retried") < 3*again {
		t.Errorf("%d of %d attempts, %d hollow marks, %d stripes", n, again, rects(all, "mark-inside"), rects(all, "retried"))
	}
	if n := rects(all, "failed"); n != bad || rects(all, "mark") != again+bad {
		t.Errorf("%d of %d failed, %d marks", n, bad, rects(all, "mark"))
	}
}

func TestLegendNamesOnlyWhatOccurs(t *testing.T) {
	for name, want := range map[string]string{
		"one":     "queued running",
		"uneven":  "queued running idle workers",
		"crowded": "queued running idle workers cores",
		"retried": "queued running tried again failed idle workers",
	} {
		all := parseSVG(t, Timeline(cases()[name]).SVG())
		var got []string
		for _, s := range texts(all)[1:] {
			if s == "queue" {
				break
			}
			if s != "busy" {
				got = append(got, s)
			}
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}

func TestHundredsOfWorkersAndManyRecordsStaySmall(t *testing.T) {
	run := simulate("", 256, 1, time.Microsecond, lengths(100_000, 10*time.Millisecond, 0.9))
	for i := range run.Records {
		switch i % 10 {
		case 1:
			run.Records[i].Err = errBroken
		case 2:
			run.Records[i].Err, run.Records[i].Retried = errBroken, true
		case 3:
			run.Records[i].Err = context.Canceled
		}
	}
	f := Timeline(run)
	if n := len(f.SVG()); n > 300_000 {
		t.Errorf("%d bytes", n)
	}
	parseSVG(t, f.SVG())
}

func TestHTMLHoldsBothPictures(t *testing.T) {
	run := cases()["failed"]
	for name, f := range map[string]*Figure{
		"timeline": Timeline(run), "dark timeline": Timeline(run, Dark()), "histogram": Histogram(timings()["normal"]),
	} {
		html := f.HTML()
		images := strings.Split(html, "<img ")[1:]
		if len(images) != 2 || strings.Contains(html, "<script") {
			t.Fatalf("%s: %d images", name, len(images))
		}
		svgs := make([]string, 2)
		for i, image := range images {
			_, data, _ := strings.Cut(image, "data:image/svg+xml;base64,")
			data, _, _ = strings.Cut(data, `"`)
			svg, err := base64.StdEncoding.DecodeString(data)
			if err != nil {
				t.Fatal(err)
			}
			svgs[i] = string(svg)
			if alt := `alt="` + escape(f.alt()) + `"`; !strings.Contains(image, alt) {
				t.Errorf("%s: no %s", name, alt)
			}
		}
		own := 0
		if strings.HasPrefix(name, "dark") {
			own = 1
		}
		if svgs[own] != f.SVG() || svgs[1-own] == f.SVG() || !strings.Contains(svgs[0], light.card) || !strings.Contains(svgs[1], dark.card) {
			t.Errorf("%s: the pictures are not the light one and the dark one", name)
		}
		for i, image := range images {
			if hidden := strings.Contains(image, ` hidden style="max-width:100%;display:none"`); hidden != (i != own) {
				t.Errorf("%s: image %d is hidden where styles are taken out: %v", name, i, hidden)
			}
		}
	}
	f := Timeline(run)
	if want := "parse · 60 tasks · 4 workers. Task 36 failed on worker 2"; !strings.HasPrefix(f.alt(), want) {
		t.Errorf("alt is %q", f.alt())
	}
}
