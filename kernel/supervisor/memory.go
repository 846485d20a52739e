package supervisor

import (
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"runtime/metrics"
	"strconv"
	"strings"
	"time"

	"github.com/adabc437/fanout/interp/pause"
	"github.com/adabc437/fanout/interp/session"
	"github.com/adabc437/fanout/interp/size"
)

// The sampler looks as often as is needed to see memory fill up at memoryRate,
// within these bounds.
const (
	memoryRate     = 4 << 30 // bytes a second
	fastestSample  = 20 * time.Millisecond
	slowestSample  = 250 * time.Millisecond
	memoryExitCode = 87
)

// raiseHint says what to do about a memory limit, where the machine or the control group
// has so many bytes; 0 if that is not known. A limit of 0 is none.
func raiseHint(limit, available int64) string {
	const less = "keep less at once"
	switch {
	case limit <= 0 && available > 0:
		return fmt.Sprintf("%s: the machine or its control group has %s, and the session has no limit of its own", less, iec(available))
	case limit <= 0:
		return less + ": the session has no limit of its own, but the system has one"
	}
	more := 2 * limit
	if available > 0 {
		more = min(more, available/20*19)
	}
	unit, name := int64(1<<30), "GiB"
	if more < 4*unit {
		unit, name = 1<<20, "MiB"
	}
	if more -= more % unit; more-limit < limit/10 {
		return fmt.Sprintf("%s: the limit is near all that there is (%s); %s=off lifts it", less, iec(available), MemoryVariable)
	}
	size := fmt.Sprintf("%d%s", more/unit, name)
	return fmt.Sprintf("%s, or raise the limit: %s=%s in the environment, or fanout run --memory-limit %s", less, MemoryVariable, size, size)
}

// MemoryLimit gives the memory limit of this process in bytes: the value of
// MemoryVariable, or 80% of the memory that the machine or the control group
// has. 0 means that there is none.
func MemoryLimit() (int64, error) {
	value := strings.TrimSpace(os.Getenv(MemoryVariable))
	switch strings.ToLower(value) {
	case "":
		return availableMemory() / 5 * 4, nil
	case "off", "none", "0":
		return 0, nil
	}
	n, err := size.Parse(value)
	if err != nil {
		return 0, fmt.Errorf("%s: %w", MemoryVariable, err)
	}
	if n < 32<<20 {
		return 0, fmt.Errorf("%s=%s: a session needs at least 32MiB", MemoryVariable, value)
	}
	return n, nil
}

// memoryEnv gives the environment variable for a limit of n bytes.
func memoryEnv(n int64) string { return MemoryVariable + "=" + strconv.FormatInt(n, 10) }

// A memoryWatch ends the process when it holds more than limit bytes.
type memoryWatch struct {
	limit   int64
	crash   io.Writer
	samples []metrics.Sample
	ended   chan struct{}
}

// newMemoryWatch starts watching; stop ends it. Nothing is watched for limit 0.
func newMemoryWatch(limit int64, crash io.Writer) *memoryWatch {
	w := &memoryWatch{
		limit: limit, crash: crash, ended: make(chan struct{}),
		samples: []metrics.Sample{
			{Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"},
		},
	}
	if limit == 0 {
		return w
	}
	debug.SetMemoryLimit(limit - limit/16)
	// A backstop for what comes at one stroke. Not tight: it counts address space
	// of the C library too, and the children inherit it.
	limitData(uint64(limit + limit/2 + 1<<30))
	go w.run()
	return w
}

// stop has the watch end at its next look.
func (w *memoryWatch) stop() { close(w.ended) }

func (w *memoryWatch) run() {
	for every := fastestSample; ; {
		pause.For(every)
		select {
		case <-w.ended:
			return
		default:
		}
		used := w.used()
		if used > w.limit {
			lastWords(w.crash, &session.Diagnostic{
				Name:    session.MemoryError,
				Message: fmt.Sprintf("out of memory: the session holds %s, the limit is %s", iec(used), iec(w.limit)),
				Hint:    raiseHint(w.limit, availableMemory()),
			})
			os.Exit(memoryExitCode)
		}
		room := time.Duration(float64(w.limit-used) / memoryRate * float64(time.Second))
		every = min(max(room, fastestSample), slowestSample)
	}
}

// used gives the bytes that Go holds.
func (w *memoryWatch) used() int64 {
	metrics.Read(w.samples)
	return int64(w.samples[0].Value.Uint64() - w.samples[1].Value.Uint64())
}

// availableMemory gives the memory of the machine or of the control group,
// whichever is less; 0 if unknown.
func availableMemory() int64 {
	n, err := physicalMemory()
	if err != nil || n < 0 {
		n = 0
	}
	if group := groupMemory(); group > 0 && (n == 0 || group < n) {
		n = group
	}
	return n
}
