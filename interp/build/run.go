package build

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"
)

// A command is a program to run, with what it prints bounded.
type command struct {
	dir  string
	base []string // the environment; nil is this process's
	env  []string // on top of it
	name string
	args []string
	max  int // bytes of output; 0 is 64 KiB
	// progress is given the lines that it prints to standard error, unless it is nil.
	progress func(string)
}

// A commandError is a command that failed, and what it printed.
type commandError struct {
	name   string
	output string
	err    error
}

func (e *commandError) Error() string {
	text := strings.TrimSpace(e.output)
	if len(text) > 2000 {
		text = text[:2000] + "…"
	}
	return fmt.Sprintf("%s: %v: %s", e.name, e.err, text)
}

func (e *commandError) Unwrap() error { return e.err }

// run runs a command to its end, or to the end of ctx, and returns its
// standard output.
func run(ctx context.Context, c command) (string, error) {
	if c.max == 0 {
		c.max = 64 << 10
	}
	out, errs := &bounded{max: c.max}, &bounded{max: 64 << 10}
	cmd := exec.CommandContext(ctx, c.name, c.args...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = c.dir, out, errs
	if c.progress != nil {
		cmd.Stderr = io.MultiWriter(errs, &lines{say: c.progress})
	}
	if c.base == nil {
		c.base = os.Environ()
	}
	cmd.Env = append(slices.Clone(c.base), c.env...)
	cmd.WaitDelay = 2 * time.Second
	err := cmd.Run()
	switch {
	case err != nil && ctx.Err() != nil:
		return "", ctx.Err()
	case err != nil:
		return "", &commandError{c.name, errs.String() + out.String(), err}
	case out.over:
		return "", &commandError{c.name, "", fmt.Errorf("printed more than %d bytes", c.max)}
	}
	return out.String(), nil
}

// bounded keeps the first bytes that are written to it, and drops the rest.
type bounded struct {
	strings.Builder
	max  int
	over bool
}

var _ io.Writer = (*bounded)(nil)

// Write implements io.Writer, and never fails.
func (b *bounded) Write(p []byte) (int, error) {
	if room := b.max - b.Len(); len(p) > room {
		b.over = true
		b.Builder.Write(p[:max(room, 0)])
		return len(p), nil
	}
	return b.Builder.Write(p)
}

// lines says what is written to it a line at a time, up to a number of lines.
type lines struct {
	say  func(string)
	rest string
	said int
}

var _ io.Writer = (*lines)(nil)

const maxLines = 40

// Write implements io.Writer, and never fails.
func (l *lines) Write(p []byte) (int, error) {
	l.rest += string(p)
	for {
		line, rest, ok := strings.Cut(l.rest, "\n")
		if !ok {
			break
		}
		if l.said++; l.said <= maxLines {
			l.say(line)
		}
		l.rest = rest
	}
	return len(p), nil
}
