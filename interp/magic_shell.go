package interp

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sort"
	"strings"
	"time"

	"github.com/adabc437/fanout/interp/cell"
	"github.com/adabc437/fanout/interp/session"
)

// shell runs a command line; its output goes to the cell's.
func (r *run) shell(line string) error {
	return r.command(line, "sh")
}

func (r *run) command(script, shell string) error {
	name, args := shell, []string{"-c", script}
	if runtime.GOOS == "windows" && shell == "sh" {
		name, args = "cmd", []string{"/C", script}
	}
	cmd := exec.CommandContext(r.ctx, name, args...)
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	stopTree(cmd)
	cmd.WaitDelay = 200 * time.Millisecond
	err := cmd.Run()
	var exit *exec.ExitError
	switch {
	case r.ctx.Err() != nil:
		return &session.Diagnostic{Name: session.Interrupted, Message: "the command was interrupted"}
	case errors.As(err, &exit):
		return fmt.Errorf("the command ended with %s", exit.ProcessState)
	case errors.Is(err, exec.ErrWaitDelay), err == nil:
		return nil
	}
	return fmt.Errorf("cannot run %s: %w", name, err)
}

func bashMagic() *Magic {
	return &Magic{
		Name: "bash", Short: "Run the cell as a bash script.",
		Example: "%%bash\nfor i in 1 2 3; do echo $i; done",
		Cell: func(r *run, p cell.Piece) error {
			return r.command(p.Body, "bash")
		},
	}
}

func envMagic() *Magic {
	return &Magic{
		Name: "env", Args: "[NAME[=VALUE]]", Short: "List, show or set environment variables of the session.",
		Line: func(r *run, args string) error {
			if args == "" {
				list := os.Environ()
				sort.Strings(list)
				r.print(strings.Join(list, "\n") + "\n")
				return nil
			}
			name, value, set := strings.Cut(args, "=")
			if first, rest, blank := strings.Cut(args, " "); blank && (!set || strings.Contains(strings.TrimSpace(name), " ")) {
				name, value, set = first, rest, true
			}
			name = strings.TrimSpace(name)
			if strings.ContainsAny(name, " \t") || name == "" {
				return fmt.Errorf("%q is not a name of an environment variable", name)
			}
			if !set {
				v, ok := os.LookupEnv(name)
				if !ok {
					return fmt.Errorf("environment variable %s is not set", name)
				}
				r.print(v + "\n")
				return nil
			}
			value = strings.TrimSpace(value)
			if err := os.Setenv(name, value); err != nil {
				return fmt.Errorf("cannot set %s: %w", name, err)
			}
			r.setting("%env "+name, "%env "+name+"="+value)
			r.print("env: " + name + "=" + value + "\n")
			return nil
		},
	}
}

// setting notes a magic that a session which replaces this one must run again.
func (r *run) setting(name, source string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.settings = append(r.settings, session.Declaration{Name: name, Cell: r.cell.Number, Source: source})
}

func cdMagic() *Magic {
	return &Magic{
		Name: "cd", Args: "[DIR]", Short: "Change the working directory of the session; without DIR, to the home directory; - goes back.",
		Line: func(r *run, args string) error {
			dir := strings.Trim(args, `"'`)
			if dir == "-" {
				if dir = os.Getenv("OLDPWD"); dir == "" {
					return errors.New("there is no directory to go back to")
				}
			}
			if dir == "" || dir == "~" || strings.HasPrefix(dir, "~/") {
				home, err := os.UserHomeDir()
				if err != nil {
					return fmt.Errorf("no home directory: %w", err)
				}
				dir = filepath.Join(home, strings.TrimPrefix(dir, "~"))
			}
			old, _ := os.Getwd()
			if err := os.Chdir(dir); err != nil {
				return fmt.Errorf("cannot change to %s: %w", dir, err)
			}
			now, err := os.Getwd()
			if err != nil {
				return fmt.Errorf("working directory: %w", err)
			}
			_ = os.Setenv("OLDPWD", old) // a name and a path cannot be refused
			r.setting("%cd", "%cd "+now)
			r.print(now + "\n")
			return nil
		},
	}
}

func pwdMagic() *Magic {
	return &Magic{
		Name: "pwd", Short: "Print the working directory of the session.",
		Line: func(r *run, _ string) error {
			dir, err := os.Getwd()
			if err != nil {
				return fmt.Errorf("working directory: %w", err)
			}
			r.print(dir + "\n")
			return nil
		},
	}
}
