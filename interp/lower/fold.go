package lower

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"strconv"
	"strings"

	"golang.org/x/tools/go/ast/astutil"
)

// The tier gets constants wrong that are computed, complex, or named by iota. go/types
// knows what they are, so they are written as literals.

// fold replaces a constant expression. It says whether it has.
func (l *lowerer) fold(c *astutil.Cursor) bool {
	e, ok := c.Node().(ast.Expr)
	if !ok {
		return false
	}
	tv, ok := l.Info.Types[e]
	if !ok || tv.Value == nil || tv.IsType() || !l.folds(e) {
		return false
	}
	switch p := c.Parent().(type) {
	case *ast.KeyValueExpr:
		if p.Key == e && isFieldKeyOf(p, l.Info) {
			return false
		}
	case *ast.SelectorExpr, *ast.ParenExpr, *ast.ValueSpec:
		if _, isSpec := p.(*ast.ValueSpec); !isSpec {
			return false
		}
	}
	l.pos = e.Pos()
	lit := l.constantExpr(tv, l.wantsBare(c))
	if lit == nil {
		return false
	}
	if into := l.assignedTo(c); into != nil && isInterface(into) && ofSession(tv.Type) {
		lit = l.inVariable(lit, tv.Type)
	}
	c.Replace(lit)
	l.Info.Types[lit] = tv
	l.foldedFrom[lit] = e
	return true
}

func isFieldKeyOf(kv *ast.KeyValueExpr, info *types.Info) bool {
	id, ok := kv.Key.(*ast.Ident)
	if !ok {
		return false
	}
	v, ok := info.Uses[id].(*types.Var)
	return ok && v.IsField()
}

// wantsBare says that the literal stands where its type does not matter.
func (l *lowerer) wantsBare(c *astutil.Cursor) bool {
	switch p := c.Parent().(type) {
	case *ast.ArrayType:
		return true
	case *ast.IndexExpr:
		return c.Name() == "Index" && !isMap(l.Info.TypeOf(p.X))
	case *ast.SliceExpr:
		return true
	case *ast.BinaryExpr:
		return (p.Op == token.SHL || p.Op == token.SHR) && c.Name() == "Y"
	}
	return false
}

func isMap(t types.Type) bool {
	if t == nil {
		return true
	}
	_, ok := t.Underlying().(*types.Map)
	return ok
}

// folds says of a constant expression that the tier may get it wrong.
func (l *lowerer) folds(e ast.Expr) bool {
	switch x := e.(type) {
	case *ast.Ident:
		o := l.Info.Uses[x]
		return o != nil && o.Parent() != types.Universe
	case *ast.SelectorExpr:
		return true
	case *ast.BinaryExpr:
		return true
	case *ast.UnaryExpr:
		_, isLit := x.X.(*ast.BasicLit)
		return !isLit
	case *ast.BasicLit:
		return x.Kind == token.IMAG
	case *ast.CallExpr:
		if len(x.Args) == 1 && !ofSession(l.Info.TypeOf(e)) {
			if _, isLit := x.Args[0].(*ast.BasicLit); isLit && l.Info.Types[x.Fun].IsType() {
				return l.Info.Types[x.Args[0]].Value.Kind() == constant.Complex
			}
		}
		return true
	}
	return false
}

// constantExpr spells a constant, or is nil if the tier could not hold it.
func (l *lowerer) constantExpr(tv types.TypeAndValue, bare bool) ast.Expr {
	t := types.Default(tv.Type)
	b, ok := t.Underlying().(*types.Basic)
	if !ok {
		return nil
	}
	v, own := tv.Value, types.Type(nil)
	var lit ast.Expr
	switch info := b.Info(); {
	case info&types.IsBoolean != 0:
		lit, own = l.ident(strconv.FormatBool(constant.BoolVal(v))), types.Typ[types.Bool]
	case info&types.IsString != 0:
		lit, own = &ast.BasicLit{ValuePos: l.pos, Kind: token.STRING, Value: strconv.Quote(constant.StringVal(v))}, types.Typ[types.String]
	case info&types.IsInteger != 0:
		v = constant.ToInt(v)
		if _, exact := constant.Int64Val(v); !exact {
			if _, exact = constant.Uint64Val(v); !exact {
				return nil
			}
		}
		lit, own = l.numeral(token.INT, v.ExactString()), types.Typ[types.Int]
	case info&types.IsFloat != 0:
		lit, own = l.floatLit(v), types.Typ[types.Float64]
	case info&types.IsComplex != 0:
		v = constant.ToComplex(v)
		part := func(v constant.Value) ast.Expr {
			return &ast.CallExpr{Fun: l.ident("float64"), Lparen: l.pos, Args: []ast.Expr{l.floatLit(v)}, Rparen: l.pos}
		}
		lit, own = &ast.CallExpr{Fun: l.ident("complex"), Lparen: l.pos, Args: []ast.Expr{part(constant.Real(v)), part(constant.Imag(v))}, Rparen: l.pos}, types.Typ[types.Complex128]
	}
	if lit == nil || bare || types.Identical(t, own) {
		return lit
	}
	before := l.err
	typ := l.typeExpr(t)
	if l.err != before {
		l.err = before
		return nil
	}
	return &ast.CallExpr{Fun: typ, Lparen: l.pos, Args: []ast.Expr{lit}, Rparen: l.pos}
}

func (l *lowerer) numeral(kind token.Token, text string) ast.Expr {
	if rest, negative := strings.CutPrefix(text, "-"); negative {
		return &ast.ParenExpr{Lparen: l.pos, X: &ast.UnaryExpr{OpPos: l.pos, Op: token.SUB, X: &ast.BasicLit{ValuePos: l.pos, Kind: kind, Value: rest}}, Rparen: l.pos}
	}
	return &ast.BasicLit{ValuePos: l.pos, Kind: kind, Value: text}
}

func (l *lowerer) floatLit(v constant.Value) ast.Expr {
	f, _ := constant.Float64Val(constant.ToFloat(v))
	text := strconv.FormatFloat(f, 'g', -1, 64)
	if !strings.ContainsAny(text, ".e") {
		text += ".0"
	}
	return l.numeral(token.FLOAT, text)
}

// constants writes the values of a const declaration, and leaves out those that the
// tier could not hold: nothing asks for them any more.
func (l *lowerer) constants(g *ast.GenDecl) {
	var specs []ast.Spec
	for _, s := range g.Specs {
		for _, id := range s.(*ast.ValueSpec).Names {
			o, ok := l.Info.Defs[id].(*types.Const)
			if !ok || id.Name == "_" {
				continue
			}
			l.pos = id.Pos()
			if x := l.constantExpr(types.TypeAndValue{Type: o.Type(), Value: o.Val()}, false); x != nil {
				specs = append(specs, &ast.ValueSpec{Names: []*ast.Ident{id}, Values: []ast.Expr{x}})
			}
		}
	}
	if len(specs) == 0 { // the tier wants one
		specs = []ast.Spec{&ast.ValueSpec{Names: []*ast.Ident{l.ident(l.temp())}, Values: []ast.Expr{number(0, l.pos)}}}
	}
	g.Specs = specs
	if !g.Lparen.IsValid() {
		g.Lparen, g.Rparen = g.Pos(), g.End()
	}
}

// assignedTo is the type of what an expression is assigned to, if that is plain to see.
func (l *lowerer) assignedTo(c *astutil.Cursor) types.Type {
	switch p := c.Parent().(type) {
	case *ast.AssignStmt:
		if c.Name() == "Rhs" && len(p.Lhs) == len(p.Rhs) && p.Tok == token.ASSIGN {
			return l.Info.TypeOf(p.Lhs[c.Index()])
		}
	case *ast.ValueSpec:
		if p.Type != nil {
			return l.Info.TypeOf(p.Type)
		}
	}
	return nil
}

// inVariable is func() T { var v T = x; return v }().
func (l *lowerer) inVariable(x ast.Expr, t types.Type) ast.Expr {
	z := l.zero(t).(*ast.CallExpr)
	z.Fun.(*ast.FuncLit).Body.List[0].(*ast.DeclStmt).Decl.(*ast.GenDecl).Specs[0].(*ast.ValueSpec).Values = []ast.Expr{x}
	return z
}
