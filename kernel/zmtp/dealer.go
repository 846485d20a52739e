package zmtp

import "context"

// A Dealer exchanges messages with one ROUTER, REP or DEALER, in any order. It
// connects again when the connection is lost; what was being written then is lost,
// and what was queued is not. Its methods may be called from any goroutine.
type Dealer struct {
	*dialer
	inbox inbox[Message]
}

var _ pattern = (*Dealer)(nil)

// DialDealer connects a DEALER to endpoint. It tries until the first handshake has
// succeeded or ctx ends.
func DialDealer(ctx context.Context, endpoint string, o Options) (*Dealer, error) {
	d := &Dealer{inbox: make(inbox[Message], inboxSize)}
	var err error
	d.dialer, err = newDialer(newCore(typeDealer, o), d, endpoint)
	if err != nil {
		return nil, err
	}
	if err := d.start(ctx); err != nil {
		return nil, err
	}
	return d, nil
}

// Recv returns the next message. The error is ErrClosed or ctx's.
func (d *Dealer) Recv(ctx context.Context) (Message, error) { return d.inbox.get(ctx, d.core) }

// Send queues m, without waiting. ErrOverflow says that the queue is full.
func (d *Dealer) Send(m Message) error {
	e, err := encode(m)
	if err != nil {
		return err
	}
	return d.push(item{encoded: e})
}

func (d *Dealer) attach(*peer) error { return nil }

func (d *Dealer) receive(p *peer, m Message) error { return d.inbox.put(d.core, p, m) }

func (d *Dealer) subscribe(p *peer, topic []byte, on bool) error { return noSubscriptions(p) }

func (d *Dealer) detach(*peer) {}
