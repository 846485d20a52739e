package zmtp

import (
	"context"
	"fmt"
	"slices"
)

// A Rep answers REQs. Its methods may be called from any goroutine.
type Rep struct {
	*listener
	inbox inbox[*Request]
}

var _ pattern = (*Rep)(nil)

// A Request is a message that awaits its answer.
type Request struct {
	Body Message

	envelope Message // to the empty frame that ends it
	peer     *peer
}

// Reply queues m as the answer, without waiting. It fails as Router.Send does.
func (r *Request) Reply(m Message) error {
	e, err := encode(slices.Concat(r.envelope, m))
	if err != nil {
		return err
	}
	return r.peer.send(item{encoded: e})
}

// ListenRep binds a REP to endpoint. ctx bounds the binding only.
func ListenRep(ctx context.Context, endpoint string, o Options) (*Rep, error) {
	r := &Rep{inbox: make(inbox[*Request], inboxSize)}
	var err error
	r.listener, err = listen(ctx, newCore(typeRep, o), r, endpoint)
	if err != nil {
		return nil, err
	}
	r.start()
	return r, nil
}

// Recv returns the next request. The error is ErrClosed or ctx's.
func (r *Rep) Recv(ctx context.Context) (*Request, error) { return r.inbox.get(ctx, r.core) }

// Echo answers every request with itself from now on, in a goroutine that ends
// with the socket: a heartbeat. Call it once, and not Recv.
func (r *Rep) Echo() {
	r.wg.Go(func() {
		for {
			q, err := r.Recv(r.closing)
			if err != nil {
				return
			}
			q.Reply(q.Body) // It fails for a peer that is gone.
		}
	})
}

func (r *Rep) attach(*peer) error { return nil }

func (r *Rep) receive(p *peer, m Message) error {
	end := slices.IndexFunc(m, func(f []byte) bool { return len(f) == 0 })
	if end < 0 || end == len(m)-1 {
		return fmt.Errorf("%w: a request of %d frames without an empty one before its body", ErrProtocol, len(m))
	}
	return r.inbox.put(r.core, p, &Request{Body: m[end+1:], envelope: m[:end+1], peer: p})
}

func (r *Rep) subscribe(p *peer, topic []byte, on bool) error { return noSubscriptions(p) }

func (r *Rep) detach(*peer) {}
