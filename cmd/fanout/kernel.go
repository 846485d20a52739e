package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/adabc437/fanout/interp/size"
	"github.com/adabc437/fanout/kernel"
	"github.com/adabc437/fanout/kernel/history"
	"github.com/adabc437/fanout/kernel/supervisor"
	"github.com/adabc437/fanout/kernel/wire"
)

func kernelCmd() *cobra.Command {
	var memory string
	var verbose bool
	cmd := &cobra.Command{
		Use:   "kernel CONNECTION_FILE",
		Short: "Run the kernel that a Jupyter front end asks for",
		Long: `Run the kernel that a Jupyter front end asks for. Jupyter calls this command
with the name of a connection file; "fanout install" tells it to.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return serveKernel(cmd.Context(), args[0], memory, verbose)
		},
	}
	cmd.Flags().StringVar(&memory, "memory-limit", "", "memory that the session may use, such as 4GiB (default: 80% of what there is)")
	cmd.Flags().BoolVar(&verbose, "verbose", false, "log what goes on to stderr")
	return cmd
}

// serveKernel runs a kernel until it is asked to end.
func serveKernel(ctx context.Context, file, memory string, verbose bool) error {
	conn, err := wire.ReadConnection(file)
	if err != nil {
		return err
	}
	level := slog.LevelWarn
	if verbose {
		level = slog.LevelDebug
	}
	logger := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: level}))
	sess, err := startSession(ctx, sessionOptions{memory: memory, logger: logger})
	if err != nil {
		return err
	}
	k, err := kernel.New(kernel.Config{
		Session: sess, History: history.Open(history.Options{Path: historyPath(), Warn: func(err error) { logger.Warn("history", "err", err) }}),
		Info: kernelInfo(), HTML: true, Connection: &conn, Logger: logger,
	})
	if err != nil {
		return fmt.Errorf("kernel: %w", err)
	}
	interrupts := make(chan os.Signal, 4)
	signal.Notify(interrupts, os.Interrupt)
	defer signal.Stop(interrupts)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go watchParent(ctx, cancel)
	go func() {
		for {
			select {
			case <-interrupts:
				k.Interrupt()
			case <-ctx.Done():
				return
			}
		}
	}()
	return kernel.ServeZMQ(ctx, conn, k)
}

// watchParent ends the kernel when the program that started it is gone without
// having asked it to end. Jupyter says which program that is.
func watchParent(ctx context.Context, end context.CancelFunc) {
	parent, err := strconv.Atoi(os.Getenv("JPY_PARENT_PID"))
	if err != nil || parent <= 1 || parent != os.Getppid() {
		return
	}
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if os.Getppid() != parent {
				end()
				return
			}
		}
	}
}

// kernelInfo is what the kernel says of itself.
func kernelInfo() kernel.Info {
	return kernel.Info{
		Version: release, GoVersion: runtime.Version()[len("go"):],
		Banner: fmt.Sprintf("Fanout %s: Go for parallel experiments (%s). Try %%lsmagic, or name? for help.", version(), runtime.Version()),
		HelpLinks: []wire.HelpLink{
			{Text: "Go packages", URL: "https://pkg.go.dev/std"},
			{Text: "A tour of Go", URL: "https://go.dev/tour"},
			{Text: "Gonum", URL: "https://pkg.go.dev/gonum.org/v1/gonum"},
		},
	}
}

// sessionOptions are what the commands that start a session choose.
type sessionOptions struct {
	memory      string // limit, as the user writes it
	streamLimit int64
	dir         string
	args        []string // os.Args of the cells; nil: the program's name alone
	logger      *slog.Logger
}

// startSession starts the process in which cells run.
func startSession(ctx context.Context, o sessionOptions) (*supervisor.Supervisor, error) {
	exe, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("where this program is: %w", err)
	}
	opt := supervisor.Options{Command: append([]string{exe, "session", "--"}, o.args...), Logger: o.logger, StreamLimit: o.streamLimit, Dir: o.dir}
	if o.memory != "" {
		if opt.MemoryLimit, err = size.Parse(o.memory); err != nil {
			return nil, fmt.Errorf("memory limit: %w", err)
		}
	}
	s, err := supervisor.Start(ctx, opt)
	if err != nil {
		return nil, fmt.Errorf("session: %w", err)
	}
	return s, nil
}

// historyPath is the file that holds the history of all kernels of a user, in
// the folder that the system has for such data; "" where there is none.
func historyPath() string {
	if p := os.Getenv("FANOUT_HISTORY"); p != "" {
		return p
	}
	dir := os.Getenv("XDG_DATA_HOME")
	var err error
	switch {
	case dir != "":
	case runtime.GOOS == "darwin":
		dir, err = os.UserConfigDir()
	case runtime.GOOS == "windows":
		dir, err = os.UserCacheDir()
	default:
		dir, err = os.UserHomeDir()
		dir = filepath.Join(dir, ".local", "share")
	}
	if err != nil {
		return ""
	}
	return filepath.Join(dir, "fanout", "history.sqlite")
}
