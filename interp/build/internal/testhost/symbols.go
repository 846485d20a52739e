//go:build !bare

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/adabc437/fanout/interp/build"
	"github.com/adabc437/fanout/interp/symbols"
)

func init() { scenarios["symbols"] = allSymbols }

// packages are what cells of this program may import.
func packages() []string { return symbols.Paths() }

// allSymbols builds for each bound package one that names all it exports.
func allSymbols([]string) error {
	t, err := open()
	if err != nil {
		return err
	}
	var errs []error
	for i, path := range symbols.Paths() {
		if path == "unsafe" {
			continue
		}
		table, _ := symbols.Load(path)
		src := mention(path, table)
		p := build.Package{Path: fmt.Sprintf("symbols/p%d", i), Source: src, Imports: []string{path}}
		if _, err := t.Build(context.Background(), p); err != nil {
			text := err.Error()
			errs = append(errs, fmt.Errorf("%s: %s", path, text[:min(len(text), 1500)]))
		}
	}
	fmt.Println(len(symbols.Paths()) > 100)
	return errors.Join(errs...)
}

// mention writes a package that has all symbols of another in a variable, and
// its types in many forms.
func mention(path string, table map[string]reflect.Value) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "package main\n\nimport p %q\n\nvar Keep = []any{\n", path)
	names := make([]string, 0, len(table))
	for name := range table {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, n := range names {
		v := table[n]
		switch t := v.Type(); {
		case strings.HasPrefix(n, "_"):
		case t.Kind() == reflect.Func:
			fmt.Fprintf(&b, "p.%s,\n", n)
		case v.CanAddr():
			fmt.Fprintf(&b, "&p.%s, p.%[1]s,\n", n)
		case t.Kind() == reflect.Pointer && v.IsNil() && t.Elem().Name() == n:
			fmt.Fprintf(&b, "(*p.%s)(nil), new(p.%[1]s), *new(p.%[1]s), []p.%[1]s{}, [2]p.%[1]s{}, map[string]p.%[1]s{}, func(p.%[1]s) {}, struct{ X p.%[1]s; p.%[1]s }{},\n", n)
			fmt.Fprintf(&b, "func(x any) (y p.%s) { y, _ = x.(p.%[1]s); return },\n", n)
		}
	}
	b.WriteString("}\n\nfunc Run() int { return len(Keep) }\n")
	if bytes.Count(b.Bytes(), []byte("p.")) == 0 { // nothing but generic functions
		return []byte("package main\n")
	}
	return b.Bytes()
}
