package programs

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"strings"
)

// A Way is a way to cut a program into cells.
type Way string

// The ways.
const (
	Whole Way = "whole" // as it is, in one cell
	Two   Way = "two"   // its declarations, then main()
	Many  Way = "many"  // a cell for each declaration and each statement of main
)

// Ways are all ways.
var Ways = []Way{Whole, Two, Many}

// A Cell is a part of a program. Lines gives for each of its lines the one in
// the program, or 0 for what is not there.
type Cell struct {
	Code  string
	Lines []int
}

// Line is the program's line that line n of the cell comes from, 1-based.
func (c Cell) Line(n int) int {
	if n < 1 || n > len(c.Lines) {
		return 0
	}
	return c.Lines[n-1]
}

// Split cuts a program into cells that together do what the program does.
func Split(source string, way Way) ([]Cell, error) {
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "program.go", source, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	p := &parsed{source: source, fset: fset, file: file}
	switch way {
	case Whole:
		return []Cell{p.cell(p.between(0, len(source), ""))}, nil
	case Two:
		start := p.offset(file.Name.End())
		return []Cell{p.cell(p.between(start, len(source), "")), call()}, nil
	case Many:
		return p.many()
	}
	return nil, fmt.Errorf("no way %q to cut a program", way)
}

// call is the cell that runs main.
func call() Cell { return Cell{Code: "main()", Lines: []int{0}} }

// A parsed program.
type parsed struct {
	source string
	fset   *token.FileSet
	file   *ast.File
}

func (p *parsed) offset(pos token.Pos) int { return p.fset.Position(pos).Offset }

// A span is a stretch of the program with something in front of it.
type span struct {
	text string
	line int // of its first line
}

// between is the text of the program from one offset to another.
func (p *parsed) between(start, end int, before string) span {
	return span{text: before + p.source[start:end], line: 1 + strings.Count(p.source[:start], "\n")}
}

// of is the text of a node, from its comment on.
func (p *parsed) of(n ast.Node, doc *ast.CommentGroup, before string) span {
	start := n.Pos()
	if doc != nil && before == "" {
		start = doc.Pos()
	}
	return p.between(p.offset(start), p.offset(n.End()), before)
}

// cell makes a cell of spans, one below the other.
func (p *parsed) cell(spans ...span) Cell {
	var c Cell
	for n, s := range spans {
		if n > 0 {
			c.Code += "\n"
		}
		c.Code += s.text
		for k := range 1 + strings.Count(s.text, "\n") {
			c.Lines = append(c.Lines, s.line+k)
		}
	}
	return c
}

// many cuts a program into as many cells as keep its meaning.
func (p *parsed) many() ([]Cell, error) {
	g := p.declarations()
	var cells []Cell
	if len(g.imports) > 0 {
		cells = append(cells, p.cell(g.imports...))
	}
	for _, group := range g.order() {
		var spans []span
		for _, n := range group {
			spans = append(spans, n.spans...)
		}
		cells = append(cells, p.cell(spans...))
	}
	for _, init := range g.inits {
		cells = append(cells, p.cell(init))
	}
	if g.main == nil {
		return nil, fmt.Errorf("the program has no func main")
	}
	if !g.called && p.separable(g) {
		return append(cells, p.statements(g.main.Body.List)...), nil
	}
	return append(cells, p.cell(p.of(g.main, g.main.Doc, "")), call()), nil
}

// statements makes a cell of each statement; those that share a line stay
// together.
func (p *parsed) statements(list []ast.Stmt) []Cell {
	var cells []Cell
	for n := 0; n < len(list); {
		first, last := list[n], list[n]
		for n++; n < len(list) && p.line(list[n].Pos()) == p.line(last.End()); n++ {
			last = list[n]
		}
		cells = append(cells, p.cell(p.between(p.offset(first.Pos()), p.offset(last.End()), "")))
	}
	return cells
}

func (p *parsed) line(pos token.Pos) int { return p.fset.Position(pos).Line }
