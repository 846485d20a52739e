package build

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// prelude is compiled with each package. The blank imports have the linker
// know the packages that all Go code refers to. The exported function makes
// sure of a table of exports, and is the first of the image's text, for which
// the runtime knows no name.
const prelude = "package main\n\nimport (\n\t_ \"runtime\"\n\t_ \"runtime/cgo\"\n)\n\nfunc Ʌprelude() {}\n"

// restore makes the archive of a loaded cell again if it has been swept from the
// cache meanwhile. The image stays the one that is loaded.
func (t *Toolchain) restore(ctx context.Context, r *record) error {
	if isWhole(r.archive) {
		return nil
	}
	archive, _, err := t.make(ctx, r.way, r.key, r.pkg)
	if err != nil {
		return fmt.Errorf("build: %s again: %w", r.pkg.Path, err)
	}
	r.archive = archive
	return nil
}

// compile compiles a package in dir, against export data of a mode, and returns
// the file.
func (t *Toolchain) compile(ctx context.Context, dir string, p Package, mode string, flags ...string) (string, error) {
	archives := map[string]string{}
	ask := []string{"runtime", "runtime/cgo"}
	for _, path := range p.Imports {
		if r := t.built[path]; r != nil {
			if err := t.restore(ctx, r); err != nil {
				return "", err
			}
			archives[path] = r.archive
		} else {
			ask = append(ask, path)
		}
	}
	known, err := t.exports.need(ctx, mode, ask)
	if err != nil {
		return "", err
	}
	maps.Copy(archives, known)
	var cfg strings.Builder
	for _, path := range slices.Sorted(maps.Keys(archives)) {
		fmt.Fprintf(&cfg, "packagefile %s=%s\n", path, archives[path])
	}
	for name, text := range map[string]string{"compile.cfg": cfg.String(), "cell.go": string(p.Source), "prelude.go": prelude} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			return "", err
		}
	}
	out := filepath.Join(dir, "compiled.a")
	args := []string{"-p", p.Path, "-o", out, "-importcfg", "compile.cfg", "-trimpath", dir + "=>", "-lang", language(),
		"-dwarf=false", "-pack", "-complete", "-nolocalimports", "-e", "-c=2"}
	if t.host.race {
		args = append(args, "-race")
	}
	args = append(args, flags...)
	args = append(args, "prelude.go", "cell.go")
	_, err = run(ctx, command{dir: dir, base: t.environ, env: t.tools.env, name: t.tools.Compile, args: args})
	var ce *commandError
	if errors.As(err, &ce) {
		if e := parseCompile(ce.output, dir); e != nil {
			return "", e
		}
	}
	return out, err
}
