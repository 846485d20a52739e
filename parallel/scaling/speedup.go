package scaling

import (
	"context"
	"errors"
	"fmt"
	"math"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/adabc437/fanout/parallel"
)

// SpeedupOptions are what [Speedup] can be told. The zero value will do.
type SpeedupOptions struct {
	// Workers are the worker counts to compare, each at least 1; 1 is added if it is
	// missing. Nil means 1, 2, 4 and so on up to the cores, all of them, and twice as
	// many, where one sees that they do not help; up to 8 cores, no count is left out.
	Workers []int
	Plan
}

// A SpeedupResult is how the speed of a program depends on the number of workers.
type SpeedupResult struct {
	Label  string
	Cores  int            // of this process (GOMAXPROCS)
	Points []SpeedupPoint // by number of workers, 1 first

	// Serial is the serial fraction for which Amdahl's law fits the speed-ups best, and
	// SerialLow to SerialHigh the quartiles of those that fit single rounds. FitWorkers
	// are the worker counts that went into it: those up to the cores, or all if
	// the tasks mostly wait. If it is empty, there was nothing to fit.
	Serial, SerialLow, SerialHigh float64
	FitWorkers                    []int

	Waits    bool // the tasks mostly wait (sleep, read a disk or a network), and leave the cores alone
	Noisy    bool // the times vary too much, or other programs used the cores; Warnings say which
	Method   string
	Warnings []string
}

// A SpeedupPoint is what was measured with one number of workers.
type SpeedupPoint struct {
	Workers int
	Timing

	// Speedup is the median over the rounds of the time with one worker ÷ that with
	// Workers in the same round, and SpeedupLow to SpeedupHigh its quartiles.
	Speedup, SpeedupLow, SpeedupHigh float64

	Efficiency float64 // Speedup ÷ Workers
	KarpFlatt  float64 // see [KarpFlatt]; 0 for one worker, where it has no meaning
	// Delayed is the share of their time in which the tasks of the warm-up waited for a
	// core: because of other programs, or since there are more workers than cores.
	Delayed float64
}

// Limit returns the speed-up that no number of workers exceeds by Amdahl's law: 1 ÷
// Serial, and +Inf if that is 0.
func (r *SpeedupResult) Limit() float64 { return 1 / r.Serial }

// Speedup times work with different numbers of workers, which it passes as an option.
// The error is that of a run that failed, or wraps the cause of the end of ctx; there is
// no result then.
func Speedup(ctx context.Context, work Work, o SpeedupOptions) (*SpeedupResult, error) {
	cores := runtime.GOMAXPROCS(0)
	workers, err := workerCounts(o.Workers, cores)
	if err != nil {
		return nil, err
	}
	if work == nil {
		return nil, errNilWork
	}
	trials := make([]trial, len(workers))
	runs := make([]parallel.Run, len(workers))
	for i, w := range workers {
		trials[i] = workTrial(work, w, 0, &runs[i])
	}
	timings, warmedUp, err := o.measure(ctx, trials)
	if err != nil {
		return nil, err
	}
	return speedupResult(o.Label, cores, workers, timings, runs, warmedUp), nil
}

var errNilWork = errors.New("scaling: work is nil: give a function that hands its options on to parallel.Map or its like")

// workTrial times work on so many workers, with chunks of a given size unless it is 0.
// The warm-up fills in run, unless that is nil.
func workTrial(work Work, workers, chunk int, run *parallel.Run) trial {
	return trial{
		name: "with " + plural(workers, "worker"),
		run: func(ctx context.Context, first bool) error {
			opts := []parallel.Option{parallel.WithContext(ctx), parallel.WithWorkers(workers)}
			if chunk > 0 {
				opts = append(opts, parallel.WithChunk(chunk))
			}
			if first && run != nil {
				opts = append(opts, parallel.WithRun(run))
			}
			return work(ctx, opts...)
		},
	}
}

// maxWorkers bounds the workers of an experiment.
const maxWorkers = 10_000

// workerCounts sorts the numbers of workers asked for, or chooses some.
func workerCounts(asked []int, cores int) ([]int, error) {
	list := []int{1}
	if len(asked) == 0 {
		for w := 2; w < cores; {
			list = append(list, w)
			if cores <= 8 {
				w++
			} else {
				w *= 2
			}
		}
		list = append(list, cores, 2*cores)
	}
	for _, w := range asked {
		if w < 1 || w > maxWorkers {
			return nil, fmt.Errorf("scaling: cannot measure with %d workers: give numbers from 1 to %d", w, maxWorkers)
		}
		list = append(list, w)
	}
	slices.Sort(list)
	return slices.Compact(list), nil
}

func speedupResult(label string, cores int, workers []int, timings []Timing, runs []parallel.Run, warmedUp bool) *SpeedupResult {
	r := &SpeedupResult{Label: label, Cores: cores, Waits: waits(&runs[0])}
	for i, w := range workers {
		p := SpeedupPoint{Workers: w, Timing: timings[i], Delayed: delayedShare(&runs[i])}
		p.SpeedupLow, p.Speedup, p.SpeedupHigh = quartiles(ratios(timings[0], timings[i]))
		p.Efficiency = p.Speedup / float64(w)
		if w > 1 {
			p.KarpFlatt = KarpFlatt(p.Speedup, float64(w))
		}
		r.Points = append(r.Points, p)
	}
	r.fit()
	r.Method = method(timings, warmedUp, "worker counts") + " A speed-up is the time with one worker ÷ that with more, in the same round."
	if len(r.FitWorkers) > 0 {
		r.Method += fmt.Sprintf(" The serial fraction is that of Amdahl's law fitted to %s by least squares: %.1f%%, and %.1f–%.1f%% in half of the rounds.",
			workersText(r.FitWorkers), 100*r.Serial, 100*r.SerialLow, 100*r.SerialHigh)
	}
	r.warn(runs)
	return r
}

// waits tells whether the tasks of a run on one worker use less than half of a core.
func waits(run *parallel.Run) bool {
	return run.CPU > 0 && run.Wall >= 10*time.Millisecond && 2*run.CPU < run.Wall
}

// fit finds the serial fraction.
func (r *SpeedupResult) fit() {
	var fitted []SpeedupPoint
	for _, p := range r.Points {
		if p.Workers > 1 && (p.Workers <= r.Cores || r.Waits) {
			fitted = append(fitted, p)
			r.FitWorkers = append(r.FitWorkers, p.Workers)
		}
	}
	if len(fitted) == 0 {
		return
	}
	all := make([]float64, len(fitted))
	for i, p := range fitted {
		all[i] = p.Speedup
	}
	r.Serial = FitAmdahl(r.FitWorkers, all)
	base := r.Points[0].Times
	rounds := make([]float64, 0, len(base))
	for k := range base {
		for i, p := range fitted {
			all[i] = float64(max(base[k], 1)) / float64(max(p.Times[k], 1))
		}
		rounds = append(rounds, FitAmdahl(r.FitWorkers, all))
	}
	low, _, high := quartiles(rounds)
	r.SerialLow, r.SerialHigh = math.Min(low, r.Serial), math.Max(high, r.Serial)
}

func (r *SpeedupResult) warn(runs []parallel.Run) {
	names := make([]string, len(r.Points))
	timings := make([]Timing, len(r.Points))
	crowded := false
	for i, p := range r.Points {
		names[i], timings[i] = "with "+plural(p.Workers, "worker"), p.Timing
		if p.Workers <= r.Cores && p.Delayed > noisyDelayed && !crowded {
			crowded, r.Noisy = true, true
			r.Warnings = append(r.Warnings, fmt.Sprintf("Other programs used the cores too: %s the tasks spent %.0f%% of their time waiting for one.", names[i], 100*p.Delayed))
		}
		r.Noisy = r.Noisy || p.Spread() > noisySpread
	}
	r.Warnings = append(warnings(timings, names), r.Warnings...)
	r.Warnings = append(r.Warnings, optionWarnings(runs, r.workers())...)
	if one := r.Points[0]; one.Median < tooShort {
		r.Warnings = append(r.Warnings, fmt.Sprintf("A run takes %v with one worker: starting more takes as long as that. Give more work.", one.Median))
	}
	var beyond []int
	for _, p := range r.Points {
		if p.Workers > r.Cores {
			beyond = append(beyond, p.Workers)
		}
	}
	if len(beyond) > 0 && !r.Waits {
		r.Warnings = append(r.Warnings, fmt.Sprintf("%s share %s: more of them than cores cannot be faster, unless their tasks wait.", workersText(beyond), plural(r.Cores, "core")))
	}
	if len(r.FitWorkers) == 1 {
		r.Warnings = append(r.Warnings, fmt.Sprintf("Amdahl's law is fitted to one point, %s: what it says of more is a guess.", workersText(r.FitWorkers)))
	}
}

func (r *SpeedupResult) workers() []int {
	list := make([]int, len(r.Points))
	for i, p := range r.Points {
		list[i] = p.Workers
	}
	return list
}

// optionWarnings finds work that did not do as its options told it.
func optionWarnings(runs []parallel.Run, workers []int) []string {
	for i, run := range runs {
		switch {
		case run.Start.IsZero():
			return []string{"The work did not hand its options on to a call of package parallel, so all that was measured may be the same."}
		case run.Workers != workers[i]:
			return []string{fmt.Sprintf("Asked for %s, the work ran with %d.", plural(workers[i], "worker"), run.Workers)}
		}
	}
	return nil
}

// workersText writes "2, 4 and 8 workers".
func workersText(list []int) string {
	var b strings.Builder
	for i, w := range list {
		switch {
		case i > 0 && i == len(list)-1:
			b.WriteString(" and ")
		case i > 0:
			b.WriteString(", ")
		}
		fmt.Fprint(&b, w)
	}
	if len(list) == 1 && list[0] == 1 {
		return "1 worker"
	}
	return b.String() + " workers"
}
