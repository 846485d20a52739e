package check

import (
	"fmt"
	"go/token"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/adabc437/fanout/interp/session"
)

// FileName is the name that cell n has in positions.
func FileName(n int) string { return fmt.Sprintf("In[%d]", n) }

// CellOf reads n out of a position's file name.
func CellOf(file string) (n int, ok bool) {
	_, err := fmt.Sscanf(file, "In[%d]", &n)
	return n, err == nil
}

// Position turns a token.Position into one that users see: the column in code
// points, the line's text beside it.
func Position(p token.Position, lines func(file string, line int) string) *session.Position {
	n, ok := CellOf(p.Filename)
	if !ok {
		return nil
	}
	out := &session.Position{Cell: n, Line: p.Line, Column: p.Column}
	if lines != nil {
		out.Source = lines(p.Filename, p.Line)
		if i := p.Column - 1; i >= 0 && i <= len(out.Source) {
			out.Column = 1 + utf8.RuneCountInString(out.Source[:i])
		}
	}
	return out
}

// internal maps our own names in messages to what the user wrote.
var internal = strings.NewReplacer("main.", "")

// magicRE finds the stand-in of a magic in a message.
var magicRE = regexp.MustCompile(`__magic_(?:end_)?\d+(\(\))?`)

// clean is a message in the user's words.
func (c *checker) clean(msg string) string {
	return internal.Replace(magicRE.ReplaceAllStringFunc(msg, func(s string) string {
		for _, call := range c.in.Calls {
			if call.Name == strings.TrimSuffix(s, "()") && call.Label != "" {
				return call.Label
			}
		}
		return "the magic"
	}))
}

// versionsRE finds a message in which two versions of a type meet.
var versionsRE = regexp.MustCompile(`type (\S+)\) as (\S+) value`)

func (c *checker) diagnose(name string, pos token.Position, msg string) *session.Diagnostic {
	d := &session.Diagnostic{Name: name, Message: c.clean(msg), Pos: Position(pos, c.in.Lines)}
	d.Hint = c.hint(msg)
	if d.Hint == "" && d.Pos != nil {
		d.Hint = Habit(d.Message, d.Pos.Source)
	}
	return d
}

// memberRE finds a selection from something that has no such member.
var memberRE = regexp.MustCompile(`^(\w+)\.\w+ undefined \(`)

// hint says what may be right instead.
func (c *checker) hint(msg string) string {
	if m := memberRE.FindStringSubmatch(msg); m != nil {
		if p, isPkg := c.Packages[m[1]]; isPkg && c.scope.Lookup(m[1]) != nil {
			return fmt.Sprintf("%s is a variable of the session, which hides the package; import %q brings the package back", m[1], p)
		}
	}
	if rest, ok := strings.CutPrefix(msg, "undefined: "); ok {
		if slices.Contains(c.Lost, rest) {
			return rest + " was lost when its session process ended: run the cell again that declares it"
		}
		if _, isPkg := c.packages()[rest]; isPkg {
			return rest + " is a package; name what you want of it, as in " + rest + ".Name"
		}
		return c.near(rest)
	}
	if m := versionsRE.FindStringSubmatch(msg); m != nil && m[1] == m[2] {
		return "there are two versions of " + internal.Replace(m[1]) + ": run the cells again that declare what still uses the earlier one"
	}
	return ""
}

// near suggests what an undefined name may have been meant to be.
func (c *checker) near(name string) string {
	if pkg, member, ok := strings.Cut(name, "."); ok {
		if path, known := c.packages()[pkg]; known {
			if p, err := c.Importer.Import(path); err == nil {
				if best := closest(member, p.Scope().Names()); best != "" {
					return fmt.Sprintf("did you mean %s.%s?", pkg, best)
				}
			}
		}
		return ""
	}
	var names []string
	for _, e := range c.scope.Entities() {
		names = append(names, e.Name)
	}
	for n := range c.Predeclared {
		names = append(names, n)
	}
	for n := range c.packages() {
		if len(n) > 3 {
			names = append(names, n)
		}
	}
	if best := closest(name, names); best != "" {
		return fmt.Sprintf("did you mean %s?", best)
	}
	return ""
}

// closest finds the name with the least edit distance, at most a third of the
// length.
func closest(name string, names []string) string {
	best, at := "", len(name)/3+1
	for _, n := range names {
		d := distance(strings.ToLower(name), strings.ToLower(n))
		if n != name && d < at || d == at && n < best && best != "" {
			best, at = n, d
		}
	}
	return best
}

// distance is the Damerau–Levenshtein distance of two short names, adjacent
// transpositions counted as one edit.
func distance(a, b string) int {
	prev2, prev, cur := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range prev {
		prev[j] = j
	}
	for i := 1; i <= len(a); i++ {
		cur[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			cur[j] = min(prev[j]+1, cur[j-1]+1, prev[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				cur[j] = min(cur[j], prev2[j-2]+1)
			}
		}
		prev2, prev, cur = prev, cur, prev2
	}
	return prev[len(b)]
}
