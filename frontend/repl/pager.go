package repl

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"

	"github.com/rivo/uniseg"

	"github.com/adabc437/fanout/frontend/internal/tty"
)

// page shows text in the pager if it is longer than the terminal, and says whether it
// has.
func (t *terminal) page(text string, result bool) bool {
	setting := t.loop.options.Settings.Page
	if setting == "nothing" || setting == "help" && result {
		return false
	}
	columns, lines := t.loop.options.Console.Dimensions()
	if rowsOf(text, columns) < lines {
		return false
	}
	t.keys.Lock()
	defer t.keys.Unlock()
	t.problem(t.tty.Signals(false))
	defer func() { t.problem(t.tty.Signals(true)) }()
	t.pager(t.loop.ctx, text)
	return true
}

func rowsOf(text string, columns int) int {
	n := 0
	for line := range strings.SplitSeq(strings.TrimRight(text, "\n"), "\n") {
		n += max(1, (uniseg.StringWidth(line)+columns-1)/columns)
	}
	return n
}

// pager shows text in the user's pager, else in less, else in a simple one of our own.
func (t *terminal) pager(ctx context.Context, text string) {
	o := t.loop.options
	for _, command := range []string{o.Settings.Pager, o.getenv("PAGER"), "less"} {
		if command == "" {
			continue
		}
		err := t.tty.Lend(func() error { return t.through(ctx, command, text) })
		var exit *exec.ExitError
		if err == nil || errors.As(err, &exit) && exit.ExitCode() != 127 {
			return
		}
	}
	t.leaf(ctx, text)
}

// through runs a command line with text as its input.
func (t *terminal) through(ctx context.Context, command, text string) error {
	cmd := t.command(ctx, command)
	cmd.Stdin = strings.NewReader(strings.TrimRight(text, "\n") + "\n")
	if os.Getenv("LESS") == "" {
		cmd.Env = append(os.Environ(), "LESS=-RFX")
	}
	return cmd.Run()
}

// leaf shows text page by page.
func (t *terminal) leaf(ctx context.Context, text string) {
	_, lines := t.loop.options.Console.Dimensions()
	rest := strings.Split(strings.TrimRight(text, "\n"), "\n")
	for step := lines - 1; ; {
		n := min(step, len(rest))
		fmt.Fprintln(t.paint, strings.Join(rest[:n], "\n"))
		if rest = rest[n:]; len(rest) == 0 {
			return
		}
		more := fmt.Sprintf("-- %d more lines: Space, Enter, or q to end --", len(rest))
		t.paint.Paint(tty.Frame{Lines: []string{more}, Col: len(more)})
		key := t.key(ctx)
		t.paint.Hide()
		switch key {
		case "q", "C-c", "Esc", "":
			return
		case "Enter", "Down", "j":
			step = 1
		default:
			step = lines - 1
		}
	}
}

// key waits for one key; "" if there are no more.
func (t *terminal) key(ctx context.Context) string {
	for {
		ev, err := t.tty.Next(ctx)
		if err != nil && !errors.Is(err, tty.ErrWoken) {
			return ""
		}
		if ev.Key != "" {
			return ev.Key
		}
	}
}
