package interp

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"html"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/adabc437/fanout/interp/check"
	"github.com/adabc437/fanout/interp/session"
)

// A raceFinding is a race as the user sees it: two lines of cells, and how often the
// detector saw them meet.
type raceFinding struct {
	a, b  raceSide
	what  string // the variable, if that can be told from the lines
	count int
}

// A raceSide is one of the accesses.
type raceSide struct {
	does    string            // reads, writes
	at      *session.Position // nil if no cell is on the stack
	through string            // the function of a package that did it for the line
	who     string            // the goroutine, and where it was started
}

// findings makes of the detector's reports what the user sees: one for each pair of
// places.
func (r *run) findings(reports []raceReport, lines raceLines) (list []raceFinding) {
	at := map[string]int{}
	for _, rep := range reports {
		f := raceFinding{a: r.raceSide(rep.accesses[0]), b: r.raceSide(rep.accesses[1]), count: 1}
		if f.a.does == "reads" && f.b.does == "writes" || f.a.does == "atomically reads" {
			f.a, f.b = f.b, f.a // the write first
		}
		key := []string{f.a.place(), f.b.place()}
		slices.Sort(key)
		if k, ok := at[key[0]+"\x00"+key[1]]; ok {
			list[k].count++
			continue
		}
		at[key[0]+"\x00"+key[1]] = len(list)
		f.what = lines.common(f.a, f.b)
		list = append(list, f)
	}
	return list
}

// Who makes an access.
const (
	startedAt   = "the goroutine started at " // a place follows
	workerOfMap = "a worker of the map"
)

// place tells sides apart.
func (s raceSide) place() string {
	if s.at == nil {
		return s.through
	}
	return lineOf(*s.at) + s.through
}

// raceSide says of an access what the user needs to know.
func (r *run) raceSide(a raceAccess) raceSide {
	s := raceSide{does: "reads"}
	if a.write {
		s.does = "writes"
	}
	if a.atomic {
		s.does = "atomically " + s.does
	}
	for _, f := range a.stack {
		if p := r.raceFrame(f); p != nil {
			s.at = p
			break
		}
		if !strings.HasPrefix(f.function, "runtime.") && !strings.HasPrefix(f.function, "internal/") && !ownFrame(f.function) {
			s.through = shortFunction(f.function)
		}
	}
	if s.at == nil && len(a.stack) > 0 { // only inside a library: the innermost says most
		s.through = fmt.Sprintf("%s (%s:%d)", shortFunction(a.stack[0].function), a.stack[0].file, a.stack[0].line)
	}
	s.who = "the main goroutine"
	if a.goroutine != "main goroutine" {
		s.who = "a goroutine"
		var worker bool
		for _, f := range a.created {
			worker = worker || strings.HasPrefix(f.function, modulePath+"parallel.")
			if p := r.raceFrame(f); p != nil {
				s.who = startedAt + inLine(*p)
				break
			}
		}
		if worker {
			s.who = workerOfMap
		}
	}
	return s
}

// shortFunction is a function without the path of its package.
func shortFunction(name string) string {
	return strings.ReplaceAll(name[strings.LastIndexByte(name, '/')+1:], "[...]", "")
}

// ownFrame says of a function that it is the program's machinery.
func ownFrame(function string) bool {
	return strings.HasPrefix(function, "fanout.session/") || strings.HasPrefix(function, modulePath) || strings.HasPrefix(function, "reflect.") || strings.HasPrefix(function, "main.")
}

var raceFileRE = regexp.MustCompile(`^In\[(\d+)\]$`)

// raceFrame is where in the cells a frame of the program is; nil if it is in none.
func (r *run) raceFrame(f dumpFrame) *session.Position {
	if !raceFileRE.MatchString(f.file) || f.line < 1 {
		return nil
	}
	n, _ := check.CellOf(f.file)
	return r.linePlace(n, f.line)
}

// inLine is a place in the words of a sentence.
func inLine(p session.Position) string { return fmt.Sprintf("In[%d] line %d", p.Cell, p.Line) }

// text is a side in a sentence, with what stands for what it does it to.
func (s raceSide) text(what string) string {
	where := "code of a package"
	if s.at != nil {
		where = inLine(*s.at)
	}
	text := where + " " + s.does + " " + what
	if s.through != "" {
		text += ", in " + s.through
	}
	return text
}

// sentence says what a race is about; quote marks the name of a variable.
func (f raceFinding) sentence(quote func(string) string) string {
	what, it := "memory", "the same memory"
	if f.what != "" {
		what, it = quote(f.what), "it"
	}
	other := f.b.who
	if other == f.a.who {
		switch {
		case other == workerOfMap:
			other = "another worker"
		case strings.HasPrefix(other, startedAt):
			other = "another one started there"
		default:
			other = "another goroutine"
		}
	}
	return fmt.Sprintf("%s (%s) while %s (%s), and nothing orders the two", f.a.text(what), f.a.who, f.b.text(it), other)
}

// What a report teaches.
const (
	raceMeans   = "A data race: two goroutines use the same memory at the same time, at least one of them writes, and nothing (no lock, no channel, no wait) says which comes first. Then one may undo what the other does, or see half of it; the result differs from run to run, and tests may pass by luck."
	raceNone    = "No data race was seen in this run."
	raceNoneHow = "The race detector sees only what runs: goroutines that did not meet, and branches that were not taken, were not looked at. Give the program more work, or run it again, to look at more."
)

// raceRemedies are the ways out: what it is, an example, and when it fits.
func raceRemedies() [][]string {
	return [][]string{
		{"mutex", "mu.Lock(); n++; mu.Unlock()", "one goroutine at a time may touch it: fits everything, maps and structs too"},
		{"atomic", "var n atomic.Int64; n.Add(1)", "one number or pointer: the fastest of what is shared"},
		{"channel", "results <- x", "send the values to one goroutine, which alone has the variable"},
		{"one each", "sums[worker] += x", "a variable for each worker or task, put together after the wait; a map's results are that already"},
	}
}

// maxFindings is how many races a report shows.
const maxFindings = 20

// raceText is the report as text.
func raceText(list []raceFinding) string {
	if len(list) == 0 {
		return raceNone + "\n" + raceNoneHow
	}
	var b strings.Builder
	b.WriteString(raceTitle(list) + "\n")
	for n, f := range list[:min(len(list), maxFindings)] {
		fmt.Fprintf(&b, "\n%d. %s%s\n", n+1, f.sentence(func(s string) string { return "`" + s + "`" }), seen(f.count))
		for _, s := range f.sides() {
			if s.at != nil {
				fmt.Fprintf(&b, "     %-7s %s:%d | %s\n", s.does, check.FileName(s.at.Cell), s.at.Line, strings.TrimSpace(s.at.Source))
			}
		}
	}
	if more := len(list) - maxFindings; more > 0 {
		fmt.Fprintf(&b, "\nand %d more\n", more)
	}
	b.WriteString("\n" + raceMeans + "\n\nWhat mends it:\n")
	for _, row := range raceRemedies() {
		fmt.Fprintf(&b, "  %-9s %-28s %s\n", row[0], row[1], row[2])
	}
	return strings.TrimRight(b.String(), "\n")
}

// sides are the two accesses.
func (f raceFinding) sides() []raceSide { return []raceSide{f.a, f.b} }

func raceTitle(list []raceFinding) string {
	if len(list) == 1 {
		return "1 data race"
	}
	return fmt.Sprintf("%d data races", len(list))
}

func seen(count int) string {
	if count == 1 {
		return ""
	}
	return fmt.Sprintf(" (seen %d times)", count)
}

// raceHTML is the report for a notebook, in the colours of the page.
func raceHTML(list []raceFinding) string {
	esc := html.EscapeString
	var b strings.Builder
	if len(list) == 0 {
		b.WriteString(`<div style="border-left:.3em solid #009E73;padding:.2em .8em"><b>` + esc(raceNone) + `</b><div style="opacity:.75">` + esc(raceNoneHow) + `</div></div>`)
		return b.String()
	}
	code := func(s string) string { return `<code style="background:none;color:inherit">` + esc(s) + `</code>` }
	b.WriteString(`<div><b>` + esc(raceTitle(list)) + `</b>`)
	for n, f := range list[:min(len(list), maxFindings)] {
		sentence := f.sentence(func(s string) string { return "\x00" + s + "\x00" })
		parts := strings.Split(sentence, "\x00")
		for k, p := range parts {
			if parts[k] = esc(p); k%2 == 1 {
				parts[k] = code(p)
			}
		}
		fmt.Fprintf(&b, `<div style="border-left:.3em solid #D55E00;padding:.2em .8em;margin:.6em 0"><div>%d. %s%s</div><table style="border-collapse:collapse;font-size:inherit;margin:.3em 0">`, n+1, strings.Join(parts, ""), esc(seen(f.count)))
		for _, s := range f.sides() {
			if s.at == nil {
				continue
			}
			fmt.Fprintf(&b, `<tr><td style="text-align:left;padding:.1em .6em;white-space:nowrap"><span style="border-bottom:.15em solid %s">%s</span></td><td style="text-align:left;padding:.1em .6em;white-space:nowrap;opacity:.75">%s</td><td style="text-align:left;padding:.1em .6em;white-space:pre">%s</td></tr>`,
				raceColour(s.does), esc(s.does), esc(inLine(*s.at)), code(strings.TrimSpace(s.at.Source)))
		}
		b.WriteString("</table></div>")
	}
	if more := len(list) - maxFindings; more > 0 {
		fmt.Fprintf(&b, "<div>and %d more</div>", more)
	}
	b.WriteString(`<details open><summary>What this means, and what mends it</summary><div style="max-width:60em;padding:.3em 0">` + esc(raceMeans) + `</div><table style="border-collapse:collapse;font-size:inherit">`)
	for _, row := range raceRemedies() {
		fmt.Fprintf(&b, `<tr><th style="text-align:left;padding:.1em .6em;white-space:nowrap">%s</th><td style="text-align:left;padding:.1em .6em;white-space:nowrap">%s</td><td style="text-align:left;padding:.1em .6em">%s</td></tr>`, esc(row[0]), code(row[1]), esc(row[2]))
	}
	b.WriteString("</table></details></div>")
	return b.String()
}

// raceColour is the colour of a kind of access, of Okabe and Ito's.
func raceColour(does string) string {
	if strings.HasSuffix(does, "writes") {
		return "#D55E00"
	}
	return "#56B4E9"
}

// raceLines holds what the lines of a program write and read, by places such as In[3]:2.
type raceLines map[string]*lineUses

type lineUses struct{ writes, reads []string }

// readLines lists what the lines of cells in a program's files do.
func readLines(files map[string][]byte) raceLines {
	lines := raceLines{}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		fset := token.NewFileSet()
		f, err := parser.ParseFile(fset, name, files[name], parser.SkipObjectResolution)
		if err != nil {
			continue // which the compiler has said
		}
		note := func(e ast.Expr, write bool) {
			p := fset.Position(e.Pos())
			n, ok := check.CellOf(p.Filename[strings.LastIndexByte(p.Filename, '/')+1:])
			if id, isName := e.(*ast.Ident); !ok || isName && id.Name == "_" {
				return
			}
			at := fmt.Sprintf("%s:%d", check.FileName(n), p.Line)
			if lines[at] == nil {
				lines[at] = &lineUses{}
			}
			text := string(files[name][fset.PositionFor(e.Pos(), false).Offset:fset.PositionFor(e.End(), false).Offset])
			if strings.Contains(text, "/*line ") || strings.Contains(text, "\n") {
				text = types.ExprString(e)
			}
			if write {
				lines[at].writes = append(lines[at].writes, text)
			} else {
				lines[at].reads = append(lines[at].reads, text)
			}
		}
		ast.Inspect(f, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.AssignStmt:
				for _, e := range n.Lhs {
					note(e, true)
				}
			case *ast.IncDecStmt:
				note(n.X, true)
			case *ast.RangeStmt:
				for _, e := range []ast.Expr{n.Key, n.Value} {
					if e != nil {
						note(e, true)
					}
				}
			case *ast.CallExpr:
				if id, ok := n.Fun.(*ast.Ident); ok && len(n.Args) > 0 && (id.Name == "delete" || id.Name == "clear" || id.Name == "copy") {
					note(n.Args[0], true)
				}
			case *ast.Ident:
				note(n, false)
			case *ast.SelectorExpr:
				note(n, false)
			case *ast.IndexExpr:
				note(n, false)
			case *ast.StarExpr:
				note(n, false)
			}
			return true
		})
	}
	return lines
}

// common is what two sides both use and one of them writes, if that is one thing.
func (l raceLines) common(a, b raceSide) string {
	if a.at == nil || b.at == nil {
		return ""
	}
	ua, ub := l[lineOf(*a.at)], l[lineOf(*b.at)]
	if ua == nil || ub == nil {
		return ""
	}
	if !strings.HasSuffix(a.does, "writes") || a.through != "" || b.through != "" {
		return ""
	}
	other := slices.Concat(ub.writes, ub.reads)
	if strings.HasSuffix(b.does, "writes") {
		other = ub.writes
	}
	for _, key := range []func(string) string{func(s string) string { return s }, withoutIndices, rootOf, fieldOf} {
		var found []string
		for _, w := range ua.writes {
			if slices.ContainsFunc(other, func(o string) bool { return key(o) != "" && key(o) == key(w) }) && !slices.Contains(found, w) {
				found = append(found, w)
			}
		}
		if len(found) == 1 {
			return found[0]
		}
		if len(found) > 1 {
			return ""
		}
	}
	return ""
}

var indexRE = regexp.MustCompile(`\[[^\[\]]*\]`)

// withoutIndices is an expression but for what stands in brackets: xs[i] and xs[j] are
// the same.
func withoutIndices(s string) string { return indexRE.ReplaceAllString(s, "[]") }

// rootOf is what an element or a field belongs to.
func rootOf(s string) string {
	root, _, _ := strings.Cut(withoutIndices(s), "[]")
	return strings.TrimLeft(root, "*&")
}

// fieldOf is the field at the end of an expression: t.n and c.n may be the same.
func fieldOf(s string) string {
	if dot := strings.LastIndexByte(s, '.'); dot >= 0 {
		return s[dot:]
	}
	return ""
}
