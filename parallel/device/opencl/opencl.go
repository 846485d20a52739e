// Package opencl is the back-end for devices that speak OpenCL 1.2 or newer: GPUs by
// their drivers, and CPUs by PoCL. [Open] finds the system's OpenCL library when the
// program runs; nothing of OpenCL is needed to build it, and no cgo.
//
// What the devices can do is said in package backend; [Kernel] has more.
package opencl

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"unsafe"

	"github.com/adabc437/fanout/parallel/device/backend"
)

// An Option changes what [Open] does.
type Option func(*options)

type options struct {
	cache     string
	libraries []string
}

// CacheDir sets the folder where compiled programs are kept, "" for nowhere. Without it
// they are in fanout/kernels of the user's cache folder ([os.UserCacheDir]).
func CacheDir(dir string) Option { return func(o *options) { o.cache = dir } }

// Libraries sets the files that are tried, one after the other, for the OpenCL library.
func Libraries(paths ...string) Option { return func(o *options) { o.libraries = paths } }

// Open finds the machine's OpenCL devices. It gives a *[NotFoundError] where there is no
// OpenCL or no device. The devices are opened when they are first used.
func Open(list ...Option) ([]backend.Device, error) {
	o := options{libraries: libraries()}
	if dir, err := os.UserCacheDir(); err == nil {
		o.cache = filepath.Join(dir, "fanout", "kernels")
	}
	for _, set := range list {
		set(&o)
	}
	if err := supported(); err != nil {
		return nil, &NotFoundError{Hint: notSupported(err)}
	}
	cl, tried := load(o.libraries)
	if cl == nil {
		return nil, &NotFoundError{tried, hint()}
	}
	platforms, status := handles(func(n uint32, list, count unsafe.Pointer) int32 {
		return cl.getPlatformIDs.do(uintptr(n), uintptr(list), uintptr(count))
	})
	if status == codePlatformNotFound || status == success && len(platforms) == 0 {
		return nil, &NotFoundError{append(tried, "the library is there, but no driver has registered with it"), hint()}
	}
	if status != success {
		return nil, fmt.Errorf("opencl: %w", failed(status, cl.getPlatformIDs.name))
	}
	var devices []backend.Device
	var errs []error
	for _, p := range platforms {
		name := infoText(&cl.getPlatformInfo, p, platformName)
		ids, status := handles(func(n uint32, list, count unsafe.Pointer) int32 {
			return cl.getDeviceIDs.do(p, deviceTypeAll, uintptr(n), uintptr(list), uintptr(count))
		})
		if status != success || len(ids) == 0 {
			if status != codeDeviceNotFound && status != success {
				errs = append(errs, fmt.Errorf("opencl: %s: %w", name, failed(status, cl.getDeviceIDs.name)))
			}
			tried = append(tried, "driver "+name+" has no device")
			continue
		}
		for _, id := range ids {
			if d := newDevice(cl, p, id, o.cache); d != nil {
				d.clblast = sync.OnceValues(func() (*clblast, error) { return loadCLBlast(clblastFiles()) })
				devices = append(devices, d)
			} else {
				tried = append(tried, fmt.Sprintf("device %s of %s cannot compile, or is not available", infoText(&cl.getDeviceInfo, id, deviceName), name))
			}
		}
	}
	if len(devices) > 0 {
		return devices, nil
	}
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	return nil, &NotFoundError{tried, hint()}
}

// load opens the first of the libraries that is there and has all functions.
func load(paths []string) (*api, []string) {
	var tried []string
	for _, path := range paths {
		library, err := openLibrary(path)
		if err != nil {
			tried = append(tried, fmt.Sprintf("%s: %v", path, err))
			continue
		}
		cl, err := loadAPI(library)
		if err == nil {
			return cl, append(tried, path)
		}
		tried = append(tried, fmt.Sprintf("%s: %v", path, err))
	}
	return nil, tried
}

func libraries() []string {
	switch runtime.GOOS {
	case "darwin":
		return []string{"/System/Library/Frameworks/OpenCL.framework/OpenCL"}
	case "windows":
		return []string{"OpenCL.dll"}
	}
	return []string{
		"libOpenCL.so.1", "libOpenCL.so",
		"/usr/lib/" + multiarch() + "/libOpenCL.so.1", "/usr/lib64/libOpenCL.so.1", "/usr/lib/libOpenCL.so.1",
		"/usr/local/cuda/lib64/libOpenCL.so.1", "/opt/rocm/lib/libOpenCL.so.1", "/opt/intel/oneapi/lib/libOpenCL.so.1",
	}
}

// multiarch is Debian's name for the machine's kind of libraries.
func multiarch() string {
	if runtime.GOARCH == "arm64" {
		return "aarch64-linux-gnu"
	}
	return "x86_64-linux-gnu"
}

func hint() string {
	switch runtime.GOOS {
	case "darwin":
		return "macOS has OpenCL of its own; this one lacks it, or has no device for it."
	case "windows":
		return "Install the driver of the GPU from its maker (NVIDIA, AMD or Intel): OpenCL comes with it."
	}
	return "Install the driver of the GPU; or, for OpenCL on the CPU, PoCL: " +
		"on Debian and Ubuntu: sudo apt-get install pocl-opencl-icd ocl-icd-libopencl1; " +
		"on Fedora: sudo dnf install pocl ocl-icd."
}

// notSupported is the hint where no library can be called.
func notSupported(err error) string {
	return err.Error() + ": it is with a build of Fanout for a system of 64 bits (amd64 or arm64)."
}

// handles asks for a list of handles: for their number, and for them.
func handles(ask func(n uint32, list, count unsafe.Pointer) int32) ([]uintptr, int32) {
	var count uint32
	if status := ask(0, nil, unsafe.Pointer(&count)); status != success || count == 0 {
		return nil, status
	}
	list := make([]uintptr, min(count, 1024))
	status := ask(uint32(len(list)), unsafe.Pointer(&list[0]), unsafe.Pointer(&count))
	return slices.Clip(list[:min(int(count), len(list))]), status
}
