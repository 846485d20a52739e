package notebook

import (
	"encoding/binary"
	"encoding/json"
	"fmt"

	"github.com/adabc437/fanout/kernel/wire"
)

// v1Protocol is the websocket subprotocol in which nothing is parsed twice.
//
// https://jupyter-server.readthedocs.io/en/latest/developers/websocket-protocols.html
const v1Protocol = "v1.kernel.websocket.jupyter.org"

// A codec turns messages into websocket frames and back.
type codec interface {
	// encode gives the frame of m, and says whether it is a binary one.
	encode(ch wire.Channel, m *wire.Message) (frame []byte, binary bool, err error)
	// decode reads a frame. The message shares memory with it.
	decode(frame []byte, binary bool) (wire.Channel, *wire.Message, error)
}

// codecFor gives the codec of a subprotocol; that of none is the default one.
func codecFor(protocol string) codec {
	if protocol == v1Protocol {
		return v1Codec{}
	}
	return jsonCodec{}
}

func wrongFrame(format string, args ...any) error {
	return fmt.Errorf("%w: %s", wire.ErrMalformed, fmt.Sprintf(format, args...))
}

// jsonCodec is the default protocol: a message is a JSON object in a text frame, or
// with buffers in a binary one, behind a table of offsets of 4 bytes.
type jsonCodec struct{}

var _ codec = jsonCodec{}

// A jsonMessage is a message of the default protocol.
type jsonMessage struct {
	Channel  wire.Channel    `json:"channel"`
	Header   wire.Header     `json:"header"`
	Parent   wire.Header     `json:"parent_header"`
	Metadata json.RawMessage `json:"metadata"`
	Content  json.RawMessage `json:"content"`
	Buffers  []string        `json:"buffers"` // of a text frame: always empty
	MsgID    string          `json:"msg_id,omitempty"`
	MsgType  string          `json:"msg_type,omitempty"`
}

func orObject(raw json.RawMessage) json.RawMessage {
	if len(raw) == 0 {
		return json.RawMessage("{}")
	}
	return raw
}

func (jsonCodec) encode(ch wire.Channel, m *wire.Message) ([]byte, bool, error) {
	text, err := json.Marshal(jsonMessage{
		Channel: ch, Header: m.Header, Parent: m.Parent, Metadata: orObject(m.Metadata), Content: orObject(m.Content),
		Buffers: []string{}, MsgID: m.Header.MsgID, MsgType: m.Header.MsgType,
	})
	if err != nil || len(m.Buffers) == 0 {
		return text, false, err
	}
	parts := append([][]byte{text}, m.Buffers...)
	frame := binary.BigEndian.AppendUint32(nil, uint32(len(parts)))
	at := 4 * (1 + len(parts))
	for _, p := range parts {
		frame = binary.BigEndian.AppendUint32(frame, uint32(at))
		at += len(p)
	}
	for _, p := range parts {
		frame = append(frame, p...)
	}
	return frame, true, nil
}

func (jsonCodec) decode(frame []byte, isBinary bool) (wire.Channel, *wire.Message, error) {
	text := frame
	var buffers [][]byte
	if isBinary {
		parts, err := split32(frame)
		if err != nil {
			return "", nil, err
		}
		text, buffers = parts[0], parts[1:]
	}
	var in jsonMessage
	if err := json.Unmarshal(text, &in); err != nil {
		return "", nil, wrongFrame("not the JSON of a message: %v", err)
	}
	return check(in.Channel, &wire.Message{Header: in.Header, Parent: in.Parent, Metadata: in.Metadata, Content: in.Content, Buffers: buffers})
}

// split32 cuts a frame of the default protocol into its parts, of which there is
// one at least.
func split32(frame []byte) ([][]byte, error) {
	if len(frame) < 4 {
		return nil, wrongFrame("a binary frame of %d bytes", len(frame))
	}
	n := binary.BigEndian.Uint32(frame)
	if n < 1 || n > wire.MaxBuffers+1 || len(frame) < 4+4*int(n) {
		return nil, wrongFrame("a frame of %d bytes with %d parts", len(frame), n)
	}
	offsets := make([]uint64, n, n+1)
	for i := range offsets {
		offsets[i] = uint64(binary.BigEndian.Uint32(frame[4+4*i:]))
	}
	return cut(frame, append(offsets, uint64(len(frame))), 4+4*int(n))
}

// cut gives what lies between the offsets, of which the first is at least start.
func cut(frame []byte, offsets []uint64, start int) ([][]byte, error) {
	parts := make([][]byte, len(offsets)-1)
	last := uint64(start)
	for i, at := range offsets {
		if at < last || at > uint64(len(frame)) {
			return nil, wrongFrame("part %d is at %d, which is not between %d and %d", i, at, last, len(frame))
		}
		if i > 0 {
			parts[i-1] = frame[last:at:at]
		}
		last = at
	}
	return parts, nil
}

// check checks what a frame held. A client that names no channel means shell.
func check(ch wire.Channel, m *wire.Message) (wire.Channel, *wire.Message, error) {
	if ch == "" {
		ch = wire.Shell
	}
	if m.Header.MsgID == "" || m.Header.MsgType == "" {
		return "", nil, wrongFrame("the header lacks msg_type or msg_id")
	}
	if string(m.Content) == "null" {
		m.Content = nil
	}
	if string(m.Metadata) == "null" {
		m.Metadata = nil
	}
	m.Content, m.Metadata = orObject(m.Content), orObject(m.Metadata)
	return ch, m, nil
}

// v1Codec is the protocol v1: the parts of a message behind a table of offsets of 8
// bytes, in a binary frame.
type v1Codec struct{}

var _ codec = v1Codec{}

// v1Parts is how many parts there are before the buffers: the channel, the two
// headers, metadata and content.
const v1Parts = 5

func (v1Codec) encode(ch wire.Channel, m *wire.Message) ([]byte, bool, error) {
	header, err := m.Header.MarshalJSON()
	if err != nil {
		return nil, true, fmt.Errorf("header: %w", err)
	}
	parent, err := m.Parent.MarshalJSON()
	if err != nil {
		return nil, true, fmt.Errorf("parent header: %w", err)
	}
	parts := append([][]byte{[]byte(ch), header, parent, orObject(m.Metadata), orObject(m.Content)}, m.Buffers...)
	n := len(parts) + 1
	size := 8 * (n + 1)
	for _, p := range parts {
		size += len(p)
	}
	frame := make([]byte, 0, size)
	frame = binary.LittleEndian.AppendUint64(frame, uint64(n))
	at := 8 * (n + 1)
	for _, p := range parts {
		frame = binary.LittleEndian.AppendUint64(frame, uint64(at))
		at += len(p)
	}
	frame = binary.LittleEndian.AppendUint64(frame, uint64(at))
	for _, p := range parts {
		frame = append(frame, p...)
	}
	return frame, true, nil
}

func (v1Codec) decode(frame []byte, isBinary bool) (wire.Channel, *wire.Message, error) {
	if !isBinary || len(frame) < 8 {
		return "", nil, wrongFrame("a frame of %d bytes, want a binary one with a table of offsets", len(frame))
	}
	n := binary.LittleEndian.Uint64(frame)
	if n < v1Parts+1 || n > wire.MaxBuffers+v1Parts+1 || uint64(len(frame)) < 8*(n+1) {
		return "", nil, wrongFrame("a frame of %d bytes with %d offsets", len(frame), n)
	}
	offsets := make([]uint64, n)
	for i := range offsets {
		offsets[i] = binary.LittleEndian.Uint64(frame[8*(i+1):])
	}
	parts, err := cut(frame, offsets, int(8*(n+1)))
	if err != nil {
		return "", nil, err
	}
	m := &wire.Message{Metadata: parts[3], Content: parts[4]}
	if err := json.Unmarshal(parts[1], &m.Header); err != nil {
		return "", nil, wrongFrame("header: %v", err)
	}
	if len(parts[2]) > 0 {
		if err := json.Unmarshal(parts[2], &m.Parent); err != nil {
			return "", nil, wrongFrame("parent header: %v", err)
		}
	}
	for i, p := range parts[3:v1Parts] {
		if len(p) > 0 && !json.Valid(p) {
			return "", nil, wrongFrame("part %d is not JSON", 3+i)
		}
	}
	if len(parts) > v1Parts {
		m.Buffers = parts[v1Parts:]
	}
	return check(wire.Channel(parts[0]), m)
}
