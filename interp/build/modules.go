package build

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"unsafe"

	"golang.org/x/mod/semver"
)

// A Module is a module that was added to a Toolchain.
type Module struct {
	Path, Version string
}

// String is the module as the go command writes it.
func (m Module) String() string { return m.Path + "@" + m.Version }

// modules are the third-party modules that cells can import packages of.
//
// What is required of them is kept as the go.mod and go.sum of a module of the
// session, which are written to a folder for each command, and replaced when all
// of a change has come out right. A package of these modules is loaded once,
// with all that it imports, as an image of the plugin way; what the process
// already has of it is used in its stead. Cells then find it like a package of
// this program, by name. So its variables are one for all cells, and its
// versions are those that this program has, where it has them.
type modules struct {
	mu       sync.Mutex
	mod, sum []byte            // guarded by mu, as all that follows
	added    []Module          // that were asked for
	required []Module          // and what these need
	packages []string          // of those added
	files    map[string]string // archives of third-party packages, by import path
	versions map[string]string // of modules that the process has loaded
	loaded   map[string]bool   // packages that can be imported
	cgo      bool              // C code is among them
}

func newModules() *modules {
	return &modules{
		mod:   []byte("module fanout.session\n\ngo " + strings.TrimPrefix(language(), "go") + "\n"),
		files: map[string]string{}, versions: map[string]string{}, loaded: map[string]bool{},
	}
}

// addTo adds the archives of third-party packages to others, and reports whether
// there is C code in them.
func (m *modules) addTo(archives map[string]string) (cgo bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	maps.Copy(archives, m.files)
	return m.cgo
}

// Modules returns the modules that were added, sorted.
func (t *Toolchain) Modules() []Module {
	t.modules.mu.Lock()
	defer t.modules.mu.Unlock()
	return slices.Clone(t.modules.added)
}

// ModulePackages returns the import paths of the packages of modules that were
// added, sorted.
func (t *Toolchain) ModulePackages() []string {
	t.modules.mu.Lock()
	defer t.modules.mu.Unlock()
	return slices.Clone(t.modules.packages)
}

// Provides reports whether a package belongs to a module that was added, or to
// one that such a module needs.
func (t *Toolchain) Provides(path string) bool {
	t.modules.mu.Lock()
	defer t.modules.mu.Unlock()
	_, ok := moduleOf(t.modules.required, path)
	return ok
}

// ExportData returns the types of a package that Import has loaded, or that such
// a package imports, as package gcexportdata reads them; nil for others.
func (t *Toolchain) ExportData(path string) ([]byte, error) {
	file, ok := t.packageFile(path)
	if !ok {
		return nil, nil
	}
	return exportData(file)
}

// packageFile returns the archive of a third-party package.
func (t *Toolchain) packageFile(path string) (string, bool) {
	t.modules.mu.Lock()
	defer t.modules.mu.Unlock()
	file, ok := t.modules.files[path]
	return file, ok
}

// Doc returns the documentation of a package of a module that was added, or of a
// name of it, such as T or T.Method, as go doc prints it.
func (t *Toolchain) Doc(ctx context.Context, path, name string) (string, error) {
	w, err := t.openWork(nil)
	if err != nil {
		return "", err
	}
	defer w.close()
	args := []string{"doc", path}
	if name != "" {
		args = append(args, name)
	}
	return w.goCommand(ctx, args...)
}

// moduleOf finds the module that a package belongs to by its path.
func moduleOf(list []Module, path string) (found Module, ok bool) {
	for _, m := range list {
		if (path == m.Path || strings.HasPrefix(path, m.Path+"/")) && len(m.Path) > len(found.Path) {
			found, ok = m, true
		}
	}
	return found, ok
}

// Get adds a module to those that cells can import packages of: query is a path
// of a module or package with @version behind it, as go get takes it. With update
// what the modules need becomes the latest too; an empty query then means all
// modules. It returns the modules that are new or have another version, and
// changes nothing if there is an error. progress is given what the go command says of its
// doings, a line at a time.
func (t *Toolchain) Get(ctx context.Context, query string, update bool, progress func(string)) ([]Module, error) {
	release, err := t.enter(ctx)
	if err != nil {
		return nil, err
	}
	defer release()
	w, err := t.openWork(progress)
	if err != nil {
		return nil, err
	}
	defer w.close()
	before := t.Modules()
	args := []string{"get"}
	if update {
		args = append(args, "-u")
	}
	switch {
	case query != "":
		args = append(args, t.versioned(query, before))
	default:
		for _, m := range before {
			args = append(args, m.Path+"@upgrade")
		}
	}
	if _, err := w.goCommand(ctx, args...); err != nil {
		return nil, getError(query, err)
	}
	required, err := w.required(ctx)
	if err != nil {
		return nil, err
	}
	path, _, _ := strings.Cut(query, "@")
	added := slices.Clone(before)
	if query != "" {
		m, ok := moduleOf(required, path)
		if !ok {
			return nil, fmt.Errorf("%s is no module and no package of one", path)
		}
		if strings.Contains(query, "@") {
			w.wanted = append(w.wanted, m)
		}
		if host, ok := moduleOf(t.host.modules(), m.Path); ok && host.Path == m.Path && host != m {
			return nil, &ConflictError{Module: m, Have: host.Version, Asked: true}
		}
		if !slices.ContainsFunc(added, func(a Module) bool { return a.Path == m.Path }) {
			added = append(added, m)
		}
	}
	for n, a := range added {
		if m, ok := moduleOf(required, a.Path); ok && m.Path == a.Path {
			added[n] = m
		}
	}
	if update {
		w.wanted = added
	}
	slices.SortFunc(added, func(a, b Module) int { return strings.Compare(a.Path, b.Path) })
	packages, err := w.packages(ctx, added)
	if err != nil {
		return nil, err
	}
	// What is in use, and what is asked for, must fit together.
	wanted := t.loadedPackages()
	if slices.Contains(packages, path) {
		wanted = append(wanted, path)
	}
	if len(packages) == 0 {
		return nil, fmt.Errorf("%s has no package that can be imported", path)
	}
	if err := t.importAll(ctx, w, wanted); err != nil {
		return nil, err
	}
	if required, err = w.required(ctx); err != nil {
		return nil, err
	}
	for n, a := range added { // importing may have moved one
		if m, ok := moduleOf(required, a.Path); ok && m.Path == a.Path {
			added[n] = m
		}
	}
	if err := w.commit(required); err != nil {
		return nil, err
	}
	t.modules.mu.Lock()
	defer t.modules.mu.Unlock()
	t.modules.added, t.modules.packages = added, packages
	return slices.DeleteFunc(slices.Clone(added), func(m Module) bool { return slices.Contains(before, m) }), nil
}

// versioned is a query with the version that this program has, if it says none.
func (t *Toolchain) versioned(query string, added []Module) string {
	if strings.Contains(query, "@") {
		return query
	}
	if m, ok := moduleOf(t.host.modules(), query); ok {
		return query + "@" + m.Version
	}
	if _, ok := moduleOf(added, query); ok {
		return query // as it is
	}
	return query + "@latest"
}

func (t *Toolchain) loadedPackages() []string {
	t.modules.mu.Lock()
	defer t.modules.mu.Unlock()
	return slices.Sorted(maps.Keys(t.modules.loaded))
}

// Import readies packages of modules that were added for cells to import: it
// compiles and loads them.
func (t *Toolchain) Import(ctx context.Context, paths []string, progress func(string)) error {
	paths = slices.DeleteFunc(slices.Clone(paths), t.isLoaded)
	if len(paths) == 0 {
		return nil
	}
	release, err := t.enter(ctx)
	if err != nil {
		return err
	}
	defer release()
	w, err := t.openWork(progress)
	if err != nil {
		return err
	}
	defer w.close()
	if err := t.importAll(ctx, w, paths); err != nil {
		return err
	}
	required, err := w.required(ctx)
	if err != nil {
		return err
	}
	return w.commit(required)
}

func (t *Toolchain) isLoaded(path string) bool {
	t.modules.mu.Lock()
	defer t.modules.mu.Unlock()
	return t.modules.loaded[path]
}

// enter waits for the toolchain, and until no build runs.
func (t *Toolchain) enter(ctx context.Context) (release func(), err error) {
	if err := t.Ready(ctx); err != nil {
		return nil, err
	}
	select {
	case t.gate <- struct{}{}:
		return func() { <-t.gate }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// importAll compiles packages and what they import, checks that their versions
// fit this process, and loads those that are not.
func (t *Toolchain) importAll(ctx context.Context, w *work, paths []string) (err error) {
	if len(paths) == 0 {
		return nil
	}
	all, err := t.fitting(ctx, w, paths)
	if err != nil {
		return err
	}
	if err := t.sameAsHere(all); err != nil {
		return err
	}
	third := slices.DeleteFunc(slices.Clone(all), func(p listed) bool { return p.Standard || slices.Contains(t.options.Packages, p.ImportPath) })
	restore := t.adopt(all, third)
	defer func() {
		if err != nil {
			restore()
		}
	}()
	var fresh []listed
	for _, p := range third {
		if !t.isLoaded(p.ImportPath) {
			fresh = append(fresh, p)
		}
	}
	if len(fresh) > 0 {
		p, err := keepPackage(fresh, t.packageFile)
		if err != nil {
			return err
		}
		if _, err := t.build(ctx, plugged{}, p); err != nil {
			return fmt.Errorf("the packages could not be loaded: %w", err)
		}
	}
	t.modules.mu.Lock()
	defer t.modules.mu.Unlock()
	for _, p := range third {
		t.modules.loaded[p.ImportPath] = true
		if p.Module != nil {
			t.modules.versions[p.Module.Path] = p.Module.Version
		}
	}
	return nil
}

// sameAsHere checks that packages which the process has are as it has them. What
// does not fit must not be mapped: it would stay.
func (t *Toolchain) sameAsHere(all []listed) error {
	for _, p := range all {
		if p.Standard || p.Export == "" {
			continue
		}
		if same, err := isHere(p.ImportPath, p.Export); err != nil {
			return err
		} else if !same {
			cache := moduleCache()
			if m := p.Module; cache != "" && m != nil && slices.Contains(t.host.modules(), Module{m.Path, m.Version}) && !within(m.Dir, cache) {
				return &CacheError{Package: p.ImportPath, Dir: p.Module.Dir, Want: cache}
			}
			return &StaleError{p.ImportPath}
		}
	}
	return nil
}

// within reports whether a folder is in another one.
func within(dir, other string) bool {
	rel, err := filepath.Rel(other, dir)
	return err == nil && filepath.IsLocal(rel)
}

// isHere reports whether a package that the process has is the one in a file. It is so
// of packages that the process lacks.
func isHere(path, file string) (bool, error) {
	have := dlsym(nil, "go:link.pkghashbytes."+path)
	if have == nil {
		return true, nil
	}
	want, _, err := fingerprint(file)
	return err == nil && bytes.Equal(want, unsafe.Slice((*byte)(have), len(want))), err
}

// adopt takes over the files of packages. restore gives those of third-party
// packages up again.
func (t *Toolchain) adopt(all, third []listed) (restore func()) {
	t.modules.mu.Lock()
	before, cgo := maps.Clone(t.modules.files), t.modules.cgo
	restore = func() {
		t.modules.mu.Lock()
		defer t.modules.mu.Unlock()
		t.modules.files, t.modules.cgo = before, cgo
	}
	for _, p := range third {
		t.modules.files[p.ImportPath] = p.Export
		t.modules.cgo = t.modules.cgo || len(p.CgoFiles) > 0
	}
	t.modules.mu.Unlock()
	t.exports.mu.Lock()
	defer t.exports.mu.Unlock()
	known := t.exports.files[modePlugin]
	if known == nil {
		known = map[string]string{}
		t.exports.files[modePlugin] = known
	}
	for _, p := range all {
		if _, own := t.packageFile(p.ImportPath); !own && p.Export != "" && !isFile(known[p.ImportPath]) {
			known[p.ImportPath] = p.Export
		}
	}
	return restore
}

// fitting lists packages, with modules that this process has as it has them.
func (t *Toolchain) fitting(ctx context.Context, w *work, paths []string) ([]listed, error) {
	for range 8 {
		all, err := w.list(ctx, paths)
		if err != nil {
			return nil, err
		}
		raise, err := t.compare(ctx, w, all)
		if err != nil {
			return nil, err
		}
		if len(raise) == 0 {
			return all, w.usable(ctx, all, paths)
		}
		if _, err := w.goCommand(ctx, append([]string{"get"}, raise...)...); err != nil {
			return nil, getError(strings.Join(raise, " "), err)
		}
	}
	return nil, errors.New("the versions of the modules do not settle")
}

// compare returns what modules are to be as this process has them, in the words
// of go get, or a [*ConflictError].
func (t *Toolchain) compare(ctx context.Context, w *work, all []listed) (raise []string, err error) {
	for _, p := range all {
		if p.Module == nil || p.Module.Path == modulePath {
			continue
		}
		m := Module{p.Module.Path, p.Module.Version}
		t.modules.mu.Lock()
		have, inUse := t.modules.versions[m.Path]
		t.modules.mu.Unlock()
		if host, ok := moduleOf(t.host.modules(), m.Path); ok && host.Path == m.Path {
			have, inUse = host.Version, false
		}
		if have == "" || have == m.Version {
			continue
		}
		if fix := m.Path + "@" + have; !slices.Contains(raise, fix) && semver.Compare(m.Version, have) < 0 && !w.asked(m) {
			raise = append(raise, fix)
		} else if !slices.Contains(raise, fix) {
			return nil, &ConflictError{Module: m, Have: have, Asked: w.asked(m), Needed: w.neededBy(ctx, m), Loaded: inUse}
		}
	}
	return raise, nil
}

// modules are those that this program is made of.
func (h *host) modules() []Module {
	var list []Module
	for _, m := range append([]*debug.Module{&h.info.Main}, h.info.Deps...) {
		if m.Replace == nil && m.Version != "" && m.Version != "(devel)" && m.Path != modulePath {
			list = append(list, Module{m.Path, m.Version})
		}
	}
	return list
}

// A ConflictError says that a module would be needed in another version than the
// one that the process has, which is there to stay.
type ConflictError struct {
	Module Module
	Have   string
	// Asked says that the user named the version; otherwise Needed are the modules
	// that need it, as far as they are known.
	Asked  bool
	Needed []string
	// Loaded says that cells have imported the module; otherwise it is part of this
	// program.
	Loaded bool
}

// Error implements error, and says what to do.
func (e *ConflictError) Error() string {
	who := e.Module.Path + " " + e.Module.Version + " is needed"
	switch {
	case e.Asked:
		who = e.Module.Path + " " + e.Module.Version + " was asked for"
	case len(e.Needed) > 0:
		who = fmt.Sprintf("%s needs %s %s", strings.Join(e.Needed, " and "), e.Module.Path, e.Module.Version)
	}
	switch {
	case e.Loaded:
		return fmt.Sprintf("%s, but version %s is loaded in this session: %%restart, and get that version first", who, e.Have)
	case !e.Asked:
		return fmt.Sprintf("%s, but Fanout has %s %s linked in: get a version that needs no later one", who, e.Module.Path, e.Have)
	}
	return fmt.Sprintf("%s, but Fanout has version %s linked in: leave the version out, or ask for @%s", who, e.Have, e.Have)
}

// work is a folder with the session's module in it.
type work struct {
	t        *Toolchain
	dir      string
	progress func(string)
	wanted   []Module // whose versions the user wants
}

func (t *Toolchain) openWork(progress func(string)) (*work, error) {
	dir, err := t.store.workDir()
	if err != nil {
		return nil, err
	}
	w := &work{t: t, dir: dir, progress: progress}
	t.modules.mu.Lock()
	mod, sum := t.modules.mod, t.modules.sum
	t.modules.mu.Unlock()
	if err := errors.Join(os.WriteFile(w.file("go.mod"), mod, 0o600), os.WriteFile(w.file("go.sum"), sum, 0o600)); err != nil {
		w.close()
		return nil, err
	}
	return w, nil
}

func (w *work) file(name string) string { return filepath.Join(w.dir, name) }
func (w *work) close()                  { os.RemoveAll(w.dir) }

// commit makes the folder's module the session's.
func (w *work) commit(required []Module) error {
	mod, err := os.ReadFile(w.file("go.mod"))
	if err != nil {
		return err
	}
	sum, err := os.ReadFile(w.file("go.sum"))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	m := w.t.modules
	m.mu.Lock()
	defer m.mu.Unlock()
	m.mod, m.sum, m.required = mod, sum, required
	return nil
}
