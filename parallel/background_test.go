package parallel

import (
	"context"
	"errors"
	"runtime"
	"strings"
	"testing"
	"time"
)

func same(x int) int { return x }

var limit = WithTimeout(time.Minute) // for what would hang

func TestDrainedReturnsForACallWithoutTasks(t *testing.T) {
	over, cancel := context.WithCancel(t.Context())
	cancel()
	for _, f := range []*Future[[]int]{MapAsync(same, []int{}), MapAsync(same, []int{1}, WithContext(over))} {
		f.Drained()
	}
}

// The caller of a Map within a task waits; the task of the Map that waits for another call
// lends the caller's place.
func TestATaskOfANestedMapMayWaitForAnotherCall(t *testing.T) {
	p := WithPool(NewPool(2))
	f := MapAsync(func(x int) int {
		ys, err := Map(func(y int) int {
			z, err := ApplyAsync(same, y, p, limit).Get()
			if err != nil {
				t.Error(err)
			}
			return z
		}, []int{x, x}, p, limit)
		if err != nil {
			t.Error(err)
		}
		return ys[0] + ys[1]
	}, []int{1, 2}, p, limit)
	if ys, err := f.Get(); err != nil || ys[0] != 2 || ys[1] != 4 {
		t.Error(ys, err)
	}
}

func TestTasksOfTwoPoolsMayWaitForEachOther(t *testing.T) {
	p, q := WithPool(NewPool(1)), WithPool(NewPool(1))
	f := ApplyErrAsync(func(x int) (int, error) {
		return ApplyErrAsync(func(x int) (int, error) { return ApplyAsync(same, x, p, limit).Get() }, x, q, limit).Get()
	}, 7, p, limit)
	if y, err := f.Get(); y != 7 || err != nil {
		t.Error(y, err)
	}
	f = ApplyAsync(func(int) int {
		c := make(chan int)
		first := ApplyAsync(func(int) int { return <-c }, 1, q, limit)
		second := ApplyAsync(func(int) int { close(c); return 0 }, 1, p, limit)
		n := 0
		for range AsCompleted(first, second) {
			n++
		}
		return n
	}, 0, p, limit)
	if y, err := f.Get(); y != 2 || err != nil {
		t.Error(y, err)
	}
}

func TestATaskMayWaitForACallThatHasMoreToDo(t *testing.T) {
	p := WithPool(NewPool(1))
	f := ApplyErrAsync(func(int) (int, error) {
		return Go(func(_ context.Context, opts ...Option) (int, error) {
			ys, err := Map(same, []int{1, 2}, opts...)
			if err != nil {
				return 0, err
			}
			return ApplyAsync(same, ys[1], p, limit).Get()
		}, p, limit).Get()
	}, 0, p, limit)
	if y, err := f.Get(); y != 2 || err != nil {
		t.Error(y, err)
	}
}

// An abandoned task has no place to lend.
func TestAnAbandonedTaskLendsNothing(t *testing.T) {
	pool := NewPool(1)
	p := WithPool(pool)
	started, goOn, end, left := make(chan struct{}), make(chan struct{}), make(chan struct{}), make(chan struct{})
	var last *Future[int]
	deaf := ApplyAsync(func(int) int {
		close(started)
		<-goOn
		_, _ = last.Get()
		close(left)
		return 0
	}, 0, p)
	<-started
	deaf.Cancel()
	if _, err := deaf.Get(); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	first := ApplyAsync(func(int) int { <-end; return 0 }, 0, p)
	last = ApplyAsync(same, 1, p)
	close(goOn)
	for range 100 {
		runtime.Gosched()
		pool.mu.Lock()
		if pool.lent != 0 {
			t.Error("a place was lent")
		}
		pool.mu.Unlock()
	}
	close(end)
	if _, err := first.Get(); err != nil {
		t.Error(err)
	}
	<-left
}

func TestCallsThatHaveEndedLeaveNoInvitations(t *testing.T) {
	pool := NewPool(4)
	_, err := Map(func(int) int {
		_, err := Map(same, []int{1, 2, 3, 4}, WithPool(pool))
		if err != nil {
			t.Error(err)
		}
		pool.mu.Lock()
		defer pool.mu.Unlock()
		if len(pool.queue) > 16 { // three for each call that may be under way
			t.Errorf("%d invitations", len(pool.queue))
		}
		return 0
	}, make([]int, 500), WithPool(pool), WithChunk(1))
	if err != nil {
		t.Error(err)
	}
}

func TestACallbackMayEndItsGoroutine(t *testing.T) {
	gate, told := make(chan struct{}), make(chan struct{})
	f := ApplyAsync(func(x int) int { <-gate; return x }, 1)
	f.OnSuccess(func(int) { runtime.Goexit() })
	f.OnSuccess(func(int) { close(told) })
	close(gate)
	for range AsCompleted(f) {
	}
	<-told
}

func TestCloseReturnsWhenTheResultsAreThere(t *testing.T) {
	for range 500 {
		p := NewPool(2)
		f := ApplyAsync(same, 1, WithPool(p))
		if err := p.Close(); err != nil {
			t.Fatal(err)
		}
		if !f.Ready() {
			t.Fatal("closed, and the call has not ended")
		}
	}
}

func TestACallInTheBackgroundThatPanicsFails(t *testing.T) {
	if _, err := Go[int](nil).Get(); err == nil {
		t.Error("no function, and no error")
	}
	_, err := Go(func(context.Context, ...Option) (int, error) { panic("oh dear") }).Get()
	if err == nil || !strings.Contains(err.Error(), "oh dear") {
		t.Error(err)
	}
	_, err = MapAsync(same, make([]int, 10), WithProgress(time.Nanosecond, func(Progress) { panic("report") })).Get()
	if err == nil || !strings.Contains(err.Error(), "report") {
		t.Error(err)
	}
}

func TestNothingBeginsOnATerminatedPool(t *testing.T) {
	p := NewPool(2)
	held := make(chan struct{})
	f := Go(func(_ context.Context, opts ...Option) ([]int, error) {
		<-held
		return Map(func(x int) int { t.Error("a task began"); return x }, []int{1, 2}, opts...)
	}, WithPool(p))
	p.Terminate()
	close(held)
	if _, err := f.Get(); !errors.Is(err, ErrTerminated) {
		t.Error(err)
	}
}
