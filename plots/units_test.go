package plots

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/adabc437/fanout/parallel"
)

func luminance(colour string) float64 {
	if !hex.MatchString(colour) {
		panic("not a colour: " + colour)
	}
	r, g, b, _ := parseColour(colour).RGBA()
	linear := func(c uint32) float64 {
		v := float64(c) / 0xffff
		if v <= 0.04045 {
			return v / 12.92
		}
		return math.Pow((v+0.055)/1.055, 2.4)
	}
	return 0.2126*linear(r) + 0.7152*linear(g) + 0.0722*linear(b)
}

func TestFormatDuration(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0:                        "0 s",
		7:                        "7 ns",
		999:                      "999 ns",
		1500:                     "1.50 µs",
		999_700:                  "1.00 ms",
		45_640_000:               "45.6 ms",
		1234 * time.Millisecond:  "1.23 s",
		119 * time.Second:        "119 s",
		150 * time.Second:        "2.50 min",
		3 * time.Hour:            "3.00 h",
		-1500 * time.Microsecond: "−1.50 ms",
	} {
		if got := formatDuration(d); got != want {
			t.Errorf("%d is %q, want %q", d, got, want)
		}
	}
}

func TestTicksAreRoundAndFew(t *testing.T) {
	for _, total := range []time.Duration{3, 999, 1000, 12345, 371 * time.Millisecond, time.Second, 107 * time.Second, 3 * time.Minute, 90 * time.Hour} {
		list := ticks(0, total, 6)
		if len(list) < 3 || len(list) > 8 || list[0].at != 0 {
			t.Errorf("%v: %v", total, list)
		}
		for _, k := range list {
			if k.at > total {
				t.Errorf("%v: tick %v lies beyond", total, k)
			}
		}
	}
	if got := fmt.Sprint(ticks(1120*time.Microsecond, 1360*time.Microsecond, 5)); got != "[{1150000 1.15 ms} {1200000 1.20 ms} {1250000 1.25 ms} {1300000 1.30 ms} {1350000 1.35 ms}]" {
		t.Error(got)
	}
}

func TestNumbers(t *testing.T) {
	for n, want := range map[int]string{0: "0", 999: "999", 1000: "1,000", 1234567: "1,234,567", -1000: "-1,000"} {
		if got := count(n); got != want {
			t.Errorf("%d is %q", n, got)
		}
	}
	for n, want := range map[int]string{7: "7", 9999: "9,999", 12345: "12.3k", 999_499: "999k", 999_500: "1.00M", 25e8: "2.50G"} {
		if got := compact(n); got != want {
			t.Errorf("%d is %q", n, got)
		}
	}
	for v, want := range map[float64]string{0: "0%", 0.001: "<1%", 0.25: "25%", 1: "100%"} {
		if got := percent(v); got != want {
			t.Errorf("%v is %q", v, got)
		}
	}
}

func ExampleProgressText() {
	p := parallel.Progress{Label: "isPrime", Done: 93, Failed: 1, Total: 200, Workers: 2, Elapsed: 1200 * time.Millisecond}
	fmt.Println(ProgressText(p, 20, 0))
	p.Label = "func(n int) bool { return big.NewInt(int64(n)).ProbablyPrime(0) }"
	fmt.Println(ProgressText(p, 20, 80))
	fmt.Println(ProgressText(p, 20, 50))
	p.Label, p.Done, p.Final = "isPrime", 199, true
	fmt.Println(ProgressText(p, 20, 0))
	// Output:
	// isPrime █████████▍░░░░░░░░░░  47% · 94 of 200 · 1 failed · 1.20 s, 1.35 s left · 2 workers
	// func(n int)… ███████▉░░░░░░░░░  47% · 94 of 200 · 1 failed · 1.20 s, 1.35 s left
	// func(n int)… ████▏░░░░  47% · 94 of 200 · 1 failed
	// isPrime ████████████████████ 100% · 200 of 200 · 1 failed · 1.20 s · 2 workers
}

func ExampleHistogram() {
	fmt.Println(Histogram([]time.Duration{31e6, 33e6, 32e6, 31.5e6, 38e6, 31.2e6, 31.1e6}).Text())
	// Output:
	// 32.5 ± 2.5 ms
	// █▁  ▁ 31.0 ms … 38.0 ms
	// mean ± standard deviation of 7 runs · minimum 31.0 ms
}

func ExampleTimeline() {
	ms := time.Millisecond
	run := &parallel.Run{
		Label: "isPrime", Workers: 2, Cores: 2, Tasks: 3, Wall: 100 * ms, CPU: 155 * ms,
		Records: []parallel.Record{
			{Index: 0, Count: 1, Worker: 0, Started: 0, Finished: 45 * ms, Returned: 45 * ms},
			{Index: 1, Count: 1, Worker: 1, Started: 0, Finished: 10 * ms, Returned: 10 * ms},
			{Index: 2, Count: 1, Worker: 1, Started: 10 * ms, Finished: 100 * ms, Returned: 100 * ms},
		},
	}
	fmt.Println(Timeline(run).Text())
	// Output:
	// isPrime · 3 tasks · 2 workers
	//         queue │▂▂▂▂▂▂                                                    │    3
	//      worker 0 │██████████████████████████░                               │  45%
	//      worker 1 │██████████████████████████████████████████████████████████│ 100%
	// tasks at once │██████████████████████████▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄│    2
	//                0 ms       20 ms       40 ms      60 ms       80 ms       100 ms
	// wall time 100 ms · CPU time 155 ms · speed-up 1.45× · efficiency 73% ·
	// imbalance 38%
	// where the workers' time went: work 73% · nothing to do 27%
	// Worker 0 sat idle for the last 55% of the run: one long task (2) came last.
}

// Sums of several calls keep the fractions of a nanosecond.
func TestHistogramOfCalls(t *testing.T) {
	text := Histogram([]time.Duration{4700, 4900, 4800}, Calls(1000)).Text()
	if !strings.HasPrefix(text, "4.80 ± 0.10 ns") || !strings.Contains(text, "minimum 5 ns") {
		t.Error(text)
	}
}
