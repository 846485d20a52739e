//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package parallel

import (
	"syscall"
	"time"
)

// usage returns the user and system time this process has used.
func usage() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
