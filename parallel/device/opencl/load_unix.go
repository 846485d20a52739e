//go:build (linux && (amd64 || arm64 || loong64 || riscv64)) || (darwin && (amd64 || arm64))

package opencl

import "github.com/ebitengine/purego"

func supported() error { return nil }

func openLibrary(name string) (uintptr, error) {
	return purego.Dlopen(name, purego.RTLD_NOW|purego.RTLD_GLOBAL)
}

func symbol(library uintptr, name string) (uintptr, error) {
	return purego.Dlsym(library, name)
}

//go:uintptrescapes
func call(fn uintptr, args ...uintptr) uintptr {
	r, _, _ := purego.SyscallN(fn, args...)
	return r
}
