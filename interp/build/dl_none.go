//go:build !cgo || !(linux || darwin || freebsd)

package build

import (
	"runtime"
	"unsafe"
)

// loadable says why this process cannot load code.
func loadable() error {
	switch runtime.GOOS {
	case "linux", "darwin", "freebsd":
		return ErrNoCgo
	}
	return ErrUnsupported
}

func dlopen(string) (unsafe.Pointer, error) { return nil, loadable() }

func dlsym(unsafe.Pointer, string) unsafe.Pointer { return nil }

func initModule(string) error { return loadable() }

func permanent([]byte) unsafe.Pointer { return nil }

func typelinks() (sections []unsafe.Pointer, offsets [][]int32) { return nil, nil }

func writable(uintptr, uintptr) error { return loadable() }

var keep []any // nothing is bound to this program
