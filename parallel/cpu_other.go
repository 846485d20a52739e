//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd || windows)

package parallel

import "time"

// usage is not known here.
func usage() (cpu time.Duration, preempted int64) { return 0, 0 }
