//go:build cgo && (linux || darwin || freebsd)

package build

/*
#cgo linux LDFLAGS: -ldl
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>

#if defined(__linux__) && defined(__x86_64__)
// Go's linker wants a hash of a shared library's interface at link time and
// compares it with the library's own when a plugin is opened. The library is
// this program (see linked.go), and checks of its packages do better.
__asm__(".data\n"
	".globl \"go:link.abihash.fanout\"\n"
	".type \"go:link.abihash.fanout\",@object\n"
	".size \"go:link.abihash.fanout\",16\n"
	".balign 8\n"
	"\"go:link.abihash.fanout\":\n"
	".quad 0,0\n"
	".text\n");
#endif

static void *fanout_open(const char *file, const char **err) {
	void *h = dlopen(file, RTLD_NOW | RTLD_GLOBAL);
	if (!h) *err = dlerror();
	return h;
}
static void *fanout_sym(void *h, const char *name) {
	return dlsym(h ? h : RTLD_DEFAULT, name);
}
*/
import "C"

import (
	"errors"
	"plugin"
	"runtime"
	"unsafe"
)

// loadable says whether this process can load code.
func loadable() error { return nil }

// dlopen maps a shared library. Its initialisers run, which for Go code is no
// more than to make it known to the runtime; see initModule.
func dlopen(file string) (unsafe.Pointer, error) {
	name := C.CString(file)
	defer C.free(unsafe.Pointer(name))
	runtime.LockOSThread() // dlerror is the thread's own
	defer runtime.UnlockOSThread()
	var msg *C.char
	h := C.fanout_open(name, &msg)
	if h == nil {
		return nil, errors.New(C.GoString(msg))
	}
	return h, nil
}

// dlsym returns the address of a symbol of a library, or with a nil handle of
// this process, and nil if there is none.
func dlsym(handle unsafe.Pointer, name string) unsafe.Pointer {
	s := C.CString(name)
	defer C.free(unsafe.Pointer(s))
	return C.fanout_sym(handle, s)
}

// initModule has the runtime check a library that dlopen mapped, take its types
// and functions in, and run its package initialisers.
func initModule(file string) error {
	_, err := plugin.Open(file)
	return err
}

// permanent copies bytes to memory that is never freed nor moved.
func permanent(b []byte) unsafe.Pointer { return C.CBytes(b) }
