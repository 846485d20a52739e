package check

import (
	"fmt"
	"go/token"
	"go/types"
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

// written puts what the user wrote in the place of the call that a magic has become.
func (c *checker) written(msg string) string {
	const begin = "__magic_"
	for at := strings.Index(msg, begin); at >= 0; at = strings.Index(msg, begin) {
		name, rest, _ := strings.Cut(msg[at:], "(")
		i := slices.IndexFunc(c.in.Calls, func(call Call) bool { return call.Name == name && call.Written != "" })
		end := closing(rest)
		if i < 0 || end < 0 {
			break
		}
		msg = msg[:at] + c.in.Calls[i].Written + rest[end+1:]
	}
	return msg
}

// closing is where the parenthesis ends that text is in, or -1.
func closing(text string) int {
	depth := 0
	for i, r := range text {
		switch r {
		case '(':
			depth++
		case ')':
			if depth--; depth < 0 {
				return i
			}
		}
	}
	return -1
}

// clean is a message in the user's words.
func (c *checker) clean(msg string) string {
	msg = c.written(msg)
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
var versionsRE = regexp.MustCompile(`type (\S+)\) (?:as|to type) (\S+)(?: value|$)`)

func (c *checker) diagnose(name string, pos token.Position, msg string) *session.Diagnostic {
	d := &session.Diagnostic{Name: name, Message: c.clean(msg), Pos: Position(pos, c.in.Lines)}
	source := ""
	if d.Pos != nil {
		source = d.Pos.Source
	}
	d.Hint = c.hint(msg, source)
	if d.Hint == "" && source != "" {
		d.Hint = Habit(d.Message, source)
	}
	if name, ok := strings.CutPrefix(msg, "undefined: "); ok && d.Hint == "" && assigned(name, source) {
		d.Hint = fmt.Sprintf("a variable is declared with :=, as in %s := 5", name)
	}
	return d
}

// assigned says that a line assigns to a name, as in x = 5 or x, y = 1, 2.
func assigned(name, line string) bool {
	left, right, ok := strings.Cut(line, "=")
	if !ok || strings.HasPrefix(right, "=") {
		return false
	}
	for n := range strings.SplitSeq(left, ",") {
		if !token.IsIdentifier(strings.TrimSpace(n)) {
			return false
		}
	}
	return slices.Contains(strings.Fields(strings.ReplaceAll(left, ",", " ")), name)
}

// memberRE finds a selection from something that has no such member.
var memberRE = regexp.MustCompile(`^(\w+)\.\w+ undefined \(`)

// hint says what may be right instead, on a line of the given text.
func (c *checker) hint(msg, line string) string {
	if m := memberRE.FindStringSubmatch(msg); m != nil {
		if p, isPkg := c.Packages[m[1]]; isPkg && c.scope.Lookup(m[1]) != nil {
			return fmt.Sprintf("%s is a variable of the session, which hides the package; import %q brings the package back", m[1], p)
		}
	}
	if rest, ok := strings.CutPrefix(msg, "undefined: "); ok {
		if slices.Contains(c.Lost, rest) {
			return rest + " was lost when its session process ended: run the cell again that declares it"
		}
		if n := c.Refused[rest]; n > 0 {
			return fmt.Sprintf("In[%d], which was refused, declares %s: mend that cell and run it", n, rest)
		}
		if _, isPkg := c.packages()[rest]; isPkg {
			return rest + " is a package; name what you want of it, as in " + rest + ".Name"
		}
		if h := Habit(msg, ""); h != "" {
			return h
		}
		if f := c.function(rest, line); f != "" {
			return fmt.Sprintf("did you mean %s?", f)
		}
		return c.near(rest)
	}
	if m := versionsRE.FindStringSubmatch(msg); m != nil && m[1] == m[2] {
		return "there are two versions of " + internal.Replace(m[1]) + ": run the cells again that declare what still uses the earlier one"
	}
	return ""
}

// common are the packages whose functions are thought of first.
var common = []string{
	"math", "strings", "fmt", "sort", "slices", "maps", "strconv", "os", "time", "errors", "bytes", "unicode", "math/rand", "path/filepath", "sync",
	"gonum.org/v1/gonum/stat", "gonum.org/v1/gonum/floats",
}

// function finds the function of a package that a call of an undefined name on a
// line may have meant, as math.Sqrt by sqrt, or "".
func (c *checker) function(name, line string) string {
	if strings.Contains(name, ".") || !strings.Contains(line, name+"(") && !strings.HasPrefix(line, "%") {
		return ""
	}
	for _, e := range c.scope.Entities() {
		if strings.EqualFold(e.Name, name) {
			return ""
		}
	}
	known := c.packages()
	for _, path := range common {
		p, err := c.Importer.Import(path)
		if err != nil || known[p.Name()] != path {
			continue
		}
		for _, n := range p.Scope().Names() {
			if _, isFunc := p.Scope().Lookup(n).(*types.Func); isFunc && strings.EqualFold(n, name) {
				return p.Name() + "." + n
			}
		}
	}
	return ""
}

// near suggests what an undefined name may have been meant to be.
func (c *checker) near(name string) string {
	if pkg, member, ok := strings.Cut(name, "."); ok {
		if path, known := c.packages()[pkg]; known {
			if p, err := c.Importer.Import(path); err == nil {
				if best := Closest(member, p.Scope().Names()); best != "" {
					return fmt.Sprintf("did you mean %s.%s?", pkg, best)
				}
			}
		}
		return ""
	}
	ours := c.visible()
	for _, e := range c.scope.Entities() {
		ours = append(ours, e.Name)
	}
	own := types.Universe.Names()
	for n := range c.Predeclared {
		own = append(own, n)
	}
	var packages []string
	for n := range c.packages() {
		if len(n) > 3 {
			packages = append(packages, n)
		}
	}
	for _, names := range [][]string{ours, own, packages} {
		if best := Closest(name, names); best != "" {
			return fmt.Sprintf("did you mean %s?", best)
		}
	}
	return ""
}

// visible are the names that the cell itself declares and that can be used at the
// place of the error.
func (c *checker) visible() []string {
	var names []string
	for _, d := range c.unit.Decls {
		names = append(names, d.Names...)
	}
	if c.unit.Info == nil {
		return names
	}
	for _, s := range c.unit.Info.Scopes {
		if !s.Contains(c.errorAt) {
			continue
		}
		for _, n := range s.Names() {
			if s.Lookup(n).Pos() < c.errorAt {
				names = append(names, n)
			}
		}
	}
	return names
}

// Closest finds the name with the least edit distance, at most what slips of the
// hand make of a name of that length; of several, the one that begins and ends most
// alike. Upper and lower case count as the same in the first letter, or where
// nothing else differs.
func Closest(name string, names []string) string {
	best, at, alike := "", slips(len(name))+1, 0
	for _, n := range names {
		d := 0
		if !strings.EqualFold(name, n) {
			d = distance(lowerFirst(name), lowerFirst(n))
		}
		if n == name || d > at || d == at && best == "" {
			continue
		}
		ends := commonPrefix(name, n) + commonPrefix(reversed(name), reversed(n))
		if d < at || ends > alike || ends == alike && n < best {
			best, at, alike = n, d, ends
		}
	}
	return best
}

// slips is how many edits make a mistyped name of one, and not another word.
func slips(length int) int {
	switch {
	case length < 3:
		return 0
	case length < 8:
		return 1
	case length < 13:
		return 2
	}
	return 3
}

func lowerFirst(s string) string {
	_, size := utf8.DecodeRuneInString(s)
	return strings.ToLower(s[:size]) + s[size:]
}

func commonPrefix(a, b string) int {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return n
}

func reversed(s string) string {
	b := []byte(s)
	slices.Reverse(b)
	return string(b)
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
