package rooms

import (
	"fmt"
	"slices"

	"github.com/adabc437/fanout/frontend/nbformat"
)

// maxOutputs is how many bytes the outputs of a room may take. It leaves a notebook
// that can still be written: nbformat.MaxSize holds for the file.
const maxOutputs = 192 << 20

// The record functions say how the outputs of a cell change when it shows
// something, as Jupyter's own executor has it.

// recordClear removes the outputs, or with wait has the next output do so.
func (d *Document) recordClear(c *Cell, wait bool) []Change {
	if wait {
		c.clear = true
		return nil
	}
	c.clear = false
	return []Change{{Ev: evOutputs, Cell: c.id, Trusted: c.trusted}}
}

// recordStream adds text. The text of one stream goes together as long as nothing
// but text comes between.
func (d *Document) recordStream(c *Cell, name, text string) []Change {
	if !c.clear {
		for i, o := range slices.Backward(c.outputs) {
			if o.o.Type != nbformat.Stream {
				break
			}
			if o.o.Name == name {
				if !d.room(c, len(text)) {
					return d.noteFull(c)
				}
				return []Change{{Ev: evStream, Cell: c.id, Index: i, Text: text}}
			}
		}
	}
	return d.recordOutput(c, newOutput(&nbformat.Output{Type: nbformat.Stream, Name: name, Text: text}))
}

// recordOutput adds an output. Those with the same display id show the same then.
func (d *Document) recordOutput(c *Cell, o *output) []Change {
	if !d.room(c, o.bytes) {
		return d.noteFull(c)
	}
	index := len(c.outputs)
	if c.clear {
		c.clear, index = false, 0
	}
	add := Change{Ev: evOutputs, Cell: c.id, Index: index, Outputs: []*output{o}, Trusted: c.trusted}
	if o.display == "" {
		return []Change{add}
	}
	return append(d.recordUpdate(o.display, o.o.Data, o.o.Metadata), add)
}

// recordUpdate replaces what is shown by the outputs with a display id.
func (d *Document) recordUpdate(display string, data, metadata map[string]any) []Change {
	if display == "" {
		return nil
	}
	var list []Change
	for _, c := range d.cells {
		for i, o := range c.outputs {
			if o.display != display {
				continue
			}
			n := o.o
			n.Data, n.Metadata = data, metadata
			list = append(list, Change{Ev: evUpdate, Cell: c.id, Index: i, Outputs: []*output{newOutput(&n)}})
		}
	}
	return list
}

// room says whether there is room for n more bytes of outputs of c.
func (d *Document) room(c *Cell, n int) bool {
	return !c.full && outputBytes(d.cells)+n <= maxOutputs
}

// noteFull says once in the cell that outputs are left out.
func (d *Document) noteFull(c *Cell) []Change {
	if c.full {
		return nil
	}
	c.full = true
	text := fmt.Sprintf("\n[what follows is left out: the outputs of this notebook take %d MiB, which is the most it may hold]\n", maxOutputs>>20)
	o := newOutput(&nbformat.Output{Type: nbformat.Stream, Name: "stderr", Text: text})
	return []Change{{Ev: evOutputs, Cell: c.id, Index: len(c.outputs), Outputs: []*output{o}, Trusted: c.trusted}}
}
