package device

import (
	"context"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// measures of steps are what a picture says in numbers.
type measures struct {
	stages               [3]time.Duration
	copies, kernel, both time.Duration
	tasks, bytes         [3]int64
}

func measured(steps []Step) (m measures) {
	steps = slices.Clone(steps)
	slices.SortStableFunc(steps, func(a, b Step) int { return int(a.Began - b.Began) })
	for stage := range 3 {
		m.stages[stage] = covered(steps, func(s Stage) bool { return s == Stage(stage) })
	}
	for _, s := range steps {
		m.tasks[s.Stage] += s.Count
		m.bytes[s.Stage] += s.Bytes
	}
	m.kernel = m.stages[Kernel]
	m.copies = covered(steps, func(s Stage) bool { return s != Kernel })
	m.both = m.copies + m.kernel - covered(steps, func(Stage) bool { return true })
	return m
}

// pipeline is a run of chunks in two queues.
func pipeline(chunks int, took func(stage int) time.Duration) (steps []Step) {
	var engines, queues [3]time.Duration
	for c := range chunks {
		for stage := range 3 {
			s := Step{Stage: Stage(stage), First: int64(c) * 10, Count: 10, Bytes: 80}
			s.Began = max(engines[stage], queues[c%2]) + time.Duration(c%3)
			s.Queued = s.Began
			s.Ended = s.Began + took(stage)
			engines[stage], queues[c%2] = s.Ended, s.Ended
			steps = append(steps, s)
		}
	}
	return steps
}

func TestStepsDrawnTogetherTakeAsLong(t *testing.T) {
	seed := rand.Uint64()
	r := rand.New(rand.NewPCG(seed, 0))
	sizes := map[string]func(stage int) time.Duration{
		"even":         func(int) time.Duration { return 1000 },
		"random":       func(int) time.Duration { return 1 + time.Duration(r.IntN(5000)) },
		"long kernels": func(stage int) time.Duration { return []time.Duration{100, 9000, 200}[stage] },
	}
	for name, took := range sizes {
		steps := pipeline(4000, took)
		want := measured(steps)
		got := fewer(slices.Clone(steps), 3000)
		if len(got) > 3000 {
			t.Errorf("%s: %d steps", name, len(got))
		}
		m := measured(got)
		if m != want {
			t.Errorf("%s, seed %d: %+v, want %+v", name, seed, m, want)
		}
	}
}

// Where one step begins when the one before has ended, nothing changes in what is measured.
func TestStepsInTurnsAreExact(t *testing.T) {
	var steps []Step
	var at time.Duration
	for i := range 30000 {
		at += time.Duration(i % 7)
		s := Step{Stage: Stage(i % 3), First: int64(i), Count: 1, Bytes: 8, Queued: at, Began: at}
		at += time.Duration(50 + i%11)
		if i == 17000 {
			at += 1e6
		}
		s.Ended = at
		steps = append(steps, s)
	}
	want := measured(steps)
	got := fewer(slices.Clone(steps), 4096)
	if m := measured(got); m != want || len(got) > 4096 {
		t.Errorf("%d steps measure %+v, want %+v", len(got), m, want)
	}
	if !slices.ContainsFunc(got, func(s Step) bool { return s == steps[17000] }) {
		t.Error("the long step is not there any more")
	}
	for i, s := range got {
		if s.Queued > s.Began || s.Began > s.Ended || i > 0 && s.Began < got[i-1].Ended {
			t.Fatalf("step %d, %+v, after %+v", i, s, got[max(0, i-1)])
		}
	}
}

// prepared is an event that a driver compiled for.
type prepared struct{ began, ended, before time.Duration }

func (prepared) Wait(context.Context) error { return nil }

func (p prepared) Times() (queued, began, ended time.Duration) { return 1, p.began, p.ended }
func (p prepared) Prepared() time.Duration                     { return p.before }

func TestCompilingIsAStep(t *testing.T) {
	p := &Profile{Start: time.Now()}
	const ms = time.Millisecond
	for _, e := range []prepared{{300 * ms, 310 * ms, 250 * ms}, {320 * ms, 330 * ms, 0}} {
		p.add(e, p.Start.Add(1), Step{Stage: Kernel, Count: 5})
	}
	if len(p.Steps) != 3 || p.Steps[0] != (Step{Stage: Compile, Queued: 1, Began: 50 * ms, Ended: 300 * ms}) {
		t.Errorf("%+v", p.Steps)
	}
	if took, _ := p.Stage(Compile); took != 250*ms {
		t.Errorf("compiling took %v", took)
	}
	if r := p.Run(); len(r.Lanes) != 4 || r.Workers != 4 || len(r.Records) != 3 {
		t.Errorf("%d records of %d workers in %v", len(r.Records), r.Workers, r.Lanes)
	}
}

func TestProfilesOfManySteps(t *testing.T) {
	each(t, func(t *testing.T, d *Device) {
		const steps = 2*mostSteps + 10
		_, p, err := d.Stencil(t.Context(), &Call{Function: function(t, "life"), Lists: []any{[][]uint8{{1, 0}, {1, 1}}}, Steps: steps})
		if err != nil {
			t.Fatal(err)
		}
		kernels := int64(0)
		for _, s := range p.Steps {
			if s.Stage == Kernel {
				kernels += s.Count
			}
		}
		if len(p.Steps) > mostSteps || kernels != 4*steps || p.Tasks != 4*steps {
			t.Errorf("%d steps of %d cells, want %d", len(p.Steps), kernels, 4*steps)
		}
		profiled(t, p)
	})
}
