package translate

import (
	"go/ast"
	"go/constant"
	"go/types"

	"github.com/adabc437/fanout/parallel/device/ir"
)

// composite is a literal of an array or a struct.
func (f *function) composite(e *ast.CompositeLit) ir.Expr {
	goType := f.subst(f.info.TypeOf(e))
	if goType != nil {
		switch t := goType.Underlying().(type) {
		case *types.Slice:
			f.refuse(e.Pos(), "a slice literal needs memory, which a device does not give", "use an array, such as [...]"+types.TypeString(t.Elem(), f.qualifier)+"{…}")
		case *types.Map:
			f.refuse(e.Pos(), "a map cannot be on a device", "use an array or a slice")
		}
	}
	var star bool
	if p, ok := goType.Underlying().(*types.Pointer); ok { // &T is left out in a literal of pointers
		goType, star = p.Elem(), true
	}
	t := f.irType(e.Pos(), goType, "")
	if star || t.Kind != ir.Array && t.Kind != ir.Struct {
		f.refuse(e.Pos(), "this literal cannot be on a device", "")
	}
	if len(e.Elts) == 0 {
		return &ir.Zero{T: t}
	}
	if t.Kind == ir.Array {
		return f.arrayLiteral(e, t)
	}
	m := &ir.Make{T: t, Elems: make([]ir.Expr, len(t.Fields))}
	s := goType.Underlying().(*types.Struct)
	for i, x := range e.Elts {
		if kv, ok := x.(*ast.KeyValueExpr); ok {
			id, _ := kv.Key.(*ast.Ident)
			i, x = fieldIndex(s, id), kv.Value
		}
		if i >= 0 && i < len(m.Elems) {
			m.Elems[i] = f.valueOf(x, t.Fields[i].Type)
		}
	}
	for i := range m.Elems {
		if m.Elems[i] == nil {
			m.Elems[i] = zero(t.Fields[i].Type)
		}
	}
	return m
}

func (f *function) qualifier(*types.Package) string { return "" }

func fieldIndex(s *types.Struct, id *ast.Ident) int {
	for i := range s.NumFields() {
		if id != nil && s.Field(i).Name() == id.Name {
			return i
		}
	}
	return -1
}

// zero is the zero value of a type.
func zero(t *ir.Type) ir.Expr {
	if t.Kind.IsScalar() {
		return &ir.Const{T: t}
	}
	return &ir.Zero{T: t}
}

// arrayLiteral puts the elements of a large array in one by one, if it has few of them.
func (f *function) arrayLiteral(e *ast.CompositeLit, t *ir.Type) ir.Expr {
	type element struct {
		i int64
		x ir.Expr
	}
	var list []element
	mark, next := f.mark(), int64(0)
	for _, x := range e.Elts {
		if kv, ok := x.(*ast.KeyValueExpr); ok {
			if v := f.info.Types[kv.Key].Value; v != nil {
				next, _ = constant.Int64Val(constant.ToInt(v))
			}
			x = kv.Value
		}
		if next < 0 || next >= t.Len {
			f.refuse(x.Pos(), "there is no such element", "")
		}
		list = append(list, element{next, f.valueOf(x, t.Elem)})
		next++
	}
	if const64 := int64(64); t.Len > const64 && t.Len > 2*int64(len(list)) {
		v := f.spill(mark, &ir.Zero{T: t}, "t")
		f.facts.varies(v.Var)
		for _, x := range list {
			f.emit(&ir.Assign{Place: &ir.Elem{X: v, I: integer(int64Type, x.i)}, X: x.x})
		}
		return v
	}
	m := &ir.Make{T: t, Elems: make([]ir.Expr, t.Len)}
	for _, x := range list {
		m.Elems[x.i] = x.x
	}
	for i := range m.Elems {
		if m.Elems[i] == nil {
			m.Elems[i] = zero(t.Elem)
		}
	}
	return m
}
