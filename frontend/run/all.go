package run

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"sync"
	"time"

	"github.com/adabc437/fanout/frontend/term"
	"github.com/adabc437/fanout/interp/session"
)

// A Start starts a session whose working folder is dir.
type Start func(ctx context.Context, dir string) (session.Session, error)

// A Job is a notebook to run, and where to write it.
type Job struct{ Path, Output string }

// All runs notebooks, at most parallel of them at a time, each in a session of its
// own. Each line that one prints begins with its path. At the end, a line for each is
// on Err. The cells cannot ask for input.
//
// The exit status is the worst of all. The error says that output could not be
// written.
func All(ctx context.Context, start Start, jobs []Job, parallel int, o Options) (exitCode int, err error) {
	width := 0
	for _, j := range jobs {
		width = max(width, len(j.Path))
	}
	results, errs := make([]Result, len(jobs)), make([]error, len(jobs))
	var mu sync.Mutex // of both writers: they may be one terminal
	var running sync.WaitGroup
	next := make(chan int)
	for range max(1, min(parallel, len(jobs))) {
		running.Go(func() {
			for i := range next {
				results[i], errs[i] = one(ctx, start, jobs[i], o, &mu, width)
			}
		})
	}
	for i := range jobs {
		next <- i
	}
	close(next)
	running.Wait()
	for i, r := range results {
		exitCode = max(exitCode, r.Status)
		if _, wrong := fmt.Fprintln(orDiscard(o.Console.Err), Summary(jobs[i].Path, width, r, errs[i])); wrong != nil {
			err = errors.Join(err, wrong)
		}
	}
	return exitCode, err
}

func orDiscard(w io.Writer) io.Writer {
	if w == nil {
		return io.Discard
	}
	return w
}

// one runs one notebook of several.
func one(ctx context.Context, start Start, j Job, o Options, mu *sync.Mutex, width int) (result Result, err error) {
	if ctx.Err() != nil {
		return Result{Status: exitInterrupted}, errors.New("interrupted before it began")
	}
	label := fmt.Sprintf("%-*s | ", width, j.Path)
	out := &labelled{w: orDiscard(o.Console.Out), mu: mu, label: label}
	errOut := &labelled{w: orDiscard(o.Console.Err), mu: mu, label: label}
	o.Console = term.Console{Out: out, Err: errOut, Colour: o.Console.Colour}
	o.Output = j.Output
	sess, err := start(ctx, filepath.Dir(j.Path))
	if err != nil {
		return Result{Status: exitFailed}, err
	}
	result, err = notebookFile(ctx, sess, j.Path, o)
	err = errors.Join(err, sess.Close(), out.flush(), errOut.flush())
	if err != nil && result.Status == exitOK {
		result.Status = exitFailed
	}
	return result, err
}

// Summary is a line that says how a notebook ran.
func Summary(path string, width int, r Result, err error) string {
	took := r.Took.Round(10 * time.Millisecond)
	switch {
	case err != nil:
		return fmt.Sprintf("FAIL  %-*s  %v", width, path, err)
	case r.Failed != nil:
		return fmt.Sprintf("FAIL  %-*s  cell %d of %d: %s: %s", width, path, r.Ran, r.Cells, r.Error.Name, oneLine(r.Error.Message))
	case r.Cells == 1:
		return fmt.Sprintf("ok    %-*s  1 cell in %s", width, path, took)
	}
	return fmt.Sprintf("ok    %-*s  %d cells in %s", width, path, r.Cells, took)
}

// A labelled writer puts a label in front of each line, and writes whole lines.
type labelled struct {
	w     io.Writer
	mu    *sync.Mutex
	label string
	line  []byte // that has no end yet
}

// maxLine is how many bytes of a line wait for its end.
const maxLine = 64 << 10

// Write keeps what follows the last line end.
func (l *labelled) Write(text []byte) (int, error) {
	l.line = append(l.line, text...)
	var out bytes.Buffer
	for {
		n := bytes.IndexByte(l.line, '\n') + 1
		if n == 0 && len(l.line) > maxLine {
			n = len(l.line)
		}
		if n == 0 {
			break
		}
		out.WriteString(l.label)
		out.Write(l.line[:n])
		if l.line[n-1] != '\n' {
			out.WriteByte('\n')
		}
		l.line = l.line[n:]
	}
	if out.Len() == 0 {
		return len(text), nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	_, err := l.w.Write(out.Bytes())
	return len(text), err
}

// flush ends the last line.
func (l *labelled) flush() error {
	if len(l.line) == 0 {
		return nil
	}
	_, err := l.Write([]byte("\n"))
	return err
}
