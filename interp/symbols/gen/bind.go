package main

import (
	"bytes"
	"fmt"
	"go/constant"
	"go/format"
	"go/token"
	"go/types"
	"log"
	"maps"
	"math/big"
	"path"
	"slices"
	"strconv"
	"strings"
)

// A binding is what becomes one generated file.
type binding struct {
	pkg      *types.Package
	values   []symbol
	vars     []symbol
	differ   []symbol
	wrappers []wrapper
	needs    []string
	imports  map[string]string // path to local name
}

type symbol struct{ name, expr string }

// A wrapper is a struct type that implements an interface by functions in its
// fields.
type wrapper struct {
	name    string
	of      string
	methods []method
}

type method struct {
	name    string
	typ     string // func(int) bool
	params  string // (a0 int) bool
	call    string // (a0)
	returns bool
}

// bind makes the table of a package: what all targets have in common.
func bind(pkgPath string, worlds []*world, verbose bool) (*binding, error) {
	p := worlds[0].pkgs[pkgPath].types
	b := &binding{pkg: p, imports: map[string]string{}}
	scope := p.Scope()
	for _, name := range scope.Names() {
		obj := scope.Lookup(name)
		if !obj.Exported() {
			continue
		}
		same, differs := true, false
		for _, w := range worlds[1:] {
			other := w.pkgs[pkgPath].types.Scope().Lookup(name)
			if other == nil || kind(other) != kind(obj) {
				same = false
				if verbose {
					log.Printf("%s.%s is not the same on %s", pkgPath, name, w.target.os)
				}
				continue
			}
			if c, ok := obj.(*types.Const); ok && !constant.Compare(c.Val(), token.EQL, other.(*types.Const).Val()) {
				differs = true
				if verbose {
					log.Printf("%s.%s has another value on %s/%s", pkgPath, name, w.target.os, w.target.arch)
				}
			}
		}
		if !same {
			return nil, fmt.Errorf("%s is not there on all systems: leave the package out", name)
		}
		if err := b.add(obj, differs); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	return b, nil
}

// kind describes what must be the same on all systems.
func kind(obj types.Object) string {
	switch obj.(type) {
	case *types.TypeName:
		return "type"
	}
	return fmt.Sprintf("%T %s", obj, types.TypeString(obj.Type(), nil))
}

func (b *binding) add(obj types.Object, differs bool) error {
	name := obj.Name()
	ref := func() string { return b.qualify(b.pkg) + "." + name }
	switch obj := obj.(type) {
	case *types.Const:
		t, ok := obj.Type().(*types.Basic)
		if differs {
			if !ok {
				return fmt.Errorf("a constant of type %s differs by system", obj.Type())
			}
			b.differ = append(b.differ, symbol{name, strconv.Quote(t.Name())})
		}
		if !ok || t.Info()&types.IsUntyped == 0 {
			b.values = append(b.values, symbol{name, ref()})
			return nil
		}
		expr, err := untyped(obj.Val(), differs, ref)
		if err != nil {
			return err
		}
		b.values = append(b.values, symbol{name, expr})
	case *types.Func:
		if obj.Signature().TypeParams().Len() == 0 {
			b.values = append(b.values, symbol{name, ref()})
		}
	case *types.Var:
		b.vars = append(b.vars, symbol{name, "&" + ref()})
	case *types.TypeName:
		if generic(obj.Type()) {
			return nil
		}
		iface, _ := obj.Type().Underlying().(*types.Interface)
		if iface != nil && !iface.IsMethodSet() {
			return nil // a constraint is no type of a variable
		}
		b.values = append(b.values, symbol{name, "(*" + ref() + ")(nil)"})
		if iface != nil && !obj.IsAlias() {
			b.wrap(obj, iface)
		}
	}
	return nil
}

// generic reports whether a declared type has type parameters.
func generic(t types.Type) bool {
	switch t := t.(type) {
	case *types.Named:
		return t.TypeParams().Len() > 0
	case *types.Alias:
		return t.TypeParams().Len() > 0
	}
	return false
}

// untyped is the expression of an untyped constant.
func untyped(v constant.Value, differs bool, ref func() string) (string, error) {
	switch v.Kind() {
	case constant.Bool:
		return ref(), nil
	case constant.String:
		if differs {
			return "table.String(" + ref() + ")", nil
		}
		return "table.String(" + strconv.Quote(constant.StringVal(v)) + ")", nil
	case constant.Int:
		if differs {
			return "table.Word(" + ref() + ")", nil
		}
		return "table.Int(" + strconv.Quote(v.ExactString()) + ")", nil
	case constant.Float:
		if differs {
			break
		}
		f, ok := constant.Val(v).(*big.Float)
		if !ok {
			f = new(big.Float).SetPrec(512).SetRat(constant.Val(v).(*big.Rat))
		}
		if i, _ := f.Int64(); f.IsInt() && f.Cmp(new(big.Float).SetInt64(i)) == 0 {
			return "table.Float(" + strconv.Quote(strconv.FormatInt(i, 10)+".0") + ")", nil
		}
		text := f.Text('x', -1)
		if short := f.Text('g', 18); len(short) < len(text) {
			if back := constant.MakeFromLiteral(strings.TrimPrefix(short, "-"), token.FLOAT, 0); constant.Compare(back, token.EQL, v) {
				text = short
			}
		}
		return "table.Float(" + strconv.Quote(text) + ")", nil
	}
	return "", fmt.Errorf("cannot bind the constant %s", v)
}

// wrap adds the wrapper of an interface, if one can be written: its methods
// must be exported and their types must have names that can be used.
func (b *binding) wrap(obj *types.TypeName, iface *types.Interface) {
	w := wrapper{name: "_" + ident(b.pkg.Path()) + "_" + obj.Name(), of: obj.Name()}
	for m := range iface.Methods() {
		if !m.Exported() || !nameable(m.Type(), map[types.Type]bool{}) {
			return
		}
	}
	for m := range iface.Methods() {
		sig := m.Signature()
		var params, args, only []string
		for i := range sig.Params().Len() {
			t := sig.Params().At(i).Type()
			arg, typ := "a"+strconv.Itoa(i), ""
			if sig.Variadic() && i == sig.Params().Len()-1 {
				typ = "..." + types.TypeString(t.(*types.Slice).Elem(), b.qualify)
				args = append(args, arg+"...")
			} else {
				typ = types.TypeString(t, b.qualify)
				args = append(args, arg)
			}
			params = append(params, arg+" "+typ)
			only = append(only, typ)
		}
		var results []string
		for r := range sig.Results().Variables() {
			results = append(results, types.TypeString(r.Type(), b.qualify))
		}
		result := strings.Join(results, ", ")
		if len(results) > 1 {
			result = "(" + result + ")"
		}
		w.methods = append(w.methods, method{
			name:    m.Name(),
			typ:     "func(" + strings.Join(only, ", ") + ") " + result,
			params:  "(" + strings.Join(params, ", ") + ") " + result,
			call:    "(" + strings.Join(args, ", ") + ")",
			returns: len(results) > 0,
		})
	}
	b.wrappers = append(b.wrappers, w)
	b.values = append(b.values, symbol{"_" + obj.Name(), "(*" + w.name + ")(nil)"})
}

// nameable reports whether a type can be written outside of its package.
func nameable(t types.Type, seen map[types.Type]bool) bool {
	if seen[t] {
		return true
	}
	seen[t] = true
	named := func(obj *types.TypeName, args *types.TypeList) bool {
		if obj.Pkg() != nil && (!obj.Exported() || !public(obj.Pkg().Path())) {
			return false
		}
		for a := range args.Types() {
			if !nameable(a, seen) {
				return false
			}
		}
		return true
	}
	tuple := func(l *types.Tuple) bool {
		for v := range l.Variables() {
			if !nameable(v.Type(), seen) {
				return false
			}
		}
		return true
	}
	switch t := t.(type) {
	case *types.Basic:
		return true
	case *types.Named:
		return named(t.Obj(), t.TypeArgs())
	case *types.Alias:
		return named(t.Obj(), t.TypeArgs())
	case *types.Pointer:
		return nameable(t.Elem(), seen)
	case *types.Slice:
		return nameable(t.Elem(), seen)
	case *types.Array:
		return nameable(t.Elem(), seen)
	case *types.Chan:
		return nameable(t.Elem(), seen)
	case *types.Map:
		return nameable(t.Key(), seen) && nameable(t.Elem(), seen)
	case *types.Signature:
		return tuple(t.Params()) && tuple(t.Results())
	case *types.Interface:
		for m := range t.Methods() {
			if !m.Exported() || !nameable(m.Type(), seen) {
				return false
			}
		}
		return t.IsMethodSet()
	case *types.Struct:
		for f := range t.Fields() {
			if !f.Exported() || !nameable(f.Type(), seen) {
				return false
			}
		}
		return true
	}
	return false
}

func public(p string) bool {
	for part := range strings.SplitSeq(p, "/") {
		if part == "internal" || part == "vendor" {
			return false
		}
	}
	return true
}

// qualify gives a package its name in the file.
func (b *binding) qualify(p *types.Package) string {
	if name, ok := b.imports[p.Path()]; ok {
		return name
	}
	taken := func(name string) bool {
		if name == "table" {
			return true
		}
		for _, n := range b.imports {
			if n == name {
				return true
			}
		}
		return false
	}
	name := p.Name()
	if taken(name) {
		name = ident(path.Dir(p.Path())) + "_" + name
	}
	b.imports[p.Path()] = name
	return name
}

// source writes the file.
func (b *binding) source(pkgName string) ([]byte, error) {
	var body bytes.Buffer
	printf := func(format string, args ...any) { fmt.Fprintf(&body, format, args...) }
	printf("var %s = table.Package{\nPath: %q,\nName: %q,\n", ident(b.pkg.Path())+"_", b.pkg.Path(), b.pkg.Name())
	if len(b.needs) > 0 {
		printf("Needs: []string{\n")
		for _, n := range b.needs {
			printf("%q,\n", n)
		}
		printf("},\n")
	}
	list := func(field string, l []symbol) {
		if len(l) == 0 {
			return
		}
		printf("%s: []table.Symbol{\n", field)
		for _, s := range l {
			printf("{Name: %q, Value: %s},\n", s.name, s.expr)
		}
		printf("},\n")
	}
	list("Values", b.values)
	list("Vars", b.vars)
	list("Differ", b.differ)
	printf("}\n")
	for _, w := range b.wrappers {
		printf("\n// %s implements %s.%s.\ntype %s struct {\nIValue any\n", w.name, b.pkg.Name(), w.of, w.name)
		for _, m := range w.methods {
			printf("W%s %s\n", m.name, m.typ)
		}
		printf("}\n")
		for _, m := range w.methods {
			printf("\nfunc (w %s) %s%s {\n", w.name, m.name, m.params)
			if (m.name == "String" || m.name == "Error" || m.name == "GoString") && m.typ == "func() string" {
				printf("if w.W%s == nil {\nreturn \"\"\n}\n", m.name)
			}
			if m.returns {
				printf("return ")
			}
			printf("w.W%s%s\n}\n", m.name, m.call)
		}
	}
	var src bytes.Buffer
	src.WriteString(header)
	src.WriteString("\n//lint:file-ignore SA1019 What is deprecated is still bound.\n\n")
	fmt.Fprintf(&src, "package %s\n\nimport (\n", pkgName)
	for _, p := range slices.Sorted(maps.Keys(b.imports)) {
		if name := b.imports[p]; name != path.Base(p) {
			fmt.Fprintf(&src, "%s %q\n", name, p)
		} else {
			fmt.Fprintf(&src, "%q\n", p)
		}
	}
	fmt.Fprintf(&src, "\n%q\n)\n\n", tablePath)
	src.Write(body.Bytes())
	out, err := format.Source(src.Bytes())
	if err != nil {
		return nil, fmt.Errorf("%w in\n%s", err, src.Bytes())
	}
	return out, nil
}
