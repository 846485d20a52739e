package repl

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/adabc437/fanout/interp/session"
)

// continuation is the prompt of a cell's further lines.
const continuation = "   ...: "

// read reads one cell. The error is io.EOF after the last one, and errDropped
// if the user dropped it.
func (l *loop) read(ctx context.Context, number int) (string, error) {
	var code strings.Builder
	prompt, indent := fmt.Sprintf("In [%d]: ", number), ""
	for {
		line, err := l.line(ctx, prompt+strings.ReplaceAll(indent, "\t", "    "))
		switch {
		case errors.Is(err, io.EOF):
			return l.last(code.String())
		case err != nil:
			return "", err
		}
		if code.Len() == 0 {
			if strings.TrimSpace(line) == "" {
				continue
			}
			if l.leaves(ctx, line) {
				return "", io.EOF
			}
		} else {
			code.WriteByte('\n')
		}
		code.WriteString(indented(indent, line))
		state, err := l.sess.IsComplete(ctx, code.String()+"\n")
		if err != nil && ctx.Err() != nil {
			return "", ctx.Err()
		}
		if err != nil || state.Status != session.Incomplete {
			return code.String(), nil // what is wrong with it shows when it runs
		}
		prompt, indent = continuation, ""
		if l.options.Console.Interactive {
			indent = state.Indent
		}
	}
}

// last is the cell that the end of the input leaves. One that was being typed is
// dropped.
func (l *loop) last(code string) (string, error) {
	if l.options.Console.Interactive {
		l.screen.EndLine()
		return "", io.EOF
	}
	if code == "" {
		return "", io.EOF
	}
	return code, nil
}

// indented is line with the indent that was shown in front of it, which a
// closing bracket steps back from.
func indented(indent, line string) string {
	text := strings.TrimLeft(line, " \t")
	if text == "" {
		return line
	}
	if text[0] == '}' || text[0] == ')' || text[0] == ']' {
		indent = strings.TrimSuffix(indent, "\t")
	}
	return indent + line
}

// line reads one line, after prompt if someone is there to see it.
func (l *loop) line(ctx context.Context, prompt string) (string, error) {
	if l.options.Console.Interactive {
		l.screen.Prompt(prompt)
	}
	waiting, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	ended, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		select {
		case _, ok := <-l.options.Interrupts:
			if ok {
				cancel(errDropped)
			}
		case <-ended:
		}
	}()
	line, err := l.lines.Next(waiting)
	close(ended)
	<-done
	if errors.Is(context.Cause(waiting), errDropped) { // a line that arrived as well goes with it
		err = errDropped
	}
	if err == nil && l.options.Console.Interactive {
		l.screen.Answered()
	}
	return line, err
}

// leaves says whether a first line asks to leave. What the user has declared
// under such a name is meant instead.
func (l *loop) leaves(ctx context.Context, line string) bool {
	word := strings.TrimSpace(line)
	name := strings.TrimSuffix(word, "()")
	if name != "exit" && name != "quit" {
		return false
	}
	found, err := l.sess.Inspect(ctx, name, len(name), 0)
	return err != nil || !found.Found
}
