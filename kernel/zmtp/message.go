package zmtp

import (
	"encoding/binary"
	"fmt"
)

// A Message is one or more frames. Once given to this package a message must not
// be changed; one that was received belongs to the receiver.
type Message [][]byte

// Size returns the bytes of all frames together.
func (m Message) Size() int {
	n := 0
	for _, f := range m {
		n += len(f)
	}
	return n
}

// Bits of the flags octet that starts a frame (RFC 37, "Framing").
const (
	flagMore    = 1 << 0
	flagLong    = 1 << 1
	flagCommand = 1 << 2
	flagsKnown  = flagMore | flagLong | flagCommand
)

// copyBelow is the frame size from which a frame is written from where it lies,
// as its own element of the vectored write, not copied next to its header.
const copyBelow = 8 << 10

// An encoded message is ready to be written, to any number of peers: chunks of
// bytes that are shared and never change.
type encoded struct {
	chunks [][]byte
	size   int64 // of all chunks
}

// encode frames m.
func encode(m Message) (encoded, error) {
	if len(m) == 0 {
		return encoded{}, fmt.Errorf("%w: no frames", ErrMessage)
	}
	copied := 0
	large := 0
	for _, f := range m {
		copied += headerSize(len(f))
		if len(f) < copyBelow {
			copied += len(f)
		} else {
			large++
		}
	}
	// buf has room for all that will be copied: it never moves under its chunks.
	buf := make([]byte, 0, copied)
	e := encoded{chunks: make([][]byte, 0, 2*large+1)}
	start := 0
	for i, f := range m {
		var flags byte
		if i < len(m)-1 {
			flags = flagMore
		}
		buf = appendHeader(buf, flags, len(f))
		if len(f) < copyBelow {
			buf = append(buf, f...)
			continue
		}
		e.chunks = append(e.chunks, buf[start:len(buf):len(buf)], f)
		start = len(buf)
	}
	if start < len(buf) {
		e.chunks = append(e.chunks, buf[start:])
	}
	for _, c := range e.chunks {
		e.size += int64(len(c))
	}
	return e, nil
}

// encodeCommand frames the body of a command.
func encodeCommand(body []byte) encoded {
	buf := make([]byte, 0, headerSize(len(body))+len(body))
	buf = append(appendHeader(buf, flagCommand, len(body)), body...)
	return encoded{chunks: [][]byte{buf}, size: int64(len(buf))}
}

func headerSize(n int) int {
	if n > 255 {
		return 9
	}
	return 2
}

func appendHeader(b []byte, flags byte, n int) []byte {
	if n > 255 {
		return binary.BigEndian.AppendUint64(append(b, flags|flagLong), uint64(n))
	}
	return append(b, flags, byte(n))
}
