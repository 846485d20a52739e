//go:build amd64 || arm64

package opencl

import (
	"github.com/ebitengine/purego"
	"golang.org/x/sys/windows"
)

func supported() error { return nil }

// openLibrary looks in the system's own folder alone: a file of that name in the working
// folder is not the driver's.
func openLibrary(name string) (uintptr, error) {
	h, err := windows.LoadLibraryEx(name, 0, windows.LOAD_LIBRARY_SEARCH_SYSTEM32)
	return uintptr(h), err
}

func symbol(library uintptr, name string) (uintptr, error) {
	return windows.GetProcAddress(windows.Handle(library), name)
}

//go:uintptrescapes
func call(fn uintptr, args ...uintptr) uintptr {
	r, _, _ := purego.SyscallN(fn, args...)
	return r
}
