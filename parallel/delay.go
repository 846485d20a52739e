package parallel

import (
	"math"
	"runtime/metrics"
	"time"
)

// Tasks that have to wait for a core take longer than they would alone, and a speed-up
// that counts that time flatters. Such waits come in two kinds: goroutines wait for
// one of the GOMAXPROCS threads that may run Go, and threads wait for a core of the
// system. The runtime keeps a histogram of the first, and Linux the sum of the second.

// delayAfter is when the waits are first read: runs that are shorter do not tell.
const delayAfter = 10 * time.Millisecond

// delays is how long this process has waited for cores so far.
type delays struct {
	sched  time.Duration // goroutines, for a thread; an estimate
	system time.Duration // threads, for a core; 0 where unknown
}

func readDelays() delays { return delays{schedDelay(), systemDelay()} }

// since returns what was added after d.
func (d delays) since() time.Duration {
	now := readDelays()
	return max(now.sched-d.sched, 0) + max(now.system-d.system, 0)
}

// trackingPeriod is of how many waits of a goroutine the runtime times one: its
// gTrackingPeriod.
const trackingPeriod = 8

func schedDelay() time.Duration {
	s := []metrics.Sample{{Name: "/sched/latencies:seconds"}}
	metrics.Read(s)
	if s[0].Value.Kind() != metrics.KindFloat64Histogram {
		return 0
	}
	h := s[0].Value.Float64Histogram()
	sum := 0.0
	for i, n := range h.Counts {
		lo, hi := h.Buckets[i], h.Buckets[i+1]
		switch {
		case n == 0:
		case math.IsInf(lo, 0):
			sum += float64(n) * hi / 2
		case math.IsInf(hi, 0):
			sum += float64(n) * lo
		default:
			sum += float64(n) * (lo + hi) / 2
		}
	}
	return time.Duration(sum * trackingPeriod * float64(time.Second))
}
