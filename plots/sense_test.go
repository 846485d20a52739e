package plots

import (
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/adabc437/fanout/parallel"
	"github.com/adabc437/fanout/parallel/scaling"
)

const nonsense = "The run's figures make no sense: "

// What is made by hand is refused with the reason, or drawn.
func TestFiguresMadeByHand(t *testing.T) {
	records := func(list ...parallel.Record) []parallel.Record { return list }
	nan := math.NaN()
	for name, c := range map[string]struct {
		figure *Figure
		want   string
	}{
		"too many tasks in a record": {Timeline(&parallel.Run{Workers: 1, Tasks: 1, Wall: 1000000, Records: records(parallel.Record{Count: 50, Finished: 500000, Started: 10000})}),
			"record 0 is of 50 tasks from 0, but there are 1 in all"},
		"too many tasks in all": {Timeline(&parallel.Run{Workers: 1, Tasks: 1, Wall: 100, Records: records(parallel.Record{Count: 1}, parallel.Record{Count: 1})}), "the records are of more than the 1 tasks"},
		"negative workers":      {Timeline(&parallel.Run{Workers: -3, Tasks: -1, Wall: -5}), "the number of workers is -3"},
		"many workers":          {Timeline(&parallel.Run{Workers: 1 << 40}), "the number of workers is 1099511627776"},
		"the least time":        {Timeline(&parallel.Run{Workers: 1, Wall: math.MinInt64}), "the wall time in nanoseconds is -9.223e+18"},
		"a worker there is not": {Timeline(&parallel.Run{Workers: 1, Tasks: 1, Records: records(parallel.Record{Count: 1, Worker: 1})}), "record 0 is of worker 1, but there are 1 in all"},
		"times out of order":    {Timeline(&parallel.Run{Workers: 1, Tasks: 1, Wall: 9, Records: records(parallel.Record{Count: 1, Started: 5, Finished: 2})}), "started at 5ns, finished at 2ns"},
		"no workers":            {Speedup(&scaling.SpeedupResult{Points: []scaling.SpeedupPoint{{}}}), "the number of workers is 0"},
		"no number":             {Speedup(&scaling.SpeedupResult{Points: []scaling.SpeedupPoint{{Workers: 1, Speedup: nan}}}), "the speed-up with 1 worker is NaN"},
		"backwards":             {Speedup(&scaling.SpeedupResult{Points: []scaling.SpeedupPoint{{Workers: 2}, {Workers: 1}}}), "after 2 comes 1"},
		"no efficiency":         {Scaling(&scaling.EfficiencyResult{Strong: []scaling.ScalingPoint{{Workers: 1}}, Weak: []scaling.ScalingPoint{{Workers: 1, Efficiency: nan}}}), "the efficiency with 1 worker is NaN"},
		"chunks of none":        {Chunks(&scaling.ChunksResult{Workers: 1, Tasks: 1, Points: []scaling.ChunkPoint{{Size: 0}}}), "the size of the chunks is 0"},
		"an endless ratio":      {Compare(&scaling.CompareResult{Rows: []scaling.CompareRow{{Name: "a", Ratio: math.Inf(1)}}}), "the ratio of a is +Inf"},
		"a negative sample":     {Histogram([]time.Duration{-5, 3}), "the least time in nanoseconds is -5"},
	} {
		text := c.figure.plain
		if !strings.Contains(text, nonsense) || !strings.Contains(text, c.want) {
			t.Errorf("%s: no %q in\n%s", name, c.want, text)
		}
		if _, high := c.figure.Size(); high < 50 || len(c.figure.PNG()) == 0 || !strings.Contains(c.figure.SVG(), "make no sense") {
			t.Errorf("%s: the picture does not say so: %s", name, c.figure.SVG())
		}
	}
}

// odd are numbers at which things break.
var odd = []int64{0, 1, -1, 2, 3, 7, 50, 1000, 1 << 16, 1 << 30, 1 << 40, 1 << 60, math.MaxInt64, math.MinInt64, -5}

var oddFloats = []float64{0, 1, -1, 0.5, 2, 1e-300, 5e-324, 1e9, 1e300, math.MaxFloat64, math.NaN(), math.Inf(1), math.Inf(-1)}

// garble puts odd values into about one in so many numbers of what v holds, and cuts or
// doubles some lists.
func garble(rng *rand.Rand, v reflect.Value, every int) {
	hit := func() bool { return rng.IntN(every) == 0 }
	switch v.Kind() {
	case reflect.Pointer:
		garble(rng, v.Elem(), every)
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() && v.Type() != reflect.TypeFor[time.Time]() {
				garble(rng, v.Field(i), every)
			}
		}
	case reflect.Slice:
		n := v.Len()
		if n > 0 && hit() {
			v.Set(v.Slice(0, rng.IntN(n)))
		} else if n > 0 && hit() {
			v.Set(reflect.AppendSlice(v, v))
		}
		for i := range v.Len() {
			garble(rng, v.Index(i), every*max(n, 1))
		}
	case reflect.Int, reflect.Int64:
		if hit() {
			v.SetInt(odd[rng.IntN(len(odd))])
		}
	case reflect.Float64:
		if hit() {
			v.SetFloat(oddFloats[rng.IntN(len(oddFloats))])
		}
	case reflect.Bool:
		if hit() {
			v.SetBool(!v.Bool())
		}
	}
}

// No number in a run or a result keeps a figure from being drawn, and what is drawn has
// coordinates that are numbers.
func TestFiguresOfGarbage(t *testing.T) {
	runs := cases()
	names := []string{"few", "retried", "failed", "cancelled", "uneven", "chunks", "empty", "zero", "wide", "crowded"}
	drawn, refused := 0, 0
	for seed := range uint64(90) {
		rng := rand.New(rand.NewPCG(seed, 5))
		every := []int{3, 12, 40}[seed%3]
		run := *runs[names[rng.IntN(len(names))]]
		run.Records = slices.Clone(run.Records)
		speedup := speedups("f", 4, 0.1, 0.01, 1, 2, 4, 8)
		if seed%2 == 0 {
			speedup = speedups("f", 32, 0.1, 0, 1, 16, 64)
		}
		chunked := byChunks("f", 10_000, 4, time.Microsecond, time.Microsecond, 1, 10, 100, 1000)
		compared := &scaling.CompareResult{Rows: []scaling.CompareRow{compareRow("a", time.Second, time.Second), compareRow("b", time.Millisecond, time.Second)}}
		scaled := scalings(4, 0.1, 1, 2, 4, 32)
		samples := &[]time.Duration{1, 2, 3, time.Second, time.Hour}
		for _, v := range []any{&run, speedup, chunked, compared, scaled, samples} {
			garble(rng, reflect.ValueOf(v), every)
		}
		for name, draw := range map[string]func() *Figure{
			"timeline": func() *Figure { return Timeline(&run) }, "speedup": func() *Figure { return Speedup(speedup) }, "chunks": func() *Figure { return Chunks(chunked) },
			"compare": func() *Figure { return Compare(compared) }, "scaling": func() *Figure { return Scaling(scaled) }, "histogram": func() *Figure { return Histogram(*samples) },
		} {
			f := tried(t, fmt.Sprintf("%s, seed %d", name, seed), draw)
			if f == nil {
				continue
			}
			svg := f.SVG()
			if strings.Contains(f.Text(), nonsense) {
				refused++
			} else if drawn++; strings.Contains(f.Text(), "NaN") || strings.Contains(f.Text(), "Inf") {
				t.Errorf("%s, seed %d: a figure is not a number:\n%s", name, seed, f.Text())
			}
			if plain := strings.ReplaceAll(svg, " is NaN", ""); !strings.Contains(f.Text(), nonsense) && strings.Contains(plain, "NaN") || len(svg) > 400_000 || len(f.Text()) > 20_000 {
				t.Errorf("%s, seed %d: %d bytes, or a coordinate is not a number", name, seed, len(svg))
			}
			if seed%30 == 0 {
				f.PNG()
			}
		}
	}
	if drawn < 60 || refused < 60 {
		t.Errorf("%d drawn and %d refused: the numbers are no test", drawn, refused)
	}
}

// tried draws a figure, and says with which numbers it panics.
func tried(t *testing.T, name string, draw func() *Figure) (f *Figure) {
	defer func() {
		if v := recover(); v != nil {
			t.Errorf("%s: panic: %v", name, v)
		}
	}()
	return draw()
}

func TestFormatDurationOfTheLeast(t *testing.T) {
	if got := formatDuration(math.MinInt64); got != "−2562048 h" {
		t.Error(got)
	}
}

// A long line is cut in less than the square of its length.
func TestClipLong(t *testing.T) {
	text := strings.Repeat("wide ", 200_000)
	if got := clip(text, 100, plainText, false); !strings.HasSuffix(got, "…") || textWidth(got, plainText, false) > 100 || len(got) < 10 {
		t.Errorf("%d bytes", len(got))
	}
}
