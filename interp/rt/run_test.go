package rt

import (
	"sync"
	"testing"
)

func TestGoroutinesBelongToTheRunThatStartedThem(t *testing.T) {
	var wg sync.WaitGroup
	got := make(chan int, 3)
	_, done := Start(7, func() {
		for range 2 {
			wg.Add(1)
			go func() {
				defer wg.Done()
				id, _ := CurrentID()
				got <- id
			}()
		}
		wg.Wait()
		id, _ := CurrentID()
		got <- id
	}, nil)
	<-done
	for range 3 {
		if id := <-got; id != 7 {
			t.Error(id)
		}
	}
	if _, ok := CurrentID(); ok {
		t.Error("the test itself belongs to a run")
	}
}

func TestKillEndsLoopsAndRunsDeferredFunctions(t *testing.T) {
	begun, deferred := make(chan bool), make(chan bool, 2)
	loop := func() {
		for {
			if Stop.Load() != 0 {
				Trap()
			}
		}
	}
	r, done := Start(8, func() {
		defer func() { deferred <- recover() == nil }()
		go func() {
			defer Guard(Enter())
			defer func() { deferred <- true }()
			close(begun)
			loop()
		}()
		loop()
	}, func(value any, ended bool) {
		if value != nil || !ended {
			t.Error(value, ended)
		}
	})
	<-begun
	r.Kill()
	<-done
	for range 2 {
		if !<-deferred {
			t.Error("a deferred function saw a panic")
		}
	}
	r.Settle(false)
}

// A run whose goroutines outlive it is forgotten with the last of them.
func TestRunsAreForgotten(t *testing.T) {
	begun, gate, ended := make(chan bool), make(chan bool), make(chan bool)
	r, done := Start(9, func() {
		go func() {
			defer close(ended)
			defer Guard(Enter())
			close(begun)
			<-gate
		}()
		<-begun
	}, nil)
	<-done
	r.Forget()
	known := func() bool {
		runsMu.RLock()
		defer runsMu.RUnlock()
		for _, other := range byMark {
			if other == r {
				return true
			}
		}
		return byID[9] == r
	}
	if !known() {
		t.Error("a run is forgotten while a goroutine of it goes on")
	}
	close(gate)
	<-ended
	if known() {
		t.Error("a run is not forgotten though all of it has ended")
	}
}

// Everybody looks while a goroutine of a killed run is blocked, whatever becomes of other
// runs, and nobody does when all have ended.
func TestBlockedGoroutinesAreLookedFor(t *testing.T) {
	gate, begun := make(chan bool), make(chan bool)
	r, done := Start(10, func() {
		begun <- true
		<-gate
		Trap()
		t.Error("a goroutine of a killed run goes on")
	}, func(any, bool) {})
	<-begun
	r.Kill()
	r.Settle(false)
	other, otherDone := Start(11, func() { begun <- true; <-Done() }, nil)
	<-begun
	other.Kill()
	<-otherDone
	other.Settle(false)
	if Stop.Load() == 0 {
		t.Error("nobody looks any more")
	}
	close(gate)
	<-done
	runsMu.RLock()
	defer runsMu.RUnlock()
	if r.looking || other.looking {
		t.Error("goroutines look for the sake of runs that have ended")
	}
}

// A goroutine that was started before the kill of its run, and begins after, ends.
func TestLateGoroutinesOfKilledRunsEnd(t *testing.T) {
	gate, ended := make(chan bool), make(chan bool)
	r, done := Start(12, func() {
		go func() {
			defer close(ended)
			<-gate // as if it had not begun
			defer Guard(Enter())
			t.Error("it has begun")
		}()
		<-Done()
	}, func(any, bool) {})
	r.Kill()
	<-done
	r.Settle(false)
	close(gate)
	<-ended
	if r.live.Load() != 0 || Stop.Load() != 0 {
		t.Error("the run is not forgotten")
	}
}
