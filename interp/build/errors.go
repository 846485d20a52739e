package build

import (
	"errors"
	"fmt"
	"regexp"
	"runtime"
	"strconv"
	"strings"
)

// ErrNoCgo says that this program can load no code, as it was built without cgo.
var ErrNoCgo = errors.New("this program was built without cgo, which loading compiled code needs: build it with CGO_ENABLED=1 and a C compiler")

// ErrUnsupported says that Go can load no code on this system.
var ErrUnsupported = fmt.Errorf("Go has no plugins on %s/%s, which loading compiled code needs", runtime.GOOS, runtime.GOARCH) //lint:ignore ST1005 Go is a name

// ErrNoToolchain says that there is no go command.
var ErrNoToolchain = fmt.Errorf("no go command found: install %s from https://go.dev/dl and put it on PATH", runtime.Version())

// A VersionError says that the go commands found are of other versions than
// the one that this program was built with. Code of other versions cannot be
// loaded.
type VersionError struct {
	Want string   // such as "go1.26.8"
	Have []string // such as "go1.25.1 (/usr/bin/go)"
}

// Error implements error, and says how to get what is missing.
func (e *VersionError) Error() string {
	return fmt.Sprintf("this program needs %s to compile and found %s: run `GOTOOLCHAIN=%s go version` to download it, or build this program again with the go that is here",
		e.Want, strings.Join(e.Have, ", "), e.Want)
}

// A MissingError names packages that cannot be imported, and says why.
type MissingError struct {
	Packages []string
	Reason   string
}

// Error implements error.
func (e *MissingError) Error() string {
	return fmt.Sprintf("cannot import %s: %s", strings.Join(e.Packages, ", "), e.Reason)
}

// A StaleError says that the sources of a package, which a cell was compiled
// against, are not those that this program was built from.
type StaleError struct {
	Package string
}

// Error implements error.
func (e *StaleError) Error() string {
	return fmt.Sprintf("the sources of package %s have changed since this program was built: build the program again", e.Package)
}

// A CacheError says that the go command takes a package, which this program has, from
// another module cache than the program was built with. The names of its files are in
// what is compiled, so that it does not fit.
type CacheError struct {
	Package string
	Dir     string // of the package's module in the other cache
	Want    string // the cache that this program was built with
}

// Error implements error, and says how to get what fits.
func (e *CacheError) Error() string {
	return fmt.Sprintf("package %s of this program would come from another module cache, as %s: start this program with GOMODCACHE=%s, with which it was built",
		e.Package, e.Dir, e.Want)
}

// staleError makes out a StaleError in what package plugin says.
func staleError(err error) error {
	if _, pkg, ok := strings.Cut(err.Error(), "plugin was built with a different version of package "); ok {
		return &StaleError{strings.TrimSpace(pkg)}
	}
	return err
}

// A CompileError is what the compiler has to say against a source.
type CompileError struct {
	Lines []CompileLine
}

// A CompileLine is one message of the compiler. Line and Col count from 1; Col
// counts bytes, and is 0 after a directive that gives no column.
type CompileLine struct {
	File string
	Line int
	Col  int
	Msg  string
}

// Error returns the messages as the compiler prints them.
func (e *CompileError) Error() string {
	var b strings.Builder
	for i, l := range e.Lines {
		if i > 0 {
			b.WriteByte('\n')
		}
		fmt.Fprintf(&b, "%s:%d:%d: %s", l.File, l.Line, l.Col, l.Msg)
	}
	return b.String()
}

// ownPlace is how the compiler names the true place of something, after the
// place that a directive gives it.
var ownPlace = regexp.MustCompile(` ?\[(cell|prelude)\.go:\d+:\d+\]`)

var compileLine = regexp.MustCompile(`^(.+?):(\d+)(?::(\d+))?: (.*)$`)

// parseCompile reads what the compiler printed, and returns nil when there is
// no message in it.
func parseCompile(output, dir string) *CompileError {
	e := &CompileError{}
	for line := range strings.Lines(output) {
		line = ownPlace.ReplaceAllString(strings.TrimRight(line, "\n"), "")
		m := compileLine.FindStringSubmatch(line)
		switch {
		case strings.HasPrefix(line, "compile: "): // of the compiler itself
		case m != nil && !strings.HasPrefix(line, "\t"):
			n, _ := strconv.Atoi(m[2])
			c, _ := strconv.Atoi(m[3])
			file := strings.TrimPrefix(strings.TrimPrefix(m[1], dir+"/"), "./")
			e.Lines = append(e.Lines, CompileLine{file, n, c, m[4]})
		case strings.HasPrefix(line, "\t") && len(e.Lines) > 0: // goes on
			e.Lines[len(e.Lines)-1].Msg += "\n" + line
		}
	}
	if len(e.Lines) == 0 {
		return nil
	}
	return e
}
