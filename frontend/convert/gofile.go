package convert

import (
	"fmt"
	"go/parser"
	"go/token"
	"regexp"
	"strings"

	"github.com/adabc437/fanout/frontend/nbformat"
)

// The lines of a Go file that mean something.
var (
	markRE    = regexp.MustCompile(`^// ?%%(?:[ \t](.*))?$`)
	escapedRE = regexp.MustCompile(`^(// ?)\\(\\*%%(?:[ \t].*)?)$`)
	escapeRE  = regexp.MustCompile(`^(// ?)(\\*%%(?:[ \t].*)?)$`)
)

const (
	goIgnore = "//go:build ignore"
	goDashes = "// ---"
	goHelp   = `// # A notebook as text: "fanout run" runs it, "fanout convert" makes it an .ipynb.`
)

// ParseGo reads Go in cells, the percent format of jupytext, Spyder and VS Code:
//
//	// %% [markdown] id="a1"
//	// # A title
//
//	// %% id="a2" tags=["parameters"]
//	n := 100
//
//	// %%
//	ys := %pmap square n
//
// Each line of // %% begins a cell. The text of Markdown and raw cells is in
// comments; that of code stands as it is, magics too. A line of a cell that would
// itself be one has a backslash in front of its percent signs. What stands before
// the first cell, but for build constraints and the front, is a cell too, and a
// file without any mark is one code cell.
//
// Errors begin with the number of the line and a colon.
func ParseGo(text []byte) (*nbformat.Notebook, error) {
	nb := &nbformat.Notebook{Minor: minor, Metadata: standard()}
	all := lines(text)
	i, err := goFront(nb, all)
	if err != nil {
		return nil, err
	}
	h, body := header{metadata: map[string]any{}}, []string{}
	marked := false
	end := func() {
		if n := len(body); n > 0 && body[n-1] == "" {
			body = body[:n-1] // between the cells
		}
		switch {
		case h.kind != "":
			nb.Cells = append(nb.Cells, commented(h, body)...)
		case marked || len(trimBlank(body)) > 0:
			nb.Cells = append(nb.Cells, h.cell(nbformat.Code, strings.Join(body, "\n")))
		}
	}
	for ; i < len(all); i++ {
		if m := markRE.FindStringSubmatch(all[i]); m != nil {
			end()
			if h, err = parseHeader(m[1]); err == nil && h.kind == outputs {
				err = fmt.Errorf("there are no outputs in Go files")
			}
			if err != nil {
				return nil, fmt.Errorf("%d: %w", i+1, err)
			}
			marked, body = true, nil
			continue
		}
		body = append(body, escapedRE.ReplaceAllString(all[i], "$1$2"))
	}
	body = append(body, "") // as before another cell
	end()
	finish(nb)
	return nb, nil
}

// goFront reads what stands before the first cell and says where that begins.
func goFront(nb *nbformat.Notebook, all []string) (int, error) {
	i := 0
	if strings.HasPrefix(all[0], "#!") {
		i++
	}
	for i < len(all) && (isBlank(all[i]) || strings.HasPrefix(all[i], "//go:build ")) {
		i++
	}
	if i == len(all) || all[i] != goDashes {
		return i, nil
	}
	for j := i + 1; j < len(all) && strings.HasPrefix(all[j], "//") && markRE.FindString(all[j]) == ""; j++ {
		if all[j] == goDashes {
			i = j + 1
			for i < len(all) && isBlank(all[i]) {
				i++
			}
			return i, nil
		}
		if err := readFront(nb, strings.TrimPrefix(all[j], "// ")); err != nil {
			return 0, fmt.Errorf("%d: %w", j+1, err)
		}
	}
	return i, nil // the dashes are a comment
}

// commented makes a cell of the comments in body. Code that follows without a mark
// of its own is a cell of its own.
func commented(h header, body []string) []*nbformat.Cell {
	var text []string
	i := 0
	for ; i < len(body); i++ {
		line, ok := strings.CutPrefix(body[i], "//")
		if !ok && !isBlank(line) {
			break
		}
		text = append(text, strings.TrimPrefix(line, " "))
	}
	if i == len(body) {
		return []*nbformat.Cell{h.cell(h.kind, strings.Join(text, "\n"))}
	}
	code := header{metadata: map[string]any{}}
	return []*nbformat.Cell{
		h.cell(h.kind, strings.Join(trimBlank(text), "\n")),
		code.cell(nbformat.Code, strings.Join(trimBlank(body[i:]), "\n")),
	}
}

// EncodeGo writes nb as Go in cells; see [ParseGo]. The file has no package clause,
// as its statements stand outside of functions: gofmt refuses it and leaves it as it
// is, and go build and go vet do not look at it.
func EncodeGo(nb *nbformat.Notebook) ([]byte, error) {
	if err := isGo(nb); err != nil {
		return nil, err
	}
	head, err := front(nb)
	if err != nil {
		return nil, err
	}
	out := []string{goIgnore, "", goDashes, goHelp}
	for _, line := range head {
		out = append(out, "// "+line)
	}
	out = append(out, goDashes)
	nb.AddIDs()
	for i, c := range nb.Cells {
		h := headerOf(c)
		if c.Type != nbformat.Code {
			h.kind = c.Type
		}
		if err := hasText(c); err != nil {
			return nil, fmt.Errorf("cell %d: %w", i+1, err)
		}
		text, err := h.encode()
		if err != nil {
			return nil, fmt.Errorf("cell %d: %w", i+1, err)
		}
		out = append(out, "", strings.TrimRight("// %% "+text, " "))
		out = append(out, goLines(c)...)
	}
	return []byte(strings.Join(out, "\n") + "\n"), nil
}

// goLines gives the lines of a cell's text.
func goLines(c *nbformat.Cell) []string {
	source := strings.Split(c.Source, "\n")
	for i, line := range source {
		if c.Type != nbformat.Code {
			if line = "// " + line; line == "// " {
				line = "//"
			}
		}
		source[i] = escapeRE.ReplaceAllString(line, `$1\$2`)
	}
	return source
}

// IsNotebook says that a Go file holds cells rather than a program: it has marks of
// cells, and no package clause.
func IsNotebook(text []byte) bool {
	marked := false
	for _, line := range lines(text) {
		marked = marked || markRE.MatchString(line)
	}
	if !marked {
		return false
	}
	_, err := parser.ParseFile(token.NewFileSet(), "", text, parser.PackageClauseOnly)
	return err != nil
}
