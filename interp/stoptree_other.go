//go:build !unix

package interp

import "os/exec"

// stopTree leaves a command's cancellation as it is: the command alone is ended.
func stopTree(*exec.Cmd) {}
