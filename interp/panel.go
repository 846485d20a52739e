package interp

import (
	"context"
	"errors"
	"fmt"
	"go/types"
	"reflect"
	"slices"
	"time"

	"github.com/adabc437/fanout/interp/check"
	"github.com/adabc437/fanout/interp/rt"
	"github.com/adabc437/fanout/interp/session"
	"github.com/adabc437/fanout/parallel"
)

// PanelTarget is the comm target by which a front end looks at a session, beside the
// cells that run. Each message, the first of comm_open too, asks for something:
//
//	{"ask": "variables"}           {"variables": [{"name", "kind", "type", "value", "cell", "size"?, "old"?}…]}
//	{"ask": "maps"}                {"maps": [{"id", "cell", "label", "state", "done", "failed", "total", "workers", "elapsed_ms", "background"}…]}
//	{"ask": "parallel"}            that, and {"workers", "busy", "devices": [{"number", "name", "backend", "kind", "units", "memory", "in_use", "chosen"}…]}
//	{"ask": "cancel", "map": id}   {"cancelled": id}
//
// and is answered by one message, with {"error": …} where it cannot be done. What else
// a message holds comes back in the answer. Values are those of when no cell ran last,
// and old says so: cells change them while they are read. Sizes are lengths, of what
// has one.
const PanelTarget = "fanout.panel"

// The bounds of what is told of variables.
const (
	maxPanelVariables = 1000
	panelText         = 120 // characters of a value
)

// servePanel answers the messages of a comm of PanelTarget.
func (i *Interp) servePanel(c *Comm, opened CommMessage) {
	answer := func(m CommMessage) {
		data, err := i.panelAnswer(m.Data)
		if err != nil {
			data = map[string]any{"error": err.Error()}
		}
		for k, v := range m.Data {
			if _, taken := data[k]; !taken && k != "ask" && k != "map" {
				data[k] = v
			}
		}
		_ = c.Send(data) // it marshals: texts, numbers, and what came as JSON
	}
	c.OnMessage(answer)
	if _, asked := opened.Data["ask"]; asked {
		answer(opened)
	}
}

func (i *Interp) panelAnswer(data map[string]any) (map[string]any, error) {
	switch ask := data["ask"]; ask {
	case "variables":
		return map[string]any{"variables": i.panelVariables()}, nil
	case "maps":
		return map[string]any{"maps": i.panelMaps()}, nil
	case "parallel":
		i.runMu.Lock()
		busy := len(i.runs) > 0
		i.runMu.Unlock()
		return map[string]any{"maps": i.panelMaps(), "workers": i.workerCount(), "busy": busy, "devices": i.panelDevices()}, nil
	case "cancel":
		id, _ := data["map"].(string)
		if !i.cancelMap(id) {
			return nil, fmt.Errorf("no map %q runs: it may have ended", id)
		}
		return map[string]any{"cancelled": id}, nil
	default:
		return nil, fmt.Errorf("ask is %v, want variables, maps, parallel or cancel", ask)
	}
}

// A panelVariable is one name that a session has declared.
type panelVariable struct {
	Name  string `json:"name"`
	Kind  string `json:"kind"` // var, const, func or type
	Type  string `json:"type"`
	Value string `json:"value"`
	Cell  int    `json:"cell"`
	Size  *int   `json:"size,omitempty"`
	Old   bool   `json:"old,omitempty"`
}

// panelVariables lists what is declared. While something runs that may write to them,
// variables are not read: they show what they were before. Beside goroutines that cells
// have left, numbers are read all the same, and all else is not: a map that is written
// while it is read ends the session, and so may half a string.
func (i *Interp) panelVariables() []panelVariable {
	list := i.entities()
	if len(list) > maxPanelVariables {
		list = list[:maxPanelVariables]
	}
	i.mu.Lock() // which a cell that begins now waits for, before its statements run
	defer i.mu.Unlock()
	running, left := i.isRunning(), i.goroutinesLeft()
	seen := make(map[string]panelVariable, len(list))
	out := make([]panelVariable, 0, len(list))
	for _, e := range list {
		kind, typ := describe(e)
		v := panelVariable{Name: e.Name, Kind: kind, Type: clip(typ, panelText), Cell: e.Cell}
		before, known := i.panelSeen[e.Name]
		switch {
		case !e.IsVar(), !running && (!left || isNumber(e.Obj.Type())):
			v.Value, v.Size = clip(i.valueText(e, typ), panelText), i.sizeOf(e)
		case known && before.Type == v.Type:
			v.Value, v.Size, v.Old = before.Value, before.Size, true
		default:
			v.Old = true
		}
		seen[e.Name] = v
		out = append(out, v)
	}
	i.panelSeen = seen
	return out
}

// isRunning says whether a cell runs, or a map in the background.
func (i *Interp) isRunning() bool {
	i.runMu.Lock()
	cells := len(i.runs)
	i.runMu.Unlock()
	return cells > 0 || len(i.running()) > 0
}

// goroutinesLeft says whether goroutines that cells have started may run.
func (i *Interp) goroutinesLeft() bool {
	if i.native != nil {
		return rt.Live() || othersRun()
	}
	return i.tier.busy()
}

// isNumber says that values of a type have no parts, of which some might be read before
// and some after they are written.
func isNumber(t types.Type) bool {
	b, ok := t.Underlying().(*types.Basic)
	return ok && b.Info()&(types.IsNumeric|types.IsBoolean) != 0
}

// sizeOf is the length of a variable that has one.
func (i *Interp) sizeOf(e *check.Entity) *int {
	if !e.IsVar() {
		return nil
	}
	v, ok := i.value(e)
	if !ok || v == nil {
		return nil
	}
	switch rv := reflect.ValueOf(v); rv.Kind() {
	case reflect.Slice, reflect.Map, reflect.String, reflect.Array, reflect.Chan:
		n := rv.Len()
		return &n
	}
	return nil
}

// A liveMap is a map that a cell waits for.
type liveMap struct {
	interp *Interp
	id     string
	cell   int // the number of the cell
	start  time.Time
	now    parallel.Progress
	cancel context.CancelCauseFunc
}

// maxMapsOver is how many maps are told of that have ended.
const maxMapsOver = 8

// errMapCancelled is why a map ends that was cancelled in the panel.
var errMapCancelled = errors.New("the map was cancelled")

// newMap is a map that the cell with a number will wait for, and the context that it runs in. The panel
// shows it from begin to end.
func (i *Interp) newMap(ctx context.Context, cell int, now parallel.Progress) (context.Context, *liveMap) {
	ctx, cancel := context.WithCancelCause(ctx)
	return ctx, &liveMap{interp: i, cell: cell, now: now, cancel: cancel}
}

func (m *liveMap) begin() {
	i := m.interp
	i.runMu.Lock()
	defer i.runMu.Unlock()
	i.lastMap++
	m.id, m.start = fmt.Sprintf("map %d", i.lastMap), time.Now()
	i.maps = append(i.maps, m)
}

// note takes in how the map stands.
func (m *liveMap) note(now parallel.Progress) {
	m.interp.runMu.Lock()
	defer m.interp.runMu.Unlock()
	m.now = now
}

// end takes in the error that the map ended with. What was never begun may end too.
func (m *liveMap) end(err error) {
	i := m.interp
	i.runMu.Lock()
	defer i.runMu.Unlock()
	at := slices.Index(i.maps, m)
	if at < 0 {
		return
	}
	i.maps = slices.Delete(i.maps, at, at+1)
	over := panelMapOf(m.id, m.cell, m.now, m.start)
	over.ElapsedMS = milliseconds(time.Since(m.start))
	var d *session.Diagnostic
	switch {
	case err == nil:
		over.State = "done"
	case errors.Is(err, context.Canceled), errors.Is(err, errMapCancelled), errors.As(err, &d) && d.Name == session.Interrupted:
		over.State = "cancelled"
	default:
		over.State = "failed"
	}
	if i.mapsOver = append(i.mapsOver, over); len(i.mapsOver) > maxMapsOver {
		i.mapsOver = i.mapsOver[1:]
	}
}

// A panelMap is how a map stands.
type panelMap struct {
	ID         string  `json:"id"`
	Cell       int     `json:"cell"` // its number
	Label      string  `json:"label"`
	State      string  `json:"state"` // running, done, failed or cancelled
	Done       int     `json:"done"`
	Failed     int     `json:"failed"`
	Total      int     `json:"total"`
	Workers    int     `json:"workers"`
	ElapsedMS  float64 `json:"elapsed_ms"`
	Background bool    `json:"background"`
}

func panelMapOf(id string, cell int, now parallel.Progress, start time.Time) panelMap {
	took := now.Elapsed
	if took == 0 {
		took = time.Since(start)
	}
	return panelMap{ID: id, Cell: cell, Label: clip(now.Label, panelText), State: "running", Done: now.Done, Failed: now.Failed,
		Total: now.Total, Workers: now.Workers, ElapsedMS: milliseconds(took)}
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// panelMaps lists the maps that ended last, those that cells wait for, and those in the
// background, each oldest first.
func (i *Interp) panelMaps() []panelMap {
	list := []panelMap{}
	i.runMu.Lock()
	list = append(list, i.mapsOver...)
	for _, m := range i.maps {
		list = append(list, panelMapOf(m.id, m.cell, m.now, m.start))
	}
	i.runMu.Unlock()
	for _, j := range i.allJobs() {
		m := panelMapOf(jobID(j), j.cell, j.handle.Progress(), j.start)
		if m.Label == "" {
			m.Label = clip(j.handle.Label(), panelText)
		}
		m.State, m.Background = state(j.handle), true
		list = append(list, m)
	}
	return list
}

func jobID(j *job) string { return fmt.Sprintf("job %d", j.number) }

// cancelMap ends the map with an id, if it runs.
func (i *Interp) cancelMap(id string) bool {
	for _, j := range i.allJobs() {
		if jobID(j) == id && state(j.handle) == "running" {
			j.handle.Cancel()
			return true
		}
	}
	i.runMu.Lock()
	defer i.runMu.Unlock()
	for _, m := range i.maps {
		if m.id == id {
			m.cancel(errMapCancelled)
			return true
		}
	}
	return false
}

// A panelDevice is a device that maps can run on.
type panelDevice struct {
	Number  int    `json:"number"`
	Name    string `json:"name"`
	Backend string `json:"backend"`
	Kind    string `json:"kind"`
	Units   int    `json:"units"`
	Memory  int64  `json:"memory"` // bytes
	InUse   int64  `json:"in_use"`
	Chosen  bool   `json:"chosen"`
}

// panelPatience is how long the panel waits for drivers: it asks again.
const panelPatience = 500 * time.Millisecond

func (i *Interp) panelDevices() []panelDevice {
	ctx, cancel := context.WithTimeout(context.Background(), panelPatience)
	defer cancel()
	list := []panelDevice{}
	chosen, err := i.devices.pick(ctx, "")
	if err != nil {
		return list
	}
	set, err := i.devices.open(ctx)
	if err != nil {
		return list
	}
	for _, d := range set.Devices {
		info := d.Info()
		list = append(list, panelDevice{
			Number: d.Number, Name: printable(info.Name), Backend: info.Backend, Kind: fmt.Sprint(info.Kind), Units: info.Units,
			Memory: info.Memory, InUse: d.InUse(), Chosen: d == chosen,
		})
	}
	return list
}
