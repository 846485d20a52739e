package kernel

import (
	"context"
	"encoding/json"
	"fmt"
	"sync/atomic"

	"github.com/adabc437/fanout/interp/session"
	"github.com/adabc437/fanout/kernel/wire"
)

// An output publishes what a request's cell, or its comm message, causes. It
// stays good when the request has ended, for what a goroutine of the cell shows
// later; only asking the user ends with the request.
type output struct {
	request *request
	number  int  // of the cell
	silent  bool // publish comm messages only
	stdin   bool // the client can be asked
	// result takes the plain text of a result; nil if it is not wanted.
	result func(text string)
	ended  atomic.Bool
}

var _ session.Output = (*output)(nil)

func (o *output) end() { o.ended.Store(true) }

// Emit publishes one event.
func (o *output) Emit(e session.Event) {
	switch e.Kind {
	case session.Commit:
		return
	case session.CommOpen, session.CommMsg, session.CommClose:
		o.comm(e.Kind, e.Comm)
		return
	}
	if o.silent {
		return
	}
	var err error
	r := o.request
	switch e.Kind {
	case session.Stream:
		r.k.publish(r.msg, "stream", wire.Stream{Name: e.Name, Text: e.Text}, Droppable)
	case session.Display:
		err = r.publish("display_data", o.display(e))
	case session.Update:
		err = r.publish("update_display_data", o.display(e))
	case session.Result:
		if text, ok := e.Data["text/plain"].(string); ok && o.result != nil {
			o.result(text)
		}
		err = r.publish("execute_result", wire.ExecuteResult{
			ExecutionCount: o.number, Data: bundle(e.Data), Metadata: bundle(e.Metadata),
			Transient: wire.Transient{DisplayID: e.DisplayID},
		})
	case session.Clear:
		r.publish("clear_output", wire.ClearOutput{Wait: e.Wait})
	default:
		r.k.log.Warn("event of an unknown kind", "kind", e.Kind)
	}
	if err != nil {
		text := fmt.Sprintf("this output cannot be shown, because it cannot be written as JSON: %v\n", err)
		r.k.publish(r.msg, "stream", wire.Stream{Name: "stderr", Text: text}, Droppable)
	}
}

func (o *output) display(e session.Event) wire.DisplayData {
	return wire.DisplayData{
		Data: bundle(e.Data), Metadata: bundle(e.Metadata), Transient: wire.Transient{DisplayID: e.DisplayID},
	}
}

// comm publishes a comm message with its metadata and buffers.
//
// https://jupyter-client.readthedocs.io/en/stable/messaging.html#custom-messages
func (o *output) comm(kind session.Kind, c *session.CommMessage) {
	k := o.request.k
	if c == nil {
		k.log.Warn("comm event without a message", "kind", kind)
		return
	}
	content := wire.Comm{CommID: c.ID, TargetName: c.Target, Data: orEmpty(c.Data)}
	m, err := k.sender.New(string(kind), o.request.msg, content)
	if err != nil {
		k.log.Warn("comm message that cannot be published", "comm", c.ID, "error", err)
		return
	}
	m.Metadata = orEmpty(c.Metadata)
	m.Buffers = c.Buffers
	m.Identities = [][]byte{[]byte("kernel." + k.sender.Session + "." + string(kind))}
	k.transport.Publish(m, Reliable)
}

func orEmpty(raw json.RawMessage) json.RawMessage {
	if len(raw) == 0 {
		return json.RawMessage("{}")
	}
	return raw
}

// Input asks the client that sent the request for a line.
func (o *output) Input(ctx context.Context, prompt string, password bool) (string, error) {
	if !o.stdin || o.ended.Load() {
		return "", session.ErrNoInput
	}
	return o.request.input(ctx, prompt, password)
}
