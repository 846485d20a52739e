package scaling

import (
	"math"
	"slices"
	"time"
)

// A Timing holds repeated timings of one thing, and what sums them up. [NewTiming]
// fills it in.
type Timing struct {
	Times     []time.Duration // in the order in which they were taken
	Median    time.Duration
	Low, High time.Duration // the quartiles: half of the times lie between them
	Min, Max  time.Duration
}

// NewTiming sums up times, which it does not change. Without times, all is zero.
func NewTiming(times []time.Duration) Timing {
	if len(times) == 0 {
		return Timing{}
	}
	sorted := make([]float64, len(times))
	for i, d := range times {
		sorted[i] = float64(d)
	}
	slices.Sort(sorted)
	at := func(p float64) time.Duration { return time.Duration(math.Round(quantile(sorted, p))) }
	return Timing{
		Times: slices.Clone(times), Median: at(0.5), Low: at(0.25), High: at(0.75),
		Min: slices.Min(times), Max: slices.Max(times),
	}
}

// Spread returns the quartile coefficient of dispersion, (High − Low) ÷ (High +
// Low): about how far, as a share of it, a usual time is from the median.
func (t Timing) Spread() float64 {
	if t.High+t.Low <= 0 {
		return 0
	}
	return float64(t.High-t.Low) / float64(t.High+t.Low)
}

// quantile interpolates linearly between the values of a sorted list that is not
// empty (type 7 of Hyndman and Fan, The American Statistician 50(4), 1996).
func quantile(sorted []float64, p float64) float64 {
	at := p * float64(len(sorted)-1)
	i := int(at)
	if i+1 >= len(sorted) {
		return sorted[len(sorted)-1]
	}
	return sorted[i] + (at-float64(i))*(sorted[i+1]-sorted[i])
}

// quartiles returns the first quartile, the median and the third of values in any
// order.
func quartiles(values []float64) (low, median, high float64) {
	if len(values) == 0 {
		return 0, 0, 0
	}
	sorted := slices.Sorted(slices.Values(values))
	return quantile(sorted, 0.25), quantile(sorted, 0.5), quantile(sorted, 0.75)
}

// ratios divides base by each time of t in the same round.
func ratios(base, t Timing) []float64 {
	list := make([]float64, min(len(base.Times), len(t.Times)))
	for i := range list {
		list[i] = float64(max(base.Times[i], 1)) / float64(max(t.Times[i], 1))
	}
	return list
}
