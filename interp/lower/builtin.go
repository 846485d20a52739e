package lower

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"strconv"

	"golang.org/x/tools/go/ast/astutil"

	"github.com/adabc437/fanout/interp/check"
)

// builtin lowers the builtins that the tier does not know, min, max and
// clear, or does differently, print and println.
func (l *lowerer) builtin(c *astutil.Cursor, call *ast.CallExpr) bool {
	id, ok := ast.Unparen(call.Fun).(*ast.Ident)
	if !ok {
		return false
	}
	if _, isBuiltin := l.Info.Uses[id].(*types.Builtin); !isBuiltin {
		return false
	}
	switch id.Name {
	case "min", "max":
		l.minMax(c, call, id.Name)
	case "clear":
		call.Fun = l.sel(Host, "Clear", call.Pos())
	case "print":
		call.Fun = l.sel(Host, "PrintErr", call.Pos())
	case "println":
		call.Fun = l.sel(Host, "PrintlnErr", call.Pos())
	case "recover": // the tier's own panics get the words of Go's
		c.Replace(&ast.CallExpr{Fun: l.sel(Host, "Recovered", call.Pos()), Lparen: call.Pos(), Args: []ast.Expr{call}, Rparen: call.End()})
	default:
		return false
	}
	return true
}

// panicAt notes the place of a panic before it happens, since the tier knows no
// more of it than the function.
func (l *lowerer) panicAt(c *astutil.Cursor, s *ast.ExprStmt) {
	call, ok := s.X.(*ast.CallExpr)
	if !ok || c.Index() < 0 {
		return
	}
	id, ok := call.Fun.(*ast.Ident)
	if !ok || id.Name != "panic" {
		return
	}
	if _, isBuiltin := l.Info.Uses[id].(*types.Builtin); !isBuiltin {
		return
	}
	pos := call.Pos()
	p := l.Fset.Position(pos)
	n, _ := check.CellOf(p.Filename)
	args := []ast.Expr{number(n, pos), number(p.Line, pos), number(p.Column, pos)}
	c.InsertBefore(&ast.ExprStmt{X: &ast.CallExpr{Fun: l.sel(Host, "PanicAt", pos), Lparen: pos, Args: args, Rparen: pos}})
}

// minMax makes func(a, b T) T { if b < a { a = b }; return a }(x, y) of a call.
func (l *lowerer) minMax(c *astutil.Cursor, call *ast.CallExpr, name string) {
	l.pos = call.Pos()
	tv := l.Info.Types[call]
	if tv.Value != nil {
		if lit := l.literal(tv); lit != nil {
			c.Replace(lit)
		}
		return
	}
	op := token.LSS
	if name == "max" {
		op = token.GTR
	}
	params := &ast.FieldList{Opening: l.pos, Closing: l.pos}
	best := l.ident("__0")
	var body []ast.Stmt
	for n := range call.Args {
		p := l.ident("__" + strconv.Itoa(n))
		params.List = append(params.List, &ast.Field{Names: []*ast.Ident{p}, Type: l.typeExpr(tv.Type)})
		if n == 0 {
			continue
		}
		body = append(body, &ast.IfStmt{
			If:   l.pos,
			Cond: &ast.BinaryExpr{X: l.ident(p.Name), OpPos: l.pos, Op: op, Y: l.ident(best.Name)},
			Body: &ast.BlockStmt{Lbrace: l.pos, Rbrace: l.pos, List: []ast.Stmt{
				&ast.AssignStmt{Lhs: []ast.Expr{l.ident(best.Name)}, Tok: token.ASSIGN, TokPos: l.pos, Rhs: []ast.Expr{l.ident(p.Name)}},
			}},
		})
	}
	body = append(body, &ast.ReturnStmt{Return: l.pos, Results: []ast.Expr{l.ident(best.Name)}})
	call.Fun = &ast.FuncLit{
		Type: &ast.FuncType{Func: l.pos, Params: params, Results: &ast.FieldList{List: []*ast.Field{{Type: l.typeExpr(tv.Type)}}}},
		Body: &ast.BlockStmt{Lbrace: l.pos, List: body, Rbrace: l.pos},
	}
}

// literal spells a constant.
func (l *lowerer) literal(tv types.TypeAndValue) ast.Expr {
	kind := map[constant.Kind]token.Token{constant.Int: token.INT, constant.Float: token.FLOAT, constant.String: token.STRING}[tv.Value.Kind()]
	if kind == token.ILLEGAL {
		return nil
	}
	text := tv.Value.ExactString()
	if kind == token.FLOAT {
		f, _ := constant.Float64Val(tv.Value)
		text = strconv.FormatFloat(f, 'g', -1, 64)
	}
	var lit ast.Expr = &ast.BasicLit{ValuePos: l.pos, Kind: kind, Value: text}
	return &ast.CallExpr{Fun: l.typeExpr(types.Default(tv.Type)), Lparen: l.pos, Args: []ast.Expr{lit}, Rparen: l.pos}
}

// generic lowers a call of a generic function of a bound package, which the tier
// cannot hold: host.Generic does by reflection what the function does. The
// results are taken out of its slice by type assertions that let nil pass.
func (l *lowerer) generic(c *astutil.Cursor, call *ast.CallExpr) bool {
	f := l.genericFunc(ast.Unparen(call.Fun))
	if f == nil {
		return false
	}
	l.pos = call.Pos()
	name := f.Pkg().Path() + "." + f.Name()
	if !l.opt.Generic(name) {
		l.fail(call.Pos(), "write it out with a loop, or use a function that is not generic", "the interpreted tier cannot call the generic function %s.%s", f.Pkg().Name(), f.Name())
		return true
	}
	sig, ok := l.Info.TypeOf(call.Fun).(*types.Signature)
	if !ok {
		return false
	}
	args := []ast.Expr{&ast.BasicLit{ValuePos: l.pos, Kind: token.STRING, Value: strconv.Quote(name)}, l.typed(sig)}
	for n, a := range call.Args {
		t := sig.Params().At(min(n, sig.Params().Len()-1)).Type()
		if sig.Variadic() && n >= sig.Params().Len()-1 && !call.Ellipsis.IsValid() {
			t = t.(*types.Slice).Elem()
		}
		if tv := l.Info.Types[a]; tv.Value != nil {
			a = &ast.CallExpr{Fun: l.typeExpr(t), Lparen: a.Pos(), Args: []ast.Expr{a}, Rparen: a.End()}
		}
		args = append(args, a)
	}
	if call.Ellipsis.IsValid() {
		l.fail(call.Pos(), "pass the elements one by one", "the interpreted tier cannot spread arguments into the generic function %s.%s", f.Pkg().Name(), f.Name())
		return true
	}
	c.Replace(l.unpacked(call, sig, args))
	return true
}

// genericFunc is the generic function of a bound package that e, an instance of it, is of.
func (l *lowerer) genericFunc(e ast.Expr) *types.Func {
	switch x := e.(type) {
	case *ast.IndexExpr:
		e = x.X
	case *ast.IndexListExpr:
		e = x.X
	}
	s, ok := e.(*ast.SelectorExpr)
	if !ok {
		return nil
	}
	f, ok := l.Info.Uses[s.Sel].(*types.Func)
	if !ok || f.Pkg() == nil || f.Pkg().Path() == "main" || f.Signature().Recv() != nil || f.Signature().TypeParams().Len() == 0 {
		return nil
	}
	return f
}

// genericValue makes a function literal of an instance that is not called.
func (l *lowerer) genericValue(c *astutil.Cursor, f *types.Func, sig *types.Signature) {
	switch p := c.Parent().(type) {
	case *ast.CallExpr:
		if p.Fun == c.Node() {
			return
		}
	case *ast.IndexExpr:
		if p.X == c.Node() {
			return
		}
	case *ast.IndexListExpr:
		if p.X == c.Node() {
			return
		}
	case *ast.ParenExpr:
		return
	}
	l.pos = c.Node().Pos()
	name := f.Pkg().Path() + "." + f.Name()
	if !l.opt.Generic(name) || sig.Variadic() {
		l.fail(l.pos, "use a function literal that calls it", "the interpreted tier cannot hold the generic function %s.%s", f.Pkg().Name(), f.Name())
		return
	}
	ft := &ast.FuncType{Func: l.pos, Params: l.fields(sig.Params(), false), Results: l.fields(sig.Results(), false)}
	call := &ast.CallExpr{Lparen: l.pos, Rparen: l.pos}
	lit := &ast.FuncLit{Type: ft, Body: l.passOn(ft, call, sig)}
	args := append([]ast.Expr{&ast.BasicLit{ValuePos: l.pos, Kind: token.STRING, Value: strconv.Quote(name)}, l.typed(sig)}, call.Args...)
	unpacked := l.unpacked(call, sig, args)
	if sig.Results().Len() > 0 {
		lit.Body.List = []ast.Stmt{&ast.ReturnStmt{Return: l.pos, Results: []ast.Expr{unpacked}}}
	} else {
		lit.Body.List = []ast.Stmt{&ast.ExprStmt{X: unpacked}}
	}
	c.Replace(lit)
}

// typed is new(func sig): it tells the host the types of the instance.
func (l *lowerer) typed(sig *types.Signature) ast.Expr {
	return &ast.CallExpr{Fun: l.ident("new"), Lparen: l.pos, Args: []ast.Expr{l.typeExpr(sig)}, Rparen: l.pos}
}

// unpacked is func() (A, B) { r := host.Generic(…); var a A; if r[0] != nil { a = r[0].(A) }; … }().
func (l *lowerer) unpacked(call *ast.CallExpr, sig *types.Signature, args []ast.Expr) ast.Expr {
	host := &ast.CallExpr{Fun: l.sel(Host, "Generic", l.pos), Lparen: l.pos, Args: args, Rparen: call.Rparen}
	if sig.Results().Len() == 0 {
		return host
	}
	results := &ast.FieldList{Opening: l.pos, Closing: l.pos}
	body := []ast.Stmt{&ast.AssignStmt{Lhs: []ast.Expr{l.ident("__r")}, Tok: token.DEFINE, TokPos: l.pos, Rhs: []ast.Expr{host}}}
	ret := &ast.ReturnStmt{Return: l.pos}
	for n := range sig.Results().Len() {
		t := sig.Results().At(n).Type()
		results.List = append(results.List, &ast.Field{Type: l.typeExpr(t)})
		v := "__r" + strconv.Itoa(n)
		item := func() ast.Expr {
			return &ast.IndexExpr{X: l.ident("__r"), Lbrack: l.pos, Index: number(n, l.pos), Rbrack: l.pos}
		}
		body = append(body,
			&ast.DeclStmt{Decl: &ast.GenDecl{TokPos: l.pos, Tok: token.VAR, Specs: []ast.Spec{&ast.ValueSpec{Names: []*ast.Ident{l.ident(v)}, Type: l.typeExpr(t)}}}},
			&ast.IfStmt{
				If: l.pos, Cond: &ast.BinaryExpr{X: item(), OpPos: l.pos, Op: token.NEQ, Y: l.ident("nil")},
				Body: &ast.BlockStmt{Lbrace: l.pos, Rbrace: l.pos, List: []ast.Stmt{&ast.AssignStmt{
					Lhs: []ast.Expr{l.ident(v)}, Tok: token.ASSIGN, TokPos: l.pos,
					Rhs: []ast.Expr{&ast.TypeAssertExpr{X: item(), Lparen: l.pos, Type: l.typeExpr(t), Rparen: l.pos}},
				}}},
			})
		ret.Results = append(ret.Results, l.ident(v))
	}
	body = append(body, ret)
	return &ast.CallExpr{
		Fun: &ast.FuncLit{
			Type: &ast.FuncType{Func: l.pos, Params: &ast.FieldList{}, Results: results},
			Body: &ast.BlockStmt{Lbrace: l.pos, List: body, Rbrace: l.pos},
		},
		Lparen: l.pos, Rparen: l.pos,
	}
}
