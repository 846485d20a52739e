package lower

import (
	"go/ast"
	"go/token"
	"go/types"
	"strconv"

	"golang.org/x/tools/go/ast/astutil"
)

// The tier compares types by how they are written, and of interfaces it knows the
// methods in simple cases only. So the host says what an interface holds:
//
//	switch __x1 := x; { case host.Is(7, []any{__x1}, (*T)(nil)): v := host.As(7, []any{__x1}, (*T)(nil)).(T) … }

// A typeCase is a type in a type switch or an assertion.
type typeCase struct {
	id   int
	typ  types.Type
	expr ast.Expr
}

// A typeSwitch is what must be known of one before it is rewritten.
type typeSwitch struct {
	of    types.Type
	cases map[ast.Expr]typeCase
	used  map[*ast.CaseClause]bool // its variable is used
}

func (l *lowerer) typeSwitch(s *ast.TypeSwitchStmt) *typeSwitch {
	if l.opt.Shape == nil {
		return nil
	}
	k := &typeSwitch{switchedType(l.Info, s), map[ast.Expr]typeCase{}, map[*ast.CaseClause]bool{}}
	for _, stmt := range s.Body.List {
		clause := stmt.(*ast.CaseClause)
		for _, e := range clause.List {
			tv := l.Info.Types[e]
			if tv.IsNil() {
				continue
			}
			c, ok := l.typeCase(tv.Type)
			if !ok {
				return nil
			}
			k.cases[e] = c
		}
		if o := l.Info.Implicits[clause]; o != nil {
			for _, b := range clause.Body {
				ast.Inspect(b, func(n ast.Node) bool {
					if id, ok := n.(*ast.Ident); ok && l.Info.Uses[id] == o {
						k.used[clause] = true
					}
					return true
				})
			}
		}
	}
	return k
}

func switchedType(info *types.Info, s *ast.TypeSwitchStmt) types.Type {
	x := ast.Expr(nil)
	switch a := s.Assign.(type) {
	case *ast.ExprStmt:
		x = a.X
	case *ast.AssignStmt:
		x = a.Rhs[0]
	}
	return info.TypeOf(x.(*ast.TypeAssertExpr).X)
}

// typeCase is a type that the host can tell. Inside of generic functions it cannot.
func (l *lowerer) typeCase(t types.Type) (c typeCase, ok bool) {
	if t == nil || generic(t) || l.opt.Shape == nil {
		return c, false
	}
	before := l.err
	e := l.typeExpr(t)
	if l.err != before {
		l.err = before
		return c, false
	}
	return typeCase{l.opt.Shape(l.shape(t)), t, e}, true
}

// generic says that a type depends on a type parameter or is an instance of a type of a
// cell.
func generic(t types.Type) bool {
	if open(t) {
		return true
	}
	switch t := t.(type) {
	case *types.Named:
		return t.TypeArgs().Len() > 0
	case interface{ Elem() types.Type }:
		return generic(t.Elem())
	}
	return false
}

// lowerTypeSwitch makes a switch without a tag of it.
func (l *lowerer) lowerTypeSwitch(c *astutil.Cursor, s *ast.TypeSwitchStmt, k *typeSwitch) {
	if _, isLabelled := c.Parent().(*ast.LabeledStmt); isLabelled && s.Init != nil {
		return
	}
	l.pos = s.Pos()
	l.temps++
	tag, variable := "__x"+strconv.Itoa(l.temps), ""
	var x ast.Expr
	switch a := s.Assign.(type) {
	case *ast.ExprStmt:
		x = a.X
	case *ast.AssignStmt:
		variable, x = a.Lhs[0].(*ast.Ident).Name, a.Rhs[0]
	}
	assert, ok := x.(*ast.TypeAssertExpr)
	if !ok {
		return
	}
	out := &ast.SwitchStmt{Switch: s.Switch, Init: &ast.AssignStmt{Lhs: []ast.Expr{l.ident(tag)}, TokPos: l.pos, Tok: token.DEFINE, Rhs: []ast.Expr{assert.X}}, Body: s.Body}
	for _, stmt := range s.Body.List {
		clause := stmt.(*ast.CaseClause)
		types := clause.List
		clause.List = nil
		for _, e := range types {
			l.pos = e.Pos()
			t, isType := k.cases[e]
			if !isType {
				clause.List = append(clause.List, &ast.BinaryExpr{X: l.ident(tag), OpPos: l.pos, Op: token.EQL, Y: l.ident("nil")})
				continue
			}
			clause.List = append(clause.List, l.hostCall("Is", l.ident(tag), k.of, t))
		}
		if !k.used[clause] {
			continue
		}
		var value ast.Expr = l.ident(tag)
		if len(types) == 1 {
			if t, isType := k.cases[types[0]]; isType {
				value = l.asType(l.ident(tag), k.of, t)
			}
		}
		set := &ast.AssignStmt{Lhs: []ast.Expr{l.ident(variable)}, TokPos: l.pos, Tok: token.DEFINE, Rhs: []ast.Expr{value}}
		clause.Body = append([]ast.Stmt{set}, clause.Body...)
	}
	oneCondition(out)
	if s.Init != nil {
		c.Replace(&ast.BlockStmt{Lbrace: s.Pos(), List: []ast.Stmt{s.Init, out}, Rbrace: s.End()})
		return
	}
	c.Replace(out)
}

// hostCall is host.name(id, []any{x}, (*T)(nil)).
func (l *lowerer) hostCall(name string, x ast.Expr, of types.Type, t typeCase) ast.Expr {
	return &ast.CallExpr{
		Fun: l.sel(Host, name, l.pos), Lparen: l.pos, Rparen: l.pos,
		Args: []ast.Expr{number(t.id, l.pos), l.inSlice(x, of), &ast.CallExpr{
			Fun:    &ast.ParenExpr{Lparen: l.pos, X: &ast.StarExpr{Star: l.pos, X: t.expr}, Rparen: l.pos},
			Lparen: l.pos, Args: []ast.Expr{l.ident("nil")}, Rparen: l.pos,
		}},
	}
}

// inSlice is []any{x}: in a slice the tier keeps the type of what it passes on, but for
// interfaces of bound packages.
func (l *lowerer) inSlice(x ast.Expr, t types.Type) ast.Expr {
	if n, ok := types.Unalias(t).(*types.Named); ok && !ofSession(n) && isInterface(n) {
		return &ast.CallExpr{Fun: l.sel(Host, "In", l.pos), Lparen: l.pos, Args: []ast.Expr{x}, Rparen: l.pos}
	}
	empty := &ast.InterfaceType{Interface: l.pos, Methods: &ast.FieldList{Opening: l.pos, Closing: l.pos}}
	return &ast.CompositeLit{Type: &ast.ArrayType{Lbrack: l.pos, Elt: empty}, Lbrace: l.pos, Elts: []ast.Expr{x}, Rbrace: l.pos}
}

// asType is the value of interface x as a T, which the host has said it is.
func (l *lowerer) asType(x ast.Expr, of types.Type, t typeCase) ast.Expr {
	if it, ok := t.typ.Underlying().(*types.Interface); ok {
		switch name := t.typ.String(); {
		case name == "error":
			return &ast.CallExpr{Fun: l.sel(Host, "AsError", l.pos), Lparen: l.pos, Args: []ast.Expr{l.inSlice(x, of)}, Rparen: l.pos}
		case name == "fmt.Stringer":
			return &ast.CallExpr{Fun: l.sel(Host, "AsStringer", l.pos), Lparen: l.pos, Args: []ast.Expr{l.inSlice(x, of)}, Rparen: l.pos}
		case it.Empty():
			return x
		}
	}
	if st, ok := t.typ.Underlying().(*types.Struct); ok && st.NumFields() == 0 { // the tier cannot assert it, and all are equal
		return &ast.CompositeLit{Type: t.expr, Lbrace: l.pos, Rbrace: l.pos}
	}
	return &ast.TypeAssertExpr{X: l.hostCall("As", x, of, t), Lparen: l.pos, Type: t.expr, Rparen: l.pos}
}

// typeAssert lowers v, ok := x.(T) and x.(T) where T is an interface with methods or a
// type of a cell.
func (l *lowerer) typeAssert(x *ast.TypeAssertExpr) (t typeCase, ok bool) {
	if x.Type == nil {
		return t, false
	}
	typ, of := l.Info.TypeOf(x.Type), l.Info.TypeOf(x.X)
	before := l.err
	if of != nil {
		l.typeExpr(of)
	}
	if l.err != before {
		l.err = before
		return t, false
	}
	if typ == nil || of == nil || open(of) {
		return t, false
	}
	return l.typeCase(typ)
}

// lowerAssert puts
// func(__x I) (T, bool) { if host.Is(…) { return host.As(…).(T), true }; var v T; return v, false }(x)
// in the place of an assertion. Without ok the host panics if x is not a T.
func (l *lowerer) lowerAssert(c *astutil.Cursor, x *ast.TypeAssertExpr, of types.Type, t typeCase, commaOK bool) {
	l.pos = x.Pos()
	l.temps++
	tag := "__x" + strconv.Itoa(l.temps)
	results := &ast.FieldList{List: []*ast.Field{{Type: t.expr}}}
	values := func(v ast.Expr, ok string) []ast.Expr {
		if !commaOK {
			return []ast.Expr{v}
		}
		return []ast.Expr{v, l.ident(ok)}
	}
	if commaOK {
		results.List = append(results.List, &ast.Field{Type: l.ident("bool")})
	}
	param := &ast.Field{Names: []*ast.Ident{l.ident(tag)}, Type: l.typeExpr(of)}
	name := "Is"
	if !commaOK {
		name = "Must"
	}
	body := []ast.Stmt{
		&ast.IfStmt{If: l.pos, Cond: l.hostCall(name, l.ident(tag), of, t), Body: &ast.BlockStmt{Lbrace: l.pos, Rbrace: l.pos, List: []ast.Stmt{
			&ast.ReturnStmt{Return: l.pos, Results: values(l.asType(l.ident(tag), of, t), "true")},
		}}},
		&ast.DeclStmt{Decl: &ast.GenDecl{TokPos: l.pos, Tok: token.VAR, Specs: []ast.Spec{&ast.ValueSpec{Names: []*ast.Ident{l.ident("__zero")}, Type: t.expr}}}},
		&ast.ReturnStmt{Return: l.pos, Results: values(l.ident("__zero"), "false")},
	}
	c.Replace(&ast.CallExpr{
		Fun: &ast.FuncLit{
			Type: &ast.FuncType{Func: l.pos, Params: &ast.FieldList{List: []*ast.Field{param}}, Results: results},
			Body: &ast.BlockStmt{Lbrace: l.pos, List: body, Rbrace: l.pos},
		},
		Lparen: l.pos, Args: []ast.Expr{x.X}, Rparen: l.pos,
	})
}

// commaOK says that an assertion's value comes with an ok.
func (l *lowerer) commaOK(x *ast.TypeAssertExpr) bool {
	_, isTuple := l.Info.TypeOf(x).(*types.Tuple)
	return isTuple
}

// computedCases says that a switch on a variable or a field has cases that are not
// constants, which the tier may miss.
func (l *lowerer) computedCases(s *ast.SwitchStmt) bool {
	if s.Tag == nil || copyOf(s.Tag) == nil {
		return false
	}
	for _, stmt := range s.Body.List {
		for _, e := range stmt.(*ast.CaseClause).List {
			if tv := l.Info.Types[e]; tv.Value == nil && !tv.IsNil() {
				return true
			}
		}
	}
	return false
}

// copyOf copies x or x.f.
func copyOf(e ast.Expr) ast.Expr {
	switch x := ast.Unparen(e).(type) {
	case *ast.Ident:
		return &ast.Ident{Name: x.Name, NamePos: x.NamePos}
	case *ast.SelectorExpr:
		if id, ok := x.X.(*ast.Ident); ok {
			return &ast.SelectorExpr{X: copyOf(id), Sel: &ast.Ident{Name: x.Sel.Name, NamePos: x.Sel.NamePos}}
		}
	}
	return nil
}

// compareCases makes switch { case x == a: } of switch x { case a: }.
func compareCases(s *ast.SwitchStmt) {
	if copyOf(s.Tag) == nil {
		return
	}
	for _, stmt := range s.Body.List {
		clause := stmt.(*ast.CaseClause)
		for n, e := range clause.List {
			clause.List[n] = &ast.BinaryExpr{X: copyOf(s.Tag), OpPos: e.Pos(), Op: token.EQL, Y: e}
		}
	}
	s.Tag = nil
}
