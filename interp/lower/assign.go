package lower

import (
	"go/ast"
	"go/token"
	"go/types"
	"strconv"

	"golang.org/x/tools/go/ast/astutil"
)

// The tier loses constants that are assigned together with what must be
// computed: after a, b := 1.5, f() it has 0 in a. So these are taken out and
// assigned by themselves, which no other part of the statement can notice.

// mixed lists the constants on the right of an assignment of several values
// that are not all constant. It must be asked before the statement is rewritten.
func (l *lowerer) mixed(s *ast.AssignStmt) []int {
	if len(s.Rhs) < 2 || len(s.Lhs) != len(s.Rhs) {
		return nil
	}
	var consts []int
	for n, e := range s.Rhs {
		if l.constant(e) {
			consts = append(consts, n)
		}
	}
	if len(consts) == len(s.Rhs) && s.Tok == token.DEFINE {
		return nil
	}
	return consts
}

func (l *lowerer) constant(e ast.Expr) bool { return l.Info.Types[e].Value != nil }

// splitAssign takes the constants out of a rewritten assignment.
func (l *lowerer) splitAssign(c *astutil.Cursor, s *ast.AssignStmt, consts []int) {
	inList := c.Index() >= 0
	if inList && s.Tok == token.ASSIGN && derefs(s) {
		l.viaVariables(c, s)
		return
	}
	all := len(consts) == len(s.Rhs)
	var lhs, rhs []ast.Expr
	var before, apart []ast.Stmt
	for n, e := range s.Rhs {
		id, isIdent := s.Lhs[n].(*ast.Ident)
		isConst := len(consts) > 0 && consts[0] == n
		if isConst {
			consts = consts[1:]
		}
		switch {
		case !isConst:
			lhs, rhs = append(lhs, s.Lhs[n]), append(rhs, e)
		case inList && all && !isIdent:
			before = append(before, &ast.AssignStmt{Lhs: s.Lhs[n : n+1 : n+1], TokPos: s.TokPos, Tok: token.ASSIGN, Rhs: s.Rhs[n : n+1 : n+1]})
		case !inList || !isIdent:
			lhs, rhs = append(lhs, s.Lhs[n]), append(rhs, l.computed(s.Lhs[n], e))
		case id.Name != "_":
			apart = append(apart, &ast.AssignStmt{Lhs: []ast.Expr{id}, TokPos: s.TokPos, Tok: l.assignOrDefine(s.Tok, id), Rhs: []ast.Expr{e}})
		}
	}
	apart = append(before, apart...)
	if len(lhs) == 0 {
		c.Replace(&ast.BlockStmt{Lbrace: s.Pos(), Rbrace: s.Pos()})
	} else {
		tok := token.ASSIGN
		for _, e := range lhs {
			if id, ok := e.(*ast.Ident); ok && l.assignOrDefine(s.Tok, id) == token.DEFINE {
				tok = token.DEFINE
			}
		}
		s.Lhs, s.Rhs, s.Tok = lhs, rhs, tok
	}
	for n := len(apart) - 1; n >= 0; n-- {
		c.InsertAfter(apart[n])
	}
}

// derefs says that an assignment of several values looks behind pointers, which the
// tier does too late.
func derefs(s *ast.AssignStmt) bool {
	for _, e := range s.Rhs {
		if _, ok := ast.Unparen(e).(*ast.StarExpr); ok && len(s.Rhs) > 1 {
			return true
		}
	}
	return false
}

// viaVariables puts the values into variables first.
func (l *lowerer) viaVariables(c *astutil.Cursor, s *ast.AssignStmt) {
	for n, e := range s.Rhs {
		t := l.Info.TypeOf(s.Lhs[n])
		if id, ok := s.Lhs[n].(*ast.Ident); ok && id.Name == "_" || t == nil {
			continue
		}
		l.temps++
		l.pos = e.Pos()
		name := "__value" + strconv.Itoa(l.temps)
		spec := &ast.ValueSpec{Names: []*ast.Ident{l.ident(name)}, Type: l.typeExpr(t), Values: []ast.Expr{e}}
		c.InsertBefore(&ast.DeclStmt{Decl: &ast.GenDecl{TokPos: l.pos, Tok: token.VAR, Specs: []ast.Spec{spec}}})
		s.Rhs[n] = l.ident(name)
	}
}

func (l *lowerer) assignOrDefine(tok token.Token, id *ast.Ident) token.Token {
	if o := l.Info.Defs[id]; tok == token.DEFINE && o != nil && !l.TopLevel(o) {
		return token.DEFINE
	}
	return token.ASSIGN
}

// computed is func() T { return e }(), which the tier does not take for a
// constant.
func (l *lowerer) computed(lhs, e ast.Expr) ast.Expr {
	t := l.Info.TypeOf(lhs)
	if id, ok := lhs.(*ast.Ident); ok && l.Info.Defs[id] != nil {
		t = l.Info.Defs[id].Type()
	}
	if t == nil {
		return e
	}
	l.pos = e.Pos()
	return &ast.CallExpr{
		Fun: &ast.FuncLit{
			Type: &ast.FuncType{Func: l.pos, Params: &ast.FieldList{}, Results: &ast.FieldList{List: []*ast.Field{{Type: l.typeExpr(t)}}}},
			Body: &ast.BlockStmt{Lbrace: l.pos, Rbrace: l.pos, List: []ast.Stmt{&ast.ReturnStmt{Return: l.pos, Results: []ast.Expr{e}}}},
		},
		Lparen: l.pos, Rparen: l.pos,
	}
}

// splitSpecs makes var a, b = x, y into var (a = x; b = y), inside functions.
func (l *lowerer) splitSpecs(g *ast.GenDecl) {
	if g.Tok != token.VAR {
		return
	}
	var out []ast.Spec
	for _, spec := range g.Specs {
		v, ok := spec.(*ast.ValueSpec)
		if !ok || len(v.Names) < 2 || len(v.Names) != len(v.Values) || mentions(v.Values, v.Names) {
			out = append(out, spec)
			continue
		}
		for n, id := range v.Names {
			out = append(out, &ast.ValueSpec{Names: []*ast.Ident{id}, Type: v.Type, Values: []ast.Expr{v.Values[n]}})
		}
	}
	if len(out) > len(g.Specs) {
		g.Specs = out
		if !g.Lparen.IsValid() {
			g.Lparen, g.Rparen = g.Pos(), g.End()
		}
	}
}

// mentions says that one of the names stands in one of the expressions.
func mentions(list []ast.Expr, names []*ast.Ident) (found bool) {
	for _, e := range list {
		ast.Inspect(e, func(n ast.Node) bool {
			if id, ok := n.(*ast.Ident); ok {
				for _, name := range names {
					found = found || id.Name == name.Name
				}
			}
			return !found
		})
	}
	return found
}

// varStmt makes assignments of a var declaration at the top level.
func (l *lowerer) varStmt(g *ast.GenDecl) []ast.Stmt {
	var out []ast.Stmt
	for _, spec := range g.Specs {
		v := spec.(*ast.ValueSpec)
		pos := v.Pos()
		var lhs []ast.Expr
		for _, id := range v.Names {
			lhs = append(lhs, id)
		}
		var stmts []ast.Stmt
		rhs := v.Values
		switch {
		case len(rhs) == 1 && len(lhs) == 1 && v.Type == nil, len(rhs) > 0 && len(rhs) != len(lhs):
		default: // the declared type decides; without a value it is zero, also when run again
			rhs = nil
			for n := range lhs {
				l.temps++
				tmp := &ast.ValueSpec{Names: []*ast.Ident{{Name: "__value" + strconv.Itoa(l.temps), NamePos: pos}}, Type: v.Type}
				if len(v.Values) > 0 {
					tmp.Values = v.Values[n : n+1]
				}
				stmts = append(stmts, &ast.DeclStmt{Decl: &ast.GenDecl{TokPos: pos, Tok: token.VAR, Specs: []ast.Spec{tmp}}})
				rhs = append(rhs, &ast.Ident{Name: tmp.Names[0].Name, NamePos: pos})
			}
		}
		if len(rhs) == len(lhs) {
			for n := range lhs {
				stmts = append(stmts, &ast.AssignStmt{Lhs: lhs[n : n+1], Tok: token.ASSIGN, TokPos: pos, Rhs: rhs[n : n+1]})
			}
		} else {
			stmts = append(stmts, &ast.AssignStmt{Lhs: lhs, Tok: token.ASSIGN, TokPos: pos, Rhs: rhs})
		}
		block := &ast.BlockStmt{Lbrace: pos, List: stmts, Rbrace: v.End()}
		l.rewrite(block)
		if len(block.List) == 1 {
			out = append(out, block.List[0])
		} else {
			out = append(out, block)
		}
	}
	return out
}

// equal lowers a comparison of interfaces, which the tier gets wrong where they
// hold values of cells' types or constants.
func (l *lowerer) equal(c *astutil.Cursor, x *ast.BinaryExpr, types2 [2]types.TypeAndValue) {
	l.pos = x.Pos()
	var eq ast.Expr = l.equalCall(x.X, x.Y, types2)
	if x.Op == token.NEQ {
		eq = &ast.UnaryExpr{OpPos: x.OpPos, Op: token.NOT, X: eq}
	}
	c.Replace(eq)
}

func (l *lowerer) equalCall(x, y ast.Expr, tvs [2]types.TypeAndValue) ast.Expr {
	args := []ast.Expr{x, y}
	for n, tv := range tvs {
		if tv.Value != nil {
			args[n] = &ast.CallExpr{Fun: l.typeExpr(types.Default(tv.Type)), Lparen: l.pos, Args: []ast.Expr{args[n]}, Rparen: l.pos}
		}
	}
	return &ast.CallExpr{Fun: l.sel(Host, "Equal", l.pos), Lparen: l.pos, Args: args, Rparen: l.pos}
}

// comparesInterfaces says that == or != must go through the host. It must be
// asked before the expression is rewritten.
func (l *lowerer) comparesInterfaces(x *ast.BinaryExpr) ([2]types.TypeAndValue, bool) {
	tvs := [2]types.TypeAndValue{l.Info.Types[x.X], l.Info.Types[x.Y]}
	if x.Op != token.EQL && x.Op != token.NEQ || tvs[0].IsNil() || tvs[1].IsNil() {
		return tvs, false
	}
	return tvs, isInterface(tvs[0].Type) || isInterface(tvs[1].Type)
}

func isInterface(t types.Type) bool {
	if t == nil {
		return false
	}
	if _, isParam := t.(*types.TypeParam); isParam {
		return false
	}
	return types.IsInterface(t)
}

// oneCondition makes case a || b: of case a, b: in a switch without a tag, where the
// tier looks at the first only.
func oneCondition(s *ast.SwitchStmt) {
	if s.Tag != nil {
		return
	}
	for _, stmt := range s.Body.List {
		clause := stmt.(*ast.CaseClause)
		for len(clause.List) > 1 {
			a, b := clause.List[0], clause.List[1]
			clause.List = append([]ast.Expr{&ast.BinaryExpr{X: a, OpPos: b.Pos(), Op: token.LOR, Y: b}}, clause.List[2:]...)
		}
	}
}

// switchInterface lowers switch x { case a, b: } on an interface to
// switch { case host.Equal(x, a), host.Equal(x, b): }.
func (l *lowerer) switchInterface(s *ast.SwitchStmt, values map[ast.Expr]types.TypeAndValue) {
	tag, isIdent := s.Tag.(*ast.Ident)
	l.pos = s.Pos()
	if !isIdent {
		if s.Init != nil {
			return
		}
		l.temps++
		tag = l.ident("__tag" + strconv.Itoa(l.temps))
		s.Init = &ast.AssignStmt{Lhs: []ast.Expr{tag}, TokPos: l.pos, Tok: token.DEFINE, Rhs: []ast.Expr{s.Tag}}
	}
	s.Tag = nil
	for _, stmt := range s.Body.List {
		for n, e := range stmt.(*ast.CaseClause).List {
			l.pos = e.Pos()
			value, was := values[e]
			if from := l.foldedFrom[e]; !was && from != nil {
				value = values[from]
			}
			if id, ok := e.(*ast.Ident); ok && id.Name == "nil" {
				stmt.(*ast.CaseClause).List[n] = &ast.BinaryExpr{X: l.ident(tag.Name), OpPos: l.pos, Op: token.EQL, Y: e}
				continue
			}
			stmt.(*ast.CaseClause).List[n] = l.equalCall(l.ident(tag.Name), e, [2]types.TypeAndValue{{}, value})
		}
	}
}

// holdsInInterface says of a declaration that it gives an interface a value of another
// type, whose type the tier would take for the variable's.
func (l *lowerer) holdsInInterface(d *ast.DeclStmt) bool {
	g, ok := d.Decl.(*ast.GenDecl)
	if !ok || g.Tok != token.VAR || len(g.Specs) != 1 {
		return false
	}
	v := g.Specs[0].(*ast.ValueSpec)
	if v.Type == nil || len(v.Values) != len(v.Names) || !isInterface(l.Info.TypeOf(v.Type)) {
		return false
	}
	for _, e := range v.Values {
		if tv := l.Info.Types[e]; tv.Type == nil || tv.IsNil() || isInterface(tv.Type) {
			return false
		}
	}
	return true
}

// assignAfter makes var e I; e = x of var e I = x.
func (l *lowerer) assignAfter(c *astutil.Cursor, d *ast.DeclStmt) {
	specs := d.Decl.(*ast.GenDecl).Specs
	if c.Index() < 0 {
		return
	}
	for n := len(specs) - 1; n >= 0; n-- { // splitSpecs may have made several
		v := specs[n].(*ast.ValueSpec)
		for i := len(v.Names) - 1; i >= 0; i-- {
			if i < len(v.Values) && v.Names[i].Name != "_" {
				id := &ast.Ident{Name: v.Names[i].Name, NamePos: v.Names[i].Pos()}
				set := &ast.AssignStmt{Lhs: []ast.Expr{id}, TokPos: id.Pos(), Tok: token.ASSIGN, Rhs: v.Values[i : i+1 : i+1]}
				before := l.apart(set, 0)
				c.InsertAfter(set)
				if before != nil {
					c.InsertAfter(before)
				}
			}
		}
		v.Values = nil
	}
}

// literals lists the struct literals that an assignment puts into interfaces: the tier
// builds those in the place of the variable, and forgets that it is an interface.
func (l *lowerer) literals(s *ast.AssignStmt) []int {
	var out []int
	for n, e := range s.Rhs {
		if isLiteral(e) && len(s.Lhs) == len(s.Rhs) && s.Tok == token.ASSIGN && isInterface(l.Info.TypeOf(s.Lhs[n])) {
			out = append(out, n)
		}
	}
	return out
}

// isLiteral says that e is a composite literal, or the address of one.
func isLiteral(e ast.Expr) bool {
	e = ast.Unparen(e)
	if u, ok := e.(*ast.UnaryExpr); ok && u.Op == token.AND {
		e = ast.Unparen(u.X)
	}
	_, ok := e.(*ast.CompositeLit)
	return ok
}

// apart puts a literal into a variable of its own.
func (l *lowerer) apart(s *ast.AssignStmt, n int) ast.Stmt {
	if !isLiteral(s.Rhs[n]) {
		return nil
	}
	l.temps++
	l.pos = s.Pos()
	name := "__value" + strconv.Itoa(l.temps)
	take := &ast.AssignStmt{Lhs: []ast.Expr{l.ident(name)}, TokPos: l.pos, Tok: token.DEFINE, Rhs: []ast.Expr{s.Rhs[n]}}
	s.Rhs[n] = l.ident(name)
	return take
}
