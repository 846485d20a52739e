package parallel

import (
	"syscall"
	"time"
)

// usage returns the user and kernel time this process has used.
func usage() time.Duration {
	h, err := syscall.GetCurrentProcess()
	if err != nil {
		return 0
	}
	var created, exited, kernel, user syscall.Filetime
	if err := syscall.GetProcessTimes(h, &created, &exited, &kernel, &user); err != nil {
		return 0
	}
	return ticks(kernel) + ticks(user)
}

// ticks turns a span of 100 ns steps into a duration. (Filetime.Nanoseconds is
// for points in time: it subtracts the epoch.)
func ticks(f syscall.Filetime) time.Duration {
	return time.Duration(int64(f.HighDateTime)<<32|int64(f.LowDateTime)) * 100
}
