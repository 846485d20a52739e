//go:build linux || darwin || freebsd

package pause

import (
	"errors"
	"time"

	"golang.org/x/sys/unix"
)

func sleep(d time.Duration) {
	for end := time.Now().Add(d); d > 0; d = time.Until(end) { // signals, also the runtime's own, end the call early
		t := unix.NsecToTimeval(int64(d + time.Microsecond - 1))
		if _, err := unix.Select(0, nil, nil, nil, &t); err != nil && !errors.Is(err, unix.EINTR) {
			time.Sleep(d)
		}
	}
}
