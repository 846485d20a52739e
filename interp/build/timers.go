package build

import (
	"runtime"
	"strings"
	"unsafe"
)

// NextTimer returns the runtime's own account of when the next timer of the process
// is due, on its clock: math.MaxInt64 says that none is set. It is nil where the
// account cannot be had. Its source is timeSleepUntil in runtime/time.go, which has
// this form in the version of Go that it is looked up for.
func NextTimer() func() int64 {
	if !strings.HasPrefix(runtime.Version(), "go1.26") {
		return nil
	}
	code := dlsym(nil, "runtime.timeSleepUntil")
	if code == nil {
		return nil
	}
	closure := &code // a func value is a pointer to a word that holds the address
	return *(*func() int64)(unsafe.Pointer(&closure))
}
