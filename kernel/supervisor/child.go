package supervisor

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"strconv"
	"strings"

	"github.com/adabc437/fanout/interp/session"
)

// The environment of the session process.
const (
	// pipesVariable lists the descriptors (on Windows, handles) of the protocol:
	// requests, replies, crash report.
	pipesVariable = "FANOUT_SESSION_PIPES"
	// MemoryVariable limits the memory of the session process: a number with an
	// optional unit (512MiB, 8G), or "off". Unset, it is 80% of what the machine
	// or the control group has.
	MemoryVariable = "FANOUT_MEMORY_LIMIT"
)

// deathMark starts a line of the crash pipe on which the child itself says why
// it ends. A Diagnostic as JSON follows.
const deathMark = "fanout-death: "

// Child is the whole life of the session process: it takes its pipes from the
// environment, sets the limits, opens the session and serves it until the parent
// goes away. It returns the exit status, with which the program must end at once.
// Only Start makes processes in which Child can work.
func Child(ctx context.Context, open func(context.Context) (session.Session, error)) int {
	p, err := OpenPipes()
	if err != nil {
		fmt.Fprintln(os.Stderr, "fanout session:", err)
		return 2
	}
	defer endGroup()
	// An interrupt of the group is for the programs that cells have started. To
	// ignore it would make them ignore it, too.
	interrupts := make(chan os.Signal, 1)
	signal.Notify(interrupts, os.Interrupt)
	defer signal.Stop(interrupts)
	if err := runChild(ctx, &p, open); err != nil {
		lastWords(p.Crash, &session.Diagnostic{Name: session.SessionError, Message: err.Error()})
		return 2
	}
	return 0
}

func runChild(ctx context.Context, p *Pipes, open func(context.Context) (session.Session, error)) error {
	if err := debug.SetCrashOutput(p.Crash, debug.CrashOptions{}); err != nil {
		return fmt.Errorf("crash output: %w", err)
	}
	limit, err := MemoryLimit()
	if err != nil {
		return err
	}
	p.memory, p.maxStack = limit, stackLimit(limit)
	p.outputs = keepOutputs()
	debug.SetMaxStack(int(p.maxStack))
	watch := newMemoryWatch(limit, p.Crash)
	defer watch.stop()
	s, err := open(ctx)
	if err != nil {
		return fmt.Errorf("open the session: %w", err)
	}
	return Serve(ctx, *p, s)
}

// maxStack bounds a goroutine's stack. 128 MiB hold a hundred thousand
// interpreted calls, or some million compiled ones. An endless recursion uses them
// up, and is reported, in 0.3 to 0.9 s: the smaller its frames, the longer.
const maxStack = 128 << 20

// stackLimit is what a stack may have where the memory limit is memory: a
// stack that grows is held twice, and must run out before the memory does.
func stackLimit(memory int64) int64 {
	if memory == 0 || memory > 4*maxStack {
		return maxStack
	}
	// Stacks have sizes of powers of two.
	size := int64(maxStack)
	for size > 1<<20 && size > memory/4 {
		size /= 2
	}
	return size
}

// lastWords tells the parent why the process ends.
func lastWords(w io.Writer, d *session.Diagnostic) {
	raw, err := marshal(d)
	if err != nil {
		return
	}
	_, _ = fmt.Fprintf(w, "%s%s\n", deathMark, raw)
}

// OpenPipes gives the pipes that Start left to this process, and hides them from
// the processes that this one starts.
func OpenPipes() (Pipes, error) {
	value, ok := os.LookupEnv(pipesVariable)
	if !ok {
		return Pipes{}, errors.New("this command is started by the kernel and serves nobody else")
	}
	if err := os.Unsetenv(pipesVariable); err != nil {
		return Pipes{}, err
	}
	names := strings.Split(value, ",")
	if len(names) != 3 {
		return Pipes{}, fmt.Errorf("%s=%q: want three descriptors", pipesVariable, value)
	}
	var files [3]*os.File
	for i, name := range names {
		n, err := strconv.ParseUint(name, 10, 64)
		if err != nil {
			return Pipes{}, fmt.Errorf("%s=%q: %w", pipesVariable, value, err)
		}
		if files[i], err = adopt(uintptr(n), i != 2); err != nil {
			return Pipes{}, fmt.Errorf("descriptor %s of %s: %w", name, pipesVariable, err)
		}
	}
	return Pipes{Requests: files[0], Replies: files[1], Crash: files[2]}, nil
}
