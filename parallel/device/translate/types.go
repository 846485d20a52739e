package translate

import (
	"fmt"
	"go/token"
	"go/types"
	"strings"

	"github.com/adabc437/fanout/parallel/device/ir"
)

// A structType is a struct of Go and what it is in the program.
type structType struct {
	from types.Type
	in   string // for a type declared in a generic function, which instance
	to   *ir.Type
}

// A problem says why a type cannot be on a device.
type problem struct{ msg, hint string }

var kinds = map[types.BasicKind]ir.Kind{
	types.Bool: ir.Bool, types.UntypedBool: ir.Bool,
	types.Int: ir.Int64, types.Int8: ir.Int8, types.Int16: ir.Int16, types.Int32: ir.Int32, types.Int64: ir.Int64,
	types.Uint: ir.Uint64, types.Uint8: ir.Uint8, types.Uint16: ir.Uint16, types.Uint32: ir.Uint32, types.Uint64: ir.Uint64,
	types.Float32: ir.Float32, types.Float64: ir.Float64,
	types.UntypedInt: ir.Int64, types.UntypedRune: ir.Int32, types.UntypedFloat: ir.Float64,
}

var int64Type, uint64Type, boolType, float64Type = ir.Scalar(ir.Int64), ir.Scalar(ir.Uint64), ir.Scalar(ir.Bool), ir.Scalar(ir.Float64)

// typ is the type in the program, or why there is none. path is how the user gets to it
// from the type that he wrote.
func (f *function) typ(t types.Type) (*ir.Type, *problem) { return f.typeAt(f.subst(t), "", 0) }

func (f *function) typeAt(t types.Type, path string, slices int) (*ir.Type, *problem) {
	bad := func(what, hint string) (*ir.Type, *problem) {
		if path != "" {
			return nil, &problem{fmt.Sprintf("%s is %s, which cannot be on a device", path, what), hint}
		}
		return nil, &problem{what + " cannot be on a device", hint}
	}
	if n, ok := types.Unalias(t).(*types.Named); ok && f.unit.config.Substitute != nil {
		if s := f.unit.config.Substitute(n); s != nil {
			t = s
		}
	}
	switch under := t.Underlying().(type) {
	case *types.Basic:
		if k, ok := kinds[under.Kind()]; ok {
			return ir.Scalar(k), nil
		}
		switch {
		case under.Info()&types.IsString != 0:
			return bad("a string", "use numbers, such as an index into strings that stay on the host")
		case under.Info()&types.IsComplex != 0:
			if under.Kind() == types.Complex64 {
				return f.unit.complexType(ir.Float32), nil
			}
			return f.unit.complexType(ir.Float64), nil
		case under.Kind() == types.UntypedNil:
			return bad("nil", "")
		}
		return bad("an unsafe pointer or uintptr", "use an integer type, such as uint64")
	case *types.Array:
		if isPointer(f.subst(under.Elem()).Underlying()) {
			return bad("an array of pointers", "use an array of values")
		}
		e, p := f.typeAt(under.Elem(), elements(path), slices)
		if p != nil {
			return nil, p
		}
		if e.Kind == ir.Slice {
			return bad("an array of slices", "use a slice of slices, or one slice and indexes into it")
		}
		if e.Kind == ir.Pointer {
			return bad("an array of pointers", "use an array of values")
		}
		if size := e.Size(); size > 0 && under.Len() > maxArray/size {
			return bad(fmt.Sprintf("an array of %d elements", under.Len()), "use a slice: its elements are in the device's memory, not in each task")
		}
		return &ir.Type{Kind: ir.Array, Elem: e, Len: under.Len()}, nil
	case *types.Struct:
		return f.structAt(t, under)
	case *types.Slice:
		if slices >= 2 {
			return bad("a slice of slices of slices", "use one slice and compute the index")
		}
		if isPointer(f.subst(under.Elem()).Underlying()) {
			return bad("a slice of pointers", "use a slice of values")
		}
		e, p := f.typeAt(under.Elem(), elements(path), slices+1)
		if p != nil {
			return nil, p
		}
		if e.Kind == ir.Pointer {
			return bad("a slice of pointers", "use a slice of values")
		}
		return ir.SliceOf(e), nil
	case *types.Pointer:
		if isPointer(under.Elem().Underlying()) {
			return bad("a pointer to a pointer", "use values")
		}
		if n, ok := types.Unalias(under.Elem()).(*types.Named); ok && n.Obj().Name() == "Array" && n.Obj().Pkg() != nil && strings.HasSuffix(n.Obj().Pkg().Path(), "/parallel/device") {
			return bad("a *device.Array", captureHint)
		}
		e, p := f.typeAt(under.Elem(), path, slices)
		if p != nil {
			return nil, p
		}
		return &ir.Type{Kind: ir.Pointer, Elem: e}, nil
	case *types.Map:
		return bad("a map", "use a slice, sorted and searched by halves if need be")
	case *types.Chan:
		return bad("a channel", "tasks on a device cannot talk to each other: return values")
	case *types.Signature:
		return bad("a function value", "declare the function with func and call it by its name")
	case *types.Interface:
		if _, ok := types.Unalias(t).(*types.TypeParam); ok {
			return bad("the type parameter "+t.String(), "")
		}
		if types.Identical(t, types.Universe.Lookup("error").Type()) {
			return bad("an error", "use a bool or a number that says what went wrong, or panic with a constant message")
		}
		return bad("an interface", "use a concrete type")
	}
	return bad("a "+t.String(), "")
}

// maxArray is the most bytes of an array that a task has as its own.
const maxArray = 1 << 20

func elements(path string) string {
	if path == "" {
		return "its element"
	}
	return path + "'s element"
}

func (f *function) structAt(t types.Type, s *types.Struct) (*ir.Type, *problem) {
	in := ""
	if n, ok := types.Unalias(t).(*types.Named); ok && n.Obj().Pkg() != nil && n.Obj().Parent() != n.Obj().Pkg().Scope() {
		in = f.targsText()
	}
	for _, k := range f.unit.structs {
		if k.in == in && types.Identical(k.from, t) {
			return k.to, nil
		}
	}
	name := "struct"
	if n, ok := types.Unalias(t).(*types.Named); ok {
		name = types.TypeString(n, func(*types.Package) string { return "" })
	}
	to := &ir.Type{Kind: ir.Struct}
	taken := map[string]bool{}
	offset := int64(0)
	for i := range s.NumFields() {
		v := s.Field(i)
		var e *ir.Type
		var p *problem
		switch f.subst(v.Type()).Underlying().(type) {
		case *types.Slice:
			p = &problem{"a slice", "pass it as a parameter of its own"}
		case *types.Pointer:
			p = &problem{"a pointer", "use the value, or an index into a slice"}
		default:
			e, p = f.typeAt(f.subst(v.Type()), "", 2)
		}
		if p != nil {
			if strings.HasPrefix(p.msg, "field ") {
				return nil, p
			}
			what := strings.TrimSuffix(p.msg, " cannot be on a device")
			return nil, &problem{fmt.Sprintf("field %s of %s is %s: it cannot be on a device", v.Name(), name, what), p.hint}
		}
		fieldName := v.Name()
		if fieldName != "_" { // comparisons leave those out
			fieldName = unique(taken, identifier(fieldName))
		}
		a := e.Align()
		offset = (offset + a - 1) / a * a
		to.Fields = append(to.Fields, ir.Field{Name: fieldName, Type: e, Offset: offset})
		offset += e.Size()
	}
	to.Name = f.unit.unique(name)
	f.unit.structs = append(f.unit.structs, structType{t, in, to})
	f.unit.prog.Structs = append(f.unit.prog.Structs, to)
	return to, nil
}

// irType is typ, with an error at pos where there is none. what is named in the error.
func (f *function) irType(pos token.Pos, t types.Type, what string) *ir.Type {
	got, p := f.typ(t)
	if p != nil {
		msg := p.msg
		if what != "" {
			msg = what + ": " + msg
		}
		f.refuse(pos, msg, p.hint)
	}
	return got
}

// targsText names the type arguments that hold in the function.
func (f *function) targsText() string {
	var b strings.Builder
	for _, t := range f.targList {
		b.WriteString(types.TypeString(t, nil) + ";")
	}
	return b.String()
}

// subst puts the function's type arguments in place of type parameters.
func (f *function) subst(t types.Type) types.Type {
	if t == nil || len(f.targs) == 0 {
		return t
	}
	switch t := types.Unalias(t).(type) {
	case *types.TypeParam:
		if to := f.targs[t]; to != nil {
			return to
		}
	case *types.Pointer:
		return types.NewPointer(f.subst(t.Elem()))
	case *types.Slice:
		return types.NewSlice(f.subst(t.Elem()))
	case *types.Array:
		return types.NewArray(f.subst(t.Elem()), t.Len())
	case *types.Struct:
		fields := make([]*types.Var, t.NumFields())
		tags := make([]string, t.NumFields())
		for i := range fields {
			v := t.Field(i)
			fields[i], tags[i] = types.NewField(v.Pos(), v.Pkg(), v.Name(), f.subst(v.Type()), v.Embedded()), t.Tag(i)
		}
		return types.NewStruct(fields, tags)
	case *types.Tuple:
		vars := make([]*types.Var, t.Len())
		for i := range vars {
			vars[i] = types.NewVar(t.At(i).Pos(), t.At(i).Pkg(), t.At(i).Name(), f.subst(t.At(i).Type()))
		}
		return types.NewTuple(vars...)
	case *types.Named:
		if t.TypeArgs().Len() == 0 {
			return t
		}
		args := make([]types.Type, t.TypeArgs().Len())
		for i := range args {
			args[i] = f.subst(t.TypeArgs().At(i))
		}
		if n, err := types.Instantiate(f.unit.types, t.Origin(), args, false); err == nil {
			return n
		}
	}
	return t
}
