// Package convert reads and writes notebooks as files of other kinds: Go in cells
// (.go), Markdown (.md) and, only to be written, HTML (.html).
//
// A notebook that is written as Go or Markdown and read again has the same cells:
// their kind, text, id, metadata and attachments. Outputs stay behind: Go files
// have none, and those in Markdown are for readers. Nothing is run.
//
// Start at [ReadFile] and [WriteFile]. How the files look is said at [ParseGo] and
// [ParseMarkdown].
package convert

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/adabc437/fanout/frontend/nbformat"
)

// MaxText is how many bytes a Go or Markdown file may have.
const MaxText = 64 << 20

// A Format is a kind of file.
type Format string

// The kinds of files.
const (
	Notebook Format = "ipynb"
	Go       Format = "go"
	Markdown Format = "md"
	HTML     Format = "html"
)

// ErrFormat says that a file is of a kind that is not known here.
var ErrFormat = errors.New("want a notebook (.ipynb), Go (.go), Markdown (.md) or HTML (.html)")

// formats are the names that formats go by: extensions, and nbconvert's words.
var formats = map[string]Format{
	"ipynb": Notebook, "notebook": Notebook, "go": Go, "script": Go,
	"md": Markdown, "markdown": Markdown, "html": HTML, "htm": HTML,
}

// ParseFormat gives the format of a name such as md or markdown.
func ParseFormat(name string) (Format, error) {
	f, ok := formats[strings.ToLower(name)]
	if !ok {
		return "", fmt.Errorf("there is no format %q; want ipynb, html, md or go", name)
	}
	return f, nil
}

// FormatOf gives the format of the file at path, by its extension.
func FormatOf(path string) (Format, error) {
	ext := filepath.Ext(path)
	if ext == "" {
		return "", fmt.Errorf("%s: %w", path, ErrFormat)
	}
	f, ok := formats[strings.ToLower(ext[1:])]
	if !ok {
		return "", fmt.Errorf("%s: %w", path, ErrFormat)
	}
	return f, nil
}

// ReadFile reads the notebook, Go or Markdown file at path. The error names the
// path, and the line where the file is wrong.
func ReadFile(path string) (*nbformat.Notebook, error) {
	f, err := FormatOf(path)
	if err != nil {
		return nil, err
	}
	parse := ParseGo
	switch f {
	case Notebook:
		return nbformat.ReadFile(path)
	case Markdown:
		parse = ParseMarkdown
	case HTML:
		return nil, fmt.Errorf("%s: HTML can be written, but not read", path)
	}
	text, err := readText(path)
	if err != nil {
		return nil, err
	}
	nb, err := parse(text)
	if err != nil {
		return nil, fmt.Errorf("%s:%w", path, err)
	}
	return nb, nil
}

// readText reads a file of at most MaxText bytes.
func readText(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, MaxText+1))
	if err != nil {
		return nil, err
	}
	if len(text) > MaxText {
		return nil, fmt.Errorf("%s: the file is larger than %d MiB", path, MaxText>>20)
	}
	return text, nil
}

// Options say how a notebook is written.
type Options struct {
	// Format is that of the file; empty: what its extension says.
	Format Format
	// NoOutputs leaves the outputs of cells out.
	NoOutputs bool
	// AllowScripts lets scripts in outputs and Markdown run in a page of HTML.
	AllowScripts bool
	// Images is the folder in which images that Markdown names are looked for, to
	// become part of a page of HTML; nil: they are not. It must not lead out of itself.
	Images fs.FS
	// Dir is the path of that folder, which WriteFile opens; empty: there is none.
	Dir string
}

// WriteFile writes nb to path, whole or not at all. Images of Markdown go
// to a folder beside it: NAME_files for NAME.md.
func WriteFile(path string, nb *nbformat.Notebook, o Options) error {
	f := o.Format
	var err error
	if f == "" {
		if f, err = FormatOf(path); err != nil {
			return err
		}
	}
	if o.NoOutputs {
		nb = withoutOutputs(nb)
	}
	name := strings.TrimSuffix(filepath.Base(path), filepath.Ext(path))
	var text []byte
	switch f {
	case Notebook:
		return nb.WriteFile(path)
	case Go:
		text, err = EncodeGo(nb)
	case Markdown:
		var files map[string][]byte
		if text, files, err = EncodeMarkdown(nb, name); err == nil {
			err = writeFiles(filepath.Dir(path), files)
		}
	case HTML:
		text, err = htmlFile(nb, name, o)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nbformat.Replace(path, text)
}

// htmlFile is EncodeHTML with images from a folder of the system.
func htmlFile(nb *nbformat.Notebook, name string, o Options) ([]byte, error) {
	if o.Dir != "" {
		root, err := os.OpenRoot(o.Dir)
		if err != nil {
			return nil, err
		}
		defer root.Close()
		o.Images = root.FS()
	}
	return EncodeHTML(context.Background(), nb, name, o)
}

// writeFiles writes the files, whose names have the form FOLDER/NAME, below dir.
func writeFiles(dir string, files map[string][]byte) error {
	for name, data := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.Mkdir(filepath.Dir(path), 0o777); err != nil && !errors.Is(err, fs.ErrExist) {
			return err
		}
		if err := nbformat.Replace(path, data); err != nil {
			return err
		}
	}
	return nil
}

func withoutOutputs(nb *nbformat.Notebook) *nbformat.Notebook {
	out := *nb
	out.Cells = slices.Clone(nb.Cells)
	for i, c := range nb.Cells {
		bare := *c
		bare.Outputs, bare.ExecutionCount = nil, nil
		out.Cells[i] = &bare
	}
	return &out
}

// isGo says what is wrong with a notebook that is to be written as Go.
func isGo(nb *nbformat.Notebook) error {
	if language := nb.Language(); language != "" && language != "go" {
		return fmt.Errorf("the notebook is written in %s; only Go is written as Go and Markdown", language)
	}
	return nil
}

// lines cuts a file into lines without their ends. Where all lines end as they do
// on Windows, that is no part of them.
func lines(text []byte) []string {
	text = bytes.TrimPrefix(text, []byte("\ufeff"))
	if n := bytes.Count(text, []byte("\n")); n > 0 && n == bytes.Count(text, []byte("\r\n")) {
		text = bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n"))
	}
	return strings.Split(strings.TrimSuffix(strings.ToValidUTF8(string(text), "\ufffd"), "\n"), "\n")
}

// isBlank says that a line shows nothing.
func isBlank(line string) bool { return strings.TrimSpace(line) == "" }

// trimBlank takes blank lines away at both ends.
func trimBlank(lines []string) []string {
	for len(lines) > 0 && isBlank(lines[0]) {
		lines = lines[1:]
	}
	for len(lines) > 0 && isBlank(lines[len(lines)-1]) {
		lines = lines[:len(lines)-1]
	}
	return lines
}
