package repl

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/adabc437/fanout/frontend/convert"
	"github.com/adabc437/fanout/frontend/nbformat"
	"github.com/adabc437/fanout/interp/cell"
)

// saveHelp is what %save? shows.
const saveHelp = `%save [-f] [-p] FILE

  Save the cells of this session that did not fail. The ending of FILE says how:
  .ipynb is a notebook with their outputs, .go the same cells as Go, which
  "fanout run" runs and "fanout convert" knows. What asked for help is left out.

flags:
  -p, --program   write a Go program of its own, which "go build" takes
  -f, --force     write over a file that is there

example:
  %save lesson.ipynb
  %save -p main.go
`

// saveArgs gives the arguments of a cell that is %save.
func saveArgs(code string) (args string, ok bool) {
	code = strings.TrimSpace(code)
	if code == "%save?" || code == "?%save" || code == "%save??" {
		return "?", true
	}
	rest, ok := strings.CutPrefix(code, "%save")
	if !ok || strings.Contains(rest, "\n") || rest != "" && rest[0] != ' ' && rest[0] != '\t' {
		return "", false
	}
	return strings.TrimSpace(rest), true
}

// save does what %save asks for.
func (l *loop) save(args string) {
	if args == "?" || args == "-h" || args == "--help" {
		l.screen.Block(saveHelp)
		return
	}
	text, err := l.saveTo(args)
	if err != nil {
		l.failed = true
		text = fmt.Sprintf("%%save: %v", err)
	}
	l.screen.Block(text)
}

func (l *loop) saveTo(args string) (string, error) {
	asProgram, force, path := false, false, ""
	for rest := args; rest != ""; {
		word, more, _ := strings.Cut(rest, " ")
		switch word {
		case "-p", "--program":
			asProgram = true
		case "-f", "--force":
			force = true
		case "":
		default:
			path, more = strings.Trim(rest, `"'`), ""
		}
		rest = strings.TrimSpace(more)
	}
	cells := slices.DeleteFunc(l.record.succeeded(), func(c *nbformat.Cell) bool { return isHelp(c.Source) })
	path, err := expanded(path)
	switch {
	case err != nil:
		return "", err
	case path == "":
		return "", errors.New("it needs a file, such as %save lesson.ipynb; %save? says more")
	case strings.HasPrefix(path, "-"):
		return "", fmt.Errorf("there is no flag %s; there are -p and -f", path)
	case len(cells) == 0:
		return "", errors.New("no cell has run yet that did not fail")
	}
	var data []byte
	switch ext := strings.ToLower(filepath.Ext(path)); {
	case asProgram && ext != ".go":
		return "", fmt.Errorf("the name of a Go program ends in .go, not %q", ext)
	case asProgram:
		data, err = program(cells)
	case ext == ".ipynb":
		data, err = notebook(cells).Encode()
	case ext == ".go":
		data, err = convert.EncodeGo(notebook(cells))
	default:
		return "", fmt.Errorf("the name of the file says how to save, and ends in .ipynb or .go, not %q", ext)
	}
	if err != nil {
		return "", err
	}
	if err := write(path, data, force); err != nil {
		return "", err
	}
	return fmt.Sprintf("wrote %s: %d cells", path, len(cells)), nil
}

// expanded is a path with the user's home in place of ~.
func expanded(path string) (string, error) {
	if path != "~" && !strings.HasPrefix(path, "~/") {
		return path, nil
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "", fmt.Errorf("what ~ stands for: %w", err)
	}
	return filepath.Join(home, path[1:]), nil
}

// write writes a file that only the user can read.
func write(path string, data []byte, force bool) (err error) {
	flags := os.O_WRONLY | os.O_CREATE | os.O_TRUNC
	if !force {
		flags |= os.O_EXCL
	}
	f, err := os.OpenFile(path, flags, 0o600)
	if errors.Is(err, os.ErrExist) {
		return fmt.Errorf("%s is there already; %%save -f writes over it", path)
	}
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	_, err = f.Write(data)
	return err
}

// notebook is cells as a notebook.
func notebook(cells []*nbformat.Cell) *nbformat.Notebook {
	return &nbformat.Notebook{Minor: 5, Cells: cells, Metadata: map[string]any{
		"kernelspec": map[string]any{"name": "fanout", "display_name": "Go (Fanout)", "language": "go"},
		"language_info": map[string]any{
			"name": "go", "file_extension": ".go", "mimetype": "text/x-go", "version": strings.TrimPrefix(runtime.Version(), "go"),
		},
	}}
}

// isHelp says that a cell asks for help and does nothing else, of which nothing is to be
// kept.
func isHelp(code string) bool {
	help := false
	for _, p := range cell.Split(code, func(string) cell.Arguments { return cell.Text }) {
		switch {
		case p.Kind == cell.Help, p.Kind == cell.Magic && slices.Contains([]string{"-h", "--help"}, strings.TrimSpace(p.Args)):
			help = true
		case strings.TrimSpace(code[p.Start:p.End]) != "":
			return false
		}
	}
	return help
}

// title is what a cell goes by.
func title(c *nbformat.Cell) string {
	if c.ExecutionCount == nil {
		return "at the start"
	}
	return fmt.Sprintf("In[%d]", *c.ExecutionCount)
}

// commented is text as a comment.
func commented(text string) string { return "// " + strings.ReplaceAll(text, "\n", "\n// ") }
