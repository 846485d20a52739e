package cpu

import (
	"bytes"
	"math"
	"os"
	"runtime"
	"strconv"
	"strings"
)

// memorySize is how many bytes of memory this process may have: those of the machine, or
// of the control group that it is in; 8 GiB where the system does not say.
func memorySize() int64 {
	size := machineMemory()
	if size <= 0 {
		size = 8 << 30
	}
	for _, file := range []string{"/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"} {
		text, err := os.ReadFile(file)
		if err != nil {
			continue
		}
		if n, err := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64); err == nil && n > 0 {
			size = min(size, n)
		}
	}
	return size
}

// field finds a line "name : value" in a file of /proc.
func field(file, name string) string {
	text, err := os.ReadFile(file)
	if err != nil {
		return ""
	}
	for line := range bytes.Lines(text) {
		key, value, ok := strings.Cut(string(line), ":")
		if ok && strings.TrimSpace(key) == name {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

func linuxMemory() int64 {
	number, _, _ := strings.Cut(field("/proc/meminfo", "MemTotal"), " ")
	n, err := strconv.ParseInt(number, 10, 64)
	if err != nil || n > math.MaxInt64/1024 {
		return 0
	}
	return n * 1024
}

// processor is the name of the machine's processor.
func processor() string {
	if name := field("/proc/cpuinfo", "model name"); name != "" {
		return name
	}
	return runtime.GOOS + " " + runtime.GOARCH
}
