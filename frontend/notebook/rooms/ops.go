package rooms

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// A hinted error says what would be right.
type hinted struct{ text, hint string }

func (e *hinted) Error() string { return e.text }

var (
	errClosed = errors.New("the notebook was closed")
	// errLater says that the reply comes by another way.
	errLater = errors.New("later")
)

// A request is what a page asks for. Which fields count depends on Op.
type request struct {
	ID  int    `json:"id"`
	Op  string `json:"op"`
	raw json.RawMessage

	conn *conn
}

// maxUpdates is how many change sets one edit may have.
const maxUpdates = 10_000

// readRequest reads the part of a request that all have.
func readRequest(data []byte, q *request) error {
	if err := json.Unmarshal(data, q); err != nil {
		return fmt.Errorf("the message is not one of this protocol: %w", err)
	}
	q.raw = data
	return nil
}

// into reads the fields of a request that v has.
func (q *request) into(v any) error {
	d := json.NewDecoder(strings.NewReader(string(q.raw)))
	d.UseNumber()
	if err := d.Decode(v); err != nil {
		return fmt.Errorf("%s: %w", q.Op, err)
	}
	return nil
}

// An op does what a request asks for, with the room's lock held, and gives the
// fields of the reply.
type op func(r *Room, q *request) (map[string]any, error)

// ops is the table of what pages may ask for, filled by the init function below
// because ops refer to it.
var ops map[string]op

func init() {
	ops = map[string]op{
		"ping": ping, "edit": edit, "insert": insert, "delete": remove, "undo": undo, "redo": redo, "move": move, "type": setType,
		"split": split, "merge": merge, "metadata": setMetadata, "clear": clearOutputs, "outputs": showOutputs,
		"run": runCells, "cancel": cancelQueue, "interrupt": interrupt, "restart": restart, "shutdown": shutdown, "input": input,
		"complete": complete, "inspect": inspect, "complete_cell": completeCell, "format": format,
		"variables": variables, "parallel": parallel,
		"save": save, "reload": reload, "trust": trust, "rename": rename,
	}
}

// do does what q asks for.
func (r *Room) do(q *request) (map[string]any, error) {
	f := ops[q.Op]
	if f == nil {
		return nil, fmt.Errorf("unknown operation %q", q.Op)
	}
	return f(r, q)
}

// change commits what an operation on the document gave.
func (r *Room) change(q *request, ch Change, err error) (map[string]any, error) {
	if err != nil {
		return nil, err
	}
	return nil, r.commit(ch, q.conn.id)
}

// ping tells a page that hears nothing that it is still connected.
func ping(*Room, *request) (map[string]any, error) { return nil, nil }

func edit(r *Room, q *request) (map[string]any, error) {
	var a struct {
		Cell    string      `json:"cell"`
		Version int         `json:"version"`
		Updates []ChangeSet `json:"updates"`
	}
	if err := q.into(&a); err != nil {
		return nil, err
	}
	if len(a.Updates) > maxUpdates {
		return nil, fmt.Errorf("an edit of %d updates, which may have %d", len(a.Updates), maxUpdates)
	}
	ch, err := r.doc.Edit(a.Cell, a.Version, a.Updates)
	if _, err := r.change(q, ch, err); err != nil {
		return nil, err
	}
	if past := r.past[q.conn.id]; past != nil {
		past.made(q.ID)
	}
	if r.doc.byID[a.Cell].file.Type == "code" {
		r.wantKernel() // soon something is asked of it
	}
	return map[string]any{"version": ch.Version}, nil
}

func insert(r *Room, q *request) (map[string]any, error) {
	var a struct {
		Index *int      `json:"index"`
		Cell  *NewCell  `json:"cell"`
		Cells []NewCell `json:"cells"` // or several, as one step
	}
	if err := q.into(&a); err != nil {
		return nil, err
	}
	if a.Index == nil {
		return nil, errors.New("insert: index is missing")
	}
	if a.Cell != nil {
		a.Cells = append(a.Cells, *a.Cell)
	}
	ch, err := r.doc.Insert(*a.Index, a.Cells...)
	if _, err := r.change(q, ch, err); err != nil {
		return nil, err
	}
	return map[string]any{"cell": ch.Changed[len(ch.Changed)-1].id}, nil
}

// showOutputs sends the page the outputs of cells that it was told the size of only. A cell
// that is gone meanwhile has none.
func showOutputs(r *Room, q *request) (map[string]any, error) {
	ids, err := q.cells()
	if err != nil {
		return nil, err
	}
	r.flush()
	for _, id := range ids {
		if c := r.doc.byID[id]; c != nil {
			e := event{"ev": "outputs", "seq": r.seq, "cell": id, "from": 0, "outputs": views(c.outputs), "trusted": c.trusted}
			q.conn.push(encode(map[string]any(e)), false, atOnce)
		}
	}
	return nil, nil
}

// cells reads the ids of a request.
func (q *request) cells() ([]string, error) {
	var a struct {
		Cells []string `json:"cells"`
	}
	err := q.into(&a)
	return a.Cells, err
}

func remove(r *Room, q *request) (map[string]any, error) {
	ids, err := q.cells()
	if err != nil {
		return nil, err
	}
	ch, err := r.doc.Delete(ids)
	if _, err := r.change(q, ch, err); err != nil {
		return nil, err
	}
	r.unqueue(ids)
	return nil, nil
}

// undo takes back what was done last to the cells, and says what that was and which
// cells came back or changed.
func undo(r *Room, q *request) (map[string]any, error) {
	return r.step(q, r.doc.steps, r.doc.Undo)
}

// redo does again what undo took back last, and says the same of it.
func redo(r *Room, q *request) (map[string]any, error) {
	return r.step(q, r.doc.taken, r.doc.Redo)
}

// step takes back the last of the steps in list that can be, which f is the change for.
func (r *Room) step(q *request, list []step, f func() (Change, error)) (map[string]any, error) {
	if err := r.mustRest(r.doc.touches(list)...); err != nil {
		return nil, err
	}
	ch, err := f()
	if _, err := r.change(q, ch, err); err != nil {
		return nil, err
	}
	ids := make([]string, len(ch.Changed))
	for i, c := range ch.Changed {
		ids[i] = c.id
	}
	return map[string]any{"did": ch.Undo, "cells": ids}, nil
}

func move(r *Room, q *request) (map[string]any, error) {
	var a struct {
		Cells []string `json:"cells"`
		Index *int     `json:"index"`
	}
	if err := q.into(&a); err != nil {
		return nil, err
	}
	if a.Index == nil {
		return nil, errors.New("move: index is missing")
	}
	ch, err := r.doc.Move(a.Cells, *a.Index)
	return r.change(q, ch, err)
}

func setType(r *Room, q *request) (map[string]any, error) {
	var a struct {
		Cells []string `json:"cells"`
		Type  string   `json:"cell_type"`
	}
	if err := q.into(&a); err != nil {
		return nil, err
	}
	for _, id := range a.Cells {
		if err := r.mustRest(id); err != nil {
			return nil, err
		}
	}
	ch, err := r.doc.SetType(a.Cells, a.Type)
	return r.change(q, ch, err)
}

func split(r *Room, q *request) (map[string]any, error) {
	var a struct {
		Cell string `json:"cell"`
		At   []int  `json:"at"`
	}
	if err := q.into(&a); err != nil {
		return nil, err
	}
	ch, err := r.doc.Split(a.Cell, a.At)
	if _, err := r.change(q, ch, err); err != nil {
		return nil, err
	}
	ids := make([]string, len(ch.Changed))
	for i, c := range ch.Changed {
		ids[i] = c.id
	}
	return map[string]any{"cells": ids}, nil
}

func merge(r *Room, q *request) (map[string]any, error) {
	ids, err := q.cells()
	if err == nil {
		err = r.mustRest(ids...)
	}
	if err != nil {
		return nil, err
	}
	ch, err := r.doc.Merge(ids)
	if _, err := r.change(q, ch, err); err != nil {
		return nil, err
	}
	return map[string]any{"cell": ch.Changed[0].id}, nil
}

// mustRest refuses what cannot be done to cells that are running or about to.
func (r *Room) mustRest(ids ...string) error {
	for _, id := range ids {
		if c := r.doc.byID[id]; c != nil && c.stateNow().Run != Idle {
			return &hinted{"the cell is " + string(c.stateNow().Run), "interrupt it, or wait until it has ended"}
		}
	}
	return nil
}

func setMetadata(r *Room, q *request) (map[string]any, error) {
	var a struct {
		Cell     string         `json:"cell"`
		Metadata map[string]any `json:"metadata"`
	}
	if err := q.into(&a); err != nil {
		return nil, err
	}
	ch, err := r.doc.SetMetadata(a.Cell, a.Metadata)
	return r.change(q, ch, err)
}

func clearOutputs(r *Room, q *request) (map[string]any, error) {
	ids, err := q.cells()
	if err != nil {
		return nil, err
	}
	ch, err := r.doc.Clear(ids)
	return r.change(q, ch, err)
}
