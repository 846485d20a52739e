// Package repl is a line-based read–eval–print loop: cells are typed or piped
// in, and run in a session.
//
// It knows nothing of Go: whether a cell is complete, and how its next line is
// indented, is asked of the session. How output looks is decided in package
// screen. Start at [Run].
package repl

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/adabc437/fanout/frontend/internal/screen"
	"github.com/adabc437/fanout/frontend/term"
	"github.com/adabc437/fanout/interp/session"
)

// The exit statuses of a loop.
const (
	exitOK          = 0
	exitFailed      = 1
	exitInterrupted = 130
)

// Options say how a loop talks to its user.
type Options struct {
	// Console is where cells come from and output goes to. Prompts, the labels of
	// results and the banner are shown if it is interactive.
	Console term.Console
	// Interrupts tells of Ctrl-C (signal.Notify of os.Interrupt, with a buffer of
	// one or more). The loop takes each one; nil means that none comes.
	Interrupts <-chan os.Signal
	// Banner is shown at the start.
	Banner string
}

// errDropped says that the user dropped the cell that was being typed.
var errDropped = errors.New("dropped")

// Run reads cells and runs them in sess, which stays open, until the input ends,
// exit or quit is typed, or ctx is cancelled.
//
// Ctrl-C drops the cell that is being typed, or interrupts the one that runs. The
// exit status is 0; where cells are piped in, it is 1 if one failed and 130 after
// Ctrl-C; after ctx was cancelled it is 130. The error says what ended the loop
// early: reading or writing failed, or the session was closed.
func Run(ctx context.Context, sess session.Session, o Options) (exitCode int, err error) {
	in := o.Console.In
	if in == nil {
		in = strings.NewReader("")
	}
	lines := screen.NewLines(in)
	l := &loop{
		sess: sess, options: o, lines: lines,
		screen: screen.New(o.Console, lines, screen.Options{Labels: o.Console.Interactive}),
	}
	if o.Console.Interactive && o.Banner != "" {
		l.screen.Block(o.Banner)
	}
	err = l.run(ctx)
	switch {
	case ctx.Err() != nil:
		return exitInterrupted, nil
	case errors.Is(err, errDropped):
		return exitInterrupted, nil
	case err != nil:
		return exitFailed, err
	case l.failed && !o.Console.Interactive:
		return exitFailed, nil
	}
	return exitOK, nil
}

// A loop is one call of Run.
type loop struct {
	sess    session.Session
	options Options
	lines   *screen.Lines
	screen  *screen.Screen
	failed  bool // a cell has
}

// run reads and runs cells until there are no more.
func (l *loop) run(ctx context.Context) error {
	for number := 1; ; {
		code, err := l.read(ctx, number)
		switch {
		case errors.Is(err, errDropped) && l.options.Console.Interactive:
			continue
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		}
		if err := l.execute(ctx, code, number); err != nil {
			return err
		}
		if err := l.screen.Err(); err != nil {
			return fmt.Errorf("write the output: %w", err)
		}
		number++
	}
}

// execute runs one cell and shows what it does. The error says that no other
// can be run.
func (l *loop) execute(ctx context.Context, code string, number int) error {
	stop := l.forward()
	defer stop()
	l.screen.Begin(number)
	reply, err := l.sess.Execute(ctx, session.Cell{
		ID: fmt.Sprintf("repl-%d", number), Code: code, Number: number, StoreHistory: true, AllowStdin: true,
	}, l.screen)
	l.screen.End()
	if errors.Is(err, session.ErrClosed) {
		return err
	}
	if err != nil && !errors.As(err, &reply.Err) {
		reply.Err = &session.Diagnostic{Name: session.SessionError, Message: err.Error()}
	}
	for _, p := range reply.Payloads {
		if p.Source == "set_next_input" {
			l.screen.Block(p.Text)
		}
	}
	l.screen.Pages(reply.Payloads)
	if reply.Err != nil {
		l.failed = true
		l.screen.Error(reply.Err)
	}
	return ctx.Err()
}

// forward interrupts the session at each Ctrl-C, until stop is called.
func (l *loop) forward() (stop func()) {
	ended, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		for {
			select {
			case _, ok := <-l.options.Interrupts:
				if !ok {
					return
				}
				l.screen.Echoed()
				l.sess.Interrupt()
			case <-ended:
				return
			}
		}
	}()
	return func() {
		close(ended)
		<-done
	}
}
