package parallel

import (
	"syscall"
	"unsafe"
)

// adviseHuge asks for huge pages in the part of the memory that whole ones fit into. It
// is advice: where the system does not follow it, nothing changes.
func adviseHuge(at unsafe.Pointer, size uintptr) {
	const page = 2 << 20
	skip := -uintptr(at) & (page - 1)
	if size < skip+page {
		return
	}
	whole := (size - skip) &^ (page - 1)
	_ = syscall.Madvise(unsafe.Slice((*byte)(unsafe.Add(at, skip)), whole), syscall.MADV_HUGEPAGE)
}
