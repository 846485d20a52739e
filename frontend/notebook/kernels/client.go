package kernels

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/adabc437/fanout/kernel"
	"github.com/adabc437/fanout/kernel/wire"
)

// The bounds of what waits for one client. Beyond maxStreams bytes the text of
// streams is left out, and beyond maxQueue bytes or maxMessages messages the client
// is cut off.
const (
	maxStreams  = 32 << 20
	maxQueue    = 256 << 20
	maxMessages = 200_000
	// maxMerged is how long the text of streams grows that are handed over as one.
	maxMerged = 1 << 20
)

// A Client is one end of a conversation with a kernel. Next is for one goroutine;
// the other methods may be called from any.
type Client struct {
	k        *Kernel
	session  string
	identity []byte
	arrived  chan struct{} // holds one token when there is something to see

	mu    sync.Mutex
	items []item
	bytes int
	err   error // after the items
}

// An item waits for its client.
type item struct {
	ch    wire.Channel
	m     *wire.Message
	class kernel.Class
}

func (i item) size() int {
	n := len(i.m.Content) + len(i.m.Metadata) + 512 // and the headers, more or less
	for _, b := range i.m.Buffers {
		n += len(b)
	}
	return n
}

// Connect makes a client, which hears all that the kernel publishes from now on.
// session is the id that its messages bear, by which a page that comes back is
// known again; it may be empty and need not be unique. Of a kernel that has ended
// the client hears ErrGone.
func (k *Kernel) Connect(session string) *Client {
	c := &Client{k: k, session: session, identity: []byte(wire.NewID()), arrived: make(chan struct{}, 1)}
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.ended {
		c.finish(ErrGone)
		return c
	}
	k.clients[string(c.identity)] = c
	return c
}

// Session is what was given to Connect.
func (c *Client) Session() string { return c.session }

// Send sends m on the shell, control or stdin channel. It does not wait; replies
// come by Next. m must not be changed after it. The error is ErrGone, ErrDead or
// ErrClosed, or says that the channel takes no messages.
func (c *Client) Send(ch wire.Channel, m *wire.Message) error {
	if ch != wire.Shell && ch != wire.Control && ch != wire.Stdin {
		return fmt.Errorf("channel %q takes no messages: want shell, control or stdin", ch)
	}
	c.mu.Lock()
	err := c.err
	c.mu.Unlock()
	if err != nil {
		return err
	}
	mine := *m
	mine.Identities = [][]byte{c.identity}
	return c.k.handle(ch, &mine)
}

// Next returns the next message of the kernel: replies on the channel of their
// requests, questions on stdin, all else on iopub. The text of streams may be
// several messages of the kernel in one. It waits until there is one, or ctx ends.
// When nothing more comes the error is ErrGone, ErrSlow or ErrClosed. The message
// must not be changed.
func (c *Client) Next(ctx context.Context) (wire.Channel, *wire.Message, error) {
	for {
		if it, ok, err := c.take(); ok || err != nil {
			return it.ch, it.m, err
		}
		select {
		case <-c.arrived:
		case <-ctx.Done():
			return "", nil, ctx.Err()
		}
	}
}

// Close lets the client go. What waits for it is dropped.
func (c *Client) Close() {
	c.k.mu.Lock()
	delete(c.k.clients, string(c.identity))
	c.k.mu.Unlock()
	c.mu.Lock()
	c.items, c.bytes = nil, 0
	c.mu.Unlock()
	c.finish(ErrClosed)
}

// Slow says that the client was cut off with ErrSlow: it hears nothing any more.
func (c *Client) Slow() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return errors.Is(c.err, ErrSlow)
}

// finish makes err follow what waits.
func (c *Client) finish(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.err == nil {
		c.err = err
	}
	c.signal()
}

func (c *Client) signal() {
	select {
	case c.arrived <- struct{}{}:
	default:
	}
}

// put queues m.
func (c *Client) put(ch wire.Channel, m *wire.Message, class kernel.Class) error {
	it := item{ch, m, class}
	size := it.size()
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.err != nil:
		return c.err
	case class == kernel.Droppable && c.bytes+size > maxStreams:
		c.drop(m)
		return nil
	case c.bytes+size > maxQueue && len(c.items) > 0, len(c.items) >= maxMessages:
		c.items, c.bytes = nil, 0
		c.err = ErrSlow
		c.signal()
		return c.err
	}
	c.items = append(c.items, it)
	c.bytes += size
	c.signal()
	return nil
}

// drop leaves m out, of which the client is told in its place: the last message
// that is a stream grows by a line that says so.
func (c *Client) drop(m *wire.Message) {
	const notice = "\n[output left out here: this front end did not read as fast as the cell wrote]\n"
	if n := len(c.items); n > 0 && isNotice(c.items[n-1].m) {
		return
	}
	told := *m
	var s wire.Stream
	if json.Unmarshal(m.Content, &s) != nil {
		return
	}
	s.Text = notice
	content, err := json.Marshal(s)
	if err != nil {
		return
	}
	told.Content = content
	told.Metadata = json.RawMessage(noticeMetadata)
	it := item{wire.IOPub, &told, kernel.Reliable}
	c.items = append(c.items, it)
	c.bytes += it.size()
	c.signal()
}

const noticeMetadata = `{"fanout":{"left_out":true}}`

func isNotice(m *wire.Message) bool { return string(m.Metadata) == noticeMetadata }

// take returns what waits longest, with the streams that go on from it.
func (c *Client) take() (item, bool, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.items) == 0 {
		return item{}, false, c.err
	}
	n := 1
	size := c.items[0].size()
	for n < len(c.items) && size < maxMerged && goesOn(c.items[0], c.items[n]) {
		size += c.items[n].size()
		n++
	}
	it, merged := join(c.items[:n])
	for i := range merged {
		c.bytes -= c.items[i].size()
		c.items[i] = item{}
	}
	c.items = c.items[merged:]
	return it, true, nil
}

// goesOn says whether b may be a stream that a, which is one, is joined with.
func goesOn(a, b item) bool {
	return a.class == kernel.Droppable && b.class == kernel.Droppable &&
		a.m.Parent.MsgID == b.m.Parent.MsgID && a.m.Parent.Session == b.m.Parent.Session
}

// join makes one item of the first of run and those after it with text of the
// same stream, and says how many there were.
func join(run []item) (item, int) {
	if len(run) == 1 {
		return run[0], 1
	}
	var name string
	var text strings.Builder
	n := 0
	for ; n < len(run); n++ {
		var part wire.Stream
		if json.Unmarshal(run[n].m.Content, &part) != nil || n > 0 && part.Name != name {
			break
		}
		name = part.Name
		text.WriteString(part.Text)
	}
	if n < 2 {
		return run[0], 1
	}
	content, err := json.Marshal(wire.Stream{Name: name, Text: text.String()})
	if err != nil {
		return run[0], 1
	}
	m := *run[0].m
	m.Content = content
	return item{run[0].ch, &m, run[0].class}, n
}
