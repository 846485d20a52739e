package scaling

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/adabc437/fanout/parallel"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// A clock is moved on by the work that it times.
type clock struct{ at time.Time }

func (c *clock) now() time.Time           { return c.at }
func (c *clock) advance(by time.Duration) { c.at = c.at.Add(by) }
func (c *clock) plan(repeats int) Plan    { return Plan{Repeats: repeats, now: c.now} }

// settings reads what an experiment asks for, by way of an empty map.
func settings(t *testing.T, opts []parallel.Option) (workers int) {
	t.Helper()
	var run parallel.Run
	if _, err := parallel.Map(func(int) int { return 0 }, []int{}, append(slices.Clip(opts), parallel.WithRun(&run))...); err != nil {
		t.Fatal(err)
	}
	return run.Workers
}

func close1(a, b float64) bool { return math.Abs(a-b) <= 1e-6*math.Max(1, math.Abs(b)) }

func TestTimingSumsUp(t *testing.T) {
	got := NewTiming([]time.Duration{40, 10, 30, 20})
	want := Timing{Times: []time.Duration{40, 10, 30, 20}, Median: 25, Low: 18, High: 33, Min: 10, Max: 40}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if s := got.Spread(); !close1(s, 15.0/51) {
		t.Errorf("spread %v", s)
	}
	if !reflect.DeepEqual(NewTiming(nil), Timing{}) || (Timing{}).Spread() != 0 {
		t.Error("no times")
	}
}

func TestFitAmdahlRecoversTheSerialFraction(t *testing.T) {
	for _, workers := range [][]int{{2}, {1, 2, 4, 8}, {1, 2, 64, 1024}} {
		for _, s := range []float64{0, 1e-4, 0.01, 0.05, 0.3, 0.9, 1} {
			speedups := make([]float64, len(workers))
			for i, p := range workers {
				speedups[i] = Amdahl(s, float64(p))
			}
			if got := FitAmdahl(workers, speedups); math.Abs(got-s) > 1e-6 {
				t.Errorf("%v workers, serial fraction %v: got %v", workers, s, got)
			}
		}
	}
	if got := FitAmdahl([]int{1, 2, 4}, []float64{1, 2.2, 4.5}); got != 0 {
		t.Errorf("better than ideal: %v", got)
	}
	if got := FitAmdahl([]int{2, 4}, []float64{0.5, 0.4}); got != 1 {
		t.Errorf("slower than one worker: %v", got)
	}
	if got := FitAmdahl([]int{1}, []float64{1}); got != 0 {
		t.Errorf("nothing to fit: %v", got)
	}
}

func TestFitGustafsonRecoversTheSerialFraction(t *testing.T) {
	for _, s := range []float64{0, 0.1, 1} {
		if got := FitGustafson([]int{2, 5}, []float64{Gustafson(s, 2), Gustafson(s, 5)}); !close1(got, s) {
			t.Errorf("got %v, want %v", got, s)
		}
	}
	if FitGustafson([]int{1}, []float64{1}) != 0 {
		t.Error("nothing to fit")
	}
}

func TestKarpFlatt(t *testing.T) {
	if e := KarpFlatt(8, 8); e != 0 {
		t.Errorf("ideal: %v", e)
	}
	for _, p := range []float64{2, 7, 100} { // of Amdahl's law, it is the serial fraction
		if e := KarpFlatt(Amdahl(0.07, p), p); !close1(e, 0.07) {
			t.Errorf("%v workers: %v", p, e)
		}
	}
}

// amdahlWork takes a second on one worker, and follows Amdahl's law.
func amdahlWork(t *testing.T, c *clock, serial float64, seen *[]int) Work {
	return func(_ context.Context, opts ...parallel.Option) error {
		p := settings(t, opts)
		*seen = append(*seen, p)
		c.advance(time.Duration(float64(time.Second) / Amdahl(serial, float64(p))))
		return nil
	}
}

func TestSpeedupMeasuresAProgramWithASerialPart(t *testing.T) {
	var c clock
	var seen []int
	const cores = 2
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(cores))
	var progress []int
	plan := c.plan(4)
	plan.Label = "sum"
	plan.Progress = func(done, total int) {
		progress = append(progress, done)
		if total != 15 {
			t.Errorf("%d runs planned, want 15", total)
		}
	}
	r, err := Speedup(context.Background(), amdahlWork(t, &c, 0.2, &seen), SpeedupOptions{Workers: []int{cores, 4 * cores}, Plan: plan})
	if err != nil {
		t.Fatal(err)
	}
	a, b := cores, 4*cores
	if want := []int{1, a, b, 1, a, b, b, a, 1, 1, a, b, b, a, 1}; !slices.Equal(seen, want) {
		t.Errorf("ran %v, want %v", seen, want)
	}
	if len(progress) != 15 || progress[14] != 15 {
		t.Errorf("progress %v", progress)
	}
	if r.Label != "sum" || r.Cores != cores || r.Noisy || len(r.Points) != 3 || !slices.Equal(r.FitWorkers, []int{cores}) {
		t.Errorf("got %+v", r)
	}
	if math.Abs(r.Serial-0.2) > 1e-6 || math.Abs(r.SerialLow-0.2) > 1e-6 || math.Abs(r.SerialHigh-0.2) > 1e-6 || math.Abs(r.Limit()-5) > 1e-4 {
		t.Errorf("serial fraction %v, from %v to %v", r.Serial, r.SerialLow, r.SerialHigh)
	}
	for _, p := range r.Points {
		want := Amdahl(0.2, float64(p.Workers))
		if !close1(p.Speedup, want) || !close1(p.SpeedupLow, want) || !close1(p.Efficiency, want/float64(p.Workers)) || len(p.Times) != 4 {
			t.Errorf("got %+v", p)
		}
		if e := p.KarpFlatt; p.Workers > 1 && !close1(e, 0.2) || p.Workers == 1 && e != 0 {
			t.Errorf("Karp–Flatt %v of %d workers", e, p.Workers)
		}
	}
	for _, want := range []string{"3 worker counts ran 4 times", "20.0%"} {
		if !strings.Contains(r.Method, want) {
			t.Errorf("%q is missing in %q", want, r.Method)
		}
	}
	if got := strings.Join(r.Warnings, "\n"); !strings.Contains(got, "share") || !strings.Contains(got, "one point") || strings.Contains(got, "noisy") {
		t.Errorf("warnings: %s", got)
	}
}

func TestSpeedupTellsANoisyMachine(t *testing.T) {
	var c clock
	k := 0
	work := func(context.Context, ...parallel.Option) error {
		c.advance(time.Duration(100+20*(k%4)) * time.Millisecond)
		k++
		return nil
	}
	r, err := Speedup(context.Background(), work, SpeedupOptions{Workers: []int{1}, Plan: c.plan(8)})
	if err != nil {
		t.Fatal(err)
	}
	got := strings.Join(r.Warnings, "\n")
	if !r.Noisy || !strings.Contains(got, "The machine was noisy: times with 1 worker vary by ±") || !strings.Contains(got, "did not hand its options on") {
		t.Errorf("noisy %v, warnings %s", r.Noisy, got)
	}
	if len(r.FitWorkers) != 0 || r.Serial != 0 {
		t.Errorf("one point was fitted: %+v", r)
	}
}

func TestRepeatsFollowTheBudget(t *testing.T) {
	for _, c := range []struct {
		plan  Plan
		round time.Duration
		want  int
	}{
		{Plan{}, time.Microsecond, 50},
		{Plan{}, 500 * time.Millisecond, 10},
		{Plan{}, 4 * time.Second, 3},
		{Plan{}, 8 * time.Second, 2},
		{Plan{}, time.Minute, 0},
		{Plan{Budget: time.Minute}, time.Minute, 3},
		{Plan{Repeats: 7}, time.Hour, 7},
	} {
		if got := c.plan.repeats(c.round); got != c.want {
			t.Errorf("%+v, a round of %v: %d, want %d", c.plan, c.round, got, c.want)
		}
	}
}

func TestRepeatsEndWhenTheBudgetIsUsedUp(t *testing.T) {
	var c clock
	runs, last := 0, [2]int{}
	work := func(context.Context, ...parallel.Option) error {
		if runs++; runs == 1 {
			c.advance(10 * time.Millisecond)
		} else { // something else has begun to use the machine
			c.advance(300 * time.Millisecond)
		}
		return nil
	}
	plan := Plan{Budget: time.Second, Progress: func(done, total int) { last = [2]int{done, total} }, now: c.now}
	r, err := Speedup(context.Background(), work, SpeedupOptions{Workers: []int{1}, Plan: plan})
	if err != nil {
		t.Fatal(err)
	}
	if n := len(r.Points[0].Times); n != 4 || last != [2]int{5, 5} {
		t.Errorf("%d repeats, progress %v", n, last)
	}
}

func TestACrowdedMachineIsToldFromANoisyOne(t *testing.T) {
	runs := []parallel.Run{
		{Start: time.Now(), Workers: 1, Wall: time.Second, Delayed: 500 * time.Millisecond, Records: []parallel.Record{{Count: 1, Finished: time.Second}}},
	}
	vary := NewTiming([]time.Duration{time.Second, 2 * time.Second, 3 * time.Second})
	r := speedupResult("", 2, []int{1}, []Timing{vary}, runs, true)
	if got := strings.Join(r.Warnings, "\n"); !r.Noisy || !strings.Contains(got, "The machine was noisy") || !strings.Contains(got, "with 1 worker the tasks spent 50% of their time waiting") {
		t.Errorf("%s", got)
	}
}

func TestALongRunIsMeasuredByItsWarmUp(t *testing.T) {
	var c clock
	var seen []int
	work := amdahlWork(t, &c, 0, &seen)
	r, err := Speedup(context.Background(), work, SpeedupOptions{Workers: []int{1, 2}, Plan: Plan{Budget: 100 * time.Millisecond, now: c.now}})
	if err != nil {
		t.Fatal(err)
	}
	if len(seen) != 2 || !close1(r.Points[1].Speedup, 2) || !strings.Contains(r.Method, "once only") || !strings.Contains(strings.Join(r.Warnings, ""), "Too few repeats") {
		t.Errorf("ran %v: %+v", seen, r)
	}
}

func TestWorkerCounts(t *testing.T) {
	for _, c := range []struct {
		asked []int
		cores int
		want  []int
	}{
		{nil, 1, []int{1, 2}},
		{nil, 2, []int{1, 2, 4}},
		{nil, 6, []int{1, 2, 3, 4, 5, 6, 12}},
		{nil, 12, []int{1, 2, 4, 8, 12, 24}},
		{[]int{8, 2, 2}, 4, []int{1, 2, 8}},
	} {
		if got, err := workerCounts(c.asked, c.cores); err != nil || !slices.Equal(got, c.want) {
			t.Errorf("%v on %d cores: %v, %v", c.asked, c.cores, got, err)
		}
	}
	for _, w := range []int{0, -1, maxWorkers + 1} {
		if _, err := Speedup(context.Background(), nil, SpeedupOptions{Workers: []int{w}}); err == nil || !strings.Contains(err.Error(), "from 1 to") {
			t.Errorf("%d workers: %v", w, err)
		}
	}
}

func TestChunkSizes(t *testing.T) {
	for _, c := range []struct {
		asked          []int
		tasks, workers int
		want           []int
	}{
		{nil, 1, 4, []int{1}},
		{nil, 100, 2, []int{1, 2, 4, 8, 16, 32, 50}},
		{nil, 101, 2, []int{1, 2, 4, 8, 16, 32, 51}},
		{nil, 1 << 20, 2, []int{2, 8, 32, 128, 512, 2048, 8192, 32768, 131072, 524288}},
		{[]int{50, 7, 500}, 100, 2, []int{7, 50, 100}},
	} {
		if got, err := chunkSizes(c.asked, c.tasks, c.workers); err != nil || !slices.Equal(got, c.want) {
			t.Errorf("%+v: %v, %v", c, got, err)
		}
	}
	if _, err := chunkSizes([]int{0}, 1, 1); err == nil {
		t.Error("a chunk of nothing")
	}
}

func TestChunksFindsOverheadFloorAndImbalance(t *testing.T) {
	const tasks, workers = 10_000, 2
	sizes, _ := chunkSizes(nil, tasks, workers)
	timing := func(d time.Duration) Timing { return NewTiming([]time.Duration{d, d, d}) }
	timings := []Timing{timing(101 * time.Millisecond)}
	for _, size := range sizes {
		d := 100*time.Millisecond + 3*time.Microsecond*time.Duration(chunkCount(tasks, size))/workers
		if size >= 2000 {
			d += 30 * time.Millisecond
		}
		timings = append(timings, timing(d))
	}
	auto := parallel.Run{Start: time.Now(), Workers: workers, Tasks: tasks, Records: make([]parallel.Record, 20)}
	r := &ChunksResult{Cores: 2, Workers: workers, Tasks: tasks}
	r.fill(sizes, timings, &auto, true)
	near := func(got, want time.Duration) bool { return (got - want).Abs() <= want/50 }
	if !r.Fitted || !near(r.Overhead, 3*time.Microsecond) || !near(r.Floor, 100*time.Millisecond) {
		t.Errorf("overhead %v, floor %v", r.Overhead, r.Floor)
	}
	// The sizes are 1, 4, 16 … 1024, 4096 and 5000.
	if r.Best != 1024 || r.GoodFrom != 4 || r.GoodTo != 1024 || r.ImbalanceFrom != 4096 {
		t.Errorf("sizes %v: best %d, good from %d to %d, imbalance from %d", sizes, r.Best, r.GoodFrom, r.GoodTo, r.ImbalanceFrom)
	}
	if r.Auto.Size != 500 || r.Auto.Chunks != 20 || r.Auto.Median != 101*time.Millisecond || r.Noisy || len(r.Warnings) != 0 {
		t.Errorf("%+v", r)
	}
}

func TestFitLineKeepsBothPartsAboveZero(t *testing.T) {
	for _, c := range []struct {
		x, t []float64
		a, b float64
	}{
		{[]float64{1, 2, 3}, []float64{5, 7, 9}, 3, 2},
		{[]float64{1, 2, 4}, []float64{10, 10, 10}, 10, 0},
		{[]float64{1, 2}, []float64{8, 4}, 4.8, 0},
		{[]float64{3, 3}, []float64{8, 8}, 8, 0},
		{[]float64{1, 2}, []float64{1, 3}, 0, (1 + 2.0/3) / (1 + 4.0/9)},
	} {
		if a, b := fitLine(c.x, c.t); !close1(a, c.a) || !close1(b, c.b) {
			t.Errorf("%v %v: %v + %v·x, want %v + %v·x", c.x, c.t, a, b, c.a, c.b)
		}
	}
}

func TestFewTasksHaveNoOverheadToTell(t *testing.T) {
	var c clock
	work := func(context.Context, ...parallel.Option) error { c.advance(time.Second); return nil }
	r, err := Chunks(context.Background(), work, 3, ChunksOptions{Workers: 2, Plan: c.plan(3)})
	if err != nil {
		t.Fatal(err)
	}
	if r.Fitted || r.Overhead != 0 || len(r.Points) != 2 || !strings.Contains(strings.Join(r.Warnings, ""), "Too few sizes") {
		t.Errorf("%+v", r)
	}
}

func TestCompareMeasuresRatiosAndChecksResults(t *testing.T) {
	var c clock
	way := func(name string, takes time.Duration, y any, err error) Way {
		return Way{name, func(context.Context) (any, error) { c.advance(takes); return y, err }}
	}
	r, err := Compare(context.Background(), []Way{
		way("loop", 80*time.Millisecond, []float64{1, 2, math.NaN()}, nil),
		way("parallel", 40*time.Millisecond, []any{1, 2.0, math.NaN()}, nil),
		way("wrong", 160*time.Millisecond, []int{1, 3, 5}, nil),
		way("absent", 0, nil, errors.New("no device")),
		way("slow", 0, nil, fmt.Errorf("not done: %w", context.DeadlineExceeded)),
	}, CompareOptions{Plan: c.plan(3)})
	if err != nil {
		t.Fatal(err)
	}
	if r.Agree || r.Noisy || len(r.Rows) != 5 {
		t.Fatalf("%+v", r)
	}
	for i, want := range []CompareRow{
		{Name: "loop", Ratio: 1, Agrees: true},
		{Name: "parallel", Ratio: 2, Agrees: true},
		{Name: "wrong", Ratio: 0.5, Differs: "[1]: 2 and 3"},
		{Name: "absent", Err: "no device"},
		{Name: "slow", Err: "not done: context deadline exceeded", Stopped: true},
	} {
		got := r.Rows[i]
		if got.RatioLow != want.Ratio || got.RatioHigh != want.Ratio || got.Err == "" && len(got.Times) != 3 {
			t.Errorf("%+v", got)
		}
		got.Timing, got.RatioLow, got.RatioHigh = Timing{}, 0, 0
		if !reflect.DeepEqual(got, want) {
			t.Errorf("got %+v, want %+v", got, want)
		}
	}
	if want := []string{`"loop" and "wrong" do not agree: [1]: 2 and 3`, `"absent" failed: no device`, `"slow" was stopped: not done: context deadline exceeded`}; !slices.Equal(r.Warnings, want) {
		t.Errorf("got %q, want %q", r.Warnings, want)
	}

	_, err = Compare(context.Background(), []Way{way("loop", 1, nil, errors.New("broken"))}, CompareOptions{})
	if err == nil || err.Error() != `scaling: the way "loop": broken` {
		t.Errorf("the first way failed: %v", err)
	}
}

func TestAWayThatFailsLaterIsLeftOut(t *testing.T) {
	var c clock
	calls := map[string]int{}
	way := func(name string, fails int) Way {
		return Way{name, func(context.Context) (any, error) {
			c.advance(80 * time.Millisecond)
			if calls[name]++; calls[name] == fails {
				return nil, errors.New("no device")
			}
			return name, nil
		}}
	}
	plan := c.plan(3)
	var done, total int
	plan.Progress = func(d, of int) { done, total = d, of }
	always := func(a, b any) string {
		if b == "wrong" {
			return "wrong"
		}
		return ""
	}
	r, err := Compare(context.Background(), []Way{way("loop", 0), way("parallel", 3), way("wrong", 2)}, CompareOptions{Plan: plan, Difference: always})
	if err != nil {
		t.Fatal(err)
	}
	if !r.Agree || len(r.Rows[0].Times) != 3 || calls["parallel"] != 3 || calls["wrong"] != 2 || done != total || done != 9 {
		t.Errorf("%+v after %v, %d of %d", r, calls, done, total)
	}
	for i, name := range []string{"parallel", "wrong"} {
		if got, want := r.Rows[i+1], (CompareRow{Name: name, Err: "no device"}); !reflect.DeepEqual(got, want) {
			t.Errorf("got %+v, want %+v", got, want)
		}
	}
	if want := []string{`"parallel" failed: no device`, `"wrong" failed: no device`}; !slices.Equal(r.Warnings, want) {
		t.Errorf("got %q, want %q", r.Warnings, want)
	}

	if _, err := Compare(context.Background(), []Way{way("first", 2)}, CompareOptions{Plan: plan}); err == nil || err.Error() != `scaling: the way "first": no device` {
		t.Errorf("the first way failed: %v", err)
	}
}

func TestEfficiencyOfStrongAndWeakScaling(t *testing.T) {
	var c clock
	const serial, each = 100 * time.Millisecond, 900 * time.Millisecond
	cores := runtime.GOMAXPROCS(0)
	work := func(_ context.Context, scale int, opts ...parallel.Option) error {
		c.advance(serial + each*time.Duration(scale)/time.Duration(settings(t, opts)))
		return nil
	}
	r, err := Efficiency(context.Background(), work, EfficiencyOptions{Workers: []int{1, cores, 4 * cores}, Plan: c.plan(3)})
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Strong) != len(r.Weak) || r.Strong[0].Efficiency != 1 || !reflect.DeepEqual(r.Strong[0], r.Weak[0]) {
		t.Fatalf("%+v", r)
	}
	for i, p := range r.Strong {
		w := float64(p.Workers)
		if !close1(p.Speedup, Amdahl(0.1, w)) || !close1(p.Efficiency, Amdahl(0.1, w)/w) {
			t.Errorf("strong: %+v", p)
		}
		if p := r.Weak[i]; p.Scale != p.Workers || !close1(p.Efficiency, 1) || !close1(p.Speedup, w) {
			t.Errorf("weak: %+v", p)
		}
	}
	if cores > 1 && (math.Abs(r.StrongSerial-0.1) > 1e-6 || math.Abs(r.WeakSerial) > 1e-6) {
		t.Errorf("serial fractions %v and %v", r.StrongSerial, r.WeakSerial)
	}
}

// experiments are small real ones.
func experiments() map[string]func(ctx context.Context, p Plan, work Work) (any, error) {
	return map[string]func(ctx context.Context, p Plan, work Work) (any, error){
		"Speedup": func(ctx context.Context, p Plan, work Work) (any, error) {
			return orNil(Speedup(ctx, work, SpeedupOptions{Workers: []int{1, 2, 3}, Plan: p}))
		},
		"Chunks": func(ctx context.Context, p Plan, work Work) (any, error) {
			return orNil(Chunks(ctx, work, 64, ChunksOptions{Workers: 2, Plan: p}))
		},
		"Efficiency": func(ctx context.Context, p Plan, work Work) (any, error) {
			return orNil(Efficiency(ctx, func(ctx context.Context, _ int, opts ...parallel.Option) error { return work(ctx, opts...) },
				EfficiencyOptions{Workers: []int{2}, Plan: p}))
		},
		"Compare": func(ctx context.Context, p Plan, work Work) (any, error) {
			run := func(ctx context.Context) (any, error) { return 1, work(ctx, parallel.WithContext(ctx)) }
			return orNil(Compare(ctx, []Way{{"a", run}, {"b", run}}, CompareOptions{Plan: p}))
		},
	}
}

func orNil[T any](r *T, err error) (any, error) {
	if r == nil {
		return nil, err
	}
	return r, err
}

func TestRealExperimentsCanBeMarshalled(t *testing.T) {
	work := func(_ context.Context, opts ...parallel.Option) error {
		_, err := parallel.Map(func(x int) int { return x * x }, make([]int, 64), opts...)
		return err
	}
	for name, experiment := range experiments() {
		got, err := experiment(context.Background(), Plan{Label: "squares", Repeats: 3}, work)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		text, err := json.Marshal(got)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		back := reflect.New(reflect.TypeOf(got).Elem()).Interface()
		if err := json.Unmarshal(text, back); err != nil || !reflect.DeepEqual(back, got) {
			t.Errorf("%s: %v: %+v came back as %+v", name, err, got, back)
		}
		if v := reflect.ValueOf(got).Elem(); v.FieldByName("Label").String() != "squares" || !strings.Contains(v.FieldByName("Method").String(), "3 times") {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func TestCancellingEndsAnExperiment(t *testing.T) {
	stop := errors.New("enough")
	for name, experiment := range experiments() {
		ctx, cancel := context.WithCancelCause(context.Background())
		runs := 0
		work := func(ctx context.Context, opts ...parallel.Option) error {
			runs++
			_, err := parallel.MapContext(ctx, func(ctx context.Context, x int) (int, error) {
				if runs == 4 {
					cancel(stop)
					<-ctx.Done() // as work that would never end
				}
				return x, ctx.Err()
			}, make([]int, 64), opts...)
			return err
		}
		got, err := experiment(ctx, Plan{}, work)
		if got != nil || !errors.Is(err, stop) || runs != 4 {
			t.Errorf("%s: %v, %v after %d runs", name, got, err, runs)
		}
		cancel(nil)
	}
}

func TestAFailingRunEndsAnExperimentWithItsError(t *testing.T) {
	broken := errors.New("broken")
	for name, experiment := range experiments() {
		got, err := experiment(context.Background(), Plan{}, func(context.Context, ...parallel.Option) error { return broken })
		if got != nil || err == nil || !errors.Is(err, broken) || !strings.HasPrefix(err.Error(), "scaling: ") {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
}

func TestWaitingTasksMayOutnumberTheCores(t *testing.T) {
	run := &parallel.Run{Start: time.Now(), Workers: 1, Wall: time.Second, CPU: 10 * time.Millisecond}
	runs := []parallel.Run{*run, {Start: time.Now(), Workers: 8}}
	second := NewTiming([]time.Duration{time.Second, time.Second, time.Second})
	eighth := NewTiming([]time.Duration{time.Second / 8, time.Second / 8, time.Second / 8})
	r := speedupResult("", 2, []int{1, 8}, []Timing{second, eighth}, runs, true)
	if !r.Waits || !slices.Equal(r.FitWorkers, []int{8}) || r.Serial > 1e-9 || strings.Contains(strings.Join(r.Warnings, ""), "share") {
		t.Errorf("%+v", r)
	}
}

func TestPrepareComesBeforeEachRun(t *testing.T) {
	prepared, list := 0, []int(nil)
	way := Way{Name: "appends", Run: func(context.Context) (any, error) {
		list = append(list, 1)
		return len(list), nil
	}}
	r, err := Compare(t.Context(), []Way{way, way}, CompareOptions{Plan: Plan{Repeats: 3}, Prepare: func() { prepared, list = prepared+1, nil }})
	if err != nil || !r.Agree || prepared != 8 {
		t.Errorf("%d times, %+v, %v", prepared, r, err)
	}
}
