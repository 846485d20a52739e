package supervisor

import (
	"fmt"
	"slices"
	"strings"

	"github.com/adabc437/fanout/interp/session"
)

// The bounds of what a ledger keeps and tells.
const (
	keptSources = 4 << 20 // bytes of cells
	namesShown  = 20
)

// A ledger is what the supervisor knows of the session's contents: enough to
// restore it, and to say what was lost. Its user locks it.
type ledger struct {
	declarations []session.Declaration
	variables    []string
	places       places
	lost         []string         // variables that deaths took
	cells        []session.Source // the session's history, by the order of their coming
	cellsSize    int

	sources map[int]string // code by number, for the lines of traces
	numbers []int          // in the order of their coming
	size    int
}

// past is what a new session process takes over.
func (l *ledger) past() session.Past {
	return session.Past{Declarations: slices.Clone(l.declarations), Cells: slices.Clone(l.cells), Lost: slices.Clone(l.lost)}
}

// inherit takes in the past of a session before this one.
func (l *ledger) inherit(past session.Past) {
	l.declare(past.Declarations)
	for _, c := range past.Cells {
		l.ran(session.Cell{Number: c.Number, Code: c.Code, StoreHistory: true})
	}
	l.lose(past.Lost)
}

// lose notes variables that are gone.
func (l *ledger) lose(names []string) {
	for _, n := range names {
		if !slices.Contains(l.lost, n) {
			l.lost = append(l.lost, n)
		}
	}
}

// ran notes a cell's text.
func (l *ledger) ran(cell session.Cell) {
	if cell.StoreHistory && !cell.Silent {
		l.remember(session.Source{Number: cell.Number, Code: cell.Code})
	}
	if l.sources == nil {
		l.sources = map[int]string{}
	}
	if old, ok := l.sources[cell.Number]; ok {
		l.size -= len(old)
	} else {
		l.numbers = append(l.numbers, cell.Number)
	}
	l.sources[cell.Number] = cell.Code
	l.size += len(cell.Code)
	for l.size > keptSources && len(l.numbers) > 1 {
		l.size -= len(l.sources[l.numbers[0]])
		delete(l.sources, l.numbers[0])
		l.numbers = l.numbers[1:]
	}
}

// remember adds a cell to the history, unless it is tried again there.
func (l *ledger) remember(c session.Source) {
	if n := len(l.cells); n > 0 && l.cells[n-1] == c {
		return
	}
	l.cells = append(l.cells, c)
	l.cellsSize += len(c.Code)
	for l.cellsSize > keptSources && len(l.cells) > 1 {
		l.cellsSize -= len(l.cells[0].Code)
		l.cells = l.cells[1:]
	}
}

// record takes in what a cell did.
func (l *ledger) record(r session.Reply) {
	if r.Reset || r.Restart {
		l.declarations, l.lost = nil, nil
	}
	l.variables = r.Variables
	if r.Restart {
		l.variables = nil
		return
	}
	l.declare(r.Declared)
}

// declare adds declarations; a later one takes the place of an earlier one of its
// name.
func (l *ledger) declare(declarations []session.Declaration) {
	for _, d := range declarations {
		same := func(old session.Declaration) bool { return old.Name == d.Name }
		if i := slices.IndexFunc(l.declarations, same); i >= 0 {
			l.declarations[i] = d
		} else {
			l.declarations = append(l.declarations, d)
		}
	}
}

// notes says what the death of the session process costs.
func (l *ledger) notes() []string {
	var notes []string
	if lost := lostNames(l.variables); lost != "" {
		notes = append(notes, lost)
	}
	if len(l.declarations) > 0 {
		return append(notes, "functions and types are declared again; the notebook goes on")
	}
	return append(notes, "the notebook goes on")
}

// lostNames names the variables that a death loses; "" if there are none.
func lostNames(names []string) string {
	if len(names) == 0 {
		return ""
	}
	more := ""
	if n := len(names) - namesShown; n > 1 {
		names, more = names[:namesShown], fmt.Sprintf(" and %d more", n)
	}
	return "variables lost: " + strings.Join(names, ", ") + more
}

// locate adds the cells' own lines to d's positions.
func (l *ledger) locate(d *session.Diagnostic) {
	fill := func(p *session.Position) {
		lines := strings.Split(l.sources[p.Cell], "\n")
		if p.Source == "" && p.Line >= 1 && p.Line <= len(lines) {
			line := lines[p.Line-1]
			p.Source = line
			p.Column = len([]rune(line)) - len([]rune(strings.TrimLeft(line, " \t"))) + 1
		}
	}
	for i := range d.Trace {
		fill(&d.Trace[i].Position)
	}
	if d.Pos != nil {
		fill(d.Pos)
	}
}
