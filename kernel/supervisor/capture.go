package supervisor

import (
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/adabc437/fanout/interp/session"
)

// A capture says which cell shows what the session process prints: the main
// shell's running cell, else the cell that runs in a subshell, else the last
// cell that ran. It outlives the processes; each has a feed.
type capture struct {
	limit     int64         // bytes of each stream that a cell shows
	batch     time.Duration // text waits so long for more
	hold      time.Duration // what may be a crash report waits so long for the crash
	batchSize int

	mu      sync.Mutex // held while text and events are emitted: it is their order
	running []*cell
	last    *cell
	orphan  []byte // the start of what was printed before there was a cell
}

// orphanKept bounds what is kept of text that no cell shows.
const orphanKept = 4 << 10

// A cell is where output of one execution goes.
type cell struct {
	out     session.Output
	shell   string
	shown   [2]int64 // bytes by stream
	dropped int64
}

// target gives the cell that shows what is printed now; nil before the first.
func (c *capture) target() *cell {
	for i := len(c.running) - 1; i >= 0; i-- {
		if c.running[i].shell == "" {
			return c.running[i]
		}
	}
	if n := len(c.running); n > 0 {
		return c.running[n-1]
	}
	return c.last
}

// show emits text, which is valid UTF-8, to the cell that it belongs to, as far
// as that has not had its share.
func (c *capture) show(stream int, text string) {
	cl := c.target()
	if cl == nil {
		c.orphan = append(c.orphan, text[:runeCut(text, orphanKept-len(c.orphan))]...)
		return
	}
	cl.show(c.limit, stream, text)
}

// streamNames are Jupyter's, by the number that streams have here.
func streamName(stream int) string { return [...]string{"stdout", "stderr"}[stream] }

func (cl *cell) show(limit int64, stream int, text string) {
	if room := limit - cl.shown[stream]; int64(len(text)) > room {
		cut := runeCut(text, int(max(room, 0)))
		cl.dropped += int64(len(text) - cut)
		cl.shown[stream] = limit
		text = text[:cut]
	}
	if text == "" {
		return
	}
	cl.shown[stream] += int64(len(text))
	cl.out.Emit(session.Event{Kind: session.Stream, Name: streamName(stream), Text: text})
}

// settle says what was dropped of the cell's output, if anything.
func (c *capture) settle(cl *cell) {
	if cl == nil || cl.dropped == 0 {
		return
	}
	cl.out.Emit(session.Event{Kind: session.Stream, Name: "stderr", Text: fmt.Sprintf(
		"[fanout: %s of output dropped: a cell shows at most %s; write it to a file instead]\n", si(cl.dropped), si(c.limit))})
	cl.dropped = 0
}

// begin makes cl the running cell of its shell. What was printed before belongs
// to others and is shown first.
func (f *feed) begin(cl *cell) {
	f.c.mu.Lock()
	defer f.c.mu.Unlock()
	f.sync(flushEvent)
	if len(f.c.running) == 0 {
		f.c.settle(f.c.last)
	}
	f.c.running = append(f.c.running, cl)
}

// end is called when the child has said that the cell ended. All that it printed
// is shown before end returns.
func (f *feed) end(cl *cell) {
	f.c.mu.Lock()
	defer f.c.mu.Unlock()
	mode := flushEvent
	if f.c.target() == cl {
		mode = flushEnd
	}
	f.sync(mode)
	f.c.retire(cl)
}

func (c *capture) retire(cl *cell) {
	i := slices.Index(c.running, cl)
	if i < 0 {
		return
	}
	c.settle(cl)
	c.running = slices.Delete(c.running, i, i+1)
	if cl.shell != commShell {
		c.last = cl
	}
}

// event emits e to cl (the last cell, if cl is nil) after all that was printed
// before it.
func (f *feed) event(cl *cell, e session.Event) {
	f.c.mu.Lock()
	defer f.c.mu.Unlock()
	f.sync(flushEvent)
	if cl == nil {
		cl = f.c.target()
	}
	switch {
	case cl == nil:
	case e.Kind == session.Stream:
		stream := 0
		if e.Name == "stderr" {
			stream = 1
		}
		cl.show(f.c.limit, stream, validText(e.Text))
	default:
		cl.out.Emit(e)
	}
}

// notice tells cl something on stderr that no cell printed.
func (c *capture) notice(cl *cell, text string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if cl == nil {
		cl = c.target()
	}
	if cl != nil {
		cl.out.Emit(session.Event{Kind: session.Stream, Name: "stderr", Text: text})
	}
}

// settle shows all that was printed up to now.
func (f *feed) settle() {
	f.c.mu.Lock()
	defer f.c.mu.Unlock()
	f.sync(flushEvent)
}

// lost ends a cell whose process has died; its output was shown by finish.
func (c *capture) lost(cl *cell) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.retire(cl)
}

// orphans gives what was printed before there was a cell, and forgets it.
func (c *capture) orphans() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	text := string(c.orphan)
	c.orphan = nil
	return text
}
