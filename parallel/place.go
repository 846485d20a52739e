package parallel

import (
	"context"
	"fmt"
)

// A Place is where a map runs instead of on goroutines: a device, with a function that
// was translated for it (see package parallel/device).
type Place interface {
	// MapPlace calls the place's function on each element of xs, a slice, and puts the
	// results into out, a slice of as many. It fills in the run.
	MapPlace(ctx context.Context, xs, out any, run *Run) error
}

// WithPlace has [Map], [MapErr] and [MapContext] run at another place. The place has a function of
// its own, which has to do the same as the call's: f is called only to know its types.
// Of the other options, [WithRun], [WithLabel], [WithTimeout] and the context count there.
func WithPlace(p Place) Option {
	return func(o *options) { o.place = p }
}

// mapAt runs a map at a place.
func mapAt[T, R any](ctx context.Context, o options, xs []T) ([]R, error) {
	if o.timeout > 0 {
		limited, cancel := context.WithTimeout(ctx, o.timeout)
		defer cancel()
		ctx = limited
	}
	out, run := make([]R, len(xs)), &Run{}
	err := o.place.MapPlace(ctx, xs, out, run)
	if o.label != "" {
		run.Label = o.label
	}
	if o.into != nil {
		*o.into = *run
	}
	if err != nil {
		return out, fmt.Errorf("parallel: %w", err)
	}
	return out, nil
}
