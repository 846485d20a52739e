package interp

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/adabc437/fanout/interp/build"
	"github.com/adabc437/fanout/interp/check"
	"github.com/adabc437/fanout/interp/emit"
	"github.com/adabc437/fanout/interp/session"
)

// race builds the source of a cell as a program with the race detector, runs it, and
// shows what the detector saw. look is the run that its magics belong to.
func (r *run) race(look *run, src string, calls map[string]string, opt raceOpt) error {
	tools, p, err := look.raceSource(src, calls)
	if err != nil {
		return err
	}
	exe, remove, err := tools.BuildProgram(r.ctx, p.Program)
	if err != nil {
		return r.raceBuildError(err)
	}
	defer remove()
	out, err := r.raceRun(exe, p.values, opt.limit)
	if err != nil {
		return err
	}
	list := r.findings(parseRaces(out.log), readLines(p.Files))
	r.emit(session.Event{Kind: session.Display, Data: map[string]any{"text/plain": raceText(list), "text/html": raceHTML(list)}, Metadata: map[string]any{}})
	if d := r.raceEnd(out, opt.limit); d != nil {
		return d
	}
	return nil
}

// raceSource makes the program, and says what builds it.
func (r *run) raceSource(src string, calls map[string]string) (*build.Toolchain, *raceProgram, error) {
	i := r.interp
	jobs := len(i.running())
	i.mu.Lock()
	defer i.mu.Unlock()
	switch {
	case i.native == nil && i.options.Tools != nil:
		return nil, nil, errors.New("the race detector is for compiled cells, and cells are interpreted, as asked for: %tier compiled changes that")
	case i.native == nil:
		return nil, nil, fmt.Errorf("the race detector needs the Go toolchain and cgo, and cells are interpreted here: %w; `fanout doctor` says how to get it", i.noTools())
	}
	p, d := r.raceProgram(src, calls, jobs)
	if d != nil {
		return nil, nil, d
	}
	return i.native.tools, p, nil
}

// asRace gives an error of a map the name of the magic that it came from.
func asRace(err error) error {
	var d *session.Diagnostic
	if errors.As(err, &d) && d.Name == session.MagicError {
		d.Message, d.Hint = strings.ReplaceAll(d.Message, "%pmap", "%race"), strings.ReplaceAll(d.Hint, "%pmap", "%race")
	}
	return err
}

// raceBuildError is why there is no program.
func (r *run) raceBuildError(err error) error {
	var failed *build.CompileError
	switch {
	case r.ctx.Err() != nil:
		return &session.Diagnostic{Name: session.Interrupted, Message: "the program was interrupted while it was built; it has not run"}
	case !errors.As(err, &failed):
		return err
	}
	var list []*session.Diagnostic
	for _, l := range failed.Lines {
		d := &session.Diagnostic{Name: session.TypeError, Message: emit.Plain(l.Msg)}
		if raceFileRE.MatchString(path.Base(l.File)) {
			n, _ := check.CellOf(path.Base(l.File))
			d.Pos = r.linePlace(n, l.Line)
		}
		list = append(list, d)
	}
	return check.Errors(list)
}

// A raceOutcome is how a program ended.
type raceOutcome struct {
	log   string // the detector's account
	crash string // what Go says of a panic
	code  int    // the exit status
	late  bool   // the time limit ended it
	state string
}

// raceRun runs the program to its end, to the time limit, or to the cell's interrupt.
// What it prints is the cell's output.
func (r *run) raceRun(exe string, values []byte, limit time.Duration) (*raceOutcome, error) {
	dir := filepath.Dir(exe)
	if err := os.WriteFile(filepath.Join(dir, "values"), values, 0o600); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(r.ctx, limit)
	defer cancel()
	errs := &crashWriter{to: os.Stderr}
	cmd := exec.CommandContext(ctx, exe)
	cmd.Stdout, cmd.Stderr = os.Stdout, errs
	cmd.Env = append(os.Environ(), "FANOUT_RACE_VALUES="+filepath.Join(dir, "values"), "GOTRACEBACK=single",
		// The exit status is the program's own, and the account is parted from its output.
		"GORACE=exitcode=0 atexit_sleep_ms=50 history_size=3 log_path="+filepath.Join(dir, "race"))
	stopTree(cmd)
	cmd.WaitDelay = 200 * time.Millisecond
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("cannot run the program: %w", err)
	}
	err := cmd.Wait()
	out := &raceOutcome{code: cmd.ProcessState.ExitCode(), state: cmd.ProcessState.String(), late: ctx.Err() != nil && r.ctx.Err() == nil}
	if exit := new(exec.ExitError); err != nil && !errors.As(err, &exit) && !errors.Is(err, exec.ErrWaitDelay) && ctx.Err() == nil {
		return nil, fmt.Errorf("the program: %w", err)
	}
	if out.crash = errs.held.String(); out.code != 2 {
		_, _ = io.WriteString(os.Stderr, out.crash) // text of the program that only looks like a crash
		out.crash = ""
	}
	out.log = readStart(filepath.Join(dir, "race."+strconv.Itoa(cmd.Process.Pid)), maxRaceLog)
	return out, nil
}

// readStart reads the first bytes of a file that need not be there.
func readStart(name string, size int64) string {
	f, err := os.Open(name)
	if err != nil {
		return ""
	}
	defer f.Close()
	b, _ := io.ReadAll(io.LimitReader(f, size)) // as much as there is
	return string(b)
}

// maxCrash bounds what is kept of a crash.
const maxCrash = 1 << 20

// A crashWriter hands on lines until one begins Go's account of a crash, and holds it and
// what follows.
type crashWriter struct {
	to   io.Writer
	rest []byte // of a line
	held bytes.Buffer
	in   bool
}

var crashRE = regexp.MustCompile(`^(?:panic: |fatal error: |runtime: |unexpected fault address|SIG[A-Z]+: )`)

// Write implements io.Writer.
func (w *crashWriter) Write(p []byte) (int, error) {
	n := len(p)
	for len(p) > 0 && !w.in {
		line, rest, whole := bytes.Cut(p, []byte("\n"))
		if whole {
			line = p[:len(line)+1]
		}
		begins := len(w.rest) == 0
		p = rest
		if begins && crashRE.Match(line) {
			w.in = true
			w.hold(line)
			break
		}
		if w.rest = nil; !whole {
			w.rest = line
		}
		if _, err := w.to.Write(line); err != nil {
			return 0, err
		}
	}
	if w.in {
		w.hold(p)
	}
	return n, nil
}

func (w *crashWriter) hold(p []byte) {
	w.held.Write(p[:min(len(p), max(0, maxCrash-w.held.Len()))])
}

// raceEnd says how a program has ended that did not end well.
func (r *run) raceEnd(out *raceOutcome, limit time.Duration) *session.Diagnostic {
	switch {
	case r.ctx.Err() != nil:
		return &session.Diagnostic{Name: session.Interrupted, Message: "the program was interrupted; what the race detector had seen until then is above"}
	case out.late:
		return &session.Diagnostic{
			Name: session.MagicError, Message: fmt.Sprintf("the program did not end within %s, and was stopped; what the race detector had seen until then is above", limit),
			Hint: "a program runs some ten times slower under the detector: give it less to do, or more time with --limit",
		}
	case out.crash != "":
		return r.raceCrash(out.crash)
	case out.code != 0:
		return &session.Diagnostic{Name: session.ExitError, Message: "the program ended with " + out.state}
	}
	return nil
}

var goroutineRE = regexp.MustCompile(`(?m)^goroutine (\d+) (?:gp=\S+ m=\S+ (?:mp=\S+ )?)?\[([^\],]*)[^\]]*\]:$`)

// raceCrash makes out Go's account of a panic or a deadlock.
func (r *run) raceCrash(text string) *session.Diagnostic {
	head, stacks := text, ""
	if at := goroutineRE.FindStringIndex(text); at != nil {
		head, stacks = text[:at[0]], text[at[0]:]
	}
	head = strings.TrimSpace(head)
	message, isPanic := strings.CutPrefix(head, "panic: ")
	d := &session.Diagnostic{Name: session.FatalError, Message: message}
	if isPanic {
		d.Name, d.Hint = session.Panic, panicHint(message)
	}
	if rest, ok := strings.CutPrefix(message, "fatal error: "); ok && strings.HasPrefix(rest, "all goroutines are asleep") {
		d.Name, d.Message = session.Deadlock, rest
	}
	if strings.HasPrefix(message, "task ") && isPanic {
		d.Name = session.TaskError
	}
	for n, g := range strings.Split(stacks, "\n\n") {
		m := goroutineRE.FindStringSubmatch(g)
		if m == nil {
			continue
		}
		frames, started := r.raceStack(g)
		if n == 0 {
			d.Pos, d.Trace = firstPlace(frames), namedFrames(frames)
			if d.Name == session.Panic && m[1] != "1" {
				d.Message += " (in a goroutine)"
			}
			if d.Name != session.Deadlock {
				break
			}
			d.Hint = sleepHint(m[2])
			continue
		}
		if len(frames) == 0 || len(d.Notes) == maxSleepers {
			continue
		}
		note := "another goroutine waits"
		if started != nil {
			note = fmt.Sprintf("the goroutine started at %s waits", lineOf(*started))
		}
		d.Notes = append(d.Notes, fmt.Sprintf("%s at %s, %s (%s)", note, lineOf(frames[0].Position), strings.TrimSpace(frames[0].Source), m[2]))
	}
	return d
}

// raceStack lists the frames of cells on a stack, innermost first, and where the goroutine
// was started.
func (r *run) raceStack(stack string) (list []session.Frame, started *session.Position) {
	for f, created := range frames(stack) {
		p := r.raceFrame(f)
		if p == nil {
			continue
		}
		if created {
			started = p
			continue
		}
		name := strings.ReplaceAll(strings.TrimPrefix(f.function, "main."), "[...]", "")
		if name == "main" || strings.HasPrefix(name, "main.") { // the cell's own statements
			name = ""
		}
		list = append(list, session.Frame{Func: name, Position: *p})
	}
	return list, started
}
