//go:build !windows && !darwin && !(linux && (amd64 || arm64 || loong64 || riscv64))

package opencl

import (
	"errors"
	"runtime"
)

var errNoCalls = errors.New("this build cannot call C libraries on " + runtime.GOOS + "/" + runtime.GOARCH)

func openLibrary(string) (uintptr, error) { return 0, errNoCalls }

func symbol(uintptr, string) (uintptr, error) { return 0, errNoCalls }

func call(uintptr, ...uintptr) uintptr { return 0 }
