package mono

import (
	"fmt"
	"go/token"
	"slices"
	"strings"

	"github.com/adabc437/fanout/interp/cell"
	"github.com/adabc437/fanout/interp/check"
)

// A source is the text of a unit and where its chunks lie in it.
type source struct {
	*check.Unit
	starts map[cell.Chunk]int
	at     token.Pos // somewhere in it
}

func newSource(u *check.Unit) *source {
	s := &source{Unit: u, starts: map[cell.Chunk]int{}}
	s.at = u.Body.Lbrace
	at := 0
	for _, statements := range []bool{false, true} {
		for _, c := range slices.Concat(u.Again, u.Chunks) {
			if c.Kind == cell.Import || c.Kind == cell.Package || (c.Kind == cell.Stmt) != statements {
				continue
			}
			if n := strings.Index(u.Text[at:], c.Text); n >= 0 {
				s.starts[c] = at + n
				at += n + len(c.Text)
			}
		}
	}
	return s
}

// offset is the place of a position in the text.
func (s *source) offset(p token.Pos) int { return s.Fset.PositionFor(p, false).Offset }

// An edit puts text in the place of a stretch of the unit's.
type edit struct {
	start, end int
	text       string
}

// edited is text[start:end] with edits made. Behind each the place is told, so that
// what follows keeps its own; file is the unit that it is told for.
func (s *source) edited(start, end int, edits []edit, file string) string {
	slices.SortStableFunc(edits, func(a, b edit) int { return a.start - b.start })
	var b strings.Builder
	at := start
	f := s.Fset.File(s.at)
	for _, e := range edits {
		if e.start < at || e.end > end {
			continue
		}
		b.WriteString(s.Text[at:e.start])
		b.WriteString(e.text)
		at = e.end
		p := s.Fset.Position(f.Pos(at))
		if n, ok := check.CellOf(p.Filename); ok {
			fmt.Fprintf(&b, "/*line %s/%s:%d:%d*/", check.FileName(n), file, p.Line, p.Column)
		}
	}
	b.WriteString(s.Text[at:end])
	return b.String()
}
