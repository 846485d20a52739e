package scaling

import (
	"context"
	"errors"
	"fmt"
)

// A Way is one of several ways to compute the same thing: a serial loop, a parallel
// map, another machine.
type Way struct {
	Name string
	// Run does it, and returns its result. It has to return soon after ctx is done.
	Run func(ctx context.Context) (any, error)
}

// CompareOptions are what [Compare] can be told. The zero value will do.
type CompareOptions struct {
	// Difference says where two results differ, and "" where they agree. Nil means
	// [Difference] with Tolerance.
	Difference func(a, b any) string
	Tolerance  float64
	// Prepare, unless nil, is called before each run of a way, outside of the time
	// measured: it makes the inputs again that runs change.
	Prepare func()
	Plan
}

// A CompareResult is how long each way took, and whether the results agree.
type CompareResult struct {
	Label string
	Rows  []CompareRow // in the order in which the ways were given
	Agree bool         // all ways that did not fail have the same result
	// Nothing says that there was nothing to compare: the first way had no result.
	Nothing bool

	Noisy    bool // the times vary too much
	Method   string
	Warnings []string
}

// A CompareRow is what was measured of one way.
type CompareRow struct {
	Name string
	Timing

	// Ratio is the median over the rounds of the time of the first way ÷ that of this one
	// in the same round: how many times as fast it is. RatioLow to RatioHigh are the quartiles.
	Ratio, RatioLow, RatioHigh float64

	Agrees  bool   // its result is that of the first way
	Differs string // where it is not
	Err     string // why it failed; all else but Stopped is zero then
	Stopped bool   // a time limit has ended it (context.DeadlineExceeded): it is slow, or never ends
}

// Compare times several ways to compute the same thing, and compares their results with
// that of the first. A way that fails, in whichever round, is left out, and says so in its
// row; the error is that of the first way, or wraps the cause of the end of ctx, and there
// is no result then.
func Compare(ctx context.Context, ways []Way, o CompareOptions) (*CompareResult, error) {
	if len(ways) == 0 {
		return nil, errors.New("scaling: there is nothing to compare: give at least one way")
	}
	differ := o.Difference
	if differ == nil {
		differ = func(a, b any) string { return Difference(a, b, o.Tolerance) }
	}
	r := &CompareResult{Label: o.Label, Rows: make([]CompareRow, len(ways)), Agree: true}
	var first any // the result of the first way
	trials := make([]trial, len(ways))
	for i, way := range ways {
		row := &r.Rows[i]
		row.Name = way.Name
		if way.Run == nil {
			return nil, fmt.Errorf("scaling: the way %q has no function", way.Name)
		}
		var got any
		trials[i] = trial{
			name: fmt.Sprintf("the way %q", way.Name),
			run: func(ctx context.Context, isFirst bool) error {
				y, err := way.Run(ctx)
				if isFirst {
					got = y
				}
				return err
			},
			prepare: o.Prepare,
			warm: func() {
				if i == 0 {
					first, r.Nothing = got, got == nil
				} else {
					row.Differs = differ(first, got)
				}
				got = nil
				row.Agrees = row.Differs == ""
			},
			fail: func(err error) {
				got = nil
				*row = CompareRow{Name: way.Name, Err: err.Error(), Stopped: errors.Is(err, context.DeadlineExceeded)}
			},
		}
	}
	trials[0].fail = nil
	timings, warmedUp, err := o.measure(ctx, trials)
	if err != nil {
		return nil, err
	}
	names := make([]string, len(ways))
	for i := range r.Rows {
		row := &r.Rows[i]
		names[i] = fmt.Sprintf("of %q", row.Name)
		row.Timing = timings[i]
		row.RatioLow, row.Ratio, row.RatioHigh = quartiles(ratios(timings[0], timings[i]))
		r.Agree = r.Agree && (row.Agrees || row.Err != "")
		r.Noisy = r.Noisy || row.Spread() > noisySpread
	}
	r.Method = method(timings, warmedUp, "ways") + " A ratio is the time of the first way ÷ that of another, in the same round."
	r.Warnings = warnings(timings, names)
	for _, row := range r.Rows {
		switch {
		case row.Stopped:
			r.Warnings = append(r.Warnings, fmt.Sprintf("%q was stopped: %s", row.Name, row.Err))
		case row.Err != "":
			r.Warnings = append(r.Warnings, fmt.Sprintf("%q failed: %s", row.Name, row.Err))
		case !row.Agrees:
			r.Warnings = append(r.Warnings, fmt.Sprintf("%q and %q do not agree: %s", ways[0].Name, row.Name, row.Differs))
		}
	}
	return r, nil
}
