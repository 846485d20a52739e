package rooms

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/adabc437/fanout/frontend/nbformat"
	"github.com/adabc437/fanout/kernel/wire"
)

// work is what a room runs.
type work struct {
	queue []*run
	now   *run // what runs; nil if nothing does
	// runs holds the cells of the runs whose output may still come, by the ids of
	// their messages, and order those ids, oldest first.
	runs  map[string]string
	order []string
	// latest is the last run of each cell, and last that of all cells.
	latest map[string]string
	last   string
}

// maxRuns is of how many runs late output is taken.
const maxRuns = 10_000

// A run is a cell that is to run, or runs.
type run struct {
	cell   string
	source string // as it was when it was asked for
	by     string // the client that asked
	id     string // of the message, once it runs
	began  time.Time
	reply  *executeReply
	// cut says that the kernel was restarted under it, and failing that the cell may
	// fail: then the others run on.
	cut, failing bool
}

// An executeReply is either kind of reply to a cell.
type executeReply struct {
	Status  string            `json:"status"`
	Payload []json.RawMessage `json:"payload"`
}

func runCells(r *Room, q *request) (map[string]any, error) {
	ids, err := q.cells()
	if err != nil {
		return nil, err
	}
	for _, id := range ids {
		if _, err := r.doc.cell(id); err != nil {
			return nil, err
		}
	}
	if len(r.work.queue)+len(ids) > maxCells {
		return nil, &hinted{fmt.Sprintf("%d cells wait already", len(r.work.queue)), "wait for some to end, or cancel"}
	}
	for _, id := range ids {
		if c := r.doc.byID[id]; c.file.Type == nbformat.Code && !blank(c.file.Source) {
			r.enqueue(c, q.conn.id)
		}
	}
	r.pump()
	return nil, nil
}

// enqueue puts a cell at the end of the queue; one that waits already stands where
// it stood, with its source as it is now.
func (r *Room) enqueue(c *Cell, by string) {
	for _, n := range r.work.queue {
		if n.cell == c.id {
			n.source, n.by = c.file.Source, by
			return
		}
	}
	r.work.queue = append(r.work.queue, &run{cell: c.id, source: c.file.Source, by: by})
	if r.work.now == nil || r.work.now.cell != c.id {
		c.state.Run = Queued
		c.state.Status = ""
		r.tellState(c)
	}
}

// pump begins the next run, if one waits and the kernel is there.
func (r *Room) pump() {
	for r.work.now == nil && len(r.work.queue) > 0 {
		r.wantKernel()
		if r.link == nil || r.link.dead || r.link.restarting {
			return
		}
		next := r.work.queue[0]
		r.work.queue = r.work.queue[1:]
		if c := r.doc.byID[next.cell]; c != nil {
			r.begin(next, c)
		}
	}
}

// begin has the kernel run a cell.
func (r *Room) begin(n *run, c *Cell) {
	n.failing = slices.Contains(tagsOf(c), "raises-exception")
	stop := !n.failing
	store := true
	m, err := r.sender.New("execute_request", nil, wire.ExecuteRequest{
		Code: n.source, StoreHistory: &store, AllowStdin: true, StopOnError: &stop, UserExpressions: map[string]string{},
	})
	if err == nil {
		n.id, n.began = m.Header.MsgID, time.Now()
		r.remember(n)
		r.work.now = n
		err = r.link.c.Send(wire.Shell, m)
	}
	r.describe()
	c.clear, c.full, c.ran = false, false, normal(n.source)
	c.state = State{Run: Running}
	c.began(n.began)
	// The count first: it is told with the state.
	r.commitAll([]Change{{Ev: evOutputs, Cell: c.id, Trusted: true}, {Ev: evCount, Cell: c.id}})
	if err != nil {
		r.fail(c, "SessionError", err.Error())
		n.reply = &executeReply{Status: wire.StatusError}
		r.finish(n)
		return
	}
	r.panel.watch(r)
}

func tagsOf(c *Cell) []string {
	list, _ := c.file.Metadata["tags"].([]any)
	var tags []string
	for _, v := range list {
		if s, ok := v.(string); ok {
			tags = append(tags, s)
		}
	}
	return tags
}

// remember notes where the output of a run belongs.
func (r *Room) remember(n *run) {
	w := &r.work
	w.runs[n.id], w.latest[n.cell], w.last = n.cell, n.id, n.id
	if w.order = append(w.order, n.id); len(w.order) > maxRuns {
		delete(w.runs, w.order[0])
		w.order = w.order[1:]
	}
}

// describe says in the notebook's metadata which kernel and language it is for, if
// it does not say so.
func (r *Room) describe() {
	meta := maps.Clone(orEmpty(r.doc.top.Metadata))
	added := false
	for key, v := range r.rooms.opt.Metadata {
		if _, there := meta[key]; !there {
			meta[key], added = v, true
		}
	}
	if added {
		r.commitAll([]Change{{Ev: evMetadata, Metadata: meta}})
	}
}

// cellOf is the cell that the output of a request belongs to; nil if it has run
// again since, or is gone.
func (r *Room) cellOf(id string) *Cell {
	cell, ok := r.work.runs[id]
	if !ok || r.work.latest[cell] != id {
		return nil
	}
	return r.doc.byID[cell]
}

// fail shows an error in a cell that the kernel did not send.
func (r *Room) fail(c *Cell, name, text string) {
	r.commitAll(r.doc.recordOutput(c, newOutput(&nbformat.Output{
		Type: nbformat.Error, EName: name, EValue: text, Traceback: []string{name + ": " + text},
	})))
}

// finish ends the run that is under way, and begins the next.
func (r *Room) finish(n *run) {
	r.work.now = nil
	r.endQuestion("")
	status := wire.StatusError
	if n.reply != nil {
		status = n.reply.Status
	}
	if c := r.doc.byID[n.cell]; c != nil {
		c.state.Run, c.state.Status = Idle, status
		c.state.TookMS = float64(time.Since(n.began).Microseconds()) / 1000
		if slices.ContainsFunc(r.work.queue, func(w *run) bool { return w.cell == n.cell }) {
			c.state.Run = Queued
		}
		r.tellState(c)
	}
	if n.reply != nil {
		r.payloads(n)
	}
	if status != wire.StatusOK && !n.failing && !n.cut {
		r.abort()
	}
	r.pump()
	if r.work.now == nil {
		r.saveSoon()
		r.linger()
	}
}

// abort empties the queue: what waits is not run.
func (r *Room) abort() {
	list := r.work.queue
	r.work.queue = nil
	for _, n := range list {
		r.unrun(n, wire.StatusAborted)
	}
}

// unrun says that a run that waited will not be.
func (r *Room) unrun(n *run, status string) {
	c := r.doc.byID[n.cell]
	if c == nil || c.state.Run != Queued {
		return
	}
	c.state.Run, c.state.Status = Idle, status
	r.tellState(c)
}

// unqueue takes cells out of the queue.
func (r *Room) unqueue(ids []string) {
	r.work.queue = slices.DeleteFunc(r.work.queue, func(n *run) bool { return slices.Contains(ids, n.cell) })
}

func cancelQueue(r *Room, q *request) (map[string]any, error) {
	r.abort()
	return nil, nil
}

// payloads does what a cell asks of the front end.
func (r *Room) payloads(n *run) {
	for _, raw := range n.reply.Payload {
		var p struct {
			Source  string         `json:"source"`
			Data    map[string]any `json:"data"`
			Text    string         `json:"text"`
			Replace bool           `json:"replace"`
		}
		if json.Unmarshal(raw, &p) != nil {
			continue
		}
		switch p.Source {
		case "page":
			r.emit("payload", event{"cell": n.cell, "source": "page", "data": p.Data, "by": n.by})
		case "set_next_input":
			if err := r.nextInput(n.cell, normal(p.Text), p.Replace); err != nil {
				r.notice("warning", "the text that the cell gave cannot be put into a cell: "+err.Error())
			}
		}
	}
}

// nextInput puts text into the cell, or into a new one below it.
func (r *Room) nextInput(id, text string, replace bool) error {
	c, err := r.doc.cell(id)
	if err != nil {
		return err
	}
	var ch Change
	if replace {
		ch, err = r.doc.Edit(id, c.version, []ChangeSet{Replacement(c.source(), text)})
	} else {
		ch, err = r.doc.Insert(slices.Index(r.doc.cells, c)+1, NewCell{Type: nbformat.Code, Source: text})
	}
	if err != nil {
		return err
	}
	return r.commit(ch, "")
}

// A question is what a cell asks the user.
type question struct {
	ask      *wire.Message
	cell     string
	prompt   string
	password bool
}

func (q *question) view() map[string]any {
	return map[string]any{"cell": q.cell, "prompt": q.prompt, "password": q.password, "id": q.ask.Header.MsgID}
}

// asked shows the pages what a cell asks.
func (r *Room) asked(m *wire.Message) {
	var c wire.InputRequest
	if wire.Unmarshal(m, &c) != nil {
		return
	}
	cell := r.work.runs[m.Parent.MsgID]
	r.endQuestion("")
	r.question = &question{m, cell, c.Prompt, c.Password}
	r.flush()
	r.emit("input", event(r.question.view()))
}

// endQuestion takes the question back from the pages. shown is what is kept of it
// and of its answer.
func (r *Room) endQuestion(shown string) {
	if r.question == nil {
		return
	}
	c := r.doc.byID[r.question.cell]
	r.question = nil
	r.emit("input", event{"done": true})
	if c != nil && shown != "" {
		r.commitAll(r.doc.recordStream(c, "stdout", shown))
	}
}

func input(r *Room, q *request) (map[string]any, error) {
	var a struct {
		Value string `json:"value"`
		EOF   bool   `json:"eof"`
	}
	if err := q.into(&a); err != nil {
		return nil, err
	}
	asked := r.question
	if asked == nil || r.link == nil {
		return nil, errors.New("no cell waits for input: another page may have answered")
	}
	value, shown := a.Value, asked.prompt+a.Value+"\n"
	switch {
	case a.EOF:
		value, shown = "\x04", asked.prompt+"\n"
	case asked.password:
		shown = asked.prompt + strings.Repeat("·", 8) + "\n"
	}
	m, err := r.sender.New("input_reply", asked.ask, wire.InputReply{Status: wire.StatusOK, Value: value})
	if err == nil {
		err = r.link.c.Send(wire.Stdin, m)
	}
	r.endQuestion(shown)
	return nil, err
}

// publish takes what the kernel tells everybody.
func (r *Room) published(m *wire.Message) {
	switch m.Type() {
	case "status":
		r.status(m)
		return
	case "comm_msg", "comm_close":
		r.commAnswer(m)
		return
	case "update_display_data":
		if d, err := readDisplay(m); err == nil {
			r.commitAll(r.doc.recordUpdate(d.Transient.DisplayID, d.Data, d.Metadata))
		}
		return
	}
	c := r.cellOf(m.Parent.MsgID)
	if c == nil && r.looksUp(m) { // a goroutine of the last cell wrote it meanwhile
		c = r.cellOf(r.work.last)
	}
	if c == nil {
		return
	}
	list, err := r.outputOf(c, m)
	if err != nil {
		r.log.Warn("output that cannot be read", "type", m.Type(), "error", err)
	}
	r.commitAll(list)
}

// looksUp says that m was caused by something that the room has looked up.
func (r *Room) looksUp(m *wire.Message) bool {
	return m.Parent.Session == r.sender.Session && strings.HasPrefix(m.Parent.MsgType, "comm_")
}

// outputOf says how a message changes the outputs of the cell that caused it.
func (r *Room) outputOf(c *Cell, m *wire.Message) ([]Change, error) {
	switch m.Type() {
	case "execute_input":
		var in wire.ExecuteInput
		err := wire.Unmarshal(m, &in)
		return []Change{{Ev: evCount, Cell: c.id, Count: &in.ExecutionCount}}, err
	case "stream":
		var s wire.Stream
		if err := wire.Unmarshal(m, &s); err != nil || s.Text == "" {
			return nil, err
		}
		return r.doc.recordStream(c, s.Name, s.Text), nil
	case "clear_output":
		var w wire.ClearOutput
		err := wire.Unmarshal(m, &w)
		return r.doc.recordClear(c, w.Wait), err
	case "display_data", "execute_result":
		d, err := readDisplay(m)
		if err != nil {
			return nil, err
		}
		o := nbformat.Output{Type: nbformat.DisplayData, Data: d.Data, Metadata: d.Metadata}
		if m.Type() == "execute_result" {
			o.Type, o.ExecutionCount = nbformat.ExecuteResult, &d.Count
		}
		out := newOutput(&o)
		out.display = d.Transient.DisplayID
		return r.doc.recordOutput(c, out), nil
	case "error":
		var e wire.Error
		err := wire.Unmarshal(m, &e)
		o := nbformat.Output{Type: nbformat.Error, EName: e.EName, EValue: e.EValue, Traceback: e.Traceback}
		return r.doc.recordOutput(c, newOutput(&o)), err
	}
	return nil, nil
}

// A display is the content of display_data, update_display_data or execute_result.
type display struct {
	Count     int            `json:"execution_count"`
	Data      map[string]any `json:"data"`
	Metadata  map[string]any `json:"metadata"`
	Transient wire.Transient `json:"transient"`
}

func readDisplay(m *wire.Message) (display, error) {
	var d display
	dec := json.NewDecoder(strings.NewReader(string(m.Content)))
	dec.UseNumber() // as notebooks are read
	err := dec.Decode(&d)
	return d, err
}

// status takes a status of the kernel: that a cell has ended, or that the kernel was
// restarted.
func (r *Room) status(m *wire.Message) {
	var s wire.KernelStatus
	if wire.Unmarshal(m, &s) != nil {
		return
	}
	n := r.work.now
	if m.Parent.IsZero() {
		r.kernelSays(s.ExecutionState)
		return
	}
	if n != nil && s.ExecutionState == "idle" && m.Parent.MsgID == n.id {
		r.finish(n)
	}
}
