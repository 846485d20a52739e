//go:build cgo

package build

import "syscall"

// Package syscall is not bound in the interpreter, which would keep it.
func init() { keep = append(keep, syscall.Mmap, syscall.Munmap, syscall.Mprotect) }
