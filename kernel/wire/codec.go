package wire

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
)

// The reasons for which [Codec.Decode] refuses a message. Errors wrap one of
// them.
var (
	ErrMalformed = errors.New("malformed message")
	ErrSignature = errors.New("wrong signature: the message was not signed with the kernel's key")
	ErrReplay    = errors.New("replayed message: its signature was seen before")
	ErrTooLarge  = errors.New("message too large")
)

// The bounds of a message. What is larger is refused before it is parsed.
const (
	MaxIdentities = 16
	MaxHeader     = 64 << 10 // bytes of header and of parent header, each
	MaxJSON       = 256 << 20
	MaxBuffers    = 4096
	// SeenSignatures is how many signatures a Codec remembers to refuse replays.
	SeenSignatures = 1 << 16
)

const delimiter = "<IDS|MSG>"

type digest [sha256.Size]byte

// A Codec turns messages into multipart frames and back: the identities, the
// delimiter <IDS|MSG>, the signature in hexadecimal, header, parent header,
// metadata, content, and the buffers. It may be used from any goroutine.
//
// https://jupyter-client.readthedocs.io/en/stable/messaging.html#the-wire-protocol
type Codec struct {
	key []byte

	mu   sync.Mutex
	seen map[digest]struct{}
	ring []digest // the seen ones by age, from next on
	next int
}

// NewCodec returns a Codec that signs with HMAC-SHA256 under key. With an empty
// key nothing is signed and everything is believed.
func NewCodec(key []byte) *Codec {
	return &Codec{key: bytes.Clone(key), seen: make(map[digest]struct{})}
}

// Encode returns the frames of m. The frames share memory with m.
func (c *Codec) Encode(m *Message) ([][]byte, error) {
	header, err := m.Header.appendJSON(nil)
	if err != nil {
		return nil, fmt.Errorf("header: %w", err)
	}
	parent, err := m.Parent.appendJSON(nil)
	if err != nil {
		return nil, fmt.Errorf("parent header: %w", err)
	}
	signed := [4][]byte{header, parent, object(m.Metadata), object(m.Content)}
	frames := make([][]byte, 0, len(m.Identities)+6+len(m.Buffers))
	frames = append(frames, m.Identities...)
	frames = append(frames, []byte(delimiter), c.sign(signed))
	frames = append(frames, signed[:]...)
	return append(frames, m.Buffers...), nil
}

func object(raw json.RawMessage) []byte {
	if len(raw) == 0 {
		return []byte("{}")
	}
	return raw
}

// Decode checks frames and returns their message, which shares memory with
// them. Metadata and content are not parsed: see [Unmarshal].
func (c *Codec) Decode(frames [][]byte) (*Message, error) {
	ids := 0
	for ids < len(frames) && string(frames[ids]) != delimiter {
		ids++
	}
	rest := frames[ids:]
	switch {
	case len(rest) == 0:
		return nil, fmt.Errorf("%w: no delimiter %s in %d frames", ErrMalformed, delimiter, len(frames))
	case len(rest) < 6:
		return nil, fmt.Errorf("%w: %d frames after the delimiter, want 5 at least", ErrMalformed, len(rest)-1)
	}
	if err := checkSizes(ids, rest); err != nil {
		return nil, err
	}
	if err := c.verify(rest[1], [4][]byte(rest[2:6])); err != nil {
		return nil, err
	}
	m := &Message{Identities: frames[:ids:ids], Metadata: rest[4], Content: rest[5]}
	if len(rest) > 6 {
		m.Buffers = rest[6:]
	}
	if err := json.Unmarshal(rest[2], &m.Header); err != nil {
		return nil, fmt.Errorf("%w: header: %w", ErrMalformed, err)
	}
	if m.Header.MsgType == "" || m.Header.MsgID == "" {
		return nil, fmt.Errorf("%w: the header lacks msg_type or msg_id", ErrMalformed)
	}
	if len(rest[3]) > 0 {
		if err := json.Unmarshal(rest[3], &m.Parent); err != nil {
			return nil, fmt.Errorf("%w: parent header: %w", ErrMalformed, err)
		}
	}
	return m, nil
}

func checkSizes(ids int, rest [][]byte) error {
	header, parent, metadata, content := rest[2], rest[3], rest[4], rest[5]
	switch {
	case ids > MaxIdentities:
		return fmt.Errorf("%w: %d identities, at most %d are allowed", ErrTooLarge, ids, MaxIdentities)
	case len(rest)-6 > MaxBuffers:
		return fmt.Errorf("%w: %d buffers, at most %d are allowed", ErrTooLarge, len(rest)-6, MaxBuffers)
	case len(header) > MaxHeader || len(parent) > MaxHeader:
		return fmt.Errorf("%w: a header of more than %d bytes", ErrTooLarge, MaxHeader)
	case len(metadata) > MaxJSON || len(content) > MaxJSON:
		return fmt.Errorf("%w: metadata or content of more than %d bytes", ErrTooLarge, MaxJSON)
	}
	return nil
}

// sign returns the signature of the four JSON frames, in hexadecimal.
func (c *Codec) sign(parts [4][]byte) []byte {
	if len(c.key) == 0 {
		return []byte{}
	}
	return hex.AppendEncode(nil, c.mac(parts))
}

func (c *Codec) mac(parts [4][]byte) []byte {
	h := hmac.New(sha256.New, c.key)
	for _, p := range parts {
		h.Write(p)
	}
	return h.Sum(nil)
}

// verify checks a signature and remembers it.
func (c *Codec) verify(signature []byte, parts [4][]byte) error {
	if len(c.key) == 0 {
		return nil
	}
	var got digest
	if len(signature) != 2*len(got) {
		return ErrSignature
	}
	if _, err := hex.Decode(got[:], signature); err != nil {
		return ErrSignature
	}
	if !hmac.Equal(got[:], c.mac(parts)) {
		return ErrSignature
	}
	return c.remember(got)
}

func (c *Codec) remember(d digest) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, ok := c.seen[d]; ok {
		return ErrReplay
	}
	c.seen[d] = struct{}{}
	if len(c.ring) < SeenSignatures {
		c.ring = append(c.ring, d)
		return nil
	}
	delete(c.seen, c.ring[c.next])
	c.ring[c.next] = d
	c.next = (c.next + 1) % len(c.ring)
	return nil
}

// WithContent returns frames, which Encode made, with another content and a new
// signature. It does not change frames.
func (c *Codec) WithContent(frames [][]byte, content any) ([][]byte, error) {
	at := slices.IndexFunc(frames, func(f []byte) bool { return string(f) == delimiter })
	if at < 0 || len(frames) < at+6 {
		return nil, fmt.Errorf("%w: %d frames that Encode did not make", ErrMalformed, len(frames))
	}
	data, err := marshal(content)
	if err != nil {
		return nil, err
	}
	frames = slices.Clone(frames)
	frames[at+5] = data
	frames[at+1] = c.sign([4][]byte(frames[at+2 : at+6]))
	return frames, nil
}
