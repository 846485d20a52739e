package pause

import (
	"testing"
	"time"
)

func TestFor(t *testing.T) {
	for _, d := range []time.Duration{-time.Second, 0, time.Nanosecond, time.Microsecond, 3 * time.Millisecond} {
		start := time.Now()
		For(d)
		if took := time.Since(start); took < d {
			t.Errorf("a pause of %v ended after %v", d, took)
		}
	}
}
