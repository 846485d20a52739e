package parallel

import "unsafe"

// A task runs under the profiler labels of the goroutine that has called the map,
// as it would if that goroutine had started it: profiles then tell which call
// the time went into.

//go:linkname getLabels runtime/pprof.runtime_getProfLabel
func getLabels() unsafe.Pointer

//go:linkname setLabels runtime/pprof.runtime_setProfLabel
func setLabels(labels unsafe.Pointer)
