package pause

import (
	"runtime"
	"testing"
	"time"
)

func TestTicker(t *testing.T) {
	const every = 2 * time.Millisecond
	ticker := NewTicker(every)
	start := time.Now()
	for range 3 {
		<-ticker.C
	}
	if took := time.Since(start); took < 2*every {
		t.Errorf("three ticks within %v", took)
	}
	ticker.Stop()
	before := runtime.NumGoroutine()
	for n := range 20 { // also while it waits, and before the first tick
		ticker := NewTicker(every)
		if n%2 == 0 {
			runtime.Gosched()
		}
		ticker.Stop()
	}
	for runtime.NumGoroutine() > before { // else the test ends by its time limit
		runtime.Gosched()
	}
}

func TestFor(t *testing.T) {
	for _, d := range []time.Duration{-time.Second, 0, time.Nanosecond, time.Microsecond, 3 * time.Millisecond} {
		start := time.Now()
		For(d)
		if took := time.Since(start); took < d {
			t.Errorf("a pause of %v ended after %v", d, took)
		}
	}
}
