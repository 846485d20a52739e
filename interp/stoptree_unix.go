//go:build unix

package interp

import (
	"os/exec"
	"syscall"
)

// stopTree has a command's cancellation end the processes it has started, too.
func stopTree(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
}
