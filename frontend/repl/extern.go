package repl

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"unicode/utf8"
)

// maxEdited is how many bytes of a file that was edited are taken.
const maxEdited = 16 << 20

// extern edits what is typed in the user's editor.
func (t *terminal) extern(ctx context.Context) {
	text, _ := t.editor.Text()
	t.paint.Hide()
	edited, err := t.edited(ctx, text)
	if err != nil {
		t.problem(fmt.Errorf("the editor: %w", err))
		return
	}
	t.editor.Replace(edited)
}

// edited is text after the user has edited it as a file that nobody else can read.
func (t *terminal) edited(ctx context.Context, text string) (_ string, err error) {
	dir, err := os.MkdirTemp("", "fanout-")
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	path := filepath.Join(dir, "cell.go")
	if err := os.WriteFile(path, []byte(text+"\n"), 0o600); err != nil {
		return "", err
	}
	o := t.loop.options
	editor := firstOf(o.Settings.Editor, o.getenv("VISUAL"), o.getenv("EDITOR"))
	if editor == "" {
		editor = "vi"
		if runtime.GOOS == "windows" {
			editor = "notepad"
		}
	}
	if err := t.tty.Lend(func() error {
		cmd := t.command(ctx, editor+" "+quoted(path))
		cmd.Stdin = t.in
		return cmd.Run()
	}); err != nil {
		return "", fmt.Errorf("%s: %w", editor, err)
	}
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxEdited+1))
	switch {
	case err != nil:
		return "", err
	case len(data) > maxEdited:
		return "", fmt.Errorf("the text has more than %d bytes", maxEdited)
	case !utf8.Valid(data):
		return "", errors.New("the text is not UTF-8")
	}
	return strings.TrimRight(strings.ReplaceAll(string(data), "\r\n", "\n"), "\n"), nil
}

// command is a command line for the shell, which sees the terminal.
func (t *terminal) command(ctx context.Context, line string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, "sh", "-c", line)
	if runtime.GOOS == "windows" {
		cmd = exec.CommandContext(ctx, "cmd", "/C", line)
	}
	cmd.Stdout, cmd.Stderr = t.loop.options.Console.Out, t.loop.options.Console.Err
	return cmd
}

// quoted is a path as the shell takes it.
func quoted(path string) string {
	if runtime.GOOS == "windows" {
		return `"` + path + `"`
	}
	return "'" + strings.ReplaceAll(path, "'", `'\''`) + "'"
}

func firstOf(list ...string) string {
	for _, s := range list {
		if s != "" {
			return s
		}
	}
	return ""
}
