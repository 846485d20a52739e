package pause

import (
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// waiter waits for a timer of the system by the runtime's poller: a goroutine in a system
// call would keep one of the GOMAXPROCS threads from tasks until the runtime takes it away,
// which may take milliseconds.
func waiter(every time.Duration) (next func() bool, stop func()) {
	fd, err := unix.TimerfdCreate(unix.CLOCK_MONOTONIC, unix.TFD_NONBLOCK|unix.TFD_CLOEXEC)
	if err != nil {
		return pauses(every)
	}
	t := unix.NsecToTimespec(int64(max(every, time.Microsecond)))
	if err := unix.TimerfdSettime(fd, 0, &unix.ItimerSpec{Interval: t, Value: t}, nil); err != nil {
		_ = unix.Close(fd)
		return pauses(every)
	}
	f := os.NewFile(uintptr(fd), "timer")
	var expirations [8]byte
	return func() bool {
		_, err := f.Read(expirations[:])
		return err == nil
	}, func() { _ = f.Close() }
}
