package build

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"go/token"
	"go/types"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"

	"golang.org/x/tools/go/gcexportdata"
)

// goCommand runs the go command in the folder and returns what it prints.
func (w *work) goCommand(ctx context.Context, args ...string) (string, error) {
	env := append(slices.Clone(w.t.tools.env), "GO111MODULE=on", "GOWORK=off", "GOFLAGS=-buildvcs=false -mod=mod")
	return run(ctx, command{dir: w.dir, env: env, name: w.t.tools.Go, args: args, max: 32 << 20, progress: w.progress})
}

// required lists what the folder's go.mod requires.
func (w *work) required(ctx context.Context) ([]Module, error) {
	out, err := w.goCommand(ctx, "mod", "edit", "-json")
	if err != nil {
		return nil, err
	}
	var v struct{ Require []Module }
	if err := json.Unmarshal([]byte(out), &v); err != nil {
		return nil, fmt.Errorf("build: go mod edit: %w", err)
	}
	return v.Require, nil
}

// packages lists the packages of modules that others can import.
func (w *work) packages(ctx context.Context, list []Module) ([]string, error) {
	args := []string{"list", "-e", "-find", "-f", "{{.Name}} {{.ImportPath}}"}
	for _, m := range list {
		args = append(args, m.Path+"/...")
	}
	out, err := w.goCommand(ctx, args...)
	if err != nil {
		return nil, err
	}
	var paths []string
	for line := range strings.Lines(out) {
		name, path, _ := strings.Cut(strings.TrimSpace(line), " ")
		if name != "" && name != "main" && path != "" && !isInternal(path) {
			paths = append(paths, path)
		}
	}
	slices.Sort(paths)
	return slices.Compact(paths), nil
}

func isInternal(path string) bool {
	return slices.Contains(strings.Split(path, "/"), "internal")
}

// A listed package is what go list says of one.
type listed struct {
	ImportPath, Name, Export string
	Standard                 bool
	CgoFiles                 []string
	Module                   *struct{ Path, Version, Dir string }
	Error                    *struct{ Err string }
}

// list compiles packages, and all that they import, for plugins.
func (w *work) list(ctx context.Context, paths []string) ([]listed, error) {
	args := []string{"list", "-e", "-export", "-deps", "-json=ImportPath,Name,Export,Standard,CgoFiles,Module,Error", "-buildmode=plugin"}
	args = append(args, w.t.host.flags...)
	args = append(append(args, "--"), paths...)
	out, err := w.goCommand(ctx, args...)
	if err != nil {
		return nil, getError(strings.Join(paths, " "), err)
	}
	var all []listed
	for d := json.NewDecoder(strings.NewReader(out)); ; {
		var p listed
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return nil, fmt.Errorf("build: go list: %w", err)
		}
		all = append(all, p)
	}
	return all, nil
}

// usable says what is wrong with packages, of which paths are to be imported.
func (w *work) usable(ctx context.Context, all []listed, paths []string) error {
	for _, p := range all {
		switch {
		case p.Error != nil:
			return fmt.Errorf("package %s: %s", p.ImportPath, p.inShort(p.Error.Err))
		case p.Export == "" && p.ImportPath != "unsafe":
			return fmt.Errorf("package %s does not compile: %s", p.ImportPath, p.inShort(w.compileError(ctx, p.ImportPath)))
		case p.Name == "main" && slices.Contains(paths, p.ImportPath):
			return fmt.Errorf("%s is a program, which cannot be imported", p.ImportPath)
		}
	}
	return nil
}

// inShort is what is meant by what the go command says of a package. Its files go by
// the module and its version.
func (p *listed) inShort(text string) string {
	if p.Module != nil && p.Module.Dir != "" {
		text = strings.ReplaceAll(text, p.Module.Dir, p.Module.Path+"@"+p.Module.Version)
	}
	return inShort(text)
}

// compileError is what the compiler says of a package.
func (w *work) compileError(ctx context.Context, path string) string {
	_, err := w.goCommand(ctx, "build", path)
	if ce, ok := errors.AsType[*commandError](err); ok {
		return ce.output
	}
	return "the go command does not say why"
}

// asked reports whether the user wants a module in this version.
func (w *work) asked(m Module) bool { return slices.Contains(w.wanted, m) }

// neededBy lists the modules that require a module in its version.
func (w *work) neededBy(ctx context.Context, m Module) (list []string) {
	out, err := w.goCommand(ctx, "mod", "graph")
	if err != nil {
		return nil
	}
	for line := range strings.Lines(out) {
		from, to, _ := strings.Cut(strings.TrimSpace(line), " ")
		if to == m.String() && strings.Contains(from, "@") && !strings.HasPrefix(from, "go@") && len(list) < 3 {
			list = append(list, from)
		}
	}
	return list
}

// keepPackage is a package that imports others and refers to all that they
// export, so that a linker keeps it. It is never called.
func keepPackage(list []listed, file func(string) (string, bool)) (Package, error) {
	var imports, body strings.Builder
	p := Package{}
	h := sha256.New()
	pkgs := map[string]*types.Package{}
	for n, l := range list {
		fmt.Fprintln(h, l.ImportPath, filepath.Base(l.Export)) // which content names
		if isInternal(l.ImportPath) {
			continue
		}
		name, _ := file(l.ImportPath)
		pkg, err := readTypes(name, l.ImportPath, pkgs)
		if err != nil {
			return Package{}, err
		}
		p.Imports = append(p.Imports, l.ImportPath)
		alias, refs := fmt.Sprintf("p%d", n), keepRefs(pkg)
		if len(refs) == 0 {
			fmt.Fprintf(&imports, "import _ %q\n", l.ImportPath)
			continue
		}
		fmt.Fprintf(&imports, "import %s %q\n", alias, l.ImportPath)
		fmt.Fprintf(&body, "\nfunc Keep%d(keep func(...any)) {\n", n)
		for _, r := range refs {
			fmt.Fprintf(&body, "\tkeep("+r+")\n", alias)
		}
		body.WriteString("}\n")
	}
	p.Path = "get/" + hex.EncodeToString(h.Sum(nil)[:12])
	p.Source = []byte("package main\n\n" + imports.String() + body.String())
	return p, nil
}

// readTypes reads the types of a package from its archive.
func readTypes(file, path string, pkgs map[string]*types.Package) (*types.Package, error) {
	data, err := exportData(file)
	if err != nil {
		return nil, err
	}
	return gcexportdata.Read(bytes.NewReader(data), token.NewFileSet(), pkgs, path)
}

// exportData returns the part of an archive that the types of its package are in.
func exportData(file string) ([]byte, error) {
	b, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	list, err := members(b)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	for _, m := range list {
		if m.name != "__.PKGDEF" {
			continue
		}
		_, data, ok := bytes.Cut(m.body, []byte("\n$$B\n"))
		if end := bytes.LastIndex(data, []byte("\n$$\n")); ok && end >= 0 {
			return data[:end], nil
		}
	}
	return nil, fmt.Errorf("%s: %w: no export data", file, errObject)
}

// keepRefs lists expressions for what a package exports; %[1]s stands for its name.
func keepRefs(pkg *types.Package) (refs []string) {
	const large = 1 << 16
	sizes := types.SizesFor("gc", runtime.GOARCH)
	for _, name := range pkg.Scope().Names() {
		switch o := pkg.Scope().Lookup(name).(type) {
		case *types.Func:
			if o.Exported() && o.Signature().TypeParams().Len() == 0 {
				refs = append(refs, "%[1]s."+name)
			}
		case *types.Var:
			if o.Exported() {
				refs = append(refs, "&%[1]s."+name)
			}
		case *types.TypeName:
			n, ok := o.Type().(*types.Named)
			if !ok || !o.Exported() || o.IsAlias() || n.TypeParams().Len() > 0 {
				continue
			}
			if i, ok := n.Underlying().(*types.Interface); ok && !i.IsMethodSet() {
				continue
			}
			refs = append(refs, "(*%[1]s."+name+")(nil)")
			if !types.IsInterface(n) && sizes.Sizeof(n) < large {
				refs = append(refs, "*new(%[1]s."+name+")")
			}
		}
	}
	return refs
}

// firstLines cuts a message of the go command down.
func firstLines(text string) string {
	var keep []string
	for line := range strings.Lines(strings.TrimSpace(text)) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") && !strings.HasPrefix(line, "go: downloading ") {
			keep = append(keep, line)
		}
		if len(keep) == 4 {
			break
		}
	}
	return strings.Join(keep, "; ")
}

// goSays finds, in what the go command says, what is meant and what to do.
var goSays = []struct {
	re   *regexp.Regexp
	text string // with the groups of re
}{
	{regexp.MustCompile(`(?:dial tcp|no such host|i/o timeout|connection refused|network is unreachable|module lookup disabled)`), "the module proxy cannot be reached: check the network, or GOPROXY"},
	{regexp.MustCompile(`(?s)(\S+?): no matching versions for query "([^"]*)"`), "$1 has no version $2"},
	{regexp.MustCompile(`(?s)(\S+@\S+): (?:invalid version: )?unknown revision (\S+)`), "there is no version $2 of it"},
	{regexp.MustCompile(`(?s)module (\S+)@(\S+) found(?: \(\S+\))?, but does not contain package (\S+)`), "module $1 has no package $3"},
	{regexp.MustCompile(`(?s)requires go >= (\S+) \(running go (\S+?);? .*?\)`), "it needs Go $1, and this program was built with Go $2"},
	{regexp.MustCompile(`malformed module path "([^"]*)": (.*)`), "$1 is not the path of a module: $2"},
	{regexp.MustCompile(`(?s)reading \S+: (?:4\d\d |.*?no such file or directory)`), "there is no such module or version: check its path, as in golang.org/x/exp@latest"},
	{regexp.MustCompile(`repository \S+ not found|could not read Username|not a known dependency|unrecognized import path`), "there is no such module: check its path, as in golang.org/x/exp@latest"},
}

// inShort is what is meant by what the go command says.
func inShort(output string) string {
	for _, s := range goSays {
		if m := s.re.FindStringSubmatchIndex(output); m != nil {
			return string(s.re.ExpandString(nil, s.text, output, m))
		}
	}
	return firstLines(output)
}

// getError says in short why the go command could not get something.
func getError(what string, err error) error {
	ce, ok := errors.AsType[*commandError](err)
	if !ok {
		return err
	}
	if what == "" {
		what = "updates"
	}
	return fmt.Errorf("cannot get %s: %s", what, inShort(ce.output))
}
