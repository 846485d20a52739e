package scaling

import (
	"context"
	"errors"
	"fmt"
	"math"
	"runtime"
	"slices"
	"time"

	"github.com/adabc437/fanout/parallel"
)

// ChunksOptions are what [Chunks] can be told. The zero value will do.
type ChunksOptions struct {
	// Workers is how many to use; zero means as many as the default pool has.
	Workers int
	// Sizes are the chunk sizes to compare, each at least 1. Nil means 1, 2, 4 and so on
	// up to the tasks ÷ the workers; at most 12 of them, in larger steps where
	// there would be more, and none that makes more than a million chunks.
	Sizes []int
	Plan
}

// A ChunksResult is how the time of a map depends on the size of the chunks.
type ChunksResult struct {
	Label   string
	Cores   int // of this process (GOMAXPROCS)
	Workers int
	Tasks   int
	Points  []ChunkPoint // by size
	Auto    ChunkPoint   // with sizes chosen while running, as without an option

	// Time is taken to be Floor + Overhead · chunks ÷ Workers, fitted to the sizes that
	// leave each worker many chunks. Floor is the time of a perfect division of the tasks,
	// and Overhead what handing out one chunk costs. Fitted tells whether there were
	// sizes enough to find them.
	Fitted          bool
	Floor, Overhead time.Duration

	// Best is the size with the least median, and GoodFrom to GoodTo are the sizes around it
	// that are about as good: at most 5% slower, or by no more than their times vary.
	Best, GoodFrom, GoodTo int
	// ImbalanceFrom is the size from which on chunks are so few that workers end at
	// different times: the medians are more than 10% above what Floor and Overhead
	// explain, and by more than the times vary. It is 0 if no size was so large.
	ImbalanceFrom int

	Noisy    bool // the times vary too much, or other programs used the cores; Warnings say which
	Method   string
	Warnings []string
}

// A ChunkPoint is what was measured with one size of chunks.
type ChunkPoint struct {
	Size   int // tasks in a chunk; of Auto, their mean
	Chunks int
	Timing
}

// Predict returns the time that the fit gives for a chunk size.
func (r *ChunksResult) Predict(size int) time.Duration {
	return r.Floor + time.Duration(float64(r.Overhead)*float64(chunkCount(r.Tasks, size))/float64(r.Workers))
}

const (
	goodShare      = 1.05 // of the best time
	imbalanceShare = 1.10 // of the predicted time
	mostSizes      = 12
	mostChunks     = 1_000_000
)

// Chunks times work, a map over so many tasks, with chunks of different sizes, which it
// passes as an option. The error is that of a run that failed, or wraps the cause of the
// end of ctx; there is no result then.
func Chunks(ctx context.Context, work Work, tasks int, o ChunksOptions) (*ChunksResult, error) {
	r := &ChunksResult{Label: o.Label, Cores: runtime.GOMAXPROCS(0), Tasks: tasks, Workers: o.Workers}
	if r.Workers == 0 {
		r.Workers = parallel.Default().Workers()
	}
	switch {
	case work == nil:
		return nil, errNilWork
	case tasks < 1:
		return nil, errors.New("scaling: there are no tasks to divide into chunks")
	case r.Workers < 1 || r.Workers > maxWorkers:
		return nil, fmt.Errorf("scaling: cannot measure with %d workers: give a number from 1 to %d", r.Workers, maxWorkers)
	}
	sizes, err := chunkSizes(o.Sizes, tasks, r.Workers)
	if err != nil {
		return nil, err
	}
	var auto parallel.Run
	trials := []trial{workTrial(work, r.Workers, 0, &auto)}
	trials[0].name = "with automatic chunks"
	for _, size := range sizes {
		t := workTrial(work, r.Workers, size, nil)
		t.name = fmt.Sprintf("with chunks of %d", size)
		trials = append(trials, t)
	}
	timings, warmedUp, err := o.measure(ctx, trials)
	if err != nil {
		return nil, err
	}
	r.fill(sizes, timings, &auto, warmedUp)
	return r, nil
}

// chunkSizes sorts the sizes asked for, or chooses some.
func chunkSizes(asked []int, tasks, workers int) ([]int, error) {
	for _, size := range asked {
		if size < 1 {
			return nil, fmt.Errorf("scaling: a chunk cannot hold %s: give sizes of at least 1", plural(size, "task"))
		}
	}
	if len(asked) > 0 {
		list := make([]int, len(asked))
		for i, size := range asked { // larger ones are all the same
			list[i] = min(size, tasks)
		}
		slices.Sort(list)
		return slices.Compact(list), nil
	}
	least := 1
	for chunkCount(tasks, least) > mostChunks {
		least *= 2
	}
	largest := max(chunkCount(tasks, workers), least)
	step := 2
	for math.Log(float64(largest)/float64(least))/math.Log(float64(step)) > mostSizes-1 {
		step *= 2
	}
	var list []int
	for size := least; size < largest; size *= step {
		list = append(list, size)
	}
	return append(list, largest), nil
}

func chunkCount(tasks, size int) int { return (tasks-1)/size + 1 }

// fill takes in what was measured: first the automatic chunks, then sizes.
func (r *ChunksResult) fill(sizes []int, timings []Timing, auto *parallel.Run, warmedUp bool) {
	chunks := 0
	for _, rec := range auto.Records {
		if !rec.Retried {
			chunks++
		}
	}
	r.Auto = ChunkPoint{Chunks: chunks, Timing: timings[0]}
	if chunks > 0 {
		r.Auto.Size = int(math.Round(float64(r.Tasks) / float64(chunks)))
	}
	names := []string{"with automatic chunks"}
	for i, size := range sizes {
		r.Points = append(r.Points, ChunkPoint{Size: size, Chunks: chunkCount(r.Tasks, size), Timing: timings[i+1]})
		names = append(names, fmt.Sprintf("with chunks of %d", size))
	}
	r.fit()
	r.rate()
	r.Method = method(timings, warmedUp, "settings")
	if r.Fitted {
		r.Method += " The overhead of a chunk is the slope of time over chunks ÷ workers, by least squares of relative errors over the sizes that leave each worker several chunks."
	}
	for _, t := range timings {
		r.Noisy = r.Noisy || t.Spread() > noisySpread
	}
	r.Warnings = warnings(timings, names)
	r.Warnings = append(r.Warnings, optionWarnings([]parallel.Run{*auto}, []int{r.Workers})...)
	if share := delayedShare(auto); share > noisyDelayed && r.Workers <= r.Cores {
		r.Noisy = true
		r.Warnings = append(r.Warnings, fmt.Sprintf("Other programs used the cores too: the tasks spent %.0f%% of their time waiting for one.", 100*share))
	}
	if n := auto.Tasks; n > 0 && n != r.Tasks {
		r.Warnings = append(r.Warnings, fmt.Sprintf("The work is of %s, not %d.", plural(n, "task"), r.Tasks))
	}
	if r.Auto.Median < tooShort {
		r.Warnings = append(r.Warnings, fmt.Sprintf("A run takes %v: starting the workers takes as long as that. Give more work.", r.Auto.Median.Round(10*time.Microsecond)))
	}
	if !r.Fitted {
		r.Warnings = append(r.Warnings, "Too few sizes leave each worker several chunks: the overhead of a chunk could not be told. Give more tasks, or smaller sizes.")
	}
}

// fit finds Floor and Overhead from the sizes with at least 8 chunks for each worker, or
// 2 if those are too few.
func (r *ChunksResult) fit() {
	for _, least := range []int{8, 2} {
		var x, t []float64
		for _, p := range r.Points {
			if p.Chunks >= least*r.Workers {
				x = append(x, float64(p.Chunks)/float64(r.Workers))
				t = append(t, float64(max(p.Median, 1)))
			}
		}
		if len(x) < 2 || len(x) < 3 && least > 2 {
			continue
		}
		floor, slope := fitLine(x, t)
		r.Fitted = true
		r.Floor, r.Overhead = time.Duration(math.Round(floor)), time.Duration(math.Round(slope))
		return
	}
}

// fitLine returns a and b, neither below 0, for which the relative errors of t = a + b·x
// are least in the sum of their squares. The values t are above 0.
func fitLine(x, t []float64) (a, b float64) {
	var w, wx, wxx, wt, wxt float64
	for i := range x {
		k := 1 / (t[i] * t[i])
		w += k
		wx += k * x[i]
		wxx += k * x[i] * x[i]
		wt += k * t[i]
		wxt += k * x[i] * t[i]
	}
	if d := w*wxx - wx*wx; d > 0 {
		a, b = (wt*wxx-wx*wxt)/d, (w*wxt-wx*wt)/d
	}
	switch {
	case b <= 0:
		return wt / w, 0
	case a < 0:
		return 0, wxt / wxx
	}
	return a, b
}

// rate finds the best sizes, and those that are too large.
func (r *ChunksResult) rate() {
	best := 0
	for i, p := range r.Points {
		if p.Median < r.Points[best].Median {
			best = i
		}
	}
	from, to := best, best
	good := func(i int) bool {
		if i < 0 || i >= len(r.Points) {
			return false
		}
		p, limit := r.Points[i], r.Points[best].Median
		return float64(p.Median) <= goodShare*float64(limit) || p.Low <= limit
	}
	for good(from - 1) {
		from--
	}
	for good(to + 1) {
		to++
	}
	r.Best, r.GoodFrom, r.GoodTo = r.Points[best].Size, r.Points[from].Size, r.Points[to].Size
	if !r.Fitted {
		return
	}
	for i := len(r.Points) - 1; i > to; i-- {
		p := r.Points[i]
		expect := float64(r.Predict(p.Size))
		if float64(p.Median) <= imbalanceShare*expect || float64(p.Low) <= expect*(1+r.Points[best].Spread()) {
			return
		}
		r.ImbalanceFrom = p.Size
	}
}
