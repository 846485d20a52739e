package zmtp

import "errors"

// What callers may want to tell apart. Errors of this package wrap these.
var (
	// ErrClosed says that the socket was closed.
	ErrClosed = errors.New("zmtp: socket closed")
	// ErrNoPeer says that the peer a message is for is not connected.
	ErrNoPeer = errors.New("zmtp: no such peer")
	// ErrOverflow says that a queue was full, and the message is not in it. On the
	// binding side the peer has been disconnected.
	ErrOverflow = errors.New("zmtp: queue full")
	// ErrLost says that the connection ended while a reply was awaited.
	ErrLost = errors.New("zmtp: connection lost")
	// ErrMessage says that a message cannot be sent as it is.
	ErrMessage = errors.New("zmtp: malformed message")
	// ErrEndpoint says that an endpoint is not one this package knows.
	ErrEndpoint = errors.New("zmtp: bad endpoint")

	// ErrProtocol says that a peer broke the protocol.
	ErrProtocol = errors.New("zmtp: protocol violation")
	// ErrVersion says that a peer speaks an older protocol than ZMTP 3.0.
	ErrVersion = errors.New("zmtp: version not supported")
	// ErrMechanism says that a peer wants another security mechanism than NULL.
	ErrMechanism = errors.New("zmtp: mechanism not supported")
	// ErrSocketType says that a peer's socket type does not go with ours.
	ErrSocketType = errors.New("zmtp: socket types do not match")
	// ErrLimit says that a peer sent more than a limit of Options allows.
	ErrLimit = errors.New("zmtp: limit exceeded")
	// ErrRefused says that a peer answered the handshake with an ERROR command.
	ErrRefused = errors.New("zmtp: refused by the peer")
)

// errHandover ends a connection whose identity a newer one has taken over.
var errHandover = errors.New("zmtp: identity taken over by a newer connection")
