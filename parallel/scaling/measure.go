package scaling

import (
	"context"
	"fmt"
	"math"
	"runtime"
	"time"

	"github.com/adabc437/fanout/parallel"
)

// Work is one run of the program under test. It hands opts on to the call of
// package parallel whose behaviour is of interest, after options of its own:
//
//	work := func(ctx context.Context, opts ...parallel.Option) error {
//		_, err := parallel.Map(f, xs, opts...)
//		return err
//	}
//
// What else it does is timed with it, as the serial part of the program. The
// options include ctx; where other code runs long, it has to listen to ctx itself,
// since an experiment ends when the run at hand has returned.
type Work func(ctx context.Context, opts ...parallel.Option) error

// A Plan says how often things are measured. The zero Plan is a good one.
type Plan struct {
	// Label names the experiment in its result and its picture.
	Label string
	// Repeats is how often each setting is timed, after one run to warm up. Zero means
	// as often as Budget allows: 3 to 50 times, but fewer where 3 would take more than
	// four times the budget, and where one would, the warm-up is what is
	// measured.
	Repeats int
	// Budget is about how long the experiment should take. Zero means 5 s.
	Budget time.Duration
	// Progress, unless nil, is called after each run with the number of runs done and
	// of those planned, on the goroutine of the caller. The plan may change: when the warm-up
	// has shown how long a run takes, and when the budget is used up.
	Progress func(done, total int)

	now func() time.Time // nil: time.Now
}

const (
	defaultBudget = 5 * time.Second
	leastRepeats  = 3
	mostRepeats   = 50
	overdraft     = 4 // see Plan.Repeats
)

func (p Plan) budget() time.Duration {
	if p.Budget <= 0 {
		return defaultBudget
	}
	return p.Budget
}

// repeats returns how often to repeat a round that takes so long.
func (p Plan) repeats(round time.Duration) int {
	if p.Repeats > 0 {
		return p.Repeats
	}
	n := float64(p.budget()) / float64(max(round, 1))
	if n*overdraft < leastRepeats {
		return int(n * overdraft)
	}
	return int(min(max(n, leastRepeats), mostRepeats))
}

// A trial is one setting of an experiment.
type trial struct {
	name string // for errors: "with 2 workers"
	// run runs it; first is set for the warm-up.
	run func(ctx context.Context, first bool) error
	// prepare, unless nil, is called before each run, outside of the time measured.
	prepare func()
	// warm, unless nil, is called after the warm-up, outside of the time measured.
	warm func()
	// fail, unless nil, takes the error of a run, and the experiment goes on without this
	// trial.
	fail func(error)
}

// measure times the trials in turn. The timing of a trial that failed is empty.
// warmedUp tells whether the times are those of repeats; if not, there is one for each
// trial, that of the warm-up.
func (p Plan) measure(ctx context.Context, trials []trial) (timings []Timing, warmedUp bool, err error) {
	now := p.now
	if now == nil {
		now = time.Now
	}
	done, total := 0, len(trials)*(1+max(p.Repeats, leastRepeats))
	once := func(t trial, first bool) (time.Duration, error) {
		if ctx.Err() != nil {
			return 0, fmt.Errorf("scaling: stopped after %d runs: %w", done, context.Cause(ctx))
		}
		if t.prepare != nil {
			t.prepare()
		}
		start := now()
		err := t.run(ctx, first)
		took := now().Sub(start)
		switch {
		case err == nil:
		case ctx.Err() != nil:
			return 0, fmt.Errorf("scaling: stopped after %d runs: %w", done, context.Cause(ctx))
		case t.fail != nil:
			t.fail(err)
		default:
			return 0, fmt.Errorf("scaling: %s: %w", t.name, err)
		}
		if done++; p.Progress != nil {
			p.Progress(done, total)
		}
		if err != nil {
			return -1, nil
		}
		return took, nil
	}

	times := make([][]time.Duration, len(trials))
	var round time.Duration
	live := 0
	for i, t := range trials {
		took, err := once(t, true)
		switch {
		case err != nil:
			return nil, false, err
		case took < 0:
			continue
		}
		round += took
		live++
		times[i] = append(times[i], took)
		if t.warm != nil {
			t.warm()
		}
	}
	rounds := p.repeats(round)
	total = done + live*rounds
	if rounds > 0 {
		runtime.GC() // what the warm-up left behind is nobody's cost
	}
	begun := now()
	for k := range rounds {
		if p.Repeats <= 0 && k >= leastRepeats && now().Sub(begun) > p.budget() { // runs take longer than the warm-up did
			if p.Progress != nil {
				p.Progress(done, done)
			}
			break
		}
		for j := range trials {
			i := j
			if k%2 == 1 { // there and back, so that nobody always follows the same one
				i = len(trials) - 1 - j
			}
			if len(times[i]) == 0 {
				continue
			}
			took, err := once(trials[i], false)
			if err != nil {
				return nil, false, err
			}
			if took < 0 {
				times[i] = nil
				total -= rounds - 1 - k
				continue
			}
			times[i] = append(times[i], took)
		}
	}
	timings = make([]Timing, len(trials))
	for i, list := range times {
		if rounds > 0 && len(list) > 0 {
			list = list[1:]
		}
		timings[i] = NewTiming(list)
	}
	return timings, rounds > 0, nil
}

// Bounds above which the machine counts as noisy.
const (
	noisySpread  = 0.05 // of the times of a setting; see Timing.Spread
	noisyDelayed = 0.15 // share of the tasks' time in which they waited for a core
	tooShort     = time.Millisecond
)

// method begins the sentences that say how timings were taken.
func method(timings []Timing, warmedUp bool, noun string) string {
	n, spread := 0, 0.0
	for _, t := range timings {
		n = max(n, len(t.Times))
		spread = math.Max(spread, t.Spread())
	}
	if !warmedUp {
		return fmt.Sprintf("Each of %d %s ran once only, since a run takes long.", len(timings), noun)
	}
	if n == 1 {
		return fmt.Sprintf("Each of %d %s ran once after a warm-up run.", len(timings), noun)
	}
	return fmt.Sprintf("Each of %d %s ran %d times, in turn, after a warm-up run. Times are medians, with the quartiles between which half of the repeats lie: within ±%.1f%%.",
		len(timings), noun, n, 100*spread)
}

// warnings says what makes timings doubtful. names are those of the settings: "with 2
// workers".
func warnings(timings []Timing, names []string) (list []string) {
	few, worst := false, -1
	for i, t := range timings {
		if len(t.Times) == 0 {
			continue
		}
		few = few || len(t.Times) < leastRepeats
		if t.Spread() > noisySpread && (worst < 0 || t.Spread() > timings[worst].Spread()) {
			worst = i
		}
	}
	if few {
		list = append(list, "Too few repeats to tell how much the times vary: repeat more often, or give more time.")
	}
	if worst >= 0 {
		list = append(list, fmt.Sprintf("The machine was noisy: times %s vary by ±%.0f%%, where up to %.0f%% is usual. Measure again when nothing else runs.",
			names[worst], 100*timings[worst].Spread(), 100*noisySpread))
	}
	return list
}

// delayedShare returns the share of their time in which the tasks of a run waited for a
// core.
func delayedShare(run *parallel.Run) float64 {
	m := run.Measure()
	if m.Busy <= 0 {
		return 0
	}
	return float64(m.Busy-m.Work) / float64(m.Busy)
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
