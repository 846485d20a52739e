package interp

import (
	"go/types"
)

// fit says how well an object fits the place: 0 for well, more for less. A nil
// object is a keyword.
func (p place) fit(o types.Object) int {
	const well, after, badly = 0, 1, 2
	_, isType := o.(*types.TypeName)
	_, isPkg := o.(*types.PkgName)
	_, isBuiltin := o.(*types.Builtin)
	sig, _ := signatureOf(o)
	switch {
	case p.typ && isType:
		return well
	case p.typ && (isPkg || o == nil):
		return after
	case p.typ:
		return badly
	case p.statement && !p.called:
		return well
	case isPkg:
		return p.packageFit(badly)
	case isBuiltin && p.want != nil && gives(o.Name(), p.want):
		return after
	case o == nil, isBuiltin:
		return p.packageFit(badly)
	case p.function && sig != nil:
		return well
	case p.iterable && sig == nil && !isType && ranges(o.Type()):
		return well
	case p.channel && !isType && receives(o.Type()):
		return well
	case p.function || p.iterable || p.channel:
		return badly
	case p.want == nil && sig != nil && sig.Results().Len() == 0 && !p.called:
		return after
	case p.want == nil:
		return well
	case isType && assignable(o.Type(), p.want), isType && assignable(types.NewPointer(o.Type()), p.want):
		return after
	case isType:
		return badly
	case !p.called && assignable(o.Type(), p.want):
		return well
	case sig != nil && sig.Results().Len() == 1 && assignable(sig.Results().At(0).Type(), p.want):
		if p.called {
			return well
		}
		return after
	}
	return badly
}

// gives says that a builtin function can have a result of the type.
func gives(builtin string, want types.Type) bool {
	switch builtin {
	case "len", "cap", "copy":
		return types.Identical(want, types.Typ[types.Int])
	case "min", "max":
		b, ok := want.Underlying().(*types.Basic)
		return ok && b.Info()&types.IsOrdered != 0 && b.Info()&types.IsString == 0
	case "append":
		_, ok := want.Underlying().(*types.Slice)
		return ok
	}
	return false
}

// packageFit is how well what has no type of its own fits, where types matter.
func (p place) packageFit(otherwise int) int {
	if p.want == nil && !p.function && !p.iterable && !p.channel {
		return 0
	}
	return otherwise
}

// signatureOf is the signature of a function or of a variable that holds one.
func signatureOf(o types.Object) (*types.Signature, bool) {
	if o == nil || o.Type() == nil {
		return nil, false
	}
	if _, isType := o.(*types.TypeName); isType {
		return nil, false
	}
	sig, ok := o.Type().Underlying().(*types.Signature)
	return sig, ok
}

func receives(t types.Type) bool {
	if sig, ok := t.Underlying().(*types.Signature); ok && sig.Results().Len() == 1 {
		t = sig.Results().At(0).Type()
	}
	_, ok := t.Underlying().(*types.Chan)
	return ok
}

func ranges(t types.Type) bool {
	switch u := t.Underlying().(type) {
	case *types.Slice, *types.Map, *types.Array, *types.Chan:
		return true
	case *types.Pointer:
		_, ok := u.Elem().Underlying().(*types.Array)
		return ok
	case *types.Basic:
		return u.Info()&types.IsString != 0
	}
	return false
}

// assignable says that a value of type t can stand where want is asked for. For the
// type parameters of a function that is called, it is what their constraints say of
// the kinds of types.
func assignable(t, want types.Type) bool {
	if t == nil || t == types.Typ[types.Invalid] {
		return false
	}
	p, ok := want.(*types.TypeParam)
	if !ok {
		if s, isSig := want.(*types.Signature); isSig && s.TypeParams().Len() == 0 {
			if g, isSig := t.(*types.Signature); isSig && mentions(s) {
				return g.Params().Len() == s.Params().Len() && g.Results().Len() == s.Results().Len()
			}
		}
		if kind, isSlice := want.(*types.Slice); isSlice && isTypeParam(kind.Elem()) {
			_, isSlice := t.Underlying().(*types.Slice)
			return isSlice
		}
		return types.AssignableTo(t, want)
	}
	c, ok := p.Constraint().Underlying().(*types.Interface)
	if !ok || c.Empty() {
		return true
	}
	if c.IsComparable() && c.NumEmbeddeds() == 0 {
		return types.Comparable(t)
	}
	return matches(t, c)
}

func isTypeParam(t types.Type) bool { _, ok := t.(*types.TypeParam); return ok }

// mentions says that type parameters are in a signature.
func mentions(s *types.Signature) bool {
	for _, tuple := range []*types.Tuple{s.Params(), s.Results()} {
		for v := range tuple.Variables() {
			if isTypeParam(v.Type()) {
				return true
			}
		}
	}
	return false
}

// matches says that t is of one of the kinds of types that a constraint lists.
func matches(t types.Type, c *types.Interface) bool {
	for e := range c.EmbeddedTypes() {
		switch e := e.(type) {
		case *types.Union:
			for term := range e.Terms() {
				if sameKind(t, term.Type()) {
					return true
				}
			}
			return false
		default:
			if in, ok := e.Underlying().(*types.Interface); ok {
				if !in.Empty() && !matches(t, in) {
					return false
				}
				continue
			}
			return sameKind(t, e)
		}
	}
	return c.NumMethods() == 0 || types.Implements(t, c)
}

func sameKind(t, of types.Type) bool {
	if in, ok := of.Underlying().(*types.Interface); ok {
		return matches(t, in)
	}
	switch u := of.Underlying().(type) {
	case *types.Basic:
		b, ok := types.Default(t).Underlying().(*types.Basic)
		return ok && b.Kind() == u.Kind()
	case *types.Slice:
		_, ok := t.Underlying().(*types.Slice)
		return ok
	case *types.Map:
		_, ok := t.Underlying().(*types.Map)
		return ok
	case *types.Chan:
		_, ok := t.Underlying().(*types.Chan)
		return ok
	case *types.Signature:
		_, ok := t.Underlying().(*types.Signature)
		return ok
	}
	return types.Identical(t.Underlying(), of.Underlying())
}
