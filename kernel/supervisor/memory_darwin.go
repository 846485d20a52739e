package supervisor

import "golang.org/x/sys/unix"

func physicalMemory() (int64, error) {
	n, err := unix.SysctlUint64("hw.memsize")
	return int64(n), err
}

func groupMemory() int64 { return 0 }

// limitData does nothing: macOS does not enforce such a limit.
func limitData(uint64) {}
