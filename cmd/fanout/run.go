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

	"github.com/adabc437/fanout/frontend/run"
	"github.com/adabc437/fanout/frontend/term"
	"github.com/adabc437/fanout/kernel/supervisor"
)

func runCmd() *cobra.Command {
	var output, memory string
	var allowErrors bool
	var timeout time.Duration
	cmd := &cobra.Command{
		Use:   "run [flags] FILE [arguments of a program]",
		Short: "Run a notebook (.ipynb) or a Go program (.go)",
		Long: `Run a notebook or a Go program. A notebook's cells run in order, and their output
goes to stdout. A Go program runs as one cell; what follows its name is its own
(os.Args). The exit status is 1 when a cell
fails, that of os.Exit where a program calls it, and 130 after Ctrl-C.`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			notebook := strings.EqualFold(filepath.Ext(args[0]), ".ipynb")
			if notebook { // which has no arguments: flags may follow it
				if err := cmd.Flags().Parse(args[1:]); err != nil {
					return err
				}
				if rest := cmd.Flags().Args(); len(rest) > 0 {
					return fmt.Errorf("a notebook takes no arguments, but %q follows it", rest[0])
				}
			}
			ctx, stop := signal.NotifyContext(cmd.Context(), os.Interrupt)
			defer stop()
			context.AfterFunc(ctx, stop) // a second Ctrl-C ends the program at once
			opt := sessionOptions{memory: memory, logger: slog.New(slog.DiscardHandler)}
			if notebook { // as Jupyter does
				opt.dir = filepath.Dir(args[0])
			} else {
				opt.args = args
				opt.streamLimit = math.MaxInt64 // a program prints as much as it likes
			}
			return withSession(cmd.Context(), opt, func(s *supervisor.Supervisor) (int, error) {
				return run.File(ctx, s, args[0], run.Options{
					Console: term.For(cmd.InOrStdin(), cmd.OutOrStdout(), cmd.ErrOrStderr()),
					Output:  output, AllowErrors: allowErrors, Timeout: timeout,
				})
			})
		},
	}
	f := cmd.Flags()
	f.SetInterspersed(false)
	f.StringVarP(&output, "output", "o", "", "write the executed notebook to `FILE`")
	f.BoolVar(&allowErrors, "allow-errors", false, "go on after a cell that fails")
	f.DurationVar(&timeout, "timeout", 0, "the time a cell may take, such as 60s (default: no limit)")
	f.StringVar(&memory, "memory-limit", "", "memory that the session may use, such as 4GiB (default: 80% of what there is)")
	return cmd
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
