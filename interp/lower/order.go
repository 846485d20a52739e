package lower

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"golang.org/x/tools/go/ast/astutil"
)

// namesResults says that a return gives several values of a function whose results
// have names: the tier sets these one after the other.
func (l *lowerer) namesResults(r *ast.ReturnStmt) *types.Tuple {
	if len(r.Results) == 0 || len(l.functions) == 0 {
		return nil
	}
	sig := l.functions[len(l.functions)-1]
	if sig == nil || sig.Results().Len() != len(r.Results) {
		return nil
	}
	for n, e := range r.Results {
		if l.losesType(e, sig.Results().At(n).Type()) {
			return sig.Results()
		}
	}
	if len(r.Results) < 2 || sig.Results().At(0).Name() == "" {
		return nil
	}
	for _, e := range r.Results { // constants and variables of others do no harm
		found := false
		ast.Inspect(e, func(n ast.Node) bool {
			if id, ok := n.(*ast.Ident); ok {
				for v := range sig.Results().Variables() {
					found = found || l.Info.Uses[id] == v
				}
			}
			return !found
		})
		if found {
			return sig.Results()
		}
	}
	return nil
}

// losesType says that an expression is computed, of a cell's type, and goes into an
// interface: the tier would keep to the type it computes with.
func (l *lowerer) losesType(e ast.Expr, into types.Type) bool {
	tv := l.Info.Types[e]
	if !isInterface(into) || tv.Type == nil || isInterface(tv.Type) || !ofSession(tv.Type) {
		return false
	}
	if _, isBasic := tv.Type.Underlying().(*types.Basic); !isBasic {
		return false
	}
	_, isBinary := ast.Unparen(e).(*ast.BinaryExpr)
	return tv.Value != nil || isBinary
}

// ownTypes are the types of the values of a return that lose theirs.
func (l *lowerer) ownTypes(r *ast.ReturnStmt, results *types.Tuple) []types.Type {
	list := make([]types.Type, len(r.Results))
	for n, e := range r.Results {
		if l.losesType(e, results.At(n).Type()) {
			list[n] = l.Info.TypeOf(e)
		}
	}
	return list
}

// returnValues puts the values of a return into variables first.
func (l *lowerer) returnValues(c *astutil.Cursor, r *ast.ReturnStmt, results *types.Tuple, own []types.Type) {
	if c.Index() < 0 {
		return
	}
	l.pos = r.Pos()
	for n, e := range r.Results {
		if id, ok := e.(*ast.Ident); ok && id.Name == "nil" {
			continue
		}
		name := l.temp()
		t := results.At(n).Type()
		if own := own[n]; own != nil && isInterface(t) {
			t = own
		}
		spec := &ast.ValueSpec{Names: []*ast.Ident{l.ident(name)}, Type: l.typeExpr(t), Values: []ast.Expr{e}}
		c.InsertBefore(&ast.DeclStmt{Decl: &ast.GenDecl{TokPos: l.pos, Tok: token.VAR, Specs: []ast.Spec{spec}}})
		r.Results[n] = l.ident(name)
	}
}

// received puts what comes from a channel into a variable, if it goes elsewhere: the
// tier would lose it, or with v, ok = <-c look for it in the wrong place.
func (l *lowerer) received(c *astutil.Cursor, s *ast.AssignStmt) {
	if c.Index() < 0 || s.Tok != token.ASSIGN && s.Tok != token.DEFINE || len(s.Rhs) != 1 {
		return
	}
	u, ok := ast.Unparen(s.Rhs[0]).(*ast.UnaryExpr)
	elsewhere := slices.ContainsFunc(s.Lhs, func(e ast.Expr) bool {
		id, isIdent := e.(*ast.Ident)
		return !isIdent || id.Name == "_" && len(s.Lhs) > 1
	})
	if !ok || u.Op != token.ARROW || !elsewhere {
		return
	}
	l.pos = s.Pos()
	var into, from []ast.Expr
	for range s.Lhs {
		name := l.temp()
		into, from = append(into, l.ident(name)), append(from, l.ident(name))
	}
	c.InsertBefore(&ast.AssignStmt{Lhs: into, TokPos: l.pos, Tok: token.DEFINE, Rhs: s.Rhs})
	s.Rhs = from
}

// rangeInto makes for __k, __v := range x { k, v = __k, __v; … } of a range over
// variables that are there already.
func (l *lowerer) rangeInto(r *ast.RangeStmt) {
	if r.Tok != token.ASSIGN {
		return
	}
	l.pos = r.Pos()
	var set []ast.Stmt
	into := func(e ast.Expr) ast.Expr {
		if id, ok := e.(*ast.Ident); e == nil || ok && id.Name == "_" {
			return e
		}
		name := l.temp()
		set = append(set, &ast.AssignStmt{Lhs: []ast.Expr{e}, TokPos: l.pos, Tok: token.ASSIGN, Rhs: []ast.Expr{l.ident(name)}})
		return l.ident(name)
	}
	r.Key, r.Value = into(r.Key), into(r.Value)
	if len(set) > 1 { // a[i] is with the i of before
		set[0], set[1] = set[1], set[0]
	}
	if len(set) > 0 {
		r.Tok = token.DEFINE
		r.Body.List = append(set, r.Body.List...)
	}
}

// rangeString ranges over the runes that the host finds in a string: the tier counts
// three bytes for each one that is wrong.
func (l *lowerer) rangeString(r *ast.RangeStmt) {
	if r.Key == nil || r.Tok != token.DEFINE {
		return
	}
	l.pos = r.Pos()
	name := l.temp()
	var set []ast.Stmt
	for n, e := range []ast.Expr{r.Key, r.Value} {
		if id, ok := e.(*ast.Ident); e != nil && (!ok || id.Name != "_") {
			set = append(set, &ast.AssignStmt{
				Lhs: []ast.Expr{e}, TokPos: l.pos, Tok: token.DEFINE,
				Rhs: []ast.Expr{&ast.SelectorExpr{X: l.ident(name), Sel: l.ident([]string{"At", "Rune"}[n])}},
			})
		}
	}
	if len(set) == 0 {
		name = "_"
	}
	r.X = &ast.CallExpr{Fun: l.sel(Host, "Runes", l.pos), Lparen: l.pos, Args: []ast.Expr{r.X}, Rparen: l.pos}
	r.Key, r.Value = l.ident("_"), l.ident(name)
	if name == "_" {
		r.Key, r.Value, r.Tok = nil, nil, token.ILLEGAL
	}
	r.Body.List = append(set, r.Body.List...)
}

// falls refuses a switch whose default comes before other cases and falls through: the
// tier would take it after each of them.
func (l *lowerer) falls(s *ast.SwitchStmt) {
	for n, stmt := range s.Body.List {
		clause := stmt.(*ast.CaseClause)
		if clause.List != nil || n == len(s.Body.List)-1 || len(clause.Body) == 0 {
			continue
		}
		if b, ok := clause.Body[len(clause.Body)-1].(*ast.BranchStmt); ok && b.Tok == token.FALLTHROUGH {
			l.fail(b.Pos(), "put default last", "the interpreted tier cannot fall through from a default that stands before other cases")
		}
	}
}

// returnReceived puts what comes from a channel into a variable before it is returned.
func (l *lowerer) returnReceived(c *astutil.Cursor, r *ast.ReturnStmt) {
	if c.Index() < 0 || len(r.Results) != 1 {
		return
	}
	if u, ok := ast.Unparen(r.Results[0]).(*ast.UnaryExpr); !ok || u.Op != token.ARROW {
		return
	}
	l.pos = r.Pos()
	name := l.temp()
	c.InsertBefore(&ast.AssignStmt{Lhs: []ast.Expr{l.ident(name)}, TokPos: l.pos, Tok: token.DEFINE, Rhs: r.Results})
	r.Results = []ast.Expr{l.ident(name)}
}

// dropped makes a variable for a && b in _ = a && b, which the tier would not see to
// the end.
func (l *lowerer) dropped(c *astutil.Cursor, s *ast.AssignStmt) {
	if c.Index() < 0 || s.Tok != token.ASSIGN || len(s.Lhs) != 1 || len(s.Rhs) != 1 {
		return
	}
	id, isIdent := s.Lhs[0].(*ast.Ident)
	b, isBinary := ast.Unparen(s.Rhs[0]).(*ast.BinaryExpr)
	if !isIdent || id.Name != "_" || !isBinary || b.Op != token.LAND && b.Op != token.LOR {
		return
	}
	l.pos = s.Pos()
	name := l.temp()
	c.InsertBefore(&ast.AssignStmt{Lhs: []ast.Expr{l.ident(name)}, TokPos: l.pos, Tok: token.DEFINE, Rhs: s.Rhs})
	s.Rhs = []ast.Expr{l.ident(name)}
}

// intoInterface is the interface that a value of a cell's type is converted to: the
// tier would lose the type.
func (l *lowerer) intoInterface(call *ast.CallExpr) types.Type {
	fun := l.Info.Types[call.Fun]
	if !fun.IsType() || !isInterface(fun.Type) || len(call.Args) != 1 {
		return nil
	}
	if t := l.Info.TypeOf(call.Args[0]); t == nil || isInterface(t) || !ofSession(t) {
		return nil
	}
	return fun.Type
}

// spreadsNil is the type of nil in f(nil...).
func (l *lowerer) spreadsNil(call *ast.CallExpr) types.Type {
	sig, ok := l.Info.TypeOf(call.Fun).(*types.Signature)
	if !ok || !call.Ellipsis.IsValid() || !sig.Variadic() || !l.Info.Types[call.Args[len(call.Args)-1]].IsNil() {
		return nil
	}
	return sig.Params().At(sig.Params().Len() - 1).Type()
}

// zero is func() T { var zero T; return zero }().
func (l *lowerer) zero(t types.Type) ast.Expr {
	name := l.temp()
	return &ast.CallExpr{
		Fun: &ast.FuncLit{
			Type: &ast.FuncType{Func: l.pos, Params: &ast.FieldList{}, Results: &ast.FieldList{List: []*ast.Field{{Type: l.typeExpr(t)}}}},
			Body: &ast.BlockStmt{Lbrace: l.pos, Rbrace: l.pos, List: []ast.Stmt{
				&ast.DeclStmt{Decl: &ast.GenDecl{TokPos: l.pos, Tok: token.VAR, Specs: []ast.Spec{&ast.ValueSpec{Names: []*ast.Ident{l.ident(name)}, Type: l.typeExpr(t)}}}},
				&ast.ReturnStmt{Return: l.pos, Results: []ast.Expr{l.ident(name)}},
			}},
		},
		Lparen: l.pos, Rparen: l.pos,
	}
}

// comparesChans says which side of a comparison of channels of different directions
// is to be converted, and to what.
func (l *lowerer) comparesChans(x *ast.BinaryExpr) (int, types.Type) {
	if x.Op != token.EQL && x.Op != token.NEQ {
		return 0, nil
	}
	a, b := l.Info.TypeOf(x.X), l.Info.TypeOf(x.Y)
	if a == nil || b == nil || types.Identical(a, b) {
		return 0, nil
	}
	ca, isA := a.Underlying().(*types.Chan)
	cb, isB := b.Underlying().(*types.Chan)
	switch {
	case !isA || !isB:
		return 0, nil
	case ca.Dir() == types.SendRecv:
		return 1, b
	case cb.Dir() == types.SendRecv:
		return 2, a
	}
	return 0, nil
}
