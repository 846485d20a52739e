//go:build race

package main

import "os"

// The race detector watches this program. Cells would have to be compiled with it,
// too, which doubles the time of every build for nothing: they are interpreted.
func init() { _ = os.Setenv("FANOUT_TIER", "interpreted") }
