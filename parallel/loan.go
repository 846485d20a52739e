package parallel

import (
	"runtime"
	"strconv"
	"strings"
	"sync"
)

// A loan is what ties a call in the background to its pool: it brings no worker, and
// tasks of the pool that wait for it lend it their places. The pool's mutex guards it.
type loan struct {
	pool    *Pool
	waiters int  // tasks of the pool that wait for the call
	idle    bool // no run of the call is under way: their places are their own

	queued chan struct{} // closed when the call is in the pool's queue, or has ended
	once   sync.Once     // closes it
}

func newLoan(p *Pool) *loan { return &loan{pool: p, queued: make(chan struct{})} }

// announce says that the call is in the queue.
func (l *loan) announce() { l.once.Do(func() { close(l.queued) }) }

// wait notes that this goroutine waits for the call, if it is a task that has a place; the
// function it returns, which may be nil, notes the end.
func (l *loan) wait() func() {
	p := l.pool
	p.mu.Lock()
	some := len(p.tasks) > 0
	p.mu.Unlock()
	if !some {
		return nil
	}
	id := goroutine()
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.tasks[id] == 0 {
		return nil
	}
	l.lend(1)
	return func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		l.lend(-1)
	}
}

// lend adds to the waiters. The caller holds p.mu.
func (l *loan) lend(waiters int) {
	l.waiters += waiters
	if !l.idle {
		l.pool.lent += waiters
		l.pool.start()
	}
}

// rest gives the waiters their places back, when a run ends, and resume takes them again,
// when the call has another run.
func (l *loan) rest() {
	l.pool.mu.Lock()
	defer l.pool.mu.Unlock()
	if !l.idle {
		l.idle = true
		l.pool.lent -= l.waiters
	}
}

func (l *loan) resume() {
	l.pool.mu.Lock()
	defer l.pool.mu.Unlock()
	if l.idle {
		l.idle = false
		l.pool.lent += l.waiters
		l.pool.start()
	}
}

// occupied notes that this goroutine runs tasks in a place of the pool, which it can
// lend. The function it returns notes the end.
func (p *Pool) occupied() func() {
	id := goroutine()
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.tasks == nil {
		p.tasks = map[int64]int{}
	}
	p.tasks[id]++
	return func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		if p.tasks[id]--; p.tasks[id] == 0 {
			delete(p.tasks, id)
		}
	}
}

// goroutine returns the number of this goroutine, as stack traces show it: the runtime
// tells it in no other way.
func goroutine() int64 {
	var buf [64]byte
	text := strings.TrimPrefix(string(buf[:runtime.Stack(buf[:], false)]), "goroutine ")
	number, _, _ := strings.Cut(text, " ")
	id, err := strconv.ParseInt(number, 10, 64)
	if err != nil {
		return 0 // no goroutine's
	}
	return id
}
