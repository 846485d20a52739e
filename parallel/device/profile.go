package device

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"time"

	"github.com/adabc437/fanout/parallel"
	"github.com/adabc437/fanout/parallel/device/backend"
	"github.com/adabc437/fanout/parallel/device/ir"
)

// A Stage is what a device does in a Step.
type Stage uint8

// The stages.
const (
	CopyIn Stage = iota
	Kernel
	CopyOut
	// Compile is what a driver does before the first launch of a kernel with a size of
	// groups: see [backend.Preparer].
	Compile
)

// String is the stage in words.
func (s Stage) String() string { return [...]string{"copy in", "kernel", "copy out", "compile"}[s] }

// A Step is one copy or launch, or several short ones that follow one another: see Profile.
type Step struct {
	Stage        Stage
	First, Count int64 // tasks
	Bytes        int64 // of a copy
	Queued       time.Duration
	Began, Ended time.Duration // since the start of the call
}

// A Profile says where the time of a call went. A call of very many steps has short ones
// drawn together, so that there are never more than some thousands.
type Profile struct {
	Device   backend.Info
	Function string
	Method   string // of a product of matrices: by which library or kernel
	Tasks    int64
	Rounds   int // of a Stencil: how often the grid is to be computed; Tasks are those of all rounds
	Chunks   int // pieces that the work was cut into, to fit or to overlap copies and kernels
	Start    time.Time
	Wall     time.Duration
	Build    time.Duration // translating and compiling; 0 if that had been done before
	Cached   bool          // the compiled program was on disk
	Steps    []Step
	Err      error

	mu     sync.Mutex
	origin time.Duration // what the device's clock says at Start
	known  bool
}

// built is Device.built; the profile says how long it took.
func (p *Profile) built(ctx context.Context, d *Device, f *Function, program *ir.Program) (backend.Program, error) {
	began := time.Now()
	b, fresh, err := d.builtFor(ctx, f, program)
	if fresh {
		p.Build, p.Cached = time.Since(began), b.Cached()
	}
	return b, err
}

// source is built, of source in the device's language.
func (p *Profile) source(ctx context.Context, d *Device, text string) (backend.Program, error) {
	began := time.Now()
	b, fresh, err := d.compiled(text, func() (backend.Program, error) { return d.BuildSource(ctx, text) })
	if fresh {
		p.Build, p.Cached = time.Since(began), b.Cached()
	}
	return b, err
}

// Stage adds up the steps of a stage: their time, and the bytes of copies. Steps that
// overlap count in full, but for those that were drawn together.
func (p *Profile) Stage(s Stage) (took time.Duration, bytes int64) {
	for _, step := range p.Steps {
		if step.Stage == s {
			took += step.Ended - step.Began
			bytes += step.Bytes
		}
	}
	return took, bytes
}

// add notes a step whose event has ended.
func (p *Profile) add(e backend.Event, enqueued time.Time, s Step) {
	queued, began, ended := e.Times()
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.known { // the clocks agree about when the first command was queued
		p.origin, p.known = queued-enqueued.Sub(p.Start), true
	}
	s.Queued, s.Began, s.Ended = max(0, queued-p.origin), max(0, began-p.origin), max(0, ended-p.origin)
	if c, ok := e.(backend.Preparer); ok {
		if took := min(c.Prepared(), s.Began); took >= leastCompile {
			p.Steps = append(p.Steps, Step{Stage: Compile, First: s.First, Queued: min(s.Queued, s.Began-took), Began: s.Began - took, Ended: s.Began})
		}
	}
	p.Steps = append(p.Steps, s)
	if len(p.Steps) > mostSteps {
		p.Steps = fewer(p.Steps, mostSteps/2)
	}
}

// leastCompile is how long a driver prepares a launch at least if that is a step.
const leastCompile = time.Millisecond

// Run is the profile as the records of a run: its workers are the stages, and its Lanes
// their names.
func (p *Profile) Run() *parallel.Run {
	lanes := []string{CopyIn.String(), Kernel.String(), CopyOut.String()}
	if slices.ContainsFunc(p.Steps, func(s Step) bool { return s.Stage == Compile }) {
		lanes = append(lanes, Compile.String())
	}
	r := &parallel.Run{
		Label: p.Function + " on " + p.Device.Name, Workers: len(lanes), Cores: len(lanes), Tasks: int(p.Tasks), Start: p.Start, Wall: p.Wall, Err: p.Err,
		Lanes: lanes,
	}
	for _, s := range p.Steps {
		r.Records = append(r.Records, parallel.Record{
			Index: int(s.First), Count: int(max(1, s.Count)), Attempt: 1, Worker: int(s.Stage),
			Queued: s.Queued, Started: s.Began, Finished: s.Ended, Returned: s.Ended, Bytes: s.Bytes,
		})
		r.Wall = max(r.Wall, s.Ended) // the device's clock may be ahead
	}
	slices.SortStableFunc(r.Records, func(a, b parallel.Record) int { return cmp.Compare(a.Index, b.Index) })
	return r
}
