package parallel

import (
	"runtime"
	"testing"
	"time"
)

// Tasks that compute on more workers than there are cores are no faster for it,
// whatever the time they take.
func TestSpeedupDoesNotCountWaitingForACore(t *testing.T) {
	work := func(n int) int {
		for i := range 300_000 {
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
