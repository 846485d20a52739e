package parallel

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"sync"
)

// ErrClosed is returned by a call on a closed pool.
var ErrClosed = errors.New("parallel: the pool is closed")

// ErrTerminated is what ends the calls on a pool that is terminated. It is a
// context.Canceled.
var ErrTerminated = terminated{}

type terminated struct{}

func (terminated) Error() string { return "the pool was terminated" }

// Unwrap makes it a context.Canceled.
func (terminated) Unwrap() error { return context.Canceled }

// A Pool bounds how many tasks run at once. All its methods may be called from
// any goroutine.
//
// A pool of n workers holds n−1 helpers for calls whose callers wait; the nth worker is
// the one that every such call brings along. So one call runs n tasks at once, k
// simultaneous calls run at most n−1+k, and a call inside a task, whose caller waits, adds
// none. Calls that nobody waits for, as [ApplyAsync] and [MapAsync], bring no worker: all
// of them together run at most n tasks at once, in the order of the calls. A task of such
// a call that waits for another one (by [Future.Get], [Future.Wait], [Future.Drained] or
// [AsCompleted]) leaves its place to others until then, so that nested calls do not wait
// for ever; goroutines that a task has started do not count as the task. Where the wait
// ends before the call, the task goes on beside the one that has come in its place.
//
// Helpers are goroutines that exist while there is work for them: an unused pool costs
// nothing, and need not be closed.
type Pool struct {
	size       int
	crew       crew
	terminated chan struct{} // closed by Terminate

	mu      sync.Mutex
	ended   *sync.Cond // signalled when runs or crew.leaving falls to zero
	queue   []guest    // invitations, oldest first; one run may stand here often
	alone   int        // of them, those of calls that bring no worker
	helpers int        // goroutines that serve the queue
	lent    int        // places of tasks that wait for other calls
	runs    int        // calls under way
	closed  bool
}

// A guest is a call that helpers work for. help is one helper's part; it sets *gone when
// the call was abandoned meanwhile, and the pool does not count the helper any more.
// unattended says that the call brings no worker of its own.
type guest interface {
	help(gone *bool)
	unattended() bool
}

// NewPool returns a pool of the given number of workers; zero or less means
// one per core (GOMAXPROCS).
func NewPool(workers int, opts ...PoolOption) *Pool {
	if workers <= 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	p := &Pool{size: workers, terminated: make(chan struct{})}
	p.ended = sync.NewCond(&p.mu)
	for _, opt := range opts {
		if opt != nil {
			opt(p)
		}
	}
	return p
}

var defaultPool = sync.OnceValue(func() *Pool { return NewPool(0) })

// Default returns the pool of calls that name none: one worker per core. It is
// shared by the whole program, so do not close it.
func Default() *Pool { return defaultPool() }

// Workers returns the number of workers of the pool.
func (p *Pool) Workers() int { return p.size }

// Close refuses new calls (they return [ErrClosed]), waits until those
// under way have ended, and then has the [PoolFinalizer] see to the workers, whose
// failures it returns. A second Close waits likewise. A task must not close the pool it
// runs on: it would wait for itself.
func (p *Pool) Close() error { return p.Drain(context.Background()) }

// Drain is [Pool.Close] that waits no longer than ctx allows: it returns the cause of
// its end if there are still calls under way then, which go on. The pool is closed in any
// case; wait for the rest by another Drain or Close, or end it by [Pool.Terminate].
func (p *Pool) Drain(ctx context.Context) error {
	defer context.AfterFunc(ctx, func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.ended.Broadcast()
	})()
	p.mu.Lock()
	p.closed = true
	for p.runs > 0 {
		if ctx.Err() != nil {
			p.mu.Unlock()
			return context.Cause(ctx)
		}
		p.ended.Wait()
	}
	posts := p.crew.idle
	p.crew.idle = nil
	p.crew.leaving += len(posts)
	p.mu.Unlock()
	err := p.dismiss(posts)
	p.mu.Lock()
	defer p.mu.Unlock()
	for p.crew.leaving > 0 {
		if ctx.Err() != nil {
			return errors.Join(err, context.Cause(ctx))
		}
		p.ended.Wait()
	}
	return err
}

// Terminate refuses new calls, as Close does, and ends those under way as the end of
// their contexts would: they return promptly what is done, with [ErrTerminated]. It does
// not wait for them; a Close after it does. A task may terminate the pool it runs on.
func (p *Pool) Terminate() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = true
	select {
	case <-p.terminated:
	default:
		close(p.terminated)
	}
}

// enter counts a call in, and exit out. A call that is part of one that is counted
// already may come when the pool is closed.
func (p *Pool) enter(part bool) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	select {
	case <-p.terminated:
		if part {
			return ErrTerminated
		}
	default:
	}
	if p.closed && !part {
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

// invite asks for k more helpers for g. They come when they are free.
func (p *Pool) invite(g guest, k int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for range k {
		p.queue = append(p.queue, g)
	}
	if g.unattended() {
		p.alone += k
	}
	p.start()
}

// withdraw takes the invitations for g back, which nobody has followed.
func (p *Pool) withdraw(g guest) {
	p.mu.Lock()
	defer p.mu.Unlock()
	before := len(p.queue)
	p.queue = slices.DeleteFunc(p.queue, func(other guest) bool { return other == g })
	if g.unattended() {
		p.alone -= before - len(p.queue)
	}
}

// places returns how many helpers there may be for calls that bring a worker; there may
// be one more for those that bring none. The caller holds p.mu.
func (p *Pool) places() int { return p.size - 1 + p.lent }

// start brings the number of helpers up to what the queue needs. The caller
// holds p.mu.
func (p *Pool) start() {
	k := len(p.queue)
	for ; k > 0 && p.helpers < p.places(); k-- {
		p.helpers++
		go p.help()
	}
	if k > 0 && p.alone > 0 && p.helpers == p.places() {
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
		g := p.next()
		if g == nil {
			gone = true
			return
		}
		if g.help(&gone); gone {
			return
		}
	}
}

// next takes the oldest invitation that a helper may follow; nil takes the helper off the
// books.
func (p *Pool) next() guest {
	p.mu.Lock()
	defer p.mu.Unlock()
	at := -1
	switch over := p.helpers - p.places(); {
	case over <= 0 && len(p.queue) > 0:
		at = 0
	case over == 1 && p.alone > 0:
		at = slices.IndexFunc(p.queue, guest.unattended)
	}
	if at < 0 {
		p.helpers--
		return nil
	}
	g := p.queue[at]
	if g.unattended() {
		p.alone--
	}
	if at == 0 { // without moving the others
		p.queue[0] = nil
		p.queue = p.queue[1:]
	} else {
		p.queue = slices.Delete(p.queue, at, at+1)
	}
	return g
}
