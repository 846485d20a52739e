// Package run runs a notebook or a Go file from the command line, and shows what
// it prints as a program would: output on stdout, errors on stderr, and an exit
// status.
//
// It knows nothing of Go: cells are run by the session that it is given. How
// their output looks is decided in package screen, and what a notebook keeps of
// it in package nbformat. Start at [File].
package run

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/adabc437/fanout/frontend/internal/screen"
	"github.com/adabc437/fanout/frontend/nbformat"
	"github.com/adabc437/fanout/frontend/term"
	"github.com/adabc437/fanout/interp/session"
)

// The exit statuses of a run.
const (
	exitOK          = 0
	exitFailed      = 1
	exitInterrupted = 130 // as a shell says of a program that SIGINT ended
)

// ErrKind says that a file is neither a notebook nor a Go file.
var ErrKind = errors.New("want a notebook (.ipynb) or a Go file (.go)")

// Options say how a file is run.
type Options struct {
	// Console is where input comes from and output goes to. Without In, cells
	// cannot ask for input.
	Console term.Console
	// Output is the path that the executed notebook is written to; empty means
	// nowhere.
	Output string
	// AllowErrors goes on after a cell that failed.
	AllowErrors bool
	// Timeout bounds the time of each cell; 0 does not.
	Timeout time.Duration
}

// File runs the file at path, a notebook or a Go file by its extension, in sess,
// which stays open.
//
// The exit status is 0 when all is well, 1 when a cell failed (and was not
// allowed to), 130 when ctx was cancelled, and that of the program when a Go file
// ended with os.Exit. The error says what was wrong beside the cells: the file
// cannot be read, the executed notebook cannot be written; it is not shown yet,
// and the status is not 0 then. What was wrong in cells is shown already.
func File(ctx context.Context, sess session.Session, path string, o Options) (exitCode int, err error) {
	switch strings.ToLower(filepath.Ext(path)) {
	case ".ipynb":
		return notebookFile(ctx, sess, path, o)
	case ".go":
		if o.Output != "" {
			return exitFailed, fmt.Errorf("%s: only an executed notebook (.ipynb) can be written to %s", path, o.Output)
		}
		return goFile(ctx, sess, path, o)
	}
	return exitFailed, fmt.Errorf("%s: %w", path, ErrKind)
}

// A runner runs cells and shows what they do.
type runner struct {
	sess    session.Session
	options Options
	program bool // what runs is no cell of several
	screen  *screen.Screen
}

func newRunner(sess session.Session, o Options, show screen.Options) *runner {
	var lines *screen.Lines
	if o.Console.In != nil {
		lines = screen.NewLines(o.Console.In)
	}
	return &runner{sess: sess, options: o, screen: screen.New(o.Console, lines, show)}
}

// execute runs one cell. Whatever happens to the session, there is a reply.
func (r *runner) execute(ctx context.Context, code string, number int, out session.Output) session.Reply {
	if ctx.Err() != nil {
		return session.Reply{Err: &session.Diagnostic{Name: session.Interrupted, Message: "interrupted before the cell began"}}
	}
	timed := ctx
	if r.options.Timeout > 0 {
		var cancel context.CancelFunc
		timed, cancel = context.WithTimeout(ctx, r.options.Timeout)
		defer cancel()
	}
	r.screen.Begin(number)
	defer r.screen.End()
	reply, err := r.sess.Execute(timed, session.Cell{
		ID: fmt.Sprintf("run-%d", number), Code: code, Number: number, StoreHistory: true,
		AllowStdin: r.options.Console.In != nil, Program: r.program,
	}, out)
	if err != nil {
		var d *session.Diagnostic
		if !errors.As(err, &d) {
			d = &session.Diagnostic{Name: session.SessionError, Message: err.Error()}
		}
		reply.Err = d
	}
	if ctx.Err() != nil {
		r.screen.Echoed()
	}
	if reply.Err != nil && reply.Err.Name == session.Interrupted && ctx.Err() == nil && errors.Is(timed.Err(), context.DeadlineExceeded) {
		late := *reply.Err
		late.Message = fmt.Sprintf("the cell did not end within %s", r.options.Timeout)
		reply.Err = &late
	}
	return reply
}

// writeError is err if there is one, else what went wrong with writing output.
func (r *runner) writeError(err error) error {
	if shown := r.screen.Err(); shown != nil {
		return errors.Join(err, fmt.Errorf("write the output: %w", shown))
	}
	return err
}

// notebookFile runs the notebook at path.
func notebookFile(ctx context.Context, sess session.Session, path string, o Options) (int, error) {
	nb, err := nbformat.ReadFile(path)
	if err != nil {
		return exitFailed, err
	}
	if language := nb.Language(); language != "" && language != "go" {
		return exitFailed, fmt.Errorf("%s: the notebook is written in %s; Fanout runs Go", path, language)
	}
	if err := folderOf(o.Output); err != nil {
		return exitFailed, err
	}
	r := newRunner(sess, o, screen.Options{})
	status := r.notebook(ctx, nb)
	if o.Output != "" {
		err = nb.WriteFile(o.Output)
	}
	if err = r.writeError(err); err != nil && status == exitOK {
		status = exitFailed
	}
	return status, err
}
