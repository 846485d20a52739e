package main

import "strings"

// A group is a set of packages bound by one Go package, a folder of its name.
type group struct {
	name  string
	paths []string // import paths, or "std" for the standard library
}

// groups are what is bound. To bind one more package, add its path.
var groups = []group{
	{"std", []string{"std"}},
	{"gonum", []string{
		"gonum.org/v1/gonum/blas",
		"gonum.org/v1/gonum/blas/blas64",
		"gonum.org/v1/gonum/diff/fd",
		"gonum.org/v1/gonum/dsp/fourier",
		"gonum.org/v1/gonum/dsp/window",
		"gonum.org/v1/gonum/floats",
		"gonum.org/v1/gonum/floats/scalar",
		"gonum.org/v1/gonum/graph",
		"gonum.org/v1/gonum/graph/path",
		"gonum.org/v1/gonum/graph/simple",
		"gonum.org/v1/gonum/graph/topo",
		"gonum.org/v1/gonum/graph/traverse",
		"gonum.org/v1/gonum/integrate",
		"gonum.org/v1/gonum/integrate/quad",
		"gonum.org/v1/gonum/interp",
		"gonum.org/v1/gonum/lapack",
		"gonum.org/v1/gonum/lapack/lapack64",
		"gonum.org/v1/gonum/mat",
		"gonum.org/v1/gonum/num/quat",
		"gonum.org/v1/gonum/optimize",
		"gonum.org/v1/gonum/spatial/r2",
		"gonum.org/v1/gonum/spatial/r3",
		"gonum.org/v1/gonum/stat",
		"gonum.org/v1/gonum/stat/combin",
		"gonum.org/v1/gonum/stat/distmv",
		"gonum.org/v1/gonum/stat/distuv",
	}},
	{"plot", []string{
		"gonum.org/v1/plot",
		"gonum.org/v1/plot/font",
		"gonum.org/v1/plot/palette",
		"gonum.org/v1/plot/palette/brewer",
		"gonum.org/v1/plot/palette/moreland",
		"gonum.org/v1/plot/plotter",
		"gonum.org/v1/plot/plotutil",
		"gonum.org/v1/plot/text",
		"gonum.org/v1/plot/vg",
		"gonum.org/v1/plot/vg/draw",
		"gonum.org/v1/plot/vg/vgimg",
		"gonum.org/v1/plot/vg/vgsvg",
	}},
	{"fanout", []string{
		"github.com/adabc437/fanout/interp/rich",
		"github.com/adabc437/fanout/parallel",
		"github.com/adabc437/fanout/parallel/scaling",
		"github.com/adabc437/fanout/parallel/device",
		"github.com/adabc437/fanout/parallel/philox",
		"github.com/adabc437/fanout/plots",
	}},
}

// A target is a system that the tables are compiled for.
type target struct{ os, arch string }

// targets are the systems whose packages are compared: what one of them lacks
// is not bound. Types and documentation are those of the first.
var targets = []target{
	{"linux", "amd64"},
	{"linux", "arm64"},
	{"darwin", "arm64"},
	{"windows", "amd64"},
}

// leftOut are packages of the standard library that are not bound: those that
// do something by being linked, those of one system, and those that are of use
// to the toolchain only.
var leftOut = map[string]bool{
	"crypto/mlkem/mlkemtest": true,
	"expvar":                 true, // registers a handler
	"log/syslog":             true, // not on Windows
	"net/http/pprof":         true, // registers handlers
	"plugin":                 true,
	"runtime/cgo":            true,
	"runtime/coverage":       true,
	"runtime/race":           true,
	"syscall":                true, // differs by system
	"testing/cryptotest":     true,
	"time/tzdata":            true, // replaces the system's data
	"unsafe":                 true,
}

// bindable reports whether a package of the standard library is bound.
func bindable(path string) bool {
	for part := range strings.SplitSeq(path, "/") {
		if part == "internal" || part == "vendor" {
			return false
		}
	}
	return !leftOut[path]
}

// wrappersOf lists the packages of the interfaces that functions of a package
// look for at run time (see std/maptypes.go), if their own types do not tell.
var wrappersOf = map[string][]string{
	"encoding/gob":  {"encoding"},
	"encoding/json": {"encoding", "fmt"},
	"encoding/xml":  {"encoding", "fmt"},
	"html/template": {"fmt"},
	"log":           {"fmt"},
	"log/slog":      {"fmt"},
	"text/template": {"fmt"},
}
