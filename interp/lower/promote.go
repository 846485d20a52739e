package lower

import (
	"go/ast"
	"go/token"
	"go/types"
	"strconv"

	"golang.org/x/tools/go/ast/astutil"
)

// The tier finds methods that a struct has from what it embeds in simple cases only. So
// they are written out: func (s Svc) Log(a0 string) { s.Logger.Log(a0) }.

// promoted declares the methods that the types of a declaration have from what they
// embed.
func (l *lowerer) promoted(g *ast.GenDecl, names []string) {
	if g.Tok != token.TYPE {
		return
	}
	for _, name := range names {
		o, ok := l.Pkg.Scope().Lookup(name).(*types.TypeName)
		if !ok || o.IsAlias() {
			continue
		}
		n, ok := o.Type().(*types.Named)
		if !ok || n.TypeParams().Len() > 0 {
			continue
		}
		if _, isStruct := n.Underlying().(*types.Struct); !isStruct {
			continue
		}
		byValue := types.NewMethodSet(n)
		all := types.NewMethodSet(types.NewPointer(n))
		for i := range all.Len() {
			if m := all.At(i); len(m.Index()) > 1 {
				l.forward(o, n, m, byValue.Lookup(m.Obj().Pkg(), m.Obj().Name()) == nil)
			}
		}
	}
}

// forward declares one such method.
func (l *lowerer) forward(o *types.TypeName, n *types.Named, m *types.Selection, byPointer bool) {
	f := m.Obj().(*types.Func)
	if !f.Exported() && f.Pkg().Path() != "main" {
		return
	}
	before := l.err
	l.pos = o.Pos()
	var recv ast.Expr = l.typeExpr(n)
	if byPointer {
		recv = &ast.StarExpr{Star: l.pos, X: recv}
	}
	sig := f.Signature()
	ft := &ast.FuncType{Func: l.pos, Params: l.fields(sig.Params(), sig.Variadic()), Results: l.fields(sig.Results(), false)}
	if l.err != before { // a type that cannot be written: the tier may find the method
		l.err = before
		return
	}
	of := types.Type(n)
	if byPointer {
		of = types.NewPointer(n)
	}
	if r := l.runtimeName(o); r != "" {
		self := types.NewParam(0, nil, "", of)
		l.sampleOf(r, f.Name(), types.NewSignatureType(self, nil, nil, sig.Params(), sig.Results(), sig.Variadic()))
	}
	call := &ast.CallExpr{Fun: &ast.SelectorExpr{X: fieldPath(l.ident("__self"), n, m.Index(), l.pos), Sel: l.ident(f.Name())}, Lparen: l.pos, Rparen: l.pos}
	l.decls = append(l.decls, &ast.FuncDecl{
		Recv: &ast.FieldList{List: []*ast.Field{{Names: []*ast.Ident{l.ident("__self")}, Type: recv}}},
		Name: l.ident(f.Name()), Type: ft, Body: l.passOn(ft, call, sig),
	})
}

// fieldPath is x.A.B, where the fields embed one another.
func fieldPath(x ast.Expr, t types.Type, index []int, pos token.Pos) ast.Expr {
	for _, i := range index[:len(index)-1] {
		if p, ok := t.Underlying().(*types.Pointer); ok {
			t = p.Elem()
		}
		s, ok := t.Underlying().(*types.Struct)
		if !ok {
			break
		}
		field := s.Field(i)
		x = &ast.SelectorExpr{X: x, Sel: &ast.Ident{Name: field.Name(), NamePos: pos}}
		t = field.Type()
	}
	return x
}

// embeddedIn is the field of x that has a promoted method, and whether it is a pointer.
func (l *lowerer) embeddedIn(x ast.Expr, m *types.Selection) (ast.Expr, bool) {
	t := m.Recv()
	for _, i := range m.Index()[:len(m.Index())-1] {
		if p, ok := t.Underlying().(*types.Pointer); ok {
			t = p.Elem()
		}
		s, ok := t.Underlying().(*types.Struct)
		if !ok {
			break
		}
		t = s.Field(i).Type()
	}
	_, isPointer := t.Underlying().(*types.Pointer)
	return fieldPath(x, m.Recv(), m.Index(), l.pos), isPointer
}

// passOn names the parameters of a function type, and is the body that passes them to
// a call.
func (l *lowerer) passOn(ft *ast.FuncType, call *ast.CallExpr, sig *types.Signature) *ast.BlockStmt {
	for n, f := range ft.Params.List {
		name := "__a" + strconv.Itoa(n)
		f.Names = []*ast.Ident{l.ident(name)}
		call.Args = append(call.Args, l.ident(name))
	}
	if sig.Variadic() {
		call.Ellipsis = l.pos
	}
	var s ast.Stmt = &ast.ExprStmt{X: call}
	if sig.Results().Len() > 0 {
		s = &ast.ReturnStmt{Return: l.pos, Results: []ast.Expr{call}}
	}
	return &ast.BlockStmt{Lbrace: l.pos, Rbrace: l.pos, List: []ast.Stmt{s}}
}

// methodValue binds the receiver of x.M where it stands, which the tier does when it is
// called: func() F { __self := x; return func(a0 A) R { return __self.M(a0) } }().
func (l *lowerer) methodValue(c *astutil.Cursor, s *ast.SelectorExpr, m *types.Selection) {
	if call, ok := c.Parent().(*ast.CallExpr); ok && call.Fun == s {
		return
	}
	f, ok := m.Obj().(*types.Func)
	if !ok {
		return
	}
	before := l.err
	l.pos = s.Pos()
	sig := m.Type().(*types.Signature)
	outer := l.typeExpr(sig)
	inner := &ast.FuncType{Func: l.pos, Params: l.fields(sig.Params(), sig.Variadic()), Results: l.fields(sig.Results(), false)}
	if l.err != before {
		l.err = before
		return
	}
	self := s.X
	_, isPointer := m.Recv().Underlying().(*types.Pointer)
	if len(m.Index()) > 1 {
		self, isPointer = l.embeddedIn(self, m)
	}
	if _, wants := f.Signature().Recv().Type().(*types.Pointer); wants && !isPointer {
		self = &ast.UnaryExpr{OpPos: l.pos, Op: token.AND, X: self}
	} else if !wants && isPointer {
		self = &ast.StarExpr{Star: l.pos, X: self}
	}
	call := &ast.CallExpr{Fun: &ast.SelectorExpr{X: l.ident("__self"), Sel: l.ident(s.Sel.Name)}, Lparen: l.pos, Rparen: l.pos}
	lit := &ast.FuncLit{Type: inner, Body: l.passOn(inner, call, sig)}
	c.Replace(&ast.CallExpr{
		Fun: &ast.FuncLit{
			Type: &ast.FuncType{Func: l.pos, Params: &ast.FieldList{}, Results: &ast.FieldList{List: []*ast.Field{{Type: outer}}}},
			Body: &ast.BlockStmt{Lbrace: l.pos, Rbrace: l.pos, List: []ast.Stmt{
				&ast.AssignStmt{Lhs: []ast.Expr{l.ident("__self")}, TokPos: l.pos, Tok: token.DEFINE, Rhs: []ast.Expr{self}},
				&ast.ReturnStmt{Return: l.pos, Results: []ast.Expr{lit}},
			}},
		},
		Lparen: l.pos, Rparen: l.pos,
	})
}
