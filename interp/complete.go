package interp

import (
	"cmp"
	"context"
	"go/ast"
	"go/token"
	"go/types"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/adabc437/fanout/interp/cell"
	"github.com/adabc437/fanout/interp/check"
	"github.com/adabc437/fanout/interp/session"
)

// cursorName stands for the name that is being typed.
const cursorName = "fanoutCursor"

var (
	magicPrefixRE  = regexp.MustCompile(`(?:^|\n|[=(,])[^\S\n]*(%{1,2})([A-Za-z_]*)$`)
	importPrefixRE = regexp.MustCompile(`(?:^|\n)\s*(?:import\s+|import\s*\((?:[^)]*\n)?\s*)(?:\w+\s+)?["` + "`]([^\"`\n]*)$")
)

// Complete offers completions for the text before offset.
func (i *Interp) Complete(_ context.Context, code string, offset int) (session.Completion, error) {
	offset = max(0, min(offset, len(code)))
	if len(code) > cell.MaxSize {
		return session.Completion{Start: offset, End: offset}, nil
	}
	before := code[:offset]
	if m := magicPrefixRE.FindStringSubmatchIndex(before); m != nil {
		return i.completeMagic(before[m[2]:m[3]], before[m[4]:], m[2], offset), nil
	}
	if m := importPrefixRE.FindStringSubmatchIndex(before); m != nil {
		c := session.Completion{Start: m[2], End: offset}
		for _, p := range i.importPaths() {
			if strings.HasPrefix(p, before[m[2]:]) {
				c.Items = append(c.Items, session.Candidate{Text: p, Type: "module"})
			}
		}
		return c, nil
	}
	start := wordStart(before)
	c := session.Completion{Start: start, End: offset}
	c.Items = i.candidates(code[:start], code[start:offset])
	return c, nil
}

func (i *Interp) completeMagic(percent, prefix string, start, end int) session.Completion {
	c := session.Completion{Start: start, End: end}
	for name, m := range i.magics {
		line := m.Line != nil || m.Expand != nil
		if !strings.HasPrefix(name, prefix) {
			continue
		}
		if percent == "%" && line {
			c.Items = append(c.Items, session.Candidate{Text: "%" + name, Type: "magic", Signature: m.usage()})
		}
		if m.Cell != nil && (percent == "%%" || !line || prefix == "") {
			c.Items = append(c.Items, session.Candidate{Text: "%%" + name, Type: "magic", Signature: m.Short})
		}
	}
	slices.SortFunc(c.Items, func(a, b session.Candidate) int { return cmp.Compare(a.Text, b.Text) })
	return c
}

func wordStart(s string) int {
	for len(s) > 0 {
		r, w := utf8.DecodeLastRuneInString(s)
		if r != '_' && !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			break
		}
		s = s[:len(s)-w]
	}
	return len(s)
}

// tolerant checks what can be checked of code, which may be half typed.
func (i *Interp) tolerant(code string) (*check.Unit, *ast.File) {
	r := &run{interp: i, cell: session.Cell{Code: code}, ctx: context.Background(), out: discard{}}
	src, d := r.source(cell.Split(code, i.takes))
	if d != nil {
		return nil, nil
	}
	chunks, _ := cell.Chunks(r.file(), src)
	in := check.Input{Number: 0, File: r.unitFile(), Chunks: r.placed(chunks), Lines: func(string, int) string { return "" }}
	return i.checker.Tolerant(in, i.scope)
}

// candidates lists the names with the prefix that fit behind the text.
func (i *Interp) candidates(before, prefix string) []session.Candidate {
	i.mu.Lock()
	defer i.mu.Unlock()
	unit, file := i.tolerant(before + cursorName + cell.Close(before+cursorName))
	if unit == nil || file == nil || unit.Info == nil {
		return nil
	}
	var found []ranked
	add := func(rank int, o types.Object, name string) {
		if len(name) >= len(prefix) && strings.EqualFold(name[:len(prefix)], prefix) && name != cursorName && !strings.HasPrefix(name, "__") {
			found = append(found, ranked{rank, candidate(o, name)})
		}
	}
	at := findCursor(file, unit.Body)
	switch {
	case at.sel != nil:
		i.members(unit, at.sel, add)
	case strings.HasSuffix(strings.TrimRight(before, " \t"), "."):
	default:
		if at.lit != nil {
			fieldsOf(unit.Info.TypeOf(at.lit), func(v *types.Var) { add(0, v, v.Name()) })
		}
		i.names(unit, at, add)
	}
	slices.SortStableFunc(found, func(a, b ranked) int {
		return cmp.Or(cmp.Compare(a.rank, b.rank), cmp.Compare(strings.ToLower(a.c.Text), strings.ToLower(b.c.Text)))
	})
	var out []session.Candidate
	seen := map[string]bool{}
	for _, f := range found {
		if !seen[f.c.Text] {
			seen[f.c.Text] = true
			out = append(out, f.c)
		}
	}
	return out
}

type ranked struct {
	rank int
	c    session.Candidate
}

func candidate(o types.Object, name string) session.Candidate {
	c := session.Candidate{Text: name, Type: "keyword"}
	if o == nil {
		return c
	}
	switch o := o.(type) {
	case *types.Func:
		c.Type, c.Signature = "function", typeString(o.Type())
	case *types.TypeName:
		c.Type = "class"
		c.Signature = clip(typeString(o.Type().Underlying()), 60)
	case *types.PkgName:
		c.Type, c.Signature = "module", o.Imported().Path()
	case *types.Builtin:
		c.Type = "function"
	case *types.Var:
		c.Type, c.Signature = "instance", typeString(o.Type())
		if o.IsField() {
			c.Type = "property"
		}
	case *types.Const:
		c.Type, c.Signature = "instance", typeString(o.Type())
	}
	return c
}

// cursor is where the cursor stands in a tree.
type cursor struct {
	sel *ast.SelectorExpr
	lit *ast.CompositeLit
	pos token.Pos
}

func findCursor(file *ast.File, body *ast.BlockStmt) cursor {
	var at cursor
	var stack []ast.Node
	visit := func(n ast.Node) bool {
		if n == nil {
			stack = stack[:len(stack)-1]
			return true
		}
		if id, ok := n.(*ast.Ident); ok && id.Name == cursorName && at.pos == 0 {
			at.pos = id.Pos()
			if len(stack) > 0 {
				parent := stack[len(stack)-1]
				at.sel, _ = parent.(*ast.SelectorExpr)
				at.lit, _ = parent.(*ast.CompositeLit)
			}
		}
		stack = append(stack, n)
		return true
	}
	ast.Inspect(file, visit)
	return at
}

// members lists what may follow the dot.
func (i *Interp) members(unit *check.Unit, sel *ast.SelectorExpr, add func(int, types.Object, string)) {
	if id, ok := sel.X.(*ast.Ident); ok {
		if p, ok := unit.Info.Uses[id].(*types.PkgName); ok {
			for _, name := range p.Imported().Scope().Names() {
				if o := p.Imported().Scope().Lookup(name); o.Exported() {
					add(0, o, name)
				}
			}
			return
		}
	}
	t := unit.Info.TypeOf(sel.X)
	if t == nil || t == types.Typ[types.Invalid] {
		return
	}
	fieldsOf(t, func(v *types.Var) {
		if v.Exported() || v.Pkg() != nil && v.Pkg().Path() == "main" {
			add(0, v, v.Name())
		}
	})
	if _, isPtr := t.Underlying().(*types.Pointer); !isPtr && !types.IsInterface(t) {
		t = types.NewPointer(t)
	}
	set := types.NewMethodSet(t)
	for m := range set.Methods() {
		if o := m.Obj(); o.Exported() || o.Pkg() != nil && o.Pkg().Path() == "main" {
			add(1, o, o.Name())
		}
	}
}

// fieldsOf visits the fields of a struct, those of embedded ones too.
func fieldsOf(t types.Type, visit func(*types.Var)) {
	seen := map[types.Type]bool{}
	var walk func(t types.Type)
	walk = func(t types.Type) {
		if t == nil {
			return
		}
		if p, ok := t.Underlying().(*types.Pointer); ok {
			t = p.Elem()
		}
		s, ok := t.Underlying().(*types.Struct)
		if !ok || seen[t] {
			return
		}
		seen[t] = true
		for f := range s.Fields() {
			visit(f)
			if f.Embedded() {
				walk(f.Type())
			}
		}
	}
	walk(t)
}

// names lists what a bare name may be: locals first, then the session's, then
// packages, Go's own names and keywords.
func (i *Interp) names(unit *check.Unit, at cursor, add func(int, types.Object, string)) {
	for node, scope := range unit.Info.Scopes {
		if node.Pos() > at.pos || at.pos > node.End() {
			continue
		}
		for _, name := range scope.Names() {
			if o := scope.Lookup(name); name != cell.CellFunc {
				add(0, o, name)
			}
		}
	}
	if unit.Pkg != nil {
		for _, name := range unit.Pkg.Scope().Names() {
			if name != cell.CellFunc {
				add(1, unit.Pkg.Scope().Lookup(name), name)
			}
		}
	}
	for name, o := range i.pre.objects {
		add(2, o, name)
	}
	for name, path := range i.checker.Packages {
		add(3, types.NewPkgName(0, nil, name, types.NewPackage(path, name)), name)
	}
	for _, name := range types.Universe.Names() {
		add(4, types.Universe.Lookup(name), name)
	}
	for t := token.BREAK; t <= token.VAR; t++ {
		add(5, nil, t.String())
	}
}
