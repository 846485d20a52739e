// Package repl is a read–eval–print loop: cells are typed or piped in, and run in a
// session.
//
// On a terminal that obeys escape sequences cells are edited with package edit, in
// several lines and with completion, history and colours; elsewhere lines are read as
// they come, and nothing but the cells' own output is written where nobody types. The
// package knows nothing of Go: whether a cell is complete, how its next line is
// indented and what may stand in it is asked of the session. Start at [Run].
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
	"github.com/adabc437/fanout/kernel/history"
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
	// Settings are the user's.
	Settings Settings
	// History keeps the cells that are typed, beside those of notebooks; nil keeps
	// none. Who opened it closes it.
	History *history.Store
	// Start are cells that run before the first prompt, and again in a session process that
	// takes the place of another; Run does not stop at those that fail.
	Start []Start
	// Exec are cells that run in place of all others, if there are any. What they read is
	// the console's input.
	Exec []string
	// Getenv looks up environment variables; nil is os.Getenv.
	Getenv func(string) string
}

// A Start is a cell that runs at the start. Name says where it comes from.
type Start struct{ Name, Code string }

func (o Options) getenv(name string) string {
	if o.Getenv != nil {
		return o.Getenv(name)
	}
	return os.Getenv(name)
}

// errDropped says that the user dropped the cell that was being typed.
var errDropped = errors.New("dropped")

// Run reads cells and runs them in sess, which stays open, until the input ends,
// exit or quit is typed, or ctx is cancelled.
//
// Ctrl-C drops the cell that is being typed, or interrupts the one that runs. The
// exit status is 0; where cells are piped in, or Exec is one, it is 1 if one failed
// and 130 after Ctrl-C; after ctx was cancelled it is 130. The error says what ended
// the loop early: reading or writing failed, or the session was closed.
func Run(ctx context.Context, sess session.Session, o Options) (exitCode int, err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	if len(o.Exec) > 0 {
		o.Console.Interactive = false
	}
	in := o.Console.In
	if in == nil {
		in = strings.NewReader("")
	}
	l := &loop{ctx: ctx, sess: sess, options: o}
	if l.terminal = terminalFor(ctx, l); l.terminal == nil {
		l.lines = screen.NewLines(in)
		l.screen = screen.New(o.Console, l.lines, screen.Options{Labels: o.Console.Interactive})
	}
	if o.Console.Interactive && o.Banner != "" {
		l.screen.Say(o.Banner)
	}
	if err = l.start(&l.record); err == nil {
		err = l.run(ctx)
	}
	interrupted := ctx.Err() != nil
	cancel()
	if l.terminal != nil {
		err = errors.Join(err, l.terminal.close())
	}
	switch {
	case interrupted:
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
	ctx      context.Context // of Run
	sess     session.Session
	options  Options
	terminal *terminal // nil if lines are read as they come
	lines    *screen.Lines
	screen   *screen.Screen
	record   record
	failed   bool // a cell has
	fresh    bool // the session process is another one
}

// start runs the cells that come first, and keeps them in r.
func (l *loop) start(r *record) error {
	for i, s := range l.options.Start {
		failed := l.failed
		if err := l.execute(l.ctx, session.Cell{ID: fmt.Sprintf("start-%d", i+1), Code: s.Code}, r); err != nil {
			return err
		}
		if l.failed && !failed {
			l.screen.Say("(this comes from " + s.Name + ")")
		}
		l.failed = failed
	}
	l.fresh = false
	return nil
}

// startAgain runs the cells that come first in another session process.
func (l *loop) startAgain() error {
	if !l.fresh || len(l.options.Start) == 0 {
		return nil
	}
	for _, s := range l.options.Start {
		l.screen.Say("(" + s.Name + " runs again)")
	}
	return l.start(&record{})
}

// run reads and runs cells until there are no more.
func (l *loop) run(ctx context.Context) error {
	for i, code := range l.options.Exec {
		if l.leaves(ctx, code) {
			return nil
		}
		if err := l.one(ctx, i+1, code); err != nil {
			return err
		}
	}
	if len(l.options.Exec) > 0 {
		return nil
	}
	for number := 1; ; {
		code, err := l.readCell(ctx, number)
		switch {
		case errors.Is(err, errDropped) && l.options.Console.Interactive:
			continue
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		}
		ran := len(l.record.cells)
		if err := l.one(ctx, number, code); err != nil {
			return err
		}
		if len(l.record.cells) > ran {
			number++
		}
	}
}

// one runs one cell, or does what it asks of the loop itself.
func (l *loop) one(ctx context.Context, number int, code string) error {
	if args, ok := saveArgs(code); ok {
		l.save(args)
		return nil
	}
	if strings.TrimSpace(code) == "?" {
		l.screen.Block(help)
		return nil
	}
	if err := l.execute(ctx, typed(number, code), &l.record); err != nil {
		return err
	}
	if err := l.screen.Err(); err != nil {
		return fmt.Errorf("write the output: %w", err)
	}
	return l.startAgain()
}

// help is what ? shows.
const help = `Enter runs a cell that is complete, Alt-Enter begins a line. Tab completes.
name?      what a name is; name?? shows its source (or Shift-Tab at the name)
%lsmagic   the magics: maps in parallel, timelines, files; %NAME? says more
!command   run a command in the shell
%save FILE save the session as a notebook (.ipynb), Go in cells (.go) or, with -p, program
Up, Ctrl-R the history; Ctrl-C drops or interrupts a cell; Ctrl-D or exit leaves
`

func (l *loop) readCell(ctx context.Context, number int) (string, error) {
	if l.terminal != nil {
		return l.terminal.read(ctx, number)
	}
	return l.read(ctx, number)
}

// typed is a cell that the user gives.
func typed(number int, code string) session.Cell {
	return session.Cell{ID: fmt.Sprintf("repl-%d", number), Code: code, Number: number, StoreHistory: true, AllowStdin: true}
}

// execute runs one cell, shows what it does, and keeps it in r. The error says that no other
// can be run.
func (l *loop) execute(ctx context.Context, c session.Cell, r *record) error {
	stop, err := l.forward()
	if err != nil {
		return err
	}
	defer stop()
	c.PNG = l.terminal != nil && l.terminal.shows()
	if l.options.Console.Terminal {
		c.Width, _ = l.options.Console.Dimensions()
	}
	l.screen.Begin(c.Number)
	out := &recording{Screen: l.screen, cell: r.begin(c)}
	if h := l.options.History; h != nil && c.StoreHistory && l.options.Console.Interactive {
		h.Append(c.Number, c.Code)
		out.result = func(text string) { h.SetOutput(c.Number, text) }
	}
	reply, err := l.sess.Execute(ctx, c, out)
	l.screen.End()
	if errors.Is(err, session.ErrClosed) {
		return err
	}
	if err != nil && !errors.As(err, &reply.Err) {
		reply.Err = &session.Diagnostic{Name: session.SessionError, Message: err.Error()}
	}
	r.end(out.cell, reply)
	l.fresh = l.fresh || reply.Died || reply.Restart
	for _, p := range reply.Payloads {
		switch {
		case p.Source != "set_next_input":
		case l.terminal != nil:
			l.terminal.next = p.Text
		default:
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

// A recording shows what a cell emits, and keeps it.
type recording struct {
	*screen.Screen
	cell   *recorded
	result func(text string) // takes the text of the cell's value; may be nil
}

// Emit shows one event and keeps it.
func (r *recording) Emit(e session.Event) {
	r.Screen.Emit(e)
	r.cell.emit(e)
	if text, ok := e.Data["text/plain"].(string); ok && e.Kind == session.Result && r.result != nil {
		r.result(text)
	}
}

// forward interrupts the session at each Ctrl-C, until stop is called.
func (l *loop) forward() (stop func(), err error) {
	if l.terminal != nil {
		if err := l.terminal.tty.Signals(true); err != nil {
			return nil, err
		}
	}
	ended, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		for {
			select {
			case _, ok := <-l.options.Interrupts:
				if !ok {
					return
				}
				if l.terminal == nil {
					l.screen.Echoed()
				}
				l.sess.Interrupt()
			case <-ended:
				return
			}
		}
	}()
	return func() {
		close(ended)
		<-done
		if l.terminal != nil {
			l.terminal.problem(l.terminal.tty.Signals(false))
		}
	}, nil
}
