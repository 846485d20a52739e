package parallel

import (
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
)

// Tasks of calls in the background have the places of their pool among them. One that
// waits for a call lends its place meanwhile, or nested calls could wait for each other
// for ever. So it has to be known which goroutine has a place.

// An occupant is a goroutine that runs tasks in a place of a pool.
type occupant struct {
	pool  *Pool
	gone  bool  // nobody waits for its task any more: it has no place. Guarded by pool.mu
	given *loan // of its place, now. Guarded by pool.mu
	id    int64
}

// occupants are those of all pools, by the numbers of their goroutines: a task may wait
// for a call on another pool than its own.
var occupants struct {
	list  sync.Map
	count atomic.Int64
}

// occupy notes that this goroutine has a place of p.
func occupy(p *Pool) *occupant {
	o := &occupant{pool: p, id: goroutine()}
	occupants.list.Store(o.id, o)
	occupants.count.Add(1)
	return o
}

// leave notes the end. o may be nil.
func (o *occupant) leave() {
	if o != nil {
		occupants.list.Delete(o.id)
		occupants.count.Add(-1)
	}
}

// here returns what this goroutine is, or nil.
func here() *occupant {
	if occupants.count.Load() == 0 {
		return nil
	}
	o, ok := occupants.list.Load(goroutine())
	if !ok {
		return nil
	}
	return o.(*occupant)
}

// retire takes the place from a task that nobody waits for any more. o may be nil.
func (o *occupant) retire() {
	if o == nil {
		return
	}
	o.pool.mu.Lock()
	o.gone = true
	given := o.given
	o.pool.mu.Unlock()
	given.back()
}

// A loan is a place that its occupant has lent to others.
type loan struct {
	of   *occupant
	open atomic.Bool
}

// lend lends the place of this goroutine, if it has one, until the loan is given back. A
// call that is one of those waited for gives it back when its tasks have ended, so that
// the worker that has come for it takes no other task. The loan may be nil.
func lend(calls ...*call) *loan {
	o := here()
	if o == nil {
		return nil
	}
	p := o.pool
	l := &loan{of: o}
	l.open.Store(true)
	p.mu.Lock()
	if o.gone || o.given != nil {
		p.mu.Unlock()
		return nil
	}
	o.given = l
	p.lent++
	p.start()
	p.mu.Unlock()
	for _, c := range calls {
		c.add(l)
	}
	return l
}

// back gives the place back. l may be nil.
func (l *loan) back() {
	if l == nil || !l.open.CompareAndSwap(true, false) {
		return
	}
	p := l.of.pool
	p.mu.Lock()
	defer p.mu.Unlock()
	p.lent--
	l.of.given = nil
}

// A call is one in the background, as its pool and those that wait for it see it.
type call struct {
	pool   *Pool
	single bool          // it has one run
	queued chan struct{} // closed when it is in the pool's queue, or has ended
	once   sync.Once     // closes it

	mu    sync.Mutex
	loans []*loan // of tasks that wait for it
	ended bool
}

func newCall(p *Pool, single bool) *call {
	return &call{pool: p, single: single, queued: make(chan struct{})}
}

// announce says that the call is in the queue.
func (c *call) announce() { c.once.Do(func() { close(c.queued) }) }

// add has the call give a loan back.
func (c *call) add(l *loan) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ended {
		l.back()
		return
	}
	c.loans = append(slices.DeleteFunc(c.loans, func(l *loan) bool { return !l.open.Load() }), l)
}

// repay gives the loans back.
func (c *call) repay() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ended = true
	for _, l := range c.loans {
		l.back()
	}
	c.loans = nil
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
