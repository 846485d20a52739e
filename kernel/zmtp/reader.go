package zmtp

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
)

// limits bound what a reader takes.
type limits struct {
	frame   int64 // bytes of a frame
	frames  int   // of a message
	message int64 // bytes of a message
}

// maxCommand bounds the body of a command, in bytes: topics and metadata.
const maxCommand = 64 << 10

// A reader takes frames, commands and messages from a connection.
type reader struct {
	buf    *bufio.Reader
	limits limits
	ready  bool // the handshake is over: messages may come
	// The frames of a message that has not ended yet, and their size.
	parts Message
	size  int64
}

func newReader(r io.Reader, l limits) *reader {
	return &reader{buf: bufio.NewReaderSize(r, 32<<10), limits: l}
}

// A frame is one unit on the wire.
type frame struct {
	more, command bool
	body          []byte
}

// A traffic is a whole message, or a command that came before the rest of it.
type traffic struct {
	message Message
	command *command
}

// next returns the next message or command. The error is io.EOF only when nothing
// was cut off.
func (r *reader) next() (traffic, error) {
	for {
		f, err := r.frame()
		if err != nil {
			if err == io.EOF && len(r.parts) > 0 {
				err = io.ErrUnexpectedEOF
			}
			return traffic{}, err
		}
		if f.command {
			c, err := parseCommand(f.body)
			if err != nil {
				return traffic{}, err
			}
			return traffic{command: &c}, nil
		}
		r.parts = append(r.parts, f.body)
		r.size += int64(len(f.body))
		if !f.more {
			m := r.parts
			r.parts, r.size = nil, 0
			return traffic{message: m}, nil
		}
	}
}

// frame reads one frame.
func (r *reader) frame() (frame, error) {
	flags, err := r.buf.ReadByte()
	if err != nil {
		return frame{}, err
	}
	f := frame{more: flags&flagMore != 0, command: flags&flagCommand != 0}
	if flags&^flagsKnown != 0 {
		return f, fmt.Errorf("%w: frame with unknown flags %#02x", ErrProtocol, flags)
	}
	if f.command && f.more {
		return f, fmt.Errorf("%w: command frame with the MORE flag", ErrProtocol)
	}
	var head [8]byte
	size := head[7:]
	if flags&flagLong != 0 {
		size = head[:]
	}
	if _, err := io.ReadFull(r.buf, size); err != nil {
		return f, truncated(err)
	}
	n := binary.BigEndian.Uint64(head[:])
	if err := r.admit(f, n); err != nil {
		return f, err
	}
	f.body, err = readBody(r.buf, int(n))
	return f, truncated(err)
}

// admit says whether a frame of n bytes is within the limits.
func (r *reader) admit(f frame, n uint64) error {
	switch {
	case f.command && n > maxCommand:
		return fmt.Errorf("%w: a command of %d bytes; at most %d are allowed", ErrLimit, n, maxCommand)
	case f.command:
		return nil
	case !r.ready:
		return fmt.Errorf("%w: a message before READY", ErrProtocol)
	case n > uint64(r.limits.frame):
		return fmt.Errorf("%w: a frame of %d bytes; at most %d are allowed", ErrLimit, n, r.limits.frame)
	case r.size+int64(n) > r.limits.message:
		return fmt.Errorf("%w: a message of more than %d bytes", ErrLimit, r.limits.message)
	case len(r.parts) >= r.limits.frames:
		return fmt.Errorf("%w: a message of more than %d frames", ErrLimit, r.limits.frames)
	}
	return nil
}

// firstRead is the most that is allocated for a frame before its bytes are there.
const firstRead = 64 << 10

// readBody reads n bytes. What it allocates is at most firstRead, or twice what
// has arrived.
func readBody(r io.Reader, n int) ([]byte, error) {
	b := make([]byte, min(n, firstRead))
	have := 0
	for {
		m, err := io.ReadFull(r, b[have:])
		have += m
		if err != nil {
			return nil, err
		}
		if have == n {
			return b, nil
		}
		grown := make([]byte, min(n, 2*have))
		copy(grown, b)
		b = grown
	}
}

// truncated makes an end of file inside a frame an error of its own.
func truncated(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}
