package zmtp

import (
	"bytes"
	"context"
	"encoding/binary"
	"slices"
	"sync"
)

// A Req asks a REP, or a ROUTER, one thing at a time. It connects again when the
// connection is lost. Its methods may be called from any goroutine.
type Req struct {
	*dialer
	inbox inbox[Message]
	lost  chan struct{} // has a token when a connection has ended

	mu   sync.Mutex // one request at a time
	last uint32     // the number of the last request
}

var _ pattern = (*Req)(nil)

// DialReq connects a REQ to endpoint. It tries until the first handshake has
// succeeded or ctx ends.
func DialReq(ctx context.Context, endpoint string, o Options) (*Req, error) {
	r := &Req{inbox: make(inbox[Message], inboxSize), lost: make(chan struct{}, 1)}
	var err error
	r.dialer, err = newDialer(newCore(typeReq, o), r, endpoint)
	if err != nil {
		return nil, err
	}
	if err := r.start(ctx); err != nil {
		return nil, err
	}
	return r, nil
}

// Do sends m and returns the reply to it. ErrLost says that the connection ended
// meanwhile: whether the request was heard is not known.
func (r *Req) Do(ctx context.Context, m Message) (Message, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	select {
	case <-r.lost: // Before this request.
	default:
	}
	r.last++
	number := binary.BigEndian.AppendUint32(nil, r.last)
	e, err := encode(slices.Concat(Message{number, nil}, m))
	if err != nil {
		return nil, err
	}
	if err := r.push(item{encoded: e}); err != nil {
		return nil, err
	}
	for {
		select {
		case reply := <-r.inbox:
			if len(reply) > 2 && bytes.Equal(reply[0], number) && len(reply[1]) == 0 {
				return reply[2:], nil
			}
		case <-r.lost:
			return nil, ErrLost
		case <-r.closing.Done():
			return nil, ErrClosed
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

func (r *Req) attach(*peer) error { return nil }

func (r *Req) receive(p *peer, m Message) error { return r.inbox.put(r.core, p, m) }

func (r *Req) subscribe(p *peer, topic []byte, on bool) error { return noSubscriptions(p) }

func (r *Req) detach(*peer) {
	select {
	case r.lost <- struct{}{}:
	default:
	}
}
