package main

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"os"
	"slices"
	"strings"

	"golang.org/x/tools/go/packages"
)

// A pkg is one package as a target sees it.
type pkg struct {
	path  string
	fset  *token.FileSet
	files []*ast.File
	types *types.Package
}

// A world is all packages as a target sees them.
type world struct {
	target target
	fset   *token.FileSet
	pkgs   map[string]*pkg // by path; a vendored package by its whole path
	std    []string
}

// paths lists the packages of a group, sorted.
func (w *world) paths(g group) []string {
	var list []string
	for _, p := range g.paths {
		if p == "std" {
			list = append(list, w.std...)
		} else {
			list = append(list, p)
		}
	}
	slices.Sort(list)
	return list
}

// load finds the packages of all groups and what they import, and checks their
// declarations from source. Function bodies are left unchecked: nothing that
// is exported depends on them.
func load(t target, pick []group) (*world, error) {
	var patterns []string
	for _, g := range pick {
		patterns = append(patterns, g.paths...)
	}
	if !slices.Contains(patterns, "std") {
		patterns = append(patterns, "std")
	}
	w := &world{target: t, fset: token.NewFileSet(), pkgs: map[string]*pkg{}}
	roots, err := packages.Load(&packages.Config{
		Mode: packages.NeedName | packages.NeedFiles | packages.NeedImports | packages.NeedDeps | packages.NeedModule,
		Env:  append(os.Environ(), "CGO_ENABLED=0", "GOOS="+t.os, "GOARCH="+t.arch),
	}, patterns...)
	if err != nil {
		return nil, err
	}
	var errs []error
	packages.Visit(roots, nil, func(p *packages.Package) {
		for _, e := range p.Errors {
			errs = append(errs, fmt.Errorf("%s: %w", p.PkgPath, e))
		}
		if err := w.check(p); err != nil {
			errs = append(errs, err)
		}
		if p.Module == nil && bindable(p.PkgPath) && slices.Contains(roots, p) {
			w.std = append(w.std, p.PkgPath)
		}
	})
	slices.Sort(w.std)
	return w, errors.Join(errs...)
}

func (w *world) check(p *packages.Package) error {
	if p.PkgPath == "unsafe" {
		w.pkgs["unsafe"] = &pkg{path: "unsafe", types: types.Unsafe}
		return nil
	}
	q := &pkg{path: p.PkgPath, fset: w.fset}
	for _, name := range p.GoFiles {
		f, err := parser.ParseFile(w.fset, name, nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		q.files = append(q.files, f)
	}
	conf := types.Config{
		IgnoreFuncBodies: true,
		FakeImportC:      true,
		Sizes:            types.SizesFor("gc", w.target.arch),
		Importer: importerFunc(func(path string) (*types.Package, error) {
			dep := p.Imports[path]
			if path == "unsafe" {
				return types.Unsafe, nil
			}
			if dep == nil || w.pkgs[dep.PkgPath] == nil {
				return nil, fmt.Errorf("%s: no package %q", p.PkgPath, path)
			}
			return w.pkgs[dep.PkgPath].types, nil
		}),
	}
	if p.Module != nil && p.Module.GoVersion != "" {
		conf.GoVersion = "go" + strings.TrimPrefix(p.Module.GoVersion, "go")
	}
	var err error
	if q.types, err = conf.Check(p.PkgPath, w.fset, q.files, nil); err != nil {
		return fmt.Errorf("%s: %w", p.PkgPath, err)
	}
	w.pkgs[p.PkgPath] = q
	return nil
}

type importerFunc func(path string) (*types.Package, error)

func (f importerFunc) Import(path string) (*types.Package, error) { return f(path) }
