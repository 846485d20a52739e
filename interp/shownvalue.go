package interp

import (
	"cmp"
	"fmt"
	"go/types"
	"reflect"
	"slices"

	"github.com/adabc437/fanout/interp/lower"
)

// A valuePrinter prints a value and its shape side by side, as package fmt does.
type valuePrinter struct {
	fmt.State
	shapes      *shapes
	verb        rune
	format      string // the directive with its flags
	sharp, plus bool
}

func (p *valuePrinter) write(s string) { _, _ = p.Write([]byte(s)) }

// print prints v. Methods of what unexported fields hold are not called.
func (p *valuePrinter) print(sh *lower.Shape, v reflect.Value, depth int, methods bool) {
	if !v.IsValid() {
		p.write("<nil>")
		return
	}
	if sh != nil && isInterface(sh) && v.CanInterface() {
		if v.Kind() == reflect.Interface && v.IsNil() {
			p.nothing(sh)
			return
		}
		sh, v = p.shapes.dynamic(v)
		for v.IsValid() && v.Kind() == reflect.Interface {
			v = v.Elem()
		}
	}
	if sh == nil || !sh.Tells {
		if !methods {
			v = plain(v)
		}
		p.leaf(v)
		return
	}
	if methods && p.said(sh, v) {
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		if st, ok := sh.Underlying.(*types.Struct); ok && len(sh.Fields) == v.NumField() {
			p.structOf(sh, st, v, depth, methods)
			return
		}
	case reflect.Map:
		p.mapOf(sh, v, depth, methods)
		return
	case reflect.Slice, reflect.Array:
		if sh.Elem == nil || v.Type().Elem().Kind() == reflect.Uint8 && p.verb != 'v' && p.verb != 'd' {
			break
		}
		p.listOf(sh, v, depth, methods)
		return
	case reflect.Pointer:
		if depth == 0 && !v.IsNil() {
			switch v.Elem().Kind() {
			case reflect.Struct, reflect.Map, reflect.Slice, reflect.Array:
				p.write("&")
				p.print(sh.Elem, v.Elem(), depth+1, methods)
				return
			}
		}
		if p.sharp {
			if v.IsNil() {
				p.write("(" + sh.Name + ")(nil)")
			} else {
				p.write(fmt.Sprintf("(%s)(%#x)", sh.Name, v.Pointer()))
			}
			return
		}
		if p.verb == 'v' && depth > 0 && !v.IsNil() {
			p.write(fmt.Sprintf("%#x", v.Pointer()))
			return
		}
	case reflect.Interface:
		if v.IsNil() {
			p.nothing(sh)
			return
		}
	}
	p.leaf(v)
}

// nothing prints an interface that is nil.
func (p *valuePrinter) nothing(sh *lower.Shape) {
	if p.sharp {
		p.write(sh.Name + "(nil)")
	} else {
		p.write("<nil>")
	}
}

// plain is a number or a string without the methods of its type.
func plain(v reflect.Value) reflect.Value {
	switch {
	case v.CanInt():
		return reflect.ValueOf(v.Int())
	case v.CanUint():
		return reflect.ValueOf(v.Uint())
	case v.Kind() == reflect.String:
		return reflect.ValueOf(v.String())
	}
	return v
}

// leaf leaves a value to package fmt.
func (p *valuePrinter) leaf(v reflect.Value) {
	if v.Kind() == reflect.Interface {
		v = v.Elem()
	}
	if !v.IsValid() || !v.CanInterface() {
		p.write("<nil>")
		return
	}
	x := v.Interface()
	switch x.(type) {
	case error, fmt.Stringer:
	default:
		x = bare(x)
	}
	_, _ = fmt.Fprintf(p, p.format, x)
}

// textOf calls a method that gives a string, and says so if it panics, as package fmt does.
func (p *valuePrinter) textOf(sh *lower.Shape, v reflect.Value, name string) (text string, ok, panicked bool) {
	defer func() {
		if r := recover(); r != nil {
			p.write(fmt.Sprintf("%%!%c(PANIC=%s method: %v)", p.verb, name, recovered(r)))
			panicked = true
		}
	}()
	text, ok = p.shapes.text(sh, v, name)
	return text, ok, false
}

// said prints a value by a method of its own.
func (p *valuePrinter) said(sh *lower.Shape, v reflect.Value) bool {
	if p.sharp {
		text, ok := p.shapes.text(sh, v, "GoString")
		p.write(text)
		return ok
	}
	switch p.verb {
	case 'v', 's', 'x', 'X', 'q':
		for _, name := range []string{"Error", "String"} {
			text, ok, panicked := p.textOf(sh, v, name)
			if panicked {
				return true
			}
			if ok {
				_, _ = fmt.Fprintf(p, p.format, text)
				return true
			}
		}
	}
	return false
}

func (p *valuePrinter) structOf(sh *lower.Shape, st *types.Struct, v reflect.Value, depth int, methods bool) {
	if p.sharp {
		p.write(sh.Name)
	}
	p.write("{")
	for n, field := range sh.Fields {
		f := st.Field(n)
		if n > 0 {
			p.separate()
		}
		if p.sharp || p.plus {
			p.write(f.Name() + ":")
		}
		p.print(field, v.Field(n), depth+1, methods && f.Exported())
	}
	p.write("}")
}

func (p *valuePrinter) separate() {
	if p.sharp {
		p.write(", ")
	} else {
		p.write(" ")
	}
}

func (p *valuePrinter) listOf(sh *lower.Shape, v reflect.Value, depth int, methods bool) {
	open, end := "[", "]"
	if p.sharp {
		if v.Kind() == reflect.Slice && v.IsNil() {
			p.write(sh.Name + "(nil)")
			return
		}
		open, end = sh.Name+"{", "}"
	}
	p.write(open)
	for n := range v.Len() {
		if n > 0 {
			p.separate()
		}
		p.print(sh.Elem, v.Index(n), depth+1, methods)
	}
	p.write(end)
}

func (p *valuePrinter) mapOf(sh *lower.Shape, v reflect.Value, depth int, methods bool) {
	open, end := "map[", "]"
	if p.sharp {
		if v.IsNil() {
			p.write(sh.Name + "(nil)")
			return
		}
		open, end = sh.Name+"{", "}"
	}
	p.write(open)
	keys := v.MapKeys()
	slices.SortFunc(keys, compareKeys)
	for n, k := range keys {
		if n > 0 {
			p.separate()
		}
		p.print(sh.Key, k, depth+1, methods)
		p.write(":")
		p.print(sh.Elem, v.MapIndex(k), depth+1, methods)
	}
	p.write(end)
}

// compareKeys orders the keys of a map as package fmt does.
func compareKeys(a, b reflect.Value) int {
	if a.Kind() == reflect.Interface {
		a, b = a.Elem(), b.Elem()
	}
	if a.Kind() != b.Kind() {
		return cmp.Compare(a.Kind(), b.Kind())
	}
	switch a.Kind() {
	case reflect.Bool:
		if a.Bool() != b.Bool() && b.Bool() {
			return -1
		} else if a.Bool() != b.Bool() {
			return 1
		}
		return 0
	case reflect.Struct:
		for n := range a.NumField() {
			if c := compareKeys(a.Field(n), b.Field(n)); c != 0 {
				return c
			}
		}
		return 0
	case reflect.Array:
		for n := range a.Len() {
			if c := compareKeys(a.Index(n), b.Index(n)); c != 0 {
				return c
			}
		}
		return 0
	case reflect.Pointer, reflect.Chan:
		return cmp.Compare(a.Pointer(), b.Pointer())
	case reflect.Complex64, reflect.Complex128:
		return cmp.Or(cmp.Compare(real(a.Complex()), real(b.Complex())), cmp.Compare(imag(a.Complex()), imag(b.Complex())))
	case reflect.Invalid:
		return 0
	}
	return compareValues(a, b)
}
