package parallel

import (
	"bytes"
	"os"
	"strconv"
	"time"
)

// systemDelay sums how long the threads of this process were ready to run and had no
// core: the second number in /proc/self/task/*/schedstat, in nanoseconds. It returns
// false when over is closed meanwhile.
func systemDelay(over <-chan struct{}) (time.Duration, bool) {
	const tasks = "/proc/self/task"
	dir, err := os.Open(tasks)
	if err != nil {
		return 0, true
	}
	defer dir.Close()
	names, err := dir.Readdirnames(-1)
	if err != nil {
		return 0, true
	}
	var sum int64
	for _, name := range names {
		select {
		case <-over:
			return 0, false
		default:
		}
		text, err := os.ReadFile(tasks + "/" + name + "/schedstat")
		if err != nil {
			continue // the thread has ended
		}
		if f := bytes.Fields(text); len(f) == 3 {
			n, _ := strconv.ParseInt(string(f[1]), 10, 64)
			sum += n
		}
	}
	return time.Duration(sum), true
}
