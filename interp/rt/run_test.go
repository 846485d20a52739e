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
	r.Settle()
}
