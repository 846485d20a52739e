package repl

import (
	"bytes"
	"errors"
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"go/types"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/tools/go/packages"
	"golang.org/x/tools/imports"

	"github.com/adabc437/fanout/frontend/nbformat"
	"github.com/adabc437/fanout/interp/cell"
)

// program is cells as a Go program: their declarations, and a main function with their
// statements in order, in which what a cell shows is printed. Variables that functions
// use are the package's, others main's; one that a later cell declares anew is another,
// in a block of its own. Cells with magics or lines for the shell are comments.
func program(cells []*nbformat.Cell) ([]byte, error) {
	p := &programText{declared: map[string]string{}, lost: map[string]lostName{}}
	for _, c := range cells {
		if err := p.add(title(c), c.Source); err != nil {
			return nil, err
		}
	}
	src, err := imports.Process("main.go", []byte(p.text()), nil)
	if err != nil {
		return nil, fmt.Errorf("make a program of the cells: %w", err)
	}
	if src, err = finished(src, p.lost); err != nil {
		return nil, err
	}
	if _, err := checked(src, true); err != nil {
		return nil, fmt.Errorf("the cells do not make a program: %w", err)
	}
	return src, nil
}

// A programText is the program as far as it can be known without types.
type programText struct {
	imports  []string
	declared map[string]string // the last declaration of a name
	order    []string
	main     strings.Builder
	blocks   int
	scope    map[string]bool // names of main's innermost block, of earlier cells
	lost     map[string]lostName
}

// show marks an expression whose value a cell shows.
const show = "__show"

// add adds a cell.
func (p *programText) add(title, code string) error {
	fmt.Fprintf(&p.main, "\n// %s\n", title)
	pieces := cell.Split(code, func(string) cell.Arguments { return cell.Text })
	if slices.ContainsFunc(pieces, func(piece cell.Piece) bool { return piece.Kind != cell.Go }) {
		p.main.WriteString(commented(strings.TrimSpace(code)) + "\n")
		p.lose(title, code, pieces)
		return nil
	}
	chunks, errs := cell.Chunks("", code)
	if len(errs) > 0 {
		return fmt.Errorf("%s: %w", title, errs[0])
	}
	own := map[string]bool{}
	for i, c := range chunks {
		switch c.Kind {
		case cell.Package:
		case cell.Import:
			p.imports = append(p.imports, strings.TrimSpace(c.Text))
		case cell.Stmt:
			p.statement(c, i == len(chunks)-1, own)
		default:
			for _, name := range cell.Names(c) {
				if name == "main" {
					return fmt.Errorf("%s declares main: it is a program of its own", title)
				}
			}
			p.declare(c)
		}
	}
	return nil
}

// declare adds a declaration, in place of earlier ones of the same names.
func (p *programText) declare(c cell.Chunk) {
	names := cell.Names(c)
	key := strings.Join(names, " ")
	if key == "" || key == "init" || key == "_" {
		key = fmt.Sprintf("%s#%d", key, len(p.order))
	}
	if _, ok := p.declared[key]; !ok {
		p.order = append(p.order, key)
	}
	p.declared[key] = strings.TrimSpace(c.Text)
}

// statement adds a statement to main.
func (p *programText) statement(c cell.Chunk, last bool, own map[string]bool) {
	text := strings.TrimRight(strings.TrimSpace(c.Text), ";")
	if expr, err := parser.ParseExpr(text); err == nil {
		if last && !c.Hidden {
			fmt.Fprintf(&p.main, "%s(%s)\n", show, text)
			return
		}
		if _, call := expr.(*ast.CallExpr); !call {
			fmt.Fprintf(&p.main, "_ = %s\n", text)
			return
		}
	}
	all, old := 0, 0
	names := declaredBy(text)
	for _, name := range names {
		if name != "_" {
			all++
			if p.scope[name] && !own[name] {
				old++
			}
		}
	}
	if old > 0 && old == all {
		p.main.WriteString("{\n")
		p.blocks++
		p.scope = map[string]bool{}
	}
	if p.scope == nil {
		p.scope = map[string]bool{}
	}
	for _, name := range names {
		p.scope[name], own[name] = true, true
	}
	p.main.WriteString(text + "\n")
}

// declaredBy lists the names that a statement declares for those that follow.
func declaredBy(text string) []string {
	f, err := parser.ParseFile(token.NewFileSet(), "", "package p\nfunc _() {\n"+text+"\n}", 0)
	if err != nil {
		return nil
	}
	var names []string
	for _, s := range f.Decls[0].(*ast.FuncDecl).Body.List {
		for _, id := range newNames(s) {
			names = append(names, id.Name)
		}
	}
	return names
}

// newNames are the variables that a statement declares for those that follow.
func newNames(s ast.Stmt) []*ast.Ident {
	var ids []*ast.Ident
	switch s := s.(type) {
	case *ast.AssignStmt:
		if s.Tok == token.DEFINE {
			for _, e := range s.Lhs {
				if id, ok := e.(*ast.Ident); ok {
					ids = append(ids, id)
				}
			}
		}
	case *ast.DeclStmt:
		if d, ok := s.Decl.(*ast.GenDecl); ok && d.Tok == token.VAR {
			for _, spec := range d.Specs {
				ids = append(ids, spec.(*ast.ValueSpec).Names...)
			}
		}
	}
	return ids
}

func (p *programText) text() string {
	var b strings.Builder
	b.WriteString("// This program was saved from a session of Fanout.\npackage main\n\n")
	for i, imp := range p.imports {
		if !slices.Contains(p.imports[:i], imp) {
			b.WriteString(imp + "\n")
		}
	}
	for _, key := range p.order {
		b.WriteString("\n" + p.declared[key] + "\n")
	}
	b.WriteString("\nfunc main() {\n" + strings.TrimLeft(p.main.String(), "\n") + strings.Repeat("}\n", p.blocks) + "}\n")
	return b.String()
}

// A typed is a program with its types.
type typedProgram struct {
	fset *token.FileSet
	file *ast.File
	info *types.Info
	pkg  *types.Package
}

// checked finds the types of a program. With strict, what does not compile is an error.
func checked(src []byte, strict bool) (_ *typedProgram, err error) {
	dir, err := os.MkdirTemp("", "fanout-")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	path := filepath.Join(dir, "main.go")
	if err := os.WriteFile(path, src, 0o600); err != nil {
		return nil, err
	}
	list, err := packages.Load(&packages.Config{
		Mode: packages.NeedSyntax | packages.NeedTypes | packages.NeedTypesInfo | packages.NeedImports | packages.NeedExportFile | packages.NeedFiles | packages.NeedName,
	}, path)
	if err != nil {
		return nil, fmt.Errorf("the go command, which finds the types: %w", err)
	}
	if len(list) != 1 || len(list[0].Syntax) != 1 {
		return nil, fmt.Errorf("the go command, which finds the types, gave %d packages", len(list))
	}
	pkg := list[0]
	p := &typedProgram{pkg.Fset, pkg.Syntax[0], pkg.TypesInfo, pkg.Types}
	if strict && len(pkg.Errors) > 0 {
		return nil, p.failure(pkg)
	}
	return p, nil
}

// failure is the first error of a program, at the cell that has it. The go command's own
// report of the same comes before those of the types, and is of its files.
func (p *typedProgram) failure(pkg *packages.Package) error {
	if len(pkg.TypeErrors) == 0 {
		return errors.New(strings.ReplaceAll(pkg.Errors[0].Error(), filepath.Dir(p.fset.Position(p.file.Pos()).Filename)+string(filepath.Separator), ""))
	}
	e := pkg.TypeErrors[0]
	return fmt.Errorf("%s: %s", p.place(e.Pos), e.Msg)
}

// An edit puts text in place of src[from:to].
type textEdit struct {
	from, to int
	text     string
}

// finished does what needs types: it moves the variables that functions use out of main,
// prints what cells show, and uses what is not used.
func finished(src []byte, lost map[string]lostName) ([]byte, error) {
	p, err := checked(src, false)
	if err != nil {
		return nil, err
	}
	if err := p.lostUse(lost); err != nil {
		return nil, err
	}
	var main *ast.FuncDecl
	missing := map[string]bool{} // names that functions use and that are not the package's
	for _, d := range p.file.Decls {
		f, ok := d.(*ast.FuncDecl)
		if ok && f.Name.Name == "main" && f.Recv == nil {
			main = f
			continue
		}
		p.unknown(d, missing)
	}
	if main == nil {
		return nil, errors.New("the program has no main function")
	}
	e := &finisher{typedProgram: p, src: src, missing: missing, globals: map[string]string{}, used: map[types.Object]bool{}}
	for id, o := range p.info.Uses {
		if !e.assigned(id, main) {
			e.used[o] = true
		}
	}
	e.block(main.Body)
	if e.err != nil {
		return nil, e.err
	}
	out := e.apply(p.offset(main.Pos()))
	if out, err = format.Source(out); err != nil {
		return nil, fmt.Errorf("make a program of the cells: %w", err)
	}
	return imports.Process("main.go", out, nil)
}

func (p *typedProgram) offset(pos token.Pos) int { return p.fset.Position(pos).Offset }

// unknown notes the names in a declaration that mean nothing there.
func (p *typedProgram) unknown(d ast.Decl, names map[string]bool) {
	skip := map[*ast.Ident]bool{}
	ast.Inspect(d, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.SelectorExpr:
			skip[n.Sel] = true
		case *ast.KeyValueExpr:
			if id, ok := n.Key.(*ast.Ident); ok {
				skip[id] = true
			}
		case *ast.Ident:
			if !skip[n] && p.info.Uses[n] == nil && p.info.Defs[n] == nil {
				names[n.Name] = true
			}
		}
		return true
	})
}

// A finisher makes the edits.
type finisher struct {
	*typedProgram
	src     []byte
	missing map[string]bool
	globals map[string]string // name to type
	order   []string
	used    map[types.Object]bool
	edits   []textEdit
	err     error
}

// assigned says that an identifier is only assigned to, which is no use.
func (e *finisher) assigned(id *ast.Ident, in ast.Node) bool {
	found := false
	ast.Inspect(in, func(n ast.Node) bool {
		if a, ok := n.(*ast.AssignStmt); ok && (a.Tok == token.ASSIGN || a.Tok == token.DEFINE) {
			for _, l := range a.Lhs {
				found = found || l == id
			}
		}
		return !found
	})
	return found
}

// block goes through the statements of main and the blocks that hold redeclared
// variables.
func (e *finisher) block(b *ast.BlockStmt) {
	for _, s := range b.List {
		switch s := s.(type) {
		case *ast.BlockStmt:
			e.block(s)
		case *ast.ExprStmt:
			e.shown(s)
		default:
			e.variables(s)
		}
	}
}

// shown prints what a cell shows.
func (e *finisher) shown(s *ast.ExprStmt) {
	call, ok := s.X.(*ast.CallExpr)
	if !ok {
		return
	}
	if id, ok := call.Fun.(*ast.Ident); !ok || id.Name != show || len(call.Args) != 1 {
		return
	}
	text := string(e.src[e.offset(call.Args[0].Pos()):e.offset(call.Args[0].End())])
	t := e.info.TypeOf(call.Args[0])
	tuple, several := t.(*types.Tuple)
	inner, isCall := call.Args[0].(*ast.CallExpr)
	switch {
	case isCall && (several && tuple.Len() == 0 || t == nil), isCall && e.prints(inner):
	case isCall && e.info.Types[inner.Fun].IsBuiltin() && t == types.Typ[types.Invalid]:
	default:
		text = "fmt.Println(" + text + ")"
	}
	e.edits = append(e.edits, textEdit{e.offset(s.Pos()), e.offset(s.End()), text})
}

// prints says that a call is one of fmt's that print, whose results nobody wants to see.
func (e *finisher) prints(call *ast.CallExpr) bool {
	sel, ok := call.Fun.(*ast.SelectorExpr)
	if !ok {
		return false
	}
	f, ok := e.info.Uses[sel.Sel].(*types.Func)
	return ok && f.Pkg() != nil && f.Pkg().Path() == "fmt" && (strings.HasPrefix(f.Name(), "Print") || strings.HasPrefix(f.Name(), "Fprint"))
}

// variables moves what a statement declares to the package if functions use it, and uses
// what nothing uses.
func (e *finisher) variables(s ast.Stmt) {
	ids := newNames(s)
	moves := slices.ContainsFunc(ids, func(id *ast.Ident) bool { return e.missing[id.Name] || e.globals[id.Name] != "" })
	if moves {
		e.move(s, ids)
		return
	}
	for _, id := range ids {
		if o := e.info.Defs[id]; o != nil && id.Name != "_" && !e.used[o] {
			at := e.offset(s.End())
			e.edits = append(e.edits, textEdit{at, at, "\n_ = " + id.Name})
		}
	}
}

// move makes the variables of a statement the package's.
func (e *finisher) move(s ast.Stmt, ids []*ast.Ident) {
	for _, id := range ids {
		if id.Name == "_" {
			continue
		}
		o := e.info.ObjectOf(id)
		if o == nil || o.Type() == nil || o.Type() == types.Typ[types.Invalid] {
			e.fail("the type of %s, which a function uses, cannot be found", id.Name)
			return
		}
		t := types.TypeString(o.Type(), func(p *types.Package) string {
			if p == e.pkg {
				return ""
			}
			return p.Name()
		})
		if before, ok := e.globals[id.Name]; ok && before != t {
			e.fail("a function uses %s, which is of type %s first and of type %s later: give them two names", id.Name, before, t)
			return
		}
		if _, ok := e.globals[id.Name]; !ok {
			e.globals[id.Name] = t
			e.order = append(e.order, id.Name)
		}
	}
	switch s := s.(type) {
	case *ast.AssignStmt:
		at := e.offset(s.TokPos)
		e.edits = append(e.edits, textEdit{at, at + len(":="), "="})
	case *ast.DeclStmt:
		var lines []string
		for _, spec := range s.Decl.(*ast.GenDecl).Specs {
			v := spec.(*ast.ValueSpec)
			var names, values []string
			for _, id := range v.Names {
				names = append(names, id.Name)
			}
			for _, x := range v.Values {
				values = append(values, string(e.src[e.offset(x.Pos()):e.offset(x.End())]))
			}
			if len(values) == 0 {
				for _, name := range names {
					values = append(values, "*new("+e.globals[name]+")")
				}
			}
			lines = append(lines, strings.Join(names, ", ")+" = "+strings.Join(values, ", "))
		}
		e.edits = append(e.edits, textEdit{e.offset(s.Pos()), e.offset(s.End()), strings.Join(lines, "\n")})
	}
}

func (e *finisher) fail(format string, args ...any) {
	if e.err == nil {
		e.err = fmt.Errorf(format, args...)
	}
}

// apply makes the edits, and declares the package's variables at an offset.
func (e *finisher) apply(at int) []byte {
	var b strings.Builder
	for _, name := range e.order {
		fmt.Fprintf(&b, "var %s %s\n", name, e.globals[name])
	}
	if b.Len() > 0 {
		e.edits = append(e.edits, textEdit{at, at, b.String() + "\n"})
	}
	slices.SortStableFunc(e.edits, func(a, b textEdit) int { return a.from - b.from })
	var out bytes.Buffer
	from := 0
	for _, edit := range e.edits {
		out.Write(e.src[from:edit.from])
		out.WriteString(edit.text)
		from = edit.to
	}
	out.Write(e.src[from:])
	return out.Bytes()
}
