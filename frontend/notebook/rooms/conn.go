package rooms

import (
	"bytes"
	"encoding/json"
	"time"

	"github.com/gorilla/websocket"
)

// The bounds of a connection.
const (
	maxMessage     = 16 << 20 // bytes of a message of a page
	maxQueue       = 16 << 20 // bytes that wait for a page, beyond which it starts anew
	maxQueued      = 10_000   // messages, likewise
	maxConns       = 64       // of one room
	writeTime      = time.Minute
	pingEvery      = 30 * time.Second
	silence        = 75 * time.Second // after which a page counts as gone
	maxUnconfirmed = 1_000            // replies that wait for a page, beyond which it is dropped
	maxFrame       = 256 << 10        // bytes of several messages in one websocket frame
)

// How long a message may wait for what follows it. A cell that takes a millisecond begins,
// shows its result and ends in one frame, which the page draws once.
const (
	atOnce    = 0
	shortly   = 2 * time.Millisecond  // a result, as most are the last
	presently = 20 * time.Millisecond // that something begins
)

// A conn is the connection of one page. The room's lock guards its queue.
type conn struct {
	room *Room
	id   string
	ws   *websocket.Conn
	wake chan struct{} // holds a token when there is something to write
	gone chan struct{} // closed when the page is

	queue   []frame
	due     time.Time // when the queue is to be written
	bytes   int
	replies int
	// lagged says that events were left out: the page is sent the whole room.
	lagged bool
	unsaid [][]byte // notices that follow the room then
	closed bool
}

// A frame waits to be written.
type frame struct {
	data  []byte
	reply bool
}

// push queues data, to be written within a time. Of a page that does not keep up the
// events are dropped: it gets the room anew, after the replies.
func (c *conn) push(data []byte, reply bool, within time.Duration) {
	if c.closed || c.lagged && !reply {
		return
	}
	if due := time.Now().Add(within); len(c.queue) == 0 || due.Before(c.due) {
		c.due = due
	}
	c.queue = append(c.queue, frame{data, reply})
	c.bytes += len(data)
	if reply {
		c.replies++
	}
	switch {
	case c.replies > maxUnconfirmed:
		c.end()
	case !c.lagged && (c.bytes > maxQueue || len(c.queue) > maxQueued):
		c.restart()
	}
	c.signal()
}

// restart has the page sent the whole room in place of the events that wait.
func (c *conn) restart() {
	c.lagged = true
	kept := c.queue[:0]
	c.bytes = 0
	for _, f := range c.queue {
		if f.reply {
			kept = append(kept, f)
			c.bytes += len(f.data)
		}
	}
	clear(c.queue[len(kept):])
	c.queue, c.due = kept, time.Now()
	c.signal()
}

func (c *conn) signal() {
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

// end lets the page go.
func (c *conn) end() {
	if !c.closed {
		c.closed = true
		c.queue = nil
		close(c.gone)
		if c.ws != nil { // which may be stuck in writing to a page that does not read
			_ = c.ws.NetConn().SetWriteDeadline(time.Now().Add(time.Second))
		}
	}
}

// wait is how long the queue may wait yet.
func (c *conn) wait() time.Duration {
	c.room.mu.Lock()
	defer c.room.mu.Unlock()
	if c.lagged || len(c.queue) == 0 {
		return 0
	}
	return time.Until(c.due)
}

// take returns what is to be written now, as frames of one or more lines.
func (c *conn) take() [][]byte {
	c.room.mu.Lock()
	defer c.room.mu.Unlock()
	var list [][]byte
	for _, f := range c.queue {
		list = append(list, f.data)
	}
	c.queue, c.bytes, c.replies = nil, 0, 0
	if c.lagged && !c.closed {
		list = append(list, c.room.snapshot(c))
		list = append(append(list, c.room.unsaid...), c.unsaid...)
		c.room.unsaid, c.unsaid = nil, nil
		// What the snapshot's flush told the others, it holds.
		c.queue, c.bytes, c.lagged = nil, 0, false
	}
	return lines(list)
}

// lines joins messages, which have no line breaks, to frames of at most maxFrame bytes. What
// is longer by itself is a frame of its own.
func lines(list [][]byte) [][]byte {
	var frames [][]byte
	for n := 0; n < len(list); {
		from, size := n, len(list[n])
		for n++; n < len(list) && size+1+len(list[n]) <= maxFrame; n++ {
			size += 1 + len(list[n])
		}
		frames = append(frames, bytes.Join(list[from:n], []byte{'\n'}))
	}
	return frames
}

// write sends what is queued until the page is gone.
func (c *conn) write() {
	defer c.ws.Close()
	ping := time.NewTicker(pingEvery)
	defer ping.Stop()
	due := time.NewTimer(0)
	defer due.Stop()
	for {
		select {
		case <-c.wake:
			due.Reset(c.wait())
		case <-due.C:
			for _, data := range c.take() {
				if c.ws.SetWriteDeadline(time.Now().Add(writeTime)) != nil || c.ws.WriteMessage(websocket.TextMessage, data) != nil {
					return
				}
			}
		case <-ping.C:
			if c.ws.WriteControl(websocket.PingMessage, nil, time.Now().Add(writeTime)) != nil {
				return
			}
		case <-c.gone:
			bye := websocket.FormatCloseMessage(websocket.CloseGoingAway, "the notebook was closed")
			_ = c.ws.WriteControl(websocket.CloseMessage, bye, time.Now().Add(time.Second)) // it may be gone already
			return
		}
	}
}

// read does what the page asks for until it is gone.
func (c *conn) read() {
	c.ws.SetReadLimit(maxMessage)
	alive := func(string) error { return c.ws.SetReadDeadline(time.Now().Add(silence)) }
	c.ws.SetPongHandler(alive)
	for {
		if alive("") != nil {
			return
		}
		kind, data, err := c.ws.ReadMessage()
		if err != nil {
			return
		}
		if kind == websocket.TextMessage {
			c.room.serve(c, data)
		}
	}
}

// serve answers one message of a page.
func (r *Room) serve(c *conn, data []byte) {
	var q request
	err := readRequest(data, &q)
	r.mu.Lock()
	defer r.mu.Unlock()
	if c.closed || r.closed {
		return
	}
	q.conn = c
	if err != nil {
		r.answer(&q, nil, err)
		return
	}
	reply, err := r.do(&q)
	if err == errLater {
		return
	}
	r.answer(&q, reply, err)
}

// answer sends the reply to a request.
func (r *Room) answer(q *request, reply map[string]any, err error) {
	m := map[string]any{}
	for k, v := range reply {
		m[k] = v
	}
	m["re"] = q.ID
	if err != nil {
		m["error"] = err.Error()
		if h, ok := err.(*hinted); ok && h.hint != "" {
			m["hint"] = h.hint
		}
	}
	if past := r.past[q.conn.id]; past != nil {
		past.answered = max(past.answered, q.ID)
	}
	data, err := json.Marshal(m)
	if err != nil {
		data, _ = json.Marshal(map[string]any{"re": q.ID, "error": "the answer cannot be written as JSON: " + err.Error()}) // strings always marshal
	}
	within := time.Duration(atOnce)
	if q.Op == "run" && err == nil {
		within = presently // nobody waits for it but for the cell
	}
	q.conn.push(data, true, within)
}

// join adds the connection of a page, which is sent the room. It takes the place of an
// older one of the same client.
func (r *Room) join(ws *websocket.Conn, id string) (*conn, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	others := 0
	for old := range r.conns {
		if old.id == id { // lost, and not known to be: what it still asks for came too late
			old.end()
		} else {
			others++
		}
	}
	switch {
	case r.closed:
		return nil, errClosed
	case others >= maxConns:
		return nil, &hinted{"too many pages show this notebook", "close some of them"}
	}
	c := &conn{room: r, id: id, ws: ws, wake: make(chan struct{}, 1), gone: make(chan struct{}), lagged: true}
	r.meet(id)
	r.conns[c] = true
	c.signal()
	return c, nil
}

// leave removes a connection.
func (r *Room) leave(c *conn) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.conns, c)
	c.end()
	r.linger()
}
