package plots

import (
	"bytes"
	"image/color"
	"image/png"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/adabc437/fanout/parallel/scaling"
)

const method = "Each of 4 settings ran 9 times, in turn, after a warm-up run. Times are medians, with the quartiles between which half of the repeats lie: within ±2.0%."

// repeats are timings around d, seeded by it.
func repeats(d time.Duration, spread float64) scaling.Timing {
	rng := rand.New(rand.NewPCG(3, uint64(d)))
	times := make([]time.Duration, 9)
	for i := range times {
		times[i] = time.Duration(float64(d) * (1 + spread*rng.NormFloat64()))
	}
	return scaling.NewTiming(times)
}

// speedups is what Speedup would answer for a program with a serial part, and overhead that
// grows with the workers.
func speedups(label string, cores int, serial, overhead float64, workers ...int) *scaling.SpeedupResult {
	const one = 800 * time.Millisecond
	r := &scaling.SpeedupResult{Label: label, Cores: cores, Method: method}
	var fitted []float64
	for _, w := range workers {
		p := float64(min(w, cores))
		s := 1 / (1/scaling.Amdahl(serial, p) + overhead*(p-1))
		pt := scaling.SpeedupPoint{Workers: w, Timing: repeats(time.Duration(float64(one)/s), 0.02), Speedup: s, SpeedupLow: s * 0.97, SpeedupHigh: s * 1.02, Efficiency: s / float64(w)}
		if w == 1 {
			pt.SpeedupLow, pt.SpeedupHigh = 1, 1
		} else {
			pt.KarpFlatt = scaling.KarpFlatt(s, float64(w))
		}
		if w > 1 && w <= cores {
			r.FitWorkers, fitted = append(r.FitWorkers, w), append(fitted, s)
		}
		r.Points = append(r.Points, pt)
	}
	r.Serial = scaling.FitAmdahl(r.FitWorkers, fitted)
	r.SerialLow, r.SerialHigh = 0.9*r.Serial, 1.1*r.Serial
	return r
}

// byChunks is what Chunks would answer for tasks of a length and chunks of a cost.
func byChunks(label string, tasks, workers int, task, overhead time.Duration, sizes ...int) *scaling.ChunksResult {
	r := &scaling.ChunksResult{Label: label, Cores: workers, Workers: workers, Tasks: tasks, Fitted: true, Method: method}
	r.Floor, r.Overhead = time.Duration(tasks/workers)*task, overhead
	for _, size := range sizes {
		chunks := (tasks + size - 1) / size
		d := r.Predict(size)
		if chunks < 3*workers {
			d = d * 5 / 4
		}
		r.Points = append(r.Points, scaling.ChunkPoint{Size: size, Chunks: chunks, Timing: repeats(d, 0.01)})
	}
	best := r.Points[0]
	for _, p := range r.Points {
		if p.Median < best.Median {
			best = p
		}
	}
	r.Best = best.Size
	for _, p := range r.Points {
		if float64(p.Median) <= 1.05*float64(best.Median) {
			r.GoodTo = p.Size
			if r.GoodFrom == 0 {
				r.GoodFrom = p.Size
			}
		} else if p.Size > r.Best && r.ImbalanceFrom == 0 {
			r.ImbalanceFrom = p.Size
		}
	}
	r.Auto = scaling.ChunkPoint{Size: max(tasks/40, 1), Chunks: 40, Timing: repeats(best.Median*102/100, 0.01)}
	return r
}

func compareRow(name string, d time.Duration, first time.Duration) scaling.CompareRow {
	ratio := float64(first) / float64(d)
	return scaling.CompareRow{Name: name, Timing: repeats(d, 0.03), Ratio: ratio, RatioLow: 0.97 * ratio, RatioHigh: 1.03 * ratio, Agrees: true}
}

func scalings(cores int, fixed float64, workers ...int) *scaling.EfficiencyResult {
	r := &scaling.EfficiencyResult{Label: "sum", Cores: cores, Method: method}
	var strong, weak []float64
	for _, w := range workers {
		p := float64(min(w, cores))
		t := func(scale float64) float64 { return fixed + (1-fixed)*scale/p*(1+0.01*(p-1)) } // as memory grows slower
		point := func(scale int) scaling.ScalingPoint {
			e := float64(scale) / float64(w) / t(float64(scale))
			if w == 1 {
				return scaling.ScalingPoint{Workers: 1, Scale: 1, Timing: repeats(time.Second, 0.02), Efficiency: 1, EfficiencyLow: 1, EfficiencyHigh: 1, Speedup: 1}
			}
			return scaling.ScalingPoint{Workers: w, Scale: scale, Timing: repeats(time.Duration(t(float64(scale))*float64(time.Second)), 0.02),
				Efficiency: e, EfficiencyLow: 0.97 * e, EfficiencyHigh: 1.02 * e, Speedup: e * float64(w)}
		}
		r.Strong, r.Weak = append(r.Strong, point(1)), append(r.Weak, point(w))
		if w > 1 && w <= cores {
			r.FitWorkers = append(r.FitWorkers, w)
			strong, weak = append(strong, r.Strong[len(r.Strong)-1].Speedup), append(weak, r.Weak[len(r.Weak)-1].Speedup)
		}
	}
	r.StrongSerial, r.WeakSerial = scaling.FitAmdahl(r.FitWorkers, strong), scaling.FitGustafson(r.FitWorkers, weak)
	return r
}

// charts are figures of experiments of every kind, drawn with some options.
func charts(opts ...Option) map[string]*Figure {
	noisy := speedups("%speedup isPrime", 2, 0.03, 0, 1, 2, 4)
	noisy.Noisy = true
	noisy.Warnings = []string{
		"The machine was noisy: times with 2 workers vary by ±12%, where up to 5% is usual. Measure again when nothing else runs.",
		"4 workers share 2 cores: more of them than cores cannot be faster, unless their tasks wait.",
	}
	waits := speedups("fetch", 64, 0, 0, 1, 2, 4, 8, 16)
	waits.Cores, waits.Waits = 2, true
	crowded := speedups("isPrime", 2, 0.4, 0, 1, 2)
	crowded.Points[1].Delayed, crowded.Noisy = 0.5, true
	crowded.Warnings = []string{"Other programs used the cores too: with 2 workers the tasks spent 50% of their time waiting for one."}
	slower := speedups("square", 4, 1, 0.2, 1, 2, 4)
	ways := &scaling.CompareResult{Label: "collatz", Agree: true, Method: method, Rows: []scaling.CompareRow{
		compareRow("serial loop", 930*time.Millisecond, 930*time.Millisecond),
		compareRow("parallel, 2 workers", 480*time.Millisecond, 930*time.Millisecond),
		compareRow("interpreted", 41*time.Second, 930*time.Millisecond),
		{Name: "OpenCL", Err: "no device: install pocl-opencl-icd, or a driver of the GPU"},
	}}
	wrong := &scaling.CompareResult{Label: "sum <with> a race", Method: method, Rows: []scaling.CompareRow{
		compareRow("serial loop", 100*time.Millisecond, 100*time.Millisecond),
		compareRow(strings.Repeat("a very long name ", 5), 90*time.Millisecond, 100*time.Millisecond),
	}}
	wrong.Rows[1].Agrees, wrong.Rows[1].Differs = false, "[17]: 3 and 4"
	unfitted := byChunks("few", 6, 2, time.Second, time.Microsecond, 1, 2, 3)
	unfitted.Fitted, unfitted.Floor, unfitted.Overhead = false, 0, 0
	all := map[string]*Figure{
		"speedup":          Speedup(speedups("mandelbrot", 8, 0.04, 0, 1, 2, 3, 4, 5, 6, 7, 8, 16), opts...),
		"speedup-overhead": Speedup(speedups("histogram", 8, 0.01, 0.006, 1, 2, 4, 8), opts...),
		"speedup-many":     Speedup(speedups("simulate", 96, 0.01, 0, 1, 2, 4, 8, 16, 32, 64, 96, 192), opts...),
		"speedup-two":      Speedup(noisy, opts...),
		"speedup-waits":    Speedup(waits, opts...),
		"speedup-crowded":  Speedup(crowded, opts...),
		"speedup-slower":   Speedup(slower, opts...),
		"speedup-one":      Speedup(speedups("one", 1, 0, 0, 1), opts...),
		"speedup-empty":    Speedup(nil, opts...),
		"chunks":           Chunks(byChunks("%chunks sqrt", 100_000, 4, 200*time.Nanosecond, 900*time.Nanosecond, 1, 4, 16, 64, 256, 1024, 4096, 16384, 25000), opts...),
		"chunks-long":      Chunks(byChunks("isPrime", 400, 2, time.Millisecond, 2*time.Microsecond, 1, 2, 4, 8, 16, 32, 64, 128, 200), opts...),
		"chunks-unfitted":  Chunks(unfitted, opts...),
		"chunks-empty":     Chunks(nil, opts...),
		"compare":          Compare(ways, opts...),
		"compare-wrong":    Compare(wrong, opts...),
		"compare-empty":    Compare(nil, opts...),
		"scaling":          Scaling(scalings(8, 0.06, 1, 2, 4, 8, 16), opts...),
		"scaling-many":     Scaling(scalings(128, 0.01, 1, 2, 4, 8, 16, 32, 64, 128), opts...),
		"scaling-one":      Scaling(scalings(1, 0, 1, 2), opts...),
		"scaling-empty":    Scaling(nil, opts...),
	}
	for name, p := range profiles() {
		all["device-"+name] = Device(p, opts...)
	}
	for name, r := range rooflines() {
		all["roofline-"+name] = Roofline(r, opts...)
	}
	all["lanes"] = Timeline(profiles()["overlap"].Run(), opts...)
	all["lanes-failed"] = Timeline(profiles()["failed"].Run(), opts...)
	return all
}

func TestChartsAreStaticBoundedAndInsideTheirCards(t *testing.T) {
	for variant, opts := range map[string][]Option{"": nil, "narrow dark": {Width(1), Dark(), Title(strings.Repeat("long ", 50))}, "wide": {Width(1000)}} {
		for name, f := range charts(opts...) {
			t.Run(name+" "+variant, func(t *testing.T) {
				svg := f.SVG()
				if len(svg) > 40_000 || strings.Contains(svg, "NaN") || strings.Contains(svg, "Inf") {
					t.Errorf("%d bytes, or a coordinate is not a number", len(svg))
				}
				for _, e := range parseSVG(t, svg) {
					switch e.name {
					case "svg", "title", "desc", "rect", "path":
					case "text":
						checkInside(t, f.scene, e)
					default:
						t.Errorf("unexpected <%s>", e.name)
					}
				}
			})
		}
	}
}

func TestGoldenTextsOfCharts(t *testing.T) {
	for name, f := range charts() {
		golden(t, "chart-"+name, f.Text())
	}
}

func TestChartsShowWhatTheirTextShows(t *testing.T) {
	all := charts()
	for name, want := range map[string][]string{
		"speedup":        {"mandelbrot · speed-up", "workers", "Amdahl's law, serial fraction 4.0%", "8 cores", "6.25×", "limit by Amdahl", "25.0×"},
		"speedup-two":    {"2 cores", "1.94×", "The machine was noisy"},
		"chunks":         {"time of the map (log scale)", "tasks in a chunk (log scale)", "auto", "cost of a chunk", "900 ns"},
		"compare":        {"serial loop", "reference", "agrees", "1.94×", "0.023×", "failed", "no device: install"},
		"compare-wrong":  {"differs", "sum &lt;with&gt; a race"},
		"scaling":        {"strong, 8 workers", "weak, 8 workers", "efficiency (share of each worker's time that arrives as speed)", "8 cores"},
		"speedup-empty":  {"Nothing was measured."},
		"scaling-empty":  {"Nothing was measured."},
		"compare-empty":  {"Nothing was measured."},
		"chunks-empty":   {"Nothing was measured."},
		"speedup-slower": {"More workers made it no faster"},
	} {
		svg := all[name].SVG()
		for _, s := range want {
			if !strings.Contains(strings.ReplaceAll(svg, "&#39;", "'"), s) {
				t.Errorf("%s: %q is missing", name, s)
			}
		}
	}
}

func TestChartsHaveAPointForEachSetting(t *testing.T) {
	all := charts()
	for name, want := range map[string]map[string]int{
		"speedup":     {"point": 9, "ideal": 1, "amdahl": 1, "cores": 2, "error-bar": 27, "warning": 0, "metric": 7},
		"speedup-two": {"point": 3, "amdahl": 1, "warning": 2, "metric": 0},
		"chunks":      {"point": 9, "auto": 1, "floor": 1, "model": 1, "imbalance": 1, "good": 1},
		"compare":     {"bar": 3, "agrees": 2, "differs": 0},
		"scaling":     {"strong": 5, "weak": 5, "strong-line": 1, "weak-line": 1, "cores": 1},
	} {
		svg := parseSVG(t, all[name].SVG())
		for class, n := range want {
			if got := rects(svg, class); got != n {
				t.Errorf("%s: %d of %s, want %d", name, got, class, n)
			}
		}
	}
}

func TestLessonsOfCharts(t *testing.T) {
	all := charts()
	for name, want := range map[string][]string{
		"speedup": {
			"With 8 workers the work was done 6.25 times as fast as with one: each worker was worth 78% of a lone one.",
			"no number of workers makes it more than 25.0 times as fast", "stays near 4.0%: a serial part", "More workers than the 8 cores bring nothing",
		},
		"speedup-overhead": {"The Karp–Flatt metric grows from", "overhead that grows with the workers"},
		"speedup-waits":    {"The tasks mostly wait, so more workers than the 2 cores help."},
		"speedup-crowded":  {"Other programs used the cores too, which looks like a serial part"},
		"speedup-many":     {"more than 100 times as fast"},
		"chunks":           {"Handing out a chunk costs about 900 ns, and a task takes 200 ns: one task at a time, 82% of the workers' time", "some workers are done long before others"},
		"chunks-long":      {"even one task at a time costs next to nothing"},
		"compare":          {"parallel, 2 workers was the fastest, 1.94 times as fast as serial loop. All results agree"},
		"compare-wrong":    {"([17]: 3 and 4): a wrong answer is no use, however fast."},
		"scaling":          {"larger work makes better use of the workers (Gustafson's law)"},
		"scaling-one":      {"Only one worker had a core to itself"},
	} {
		text := all[name].plain
		for _, s := range want {
			if !strings.Contains(text, s) {
				t.Errorf("%s: %q is missing in\n%s", name, s, text)
			}
		}
	}
}

// A dashed line is painted where the SVG has its dashes, and nowhere else; where strokes
// of a bent line overlap, they do not cancel.
func TestPNGDrawsLines(t *testing.T) {
	const red = "#ff0000"
	s := scene{width: 100, height: 40}
	s.add(
		blocks{"ground", "#ffffff", []rect{{0, 0, 100, 40}}},
		line{"dashed", red, 4, 10, []point{{10, 10}, {30, 10}, {90, 10}}},
		line{"bent", red, 4, 0, []point{{10, 30}, {50, 30}, {50, 20}, {90, 20}}},
	)
	img, err := png.Decode(bytes.NewReader(s.png(1)))
	if err != nil {
		t.Fatal(err)
	}
	isRed := func(x, y int) bool {
		return color.NRGBAModel.Convert(img.At(x, y)) == color.NRGBA{255, 0, 0, 255}
	}
	for x := 11; x < 89; x++ {
		if within := (x - 10) % 10; within == 0 || within == 9 {
			continue
		}
		if got, want := isRed(x, 10), (x-10)/10%2 == 0; got != want {
			t.Errorf("dashed line at %d: red %v, want %v", x, got, want)
		}
	}
	for _, p := range [][2]int{{20, 30}, {49, 29}, {50, 30}, {50, 25}, {50, 20}, {51, 20}, {80, 20}} {
		if !isRed(p[0], p[1]) {
			t.Errorf("the bent line has a hole at %v", p)
		}
	}
}

func TestScalesHaveFewRoundMarksInside(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 5))
	for range 500 {
		least := 100 * math.Pow(10, 9*rng.Float64())
		greatest := least * math.Pow(10, 6*rng.Float64()*rng.Float64())
		for _, log := range []bool{false, true} {
			s, marks := timeScale(least, greatest, log, 6)
			if a, b := s.place(least), s.place(greatest); a < 0 || b > 1 {
				t.Fatalf("%v to %v are at %v and %v of %+v", least, greatest, a, b, s)
			}
			if len(marks) < 2 && greatest > 20*least || len(marks) > 7 {
				t.Fatalf("%v to %v, log %v: %v", least, greatest, log, marks)
			}
			for _, m := range marks {
				if p := s.place(m.at); p < -1e-9 || p > 1+1e-9 {
					t.Fatalf("%v to %v: a mark at %v", least, greatest, p)
				}
			}
		}
	}
}

func TestGalleryOfCharts(t *testing.T) {
	if *gallery == "" {
		t.Skip("no -gallery")
	}
	for variant, opts := range map[string][]Option{"": nil, "-dark": {Dark()}, "-narrow": {Width(400)}} {
		for name, f := range charts(opts...) {
			write(t, name+variant, f)
		}
	}
}

func TestTextsOfAnAxisKeepApart(t *testing.T) {
	marks := []notch{{1, "400 ms"}, {2, "500 ms"}, {3, "600 ms"}, {100, "800 ms"}}
	list := apart(marks, func(at float64) float64 { return 30 * at })
	if len(list) != 3 || list[0].text != "400 ms" || list[1].text != "600 ms" || list[2].text != "800 ms" {
		t.Error(list)
	}
}
