package lower

import (
	"go/ast"
	"go/types"
)

// The tier's error that is a struct of a cell's type has lost the struct. So the host
// makes the error: host.Error(shape, value).

// A slot is an expression that is to become an error.
type slot struct {
	at *ast.Expr
	id int
	of *types.Named // if it is to become another interface
}

// errorSlots lists the expressions of a node that become errors. It must be asked
// before the node is rewritten.
func (l *lowerer) errorSlots(n ast.Node) (out []slot) {
	if l.opt.Shape == nil {
		return nil
	}
	add := func(e *ast.Expr, target types.Type) {
		if id, ok := l.becomesError(*e, target); ok {
			out = append(out, slot{e, id, nil})
		} else if n := l.becomesInterface(*e, target); n != nil {
			out = append(out, slot{e, 0, n})
		}
	}
	switch x := n.(type) {
	case *ast.ReturnStmt:
		if results := l.function(); results.Len() == len(x.Results) {
			for i := range x.Results {
				add(&x.Results[i], results.At(i).Type())
			}
		}
	case *ast.AssignStmt:
		if len(x.Lhs) == len(x.Rhs) {
			for i := range x.Rhs {
				add(&x.Rhs[i], l.Info.TypeOf(x.Lhs[i]))
			}
		}
	case *ast.ValueSpec:
		if x.Type != nil && len(x.Values) == len(x.Names) {
			for i := range x.Values {
				add(&x.Values[i], l.Info.TypeOf(x.Type))
			}
		}
	case *ast.SendStmt:
		if c, ok := types.Unalias(l.Info.TypeOf(x.Chan)).Underlying().(*types.Chan); ok {
			add(&x.Value, c.Elem())
		}
	case *ast.CompositeLit:
		l.elementSlots(x, add)
	case *ast.CallExpr:
		l.argumentSlots(x, add)
	}
	return out
}

func (l *lowerer) elementSlots(x *ast.CompositeLit, add func(*ast.Expr, types.Type)) {
	t := l.Info.TypeOf(x)
	if t == nil {
		return
	}
	for i := range x.Elts {
		e := &x.Elts[i]
		kv, keyed := (*e).(*ast.KeyValueExpr)
		if keyed {
			e = &kv.Value
		}
		switch u := t.Underlying().(type) {
		case *types.Struct:
			if id, ok := (*ast.Ident)(nil), false; keyed {
				if id, ok = kv.Key.(*ast.Ident); ok {
					if f := l.Info.Uses[id]; f != nil {
						add(e, f.Type())
					}
				}
			} else if i < u.NumFields() {
				add(e, u.Field(i).Type())
			}
		case interface{ Elem() types.Type }:
			add(e, u.Elem())
		}
	}
}

func (l *lowerer) argumentSlots(x *ast.CallExpr, add func(*ast.Expr, types.Type)) {
	if tv := l.Info.Types[x.Fun]; tv.IsType() {
		if len(x.Args) == 1 {
			add(&x.Args[0], tv.Type)
		}
		return
	}
	sig, ok := l.Info.TypeOf(x.Fun).(*types.Signature)
	if !ok || x.Ellipsis.IsValid() {
		return
	}
	wraps := false
	if s, isSel := ast.Unparen(x.Fun).(*ast.SelectorExpr); isSel {
		f, isFunc := l.Info.Uses[s.Sel].(*types.Func)
		wraps = isFunc && f.FullName() == "fmt.Errorf"
	}
	if id, isIdent := ast.Unparen(x.Fun).(*ast.Ident); isIdent && id.Name == "panic" {
		_, wraps = l.Info.Uses[id].(*types.Builtin)
	}
	for i := range x.Args {
		if sig.Params().Len() == 0 {
			break
		}
		t := sig.Params().At(min(i, sig.Params().Len()-1)).Type()
		if s, isSlice := t.(*types.Slice); isSlice && sig.Variadic() && i >= sig.Params().Len()-1 {
			t = s.Elem()
		}
		if wraps && isInterface(t) && t.Underlying().(*types.Interface).Empty() {
			t = types.Universe.Lookup("error").Type()
		}
		add(&x.Args[i], t)
	}
}

// becomesError says that e is a struct of a cell's type that is put into an error.
func (l *lowerer) becomesError(e ast.Expr, target types.Type) (id int, ok bool) {
	if target == nil || target != types.Universe.Lookup("error").Type() {
		return 0, false
	}
	n, ok := types.Unalias(l.Info.TypeOf(e)).(*types.Named)
	if !ok || !ofSession(n) || n.TypeArgs().Len() > 0 || !types.Implements(n, target.Underlying().(*types.Interface)) {
		return 0, false
	}
	if _, isStruct := n.Underlying().(*types.Struct); !isStruct || l.runtimeName(n.Obj()) == "" {
		return 0, false
	}
	return l.opt.Shape(l.shape(n)), true
}

// becomesInterface says that e is a value of a cell's type that is put into an
// interface. The tier would keep the place of it there, not the value, so it is
// converted to its own type, for which there is a new place.
func (l *lowerer) becomesInterface(e ast.Expr, target types.Type) *types.Named {
	if target == nil || !isInterface(target) {
		return nil
	}
	switch ast.Unparen(e).(type) {
	case *ast.CompositeLit, *ast.FuncLit, *ast.BasicLit:
		return nil
	}
	n, ok := types.Unalias(l.Info.TypeOf(e)).(*types.Named)
	if !ok || !ofSession(n) || generic(n) || l.runtimeName(n.Obj()) == "" || l.constant(e) {
		return nil
	}
	switch n.Underlying().(type) {
	case *types.Basic, *types.Struct, *types.Array:
		return n
	}
	return nil
}

// fill makes errors of what is in the slots.
func (l *lowerer) fill(slots []slot) {
	for _, s := range slots {
		l.pos = (*s.at).Pos()
		if s.of != nil {
			*s.at = &ast.CallExpr{Fun: l.typeExpr(s.of), Lparen: l.pos, Args: []ast.Expr{*s.at}, Rparen: l.pos}
			continue
		}
		*s.at = &ast.CallExpr{Fun: l.sel(Host, "Error", l.pos), Lparen: l.pos, Args: []ast.Expr{number(s.id, l.pos), *s.at}, Rparen: l.pos}
	}
}

// errorsAs is the shape of the type that errors.As is to find, if it is a struct of a
// cell's type.
func (l *lowerer) errorsAs(call *ast.CallExpr) (id int, ok bool) {
	s, isSel := ast.Unparen(call.Fun).(*ast.SelectorExpr)
	if !isSel || len(call.Args) != 2 || l.opt.Shape == nil {
		return 0, false
	}
	f, isFunc := l.Info.Uses[s.Sel].(*types.Func)
	if !isFunc || f.FullName() != "errors.As" {
		return 0, false
	}
	p, isPointer := l.Info.TypeOf(call.Args[1]).(*types.Pointer)
	if !isPointer {
		return 0, false
	}
	n, isNamed := types.Unalias(p.Elem()).(*types.Named)
	if !isNamed || !ofSession(n) || n.TypeArgs().Len() > 0 {
		return 0, false
	}
	if _, isStruct := n.Underlying().(*types.Struct); !isStruct {
		return 0, false
	}
	return l.opt.Shape(l.shape(n)), true
}
