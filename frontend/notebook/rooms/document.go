package rooms

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/adabc437/fanout/frontend/nbformat"
)

// The bounds of a document.
const (
	maxCells    = 20_000
	maxMetadata = 4 << 20  // bytes of JSON
	maxSteps    = 100      // that can be taken back
	maxUndone   = 64 << 20 // bytes of outputs that they hold, beyond the last
)

// ErrStale says that an edit was made of an older version of the cell than the
// current one: its sender takes in the edits that came between, and sends it anew.
var ErrStale = errors.New("stale")

// A Document is a notebook whose cells have ids and versions. Its operations change
// nothing: each gives a [Change], which Apply carries out. A Document is for one
// goroutine at a time.
type Document struct {
	top   nbformat.Notebook // without cells
	cells []*Cell
	byID  map[string]*Cell
	steps []step // that can be taken back
	taken []step // that were taken back and can be done again
}

// A Change is what an operation does to a document. Ev says which fields count;
// changes marshal to JSON, whole.
type Change struct {
	Ev   string // one of the constants below
	Cell string // the id of the cell that changes
	// Version is the cell's after an edit, and Updates what is done to its source.
	Version int
	Updates []ChangeSet
	// Order lists all cells, and Changed those that are new or other than before.
	Order   []string
	Changed []*Cell
	// Undo says what the change did to the cells if it can be taken back. Undone is how
	// many such steps are forgotten, the last of which the change takes back, and Redone
	// how many of those taken back, the last of which it does again.
	Undo           string
	Undone, Redone int
	// Metadata is the cell's, or the notebook's where Cell is empty.
	Metadata map[string]any
	// Index is where Outputs take the place of all outputs from there on, or the
	// output that grows by Text or is replaced by the only one of Outputs.
	Index   int
	Outputs []*output
	Text    string
	// Count is the execution count.
	Count *int
	// Trusted says that the cells of Order, or the one that Cell is, may be shown as
	// they are.
	Trusted bool
}

// The kinds of changes.
const (
	evEdit     = "edit"
	evCells    = "cells"
	evMetadata = "metadata"
	evOutputs  = "outputs"
	evStream   = "stream"
	evUpdate   = "update"
	evCount    = "count"
	evTrust    = "trust"
)

// NewDocument makes a document of a notebook, which it takes over.
func NewDocument(nb *nbformat.Notebook) *Document { return newDocument(nb, nil) }

// newDocument is NewDocument, with the ids that the cells had before. They count if
// there are as many as cells.
func newDocument(nb *nbformat.Notebook, ids []string) *Document {
	d := &Document{top: *nb, byID: map[string]*Cell{}}
	d.top.Cells = nil
	for i, f := range nb.Cells {
		id := f.ID
		if len(ids) == len(nb.Cells) {
			id = ids[i]
		}
		if id == "" || d.byID[id] != nil {
			id = d.newID(nil)
		}
		c := newCell(id, f, 0, false)
		d.cells = append(d.cells, c)
		d.byID[id] = c
	}
	return d
}

// Notebook is the document as a file has it. It shares nothing with d that d will
// write to.
func (d *Document) Notebook() *nbformat.Notebook {
	nb := d.top
	nb.Cells = make([]*nbformat.Cell, len(d.cells))
	for i, c := range d.cells {
		nb.Cells[i] = c.inFile()
	}
	return &nb
}

// ids are those of the cells, in the order in which they stand.
func (d *Document) ids() []string {
	list := make([]string, len(d.cells))
	for i, c := range d.cells {
		list[i] = c.id
	}
	return list
}

// newID makes an id that no cell has, nor any in taken.
func (d *Document) newID(taken map[string]*Cell) string {
	for {
		var b [4]byte
		rand.Read(b[:]) // never fails
		id := hex.EncodeToString(b[:])
		if d.byID[id] == nil && taken[id] == nil {
			return id
		}
	}
}

// fileID is what the file calls a new cell.
func (d *Document) fileID(id string) string {
	if d.top.Minor < 5 {
		return ""
	}
	return id
}

func (d *Document) cell(id string) (*Cell, error) {
	if c := d.byID[id]; c != nil {
		return c, nil
	}
	return nil, fmt.Errorf("there is no cell %q", id)
}

// some gives the cells of the ids, in the order in which they stand.
func (d *Document) some(ids []string) ([]*Cell, error) {
	if len(ids) == 0 {
		return nil, errors.New("cells is empty, want ids of cells")
	}
	want := map[string]bool{}
	for _, id := range ids {
		if _, err := d.cell(id); err != nil {
			return nil, err
		}
		want[id] = true
	}
	return slices.DeleteFunc(slices.Clone(d.cells), func(c *Cell) bool { return !want[c.id] }), nil
}

// cellsChange is the change to a new list of cells.
func cellsChange(list []*Cell, changed ...*Cell) Change {
	order := make([]string, len(list))
	for i, c := range list {
		order[i] = c.id
	}
	return Change{Ev: evCells, Order: order, Changed: changed}
}

// Edit changes the source of a cell whose version is the given one. The error is
// ErrStale if that is not the cell's.
func (d *Document) Edit(id string, version int, updates []ChangeSet) (Change, error) {
	c, err := d.cell(id)
	if err != nil {
		return Change{}, err
	}
	if version != c.version {
		return Change{}, ErrStale
	}
	if len(updates) == 0 {
		return Change{}, errors.New("updates is empty, want change sets")
	}
	ch := Change{Ev: evEdit, Cell: id, Version: version + len(updates), Updates: updates}
	_, err = ch.edited(c)
	return ch, err
}

// edited is the source of the cell after the edit.
func (ch *Change) edited(c *Cell) (string, error) {
	text := c.source()
	for i, u := range ch.Updates {
		var err error
		if text, err = u.Apply(text); err != nil {
			return "", fmt.Errorf("update %d: %w", i, err)
		}
	}
	return text, nil
}

// Delete removes cells.
func (d *Document) Delete(ids []string) (Change, error) {
	gone, err := d.some(ids)
	if err != nil {
		return Change{}, err
	}
	ch := cellsChange(without(d.cells, gone))
	ch.Undo = undoDelete
	return ch, nil
}

func without(list, gone []*Cell) []*Cell {
	return slices.DeleteFunc(slices.Clone(list), func(c *Cell) bool { return slices.Contains(gone, c) })
}

// Move puts cells, in the order in which they stand, so that the first of them is
// the one at index afterwards.
func (d *Document) Move(ids []string, index int) (Change, error) {
	moved, err := d.some(ids)
	if err != nil {
		return Change{}, err
	}
	rest := without(d.cells, moved)
	index = max(0, min(index, len(rest)))
	ch := cellsChange(slices.Insert(rest, index, moved...))
	if !slices.Equal(ch.Order, d.ids()) {
		ch.Undo = undoMove
	}
	return ch, nil
}

// SetType makes cells ones of another type.
func (d *Document) SetType(ids []string, kind string) (Change, error) {
	list, err := d.some(ids)
	if err == nil {
		err = checkType(kind)
	}
	if err != nil {
		return Change{}, err
	}
	for i, c := range list {
		c = c.clone()
		c.file.Type = kind
		if kind == nbformat.Code {
			c.file.Attachments = nil
		} else {
			c.outputs, c.file.ExecutionCount, c.state = nil, nil, State{}
		}
		list[i] = c
	}
	ch := cellsChange(d.cells, list...)
	ch.Undo = undoType
	return ch, nil
}

// Split cuts a cell at offsets, in UTF-16 units. The last part keeps the id and the
// outputs; those before it are new cells.
func (d *Document) Split(id string, at []int) (change Change, err error) {
	c, err := d.cell(id)
	if err != nil {
		return Change{}, err
	}
	if len(at) == 0 || len(d.cells)+len(at) > maxCells {
		return Change{}, fmt.Errorf("at has %d offsets, want at least one and no more than cells fit", len(at))
	}
	text, from, before := c.source(), 0, 0
	taken := map[string]*Cell{}
	var parts []*Cell
	for _, offset := range at {
		if offset < before {
			return Change{}, fmt.Errorf("at is %v, want offsets in order", at)
		}
		to, err := advance(text, from, offset-before)
		if err != nil {
			return Change{}, fmt.Errorf("at %d: %w", offset, err)
		}
		part := d.fresh(d.newID(taken), c.file.Type, strings.Trim(text[from:to], "\n"))
		part.file.Attachments = c.file.Attachments
		taken[part.id] = part
		parts = append(parts, part)
		from, before = to, offset
	}
	last := c.clone()
	last.file.Source = strings.Trim(text[from:], "\n")
	last.version++
	parts = append(parts, last)
	i := slices.Index(d.cells, c)
	change = cellsChange(slices.Concat(d.cells[:i], parts, d.cells[i+1:]), parts...)
	change.Undo = undoSplit
	return change, nil
}

// Merge makes one cell of several: the first of them, with the sources of all and
// an empty line between. Its outputs go.
func (d *Document) Merge(ids []string) (Change, error) {
	list, err := d.some(ids)
	if err != nil {
		return Change{}, err
	}
	if len(list) < 2 {
		return Change{}, errors.New("there is one cell, want at least two to merge")
	}
	c := list[0].clone()
	texts := make([]string, len(list))
	attachments := map[string]any{}
	size := 0
	for i, part := range list {
		texts[i] = part.source()
		size += len(texts[i]) + 2
		maps.Copy(attachments, part.file.Attachments)
	}
	if size > MaxSource {
		return Change{}, fmt.Errorf("the source would have %d bytes, and may have %d", size, MaxSource)
	}
	c.file.Source = strings.Join(texts, "\n\n")
	c.file.Attachments = nil
	if c.file.Type != nbformat.Code && len(attachments) > 0 {
		c.file.Attachments = attachments
	}
	c.outputs, c.file.ExecutionCount, c.state = nil, nil, c.state.cleared()
	c.version++
	ch := cellsChange(without(d.cells, list[1:]), c)
	ch.Undo = undoMerge
	return ch, nil
}

// SetMetadata replaces the metadata of a cell, or of the notebook if id is empty.
func (d *Document) SetMetadata(id string, metadata map[string]any) (Change, error) {
	if metadata == nil {
		return Change{}, errors.New("metadata is missing, want an object")
	}
	if n := len(encode(metadata)); n > maxMetadata {
		return Change{}, fmt.Errorf("metadata has %d bytes, and may have %d", n, maxMetadata)
	}
	if id != "" {
		if _, err := d.cell(id); err != nil {
			return Change{}, err
		}
	}
	return Change{Ev: evMetadata, Cell: id, Metadata: metadata}, nil
}

// Clear removes the outputs and counts of cells; of all if there are no ids.
func (d *Document) Clear(ids []string) (Change, error) {
	list := d.cells
	if len(ids) > 0 {
		var err error
		if list, err = d.some(ids); err != nil {
			return Change{}, err
		}
	}
	var changed []*Cell
	for _, c := range list {
		if c.file.Type != nbformat.Code {
			continue
		}
		c = c.clone()
		c.outputs, c.file.ExecutionCount, c.state = nil, nil, c.state.cleared()
		c.trusted = true
		changed = append(changed, c)
	}
	return cellsChange(d.cells, changed...), nil
}

// Apply carries out a change that an operation on this document, or one like it,
// gave. The error says that the change does not fit; then nothing is changed.
func (d *Document) Apply(ch Change) error {
	switch ch.Ev {
	case evCells:
		return d.applyCells(ch)
	case evMetadata:
		if ch.Cell == "" {
			d.top.Metadata = ch.Metadata
			return nil
		}
	case evTrust:
		for _, id := range ch.Order {
			if c := d.byID[id]; c != nil {
				c.trusted = true
			}
		}
		return nil
	}
	c, err := d.cell(ch.Cell)
	if err != nil {
		return err
	}
	return c.apply(ch)
}

// apply carries out a change of the cell alone.
func (c *Cell) apply(ch Change) error {
	last := len(c.outputs)
	if ch.Ev == evStream || ch.Ev == evUpdate {
		last--
	}
	if ch.Index < 0 || ch.Index > last && ch.Ev != evEdit && ch.Ev != evCount && ch.Ev != evMetadata {
		return fmt.Errorf("cell %s has %d outputs, and no place for one at %d", c.id, len(c.outputs), ch.Index)
	}
	switch ch.Ev {
	case evEdit:
		text, err := ch.edited(c)
		if err != nil {
			return err
		}
		c.file.Source, c.version = text, ch.Version
	case evOutputs:
		c.outputs = append(c.outputs[:ch.Index:ch.Index], ch.Outputs...)
		if ch.Index == 0 {
			c.trusted = ch.Trusted
		}
	case evStream:
		c.outputs[ch.Index].grow(ch.Text)
	case evUpdate:
		if len(ch.Outputs) != 1 {
			return fmt.Errorf("an update of cell %s holds %d outputs", c.id, len(ch.Outputs))
		}
		n := ch.Outputs[0].o
		c.outputs[ch.Index].replace(n.Data, n.Metadata)
	case evCount:
		c.file.ExecutionCount = ch.Count
	case evMetadata:
		c.file.Metadata = ch.Metadata
	default:
		return fmt.Errorf("unknown change %q", ch.Ev)
	}
	return nil
}

func (d *Document) applyCells(ch Change) error {
	changed := map[string]*Cell{}
	for _, c := range ch.Changed {
		changed[c.id] = c
	}
	list := make([]*Cell, len(ch.Order))
	byID := make(map[string]*Cell, len(ch.Order))
	for i, id := range ch.Order {
		c := changed[id]
		if c == nil {
			c = d.byID[id]
		}
		if c == nil || byID[id] != nil {
			return fmt.Errorf("the order of cells names %q, which is missing or there twice", id)
		}
		list[i], byID[id] = c, c
	}
	d.remember(ch, byID)
	d.cells, d.byID = list, byID
	return nil
}

// outputBytes is about how many bytes the outputs of cells take.
func outputBytes(cells []*Cell) (n int) {
	for _, c := range cells {
		for _, o := range c.outputs {
			n += o.bytes
		}
	}
	return n
}

// A changeJSON is a Change in JSON.
type changeJSON struct {
	Ev       string            `json:"ev"`
	Cell     string            `json:"cell,omitempty"`
	Version  int               `json:"version,omitempty"`
	Updates  []ChangeSet       `json:"updates,omitempty"`
	Order    []string          `json:"order,omitempty"`
	Changed  []json.RawMessage `json:"changed,omitempty"`
	Undo     string            `json:"undo,omitempty"`
	Undone   int               `json:"undone,omitempty"`
	Redone   int               `json:"redone,omitempty"`
	Metadata map[string]any    `json:"metadata,omitempty"`
	Index    int               `json:"index,omitempty"`
	Outputs  []json.RawMessage `json:"outputs,omitempty"`
	Text     string            `json:"text,omitempty"`
	Count    *int              `json:"count,omitempty"`
	Trusted  bool              `json:"trusted,omitempty"`
}

// MarshalJSON writes the change, whole.
func (ch Change) MarshalJSON() ([]byte, error) {
	j := changeJSON{
		Ev: ch.Ev, Cell: ch.Cell, Version: ch.Version, Updates: ch.Updates, Order: ch.Order, Undo: ch.Undo,
		Undone: ch.Undone, Redone: ch.Redone, Metadata: ch.Metadata, Index: ch.Index, Outputs: whole(ch.Outputs),
		Text: ch.Text, Count: ch.Count, Trusted: ch.Trusted,
	}
	for _, c := range ch.Changed {
		j.Changed = append(j.Changed, encode(c.whole()))
	}
	return encode(j), nil
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (ch *Change) UnmarshalJSON(data []byte) error {
	var j changeJSON
	dec := json.NewDecoder(strings.NewReader(string(data)))
	dec.UseNumber()
	if err := dec.Decode(&j); err != nil {
		return err
	}
	*ch = Change{
		Ev: j.Ev, Cell: j.Cell, Version: j.Version, Updates: j.Updates, Order: j.Order, Undo: j.Undo,
		Undone: j.Undone, Redone: j.Redone, Metadata: j.Metadata, Index: j.Index, Text: j.Text, Count: j.Count, Trusted: j.Trusted,
	}
	for _, raw := range j.Changed {
		c, err := readCell(raw)
		if err != nil {
			return err
		}
		ch.Changed = append(ch.Changed, c)
	}
	if len(j.Outputs) > 0 {
		outputs, err := parseOutputs(j.Outputs)
		if err != nil {
			return err
		}
		ch.Outputs = outputs
	}
	return nil
}
