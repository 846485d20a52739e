package rt

import (
	"context"
	"runtime"
	"runtime/pprof"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
	_ "unsafe" // for go:linkname
)

// A goroutine belongs to the run whose profiler label it has: goroutines inherit
// the labels of those that start them, also inside libraries.

//go:linkname profLabel runtime/pprof.runtime_getProfLabel
func profLabel() uintptr

// A Running is one execution of a cell.
type Running struct {
	ID      int
	stopped chan struct{} // closed when the run is to stop
	dead    atomic.Bool
	over    atomic.Bool  // it has ended well, but for goroutines that go on
	live    atomic.Int64 // goroutines: the entry's and those that guarded go statements started
}

var (
	// Stop is not 0 while goroutines have to look whether they are to stop.
	Stop atomic.Uint32

	runsMu sync.RWMutex
	byMark = map[uintptr]*Running{} // by label
	byID   = map[int]*Running{}
)

// Start runs f, with its goroutines counted as those of run id, and returns a
// channel that is closed when f has returned, panicked or ended its goroutine.
// The panic goes to recovered, which is called on the goroutine, its stack still
// there; it is called with ended true if there was none but f did not return.
func Start(id int, f func(), recovered func(value any, ended bool)) (*Running, <-chan struct{}) {
	r := &Running{ID: id, stopped: make(chan struct{})}
	done := make(chan struct{})
	r.live.Add(1)
	go func() {
		ctx := pprof.WithLabels(context.Background(), pprof.Labels("fanout", strconv.Itoa(id)))
		pprof.SetGoroutineLabels(ctx)
		mark := profLabel()
		runsMu.Lock()
		byMark[mark], byID[id] = r, r
		runsMu.Unlock()
		returned := false
		defer close(done)
		defer func() {
			if r.live.Add(-1) == 0 && r.dead.Load() {
				forget(r, mark)
			}
		}()
		defer func() {
			if returned {
				return
			}
			if v := recover(); v != nil {
				recovered(v, false)
			} else {
				recovered(nil, true)
			}
		}()
		f()
		returned = true
	}()
	return r, done
}

// Forget ends the account of a run that has ended well. Goroutines that it left
// go on; the account ends with the last of them.
func (r *Running) Forget() {
	r.over.Store(true)
	runsMu.Lock()
	defer runsMu.Unlock()
	if r.live.Load() == 0 {
		drop(r)
	}
}

func forget(r *Running, _ uintptr) {
	runsMu.Lock()
	defer runsMu.Unlock()
	drop(r)
	for _, other := range byID {
		if other.dead.Load() {
			return
		}
	}
	Stop.Store(0)
}

func drop(r *Running) {
	for mark, other := range byMark {
		if other == r {
			delete(byMark, mark)
		}
	}
	if byID[r.ID] == r {
		delete(byID, r.ID)
	}
}

// Kill has the goroutines of a run end at their next checks.
func (r *Running) Kill() {
	if r.dead.Swap(true) {
		return
	}
	close(r.stopped)
	Stop.Store(1)
}

// Settle ends the time in which everybody looks whether to stop, though some of a
// run's goroutines are blocked: from now on they are looked for now and then.
func (r *Running) Settle() {
	if r.live.Load() == 0 {
		forget(r, 0)
		return
	}
	Stop.Store(0)
	go sweep(r)
}

const (
	sweepEvery = 100 * time.Millisecond
	sweepFor   = time.Millisecond
)

// sweep makes all goroutines look for a moment, again and again, until those of r
// have ended.
func sweep(r *Running) {
	for every := sweepEvery; r.live.Load() > 0; every = min(2*every, 10*time.Second) {
		time.Sleep(every)
		Stop.Store(1)
		time.Sleep(sweepFor)
		Stop.Store(0)
	}
	forget(r, 0)
}

// current is the run that the goroutine belongs to, or nil.
func current() *Running {
	mark := profLabel()
	runsMu.RLock()
	defer runsMu.RUnlock()
	return byMark[mark]
}

// CurrentID is the number of the run that the goroutine belongs to.
func CurrentID() (id int, ok bool) {
	if r := current(); r != nil {
		return r.ID, true
	}
	return 0, false
}

// Trap ends the goroutine if its run is to stop; deferred functions run.
//
//go:noinline
func Trap() {
	if r := current(); r != nil && r.dead.Load() {
		runtime.Goexit()
	}
}

// Enter counts a goroutine that a cell starts.
func Enter() *Running {
	r := current()
	if r != nil {
		r.live.Add(1)
	}
	return r
}

// Guard is deferred in goroutines that cells start: a panic is the session's to
// tell.
func Guard(r *Running) {
	v := recover()
	if v != nil {
		id := 0
		if r != nil {
			id = r.ID
		}
		session().Panicked(id, v)
	}
	if r != nil && r.live.Add(-1) == 0 && (r.dead.Load() || r.over.Load()) {
		forget(r, 0)
	}
}

// Guarded guards a function that a library calls in a goroutine.
func Guarded(f func()) func() {
	return func() {
		defer Guard(Enter())
		f()
	}
}

// GuardedErr guards a function that a library calls in a goroutine.
func GuardedErr(f func() error) func() error {
	return func() error {
		defer Guard(Enter())
		return f()
	}
}
