//go:build !linux

package parallel

import "time"

// systemDelay is not known here.
func systemDelay(<-chan struct{}) (time.Duration, bool) { return 0, true }
