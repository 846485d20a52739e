package lower

import (
	"go/ast"
	"go/token"
	"go/types"
	"strconv"

	"golang.org/x/tools/go/ast/astutil"
)

// rewriteIdent puts the runtime name in place of a name.
func (l *lowerer) rewriteIdent(c *astutil.Cursor, id *ast.Ident) {
	if s, ok := c.Parent().(*ast.SelectorExpr); ok && s.Sel == id {
		return
	}
	o := l.Info.Uses[id]
	if o == nil {
		o = l.Info.Defs[id]
	}
	if t, ok := o.(*types.TypeName); ok {
		if p, isParam := t.Type().(*types.TypeParam); isParam {
			id.Name = paramName(p)
			return
		}
	}
	if v, ok := o.(*types.Var); ok && !v.IsField() && types.Universe.Lookup(id.Name) != nil && l.runtimeName(o) == "" && !isFieldKey(c, l.Info) {
		id.Name = ownName + id.Name // the tier keeps to what Go has by that name
		return
	}
	if l.Info.Uses[id] == nil {
		if o == nil || !l.TopLevel(o) {
			return
		}
	}
	if v, ok := o.(*types.Var); ok && v.IsField() {
		return
	}
	if p, ok := o.(*types.PkgName); ok {
		if p.Imported() == types.Unsafe {
			l.fail(id.Pos(), "", "the interpreted tier has no package unsafe")
		}
		id.Name = l.alias(p.Imported().Path())
		return
	}
	if r := l.runtimeName(o); r != "" {
		if id.Name != r && isFieldKey(c, l.Info) {
			return
		}
		id.Name = r
		return
	}
	if o.Pkg() != nil && o.Pkg().Path() != "main" { // predeclared, or of a dot import
		name := o.Name()
		if p, ok := l.opt.Predeclared[name]; ok {
			name = p.Name()
		}
		c.Replace(l.sel(o.Pkg().Path(), name, id.Pos()))
	}
}

// ownName begins the names of variables that have the name of something predeclared.
const ownName = "__own_"

// paramName is what a type parameter is called: the tier would take one that has
// the name of a type of the session for that type.
func paramName(t *types.TypeParam) string { return "__param_" + t.Obj().Name() }

// isFieldKey says that the cursor is at the key of a struct literal's element.
func isFieldKey(c *astutil.Cursor, info *types.Info) bool {
	kv, ok := c.Parent().(*ast.KeyValueExpr)
	if !ok || kv.Key != c.Node() {
		return false
	}
	_, isField := info.Uses[kv.Key.(*ast.Ident)].(*types.Var)
	return isField && info.Uses[kv.Key.(*ast.Ident)].(*types.Var).IsField()
}

// rewriteCall lowers calls of magics, of display, and of functions that get
// os.Stdin as a reader.
func (l *lowerer) rewriteCall(c *astutil.Cursor, call *ast.CallExpr) {
	l.stdin(call)
	l.guardStarted(call)
	if id, ok := call.Fun.(*ast.Ident); ok {
		if n, isMagic := l.opt.Calls[id.Name]; isMagic {
			l.magic(c, call, id.Name, n)
			return
		}
	}
	if l.builtin(c, call) || l.generic(c, call) {
		return
	}
	l.packVariadic(call)
	if s, ok := call.Fun.(*ast.SelectorExpr); ok && s.Sel.Name == "Display" {
		if x, ok := s.X.(*ast.Ident); ok && x.Name == l.aliases[Host] && len(call.Args) == 1 {
			call.Args[0] = l.withMethods(call.Args[0])
		}
	}
}

// magic makes host.Magic(n, args…) of a call, asserted to its type.
func (l *lowerer) magic(c *astutil.Cursor, call *ast.CallExpr, name string, n int) {
	sig, ok := l.Info.TypeOf(call.Fun).(*types.Signature)
	if !ok || sig.TypeParams().Len() > 0 {
		sig = l.Signatures[name]
	}
	pos := call.Pos()
	out := &ast.CallExpr{Fun: l.sel(Host, "Magic", pos), Lparen: pos, Rparen: call.Rparen, Args: []ast.Expr{number(l.opt.Run, pos), number(n, pos)}}
	for i, a := range call.Args {
		if tv := l.Info.Types[a]; tv.Value != nil && i < sig.Params().Len() && !sig.Variadic() { // a constant: give it its type
			a = &ast.CallExpr{Fun: l.typeExpr(sig.Params().At(i).Type()), Lparen: a.Pos(), Args: []ast.Expr{a}, Rparen: a.End()}
		}
		out.Args = append(out.Args, a)
	}
	if sig.Results().Len() == 0 {
		c.Replace(out)
		return
	}
	l.pos = pos
	t := sig.Results().At(0).Type()
	if it, ok := t.Underlying().(*types.Interface); ok && it.Empty() {
		c.Replace(out)
		return
	}
	c.Replace(&ast.TypeAssertExpr{X: out, Lparen: pos, Type: l.typeExpr(t), Rparen: call.Rparen})
}

func number(n int, pos token.Pos) ast.Expr {
	return &ast.BasicLit{ValuePos: pos, Kind: token.INT, Value: strconv.Itoa(n)}
}

// stdin gives readers of os.Stdin the front end's user to read from.
func (l *lowerer) stdin(call *ast.CallExpr) {
	sig, ok := l.Info.TypeOf(call.Fun).(*types.Signature)
	if !ok {
		return
	}
	for i, a := range call.Args {
		s, ok := a.(*ast.SelectorExpr)
		if !ok {
			continue
		}
		o := l.Info.Uses[s.Sel]
		if o == nil || o.Pkg() == nil || o.Pkg().Path() != "os" || o.Name() != "Stdin" || i >= sig.Params().Len() {
			continue
		}
		if _, isIface := sig.Params().At(i).Type().Underlying().(*types.Interface); isIface {
			call.Args[i] = l.sel(Host, "Stdin", s.Pos())
		}
	}
}

// rich are the methods that say how a value is shown.
var rich = []string{"MimeBundle", "HTML", "Markdown", "SVG", "PNG", "JPEG", "LaTeX", "Error", "String"}

// withMethods wraps a value of a type declared in a cell, since the tier drops
// the methods of such a value when it becomes an interface: host.Methods keeps
// the rich ones beside it.
func (l *lowerer) withMethods(e ast.Expr) ast.Expr {
	t := l.Info.TypeOf(e)
	if t == nil || !ofSession(t) {
		return e
	}
	if _, isIface := t.Underlying().(*types.Interface); isIface {
		return e
	}
	set := types.NewMethodSet(t)
	l.temps++
	pos := e.Pos()
	tmp := "__value" + strconv.Itoa(l.temps)
	args := []ast.Expr{&ast.Ident{Name: tmp, NamePos: pos}}
	for _, name := range rich {
		if m := set.Lookup(nil, name); m != nil {
			args = append(args,
				&ast.BasicLit{ValuePos: pos, Kind: token.STRING, Value: strconv.Quote(name)},
				&ast.SelectorExpr{X: &ast.Ident{Name: tmp, NamePos: pos}, Sel: &ast.Ident{Name: name, NamePos: pos}})
		}
	}
	if len(args) == 1 {
		return e
	}
	anyType := &ast.InterfaceType{Interface: pos, Methods: &ast.FieldList{Opening: pos, Closing: pos}}
	body := []ast.Stmt{
		&ast.AssignStmt{Lhs: []ast.Expr{&ast.Ident{Name: tmp, NamePos: pos}}, Tok: token.DEFINE, TokPos: pos, Rhs: []ast.Expr{e}},
		&ast.ReturnStmt{Return: pos, Results: []ast.Expr{&ast.CallExpr{Fun: l.sel(Host, "Methods", pos), Lparen: pos, Args: args, Rparen: pos}}},
	}
	return &ast.CallExpr{
		Fun: &ast.FuncLit{
			Type: &ast.FuncType{Func: pos, Params: &ast.FieldList{}, Results: &ast.FieldList{List: []*ast.Field{{Type: anyType}}}},
			Body: &ast.BlockStmt{Lbrace: pos, List: body, Rbrace: pos},
		},
		Lparen: pos, Rparen: pos,
	}
}

// ofSession says that t, or what it points to, was declared in a cell.
func ofSession(t types.Type) bool {
	t = types.Unalias(t)
	if p, ok := t.(*types.Pointer); ok {
		t = p.Elem()
	}
	n, ok := t.(*types.Named)
	return ok && n.Obj().Pkg() != nil && n.Obj().Pkg().Path() == "main"
}

// packVariadic passes the arguments of f(xs ...any) as a slice where one of them is a
// slice, which the tier would take for all of them.
func (l *lowerer) packVariadic(call *ast.CallExpr) {
	sig, ok := l.Info.TypeOf(call.Fun).(*types.Signature)
	if !ok || !sig.Variadic() || call.Ellipsis.IsValid() || len(call.Args) < sig.Params().Len() {
		return
	}
	bound := false
	if s, isSel := ast.Unparen(call.Fun).(*ast.SelectorExpr); isSel {
		o := l.Info.Uses[s.Sel]
		bound = o != nil && o.Pkg() != nil && o.Pkg().Path() != "main"
	}
	first := sig.Params().Len() - 1
	list, ok := sig.Params().At(first).Type().(*types.Slice)
	if !ok || !isInterface(list.Elem()) || open(list.Elem()) {
		return
	}
	found := bound // methods of cells' types must be seen
	if it := list.Elem().Underlying().(*types.Interface); bound && it.Empty() {
		return
	}
	for _, a := range call.Args[first:] {
		if t := l.Info.TypeOf(a); t != nil {
			_, isSlice := t.Underlying().(*types.Slice)
			found = found || isSlice
		}
	}
	if !found {
		return
	}
	l.pos = call.Args[first].Pos()
	packed := &ast.CompositeLit{Type: l.typeExpr(list), Lbrace: l.pos, Elts: append([]ast.Expr{}, call.Args[first:]...), Rbrace: call.Rparen}
	call.Args = append(call.Args[:first:first], packed)
	call.Ellipsis = call.Rparen
}
