package zmtp

import (
	"context"
	"encoding/binary"
	"fmt"
	"sync"
)

// A Router talks to many DEALERs and REQs, each by its identity. Its methods may
// be called from any goroutine.
type Router struct {
	*listener
	inbox inbox[Message]

	mu      sync.Mutex
	named   map[string]*peer
	count   uint32        // of the names given so far
	arrival chan struct{} // closed and replaced when a peer is admitted
}

var _ pattern = (*Router)(nil)

// ListenRouter binds a ROUTER to endpoint. ctx bounds the binding only.
func ListenRouter(ctx context.Context, endpoint string, o Options) (*Router, error) {
	r := &Router{inbox: make(inbox[Message], inboxSize), named: make(map[string]*peer), arrival: make(chan struct{})}
	var err error
	r.listener, err = listen(ctx, newCore(typeRouter, o), r, endpoint)
	if err != nil {
		return nil, err
	}
	r.start()
	return r, nil
}

// Recv returns the next message of any peer. Its first frame is the peer's
// identity. The error is ErrClosed or ctx's.
func (r *Router) Recv(ctx context.Context) (Message, error) { return r.inbox.get(ctx, r.core) }

// Send queues m[1:] for the peer whose identity is m[0], without waiting.
// Messages of one goroutine to one peer arrive in their order. ErrNoPeer says that
// there is no such peer, ErrOverflow that it did not read and has been
// disconnected.
func (r *Router) Send(m Message) error {
	if len(m) < 2 {
		return fmt.Errorf("%w: a ROUTER sends an identity and at least one frame; got %d frames", ErrMessage, len(m))
	}
	e, err := encode(m[1:])
	if err != nil {
		return err
	}
	r.mu.Lock()
	p := r.named[string(m[0])]
	r.mu.Unlock()
	if p == nil {
		if r.closing.Err() != nil {
			return ErrClosed
		}
		return fmt.Errorf("%w: %q", ErrNoPeer, m[0])
	}
	return p.send(item{encoded: e})
}

// Await returns when a peer with this identity is connected. The error is
// ErrClosed or ctx's.
func (r *Router) Await(ctx context.Context, identity []byte) error {
	for {
		r.mu.Lock()
		p, arrival := r.named[string(identity)], r.arrival
		r.mu.Unlock()
		if p != nil {
			return nil
		}
		select {
		case <-arrival:
		case <-r.closing.Done():
			return ErrClosed
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (r *Router) attach(p *peer) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	p.name = string(p.hello.identity)
	if p.name == "" {
		r.count++
		p.name = string(binary.BigEndian.AppendUint32([]byte{0}, r.count))
	}
	if old := r.named[p.name]; old != nil {
		old.kill(fmt.Errorf("%w: %q", errHandover, p.name))
	}
	r.named[p.name] = p
	close(r.arrival)
	r.arrival = make(chan struct{})
	return nil
}

func (r *Router) receive(p *peer, m Message) error {
	return r.inbox.put(r.core, p, append(Message{[]byte(p.name)}, m...))
}

func (r *Router) subscribe(p *peer, topic []byte, on bool) error { return noSubscriptions(p) }

func (r *Router) detach(p *peer) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.named[p.name] == p {
		delete(r.named, p.name)
	}
}

// noSubscriptions is what those say to SUBSCRIBE who do not publish.
func noSubscriptions(p *peer) error {
	return fmt.Errorf("%w: a subscription from a %s", ErrProtocol, p.hello.socketType)
}
