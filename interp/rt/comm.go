package rt

// A Comm is a channel for messages between a cell and the front end.
type Comm struct {
	Link Link
}

// A Link is the session's side of a comm.
type Link interface {
	ID() string
	Target() string
	Send(data any, buffers [][]byte) error
	Close(data any) error
	OnMessage(f func(CommMessage))
	OnClose(f func(CommMessage))
}

// A CommMessage is what came over a comm: data is JSON decoded.
type CommMessage struct {
	Data    map[string]any
	Buffers [][]byte
}

// ID identifies the comm on both sides.
func (c *Comm) ID() string { return c.Link.ID() }

// Target is the name that the comm was opened for.
func (c *Comm) Target() string { return c.Link.Target() }

// Send sends data, as JSON, and binary buffers to the front end.
func (c *Comm) Send(data any, buffers ...[]byte) error { return c.Link.Send(data, buffers) }

// Close closes the comm on both sides.
func (c *Comm) Close(data any) error { return c.Link.Close(data) }

// OnMessage has f called with each message that comes from the front end.
func (c *Comm) OnMessage(f func(m CommMessage)) { c.Link.OnMessage(f) }

// OnClose has f called when the front end closes the comm.
func (c *Comm) OnClose(f func(m CommMessage)) { c.Link.OnClose(f) }
