package interp

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/adabc437/fanout/interp/cell"
	"github.com/adabc437/fanout/interp/check"
)

// A place is what a cell asks for where the cursor stands.
type place struct {
	// want is the type of a value that fits; nil if any does.
	want types.Type
	// called says that the name is called, so that its result has to fit.
	called bool
	// Exactly what the place takes, if it takes no values.
	typ, statement, nameOnly bool
	// function asks for any function, iterable for what a range clause takes, channel
	// for what can be received from.
	function, iterable, channel bool
	// inCell, inSwitch and inConst say what is around it.
	inCell, inSwitch, inConst bool
}

// placeOf reads off the tree what can stand at the cursor.
func placeOf(at *cursor) place {
	f := placeFinder{at: at, info: at.unit}
	k := 0
	if sel, ok := at.parent(0).(*ast.SelectorExpr); ok && sel.Sel == at.path[0] {
		k = 1
	}
	f.place.want = f.wanted(k)
	for n, node := range at.path {
		switch node := node.(type) {
		case *ast.FuncDecl:
			f.place.inCell = node.Name.Name == cell.CellFunc
		case *ast.GenDecl:
			f.place.inConst = node.Tok == token.CONST
		case *ast.CaseClause, *ast.CommClause:
			f.place.inSwitch = true
		case *ast.BlockStmt:
			switch at.parent(n).(type) {
			case *ast.SwitchStmt, *ast.TypeSwitchStmt, *ast.SelectStmt:
				f.place.inSwitch = true
			}
		}
	}
	if t := f.place.want; t != nil {
		i, isInterface := t.Underlying().(*types.Interface)
		_, isParam := t.(*types.TypeParam)
		if t == types.Typ[types.Invalid] || isInterface && i.Empty() && !isParam {
			f.place.want = nil
		}
	}
	return f.place
}

type placeFinder struct {
	at    *cursor
	info  *check.Unit
	place place
}

func (f *placeFinder) typeOf(e ast.Expr) types.Type {
	if e == nil {
		return nil
	}
	t := f.info.Info.TypeOf(e)
	if b, ok := t.(*types.Basic); ok && (b.Kind() == types.Invalid || b.Info()&types.IsUntyped != 0) {
		return nil
	}
	return t
}

// wanted is the type that fits in the place of the k-th node of the path. It notes
// what else it finds about the place.
func (f *placeFinder) wanted(k int) types.Type {
	if k+1 >= len(f.at.path) {
		return nil
	}
	n, _ := f.at.path[k].(ast.Expr)
	switch p := f.at.path[k+1].(type) {
	case *ast.ParenExpr:
		return f.wanted(k + 1)
	case *ast.UnaryExpr:
		return f.operand(p, k)
	case *ast.StarExpr:
		f.wanted(k + 1)
		return nil
	case *ast.BinaryExpr:
		return f.besides(p, n, k)
	case *ast.CallExpr:
		if p.Fun == n {
			f.place.called = true
			t := f.wanted(k + 1)
			f.place.statement = false
			return t
		}
		return f.argument(p, slices.Index(p.Args, n), k)
	case *ast.KeyValueExpr:
		return f.element(k+2, p, n)
	case *ast.CompositeLit:
		if p.Type == n {
			f.place.typ = true
			return nil
		}
		return f.element(k+1, nil, n)
	case *ast.IndexExpr:
		return f.index(p, n)
	case *ast.SliceExpr:
		if p.X != n {
			return types.Typ[types.Int]
		}
	case *ast.TypeAssertExpr:
		f.place.typ = p.Type == n
	case *ast.ArrayType:
		f.place.typ = p.Elt == n
	case *ast.MapType, *ast.ChanType, *ast.Ellipsis:
		f.place.typ = true
	case *ast.Field:
		f.place.typ = p.Type == n
		f.place.nameOnly = p.Type != n
	case *ast.TypeSpec:
		f.place.typ = p.Type == n
		f.place.nameOnly = p.Type != n
	case *ast.ValueSpec:
		return f.specified(p, n)
	case *ast.FuncDecl, *ast.LabeledStmt, *ast.BranchStmt:
		f.place.nameOnly = true
	default:
		return f.inStatement(k, n)
	}
	return nil
}

func (f *placeFinder) inStatement(k int, n ast.Expr) types.Type {
	switch p := f.at.path[k+1].(type) {
	case *ast.AssignStmt:
		if i := slices.Index(p.Rhs, n); i >= 0 && p.Tok != token.DEFINE && len(p.Lhs) == len(p.Rhs) {
			return f.typeOf(p.Lhs[i])
		}
	case *ast.ReturnStmt:
		return f.result(k+1, slices.Index(p.Results, n), len(p.Results))
	case *ast.SendStmt:
		if c, ok := under(f.typeOf(p.Chan)).(*types.Chan); ok && p.Value == n {
			return c.Elem()
		}
	case *ast.CaseClause:
		return f.caseOf(k + 1)
	case *ast.IfStmt:
		if p.Cond == n {
			return types.Typ[types.Bool]
		}
	case *ast.ForStmt:
		if p.Cond == n {
			return types.Typ[types.Bool]
		}
	case *ast.RangeStmt:
		f.place.iterable = p.X == n
	case *ast.ExprStmt:
		f.place.statement = true
	case *ast.GoStmt, *ast.DeferStmt:
		f.place.function = true
	}
	return nil
}

func under(t types.Type) types.Type {
	if t == nil {
		return nil
	}
	return t.Underlying()
}

// operand is what a unary operator takes.
func (f *placeFinder) operand(p *ast.UnaryExpr, k int) types.Type {
	switch p.Op {
	case token.NOT:
		return types.Typ[types.Bool]
	case token.AND:
		if ptr, ok := under(f.wanted(k + 1)).(*types.Pointer); ok {
			return ptr.Elem()
		}
	case token.ARROW:
		f.place.channel = true
	case token.ADD, token.SUB, token.XOR:
		return f.wanted(k + 1)
	}
	return nil
}

// besides is what stands on the other side of an operator.
func (f *placeFinder) besides(p *ast.BinaryExpr, n ast.Expr, k int) types.Type {
	other := p.X
	if p.X == n {
		other = p.Y
	}
	switch p.Op {
	case token.LAND, token.LOR:
		return types.Typ[types.Bool]
	case token.SHL, token.SHR:
		return nil
	}
	if t := f.typeOf(other); t != nil {
		return t
	}
	switch p.Op {
	case token.EQL, token.NEQ, token.LSS, token.LEQ, token.GTR, token.GEQ:
		return nil
	}
	return f.wanted(k + 1)
}

// argument is what a call takes as its i-th argument.
func (f *placeFinder) argument(call *ast.CallExpr, i, k int) types.Type {
	if id, ok := call.Fun.(*ast.Ident); ok && id.Name == argsName {
		f.place.function = i == 0
		return nil
	}
	tv := f.info.Info.Types[call.Fun]
	switch {
	case tv.IsBuiltin():
		return f.builtinArgument(call, i, k)
	case tv.IsType():
		return tv.Type
	}
	sig, ok := under(tv.Type).(*types.Signature)
	if !ok || i < 0 {
		return nil
	}
	params := sig.Params()
	if sig.Variadic() && i >= params.Len()-1 {
		if s, ok := params.At(params.Len() - 1).Type().(*types.Slice); ok && !call.Ellipsis.IsValid() {
			return s.Elem()
		}
	}
	if i < params.Len() {
		return params.At(i).Type()
	}
	return nil
}

func (f *placeFinder) builtinArgument(call *ast.CallExpr, i, k int) types.Type {
	id, ok := call.Fun.(*ast.Ident)
	if !ok || len(call.Args) == 0 {
		return nil
	}
	first := under(f.typeOf(call.Args[0]))
	switch id.Name {
	case "make", "new":
		if i == 0 {
			f.place.typ = true
			return nil
		}
		return types.Typ[types.Int]
	case "append":
		if s, ok := first.(*types.Slice); ok && i > 0 {
			return s.Elem()
		}
		if i == 0 {
			return f.wanted(k + 1)
		}
	case "delete":
		if m, ok := first.(*types.Map); ok && i > 0 {
			return m.Key()
		}
	case "copy", "min", "max", "complex":
		for _, a := range call.Args {
			if t := f.typeOf(a); t != nil {
				return t
			}
		}
	case "len", "cap":
		f.place.iterable = true
	}
	return nil
}

// element is what the literal at path[k] takes: for the pair, or for n as an
// element without a key.
func (f *placeFinder) element(k int, pair *ast.KeyValueExpr, n ast.Expr) types.Type {
	if k >= len(f.at.path) {
		return nil
	}
	lit, ok := f.at.path[k].(*ast.CompositeLit)
	if !ok {
		return nil
	}
	value := pair == nil || pair.Value == n
	switch t := under(f.info.Info.TypeOf(lit)).(type) {
	case *types.Pointer: // elided
		if s, ok := t.Elem().Underlying().(*types.Struct); ok {
			return fieldType(s, pair, n, lit)
		}
	case *types.Struct:
		return fieldType(t, pair, n, lit)
	case *types.Map:
		if value && pair != nil {
			return t.Elem()
		}
		return t.Key()
	case *types.Slice:
		if value {
			return t.Elem()
		}
	case *types.Array:
		if value {
			return t.Elem()
		}
	}
	return nil
}

func fieldType(s *types.Struct, pair *ast.KeyValueExpr, n ast.Expr, lit *ast.CompositeLit) types.Type {
	if pair == nil {
		if i := slices.Index(lit.Elts, n); i >= 0 && i < s.NumFields() {
			return s.Field(i).Type()
		}
		return nil
	}
	key, ok := pair.Key.(*ast.Ident)
	for f := range s.Fields() {
		if ok && pair.Value == n && f.Name() == key.Name {
			return f.Type()
		}
	}
	return nil
}

// index is what may stand between brackets.
func (f *placeFinder) index(p *ast.IndexExpr, n ast.Expr) types.Type {
	if p.X == n {
		return nil
	}
	t := f.info.Info.TypeOf(p.X)
	switch t := under(t).(type) {
	case *types.Map:
		return t.Key()
	case *types.Signature:
		f.place.typ = true
		return nil
	}
	if f.info.Info.Types[p.X].IsType() {
		f.place.typ = true
		return nil
	}
	return types.Typ[types.Int]
}

// specified is the type that a var or const declaration names.
func (f *placeFinder) specified(p *ast.ValueSpec, n ast.Expr) types.Type {
	switch {
	case p.Type == n:
		f.place.typ = true
	case slices.Contains(p.Values, n):
		if p.Type != nil {
			return f.typeOf(p.Type)
		}
	default:
		f.place.nameOnly = true
	}
	return nil
}

// result is the type of the i-th result of the function around path[k].
func (f *placeFinder) result(k, i, of int) types.Type {
	for _, node := range f.at.path[k:] {
		var ft *ast.FuncType
		switch node := node.(type) {
		case *ast.FuncLit:
			ft = node.Type
		case *ast.FuncDecl:
			ft = node.Type
		default:
			continue
		}
		if ft.Results == nil || i < 0 {
			return nil
		}
		var all []types.Type
		for _, field := range ft.Results.List {
			for range max(1, len(field.Names)) {
				all = append(all, f.typeOf(field.Type))
			}
		}
		if i < len(all) && of <= len(all) {
			return all[i]
		}
		return nil
	}
	return nil
}

// caseOf is what the case clause at path[k] compares with.
func (f *placeFinder) caseOf(k int) types.Type {
	if k+2 >= len(f.at.path) {
		return nil
	}
	switch s := f.at.path[k+2].(type) {
	case *ast.SwitchStmt:
		if s.Tag == nil {
			return types.Typ[types.Bool]
		}
		return f.typeOf(s.Tag)
	case *ast.TypeSwitchStmt:
		f.place.typ = true
	}
	return nil
}
