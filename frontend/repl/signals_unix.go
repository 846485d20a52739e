//go:build unix

package repl

import (
	"os"
	"os/signal"
	"syscall"
)

// resizes tells of new sizes of the terminal, until quiet is called.
func resizes() (sizes <-chan os.Signal, quiet func()) {
	c := make(chan os.Signal, 1)
	signal.Notify(c, syscall.SIGWINCH)
	return c, func() { signal.Stop(c) }
}

// suspend stops this program, as the shell's job control does, until it goes on.
func suspend() error { return syscall.Kill(os.Getpid(), syscall.SIGTSTP) }
