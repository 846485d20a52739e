package programs

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/adabc437/fanout/interp/session"
)

// A Verdict is what to think of a run.
type Verdict int

// The verdicts, best first.
const (
	Right   Verdict = iota // as under go run
	Refused                // a clear error says that, and what, cannot be run
	Wrong                  // anything else
)

// String names the verdict.
func (v Verdict) String() string { return [...]string{"right", "refused", "wrong"}[v] }

// A Run is what a session made of a program.
type Run struct {
	Stdout string
	// Err is how the first cell that failed ended, nil if none did.
	Err *session.Diagnostic
	// Line is the place of Err in the program, 0 if that is not known.
	Line int
	// Failure is an error of the session itself.
	Failure error
}

var (
	refusals = []string{session.SyntaxError, session.TypeError}
	// unclearRE is of a tier that failed at what it did not refuse.
	unclearRE = regexp.MustCompile(`^$|runtime error: |the interpreter failed|^reflect`)
	statusRE  = regexp.MustCompile(`(?:\bstatus|\bcode|\bos\.Exit)[ (:]*(\d{1,3})\b`)
)

// Judge compares a run with what go run does, and says what differs.
func Judge(want Outcome, got Run) (Verdict, string) {
	if got.Failure != nil {
		return Wrong, got.Failure.Error()
	}
	if d := got.Err; d != nil && slices.Contains(refusals, d.Name) {
		switch {
		case !strings.HasPrefix(want.Stdout, got.Stdout):
			return Wrong, "before it is refused (" + d.Error() + ") " + differ(want.Stdout, got.Stdout)
		case d.Pos == nil || unclearRE.MatchString(d.Message):
			return Wrong, "refused without a place or a reason: " + d.Error()
		}
		return Refused, d.Error()
	}
	if got.Stdout != want.Stdout {
		why := differ(want.Stdout, got.Stdout)
		if got.Err != nil {
			why += "; it ends with " + got.Err.Error()
		}
		return Wrong, why
	}
	return ending(want, got)
}

// ending compares how the two ended.
func ending(want Outcome, got Run) (Verdict, string) {
	d := got.Err
	switch {
	case d == nil && want.Panic != "":
		return Wrong, fmt.Sprintf("ends well, not with %q", want.Panic)
	case d == nil && want.Exit != 0:
		return Wrong, fmt.Sprintf("ends well, not with exit status %d", want.Exit)
	case d == nil:
		return Right, ""
	case d.Name == session.ExitError && want.Panic == "":
		if m := statusRE.FindStringSubmatch(d.Message); m == nil || m[1] != strconv.Itoa(want.Exit) {
			return Wrong, fmt.Sprintf("ends with %v, not with exit status %d", d, want.Exit)
		}
		return Right, ""
	case d.Name != session.Panic || want.Panic == "":
		return Wrong, "ends with " + d.Error()
	}
	if text := strings.TrimSuffix(d.Message, " (in a goroutine)"); text != want.Message() {
		return Wrong, fmt.Sprintf("panics with %q, not with %q", text, want.Message())
	}
	if got.Line != want.Line {
		return Wrong, fmt.Sprintf("panics in line %d, not in line %d", got.Line, want.Line)
	}
	return Right, ""
}

// differ names the first line in which two outputs differ.
func differ(want, got string) string {
	w, g := strings.Split(want, "\n"), strings.Split(got, "\n")
	for n := range min(len(w), len(g)) {
		switch {
		case w[n] == g[n]:
		case n == len(g)-1 && g[n] == "":
			return fmt.Sprintf("output ends before line %d, %q", n+1, w[n])
		default:
			return fmt.Sprintf("line %d of the output is %q, not %q", n+1, g[n], w[n])
		}
	}
	return fmt.Sprintf("output has %d lines, not %d", len(g)-1, len(w)-1)
}
