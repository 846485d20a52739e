package plots

import (
	"context"
	"errors"
	"math/rand/v2"
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
		"few":       simulate("train <model> & \"test\"", 8, 1, time.Millisecond, lengths(5, 70*time.Second, 0.3)),
	}
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
