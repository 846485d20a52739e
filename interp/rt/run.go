package rt

import (
	"context"
	"runtime"
	"runtime/pprof"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
	_ "unsafe" // for go:linkname

	"github.com/adabc437/fanout/interp/pause"
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
	looking bool         // Stop counts it; guarded by runsMu, as gone
	gone    bool         // it is forgotten
	settled time.Time    // see Settle; guarded by runsMu
	live    atomic.Int64 // goroutines: the entry's and those that guarded go statements started
	mark    uintptr      // its label; guarded by runsMu
	labels  context.Context
}

var (
	// Stop is not 0 while goroutines have to look whether they are to stop. It counts
	// the runs for whose sake they do.
	Stop atomic.Uint32
	// killed are the labels of runs that are to stop.
	killed atomic.Pointer[[]uintptr]

	runsMu sync.RWMutex
	byMark = map[uintptr]*Running{} // by label
	byID   = map[int]*Running{}
	// graves are the labels of runs that were killed, of which a go statement's
	// goroutine may still begin; their contexts keep the labels from being reused.
	graves = map[uintptr]context.Context{}

	sweeping bool // there is a sweep; guarded by runsMu
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
		if r.mark, r.labels = mark, ctx; r.dead.Load() { // killed already
			graves[mark] = ctx
		}
		listKilled()
		runsMu.Unlock()
		returned := false
		defer close(done)
		defer func() {
			if r.live.Add(-1) == 0 && r.dead.Load() {
				forget(r)
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

func forget(r *Running) {
	runsMu.Lock()
	defer runsMu.Unlock()
	r.end()
}

// end is forget for a holder of runsMu. It does nothing if a goroutine has begun
// meanwhile.
func (r *Running) end() {
	if r.live.Load() > 0 {
		return
	}
	r.gone = true
	r.setLooking(false)
	drop(r)
	listKilled()
}

// look has goroutines look whether they are to stop, for the sake of r, or no more. It
// reports whether r has anything left that could stop.
func (r *Running) look(on bool) bool {
	runsMu.Lock()
	defer runsMu.Unlock()
	r.setLooking(on && !r.gone)
	return !r.gone
}

// setLooking is look for a holder of runsMu.
func (r *Running) setLooking(on bool) {
	if on && !r.looking {
		Stop.Add(1)
	} else if !on && r.looking {
		Stop.Add(^uint32(0))
	}
	r.looking = on
}

// listKilled notes the labels of the runs that are to stop. The caller holds runsMu.
func listKilled() {
	var list []uintptr
	for mark, r := range byMark {
		if r.dead.Load() {
			list = append(list, mark)
		}
	}
	killed.Store(&list)
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
	runsMu.Lock()
	listKilled()
	if r.labels != nil {
		graves[r.mark] = r.labels
	}
	runsMu.Unlock()
	r.look(true)
	close(r.stopped)
}

// Settle is called when a run that was killed has had its time to end. If some of its
// goroutines are blocked, everybody goes on looking for a while, and from then on now
// and then: a look costs some nanoseconds. Where asleep is set they are known to wait
// for each other, and there is no such while.
func (r *Running) Settle(asleep bool) {
	if r.live.Load() == 0 {
		forget(r)
		return
	}
	runsMu.Lock()
	defer runsMu.Unlock()
	if r.settled = time.Now(); asleep {
		r.settled = r.settled.Add(-sweepAll)
	}
	if !sweeping {
		sweeping = true
		go sweep()
	}
}

const (
	sweepTick   = 100 * time.Millisecond
	sweepAll    = 30 * time.Second // the while in which everybody looks
	sweepOften  = 5 * time.Minute  // after that everybody looks every tenth tick, and then
	sweepSeldom = 100              // every hundredth
)

// sweep has goroutines look whether to stop, for the sake of all runs that were killed
// and have some left. It ends with them.
func sweep() {
	for n := 0; ; n++ {
		runsMu.Lock()
		left := 0
		for _, r := range byID {
			if r.settled.IsZero() || r.gone {
				continue
			}
			if r.live.Load() == 0 {
				r.end()
				continue
			}
			left++
			switch age := time.Since(r.settled); {
			case age < sweepAll:
				r.setLooking(true)
			case age < sweepOften:
				r.setLooking(n%10 == 0)
			default:
				r.setLooking(n%sweepSeldom == 0)
			}
		}
		if left == 0 {
			sweeping = false
		}
		runsMu.Unlock()
		if left == 0 {
			return
		}
		pause.For(sweepTick)
	}
}

// current is the run that the goroutine belongs to, or nil.
func current() *Running {
	mark := profLabel()
	runsMu.RLock()
	defer runsMu.RUnlock()
	return byMark[mark]
}

// Live says that a run that was not killed has goroutines under way.
func Live() bool {
	runsMu.RLock()
	defer runsMu.RUnlock()
	for _, r := range byID {
		if r.live.Load() > 0 && !r.dead.Load() {
			return true
		}
	}
	return false
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
	if list := killed.Load(); list != nil && slices.Contains(*list, profLabel()) {
		runtime.Goexit()
	}
}

// Enter counts a goroutine that a cell starts. One that begins after its run was
// killed ends.
func Enter() *Running {
	mark := profLabel()
	runsMu.RLock()
	r := byMark[mark]
	dead := r != nil && r.dead.Load()
	if r == nil {
		_, dead = graves[mark]
	}
	if r != nil && !dead {
		r.live.Add(1)
	}
	runsMu.RUnlock()
	if dead {
		runtime.Goexit()
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
		forget(r)
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
