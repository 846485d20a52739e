package rooms

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/adabc437/fanout/kernel/wire"
)

// streamEvery is how long the text of streams is gathered before it is sent on, and
// cutEvery the same for outputs of which pages see the ends only.
const (
	streamEvery = 30 * time.Millisecond
	cutEvery    = 250 * time.Millisecond
)

// A Room is one open notebook. Pages talk to it through connections; whatever they
// ask for is done under one lock, in the order in which it arrives.
type Room struct {
	rooms  *Rooms
	log    *slog.Logger
	ctx    context.Context // ends with the room
	cancel context.CancelFunc
	active sync.WaitGroup // the room's goroutines
	sender *wire.Sender   // of messages to the kernel

	saving sync.Mutex // held by whoever writes the file; taken before mu

	mu      sync.Mutex
	file    file
	doc     *Document
	conns   map[*conn]bool
	seq     int  // of the last event
	closed  bool // nothing is done any more
	growing []growth
	flushAt *time.Timer        // nil if nothing grows
	past    map[string]*client // those that were here
	clients []string           // the keys of past, oldest first

	disk disk
	work work
	link *link // nil without a kernel
	// starting says that a kernel is being started, and shown what pages know of it.
	starting bool
	shown    kernelView
	question *question
	panel    panel
	unsaid   [][]byte // notices that the first page to come is told
}

// A growth is text of a stream that pages were not sent yet.
type growth struct {
	cell  string
	index int
	from  int // bytes of its text that they have
	since time.Time
}

// A client is what a room remembers of a page, which may come back after a loss.
type client struct {
	answered int   // the highest request that was answered
	took     []int // the last edits that were made, by their requests, in order
}

// The bounds of what is remembered: the clients of a room, and the edits of a client.
// Of those it is unsure of as many as cells that it edited at once when it was lost.
const (
	maxClients = 256
	maxTook    = 1_000
)

// meet keeps what is known of a client, or begins to. What is known of the one that
// came longest ago goes.
func (r *Room) meet(id string) {
	if r.past[id] == nil {
		r.past[id] = &client{}
	}
	r.clients = append(slices.DeleteFunc(r.clients, func(c string) bool { return c == id }), id)
	if len(r.clients) > maxClients {
		delete(r.past, r.clients[0])
		r.clients = r.clients[1:]
	}
}

// made notes that the edit of a request was made.
func (c *client) made(request int) {
	if c.took = append(c.took, request); len(c.took) >= 2*maxTook {
		c.took = append([]int(nil), c.took[len(c.took)-maxTook:]...)
	}
}

// commit applies a change, keeps it in the journal and tells the pages. by is the
// client that asked for it; it may be empty.
func (r *Room) commit(ch Change, by string) error {
	if ch.Ev == evStream {
		return r.grow(ch)
	}
	r.flush()
	var stale bool
	c := r.doc.byID[ch.Cell]
	if c != nil {
		stale = c.stateNow().Stale
	}
	if err := r.doc.Apply(ch); err != nil {
		return err
	}
	if ch.Ev != evTrust {
		r.keep(ch)
	}
	r.tell(ch, by)
	if ch.Ev == evEdit && c.stateNow().Stale != stale {
		r.tellState(c)
	}
	return nil
}

// commitAll commits changes that go together.
func (r *Room) commitAll(list []Change) {
	for _, ch := range list {
		if err := r.commit(ch, ""); err != nil {
			r.log.Warn("output that cannot be kept", "notebook", r.file.path, "error", err)
		}
	}
}

// grow applies text that a stream grows by. The pages are told a little later, of
// more text at once.
func (r *Room) grow(ch Change) error {
	c, err := r.doc.cell(ch.Cell)
	if err != nil {
		return err
	}
	before := 0
	if ch.Index >= 0 && ch.Index < len(c.outputs) {
		before = len(c.outputs[ch.Index].o.Text)
	}
	if err := r.doc.Apply(ch); err != nil {
		return err
	}
	known := slices.ContainsFunc(r.growing, func(g growth) bool { return g.cell == ch.Cell && g.index == ch.Index })
	if !known {
		r.growing = append(r.growing, growth{ch.Cell, ch.Index, before, time.Now()})
	}
	if r.flushAt == nil {
		every := streamEvery
		if c.outputs[ch.Index].isCut() {
			every = cutEvery
		}
		r.flushAt = time.AfterFunc(every, func() {
			r.mu.Lock()
			defer r.mu.Unlock()
			r.flush()
		})
	}
	return nil
}

// flush tells the pages, and the journal, of the text that streams have grown by.
func (r *Room) flush() {
	if r.flushAt != nil {
		r.flushAt.Stop()
		r.flushAt = nil
	}
	list := r.growing
	r.growing = nil
	for _, g := range list {
		c := r.doc.byID[g.cell]
		if c == nil || g.index >= len(c.outputs) {
			continue
		}
		o := c.outputs[g.index]
		text := o.o.Text[g.from:]
		r.keep(Change{Ev: evStream, Cell: g.cell, Index: g.index, Text: text})
		if o.isCut() {
			r.emit("outputs", event{"cell": g.cell, "from": g.index, "outputs": views(c.outputs[g.index:]), "trusted": c.trusted})
		} else {
			r.emit("stream", event{"cell": g.cell, "index": g.index, "text": text})
		}
	}
}

// tell sends the event of a change.
func (r *Room) tell(ch Change, by string) {
	switch ch.Ev {
	case evEdit:
		r.emit("edit", event{"cell": ch.Cell, "version": ch.Version, "updates": ch.Updates, "by": by})
	case evCells:
		r.emit("cells", event{"order": ch.Order, "changed": r.views(ch.Changed), "by": by})
	case evMetadata:
		e := event{"metadata": orEmpty(ch.Metadata), "by": by}
		if ch.Cell != "" {
			e["cell"] = ch.Cell
		}
		r.emit("metadata", e)
	case evOutputs:
		c := r.doc.byID[ch.Cell]
		within := shortly
		if len(ch.Outputs) == 0 {
			within = presently // others may come in their place
		}
		r.emitWithin(within, "outputs", event{"cell": ch.Cell, "from": ch.Index, "outputs": views(ch.Outputs), "trusted": c.trusted})
	case evUpdate:
		o := r.doc.byID[ch.Cell].outputs[ch.Index]
		r.emit("update", event{"cell": ch.Cell, "index": ch.Index, "output": o.view()})
	case evTrust:
		r.emit("cells", event{"order": r.doc.ids(), "changed": r.views(r.doc.cells), "by": by})
		r.tellFile()
	case evCount:
		r.tellState(r.doc.byID[ch.Cell])
	}
}

// views are cells as pages see them. Pages ask for the outputs that do not fit into one
// message when they come into view.
func (r *Room) views(cells []*Cell) []any {
	room := maxViews
	list := make([]any, len(cells))
	for i, c := range cells {
		list[i] = c.view(&room)
	}
	return list
}

func (r *Room) tellState(c *Cell) {
	r.flush() // what it has shown belongs in front of what it has become
	within := time.Duration(atOnce)
	if c.state.Run != Idle {
		within = presently
	}
	r.emitWithin(within, "state", event{"cell": c.id, "state": c.stateNow()})
}

// notice tells all pages something in words. The levels are info, warning and error.
func (r *Room) notice(level, text string) {
	e := event{"level": level, "text": text}
	r.emit("notice", e)
	e["ev"], e["seq"] = "notice", r.seq
	later := func(list *[][]byte) {
		const most = 10
		if len(*list) < most {
			*list = append(*list, encode(map[string]any(e)))
		}
	}
	if len(r.conns) == 0 {
		later(&r.unsaid)
	}
	for c := range r.conns {
		if c.lagged { // it is told after the room
			later(&c.unsaid)
		}
	}
}

// An event is what pages are told, beside what it is called and its number.
type event map[string]any

// emit sends an event to all pages.
func (r *Room) emit(name string, e event) { r.emitWithin(atOnce, name, e) }

// emitWithin sends an event to all pages within a time, with what else is to be sent then.
func (r *Room) emitWithin(within time.Duration, name string, e event) {
	r.seq++
	if len(r.conns) == 0 {
		return
	}
	e["ev"], e["seq"] = name, r.seq
	data := encode(map[string]any(e))
	for c := range r.conns {
		c.push(data, false, within)
	}
}

// snapshot is the whole room, for a page that is new or has missed something.
func (r *Room) snapshot(c *conn) []byte {
	r.flush()
	top := map[string]any{}
	for k, v := range r.doc.top.Extra {
		top[k] = v
	}
	top["nbformat"], top["nbformat_minor"] = 4, r.doc.top.Minor
	top["metadata"] = orEmpty(r.doc.top.Metadata)
	top["cells"] = r.views(r.doc.cells)
	e := map[string]any{
		"ev": "room", "seq": r.seq, "path": r.file.path, "client": c.id,
		"notebook": top, "kernel": r.kernelView(), "file": r.fileView(),
	}
	if past := r.past[c.id]; past != nil && past.answered > 0 { // it has been here before
		e["done"], e["took"] = past.answered, past.took[max(0, len(past.took)-maxTook):]
	}
	if r.question != nil {
		e["input"] = r.question.view()
	}
	if r.panel.last != nil {
		e["parallel"] = r.panel.last
	}
	return encode(e)
}

// goes runs f as a goroutine of the room.
func (r *Room) goes(f func()) { r.active.Go(f) }
