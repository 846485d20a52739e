package lower

import (
	"go/ast"
	"go/token"
	"go/types"
	"strconv"
)

// typeExpr spells a type in the lowered file.
func (l *lowerer) typeExpr(t types.Type) ast.Expr {
	switch t := t.(type) {
	case *types.Basic:
		if t.Kind() == types.UnsafePointer {
			return l.sel("unsafe", "Pointer", l.pos)
		}
		return l.ident(types.Default(t).String())
	case *types.Alias:
		if t.Obj().Pkg() == nil {
			return l.typeExpr(types.Unalias(t))
		}
		return l.namedExpr(t.Obj(), t.TypeArgs())
	case *types.Named:
		return l.namedExpr(t.Obj(), t.TypeArgs())
	case *types.Pointer:
		return &ast.StarExpr{Star: l.pos, X: l.typeExpr(t.Elem())}
	case *types.Slice:
		return &ast.ArrayType{Lbrack: l.pos, Elt: l.typeExpr(t.Elem())}
	case *types.Array:
		return &ast.ArrayType{Lbrack: l.pos, Len: &ast.BasicLit{ValuePos: l.pos, Kind: token.INT, Value: strconv.FormatInt(t.Len(), 10)}, Elt: l.typeExpr(t.Elem())}
	case *types.Map:
		return &ast.MapType{Map: l.pos, Key: l.typeExpr(t.Key()), Value: l.typeExpr(t.Elem())}
	case *types.Chan:
		dir := map[types.ChanDir]ast.ChanDir{types.SendRecv: ast.SEND | ast.RECV, types.SendOnly: ast.SEND, types.RecvOnly: ast.RECV}[t.Dir()]
		return &ast.ChanType{Begin: l.pos, Dir: dir, Value: l.typeExpr(t.Elem())}
	case *types.Signature:
		return &ast.FuncType{Func: l.pos, Params: l.fields(t.Params(), t.Variadic()), Results: l.fields(t.Results(), false)}
	case *types.Struct:
		return l.structExpr(t)
	case *types.Interface:
		return l.interfaceExpr(t)
	case *types.Union:
		return l.unionExpr(t)
	case *types.TypeParam:
		return l.ident(paramName(t))
	}
	l.fail(l.pos, "", "the interpreted tier cannot hold a variable of type %s", t)
	return l.ident("int")
}

func (l *lowerer) namedExpr(o *types.TypeName, args *types.TypeList) ast.Expr {
	var x ast.Expr
	if args.Len() > 0 && o.Pkg() != nil && o.Pkg().Path() != "main" {
		// The tier has no generic types of bound packages; of iter.Seq and its like
		// what they stand for will do.
		if inst, err := types.Instantiate(nil, o.Type(), list(args), false); err == nil {
			if _, isStruct := inst.Underlying().(*types.Struct); !isStruct {
				return l.typeExpr(inst.Underlying())
			}
		}
		l.fail(l.pos, "use a type that is not generic", "the interpreted tier cannot hold the generic type %s.%s", o.Pkg().Name(), o.Name())
		return l.ident("int")
	}
	switch {
	case o.Pkg() == nil: // error, any, comparable
		x = l.ident(o.Name())
	case o.Pkg().Path() == "main":
		if r := l.runtimeName(o); r != "" {
			x = l.ident(r)
		} else {
			x = l.ident(o.Name()) // of the function at hand
		}
	case !o.Exported():
		l.fail(l.pos, "use the expression where it is needed, or assign it to a variable of an interface type", "a session variable cannot have the unexported type %s.%s", o.Pkg().Name(), o.Name())
		return l.ident("int")
	default:
		x = l.sel(o.Pkg().Path(), o.Name(), l.pos)
	}
	switch n := args.Len(); n {
	case 0:
		return x
	case 1:
		return &ast.IndexExpr{X: x, Lbrack: l.pos, Index: l.typeExpr(args.At(0)), Rbrack: l.pos}
	default:
		indices := make([]ast.Expr, n)
		for i := range indices {
			indices[i] = l.typeExpr(args.At(i))
		}
		return &ast.IndexListExpr{X: x, Lbrack: l.pos, Indices: indices, Rbrack: l.pos}
	}
}

func list(args *types.TypeList) []types.Type {
	var out []types.Type
	for t := range args.Types() {
		out = append(out, t)
	}
	return out
}

func (l *lowerer) fields(t *types.Tuple, variadic bool) *ast.FieldList {
	out := &ast.FieldList{Opening: l.pos, Closing: l.pos}
	for i := range t.Len() {
		typ := t.At(i).Type()
		var x ast.Expr
		if s, ok := typ.(*types.Slice); ok && variadic && i == t.Len()-1 {
			x = &ast.Ellipsis{Ellipsis: l.pos, Elt: l.typeExpr(s.Elem())}
		} else {
			x = l.typeExpr(typ)
		}
		out.List = append(out.List, &ast.Field{Type: x})
	}
	return out
}

func (l *lowerer) structExpr(t *types.Struct) ast.Expr {
	out := &ast.StructType{Struct: l.pos, Fields: &ast.FieldList{Opening: l.pos, Closing: l.pos}}
	for i := range t.NumFields() {
		f := t.Field(i)
		field := &ast.Field{Type: l.typeExpr(f.Type())}
		if !f.Embedded() {
			field.Names = []*ast.Ident{l.ident(f.Name())}
		}
		tag := t.Tag(i)
		if !f.Exported() && !f.Embedded() {
			tag = hiddenTag(tag)
		}
		if tag != "" {
			field.Tag = &ast.BasicLit{ValuePos: l.pos, Kind: token.STRING, Value: strconv.Quote(tag)}
		}
		out.Fields.List = append(out.Fields.List, field)
	}
	return out
}

func (l *lowerer) interfaceExpr(t *types.Interface) ast.Expr {
	out := &ast.InterfaceType{Interface: l.pos, Methods: &ast.FieldList{Opening: l.pos, Closing: l.pos}}
	for i := range t.NumExplicitMethods() {
		m := t.ExplicitMethod(i)
		out.Methods.List = append(out.Methods.List, &ast.Field{Names: []*ast.Ident{l.ident(m.Name())}, Type: l.typeExpr(m.Type())})
	}
	for i := range t.NumEmbeddeds() {
		out.Methods.List = append(out.Methods.List, &ast.Field{Type: l.typeExpr(t.EmbeddedType(i))})
	}
	return out
}

func (l *lowerer) unionExpr(u *types.Union) ast.Expr {
	var out ast.Expr
	for term := range u.Terms() {
		x := l.typeExpr(term.Type())
		if term.Tilde() {
			x = &ast.UnaryExpr{OpPos: l.pos, Op: token.TILDE, X: x}
		}
		if out == nil {
			out = x
		} else {
			out = &ast.BinaryExpr{X: out, OpPos: l.pos, Op: token.OR, Y: x}
		}
	}
	return out
}
