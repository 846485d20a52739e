package parallel

import (
	"context"
	"iter"
	"runtime"
	"testing"
	"time"
)

// Tasks that compute on more workers than there are cores are no faster for it,
// whatever the time they take.
func TestSpeedupDoesNotCountWaitingForACore(t *testing.T) {
	work := func(n int) int {
		for i := range 3_000_000 { // so that a run is long enough for many looks
			n ^= n<<1 + i
		}
		return n
	}
	cores := runtime.GOMAXPROCS(0)
	var run Run
	if _, err := Map(work, make([]int, 200*cores), WithWorkers(8*cores), WithRun(&run)); err != nil {
		t.Fatal(err)
	}
	m := run.Measure()
	if run.Delayed == 0 || m.Speedup > 1.5*float64(cores) || m.Work < min(run.CPU, m.Busy) || m.Work > m.Busy {
		t.Errorf("speed-up %.2f on %d cores; %v of %v in tasks was work, %v in line, %v CPU", m.Speedup, cores, m.Work, m.Busy, run.Delayed, run.CPU)
	}
}

// What sleeping tasks wait for is no core: their sleep is work, and on 16 workers goes
// by 16 times as fast. However busy the machine is, half of it is there at least.
func TestSpeedupCountsWaitingForOtherThings(t *testing.T) {
	var run Run
	if _, err := Map(func(int) int { time.Sleep(20 * time.Millisecond); return 0 }, make([]int, 64), WithWorkers(16), WithRun(&run)); err != nil {
		t.Fatal(err)
	}
	if work := run.Measure().Work; work < 32*20*time.Millisecond {
		t.Errorf("%v of 64 sleeps of 20 ms count as work; %v count as waiting for a core", work, run.Delayed)
	}
}

func TestWork(t *testing.T) {
	record := []Record{{Count: 1, Finished: 100}}
	for _, c := range []struct {
		run  Run
		want time.Duration
	}{
		{Run{Workers: 1, Tasks: 1, Wall: 100, Records: record}, 100},
		{Run{Workers: 1, Tasks: 1, Wall: 100, Records: record, Delayed: 30}, 70},
		{Run{Workers: 1, Tasks: 1, Wall: 100, Records: record, Delayed: 70, CPU: 60}, 60},
		{Run{Workers: 1, Tasks: 1, Wall: 100, Records: record, Delayed: 500}, 0},
		{Run{Workers: 1, Tasks: 1, Wall: 100, Records: record, CPU: 400}, 100},
	} {
		if m := c.run.Measure(); m.Work != c.want || m.Speedup != float64(c.want)/100 {
			t.Errorf("%+v: %v, %v", c.run, m.Work, m.Speedup)
		}
	}
}

// The figures are those of real runs on 2 cores, beside 3 other programs that compute.
func TestDelayedIsWhatTasksCanHaveWaited(t *testing.T) {
	const ms = time.Millisecond
	asleep := sighting{threads: 2, running: 1}
	woken := sighting{threads: 2, running: 1, runnable: 16} // by timers that expire with that of the look
	crowd := sighting{threads: 2, running: 2, runnable: 7}
	for name, c := range map[string]struct {
		sightings []sighting // every 100 ms
		d         delays
		cpu       time.Duration
		want      time.Duration
	}{
		"sleeps, while the threads that fire their timers wait": {[]sighting{asleep, asleep, asleep, asleep, asleep}, delays{2 * ms, 290 * ms}, 9 * ms, 0},
		"sleeps that end together, beside a busy system":        {[]sighting{woken, asleep, asleep, asleep, woken}, delays{2 * ms, 290 * ms}, 9 * ms, 290 * ms},
		"sleeps that end together":                              {[]sighting{woken, asleep, asleep, asleep, woken}, delays{2 * ms, 3 * ms}, 9 * ms, 3 * ms},
		"two that compute": {[]sighting{{2, 2, 1, 0}, {2, 2, 1, 0}, {2, 2, 1, 0}, {2, 2, 1, 0}, {2, 2, 1, 0}},
			delays{0, 900 * ms}, 300 * ms, 700 * ms},
		"two that compute, on a free system": {[]sighting{{2, 2, 1, 0}, {2, 2, 1, 0}, {2, 2, 1, 0}, {2, 2, 1, 0}, {2, 2, 1, 0}},
			delays{0, 20 * ms}, 960 * ms, 20 * ms},
		"eight that compute":                 {[]sighting{crowd, crowd, crowd, crowd, crowd}, delays{9000 * ms, 0}, 990 * ms, 3000 * ms},
		"eight that compute, over soon":      {[]sighting{crowd}, delays{800 * ms, 0}, 200 * ms, 800 * ms},
		"two that compute in C":              {[]sighting{{2, 1, 0, 4}, {2, 1, 0, 4}, {2, 1, 0, 4}, {2, 1, 0, 4}}, delays{0, 500 * ms}, 400 * ms, 400 * ms},
		"what others do in C":                {[]sighting{{2, 1, 0, 2}, {2, 1, 0, 2}, {2, 1, 0, 2}, {2, 1, 0, 2}}, delays{0, 500 * ms}, 0, 0},
		"over before anybody looks":          {nil, delays{3 * ms, 4 * ms}, 2 * ms, 7 * ms},
		"counters that were read in between": {nil, delays{-3 * ms, -4 * ms}, 2 * ms, 0},
	} {
		at := time.Unix(0, 0)
		l := looks{last: at, calls: 2}
		for _, s := range c.sightings {
			at = at.Add(100 * ms)
			l.add(s, at)
		}
		if got := l.delayed(c.d, c.cpu); got != c.want {
			t.Errorf("%s: %v, want %v (%+v)", name, got, c.want, l)
		}
	}
}

// A look speaks for the time since the last one, so looks go on while the body of a loop,
// or a progress function, takes its time.
func TestLooksGoOnBesideTheCaller(t *testing.T) {
	const n = 5
	ticks := make(chan time.Time)
	send := func() {
		for range n {
			select {
			case ticks <- time.Now():
			case <-time.After(10 * time.Second):
				t.Error("nobody looks")
				return
			}
		}
	}
	var run Run
	s, err := newStream(func(_ context.Context, _, x int) (int, error) { return x, nil }, func(context.Context) iter.Seq[int] { return counting(0, 1) },
		func(x int) any { return x }, []Option{WithPool(NewPool(1)), WithRun(&run), WithTicks(ticks)})
	if err != nil {
		t.Fatal(err)
	}
	err = s.give(func(int, error) bool { send(); return true })
	if s.end(err); err != nil || s.r.looks.n != n {
		t.Errorf("%d looks during the body, want %d; %v", s.r.looks.n, n, err)
	}
	s.r.pool.exit()

	release := make(chan struct{})
	reported := false
	report := func(p Progress) {
		if !p.Final && !reported {
			reported = true
			send()
			close(release)
		}
	}
	go func() { ticks <- time.Now() }()
	_, err = Map(func(x int) int { <-release; return x }, []int{1, 2}, WithRun(&run), WithTicks(ticks), WithProgress(1, report))
	if err != nil || !reported {
		t.Error(err, reported)
	}
}
