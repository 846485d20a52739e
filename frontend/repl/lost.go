package repl

import (
	"fmt"
	"go/ast"
	"go/token"
	"regexp"
	"strings"

	"github.com/adabc437/fanout/interp/cell"
)

// A lostName is a name that a cell with a magic declares. Such cells are comments in a
// program, so that nothing there gives it a value.
type lostName struct {
	title string // of the cell
	magic string // with its %, or ! for the shell
}

// functionOf names the functions that do the work of some magics.
var functionOf = map[string]string{
	"%pmap": "parallel.Map", "%pstarmap": "parallel.Starmap", "%papply": "parallel.Apply", "%pimap": "parallel.Imap",
	"!": "exec.Command",
}

// storeFlag is the flag of magics that names a variable for the result.
var storeFlag = regexp.MustCompile(`(?:^|\s)(?:-o|--output)(?:\s+|=)([\pL_][\pL\d_]*)`)

// lose notes the names that a cell which becomes a comment declares.
func (p *programText) lose(title, code string, pieces []cell.Piece) {
	magic := ""
	var text strings.Builder
	for _, piece := range pieces {
		whole := code[piece.Start:piece.End]
		name := "%" + piece.Name
		switch piece.Kind {
		case cell.Go:
			text.WriteString(whole)
			continue
		case cell.CellMagic:
			name = "%%" + piece.Name
			text.WriteString(piece.Body)
		case cell.Shell:
			name = "!"
		case cell.Help:
			continue
		}
		if magic == "" {
			magic = name
		}
		if m := storeFlag.FindStringSubmatch(piece.Args); m != nil {
			p.lost[m[1]] = lostName{title, name}
		}
		if !piece.Statement {
			text.WriteString("nil")
		}
	}
	chunks, _ := cell.Chunks("", text.String())
	for _, c := range chunks {
		names := cell.Names(c)
		if c.Kind == cell.Stmt {
			names = declaredBy(c.Text)
		}
		for _, name := range names {
			p.lost[name] = lostName{title, magic}
		}
	}
}

// lostUse is an error where a program uses a name that only a cell with a magic
// declares.
func (p *typedProgram) lostUse(lost map[string]lostName) (err error) {
	skip := map[*ast.Ident]bool{}
	ast.Inspect(p.file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.SelectorExpr:
			skip[n.Sel] = true
		case *ast.KeyValueExpr:
			if id, ok := n.Key.(*ast.Ident); ok && p.info.Uses[id] == nil {
				skip[id] = true // a field of a type that is not known
			}
		case *ast.Ident:
			if l, ok := lost[n.Name]; ok && err == nil && !skip[n] && p.info.Uses[n] == nil && p.info.Defs[n] == nil {
				err = l.error(n.Name, p.place(n.Pos()))
			}
		}
		return true
	})
	return err
}

func (l lostName) error(name, user string) error {
	what := fmt.Sprintf("%s uses %s, which %s declares with %s, and a program has no magics: ", user, name, l.title, l.magic)
	if l.magic == "!" {
		what = fmt.Sprintf("%s uses %s, which %s gets from the shell, and a program has no lines for it: ", user, name, l.title)
	}
	if f := functionOf[l.magic]; f != "" {
		return fmt.Errorf("%scall %s there, or save the cells, which \"fanout run\" runs: %%save FILE.go", what, f)
	}
	return fmt.Errorf("%swrite it in Go there, or save the cells, which \"fanout run\" runs: %%save FILE.go", what)
}

// place is what the user knows a place in a program by: the cell of a statement, the name
// of what is declared.
func (p *typedProgram) place(pos token.Pos) string {
	for _, d := range p.file.Decls {
		if pos < d.Pos() || pos >= d.End() {
			continue
		}
		f, ok := d.(*ast.FuncDecl)
		if !ok {
			return "a declaration"
		}
		if f.Name.Name != "main" || f.Recv != nil {
			return "func " + f.Name.Name
		}
	}
	place := "the program"
	for _, group := range p.file.Comments {
		for _, c := range group.List {
			if title := strings.TrimPrefix(c.Text, "// "); c.Pos() < pos && titleRE.MatchString(title) {
				place = title
			}
		}
	}
	return place
}

// titleRE matches what [title] gives.
var titleRE = regexp.MustCompile(`^(In\[\d+\]|at the start)$`)
