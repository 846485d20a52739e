// Package pause waits without a timer of the runtime: what looks for deadlocks takes
// every timer for something that may wake a cell's goroutines, and the session's own
// watches are not to look like that.
package pause

import "time"

// For pauses the calling goroutine for at least d. It holds a thread of the operating
// system meanwhile, so it is for the few watches of a session. Where the system call
// is missing it is time.Sleep.
func For(d time.Duration) {
	if d > 0 {
		sleep(d)
	}
}
