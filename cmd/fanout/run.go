package main

import (
	"context"
	"fmt"
	"log/slog"
	"math"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/adabc437/fanout/frontend/convert"
	"github.com/adabc437/fanout/frontend/run"
	"github.com/adabc437/fanout/frontend/term"
	"github.com/adabc437/fanout/interp/session"
	"github.com/adabc437/fanout/kernel/supervisor"
)

func runCmd() *cobra.Command {
	var c runFlags
	cmd := &cobra.Command{
		Use:   "run [flags] FILE... [arguments of a program]",
		Short: "Run notebooks (.ipynb, .md) or a Go program (.go)",
		Long: `Run notebooks or a Go program.

A notebook's cells run in order, and their output goes to stdout; -o writes the
executed notebook, as HTML or Markdown where its name says so. A Go file in cells
("fanout convert" makes them) is a notebook too. Several notebooks each run in a
session of their own, one after the other or, with -j, at the same time.

Any other Go file is a program and runs as one cell; what follows its name is its
own (os.Args).

-p sets a parameter. A cell with the tag "parameters" declares those that there are,
with the values that they have without:

    n := 100
    name := "ada"

A cell that sets the others is put after it. Values are literals of Go of the type
that the parameter has; strings need no quotes, and durations may be written as 30s.

Cells with the tag "raises-exception" may fail, and those with "skip-execution" do
not run. The exit status is 1 when a cell fails, that of os.Exit where a program calls
it, and 130 after Ctrl-C.`,
		Example: `  fanout run report.ipynb
  fanout run report.ipynb -p n=1000 -p name=ada -o report.html
  fanout run a.ipynb b.ipynb -j 2 -o executed/ --cell-timeout 30s
  fanout run *.ipynb -o pages/ --to html
  fanout run program.go -n 5`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return c.run(cmd, args) },
	}
	f := cmd.Flags()
	f.SetInterspersed(false)
	f.StringVarP(&c.output, "output", "o", "", "write the executed notebook to `FILE`; of several, to files in this folder")
	f.StringVar(&c.to, "to", "", "write it as ipynb, html or md (default: what FILE ends in); without -o, beside the notebook")
	f.StringArrayVarP(&c.parameters, "parameter", "p", nil, "set a parameter, as `NAME=VALUE`; may be given again")
	f.IntVarP(&c.jobs, "jobs", "j", 1, "how many notebooks run at the same time")
	f.BoolVar(&c.allowErrors, "allow-errors", false, "go on after a cell that fails")
	f.DurationVar(&c.timeout, "cell-timeout", 0, "the time a cell may take, such as 60s (default: no limit)")
	f.DurationVar(&c.timeout, "timeout", 0, "the older name of --cell-timeout")
	_ = f.MarkHidden("timeout") // it is there
	f.BoolVar(&c.allowScripts, "allow-scripts", false, "let scripts in outputs run in pages of HTML")
	f.StringVar(&c.memory, "memory-limit", "", "memory that a session may use, such as 4GiB (default: 80% of what there is)")
	return cmd
}

// runFlags are the flags of run.
type runFlags struct {
	output, to, memory        string
	parameters                []string
	jobs                      int
	allowErrors, allowScripts bool
	timeout                   time.Duration
}

// run runs what args name.
func (c *runFlags) run(cmd *cobra.Command, args []string) error {
	notebook, err := run.IsNotebook(args[0])
	if err != nil {
		return err
	}
	if notebook { // which has no arguments: flags may follow it
		flags := cmd.Flags()
		flags.SetInterspersed(true)
		if err := flags.Parse(args[1:]); err != nil {
			return err
		}
		if help, _ := flags.GetBool("help"); help {
			return cmd.Help()
		}
		args = append(args[:1:1], flags.Args()...)
	}
	ctx, stop := signal.NotifyContext(cmd.Context(), os.Interrupt)
	defer stop()
	context.AfterFunc(ctx, stop) // a second Ctrl-C ends the program at once
	o := run.Options{
		Console:     term.For(cmd.InOrStdin(), cmd.OutOrStdout(), cmd.ErrOrStderr()),
		AllowErrors: c.allowErrors, Timeout: c.timeout, Write: convert.Options{AllowScripts: c.allowScripts},
	}
	for _, text := range c.parameters {
		p, err := run.ParseParameter(text)
		if err != nil {
			return err
		}
		o.Parameters = append(o.Parameters, p)
	}
	if !notebook {
		o.Output = c.output
		opt := sessionOptions{memory: c.memory, logger: slog.New(slog.DiscardHandler), args: args, streamLimit: math.MaxInt64} // a program prints as much as it likes
		return withSession(cmd.Context(), opt, func(s *supervisor.Supervisor) (int, error) { return run.File(ctx, s, args[0], o) })
	}
	jobs, err := c.outputs(args, &o.Write)
	if err != nil {
		return err
	}
	if len(jobs) == 1 {
		o.Output = jobs[0].Output
		return withSession(cmd.Context(), notebookSession(c.memory, filepath.Dir(args[0])), func(s *supervisor.Supervisor) (int, error) {
			return run.File(ctx, s, args[0], o)
		})
	}
	code, err := run.All(ctx, starter(cmd.Context(), c.memory), jobs, c.jobs, o)
	if err == nil && code != 0 {
		err = exitCode(code)
	}
	return err
}

// notebookSession is how a session of a notebook in dir starts: there, as in Jupyter.
func notebookSession(memory, dir string) sessionOptions {
	return sessionOptions{memory: memory, logger: slog.New(slog.DiscardHandler), dir: dir}
}

// starter starts sessions of notebooks. They live as long as ctx, not as that of the
// run, which an interrupt ends.
func starter(ctx context.Context, memory string) run.Start {
	return func(_ context.Context, dir string) (session.Session, error) {
		return startSession(ctx, notebookSession(memory, dir))
	}
}

// outputs says where each notebook is written to, and makes the folder that several
// go to.
func (c *runFlags) outputs(paths []string, write *convert.Options) ([]run.Job, error) {
	jobs := make([]run.Job, len(paths))
	for i, path := range paths {
		if notebook, err := run.IsNotebook(path); err != nil {
			return nil, err
		} else if !notebook {
			return nil, fmt.Errorf("%s is a program; it cannot run together with notebooks", path)
		}
		jobs[i].Path = path
	}
	if c.output == "" && c.to == "" {
		return jobs, nil
	}
	folder := len(paths) > 1 && c.output != "" || strings.HasSuffix(c.output, "/") || strings.HasSuffix(c.output, string(filepath.Separator))
	if info, err := os.Stat(c.output); err == nil && info.IsDir() {
		folder = true
	}
	format := convert.Notebook
	var err error
	switch {
	case c.to != "":
		format, err = convert.ParseFormat(c.to)
	case !folder && filepath.Ext(c.output) != "":
		format, err = convert.FormatOf(c.output)
	}
	if err != nil {
		return nil, err
	}
	write.Format = format
	if folder {
		if err := os.MkdirAll(c.output, 0o777); err != nil {
			return nil, err
		}
	}
	taken := map[string]string{}
	for i, path := range paths {
		name := strings.TrimSuffix(path, filepath.Ext(path)) + "." + string(format)
		switch {
		case folder:
			name = filepath.Join(c.output, filepath.Base(name))
		case c.output != "":
			name = c.output
		case name == path:
			return nil, fmt.Errorf("%s would be written over; say with -o where it goes", path)
		}
		if other := taken[name]; other != "" {
			return nil, fmt.Errorf("%s and %s would both be written to %s", other, path, name)
		}
		taken[name], jobs[i].Output = path, name
	}
	return jobs, nil
}

// withSession runs f with a session of its own, and turns the exit code that f
// returns into an error that main understands.
func withSession(ctx context.Context, opt sessionOptions, f func(*supervisor.Supervisor) (int, error)) error {
	s, err := startSession(ctx, opt)
	if err != nil {
		return err
	}
	code, err := f(s)
	if closeErr := s.Close(); err == nil && closeErr != nil {
		err = fmt.Errorf("session: %w", closeErr)
	}
	switch {
	case err != nil:
		return err
	case code != 0:
		return exitCode(code)
	}
	return nil
}
