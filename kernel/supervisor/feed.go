package supervisor

import (
	"os"
	"sync"
	"time"
)

// The bounds of a feed.
const (
	readSize    = 64 << 10
	smallRead   = 8 << 10              // after less than this the pump lets text gather
	gatherTime  = 2 * time.Millisecond // for so long
	crashKept   = 1 << 20              // bytes of a crash report that are kept
	crashHold   = 2 * time.Second      // how long a crash may take once there is a sign of it
	reportHold  = time.Minute          // and once there is a report, which a deep stack makes slow
	crashGlance = time.Millisecond     // how much later the report may come than stderr
)

// The pipes of a feed. The first two have a stream.
const (
	stdout = iota
	stderr
	crash
	pipeCount
)

// A feed reads what one session process prints, and its crash report. Its
// methods are called with the capture's lock held, but for those that take it:
// begin, end, event, settle, pump, tick and finish.
type feed struct {
	c       *capture
	sources [pipeCount]*source
	streams [2]stream
	crash   []byte // what came over the crash pipe

	buf    []byte
	timer  *time.Timer // flushes what waits
	armed  bool
	closed bool
	ended  chan struct{}
	pumps  sync.WaitGroup
}

// newFeed takes over the read ends of the three pipes.
func newFeed(c *capture, files [pipeCount]*os.File) (*feed, error) {
	f := &feed{c: c, buf: make([]byte, readSize), ended: make(chan struct{})}
	f.streams[stdout] = stream{lineStart: true}
	f.streams[stderr] = stream{lineStart: true, wary: true}
	for i, file := range files {
		var err error
		if f.sources[i], err = newSource(file); err != nil {
			return nil, err
		}
	}
	f.timer = time.AfterFunc(time.Hour, f.tick)
	f.timer.Stop()
	for i := range f.sources {
		f.pumps.Go(func() { f.pump(i) })
	}
	return f, nil
}

// pump reads source i until it ends or the feed is closed.
func (f *feed) pump(i int) {
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	for {
		var n int
		var more bool
		err := f.sources[i].wait(func() bool {
			f.c.mu.Lock()
			defer f.c.mu.Unlock()
			n, more = f.read(i)
			return n > 0 || !more
		})
		if err != nil || !more {
			return
		}
		if n >= smallRead {
			continue
		}
		timer.Reset(gatherTime)
		select {
		case <-timer.C:
		case <-f.ended:
			return
		}
	}
}

// read takes one piece of source i without waiting.
func (f *feed) read(i int) (n int, more bool) {
	if f.closed {
		return 0, false
	}
	n, more = f.sources[i].read(f.buf)
	if n == 0 {
		return n, more
	}
	if i == crash {
		f.crash = append(f.crash, f.buf[:min(n, crashKept-len(f.crash))]...)
		return n, more
	}
	s := &f.streams[i]
	s.add(f.buf[:n])
	if len(s.pending) >= f.c.batchSize {
		f.flush(i, flushBatch)
	}
	f.arm()
	return n, more
}

// drain reads what source i holds now: at most what a pipe can hold, since more
// was written later.
func (f *feed) drain(i int) {
	for left := f.sources[i].capacity; left > 0; {
		n, _ := f.read(i)
		if n == 0 {
			return
		}
		left -= n
	}
}

// sync shows everything that was printed up to now.
func (f *feed) sync(mode flushMode) {
	for i := range f.streams {
		f.drain(i)
		f.flush(i, mode)
	}
	f.arm()
}

// arm sets the timer for text that waits.
func (f *feed) arm() {
	if f.armed || f.closed {
		return
	}
	for i := range f.streams {
		if len(f.streams[i].pending) > 0 {
			f.armed = true
			f.timer.Reset(f.c.batch)
			return
		}
	}
}

func (f *feed) tick() {
	f.c.mu.Lock()
	defer f.c.mu.Unlock()
	f.armed = false
	if f.closed {
		return
	}
	for i := range f.streams {
		f.flush(i, flushBatch)
	}
	f.arm()
}

// crashing says whether the process is writing a crash report.
func (f *feed) crashing() bool {
	f.drain(crash)
	return len(f.crash) > 0
}

// flush shows what may be shown of stream i.
func (f *feed) flush(i int, mode flushMode) {
	s := &f.streams[i]
	n := len(s.pending)
	if at := s.suspect(); at >= 0 && f.holds(s, mode) {
		n = at
	}
	f.c.show(i, s.take(n, mode == flushEnd))
}

// holds says whether what looks like the start of a crash report is to wait.
func (f *feed) holds(s *stream, mode flushMode) bool {
	now := time.Now()
	if s.since.IsZero() {
		s.since = now
	}
	crashing := f.crashing()
	if !crashing && mode != flushBatch {
		// The runtime writes to stderr first. This is rare enough to wait for.
		time.Sleep(crashGlance)
		crashing = f.crashing()
	}
	limit := f.c.hold
	switch {
	case crashing:
		limit = crashHold
		if isReport(f.crash) {
			limit = reportHold
		}
		s.bound(crashKept)
	case mode != flushBatch || len(s.pending) > crashKept:
		limit = 0
	}
	if now.Sub(s.since) < limit {
		return true
	}
	s.since = time.Time{}
	return false
}

// finish shows what the process has left in its pipes, without the crash report
// that Go writes to stderr too, and gives that report. It is called once; the
// feed is closed then.
func (f *feed) finish() []byte {
	f.c.mu.Lock()
	for i := range f.sources {
		f.drain(i)
	}
	s := &f.streams[stderr]
	s.pending, f.crash = splitReport(s.pending, f.crash, s.suspect())
	for i := range f.streams {
		s := &f.streams[i]
		f.c.show(i, s.take(len(s.pending), true))
	}
	f.closed = true
	f.timer.Stop()
	f.c.mu.Unlock()
	// Without the lock, for closing waits for a pump that may want it.
	close(f.ended)
	for _, s := range f.sources {
		s.close()
	}
	f.pumps.Wait()
	return f.crash
}
