package supervisor

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/adabc437/fanout/interp/session"
)

// The bounds of what a user sees of a crash report.
const (
	reportLines   = 30
	reportFrames  = 12 // two lines each
	strangeFrames = 4  // frames of a report in which none is the user's
	messageLines  = 8
)

// A crashReport is Go's own account of a crash, taken apart.
type crashReport struct {
	Fatal   bool   // a fatal error, and not a panic
	Message string // "panic: boom", "fatal error: concurrent map writes"
	Head    string // "goroutine 7 [running]"
	Frames  []crashFrame
}

// A crashFrame is one call of the goroutine that failed, innermost first.
type crashFrame struct {
	Func, File string
	Line       int
	Cell       int // n of In[n], 0 if the file is none
}

var (
	cellFile      = regexp.MustCompile(`(?:^|[/\\])In\[(\d+)\]$`)
	goroutineHead = regexp.MustCompile(`^goroutine (\d+) (?:.*)\[([^\],]*).*\]:$`)
	framePlace    = regexp.MustCompile(`^\t(.*):(\d+)(?: \+0x[0-9a-f]+)?(?: fp=.*)?$`)
	callArgs      = regexp.MustCompile(`\((?:0x[0-9a-f]+|\{|\}|\?|\.\.\.|,|\s|_)*\)$`)
	createdBy     = regexp.MustCompile(`^created by (.*?)(?: in goroutine \d+)?$`)
)

// parseReport takes a report apart. ok is false if text is none.
func parseReport(text string) (r crashReport, ok bool) {
	if !isReport([]byte(text)) {
		return r, false
	}
	lines := strings.Split(strings.ToValidUTF8(text, "\uFFFD"), "\n")
	i := r.readMessage(lines)
	for ; i < len(lines); i++ {
		if m := goroutineHead.FindStringSubmatch(lines[i]); m != nil {
			r.Head = fmt.Sprintf("goroutine %s [%s]", m[1], m[2])
			r.readFrames(lines[i+1:])
			break
		}
	}
	if r.Message == "" {
		r.Message = "fatal error"
	}
	return r, true
}

// readMessage takes the lines up to the first goroutine, and gives the number of
// the line after them.
func (r *crashReport) readMessage(lines []string) int {
	var message []string
	i := 0
	for ; i < len(lines); i++ {
		line := lines[i]
		if goroutineHead.MatchString(line) || line == "runtime stack:" {
			break
		}
		switch {
		case strings.HasPrefix(line, "fatal error: "):
			r.Fatal, message = true, []string{line}
		case strings.HasPrefix(line, "[signal "), strings.HasPrefix(line, "runtime: "), strings.HasPrefix(line, "PC="):
		case line == "" && len(message) == 0:
		default:
			// Go indents what a message has after its first line.
			message = append(message, strings.TrimPrefix(line, "\t"))
		}
	}
	r.Message = cutLines(message)
	r.Fatal = r.Fatal || !strings.HasPrefix(r.Message, "panic: ")
	return i
}

func cutLines(lines []string) string {
	for len(lines) > 0 && lines[len(lines)-1] == "" {
		lines = lines[:len(lines)-1]
	}
	if len(lines) > messageLines {
		lines = append(lines[:messageLines:messageLines], "…")
	}
	return strings.Join(lines, "\n")
}

// readFrames takes the pairs of lines of one goroutine.
func (r *crashReport) readFrames(lines []string) {
	for i := 0; i+1 < len(lines) && lines[i] != ""; i++ {
		name := lines[i]
		if m := createdBy.FindStringSubmatch(name); m != nil {
			name = m[1]
		}
		place := framePlace.FindStringSubmatch(lines[i+1])
		if place == nil {
			continue
		}
		i++
		f := crashFrame{Func: callArgs.ReplaceAllString(name, ""), File: place[1]}
		f.Line, _ = strconv.Atoi(place[2])
		if m := cellFile.FindStringSubmatch(f.File); m != nil {
			f.Cell, _ = strconv.Atoi(m[1])
			f.File = "In[" + m[1] + "]"
		}
		r.Frames = append(r.Frames, f)
	}
}

// user says whether the frame is of the user's own code.
func (f crashFrame) user() bool {
	if f.Cell > 0 {
		return true
	}
	return strings.HasPrefix(f.Func, "main.") && f.Func != "main.main" && !strings.Contains(f.File, "/cmd/fanout/")
}

// inner says whether the frame is of Go's or Fanout's machinery. The interpreter
// itself takes locks all the time, and the message names those of package sync.
func (f crashFrame) inner() bool {
	for _, p := range []string{
		"runtime.", "runtime/", "reflect.", "internal/", "syscall.", "testing.", "panic", "main.", "sync.",
		"github.com/traefik/yaegi/", "github.com/adabc437/fanout/",
	} {
		if strings.HasPrefix(f.Func, p) {
			return true
		}
	}
	return false
}

// shown gives the frames for the user: his own; if there are none, the innermost
// few of libraries.
func (r crashReport) shown() []crashFrame {
	var own, strange []crashFrame
	for _, f := range r.Frames {
		switch {
		case f.user():
			own = append(own, f)
		case !f.inner() && len(strange) < strangeFrames:
			strange = append(strange, f)
		}
	}
	if len(own) > 0 {
		return own
	}
	return strange
}

// Text gives the report cut down: the goroutine that failed with the frames
// shown, of which runs of equal ones are written once. It is empty where no
// frame means anything to the user.
func (r crashReport) Text() string {
	frames := r.shown()
	if len(frames) == 0 {
		return ""
	}
	lines := []string{r.Head + ":"}
	written := 0
	for i := 0; i < len(frames); written++ {
		if written == reportFrames {
			lines = append(lines, fmt.Sprintf("… %d more calls", len(frames)-i))
			break
		}
		same := 1
		for i+same < len(frames) && frames[i+same] == frames[i] {
			same++
		}
		f := frames[i]
		lines = append(lines, f.Func, fmt.Sprintf("\t%s:%d", f.File, f.Line))
		if same > 1 {
			lines = append(lines, fmt.Sprintf("\t… the same %d times more", same-1))
		}
		i += same
	}
	if len(lines) > reportLines {
		lines = lines[:reportLines]
	}
	return strings.Join(lines, "\n")
}

// Trace gives the frames that are lines of cells, the innermost traceFrames of
// them.
func (r crashReport) Trace() []session.Frame {
	var trace []session.Frame
	for _, f := range r.Frames {
		if f.Cell == 0 {
			continue
		}
		trace = append(trace, session.Frame{
			Func:     shortName(f.Func),
			Position: session.Position{Cell: f.Cell, Line: f.Line, Column: 1},
		})
	}
	return trace
}

// shortName gives a function's name without its package.
func shortName(name string) string {
	if i := strings.LastIndexByte(name, '/'); i >= 0 {
		name = name[i+1:]
	}
	if _, after, ok := strings.Cut(name, "."); ok {
		name = after
	}
	return name
}
