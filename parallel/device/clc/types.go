package clc

import (
	"fmt"
	"strings"

	"github.com/adabc437/fanout/parallel/device/ir"
)

var scalarNames = [...]string{"void", "uchar", "char", "short", "int", "long", "uchar", "ushort", "uint", "ulong", "float", "double"}

// none says whether values of a type take no memory in Go. C has no such types: they are
// structs with one byte there, and left out of structs and arrays.
func none(t *ir.Type) bool {
	return (t.Kind == ir.Array || t.Kind == ir.Struct) && t.Size() == 0
}

// name is the type's name in C; what must stand in front of its first use is printed.
func (p *printer) name(t *ir.Type) string {
	switch {
	case t.Kind == ir.Pointer:
		return p.name(t.Elem) + " *"
	case t.Kind <= ir.Float64:
		p.double = p.double || t.Kind == ir.Float64
		return scalarNames[t.Kind]
	}
	key := t.String()
	if n := p.types[key]; n != "" {
		return n
	}
	var n string
	switch t.Kind {
	case ir.Struct:
		n = p.structType(t)
	case ir.Array:
		n = p.arrayType(t)
	case ir.Slice:
		n = p.sliceType(t)
	default:
		fail("no type has the kind %d", t.Kind)
	}
	p.types[key] = n
	return n
}

// declare is a declaration of a name of a type.
func (p *printer) declare(t *ir.Type, name string) string {
	n := p.name(t)
	if strings.HasSuffix(n, "*") {
		return n + name
	}
	return n + " " + name
}

// base is the type's name as a part of names of ours.
func (p *printer) base(t *ir.Type) string {
	base := strings.NewReplacer(" ", "", "*", "_p").Replace(p.name(t))
	if t.Kind == ir.Array {
		return base // with our prefix: a struct of the user's may be called as the rest
	}
	return strings.TrimPrefix(base, "fo_")
}

// ours gives a name that begins with fo_, as no name of the user's does.
func (p *printer) ours(name string) string {
	s := "fo_" + name
	for i := 2; p.global[s]; i++ {
		s = fmt.Sprintf("fo_%s_%d", name, i)
	}
	p.global[s] = true
	return s
}

func (p *printer) structType(t *ir.Type) string {
	n, ok := p.structs[t.Name]
	if !ok {
		n = p.global.name(t.Name)
		p.structs[t.Name] = n
	}
	fields := p.fieldNames(t)
	var lines []string
	end, align := int64(0), int64(1)
	pad := func(size int64) {
		if size > 0 {
			lines = append(lines, fmt.Sprintf("    uchar fo_pad%d[%d];\n", end, size))
			end += size
		}
	}
	for i, f := range t.Fields {
		if none(f.Type) {
			continue
		}
		a := f.Type.Align()
		at := (end + a - 1) / a * a
		if f.Offset < at {
			fail("field %s of %s cannot stand at %d", f.Name, t.Name, f.Offset)
		}
		if f.Offset > at {
			pad(f.Offset - end)
		}
		lines = append(lines, "    "+p.declare(f.Type, fields[i])+";\n")
		end, align = f.Offset+f.Type.Size(), max(align, a)
	}
	size, attribute := t.Size(), ""
	if size > 0 && (end+align-1)/align*align < size {
		pad(size - end)
	}
	if size > 0 && t.Align() > align {
		attribute = fmt.Sprintf("__attribute__((aligned(%d))) ", t.Align())
	}
	if len(lines) == 0 {
		lines = []string{"    uchar fo_none;\n"}
	}
	fmt.Fprintf(&p.typeText, "\ntypedef struct %s{\n%s} %s;\n", attribute, strings.Join(lines, ""), n)
	return n
}

func (p *printer) fieldNames(t *ir.Type) []string {
	if list, ok := p.fields[t.Name]; ok {
		return list
	}
	taken, list := names{}, make([]string, len(t.Fields))
	for i, f := range t.Fields {
		list[i] = taken.name(f.Name)
	}
	p.fields[t.Name] = list
	return list
}

func (p *printer) arrayType(t *ir.Type) string {
	if t.Size() == 0 {
		p.name(t.Elem)
		n := p.ours(fmt.Sprintf("%s_%d", p.base(t.Elem), t.Len))
		fmt.Fprintf(&p.typeText, "\ntypedef struct {\n    uchar fo_none;\n} %s;\n", n)
		return n
	}
	elem := p.name(t.Elem)
	n := p.ours(fmt.Sprintf("%s_%d", p.base(t.Elem), t.Len))
	fmt.Fprintf(&p.typeText, "\ntypedef struct {\n    %s at[%d];\n} %s;\n", elem, t.Len, n)
	return n
}

func (p *printer) sliceType(t *ir.Type) string {
	if t.Elem.Kind == ir.Slice {
		elem := p.name(t.Elem.Elem)
		n := p.ours(p.base(t.Elem.Elem) + "_slices")
		fmt.Fprintf(&p.typeText, "\ntypedef struct {\n    __global %s *at;\n    __global const long *rows; // where they begin\n    long len, cap;\n} %s;\n", elem, n)
		return n
	}
	elem := p.name(t.Elem)
	n := p.ours(p.base(t.Elem) + "_slice")
	fmt.Fprintf(&p.typeText, "\ntypedef struct {\n    __global %s *at;\n    long len, cap;\n} %s;\n", elem, n)
	return n
}

// equal is the name of a function that compares two values of a struct or an array.
func (p *printer) equal(t *ir.Type) string {
	typ := p.name(t)
	return p.helper("fo_equal_"+p.base(t), func() string {
		var b strings.Builder
		fmt.Fprintf(&b, "static bool fo_equal_%s(%s a, %s b) {\n", p.base(t), typ, typ)
		one := func(t *ir.Type, part string) string {
			if t.Kind.IsScalar() {
				return "a" + part + " == b" + part
			}
			return p.equal(t) + "(a" + part + ", b" + part + ")"
		}
		if t.Kind == ir.Array {
			fmt.Fprintf(&b, "    for (int i = 0; i < %d; i++) {\n        if (!(%s)) return false;\n    }\n    return true;\n}", t.Len, one(t.Elem, ".at[i]"))
			return b.String()
		}
		var parts []string
		for i, f := range t.Fields {
			if f.Name != "_" && !none(f.Type) {
				parts = append(parts, one(f.Type, "."+p.fieldNames(t)[i]))
			}
		}
		if len(parts) == 0 {
			parts = []string{"true"}
		}
		fmt.Fprintf(&b, "    return %s;\n}", strings.Join(parts, " && "))
		return b.String()
	})
}
