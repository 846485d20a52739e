package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// maxLine is the longest line that a contender may print.
const maxLine = 1 << 20

// listen reads what a contender prints. It measures memory between the two lines
// that ask for it, answers each, and returns what the last line, of JSON, says.
func listen(stdout io.Reader, stdin io.Writer, watch func() (end func() float64)) (m mapping, err error) {
	var end func() float64
	memory := 0.0
	found := false
	defer func() {
		if end != nil {
			end()
		}
	}()
	lines := bufio.NewScanner(stdout)
	lines.Buffer(nil, maxLine)
	for lines.Scan() {
		switch line := lines.Bytes(); {
		case string(line) == "memory begins" && end == nil:
			end = watch()
			fmt.Fprintln(stdin)
		case string(line) == "memory ends" && end != nil:
			memory = end()
			end = nil
			fmt.Fprintln(stdin)
		case bytes.HasPrefix(line, []byte("{")):
			if err := json.Unmarshal(line, &m); err != nil {
				return m, fmt.Errorf("%w in %q", err, line)
			}
			found = true
		}
	}
	if err := lines.Err(); err != nil {
		return m, err
	}
	if !found {
		return m, errors.New("it printed no figures")
	}
	if _, ok := m.Figures["floats"]; ok && memory > 0 {
		m.Figures["memory"] = memory
	}
	return m, nil
}

// memoryEvery is how often memory is looked at.
const memoryEvery = 5 * time.Millisecond

// watchMemory looks at the memory of a process and its children until end is
// called, which looks once more and returns the most there was, in bytes.
func watchMemory(pid int) (end func() float64) {
	over, most := make(chan struct{}), make(chan float64)
	go func() {
		peak := 0.0
		for {
			ended := false
			select {
			case <-over:
				ended = true
			case <-time.After(memoryEvery):
			}
			if peak = max(peak, memoryOf(tree(pid))); ended {
				most <- peak
				return
			}
		}
	}()
	return func() float64 {
		close(over)
		return <-most
	}
}

// memoryOf is the memory that processes have together, in bytes: pages that they
// share count once.
func memoryOf(pids []int) (sum float64) {
	for _, pid := range pids {
		text, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "smaps_rollup"))
		if err == nil { // it may have ended
			sum += proportional(string(text))
		}
	}
	return sum
}

// proportional reads the proportional set size out of smaps_rollup, in bytes.
func proportional(text string) float64 {
	for line := range strings.Lines(text) {
		if rest, ok := strings.CutPrefix(line, "Pss:"); ok {
			kib, _, _ := strings.Cut(strings.TrimSpace(rest), " ")
			n, err := strconv.ParseUint(kib, 10, 64)
			if err != nil {
				return 0
			}
			return float64(n) * 1024
		}
	}
	return 0
}

// tree lists a process and all that it started, and they.
func tree(root int) []int {
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		return []int{root}
	}
	children := map[int][]int{}
	for _, path := range stats {
		text, err := os.ReadFile(path)
		if err != nil {
			continue
		}
		if pid, parent, ok := parentOf(string(text)); ok {
			children[parent] = append(children[parent], pid)
		}
	}
	list := []int{root}
	for i := 0; i < len(list); i++ {
		list = append(list, children[list[i]]...)
	}
	return list
}

// parentOf reads a process and its parent out of /proc/PID/stat; the name between
// them, in parentheses, may hold anything.
func parentOf(stat string) (pid, parent int, ok bool) {
	number, _, _ := strings.Cut(stat, " ")
	fields := strings.Fields(stat[strings.LastIndexByte(stat, ')')+1:])
	if len(fields) < 2 {
		return 0, 0, false
	}
	pid, err := strconv.Atoi(number)
	parent, err2 := strconv.Atoi(fields[1])
	return pid, parent, err == nil && err2 == nil
}

// endTree ends a process and all that it started.
func endTree(p *os.Process) error {
	pids := tree(p.Pid)
	slices.Reverse(pids)
	for _, pid := range pids[:len(pids)-1] {
		if child, err := os.FindProcess(pid); err == nil {
			child.Kill() // or it has ended already
		}
	}
	return p.Kill()
}
