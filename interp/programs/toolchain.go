package programs

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"unicode/utf8"
)

// Toolchain builds the program in file, runs it, and says how that went. The
// error is of a program that does not build or whose output does not end with a
// line end.
func Toolchain(ctx context.Context, file string) (Outcome, error) {
	dir, err := os.MkdirTemp("", "program")
	if err != nil {
		return Outcome{}, err
	}
	defer os.RemoveAll(dir)
	exe := filepath.Join(dir, "program.exe")
	if out, err := exec.CommandContext(ctx, "go", "build", "-o", exe, file).CombinedOutput(); err != nil {
		return Outcome{}, fmt.Errorf("go build %s: %w\n%s", file, err, out)
	}
	cmd := exec.CommandContext(ctx, exe)
	cmd.Env = append(os.Environ(), "GOTRACEBACK=single")
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr, cmd.Dir = &stdout, &stderr, dir
	var exit *exec.ExitError
	if err := cmd.Run(); err != nil && !errors.As(err, &exit) {
		return Outcome{}, fmt.Errorf("%s: %w", file, err)
	}
	o := Outcome{Stdout: stdout.String(), Exit: cmd.ProcessState.ExitCode()}
	o.Panic, o.Line = report(stderr.String(), filepath.Base(file))
	if o.Stdout != "" && !strings.HasSuffix(o.Stdout, "\n") {
		return o, fmt.Errorf("%s: the output does not end with a line end", file)
	}
	if !utf8.ValidString(o.Stdout) {
		return o, fmt.Errorf("%s: the output is not valid UTF-8", file)
	}
	if o.Exit < 0 || strings.HasPrefix(stderr.String(), "fatal error: ") {
		return o, fmt.Errorf("%s: %s", file, stderr.String())
	}
	return o, nil
}
