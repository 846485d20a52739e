package direct

import (
	"go/constant"
	"go/types"
	"reflect"
	"slices"
	"unsafe"

	"github.com/adabc437/fanout/interp/emit"
)

var basics = map[types.BasicKind]reflect.Type{
	types.Bool: reflect.TypeFor[bool](), types.String: reflect.TypeFor[string](),
	types.Int: reflect.TypeFor[int](), types.Int8: reflect.TypeFor[int8](), types.Int16: reflect.TypeFor[int16](),
	types.Int32: reflect.TypeFor[int32](), types.Int64: reflect.TypeFor[int64](),
	types.Uint: reflect.TypeFor[uint](), types.Uint8: reflect.TypeFor[uint8](), types.Uint16: reflect.TypeFor[uint16](),
	types.Uint32: reflect.TypeFor[uint32](), types.Uint64: reflect.TypeFor[uint64](), types.Uintptr: reflect.TypeFor[uintptr](),
	types.Float32: reflect.TypeFor[float32](), types.Float64: reflect.TypeFor[float64](),
}

// typ is the run-time type of t.
func (p *planner) typ(t types.Type) reflect.Type {
	if cellType := ofCells(t); cellType != nil && !made(t, cellType) {
		refuse("the type %s, which reflection would make anew", t)
	}
	switch t := types.Unalias(t).(type) {
	case *types.Basic:
		if rt, ok := basics[types.Default(t).(*types.Basic).Kind()]; ok {
			return rt
		}
	case *types.Named:
		if t.TypeArgs().Len() > 0 {
			refuse("the generic type %s", t)
		}
		if t.Obj().Pkg() == nil && t.Obj().Name() == "error" {
			return reflect.TypeFor[error]()
		}
		if rt, ok := p.env.Type(t.Obj()); ok {
			return rt
		}
	case *types.Pointer:
		return reflect.PointerTo(p.typ(t.Elem()))
	case *types.Slice:
		return reflect.SliceOf(p.typ(t.Elem()))
	case *types.Array:
		return reflect.ArrayOf(int(t.Len()), p.typ(t.Elem()))
	case *types.Map:
		return reflect.MapOf(p.typ(t.Key()), p.typ(t.Elem()))
	case *types.Chan:
		return reflect.ChanOf(map[types.ChanDir]reflect.ChanDir{types.SendRecv: reflect.BothDir, types.SendOnly: reflect.SendDir, types.RecvOnly: reflect.RecvDir}[t.Dir()], p.typ(t.Elem()))
	case *types.Interface:
		if t.NumMethods() == 0 && t.IsMethodSet() {
			return reflect.TypeFor[any]()
		}
	case *types.Signature:
		var in, out []reflect.Type
		for v := range t.Params().Variables() {
			in = append(in, p.typ(v.Type()))
		}
		for v := range t.Results().Variables() {
			out = append(out, p.typ(v.Type()))
		}
		return reflect.FuncOf(in, out, t.Variadic())
	}
	refuse("the type %s", t)
	return nil
}

// ofCells is a type that cells declare and from which t is made; nil if there is none.
func ofCells(t types.Type) (found *types.Named) {
	switch t := types.Unalias(t).(type) {
	case *types.Named:
		if t.Obj().Pkg() != nil && t.Obj().Pkg().Path() == "main" {
			return t
		}
	case *types.Pointer:
		return ofCells(t.Elem())
	case *types.Slice:
		return ofCells(t.Elem())
	case *types.Array:
		return ofCells(t.Elem())
	case *types.Chan:
		return ofCells(t.Elem())
	case *types.Map:
		if found = ofCells(t.Key()); found == nil {
			found = ofCells(t.Elem())
		}
	case *types.Signature:
		for _, tuple := range []*types.Tuple{t.Params(), t.Results()} {
			for v := range tuple.Variables() {
				if n := ofCells(v.Type()); n != nil {
					found = n
				}
			}
		}
	}
	return found
}

// made says that the package of a type declares t with it, or that functions of cells
// have it as their own.
func made(t types.Type, of *types.Named) bool {
	switch t := types.Unalias(t).(type) {
	case *types.Named:
		return true
	case *types.Pointer:
		return types.Identical(t.Elem(), of)
	case *types.Signature: // the value is there, and has the type
		return true
	}
	text := types.TypeString(t, func(*types.Package) string { return "" })
	return slices.Contains(emit.MadeOf(of.Obj().Name()), text)
}

// constant makes a value of a constant.
func (p *planner) constant(tv types.TypeAndValue) reflect.Value {
	t := types.Default(tv.Type)
	if types.IsInterface(t) {
		refuse("a constant of type %s", t)
	}
	v := reflect.New(p.typ(t)).Elem()
	switch v.Kind() {
	case reflect.Bool:
		v.SetBool(constant.BoolVal(tv.Value))
	case reflect.String:
		v.SetString(constant.StringVal(tv.Value))
	case reflect.Float32, reflect.Float64:
		f, _ := constant.Float64Val(constant.ToFloat(tv.Value))
		if v.Kind() == reflect.Float32 {
			g, _ := constant.Float32Val(constant.ToFloat(tv.Value))
			f = float64(g)
		}
		v.SetFloat(f)
	default:
		i := constant.ToInt(tv.Value)
		if v.CanInt() {
			n, exact := constant.Int64Val(i)
			if !exact {
				refuse("a constant out of range")
			}
			v.SetInt(n)
		} else {
			n, exact := constant.Uint64Val(i)
			if !exact {
				refuse("a constant out of range")
			}
			v.SetUint(n)
		}
	}
	return v
}

// one is 1 of a numeric type.
func (p *planner) one(t types.Type) reflect.Value {
	return p.constant(types.TypeAndValue{Type: t, Value: constant.MakeInt64(1)})
}

// readable is a value that may be passed on: of unexported fields of cells' types
// too, which are unexported in name only.
func readable(v reflect.Value) reflect.Value {
	if v.CanInterface() {
		return v
	}
	if v.CanAddr() {
		return reflect.NewAt(v.Type(), unsafe.Pointer(v.UnsafeAddr())).Elem()
	}
	refuse("an unexported field of a value")
	return v
}
