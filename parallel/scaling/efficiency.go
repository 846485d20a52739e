package scaling

import (
	"context"
	"fmt"
	"math"
	"runtime"

	"github.com/adabc437/fanout/parallel"
)

// ScaledWork is [Work] of a size: scale 2 is twice the work of scale 1.
type ScaledWork func(ctx context.Context, scale int, opts ...parallel.Option) error

// EfficiencyOptions are what [Efficiency] can be told. The zero value will do.
type EfficiencyOptions struct {
	// Workers are the worker counts to compare, as in [SpeedupOptions]. Nil means those
	// of [SpeedupOptions] up to the number of cores; 1 and 2 on a single core, where there
	// would be nothing to compare otherwise.
	Workers []int
	Plan
}

// An EfficiencyResult is how much of more workers arrives as speed, for work that stays
// the same and for work that grows with them.
type EfficiencyResult struct {
	Label  string
	Cores  int            // of this process (GOMAXPROCS)
	Strong []ScalingPoint // always the same work, by number of workers, 1 first
	Weak   []ScalingPoint // as much work for each worker

	// StrongSerial is the serial fraction of Amdahl's law that fits the strong scaling best,
	// and WeakSerial that of Gustafson's law for the weak scaling. FitWorkers are the
	// worker counts that went into it, as in [SpeedupResult].
	StrongSerial, WeakSerial float64
	FitWorkers               []int

	Waits    bool // the tasks mostly wait
	Noisy    bool // the times vary too much, or other programs used the cores; Warnings say which
	Method   string
	Warnings []string
}

// A ScalingPoint is what was measured with one number of workers and one size of the
// work.
type ScalingPoint struct {
	Workers int
	Scale   int
	Timing

	// Efficiency is the median over the rounds of the time of one worker at scale 1,
	// times Scale, ÷ Workers and the time at hand, in the same round; EfficiencyLow to
	// EfficiencyHigh are its quartiles. 1 is ideal: the time falls to 1/Workers in strong
	// scaling, and stays the same in weak scaling.
	Efficiency, EfficiencyLow, EfficiencyHigh float64
	// Speedup is Efficiency · Workers; in weak scaling, the scaled speed-up.
	Speedup float64
}

// Efficiency times work of scale 1 with different numbers of workers (strong scaling), and
// work whose scale is the number of workers (weak scaling). The error is that of a run that
// failed, or wraps the cause of the end of ctx; there is no result then.
func Efficiency(ctx context.Context, work ScaledWork, o EfficiencyOptions) (*EfficiencyResult, error) {
	r := &EfficiencyResult{Label: o.Label, Cores: runtime.GOMAXPROCS(0)}
	workers, err := workerCounts(o.Workers, r.Cores)
	if err != nil {
		return nil, err
	}
	if work == nil {
		return nil, errNilWork
	}
	if n := len(workers); len(o.Workers) == 0 && n > 2 {
		workers = workers[:n-1] // without those beyond the cores
	}
	at := func(scale int) Work {
		return func(ctx context.Context, opts ...parallel.Option) error { return work(ctx, scale, opts...) }
	}
	runs := make([]parallel.Run, 2*len(workers)-1) // strong, then weak from the second on
	trials := make([]trial, len(runs))
	names := make([]string, len(runs))
	counts := make([]int, len(runs))
	for i, w := range workers {
		trials[i] = workTrial(at(1), w, 0, &runs[i])
		counts[i] = w
		if k := len(workers) + i - 1; i > 0 {
			trials[k] = workTrial(at(w), w, 0, &runs[k])
			trials[k].name += fmt.Sprintf(" at scale %d", w)
			counts[k] = w
		}
	}
	for i, t := range trials {
		names[i] = t.name
	}
	timings, warmedUp, err := o.measure(ctx, trials)
	if err != nil {
		return nil, err
	}
	for i, w := range workers {
		r.Strong = append(r.Strong, scalingPoint(w, 1, timings[0], timings[i]))
		if i == 0 {
			r.Weak = append(r.Weak, r.Strong[0])
		} else {
			r.Weak = append(r.Weak, scalingPoint(w, w, timings[0], timings[len(workers)+i-1]))
		}
	}
	r.Waits = waits(&runs[0])
	r.fit()
	r.Method = method(timings, warmedUp, "settings") + " An efficiency is that of the same round: for the same work, the time of one worker ÷ the workers' times together; for work that grows, that of one worker with its share ÷ the time."
	r.Warnings = append(warnings(timings, names), optionWarnings(runs, counts)...)
	r.warn(timings, runs)
	return r, nil
}

func scalingPoint(workers, scale int, base, t Timing) ScalingPoint {
	p := ScalingPoint{Workers: workers, Scale: scale, Timing: t}
	p.EfficiencyLow, p.Efficiency, p.EfficiencyHigh = quartiles(ratios(base, t))
	k := float64(scale) / float64(workers)
	p.EfficiencyLow, p.Efficiency, p.EfficiencyHigh = k*p.EfficiencyLow, k*p.Efficiency, k*p.EfficiencyHigh
	p.Speedup = p.Efficiency * float64(workers)
	return p
}

// fit finds the serial fractions.
func (r *EfficiencyResult) fit() {
	var strong, weak []float64
	for i, p := range r.Strong {
		if p.Workers > 1 && (p.Workers <= r.Cores || r.Waits) {
			r.FitWorkers = append(r.FitWorkers, p.Workers)
			strong, weak = append(strong, p.Speedup), append(weak, r.Weak[i].Speedup)
		}
	}
	r.StrongSerial, r.WeakSerial = FitAmdahl(r.FitWorkers, strong), FitGustafson(r.FitWorkers, weak)
}

func (r *EfficiencyResult) warn(timings []Timing, runs []parallel.Run) {
	delayed := 0.0
	for i, t := range timings {
		r.Noisy = r.Noisy || t.Spread() > noisySpread
		if runs[i].Workers <= r.Cores {
			delayed = math.Max(delayed, delayedShare(&runs[i]))
		}
	}
	if delayed > noisyDelayed {
		r.Noisy = true
		r.Warnings = append(r.Warnings, fmt.Sprintf("Other programs used the cores too: the tasks spent up to %.0f%% of their time waiting for one.", 100*delayed))
	}
	if one := r.Strong[0]; one.Median < tooShort {
		r.Warnings = append(r.Warnings, fmt.Sprintf("A run takes %v with one worker: starting more takes as long as that. Give more work.", one.Median))
	}
	if last := r.Strong[len(r.Strong)-1]; last.Workers > r.Cores && !r.Waits {
		r.Warnings = append(r.Warnings, fmt.Sprintf("There are %s: more workers cannot be faster, unless their tasks wait.", plural(r.Cores, "core")))
	}
}
