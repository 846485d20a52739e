package parallel

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// Many calls at once on one small pool: nested, failing, panicking, cancelled
// and abandoned. Run it under -race.
func TestHammerOnePool(t *testing.T) {
	pool := NewPool(3)
	var callers, abandoned sync.WaitGroup
	for c := range 8 {
		callers.Go(func() {
			rng := rand.New(rand.NewPCG(5, uint64(c)))
			for range 60 {
				hammer(t, pool, rng, &abandoned)
			}
		})
	}
	callers.Wait()
	_ = pool.Close()
	abandoned.Wait()
	pool.mu.Lock()
	defer pool.mu.Unlock()
	if len(pool.queue) > 0 && pool.helpers == 0 {
		t.Errorf("%d invitations, and nobody to take them", len(pool.queue))
	}
}

func hammer(t *testing.T, pool *Pool, rng *rand.Rand, abandoned *sync.WaitGroup) {
	n, kind := rng.IntN(300), rng.IntN(6)
	started := make([]atomic.Int32, n)
	index := make([]int, n)
	for i := range index {
		index[i] = i
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	at := rng.IntN(300)
	slow := make(chan struct{})
	abandoned.Add(1)
	time.AfterFunc(200*time.Millisecond, func() { close(slow); abandoned.Done() })
	f := func(ctx context.Context, i int) (int, error) {
		started[i].Add(1)
		switch {
		case kind == 1 && i%50 == 0:
			ys, err := Map(func(x int) int { return x }, index[:i], WithPool(pool))
			return len(ys) - i, err
		case kind == 2 && i == at:
			panic("at")
		case kind == 3 && i == at:
			cancel()
		case kind == 4 && i == at:
			cancel()
			<-slow
		case kind == 5 && i%40 == 0:
			time.Sleep(time.Duration(i) * time.Microsecond)
		}
		return 0, nil
	}
	var run Run
	_, err := MapContext(ctx, f, index, WithPool(pool), WithChunk(rng.IntN(5)), WithRun(&run),
		WithProgress(time.Millisecond, func(Progress) {}))
	m := run.Measure()
	if (err == nil) != (m.Done == n) || m.Done+m.Failed+m.Cancelled+m.Skipped != n {
		t.Errorf("kind %d, %d tasks: %+v, %v", kind, n, m, err)
	}
	if kind != 4 {
		checkRecords(t, &run, started)
	}
}

func TestCloseWaitsForCallsUnderWay(t *testing.T) {
	pool := NewPool(2)
	begun, gate := make(chan struct{}), make(chan struct{})
	var over atomic.Bool
	go func() {
		_, _ = Apply(func(int) int { close(begun); <-gate; over.Store(true); return 0 }, 0, WithPool(pool))
	}()
	<-begun
	time.AfterFunc(10*time.Millisecond, func() { close(gate) })
	_ = pool.Close()
	if !over.Load() {
		t.Error("Close did not wait")
	}
}

// Maps in maps across two pools, each in both orders, some of them cut off.
func TestHammerNestedPools(t *testing.T) {
	pools := []*Pool{NewPool(2), NewPool(3)}
	var nest func(ctx context.Context, depth, width int) (int, error)
	nest = func(ctx context.Context, depth, width int) (int, error) {
		if depth == 0 {
			return 1, ctx.Err()
		}
		ys, err := MapContext(ctx, func(ctx context.Context, i int) (int, error) { return nest(ctx, depth-1, width) },
			upTo(width), WithPool(pools[depth%2]), WithChunk(depth%3))
		sum := 0
		for _, y := range ys {
			sum += y
		}
		return sum, err
	}
	var callers sync.WaitGroup
	for c := range 6 {
		callers.Go(func() {
			for round := range 20 {
				ctx, cancel := context.WithCancel(t.Context())
				cut := (c+round)%5 == 0
				if cut {
					time.AfterFunc(time.Duration(round)*20*time.Microsecond, cancel)
				}
				sum, err := nest(ctx, 4, 4)
				if err == nil && sum != 256 || err != nil && !(cut && errors.Is(err, context.Canceled)) {
					t.Errorf("%d, %v", sum, err)
				}
				cancel()
			}
		})
	}
	callers.Wait()
	for _, pool := range pools {
		if err := pool.Close(); err != nil {
			t.Error(err)
		}
	}
}
