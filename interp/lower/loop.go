package lower

import (
	"go/ast"
	"go/token"
	"go/types"
	"strconv"

	"golang.org/x/tools/go/ast/astutil"
)

// perIteration lists the variables of a loop that a function literal in its body
// keeps, or whose address is taken: each turn has its own, but the tier has one
// for all. They are those that the body changes, or those that it does not. It must be
// asked before the loop is rewritten.
func (l *lowerer) perIteration(init []ast.Expr, body *ast.BlockStmt, changed bool) []*ast.Ident {
	var out []*ast.Ident
	for _, e := range init {
		id, ok := e.(*ast.Ident)
		if !ok || l.Info.Defs[id] == nil {
			continue
		}
		if o := l.Info.Defs[id]; l.keeps(body, o) && l.changes(body, o) == changed {
			out = append(out, id)
		}
	}
	return out
}

// keeps says that a function literal in body uses o, or that its address is
// taken.
func (l *lowerer) keeps(body ast.Node, o types.Object) (found bool) {
	ast.Inspect(body, func(n ast.Node) bool {
		switch x := n.(type) {
		case *ast.FuncLit:
			ast.Inspect(x.Body, func(m ast.Node) bool {
				id, ok := m.(*ast.Ident)
				found = found || ok && l.Info.Uses[id] == o
				return !found
			})
		case *ast.UnaryExpr:
			id, ok := ast.Unparen(x.X).(*ast.Ident)
			found = found || x.Op == token.AND && ok && l.Info.Uses[id] == o
		}
		return !found
	})
	return found
}

// changes says that body assigns to o.
func (l *lowerer) changes(body ast.Node, o types.Object) (found bool) {
	is := func(e ast.Expr) bool {
		id, ok := ast.Unparen(e).(*ast.Ident)
		return ok && l.Info.Uses[id] == o
	}
	ast.Inspect(body, func(n ast.Node) bool {
		switch x := n.(type) {
		case *ast.AssignStmt:
			for _, e := range x.Lhs {
				found = found || is(e)
			}
		case *ast.IncDecStmt:
			found = found || is(x.X)
		case *ast.UnaryExpr:
			found = found || x.Op == token.AND && is(x.X)
		}
		return !found
	})
	return found
}

// ownCopies begins a loop's body with i := i for each variable.
func ownCopies(body *ast.BlockStmt, vars []*ast.Ident) {
	var copies []ast.Stmt
	for _, id := range vars {
		copies = append(copies, &ast.AssignStmt{
			Lhs: []ast.Expr{&ast.Ident{Name: id.Name, NamePos: id.Pos()}}, TokPos: id.Pos(), Tok: token.DEFINE,
			Rhs: []ast.Expr{&ast.Ident{Name: id.Name, NamePos: id.Pos()}},
		})
	}
	body.List = append(copies, body.List...)
}

// rangeInt makes a counting loop of a range over an integer, which the tier does
// not know.
func (l *lowerer) rangeInt(c *astutil.Cursor, r *ast.RangeStmt, t types.Type) {
	if id, ok := r.Key.(*ast.Ident); ok && r.Tok == token.DEFINE {
		if o := l.Info.Defs[id]; o != nil {
			t = o.Type()
		}
	} else if ok && id.Name != "_" || r.Key != nil && !ok {
		if kt := l.Info.TypeOf(r.Key); kt != nil {
			t = kt
		}
	}
	l.temps++
	n := strconv.Itoa(l.temps)
	pos := r.Pos()
	l.pos = pos
	id := func(s string) *ast.Ident { return &ast.Ident{Name: s + n, NamePos: pos} }
	conv := func(e ast.Expr) ast.Expr {
		return &ast.CallExpr{Fun: l.typeExpr(types.Default(t)), Lparen: pos, Args: []ast.Expr{e}, Rparen: pos}
	}
	zero := &ast.BasicLit{ValuePos: pos, Kind: token.INT, Value: "0"}
	body := r.Body
	if k, ok := r.Key.(*ast.Ident); r.Key != nil && !(ok && k.Name == "_") {
		set := &ast.AssignStmt{Lhs: []ast.Expr{r.Key}, Tok: r.Tok, TokPos: pos, Rhs: []ast.Expr{id("__i")}}
		body = &ast.BlockStmt{Lbrace: body.Lbrace, List: append([]ast.Stmt{set}, body.List...), Rbrace: body.Rbrace}
	}
	c.Replace(&ast.ForStmt{
		For:  r.For,
		Init: &ast.AssignStmt{Lhs: []ast.Expr{id("__i"), id("__n")}, Tok: token.DEFINE, TokPos: pos, Rhs: []ast.Expr{conv(zero), conv(r.X)}},
		Cond: &ast.BinaryExpr{X: id("__i"), OpPos: pos, Op: token.LSS, Y: id("__n")},
		Post: &ast.IncDecStmt{X: id("__i"), TokPos: pos, Tok: token.INC},
		Body: body,
	})
}

// rangeFunc makes a call of a range over a function: its body becomes the yield
// function,
//
//	{ ended := false; var r0 T
//	  f(func(k K, v V) bool { body; return true })
//	  if ended { return r0 } }
//
// in which break returns false, continue returns true, and return keeps its
// values and sets ended.
func (l *lowerer) rangeFunc(c *astutil.Cursor, r *ast.RangeStmt, t *types.Signature) {
	yield, ok := t.Params().At(0).Type().Underlying().(*types.Signature)
	if !ok {
		return
	}
	l.temps++
	y := &yielder{lowerer: l, n: strconv.Itoa(l.temps), pos: r.Pos()}
	if p, ok := c.Parent().(*ast.LabeledStmt); ok {
		y.label = p.Label.Name
	}
	y.body(r.Body.List)
	l.pos = r.Pos()
	params := &ast.FieldList{Opening: l.pos, Closing: l.pos}
	var first []ast.Stmt
	for n, e := range []ast.Expr{r.Key, r.Value}[:yield.Params().Len()] {
		name := "__v" + y.n + "_" + strconv.Itoa(n)
		id, isIdent := e.(*ast.Ident)
		switch {
		case e == nil || isIdent && id.Name == "_":
		case r.Tok == token.DEFINE && isIdent:
			name = id.Name
		default:
			first = append(first, &ast.AssignStmt{Lhs: []ast.Expr{e}, TokPos: l.pos, Tok: token.ASSIGN, Rhs: []ast.Expr{l.ident(name)}})
		}
		params.List = append(params.List, &ast.Field{Names: []*ast.Ident{l.ident(name)}, Type: l.typeExpr(yield.Params().At(n).Type())})
	}
	f := &ast.FuncLit{
		Type: &ast.FuncType{Func: l.pos, Params: params, Results: &ast.FieldList{List: []*ast.Field{{Type: l.ident("bool")}}}},
		Body: &ast.BlockStmt{Lbrace: r.Body.Lbrace, Rbrace: r.Body.Rbrace, List: append(append(first, r.Body.List...), y.yields("true"))},
	}
	fun := r.X
	if _, isIdent := fun.(*ast.Ident); !isIdent {
		fun = &ast.ParenExpr{Lparen: l.pos, X: fun, Rparen: l.pos}
	}
	list := append(y.declarations(), &ast.ExprStmt{X: &ast.CallExpr{Fun: fun, Lparen: l.pos, Args: []ast.Expr{f}, Rparen: l.pos}})
	if y.returns {
		ret := &ast.ReturnStmt{Return: l.pos}
		for _, v := range y.results {
			ret.Results = append(ret.Results, l.ident(v))
		}
		list = append(list, &ast.IfStmt{If: l.pos, Cond: l.ident("__ended" + y.n), Body: &ast.BlockStmt{Lbrace: l.pos, Rbrace: l.pos, List: []ast.Stmt{ret}}})
	}
	for n, b := range y.leaps {
		here := &ast.BinaryExpr{X: l.ident("__leap" + y.n), OpPos: l.pos, Op: token.EQL, Y: number(n+1, l.pos)}
		list = append(list, &ast.IfStmt{If: l.pos, Cond: here, Body: &ast.BlockStmt{Lbrace: l.pos, Rbrace: l.pos, List: []ast.Stmt{b}}})
	}
	c.Replace(&ast.BlockStmt{Lbrace: l.pos, Rbrace: l.pos, List: list})
}

// A yielder rewrites the body of a range over a function.
type yielder struct {
	*lowerer
	n       string
	pos     token.Pos
	label   string            // of the loop
	leaps   []*ast.BranchStmt // out of it to labels outside
	defers  bool
	returns bool
	results []string
}

func (y *yielder) yields(value string) ast.Stmt {
	return &ast.ReturnStmt{Return: y.pos, Results: []ast.Expr{&ast.Ident{Name: value, NamePos: y.pos}}}
}

func (y *yielder) body(list []ast.Stmt) {
	// Labels that stand inside the body stay what they are.
	inside := map[string]bool{}
	for _, s := range list {
		ast.Inspect(s, func(n ast.Node) bool {
			if ls, ok := n.(*ast.LabeledStmt); ok {
				inside[ls.Label.Name] = true
			}
			return true
		})
	}
	for n, s := range list {
		list[n] = y.jumps(s, inside)
	}
}

// jumps rewrites what leaves the body. breaks and continues count the loops,
// switches and selects between the body and the place.
func (y *yielder) jumps(s ast.Stmt, inside map[string]bool) ast.Stmt {
	breaks, continues := 0, 0
	enter := func(n ast.Node, d int) {
		switch n.(type) {
		case *ast.ForStmt, *ast.RangeStmt:
			breaks, continues = breaks+d, continues+d
		case *ast.SwitchStmt, *ast.TypeSwitchStmt, *ast.SelectStmt:
			breaks += d
		}
	}
	pre := func(c *astutil.Cursor) bool {
		switch x := c.Node().(type) {
		case *ast.FuncLit:
			return false
		case *ast.DeferStmt:
			c.Replace(y.later(x))
			return false
		case *ast.ReturnStmt:
			c.Replace(y.keep(x))
			return false
		case *ast.BranchStmt:
			if v := y.branch(x, inside, breaks, continues); v != "" {
				c.Replace(y.yields(v))
			} else if x.Label != nil && !inside[x.Label.Name] && x.Tok != token.GOTO {
				c.Replace(y.leap(x))
			}
			return false
		}
		enter(c.Node(), 1)
		return true
	}
	post := func(c *astutil.Cursor) bool {
		enter(c.Node(), -1)
		return true
	}
	holder := &ast.BlockStmt{List: []ast.Stmt{s}}
	astutil.Apply(holder, pre, post)
	return holder.List[0]
}

// branch is what the yield function returns for a jump, or "" for one that
// stays inside the body.
func (y *yielder) branch(b *ast.BranchStmt, inside map[string]bool, breaks, continues int) string {
	switch {
	case b.Label != nil && inside[b.Label.Name], b.Tok == token.FALLTHROUGH:
	case b.Tok == token.GOTO:
		y.fail(b.Pos(), "put the outer loop into a function and return from it", "the interpreted tier cannot jump out of a range over a function to a label")
	case b.Label != nil && b.Label.Name != y.label: // see leap
	case b.Tok == token.BREAK && (b.Label != nil || breaks == 0):
		return "false"
	case b.Tok == token.CONTINUE && (b.Label != nil || continues == 0):
		return "true"
	}
	return ""
}

// function are the results of the function that is being rewritten.
func (l *lowerer) function() *types.Tuple {
	if n := len(l.functions); n > 0 && l.functions[n-1] != nil {
		return l.functions[n-1].Results()
	}
	return nil
}
