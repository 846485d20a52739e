package nbformat

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// Encode gives the notebook as Jupyter writes it. The error says that it holds
// something that JSON has no form for, or that it is larger than MaxSize.
func (nb *Notebook) Encode() ([]byte, error) {
	top := maps.Clone(nb.Extra)
	if top == nil {
		top = map[string]any{}
	}
	nb.AddIDs()
	cells := make([]any, len(nb.Cells))
	for i, c := range nb.Cells {
		cells[i] = c.object(nb.hasIDs())
	}
	top["cells"] = cells
	top["metadata"] = orEmpty(nb.Metadata)
	top["nbformat"] = 4
	top["nbformat_minor"] = nb.Minor
	var e encoder
	if err := e.value(top, 0); err != nil {
		return nil, fmt.Errorf("write the notebook: %w", err)
	}
	e.WriteByte('\n')
	if e.Len() > MaxSize {
		return nil, errSize
	}
	return e.Bytes(), nil
}

func orEmpty(m map[string]any) map[string]any {
	if m == nil {
		return map[string]any{}
	}
	return m
}

// object gives the cell as it stands in the file.
func (c *Cell) object(hasID bool) map[string]any {
	m := maps.Clone(orEmpty(c.Extra))
	m["cell_type"] = c.Type
	m["metadata"] = orEmpty(c.Metadata)
	m["source"] = splitLines(c.Source)
	if hasID || c.ID != "" {
		m["id"] = c.ID
	}
	if c.Attachments != nil {
		attachments := make(map[string]any, len(c.Attachments))
		for name, v := range c.Attachments {
			if bundle, ok := v.(map[string]any); ok {
				v = splitBundle(bundle)
			}
			attachments[name] = v
		}
		m["attachments"] = attachments
	}
	if c.Type == Code {
		m["execution_count"] = number(c.ExecutionCount)
		outputs := make([]any, len(c.Outputs))
		for i, o := range c.Outputs {
			outputs[i] = o.object()
		}
		m["outputs"] = outputs
	}
	return m
}

// object gives the output as it stands in the file.
func (o *Output) object() map[string]any {
	m := maps.Clone(orEmpty(o.Extra))
	m["output_type"] = o.Type
	switch o.Type {
	case Stream:
		m["name"] = o.Name
		m["text"] = splitLines(o.Text)
	case ExecuteResult, DisplayData:
		m["data"] = splitBundle(o.Data)
		m["metadata"] = orEmpty(o.Metadata)
		if o.Type == ExecuteResult {
			m["execution_count"] = number(o.ExecutionCount)
		}
	case Error:
		m["ename"] = o.EName
		m["evalue"] = o.EValue
		m["traceback"] = o.Traceback
	}
	return m
}

func number(n *int) any {
	if n == nil {
		return nil
	}
	return *n
}

// An encoder writes JSON as Python's json.dumps(v, indent=1, sort_keys=True,
// ensure_ascii=False) does.
type encoder struct{ bytes.Buffer }

func (e *encoder) value(v any, depth int) error {
	const maxDepth = 10_000 // as deep as package json reads
	if depth > maxDepth {
		return errors.New("it is nested too deeply")
	}
	switch v := v.(type) {
	case nil:
		e.WriteString("null")
	case bool:
		e.WriteString(strconv.FormatBool(v))
	case int:
		e.WriteString(strconv.Itoa(v))
	case json.Number:
		e.WriteString(v.String())
	case string:
		e.text(v)
	case []string:
		return e.list(len(v), depth, func(i int) error { e.text(v[i]); return nil })
	case []any:
		return e.list(len(v), depth, func(i int) error { return e.value(v[i], depth+1) })
	case map[string]any:
		return e.object(v, depth)
	default:
		plain, err := generic(v)
		if err != nil {
			return err
		}
		return e.value(plain, depth)
	}
	return nil
}

func (e *encoder) list(n, depth int, item func(int) error) error {
	if n == 0 {
		e.WriteString("[]")
		return nil
	}
	for i := range n {
		e.separate('[', i, depth)
		if err := item(i); err != nil {
			return err
		}
	}
	e.close(']', depth)
	return nil
}

func (e *encoder) object(m map[string]any, depth int) error {
	if len(m) == 0 {
		e.WriteString("{}")
		return nil
	}
	for i, key := range slices.Sorted(maps.Keys(m)) {
		e.separate('{', i, depth)
		e.text(key)
		e.WriteString(": ")
		if err := e.value(m[key], depth+1); err != nil {
			return fmt.Errorf("%s: %w", key, err)
		}
	}
	e.close('}', depth)
	return nil
}

// separate goes to the line of item i.
func (e *encoder) separate(open byte, i, depth int) {
	if i == 0 {
		e.WriteByte(open)
	} else {
		e.WriteByte(',')
	}
	e.newLine(depth + 1)
}

func (e *encoder) close(bracket byte, depth int) {
	e.newLine(depth)
	e.WriteByte(bracket)
}

func (e *encoder) newLine(depth int) {
	e.WriteByte('\n')
	for range depth {
		e.WriteByte(' ')
	}
}

// escapes are the characters that Python writes in another way than \u00xx.
var escapes = strings.NewReplacer(`"`, `\"`, `\`, `\\`, "\n", `\n`, "\r", `\r`, "\t", `\t`, "\f", `\f`, "\b", `\b`)

func (e *encoder) text(s string) {
	s = escapes.Replace(strings.ToValidUTF8(s, "\ufffd"))
	e.WriteByte('"')
	for {
		i := strings.IndexFunc(s, func(r rune) bool { return r < ' ' })
		if i < 0 {
			break
		}
		fmt.Fprintf(e, `%s\u%04x`, s[:i], s[i])
		s = s[i+1:]
	}
	e.WriteString(s)
	e.WriteByte('"')
}

// generic gives v in the types that JSON is read into.
func generic(v any) (any, error) {
	text, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var out any
	if err := d.Decode(&out); err != nil {
		return nil, err
	}
	return out, nil
}
