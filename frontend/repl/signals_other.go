//go:build !unix

package repl

import "os"

// resizes tells of no sizes: there is no signal for that here.
func resizes() (sizes <-chan os.Signal, quiet func()) { return nil, func() {} }

// suspend does nothing: there is no job control here.
func suspend() error { return nil }
