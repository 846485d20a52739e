//go:build !(linux || darwin || freebsd)

package pause

import "time"

func sleep(d time.Duration) { time.Sleep(d) }
