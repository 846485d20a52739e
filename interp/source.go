package interp

import (
	"cmp"
	"errors"
	"fmt"
	"go/types"
	"strings"

	"github.com/adabc437/fanout/interp/cell"
	"github.com/adabc437/fanout/interp/check"
	"github.com/adabc437/fanout/interp/session"
)

// A site is a place in a cell where a magic stands. Lowered code calls it by its
// number.
type site struct {
	name  string
	label string // as the user wrote it
	typ   func(args []types.TypeAndValue) (*types.Signature, error)
	call  func(r *run, args []any) (any, error)

	// A site for devices has these two instead of call.
	translation *translation // of its first argument
	device      func(r *run, t *translation, args []any) (any, error)

	places        []*session.Position // of the Go arguments
	owner         *check.Entity       // the declaration of an earlier cell that it stands in; see lent
	text, written string              // the Go in its place, and what stands in the cell
}

// run runs the magic.
func (s *site) run(r *run, args []any) (any, error) {
	if s.device != nil {
		if !s.translation.optional {
			defer r.holdsDevice()()
		}
		if err := s.translation.holds(args); err != nil {
			return nil, err
		}
		out, err := s.device(r, s.translation, args)
		return out, s.located(err)
	}
	out, err := s.call(r, args)
	return out, s.located(err)
}

// located gives an error of a list the place of that argument.
func (s *site) located(err error) error {
	var in *listDiagnostic
	if !errors.As(err, &in) {
		return err
	}
	n := in.list
	if s.translation != nil {
		n++ // behind the function
	}
	if in.said.Pos == nil && s.owner == nil && n < len(s.places) {
		in.said.Pos = s.places[n]
	}
	return in.said
}

// source makes Go of a cell's pieces: magics become calls.
func (r *run) source(pieces []cell.Piece) (string, *session.Diagnostic) {
	var src cell.Source
	if d := r.expand(&src, pieces); d != nil {
		return "", d
	}
	return src.String(), nil
}

// expand appends the Go of pieces to src.
func (r *run) expand(src *cell.Source, pieces []cell.Piece) *session.Diagnostic {
	for _, p := range pieces {
		if m := r.interp.magics[p.Name]; p.Kind == cell.Magic && m != nil && m.Alone && !helpWanted(p.Args) && !r.alone(pieces) {
			return r.magicError(p.Name, p.Start, fmt.Errorf("%%%s must be alone in its cell: it drops what the cell declares, too", p.Name))
		}
		x := &expansion{run: r, piece: p, src: src}
		var err error
		start, sites := src.Len(), len(r.sites)
		switch p.Kind {
		case cell.Go:
			src.AddFrom(r.markFile(), r.cell.Code, p.Start, p.End)
		case cell.Shell:
			x.call(func(r *run) error { return r.shell(p.Args) })
		case cell.Help:
			x.call(func(r *run) error { return r.help(p.Name, p.Detail) })
		case cell.Magic:
			err = x.magic()
		}
		if err != nil {
			return r.magicError(p.Name, p.Start, err)
		}
		if len(r.sites) > sites {
			s := r.sites[sites]
			s.text, s.written = src.String()[start:], r.cell.Code[p.Start:p.End]
		}
	}
	return nil
}

// oneLine is the magic as the user wrote it, if that is short: for messages.
func (s *site) oneLine() string {
	text, _, _ := strings.Cut(s.written, "//")
	if text = strings.TrimSpace(text); strings.Contains(text, "\n") || len(text) > 60 {
		return s.label
	}
	return text
}

// written is the Go of a cell as the user wrote it, "" if there are no magics in it.
func (r *run) written(text string) string {
	found := false
	text = capturesRE.ReplaceAllStringFunc(text, func(mark string) string { return capturesMark(capturesRE.FindStringSubmatch(mark)[1]) })
	for _, s := range r.sites {
		if s.text != "" && strings.Contains(text, s.text) {
			text, found = strings.Replace(text, s.text, s.written, 1), true
		}
	}
	if !found {
		return ""
	}
	return cell.Directive.ReplaceAllString(text, "")
}

// declaration is a declaration of a cell, to be made again.
func declaration(name string, e *check.Entity) session.Declaration {
	return session.Declaration{
		Name: name, Cell: e.Cell, Line: e.Chunk.Line,
		Source: cmp.Or(e.Chunk.Written, e.Chunk.Text), Magics: e.Chunk.Written != "",
	}
}

// alone says that there is nothing but one magic, blanks and comments.
func (r *run) alone(pieces []cell.Piece) bool {
	magics := 0
	for _, p := range pieces {
		if p.Kind != cell.Go {
			magics++
		} else if chunks, errs := cell.Chunks("", r.cell.Code[p.Start:p.End]); len(chunks) > 0 || len(errs) > 0 {
			return false
		}
	}
	return magics == 1
}

// An expansion is the work of putting Go in the place of one magic.
type expansion struct {
	run   *run
	piece cell.Piece
	src   *cell.Source
}

// magic expands a line magic.
func (x *expansion) magic() error {
	m := x.run.interp.magics[x.piece.Name]
	if m == nil {
		return x.run.interp.unknownMagic(x.piece.Name, "%")
	}
	if helpWanted(x.piece.Args) {
		x.call(func(r *run) error { r.print(m.help()); return nil })
		return nil
	}
	if m.Expand != nil {
		return m.Expand(x)
	}
	if m.Line == nil {
		return fmt.Errorf("%%%s is a cell magic: write %%%%%s on the first line of a cell", m.Name, m.Name)
	}
	args := strings.TrimSpace(x.piece.Args)
	if m.Early {
		if x.run.id == 0 { // the cell is only looked at
			return nil
		}
		return m.Line(x.run, args)
	}
	x.call(func(r *run) error { return m.Line(r, args) })
	return nil
}

// newSite adds a place that lowered code can call.
func (x *expansion) newSite(prefix string) *site {
	s := &site{name: fmt.Sprintf("%s%d", prefix, len(x.run.sites)), label: "%" + x.piece.Name}
	switch x.piece.Kind {
	case cell.Shell:
		s.label = "!" + strings.TrimSpace(x.piece.Args)
	case cell.Help:
		s.label = x.piece.Name + "?"
	}
	x.run.sites = append(x.run.sites, s)
	return s
}

// call puts in a call without arguments or result.
func (x *expansion) call(f func(r *run) error) {
	x.callAs("__magic_", f)
}

func (x *expansion) callAs(prefix string, f func(r *run) error) {
	s := x.newSite(prefix)
	s.typ = func([]types.TypeAndValue) (*types.Signature, error) {
		return types.NewSignatureType(nil, nil, nil, nil, nil, false), nil
	}
	s.call = func(r *run, _ []any) (any, error) { return nil, f(r) }
	x.src.Mark(x.run.markFile(), x.run.cell.Code, x.piece.Start)
	x.src.Add(s.name + "()")
}

// expression puts in a call of the given Go arguments: stretches of the cell,
// each [start,end).
func (x *expansion) expression(s *site, args [][2]int) {
	x.src.Mark(x.run.markFile(), x.run.cell.Code, x.piece.Start)
	x.src.Add(s.name + "(")
	for n, a := range args {
		if n > 0 {
			x.src.Add(", ")
		}
		s.places = append(s.places, x.run.position(a[0]))
		x.src.AddFrom(x.run.markFile(), x.run.cell.Code, a[0], a[1])
	}
	if s.translation != nil {
		x.src.Add(capturesMark(s.name))
	}
	x.src.Add(")")
}

// keepSites remembers the magics of a cell for as long as the session lasts: they
// may stand in functions that later cells call.
func (i *Interp) keepSites(r *run) {
	i.runMu.Lock()
	defer i.runMu.Unlock()
	if len(r.sites) > 0 {
		i.sites[r.id] = r.sites
	}
}

// callSite runs a magic of the run with the given id from lowered code. Its errors
// end the cell.
func (i *Interp) callSite(id, n int, args []any) any {
	i.runMu.Lock()
	r := i.runs[id]
	i.runMu.Unlock()
	if r == nil {
		r = i.current()
	}
	return i.callSiteFor(r, id, n, args)
}

// callSiteFor is callSite with the output of the magic that of run r.
func (i *Interp) callSiteFor(r *run, id, n int, args []any) any {
	i.runMu.Lock()
	sites := i.sites[id]
	i.runMu.Unlock()
	if n < 0 || n >= len(sites) {
		panic(fmt.Errorf("no magic number %d in this cell", n))
	}
	out, err := sites[n].run(r, args)
	if err != nil {
		panic(asDiagnostic(err))
	}
	return out
}

// magicError is a magic's own error at its place in the cell.
func (r *run) magicError(name string, offset int, err error) *session.Diagnostic {
	var d *session.Diagnostic
	if errors.As(err, &d) && (d.Pos != nil || d.Name != session.MagicError) {
		return d
	}
	if d == nil {
		d = &session.Diagnostic{Name: session.MagicError, Message: err.Error()}
	}
	d.Pos = r.position(offset)
	if m := r.interp.magics[name]; m != nil && d.Hint == "" {
		d.Hint = "usage: " + m.usage()
		if len(m.Flags) > 0 {
			d.Hint += fmt.Sprintf("; %s -h lists the flags", m.spelling())
		}
	}
	return d
}

// position is a place in the cell.
func (r *run) position(offset int) *session.Position {
	code := r.cell.Code
	line := 1 + strings.Count(code[:offset], "\n")
	start := strings.LastIndexByte(code[:offset], '\n') + 1
	return &session.Position{Cell: r.cell.Number, Line: line, Column: 1 + len([]rune(code[start:offset])), Source: r.lines(check.FileName(r.cell.Number), line)}
}

// cellMagic runs a cell that begins with %%.
func (r *run) cellMagic(p cell.Piece) *session.Diagnostic {
	m := r.interp.magics[p.Name]
	if m == nil {
		return r.magicError("", p.Start, r.interp.unknownMagic(p.Name, "%%"))
	}
	if helpWanted(p.Args) {
		r.print(m.help())
		return nil
	}
	if m.Cell == nil {
		return r.magicError(p.Name, p.Start, fmt.Errorf("%%%s is a line magic: write it with one %%", m.Name))
	}
	if err := m.Cell(r, p); err != nil {
		return r.magicError(p.Name, p.Start, err)
	}
	return nil
}

func helpWanted(args string) bool {
	f := strings.Fields(args)
	return len(f) == 1 && (f[0] == "-h" || f[0] == "--help")
}

// print shows text as the cell's output.
func (r *run) print(text string) {
	r.emit(session.Event{Kind: session.Stream, Name: "stdout", Text: text})
}
