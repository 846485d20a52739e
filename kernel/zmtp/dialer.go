package zmtp

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"sync"
	"time"
)

// A dialer is the dialling side of a socket: one connection at a time, made again
// when it is lost. Its queue outlives connections.
type dialer struct {
	*core
	endpoint endpoint
	queue    *queue

	first   chan struct{} // closed after the first handshake
	mu      sync.Mutex
	lastErr error // of the last attempt
}

// newDialer returns a dialer of the endpoint for pat. It does nothing until start.
func newDialer(c *core, pat pattern, address string) (*dialer, error) {
	e, err := parseEndpoint(address)
	if err != nil {
		return nil, err
	}
	if err := checkIdentity(c.opts.Identity); err != nil {
		return nil, err
	}
	c.pattern = pat
	first := make(chan struct{})
	c.met = sync.OnceFunc(func() { close(first) })
	return &dialer{core: c, endpoint: e, queue: newQueue(c.opts), first: first}, nil
}

// start connects and waits for the first handshake.
func (d *dialer) start(ctx context.Context) error {
	d.wg.Go(d.keepConnected)
	select {
	case <-d.first:
		return nil
	case <-ctx.Done():
	}
	d.Close()
	d.mu.Lock()
	defer d.mu.Unlock()
	err := fmt.Errorf("zmtp: dialling %s %s: %w", d.endpoint.network, d.endpoint.address, ctx.Err())
	if d.lastErr != nil {
		err = fmt.Errorf("%w (last attempt: %w)", err, d.lastErr)
	}
	return err
}

// Close writes what is queued for up to Options.Linger if there is a connection,
// closes it, and returns when all that belongs to the socket has ended. Calls that
// wait to receive return ErrClosed. It may be called again, and from any goroutine.
func (d *dialer) Close() error {
	d.close(d.queue.close)
	return nil
}

// keepConnected connects, again and again, until the socket is closed.
func (d *dialer) keepConnected() {
	pause := d.opts.ReconnectMin
	for {
		began := time.Now()
		err := d.connectOnce()
		if d.closing.Err() != nil {
			return // What ended the attempt was Close.
		}
		d.mu.Lock()
		d.lastErr = err
		d.mu.Unlock()
		if time.Since(began) > d.opts.ReconnectMax {
			pause = d.opts.ReconnectMin // It was a good connection, or a slow failure.
		}
		select {
		case <-time.After(pause/2 + rand.N(pause/2+1)):
		case <-d.closing.Done():
			return
		}
		pause = min(2*pause, d.opts.ReconnectMax)
	}
}

// connectOnce connects and serves the connection until it ends.
func (d *dialer) connectOnce() error {
	nd := net.Dialer{Timeout: d.opts.HandshakeTimeout}
	conn, err := nd.DialContext(d.closing, d.endpoint.network, d.endpoint.address)
	if err != nil {
		d.log.Debug("dialling", "err", err)
		return err
	}
	return d.converse(conn, d.queue)
}

// push queues an item for whoever is, or will be, connected.
func (d *dialer) push(it item) error {
	switch d.queue.push(it) {
	case overflow:
		return ErrOverflow
	case ended:
		return ErrClosed
	}
	return nil
}
