package parallel

import (
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"testing"
	"time"
)

// checkRecords holds a run to its promise: the records cover each of the
// given tasks once, and no other.
func checkRecords(t *testing.T, run *Run, started []atomic.Int32) {
	t.Helper()
	if !slices.IsSortedFunc(run.Records, func(a, b Record) int { return a.Index - b.Index }) {
		t.Fatal("records are out of order")
	}
	covered := make([]int, run.Tasks)
	for _, r := range run.Records {
		if r.Count < 1 || r.Worker < 0 || r.Worker >= run.Workers || r.Started > r.Finished || r.Finished > r.Returned || r.Returned > run.Wall {
			t.Fatalf("record makes no sense: %+v of %d workers in %v", r, run.Workers, run.Wall)
		}
		for i := r.Index; i < r.Index+r.Count; i++ {
			covered[i]++
		}
	}
	for i := range covered {
		n := int(started[i].Load())
		if n > 1 {
			t.Fatalf("task %d ran %d times", i, n)
		}
		if covered[i] != n {
			t.Fatalf("task %d ran %d times, and has %d records", i, n, covered[i])
		}
	}
	busy := make([]time.Duration, run.Workers)
	for _, r := range run.Records {
		busy[r.Worker] += r.Busy()
	}
	for w, b := range busy {
		if b > run.Wall {
			t.Fatalf("worker %d was busy %v in %v", w, b, run.Wall)
		}
	}
}

func TestMeasuresFollowTheirFormulas(t *testing.T) {
	ms := func(n int) time.Duration { return time.Duration(n) * time.Millisecond }
	run := Run{Workers: 2, Tasks: 4, Wall: ms(100), Records: []Record{
		{Index: 0, Count: 1, Worker: 0, Started: ms(0), Finished: ms(60)},
		{Index: 1, Count: 1, Worker: 1, Started: ms(10), Finished: ms(30)},
		{Index: 2, Count: 1, Worker: 0, Started: ms(70), Finished: ms(100), Err: errors.New("x")},
	}}
	m := run.Measure()
	if m.Done != 2 || m.Failed != 1 || m.Skipped != 1 || m.Busy != ms(110) || m.Idle != ms(90) || m.Startup != ms(10) || m.Overhead != ms(10) {
		t.Errorf("%+v", m)
	}
	if fmt.Sprintf("%.4f %.4f %.4f", m.Speedup, m.Efficiency, m.Imbalance) != "1.1000 0.5500 0.6364" {
		t.Errorf("%+v", m)
	}
}
