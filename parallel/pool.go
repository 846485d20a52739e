package parallel

import (
	"errors"
	"runtime"
	"sync"
)

// ErrClosed is returned by a call on a closed pool.
var ErrClosed = errors.New("parallel: the pool is closed")

// A Pool bounds how many tasks run at once. All its methods may be called from
// any goroutine.
//
// A pool of n workers holds n−1 helpers; the nth worker is the one that every
// call brings along. So one call runs n tasks at once, k simultaneous calls
// run at most n−1+k, and a call inside a task, whose caller waits, adds none.
// Helpers are goroutines that exist while there is work for them: an unused
// pool costs nothing, and need not be closed.
type Pool struct {
	size int

	mu      sync.Mutex
	ended   *sync.Cond // signalled when runs falls to zero
	queue   []*run     // invitations, oldest first; one run may stand here often
	helpers int        // goroutines that serve the queue
	runs    int        // calls under way
	closed  bool
}

// NewPool returns a pool of the given number of workers; zero or less means
// one per core (GOMAXPROCS).
func NewPool(workers int) *Pool {
	if workers <= 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	p := &Pool{size: workers}
	p.ended = sync.NewCond(&p.mu)
	return p
}

var defaultPool = sync.OnceValue(func() *Pool { return NewPool(0) })

// Default returns the pool of calls that name none: one worker per core. It is
// shared by the whole program, so do not close it.
func Default() *Pool { return defaultPool() }

// Workers returns the number of workers of the pool.
func (p *Pool) Workers() int { return p.size }

// Close refuses new calls (they return [ErrClosed]) and waits until those
// under way have ended. A second Close waits likewise. A task must not close
// the pool it runs on: it would wait for itself.
func (p *Pool) Close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = true
	for p.runs > 0 {
		p.ended.Wait()
	}
}

// enter counts a call in, and exit out.
func (p *Pool) enter() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return ErrClosed
	}
	p.runs++
	return nil
}

func (p *Pool) exit() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.runs--; p.runs == 0 {
		p.ended.Broadcast()
	}
}

// invite asks for k more helpers for r. They come when they are free.
func (p *Pool) invite(r *run, k int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for range k {
		p.queue = append(p.queue, r)
	}
	p.start()
}

// start brings the number of helpers up to what the queue needs. The caller
// holds p.mu.
func (p *Pool) start() {
	for k := len(p.queue); k > 0 && p.helpers < p.size-1; k-- {
		p.helpers++
		go p.help()
	}
}

// forget takes k helpers off the books that an abandoned run still holds.
func (p *Pool) forget(k int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.helpers -= k
	p.start()
}

// help serves invitations until there are none.
func (p *Pool) help() {
	gone := false // whether this goroutine is off the books already
	defer func() {
		if !gone { // a task ended the goroutine with runtime.Goexit
			p.forget(1)
		}
	}()
	for {
		p.mu.Lock()
		if len(p.queue) == 0 {
			p.helpers--
			gone = true
			p.mu.Unlock()
			return
		}
		r := p.queue[0]
		p.queue[0] = nil
		p.queue = p.queue[1:]
		p.mu.Unlock()
		if r.help(&gone); gone {
			return
		}
	}
}
