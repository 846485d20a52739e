package zmtp

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"sync"
	"time"
)

// A core is what every socket has: its peers, and their end.
type core struct {
	me      hello
	opts    Options
	log     *slog.Logger
	pattern pattern
	turn    turn
	met     func() // called after each handshake, when the peer is admitted

	closing context.Context // ends when Close begins
	begin   context.CancelFunc
	hard    context.Context // ends when lingering is over
	finish  context.CancelFunc
	wg      sync.WaitGroup // every goroutine of the socket
	once    sync.Once

	mu     sync.Mutex
	peers  map[*peer]struct{}
	closed bool
}

func newCore(socketType string, o Options) *core {
	o = o.withDefaults()
	c := &core{
		me: hello{socketType: socketType, identity: o.Identity}, opts: o,
		log:   o.Logger.With("socket", socketType),
		met:   func() {},
		peers: make(map[*peer]struct{}),
	}
	c.closing, c.begin = context.WithCancel(context.Background())
	c.hard, c.finish = context.WithCancel(context.Background())
	return c
}

// close ends the socket; see the Close methods.
func (c *core) close(first func()) {
	c.once.Do(func() {
		c.begin()
		if first != nil {
			first()
		}
		c.mu.Lock()
		c.closed = true
		for p := range c.peers {
			p.queue.close()
		}
		c.mu.Unlock()
		linger := time.AfterFunc(c.opts.Linger, c.finish)
		c.wg.Wait()
		linger.Stop()
		c.finish()
	})
}

// converse shakes hands over conn, serves the peer until the connection ends, and
// returns why it did. The queue is the peer's; nil stands for a new one.
func (c *core) converse(conn net.Conn, q *queue) error {
	log := c.log.With("peer", conn.RemoteAddr().String())
	p, err := c.meet(conn, q, log)
	if err != nil {
		conn.Close()
		if errors.Is(err, io.EOF) || c.closing.Err() != nil {
			log.Debug("connection without a handshake", "err", err)
		} else {
			log.Warn("connection refused", "err", err)
		}
		return err
	}
	c.met()
	if err = c.ready(p); err == nil {
		err = p.run(c.hard, c.pattern)
	}
	p.kill(err)
	if q == nil {
		p.queue.close()
	}
	c.pattern.detach(p)
	c.mu.Lock()
	delete(c.peers, p)
	c.mu.Unlock()
	switch {
	case errors.Is(err, ErrProtocol), errors.Is(err, ErrLimit), errors.Is(err, ErrOverflow),
		errors.Is(err, ErrRefused), errors.Is(err, errHandover), errors.Is(err, io.ErrUnexpectedEOF):
		log.Warn("peer disconnected", "err", err)
	default:
		log.Debug("peer gone", "err", err)
	}
	return err
}

// meet shakes hands and admits the peer.
func (c *core) meet(conn net.Conn, q *queue, log *slog.Logger) (*peer, error) {
	stop := context.AfterFunc(c.closing, func() { conn.Close() })
	defer stop()
	if err := conn.SetDeadline(time.Now().Add(c.opts.HandshakeTimeout)); err != nil {
		return nil, err
	}
	p := &peer{conn: conn, queue: q, log: log, dead: make(chan struct{})}
	p.in = newReader(p, limits{c.opts.MaxFrame, c.opts.MaxFrames, c.opts.MaxMessage})
	var err error
	p.hello, p.minor, err = handshake(conn, p.in, c.me, c.minor(), c.turn)
	if err != nil {
		return nil, err
	}
	if p.queue == nil {
		p.queue = newQueue(c.opts)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return nil, ErrClosed
	}
	if err := c.pattern.attach(p); err != nil {
		return nil, err
	}
	c.peers[p] = struct{}{}
	log.Debug("peer connected", "type", p.hello.socketType, "version", fmt.Sprintf("3.%d", p.minor))
	return p, nil
}

// ready ends the handshake with a peer that was admitted.
func (c *core) ready(p *peer) error {
	if c.turn == onceAdmitted {
		if err := writeReady(p.conn, c.me); err != nil {
			return err
		}
	}
	return p.conn.SetDeadline(time.Time{})
}

// minor is the version 3.x that the socket speaks.
func (c *core) minor() byte {
	if c.opts.zmtp30 {
		return 0
	}
	return 1
}

// An inbox hands what arrives to the application. Those who put wait in turn.
type inbox[T any] chan T

// inboxSize is how much may wait for the application beside what each peer's
// reader has in hand.
const inboxSize = 16

// put waits until the application can have v, p has gone or the socket closes.
func (in inbox[T]) put(c *core, p *peer, v T) error {
	select {
	case in <- v:
	case <-p.dead:
	case <-c.closing.Done(): // What comes now is for nobody.
	}
	return nil
}

// get waits for the next value until ctx ends or the socket closes.
func (in inbox[T]) get(ctx context.Context, c *core) (v T, err error) {
	select {
	case v = <-in:
		return v, nil
	default:
	}
	select {
	case v = <-in:
		return v, nil
	case <-c.closing.Done():
		return v, ErrClosed
	case <-ctx.Done():
		return v, ctx.Err()
	}
}
