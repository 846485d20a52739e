package supervisor

import (
	"bytes"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"
)

// A flushMode says why text is shown.
type flushMode int

const (
	flushBatch flushMode = iota // there is enough of it, or it has waited long enough
	flushEvent                  // something else is shown next
	flushEnd                    // the cell has ended: nothing more is to come
)

// A stream is text of stdout or stderr that was read and not shown.
type stream struct {
	pending   []byte
	wary      bool      // a crash report may come
	lineStart bool      // pending starts a line
	since     time.Time // when a suspect was first seen
}

func (s *stream) add(text []byte) { s.pending = append(s.pending, text...) }

// take removes n bytes from what is pending and gives them as valid UTF-8. A rune
// that is not complete stays, unless all are wanted.
func (s *stream) take(n int, all bool) string {
	if n == len(s.pending) && !all {
		n = completeRunes(s.pending)
	}
	if n == 0 {
		return ""
	}
	text := validText(string(s.pending[:n]))
	s.lineStart = s.pending[n-1] == '\n'
	s.pending = append(s.pending[:0], s.pending[n:]...)
	return text
}

// bound drops what is pending past n bytes.
func (s *stream) bound(n int) {
	s.pending = s.pending[:min(n, len(s.pending))]
}

// validText puts U+FFFD in place of what is not UTF-8.
func validText(s string) string { return strings.ToValidUTF8(s, string(utf8.RuneError)) }

// completeRunes gives the length of p without a rune at its end of which bytes
// are missing.
func completeRunes(p []byte) int {
	for i := 1; i < utf8.UTFMax && i <= len(p); i++ {
		if b := p[len(p)-i]; utf8.RuneStart(b) {
			if !utf8.FullRune(p[len(p)-i:]) {
				return len(p) - i
			}
			break
		}
	}
	return len(p)
}

// runeCut gives the largest rune boundary of s that is not past n.
func runeCut(s string, n int) int {
	n = max(n, 0)
	if n >= len(s) {
		return len(s)
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return n
}

// crashStarts are what lines of a crash report start with, as Go writes them.
func crashStarts() []string {
	return []string{"panic: ", "fatal error: ", "runtime: ", "goroutine ", "SIG", "unexpected fault address", "[signal "}
}

// suspect gives the place of the first line that may start a crash report, or -1.
func (s *stream) suspect() int {
	if !s.wary {
		return -1
	}
	starts := crashStarts()
	for at, lineStart := 0, s.lineStart; at < len(s.pending); lineStart = true {
		line := s.pending[at:]
		if lineStart {
			for _, start := range starts {
				if bytes.HasPrefix(line, []byte(start)) {
					return at
				}
			}
		}
		end := bytes.IndexByte(line, '\n')
		if end < 0 {
			break
		}
		at += end + 1
	}
	return -1
}

// splitReport parts what a dead process has left on stderr, from the place at on,
// into the text of the cells and what belongs to Go's report of the crash. The
// report comes over a pipe of its own and is written to stderr as well; its first
// lines, of a fatal error, to stderr alone. They are put in front of it.
func splitReport(text, report []byte, at int) (kept, whole []byte) {
	if at < 0 || !isReport(report) {
		return text, report
	}
	lines := map[string]int{}
	for line := range bytes.Lines(report) {
		lines[string(bytes.TrimRight(line, "\n"))]++
	}
	kept = text[:at:at]
	cut := len(report) >= crashKept // then all that follows is taken for the report's
	headed := bytes.HasPrefix(report, []byte("panic: "))
	inHead := false
	for line := range bytes.Lines(text[at:]) {
		key := string(bytes.TrimRight(line, "\n"))
		head := bytes.HasPrefix(line, []byte("runtime: ")) || bytes.HasPrefix(line, []byte("fatal error: "))
		inHead = head || (inHead && line[0] == '\t')
		switch {
		case lines[key] > 0:
			lines[key]--
		case inHead && !headed:
			whole = append(whole, line...)
		case !cut:
			kept = append(kept, line...)
		}
	}
	return kept, append(whole, report...)
}

var anyGoroutine = regexp.MustCompile(`(?m)^(?:goroutine \d+ .*\[.*\]:|runtime stack:)$`)

// isReport says whether a crash pipe's text is Go's report of a crash.
func isReport(report []byte) bool { return anyGoroutine.Match(report) }
