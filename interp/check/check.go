package check

import (
	"cmp"
	"errors"
	"fmt"
	"go/ast"
	"go/constant"
	"go/parser"
	"go/token"
	"go/types"
	"math"
	"runtime"
	"slices"
	"strings"

	"golang.org/x/tools/go/ast/astutil"

	"github.com/adabc437/fanout/interp/cell"
	"github.com/adabc437/fanout/interp/session"
)

// A Checker checks cells. It keeps no state between them; what a session has
// declared is in the Scope.
type Checker struct {
	// Fset is where positions go; the tier reads the same syntax trees.
	Fset *token.FileSet
	// Importer gives the packages that cells can import.
	Importer types.Importer
	// Packages maps the names under which packages are imported by themselves,
	// such as rand, to their paths.
	Packages map[string]string
	// Predeclared are functions and types that every cell sees.
	Predeclared map[string]types.Object
	// Lost names variables that an earlier session process took with it.
	Lost []string
	// Refused are names that cells declare of which nothing was declared or run, and the
	// numbers of these cells.
	Refused map[string]int
}

// checker is the work on one cell.
type checker struct {
	*Checker
	scope *Scope
	in    Input
	unit  *Unit
	file  *ast.File
	errs  []*session.Diagnostic
	// quiet drops errors: the types are wanted, not the verdict.
	quiet bool
	// errorAt is where the checker found the error that is being told.
	errorAt token.Pos
	// tolerant leaves the types of earlier cells as they are.
	tolerant bool
	sigs     map[string]*types.Signature
	// imports of the cell itself
	imports map[string]string
	dots    []string
	// methods on types of earlier cells, by the stub that stands for each
	methods map[string]*ast.FuncDecl
	// retyped are the packages that the declarations of Retype name
	retyped map[string]string
	// known are the packages that cells can name, made once
	known map[string]string
}

// Check checks a cell in the scope of a session and returns the unit, or what is
// wrong with the cell. It does not change the scope.
func (c *Checker) Check(in Input, scope *Scope) (*Unit, []*session.Diagnostic) {
	w := c.start(in, scope)
	if !w.parse() || !w.importAll() {
		return nil, w.errs
	}
	w.resolveCalls()
	if len(w.errs) == 0 {
		w.run()
		w.resultFits()
	}
	if len(w.errs) > 0 {
		slices.SortStableFunc(w.errs, byPlace)
		return nil, w.errs
	}
	return w.unit, nil
}

// byPlace orders diagnostics as a reader meets them.
func byPlace(a, b *session.Diagnostic) int {
	if a.Pos == nil || b.Pos == nil {
		return 0
	}
	return cmp.Or(cmp.Compare(a.Pos.Cell, b.Pos.Cell), cmp.Compare(a.Pos.Line, b.Pos.Line), cmp.Compare(a.Pos.Column, b.Pos.Column))
}

// resultFits says of an untyped constant as the cell's result that no variable
// could hold it.
func (c *checker) resultFits() {
	if c.unit.Result == nil || len(c.errs) > 0 {
		return
	}
	tv := c.unit.Info.Types[c.unit.Result]
	b, ok := tv.Type.(*types.Basic)
	if !ok || tv.Value == nil || b.Info()&types.IsUntyped == 0 || b.Info()&types.IsNumeric == 0 {
		return
	}
	t := types.Default(b)
	fits := true
	switch tv.Value.Kind() {
	case constant.Int:
		_, fits = constant.Int64Val(tv.Value)
	case constant.Float:
		f, _ := constant.Float64Val(tv.Value)
		fits = !math.IsInf(f, 0)
	}
	if !fits {
		d := c.diagnose(session.TypeError, c.Fset.Position(c.unit.Result.Pos()), fmt.Sprintf("the constant %s does not fit into a value of type %s", tv.Value, t))
		if t == types.Typ[types.Int] {
			d.Hint = "make it a float64, or use package math/big"
		}
		c.errs = append(c.errs, d)
	}
}

// Tolerant checks what can be checked of a cell that may be wrong, and returns
// whatever is known of it. It is for completion and inspection.
func (c *Checker) Tolerant(in Input, scope *Scope) (*Unit, *ast.File) {
	w := c.start(in, scope)
	w.tolerant = true
	w.parse()
	if w.file == nil {
		return nil, nil
	}
	w.importAll()
	w.errs = nil
	w.resolveCalls()
	w.errs, w.quiet = nil, true
	w.run()
	return w.unit, w.file
}

// Syntax says what is wrong with the syntax of a cell.
func (c *Checker) Syntax(in Input) []*session.Diagnostic {
	w := c.start(in, NewScope())
	w.parse()
	slices.SortStableFunc(w.errs, byPlace)
	return w.errs
}

func (c *Checker) start(in Input, scope *Scope) *checker {
	return &checker{
		Checker: c, scope: scope, in: in, imports: map[string]string{},
		sigs: map[string]*types.Signature{}, methods: map[string]*ast.FuncDecl{}, retyped: map[string]string{},
		unit: &Unit{Input: in, Fset: c.Fset},
	}
}

// parse makes the syntax tree of the cell.
func (c *checker) parse() bool {
	all := append(append([]cell.Chunk{}, c.in.Again...), c.in.Chunks...)
	for i := range all {
		if all[i].Kind == cell.Package {
			c.unit.Main = true
		}
	}
	var err error
	c.unit.Text = cell.Assemble(all)
	c.file, err = parser.ParseFile(c.Fset, c.in.File, c.unit.Text, parser.SkipObjectResolution|parser.AllErrors)
	for _, e := range cell.Parsed(err) {
		d := c.atEnd(e, all)
		if len(c.errs) == 0 || !strings.HasSuffix(d.Message, endOfCell) { // it follows from the first
			c.errs = append(c.errs, d)
		}
	}
	if err != nil && len(c.errs) == 0 {
		c.errs = append(c.errs, &session.Diagnostic{Name: session.SyntaxError, Message: err.Error()})
	}
	if c.file == nil {
		return false
	}
	bareNames(c.file)
	c.collect(all)
	return err == nil
}

// bareNames takes the parentheses off names: (f) is f, and later stages need not
// look through them.
func bareNames(f *ast.File) {
	astutil.Apply(f, nil, func(c *astutil.Cursor) bool {
		if p, ok := c.Node().(*ast.ParenExpr); ok {
			if id, ok := p.X.(*ast.Ident); ok {
				c.Replace(id)
			}
		}
		return true
	})
}

// atEnd makes a diagnostic of a parser's error. One that lies in what Assemble
// has put behind a chunk is moved to the chunk's end.
func (c *checker) atEnd(e *cell.Error, chunks []cell.Chunk) *session.Diagnostic {
	number, _ := CellOf(e.Pos.Filename)
	for _, ch := range chunks {
		lines := strings.Count(ch.Text, "\n")
		of, _ := CellOf(ch.File)
		if of != number || e.Pos.Line != ch.Line+lines+1 || !strings.Contains(e.Msg, "found ") {
			continue
		}
		if slices.ContainsFunc(chunks, func(o cell.Chunk) bool { return o.File == ch.File && o.Line == e.Pos.Line }) {
			continue
		}
		last := ch.Text[strings.LastIndexByte(ch.Text, '\n')+1:]
		e.Pos.Line, e.Pos.Column = ch.Line+lines, len(last)+1
		if lines == 0 {
			e.Pos.Column += ch.Col - 1
		}
		if strings.Contains(last, "/*line ") && c.in.Lines != nil { // a magic stands in it
			e.Pos.Column = len(c.in.Lines(e.Pos.Filename, e.Pos.Line)) + 1
		}
		msg, _, _ := strings.Cut(e.Msg, "found ")
		return c.diagnose(session.SyntaxError, e.Pos, msg+endOfCell)
	}
	return c.diagnose(session.SyntaxError, e.Pos, e.Msg)
}

const endOfCell = "found the end of the cell"

// collect sorts the declarations of the tree into the unit.
func (c *checker) collect(all []cell.Chunk) {
	var decls []cell.Chunk
	for _, ch := range all {
		switch ch.Kind {
		case cell.Const, cell.Type, cell.Func, cell.Method:
			decls = append(decls, ch)
		}
	}
	for _, d := range c.file.Decls {
		if f, ok := d.(*ast.FuncDecl); ok && f.Recv == nil && f.Name.Name == cell.CellFunc {
			c.unit.Body = f.Body
			continue
		}
		if len(decls) == 0 {
			break
		}
		c.unit.Decls = append(c.unit.Decls, Decl{Node: d, Chunk: decls[0], Names: namesOf(d)})
		decls = decls[1:]
	}
	c.globalVars()
	if c.unit.Main {
		c.callMain()
	}
	c.unit.Result = c.result()
}

// result is the expression whose value the cell shows: its last chunk. Trailers do
// not count.
func (c *checker) result() ast.Expr {
	chunks := c.in.Chunks
	if c.unit.Body == nil {
		return nil
	}
	body := c.unit.Body.List
	for len(chunks) > 0 && len(body) > 0 && strings.HasPrefix(chunks[len(chunks)-1].Text, Trailer) {
		chunks, body = chunks[:len(chunks)-1], body[:len(body)-1]
	}
	if len(chunks) == 0 || len(body) == 0 {
		return nil
	}
	last := chunks[len(chunks)-1]
	if e, ok := body[len(body)-1].(*ast.ExprStmt); ok && last.Kind == cell.Stmt {
		c.unit.Hidden = last.Hidden
		return e.X
	}
	return nil
}

// Trailer begins the names of calls that may follow the last expression of a
// cell without taking its place as the cell's result.
const Trailer = "__magic_end_"

// callMain makes a program out of a cell that has a func main.
func (c *checker) callMain() {
	for _, d := range c.unit.Decls {
		f, ok := d.Node.(*ast.FuncDecl)
		if ok && f.Recv == nil && f.Name.Name == "main" && c.unit.Body != nil {
			call := &ast.CallExpr{Fun: &ast.Ident{Name: "main", NamePos: f.Pos()}, Lparen: f.Pos(), Rparen: f.Pos()}
			c.unit.Body.List = append(c.unit.Body.List, &ast.ExprStmt{X: call})
			c.unit.CallsMain = true
		}
	}
}

func namesOf(d ast.Decl) []string {
	switch d := d.(type) {
	case *ast.FuncDecl:
		if base := ReceiverBase(d); base != "" {
			return []string{base + "." + d.Name.Name}
		}
		return []string{d.Name.Name}
	case *ast.GenDecl:
		var names []string
		for _, s := range d.Specs {
			switch s := s.(type) {
			case *ast.TypeSpec:
				names = append(names, s.Name.Name)
			case *ast.ValueSpec:
				for _, n := range s.Names {
					names = append(names, n.Name)
				}
			}
		}
		return names
	}
	return nil
}

// ReceiverBase is the name of the type that a method belongs to, or "".
func ReceiverBase(f *ast.FuncDecl) string {
	if f.Recv == nil || len(f.Recv.List) == 0 {
		return ""
	}
	t := f.Recv.List[0].Type
	for {
		switch x := t.(type) {
		case *ast.StarExpr:
			t = x.X
		case *ast.ParenExpr:
			t = x.X
		case *ast.IndexExpr:
			t = x.X
		case *ast.IndexListExpr:
			t = x.X
		case *ast.Ident:
			return x.Name
		default:
			return ""
		}
	}
}

func newInfo() *types.Info {
	return &types.Info{
		Types: map[ast.Expr]types.TypeAndValue{}, Defs: map[*ast.Ident]types.Object{}, Uses: map[*ast.Ident]types.Object{},
		Selections: map[*ast.SelectorExpr]*types.Selection{}, Instances: map[*ast.Ident]types.Instance{}, Implicits: map[ast.Node]types.Object{},
		Scopes: map[ast.Node]*types.Scope{},
	}
}

func (c *checker) config(file string) *types.Config {
	return &types.Config{
		Importer: c.Importer,
		Sizes:    types.SizesFor("gc", runtime.GOARCH),
		Error: func(err error) {
			var e types.Error
			if c.quiet || !errors.As(err, &e) || strings.HasPrefix(e.Msg, "\t") {
				return
			}
			if strings.Contains(e.Msg, "__magic_") && len(c.errs) > 0 {
				return // the magic's arguments were wrong, which was said
			}
			if earlierType(e.Msg) {
				return
			}
			p := c.Fset.Position(e.Pos)
			if c.isResult(e.Pos) && strings.HasSuffix(e.Msg, "is not used") {
				return
			}
			if len(c.errs) > 0 {
				last := c.errs[len(c.errs)-1]
				if last.Pos != nil && last.Pos.Line == p.Line && FileName(last.Pos.Cell) == p.Filename && last.Message == c.clean(e.Msg) {
					return
				}
			}
			if len(c.errs) < 20 {
				c.errorAt = e.Pos
				c.errs = append(c.errs, c.diagnose(session.TypeError, p, e.Msg))
			}
		},
	}
}

// earlierType says of an error that it is none: the type is one of an earlier cell, which
// go/types takes for another package.
func earlierType(msg string) bool {
	rest, ok := strings.CutPrefix(msg, "implicit assignment to unexported field ")
	return ok && !strings.Contains(strings.ReplaceAll(rest, "main.", ""), ".")
}

// isResult says that pos lies at the cell's last expression.
func (c *checker) isResult(pos token.Pos) bool {
	r := c.unit.Result
	return r != nil && pos >= r.Pos() && pos < r.End()
}
