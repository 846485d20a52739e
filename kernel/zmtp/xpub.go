package zmtp

import (
	"context"
	"fmt"
	"slices"
	"sync"
)

// An XPub publishes to SUBs, and learns of their subscriptions. Its methods may be
// called from any goroutine.
type XPub struct {
	*listener
	inbox inbox[Subscription]

	mu   sync.RWMutex
	subs []*subscriber
}

var _ pattern = (*XPub)(nil)

// A subscriber is a peer with what it wants.
type subscriber struct {
	*peer
	topics topics
}

// A Subscription is the news that a subscriber wants a topic, or no longer does.
// It is in force when the application gets it.
type Subscription struct {
	Topic  []byte
	Cancel bool // the subscriber no longer wants the topic

	peer *peer
}

// Send queues m for this subscriber alone, whatever it subscribed to: a SUB passes
// on only what begins with one of its topics. It fails as Router.Send does.
func (s Subscription) Send(m Message) error {
	e, err := encode(m)
	if err != nil {
		return err
	}
	return s.peer.send(item{encoded: e})
}

// ListenXPub binds an XPUB to endpoint. ctx bounds the binding only. The
// application should be calling Recv all the time, or subscribers wait to be
// served.
func ListenXPub(ctx context.Context, endpoint string, o Options) (*XPub, error) {
	x := &XPub{inbox: make(inbox[Subscription], inboxSize)}
	var err error
	x.listener, err = listen(ctx, newCore(typeXPub, o), x, endpoint)
	if err != nil {
		return nil, err
	}
	x.start()
	return x, nil
}

// Recv returns the next subscription or cancellation. Those that end with a
// connection are not reported. The error is ErrClosed or ctx's.
func (x *XPub) Recv(ctx context.Context) (Subscription, error) { return x.inbox.get(ctx, x.core) }

// Publish queues m for every subscriber to a topic that its first frame begins
// with, without waiting. Messages of one goroutine arrive in their order. A
// subscriber that is behind may get a Droppable message merged with others, or not
// at all; one whose queue is full is disconnected, however fast it reads: who
// publishes more Reliable messages at a stretch than Options.QueueMessages, faster
// than a network takes them, should pause.
func (x *XPub) Publish(m Message, class Class) error {
	e, err := encode(m)
	if err != nil {
		return err
	}
	if x.closing.Err() != nil {
		return ErrClosed
	}
	it := item{encoded: e, class: class}
	if class == Droppable && x.opts.Merge != nil {
		it.message = m
	}
	x.mu.RLock()
	defer x.mu.RUnlock()
	for _, s := range x.subs {
		if s.topics.match(m[0]) {
			s.send(it) // It fails for a subscriber that is gone, or now is.
		}
	}
	return nil
}

func (x *XPub) attach(p *peer) error {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.subs = append(x.subs, &subscriber{peer: p})
	return nil
}

// receive takes a message of a subscriber: in ZMTP 3.0 a byte 1 or 0 and a topic.
func (x *XPub) receive(p *peer, m Message) error {
	if len(m) == 1 && len(m[0]) > 0 && m[0][0] <= 1 {
		return x.subscribe(p, m[0][1:], m[0][0] == 1)
	}
	if p.hello.socketType == typeXSub {
		return nil // XSUBs may send upstream; nobody listens here.
	}
	return fmt.Errorf("%w: a message from a SUB that is no subscription", ErrProtocol)
}

func (x *XPub) subscribe(p *peer, topic []byte, on bool) error {
	if err := x.note(p, topic, on); err != nil {
		return err
	}
	return x.inbox.put(x.core, p, Subscription{Topic: topic, Cancel: !on, peer: p})
}

// note puts a subscription into force.
func (x *XPub) note(p *peer, topic []byte, on bool) error {
	x.mu.Lock()
	defer x.mu.Unlock()
	for _, s := range x.subs {
		if s.peer != p {
			continue
		}
		if on {
			return s.topics.add(topic)
		}
		s.topics.remove(topic)
	}
	return nil
}

func (x *XPub) detach(p *peer) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.subs = slices.DeleteFunc(x.subs, func(s *subscriber) bool { return s.peer == p })
}
