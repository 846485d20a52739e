//go:build !linux

package pause

import "time"

func waiter(every time.Duration) (next func() bool, stop func()) { return pauses(every) }
