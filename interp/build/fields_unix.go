//go:build cgo && (linux || darwin || freebsd)

package build

import (
	"fmt"
	"unsafe"

	"golang.org/x/sys/unix"
)

// typelinks returns for each module of this process where its types are, and
// the offsets of those that reflection looks for, in the order of their
// strings.
//
//go:linkname typelinks reflect.typelinks
func typelinks() (sections []unsafe.Pointer, offsets [][]int32)

// writable lets the pages of n bytes of an image's data be written.
func writable(addr, n uintptr) error {
	page := uintptr(unix.Getpagesize())
	from := addr &^ (page - 1)
	to := (addr + n + page - 1) &^ (page - 1)
	if err := unix.Mprotect(unsafe.Slice((*byte)(pointer(from)), to-from), unix.PROT_READ|unix.PROT_WRITE); err != nil {
		return fmt.Errorf("make the descriptors of types writable: %w", err)
	}
	return nil
}
