package rooms

import (
	"errors"
	"fmt"
	"slices"

	"github.com/adabc437/fanout/frontend/nbformat"
)

// What can be taken back, as changes call it.
const (
	undoDelete = "delete"
	undoMove   = "move"
	undoSplit  = "split"
	undoMerge  = "merge"
	undoType   = "change of type"
	undoPaste  = "paste" // an insertion of a cell that is not empty
)

// A step is what was done to the cells, so that it can be taken back.
type step struct {
	what   string
	order  []string // of the cells before it
	gone   []*Cell  // those that it removed
	before []*Cell  // those that it changed, as they were
	after  []result // what it made of cells, those that were new included
}

// A result is a cell that a step changed or made: the step can be taken back while
// the cell has that source and is of that kind.
type result struct {
	id, kind, source string
	fresh            bool
}

// remember notes what ch, which is about to be applied, does to the cells; next are
// those that it leaves. What was taken back can be done again until something else is
// done.
func (d *Document) remember(ch Change, next map[string]*Cell) {
	d.steps = forget(d.steps, ch.Undone)
	d.taken = forget(d.taken, ch.Redone)
	switch {
	case ch.Undone > 0:
		d.taken = append(d.taken, d.stepOf(ch, next))
	case ch.Undo != "":
		d.steps = append(d.steps, d.stepOf(ch, next))
		if ch.Redone == 0 {
			d.taken = nil
		}
	}
	d.steps, d.taken = bounded(d.steps), bounded(d.taken)
}

// forget leaves the last n steps out.
func forget(list []step, n int) []step { return list[:len(list)-max(0, min(n, len(list)))] }

// bounded leaves the oldest steps out if there are too many.
func bounded(list []step) []step {
	for len(list) > 1 && (len(list) > maxSteps || stepBytes(list) > maxUndone) {
		list = list[1:]
	}
	return list
}

// stepOf is the step that ch is, which leaves the cells in next.
func (d *Document) stepOf(ch Change, next map[string]*Cell) step {
	s := step{what: ch.Undo, order: d.ids()}
	for _, c := range d.cells {
		if next[c.id] == nil {
			s.gone = append(s.gone, c)
		}
	}
	for _, c := range ch.Changed {
		if old := d.byID[c.id]; old != nil {
			s.before = append(s.before, old)
		}
		s.after = append(s.after, result{c.id, c.file.Type, c.source(), d.byID[c.id] == nil})
	}
	return s
}

// holds says that the step can be taken back: nobody has written since in the cells
// that it made.
func (d *Document) holds(s step) bool {
	return !slices.ContainsFunc(s.after, func(r result) bool {
		c := d.byID[r.id]
		return c == nil || c.file.Type != r.kind || c.source() != r.source
	})
}

// Undo takes back the last deletion, move, split, merge, paste or change of type of cells.
// What has made cells in which somebody has written since stays, as that would be lost.
func (d *Document) Undo() (Change, error) {
	i := d.last(d.steps)
	if i < 0 {
		return Change{}, errors.New("nothing is left to take back")
	}
	ch, err := d.reverse(d.steps[i], false)
	ch.Undo, ch.Undone = d.steps[i].what, len(d.steps)-i
	return ch, err
}

// Redo does again what Undo took back last, unless something else was done to the cells
// since.
func (d *Document) Redo() (Change, error) {
	i := d.last(d.taken)
	if i < 0 {
		return Change{}, errors.New("nothing was taken back that could be done again")
	}
	ch, err := d.reverse(d.taken[i], true)
	ch.Undo, ch.Redone = d.taken[i].what, len(d.taken)-i
	return ch, err
}

// last is the index of the last step that can be taken back; -1 for none.
func (d *Document) last(list []step) int {
	for i, s := range slices.Backward(list) {
		if d.holds(s) {
			return i
		}
	}
	return -1
}

// touches says of which cells Undo, or Redo, would change the source.
func (d *Document) touches(list []step) (cells []string) {
	if i := d.last(list); i >= 0 {
		for _, r := range list[i].after {
			cells = append(cells, r.id)
		}
	}
	return cells
}

// reverse is the change that takes a step back; again says that it is one that took
// another back, so that outputs are again as that left them.
func (d *Document) reverse(s step, again bool) (Change, error) {
	back := map[string]*Cell{} // what comes back, and what is as before
	var changed []*Cell
	for _, c := range s.gone {
		if d.byID[c.id] != nil {
			continue // its id was taken meanwhile, by a page that put it back itself
		}
		c = c.clone()
		c.state = State{}
		back[c.id] = c
		changed = append(changed, c)
	}
	for _, old := range s.before {
		c := d.byID[old.id].clone()
		c.file.Source, c.file.Type = old.file.Source, old.file.Type
		c.version++
		if (s.what == undoMerge || s.what == undoType) && (again || len(c.outputs) == 0 && c.file.ExecutionCount == nil) {
			c.file.Attachments, c.trusted = old.file.Attachments, old.trusted
			c.outputs, c.file.ExecutionCount, c.state = slices.Clone(old.outputs), old.file.ExecutionCount, old.state
		}
		if c.file.Type != nbformat.Code {
			c.file.Attachments = old.file.Attachments
			c.outputs, c.file.ExecutionCount, c.state = nil, nil, State{}
		}
		back[c.id] = c
		changed = append(changed, c)
	}
	made := map[string]bool{}
	for _, r := range s.after {
		made[r.id] = r.fresh
	}
	list := d.as(s.order, back, made)
	if len(list) > maxCells {
		return Change{}, fmt.Errorf("a notebook may have %d cells", maxCells)
	}
	return cellsChange(list, changed...), nil
}

// as gives the cells in an order of before, with those of back in the place of
// others, and without those in made. Cells that the order does not name stay behind
// the one that they follow now.
func (d *Document) as(order []string, back map[string]*Cell, made map[string]bool) []*Cell {
	var list []*Cell
	at := map[string]bool{}
	for _, id := range order {
		c := back[id]
		if c == nil {
			c = d.byID[id]
		}
		if c != nil && !at[id] {
			list = append(list, c)
			at[id] = true
		}
	}
	last := ""
	for _, c := range d.cells {
		if !at[c.id] && !made[c.id] {
			i := slices.IndexFunc(list, func(o *Cell) bool { return o.id == last }) // -1 is the front
			list = slices.Insert(list, i+1, c)
			at[c.id] = true
		}
		if at[c.id] {
			last = c.id
		}
	}
	return list
}

func stepBytes(list []step) (n int) {
	for _, s := range list {
		n += outputBytes(s.gone) + outputBytes(s.before)
		for _, c := range slices.Concat(s.gone, s.before) {
			n += len(c.source())
		}
		for _, r := range s.after {
			n += len(r.source)
		}
		for _, id := range s.order {
			n += len(id)
		}
	}
	return n
}
