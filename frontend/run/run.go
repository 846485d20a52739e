// Package run runs notebooks or a Go file from the command line, and shows what
// they print as a program would: output on stdout, errors on stderr, and an exit
// status.
//
// Cells are run by the session that it is given. How their output looks is decided
// in package screen, what a notebook keeps of it in package nbformat, and what the
// executed notebook is written as in package convert. Start at [File], [All] and
// [Execute].
package run

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/adabc437/fanout/frontend/convert"
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
var ErrKind = errors.New("want a notebook (.ipynb, .md) or a Go file (.go)")

// Options say how a file is run.
type Options struct {
	// Console is where input comes from and output goes to. Without In, cells
	// cannot ask for input.
	Console term.Console
	// Output is the path that the executed notebook is written to, in the format of
	// Write; empty means nowhere.
	Output string
	// Write says how it is written.
	Write convert.Options
	// Parameters are set before the cells run.
	Parameters []Parameter
	// AllowErrors goes on after a cell that failed.
	AllowErrors bool
	// Timeout bounds the time of each cell; 0 does not.
	Timeout time.Duration
	// Skip says which cells do not run, besides those with the tag skip-execution;
	// nil: none.
	Skip func(*nbformat.Cell) bool
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
	notebook, err := IsNotebook(path)
	switch {
	case err != nil:
		return exitFailed, err
	case notebook:
		r, err := notebookFile(ctx, sess, path, o)
		return r.Status, err
	case o.Output != "":
		return exitFailed, fmt.Errorf("%s: only an executed notebook can be written to %s", path, o.Output)
	case len(o.Parameters) > 0:
		return exitFailed, fmt.Errorf("%s: parameters are for notebooks; a program has its arguments", path)
	}
	return goFile(ctx, sess, path, o)
}

// IsNotebook says whether the file at path runs as a notebook: .ipynb, .md, or a Go
// file in cells (see package convert). Other Go files run as programs. The error is
// an [ErrKind] for files of other kinds.
func IsNotebook(path string) (bool, error) {
	switch strings.ToLower(filepath.Ext(path)) {
	case ".ipynb", ".md", ".markdown":
		return true, nil
	case ".go":
		code, err := readGo(path)
		return err == nil && convert.IsNotebook([]byte(code)), err
	}
	return false, fmt.Errorf("%s: %w", path, ErrKind)
}

// A runner runs cells and shows what they do.
type runner struct {
	sess    session.Session
	options Options
	program bool // what runs is no cell of several
	html    bool // outputs are kept for pages
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
		AllowStdin: r.options.Console.In != nil, Program: r.program, HTML: r.html,
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

// A Result says how a notebook ran.
type Result struct {
	// Status is the exit status: 0, 1 or 130.
	Status int
	// Cells is how many cells were to run, and Ran how many began.
	Cells, Ran int
	// Failed is the cell that the run ended with; nil if it went to the end. Error is
	// what the cell ended with.
	Failed *nbformat.Cell
	Error  *session.Diagnostic
	Took   time.Duration
}

// Load reads the notebook at path, in any of its formats.
func Load(path string) (*nbformat.Notebook, error) {
	nb, err := convert.ReadFile(path)
	if err != nil {
		return nil, err
	}
	if language := nb.Language(); language != "" && language != "go" {
		return nil, fmt.Errorf("%s: the notebook is written in %s; Fanout runs Go", path, language)
	}
	return nb, nil
}

// Execute runs the cells of nb in sess and leaves their outputs in it, as a page
// shows them. Parameters and Output are not looked at.
func Execute(ctx context.Context, sess session.Session, nb *nbformat.Notebook, o Options) (Result, error) {
	r := newRunner(sess, o, screen.Options{})
	r.html = true
	result := r.notebook(ctx, nb)
	return result, r.writeError(nil)
}

// notebookFile runs the notebook at path.
func notebookFile(ctx context.Context, sess session.Session, path string, o Options) (Result, error) {
	failed := Result{Status: exitFailed}
	nb, err := Load(path)
	if err != nil {
		return failed, err
	}
	if err := Inject(nb, o.Parameters); err != nil {
		return failed, fmt.Errorf("%s: %w", path, err)
	}
	if err := folderOf(o.Output); err != nil {
		return failed, err
	}
	r := newRunner(sess, o, screen.Options{})
	r.html = o.Output != ""
	result := r.notebook(ctx, nb)
	if o.Output != "" {
		write := o.Write
		write.Dir = filepath.Dir(path)
		err = convert.WriteFile(o.Output, nb, write)
	}
	if err = r.writeError(err); err != nil && result.Status == exitOK {
		result.Status = exitFailed
	}
	return result, err
}
