package parallel

import (
	"context"
	"fmt"
	"iter"
	"sync"
)

// Imap calls f on the elements that xs gives, several at once, and gives the results in
// their order, each as soon as it and those before it are there. At most as many
// elements are taken from xs ahead of the results as [WithWindow] says: a consumer that
// is slow, or a source without end, fills no memory.
//
// A task that fails gives its error in its place, and the others go on. A loop that
// ends early ends the tasks' context, and waits for those that run. xs runs on one
// goroutine at a time, beside the loop's body.
func Imap[T, R any](f func(T) R, xs iter.Seq[T], opts ...Option) iter.Seq2[R, error] {
	if f == nil {
		return failing[R](errNilFunc)
	}
	return ImapErr(func(x T) (R, error) { return f(x), nil }, xs, opts...)
}

// ImapErr is [Imap] for a function that can fail.
func ImapErr[T, R any](f func(T) (R, error), xs iter.Seq[T], opts ...Option) iter.Seq2[R, error] {
	if f == nil {
		return failing[R](errNilFunc)
	}
	return imap(func(_ context.Context, _ int, x T) (R, error) { return f(x) },
		func(context.Context) iter.Seq[T] { return xs }, func(x T) any { return x }, opts)
}

// ImapUnordered is [Imap] with the results as they come.
func ImapUnordered[T, R any](f func(T) R, xs iter.Seq[T], opts ...Option) iter.Seq2[R, error] {
	return Imap(f, xs, append(opts[:len(opts):len(opts)], WithUnordered())...)
}

// ImapErrUnordered is [ImapErr] with the results as they come.
func ImapErrUnordered[T, R any](f func(T) (R, error), xs iter.Seq[T], opts ...Option) iter.Seq2[R, error] {
	return ImapErr(f, xs, append(opts[:len(opts):len(opts)], WithUnordered())...)
}

// WithWindow lets [Imap] take n elements ahead of the results that the loop has had; at
// least one per worker, and twice as many without it.
func WithWindow(n int) Option {
	return func(o *options) { o.window = n }
}

// An answer is the result of one element.
type answer[R any] struct {
	index int
	value R
	err   error
}

// failing gives but an error.
func failing[R any](err error) iter.Seq2[R, error] {
	return func(yield func(R, error) bool) {
		var zero R
		yield(zero, err)
	}
}

func imap[T, R any](f func(ctx context.Context, i int, x T) (R, error), source func(context.Context) iter.Seq[T], input func(T) any, opts []Option) iter.Seq2[R, error] {
	return func(yield func(R, error) bool) {
		var zero R
		o := resolve(opts)
		ordered := !o.unordered
		window := o.window
		if window <= 0 {
			window = 2 * o.workers
		}
		window = max(window, o.workers)
		ctx, cancel := context.WithCancel(o.ctx)
		type question struct {
			index int
			x     T
		}
		room := make(chan struct{}, window) // a token for each element that is out
		questions := make(chan question)
		answers := make(chan answer[R], window)
		var running sync.WaitGroup
		defer func() {
			cancel()
			running.Wait()
		}()
		var broken error // of xs; read when all workers have ended
		running.Go(func() {
			defer close(questions)
			defer func() {
				if value := recover(); value != nil {
					broken = fmt.Errorf("parallel: xs panicked: %v", value)
				}
			}()
			i := 0
			for x := range source(ctx) {
				select {
				case room <- struct{}{}:
				case <-ctx.Done():
					return
				}
				select {
				case questions <- question{i, x}:
				case <-ctx.Done():
					return
				}
				i++
			}
		})
		var workers sync.WaitGroup
		var work func(id int)
		work = func(id int) {
			workers.Add(1)
			running.Go(func() {
				defer workers.Done()
				whole := false
				defer func() {
					if !whole { // the task has ended the goroutine
						work(id)
					}
				}()
				for q := range questions {
					a := answer[R]{index: q.index}
					func() {
						defer func() { answers <- a }() // there is room for all that are out
						ask(func() (R, error) { return f(ctx, q.index, q.x) }, id, func(int) any { return input(q.x) }, &a)
					}()
				}
				whole = true
			})
		}
		for id := range o.workers {
			work(id)
		}
		running.Go(func() {
			workers.Wait()
			close(answers)
		})
		early := map[int]answer[R]{}
		next := 0
		for a := range answers {
			if ctx.Err() != nil {
				break
			}
			if !ordered {
				<-room
				if !yield(a.value, a.err) {
					return
				}
				continue
			}
			early[a.index] = a
			for {
				a, ok := early[next]
				if !ok {
					break
				}
				delete(early, next)
				next++
				<-room
				if !yield(a.value, a.err) {
					return
				}
			}
		}
		switch {
		case o.ctx.Err() != nil:
			yield(zero, context.Cause(o.ctx))
		case broken != nil:
			yield(zero, broken)
		}
	}
}

// ask calls f, and fills in what came of it, whatever f does.
func ask[R any](f func() (R, error), worker int, input func(int) any, a *answer[R]) {
	a.err = errGoexit // until it returns
	returned := false
	defer func() {
		if value := recover(); value != nil {
			a.err = newTaskError(a.index, worker, input, value, nil)
		} else if !returned {
			a.err = newTaskError(a.index, worker, input, nil, errGoexit)
		}
	}()
	y, err := f()
	returned = true
	if a.err = nil; err != nil {
		a.err = newTaskError(a.index, worker, input, nil, err)
		return
	}
	a.value = y
}
