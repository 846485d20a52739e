package plots

import (
	"cmp"
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"github.com/adabc437/fanout/parallel"
)

// simulate deals tasks of the given lengths to workers, chunk by chunk, as a
// pool would, with some time between chunks.
func simulate(label string, workers, chunk int, between time.Duration, lengths []time.Duration) *parallel.Run {
	run := &parallel.Run{Label: label, Workers: workers, Cores: workers, Tasks: len(lengths)}
	free := make([]time.Duration, workers)
	for i := 0; i < len(lengths); i += chunk {
		w := 0
		for v := range free {
			if free[v] < free[w] {
				w = v
			}
		}
		rec := parallel.Record{Index: i, Count: min(chunk, len(lengths)-i), Attempt: 1, Worker: w, Started: free[w] + between}
		rec.Finished = rec.Started
		for _, d := range lengths[i : i+rec.Count] {
			rec.Finished += d
		}
		rec.Returned = rec.Finished
		free[w] = rec.Finished
		run.Wall = max(run.Wall, rec.Returned)
		run.Records = append(run.Records, rec)
	}
	run.Wall += between
	run.CPU = run.Busy()
	return run
}

func lengths(n int, mean time.Duration, spread float64) []time.Duration {
	rng := rand.New(rand.NewPCG(7, uint64(n)))
	list := make([]time.Duration, n)
	for i := range list {
		list[i] = time.Duration(float64(mean) * (1 + spread*(rng.ExpFloat64()-1)))
	}
	return list
}

var errBroken = errors.New("broken")

// cases are runs of every kind that a timeline has to show. Tests do not
// change them.
var cases = sync.OnceValue(makeCases)

func makeCases() map[string]*parallel.Run {
	uneven := lengths(40, 12*time.Millisecond, 0.8)
	uneven[39] = 150 * time.Millisecond
	failed := simulate("parse", 4, 1, 20*time.Microsecond, lengths(60, 3*time.Millisecond, 0.7))
	failed.Records = failed.Records[:37]
	failed.Records[36].Err = &parallel.TaskError{Index: 36, Err: errBroken}
	failed.Wall, failed.Err = failed.Records[36].Finished+100*time.Microsecond, errBroken
	for i := range failed.Records {
		failed.Records[i].Finished = min(failed.Records[i].Finished, failed.Wall)
		failed.Records[i].Returned = failed.Records[i].Finished
	}
	failed.CPU = failed.Busy()
	cancelled := simulate("crawl", 3, 1, 50*time.Microsecond, lengths(30, 200*time.Millisecond, 0.4))
	cancelled.Wall, cancelled.CPU, cancelled.Err = time.Second, 30*time.Millisecond, context.Canceled
	for i, r := range cancelled.Records {
		if r.Started > cancelled.Wall {
			cancelled.Records = cancelled.Records[:i]
			break
		}
		if r.Finished > cancelled.Wall {
			cancelled.Records[i].Finished, cancelled.Records[i].Err = cancelled.Wall, parallel.ErrAbandoned
			cancelled.Records[i].Returned = cancelled.Wall
		}
	}
	collected := simulate("fetch", 8, 1, 10*time.Microsecond, lengths(400, 5*time.Millisecond, 0.9))
	for i := range collected.Records {
		if i%37 == 5 {
			collected.Records[i].Err = &parallel.TaskError{Index: i, Err: errBroken}
		}
		collected.Records[i].Returned += 2 * time.Millisecond
	}
	crowded := simulate("render", 8, 1, 20*time.Microsecond, lengths(120, 40*time.Millisecond, 0.6))
	crowded.Cores, crowded.CPU, crowded.Delayed = 2, 2*crowded.Wall, 6*crowded.Wall
	remote := simulate("remote", 4, 1, 9*time.Millisecond, lengths(60, 12*time.Millisecond, 0.5))
	for i := range remote.Records {
		remote.Records[i].Returned += 6 * time.Millisecond
	}
	remote.Wall += 6 * time.Millisecond
	tiny := simulate("square", 2, 1, 200*time.Nanosecond, lengths(4000, 300*time.Nanosecond, 0.3))
	return map[string]*parallel.Run{
		"one":       simulate("sum", 1, 1, 10*time.Microsecond, lengths(12, 8*time.Millisecond, 0.5)),
		"uneven":    simulate("%pmap isPrime", 2, 1, 10*time.Microsecond, uneven),
		"many":      simulate("collatz", 8, 1, 2*time.Microsecond, lengths(5000, 400*time.Microsecond, 0.9)),
		"crowd":     simulate("simulate", 128, 1, 5*time.Microsecond, lengths(3000, 90*time.Millisecond, 0.9)),
		"lots":      simulate("hash", 16, 50, time.Microsecond, lengths(200_000, 20*time.Microsecond, 0.9)),
		"chunks":    simulate("chunks", 4, 50, 5*time.Microsecond, lengths(250, time.Millisecond, 0.9)),
		"empty":     {Label: "nothing", Workers: 2},
		"zero":      {},
		"failed":    failed,
		"cancelled": cancelled,
		"collected": collected,
		"tiny":      tiny,
		"retried":   flaky(),
		"crowded":   crowded,
		"remote":    remote,
		"even":      simulate("%pmap isPrime", 2, 1, 10*time.Microsecond, lengths(200, 5*time.Millisecond, 0.05)),
		"pieces":    simulate("sum", 2, 10, time.Microsecond, lengths(100_000, 3*time.Microsecond, 0.9)),
		"wide":      simulate("simulate", 64, 1, 5*time.Microsecond, lengths(1500, 90*time.Millisecond, 0.9)),
		"single":    simulate("f", 2, 1, 10*time.Microsecond, lengths(1, 80*time.Millisecond, 0)),
		"instant":   simulate("f", 2, 1, 2*time.Microsecond, lengths(20, time.Microsecond, 0.5)),
		"few":       simulate("train <model> & \"test\"", 8, 1, time.Millisecond, lengths(5, 70*time.Second, 0.3)),
	}
}

// flaky makes a run of 80 tasks on 4 workers in which every seventh attempt fails, up to
// three times for a task. Further attempts come after all else, with a pause.
func flaky() *parallel.Run {
	const workers, pause = 4, 25 * time.Millisecond
	ms := lengths(200, 6*time.Millisecond, 0.6)
	run := &parallel.Run{Label: "download", Workers: workers, Cores: workers, Tasks: 80}
	type try struct {
		index, attempt int
		queued         time.Duration
	}
	var todo []try
	for i := range run.Tasks {
		todo = append(todo, try{i, 1, 0})
	}
	free := make([]time.Duration, workers)
	for n := 0; len(todo) > 0; n++ {
		next := todo[0]
		todo = todo[1:]
		w := 0
		for v := range free {
			if free[v] < free[w] {
				w = v
			}
		}
		due := next.queued
		if next.attempt > 1 {
			due += pause
		}
		rec := parallel.Record{Index: next.index, Count: 1, Attempt: next.attempt, Worker: w, Queued: next.queued}
		rec.Started = max(free[w]+10*time.Microsecond, due)
		rec.Finished = rec.Started + ms[n]
		rec.Returned = rec.Finished
		free[w] = rec.Finished
		if n%7 == 3 || next.index == 79 {
			rec.Err = &parallel.TaskError{Index: next.index, Attempt: next.attempt, Err: errBroken}
			if rec.Retried = next.attempt < 3; rec.Retried {
				todo = append(todo, try{next.index, next.attempt + 1, rec.Finished})
			}
		}
		run.Wall = max(run.Wall, rec.Finished)
		run.Records = append(run.Records, rec)
	}
	slices.SortFunc(run.Records, func(a, b parallel.Record) int {
		return cmp.Or(cmp.Compare(a.Index, b.Index), cmp.Compare(a.Attempt, b.Attempt))
	})
	run.CPU = run.Busy() / 4
	return run
}

// timings are samples of every kind that a histogram has to show.
func timings() map[string][]time.Duration {
	rng := rand.New(rand.NewPCG(1, 1))
	normal := make([]time.Duration, 300)
	for i := range normal {
		normal[i] = time.Duration(1.23e6 + 4e4*rng.NormFloat64())
	}
	outlier := append([]time.Duration{9 * time.Millisecond, 4 * time.Millisecond}, normal...)
	return map[string][]time.Duration{
		"normal":  normal,
		"outlier": outlier,
		"one":     {812 * time.Nanosecond},
		"seven":   {31e6, 33e6, 32e6, 31.5e6, 38e6, 31.2e6, 31.1e6},
		"same":    {5, 5, 5, 5},
		"none":    nil,
	}
}
