package lower

import (
	"go/ast"
	"go/token"
	"go/types"
	"strconv"

	"golang.org/x/tools/go/ast/astutil"
)

// rewrite lowers what is below a node, in place.
func (l *lowerer) rewrite(n ast.Node) ast.Node {
	facts := map[ast.Node]known{}
	return astutil.Apply(n, func(c *astutil.Cursor) bool {
		if l.fold(c) {
			return false
		}
		l.enter(c.Node())
		if slots := l.errorSlots(c.Node()); len(slots) > 0 {
			l.slots[c.Node()] = slots
		}
		if k, ok := l.learn(c.Node()); ok {
			facts[c.Node()] = k
		}
		return true
	}, func(c *astutil.Cursor) bool {
		l.leave(c.Node())
		k, ok := facts[c.Node()]
		l.rewriteNode(c, k, ok)
		return true
	})
}

// enter and leave keep track of the function that a node is in.
func (l *lowerer) enter(n ast.Node) {
	switch f := n.(type) {
	case *ast.ForStmt, *ast.RangeStmt:
		l.loops = append(l.loops, n)
	case *ast.FuncLit:
		l.bodies, l.loops = append(l.bodies, f.Body), append(l.loops, nil)
		sig, _ := l.Info.TypeOf(f).(*types.Signature)
		l.functions = append(l.functions, sig)
	case *ast.FuncDecl:
		l.bodies, l.loops = append(l.bodies, f.Body), append(l.loops, nil)
		sig, _ := l.signature(f)
		l.functions = append(l.functions, sig)
	}
}

func (l *lowerer) leave(n ast.Node) {
	switch n.(type) {
	case *ast.ForStmt, *ast.RangeStmt:
		l.loops = l.loops[:len(l.loops)-1]
	case *ast.FuncLit, *ast.FuncDecl:
		l.functions = l.functions[:len(l.functions)-1]
		l.bodies, l.loops = l.bodies[:len(l.bodies)-1], l.loops[:len(l.loops)-1]
	}
}

// signature is the type of a declared function; of a method on a type of an
// earlier cell go/types knows it from the type's spelling only.
func (l *lowerer) signature(f *ast.FuncDecl) (*types.Signature, bool) {
	if o, ok := l.Info.Defs[f.Name].(*types.Func); ok {
		return o.Signature(), true
	}
	var results []*types.Var
	if f.Type.Results != nil {
		for _, field := range f.Type.Results.List {
			for range max(len(field.Names), 1) {
				results = append(results, types.NewVar(0, nil, "", l.Info.TypeOf(field.Type)))
			}
		}
	}
	return types.NewSignatureType(nil, nil, nil, nil, types.NewTuple(results...), false), true
}

func (l *lowerer) pointsToArray(x ast.Expr) bool {
	tv := l.Info.Types[x]
	if tv.Type == nil || tv.IsType() {
		return false
	}
	p, ok := tv.Type.Underlying().(*types.Pointer)
	if !ok {
		return false
	}
	_, ok = p.Elem().Underlying().(*types.Array)
	return ok
}

// boundGeneric is the type that an instance of a generic type of a bound package
// stands for.
func (l *lowerer) boundGeneric(x ast.Expr) (types.Type, bool) {
	tv := l.Info.Types[x]
	if !tv.IsType() {
		return nil, false
	}
	n, ok := types.Unalias(tv.Type).(*types.Named)
	if !ok || n.TypeArgs().Len() == 0 || n.Obj().Pkg() == nil || n.Obj().Pkg().Path() == "main" {
		return nil, false
	}
	return n, true
}

func (l *lowerer) rewriteNode(c *astutil.Cursor, k known, isKnown bool) {
	l.fill(l.slots[c.Node()])
	switch x := c.Node().(type) {
	case *ast.Ident:
		l.rewriteIdent(c, x)
		if isKnown && c.Node() == x {
			l.instance(c, x, k.inst)
		}
	case *ast.ExprStmt:
		l.panicAt(c, x)
	case *ast.ReturnStmt:
		l.returnReceived(c, x)
		if isKnown {
			l.returnValues(c, x, k.results, k.valueTypes)
		}
	case *ast.SendStmt: // of a variable: the tier cannot send what a call gives
		if _, isCall := ast.Unparen(x.Value).(*ast.CallExpr); isCall && c.Index() >= 0 {
			l.pos = x.Pos()
			name := l.temp()
			c.InsertBefore(&ast.AssignStmt{Lhs: []ast.Expr{l.ident(name)}, TokPos: l.pos, Tok: token.DEFINE, Rhs: []ast.Expr{x.Value}})
			x.Value = l.ident(name)
		}
	case *ast.IfStmt: // the tier may lose what is assigned there
		if a, isAssign := x.Init.(*ast.AssignStmt); isAssign && a.Tok != token.DEFINE && c.Index() >= 0 {
			c.InsertBefore(a)
			x.Init = nil
		}
	case *ast.TypeSpec:
		l.functionsOfThemselves(x)
	case *ast.FuncLit:
		nameParams(x.Type)
		clearResults(x.Type, x.Body)
		l.literalFrame(c, x)
	case *ast.FuncDecl:
		nameParams(x.Type)
		clearResults(x.Type, x.Body)
	case *ast.CallExpr:
		for n, show := range k.shown {
			x.Args[n] = show(x.Args[n])
		}
		if k.replace != nil {
			c.Replace(k.replace(x.Args[0]))
			return
		}
		if k.conv != nil {
			l.pos = x.Pos()
			c.Replace(&ast.IndexExpr{
				X:      &ast.CompositeLit{Type: &ast.ArrayType{Lbrack: l.pos, Elt: l.typeExpr(k.conv)}, Lbrace: l.pos, Elts: x.Args, Rbrace: l.pos},
				Lbrack: l.pos, Index: number(0, l.pos), Rbrack: l.pos,
			})
			return
		}
		if k.nils != nil {
			x.Args[len(x.Args)-1] = l.zero(k.nils)
		}
		if k.isAs {
			x.Fun = l.sel(Host, "ErrorsAs", x.Pos())
			x.Args = append([]ast.Expr{number(k.as, x.Pos())}, x.Args...)
			return
		}
		l.rewriteCall(c, x)
	case *ast.RangeStmt:
		l.rewriteRange(c, x, k)
	case *ast.ForStmt:
		l.carry(c, x, k.carried)
		ownCopies(x.Body, k.own)
	case *ast.GoStmt:
		l.guard(x, k.sig)
		l.goFrame(c, x)
	case *ast.AssignStmt:
		if k.shift {
			x.Rhs[0] = l.checkedShift(x.Rhs[0])
		}
		if k.tuple != nil && c.Index() >= 0 {
			l.splitTuple(c, x, k.tuple)
			return
		}
		l.received(c, x)
		l.dropped(c, x)
		for _, n := range k.literals {
			if c.Index() < 0 {
				break
			}
			if take := l.apart(x, n); take != nil {
				c.InsertBefore(take)
			}
		}
		if len(k.consts) > 0 || derefs(x) {
			l.splitAssign(c, x, k.consts)
		}
	case *ast.GenDecl:
		if len(l.functions) > 0 {
			l.splitSpecs(x)
		}
		if x.Tok == token.CONST {
			l.constants(x)
		}
	case *ast.DeclStmt:
		if isKnown {
			l.assignAfter(c, x)
		}
	case *ast.TypeSwitchStmt:
		if isKnown {
			l.lowerTypeSwitch(c, x, k.cases)
		}
	case *ast.TypeAssertExpr:
		if isKnown {
			l.lowerAssert(c, x, k.typ, *k.asserts, k.commaOK)
		}
	case *ast.BinaryExpr:
		switch {
		case k.shift:
			x.Y = l.checkedShift(x.Y)
		case k.chans > 0:
			l.pos = x.Pos()
			side := []*ast.Expr{&x.X, &x.Y}[k.chans-1]
			*side = &ast.CallExpr{Fun: &ast.ParenExpr{Lparen: l.pos, X: l.typeExpr(k.conv), Rparen: l.pos}, Lparen: l.pos, Args: []ast.Expr{*side}, Rparen: l.pos}
		case isKnown:
			l.equal(c, x, k.types)
		}
	case *ast.SwitchStmt:
		if isKnown && !k.compare {
			l.switchInterface(x, k.values)
		}
		if k.compare {
			compareCases(x)
		}
		oneCondition(x)
		l.falls(x)
	case *ast.SelectorExpr:
		switch {
		case k.generic != nil:
			l.genericValue(c, k.generic, k.sig)
		case k.sig != nil:
			l.methodExpr(c, x, k.sig)
		case k.method != nil:
			l.methodValue(c, x, k.method)
		case k.typ != nil:
			l.pos = x.Pos()
			c.Replace(l.typeExpr(k.typ))
		}
	case *ast.IndexExpr, *ast.IndexListExpr:
		if k.generic != nil {
			l.genericValue(c, k.generic, k.sig)
		} else if ix, isIndex := x.(*ast.IndexExpr); isKnown && k.typ == nil && isIndex { // the tier wants it written out
			ix.X = &ast.ParenExpr{Lparen: ix.Pos(), X: &ast.StarExpr{Star: ix.Pos(), X: ix.X}, Rparen: ix.Pos()}
		} else if isKnown {
			l.pos = x.Pos()
			c.Replace(l.typeExpr(k.typ))
		}
	case *ast.StructType:
		l.hideFields(x)
	case *ast.DeferStmt:
		l.deferred(c, x, k)
	case *ast.BranchStmt:
		if _, inSelect := c.Parent().(*ast.CommClause); inSelect && x.Label != nil {
			// Standing in a select's case itself, it would not leave the loop in the tier.
			c.Replace(&ast.IfStmt{
				If: x.Pos(), Cond: &ast.Ident{Name: "true", NamePos: x.Pos()},
				Body: &ast.BlockStmt{Lbrace: x.Pos(), List: []ast.Stmt{x}, Rbrace: x.Pos()},
			})
		}
	}
}

// nameParams names the parameters that have no name: the tier would give their
// places to the function's variables.
func nameParams(t *ast.FuncType) {
	for n, f := range t.Params.List {
		if len(f.Names) == 0 {
			f.Names = []*ast.Ident{{Name: "__unnamed" + strconv.Itoa(n), NamePos: f.Pos()}}
		}
	}
}

func (l *lowerer) rewriteRange(c *astutil.Cursor, r *ast.RangeStmt, k known) {
	if k.typ == nil {
		return
	}
	switch t := k.typ.Underlying().(type) {
	case *types.Pointer: // without values the tier takes the array's index for an array
		if a, ok := t.Elem().Underlying().(*types.Array); ok && r.Value == nil {
			ownCopies(r.Body, k.own)
			r.X = number(int(a.Len()), r.X.Pos())
			l.rangeInt(c, r, types.Typ[types.Int])
			return
		}
	case *types.Basic:
		if t.Info()&types.IsInteger != 0 {
			l.rangeInt(c, r, k.typ)
			return
		}
		l.rangeInto(r)
		ownCopies(r.Body, k.own)
		l.rangeString(r)
		return
	case *types.Signature:
		l.rangeFunc(c, r, t)
		return
	case *types.Slice:
		if _, isChan := t.Elem().Underlying().(*types.Chan); isChan && r.Value != nil && r.Tok == token.DEFINE {
			l.rangeChannels(c, r)
			return
		}
	}
	l.rangeInto(r)
	ownCopies(r.Body, k.own)
}

// methodExpr makes func(a0 T, a1 A) R { return a0.M(a1) } of T.M, which the tier
// takes for a method value.
func (l *lowerer) methodExpr(c *astutil.Cursor, s *ast.SelectorExpr, sig *types.Signature) {
	l.pos = s.Pos()
	ft := &ast.FuncType{Func: l.pos, Params: l.fields(sig.Params(), sig.Variadic()), Results: l.fields(sig.Results(), false)}
	call := &ast.CallExpr{Lparen: l.pos, Rparen: l.pos}
	for n, f := range ft.Params.List {
		name := "__a" + strconv.Itoa(n)
		f.Names = []*ast.Ident{l.ident(name)}
		if n == 0 {
			call.Fun = &ast.SelectorExpr{X: l.ident(name), Sel: l.ident(s.Sel.Name)}
		} else {
			call.Args = append(call.Args, l.ident(name))
		}
	}
	if sig.Variadic() {
		call.Ellipsis = l.pos
	}
	var body ast.Stmt = &ast.ExprStmt{X: call}
	if sig.Results().Len() > 0 {
		body = &ast.ReturnStmt{Return: l.pos, Results: []ast.Expr{call}}
	}
	c.Replace(&ast.FuncLit{Type: ft, Body: &ast.BlockStmt{Lbrace: l.pos, Rbrace: l.pos, List: []ast.Stmt{body}}})
}
