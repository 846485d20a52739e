package kernel

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"time"

	"github.com/adabc437/fanout/kernel/wire"
	"github.com/adabc437/fanout/kernel/zmtp"
)

// ServeZMQ starts k on ZeroMQ sockets that listen where conn says, and serves its
// clients until ctx ends or the kernel was asked to end. Then it closes k, sends
// what is still to be sent, and closes the sockets. An error says that a socket
// could not be bound (k is closed then, too) or that closing k failed.
//
// https://jupyter-client.readthedocs.io/en/stable/messaging.html#introduction
func ServeZMQ(ctx context.Context, conn wire.ConnectionInfo, k *Kernel) error {
	if err := conn.Check(); err != nil {
		return errors.Join(err, k.Close())
	}
	s, err := listen(ctx, conn, k.log)
	if err != nil {
		return errors.Join(err, k.Close())
	}
	if k.config.Connection == nil {
		k.config.Connection = &conn
	}
	k.Start(s)
	var serving sync.WaitGroup
	for ch, router := range s.routers {
		serving.Go(func() { s.receive(k, ch, router) })
	}
	serving.Go(func() { s.welcome(k) })
	select {
	case <-ctx.Done():
	case <-k.Done():
	}
	err = k.Close()
	s.close()
	serving.Wait()
	return err
}

// zmqSockets are the sockets of a kernel.
type zmqSockets struct {
	codec   *wire.Codec
	log     *slog.Logger
	routers map[wire.Channel]*zmtp.Router
	iopub   *zmtp.XPub
	open    []io.Closer
}

var _ Transport = (*zmqSockets)(nil)

// listen binds all five sockets. The heartbeat answers from then on.
func listen(ctx context.Context, conn wire.ConnectionInfo, log *slog.Logger) (_ *zmqSockets, err error) {
	s := &zmqSockets{
		codec: wire.NewCodec([]byte(conn.Key)), log: log, routers: make(map[wire.Channel]*zmtp.Router),
	}
	defer func() {
		if err != nil {
			s.close()
		}
	}()
	options := zmtp.Options{Logger: log}
	for _, ch := range []wire.Channel{wire.Shell, wire.Control, wire.Stdin} {
		router, err := zmtp.ListenRouter(ctx, conn.Address(ch), options)
		if err != nil {
			return nil, fmt.Errorf("%s channel: %w", ch, err)
		}
		s.routers[ch] = router
		s.open = append(s.open, router)
	}
	options.Merge = s.merge
	s.iopub, err = zmtp.ListenXPub(ctx, conn.Address(wire.IOPub), options)
	if err != nil {
		return nil, fmt.Errorf("%s channel: %w", wire.IOPub, err)
	}
	s.open = append(s.open, s.iopub)
	hb, err := zmtp.ListenRep(ctx, conn.Address(wire.HB), zmtp.Options{Logger: log})
	if err != nil {
		return nil, fmt.Errorf("%s channel: %w", wire.HB, err)
	}
	s.open = append(s.open, hb)
	hb.Echo()
	return s, nil
}

// close closes all sockets at once, as each may linger.
func (s *zmqSockets) close() {
	var closing sync.WaitGroup
	for _, c := range s.open {
		closing.Go(func() { c.Close() })
	}
	closing.Wait()
}

// receive hands k the messages of one channel until its socket is closed.
func (s *zmqSockets) receive(k *Kernel, ch wire.Channel, router *zmtp.Router) {
	for {
		frames, err := router.Recv(context.Background())
		if err != nil {
			return
		}
		m, err := s.codec.Decode(frames)
		if err != nil {
			s.log.Warn("message is ignored", "channel", ch, "error", err)
			continue
		}
		k.Handle(ch, m)
	}
}

// welcome tells subscribers that their subscriptions are in force.
func (s *zmqSockets) welcome(k *Kernel) {
	for {
		sub, err := s.iopub.Recv(context.Background())
		if err != nil {
			return
		}
		if sub.Cancel {
			continue
		}
		frames, err := s.codec.Encode(k.Welcome(string(sub.Topic)))
		if err == nil {
			err = sub.Send(frames)
		}
		if err != nil {
			s.log.Info("iopub_welcome did not reach its subscriber", "error", err)
		}
	}
}

// connecting is how long a client may take to connect its stdin after it has asked
// for something that asks back. All sockets of a client connect at about the same
// time.
const connecting = 2 * time.Second

// Send implements Transport.
func (s *zmqSockets) Send(ctx context.Context, ch wire.Channel, m *wire.Message) error {
	router := s.routers[ch]
	if router == nil {
		return fmt.Errorf("no client can be reached on channel %q", ch)
	}
	frames, err := s.codec.Encode(m)
	if err != nil {
		return err
	}
	err = router.Send(frames)
	if ch != wire.Stdin || !errors.Is(err, zmtp.ErrNoPeer) {
		return err
	}
	ctx, cancel := context.WithTimeoutCause(ctx, connecting, err)
	defer cancel()
	if err := router.Await(ctx, frames[0]); err != nil {
		return cmp.Or(context.Cause(ctx), err)
	}
	return router.Send(frames)
}

// Publish implements Transport.
func (s *zmqSockets) Publish(m *wire.Message, class Class) {
	frames, err := s.codec.Encode(m)
	if err == nil {
		c := zmtp.Reliable
		if class == Droppable {
			c = zmtp.Droppable
		}
		err = s.iopub.Publish(frames, c)
	}
	if err != nil && !errors.Is(err, zmtp.ErrClosed) {
		s.log.Warn("message that was not published", "type", m.Type(), "error", err)
	}
}

// merge makes fewer messages of a run of stream messages: neighbours that carry
// text of the same stream of the same cell become one.
func (s *zmqSockets) merge(run []zmtp.Message) []zmtp.Message {
	var merged []zmtp.Message
	for len(run) > 0 {
		same := 1
		for same < len(run) && mergeable(run[0], run[same]) {
			same++
		}
		merged = append(merged, s.join(run[:same])...)
		run = run[same:]
	}
	return merged
}

// The places of frames in an encoded message with one topic.
const (
	topicFrame   = 0
	parentFrame  = 4
	contentFrame = 6
	streamFrames = 7
)

// mergeable says whether two messages have the same topic and parent.
func mergeable(a, b zmtp.Message) bool {
	return len(a) == streamFrames && len(b) == streamFrames &&
		bytes.Equal(a[topicFrame], b[topicFrame]) && bytes.Equal(a[parentFrame], b[parentFrame])
}

// join makes one message of messages that are mergeable, or leaves them as they
// are.
func (s *zmqSockets) join(run []zmtp.Message) []zmtp.Message {
	if len(run) == 1 {
		return run
	}
	var all wire.Stream
	for _, m := range run {
		var part wire.Stream
		if json.Unmarshal(m[contentFrame], &part) != nil {
			return run
		}
		all.Name = part.Name
		all.Text += part.Text
	}
	frames, err := s.codec.WithContent(run[0], all)
	if err != nil {
		return run
	}
	return []zmtp.Message{frames}
}
