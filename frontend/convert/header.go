package convert

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/adabc437/fanout/frontend/nbformat"
)

// The kinds of cells, as they stand in square brackets. A code cell has none.
var kinds = map[string]string{"markdown": nbformat.Markdown, "md": nbformat.Markdown, "raw": nbformat.Raw, "outputs": outputs}

// outputs is the kind of what is no cell, but what the cell before it showed.
const outputs = "outputs"

// A header is what the text form of a cell says beside its source:
//
//	A title [markdown] id="a1" tags=["skip-execution"]
//
// Values are JSON. The title is the metadata of that name.
type header struct {
	kind        string // "" if it is not said
	id          string
	metadata    map[string]any
	attachments map[string]any
	until       string // what ends the cell; only in Markdown
}

// keyRE finds a key of metadata that can stand in front of a value as it is.
var keyRE = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_.]*=`)

// reserved are the keys of a header that are no metadata.
var reserved = []string{"id", "metadata", "attachments", "until"}

// headerOf gives the header of a cell, but for its kind.
func headerOf(c *nbformat.Cell) header {
	return header{id: c.ID, metadata: c.Metadata, attachments: c.Attachments}
}

// hasText says what is wrong with a cell whose kind is none of the three.
func hasText(c *nbformat.Cell) error {
	switch c.Type {
	case nbformat.Code, nbformat.Markdown, nbformat.Raw:
		return nil
	}
	return fmt.Errorf("there is no text form of a %s cell", c.Type)
}

// encode gives the header's text.
func (h header) encode() (string, error) {
	var parts []string
	var err error
	put := func(key string, value any) {
		text, wrong := json.Marshal(value)
		if wrong != nil {
			err = fmt.Errorf("metadata %s: %w", key, wrong)
		}
		// A fence of Markdown has no backticks in its first line.
		parts = append(parts, key+"="+strings.ReplaceAll(string(text), "`", `\u0060`))
	}
	if h.kind != "" {
		parts = append(parts, "["+h.kind+"]")
	}
	if h.id != "" {
		put("id", h.id)
	}
	others := map[string]any{}
	for _, key := range slices.Sorted(maps.Keys(h.metadata)) {
		if keyRE.FindString(key+"=") == key+"=" && !slices.Contains(reserved, key) {
			put(key, h.metadata[key])
		} else {
			others[key] = h.metadata[key]
		}
	}
	if len(others) > 0 {
		put("metadata", others)
	}
	if h.attachments != nil {
		put("attachments", h.attachments)
	}
	if h.until != "" {
		put("until", h.until)
	}
	return strings.Join(parts, " "), err
}

// parseHeader reads what encode writes. Words that are neither a kind nor a key
// with a value are the title.
func parseHeader(text string) (header, error) {
	h := header{metadata: map[string]any{}}
	var title []string
	for {
		text = strings.TrimLeft(text, " \t")
		if text == "" {
			break
		}
		word, _, _ := strings.Cut(text, " ")
		kind, bracket := strings.CutPrefix(word, "[")
		kind, closed := strings.CutSuffix(kind, "]")
		if known := kinds[kind]; bracket && closed && known != "" && h.kind == "" {
			h.kind, text = known, text[len(word):]
			continue
		}
		key := keyRE.FindString(text)
		if key == "" && text[0] != '{' {
			title, text = append(title, word), text[len(word):]
			continue
		}
		rest, err := h.take(strings.TrimSuffix(key, "="), text[len(key):])
		if err != nil {
			return h, err
		}
		text = rest
	}
	if len(title) > 0 {
		h.metadata["title"] = strings.Join(title, " ")
	}
	return h, nil
}

// take reads the value of key at the beginning of text, and gives what follows it.
// Without a key, it is an object of metadata.
func (h *header) take(key, text string) (rest string, err error) {
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	var value any
	if err := d.Decode(&value); err != nil {
		return "", fmt.Errorf("%s: want a value in JSON, such as tags=[\"skip-execution\"]: %w", orWord(key), err)
	}
	rest = text[d.InputOffset():]
	if rest != "" && rest[0] != ' ' && rest[0] != '\t' {
		return "", fmt.Errorf("%s: want a space after its value", orWord(key))
	}
	switch key {
	case "id", "until":
		s, ok := value.(string)
		if !ok {
			return "", fmt.Errorf("%s: want a string in double quotes", key)
		}
		if key == "id" {
			h.id = s
		} else {
			h.until = s
		}
		return rest, nil
	case "", "metadata", "attachments":
		m, ok := value.(map[string]any)
		if !ok {
			return "", fmt.Errorf("%s: want a JSON object", orWord(key))
		}
		if key == "attachments" {
			h.attachments = m
		} else {
			maps.Copy(h.metadata, m)
		}
		return rest, nil
	}
	h.metadata[key] = value
	return rest, nil
}

func orWord(key string) string {
	if key == "" {
		return "metadata"
	}
	return key
}

// cell makes the cell that the header belongs to.
func (h header) cell(kind, source string) *nbformat.Cell {
	return &nbformat.Cell{Type: kind, ID: h.id, Metadata: h.metadata, Attachments: h.attachments, Source: source}
}

// standard is the metadata of a notebook that says no other.
func standard() map[string]any {
	return map[string]any{
		"kernelspec":    map[string]any{"display_name": "Go (Fanout)", "language": "go", "name": "fanout"},
		"language_info": map[string]any{"name": "go", "file_extension": ".go", "mimetype": "text/x-go"},
	}
}

// The version of notebooks that are made from text.
const minor = 5

// front gives the lines in front of the first cell, between lines of dashes. They
// are YAML, of the kind that is JSON too.
func front(nb *nbformat.Notebook) ([]string, error) {
	var out []string
	if !reflect.DeepEqual(nb.Metadata, standard()) {
		meta := nb.Metadata
		if meta == nil {
			meta = map[string]any{}
		}
		text, err := json.Marshal(meta)
		if err != nil {
			return nil, fmt.Errorf("the notebook's metadata: %w", err)
		}
		out = append(out, "jupyter: "+string(text))
	}
	if nb.Minor != minor {
		out = append(out, "nbformat_minor: "+strconv.Itoa(nb.Minor))
	}
	return out, nil
}

// readFront takes from a line of the front what it says of nb. Other lines, such as
// those of jupytext, say nothing here.
func readFront(nb *nbformat.Notebook, line string) error {
	if text, ok := strings.CutPrefix(line, "jupyter: {"); ok {
		d := json.NewDecoder(bytes.NewReader([]byte("{" + text)))
		d.UseNumber()
		var meta map[string]any
		if err := d.Decode(&meta); err != nil {
			return fmt.Errorf("jupyter: want the notebook's metadata as a JSON object: %w", err)
		}
		nb.Metadata = meta
	}
	if text, ok := strings.CutPrefix(line, "nbformat_minor: "); ok {
		n, err := strconv.Atoi(text)
		if err != nil || n < 0 || n > 1000 {
			return fmt.Errorf("nbformat_minor: %q is no version", text)
		}
		nb.Minor = n
	}
	return nil
}

// finish makes the ids of the cells unique: a cell that was copied gets a new one.
func finish(nb *nbformat.Notebook) {
	seen := map[string]bool{}
	for _, c := range nb.Cells {
		if seen[c.ID] {
			c.ID = ""
		}
		seen[c.ID] = true
	}
	nb.AddIDs()
}
