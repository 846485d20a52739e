package interp

import (
	"context"
	"go/ast"
	"go/parser"
	"go/scanner"
	"go/token"
	"strings"

	"github.com/adabc437/fanout/interp/cell"
	"github.com/adabc437/fanout/interp/check"
	"github.com/adabc437/fanout/interp/session"
)

// cursorName stands for the name that is being typed.
const cursorName = "fanoutCursor"

// argsName stands for a magic in whose Go arguments the cursor lies.
const argsName = "fanoutArguments"

// A cursor is a place in a cell that may be half typed, and what is known of it.
type cursor struct {
	unit *check.Unit
	file *ast.File
	// path are the nodes around the cursor, the identifier itself first.
	path []ast.Node
	// clause says that only case or default can stand there.
	clause bool
}

// parent is the n-th node around the identifier, or nil.
func (c *cursor) parent(n int) ast.Node {
	if n+1 < len(c.path) {
		return c.path[n+1]
	}
	return nil
}

func (c *cursor) pos() token.Pos { return c.path[0].Pos() }

// endings are what may make a statement of one whose rest is not typed yet.
var endings = []string{"", " {}", ",", ":", "()", " = 0", " := 0"}

// maxWhole bounds the cells of which the text behind the cursor is read, too.
const maxWhole = 256 << 10

// at checks code with a name in place of code[start:end], as well as it can be: the
// whole cell if it makes sense, else what stands before the cursor with its
// brackets closed, else the cursor's line behind the statements above that parse.
// It is nil where no name can stand, as within a string.
func (i *Interp) at(code string, start, end int) *cursor {
	if !i.inGo(code[:start]) {
		return nil
	}
	before := code[:start] + cursorName
	var texts []string
	if len(code) <= maxWhole {
		for _, e := range endings {
			texts = append(texts, before+e+code[end:])
		}
	}
	for _, e := range endings {
		texts = append(texts, before+e+cell.Close(before+e))
	}
	texts = append(texts, before+cell.Close(before)+"()") // go func() { …
	clause := len(texts)
	first := code[:start] + "case " + cursorName + ":"
	texts = append(texts, first+cell.Close(first))
	line := strings.LastIndexByte(code[:start], '\n') + 1
	last := code[line:start] + cursorName
	texts = append(texts, i.parsing(code[:line])+"\n"+last+cell.Close(last))
	var best *halfTyped
	isClause := false
	for n, text := range texts {
		h := i.read(text)
		if h.has && h.parses {
			best, isClause = h, n == clause
			break
		}
		if h.has && best == nil {
			best = h
		}
	}
	if best == nil {
		return nil
	}
	unit, file := i.types(best)
	if unit == nil || file == nil || unit.Info == nil {
		return nil
	}
	c := &cursor{unit: unit, file: file, path: pathTo(file), clause: isClause}
	if c.path == nil {
		return nil
	}
	return c
}

// inGo says that a name at the end of the text is one, and not a part of a string, a
// comment or a command.
func (i *Interp) inGo(before string) bool {
	text := before + cursorName
	for _, p := range cell.Split(text, i.takes) {
		if p.End < len(text) {
			continue
		}
		switch p.Kind {
		case cell.Go:
			return endsInName(text[p.Start:])
		case cell.Magic:
			return i.takes(p.Name) != cell.Text && endsInName(p.Args)
		case cell.CellMagic:
			m := i.magics[p.Name]
			return m != nil && m.Statements && endsInName(p.Body)
		}
	}
	return false
}

// endsInName says that the last token of the text is the cursor.
func endsInName(text string) bool {
	fset := token.NewFileSet()
	var s scanner.Scanner
	s.Init(fset.AddFile("", -1, len(text)), []byte(text), func(token.Position, string) {}, 0)
	last := ""
	for {
		_, tok, lit := s.Scan()
		if tok == token.EOF {
			return last == cursorName
		}
		if tok == token.SEMICOLON && lit == "\n" {
			continue
		}
		last = lit
		if tok != token.IDENT {
			last = ""
		}
	}
}

// A halfTyped is the text of a cell cut into chunks, without those that do not parse,
// unless the cursor lies in them.
type halfTyped struct {
	run         *run
	chunks      []cell.Chunk
	has, parses bool // the chunk with the cursor
}

// read cuts a text up.
func (i *Interp) read(text string) *halfTyped {
	h := &halfTyped{run: &run{interp: i, cell: session.Cell{Code: text}, ctx: context.Background(), out: discard{}}}
	src, rough := h.run.sourceAround(cell.Split(text, i.takes))
	chunks, _ := cell.Chunks(h.run.file(), src)
	for _, c := range chunks {
		parses := parsesAlone(c)
		if strings.Contains(c.Text, cursorName) {
			h.has, h.parses = true, parses && !rough
		} else if !parses {
			continue
		}
		h.chunks = append(h.chunks, c)
	}
	return h
}

func parsesAlone(c cell.Chunk) bool {
	_, err := parser.ParseFile(token.NewFileSet(), "", cell.Assemble([]cell.Chunk{c}), parser.SkipObjectResolution)
	return err == nil
}

// parsing is those statements and declarations of a text that parse.
func (i *Interp) parsing(text string) string {
	var b strings.Builder
	chunks, _ := cell.Chunks("", text)
	for _, c := range chunks {
		if parsesAlone(c) {
			b.WriteString(c.Text + "\n")
		}
	}
	return b.String()
}

// types finds the types in a half-typed cell.
func (i *Interp) types(h *halfTyped) (*check.Unit, *ast.File) {
	in := check.Input{Number: 0, File: h.run.unitFile(), Chunks: h.run.placed(h.chunks), Lines: func(string, int) string { return "" }}
	for _, s := range h.run.sites {
		in.Calls = append(in.Calls, check.Call{Name: s.name, Label: s.label, Type: s.typ})
	}
	return i.checker.Tolerant(in, i.scope)
}

// sourceAround makes Go of pieces as source does, whatever is wrong with their
// magics. A magic with the cursor in its arguments becomes a call that has them, or,
// if these do not parse, which makes it rough, what is before the cursor.
func (r *run) sourceAround(pieces []cell.Piece) (text string, rough bool) {
	var src cell.Source
	code := r.cell.Code
	for _, p := range pieces {
		text := code[p.Start:p.End]
		switch {
		case p.Kind == cell.CellMagic:
			src.AddFrom(r.markFile(), code, p.BodyAt, p.End)
		case p.Kind == cell.Magic && strings.Contains(p.Args, cursorName):
			rough = r.argsAround(&src, p)
		case p.Kind == cell.Go:
			src.AddFrom(r.markFile(), code, p.Start, p.End)
		default:
			if r.expand(&src, []cell.Piece{p}) != nil {
				src.Mark(r.markFile(), code, p.Start)
				src.Add(argsName + "()" + strings.Repeat("\n", strings.Count(text, "\n")))
			}
		}
	}
	return src.String(), rough
}

// argsAround puts in the Go arguments of a magic.
func (r *run) argsAround(src *cell.Source, p cell.Piece) (rough bool) {
	m := r.interp.magics[p.Name]
	if m == nil {
		return true
	}
	_, skip, err := m.parseFlags(p.Args)
	if err != nil || !strings.Contains(p.Args[skip:], cursorName) {
		skip = 0
	}
	at := p.ArgsAt + skip
	if m.Statements {
		src.AddFrom(r.markFile(), r.cell.Code, at, p.End)
		return false
	}
	args := r.cell.Code[at:p.End]
	list, err := splitArgs(args, -1)
	if err != nil { // the last word will do
		start := strings.Index(args, cursorName)
		start = strings.LastIndexAny(args[:start], " \t\n") + 1
		list, rough = [][2]int{{start, len(args)}}, true
	}
	src.Add(argsName + "(")
	for n, a := range list {
		if n > 0 {
			src.Add(", ")
		}
		src.AddFrom(r.markFile(), r.cell.Code, at+a[0], at+a[1])
	}
	src.Add(")")
	return rough
}

// pathTo lists the nodes from the cursor's identifier outwards.
func pathTo(file *ast.File) []ast.Node {
	var stack, path []ast.Node
	ast.Inspect(file, func(n ast.Node) bool {
		if n == nil {
			stack = stack[:len(stack)-1]
			return true
		}
		stack = append(stack, n)
		if id, ok := n.(*ast.Ident); ok && id.Name == cursorName && path == nil {
			for j := len(stack) - 1; j >= 0; j-- {
				path = append(path, stack[j])
			}
		}
		return true
	})
	return path
}
