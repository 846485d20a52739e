package rooms

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/adabc437/fanout/frontend/nbformat"
)

// A Cell is one cell of a Document.
type Cell struct {
	id string // the room's; the file's own, but where that has none or one twice
	// file holds what the file says of the cell, but for the outputs.
	file    nbformat.Cell
	outputs []*output
	version int // of the source; counts edits
	trusted bool
	state   State
	ran     string // the source that ran last, if state says that it ran
	// clear says that the next output takes the place of those there are, and full
	// that outputs of this run are left out.
	clear, full bool
}

// State is what is known of the last run of a cell. Its zero value is a cell that
// has not run in this room.
type State struct {
	Run    RunState `json:"run"`
	Count  *int     `json:"count"`
	Began  string   `json:"began,omitempty"` // RFC 3339
	TookMS float64  `json:"took_ms,omitempty"`
	Status string   `json:"status,omitempty"` // ok, error or aborted, of a run that ended
	// Stale says that the source is another than the one that ran.
	Stale bool `json:"stale,omitempty"`
}

// A RunState says whether a cell runs.
type RunState string

// The run states.
const (
	Idle    RunState = "idle"
	Queued  RunState = "queued"
	Running RunState = "running"
)

// source is the text as editors have it.
func (c *Cell) source() string { return normal(c.file.Source) }

// stateNow is the state with what is not kept in it.
func (c *Cell) stateNow() State {
	s := c.state
	if s.Run == "" {
		s.Run = Idle
	}
	s.Count = c.file.ExecutionCount
	s.Stale = s.Began != "" && s.Run == Idle && c.ran != c.source()
	return s
}

// noCount is the state of a cell whose outputs were cleared.
func (s State) cleared() State {
	if s.Run == Idle || s.Run == "" {
		return State{}
	}
	return s
}

// clone copies the cell, with outputs of its own that share what they show.
func (c *Cell) clone() *Cell {
	d := *c
	d.outputs = slices.Clone(c.outputs)
	return &d
}

// began notes when a run began.
func (c *Cell) began(now time.Time) { c.state.Began = now.UTC().Format(time.RFC3339Nano) }

// inFile is the cell as the file has it.
func (c *Cell) inFile() *nbformat.Cell {
	f := c.file
	f.Outputs = make([]*nbformat.Output, len(c.outputs))
	for i, o := range c.outputs {
		f.Outputs[i] = o.inFile()
	}
	return &f
}

// whole is the cell in JSON, with text in one string each.
func (c *Cell) whole() map[string]any { return c.object(true, whole(c.outputs)) }

// view is what pages are sent of the cell. Of its outputs they get what fits into room,
// which shrinks by what is sent.
func (c *Cell) view(room *int) map[string]any {
	list := make([]json.RawMessage, len(c.outputs))
	for i, o := range c.outputs {
		if o.o.Type == nbformat.Error || o.sent() <= *room {
			list[i] = o.view()
		} else if list[i] = o.stub(); len(list[i]) >= o.sent() {
			list[i] = o.view()
		}
		*room -= len(list[i])
	}
	return c.object(false, list)
}

func (c *Cell) object(whole bool, outputs []json.RawMessage) map[string]any {
	m := maps.Clone(c.file.Extra)
	if m == nil {
		m = map[string]any{}
	}
	if !whole { // what files say there is not meant for pages, and could pass for what a room says
		for _, key := range []string{"outputs", "execution_count", "state"} {
			delete(m, key)
		}
	}
	m["id"] = c.id
	m["cell_type"] = c.file.Type
	m["metadata"] = orEmpty(c.file.Metadata)
	m["source"] = c.source()
	if whole {
		m["source"] = c.file.Source
		m["file_id"] = c.file.ID
	}
	if c.file.Attachments != nil {
		m["attachments"] = c.file.Attachments
	}
	m["version"] = c.version
	m["trusted"] = c.trusted
	if c.file.Type != nbformat.Code {
		return m
	}
	m["execution_count"] = c.file.ExecutionCount
	m["outputs"] = outputs
	if !whole {
		m["state"] = c.stateNow()
	}
	return m
}

// whole are outputs in JSON, and views what pages are sent of them.
func whole(list []*output) []json.RawMessage { return each(list, (*output).whole) }
func views(list []*output) []json.RawMessage { return each(list, (*output).view) }

func each(list []*output, f func(*output) json.RawMessage) []json.RawMessage {
	out := make([]json.RawMessage, len(list))
	for i, o := range list {
		out[i] = f(o)
	}
	return out
}

// readCell reads what whole gives.
func readCell(raw json.RawMessage) (*Cell, error) {
	var own struct {
		ID      string `json:"id"`
		FileID  string `json:"file_id"`
		Version int    `json:"version"`
		Trusted bool   `json:"trusted"`
	}
	if err := json.Unmarshal(raw, &own); err != nil {
		return nil, err
	}
	f, err := parseCell(raw)
	if err != nil {
		return nil, err
	}
	for _, key := range []string{"file_id", "version", "trusted"} {
		delete(f.Extra, key)
	}
	f.ID = own.FileID
	return newCell(own.ID, f, own.Version, own.Trusted), nil
}

// newCell makes a cell of what a file says.
func newCell(id string, f *nbformat.Cell, version int, trusted bool) *Cell {
	c := &Cell{id: id, file: *f, version: version, trusted: trusted}
	c.file.Outputs = nil
	for _, o := range f.Outputs {
		c.outputs = append(c.outputs, newOutput(o))
	}
	return c
}

// parseCell reads a cell as files have it.
func parseCell(raw json.RawMessage) (*nbformat.Cell, error) {
	var b bytes.Buffer
	fmt.Fprintf(&b, `{"nbformat":4,"nbformat_minor":4,"metadata":{},"cells":[%s]}`, raw)
	nb, err := nbformat.Parse(b.Bytes())
	if err != nil {
		return nil, err
	}
	if len(nb.Cells) != 1 {
		return nil, fmt.Errorf("want one cell, found %d", len(nb.Cells))
	}
	return nb.Cells[0], nil
}

// parseOutputs reads outputs as files have them.
func parseOutputs(list []json.RawMessage) ([]*output, error) {
	all, err := json.Marshal(list)
	if err != nil {
		return nil, err
	}
	c, err := parseCell(fmt.Appendf(nil, `{"cell_type":"code","metadata":{},"source":"","execution_count":null,"outputs":%s}`, all))
	if err != nil {
		return nil, err
	}
	out := make([]*output, len(c.Outputs))
	for i, o := range c.Outputs {
		out[i] = newOutput(o)
	}
	return out, nil
}

// risky says that outputs may hold what is not shown before it is trusted. So may those
// of kinds that are not known here: a page may show them all the same.
func (c *Cell) risky() bool {
	return slices.ContainsFunc(c.outputs, func(o *output) bool {
		switch o.o.Type {
		case nbformat.Stream, nbformat.Error, nbformat.DisplayData, nbformat.ExecuteResult:
		default:
			return true
		}
		for mime := range o.o.Data {
			if !plain(mime) {
				return true
			}
		}
		return false
	})
}

// plain says that a MIME type can do no harm.
func plain(mime string) bool {
	switch mime {
	case "text/plain", "image/png", "image/jpeg", "image/gif":
		return true
	}
	return false
}

func orEmpty(m map[string]any) map[string]any {
	if m == nil {
		return map[string]any{}
	}
	return m
}

// blank says that there is nothing to run.
func blank(source string) bool { return strings.TrimSpace(source) == "" }
