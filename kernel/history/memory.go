package history

import (
	"slices"
	"unicode/utf8"
)

// memory is a backend that holds the current session only.
type memory struct {
	entries []Entry
	bound   int
}

var _ backend = (*memory)(nil)

func newMemory(bound int) *memory { return &memory{bound: bound} }

func (m *memory) write(writes []write) error {
	for _, w := range writes {
		at := slices.IndexFunc(m.entries, func(e Entry) bool { return e.Line == w.entry.Line })
		switch {
		case w.output && at >= 0:
			m.entries[at].Output = w.entry.Output
		case w.output:
		case at >= 0:
			m.entries[at].Input = w.entry.Input
		default:
			w.entry.Session = 1
			m.entries = append(m.entries, w.entry)
		}
	}
	slices.SortStableFunc(m.entries, func(a, b Entry) int { return a.Line - b.Line })
	if over := len(m.entries) - m.bound; over > 0 {
		m.entries = slices.Delete(m.entries, 0, over)
	}
	return nil
}

func (m *memory) current() (int, error) { return 1, nil }

func (m *memory) tail(n int) ([]Entry, error) {
	return slices.Clone(m.entries[max(0, len(m.entries)-n):]), nil
}

func (m *memory) rangeOf(session, start, stop int) ([]Entry, error) {
	var found []Entry
	for _, e := range m.entries {
		if e.Session == session && e.Line >= start && (stop == 0 || e.Line < stop) {
			found = append(found, e)
		}
	}
	return found, nil
}

func (m *memory) search(pattern string, n int, unique bool) ([]Entry, error) {
	var found []Entry
	seen := map[string]bool{}
	for _, e := range slices.Backward(m.entries) {
		if n > 0 && len(found) == n {
			break
		}
		if !match(pattern, e.Input) || unique && seen[e.Input] {
			continue
		}
		seen[e.Input] = true
		found = append(found, e)
	}
	slices.Reverse(found)
	return found, nil
}

func (m *memory) close() error { return nil }

// match says whether the whole of s matches pattern, in which * stands for any
// text and ? for one code point. It takes time in the product of the lengths at
// worst.
func match(pattern, s string) bool {
	star, retry := -1, 0 // the last * seen, and where its text may end
	p, i := 0, 0
	for i < len(s) {
		_, size := utf8.DecodeRuneInString(s[i:])
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, retry = p, i
			p++
		case p < len(pattern) && pattern[p] == '?':
			p++
			i += size
		case p < len(pattern) && pattern[p] == s[i]:
			p++
			i++
		case star >= 0:
			_, size = utf8.DecodeRuneInString(s[retry:])
			retry += size
			p, i = star+1, retry
		default:
			return false
		}
	}
	for p < len(pattern) && pattern[p] == '*' {
		p++
	}
	return p == len(pattern)
}
