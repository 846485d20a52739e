package interp

import (
	"go/parser"
	"go/token"
	"go/types"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/adabc437/fanout/interp/cell"
	"github.com/adabc437/fanout/interp/check"
	"github.com/adabc437/fanout/interp/session"
)

// Running a cell again.
//
// A compiled cell that declares what is declared already, in the same words and over
// the same names, leaves it as it is: types stay the same types, so that values made
// before still have them, also inside interfaces. Only their places are new.

// unchanged parts chunks into those that declare something new and those that say
// again what holds already.
func (i *Interp) unchanged(chunks []cell.Chunk) (fresh, same []cell.Chunk) {
	if i.native == nil {
		return chunks, nil
	}
	// is holds the names that chunks declare; true for what is as before.
	is := map[string]bool{}
	var candidates []cell.Chunk
	for _, c := range chunks {
		switch c.Kind {
		case cell.Package:
			return chunks, nil
		case cell.Import:
			if !i.imported(c.Text) {
				return chunks, nil
			}
		case cell.Stmt:
		default:
			names := cell.Names(c)
			as := len(names) > 0 && !slices.ContainsFunc(names, func(n string) bool {
				e := i.scope.Lookup(n)
				_, twice := is[n]
				return twice || n == "_" || n == "init" || n == "main" || e == nil || e.Chunk == nil || e.Chunk.Kind != c.Kind || e.Chunk.Text != c.Text
			})
			for _, n := range names {
				is[n] = as
			}
			if as {
				candidates = append(candidates, c)
			}
		}
	}
	// What uses something new is new, and so is a type with its methods as a whole.
	for again := true; again; {
		again = false
		for _, c := range candidates {
			for _, n := range cell.Names(c) {
				if is[n] && !i.still(n, is) {
					for _, n := range cell.Names(c) {
						is[n] = false
					}
					again = true
				}
			}
		}
	}
	for _, c := range chunks {
		names := cell.Names(c)
		if len(names) > 0 && c.Kind != cell.Stmt && !slices.ContainsFunc(names, func(n string) bool { return !is[n] }) {
			same = append(same, c)
		} else {
			fresh = append(fresh, c)
		}
	}
	return fresh, same
}

// still says that an entity is as before, given which names that a cell declares are.
func (i *Interp) still(name string, is map[string]bool) bool {
	e := i.scope.Lookup(name)
	for used, o := range e.Uses {
		if as, declared := is[used]; declared && !as || !i.means(used, o) {
			return false
		}
	}
	base, _, isMethod := strings.Cut(name, ".")
	if isMethod {
		as, declared := is[base]
		return as || !declared
	}
	for n, as := range is { // its methods
		if b, _, ok := strings.Cut(n, "."); ok && b == base && !as {
			return false
		}
	}
	return true
}

// means says that a name stands for the same as when it stood for o. It does not if
// what uses it was kept when the name got another meaning, or was of Go's own.
func (i *Interp) means(name string, o types.Object) bool {
	now := i.scope.Lookup(name)
	switch p, isPkg := o.(*types.PkgName); {
	case isPkg:
		path, ok := i.scope.Imports()[name]
		if !ok {
			path = i.checker.Packages[name]
		}
		return now == nil && path == p.Imported().Path()
	case !ofSession(o):
		_, imported := i.scope.Imports()[name]
		return now == nil && !imported
	case now == nil:
		return false
	}
	if _, isVar := o.(*types.Var); isVar {
		return now.IsVar() && types.Identical(now.Obj.Type(), o.Type())
	}
	return now.Obj == o
}

// changed says that chunks are not the same after all: the cell's statements declare a
// variable that they use, of a type with which they do not fit.
var changed = &session.Diagnostic{}

// usesOf is what the names in chunks stand for that hold already.
func (i *Interp) usesOf(same []cell.Chunk) map[string]types.Object {
	uses := map[string]types.Object{}
	for _, c := range same {
		for _, n := range cell.Names(c) {
			maps.Copy(uses, i.scope.Lookup(n).Uses)
		}
	}
	return uses
}

// redefines says that a unit declares variables by names that stand for packages or for
// what is Go's own in uses. (What uses a name of the session is declared again with it.)
func redefines(unit *check.Unit, uses map[string]types.Object) bool {
	return slices.ContainsFunc(unit.Locals, func(v *types.Var) bool {
		o := uses[v.Name()]
		return o != nil && !ofSession(o)
	})
}

// ofSession says that the session has declared an object.
func ofSession(o types.Object) bool {
	_, isPkg := o.(*types.PkgName)
	return !isPkg && o.Pkg() != nil && o.Pkg().Path() == "main"
}

// imported says that the session has an import already, under the same name.
func (i *Interp) imported(text string) bool {
	f, err := parser.ParseFile(token.NewFileSet(), "", "package p\n"+text, parser.ImportsOnly)
	if err != nil {
		return false
	}
	for _, s := range f.Imports {
		p, err := strconv.Unquote(s.Path.Value)
		if err != nil {
			return false
		}
		name := path.Base(p)
		if s.Name != nil {
			name = s.Name.Name
		}
		if now, ok := i.scope.Imports()[name]; ok && now != p || !ok && i.checker.Packages[name] != p {
			return false
		}
	}
	return true
}

// A move says that lines of a cell stand in another cell now.
type move struct {
	from, lines int // the first line, and how many
	cell, line  int // where that is now
}

// again takes note that a cell has declared the same again. The caller holds the
// session's lock.
func (r *run) again(same []cell.Chunk) {
	i := r.interp
	if len(same) == 0 {
		return
	}
	moves := map[int][]move{}
	if old := i.moves.Load(); old != nil {
		for n, list := range *old {
			moves[n] = slices.Clone(list)
		}
	}
	for _, c := range same {
		n, ok := check.CellOf(c.File)
		if !ok {
			n = r.cell.Number
		}
		for k, name := range cell.Names(c) {
			e := i.scope.Lookup(name)
			if old, ok := check.CellOf(e.Chunk.File); ok && k == 0 && n > old {
				m := move{e.Chunk.Line, 1 + strings.Count(c.Text, "\n"), n, c.Line}
				moves[old] = append(slices.DeleteFunc(moves[old], func(o move) bool { return o.from == m.from }), m)
			}
			now := c
			now.File = check.FileName(n)
			moved := *e
			moved.Chunk, moved.Cell = &now, n
			i.scope.Declare(&moved)
			if k == 0 {
				r.reply.Declared = append(r.reply.Declared, session.Declaration{Name: declarationName(&moved), Cell: n, Source: c.Text, Line: c.Line})
			}
		}
	}
	i.moves.Store(&moves)
}

// declarationName is what an entity's declaration goes by: a group by its place.
func declarationName(e *check.Entity) string {
	if len(cell.Names(*e.Chunk)) > 1 {
		return e.Chunk.File + ":" + strconv.Itoa(e.Chunk.Line) + ":" + strconv.Itoa(e.Chunk.Col)
	}
	return e.Name
}

// moved is where a line of a cell is now, if it was declared again.
func (i *Interp) moved(n, line int) (int, int) {
	moves := i.moves.Load()
	if moves == nil {
		return n, line
	}
next:
	for {
		for _, m := range (*moves)[n] {
			if line >= m.from && line < m.from+m.lines {
				n, line = m.cell, m.line+line-m.from
				continue next
			}
		}
		return n, line
	}
}
