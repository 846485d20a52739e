package zmtp

import (
	"context"
	"errors"
	"fmt"
	"net"
	"time"
)

// A listener is the binding side of a socket.
type listener struct {
	*core
	net net.Listener
}

// listen binds the endpoint for pat. Peers wait there until start.
func listen(ctx context.Context, c *core, pat pattern, address string) (*listener, error) {
	e, err := parseEndpoint(address)
	if err != nil {
		return nil, err
	}
	nl, err := e.listen(ctx)
	if err != nil {
		return nil, fmt.Errorf("zmtp: binding %s to %s: %w", c.me.socketType, address, err)
	}
	c.pattern, c.turn = pat, onceAdmitted
	return &listener{core: c, net: nl}, nil
}

// start serves peers.
func (l *listener) start() { l.wg.Go(l.accept) }

// Addr returns the endpoint that others may dial, with the port that was picked.
func (l *listener) Addr() string { return formatEndpoint(l.net.Addr()) }

// Close refuses new peers, writes what is queued for the present ones for up to
// Options.Linger, disconnects them, and returns when all that belongs to the
// socket has ended. Calls that wait to receive return ErrClosed. It may be called
// again, and from any goroutine.
func (l *listener) Close() error {
	l.close(func() { l.net.Close() })
	return nil
}

// accept takes connections until the listener is closed.
func (l *listener) accept() {
	const shortest, longest = 5 * time.Millisecond, time.Second
	pause := shortest
	for {
		conn, err := l.net.Accept()
		if err == nil {
			pause = shortest
			l.wg.Go(func() { l.converse(conn, nil) })
			continue
		}
		if errors.Is(err, net.ErrClosed) {
			return
		}
		// Out of descriptors, most likely: those who hold them will let go.
		l.log.Warn("accepting a connection", "err", err, "retry", pause)
		select {
		case <-time.After(pause):
		case <-l.closing.Done():
			return
		}
		pause = min(2*pause, longest)
	}
}
