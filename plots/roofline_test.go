package plots

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/adabc437/fanout/parallel/device"
	"github.com/adabc437/fanout/parallel/device/backend"
	"github.com/adabc437/fanout/parallel/device/ir"
)

// roofed is a kernel on a GPU that reaches a share of the limit at an intensity.
func roofed(name string, kind ir.Kind, intensity, share float64) *device.Roofline {
	r := &device.Roofline{
		Device: backend.Info{Name: "NVIDIA RTX 4090", Kind: backend.GPU, Units: 128, Float64: true}, Function: name, Tasks: 10_000_000, Kind: kind,
		Bytes: 160e6, Ops: 160e6 * intensity, Sampled: 256, Launches: 15,
		Limits: device.Limits{Bandwidth: 910e9, Rates: []device.Rate{{Kind: ir.Float32, Rate: 39e12}, {Kind: ir.Float64, Rate: 0.62e12}}},
	}
	if !kind.IsFloat() {
		r.Limits.Rates = append(r.Limits.Rates, device.Rate{Kind: kind, Rate: 19e12})
	}
	limit := min(intensity*r.Limits.Bandwidth, r.Limits.Rate(kind))
	if intensity == 0 {
		r.Time = time.Duration(r.Bytes / (share * r.Limits.Bandwidth) * 1e9)
	} else {
		r.Time = time.Duration(r.Ops / (share * limit) * 1e9)
	}
	r.Low, r.High = r.Time*98/100, r.Time*103/100
	return r
}

func rooflines() map[string]*device.Roofline {
	all := map[string]*device.Roofline{
		"memory":     roofed("saxpy", ir.Float32, 0.17, 0.88),
		"arithmetic": roofed("nbody", ir.Float64, 120, 0.81),
		"far":        roofed("branches", ir.Float32, 900, 0.06),
		"roots":      roofed("roots", ir.Float32, 20, 0.11),
		"integers":   roofed("collatz", ir.Int64, 300, 0.2),
		"scattered":  roofed("gather", ir.Float32, 0.2, 0.12),
		"caches":     roofed("small", ir.Float32, 0.5, 2.4),
		"copies":     roofed("swap", ir.Float32, 0, 0.9),
		"no-bytes":   roofed("pi", ir.Float32, 50, 0.5),
		"few":        roofed("few", ir.Float32, 5, 0.01),
		"short":      roofed("short", ir.Float32, 5, 0.05),
		"steps":      roofed("steps", ir.Float64, 5, 0.2),
		"nothing":    nil,
	}
	all["roots"].Slow = all["roots"].Ops / 4
	all["integers"].Slow = all["integers"].Ops / 3
	all["no-bytes"].Bytes = 0
	all["steps"].Device.Backend = "cpu"
	all["steps"].Limits.Rates[0].Rate = 0.63e12
	all["few"].Tasks, all["few"].Sampled = 100, 100
	all["short"].Time, all["short"].Low, all["short"].High = 9*time.Microsecond, 8*time.Microsecond, 10*time.Microsecond
	all["short"].Bytes, all["short"].Ops = 409_500, 5*409_500
	return all
}

func TestRooflineSaysWhatHoldsTheKernelUp(t *testing.T) {
	for name, want := range map[string][]string{
		"memory":     {"saxpy · roofline · NVIDIA RTX 4090", "Bound by memory", "88% of what that can", "several steps in one function", "910 GB/s", "39.0 TFLOP/s", "0.17 FLOP/B", "those of 256 tasks were counted"},
		"arithmetic": {"Bound by arithmetic", "81% of the limit", "float32 has 62.9 times the rate of float64 here"},
		"far":        {"6% of that limit", "Operations that wait for each other"},
		"roots":      {"25% are divisions and functions such as Sqrt"},
		"integers":   {"divisions and remainders", "int64", "Top/s", "op/B"},
		"scattered":  {"only 109 GB/s", "read far from each other"},
		"caches":     {"its data stay in the caches"},
		"copies":     {"only moves numbers", "90% of what the memory can"},
		"no-bytes":   {"no bytes"},
		"few":        {"100 tasks cannot keep 128 compute units busy", "operations of all tasks were counted"},
		"short":      {"A launch that takes 9.00 µs"},
		"steps":      {"does not compile them"},
		"nothing":    {"Nothing was measured."},
	} {
		f := Roofline(rooflines()[name])
		shown := strings.Join(texts(parseSVG(t, f.SVG())), " ")
		text := strings.Join(strings.Fields(f.Text()), " ")
		for _, s := range want {
			if !strings.Contains(shown, s) || !strings.Contains(text, s) {
				t.Errorf("%s: no %q in the picture or the text: %s\n%s", name, s, shown, f.Text())
			}
		}
	}
}

// The point is under the roof, as far as the kernel is from its limit.
func TestRooflineDrawsThePointAndItsLimits(t *testing.T) {
	for name, r := range rooflines() {
		if r == nil {
			continue
		}
		svg := parseSVG(t, Roofline(r).SVG())
		for class, n := range map[string]int{"kernel": 1, "memory": 1, "arithmetic": 1, "other": len(r.Limits.Rates) - 1} {
			got := 0
			for _, e := range svg {
				if e.attrs["class"] == class {
					got++
				}
			}
			if got != n {
				t.Errorf("%s: %d of %s, want %d", name, got, class, n)
			}
		}
		f := rooflineFigure{r: r}
		x, y := f.at()
		if share := y / f.roof(x); r.Ops > 0 && r.Bytes > 0 && (share/r.Reached() < 0.99 || share/r.Reached() > 1.01) {
			t.Errorf("%s: drawn at %v of the limit, and is at %v", name, share, r.Reached())
		}
	}
}

func TestRooflineOfGarbage(t *testing.T) {
	drawn, refused := 0, 0
	for seed := range uint64(300) {
		rng := rand.New(rand.NewPCG(seed, 11))
		r := roofed("f", []ir.Kind{ir.Float32, ir.Float64, ir.Int32}[seed%3], 3, 0.5)
		garble(rng, reflect.ValueOf(r), []int{3, 12, 40}[seed/3%3])
		switch seed % 20 {
		case 7:
			r.Kind = 99
		case 8:
			r.Limits.Rates = []device.Rate{{Kind: 99, Rate: 1e12}}
		case 9:
			r.Limits.Rates = nil
		}
		f := tried(t, fmt.Sprintf("seed %d", seed), func() *Figure { return Roofline(r) })
		if f == nil {
			continue
		}
		if strings.Contains(f.Text(), nonsense) {
			refused++
			continue
		}
		drawn++
		if s := f.SVG() + f.Text(); strings.Contains(s, "NaN") || strings.Contains(s, "Inf") || len(s) > 100_000 {
			t.Errorf("seed %d: a number is none, or %d bytes:\n%s", seed, len(s), f.Text())
		}
	}
	if drawn < 50 || refused < 50 {
		t.Errorf("%d drawn and %d refused: the numbers are no test", drawn, refused)
	}
}
