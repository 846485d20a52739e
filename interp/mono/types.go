package mono

import (
	"fmt"
	"go/types"
	"strconv"
	"strings"
)

// substAll puts the walker's type arguments in the place of type parameters.
func (w *walker) substAll(list *types.TypeList) []types.Type {
	out := make([]types.Type, 0, list.Len())
	for t := range list.Types() {
		out = append(out, w.subst(t))
	}
	return out
}

func typeList(list *types.TypeList) []types.Type {
	var out []types.Type
	for t := range list.Types() {
		out = append(out, t)
	}
	return out
}

func (w *walker) subst(t types.Type) types.Type {
	switch t := t.(type) {
	case *types.TypeParam:
		if a := w.env[t.Obj()]; a != nil {
			return a
		}
		for o, a := range w.env { // a receiver's own parameter may be another object
			if o.Name() == t.Obj().Name() {
				return a
			}
		}
	case *types.Alias:
		return w.subst(types.Unalias(t))
	case *types.Named:
		if w.of != nil && t.TypeArgs().Len() == 0 {
			if name := w.localName(t.Obj()); name != "" { // of this instance
				return types.NewNamed(types.NewTypeName(t.Obj().Pos(), t.Obj().Pkg(), name, nil), t.Underlying(), nil)
			}
		}
		if t.TypeArgs().Len() > 0 {
			if i, err := types.Instantiate(nil, t.Origin(), w.substAll(t.TypeArgs()), false); err == nil {
				return i
			}
		}
	case *types.Pointer:
		return types.NewPointer(w.subst(t.Elem()))
	case *types.Slice:
		return types.NewSlice(w.subst(t.Elem()))
	case *types.Array:
		return types.NewArray(w.subst(t.Elem()), t.Len())
	case *types.Map:
		return types.NewMap(w.subst(t.Key()), w.subst(t.Elem()))
	case *types.Chan:
		return types.NewChan(t.Dir(), w.subst(t.Elem()))
	case *types.Signature:
		return types.NewSignatureType(nil, nil, nil, w.tuple(t.Params()), w.tuple(t.Results()), t.Variadic())
	case *types.Struct:
		var fields []*types.Var
		var tags []string
		for i := range t.NumFields() {
			f := t.Field(i)
			fields = append(fields, types.NewField(f.Pos(), f.Pkg(), f.Name(), w.subst(f.Type()), f.Embedded()))
			tags = append(tags, t.Tag(i))
		}
		return types.NewStruct(fields, tags)
	case *types.Interface:
		if t.NumExplicitMethods()+t.NumEmbeddeds() == 0 {
			return t
		}
		var methods []*types.Func
		for m := range t.ExplicitMethods() {
			sig := m.Signature()
			methods = append(methods, types.NewFunc(m.Pos(), m.Pkg(), m.Name(), types.NewSignatureType(nil, nil, nil, w.tuple(sig.Params()), w.tuple(sig.Results()), sig.Variadic())))
		}
		var embedded []types.Type
		for e := range t.EmbeddedTypes() {
			embedded = append(embedded, w.subst(e))
		}
		return types.NewInterfaceType(methods, embedded).Complete()
	}
	return t
}

func (w *walker) tuple(t *types.Tuple) *types.Tuple {
	var vars []*types.Var
	for v := range t.Variables() {
		vars = append(vars, types.NewParam(v.Pos(), v.Pkg(), v.Name(), w.subst(v.Type())))
	}
	return types.NewTuple(vars...)
}

// text spells a type in the world.
func (w *walker) text(t types.Type) string {
	s := &speller{pkg: w.qualifier}
	s.named = func(n *types.Named) string {
		if n.Obj().Pkg() == nil || n.Obj().Pkg().Path() != "main" {
			return ""
		}
		if t := w.template(n.Origin().Obj()); t != nil {
			return w.instance(t, typeList(n.TypeArgs()))
		}
		for k, name := range w.local {
			if k.obj == n.Obj() {
				return name
			}
		}
		return n.Obj().Name()
	}
	s.write(t)
	return s.b.String()
}

// qualifier is the name by which a cell knows a package.
func (w *walker) qualifier(p *types.Package) string {
	for _, imports := range []map[string]string{w.rewriter.src.Imports, w.Scope.Imports()} {
		for name, path := range imports {
			if path == p.Path() {
				return name
			}
		}
	}
	return p.Name()
}

// key spells a type so that types with the same key are identical.
func (r *rewriter) key(t types.Type) string {
	s := &speller{pkg: (*types.Package).Path}
	s.named = func(n *types.Named) string {
		o := n.Origin().Obj()
		if o.Pkg() == nil || o.Pkg().Path() != "main" {
			return ""
		}
		if r.named[o] == 0 {
			r.named[o] = len(r.named) + 1
		}
		name := fmt.Sprintf("%s#%d", o.Name(), r.named[o])
		if strings.Contains(o.Name(), "__") { // of a function's instance, which its name tells apart
			name = o.Name()
		}
		for n, a := range typeList(n.TypeArgs()) {
			name += [2]string{"[", ","}[min(n, 1)] + r.key(a)
		}
		return name
	}
	s.write(t)
	return s.b.String()
}

// goList spells type arguments as Go does in the names of types.
func (r *rewriter) goList(args []types.Type) string {
	var list []string
	for _, a := range args {
		s := &speller{pkg: (*types.Package).Path, dense: true}
		s.named = func(n *types.Named) string {
			name := n.Obj().Name()
			if shown := r.shown[name]; shown != "" {
				name = shown
			}
			if p := n.Obj().Pkg(); p != nil {
				name = p.Path() + "." + name
			}
			if n.TypeArgs().Len() > 0 {
				name += "[" + r.goList(typeList(n.TypeArgs())) + "]"
			}
			return name
		}
		s.write(a)
		list = append(list, s.b.String())
	}
	return strings.Join(list, ",")
}

// A speller writes types.
type speller struct {
	b     strings.Builder
	pkg   func(*types.Package) string
	named func(*types.Named) string // "" for what is spelled as it is
	dense bool
}

func (s *speller) write(t types.Type) {
	switch t := t.(type) {
	case *types.Alias:
		s.write(types.Unalias(t))
	case *types.Named:
		if name := s.named(t); name != "" {
			s.b.WriteString(name)
			return
		}
		if p := t.Obj().Pkg(); p != nil {
			s.b.WriteString(s.pkg(p) + ".")
		}
		s.b.WriteString(t.Obj().Name())
		for n, a := range typeList(t.TypeArgs()) {
			s.b.WriteString([2]string{"[", ", "}[min(n, 1)])
			s.write(a)
		}
		if t.TypeArgs().Len() > 0 {
			s.b.WriteByte(']')
		}
	case *types.Pointer:
		s.b.WriteByte('*')
		s.write(t.Elem())
	case *types.Slice:
		s.b.WriteString("[]")
		s.write(t.Elem())
	case *types.Array:
		fmt.Fprintf(&s.b, "[%d]", t.Len())
		s.write(t.Elem())
	case *types.Map:
		s.b.WriteString("map[")
		s.write(t.Key())
		s.b.WriteByte(']')
		s.write(t.Elem())
	case *types.Chan:
		s.b.WriteString(map[types.ChanDir]string{types.SendRecv: "chan ", types.SendOnly: "chan<- ", types.RecvOnly: "<-chan "}[t.Dir()])
		c, nested := t.Elem().(*types.Chan)
		if nested = nested && c.Dir() == types.RecvOnly; nested {
			s.b.WriteByte('(')
		}
		s.write(t.Elem())
		if nested {
			s.b.WriteByte(')')
		}
	case *types.Signature:
		s.b.WriteString("func")
		s.signature(t)
	case *types.Struct:
		s.b.WriteString("struct{")
		for i := range t.NumFields() {
			if i > 0 {
				s.b.WriteByte(';')
			}
			s.b.WriteByte(' ')
			if !t.Field(i).Embedded() {
				s.b.WriteString(t.Field(i).Name() + " ")
			}
			s.write(t.Field(i).Type())
			if tag := t.Tag(i); tag != "" {
				s.b.WriteString(" " + strconv.Quote(tag))
			}
		}
		if t.NumFields() > 0 {
			s.b.WriteByte(' ')
		}
		s.b.WriteByte('}')
	case *types.Interface:
		s.iface(t)
	default:
		s.b.WriteString(types.TypeString(t, s.pkg))
	}
}

func (s *speller) iface(t *types.Interface) {
	if t.NumMethods() == 0 && t.NumEmbeddeds() == 0 {
		if s.dense {
			s.b.WriteString("interface {}")
		} else {
			s.b.WriteString("interface{}")
		}
		return
	}
	s.b.WriteString("interface{")
	sep := " "
	for m := range t.ExplicitMethods() {
		s.b.WriteString(sep + m.Name())
		s.signature(m.Signature())
		sep = "; "
	}
	for e := range t.EmbeddedTypes() {
		s.b.WriteString(sep)
		s.write(e)
		sep = "; "
	}
	s.b.WriteString(" }")
}

func (s *speller) signature(t *types.Signature) {
	s.b.WriteByte('(')
	for i := range t.Params().Len() {
		if i > 0 {
			s.b.WriteString(", ")
		}
		p := t.Params().At(i).Type()
		if l, ok := p.(*types.Slice); ok && t.Variadic() && i == t.Params().Len()-1 {
			s.b.WriteString("...")
			p = l.Elem()
		}
		s.write(p)
	}
	s.b.WriteByte(')')
	switch n := t.Results().Len(); n {
	case 0:
	case 1:
		s.b.WriteByte(' ')
		s.write(t.Results().At(0).Type())
	default:
		s.b.WriteString(" (")
		for i := range n {
			if i > 0 {
				s.b.WriteString(", ")
			}
			s.write(t.Results().At(i).Type())
		}
		s.b.WriteByte(')')
	}
}
