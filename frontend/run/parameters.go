package run

import (
	"errors"
	"fmt"
	"go/ast"
	"go/constant"
	"go/parser"
	"go/scanner"
	"go/token"
	"go/types"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/adabc437/fanout/frontend/nbformat"
)

// The tags of cells of parameters, as papermill has them.
const (
	tagParameters = "parameters"          // the cell that declares them, with the values they have without
	tagInjected   = "injected-parameters" // the cell that sets them
)

// A Parameter sets a variable of a notebook. Value is a literal of Go, or the text
// of a string without its quotes.
type Parameter struct{ Name, Value string }

// ParseParameter reads NAME=VALUE.
func ParseParameter(text string) (Parameter, error) {
	name, value, ok := strings.Cut(text, "=")
	name = strings.TrimSpace(name)
	if !ok || !token.IsIdentifier(name) || name == "_" {
		return Parameter{}, fmt.Errorf("parameter %q: want NAME=VALUE, such as n=100", text)
	}
	return Parameter{name, value}, nil
}

// Inject puts a cell into nb that sets the parameters: after the cell that is tagged
// parameters, or first, in place of one of an earlier run. The error says which
// parameter there is none of, or what is wrong with its value.
func Inject(nb *nbformat.Notebook, parameters []Parameter) error {
	if len(parameters) == 0 {
		return nil
	}
	parameters = lastOfEach(parameters)
	at := slices.IndexFunc(nb.Cells, func(c *nbformat.Cell) bool { return c.Type == nbformat.Code && c.HasTag(tagParameters) })
	var lines []string
	var err error
	if at >= 0 {
		lines, err = assign(nb.Cells[at].Source, parameters)
	} else {
		lines, err = declare(nb, parameters)
	}
	if err != nil {
		return err
	}
	cell := &nbformat.Cell{
		Type: nbformat.Code, Metadata: map[string]any{"tags": []any{tagInjected}},
		Source: "// Parameters\n" + strings.Join(lines, "\n"),
	}
	nb.Cells = slices.Clone(nb.Cells)
	if old := slices.IndexFunc(nb.Cells, func(c *nbformat.Cell) bool { return c.HasTag(tagInjected) }); old >= 0 {
		nb.Cells[old] = cell
	} else {
		nb.Cells = slices.Insert(nb.Cells, at+1, cell)
	}
	nb.AddIDs()
	return nil
}

// lastOfEach drops parameters that are set again.
func lastOfEach(all []Parameter) []Parameter {
	var out []Parameter
	for i, p := range all {
		if !slices.ContainsFunc(all[i+1:], func(q Parameter) bool { return q.Name == p.Name }) {
			out = append(out, p)
		}
	}
	return out
}

// assign gives the statements that set parameters which the cell source declares.
func assign(source string, parameters []Parameter) ([]string, error) {
	scope, err := readCell(source, "")
	if err != nil {
		return nil, fmt.Errorf("the cell tagged parameters: %w", err)
	}
	var lines []string
	for _, p := range parameters {
		d := scope.find(p.Name)
		if d == nil {
			return nil, unknown(p.Name, scope.names())
		}
		value := d.literal(p.Value)
		if _, err := parser.ParseExpr(value); err != nil {
			return nil, fmt.Errorf("parameter %s: %q is no value of Go%s", p.Name, p.Value, d.said())
		}
		line, check := p.Name+" = "+value, p.Name+" = "+value
		if d.constant {
			line, check = strings.Join(append(d.head(), "=", value), " "), "var _ "+d.typeText()+" = "+value
		}
		lines = append(lines, line)
		checked, err := readCell(source, check)
		if err != nil {
			return nil, fmt.Errorf("parameter %s: %w", p.Name, err)
		}
		if wrong := checked.wrong; wrong != "" && !ofPackage(wrong, p.Value) {
			return nil, fmt.Errorf("parameter %s: %s%s", p.Name, wrong, d.said())
		}
	}
	return lines, nil
}

// ofPackage says that what is undefined is a package, which the session imports.
func ofPackage(wrong, value string) bool {
	name, ok := strings.CutPrefix(wrong, "undefined: ")
	return ok && strings.Contains(value, name+".")
}

// declare gives the statements that declare parameters where no cell does.
func declare(nb *nbformat.Notebook, parameters []Parameter) ([]string, error) {
	const missing = `no cell has the tag "parameters"`
	var lines []string
	for _, p := range parameters {
		used := false
		for i, c := range nb.Cells {
			if c.Type != nbformat.Code || c.HasTag(tagInjected) {
				continue
			}
			scope, err := readCell(c.Source, "")
			if err == nil && scope.find(p.Name) != nil {
				return nil, fmt.Errorf("parameter %s: cell %d declares %s itself; give that cell the tag \"parameters\"", p.Name, i+1, p.Name)
			}
			used = used || uses(c.Source, p.Name)
		}
		if !used {
			return nil, fmt.Errorf("parameter %s: %s, and no cell uses %s", p.Name, missing, p.Name)
		}
		lines = append(lines, p.Name+" := "+guess(p.Value))
	}
	return lines, nil
}

// uses says that name stands in code.
func uses(code, name string) bool {
	var s scanner.Scanner
	src := []byte(code)
	set := token.NewFileSet()
	s.Init(set.AddFile("", set.Base(), len(src)), src, func(token.Position, string) {}, 0)
	for {
		switch _, tok, text := s.Scan(); {
		case tok == token.EOF:
			return false
		case tok == token.IDENT && text == name:
			return true
		}
	}
}

// guess gives the literal that text is, or is the text of.
func guess(value string) string {
	if e, err := parser.ParseExpr(value); err == nil {
		if u, ok := e.(*ast.UnaryExpr); ok && (u.Op == token.SUB || u.Op == token.ADD) {
			e = u.X
		}
		switch e := e.(type) {
		case *ast.BasicLit, *ast.CompositeLit:
			return value
		case *ast.Ident:
			if e.Name == "true" || e.Name == "false" {
				return value
			}
		}
	}
	return strconv.Quote(value)
}

// unknown says that there is no parameter of this name, and which there are.
func unknown(name string, names []string) error {
	if len(names) == 0 {
		return fmt.Errorf("there is no parameter %s; the cell tagged parameters declares none", name)
	}
	message := fmt.Sprintf("there is no parameter %s", name)
	if near := nearest(name, names); near != "" {
		message += " (did you mean " + near + "?)"
	}
	return errors.New(message + "; the notebook has " + strings.Join(names, ", "))
}

// nearest gives the name that differs from name in the fewest letters, if they are
// few.
func nearest(name string, names []string) string {
	best, least := "", min((len(name)+2)/3, len(name)-1)
	for _, n := range names {
		if d := edits(strings.ToLower(name), strings.ToLower(n)); d <= least {
			best, least = n, d-1
		}
	}
	return best
}

// edits is the Levenshtein distance of two names.
func edits(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		corner := row[0]
		row[0]++
		for j := range len(b) {
			replaced := corner
			if a[i] != b[j] {
				replaced++
			}
			corner = row[j+1]
			row[j+1] = min(replaced, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}

// A declaration is a variable or constant that a cell declares.
type declaration struct {
	name     string
	typ      types.Type // nil where only the session knows
	text     string     // the declaration's own, in one line
	constant bool
}

// typeText is the type as it is written in code; empty if it is not known.
func (d *declaration) typeText() string {
	if d.typ == nil {
		return ""
	}
	return types.TypeString(types.Default(d.typ), func(p *types.Package) string {
		if p.Path() == "" {
			return ""
		}
		return p.Name()
	})
}

// head begins the declaration of a constant that takes the place of this one.
func (d *declaration) head() []string {
	if basic, ok := d.typ.(*types.Basic); d.typ == nil || ok && basic.Info()&types.IsUntyped != 0 {
		return []string{"const", d.name}
	}
	return []string{"const", d.name, d.typeText()}
}

// said gives the declaration, to stand at the end of an error.
func (d *declaration) said() string { return "; the notebook has " + d.text }

// literal makes a value of the declaration's type of what the user wrote.
func (d *declaration) literal(value string) string {
	trimmed := strings.TrimSpace(value)
	if d.typ == nil {
		return trimmed
	}
	switch t := d.typ.Underlying().(type) {
	case *types.Basic:
		if t.Info()&types.IsString != 0 {
			if e, err := parser.ParseExpr(value); err == nil {
				if l, ok := e.(*ast.BasicLit); ok && l.Kind == token.STRING {
					return trimmed
				}
			}
			return strconv.Quote(value)
		}
		if d.typeText() == "time.Duration" {
			if span, err := time.ParseDuration(trimmed); err == nil {
				return durationCode(span)
			}
		}
	case *types.Slice, *types.Array, *types.Map, *types.Struct:
		if strings.HasPrefix(trimmed, "{") {
			return d.typeText() + trimmed
		}
	}
	return trimmed
}

// durationCode writes a duration as one writes it in Go.
func durationCode(d time.Duration) string {
	for _, unit := range []struct {
		of   time.Duration
		name string
	}{{time.Hour, "Hour"}, {time.Minute, "Minute"}, {time.Second, "Second"}, {time.Millisecond, "Millisecond"}, {time.Microsecond, "Microsecond"}} {
		if d%unit.of == 0 {
			return fmt.Sprintf("%d * time.%s", d/unit.of, unit.name)
		}
	}
	return fmt.Sprintf("%d * time.Nanosecond", d)
}

// A scope is what a cell declares, and what is wrong with the code after it.
type scope struct {
	declared []*declaration
	wrong    string // empty if nothing is
}

func (s *scope) find(name string) *declaration {
	for _, d := range s.declared {
		if d.name == name {
			return d
		}
	}
	return nil
}

func (s *scope) names() []string {
	var out []string
	for _, d := range s.declared {
		out = append(out, d.name)
	}
	return out
}

// readCell reads what a cell of simple statements declares, and checks that the
// code in after can follow it.
func readCell(source, after string) (*scope, error) {
	const before = "package p; import \"time\"; func _() {\n"
	text := before + plainGo(source) + "\n" + after + "\n}"
	firstAfter := strings.Count(before+source, "\n") + 2
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, "", text, parser.SkipObjectResolution)
	if err != nil {
		var list scanner.ErrorList
		if errors.As(err, &list) && len(list) > 0 {
			err = fmt.Errorf("line %d: %s", list[0].Pos.Line-1, list[0].Msg)
		}
		return nil, err
	}
	s := &scope{}
	info := &types.Info{Defs: map[*ast.Ident]types.Object{}}
	config := types.Config{Importer: stdTime{}, Error: func(err error) {
		var e types.Error
		if errors.As(err, &e) && !e.Soft {
			if s.wrong == "" && set.Position(e.Pos).Line >= firstAfter {
				s.wrong = e.Msg
			}
		}
	}}
	_, _ = config.Check("", set, []*ast.File{file}, info) // errors have gone to Error
	body := file.Decls[len(file.Decls)-1].(*ast.FuncDecl).Body
	for _, stmt := range body.List {
		if set.Position(stmt.Pos()).Line < firstAfter {
			s.add(stmt, info, func(n ast.Node) string {
				return oneLine(text[set.Position(n.Pos()).Offset:set.Position(n.End()).Offset])
			})
		}
	}
	return s, nil
}

// oneLine shortens code to show it in an error.
func oneLine(code string) string {
	code = strings.Join(strings.Fields(code), " ")
	if len(code) > 60 {
		code = strings.ToValidUTF8(code[:60], "") + "…"
	}
	return code
}

// add adds what a statement declares.
func (s *scope) add(stmt ast.Stmt, info *types.Info, textOf func(ast.Node) string) {
	put := func(name *ast.Ident, text string) {
		object := info.Defs[name]
		if object == nil || name.Name == "_" {
			return
		}
		d := &declaration{name: name.Name, text: text}
		_, d.constant = object.(*types.Const)
		if t := object.Type(); t != nil && t != types.Typ[types.Invalid] && (!d.constant || object.(*types.Const).Val().Kind() != constant.Unknown) {
			d.typ = t
		}
		s.declared = append(s.declared, d)
	}
	switch stmt := stmt.(type) {
	case *ast.AssignStmt:
		if stmt.Tok == token.DEFINE {
			for _, e := range stmt.Lhs {
				if name, ok := e.(*ast.Ident); ok {
					put(name, textOf(stmt))
				}
			}
		}
	case *ast.DeclStmt:
		decl, ok := stmt.Decl.(*ast.GenDecl)
		if !ok {
			return
		}
		for _, spec := range decl.Specs {
			if v, ok := spec.(*ast.ValueSpec); ok {
				for _, name := range v.Names {
					put(name, decl.Tok.String()+" "+textOf(v))
				}
			}
		}
	}
}

// plainGo gives source with blanks where magics, shell lines and imports are.
func plainGo(source string) string {
	all := strings.Split(source, "\n")
	inImport := false
	for i, line := range all {
		line = strings.TrimSpace(line)
		switch {
		case inImport:
			inImport = !strings.HasPrefix(line, ")")
			all[i] = ""
		case strings.HasPrefix(line, "import (") || strings.HasPrefix(line, "import("):
			inImport = !strings.HasSuffix(line, ")")
			all[i] = ""
		case strings.HasPrefix(line, "import "), strings.HasPrefix(line, "%"), strings.HasPrefix(line, "!"):
			all[i] = ""
		}
	}
	return strings.Join(all, "\n")
}

// stdTime imports package time, as far as parameters need it.
type stdTime struct{}

// Import gives package time.
func (stdTime) Import(path string) (*types.Package, error) {
	if path != "time" {
		return nil, fmt.Errorf("package %s is not known here", path)
	}
	p := types.NewPackage("time", "time")
	name := types.NewTypeName(token.NoPos, p, "Duration", nil)
	duration := types.NewNamed(name, types.Typ[types.Int64], nil)
	p.Scope().Insert(name)
	for unit, d := range map[string]time.Duration{
		"Nanosecond": time.Nanosecond, "Microsecond": time.Microsecond, "Millisecond": time.Millisecond,
		"Second": time.Second, "Minute": time.Minute, "Hour": time.Hour,
	} {
		p.Scope().Insert(types.NewConst(token.NoPos, p, unit, duration, constant.MakeInt64(int64(d))))
	}
	p.MarkComplete()
	return p, nil
}
