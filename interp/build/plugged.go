package build

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
)

// plugged is the way of ordinary plugins: each has all that it imports within,
// and what the process has already is used in its stead.
type plugged struct{}

var _ way = plugged{}

func (plugged) name() string { return "plugin" }

func (plugged) build(ctx context.Context, t *Toolchain, dir string, p Package) (archive, object string, err error) {
	compiled, archive, err := t.compilePlugin(ctx, dir, p)
	if err != nil {
		return "", "", err
	}
	object, err = t.linkPlugin(ctx, dir, p, compiled)
	if ce, ok := errors.AsType[*commandError](err); ok && strings.Contains(ce.output, "no such file") { // the go command has cleared its cache
		t.exports.forget(modePlugin)
		object, err = t.linkPlugin(ctx, dir, p, compiled)
	}
	return archive, object, err
}

// compilePlugin compiles a package into two archives: one to make a plugin of,
// and one for later packages.
func (t *Toolchain) compilePlugin(ctx context.Context, dir string, p Package) (compiled, archive string, err error) {
	compiled, err = t.compile(ctx, dir, p, modePlugin, "-dynlink")
	if err != nil {
		return "", "", err
	}
	b, err := os.ReadFile(compiled)
	if err != nil {
		return "", "", err
	}
	// Of the packages of a link one has the tables of exports: that which the
	// plugin is made for. Of those the linker needs the second.
	archive = filepath.Join(dir, "imported.a")
	for name, hide := range map[string][]string{compiled: {pluginTabs}, archive: {pluginTabs, pluginExports}} {
		kept, err := keepArchive(b, p.Path, hide)
		if err != nil {
			return "", "", fmt.Errorf("build: the object of %s: %w", p.Path, err)
		}
		if err := os.WriteFile(name, kept, 0o600); err != nil {
			return "", "", err
		}
	}
	return compiled, archive, nil
}

// pluginArchive returns the file of another cell to link a plugin against.
// Where the cell was built in the other way it is compiled again, and the
// fingerprint made the one that the process knows.
func (t *Toolchain) pluginArchive(ctx context.Context, r *record) (string, error) {
	if r.way.name() == (plugged{}).name() {
		err := t.restore(ctx, r)
		return r.archive, err
	}
	if r.plugin != "" && isFile(r.plugin) {
		return r.plugin, nil
	}
	dir, err := t.store.workDir()
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(dir)
	_, archive, err := t.compilePlugin(ctx, dir, r.pkg)
	if err != nil {
		return "", err
	}
	if err := t.restore(ctx, r); err != nil {
		return "", err
	}
	known, _, err := fingerprint(r.archive)
	if err != nil {
		return "", err
	}
	_, at, err := fingerprint(archive)
	if err != nil {
		return "", err
	}
	b, err := os.ReadFile(archive)
	if err != nil {
		return "", err
	}
	copy(b[at:], known)
	name := r.key + ".plugin.a"
	if err := t.store.write(name, b); err != nil {
		return "", err
	}
	r.plugin = filepath.Join(t.store.dir, name)
	return r.plugin, nil
}

// fingerprint returns the fingerprint of an archive's object, of 8 bytes, and where it is
// in the file.
func fingerprint(file string) (print []byte, at int64, err error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, 0, err
	}
	defer f.Close()
	start, obj, err := openArchive(f)
	if err != nil {
		return nil, 0, fmt.Errorf("%s: %w", file, err)
	}
	return obj[len(objMagic) : len(objMagic)+8], start + int64(len(objMagic)), nil
}

// foreign returns the packages, other than cells, that a package and the cells
// it imports reach.
func (t *Toolchain) foreign(p Package) []string {
	list := []string{"runtime", "runtime/cgo"}
	all := slices.Clone(p.Imports)
	for _, r := range t.cells(p) {
		all = append(all, r.pkg.Imports...)
	}
	for _, path := range all {
		if t.built[path] == nil {
			list = append(list, path)
		}
	}
	return list
}

// cells returns the cells that a package reaches.
func (t *Toolchain) cells(p Package) (list []*record) {
	var visit func(imports []string)
	visit = func(imports []string) {
		for _, path := range imports {
			if r := t.built[path]; r != nil && !slices.Contains(list, r) {
				list = append(list, r)
				visit(r.pkg.Imports)
			}
		}
	}
	visit(p.Imports)
	return list
}

// linkPlugin links a compiled package and all that it imports.
func (t *Toolchain) linkPlugin(ctx context.Context, dir string, p Package, compiled string) (string, error) {
	if _, err := t.exports.need(ctx, modePlugin, t.foreign(p)); err != nil {
		return "", err
	}
	archives := t.exports.all(modePlugin)
	cgo := t.modules.addTo(archives)
	for _, r := range t.cells(p) {
		archive, err := t.pluginArchive(ctx, r)
		if err != nil {
			return "", err
		}
		archives[r.pkg.Path] = archive
	}
	var cfg strings.Builder
	for _, path := range slices.Sorted(maps.Keys(archives)) {
		fmt.Fprintf(&cfg, "packagefile %s=%s\n", path, archives[path])
	}
	if err := os.WriteFile(filepath.Join(dir, "link.cfg"), []byte(cfg.String()), 0o600); err != nil {
		return "", err
	}
	out := filepath.Join(dir, "cell.so")
	// The shim sees names that are relative to dir, since those of the cache may have spaces.
	args := []string{"-buildmode=plugin", "-s", "-w", "-buildid=", "-pluginpath", p.Path, "-importcfg", filepath.Join(dir, "link.cfg"), "-tmpdir", ".", "-o", "cell.so"}
	if runtime.GOOS == "linux" && runtime.GOARCH == "amd64" && !cgo {
		if err := os.WriteFile(filepath.Join(dir, "ld.sh"), []byte(shimSource), 0o600); err != nil {
			return "", err
		}
		args = append(args, "-extld=sh ld.sh")
	}
	args = append(args, compiled)
	_, err := run(ctx, command{dir: dir, base: t.environ, env: t.tools.env, name: t.tools.Link, args: args})
	return out, err
}

// shimSource stands between Go's linker and the external one. Go's asks a C
// compiler ten times what it can do, before it has it link, which takes longer
// than all the rest.
const shimSource = `#!/bin/sh
out= objects= libs= last=
while [ $# -gt 0 ]; do
	last=$1
	case $1 in
	-o) out=$2; shift ;;
	*.o) objects="$objects $1" ;;
	-l*) libs="$libs $1" ;;
	esac
	shift
done
case $last in *trivial.c) exit 1 ;; esac
[ -n "$objects" ] || exit 0
IFS=' '
exec ld -shared -s -z now -z norelro --build-id=none -o "$out" $objects $libs
`
