package build

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"sync"
	"time"
)

// exports knows the files that packages are compiled against: their export
// data, and their objects in the same file. The go command makes them, with
// this program's own flags, so that they fit what the program contains.
type exports struct {
	t     *Toolchain
	mu    sync.Mutex
	files map[string]map[string]string // by mode, by import path; guarded by mu

	checked map[string]bool // files that are of this program; guarded by mu
}

func newExports(t *Toolchain, known map[string]map[string]string) *exports {
	e := &exports{t: t, files: map[string]map[string]string{}, checked: map[string]bool{}}
	for mode, m := range known {
		e.files[mode] = maps.Clone(m)
	}
	return e
}

// Modes of export data: that of programs, and that of plugins.
const (
	modeProgram = "exe"
	modePlugin  = "plugin"
)

// need returns the files of packages. It has the go command make those that are not
// known, no longer there, or not of this program.
func (e *exports) need(ctx context.Context, mode string, paths []string) (map[string]string, error) {
	known := e.all(mode)
	found := make(map[string]string, len(paths))
	var own, missing []string
	for _, path := range paths {
		if path == "unsafe" {
			continue
		}
		if file, ok := e.t.packageFile(path); ok {
			found[path] = file
			continue
		}
		own = append(own, path)
		if found[path] = known[path]; !isFile(found[path]) {
			missing = append(missing, path)
		}
	}
	for _, path := range own {
		if err := e.check(path, found[path]); err != nil { // so may be the others
			e.t.log.Warn("packages are listed again", "err", err)
			e.forgetAll()
			missing = own
			break
		}
	}
	if len(missing) == 0 {
		return found, nil
	}
	// Several goroutines may ask at once: the go command copes with it, and a
	// cell need not wait for what is readied for later ones.
	listed, err := e.list(ctx, mode, missing)
	for _, path := range missing {
		found[path] = listed[path]
		if stale := e.check(path, listed[path]); stale != nil { // so are the others
			return found, stale
		}
	}
	e.mu.Lock()
	if e.files[mode] == nil {
		e.files[mode] = map[string]string{}
	}
	maps.Copy(e.files[mode], listed)
	e.mu.Unlock()
	return found, err
}

// check returns a [*StaleError] if a file is not of the package that this program has.
// Code that was compiled against it could not be loaded, and would leave its name taken.
func (e *exports) check(path, file string) error {
	std, _ := splitForeign([]string{path})
	if len(std) > 0 || !isFile(file) {
		return nil
	}
	e.mu.Lock()
	checked := e.checked[file]
	e.mu.Unlock()
	if checked {
		return nil
	}
	same, err := isHere(path, file)
	if err != nil || !same {
		return errors.Join(&StaleError{path}, err)
	}
	e.mu.Lock()
	e.checked[file] = true
	e.mu.Unlock()
	return nil
}

// all returns the files of all packages known.
func (e *exports) all(mode string) map[string]string {
	e.mu.Lock()
	defer e.mu.Unlock()
	m := maps.Clone(e.files[mode])
	if m == nil {
		m = map[string]string{}
	}
	return m
}

// forget drops what is known, after a file turned out to be gone.
func (e *exports) forget(mode string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	delete(e.files, mode)
}

// forgetAll drops what is known, and what later processes would be told, after a file
// turned out not to be of this program.
func (e *exports) forgetAll() {
	e.forget(modeProgram)
	e.forget(modePlugin)
	st := e.t.store.state()
	st.Exports = nil
	if err := e.t.store.setState(st); err != nil {
		e.t.log.Warn("cannot keep state", "err", err)
	}
}

// listAll readies the packages that cells are known to import.
func (e *exports) listAll(ctx context.Context) {
	if e.t.way.name() != (linked{}).name() { // all would take a minute there
		return
	}
	before := len(e.all(modeProgram))
	if _, err := e.need(ctx, modeProgram, e.t.options.Packages); err != nil {
		e.t.log.Warn("list packages", "err", err)
	}
	if len(e.all(modeProgram)) != before {
		e.t.saveState()
	}
}

// list asks the go command for packages and all that they import. It returns
// what there is even with an error.
func (e *exports) list(ctx context.Context, mode string, paths []string) (map[string]string, error) {
	t := e.t
	dir := t.host.sourceDir(t.options.SourceDir, t.tools.ModCache)
	var foreign []string // packages that cannot be made here
	if dir == "" {
		dir = os.TempDir()
		paths, foreign = splitForeign(paths)
		if len(paths) == 0 {
			return nil, &MissingError{foreign, t.host.sourceHint()}
		}
	}
	slow := time.AfterFunc(1500*time.Millisecond, func() {
		t.say("compiling the packages that cells import, once for this program")
	})
	defer slow.Stop()
	args := []string{"list", "-e", "-export", "-deps", "-json=ImportPath,Export,Error"}
	args = append(args, t.host.flags...)
	if mode == modePlugin {
		args = append(args, "-buildmode=plugin")
	}
	args = append(args, "--")
	args = append(args, paths...)
	env := t.tools.env
	if cache := moduleCache(); cache != "" { // whatever the user's is now
		env = append(slices.Clone(env), "GOMODCACHE="+cache)
	}
	out, err := run(ctx, command{dir: dir, base: t.environ, env: env, name: t.tools.Go, args: args, max: 16 << 20})
	if err != nil {
		return nil, err
	}
	files, broken, err := parseList(out)
	if err != nil {
		return nil, err
	}
	var missing []string
	reason := "the go command makes nothing of it"
	for _, path := range paths {
		if files[path] == "" && path != "unsafe" {
			missing = append(missing, path)
			if b := broken[path]; b != "" {
				reason = b
			}
		}
	}
	switch {
	case len(foreign) > 0:
		return files, &MissingError{foreign, t.host.sourceHint()}
	case len(missing) > 0:
		return files, &MissingError{missing, reason}
	}
	return files, nil
}

// parseList reads what the go command prints: files, and what is wrong with
// packages, by import path.
func parseList(out string) (files, broken map[string]string, err error) {
	files, broken = map[string]string{}, map[string]string{}
	for d := json.NewDecoder(strings.NewReader(out)); ; {
		var p struct {
			ImportPath, Export string
			Error              *struct{ Err string }
		}
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return files, broken, nil
		} else if err != nil {
			return nil, nil, fmt.Errorf("build: go list: %w", err)
		}
		if p.Export != "" {
			files[p.ImportPath] = p.Export
		} else if p.Error != nil {
			broken[p.ImportPath] = strings.TrimSpace(p.Error.Err)
		}
	}
}

// splitForeign splits paths into those of the standard library and others.
func splitForeign(paths []string) (std, foreign []string) {
	for _, path := range paths {
		if first, _, _ := strings.Cut(path, "/"); strings.Contains(first, ".") {
			foreign = append(foreign, path)
		} else {
			std = append(std, path)
		}
	}
	return std, foreign
}

// saveState tells later processes what this one found out. Where the fast way
// failed, they are to try it again.
func (t *Toolchain) saveState() {
	st := state{Tools: t.tools, Exports: t.store.state().Exports}
	if t.why == "" {
		st.Way = t.way.name()
	}
	if st.Exports == nil {
		st.Exports = map[string]map[string]string{}
	}
	for _, mode := range []string{modeProgram, modePlugin} {
		if m := t.exports.all(mode); len(m) > 0 {
			st.Exports[mode] = m
		}
	}
	if err := t.store.setState(st); err != nil {
		t.log.Warn("cannot keep state", "err", err)
	}
}
