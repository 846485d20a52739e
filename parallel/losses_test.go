package parallel

import (
	"errors"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

func TestLossesFollowTheirDefinitions(t *testing.T) {
	ms := func(n int) time.Duration { return time.Duration(n) * time.Millisecond }
	bad := errors.New("bad")
	for name, c := range map[string]struct {
		run  Run
		want Losses
	}{
		"no workers": {Run{Wall: ms(5)}, Losses{}},
		"no length":  {Run{Workers: 2}, Losses{}},
		"no tasks":   {Run{Workers: 2, Wall: ms(5)}, Losses{Serial: ms(10)}},
		"a pause with tasks left, and an idle end": {
			Run{Workers: 2, Tasks: 3, Wall: ms(100), Records: []Record{
				{Index: 0, Count: 1, Started: ms(5), Finished: ms(60)},
				{Index: 1, Count: 1, Worker: 1, Started: ms(10), Finished: ms(30)},
				{Index: 2, Count: 1, Worker: 0, Started: ms(70), Finished: ms(95)},
			}},
			Losses{Work: ms(100), Dispatch: ms(10), Imbalance: ms(65), Serial: ms(5 + 10 + 5 + 5)},
		},
		"a worker without tasks": {
			Run{Workers: 2, Tasks: 1, Wall: ms(10), Records: []Record{{Count: 1, Started: ms(2), Finished: ms(9)}}},
			Losses{Work: ms(7), Imbalance: ms(7), Serial: ms(6)},
		},
		"results that take their time": {
			Run{Workers: 1, Tasks: 2, Wall: ms(30), Records: []Record{
				{Index: 0, Count: 1, Finished: ms(10), Returned: ms(14)},
				{Index: 1, Count: 1, Started: ms(15), Finished: ms(20), Returned: ms(28)},
			}},
			Losses{Work: ms(15), Return: ms(12), Dispatch: ms(1), Serial: ms(2)},
		},
		"results that return while the worker goes on": {
			Run{Workers: 1, Tasks: 2, Wall: ms(20), Records: []Record{
				{Index: 0, Count: 1, Finished: ms(10), Returned: ms(18)},
				{Index: 1, Count: 1, Started: ms(10), Finished: ms(20), Returned: ms(20)},
			}},
			Losses{Work: ms(20)},
		},
		"attempts, and a pause before the next": {
			Run{Workers: 1, Tasks: 2, Wall: ms(50), Records: []Record{
				{Index: 0, Count: 1, Attempt: 1, Finished: ms(10), Err: bad, Retried: true},
				{Index: 0, Count: 1, Attempt: 2, Queued: ms(10), Started: ms(40), Finished: ms(50)},
				{Index: 1, Count: 1, Attempt: 1, Started: ms(12), Finished: ms(20)},
			}},
			Losses{Work: ms(18), Retries: ms(30), Dispatch: ms(2)},
		},
		"waits for a core": {
			Run{Workers: 2, Tasks: 2, Wall: ms(10), Delayed: ms(5), Records: []Record{
				{Index: 0, Count: 1, Finished: ms(10)}, {Index: 1, Count: 1, Worker: 1, Finished: ms(10)},
			}},
			Losses{Work: ms(15), Core: ms(5)},
		},
		"a stop before all was taken": {
			Run{Workers: 2, Tasks: 9, Wall: ms(10), Records: []Record{
				{Index: 0, Count: 1, Finished: ms(4)}, {Index: 1, Count: 1, Worker: 1, Finished: ms(10)},
			}},
			Losses{Work: ms(14), Imbalance: ms(6)},
		},
	} {
		if got := c.run.Losses(); got != c.want {
			t.Errorf("%s:\n got  %+v\n want %+v", name, got, c.want)
		}
	}
}

// Whatever the records say, the parts are not negative, and add up.
func TestLossesAddUp(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for n := range 2000 {
		run := randomRun(rng, n%2 == 0)
		l := run.Losses()
		if l.Total() != time.Duration(run.Workers)*run.Wall {
			t.Fatalf("run %d: %+v add up to %v, not %d × %v", n, l, l.Total(), run.Workers, run.Wall)
		}
		if min(l.Work, l.Core, l.Retries, l.Dispatch, l.Return, l.Imbalance, l.Serial) < 0 {
			t.Fatalf("run %d: %+v", n, l)
		}
		m := run.Measure()
		if n%2 != 0 || m.Busy == 0 {
			continue
		}
		if idle := l.Dispatch + l.Return + l.Imbalance + l.Serial; idle > m.Idle || m.Idle != l.Total()-m.Busy {
			t.Fatalf("run %d: idle for %v of %v, busy for %v: %+v", n, m.Idle, l.Total(), m.Busy, l)
		}
		if waited := m.Busy - m.Work; l.Core > waited || l.Core < waited-2 {
			t.Fatalf("run %d: %v of waits for a core are %+v", n, waited, l)
		}
	}
}

// randomRun makes a run in which workers take tasks one after another, or one that
// makes no sense.
func randomRun(rng *rand.Rand, sane bool) *Run {
	run := &Run{Workers: 1 + rng.IntN(5), Wall: time.Duration(1 + rng.IntN(1000))}
	now := make([]time.Duration, run.Workers)
	for i := range rng.IntN(40) {
		rec := Record{Index: i, Count: 1 + rng.IntN(3), Attempt: 1, Worker: rng.IntN(run.Workers)}
		if sane {
			rec.Started = now[rec.Worker] + time.Duration(rng.IntN(20))
			rec.Finished = rec.Started + time.Duration(rng.IntN(60))
			rec.Returned = rec.Finished + time.Duration(rng.IntN(10))
			now[rec.Worker] = rec.Finished
			run.Wall = max(run.Wall, rec.Returned)
		} else {
			rec.Worker += rng.IntN(3) - 1
			rec.Queued, rec.Started = time.Duration(rng.IntN(1200)-100), time.Duration(rng.IntN(1200)-100)
			rec.Finished, rec.Returned = time.Duration(rng.IntN(1200)-100), time.Duration(rng.IntN(1200)-100)
		}
		if rng.IntN(4) == 0 {
			rec.Attempt, rec.Queued = 2, rec.Started/2
		}
		if rng.IntN(4) == 0 {
			rec.Err, rec.Retried = errors.New("bad"), rng.IntN(2) == 0
		}
		run.Tasks += rec.Count + rng.IntN(20)/19
		run.Records = append(run.Records, rec)
	}
	run.Delayed = time.Duration(rng.IntN(300))
	return run
}

func TestLossesOfARealRun(t *testing.T) {
	var run Run
	if _, err := Map(func(x int) int { return slices.Max(make([]int, x)) }, []int{1 << 20, 1 << 16, 1 << 20, 1 << 18}, WithWorkers(3), WithRun(&run)); err != nil {
		t.Fatal(err)
	}
	l := run.Losses()
	if l.Total() != 3*run.Wall || l.Work <= 0 || l.Retries != 0 || l.Return != 0 {
		t.Errorf("%+v", l)
	}
}
