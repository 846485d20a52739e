package parallel

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
)

// MapWorker is [MapErr] for a function that needs something of its worker's own: a
// buffer, a connection, a random source. start makes it, when a worker has its first
// task; f then has it to itself while it runs, and the worker's next tasks have it again.
// So start is called at most once for each task that runs at a time, with numbers from 0
// up, but for those that are lost: what a task had that panicked, or that runs on after
// its [WithTaskTimeout], is not given to another one.
//
// Where start fails, so does the task, with that error. Whatever is an [io.Closer] is
// closed in the end: when the call has ended, and the tasks that it abandoned have. An
// error of Close is joined to that of the call.
func MapWorker[S, T, R any](start func(worker int) (S, error), f func(s S, x T) (R, error), xs []T, opts ...Option) ([]R, error) {
	if start == nil || f == nil {
		return nil, errors.New("parallel: start or f is nil: give a function that makes what each worker has, and one that uses it")
	}
	p := &states[S]{start: start}
	out := results[R](len(xs))
	j := jobOf(out, func(i int) any { return xs[i] }, nil) // what calls f is below
	j.each = func(_ context.Context, i int, keep func() bool) error {
		return p.with(func(s S) (whole bool, err error) {
			y, err := f(s, xs[i])
			if keep != nil && !keep() { // its time was over, and it may have left s in any state
				return false, err
			}
			if err == nil {
				out[i] = y
			}
			return true, err
		})
	}
	j.span = func(w *worker, lo, hi int) error {
		w.at = lo
		return p.with(func(s S) (bool, error) {
			for w.at < hi {
				y, err := f(s, xs[w.at])
				if err != nil {
					return true, err
				}
				out[w.at] = y
				w.at++
				if w.sig.Load() != 0 {
					break
				}
			}
			return true, nil
		})
	}
	ys, err := collect(out, execute(j, opts))
	if closing := p.close(); closing != nil {
		err = errors.Join(err, closing)
	}
	return ys, err
}

// states are what the workers of a call have.
type states[S any] struct {
	start func(worker int) (S, error)

	mu     sync.Mutex
	idle   []S
	made   int
	closed bool
}

// with lends one of them to use, and makes it if there is none. use says whether others may
// have it afterwards.
func (p *states[S]) with(use func(S) (whole bool, err error)) error {
	s, err := p.take()
	if err != nil {
		return err
	}
	whole := false
	defer func() {
		if !whole {
			_ = discard(s) // it may be half way through something; the panic is what matters
		}
	}()
	if whole, err = use(s); whole {
		p.put(s)
	}
	return err
}

func (p *states[S]) take() (s S, err error) {
	p.mu.Lock()
	if k := len(p.idle); k > 0 {
		s, p.idle = p.idle[k-1], p.idle[:k-1]
		p.mu.Unlock()
		return s, nil
	}
	p.made++
	number := p.made - 1
	p.mu.Unlock()
	if s, err = p.start(number); err != nil {
		return s, fmt.Errorf("what worker %d needs: %w", number, err)
	}
	return s, nil
}

func (p *states[S]) put(s S) {
	p.mu.Lock()
	late := p.closed
	if !late {
		p.idle = append(p.idle, s)
	}
	p.mu.Unlock()
	if late {
		_ = discard(s) // the call has returned
	}
}

// close closes what is not in use.
func (p *states[S]) close() error {
	p.mu.Lock()
	p.closed = true
	idle := p.idle
	p.idle = nil
	p.mu.Unlock()
	var errs []error
	for _, s := range idle {
		errs = append(errs, discard(s))
	}
	return errors.Join(errs...)
}

// discard closes s if it can be closed.
func discard(s any) error {
	if c, ok := s.(io.Closer); ok {
		if err := c.Close(); err != nil {
			return fmt.Errorf("parallel: closing what a worker had: %w", err)
		}
	}
	return nil
}
