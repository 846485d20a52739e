package parallel

import (
	"math"
	"runtime"
	"runtime/metrics"
	"time"
)

// Tasks that have to wait for a core take longer than they would alone, and a speed-up
// that counts that time flatters. Such waits come in two kinds: goroutines wait for
// one of the GOMAXPROCS threads that may run Go, and threads wait for a core of the
// system. The runtime keeps a histogram of the first, and Linux the sum of the second.
//
// That sum holds the waits of threads that no task needs, too: those that fire timers,
// and those that look for work. On a busy machine they wait for as long as the run takes,
// while its tasks sleep. So looks at the goroutines tell how many want a core at all, and
// no more than they can have had of it counts.

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

// delayed returns how long the tasks of a run, in which the process used so much CPU
// time, have waited for a core since d.
func (d delays) delayed(l *looks, cpu time.Duration) time.Duration {
	now, _ := readDelays(nil)
	return l.delayed(delays{now.sched - d.sched, now.system - d.system}, cpu)
}

// looks sum up what looks at the goroutines of the process find, now and then during a
// run. What a look finds counts for the time since the last one.
type looks struct {
	n     int
	last  time.Time
	calls int // goroutines in system calls when the run began: not the tasks'

	queued time.Duration // goroutines had no thread
	wanted time.Duration // goroutines had a thread, or would have had one
}

// lookEvery is the time between two looks.
const lookEvery = 5 * time.Millisecond

// enoughLooks say more than the histogram of the runtime, which misses the long waits
// where it has timed few.
const enoughLooks = 4

// A sighting is what one look finds.
type sighting struct {
	threads  int // that may run Go: GOMAXPROCS
	running  int // goroutines that have one, with the one that looks
	runnable int // goroutines that wait for one
	calls    int // goroutines in system calls, or in C
}

// begin begins the looks of a run.
func (l *looks) begin(at time.Time) { l.last, l.calls = at, see().calls }

// look takes a look. The timer that woke the goroutine which looks has woken another
// thread to see whether there is more to do, and for some 30 µs that passes for a running
// goroutine. Reading takes a lock of the scheduler, so there is a while between two.
func (l *looks) look() {
	const pause, settled = 10 * time.Microsecond, 80 * time.Microsecond
	at := time.Now()
	s := see()
	for next := pause; s.running > 1 && s.runnable == 0 && next <= settled; {
		if time.Since(at) >= next {
			s.running = min(s.running, see().running)
			next = time.Since(at) + pause
		}
	}
	l.add(s, at)
}

// observe takes a look at every tick on a goroutine of its own, and passes the ticks on:
// what the caller does in between, in the body of a loop or a progress function, may take
// longer than one look can speak for. leave returns when no look is taken any more.
func (l *looks) observe(tick <-chan time.Time) (on <-chan time.Time, leave func()) {
	passed, quit, left := make(chan time.Time, 1), make(chan struct{}), make(chan struct{})
	go func() {
		defer close(left)
		for {
			select {
			case now, ok := <-tick:
				if !ok { // the user's are over
					return
				}
				l.look()
				select {
				case passed <- now:
				default: // the caller has not come to the last one yet
				}
			case <-quit:
				return
			}
		}
	}()
	return passed, func() { close(quit); <-left }
}

func see() sighting {
	s := []metrics.Sample{
		{Name: "/sched/goroutines/running:goroutines"}, {Name: "/sched/goroutines/runnable:goroutines"},
		{Name: "/sched/goroutines/not-in-go:goroutines"},
	}
	metrics.Read(s)
	count := func(i int) int {
		if s[i].Value.Kind() != metrics.KindUint64 {
			return 0
		}
		return int(s[i].Value.Uint64())
	}
	return sighting{runtime.GOMAXPROCS(0), count(0), count(1), count(2)}
}

// add counts what a look has found. The goroutine that looks has a thread itself, which
// one of those that wait would have otherwise. While a thread is free, none waits for
// long: timers that expire together, that of the look among them, wake many at once.
func (l *looks) add(s sighting, at time.Time) {
	since := at.Sub(l.last)
	l.n, l.last = l.n+1, at
	ready := max(s.running+s.runnable-1, 0)
	if s.running >= s.threads {
		l.queued += time.Duration(max(ready-s.threads, 0)) * since
	}
	l.wanted += time.Duration(min(ready, s.threads)+max(s.calls-l.calls, 0)) * since
}

// delayed is how long the tasks waited for a core, if the process waited for d. A run
// that is over before anybody looks has only that.
func (l *looks) delayed(d delays, cpu time.Duration) time.Duration {
	d = delays{max(d.sched, 0), max(d.system, 0)}
	if l.n == 0 {
		return d.sched + d.system
	}
	queued := l.queued
	if l.n < enoughLooks {
		queued = max(queued, d.sched)
	}
	return queued + min(d.system, max(l.wanted-cpu, 0))
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
