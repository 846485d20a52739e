//go:build !linux

package parallel

import "time"

// systemDelay is not known here.
func systemDelay() time.Duration { return 0 }
