package emit

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"strings"

	"github.com/adabc437/fanout/interp/check"
)

// walk makes the edits.
func (w *writer) walk() {
	var bodies []ast.Node
	for _, d := range w.Decls {
		if f, ok := d.Node.(*ast.FuncDecl); ok {
			w.funcDecl(f)
		}
		bodies = append(bodies, d.Node)
	}
	w.statements()
	for _, s := range w.Body.List {
		if !w.skip[s] {
			bodies = append(bodies, s)
			w.channels(s)
		}
	}
	for _, g := range w.Globals {
		bodies = append(bodies, g.Rhs)
	}
	for _, n := range bodies {
		w.inspect(n)
	}
}

// inspect edits what is below a node.
func (w *writer) inspect(root ast.Node) {
	var stack []ast.Node
	ast.Inspect(root, func(n ast.Node) bool {
		if n == nil {
			top := stack[len(stack)-1]
			w.edits = append(w.edits, w.closing[top]...) // behind what is inside
			if edit := w.late[top]; edit != nil {
				edit()
			}
			stack = stack[:len(stack)-1]
			return true
		}
		if w.skip[n] {
			return false
		}
		var parent ast.Node
		if len(stack) > 0 {
			parent = stack[len(stack)-1]
		}
		stack = append(stack, n)
		switch x := n.(type) {
		case *ast.ExprStmt:
			w.unused[x.X] = x.X != w.Result
		case *ast.LabeledStmt:
			w.labelled[x.Stmt] = true
		case *ast.Ident:
			w.ident(x, parent)
		case *ast.SelectorExpr:
			w.selector(x, parent)
		case *ast.CallExpr:
			w.call(x)
		case *ast.FuncLit:
			w.funcBody(x.Body, x)
		case *ast.ForStmt:
			w.loop(x, x.Body, w.counted(x))
		case *ast.RangeStmt:
			w.loop(x, x.Body, w.countedRange(x))
		case *ast.BranchStmt:
			w.jump(x)
		case *ast.GoStmt:
			w.goStmt(x)
		case *ast.Field:
			if len(x.Names) == 0 {
				if _, isStruct := grandparent(stack).(*ast.StructType); isStruct {
					w.embedded(x)
				}
			}
		}
		return true
	})
}

// grandparent of the node on top: of a field, what its list belongs to.
func grandparent(stack []ast.Node) ast.Node {
	if len(stack) < 3 {
		return nil
	}
	return stack[len(stack)-3]
}

// entity is what the session knows of an object of an earlier cell.
func (w *writer) entity(o types.Object) *check.Entity {
	if e := w.objects[o]; e != nil {
		return e
	}
	if o.Pkg() == nil || o.Pkg().Path() != "main" || w.declared[o] {
		return nil
	}
	if e := w.scope.Ever(o); e != nil {
		return e
	}
	// An instance of a generic function or type has an object of its own kind.
	switch o := o.(type) {
	case *types.Func:
		return w.objects[o.Origin()]
	}
	return nil
}

// sessionName is how the source names a constant, type or function of the session;
// asField under the name that an embedded field has.
func (w *writer) sessionName(o types.Object, asField bool) string {
	e := w.entity(o)
	if e == nil { // the unit's own
		if _, isType := o.(*types.TypeName); isType && !asField {
			return o.Name()
		}
		return exported(o.Name())
	}
	return w.pkg(e.Runtime) + "." + exported(o.Name())
}

// ident replaces a name of the session.
func (w *writer) ident(id *ast.Ident, parent ast.Node) {
	if id.Name == "_" || !id.Pos().IsValid() {
		return
	}
	if s, ok := parent.(*ast.SelectorExpr); ok && s.Sel == id {
		return
	}
	o := w.Info.Uses[id]
	if o == nil {
		o = w.Info.Defs[id]
	}
	if o == nil {
		return
	}
	text := id.Name
	switch o := o.(type) {
	case *types.Var:
		switch {
		case o.IsField():
			text = w.fieldName(o)
		case w.sessionVar(o):
			text = "(*" + w.pointer(o) + ")"
		case o.Pkg() != nil && o.Pkg().Path() != "main" && o.Parent() == o.Pkg().Scope(): // imported with a dot
			text = w.pkg(o.Pkg().Path()) + "." + o.Name()
		}
	case *types.PkgName:
		text = w.pkg(o.Imported().Path())
	case *types.Func:
		text = w.funcName(o)
	case *types.TypeName, *types.Const:
		switch {
		case o.Pkg() == nil:
		case o.Pkg().Path() == w.opt.Host:
			text = w.rt() + "." + o.Name()
		case o.Pkg().Path() != "main": // imported with a dot
			text = w.pkg(o.Pkg().Path()) + "." + o.Name()
		case w.declared[o] || w.entity(o) != nil:
			text = w.sessionName(o, false)
		}
	}
	if text != id.Name {
		w.replace(w.offset(id.Pos()), w.offset(id.End()), text)
	}
}

func (w *writer) sessionVar(v *types.Var) bool {
	if w.locals[v] || w.Retyped[v.Name()] == v {
		return true
	}
	if e := w.objects[v]; e != nil {
		return true
	}
	// A late body sees the unit's variables as package-level ones.
	return v.Pkg() != nil && v.Pkg().Path() == "main" && v.Parent() != nil && v.Parent().Parent() == types.Universe
}

func (w *writer) funcName(f *types.Func) string {
	switch {
	case f.Pkg() == nil:
		return f.Name()
	case f.Signature().Recv() != nil:
		return exportedMember(f)
	case f.Pkg().Path() == w.opt.Host: // cells see display, which is rt.Display
		return w.rt() + "." + strings.ToUpper(f.Name()[:1]) + f.Name()[1:]
	case f.Pkg().Path() != "main":
		return w.pkg(f.Pkg().Path()) + "." + f.Name()
	case strings.HasPrefix(f.Name(), "__magic_") || f.Name() == check.ValuesCall:
		return f.Name()
	}
	return w.sessionName(f, false)
}

// selector replaces the name behind a dot.
func (w *writer) selector(s *ast.SelectorExpr, parent ast.Node) {
	o := w.Info.Uses[s.Sel]
	if o == nil {
		return
	}
	text := s.Sel.Name
	switch o := o.(type) {
	case *types.Var:
		if o.IsField() {
			text = w.fieldName(o)
		}
	case *types.Func:
		if o.Signature().Recv() != nil {
			text = exportedMember(o)
		}
	}
	if text != s.Sel.Name {
		w.replace(w.offset(s.Sel.Pos()), w.offset(s.Sel.End()), text)
	}
}

// inner says of a type that it is declared inside of a function or a block.
func (w *writer) inner(o *types.TypeName) bool {
	return o.Pkg() == nil || o.Pkg().Path() != "main" || !w.declared[o] && w.entity(o) == nil
}

// embedded gives an embedded field the name that it has in all cells.
func (w *writer) embedded(f *ast.Field) {
	t := f.Type
	if s, ok := t.(*ast.StarExpr); ok {
		t = s.X
	}
	switch x := t.(type) {
	case *ast.IndexExpr:
		t = x.X
	case *ast.IndexListExpr:
		t = x.X
	}
	id, ok := t.(*ast.Ident)
	if !ok {
		return
	}
	o, ok := w.Info.Uses[id].(*types.TypeName)
	if !ok || o.Exported() {
		return
	}
	text := ""
	switch {
	case o.Pkg() == nil:
		text = w.basicAlias(id.Name)
	case w.inner(o): // its field stays there, under its own name
		return
	default:
		text = w.sessionName(o, true)
	}
	w.skip[id] = true
	w.replace(w.offset(id.Pos()), w.offset(id.End()), text)
}

// funcDecl renames a declared function or method, and puts its check in.
func (w *writer) funcDecl(f *ast.FuncDecl) {
	name := exported(f.Name.Name)
	if f.Recv == nil && f.Name.Name == "init" {
		w.temps++
		name = fmt.Sprintf("%sinit_%d", own, w.temps)
		w.Inits = append(w.Inits, name)
	}
	w.skip[f.Name] = true
	if name != f.Name.Name {
		w.replace(w.offset(f.Name.Pos()), w.offset(f.Name.End()), name)
	}
	if f.Body != nil {
		w.funcBody(f.Body, f)
	}
}

// initial are the statements that run first: what sets a program's variables, and
// init functions.
func (w *writer) initial(p *Package) []string {
	var list []string
	for _, g := range w.GlobalDecls {
		for _, s := range g.Specs {
			if s := s.(*ast.ValueSpec); len(s.Values) == 0 {
				for _, n := range s.Names {
					if n.Name != "_" {
						list = append(list, w.rt()+".Zero("+w.variable(n.Name).Pointer+")", set(n.Name, p))
					}
				}
			}
		}
	}
	for _, g := range w.Globals {
		var lhs []string
		for _, v := range g.Lhs {
			if v.Name() == "_" {
				lhs = append(lhs, "_")
			} else {
				lhs = append(lhs, "*"+w.variable(v.Name()).Pointer)
			}
		}
		rhs := w.edited(w.offset(g.Rhs.Pos()), w.offset(g.Rhs.End()))
		if tv := w.Info.Types[g.Rhs]; tv.IsNil() && lhs[0] == "_" {
			continue
		}
		to := strings.Join(lhs, ", ")
		if to == "_" && (w.Info.Types[g.Rhs].Value != nil || w.isGeneric(g.Rhs) || untypedParts(g.Rhs, g.Lhs[0].Type())) {
			to = "var _ " + w.typeText(g.Lhs[0].Type()) // which says what the value is
		}
		list = append(list, to+" = "+w.directive(g.Rhs.Pos())+rhs)
		for _, v := range g.Lhs {
			if v.Name() != "_" {
				list = append(list, set(v.Name(), p))
			}
		}
	}
	for _, name := range w.Inits {
		list = append(list, name+"()")
	}
	return list
}

// final are those that run last: the program's main.
func (w *writer) final() []string {
	if w.CallsMain {
		return []string{exported("main") + "()"}
	}
	return nil
}

// statements makes session variables of what the cell's statements declare, and
// has the last expression shown.
func (w *writer) statements() {
	if w.CallsMain {
		w.skip[w.Body.List[len(w.Body.List)-1]] = true
	}
	for _, s := range w.Body.List {
		for {
			l, ok := s.(*ast.LabeledStmt)
			if !ok {
				break
			}
			s = l.Stmt
		}
		switch s := s.(type) {
		case *ast.AssignStmt:
			if s.Tok == token.DEFINE {
				at := w.offset(s.TokPos)
				w.replace(at, at+2, "=")
			}
		case *ast.DeclStmt:
			if g, ok := s.Decl.(*ast.GenDecl); ok && g.Tok == token.VAR {
				w.varDecl(g)
			}
		case *ast.ExprStmt:
			if s.X == w.Result {
				w.result(s)
			}
		}
	}
}

// varDecl makes assignments of var declarations.
func (w *writer) varDecl(g *ast.GenDecl) {
	if len(g.Specs) == 0 {
		w.blank(w.offset(g.Pos()), w.offset(g.End()))
		return
	}
	w.blank(w.offset(g.Pos()), w.offset(g.Specs[0].Pos()))
	for n, spec := range g.Specs {
		s := spec.(*ast.ValueSpec)
		start, end := w.offset(s.Pos()), w.offset(s.End())
		named := false
		for _, n := range s.Names {
			named = named || n.Name != "_"
		}
		switch {
		case !named:
			w.insert(start, "var ")
		case len(s.Values) > 0:
			last := w.offset(s.Names[len(s.Names)-1].End())
			first := w.offset(s.Values[0].Pos())
			w.replace(last, first, " = "+strings.Repeat("\n", strings.Count(w.text[last:first], "\n")))
			if s.Type != nil {
				w.skip[s.Type] = true
			}
		default:
			var b strings.Builder
			for _, n := range s.Names {
				if n.Name != "_" {
					fmt.Fprintf(&b, "%s.Zero(%s); ", w.rt(), w.variable(n.Name).Pointer)
				}
			}
			w.skip[s] = true
			w.replace(start, end, strings.TrimSuffix(b.String(), "; ")+strings.Repeat("\n", strings.Count(w.text[start:end], "\n")))
		}
		next := w.offset(g.End())
		if n+1 < len(g.Specs) {
			next = w.offset(g.Specs[n+1].Pos())
		}
		between := ";" + strings.Repeat("\n", strings.Count(w.text[end:next], "\n"))
		w.closing[g] = append(w.closing[g], edit{end, next, between}) // behind what ends there, too
	}
}

// result has the last expression shown.
func (w *writer) result(s *ast.ExprStmt) {
	tv := w.Info.Types[s.X]
	if tv.IsVoid() || tv.Type == nil {
		return
	}
	if t, ok := tv.Type.(*types.Tuple); ok && t.Len() == 0 {
		return
	}
	start, end := w.offset(s.X.Pos()), w.offset(s.X.End())
	if call, ok := s.X.(*ast.CallExpr); ok && isValues(call) {
		w.skip[call.Fun] = true
		w.replace(start, start+len(check.ValuesCall), w.rt()+".Result("+Run+")")
		return
	}
	w.insert(start, w.rt()+".Result("+Run+")(")
	w.close(s.X, end, ")")
}

func isValues(call *ast.CallExpr) bool {
	id, ok := call.Fun.(*ast.Ident)
	return ok && id.Name == check.ValuesCall
}
