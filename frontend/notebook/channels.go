package notebook

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/gorilla/websocket"

	"github.com/adabc437/fanout/frontend/notebook/kernels"
	"github.com/adabc437/fanout/kernel/wire"
)

// The bounds of websockets.
const (
	maxFrame   = 64 << 20 // bytes of a client's message
	maxSockets = 256
	maxParked  = 16 // clients that have gone and may come back
	writeTime  = 30 * time.Second
	pingTime   = 25 * time.Second
	silentTime = 90 * time.Second // without a sign of the client
)

// sockets are the websockets of kernels, and the clients whose websocket was
// lost.
type sockets struct {
	running sync.WaitGroup

	mu     sync.Mutex
	open   map[*socket]struct{}
	parked []*socketClient // by the time at which they were lost
	closed bool
}

func newSockets() sockets { return sockets{open: make(map[*socket]struct{})} }

// A socketClient is a client of a kernel that has a websocket, or had one.
type socketClient struct {
	*kernels.Client
	kernel *kernels.Kernel
	// unsent is a message that was taken for a websocket that broke.
	unsent *unsent
}

type unsent struct {
	ch wire.Channel
	m  *wire.Message
}

// A socket is one websocket.
type socket struct {
	conn   *websocket.Conn
	codec  codec
	client *socketClient // sockets.mu guards it
	// left is closed when the websocket has let go of the client.
	left chan struct{}
}

var upgrader = websocket.Upgrader{
	HandshakeTimeout: 10 * time.Second, Subprotocols: []string{v1Protocol},
	// Server.checkOrigin has done this, for every websocket there is.
	CheckOrigin: func(*http.Request) bool { return true },
}

// channels is the websocket of a kernel. A client that gives the session_id that one
// before it gave is told what that one has missed.
func (s *Server) channels(w http.ResponseWriter, r *http.Request) error {
	k, err := s.kernel(r)
	if err != nil {
		return err
	}
	if !websocket.IsWebSocketUpgrade(r) {
		return refuse(http.StatusUpgradeRequired, "this is a websocket")
	}
	so := &socket{left: make(chan struct{})}
	if err := s.sockets.add(so); err != nil {
		return err
	}
	defer s.sockets.running.Done()
	defer s.sockets.remove(so)
	so.conn, err = upgrader.Upgrade(w, r, nil)
	if err != nil { // and was answered
		s.log.Info("request that did not become a websocket", "error", err)
		return nil
	}
	defer so.conn.Close()
	so.codec = codecFor(so.conn.Subprotocol())
	if client := s.sockets.client(so, k, r.URL.Query().Get("session_id")); client != nil {
		s.serve(so, client)
	} // else the server is being closed
	return nil
}

// add counts a websocket before it is opened.
func (l *sockets) add(so *socket) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case l.closed:
		return refuse(http.StatusServiceUnavailable, "the server is shutting down")
	case len(l.open) >= maxSockets:
		return refuse(http.StatusTooManyRequests, "there are %d websockets already", len(l.open))
	}
	l.open[so] = struct{}{}
	l.running.Add(1)
	return nil
}

func (l *sockets) remove(so *socket) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.open, so)
}

// client gives the client for a websocket: that of a session which has lost its own,
// or is about to lose it to this one, or a new one.
func (l *sockets) client(so *socket, k *kernels.Kernel, session string) *socketClient {
	for session != "" {
		l.mu.Lock()
		old := l.rival(so, k, session)
		if old == nil {
			l.mu.Unlock()
			break
		}
		l.mu.Unlock()
		old.conn.Close() // a page that comes back before its loss was noticed
		<-old.left
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return nil
	}
	for i, c := range l.parked {
		if c.kernel == k && session != "" && c.Session() == session {
			l.parked = slices.Delete(l.parked, i, i+1)
			so.client = c
			return c
		}
	}
	so.client = &socketClient{Client: k.Connect(session), kernel: k}
	return so.client
}

// rival gives another open websocket of the same session. The caller holds mu.
func (l *sockets) rival(so *socket, k *kernels.Kernel, session string) *socket {
	for other := range l.open {
		if other != so && other.client != nil && other.client.kernel == k && other.client.Session() == session {
			return other
		}
	}
	return nil
}

// park keeps the client of a websocket that was lost, if it can come back and hear more. The
// client that was lost longest ago is given up when there are too many.
func (l *sockets) park(so *socket, c *socketClient) {
	l.mu.Lock()
	so.client = nil
	delete(l.open, so)
	close(so.left)
	var drop []*socketClient
	if l.closed || c.Session() == "" || c.kernel.Ended() || c.Slow() {
		drop = append(drop, c)
	} else {
		l.parked = append(l.parked, c)
		if len(l.parked) > maxParked {
			drop = append(drop, l.parked[0])
			l.parked = slices.Delete(l.parked, 0, 1)
		}
	}
	l.mu.Unlock()
	for _, c := range drop {
		c.Close()
	}
}

// close ends all websockets and returns when they have ended.
func (l *sockets) close() {
	l.mu.Lock()
	l.closed = true
	for so := range l.open {
		if so.client != nil {
			so.client.Close()
		}
	}
	for _, c := range l.parked {
		c.Close()
	}
	l.parked = nil
	l.mu.Unlock()
	l.running.Wait()
}

// serve carries messages between a websocket and its kernel until one of them
// ends.
func (s *Server) serve(so *socket, client *socketClient) {
	ctx, cancel := context.WithCancel(context.Background())
	var writing sync.WaitGroup
	writing.Go(func() {
		s.write(ctx, so, client)
		so.conn.Close() // which ends read
	})
	s.read(so, client)
	cancel()
	writing.Wait()
	s.sockets.park(so, client)
}

// read hands the kernel what the client sends, until the websocket breaks.
func (s *Server) read(so *socket, client *socketClient) {
	so.conn.SetReadLimit(maxFrame)
	alive := func() { _ = so.conn.SetReadDeadline(time.Now().Add(silentTime)) }
	alive()
	so.conn.SetPongHandler(func(string) error { alive(); return nil })
	ping := so.conn.PingHandler()
	so.conn.SetPingHandler(func(text string) error { alive(); return ping(text) })
	for {
		kind, frame, err := so.conn.ReadMessage()
		if err != nil {
			return
		}
		alive()
		ch, m, err := so.codec.decode(frame, kind == websocket.BinaryMessage)
		if err != nil {
			s.log.Warn("message of a websocket is ignored", "kernel", client.kernel.ID(), "error", err)
			continue
		}
		s.active.now()
		if err := client.Send(ch, m); err != nil {
			s.log.Info("message that did not reach its kernel", "kernel", client.kernel.ID(), "type", m.Type(), "error", err)
		}
	}
}

// write sends the client what the kernel says, and a ping now and then, until ctx
// or the kernel ends or the websocket breaks.
func (s *Server) write(ctx context.Context, so *socket, client *socketClient) {
	beat := time.Now().Add(pingTime)
	for {
		if client.unsent == nil {
			turn, cancel := context.WithDeadline(ctx, beat)
			ch, m, err := client.Next(turn)
			cancel()
			switch {
			case err == nil:
				client.unsent = &unsent{ch, m}
			case ctx.Err() != nil:
				return
			case errors.Is(err, context.DeadlineExceeded):
			default:
				s.bye(so, err)
				return
			}
		}
		if now := time.Now(); now.After(beat) {
			beat = now.Add(pingTime)
			if err := so.conn.WriteControl(websocket.PingMessage, nil, now.Add(writeTime)); err != nil {
				return
			}
		}
		if client.unsent == nil {
			continue
		}
		if err := s.send(so, client.unsent); err != nil {
			return
		}
		client.unsent = nil
	}
}

// send writes one message. An error says that the websocket is broken.
func (s *Server) send(so *socket, u *unsent) error {
	frame, isBinary, err := so.codec.encode(u.ch, u.m)
	if err != nil {
		s.log.Warn("message that cannot be sent", "type", u.m.Type(), "error", err)
		return nil
	}
	kind := websocket.TextMessage
	if isBinary {
		kind = websocket.BinaryMessage
	}
	_ = so.conn.SetWriteDeadline(time.Now().Add(writeTime))
	return so.conn.WriteMessage(kind, frame)
}

// bye tells the client why nothing more comes.
func (s *Server) bye(so *socket, err error) {
	code := websocket.CloseGoingAway
	if errors.Is(err, kernels.ErrSlow) {
		code = websocket.ClosePolicyViolation
	}
	_ = so.conn.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(code, err.Error()), time.Now().Add(writeTime))
}
