package interp

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"sync"

	"github.com/google/uuid"

	"github.com/adabc437/fanout/interp/session"
)

// A Comm is a channel for messages between a cell and the front end; see
// host.go.txt for what its methods mean to cells.
type Comm struct {
	comms      *comms
	id, target string

	mu        sync.Mutex
	onMessage func(CommMessage)
	onClose   func(CommMessage)
}

// A CommMessage is what came over a comm.
type CommMessage struct {
	Data    map[string]any
	Buffers [][]byte
}

// comms holds the open comms of a session and the targets that cells have
// registered.
type comms struct {
	emit func(session.Event)

	mu      sync.Mutex
	open    map[string]*Comm
	targets map[string]func(*Comm, CommMessage)
}

func newComms(emit func(session.Event)) *comms {
	return &comms{emit: emit, open: map[string]*Comm{}, targets: map[string]func(*Comm, CommMessage){}}
}

// ID identifies the comm on both sides.
func (c *Comm) ID() string { return c.id }

// Target is the name that the comm was opened for.
func (c *Comm) Target() string { return c.target }

// Send sends data, as JSON, and buffers to the front end.
func (c *Comm) Send(data any, buffers ...[]byte) error {
	return c.comms.send(session.CommMsg, c, data, buffers)
}

// Close closes the comm on both sides. Closing twice does nothing.
func (c *Comm) Close(data any) error {
	if !c.comms.remove(c.id) {
		return nil
	}
	return c.comms.send(session.CommClose, c, data, nil)
}

// OnMessage has f called with each message from the front end.
func (c *Comm) OnMessage(f func(CommMessage)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.onMessage = f
}

// OnClose has f called when the front end closes the comm.
func (c *Comm) OnClose(f func(CommMessage)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.onClose = f
}

func (cs *comms) send(kind session.Kind, c *Comm, data any, buffers [][]byte) error {
	if data == nil {
		data = map[string]any{}
	}
	raw, err := json.Marshal(data)
	if err != nil {
		return fmt.Errorf("comm %s: data must marshal to JSON: %w", c.target, err)
	}
	msg := &session.CommMessage{Kind: kind, ID: c.id, Data: raw, Buffers: buffers}
	if kind == session.CommOpen {
		msg.Target = c.target
	}
	cs.emit(session.Event{Kind: kind, Comm: msg})
	return nil
}

func (cs *comms) remove(id string) bool {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	_, ok := cs.open[id]
	delete(cs.open, id)
	return ok
}

// setTarget registers what is called when the front end opens a comm.
func (cs *comms) setTarget(name string, open func(*Comm, CommMessage)) {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	cs.targets[name] = open
}

// openComm opens a comm from the session's side.
func (cs *comms) openComm(target string, data any, buffers ...[]byte) (*Comm, error) {
	c := &Comm{comms: cs, id: uuid.NewString(), target: target}
	cs.mu.Lock()
	cs.open[c.id] = c
	cs.mu.Unlock()
	if err := cs.send(session.CommOpen, c, data, buffers); err != nil {
		cs.remove(c.id)
		return nil, err
	}
	return c, nil
}

// receive handles a message from the front end. Comms that nobody knows are
// closed again, as the protocol asks.
func (cs *comms) receive(ctx context.Context, m session.CommMessage) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	msg := CommMessage{Buffers: m.Buffers}
	if len(m.Data) > 0 {
		if err := json.Unmarshal(m.Data, &msg.Data); err != nil {
			return fmt.Errorf("comm %s: data is not a JSON object: %w", m.ID, err)
		}
	}
	cs.mu.Lock()
	c := cs.open[m.ID]
	target := cs.targets[m.Target]
	if m.Kind == session.CommOpen && target != nil {
		c = &Comm{comms: cs, id: m.ID, target: m.Target}
		cs.open[m.ID] = c
	}
	cs.mu.Unlock()
	switch m.Kind {
	case session.CommOpen:
		if target == nil {
			return cs.send(session.CommClose, &Comm{id: m.ID, target: m.Target}, nil, nil)
		}
		return guard(func() { target(c, msg) })
	case session.CommMsg, session.CommClose:
		if c == nil {
			return nil
		}
		if m.Kind == session.CommClose {
			cs.remove(m.ID)
		}
		c.mu.Lock()
		f := c.onMessage
		if m.Kind == session.CommClose {
			f = c.onClose
		}
		c.mu.Unlock()
		if f != nil {
			return guard(func() { f(msg) })
		}
		return nil
	}
	return fmt.Errorf("comm %s: unknown kind %q", m.ID, m.Kind)
}

// guard turns a panic in a user's handler into an error.
func guard(f func()) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic in a comm handler: %v", r)
		}
	}()
	f()
	return nil
}

// inUse says that messages of the front end may reach a cell.
func (cs *comms) inUse() bool {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	for _, c := range cs.open {
		if !ownTarget(c.target) {
			return true
		}
	}
	for target := range cs.targets {
		if !ownTarget(target) {
			return true
		}
	}
	return false
}

// ownTarget says that the session itself answers the comms of a target.
func ownTarget(target string) bool { return target == FormatTarget || target == PanelTarget }

// list gives the open comms, id to target; all of them for an empty target.
func (cs *comms) list(target string) map[string]string {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	out := map[string]string{}
	for id, c := range maps.All(cs.open) {
		if target == "" || c.target == target {
			out[id] = c.target
		}
	}
	return out
}
