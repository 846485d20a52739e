package plots

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/adabc437/fanout/parallel"
)

// Whatever the parts are, the percentages that are shown add up to 100, and none is
// off by more than one.
func TestPercentsOfTheSplitAddUp(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	some := func() time.Duration {
		if rng.IntN(3) == 0 {
			return 0
		}
		return time.Duration(rng.ExpFloat64() * 1000)
	}
	for range 5000 {
		l := parallel.Losses{Work: some(), Core: some(), Retries: some(), Dispatch: some(), Return: some(), Imbalance: some(), Serial: some()}
		parts := partsOf(l)
		if l.Total() == 0 {
			if parts != nil {
				t.Fatalf("parts of nothing: %v", parts)
			}
			continue
		}
		sum := 0
		for _, p := range shown(parts) {
			sum += p.percent
		}
		if sum != 100 {
			t.Fatalf("%+v: %d%% in %s", l, sum, splitText(parts))
		}
		for _, p := range parts {
			exact := 100 * float64(p.took) / float64(l.Total())
			if d := exact - float64(p.percent); p.percent < 0 || d > 1 || d < -1 {
				t.Fatalf("%+v: %s is %.2f%% in truth", l, p.label(), exact)
			}
		}
	}
}

func TestSplitOfEachKindOfRun(t *testing.T) {
	for name, want := range map[string]string{
		"uneven":  "work 80% · nothing to do 20%",
		"tiny":    "work 60% · handing out tasks 40%",
		"crowded": "work 25% · waiting for a core 68% · nothing to do 7%",
		"retried": "work 67% · retries 30% · nothing to do 3%",
		"remote":  "work 52% · handing out tasks 12% · returning results 27% · nothing to do 2% · start and end 7%",
	} {
		f := Timeline(cases()[name])
		if !strings.Contains(f.plain, "\nwhere the workers' time went: "+want+"\n") {
			t.Errorf("%s: %q is missing in\n%s", name, want, f.plain)
		}
		got := strings.Join(texts(parseSVG(t, f.SVG())), " · ")
		if !strings.Contains(got, "where the workers' time went · "+want) {
			t.Errorf("%s: %q is missing in %s", name, want, got)
		}
	}
}

func TestLessonNamesTheWorstLoss(t *testing.T) {
	ms := time.Millisecond
	run := &parallel.Run{Workers: 2, Cores: 2, Tasks: 2, Wall: 100 * ms, CPU: 120 * ms, Records: []parallel.Record{
		{Index: 0, Count: 1, Started: 40 * ms, Finished: 100 * ms}, {Index: 1, Count: 1, Worker: 1, Started: 40 * ms, Finished: 100 * ms},
	}}
	const want = "The workers had no task for 40% of the time; most of what was lost is: start and end, 40%."
	if got := lesson(run, run.Measure(), run.Losses()); got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
}
