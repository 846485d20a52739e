package emit

import (
	"fmt"
	"go/token"
	"go/types"
	"strconv"
	"strings"
)

// typeText is a type as the generated source writes it.
func (w *writer) typeText(t types.Type) string {
	switch t := t.(type) {
	case *types.Basic:
		if t.Kind() == types.UnsafePointer {
			return w.pkg("unsafe") + ".Pointer"
		}
		return types.Default(t).(*types.Basic).Name()
	case *types.Alias:
		return w.typeText(types.Unalias(t))
	case *types.Named:
		return w.namedText(t)
	case *types.TypeParam:
		return t.Obj().Name()
	case *types.Pointer:
		return "*" + w.typeText(t.Elem())
	case *types.Slice:
		return "[]" + w.typeText(t.Elem())
	case *types.Array:
		return "[" + strconv.FormatInt(t.Len(), 10) + "]" + w.typeText(t.Elem())
	case *types.Map:
		return "map[" + w.typeText(t.Key()) + "]" + w.typeText(t.Elem())
	case *types.Chan:
		switch t.Dir() {
		case types.SendOnly:
			return "chan<- (" + w.typeText(t.Elem()) + ")"
		case types.RecvOnly:
			return "<-chan (" + w.typeText(t.Elem()) + ")"
		}
		return "chan (" + w.typeText(t.Elem()) + ")"
	case *types.Signature:
		return "func" + w.signatureText(t)
	case *types.Struct:
		return w.structText(t)
	case *types.Interface:
		return w.interfaceText(t)
	case *types.Union:
		var terms []string
		for i := range t.Len() {
			text := w.typeText(t.Term(i).Type())
			if t.Term(i).Tilde() {
				text = "~" + text
			}
			terms = append(terms, text)
		}
		return strings.Join(terms, " | ")
	}
	w.fail(token.NoPos, "", "cannot write the type %s", t)
	return "any"
}

func (w *writer) namedText(t *types.Named) string {
	o := t.Obj()
	name := o.Name()
	switch {
	case o.Pkg() == nil: // error, comparable
	case o.Pkg().Path() == w.opt.Host:
		name = w.rt() + "." + name
	case o.Pkg().Path() != "main":
		if !o.Exported() {
			w.fail(o.Pos(), "keep it in a variable inside a function or a block", "a variable of the session cannot have the type %s, whose name is not exported", t)
		}
		name = w.pkg(o.Pkg().Path()) + "." + name
	case !w.inFunc && o.Parent() != nil && o.Parent() != o.Pkg().Scope() && w.entity(o) == nil && !w.declared[o]:
		w.fail(o.Pos(), "declare the type at the top level of a cell", "a variable of the session cannot have the type %s, which is declared inside a function or a block", name)
	default:
		name = w.sessionName(o, false)
	}
	if args := t.TypeArgs(); args.Len() > 0 {
		var list []string
		for a := range args.Types() {
			list = append(list, w.typeText(a))
		}
		name += "[" + strings.Join(list, ", ") + "]"
	}
	return name
}

func (w *writer) signatureText(s *types.Signature) string {
	text := "(" + w.tupleText(s.Params(), s.Variadic()) + ")"
	switch s.Results().Len() {
	case 0:
		return text
	case 1:
		return text + " " + w.typeText(s.Results().At(0).Type())
	}
	return text + " (" + w.tupleText(s.Results(), false) + ")"
}

func (w *writer) tupleText(t *types.Tuple, variadic bool) string {
	var list []string
	for i := range t.Len() {
		v := t.At(i)
		if variadic && i == t.Len()-1 {
			if s, ok := v.Type().(*types.Slice); ok {
				list = append(list, "..."+w.typeText(s.Elem()))
				continue
			}
		}
		list = append(list, w.typeText(v.Type()))
	}
	return strings.Join(list, ", ")
}

func (w *writer) structText(t *types.Struct) string {
	var b strings.Builder
	b.WriteString("struct {")
	for i := range t.NumFields() {
		f := t.Field(i)
		if i > 0 {
			b.WriteString("; ")
		}
		switch {
		case f.Embedded():
			b.WriteString(w.embeddedText(f.Type()))
		default:
			b.WriteString(w.fieldName(f) + " " + w.typeText(f.Type()))
		}
		if tag := t.Tag(i); tag != "" {
			b.WriteString(" " + strconv.Quote(tag))
		}
	}
	b.WriteString("}")
	return b.String()
}

// embeddedText is an embedded type, under the name that its field has in all
// cells.
func (w *writer) embeddedText(t types.Type) string {
	if p, ok := t.(*types.Pointer); ok {
		return "*" + w.embeddedText(p.Elem())
	}
	switch t := types.Unalias(t).(type) {
	case *types.Basic:
		return w.basicAlias(t.Name())
	case *types.Named:
		if t.Obj().Pkg() == nil {
			return w.basicAlias(t.Obj().Name())
		}
		if t.Obj().Pkg().Path() == "main" && !t.Obj().Exported() {
			text := w.sessionName(t.Obj(), true)
			if args := t.TypeArgs(); args.Len() > 0 {
				full := w.namedText(t)
				text += full[strings.IndexByte(full, '['):]
			}
			return text
		}
	}
	return w.typeText(t)
}

// basicAlias exports a type of the language, which then is a field that other
// cells can name.
func (w *writer) basicAlias(name string) string {
	w.aliases[Mark+name] = name
	return Mark + name
}

func (w *writer) interfaceText(t *types.Interface) string {
	if t.NumMethods() == 0 && t.IsMethodSet() {
		return "interface{}" // any may be a type of the cell
	}
	var list []string
	for m := range t.ExplicitMethods() {
		list = append(list, exportedMember(m)+w.signatureText(m.Signature()))
	}
	for e := range t.EmbeddedTypes() {
		list = append(list, w.typeText(e))
	}
	return fmt.Sprintf("interface{ %s }", strings.Join(list, "; "))
}

// fieldName is the name of a field in generated code: that of an embedded type is
// the type's.
func (w *writer) fieldName(f *types.Var) string {
	if f.Embedded() {
		t := f.Type()
		if p, ok := t.(*types.Pointer); ok {
			t = p.Elem()
		}
		if n, ok := t.(interface{ Obj() *types.TypeName }); ok && n.Obj().Pkg() != nil && w.inner(n.Obj()) {
			return f.Name()
		}
	}
	return exportedMember(f)
}

// Member is the name that a field or method has in compiled cells. (The loader
// takes the mark off fields, but only for reflection.)
func Member(o types.Object) string { return exportedMember(o) }

// exportedMember is the name of a field or a method: those of cells are exported.
func exportedMember(o types.Object) string {
	if o.Pkg() != nil && o.Pkg().Path() == "main" {
		return exported(o.Name())
	}
	return o.Name()
}
