package check

import (
	"go/token"
	"go/types"
	"strconv"
)

// A cell is checked more than once until the types of its magics are known, and
// each check makes the types that the cell declares anew. So the signature of a
// magic must not name them: generalize puts a type parameter in the place of each,
// which the next check infers from the arguments.

type generalizer struct {
	pkg    *types.Package
	fresh  []types.Type
	params []*types.TypeParam
}

// generalize makes sig generic in the types that pkg declares.
func generalize(sig *types.Signature, pkg *types.Package) *types.Signature {
	g := &generalizer{pkg: pkg}
	params, results := g.tuple(sig.Params()), g.tuple(sig.Results())
	if len(g.params) == 0 {
		return sig
	}
	return types.NewSignatureType(nil, nil, g.params, params, results, sig.Variadic())
}

func (g *generalizer) tuple(t *types.Tuple) *types.Tuple {
	var vars []*types.Var
	for v := range t.Variables() {
		vars = append(vars, types.NewVar(v.Pos(), v.Pkg(), v.Name(), g.typ(v.Type())))
	}
	return types.NewTuple(vars...)
}

func (g *generalizer) typ(t types.Type) types.Type {
	if a, ok := t.(*types.Alias); ok && a.TypeArgs().Len() > 0 {
		return g.alias(a)
	}
	switch u := types.Unalias(t).(type) {
	case *types.Named:
		if u.Obj().Pkg() == g.pkg {
			return g.param(u)
		}
		return g.instance(u)
	case *types.Pointer:
		return types.NewPointer(g.typ(u.Elem()))
	case *types.Slice:
		return types.NewSlice(g.typ(u.Elem()))
	case *types.Array:
		return types.NewArray(g.typ(u.Elem()), u.Len())
	case *types.Map:
		return types.NewMap(g.typ(u.Key()), g.typ(u.Elem()))
	case *types.Chan:
		return types.NewChan(u.Dir(), g.typ(u.Elem()))
	case *types.Signature:
		return types.NewSignatureType(nil, nil, nil, g.tuple(u.Params()), g.tuple(u.Results()), u.Variadic())
	}
	return t
}

// alias generalizes the arguments of an alias that has some.
func (g *generalizer) alias(a *types.Alias) types.Type {
	args := make([]types.Type, a.TypeArgs().Len())
	for n := range args {
		args[n] = g.typ(a.TypeArgs().At(n))
	}
	inst, err := types.Instantiate(nil, a.Origin(), args, false)
	if err != nil {
		return a
	}
	return inst
}

// instance generalizes the arguments of a generic type of another package.
func (g *generalizer) instance(t *types.Named) types.Type {
	if t.TypeArgs().Len() == 0 {
		return t
	}
	args := make([]types.Type, t.TypeArgs().Len())
	for n := range args {
		args[n] = g.typ(t.TypeArgs().At(n))
	}
	inst, err := types.Instantiate(nil, t.Origin(), args, false)
	if err != nil {
		return t
	}
	return inst
}

// param is the type parameter that stands for t. Maps need comparable keys.
func (g *generalizer) param(t types.Type) types.Type {
	for n, f := range g.fresh {
		if types.Identical(f, t) {
			return g.params[n]
		}
	}
	constraint := types.Universe.Lookup("any").Type()
	if types.Comparable(t) {
		constraint = types.Universe.Lookup("comparable").Type()
	}
	name := types.NewTypeName(token.NoPos, g.pkg, "__T"+strconv.Itoa(len(g.params)), nil)
	p := types.NewTypeParam(name, constraint)
	g.fresh, g.params = append(g.fresh, t), append(g.params, p)
	return p
}
