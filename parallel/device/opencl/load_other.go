//go:build !((windows || darwin) && (amd64 || arm64)) && !(linux && (amd64 || arm64 || loong64 || riscv64))

package opencl

import (
	"errors"
	"runtime"
)

// supported says why no OpenCL library can be called: this package hands over numbers of 64
// bits, as the C libraries of other systems take them.
func supported() error { return errNoCalls }

var errNoCalls = errors.New("OpenCL is not supported on " + runtime.GOOS + "/" + runtime.GOARCH)

func openLibrary(string) (uintptr, error) { return 0, errNoCalls }

func symbol(uintptr, string) (uintptr, error) { return 0, errNoCalls }

func call(uintptr, ...uintptr) uintptr { return 0 }
