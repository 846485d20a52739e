package rooms

import (
	"fmt"
	"slices"
	"strings"

	"github.com/adabc437/fanout/frontend/nbformat"
)

// A NewCell says what cell to insert.
type NewCell struct {
	ID          string         `json:"id"`
	Type        string         `json:"cell_type"`
	Source      string         `json:"source"`
	Metadata    map[string]any `json:"metadata"`
	Attachments map[string]any `json:"attachments"`
	// Like is the id of a cell that is here, or was deleted and can be brought back: while
	// the source is the same, the new one has its outputs, its count and its run.
	Like string `json:"like"`
}

// Insert puts new cells in front of the cell at index; an index past the end is the end.
func (d *Document) Insert(index int, list ...NewCell) (Change, error) {
	if len(list) == 0 || len(d.cells)+len(list) > maxCells {
		return Change{}, fmt.Errorf("%d cells to insert; a notebook may have %d, and has %d", len(list), maxCells, len(d.cells))
	}
	made, ids := make([]*Cell, 0, len(list)), map[string]*Cell{}
	pasted, bytes := false, outputBytes(d.cells)
	for _, n := range list {
		c, err := d.make(n, ids)
		if err != nil {
			return Change{}, err
		}
		// Beyond what a notebook may hold they come without outputs.
		if like := d.known(n.Like); like != nil && bytes+outputBytes([]*Cell{like}) <= maxOutputs {
			c.showAs(like)
			bytes += outputBytes([]*Cell{c})
		}
		made, ids[c.id] = append(made, c), c
		pasted = pasted || c.source() != ""
	}
	index = max(0, min(index, len(d.cells)))
	ch := cellsChange(slices.Insert(slices.Clone(d.cells), index, made...), made...)
	if pasted {
		ch.Undo = undoPaste
	}
	return ch, nil
}

// make gives the cell that n describes; others are made beside it.
func (d *Document) make(n NewCell, others map[string]*Cell) (*Cell, error) {
	if err := checkType(n.Type); err != nil {
		return nil, err
	}
	switch {
	case len(n.Source) > MaxSource:
		return nil, fmt.Errorf("the source has %d bytes, and may have %d", len(n.Source), MaxSource)
	case n.ID != "" && !validID(n.ID):
		return nil, fmt.Errorf("id %q is not 1 to 64 letters, digits, - and _", n.ID)
	case d.byID[n.ID] != nil || others[n.ID] != nil:
		return nil, fmt.Errorf("there is a cell %q already", n.ID)
	}
	if n.ID == "" {
		n.ID = d.newID(others)
	}
	c := d.fresh(n.ID, n.Type, normal(n.Source))
	if n.Metadata != nil {
		c.file.Metadata = n.Metadata
	}
	if n.Type != nbformat.Code && n.Attachments != nil {
		c.file.Attachments = n.Attachments
	}
	return c, nil
}

// known is a cell that is here, or that a step removed; nil if there is none.
func (d *Document) known(id string) *Cell {
	if c := d.byID[id]; c != nil || id == "" {
		return c
	}
	for _, s := range slices.Backward(d.steps) {
		for _, c := range s.gone {
			if c.id == id {
				return c
			}
		}
	}
	return nil
}

// showAs gives the cell the outputs and the run of another one with the same code, unless
// that one is still to run. Displays are changed by their ids, in both.
func (c *Cell) showAs(like *Cell) {
	if c.file.Type != nbformat.Code || like.file.Type != nbformat.Code || like.source() != c.source() || like.stateNow().Run != Idle {
		return
	}
	c.outputs = make([]*output, len(like.outputs))
	for i, o := range like.outputs {
		c.outputs[i] = newOutput(&o.o)
		c.outputs[i].display = o.display
	}
	c.trusted, c.file.ExecutionCount, c.state, c.ran = like.trusted, like.file.ExecutionCount, like.state, like.ran
}

func (d *Document) fresh(id, kind, source string) *Cell {
	return &Cell{id: id, trusted: true, file: nbformat.Cell{
		Type: kind, ID: d.fileID(id), Metadata: map[string]any{}, Source: source,
	}}
}

func checkType(kind string) error {
	switch kind {
	case nbformat.Code, nbformat.Markdown, nbformat.Raw:
		return nil
	}
	return fmt.Errorf("cell_type is %q, want code, markdown or raw", kind)
}

// validID says whether id is one as the format wants it.
func validID(id string) bool {
	const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_"
	return id != "" && len(id) <= 64 && strings.Trim(id, letters) == ""
}
