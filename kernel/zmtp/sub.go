package zmtp

import (
	"context"
	"sync"
)

// A Sub receives what an XPUB or PUB publishes on the topics it subscribed to. It
// connects again when the connection is lost, with its subscriptions; what was
// published meanwhile is lost. Its methods may be called from any goroutine.
type Sub struct {
	*dialer
	inbox inbox[Message]

	mu     sync.Mutex
	topics topics
	peer   *peer // the connection, nil if there is none
}

var _ pattern = (*Sub)(nil)

// DialSub connects a SUB to endpoint, with subscriptions to topics. It tries until
// the first handshake has succeeded or ctx ends.
func DialSub(ctx context.Context, endpoint string, o Options, topics ...string) (*Sub, error) {
	s := &Sub{inbox: make(inbox[Message], inboxSize)}
	var err error
	s.dialer, err = newDialer(newCore(typeSub, o), s, endpoint)
	if err != nil {
		return nil, err
	}
	for _, t := range topics {
		if err := s.topics.add([]byte(t)); err != nil {
			return nil, err
		}
	}
	if err := s.start(ctx); err != nil {
		return nil, err
	}
	return s, nil
}

// Recv returns the next message. The error is ErrClosed or ctx's.
func (s *Sub) Recv(ctx context.Context) (Message, error) { return s.inbox.get(ctx, s.core) }

// Subscribe asks for the messages whose first frame begins with topic; "" is all.
func (s *Sub) Subscribe(topic string) error { return s.change(topic, true) }

// Unsubscribe takes back a Subscribe.
func (s *Sub) Unsubscribe(topic string) error { return s.change(topic, false) }

func (s *Sub) change(topic string, on bool) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if on {
		if err := s.topics.add([]byte(topic)); err != nil {
			return err
		}
	} else {
		s.topics.remove([]byte(topic))
	}
	if s.peer == nil {
		return nil // The next connection starts with it.
	}
	return s.push(item{encoded: encodeSubscription(s.peer.minor, topic, on)})
}

// encodeSubscription spells a subscription as version 3.minor does.
func encodeSubscription(minor byte, topic string, on bool) encoded {
	if minor >= 1 {
		name := cmdCancel
		if on {
			name = cmdSubscribe
		}
		return encodeCommand(command{name, []byte(topic)}.body())
	}
	first := "\x00"
	if on {
		first = "\x01"
	}
	e, _ := encode(Message{[]byte(first + topic)}) // One frame: it cannot fail.
	return e
}

func (s *Sub) attach(p *peer) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.peer = p
	s.queue.clear() // Changes that the lost connection did not hear of.
	for t := range s.topics.set {
		if err := s.push(item{encoded: encodeSubscription(p.minor, t, true)}); err != nil {
			return err
		}
	}
	return nil
}

// receive passes on what matches: messages for a topic that was just given up may
// still be under way.
func (s *Sub) receive(p *peer, m Message) error {
	s.mu.Lock()
	wanted := s.topics.match(m[0])
	s.mu.Unlock()
	if !wanted {
		return nil
	}
	return s.inbox.put(s.core, p, m)
}

func (s *Sub) subscribe(p *peer, topic []byte, on bool) error { return noSubscriptions(p) }

func (s *Sub) detach(*peer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.peer = nil
}
