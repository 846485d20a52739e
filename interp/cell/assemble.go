package cell

import (
	"go/parser"
	"go/scanner"
	"go/token"
)

// CellFunc is the name of the function that holds a cell's statements in the
// file that [Assemble] makes.
const CellFunc = "__cell"

// Assemble makes one Go file of chunks: declarations first, then the statements
// as the body of CellFunc, in their order. Imports and package clauses are left
// out. Each top-level name that a statement declares counts as used.
func Assemble(chunks []Chunk) string {
	var s Source
	s.Add("package main\n")
	for _, c := range chunks {
		switch c.Kind {
		case Const, Type, Func, Method:
			s.AddChunk(c)
		}
	}
	s.Add("func " + CellFunc + "() {\n")
	for _, c := range chunks {
		if c.Kind == Stmt {
			s.AddChunk(c)
		}
	}
	s.Add("}\n")
	return s.String()
}

// Parsed turns the errors of go/parser into ours, one per line of the cell.
func Parsed(err error) []*Error {
	list, ok := err.(scanner.ErrorList)
	if !ok {
		return nil
	}
	var errs []*Error
	seen := map[int]bool{}
	for _, e := range list {
		if !seen[e.Pos.Line] {
			seen[e.Pos.Line] = true
			errs = append(errs, &Error{e.Pos, e.Msg})
		}
	}
	return errs
}

func parses(src string) bool {
	chunks, errs := Chunks("cell", src)
	if len(errs) > 0 {
		return false
	}
	_, err := parser.ParseFile(token.NewFileSet(), "cell", Assemble(chunks), parser.SkipObjectResolution)
	return err == nil
}
