package device

import (
	"context"
	"errors"
	"math"
	"reflect"
	"slices"
	"time"

	"github.com/adabc437/fanout/parallel/device/backend"
	"github.com/adabc437/fanout/parallel/device/ir"
)

// A Roofline says how near a kernel comes to what its device can do (Williams, Waterman and
// Patterson, "Roofline: an insightful visual performance model", CACM 52(4), 2009).
type Roofline struct {
	Device   backend.Info
	Function string
	Tasks    int64 // of a launch
	// Kind is the numbers that the operations are of: float32 or float64, whichever has
	// more, or where there are few of those, int32 (for all integers up to that size) or int64.
	Kind ir.Kind
	// Ops are the operations of a launch on floats, or on integers: each +, −, ×, ÷ and the
	// like is one, and so is each call of a function of package math; an FMA is two.
	// Comparisons, conversions and moves are none.
	Ops float64
	// Slow are those of the Ops that take many times as long as an addition: divisions,
	// remainders (of integers: not those by a constant), and functions such as Sqrt and Sin.
	Slow float64
	// Bytes is the memory that a launch uses: each byte of the lists, the captured slices
	// and the results once (of lists that are written, twice), as if caches kept what is
	// used again. If the tasks read and write less than that, it is what they do.
	Bytes float64
	// Sampled is how many tasks were run on the cpu to count the operations: all, or a
	// sample, by which Ops, Slow and Bytes are estimates.
	Sampled int64
	// Launches is how many were timed. Time is their median, on the device's clock and
	// without copies; Low and High are the quartiles.
	Launches        int
	Time, Low, High time.Duration
	Limits          Limits
}

// Rate is how many operations a second the kernel computes.
func (r *Roofline) Rate() float64 { return perSecond(r.Ops, r.Time) }

// Bandwidth is how many bytes a second the kernel moves, as far as Bytes says.
func (r *Roofline) Bandwidth() float64 { return perSecond(r.Bytes, r.Time) }

func perSecond(n float64, d time.Duration) float64 {
	if d <= 0 {
		return 0
	}
	return n / d.Seconds()
}

// Intensity is the arithmetic intensity: operations for each byte; +Inf without bytes, and
// 0 without operations.
func (r *Roofline) Intensity() float64 {
	if r.Ops == 0 {
		return 0
	}
	if r.Bytes == 0 {
		return math.Inf(1)
	}
	return r.Ops / r.Bytes
}

// Ridge is the intensity from which on the arithmetic is the limit, and not the memory.
func (r *Roofline) Ridge() float64 { return r.Limits.Rate(r.Kind) / r.Limits.Bandwidth }

// Memory says whether the memory is the limit at the kernel's intensity.
func (r *Roofline) Memory() bool { return r.Intensity() < r.Ridge() }

// Reached is which share of the limit at its intensity the kernel reaches.
func (r *Roofline) Reached() float64 {
	if r.Memory() {
		return r.Bandwidth() / r.Limits.Bandwidth
	}
	return r.Rate() / r.Limits.Rate(r.Kind)
}

// errNoTasks is that of a call of nothing.
var errNoTasks = errors.New("device: there are no tasks to measure")

// Roofline measures a call as a Map: it runs the kernel several times, with the results
// thrown away, counts what the tasks do, and measures the limits of the device. It takes
// some seconds. Of a call that is larger than the device's memory, it measures the first
// chunk.
func (d *Device) Roofline(ctx context.Context, c *Call) (*Roofline, error) {
	r, err := d.kernel(ctx, c)
	if err != nil {
		return nil, err
	}
	kinds := []ir.Kind{ir.Float32}
	if r.Device.Float64 {
		kinds = append(kinds, ir.Float64)
	}
	if !slices.Contains(kinds, r.Kind) {
		kinds = append(kinds, r.Kind)
	}
	limits, err := d.Limits(ctx, kinds...)
	if err != nil {
		return nil, err
	}
	r.Limits = *limits
	return r, nil
}

// kernel is a Roofline without the limits.
func (d *Device) kernel(ctx context.Context, c *Call) (*Roofline, error) {
	m := &mapping{device: d, call: c, dry: true}
	if err := m.plan(); err != nil {
		return nil, err
	}
	if m.n == 0 {
		return nil, errNoTasks
	}
	m.profile = d.profile(c, m.n)
	r := &Roofline{Device: d.Info(), Function: c.Function.Name, Tasks: m.chunk(0)}
	times, err := m.repeat(ctx, r.Tasks)
	var fault *backend.FaultError
	if errors.As(err, &fault) {
		err = m.explain(ctx, fault)
	}
	if err != nil {
		return nil, err
	}
	slices.Sort(times)
	n := len(times)
	r.Launches, r.Low, r.Time, r.High = n, times[n/4], times[n/2], times[n-1-n/4]
	sums, tasks, err := m.count(ctx, r.Tasks)
	if err != nil {
		return nil, err
	}
	r.Sampled = tasks
	r.tell(sums, m.memory(r.Tasks))
	return r, nil
}

// repeat times launches of tasks 0 to n−1; the first, which warms up, does not count.
func (m *mapping) repeat(ctx context.Context, n int64) ([]time.Duration, error) {
	const least, most = 5, 21
	const enough = 500 * time.Millisecond
	program, _, err := m.device.built(ctx, m.program)
	if err != nil {
		return nil, err
	}
	kernel, err := program.Kernel(m.kernel)
	if err != nil {
		return nil, err
	}
	w := newWork(m.device, m.profile)
	defer w.end()
	captures, err := w.captures(ctx, m.call)
	if err != nil {
		return nil, err
	}
	began := time.Now()
	for k := 0; k <= least || k <= most && time.Since(began) < enough; k++ {
		w.turn = 0 // one lane, whose buffers are there already
		if err := m.enqueue(ctx, w, kernel, captures, 0, n); err != nil {
			return nil, err
		}
		if err := w.wait(ctx); err != nil {
			return nil, err
		}
	}
	var times []time.Duration
	for _, s := range m.profile.Steps {
		if s.Stage == Kernel {
			times = append(times, max(s.Ended-s.Began, 1))
		}
	}
	return times[1:], nil
}

// memory is how many bytes tasks 0 to n−1 use, each once or, if they write to lists, twice.
func (m *mapping) memory(n int64) (bytes float64) {
	params := m.call.Function.params()
	if m.index {
		params = params[1:]
	}
	for k := range m.lists {
		l := &m.lists[k]
		size := float64(l.bytes(0, n))
		if l.array != nil {
			size = float64(n) * float64(l.elem.Size())
		}
		if params[k].Written {
			size *= 2
		}
		bytes += size
	}
	for _, x := range m.call.Captures {
		if v := reflect.ValueOf(x); v.Kind() == reflect.Slice {
			if isRows(v.Type()) {
				l := list{host: v, rows: true, elem: v.Type().Elem()}
				bytes += float64(l.bytes(0, int64(v.Len())))
			} else {
				bytes += float64(v.Len()) * float64(v.Type().Elem().Size())
			}
		}
	}
	if m.out != nil {
		bytes += float64(n) * float64(m.out.elem.Size())
	}
	return bytes
}

// tell fills in what was counted of the sampled tasks, with the memory that there is.
func (r *Roofline) tell(sums cost, memory float64) {
	const few = 8 // as many integers for a float are its indices and counters
	all := float64(r.Tasks) / float64(max(r.Sampled, 1))
	floats, ints := sums[ops32]+sums[ops64], sums[opsInt32]+sums[opsInt64]
	switch {
	case floats > 0 && floats*few >= ints:
		r.Kind, r.Ops, r.Slow = ir.Float32, float64(floats), float64(sums[slowFloat])
		if sums[ops64] >= sums[ops32] {
			r.Kind = ir.Float64
		}
	default:
		r.Kind, r.Ops, r.Slow = ir.Int64, float64(ints), float64(sums[slowInt])
		if sums[opsInt32] > sums[opsInt64] {
			r.Kind = ir.Int32
		}
	}
	r.Ops *= all
	r.Slow *= all
	r.Bytes = min(memory, all*float64(sums[loaded]+sums[stored]))
}
