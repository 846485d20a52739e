package supervisor

import (
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"strings"
	"time"

	"github.com/adabc437/fanout/interp/session"
)

// A verdict is why the supervisor itself ended a session process.
type verdict struct {
	reason reason
	err    error         // for broken
	waited time.Duration // for interrupted; 0: it was interrupted again
}

type reason int

const (
	interrupted reason = iota + 1 // a cell did not stop when it was asked to
	broken                        // it broke the protocol
	restarted                     // a cell asked for it
	closed                        // the supervisor was closed
)

// A cause is all that is known of a process's end.
type cause struct {
	state   *os.ProcessState // nil if it has been killed and is still there
	crash   []byte           // what came over the crash pipe
	verdict *verdict         // nil: it ended by itself
	hello   hello
}

// diagnose says why the process ended, in the user's terms.
func (c cause) diagnose() *session.Diagnostic {
	if c.verdict != nil && c.verdict.reason != broken {
		return c.verdict.diagnose()
	}
	if d := lastWordsOf(c.crash); d != nil {
		return d
	}
	if r, ok := parseReport(string(c.crash)); ok {
		return r.diagnose(c.hello)
	}
	if c.verdict != nil {
		return c.verdict.diagnose()
	}
	return exitDiagnostic(c.state)
}

func (v *verdict) diagnose() *session.Diagnostic {
	switch v.reason {
	case interrupted:
		d := &session.Diagnostic{Name: session.Interrupted, Message: "interrupted again before the cell had stopped, so its session process was ended"}
		if v.waited > 0 {
			d.Message = fmt.Sprintf("interrupted: the cell did not stop within %s, so its session process was ended", v.waited)
		}
		return d
	case restarted:
		return &session.Diagnostic{Name: session.SessionError, Message: "another cell restarted the session"}
	case closed:
		return &session.Diagnostic{Name: session.SessionError, Message: session.ErrClosed.Error()}
	}
	return &session.Diagnostic{
		Name:    session.SessionError,
		Message: fmt.Sprintf("the session process was ended, for it broke off the talk with the kernel: %v", v.err),
		Hint:    "file descriptors 3 and up belong to Fanout; a cell must not write to them or close them",
	}
}

func exitDiagnostic(state *os.ProcessState) *session.Diagnostic {
	if name := signalName(state); name != "" {
		d := &session.Diagnostic{
			Name:    session.SessionError,
			Message: fmt.Sprintf("the session process was killed (signal: %s)", name),
		}
		if name == "killed" {
			d.Hint = "if nobody killed it, the system may have been short of memory"
		} else if name == "segmentation fault" {
			d.Hint = foreignHint
		}
		return d
	}
	return &session.Diagnostic{
		Name:    session.ExitError,
		Message: fmt.Sprintf("the cell ended the session process: exit status %d", state.ExitCode()),
		Hint:    "os.Exit and log.Fatal end the process that holds the variables; use return or panic to end a cell",
	}
}

// foreignHint is for faults of memory in code that is not Go.
const foreignHint = "code that is not Go reached memory that is not its own: a kernel of %%gpu that writes outside of its slices does that (compare get_global_id(0) with their length), or a driver"

// lastWordsOf finds what the child itself said of its end.
func lastWordsOf(crash []byte) *session.Diagnostic {
	for line := range strings.Lines(string(crash)) {
		text, ok := strings.CutPrefix(line, deathMark)
		if !ok {
			continue
		}
		var d session.Diagnostic
		if json.Unmarshal([]byte(text), &d) == nil && d.Name != "" {
			return &d
		}
	}
	return nil
}

// diagnose makes a Diagnostic of Go's report.
func (r crashReport) diagnose(h hello) *session.Diagnostic {
	d := &session.Diagnostic{Name: session.Panic, Message: r.Message, Trace: r.Trace(), Report: r.Text()}
	if r.Fatal {
		d.Name = session.FatalError
	}
	if len(d.Trace) > 0 {
		pos := d.Trace[0].Position
		d.Pos = &pos
	}
	switch text := strings.TrimPrefix(r.Message, "fatal error: "); {
	case r.Fatal && text == "stack overflow":
		d.Message = fmt.Sprintf(stackOverflow+"goroutine stack exceeds %s: infinite recursion?", mega(h.MaxStack))
		d.Hint = "see to it that the recursion " + ofMost(d.Trace) + "ends"
	case r.Fatal && noMemory.MatchString(text):
		d.Name = session.MemoryError
		d.Message = "out of memory: the system refused an allocation"
		if h.Memory > 0 {
			d.Message += fmt.Sprintf(" that goes far past the limit of %s", iec(h.Memory))
		}
		d.Hint = raiseHint(h.Memory, availableMemory())
	default:
		d.Message = text // the diagnostic's name says that it is fatal
		d.Hint = hintFor(r.Message)
		if strings.Contains(text, "unexpected signal during runtime execution") {
			d.Hint = foreignHint
		}
	}
	return d
}

const stackOverflow = "stack overflow: "

// overflow says that d is of a stack that has overflown.
func overflow(d *session.Diagnostic) bool {
	return d.Name == session.FatalError && strings.HasPrefix(d.Message, stackOverflow)
}

var noMemory = regexp.MustCompile(`out of memory|cannot allocate memory|cannot map pages|failed to reserve`)

// mega writes the size of a stack as Go's messages do.
func mega(n int64) string {
	if n <= 0 {
		n = maxStack
	}
	return fmt.Sprintf("%d MB", n>>20)
}

// hintFor says what would be right, where the message tells what was wrong.
func hintFor(message string) string {
	for _, h := range []struct{ says, hint string }{
		{"concurrent map", "several goroutines use one map at once: protect it with a sync.Mutex, or use a sync.Map"},
		{"all goroutines are asleep", "everything waits for something that nobody will do: check channels, locks and WaitGroups"},
		{"unlock of unlocked", "Unlock was called without a Lock before it"},
		{"negative WaitGroup counter", "call Add before the goroutine starts, and Done once for each"},
		{"send on closed channel", "only the sender should close a channel, after its last send"},
		{"close of closed channel", "close a channel once, in one place"},
		{"assignment to entry in nil map", "make the map first: m := map[K]V{} or make(map[K]V)"},
	} {
		if strings.Contains(message, h.says) {
			return h.hint
		}
	}
	return ""
}

// ofMost names the function that a trace has most often, as "of f ".
func ofMost(trace []session.Frame) string {
	times := map[string]int{}
	most := ""
	for _, f := range trace {
		times[f.Func]++
		if f.Func != "" && times[f.Func] > max(1, times[most]-1) {
			most = f.Func
		}
	}
	if most == "" {
		return ""
	}
	return "of " + most + " "
}
