package supervisor

import "golang.org/x/sys/unix"

// pipeSize lets a cell that prints go on for a while before the parent reads.
const pipeSize = 1 << 20

// growPipe enlarges a pipe, which an unprivileged user's limits may refuse, and
// gives its capacity.
func growPipe(fd uintptr, otherwise int) int {
	if n, err := unix.FcntlInt(fd, unix.F_SETPIPE_SZ, pipeSize); err == nil {
		return n
	}
	if n, err := unix.FcntlInt(fd, unix.F_GETPIPE_SZ, 0); err == nil {
		return n
	}
	return otherwise
}
