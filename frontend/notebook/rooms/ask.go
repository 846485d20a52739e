package rooms

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/adabc437/fanout/interp"
	"github.com/adabc437/fanout/kernel/wire"
)

// ask asks the kernel something about code, beside the cells that run, and answers q
// with what reply makes of the content of its reply.
func (r *Room) ask(q *request, kind string, content any, reply func(json.RawMessage) (map[string]any, error)) error {
	r.whenBeside(func(err error) {
		if err != nil {
			r.answer(q, nil, err)
			return
		}
		r.send(wire.Shell, kind, content, r.link.beside, &ask{done: func(m *wire.Message, err error) {
			var out map[string]any
			if err == nil {
				err = replyError(m.Content)
			}
			if err == nil {
				out, err = reply(m.Content)
			}
			r.answer(q, out, err)
		}})
	})
	return errLater
}

// replyError is the error that a reply reports, if it does.
func replyError(content json.RawMessage) error {
	var e wire.ErrorReply
	if err := json.Unmarshal(content, &e); err != nil {
		return err
	}
	if e.Status == wire.StatusOK {
		return nil
	}
	return fmt.Errorf("%s: %s", e.EName, e.EValue)
}

// plainReply gives the content of a reply as it is.
func plainReply(content json.RawMessage) (map[string]any, error) {
	var m map[string]any
	err := json.Unmarshal(content, &m)
	return m, err
}

func complete(r *Room, q *request) (map[string]any, error) {
	var a struct {
		Code string `json:"code"`
		Pos  *int   `json:"pos"`
	}
	if err := q.into(&a); err != nil {
		return nil, err
	}
	return nil, r.ask(q, "complete_request", wire.CompleteRequest{Code: a.Code, CursorPos: cursor(a.Code, a.Pos)}, func(content json.RawMessage) (map[string]any, error) {
		var c wire.CompleteReply
		if err := json.Unmarshal(content, &c); err != nil {
			return nil, err
		}
		types := make([]wire.CompletionType, len(c.Metadata.Types))
		for i, t := range c.Metadata.Types {
			t.Start, t.End = unitOffset(a.Code, t.Start), unitOffset(a.Code, t.End)
			types[i] = t
		}
		return map[string]any{
			"status": c.Status, "matches": c.Matches, "metadata": wire.CompleteMetadata{Types: types},
			"cursor_start": unitOffset(a.Code, c.CursorStart), "cursor_end": unitOffset(a.Code, c.CursorEnd),
		}, nil
	})
}

// cursor is a position in UTF-16 units as the kernel counts it; nil is the end.
func cursor(code string, pos *int) *int {
	if pos == nil {
		return nil
	}
	n := codePoint(code, *pos)
	return &n
}

func inspect(r *Room, q *request) (map[string]any, error) {
	var a struct {
		Code   string `json:"code"`
		Pos    *int   `json:"pos"`
		Detail int    `json:"detail"`
	}
	if err := q.into(&a); err != nil {
		return nil, err
	}
	return nil, r.ask(q, "inspect_request", wire.InspectRequest{Code: a.Code, CursorPos: cursor(a.Code, a.Pos), DetailLevel: a.Detail}, plainReply)
}

func completeCell(r *Room, q *request) (map[string]any, error) {
	var a struct {
		Code string `json:"code"`
	}
	if err := q.into(&a); err != nil {
		return nil, err
	}
	return nil, r.ask(q, "is_complete_request", wire.IsCompleteRequest{Code: a.Code}, plainReply)
}

// lookUp sends data over a comm of the session, beside the cells that run, and calls
// done with what comes back.
func (r *Room) lookUp(target string, data any, done func(json.RawMessage, error)) {
	r.whenBeside(func(err error) {
		if err == nil {
			var raw []byte
			if raw, err = json.Marshal(data); err == nil {
				r.openComm(target, raw, done)
				return
			}
		}
		done(nil, err)
	})
}

func (r *Room) openComm(target string, data json.RawMessage, done func(json.RawMessage, error)) {
	l := r.link
	id := wire.NewID()
	a := &ask{done: func(m *wire.Message, err error) {
		var c wire.Comm
		if err == nil {
			err = wire.Unmarshal(m, &c)
		}
		if err == nil && m.Type() == "comm_close" {
			err = fmt.Errorf("the session knows nothing of %s", target)
		}
		done(c.Data, err)
	}}
	l.comms[id] = a
	a.limit(r, func() { delete(l.comms, id) })
	m, err := r.sender.New("comm_open", nil, wire.Comm{CommID: id, TargetName: target, Data: data})
	if err == nil {
		m.Header.SubshellID = l.beside
		err = l.c.Send(wire.Shell, m)
	}
	if err != nil {
		delete(l.comms, id)
		a.fail(err)
	}
}

// commAnswer takes a message of a comm, if it is the answer to lookUp.
func (r *Room) commAnswer(m *wire.Message) {
	var c wire.Comm
	if wire.Unmarshal(m, &c) != nil {
		return
	}
	l := r.link
	a := l.comms[c.CommID]
	if a == nil {
		return
	}
	delete(l.comms, c.CommID)
	if m.Type() == "comm_msg" {
		if bye, err := r.sender.New("comm_close", nil, wire.Comm{CommID: c.CommID, Data: json.RawMessage("{}")}); err == nil {
			bye.Header.SubshellID = l.beside
			_ = l.c.Send(wire.Shell, bye) // a kernel that has gone has no comms
		}
	}
	a.end(m, nil)
	r.tellKernel()
}

// answerLookUp looks something up and answers q with it.
func (r *Room) answerLookUp(q *request, target string, data any) error {
	r.lookUp(target, data, func(raw json.RawMessage, err error) {
		var out map[string]any
		if err == nil {
			err = json.Unmarshal(raw, &out)
		}
		if text, ok := out["error"].(string); ok && target == interp.PanelTarget {
			err = errors.New(text)
		}
		r.answer(q, out, err)
	})
	return errLater
}

// format answers with the text as gofmt would have it, or with what is wrong in it.
func format(r *Room, q *request) (map[string]any, error) {
	var a struct {
		Code string `json:"code"`
	}
	if err := q.into(&a); err != nil {
		return nil, err
	}
	r.lookUp(interp.FormatTarget, a, func(raw json.RawMessage, err error) {
		var out map[string]any
		if err == nil {
			err = json.Unmarshal(raw, &out)
		}
		if text, ok := out["error"].(string); ok {
			r.answer(q, map[string]any{"line": out["line"], "column": out["column"]}, errors.New(text))
			return
		}
		r.answer(q, out, err)
	})
	return nil, errLater
}

func variables(r *Room, q *request) (map[string]any, error) {
	if r.link == nil && !r.starting {
		return map[string]any{"variables": []any{}}, nil // and starts no kernel
	}
	return nil, r.answerLookUp(q, interp.PanelTarget, map[string]any{"ask": "variables"})
}

func parallel(r *Room, q *request) (map[string]any, error) {
	var a struct {
		Cancel string `json:"cancel"`
	}
	if err := q.into(&a); err != nil {
		return nil, err
	}
	if r.link == nil && !r.starting {
		return map[string]any{"maps": []any{}, "devices": []any{}}, nil
	}
	data := map[string]any{"ask": "parallel"}
	if a.Cancel != "" {
		data = map[string]any{"ask": "cancel", "map": a.Cancel}
	}
	return nil, r.answerLookUp(q, interp.PanelTarget, data)
}

// A panel follows the maps that run, for the pages.
type panel struct {
	// waiting holds what is to be done once there is a kernel.
	waiting []func(error)
	timer   *time.Timer
	last    json.RawMessage // what the pages were told last, while maps ran
}

// panelEvery is how often the pages are told how maps stand.
const panelEvery = 300 * time.Millisecond

// watch has the pages told of maps from now on, as long as cells or maps run.
func (p *panel) watch(r *Room) {
	if p.timer == nil && !r.closed {
		p.timer = time.AfterFunc(panelEvery, func() {
			r.mu.Lock()
			defer r.mu.Unlock()
			r.look()
		})
	}
}

// look asks how the maps stand, and tells the pages.
func (r *Room) look() {
	r.panel.timer = nil
	switch {
	case r.closed || r.link == nil || r.link.dead:
		r.panelOver()
		return
	case r.link.beside == "": // it is being started
		if r.work.now != nil {
			r.panel.watch(r)
		}
		return
	}
	r.lookUp(interp.PanelTarget, map[string]any{"ask": "maps"}, func(raw json.RawMessage, err error) {
		var now struct {
			Maps []struct {
				State string `json:"state"`
			} `json:"maps"`
		}
		if err != nil || json.Unmarshal(raw, &now) != nil {
			r.panelOver()
			return
		}
		running := false
		for _, m := range now.Maps {
			running = running || m.State == "running"
		}
		switch {
		case running:
			r.panel.last = raw
			r.emit("parallel", event{"maps": part(raw, "maps")})
		case r.panel.last != nil: // they have just ended
			r.panel.last = nil
			r.emit("parallel", event{"maps": part(raw, "maps")})
		}
		if r.work.now != nil || running {
			r.panel.watch(r)
		}
	})
}

// panelOver tells the pages that nothing is known of maps any more.
func (r *Room) panelOver() {
	if r.panel.last != nil {
		r.panel.last = nil
		r.emit("parallel", event{"maps": []any{}})
	}
}

// part is a field of a JSON object.
func part(raw json.RawMessage, key string) json.RawMessage {
	var m map[string]json.RawMessage
	if json.Unmarshal(raw, &m) != nil || m[key] == nil {
		return json.RawMessage("[]")
	}
	return m[key]
}
