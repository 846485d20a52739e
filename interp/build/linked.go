package build

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strconv"
	"strings"
)

// linked is the way that binds a package to what this program contains.
//
// The compiler is told to compile for use with shared libraries, against
// ordinary export data. Its object refers to other packages by indices, which
// only their objects can resolve, so these references are rewritten to be by
// name. Go's linker then links the object against a shared library that
// defines what the package needs, which is made for the purpose; the library's
// real content is this program. What is left to the external linker is little,
// and done here.
//
// Package plugin opens it as it would a plugin: it compares the fingerprints of
// all imported packages with this program's, and refuses others.
type linked struct{}

var _ way = linked{}

func (linked) name() string { return "linked" }

func (linked) build(ctx context.Context, t *Toolchain, dir string, p Package) (archive, object string, err error) {
	if runtime.GOOS != "linux" || runtime.GOARCH != "amd64" {
		return "", "", fmt.Errorf("it is made for linux/amd64 only, not %s/%s", runtime.GOOS, runtime.GOARCH)
	}
	compiled, err := t.compile(ctx, dir, p, modeProgram, "-dynlink", "-linkshared")
	if err != nil {
		return "", "", err
	}
	r, err := t.rewrite(ctx, compiled, p)
	if err != nil {
		return "", "", err
	}
	object, err = t.link(ctx, dir, p, r)
	if err != nil && len(r.missing) > 0 {
		err = fmt.Errorf("%w (%w: %s)", err, errMissing, strings.Join(r.missing[:min(len(r.missing), 8)], ", "))
	}
	return compiled, object, err
}

// rewrite rewrites a compiled package against this process.
func (t *Toolchain) rewrite(ctx context.Context, file string, p Package) (*rewritten, error) {
	b, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	texts, err := textRanges()
	if err != nil {
		return nil, err
	}
	names := map[string]*symbolNames{}
	var failed error
	r, err := rewriteArchive(b, p.Path, resolver{
		find: func(name string) (hostSymbol, bool) { return findHost(name, texts) },
		name: func(pkg string, index uint32) string {
			n := names[pkg]
			if n == nil {
				archive, err := t.archive(ctx, plainPath(pkg))
				if err == nil {
					n, err = readNames(archive)
				}
				if err != nil {
					failed = errors.Join(failed, err)
					return ""
				}
				names[pkg] = n
			}
			return n.at(index)
		},
	})
	if err != nil {
		return nil, fmt.Errorf("build: rewrite the object of %s: %w", p.Path, errors.Join(err, failed))
	}
	for _, n := range []string{"runtime.mapinitnoop", "runtime.unreachableMethod"} {
		r.needs = append(r.needs, hostSymbol{name: n, fn: true, internal: true})
	}
	r.needs = append(r.needs, hostSymbol{name: "runtime.addmoduledata", fn: true}) // see finish
	for _, n := range []string{"type:runtime.moduledata", "runtime.lastmoduledatap", "go:link.abihash.fanout"} {
		s, ok := findHost(n, texts)
		if !ok {
			return nil, fmt.Errorf("build: symbol %s is %w", n, errMissing)
		}
		r.needs = append(r.needs, s)
	}
	return r, nil
}

// plainPath is the import path that an object has written with %2e for dots of
// its last element, and the like.
func plainPath(path string) string {
	if p, err := url.PathUnescape(path); err == nil {
		return p
	}
	return path
}

// archive returns the file of a package, which may be another cell's.
func (t *Toolchain) archive(ctx context.Context, path string) (string, error) {
	if r := t.built[path]; r != nil {
		return r.archive, nil
	}
	m, err := t.exports.need(ctx, modeProgram, []string{path})
	return m[path], err
}

// findHost looks a symbol up in this process.
func findHost(name string, texts [][2]uintptr) (hostSymbol, bool) {
	addr := uintptr(dlsym(nil, name))
	if addr == 0 {
		return hostSymbol{}, false
	}
	s := hostSymbol{name: name, addr: addr}
	for _, r := range texts {
		s.fn = s.fn || addr >= r[0] && addr < r[1]
	}
	return s, true
}

// textRanges returns where this process has code.
func textRanges() (list [][2]uintptr, err error) {
	b, err := os.ReadFile("/proc/self/maps")
	if err != nil {
		return nil, err
	}
	for line := range strings.Lines(string(b)) {
		f := strings.Fields(line)
		if len(f) < 6 || !strings.Contains(f[1], "x") {
			continue
		}
		from, to, _ := strings.Cut(f[0], "-")
		lo, err1 := strconv.ParseUint(from, 16, 64)
		hi, err2 := strconv.ParseUint(to, 16, 64)
		if err := errors.Join(err1, err2); err != nil {
			return nil, err
		}
		list = append(list, [2]uintptr{uintptr(lo), uintptr(hi)})
	}
	return list, nil
}

// stubName is the name of the library that stands for this program, in which
// the name of the symbol go:link.abihash.fanout ends.
const stubName = "fanout"

// link makes a loadable file of a rewritten package.
func (t *Toolchain) link(ctx context.Context, dir string, p Package, r *rewritten) (string, error) {
	in := func(name string) string { return filepath.Join(dir, name) }
	var cfg strings.Builder
	for _, path := range append([]string{"runtime", "runtime/cgo"}, p.Imports...) {
		fmt.Fprintf(&cfg, "packageshlib %s=%s\n", path, in(stubName))
	}
	for name, b := range map[string][]byte{"rewritten.a": r.archive, stubName: stub(r.needs), "link.cfg": []byte(cfg.String())} {
		if err := os.WriteFile(in(name), b, 0o600); err != nil {
			return "", err
		}
	}
	nothing, err := t.nothing()
	if err != nil {
		return "", err
	}
	// Go's linker would call a C compiler some ten times, mostly to ask what
	// it can do. What the last call does is done by finish.
	args := []string{"-buildmode=plugin", "-linkshared", "-s", "-w", "-buildid=", "-pluginpath", p.Path, "-importcfg", in("link.cfg"), "-tmpdir", dir,
		"-extld=" + nothing, "-o", in("none.so"), in("rewritten.a")}
	if _, err := run(ctx, command{dir: dir, base: t.environ, env: t.tools.env, name: t.tools.Link, args: args}); err != nil {
		return "", err
	}
	b, err := os.ReadFile(in("go.o"))
	if err != nil {
		return "", err
	}
	// This program has these functions under their plain names.
	suffix := []byte(internalSuffix + "\x00")
	b = bytes.ReplaceAll(b, suffix, make([]byte, len(suffix)))
	next, err := nextOffset()
	if err != nil {
		return "", err
	}
	if b, err = finish(b, next); err != nil {
		return "", err
	}
	return in("cell.so"), os.WriteFile(in("cell.so"), b, 0o600)
}

// nextOffset returns where runtime.moduledata links to the next one.
func nextOffset() (uint32, error) {
	addr := dlsym(nil, "type:runtime.moduledata")
	if addr == nil {
		return 0, fmt.Errorf("build: type runtime.moduledata is %w", errMissing)
	}
	t := typeAt(uintptr(addr))
	if t.Kind() == reflect.Struct {
		if f, ok := t.FieldByName("next"); ok && f.Type.Kind() == reflect.Pointer && f.Type.Elem() == t {
			return uint32(f.Offset), nil
		}
	}
	return 0, fmt.Errorf("build: %w: runtime.moduledata", errObject)
}

// symbolNames reads the names of a package's symbols from its archive, of which
// it reads no more than it needs.
type symbolNames struct {
	f     io.ReaderAt
	start int64 // of the object
	defs  int64
	count uint32
}

func readNames(archive string) (*symbolNames, error) {
	// The file stays open until the garbage collector finds it unused.
	f, err := os.Open(archive)
	if err != nil {
		return nil, err
	}
	start, obj, err := openArchive(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", archive, err)
	}
	off := func(blk int) uint32 { return le.Uint32(obj[objOffsets+4*blk:]) }
	n := &symbolNames{f: f, start: start, defs: int64(off(blkSymdef))}
	n.count = (off(blkHashed64def) - off(blkSymdef)) / sizeSym
	return n, nil
}

// at returns the name of a symbol, or "".
func (n *symbolNames) at(index uint32) string {
	if index >= n.count {
		return ""
	}
	var s [8]byte
	if _, err := n.f.ReadAt(s[:], n.start+n.defs+int64(index)*sizeSym); err != nil {
		return ""
	}
	size := le.Uint32(s[:])
	if size > 1<<16 {
		return ""
	}
	name := make([]byte, size)
	if _, err := n.f.ReadAt(name, n.start+int64(le.Uint32(s[4:]))); err != nil {
		return ""
	}
	return string(name)
}
