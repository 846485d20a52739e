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

// delays is how long this process has waited for cores so far.
type delays struct {
	sched  time.Duration // goroutines, for a thread; an estimate
	system time.Duration // threads, for a core; 0 where unknown
}

// readDelays returns false if over is closed meanwhile: it takes some 0.1 ms, which is
// longer than some runs.
func readDelays(over <-chan struct{}) (d delays, ok bool) {
	d.sched = schedDelay()
	d.system, ok = systemDelay(over)
	return d, ok
}

// delayed returns how long the tasks of a run have waited for a core since d.
func (d delays) delayed(looks *looks, wall time.Duration) time.Duration {
	now, _ := readDelays(nil)
	sched := max(now.sched-d.sched, looks.estimate(wall)) // where few waits were timed, the first misses the long ones
	return sched + max(now.system-d.system, 0)
}

// looks count the goroutines that are ready and have no thread, now and then: their
// mean number by the length of the run is how long they waited.
type looks struct{ sum, n int }

// lookEvery is the time between two looks.
const lookEvery = 5 * time.Millisecond

// look takes a look. The goroutine that does has a thread itself, which one of those
// that wait would have otherwise.
func (l *looks) look() {
	s := []metrics.Sample{{Name: "/sched/goroutines/runnable:goroutines"}}
	if metrics.Read(s); s[0].Value.Kind() == metrics.KindUint64 {
		l.sum += max(int(s[0].Value.Uint64())-1, 0)
		l.n++
	}
}

func (l *looks) estimate(wall time.Duration) time.Duration {
	if l.n == 0 {
		return 0
	}
	return time.Duration(float64(l.sum) / float64(l.n) * float64(wall))
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
