package lower

import (
	"fmt"
	"go/types"
	"strconv"
	"strings"
)

// A typeWriter spells types as package reflect does: struct { A int }, interface {},
// functions without the names of their parameters.
type typeWriter struct {
	strings.Builder
	shown func(name string) string
}

func (w *typeWriter) write(t types.Type) {
	switch t := types.Unalias(t).(type) {
	case *types.Named:
		name := t.Obj().Name()
		if p := t.Obj().Pkg(); p != nil {
			name = p.Name() + "." + w.shown(name)
		}
		w.WriteString(name)
		for n, a := range list(t.TypeArgs()) {
			w.WriteString([2]string{"[", ","}[min(n, 1)])
			w.write(a)
		}
		if t.TypeArgs().Len() > 0 {
			w.WriteByte(']')
		}
	case *types.Pointer:
		w.WriteByte('*')
		w.write(t.Elem())
	case *types.Slice:
		w.WriteString("[]")
		w.write(t.Elem())
	case *types.Array:
		fmt.Fprintf(w, "[%d]", t.Len())
		w.write(t.Elem())
	case *types.Map:
		w.WriteString("map[")
		w.write(t.Key())
		w.WriteByte(']')
		w.write(t.Elem())
	case *types.Chan:
		w.WriteString(map[types.ChanDir]string{types.SendRecv: "chan ", types.SendOnly: "chan<- ", types.RecvOnly: "<-chan "}[t.Dir()])
		w.write(t.Elem())
	case *types.Signature:
		w.WriteString("func")
		w.signature(t)
	case *types.Struct:
		w.structType(t)
	case *types.Interface:
		w.interfaceType(t)
	default:
		w.WriteString(types.TypeString(t, (*types.Package).Name))
	}
}

func (w *typeWriter) structType(t *types.Struct) {
	if t.NumFields() == 0 {
		w.WriteString("struct {}")
		return
	}
	w.WriteString("struct {")
	for i := range t.NumFields() {
		f := t.Field(i)
		w.WriteString([2]string{" ", "; "}[min(i, 1)])
		if !f.Embedded() {
			w.WriteString(f.Name() + " ")
		}
		w.write(f.Type())
		if tag := t.Tag(i); tag != "" {
			w.WriteString(" " + strconv.Quote(tag))
		}
	}
	w.WriteString(" }")
}

func (w *typeWriter) interfaceType(t *types.Interface) {
	w.WriteString("interface {")
	for i := range t.NumMethods() {
		w.WriteString([2]string{" ", "; "}[min(i, 1)] + t.Method(i).Name())
		w.signature(t.Method(i).Signature())
	}
	w.WriteString([2]string{"", " "}[min(t.NumMethods(), 1)] + "}")
}

func (w *typeWriter) signature(t *types.Signature) {
	w.WriteByte('(')
	for i := range t.Params().Len() {
		if i > 0 {
			w.WriteString(", ")
		}
		p := t.Params().At(i).Type()
		if s, ok := p.(*types.Slice); ok && t.Variadic() && i == t.Params().Len()-1 {
			w.WriteString("...")
			p = s.Elem()
		}
		w.write(p)
	}
	w.WriteByte(')')
	n := t.Results().Len()
	if n > 0 {
		w.WriteByte(' ')
	}
	if n > 1 {
		w.WriteByte('(')
	}
	for i := range n {
		if i > 0 {
			w.WriteString(", ")
		}
		w.write(t.Results().At(i).Type())
	}
	if n > 1 {
		w.WriteByte(')')
	}
}
