package zmtp

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"sync"
	"time"
)

// A peer is one connection after its handshake.
type peer struct {
	conn  net.Conn
	in    *reader
	hello hello
	minor byte
	name  string // a ROUTER's name for it
	queue *queue
	log   *slog.Logger

	dead chan struct{} // closed when the connection has ended
	once sync.Once
	err  error // why; set before dead is closed
	ttl  time.Duration
	odd  bool // an unknown command has been reported
}

// A pattern is what a socket type does with its peers. receive and subscribe are
// called from the peer's reader, between attach and detach.
type pattern interface {
	// attach admits a peer, before anything is read from it.
	attach(p *peer) error
	// receive takes a message. It may block until the application wants it, but not
	// after p.dead or the core's closing is closed.
	receive(p *peer, m Message) error
	// subscribe takes a SUBSCRIBE (on) or a CANCEL command.
	subscribe(p *peer, topic []byte, on bool) error
	// detach forgets a peer that attach admitted.
	detach(p *peer)
}

// kill ends the connection. The first reason counts.
func (p *peer) kill(err error) {
	p.once.Do(func() {
		p.err = err
		close(p.dead)
		p.conn.Close()
	})
}

// send queues it for this peer, and disconnects a peer whose queue is full.
func (p *peer) send(it item) error {
	select {
	case <-p.dead:
		return ErrNoPeer
	default:
	}
	switch p.queue.push(it) {
	case overflow:
		err := fmt.Errorf("%w: %s does not read", ErrOverflow, p.conn.RemoteAddr())
		p.kill(err)
		return err
	case ended:
		return ErrNoPeer
	}
	return nil
}

// run reads and writes until the connection ends or hard does, and returns why it
// ended. When the queue is closed it is written to its end, and the peer has
// closeWait to hang up.
func (p *peer) run(hard context.Context, h pattern) error {
	stop := context.AfterFunc(hard, func() { p.kill(ErrClosed) })
	defer stop()
	var wg sync.WaitGroup
	wg.Go(func() {
		if err := p.write(); err != nil {
			p.kill(fmt.Errorf("writing: %w", err))
		}
	})
	p.kill(p.read(h))
	wg.Wait()
	return p.err
}

// closeWait is how long a peer to which everything was written may take to close
// its end. Closing at once could take back what it has not read yet, if it sent
// something that we did not read.
const closeWait = 500 * time.Millisecond

// write writes the queue until it is closed and empty, or the connection ends.
func (p *peer) write() error {
	defer p.queue.release()
	var batch []item
	var bufs, chunks net.Buffers
	for {
		var lost int
		var closed bool
		batch, lost, closed = p.queue.take(batch)
		if lost > 0 {
			p.log.Warn("subscriber was behind: messages were left out", "messages", lost)
		}
		if len(batch) == 0 {
			if closed {
				return p.hangUp()
			}
			select {
			case <-p.queue.wake:
				continue
			case <-p.dead:
				return nil
			}
		}
		bufs = bufs[:0]
		for _, it := range batch {
			bufs = append(bufs, it.chunks...)
		}
		chunks = bufs // WriteTo consumes its receiver: bufs keeps the array.
		_, err := chunks.WriteTo(p.conn)
		clear(batch)
		clear(bufs)
		p.queue.release()
		if err != nil {
			return err
		}
	}
}

// hangUp tells the peer that nothing more will come.
func (p *peer) hangUp() error {
	if c, ok := p.conn.(interface{ CloseWrite() error }); ok {
		if err := c.CloseWrite(); err != nil {
			return err
		}
	}
	t := time.NewTimer(closeWait)
	defer t.Stop()
	select {
	case <-t.C:
		p.kill(ErrClosed)
	case <-p.dead:
	}
	return nil
}

// read hands what arrives to h until the connection ends.
func (p *peer) read(h pattern) error {
	for {
		t, err := p.in.next()
		if errors.Is(err, os.ErrDeadlineExceeded) {
			return fmt.Errorf("silent for longer than the %v that its PING allowed: %w", p.ttl, err)
		}
		if err != nil {
			return err
		}
		if t.command == nil {
			err = h.receive(p, t.message)
		} else {
			err = p.command(h, *t.command)
		}
		if err != nil {
			return err
		}
	}
}

// command follows a command.
func (p *peer) command(h pattern, c command) error {
	switch c.name {
	case cmdPing:
		ttl, echo, err := parsePing(c.data)
		if err != nil {
			return err
		}
		if p.ttl > 0 && ttl == 0 {
			if err := p.conn.SetReadDeadline(time.Time{}); err != nil {
				return err
			}
		}
		p.ttl = ttl
		pong := command{cmdPong, echo}
		if err := p.send(item{encoded: encodeCommand(pong.body())}); !errors.Is(err, ErrNoPeer) {
			return err
		}
	case cmdPong:
	case cmdSubscribe, cmdCancel:
		return h.subscribe(p, c.data, c.name == cmdSubscribe)
	case cmdError:
		return fmt.Errorf("%w: %q", ErrRefused, parseError(c.data))
	case cmdReady:
		return fmt.Errorf("%w: a second READY", ErrProtocol)
	default:
		if !p.odd {
			p.odd = true
			p.log.Warn("unknown commands are ignored", "first", c.name)
		}
	}
	return nil
}

// Read reads from the connection, within the time to live that the peer's last
// PING set. It is for the peer's reader.
func (p *peer) Read(b []byte) (int, error) {
	if p.ttl > 0 {
		if err := p.conn.SetReadDeadline(time.Now().Add(p.ttl)); err != nil {
			return 0, err
		}
	}
	return p.conn.Read(b)
}

var _ io.Reader = (*peer)(nil)
