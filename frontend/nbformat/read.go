package nbformat

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
)

// errSize says that a notebook is larger than MaxSize.
var errSize = fmt.Errorf("the notebook is larger than %d MiB", MaxSize>>20)

// ReadFile reads the notebook at path. The error names the path.
func ReadFile(path string) (*Notebook, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	nb, err := Read(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return nb, nil
}

// Read reads a notebook. The error is a *[VersionError] if its version is
// another than 4; otherwise it says where the notebook is wrong. Cells without
// an id are given one, if the version asks for ids.
func Read(r io.Reader) (*Notebook, error) { return readUpTo(MaxSize, r) }

func readUpTo(limit int, r io.Reader) (*Notebook, error) {
	text, err := io.ReadAll(io.LimitReader(r, int64(limit)+1))
	if err != nil {
		return nil, err
	}
	if len(text) > limit {
		return nil, errSize
	}
	return Parse(text)
}

// Parse is [Read] of text at hand.
func Parse(text []byte) (*Notebook, error) {
	text = bytes.TrimPrefix(text, []byte("\ufeff"))
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var top map[string]any
	if err := d.Decode(&top); err != nil {
		return nil, fmt.Errorf("not a notebook: %w", jsonError(err, text))
	}
	if top == nil {
		return nil, errors.New("not a notebook: null")
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("not a notebook: line %d: text after the end", lineAt(text, d.InputOffset()))
	}
	return fromTop(top)
}

// jsonError puts the line before an error of package json.
func jsonError(err error, text []byte) error {
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case errors.Is(err, io.EOF):
		return errors.New("it is empty")
	case errors.Is(err, io.ErrUnexpectedEOF):
		return fmt.Errorf("line %d: it ends too early", lineAt(text, int64(len(text))))
	case errors.As(err, &syntax):
		return fmt.Errorf("line %d: %w", lineAt(text, syntax.Offset), err)
	case errors.As(err, &kind):
		return fmt.Errorf("it is a JSON %s, want an object", kind.Value)
	}
	return err
}

func lineAt(text []byte, offset int64) int {
	return 1 + bytes.Count(text[:min(max(offset, 0), int64(len(text)))], []byte("\n"))
}

// fromTop takes the notebook out of its JSON object.
func fromTop(top map[string]any) (*Notebook, error) {
	var err error
	o := fields{m: top, err: &err}
	major, minor := o.count("nbformat"), o.count("nbformat_minor")
	if err != nil {
		return nil, err
	}
	if major == nil {
		return nil, errors.New("not a notebook: it has no nbformat")
	}
	if minor == nil {
		minor = new(int)
	}
	if *major != 4 {
		return nil, &VersionError{*major, *minor}
	}
	nb := &Notebook{Minor: *minor, Metadata: o.object("metadata")}
	for i, c := range o.list("cells") {
		cell := fields{where: fmt.Sprintf("cell %d: ", i+1), err: &err}
		if cell.is(c) {
			nb.Cells = append(nb.Cells, readCell(cell))
		}
	}
	nb.Extra = o.m
	for _, transient := range []string{"orig_nbformat", "orig_nbformat_minor", "signature"} {
		delete(nb.Metadata, transient)
	}
	if err != nil {
		return nil, err
	}
	nb.AddIDs()
	return nb, nil
}

func readCell(o fields) *Cell {
	c := &Cell{
		Type: o.str("cell_type"), ID: o.str("id"), Metadata: o.object("metadata"), Source: o.text("source"),
	}
	delete(c.Metadata, "trusted")
	if _, ok := o.m["attachments"]; ok {
		c.Attachments = o.object("attachments")
		for _, bundle := range c.Attachments {
			if b, ok := bundle.(map[string]any); ok {
				joinBundle(b)
			}
		}
	}
	switch c.Type {
	case "":
		o.fail("cell_type is missing")
	case Code:
		c.ExecutionCount = o.count("execution_count")
		for i, out := range o.list("outputs") {
			f := fields{where: fmt.Sprintf("%soutput %d: ", o.where, i+1), err: o.err}
			if f.is(out) {
				c.Outputs = append(c.Outputs, readOutput(f))
			}
		}
	}
	c.Extra = o.m
	return c
}

func readOutput(o fields) *Output {
	out := &Output{Type: o.str("output_type")}
	switch out.Type {
	case "":
		o.fail("output_type is missing")
	case Stream:
		out.Name, out.Text = o.str("name"), o.text("text")
	case ExecuteResult, DisplayData:
		out.Data, out.Metadata = o.object("data"), o.object("metadata")
		joinBundle(out.Data)
		if out.Type == ExecuteResult {
			out.ExecutionCount = o.count("execution_count")
		}
	case Error:
		out.EName, out.EValue = o.str("ename"), o.str("evalue")
		for _, line := range o.list("traceback") {
			s, ok := line.(string)
			if !ok {
				o.fail("traceback holds a JSON %s, want strings", kindOf(line))
			}
			out.Traceback = append(out.Traceback, s)
		}
	}
	out.Extra = o.m
	return out
}
