package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/adabc437/fanout/frontend/repl"
	"github.com/adabc437/fanout/frontend/term"
	"github.com/adabc437/fanout/kernel/history"
	"github.com/adabc437/fanout/kernel/supervisor"
)

func replCmd() *cobra.Command {
	var memory string
	var exec []string
	var vi, noInit bool
	cmd := &cobra.Command{
		Use: "repl", Short: "Run Go typed at a prompt", Args: cobra.NoArgs,
		Long: `Run Go typed at a prompt. Enter runs a cell when it is complete and else begins a
line; Alt-Enter always begins one. Tab completes, Shift-Tab (or F1, or Ctrl-X h)
describes what is at the cursor, and the signature of the call that is typed
stands below. Up and Down go through the history, which notebooks share, among
the cells that begin with what is typed; Ctrl-R searches it. Ctrl-X Ctrl-E edits
the cell in $EDITOR. Ctrl-C drops the cell or interrupts the one that runs, and
Ctrl-D leaves.

name? and name?? describe a name, !command runs in the shell, %lsmagic lists the
magics, and %save FILE saves the session as a notebook (.ipynb), a script (.go)
or, with -p, a Go program.

Settings are read from fanout/repl.toml in $XDG_CONFIG_HOME, and the Go in
fanout/init.go runs at the start. Piped input, and --exec, run without prompts
and colours; in piped input a cell ends with the line that completes it
("fanout run FILE" runs a file as one). What the Go of --exec reads is the
standard input. The exit status is 1 when a cell fails. docs/terminal.md has it all.`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			console := term.For(cmd.InOrStdin(), cmd.OutOrStdout(), cmd.ErrOrStderr())
			o := repl.Options{Console: console, Banner: kernelInfo().Banner}
			if cmd.Flags().Changed("exec") {
				o.Exec = exec
				if slices.ContainsFunc(exec, func(code string) bool { return strings.TrimSpace(code) == "" }) {
					return errors.New("--exec takes the Go to run, and it is empty")
				}
			}
			var err error
			if o.Settings, err = repl.ReadSettings(configPath("repl.toml")); err != nil {
				fmt.Fprintf(cmd.ErrOrStderr(), "fanout: %s\n", strings.ReplaceAll(err.Error(), "\n", "\nfanout: "))
			}
			if vi {
				o.Settings.Keys = "vi"
			}
			if !noInit {
				if o.Start, err = initCells(configPath("init.go")); err != nil {
					return err
				}
			}
			if console.Interactive && len(exec) == 0 {
				o.History = history.Open(history.Options{Path: historyPath(), Warn: func(err error) { fmt.Fprintf(cmd.ErrOrStderr(), "fanout: %v\n", err) }})
				defer o.History.Close()
			}
			interrupts := make(chan os.Signal, 4)
			signal.Notify(interrupts, os.Interrupt)
			defer signal.Stop(interrupts)
			o.Interrupts = interrupts
			opt := sessionOptions{memory: memory, logger: slog.New(slog.DiscardHandler)}
			return withSession(cmd.Context(), opt, func(s *supervisor.Supervisor) (int, error) {
				return repl.Run(cmd.Context(), s, o)
			})
		},
	}
	f := cmd.Flags()
	f.StringVar(&memory, "memory-limit", "", "memory that the session may use, such as 4GiB (default: 80% of what there is)")
	f.StringArrayVarP(&exec, "exec", "e", nil, "run `CODE`, show its result, and end; may be given several times")
	f.BoolVar(&vi, "vi", false, "use the keys of vi")
	f.BoolVar(&noInit, "no-init", false, "do not run init.go")
	return cmd
}

// configPath is the path of a file of the user's settings; "" where the system has no
// folder for them.
func configPath(name string) string {
	dir := os.Getenv("XDG_CONFIG_HOME")
	if dir == "" {
		var err error
		if dir, err = os.UserConfigDir(); err != nil {
			return ""
		}
	}
	return filepath.Join(dir, "fanout", name)
}

// maxInit is how many bytes init.go may have.
const maxInit = 1 << 20

// initCells is the cell that a file holds; none if there is no such file.
func initCells(path string) ([]repl.Start, error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("the cells to start with: %w", err)
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxInit+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("the cells to start with: %w", err)
	case len(text) > maxInit:
		return nil, fmt.Errorf("the cells to start with: %s has more than %d bytes", path, maxInit)
	}
	return []repl.Start{{Name: path, Code: string(text)}}, nil
}
