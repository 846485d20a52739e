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
	compiled, err := t.compile(ctx, dir, p, modePlugin, "-dynlink")
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
	object, err = t.linkPlugin(ctx, dir, p, compiled)
	var ce *commandError
	if errors.As(err, &ce) && strings.Contains(ce.output, "no such file") { // the go command has cleared its cache
		t.exports.forget(modePlugin)
		if _, err = t.exports.need(ctx, modePlugin, t.foreign(p)); err == nil {
			object, err = t.linkPlugin(ctx, dir, p, compiled)
		}
	}
	return archive, object, err
}

// foreign returns the packages, other than cells, that a package and the cells
// it imports reach.
func (t *Toolchain) foreign(p Package) []string {
	list := []string{"runtime", "runtime/cgo"}
	for _, path := range p.Imports {
		if t.built[path] == nil {
			list = append(list, path)
		}
	}
	return list
}

// linkPlugin links a compiled package and all that it imports.
func (t *Toolchain) linkPlugin(ctx context.Context, dir string, p Package, compiled string) (string, error) {
	archives := t.exports.all(modePlugin)
	for path, r := range t.built {
		archives[path] = r.archive
	}
	var cfg strings.Builder
	for _, path := range slices.Sorted(maps.Keys(archives)) {
		fmt.Fprintf(&cfg, "packagefile %s=%s\n", path, archives[path])
	}
	if err := os.WriteFile(filepath.Join(dir, "link.cfg"), []byte(cfg.String()), 0o600); err != nil {
		return "", err
	}
	out := filepath.Join(dir, "cell.so")
	args := []string{"-buildmode=plugin", "-s", "-w", "-buildid=", "-pluginpath", p.Path, "-importcfg", filepath.Join(dir, "link.cfg"), "-tmpdir", dir, "-o", out}
	if runtime.GOOS == "linux" && runtime.GOARCH == "amd64" {
		shim, err := t.shim()
		if err != nil {
			return "", err
		}
		args = append(args, "-extld="+shim)
	}
	args = append(args, compiled)
	_, err := run(ctx, command{dir: dir, env: t.tools.env, name: t.tools.Link, args: args})
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

func (t *Toolchain) shim() (string, error) {
	name := filepath.Join(t.store.dir, "ld.sh")
	if isFile(name) {
		return name, nil
	}
	if err := t.store.write("ld.sh", []byte(shimSource)); err != nil {
		return "", err
	}
	return name, os.Chmod(name, 0o700)
}

// keepArchive has the linker keep all that a package defines, as
// rewriteArchive does, and hides tables, but leaves its references alone.
func keepArchive(archive []byte, path string, hide []string) ([]byte, error) {
	list, err := members(archive)
	if err != nil {
		return nil, err
	}
	for i, m := range list {
		if m.name != objectMember {
			continue
		}
		head, obj, err := splitObject(m.body)
		if err != nil {
			return nil, err
		}
		o, err := openObject(obj)
		if err != nil {
			return nil, err
		}
		w := &rewriter{object: o, path: path, keepRefs: true}
		b, err := w.keepOnly(hide...)
		if err != nil {
			return nil, err
		}
		list[i].body = append(slices.Clone(head), b...)
		return pack(list[:i+1]), nil
	}
	return nil, errObject
}
