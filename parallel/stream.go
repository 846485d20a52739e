package parallel

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"time"
)

// A stream is one loop over an Imap: a run whose tasks are not known beforehand.
//
// One goroutine takes elements from the source, as far as there is room for them. Workers
// come when there are elements, and leave when there are none, so that a source or a
// loop that is slow keeps no helpers of the pool from others.
type stream[T, R any] struct {
	r      *run // its mu guards the fields below, and its next counts the elements
	source func(context.Context) iter.Seq[T]
	y      R // what replaces the result of a task that fails

	room    chan struct{}       // a token for each element that is out
	answers chan *item[T, R]    // there is room for all that are out
	ended   chan struct{}       // closed when the source has ended
	cpu     time.Duration       // at the start
	items   map[int]*item[T, R] // that are out
	queue   []*item[T, R]       // of them, those that wait for a worker
	pauses  map[int]*time.Timer // before another attempt, by index
	times   []passage           // of each element, if they are recorded
	own     bool                // the worker that the call brings along is at work
	over    bool                // no task starts any more
	feeding bool
	fault   error  // what the source did
	release func() // the timer of the call's time limit
}

// An item is an element on its way.
type item[T, R any] struct {
	index, attempt int
	x              T
	y              R
	err            error
}

// A passage are the times of an element that no worker knows.
type passage struct{ queued, returned time.Duration }

func newStream[T, R any](f func(ctx context.Context, i int, x T) (R, error), source func(context.Context) iter.Seq[T], input func(T) any, opts []Option) (*stream[T, R], error) {
	o := resolve(opts)
	s := &stream[T, R]{source: source, items: map[int]*item[T, R]{}, pauses: map[int]*time.Timer{}}
	if o.onError == replaceResult {
		y, err := replacement[R](o.replacement)
		if err != nil {
			return nil, err
		}
		s.y = y
	}
	if err := o.pool.enter(o.unattended()); err != nil {
		return nil, err
	}
	begun := false
	defer func() {
		if !begun { // a panic must not keep the pool from closing
			o.pool.exit()
		}
	}()
	r := &run{options: o, parent: o.ctx, start: time.Now(), done: make(chan struct{}), labels: getLabels(), stream: true, single: true}
	r.input = func(i int) any { return input(s.item(i).x) }
	r.each = func(ctx context.Context, i int, keep func() bool) error {
		it := s.item(i)
		if it == nil { // its time was over before it began
			return ctx.Err()
		}
		y, err := f(ctx, i, it.x)
		if err == nil && (keep == nil || keep()) {
			it.y = y
		}
		return err
	}
	r.random = o.seeded
	r.chunk = min(max(o.chunk, 1), mostOut)
	r.limit = min(o.workers, mostOut)
	r.workers = make([]*worker, r.limit)
	s.release = func() {}
	if o.timeout > 0 {
		r.parent, s.release = context.WithTimeout(r.parent, o.timeout)
	}
	r.ctx, r.cancel = context.WithCancelCause(r.parent)
	s.r = r
	if r.guest = s; !r.unattended() {
		r.caller = here()
	}
	window := windowOf(o.window, r.limit, r.chunk)
	s.room, s.answers = make(chan struct{}, window), make(chan *item[T, R], window)
	s.ended = make(chan struct{})
	if r.into != nil {
		s.cpu = usage()
		r.looks.begin(r.start)
	}
	if r.watch != nil {
		r.watch(r)
	}
	s.feeding = true
	go s.feed()
	if r.into != nil {
		d, _ := readDelays(nil)
		r.delays = &d
	}
	begun = true
	return s, nil
}

// mostOut bounds the elements that are out at once, and with them the workers and the
// chunks of a stream.
const mostOut = 1 << 20

// windowOf returns how many elements may be out, if n are asked for.
func windowOf(n, workers, chunk int) int {
	least := int64(workers) * int64(chunk)
	if n <= 0 {
		return int(min(2*least, mostOut))
	}
	return int(min(max(int64(n), least), mostOut))
}

func (s *stream[T, R]) item(i int) *item[T, R] {
	s.r.mu.Lock()
	defer s.r.mu.Unlock()
	return s.items[i]
}

// feed takes from the source what there is room for.
func (s *stream[T, R]) feed() {
	whole := false
	defer s.fed(&whole)
	select {
	case s.room <- struct{}{}:
	case <-s.r.ctx.Done():
		return
	}
	for x := range s.source(s.r.ctx) {
		if !s.offer(x) {
			return
		}
		select {
		case s.room <- struct{}{}:
		case <-s.r.ctx.Done():
			return
		}
	}
	whole = true
}

// fed notes the end of the source, also by a panic. whole says that it came to its end.
func (s *stream[T, R]) fed(whole *bool) {
	value := recover()
	s.r.mu.Lock()
	defer s.r.mu.Unlock()
	switch {
	case value != nil:
		s.fault = fmt.Errorf("parallel: xs panicked: %v", value)
	case !*whole && !s.over && s.r.ctx.Err() == nil:
		s.fault = errSourceGoexit
	}
	s.feeding = false
	close(s.ended)
	s.rest()
}

var errSourceGoexit = errors.New("parallel: xs ended its goroutine (runtime.Goexit)")

// offer gives an element to the workers. It returns false when none is wanted.
func (s *stream[T, R]) offer(x T) bool {
	r := s.r
	r.mu.Lock()
	defer r.mu.Unlock()
	if s.over {
		return false
	}
	it := &item[T, R]{index: int(r.next.Load()), attempt: 1, x: x}
	r.next.Add(1)
	s.items[it.index] = it
	if r.into != nil {
		s.times = append(s.times, passage{queued: time.Since(r.start)})
	}
	s.enqueue(it)
	return true
}

// enqueue has a worker come for it. The caller holds r.mu.
func (s *stream[T, R]) enqueue(it *item[T, R]) {
	s.queue = append(s.queue, it)
	s.call()
}

// call brings one worker more, if there may be one. The caller holds r.mu.
func (s *stream[T, R]) call() {
	r := s.r
	switch {
	case len(s.queue) == 0 || r.present+r.invited >= r.limit || r.stopped.Load() != 0:
	case !s.own && !r.unattended():
		s.own = true
		w := s.join(true)
		go s.work(w, new(bool))
	default:
		r.invited++
		r.pool.invite(s, 1)
	}
}

func (s *stream[T, R]) unattended() bool { return s.r.unattended() }

// help is the part of a helper of the pool.
func (s *stream[T, R]) help(gone *bool) {
	r := s.r
	r.mu.Lock()
	r.invited--
	if s.over || len(s.queue) == 0 {
		r.mu.Unlock()
		return
	}
	w := s.join(false)
	r.mu.Unlock()
	s.work(w, gone)
}

// join gives a worker a place, of which there is one. The caller holds r.mu.
func (s *stream[T, R]) join(own bool) *worker {
	r := s.r
	r.present++
	for id, w := range r.workers {
		if w == nil {
			w = &worker{run: r, id: id, ctx: r.ctx}
			r.workers[id] = w
		}
		if !w.present {
			w.present, w.own = true, own
			return w
		}
	}
	panic("parallel: more workers than places")
}

// give hands the results to the loop until there are none, or the loop ends. The error
// says what else has ended it.
func (s *stream[T, R]) give(yield func(R, error) bool) error {
	r := s.r
	every := r.every
	if r.into != nil && (r.progress == nil || every > lookEvery) {
		every = lookEvery
	}
	tick := r.ticks
	if tick == nil && (r.into != nil || r.progress != nil) {
		t := time.NewTicker(every)
		defer t.Stop()
		tick = t.C
	}
	if r.into != nil {
		var leave func()
		tick, leave = r.looks.observe(tick)
		defer leave()
	}
	reported := r.start
	early := map[int]*item[T, R]{}
	ended := s.ended
	for given, total := 0, -1; given != total; {
		select {
		case it := <-s.answers:
			if r.ctx.Err() != nil {
				return s.cause()
			}
			if !r.unordered {
				early[it.index] = it
				it = early[given]
			}
			for ; it != nil; it = early[given] {
				delete(early, it.index)
				given++
				if !s.hand(it, yield) {
					return nil
				}
			}
		case <-ended:
			ended, total = nil, int(r.next.Load())
		case _, ok := <-tick:
			if !ok {
				tick = nil
			}
			if now := time.Now(); r.progress != nil && now.Sub(reported) >= r.every-min(every/2, time.Millisecond) {
				reported = now
				r.report(false)
			}
		case <-r.ctx.Done():
			return s.cause()
		case <-r.pool.terminated:
			return ErrTerminated
		}
	}
	if s.fault == nil && r.ctx.Err() != nil { // a source that listens to it has ended too
		return s.cause()
	}
	return s.fault
}

// hand gives one result to the loop, and makes room for another element.
func (s *stream[T, R]) hand(it *item[T, R], yield func(R, error) bool) bool {
	r := s.r
	r.mu.Lock()
	delete(s.items, it.index)
	if r.into != nil {
		s.times[it.index].returned = time.Since(r.start)
	}
	r.mu.Unlock()
	<-s.room
	return yield(it.y, it.err)
}

// cause is why the context of the tasks has ended.
func (s *stream[T, R]) cause() error {
	s.r.mu.Lock()
	defer s.r.mu.Unlock()
	if s.r.broken != nil {
		return s.r.broken
	}
	return context.Cause(s.r.ctx)
}

// errLoopEnded is the cause of the end of the tasks' context when a loop ends.
var errLoopEnded = fmt.Errorf("the loop has ended (%w)", context.Canceled)

// end stops what still runs, and accounts for the stream, which err has ended.
func (s *stream[T, R]) end(err error) {
	r := s.r
	r.mu.Lock()
	s.over, s.queue = true, nil
	for _, t := range s.pauses {
		t.Stop()
	}
	s.rest()
	r.mu.Unlock()
	cause := err
	if cause == nil {
		cause = errLoopEnded
	}
	r.finish(cause)
	s.release()
	if r.into != nil {
		*r.into = s.account(err)
	}
	if r.progress != nil {
		r.report(true)
	}
}

// account is that of a run, with the times that only the stream knows.
func (s *stream[T, R]) account(err error) Run {
	r := s.r
	run := r.account(err)
	run.CPU = usage() - s.cpu
	if r.delays != nil {
		run.Delayed = r.delays.delayed(&r.looks, run.CPU)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for k := range run.Records {
		rec := &run.Records[k]
		at := s.times[rec.Index]
		if rec.Attempt == 1 {
			rec.Queued = at.queued
		}
		if !rec.Retried && at.returned > 0 {
			rec.Returned = at.returned
		}
	}
	return run
}
