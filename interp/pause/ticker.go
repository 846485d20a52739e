package pause

import "time"

// A Ticker gives the time again and again, as a time.Ticker does, without a timer of the
// runtime.
type Ticker struct {
	C    <-chan time.Time // a tick that nobody takes delays the next one
	over chan struct{}
	stop func()
}

// NewTicker returns a ticker, whose ticks come no sooner than every so often after each other.
// Stop it.
func NewTicker(every time.Duration) *Ticker {
	next, stop := waiter(every)
	c := make(chan time.Time)
	t := &Ticker{C: c, over: make(chan struct{}), stop: stop}
	go func() {
		for next() {
			select {
			case c <- time.Now():
			case <-t.over:
				return
			}
		}
	}()
	return t
}

// Stop ends the ticks. It must be called once.
func (t *Ticker) Stop() {
	close(t.over)
	t.stop()
}

// pauses waits by For, on a thread of its own.
func pauses(every time.Duration) (next func() bool, stop func()) {
	over := make(chan struct{})
	return func() bool {
		For(every)
		select {
		case <-over:
			return false
		default:
			return true
		}
	}, func() { close(over) }
}
