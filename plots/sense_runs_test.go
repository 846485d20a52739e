package plots

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/adabc437/fanout/parallel"
)

// What has run makes sense, however it ended.
func TestRunsMakeSense(t *testing.T) {
	xs := make([]int, 300)
	for i := range xs {
		xs[i] = i
	}
	odd := errors.New("odd")
	f := func(ctx context.Context, x int) (int, error) {
		switch {
		case x%7 == 3:
			return 0, odd
		case x%50 == 49:
			time.Sleep(2 * time.Millisecond) // deaf to its context
		case x == 123:
			panic("x")
		}
		return x, nil
	}
	for name, opts := range map[string][]parallel.Option{
		"stopped":   nil,
		"collected": {parallel.WithCollect()},
		"replaced":  {parallel.WithReplacement(1), parallel.WithTaskTimeout(time.Millisecond)},
		"retried":   {parallel.WithCollect(), parallel.WithRetry(parallel.Retry{Attempts: 3, Backoff: 10 * time.Microsecond})},
		"cut off":   {parallel.WithCollect(), parallel.WithTimeout(3 * time.Millisecond), parallel.WithRetry(parallel.Retry{Attempts: 30, Backoff: time.Millisecond})},
		"chunks":    {parallel.WithCollect(), parallel.WithChunk(40)},
		"unordered": {parallel.WithCollect(), parallel.WithUnordered()},
	} {
		var run parallel.Run
		_, _ = parallel.MapContext(t.Context(), f, xs, append(opts, parallel.WithRun(&run), parallel.WithWorkers(4))...)
		if why := doubtOfRun(&run); why != "" || len(run.Records) == 0 && name != "cut off" {
			t.Errorf("%s: %d records: %s", name, len(run.Records), why)
		}
	}
	var run parallel.Run
	ctx, cancel := context.WithCancel(t.Context())
	hang := make(chan bool)
	_, _ = parallel.MapContext(ctx, func(_ context.Context, x int) (int, error) {
		if x == 1 {
			cancel()
		}
		<-hang
		return x, nil
	}, xs[:2], parallel.WithRun(&run), parallel.WithWorkers(2), parallel.WithChunk(1))
	close(hang)
	if why := doubtOfRun(&run); why != "" || len(run.Records) == 0 {
		t.Errorf("abandoned: %d records: %s", len(run.Records), why)
	}
	if _, err := parallel.Reduce(func(a, b int) int { return a + b }, xs, parallel.WithRun(&run)); err != nil || doubtOfRun(&run) != "" {
		t.Errorf("reduced: %v, %s", err, doubtOfRun(&run))
	}
	run = parallel.Run{}
	for range parallel.Imap(func(x int) int { return x }, slices.Values(xs), parallel.WithRun(&run)) {
		break
	}
	if why := doubtOfRun(&run); why != "" || run.Workers == 0 {
		t.Errorf("a stream cut short: %s", why)
	}
}
