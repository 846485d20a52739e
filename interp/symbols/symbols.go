// Package symbols binds the packages that interpreted code can use: the
// standard library, Gonum, Gonum's plot, and Fanout's own.
//
// For each of them it knows the symbols, in the form that the interpreter yaegi
// takes them; the types, for package go/types; and the documentation. All is
// part of the program: nothing is looked up on the machine, which needs no Go.
//
// Nothing is done before it is asked for. A table of symbols is static data,
// types and documentation are compressed, each package for itself.
//
// The tables are generated (go generate ./interp/symbols) from the sources of
// the packages. What is bound, and how to bind more, stands in gen/lists.go.
//
// NOTICE: the documentation texts in std/zz_docs.bin are from the Go standard
// library, Copyright 2009 The Go Authors; those in gonum/zz_docs.bin and
// plot/zz_docs.bin are from Gonum, Copyright 2013 The Gonum Authors. Both are
// distributed under BSD-style licenses.
package symbols

//go:generate go run ./gen

import (
	"reflect"
	"slices"
	"sync"

	yaegi "github.com/traefik/yaegi/interp"

	"github.com/adabc437/fanout/interp/symbols/fanout"
	"github.com/adabc437/fanout/interp/symbols/gonum"
	"github.com/adabc437/fanout/interp/symbols/internal/table"
	"github.com/adabc437/fanout/interp/symbols/plot"
	"github.com/adabc437/fanout/interp/symbols/std"
)

var groups = []*table.Group{&std.Group, &gonum.Group, &plot.Group, &fanout.Group}

// A binding is a package and the group it is in.
type binding struct {
	*table.Package
	group *group
}

// A group is the archives of a table.Group, opened once.
type group struct {
	types, docs func() (*table.Archive, error)
}

var index = sync.OnceValue(func() map[string]binding {
	m := map[string]binding{}
	for _, g := range groups {
		open := &group{
			types: sync.OnceValues(func() (*table.Archive, error) { return table.Open(*g.Types) }),
			docs:  sync.OnceValues(func() (*table.Archive, error) { return table.Open(*g.Docs) }),
		}
		for _, p := range g.Packages {
			m[p.Path] = binding{p, open}
		}
	}
	return m
})

// Paths returns the import paths of the bound packages, sorted.
func Paths() []string {
	list := make([]string, 0, len(index()))
	for path := range index() {
		list = append(list, path)
	}
	slices.Sort(list)
	return list
}

// Name returns the name of a bound package, and "" for any other.
func Name(path string) string {
	if p, ok := index()[path]; ok {
		return p.Package.Name
	}
	return ""
}

// Load returns the symbols of a package as yaegi takes them (its Exports have
// them under the key path + "/" + Name(path)): functions, the values of
// constants, variables that can be set, types as nil pointers, and under "_" and
// the name of an interface the type that lets interpreted types implement it.
// Generic functions and types are not among them. The caller may change the map.
// All are the real ones, but for errors.As and Unmarshal of JSON and XML, which
// call the real ones unless they are given values of interpreted types.
//
// When yaegi passes an interpreted value as an interface, it wants the symbols
// of the package of that interface, even if no code imports it: see [Needs].
func Load(path string) (map[string]reflect.Value, bool) {
	p, ok := index()[path]
	if !ok {
		return nil, false
	}
	m := p.Load()
	for name, f := range std.Replacements(path) {
		m[name] = reflect.ValueOf(f)
	}
	return m, true
}

// Needs returns the paths of all bound packages whose types can be reached from
// the API of a package, sorted, without itself. They have to be known to the
// interpreter together with the package, lest it fail with a nil pointer when an
// interpreted type is passed where one of their interfaces is asked for. What can
// be reached through several steps is in the list.
func Needs(path string) []string {
	if p, ok := index()[path]; ok {
		return slices.Clone(p.Package.Needs)
	}
	return nil
}

// MapTypes lists, for the functions that look for interfaces at run time (as
// those of package fmt look for String), the interfaces to look for in an
// interpreted type; and for the wrappers of interfaces those that have more
// methods, largest first. It is what yaegi takes under the key ".", with the
// name "MapTypes".
//
// The packages of these interfaces are among the Needs of the functions'.
func MapTypes() map[reflect.Value][]reflect.Type {
	m := std.MapTypes()
	// Yaegi has a wrapper of its own for errors. Only an interpreter tells it.
	if w := yaegi.New(yaegi.Options{}).Symbols("")[""]["_error"]; w.IsValid() {
		m[w] = std.ErrorTypes()
	}
	return m
}
