//go:build !linux

package parallel

import "unsafe"

func adviseHuge(unsafe.Pointer, uintptr) {}
