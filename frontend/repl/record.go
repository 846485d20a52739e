package repl

import (
	"sync"

	"github.com/google/uuid"

	"github.com/adabc437/fanout/frontend/nbformat"
	"github.com/adabc437/fanout/interp/session"
	"github.com/adabc437/fanout/kernel"
)

// maxKept bounds what is kept of the outputs of all cells, in bytes.
const maxKept = 64 << 20

// A record keeps the cells of a loop, to be saved.
type record struct {
	mu       sync.Mutex
	recorder nbformat.Recorder
	kept     int
	cells    []*recorded
}

// A recorded is one cell that ran.
type recorded struct {
	record *record
	cell   *nbformat.Cell
	number int
	failed bool
}

// begin notes a cell; one that the user has not typed has no number.
func (r *record) begin(c session.Cell) *recorded {
	cell := &recorded{record: r, number: c.Number, cell: &nbformat.Cell{
		Type: nbformat.Code, ID: uuid.NewString()[:8], Metadata: map[string]any{}, Source: c.Code,
	}}
	if n := c.Number; n > 0 {
		cell.cell.ExecutionCount = &n
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.cells = append(r.cells, cell)
	return cell
}

// emit keeps an event, as long as there is room.
func (c *recorded) emit(e session.Event) {
	r := c.record
	r.mu.Lock()
	defer r.mu.Unlock()
	size := len(e.Text)
	for _, v := range e.Data {
		if s, ok := v.(string); ok {
			size += len(s)
		}
	}
	if r.kept+size > maxKept {
		return
	}
	r.kept += size
	r.recorder.Emit(c.cell, c.number, e)
}

// end notes how a cell has ended.
func (r *record) end(c *recorded, reply session.Reply) {
	if reply.Err == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	c.failed = true
	content := kernel.ErrorContent(reply.Err)
	r.recorder.Error(c.cell, content.EName, content.EValue, content.Traceback)
}

// succeeded gives copies of the cells that did not fail: goroutines of theirs may go on.
func (r *record) succeeded() []*nbformat.Cell {
	r.mu.Lock()
	defer r.mu.Unlock()
	var list []*nbformat.Cell
	for _, c := range r.cells {
		if c.failed {
			continue
		}
		cell := *c.cell
		cell.Outputs = nil
		for _, o := range c.cell.Outputs {
			out := *o
			cell.Outputs = append(cell.Outputs, &out)
		}
		list = append(list, &cell)
	}
	return list
}
