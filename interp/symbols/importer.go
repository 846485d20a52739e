package symbols

import (
	"bytes"
	"fmt"
	"go/constant"
	"go/token"
	"go/types"
	"reflect"
	"strings"
	"sync"

	"golang.org/x/tools/go/gcexportdata"

	"github.com/adabc437/fanout/interp/symbols/internal/table"
)

// Importer returns an importer of the types of the bound packages, generic ones
// included. Objects have no positions. Types of one importer are identical
// however often and through whichever packages they are reached; those of two
// importers are not. It may be used by many goroutines.
func Importer(fset *token.FileSet) types.Importer {
	return ImporterWith(fset, func(string) ([]byte, error) { return nil, nil })
}

// ImporterWith returns an [Importer] that also has packages that are not bound:
// more returns their export data, and nil for others. Where they use types of bound
// packages, these are the same as those of the bound packages.
func ImporterWith(fset *token.FileSet, more func(path string) ([]byte, error)) types.Importer {
	return &importer{fset: fset, more: more, pkgs: map[string]*types.Package{"unsafe": types.Unsafe}}
}

type importer struct {
	fset *token.FileSet
	more func(path string) ([]byte, error)

	mu   sync.Mutex
	pkgs map[string]*types.Package
}

// unbound are the packages of the standard library that are left out, and why.
var unbound = map[string]string{
	"syscall":                "it is another one on each system; %get golang.org/x/sys@latest adds golang.org/x/sys/unix",
	"plugin":                 "cells are plugins themselves",
	"expvar":                 "it serves the variables of a program over HTTP",
	"net/http/pprof":         "it serves the profiles of a program over HTTP; runtime/pprof writes them",
	"log/syslog":             "it is not there on every system; log and log/slog are",
	"time/tzdata":            "the time zones of the system are used",
	"runtime/cgo":            "cells have no cgo",
	"runtime/race":           "cells have no race detector",
	"runtime/coverage":       "cells are not built for coverage",
	"testing/cryptotest":     "it is for tests of packages",
	"crypto/mlkem/mlkemtest": "it is for tests of packages",
}

// Import returns a package; it has the declarations of those that it refers to
// decoded only as far as it needs them.
func (im *importer) Import(path string) (*types.Package, error) {
	im.mu.Lock()
	defer im.mu.Unlock()
	if p := im.pkgs[path]; p != nil && p.Complete() {
		return p, nil
	}
	b, ok := index()[path]
	if !ok {
		if data, err := im.more(path); err != nil {
			return nil, fmt.Errorf("the types of package %q: %w", path, err)
		} else if data != nil {
			return gcexportdata.Read(bytes.NewReader(data), im.fset, im.pkgs, path)
		}
		if why, ok := unbound[path]; ok {
			return nil, fmt.Errorf("package %q of the standard library is not part of Fanout: %s", path, why)
		}
		return nil, fmt.Errorf("no package %q here: cells can import the standard library, gonum, and Fanout's parallel and plots", path)
	}
	archive, err := b.group.types()
	if err != nil {
		return nil, err
	}
	data, err := archive.Text(path)
	if err != nil {
		return nil, err
	}
	im.local(b.Package)
	return gcexportdata.Read(strings.NewReader(data), im.fset, im.pkgs, path)
}

// local declares the constants whose values differ by system. The archive has
// those of another one, but what is already declared stays.
func (im *importer) local(b *table.Package) {
	if len(b.Differ) == 0 {
		return
	}
	p := im.pkgs[b.Path]
	if p == nil {
		p = types.NewPackage(b.Path, b.Name)
		im.pkgs[b.Path] = p
	}
	values := map[string]any{}
	for _, s := range b.Values {
		values[s.Name] = s.Value
	}
	for _, d := range b.Differ {
		if t := basic(d.Value); t != nil && p.Scope().Lookup(d.Name) == nil {
			p.Scope().Insert(types.NewConst(token.NoPos, p, d.Name, t, value(values[d.Name])))
		}
	}
}

func basic(name any) types.Type {
	for _, t := range types.Typ {
		if t.Name() == name {
			return t
		}
	}
	return nil
}

func value(v any) constant.Value {
	if c := table.Constant(v); c != nil {
		return c
	}
	switch r := reflect.ValueOf(v); {
	case r.CanInt():
		return constant.MakeInt64(r.Int())
	case r.CanUint():
		return constant.MakeUint64(r.Uint())
	case r.CanFloat():
		return constant.MakeFloat64(r.Float())
	case r.Kind() == reflect.String:
		return constant.MakeString(r.String())
	case r.Kind() == reflect.Bool:
		return constant.MakeBool(r.Bool())
	}
	return constant.MakeUnknown()
}
