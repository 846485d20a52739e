package rooms

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// The bounds of a change to a text.
const (
	// MaxSource is how many bytes the source of a cell may have.
	MaxSource = 8 << 20
	// maxSections is how many parts a change set may have.
	maxSections = 100_000
)

// A ChangeSet is a change to a text as CodeMirror's ChangeSet.toJSON gives it: a
// list of parts that together cover the old text. A part is kept text, or text
// that is replaced by other text.
type ChangeSet []Section

// A Section is one part of a ChangeSet.
type Section struct {
	// Length is that of the old text, in UTF-16 units.
	Length int
	// Replace says that Insert takes the place of the old text.
	Replace bool
	Insert  string
}

// Replacement is the change set that makes new of old.
func Replacement(old, text string) ChangeSet {
	return ChangeSet{{Length: Units(old), Replace: true, Insert: text}}
}

// UnmarshalJSON reads a change set: a number keeps so many units, and a list
// holds the number of units that go and the lines that come.
func (c *ChangeSet) UnmarshalJSON(data []byte) error {
	var parts []json.RawMessage
	if err := json.Unmarshal(data, &parts); err != nil {
		return fmt.Errorf("change set: %w", err)
	}
	if len(parts) > maxSections {
		return fmt.Errorf("change set: it has %d parts, and may have %d", len(parts), maxSections)
	}
	list := make(ChangeSet, len(parts))
	for i, raw := range parts {
		s, err := readSection(raw)
		if err != nil {
			return fmt.Errorf("change set: part %d: %w", i, err)
		}
		list[i] = s
	}
	*c = list
	return nil
}

func readSection(raw json.RawMessage) (Section, error) {
	var s Section
	if len(raw) > 0 && raw[0] != '[' {
		err := json.Unmarshal(raw, &s.Length)
		return s, s.check(err)
	}
	s.Replace = true
	var list []json.RawMessage
	if err := json.Unmarshal(raw, &list); err != nil {
		return s, err
	}
	if len(list) == 0 {
		return s, errors.New("it is empty, want the number of units that go")
	}
	if err := s.check(json.Unmarshal(list[0], &s.Length)); err != nil {
		return s, err
	}
	lines := make([]string, len(list)-1)
	for i, raw := range list[1:] {
		if err := json.Unmarshal(raw, &lines[i]); err != nil {
			return s, err
		}
		if strings.ContainsAny(lines[i], "\r\n") {
			return s, fmt.Errorf("line %d holds a line end", i)
		}
	}
	s.Insert = strings.Join(lines, "\n")
	return s, nil
}

func (s Section) check(err error) error {
	if err == nil && (s.Length < 0 || s.Length > MaxSource) {
		return fmt.Errorf("length %d is out of range", s.Length)
	}
	return err
}

// MarshalJSON writes the change set as it is read.
func (c ChangeSet) MarshalJSON() ([]byte, error) {
	parts := make([]any, len(c))
	for i, s := range c {
		switch {
		case !s.Replace:
			parts[i] = s.Length
		case s.Insert == "":
			parts[i] = []any{s.Length}
		default:
			list := []any{s.Length}
			for line := range strings.SplitSeq(s.Insert, "\n") {
				list = append(list, line)
			}
			parts[i] = list
		}
	}
	return json.Marshal(parts)
}

// Apply gives the text after the change. The error says that the change is not
// one of this text: it covers more or less than it, or cuts a character.
func (c ChangeSet) Apply(text string) (string, error) {
	var b strings.Builder
	at := 0
	for _, s := range c {
		end, err := advance(text, at, s.Length)
		if err != nil {
			return "", err
		}
		if s.Replace {
			b.WriteString(s.Insert)
		} else {
			b.WriteString(text[at:end])
		}
		if b.Len() > MaxSource {
			return "", fmt.Errorf("the cell would be longer than %d bytes", MaxSource)
		}
		at = end
	}
	if at != len(text) {
		return "", fmt.Errorf("the change set ends %d bytes before the end of the text", len(text)-at)
	}
	return b.String(), nil
}

// advance gives the byte offset that is n UTF-16 units after the byte offset at.
func advance(text string, at, n int) (int, error) {
	for n > 0 {
		if at >= len(text) {
			return 0, fmt.Errorf("the change set goes %d units past the end of the text", n)
		}
		r, size := utf8.DecodeRuneInString(text[at:])
		n -= unitsOf(r)
		at += size
	}
	if n < 0 {
		return 0, errors.New("the change set cuts a character in two")
	}
	return at, nil
}

func unitsOf(r rune) int {
	if r >= 0x10000 {
		return 2
	}
	return 1
}

// Units is the length of text in UTF-16 units.
func Units(text string) int {
	n := 0
	for _, r := range text {
		n += unitsOf(r)
	}
	return n
}

// codePoint gives the number of code points before the UTF-16 offset units, which
// is brought into the text. An offset within a character counts as its end.
func codePoint(text string, units int) int {
	n := 0
	for _, r := range text {
		if units <= 0 {
			break
		}
		units -= unitsOf(r)
		n++
	}
	return n
}

// unitOffset gives the number of UTF-16 units before a code point.
func unitOffset(text string, codePoint int) int {
	units := 0
	for _, r := range text {
		if codePoint <= 0 {
			break
		}
		units += unitsOf(r)
		codePoint--
	}
	return units
}

// normal gives text with the line ends that editors have: CodeMirror counts each
// of the three kinds as one unit.
func normal(text string) string {
	if !strings.Contains(text, "\r") {
		return text
	}
	return strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\r", "\n")
}
