package interp

import (
	"cmp"
	"fmt"
	"iter"
	"math"
	"path"
	"runtime"
	"runtime/metrics"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/adabc437/fanout/interp/session"
)

// Deadlocks of compiled cells.
//
// A Go program ends when all of its goroutines wait for each other. The runtime sees
// that by having nothing to run, which is never so in a session: it waits for the
// next request. So a run that lasts is looked at now and then. It is in a deadlock if
// no timer is set, nothing runs, and all goroutines but the session's own wait for a
// channel or a lock, twice in a row. What else a goroutine may wait for, the network,
// a child process, the user, can end at any time; and so can any wait where cells
// have signals sent to a channel, or have comms to the front end, or where the user
// may run a cell in another shell.

// deadlockEvery is how often a run is looked at.
const deadlockEvery = 100 * time.Millisecond

// maxDump bounds the goroutines' stacks that are looked at.
const maxDump = 8 << 20

// A deadlockWatch looks at one run.
type deadlockWatch struct {
	r     *run
	timer func() int64 // when the next timer of the process ends; see build.NextTimer
	next  *time.Timer
	last  string // what was asleep at the last look
}

// watchDeadlock returns nil where nothing can be seen.
func (r *run) watchDeadlock() *deadlockWatch {
	t := r.interp.native
	if t == nil || t.nextTimer == nil || r.cell.Beside {
		return nil
	}
	return &deadlockWatch{r: r, timer: t.nextTimer, next: time.NewTimer(deadlockEvery)}
}

// due is when to look next.
func (w *deadlockWatch) due() <-chan time.Time {
	if w == nil {
		return nil
	}
	return w.next.C
}

func (w *deadlockWatch) stop() {
	if w != nil {
		w.next.Stop()
	}
}

// look returns how the run ends, if it is in a deadlock. While the session is at work
// on another cell it is in none.
func (w *deadlockWatch) look() *session.Diagnostic {
	defer w.next.Reset(deadlockEvery)
	last := w.last
	w.last = ""
	i := w.r.interp
	if i.comms.inUse() || busy() || !i.mu.TryLock() {
		return nil
	}
	defer i.mu.Unlock()
	if i.native == nil || i.native.signals {
		return nil
	}
	if w.timer() != math.MaxInt64 {
		return nil
	}
	dump := stacks(maxDump)
	if len(dump) == maxDump {
		return nil
	}
	list, ok := sleepers(dump)
	if !ok {
		return nil
	}
	var now strings.Builder
	for _, s := range list {
		fmt.Fprintln(&now, s.id, s.state, s.frames)
	}
	if w.last = now.String(); w.last != last {
		return nil
	}
	return w.r.deadlock(list)
}

// busy says that a goroutine beside the caller's runs or could.
func busy() bool {
	s := []metrics.Sample{{Name: "/sched/goroutines/running:goroutines"}, {Name: "/sched/goroutines/runnable:goroutines"}}
	metrics.Read(s)
	count := func(v metrics.Value) uint64 {
		if v.Kind() != metrics.KindUint64 {
			return 0
		}
		return v.Uint64()
	}
	return count(s[0].Value) > 1 || count(s[1].Value) > 0
}

// A sleeper is a goroutine that waits for others.
type sleeper struct {
	id      int
	state   string // as the runtime calls it: chan receive; or mapping
	frames  []dumpFrame
	started *dumpFrame // the go statement, if a cell has it
	worker  bool       // of a parallel map
}

// A dumpFrame is a function of a cell on a stack.
type dumpFrame struct {
	function string
	file     string
	line     int
}

// asleep are the states in which only another goroutine can wake one.
var asleep = map[string]bool{
	"chan receive": true, "chan receive (nil chan)": true, "chan send": true, "chan send (nil chan)": true,
	"select": true, "select (no cases)": true, "semacquire": true,
	"sync.Mutex.Lock": true, "sync.RWMutex.RLock": true, "sync.RWMutex.Lock": true,
	"sync.WaitGroup.Wait": true, "sync.Cond.Wait": true,
	"coroutine": true, // either side of iter.Pull, which the other one wakes
}

// modulePath begins the names of the functions of this module.
const modulePath = "github.com/adabc437/fanout/"

// sleepers reads a dump of all goroutines' stacks. It returns those that are not the
// session's own, and false if one of them can go on by itself.
func sleepers(dump string) ([]sleeper, bool) {
	var list []sleeper
	for text := range strings.SplitSeq(dump, "\n\n") {
		head, stack, _ := strings.Cut(strings.TrimSpace(text), "\n")
		cells := strings.Contains(stack, "\ncell/") || strings.HasPrefix(stack, "cell/") || strings.Contains(stack, "created by cell/") ||
			strings.Contains(stack, modulePath+"interp/direct.") || strings.Contains(stack, modulePath+"parallel.(*worker).") // a task may be a library's function
		if !cells && (strings.Contains(stack, modulePath) || strings.HasPrefix(stack, "os/signal.")) {
			continue // the session's own
		}
		s, ok := readSleeper(head, stack)
		if !ok {
			return nil, false
		}
		if passive := s.state == "coroutine" && strings.Contains(stack, "\ncreated by iter.Pull"); cells && !passive {
			list = append(list, s)
		}
	}
	return list, len(list) > 0
}

// stacks returns the stacks of all goroutines, at most max bytes of them.
func stacks(max int) string {
	for size := min(64<<10, max); ; size = min(4*size, max) {
		dump := make([]byte, size)
		if n := runtime.Stack(dump, true); n < size || size == max {
			return string(dump[:n])
		}
	}
}

// readSleeper reads a goroutine, and says whether it waits for others.
func readSleeper(head, stack string) (s sleeper, ok bool) {
	number, rest, _ := strings.Cut(strings.TrimPrefix(head, "goroutine "), " ")
	id, err := strconv.Atoi(number)
	if err != nil {
		return s, false
	}
	_, state, _ := strings.Cut(rest, "[")
	if end := strings.IndexAny(state, ",]"); end >= 0 {
		state = state[:end]
	}
	if !asleep[state] {
		return s, false
	}
	s.id, s.state = id, state
	top := true
	for f, created := range frames(stack) {
		name := f.function
		if top && !created && !below(name) {
			top = false
			if strings.HasPrefix(name, modulePath) {
				state, ok := waits(strings.TrimPrefix(name, modulePath))
				if !ok {
					return s, false // for the user, or a picture, or a front end
				}
				s.state = cmp.Or(state, s.state)
			} else if strings.HasPrefix(name, "cell/") && strings.Contains(name, ".Send[") {
				s.state = "chan send" // rt.Send, inlined
			}
		}
		s.worker = s.worker || strings.HasPrefix(name, modulePath+"parallel.(*worker).")
		if !strings.HasPrefix(name, "cell/") {
			continue
		}
		if created {
			s.started = &f
		} else {
			s.frames = append(s.frames, f)
		}
	}
	return s, true
}

// frames gives the frames in the text of a stack, innermost first, and says which is
// the go statement that has created the goroutine.
func frames(stack string) iter.Seq2[dumpFrame, bool] {
	return func(yield func(dumpFrame, bool) bool) {
		lines := strings.Split(stack, "\n")
		for n := 0; n+1 < len(lines); n++ {
			if !strings.HasPrefix(lines[n+1], "\t") {
				continue // no call, of which the place follows
			}
			name, created := strings.CutPrefix(lines[n], "created by ")
			if created {
				name, _, _ = strings.Cut(name, " in goroutine ")
			} else if paren := strings.LastIndexByte(name, '('); paren > 0 {
				name = name[:paren]
			}
			f := dumpFrame{function: name}
			n++
			place, _, _ := strings.Cut(strings.TrimSpace(lines[n]), " ")
			if colon := strings.LastIndexByte(place, ':'); colon > 0 {
				f.file = path.Base(place[:colon])
				f.line, _ = strconv.Atoi(place[colon+1:])
			}
			if !yield(f, created) {
				return
			}
		}
	}
}

// whereabouts lists the frames of the goroutine that the cell's statements run on.
func (r *run) whereabouts() []session.Frame {
	_, stack, found := strings.Cut(stacks(1<<20), fmt.Sprintf("\n\ngoroutine %d [", r.goroutine.Load()))
	if !found {
		return nil
	}
	stack, _, _ = strings.Cut(stack, "\n\n")
	return r.framesOf(stack)
}

// framesOf lists the frames of cells in the text of a stack, innermost first.
func (r *run) framesOf(stack string) []session.Frame {
	if r.interp.native == nil {
		return nil
	}
	var list []session.Frame
	for f, created := range frames(stack) {
		if frame, ok := r.cellFrame(f); ok && !created {
			list = append(list, frame)
		}
	}
	return list
}

// below says of a function that it is one that others wait in.
func below(name string) bool {
	for _, p := range []string{"runtime.", "sync.", "internal/", "reflect."} {
		if strings.HasPrefix(name, p) {
			return true
		}
	}
	return false
}

// mapping is the state of what waits for the tasks of a parallel map.
const mapping = "parallel map"

// waits says of a function of Fanout's that it waits for other goroutines of cells,
// and in what state, if that is not the runtime's.
func waits(name string) (state string, ok bool) {
	for _, w := range []struct{ prefix, state string }{
		{"parallel.(*run).wait", mapping}, {"parallel.", ""}, {"interp/direct.", ""},
		{"interp/rt.Recv", "chan receive"}, {"interp/rt.Range", "chan receive"}, {"interp/rt.Send", "chan send"},
	} {
		if strings.HasPrefix(name, w.prefix) {
			return w.state, true
		}
	}
	return "", false
}

// maxSleepers is how many of the goroutines a deadlock's account names.
const maxSleepers = 8

// deadlock says who waits where. The caller holds the session's lock.
func (r *run) deadlock(list []sleeper) *session.Diagnostic {
	d := &session.Diagnostic{Name: session.Deadlock, Message: "all goroutines are asleep - deadlock!"}
	main := slices.IndexFunc(list, func(s sleeper) bool { return s.id == int(r.goroutine.Load()) })
	if main >= 0 {
		for _, f := range list[main].frames {
			if frame, ok := r.cellFrame(f); ok {
				d.Trace = append(d.Trace, frame)
			}
		}
		d.Pos, d.Trace = firstPlace(d.Trace), namedFrames(d.Trace)
		state := list[main].state
		if d.Pos != nil && strings.HasPrefix(strings.TrimSpace(d.Pos.Source), "select {}") {
			state = "select (no cases)" // for which cells receive
		}
		d.Hint = sleepHint(state)
	}
	others, more := 0, 0
	given := r.interp.native.asleep
	r.interp.native.asleep = map[int]bool{}
	for n, s := range list {
		r.interp.native.asleep[s.id] = true
		if n == main || given[s.id] {
			continue
		}
		if others++; others > maxSleepers {
			more++
			continue
		}
		note := "another goroutine"
		if s.worker {
			note = "a worker of the map"
		} else if s.started != nil {
			if f, ok := r.cellFrame(*s.started); ok {
				note = fmt.Sprintf("the goroutine started at %s", lineOf(f.Position))
			}
		}
		note += " waits"
		if len(s.frames) > 0 {
			if f, ok := r.cellFrame(s.frames[0]); ok {
				note += fmt.Sprintf(" at %s, %s", lineOf(f.Position), strings.TrimSpace(f.Position.Source))
			}
		}
		d.Notes = append(d.Notes, fmt.Sprintf("%s (%s)", note, s.state))
	}
	if more > 0 {
		d.Notes = append(d.Notes, fmt.Sprintf("so do %d more goroutines", more))
	}
	return d
}

// lineOf is a position of which only the line is known.
func lineOf(p session.Position) string { return fmt.Sprintf("In[%d]:%d", p.Cell, p.Line) }

// cellFrame finds where in the cells a frame is.
func (r *run) cellFrame(f dumpFrame) (session.Frame, bool) {
	pkg, name, ok := cellFunc(f.function)
	if !ok {
		return session.Frame{}, false
	}
	n, known := r.interp.native.files[pkg][f.file]
	if !known || f.line < 1 {
		return session.Frame{}, false
	}
	return session.Frame{Func: name, Position: *r.linePlace(n, f.line)}, true
}

// sleepHint says what would end the wait.
func sleepHint(state string) string {
	switch state {
	case mapping:
		return "the tasks of the map wait for something that none of them does; and a task must not wait for another, as that may not have begun: there are as many at a time as workers"
	case "chan receive":
		return "a receive ends when another goroutine sends or closes the channel, and a range over a channel when it is closed; no goroutine is left that could"
	case "chan send":
		return "a send ends when another goroutine receives, or the channel has room: start a receiver with go, or give the channel a buffer, make(chan T, n)"
	case "chan receive (nil chan)", "chan send (nil chan)":
		return "the channel is nil, and blocks for ever: make one with make(chan T)"
	case "select (no cases)":
		return "select {} waits for ever; no other goroutine is left that could do anything meanwhile"
	case "select":
		return "no case of the select can go on, as no goroutine is left that could send or receive"
	case "sync.WaitGroup.Wait":
		return "Wait ends when Done was called as often as Add has counted; no goroutine is left that could call it"
	case "sync.Mutex.Lock", "sync.RWMutex.Lock", "sync.RWMutex.RLock":
		return "the mutex is locked, and no goroutine is left that could unlock it; a goroutine that locks a mutex twice waits for itself"
	case "coroutine":
		return "next waits for the sequence that iter.Pull was given, and that waits for what no goroutine is left to do"
	case "sync.Cond.Wait":
		return "Wait ends with Signal or Broadcast; no goroutine is left that could call them"
	}
	return ""
}

// goroutineID is the number of the calling goroutine in dumps.
func goroutineID() int64 {
	var b [64]byte
	head := string(b[:runtime.Stack(b[:], false)])
	number, _, _ := strings.Cut(strings.TrimPrefix(head, "goroutine "), " ")
	n, _ := strconv.ParseInt(number, 10, 64)
	return n
}
