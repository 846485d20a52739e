package interp

import (
	"context"
	"fmt"
	"reflect"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
	"unsafe"

	yaegi "github.com/traefik/yaegi/interp"
)

// Stopping interpreted code.
//
// Yaegi numbers its runs. Every frame has the number under which it was made, and
// interpreted code stops at its next statement when the interpreter's number is
// another; the end of an ExecuteWithContext raises it. That stops for good all
// there is: also function values that earlier cells have made, which would from
// then on return zero values without a word.
//
// So the number is raised only for as long as it takes for what runs to stop,
// and then set back. Everything that runs has a token: the entry of a cell and
// the function of each go statement call host.Ended when they end. Only where
// one stays blocked in a call that is not interpreted (a mutex, the network) does
// the new number stay, lest it go on when its call returns.

// quiesce is how long stopped code may take to notice.
const quiesce = 100 * time.Millisecond

// A stopper keeps account of what runs in an interpreter, and stops it.
type stopper struct {
	vm      *yaegi.Interpreter
	waiting *yaegi.Program // calls hold
	stops   func()         // is called when all that runs is to stop
	devices func() bool    // says whether what runs waits for a device
	number  *uint64        // the interpreter's; nil where it was not found

	mu       sync.Mutex
	primary  *hold // the run that has the interpreter's stop
	holding  *hold // what the ExecuteWithContext that starts is for
	holds    map[*hold]bool
	tokens   map[int]bool
	coming   map[int]bool  // tokens of go statements whose functions have not begun yet
	last     int           // the last token of a go statement
	dead     int           // the last one at the last stop
	quiet    chan struct{} // closed when no token is left, if anyone waits
	stopping chan struct{} // closed when the stop under way is over; nil if there is none
	stopped  chan struct{} // closed at a stop; wakes what sleeps
	at       time.Time     // of the last stop
	stuck    bool          // the last stop left something blocked
}

// A hold is a run under way. The first of those that overlap owns the
// interpreter's stop: beside it an ExecuteWithContext runs that does nothing but
// wait, for the sake of its end, and of the channel that it ends the channel
// operations of the run with.
type hold struct {
	first    bool
	ctx      context.Context
	cancel   context.CancelFunc
	stopped  chan struct{}
	held     chan struct{} // closed when the ExecuteWithContext waits
	returned chan struct{} // closed when it has returned
	release  chan struct{} // closed to end the wait
}

// stopPackage is where the interpreted code of begin finds hold.
const stopPackage = "fanout/stop"

func (s *stopper) init(vm *yaegi.Interpreter) error {
	s.vm, s.number = vm, runNumber(vm)
	s.holds, s.tokens, s.coming, s.stopped = map[*hold]bool{}, map[int]bool{}, map[int]bool{}, make(chan struct{})
	if err := vm.Use(yaegi.Exports{stopPackage + "/stop": {"Hold": reflect.ValueOf(s.hold)}}); err != nil {
		return fmt.Errorf("interpreter: %w", err)
	}
	if _, err := vm.Eval("import __stop " + strconv.Quote(stopPackage)); err != nil {
		return fmt.Errorf("interpreter: %w", err)
	}
	prog, err := vm.Compile("__stop.Hold()")
	if err != nil {
		return fmt.Errorf("interpreter: %w", err)
	}
	s.waiting = prog
	return nil
}

// runNumber finds the interpreter's run number, which yaegi keeps as its first
// field and changes by atomic operations only.
func runNumber(vm *yaegi.Interpreter) *uint64 {
	f := reflect.TypeOf(vm).Elem().Field(0)
	if f.Name != "id" || f.Type.Kind() != reflect.Uint64 {
		return nil
	}
	return (*uint64)(unsafe.Pointer(vm))
}

// entryToken is the token of a cell's entry; go statements have positive ones.
func entryToken(id int) int { return -id }

// begin waits for the end of a stop under way, and notes a run.
func (s *stopper) begin(token int) *hold {
	s.mu.Lock()
	for s.stopping != nil {
		over := s.stopping
		s.mu.Unlock()
		<-over
		s.mu.Lock()
	}
	defer s.mu.Unlock()
	h := newHold(s.primary == nil)
	s.holds[h] = true
	s.tokens[token] = true
	if h.first {
		s.primary = h
		s.own(h)
	}
	return h
}

func newHold(first bool) *hold {
	h := &hold{
		first: first, stopped: make(chan struct{}),
		held: make(chan struct{}), returned: make(chan struct{}), release: make(chan struct{}),
	}
	h.ctx, h.cancel = context.WithCancel(context.Background())
	return h
}

// own makes h the owner of the interpreter's stop. One goroutine at a time does:
// begin, which holds the lock, or a stop, for which begin waits.
func (s *stopper) own(h *hold) {
	s.holding = h
	go func() {
		defer close(h.returned)
		_, _ = s.vm.ExecuteWithContext(h.ctx, s.waiting) // its end is all that is wanted
	}()
	<-h.held
}

// hold is called by the interpreted code of an ExecuteWithContext of own.
func (s *stopper) hold() {
	h := s.holding
	close(h.held)
	<-h.release
	if h.ctx.Err() != nil { // nobody waits for this code any more, and other code may run
		runtime.Goexit()
	}
}

// end forgets a run that has ended by itself, and says false if a stop has got hold
// of it. Its ExecuteWithContext ends before another can begin.
func (s *stopper) end(h *hold) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.holds[h] {
		return false
	}
	delete(s.holds, h)
	if s.primary == h {
		close(h.release)
		<-h.returned
		s.primary = nil
	}
	h.cancel()
	return true
}

// abandon forgets a run that was stopped. Its ExecuteWithContext has returned; what
// that ran ends after the run itself, with which it shares a frame of yaegi's.
func (s *stopper) abandon(h *hold, done <-chan error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.primary != h {
		return
	}
	s.primary = nil
	go func() {
		<-done // yaegi ends a run that nothing in it holds up
		close(h.release)
	}()
}

// started gives out the token of a go statement. It counts from begun on.
func (s *stopper) started() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.last++
	s.coming[s.last] = true
	return s.last
}

// begun is called in the goroutine of a go statement before all else. One that was
// started before a stop and begins after it ends here.
func (s *stopper) begun(token int) int {
	s.mu.Lock()
	delete(s.coming, token)
	if s.stopping != nil || token <= s.dead {
		s.mu.Unlock()
		runtime.Goexit()
	}
	s.tokens[token] = true
	s.mu.Unlock()
	return token
}

// busy says whether interpreted code runs: cells, or goroutines that they have started.
func (s *stopper) busy() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.tokens)+len(s.coming) > 0
}

// resumed gives a run whose code has ended its token again, for what its result takes,
// and says false if a stop has got hold of the run: that stop may be over by now.
func (s *stopper) resumed(h *hold, token int) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stopping != nil || !s.holds[h] {
		return false
	}
	s.tokens[token] = true
	return true
}

// ended takes a token back. It may be called twice.
func (s *stopper) ended(token int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.tokens, token)
	if len(s.tokens) == 0 && s.quiet != nil {
		close(s.quiet)
		s.quiet = nil
	}
}

// stopAll stops all interpreted code and returns when that is done. Calls that
// overlap are one stop.
func (s *stopper) stopAll() {
	s.mu.Lock()
	if over := s.stopping; over != nil {
		s.mu.Unlock()
		<-over
		return
	}
	over := make(chan struct{})
	s.stopping = over
	if s.stops != nil {
		s.stops()
	}
	before := uint64(0)
	if s.number != nil {
		before = atomic.LoadUint64(s.number)
	}
	primary := s.primary
	for h := range s.holds {
		close(h.stopped)
	}
	clear(s.holds)
	s.at = time.Now()
	close(s.stopped)
	s.stopped = make(chan struct{})
	quiet := make(chan struct{})
	if len(s.tokens) == 0 {
		close(quiet)
	} else {
		s.quiet = quiet
	}
	s.mu.Unlock()

	if primary == nil || primary.ctx.Err() != nil { // none, or an earlier stop has used it up
		primary = newHold(true)
		s.own(primary)
		defer close(primary.release)
	}
	primary.cancel() // yaegi raises its number, and closes the channel that ends channel operations
	<-primary.returned
	stuck := false
	select {
	case <-quiet:
	case <-time.After(s.grace()):
		stuck = true
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.quiet = nil
	s.dead = s.last
	clear(s.tokens) // what is left is abandoned
	clear(s.coming)
	if !stuck && s.number != nil {
		atomic.StoreUint64(s.number, before)
	}
	s.stuck = stuck
	s.stopping = nil
	close(over)
}

// grace is how long what was stopped may take to notice.
func (s *stopper) grace() time.Duration {
	if s.devices != nil && s.devices() {
		return kernelGrace
	}
	return quiesce
}

// sleep is time.Sleep for interpreted code: a stop ends it.
func (s *stopper) sleep(d time.Duration) {
	if d <= 0 {
		return
	}
	s.mu.Lock()
	stopped, stopping := s.stopped, s.stopping != nil
	s.mu.Unlock()
	if stopping { // it is code that is to stop: what begins waits for the end of the stop
		return
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-stopped:
	}
}

// lastStop is the time of the last stop.
func (s *stopper) lastStop() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.at
}

// before returns the time of the last stop, if that is earlier than t and not
// before since; else t. What was stopped may go on before anybody hears of it.
func (s *stopper) before(t, since time.Time) time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.at.Before(since) || s.at.After(t) {
		return t
	}
	return s.at
}

// wasStuck says whether the last stop left something blocked.
func (s *stopper) wasStuck() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.stuck
}
