package zmtp

import (
	"encoding/binary"
	"fmt"
	"strings"
	"time"
)

// Names of the commands that are known here (RFC 37).
const (
	cmdReady     = "READY"
	cmdError     = "ERROR"
	cmdPing      = "PING"
	cmdPong      = "PONG"
	cmdSubscribe = "SUBSCRIBE"
	cmdCancel    = "CANCEL"
)

// A command is what the body of a command frame says.
type command struct {
	name string
	data []byte
}

func (c command) body() []byte {
	return append(append([]byte{byte(len(c.name))}, c.name...), c.data...)
}

// parseCommand splits the body of a command frame.
func parseCommand(body []byte) (command, error) {
	if len(body) == 0 || body[0] == 0 || int(body[0]) > len(body)-1 {
		return command{}, fmt.Errorf("%w: a command without its name", ErrProtocol)
	}
	n := int(body[0]) + 1
	return command{name: string(body[1:n]), data: body[n:]}, nil
}

// A hello is what a peer says of itself in its READY command.
type hello struct {
	socketType string
	identity   []byte
}

func (h hello) ready() command {
	b := appendProperty(nil, "Socket-Type", []byte(h.socketType))
	switch h.socketType {
	case typeReq, typeDealer, typeRouter:
		b = appendProperty(b, "Identity", h.identity)
	}
	return command{cmdReady, b}
}

func appendProperty(b []byte, name string, value []byte) []byte {
	b = append(append(b, byte(len(name))), name...)
	return append(binary.BigEndian.AppendUint32(b, uint32(len(value))), value...)
}

// parseReady reads the properties of a READY command. Those that are not known
// are passed over.
func parseReady(data []byte) (hello, error) {
	var h hello
	for len(data) > 0 {
		n := int(data[0])
		if n == 0 || len(data) < 1+n+4 {
			return hello{}, fmt.Errorf("%w: READY has a truncated property", ErrProtocol)
		}
		name := string(data[1 : 1+n])
		size := uint64(binary.BigEndian.Uint32(data[1+n:]))
		data = data[1+n+4:]
		if size > uint64(len(data)) {
			return hello{}, fmt.Errorf("%w: READY has a truncated value of %q", ErrProtocol, name)
		}
		value := data[:size]
		data = data[size:]
		switch {
		case strings.EqualFold(name, "Socket-Type"):
			h.socketType = string(value)
		case strings.EqualFold(name, "Identity"):
			h.identity = value
		}
	}
	if h.socketType == "" {
		return hello{}, fmt.Errorf("%w: READY has no Socket-Type", ErrProtocol)
	}
	return h, checkIdentity(h.identity)
}

// checkIdentity says whether a peer may call itself id. Names that start with
// zero are for the ROUTER to give.
func checkIdentity(id []byte) error {
	if len(id) > 255 {
		return fmt.Errorf("%w: an identity of %d bytes; at most 255 are allowed", ErrProtocol, len(id))
	}
	if len(id) > 0 && id[0] == 0 {
		return fmt.Errorf("%w: identity %q starts with a zero byte", ErrProtocol, id)
	}
	return nil
}

// parseError reads the reason of an ERROR command.
func parseError(data []byte) string {
	if len(data) == 0 || int(data[0]) > len(data)-1 {
		return "no reason given"
	}
	return string(data[1 : 1+int(data[0])]) // 255 is a length, too
}

// errorCommand says why a handshake is refused.
func errorCommand(reason string) command {
	reason = reason[:min(len(reason), 255)]
	return command{cmdError, append([]byte{byte(len(reason))}, reason...)}
}

// parsePing reads a PING: how long the peer wants to be given up after if it is
// silent (zero: never), and what the PONG shall repeat.
func parsePing(data []byte) (ttl time.Duration, context []byte, err error) {
	const maxContext = 16
	if len(data) < 2 || len(data) > 2+maxContext {
		return 0, nil, fmt.Errorf("%w: a PING of %d bytes; want a TTL of 2 and a context of at most %d", ErrProtocol, len(data), maxContext)
	}
	return time.Duration(binary.BigEndian.Uint16(data)) * 100 * time.Millisecond, data[2:], nil
}
