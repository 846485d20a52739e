package run

import (
	"context"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"github.com/adabc437/fanout/frontend/internal/screen"
	"github.com/adabc437/fanout/interp/session"
)

// maxGoFile is how many bytes a Go file may have.
const maxGoFile = 64 << 20

// goFile runs the Go file at path as one cell. Its results are not shown: it is
// a program, and shows what it prints.
func goFile(ctx context.Context, sess session.Session, path string, o Options) (int, error) {
	code, err := readGo(path)
	if err != nil {
		return exitFailed, err
	}
	if err := isProgram(path, code); err != nil {
		return exitFailed, err
	}
	name := filepath.Base(path)
	r := newRunner(sess, o, screen.Options{NoResults: true, Rewrite: func(text string) string {
		return strings.ReplaceAll(text, "In[1]:", name+":")
	}})
	r.program = true
	reply := r.execute(ctx, code, 1, r.screen)
	r.screen.Pages(reply.Payloads)
	status := exitOK
	if reply.Err != nil {
		code, known := exitStatus(reply.Err)
		switch {
		case known:
			status = code // the program ended as it wanted to
		case ctx.Err() != nil:
			status = exitInterrupted
		default:
			status = exitFailed
		}
		if !known {
			r.screen.Error(reply.Err)
		}
	}
	if err = r.writeError(nil); err != nil && status == exitOK {
		status = exitFailed
	}
	return status, err
}

// readGo reads a Go file. A first line that names its interpreter, as scripts
// have one, becomes a comment.
func readGo(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxGoFile+1))
	if err != nil {
		return "", err
	}
	if len(text) > maxGoFile {
		return "", fmt.Errorf("%s: the file is larger than %d MiB", path, maxGoFile>>20)
	}
	code := strings.TrimPrefix(string(text), "\ufeff")
	if rest, ok := strings.CutPrefix(code, "#!"); ok {
		code = "//" + rest
	}
	return code, nil
}

// statusRE finds the exit status in the words of an ExitError.
var statusRE = regexp.MustCompile(`(?:\bstatus|\bcode|\bos\.Exit)[ (:]*(\d{1,3})\b`)

// exitStatus is the status that a cell ended the session process with, if d
// says that it did, and which.
func exitStatus(d *session.Diagnostic) (int, bool) {
	if d.Name != session.ExitError {
		return 0, false
	}
	m := statusRE.FindStringSubmatch(d.Message)
	if m == nil {
		return 0, false
	}
	n, err := strconv.Atoi(m[1])
	return n, err == nil && n <= 255
}

// isProgram says what is missing in a file with a package clause. One without runs
// as a cell does. Errors of syntax are the session's to tell.
func isProgram(path, code string) error {
	f, err := parser.ParseFile(token.NewFileSet(), path, code, parser.SkipObjectResolution)
	if err != nil || f.Name == nil {
		return nil
	}
	if f.Name.Name != "main" {
		return fmt.Errorf("%s: package %s is not a main package", path, f.Name.Name)
	}
	for _, d := range f.Decls {
		if fn, ok := d.(*ast.FuncDecl); ok && fn.Recv == nil && fn.Name.Name == "main" {
			return nil
		}
	}
	return fmt.Errorf("%s: function main is undeclared in the main package", path)
}
