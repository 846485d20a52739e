package parallel

import "time"

// work does tasks until none waits.
func (s *stream[T, R]) work(w *worker, gone *bool) {
	r := s.r
	var batch []*item[T, R] // of which this worker has begun none
	left := false
	defer func() {
		if !left { // a task has ended the goroutine, or its worker cannot be made ready
			r.mu.Lock()
			defer r.mu.Unlock()
			if !s.over {
				s.queue = append(batch[:len(batch):len(batch)], s.queue...)
			}
			s.leave(w, gone)
			s.call()
		}
	}()
	defer w.occupy().leave()
	if old := getLabels(); old != r.labels {
		setLabels(r.labels)
		defer setLabels(old)
	}
	for !left {
		s.serve(w, &batch)
		if len(batch) > 0 {
			return
		}
		left = s.leaveIdle(w, gone)
	}
}

// serve does tasks until none waits, or its worker cannot be made ready.
func (s *stream[T, R]) serve(w *worker, batch *[]*item[T, R]) {
	if s.r.pool.manned() {
		w.hire()
		defer w.retire()
	}
	for {
		if len(*batch) == 0 {
			if *batch = s.take(); len(*batch) == 0 {
				return
			}
		}
		if w.post != nil && w.prepare(1) == 0 {
			return
		}
		it := (*batch)[0]
		*batch = (*batch)[1:]
		s.do(w, it)
	}
}

// take gives a worker its next items.
func (s *stream[T, R]) take() []*item[T, R] {
	s.r.mu.Lock()
	defer s.r.mu.Unlock()
	n := min(s.r.chunk, len(s.queue))
	batch := s.queue[:n:n]
	s.queue = s.queue[n:]
	return batch
}

// leaveIdle lets a worker out if no item waits.
func (s *stream[T, R]) leaveIdle(w *worker, gone *bool) bool {
	s.r.mu.Lock()
	defer s.r.mu.Unlock()
	if !s.over && len(s.queue) > 0 {
		return false
	}
	s.leave(w, gone)
	return true
}

// leave lets a worker out. The caller holds r.mu.
func (s *stream[T, R]) leave(w *worker, gone *bool) {
	s.r.present--
	w.present = false
	if w.own {
		s.own = false
	}
	*gone = s.r.abandoned && !w.own
	s.rest()
}

// rest notes that no goroutine is left. The caller holds r.mu.
func (s *stream[T, R]) rest() {
	if s.over && !s.feeding && s.r.present == 0 {
		s.r.end()
	}
}

// do runs one task, and sees to its answer whatever it does.
func (s *stream[T, R]) do(w *worker, it *item[T, R]) {
	post := w.post
	started := s.begin(w, it)
	var fault *TaskError
	whole := false
	defer func() {
		if !whole { // it has ended the goroutine
			fault = newTaskError(it.index, w.id, s.r.input, nil, s.r.exited())
			fault.Attempt = it.attempt
		}
		s.settle(w, it, fault, started)
	}()
	fault = w.attempt(it.index, it.attempt)
	whole = true
	if post != nil && w.post == post {
		post.tasks++
	}
}

// begin writes down that a task runs.
func (s *stream[T, R]) begin(w *worker, it *item[T, R]) time.Duration {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now, w.nowTry = interval{it.index, it.index + 1}, it.attempt
	w.since = time.Since(s.r.start)
	return w.since
}

// settle decides what becomes of a task that has ended.
func (s *stream[T, R]) settle(w *worker, it *item[T, R], fault *TaskError, started time.Duration) {
	r := s.r
	m := mark{it.index, 1, it.attempt, false, started, time.Since(r.start), nil}
	if fault != nil {
		m.err = r.judge(fault)
		if r.retry.again(fault) {
			if m.again = r.ctx.Err() == nil; !m.again {
				m.err = cutOff(m.err)
			}
		}
		if r.onError == replaceResult && !cancels(m.err) {
			it.y = s.y
		} else {
			it.err = fault
		}
	}
	s.note(w, m)
	if m.again {
		s.again(it)
		return
	}
	s.answers <- it
}

// note counts a task, and keeps its mark if there is a run to put it in.
func (s *stream[T, R]) note(w *worker, m mark) {
	cut := m.err != nil && cancels(m.err)
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		return
	}
	w.now = interval{}
	switch {
	case m.err == nil:
		w.done++
	case !m.again && !cut:
		w.failures++
	}
	if s.r.into != nil {
		w.marks = append(w.marks, m)
	}
}

// again has another attempt made after a pause.
func (s *stream[T, R]) again(it *item[T, R]) {
	s.r.mu.Lock()
	defer s.r.mu.Unlock()
	if s.over {
		return
	}
	it.attempt++
	it.err = nil
	pause := s.r.retry.pause(it.attempt)
	if pause <= 0 {
		s.enqueue(it)
		return
	}
	s.pauses[it.index] = time.AfterFunc(pause, func() {
		s.r.mu.Lock()
		defer s.r.mu.Unlock()
		delete(s.pauses, it.index)
		if !s.over {
			s.enqueue(it)
		}
	})
}
