// Package build compiles the Go of cells and loads it into this process.
//
// Start at [Open], which finds a Go toolchain of the version that this program
// was built with, and [Toolchain.Build], which makes an [Image] of a [Package]:
// its functions and variables are then ordinary ones of this process, found by
// [Image.Symbol]. What the source says, and what is done with the symbols, is
// left to others.
//
// There are two ways of building a package; see RATIONALE.md for the figures.
//
//   - linked (linux/amd64): the package is compiled as if this program were a
//     shared library, and its references are bound by name to what the program
//     already contains. A small cell takes some 30 ms and 60 KB.
//   - plugin (every system with Go plugins): an ordinary plugin, the standard
//     library within. It takes four times as long and 3 MB, and is used where
//     the other way does not work.
//
// Both need a program that is built with cgo, since Go cannot load code
// without. Everything that is built is kept on disk, so that another process
// of the same program loads it in a millisecond or two.
package build

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"sync"
	"unsafe"
)

// A Package is the source of a package to build.
type Package struct {
	// Path is the import path, of letters, digits, '/', '-' and '_', such as
	// "cell/3f2a". It never names two different sources, not even in different
	// processes that share a cache.
	Path string
	// Source is one file, with the clause "package main". Its //line and
	// /*line*/ directives place errors and traces.
	Source []byte
	// Imports are the import paths of the source. Those of other cells must
	// have been built by the same Toolchain before.
	Imports []string
}

// An Image is a package that is loaded in this process. It stays for good: Go
// cannot unload code.
type Image struct {
	path   string
	handle unsafe.Pointer
	size   int64
}

// Path returns the import path of the package.
func (i *Image) Path() string { return i.path }

// Size returns the bytes of the image's file.
func (i *Image) Size() int64 { return i.size }

// Symbol returns the address of a package-level variable, or the address of a
// function's code, and whether the package has it. Methods are named like
// "T.M" and "(*T).M".
func (i *Image) Symbol(name string) (unsafe.Pointer, bool) {
	p := dlsym(i.handle, i.path+"."+name)
	return p, p != nil
}

// Options say how a Toolchain works. The zero value is fit for use.
type Options struct {
	// Packages are the import paths that cells may import, besides the
	// standard library's. This program must link them. Others can be imported
	// too, if this program happens to link them.
	Packages []string
	// CacheDir is where built packages are kept. "" is fanout/build below
	// [os.UserCacheDir]. Processes may share it.
	CacheDir string
	// SourceDir is the root of the sources of this module. "" looks where this
	// program was compiled, and in the module cache.
	SourceDir string
	// Way forces a way of building: "linked" or "plugin". "" takes the
	// environment variable FANOUT_BUILD, or else the fastest that works.
	Way string
	// Progress is told, in few words, what takes long. It is called from
	// several goroutines, one at a time.
	Progress func(string)
	// Logger takes what helps to find faults. nil logs nothing.
	Logger *slog.Logger
}

// A Toolchain builds packages. Its methods may be called from several
// goroutines; builds run one after the other.
type Toolchain struct {
	options Options
	log     *slog.Logger
	host    *host
	store   *store
	tools   *tools
	exports *exports
	modules *modules
	environ []string               // as it was when the Toolchain was opened: cells may change it
	nothing func() (string, error) // a command that does nothing

	ready chan struct{} // closed when way and failed are final
	way   way
	fail  error  // why nothing works
	why   string // why the fast way is not in use

	gate     chan struct{} // holds a token while a build runs
	progress sync.Mutex
	built    map[string]*record // by import path; guarded by gate
}

// A record is what later packages need to know of one that was built.
type record struct {
	key     string
	pkg     Package
	way     way
	archive string    // as way made it
	plugin  string    // as the plugin way would have, once that was needed
	deps    []*record // the cells it imports
	image   *Image
}

// A way is a way of making a loadable file from a package.
type way interface {
	// name is what Options.Way calls it.
	name() string
	// build makes files of p in dir and returns their names. The archive is
	// what later packages are compiled against and the object what is loaded.
	build(ctx context.Context, t *Toolchain, dir string, p Package) (archive, object string, err error)
}

// Open finds what building needs, and readies it in the background until ctx
// ends. It returns soon; [Toolchain.Build] waits for what is missing.
//
// The errors are [ErrNoCgo], [ErrUnsupported], [ErrNoToolchain] and
// [*VersionError], or come from the files of the cache.
func Open(ctx context.Context, o Options) (*Toolchain, error) {
	runtime.KeepAlive(keep)
	if err := loadable(); err != nil {
		return nil, err
	}
	t := &Toolchain{
		options: o,
		log:     o.Logger,
		ready:   make(chan struct{}),
		gate:    make(chan struct{}, 1),
		built:   map[string]*record{},
		modules: newModules(),
		environ: os.Environ(),
	}
	nothing, missing := exec.LookPath("true")
	t.nothing = func() (string, error) { return nothing, missing }
	if t.log == nil {
		t.log = slog.New(slog.DiscardHandler)
	}
	var err error
	if t.host, err = readHost(); err != nil {
		return nil, err
	}
	if t.store, err = openStore(o.CacheDir, t.host.id); err != nil {
		return nil, err
	}
	state := t.store.state()
	if t.tools, err = findTools(ctx, t.host, state.Tools); err != nil {
		return nil, err
	}
	t.exports = newExports(t, state.Exports)
	wanted, err := t.wanted()
	if err != nil {
		return nil, err
	}
	if state.Way == wanted[0].name() && state.Tools.same(t.tools) {
		t.way = wanted[0]
		close(t.ready)
		go t.exports.listAll(ctx)
		return t, nil
	}
	go t.prepare(ctx, wanted)
	return t, nil
}

// wanted returns the ways to try, the best first.
func (t *Toolchain) wanted() ([]way, error) {
	name := t.options.Way
	if name == "" {
		name = os.Getenv("FANOUT_BUILD")
	}
	all := []way{linked{}, plugged{}}
	if name == "" {
		return all, nil
	}
	i := slices.IndexFunc(all, func(w way) bool { return w.name() == name })
	if i < 0 {
		return nil, fmt.Errorf("build: way %q is neither %q nor %q", name, all[0].name(), all[1].name())
	}
	return all[i : i+1], nil
}

// Ready waits until Build needs to wait for nothing but itself. The error says
// why Build can not work.
func (t *Toolchain) Ready(ctx context.Context) error {
	select {
	case <-t.ready:
		return t.fail
	case <-ctx.Done():
		return ctx.Err()
	}
}

var goodPath = regexp.MustCompile(`^[A-Za-z0-9_-]+(/[A-Za-z0-9_-]+)*$`)

// Build compiles a package and loads it, or loads it from the cache. A package
// that this Toolchain has built before is not built again. When ctx ends the
// compiler does too. An error in the source is a [*CompileError].
func (t *Toolchain) Build(ctx context.Context, p Package) (*Image, error) {
	if err := t.Ready(ctx); err != nil {
		return nil, err
	}
	select {
	case t.gate <- struct{}{}:
		defer func() { <-t.gate }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if !t.mayPlug() {
		return t.build(ctx, t.way, p)
	}
	if t.kept(plugged{}, p) && !t.kept(t.way, p) { // it had to be, before
		return t.build(ctx, plugged{}, p)
	}
	image, err := t.build(ctx, t.way, p)
	if err == nil || ctx.Err() != nil || isSource(err) {
		return image, err
	}
	// The other way has all that this program lacks within.
	t.log.Warn("a package does not link with this program", "package", p.Path, "err", err)
	image, again := t.build(ctx, plugged{}, p)
	if again != nil {
		return nil, errors.Join(err, again)
	}
	return image, nil
}

// mayPlug reports whether the plugin way may stand in for the one in use.
func (t *Toolchain) mayPlug() bool {
	wanted, err := t.wanted()
	return err == nil && t.way.name() != plugged{}.name() && len(wanted) > 1
}

// isSource reports whether an error is one that no other way would mend.
func isSource(err error) bool {
	_, compile := errors.AsType[*CompileError](err)
	_, missing := errors.AsType[*MissingError](err)
	_, usage := errors.AsType[usageError](err)
	_, stale := errors.AsType[*StaleError](err)
	return compile || missing || usage || stale
}

// build is Build for the holder of the gate.
func (t *Toolchain) build(ctx context.Context, w way, p Package) (*Image, error) {
	if !goodPath.MatchString(p.Path) {
		return nil, usageError(fmt.Sprintf("build: import path %q is not made of letters, digits, '/', '-' and '_'", p.Path))
	}
	deps := t.direct(p)
	if r := t.built[p.Path]; r != nil {
		if r.key != t.key(r.way, p, deps) {
			return nil, usageError(fmt.Sprintf("build: import path %q already names another source", p.Path))
		}
		return r.image, nil
	}
	key := t.key(w, p, deps)
	archive, object, ok := t.store.find(key)
	if !ok {
		var err error
		if archive, object, err = t.make(ctx, w, key, p); err != nil {
			return nil, err
		}
	}
	image, err := t.load(p, object)
	if ok && errors.Is(err, errFile) { // gone, or damaged
		t.log.Warn("a built package is built again", "package", p.Path, "err", err)
		t.store.remove(key)
		if archive, object, err = t.make(ctx, w, key, p); err != nil {
			return nil, err
		}
		image, err = t.load(p, object)
	}
	if err != nil {
		t.store.remove(key)
		if _, stale := errors.AsType[*StaleError](err); stale {
			t.exports.forgetAll()
		}
		return nil, err
	}
	t.built[p.Path] = &record{key: key, pkg: p, way: w, archive: archive, deps: deps, image: image}
	return image, nil
}

// direct returns the cells that a package imports.
func (t *Toolchain) direct(p Package) (list []*record) {
	for _, path := range p.Imports {
		if r := t.built[path]; r != nil {
			list = append(list, r)
		}
	}
	return list
}

// kept reports whether the cache has a package as a way made it.
func (t *Toolchain) kept(w way, p Package) bool {
	_, _, ok := t.store.find(t.key(w, p, t.direct(p)))
	return ok
}

// make builds a package and puts it into the cache.
func (t *Toolchain) make(ctx context.Context, w way, key string, p Package) (archive, object string, err error) {
	dir, err := t.store.workDir()
	if err != nil {
		return "", "", err
	}
	defer os.RemoveAll(dir)
	archive, object, err = w.build(ctx, t, dir, p)
	if err != nil {
		if ctx.Err() != nil {
			err = ctx.Err()
		}
		return "", "", err
	}
	return t.store.add(key, archive, object)
}

// loading is held while the process takes an image in: the runtime looks at the
// last one that was mapped.
var loading sync.Mutex

// load opens a built package. Names of fields are mended before any of its
// code runs.
func (t *Toolchain) load(p Package, object string) (*Image, error) {
	info, err := os.Stat(object)
	if err != nil {
		return nil, fmt.Errorf("build: load %s: %w: %w", p.Path, errFile, err)
	}
	loading.Lock()
	defer loading.Unlock()
	handle, err := dlopen(object)
	if err != nil {
		return nil, fmt.Errorf("build: load %s: %w: %w", p.Path, errFile, err)
	}
	resort, err := mendNames(object, handle, func(path string) bool { return path == p.Path || t.built[path] != nil })
	if err != nil {
		t.log.Warn("names of fields are left as they are", "package", p.Path, "err", err)
	}
	if err := initModule(object); err != nil {
		return nil, fmt.Errorf("build: load %s: %w", p.Path, staleError(err))
	}
	if b, err := os.ReadFile(object); err == nil {
		if err := shareItabs(b, handle); err != nil {
			t.log.Warn("assertions to types of earlier cells may fail", "package", p.Path, "err", err)
		}
	}
	if resort {
		if err := sortTypelinks(); err != nil {
			t.log.Warn("types that are made by reflection may differ", "package", p.Path, "err", err)
		}
	}
	return &Image{path: p.Path, handle: handle, size: info.Size()}, nil
}

// say tells the user what takes long.
func (t *Toolchain) say(what string) {
	t.progress.Lock()
	defer t.progress.Unlock()
	t.log.Info(what)
	if t.options.Progress != nil {
		t.options.Progress(what)
	}
}

// Describe says which way of building is in use, and why not the fast one.
func (t *Toolchain) Describe() string {
	select {
	case <-t.ready:
	default:
		return "getting ready"
	}
	if t.fail != nil {
		return "not available: " + t.fail.Error()
	}
	text := fmt.Sprintf("%s, with %s (%s)", t.way.name(), t.tools.Go, runtime.Version())
	if t.why != "" {
		text += "; not the faster way because " + t.why
	}
	return text
}

// CacheDir returns the folder of what was built, for this program.
func (t *Toolchain) CacheDir() string { return filepath.Clean(t.store.dir) }

// A usageError is a mistake of the caller.
type usageError string

func (e usageError) Error() string { return string(e) }

var (
	errMissing = errors.New("not in this program")
	errFile    = errors.New("the file does not load")
)
