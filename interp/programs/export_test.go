package programs

import (
	"go/parser"
	"go/token"
	"strings"
)

// Together makes one program again of the cells that Split makes of source in
// the way Many, in their order.
func Together(source string) (string, error) {
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "program.go", source, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return "", err
	}
	p := &parsed{source: source, fset: fset, file: file}
	cells, err := p.many()
	if err != nil {
		return "", err
	}
	g := p.declarations()
	declared := len(g.order()) + len(g.inits)
	if len(g.imports) > 0 {
		declared++
	}
	var b strings.Builder
	b.WriteString("package main\n")
	for n, c := range cells {
		switch last := n == len(cells)-1; {
		case n < declared:
			b.WriteString(c.Code + "\n")
		case last && n == declared+1 && c.Code == call().Code && g.main != nil && strings.HasPrefix(cells[n-1].Code, "func main"):
			return b.String() + cells[n-1].Code, nil
		}
	}
	b.WriteString("func main() {\n")
	for _, c := range cells[declared:] {
		b.WriteString(c.Code + "\n")
	}
	return b.String() + "}\n", nil
}
