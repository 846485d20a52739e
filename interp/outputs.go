package interp

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/adabc437/fanout/interp/cell"
	"github.com/adabc437/fanout/interp/check"
	"github.com/adabc437/fanout/interp/session"
)

// maxOutputs is how many results are kept: as many as IPython keeps.
const maxOutputs = 1000

// outputs are the latest results that cells have shown, by the cells' numbers. Cells
// reach them as Out[n] or _n, and the last as _.
type outputs struct {
	shown   map[int]output
	order   []int // the numbers in shown, the oldest first
	last    int
	dropped int // the highest number that is in shown no more
}

// An output is one result. Of several its type is a tuple, and there is no value.
type output struct {
	typ   types.Type
	value any
}

// keep notes what a cell has shown.
func (o *outputs) keep(r *run) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.bundle == nil || r.resultOf == nil {
		return
	}
	out := output{typ: types.Default(r.resultOf)}
	if b, ok := out.typ.(*types.Basic); ok && b.Kind() == types.UntypedNil {
		out.typ = types.Universe.Lookup("any").Type()
	}
	if _, several := out.typ.(*types.Tuple); !several && len(r.results) == 1 {
		out.value = r.results[0]
	}
	if o.shown == nil {
		o.shown = map[int]output{}
	}
	n := r.cell.Number
	if _, again := o.shown[n]; again {
		o.order = slices.DeleteFunc(o.order, func(m int) bool { return m == n })
	}
	o.shown[n], o.last = out, n
	if o.order = append(o.order, n); len(o.order) > maxOutputs {
		delete(o.shown, o.order[0])
		o.dropped = max(o.dropped, o.order[0])
		o.order = o.order[1:]
	}
}

// has says that name is one that an output goes by.
func (o *outputs) has(name string) bool {
	n, ok := outputNumber(name)
	if !ok {
		return false
	}
	_, ok = o.shown[n]
	return ok
}

// outputName is the variable that holds the output of cell n.
func outputName(n int) string { return "_" + strconv.Itoa(n) }

// outputNumber is outputName's inverse.
func outputNumber(name string) (int, bool) {
	n, err := strconv.Atoi(strings.TrimPrefix(name, "_"))
	return n, err == nil && name == outputName(n)
}

// recallRE finds chunks that may use an earlier output or input.
var recallRE = regexp.MustCompile(`\b(?:Out|In)\s*\[|(?:^|[^\pL\pN_])_\d*(?:$|[^\pL\pN_])`)

// recall makes chunks that use Out[n], In[n], _n and _ use the session's variables
// for them, and strings. The caller holds the session's lock.
func (r *run) recall(chunks []cell.Chunk) ([]cell.Chunk, *session.Diagnostic) {
	if !slices.ContainsFunc(chunks, func(c cell.Chunk) bool { return recallRE.MatchString(c.Text) }) {
		return chunks, nil
	}
	var all []recalling
	own := map[string]bool{}
	for n, c := range chunks {
		if c.Kind == cell.Import || c.Kind == cell.Package {
			continue
		}
		x := recalling{run: r, chunk: n, fset: token.NewFileSet(), own: own}
		var src cell.Source
		src.Add("package p\n")
		if c.Kind == cell.Stmt {
			src.Add("func _() {\n")
		}
		src.AddPlaced(c)
		x.start = len(src.String()) - len(c.Text)
		if c.Kind == cell.Stmt {
			src.Add("\n}")
		}
		f, err := parser.ParseFile(x.fset, "", src.String(), 0)
		if err != nil {
			continue // which the checker says
		}
		x.file = f
		x.declarations()
		all = append(all, x)
	}
	out := slices.Clone(chunks)
	for _, x := range all {
		ast.Inspect(x.file, x.visit)
		if x.failed != nil {
			return nil, x.failed
		}
		text := chunks[x.chunk].Text
		for _, e := range slices.Backward(x.edits) {
			text = text[:e.from] + e.text + text[e.to:]
		}
		out[x.chunk].Text = text
	}
	return out, nil
}

// A recalling is the work on one chunk.
type recalling struct {
	run    *run
	chunk  int
	fset   *token.FileSet
	file   *ast.File
	start  int                 // offset of the chunk in the file
	own    map[string]bool     // names that the cell declares somewhere
	names  map[*ast.Ident]bool // what names something here, and is no value
	edits  []recallEdit
	failed *session.Diagnostic
}

type recallEdit struct {
	from, to int
	text     string
}

// declarations notes what the chunk declares, and which names are no values.
func (x *recalling) declarations() {
	x.names = map[*ast.Ident]bool{}
	declares := func(ids ...*ast.Ident) {
		for _, id := range ids {
			if id != nil {
				x.names[id], x.own[id.Name] = true, true
			}
		}
	}
	sides := func(list ...ast.Expr) {
		for _, e := range list {
			if id, ok := e.(*ast.Ident); ok && id.Name == "_" {
				x.names[id] = true
			} else if ok && id.Obj != nil {
				x.own[id.Name] = true
			}
		}
	}
	ast.Inspect(x.file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			sides(n.Lhs...)
		case *ast.RangeStmt:
			sides(n.Key, n.Value)
		case *ast.Field:
			declares(n.Names...)
		case *ast.ValueSpec:
			declares(n.Names...)
		case *ast.TypeSpec:
			declares(n.Name)
		case *ast.FuncDecl:
			declares(n.Name)
			if n.Recv != nil { // the type parameters of func (t T[_, K]) m()
				ast.Inspect(n.Recv, func(n ast.Node) bool {
					if id, ok := n.(*ast.Ident); ok {
						declares(id)
					}
					return true
				})
			}
		case *ast.LabeledStmt:
			declares(n.Label)
		case *ast.SelectorExpr:
			x.names[n.Sel] = true
		case *ast.KeyValueExpr:
			if id, ok := n.Key.(*ast.Ident); ok {
				x.names[id] = true
			}
		}
		return true
	})
	delete(x.own, "_")
}

// free says that a name means nothing else here.
func (x *recalling) free(name string) bool {
	return !x.own[name] && x.run.interp.scope.Lookup(name) == nil
}

func (x *recalling) visit(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.IndexExpr:
		id, ok := n.X.(*ast.Ident)
		if !ok || id.Name != "Out" && id.Name != "In" || !x.free(id.Name) {
			return true
		}
		number := -1
		if lit, ok := n.Index.(*ast.BasicLit); ok && lit.Kind == token.INT {
			number, _ = strconv.Atoi(lit.Value)
		}
		if number < 0 {
			x.fail(n.Index, "%[1]s[…] takes the number of a cell as it stands in front of it: %[1]s[%[2]d]", id.Name, max(1, x.run.cell.Number-1))
			return false
		}
		if id.Name == "In" {
			x.input(n, number)
		} else {
			x.output(n, number)
		}
		return false
	case *ast.Ident:
		if n.Name == "_" && !x.names[n] {
			if last := x.run.interp.outs.last; last > 0 {
				x.output(n, last)
			} else {
				x.fail(n, "_ is the last result that a cell has shown, and none has shown one yet")
			}
		} else if number, ok := outputNumber(n.Name); ok && !x.names[n] && x.free(n.Name) {
			x.output(n, number)
		}
	}
	return true
}

// input puts the text of a cell in the place of n.
func (x *recalling) input(n ast.Node, number int) {
	r := x.run
	code, ok := r.cell.Code, number == r.cell.Number
	if !ok {
		code, ok = r.interp.codeOf(number)
	}
	if !ok {
		x.fail(n, "there is no In[%d]: this cell is In[%d]", number, r.cell.Number)
		return
	}
	x.edit(n, strconv.Quote(code))
}

// output puts the variable with an output in the place of n.
func (x *recalling) output(n ast.Node, number int) {
	i := x.run.interp
	out, ok := i.outs.shown[number]
	if !ok {
		hint := "no cell of this session has shown a result yet"
		if i.outs.last > 0 {
			hint = fmt.Sprintf("the last one is Out[%d]", i.outs.last)
		}
		if number <= i.outs.dropped {
			hint = fmt.Sprintf("the last %d results are kept", maxOutputs)
		}
		x.fail(n, "there is no Out[%d]: %s", number, hint)
		return
	}
	if t, several := out.typ.(*types.Tuple); several {
		x.fail(n, "In[%d] has shown %d results, and Out is for cells with one: give them names, a, b := …", number, t.Len())
		return
	}
	if i.native == nil {
		x.fail(n, "Out[%d] needs compiled cells, and here they are interpreted: give the result a name", number)
		return
	}
	name := outputName(number)
	if i.scope.Lookup(name) == nil {
		i.native.hold(name, &out)
		i.scope.Declare(&check.Entity{Name: name, Cell: number, Obj: types.NewVar(token.NoPos, types.NewPackage("main", "main"), name, out.typ)})
	}
	x.edit(n, name)
}

// edit puts text in the place of n, and keeps the places of what is behind it.
func (x *recalling) edit(n ast.Node, text string) {
	from, to := x.fset.PositionFor(n.Pos(), false).Offset, x.fset.PositionFor(n.End(), false).Offset
	if to-from != len(text) {
		p := x.fset.Position(n.End())
		var src cell.Source
		src.AddPlaced(cell.Chunk{File: p.Filename, Line: p.Line, Col: p.Column})
		text += src.String()
	}
	x.edits = append(x.edits, recallEdit{from - x.start, to - x.start, text})
}

func (x *recalling) fail(n ast.Node, format string, args ...any) {
	if x.failed == nil {
		x.failed = &session.Diagnostic{
			Name: session.TypeError, Message: fmt.Sprintf(format, args...),
			Pos: check.Position(x.fset.Position(n.Pos()), x.run.lines),
		}
	}
}

// hold makes a variable of an output. What an interface holds whose type the session
// cannot name is held as any.
func (t *compiled) hold(name string, out *output) {
	typ := reflect.TypeOf(out.value)
	if types.IsInterface(out.typ) {
		typ = reflect.TypeFor[any]()
		if types.Identical(out.typ, types.Universe.Lookup("error").Type()) {
			typ = reflect.TypeFor[error]()
		} else {
			out.typ = types.Universe.Lookup("any").Type()
		}
	}
	at := reflect.New(typ)
	if out.value != nil {
		at.Elem().Set(reflect.ValueOf(out.value))
	}
	t.slots[name] = slot{at.UnsafePointer(), typ}
}
