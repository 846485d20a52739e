package build

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"time"
)

// A Program is the source of a program to build, which runs in a process of its own.
type Program struct {
	// Files are its Go files by name. Those in a folder are a package of the module
	// [ProgramModule], which the others, of package main, can import.
	Files map[string][]byte
	// Imports are the import paths in the files.
	Imports []string
	// Race has it built with the race detector.
	Race bool
}

// ProgramModule is the path of the module that a Program is built as.
const ProgramModule = "fanout.session"

// A RaceError says why there can be no race detector here, and what to do.
type RaceError struct{ Reason string }

// Error implements error.
func (e *RaceError) Error() string { return "the race detector cannot be used here: " + e.Reason }

// BuildProgram builds a program with the packages that cells can import, and returns
// its file, in a folder that remove takes away. An error in the source is a
// [*CompileError], the want of what the race detector needs a [*RaceError], and the want
// of the sources of this module a [*MissingError].
func (t *Toolchain) BuildProgram(ctx context.Context, p Program) (exe string, remove func(), err error) {
	w, err := t.openWork(nil)
	if err != nil {
		return "", nil, err
	}
	defer func() {
		if err != nil {
			w.close()
		}
	}()
	if err := w.program(ctx, p); err != nil {
		return "", nil, err
	}
	what := "building the program"
	args := []string{"build", "-o", "program", "-ldflags=-checklinkname=0 -s -w"}
	if p.Race {
		args = append(args, "-race")
		what += " with the race detector (the first time takes longer: Go's own packages are built for it, too)"
	}
	slow := time.AfterFunc(1500*time.Millisecond, func() { t.say(what) })
	defer slow.Stop()
	env := append(append([]string{}, t.tools.env...), "GO111MODULE=on", "GOWORK=off", "GOFLAGS=-buildvcs=false -mod=mod")
	_, err = run(ctx, command{dir: w.dir, base: t.environ, env: env, name: t.tools.Go, args: append(args, "."), max: 1 << 20})
	if ce, ok := errors.AsType[*commandError](err); ok {
		return "", nil, programError(ce, w.dir)
	}
	if err != nil {
		return "", nil, err
	}
	return w.file("program"), w.close, nil
}

// program writes the files, and has the module require this one, as it is here, where
// the program imports it or what it requires.
func (w *work) program(ctx context.Context, p Program) error {
	for name, text := range p.Files {
		if err := os.MkdirAll(filepath.Dir(w.file(name)), 0o700); err != nil {
			return err
		}
		if err := os.WriteFile(w.file(name), text, 0o600); err != nil {
			return err
		}
	}
	var needed []string
	for _, path := range p.Imports {
		first, _, _ := strings.Cut(path, "/")
		if strings.Contains(first, ".") && first != ProgramModule && !w.t.Provides(path) {
			needed = append(needed, path)
		}
	}
	if len(needed) == 0 {
		return nil
	}
	dir := w.t.host.sourceDir(w.t.options.SourceDir, w.t.tools.ModCache)
	if dir == "" {
		return &MissingError{needed, w.t.host.sourceHint()}
	}
	args := []string{"mod", "edit", "-require=" + modulePath + "@v0.0.0", "-replace=" + modulePath + "=" + dir}
	if slices.ContainsFunc(needed, func(path string) bool { return !strings.HasPrefix(path, modulePath+"/") }) {
		more, err := w.hostRequires(ctx, dir)
		if err != nil {
			return err
		}
		args = append(args, more...)
	}
	if _, err := w.goCommand(ctx, args...); err != nil {
		return err
	}
	sums, err := os.ReadFile(filepath.Join(dir, "go.sum"))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	own, err := os.ReadFile(w.file("go.sum"))
	if err != nil {
		return err
	}
	return os.WriteFile(w.file("go.sum"), append(own, sums...), 0o600)
}

// hostRequires are arguments of go mod edit that require what this module, in dir,
// requires and the session's does not.
func (w *work) hostRequires(ctx context.Context, dir string) (args []string, err error) {
	out, err := w.goCommand(ctx, "mod", "edit", "-json", filepath.Join(dir, "go.mod"))
	if err != nil {
		return nil, err
	}
	var host struct{ Require []Module }
	if err := json.Unmarshal([]byte(out), &host); err != nil {
		return nil, fmt.Errorf("build: go mod edit: %w", err)
	}
	have, err := w.required(ctx)
	if err != nil {
		return nil, err
	}
	for _, m := range host.Require {
		if !slices.ContainsFunc(have, func(h Module) bool { return h.Path == m.Path }) {
			args = append(args, "-require="+m.String())
		}
	}
	return args, nil
}

var noCompiler = regexp.MustCompile(`C compiler "([^"]*)" not found`)

// programError makes out what the go command says against a program.
func programError(ce *commandError, dir string) error {
	switch {
	case noCompiler.MatchString(ce.output):
		name := noCompiler.FindStringSubmatch(ce.output)[1]
		return &RaceError{fmt.Sprintf("it needs a C compiler on %s, and %s is not on PATH: install one (apt-get install gcc, dnf install gcc, xcode-select --install), or name it in the environment variable CC, and start Fanout again", runtime.GOOS, name)}
	case strings.Contains(ce.output, "-race requires cgo"):
		return &RaceError{"it needs cgo, which CGO_ENABLED=0 switches off: build Fanout with CGO_ENABLED=1 and a C compiler such as gcc on PATH"}
	case strings.Contains(ce.output, "-race is not supported on"):
		return &RaceError{fmt.Sprintf("Go has none for %s/%s", runtime.GOOS, runtime.GOARCH)}
	}
	if e := parseCompile(ce.output, dir); e != nil {
		return e
	}
	return fmt.Errorf("build: the program: %s", inShort(ce.output))
}
