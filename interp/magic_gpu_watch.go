package interp

import (
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"github.com/adabc437/fanout/interp/pause"
	"github.com/adabc437/fanout/parallel"
)

// A deviceWatch shows how long a call on a device takes, and how far it has come where
// that is known.
type deviceWatch struct {
	progress
	live  *liveMap
	start time.Time
	done  atomic.Int64
	total atomic.Int64
	stop  chan struct{}
	ended chan struct{}
}

// deviceQuiet is how long a call on a device goes on before a line says so: with the
// pictures of shorter ones a line would only flicker.
const deviceQuiet = time.Second

func (r *run) watchDevice(opt deviceOpt, live *liveMap) *deviceWatch {
	w := &deviceWatch{
		progress: progress{run: r, opt: opt.mapOpt, id: uuid.NewString()},
		live:     live, start: time.Now(), stop: make(chan struct{}), ended: make(chan struct{}),
	}
	go w.follow()
	return w
}

// note takes in how far the call has come.
func (w *deviceWatch) note(done, total int64) {
	w.done.Store(done)
	w.total.Store(total)
}

func (w *deviceWatch) follow() {
	defer close(w.ended)
	ticker := pause.NewTicker(progressEvery) // a timer could wake a task, for what looks for deadlocks
	defer ticker.Stop()
	for {
		select {
		case <-w.stop:
			return
		case <-ticker.C:
		}
		if now := w.now(); now.Elapsed >= deviceQuiet {
			w.live.note(now)
			w.report(now)
		}
	}
}

// now is how far the call has come. Until the first part of it is done, nothing is known:
// small calls are one part.
func (w *deviceWatch) now() parallel.Progress {
	p := parallel.Progress{Label: w.opt.label, Elapsed: time.Since(w.start)}
	if done := w.done.Load(); done > 0 {
		p.Done, p.Total = int(done), int(w.total.Load())
	}
	return p
}

// end ends the line: what comes next stands in its place.
func (w *deviceWatch) end() {
	close(w.stop)
	<-w.ended
}
