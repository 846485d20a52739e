// Command fanout is a Go notebook kernel for parallel experiments: it runs Go in
// Jupyter, from files and in the terminal.
//
// Each subcommand is a file of its own. `fanout kernel` is what Jupyter starts;
// `fanout session` is the process in which cells run, which the kernel starts.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"runtime/debug"
	"syscall"

	"github.com/spf13/cobra"
)

func main() {
	os.Exit(execute(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// exitCode is an error that has been shown already and asks for an exit status.
type exitCode int

func (e exitCode) Error() string { return fmt.Sprintf("exit status %d", int(e)) }

func execute(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	root := newRoot()
	root.SetArgs(args)
	root.SetIn(stdin)
	root.SetOut(stdout)
	root.SetErr(stderr)
	err := root.ExecuteContext(ctx)
	var code exitCode
	switch {
	case err == nil:
		return 0
	case errors.As(err, &code):
		return int(code)
	}
	fmt.Fprintf(stderr, "fanout: %v\n", err)
	return 2
}

func newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:   "fanout",
		Short: "A Go notebook kernel for parallel experiments",
		Long: `Fanout runs Go in a Jupyter notebook, from a file or in the terminal, maps
functions over data on every core, and draws where the time went.

"fanout" alone opens the web notebook, as "fanout notebook" does. "fanout install"
lets Jupyter's other front ends find "Go (Fanout)", and "fanout repl" is for the
terminal.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return serveNotebook(cmd, ".", notebookOptions{ip: "127.0.0.1", port: 8888})
		},
		SilenceUsage: true, SilenceErrors: true,
		Version: version(),
	}
	root.SetVersionTemplate("fanout {{.Version}}\n")
	root.CompletionOptions.HiddenDefaultCmd = true
	root.AddCommand(kernelCmd(), sessionCmd(), installCmd(), uninstallCmd(), runCmd(), convertCmd(), testCmd(), notebookCmd(), replCmd(), doctorCmd(), versionCmd())
	return root
}

// release is the version of Fanout that this source is.
const release = "0.1.0"

// version is the release, with the revision it was built from where that is
// known.
func version() string {
	v := release
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return v
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" && len(s.Value) >= 12 {
			v += "+" + s.Value[:12]
		}
	}
	return v
}

func versionCmd() *cobra.Command {
	return &cobra.Command{
		Use: "version", Short: "Print the versions of Fanout and of the Go it was built with", Args: cobra.NoArgs,
		Run: func(cmd *cobra.Command, _ []string) {
			fmt.Fprintf(cmd.OutOrStdout(), "fanout %s, built with %s for %s/%s\n", version(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
		},
	}
}
