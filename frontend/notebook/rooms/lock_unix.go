//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package rooms

import (
	"errors"
	"os"
	"syscall"
)

// tryLock locks f, or gives errLocked.
func tryLock(f *os.File) error {
	for {
		err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		switch {
		case errors.Is(err, syscall.EINTR):
		case errors.Is(err, syscall.EWOULDBLOCK):
			return errLocked
		default: // some file systems have no locks
			return nil
		}
	}
}
