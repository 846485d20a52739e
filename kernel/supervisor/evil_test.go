//go:build unix

package supervisor

//lint:file-ignore SA4017,SA5000,SA5002,SA5007 these are the mistakes that cells make

import (
	"errors"
	"log"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/adabc437/fanout/interp/session"
	"github.com/adabc437/fanout/interp/size"
)

// forever is longer than any test. The process does not live to see it.
func forever() { time.Sleep(time.Hour) }

// kept holds memory in use.
var kept [][]byte

// evils are commands that end the session process, or try to.
func evils() map[string]func(string) {
	return map[string]func(string){
		"panic":     func(text string) { panic(text) },
		"panicerr":  func(text string) { panic(errors.New(text)) },
		"gopanic":   goPanic,
		"nilmap":    func(string) { go func() { var m map[string]int; m["a"] = 1 }(); forever() },
		"nilptr":    func(string) { go func() { var d *session.Diagnostic; d.Name = "x" }(); forever() },
		"twolines":  func(string) { go panic("one\n\ntwo"); forever() },
		"mapwrites": mapWrites,
		"recurse":   func(string) { recurse(1) },
		"exit":      func(code string) { n, _ := strconv.Atoi(code); os.Exit(n) },
		"logfatal":  func(text string) { log.SetFlags(0); log.Fatal(text) },
		"alloc":     alloc,
		"hugealloc": func(text string) {
			n, _ := size.Parse(text)
			kept = append(kept, make([]byte, n))
		},
		"spin":     spin,
		"kill":     func(string) { _ = syscall.Kill(os.Getpid(), syscall.SIGKILL); forever() },
		"abort":    func(string) { _ = syscall.Kill(os.Getpid(), syscall.SIGABRT); forever() },
		"garbage":  func(text string) { fd, rest, _ := strings.Cut(text, " "); writeFD(fd, rest) },
		"closefd":  func(fd string) { n, _ := strconv.Atoi(fd); _ = syscall.Close(n) },
		"sleeper":  func(string) { startSleeper(false) },
		"deserter": func(string) { startSleeper(true) },
		"unlock":   func(string) { go fatalUnlock(); forever() },
	}
}

var mutex sync.Mutex

// spin looks at nothing that could tell it to stop.
func spin(string) {
	for {
	}
}

func writeFD(fd, text string) {
	n, _ := strconv.Atoi(fd)
	_, _ = syscall.Write(n, []byte(text))
}

// startSleeper leaves a process behind that holds this one's output pipes. A
// deserter leaves the process group too.
func startSleeper(desert bool) {
	cmd := exec.Command("sleep", "1000")
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: desert}
	if err := cmd.Start(); err != nil {
		panic(err)
	}
	writeLine(cmd.Process.Pid)
}

func writeLine(n int) { _, _ = os.Stdout.WriteString(strconv.Itoa(n) + "\n") }

func alloc(string) {
	for {
		b := make([]byte, 1<<20)
		for i := 0; i < len(b); i += 4096 {
			b[i] = 1
		}
		kept = append(kept, b)
	}
}

// What follows pretends to be code of a cell.

//line /tmp/session/In[3]:1
func goPanic(text string) {
	go func() {
		cellFunction(text)
	}()
	forever()
}

func cellFunction(text string) {
	panic(text)
}

func mapWrites(string) {
	m := map[int]int{}
	for range 8 {
		go func() {
			for i := 0; ; i++ {
				m[i%7] = i
			}
		}()
	}
	forever()
}

func recurse(n int) int {
	return recurse(n+1) + 1
}

func fatalUnlock() {
	mutex.Unlock()
}
