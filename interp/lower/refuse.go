package lower

import (
	"go/ast"
	"go/types"
	"slices"
)

// WithGo ends the hints of what this tier refuses.
const WithGo = "with Go installed (https://go.dev/dl) cells are compiled, and this runs"

// looking are the packages that look into values. Those of cells' types are bare in the
// tier: without methods, with all fields exported, and with nothing embedded.
var looking = map[string][]string{
	"encoding/json": {"Marshal", "MarshalIndent", "Unmarshal", "Encode", "Decode"},
	"encoding/xml":  {"Marshal", "MarshalIndent", "Unmarshal", "Encode", "Decode"},
	"encoding/gob":  {"Encode", "Decode"},
	"text/template": {"Execute", "ExecuteTemplate"},
	"html/template": {"Execute", "ExecuteTemplate"},
	"reflect":       {"TypeOf", "ValueOf", "TypeFor"},
}

// looksInto refuses a call that would show values other than they are in Go.
func (l *lowerer) looksInto(call *ast.CallExpr) {
	s, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
	if !ok {
		return
	}
	f, ok := l.Info.Uses[s.Sel].(*types.Func)
	if !ok || f.Pkg() == nil || !slices.Contains(looking[f.Pkg().Path()], f.Name()) {
		return
	}
	for _, a := range call.Args {
		tv := l.Info.Types[a]
		if tv.Type == nil || tv.IsNil() {
			continue
		}
		if why := bareIn(tv.Type, f.Pkg().Path(), map[types.Type]bool{}); why != "" {
			l.fail(a.Pos(), "", "the interpreted tier cannot pass a %s to %s.%s: the function would not see %s", types.TypeString(tv.Type, relative), f.Pkg().Name(), f.Name(), why)
		}
	}
}

func relative(p *types.Package) string {
	if p.Path() == "main" {
		return ""
	}
	return p.Name()
}

// bareIn says what of a type is lost in the tier, where a package looks into values of
// it.
func bareIn(t types.Type, path string, seen map[types.Type]bool) string {
	t = types.Unalias(t)
	if seen[t] {
		return ""
	}
	seen[t] = true
	if n, ok := t.(*types.Named); ok {
		if !ofSession(n) {
			return ""
		}
		set := types.NewMethodSet(types.NewPointer(n))
		for m := range set.Methods() {
			if name := m.Obj().Name(); seesMethod(path, name, m.Obj().Exported()) {
				return "its method " + n.Obj().Name() + "." + name
			}
		}
	}
	switch u := t.Underlying().(type) {
	case *types.Struct:
		for f := range u.Fields() {
			switch {
			case f.Embedded():
				return "what is embedded, " + f.Name()
			case !f.Exported() && path != "encoding/json" && path != "encoding/xml":
				return "that its field " + f.Name() + " is not exported"
			}
			if why := bareIn(f.Type(), path, seen); why != "" {
				return why
			}
		}
	case *types.Map:
		if why := bareIn(u.Key(), path, seen); why != "" {
			return why
		}
		return bareIn(u.Elem(), path, seen)
	case interface{ Elem() types.Type }:
		return bareIn(u.Elem(), path, seen)
	}
	return ""
}

func seesMethod(path, name string, exported bool) bool {
	switch path {
	case "encoding/json", "encoding/xml":
		return slices.Contains([]string{"MarshalJSON", "UnmarshalJSON", "MarshalText", "UnmarshalText", "MarshalXML", "UnmarshalXML"}, name)
	case "encoding/gob":
		return name == "GobEncode" || name == "GobDecode"
	}
	return exported
}

// functionsOfThemselves refuses types such as type F func() F, which the tier cannot
// make.
func (l *lowerer) functionsOfThemselves(s *ast.TypeSpec) {
	o, ok := l.Info.Defs[s.Name].(*types.TypeName)
	if !ok || s.Assign.IsValid() {
		return
	}
	switch o.Type().Underlying().(type) {
	case *types.Signature, *types.Slice, *types.Map, *types.Chan, *types.Array:
	default:
		return
	}
	if mentionsType(o.Type().Underlying(), o.Type(), map[types.Type]bool{}) {
		l.fail(s.Pos(), "put it into a struct, as in type T struct { F func() T }", "the interpreted tier cannot hold the type %s, which is made of itself", o.Name())
	}
}

func mentionsType(t, want types.Type, seen map[types.Type]bool) bool {
	if types.Identical(t, want) {
		return true
	}
	if seen[t] {
		return false
	}
	seen[t] = true
	switch t := t.(type) {
	case *types.Map:
		return mentionsType(t.Key(), want, seen) || mentionsType(t.Elem(), want, seen)
	case *types.Signature:
		for _, tuple := range []*types.Tuple{t.Params(), t.Results()} {
			for v := range tuple.Variables() {
				if mentionsType(v.Type(), want, seen) {
					return true
				}
			}
		}
	case interface{ Elem() types.Type }:
		return mentionsType(t.Elem(), want, seen)
	}
	return false
}
