package contents

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"

	"github.com/adabc437/fanout/frontend/nbformat"
)

// encode gives a notebook as Jupyter's API does: as in the file, but with text in
// one string and not in lists of lines.
func encode(nb *nbformat.Notebook) (json.RawMessage, error) {
	cells := make([]any, len(nb.Cells))
	for i, c := range nb.Cells {
		cells[i] = cellObject(c)
	}
	top := with(nb.Extra, map[string]any{
		"cells": cells, "metadata": orEmpty(nb.Metadata), "nbformat": 4, "nbformat_minor": nb.Minor,
	})
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(top); err != nil {
		return nil, fmt.Errorf("write the notebook as JSON: %w", err)
	}
	return bytes.TrimRight(b.Bytes(), "\n"), nil
}

func cellObject(c *nbformat.Cell) map[string]any {
	m := with(c.Extra, map[string]any{"cell_type": c.Type, "metadata": orEmpty(c.Metadata), "source": c.Source})
	if c.ID != "" {
		m["id"] = c.ID
	}
	if c.Attachments != nil {
		m["attachments"] = c.Attachments
	}
	if c.Type == nbformat.Code {
		outputs := make([]any, len(c.Outputs))
		for i, o := range c.Outputs {
			outputs[i] = outputObject(o)
		}
		m["outputs"], m["execution_count"] = outputs, c.ExecutionCount
	}
	return m
}

func outputObject(o *nbformat.Output) map[string]any {
	m := with(o.Extra, map[string]any{"output_type": o.Type})
	switch o.Type {
	case nbformat.Stream:
		m["name"], m["text"] = o.Name, o.Text
	case nbformat.DisplayData, nbformat.ExecuteResult:
		m["data"], m["metadata"] = orEmpty(o.Data), orEmpty(o.Metadata)
		if o.Type == nbformat.ExecuteResult {
			m["execution_count"] = o.ExecutionCount
		}
	case nbformat.Error:
		m["ename"], m["evalue"], m["traceback"] = o.EName, o.EValue, append([]string{}, o.Traceback...)
	}
	return m
}

func with(extra, fields map[string]any) map[string]any {
	m := maps.Clone(orEmpty(extra))
	maps.Copy(m, fields)
	return m
}

func orEmpty(m map[string]any) map[string]any {
	if m == nil {
		return map[string]any{}
	}
	return m
}

// decode gives the bytes of the file of a notebook that came as JSON. Where old
// holds the same notebook, however it is written, its bytes are kept.
func decode(content json.RawMessage, old []byte) ([]byte, error) {
	nb, err := nbformat.Parse(content)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrRefused, err)
	}
	data, err := nb.Encode()
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrRefused, err)
	}
	if len(old) > 0 {
		if before, err := nbformat.Parse(old); err == nil {
			if same, err := before.Encode(); err == nil && bytes.Equal(same, data) {
				return old, nil
			}
		}
	}
	return data, nil
}

// empty is a new notebook of Go.
func empty() ([]byte, error) {
	nb := &nbformat.Notebook{
		Minor: 5,
		Metadata: map[string]any{
			"kernelspec":    map[string]any{"display_name": "Go (Fanout)", "language": "go", "name": "fanout"},
			"language_info": map[string]any{"file_extension": ".go", "mimetype": "text/x-go", "name": "go"},
		},
	}
	return nb.Encode()
}
