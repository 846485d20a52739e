package supervisor

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
)

// protocolVersion changes when the two sides would misunderstand each other.
const protocolVersion = 3

// The layout of a frame: the magic, the length of all that follows the head, the
// length of the JSON header, the header, the buffers one after the other.
const (
	frameMagic = "fan\x01"
	headSize   = len(frameMagic) + 8
	maxFrame   = 256 << 20 // bytes of header and buffers together
	firstAlloc = 64 << 10  // what a frame may allocate before its bytes arrive
)

// errProtocol is what every malformed frame is.
var errProtocol = errors.New("not Fanout's protocol")

// An op says what a frame asks or tells.
type op string

// The requests, parent to child. Each but the last four is answered by one
// opReply with the same ID.
const (
	opExecute      op = "execute"
	opComplete     op = "complete"
	opInspect      op = "inspect"
	opIsComplete   op = "is_complete"
	opComm         op = "comm"
	opComms        op = "comms"
	opRestore      op = "restore"
	opInterrupt    op = "interrupt"     // ID: the request to cancel; stopBody
	opInterruptAll op = "interrupt_all" // all cells that run; stopBody
	opAck          op = "ack"           // ID: the Seq of the event that was taken
	opInputReply   op = "input_reply"   // ID: the Seq of the input request
)

// What the child tells. ID is the request that caused it.
const (
	opHello       op = "hello"        // always first
	opStarted     op = "started"      // an execute request has reached the session
	opEvent       op = "event"        // eventBody
	opInput       op = "input"        // inputBody
	opHeard       op = "heard"        // an interrupt has come; ID: its number; heardBody
	opInputCancel op = "input_cancel" // ID: the Seq of the input request
	opReply       op = "reply"        // the result, or Err
)

// A frame is one message, either way.
type frame struct {
	Op      op              `json:"op"`
	ID      uint64          `json:"id,omitempty"`
	Body    json.RawMessage `json:"body,omitempty"`
	Err     *wireError      `json:"err,omitempty"`
	Sizes   []int           `json:"sizes,omitempty"`
	Buffers [][]byte        `json:"-"`
}

// newFrame makes a frame whose body is v, or none if v is nil.
func newFrame(o op, id uint64, v any, buffers ...[]byte) (frame, error) {
	f := frame{Op: o, ID: id, Buffers: buffers}
	if v == nil {
		return f, nil
	}
	body, err := marshal(v)
	if err != nil {
		return frame{}, fmt.Errorf("%s: %w", o, err)
	}
	f.Body = body
	return f, nil
}

// decode puts the body into v.
func (f frame) decode(v any) error {
	d := json.NewDecoder(bytes.NewReader(f.Body))
	d.UseNumber()
	if err := d.Decode(v); err != nil {
		return fmt.Errorf("%w: body of %s: %w", errProtocol, f.Op, err)
	}
	return nil
}

// marshal is json.Marshal without the escapes for HTML.
func marshal(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

// encodeFrame gives the bytes of f.
func encodeFrame(f frame) ([]byte, error) {
	f.Sizes = make([]int, len(f.Buffers))
	size := 0
	for i, b := range f.Buffers {
		f.Sizes[i] = len(b)
		size += len(b)
	}
	header, err := marshal(f)
	if err != nil {
		return nil, err
	}
	size += len(header)
	if size > maxFrame {
		return nil, fmt.Errorf("a message of %s is over the limit of %s", iec(int64(size)), iec(maxFrame))
	}
	out := make([]byte, 0, headSize+size)
	out = append(out, frameMagic...)
	out = binary.BigEndian.AppendUint32(out, uint32(size))
	out = binary.BigEndian.AppendUint32(out, uint32(len(header)))
	out = append(out, header...)
	for _, b := range f.Buffers {
		out = append(out, b...)
	}
	return out, nil
}

// readFrame reads one frame. It returns io.EOF where the stream ends between two
// frames and an error that wraps errProtocol for what is no frame. It allocates
// in proportion to the bytes that arrive, whatever the head announces.
func readFrame(r io.Reader) (frame, error) {
	var head [headSize]byte
	if n, err := io.ReadFull(r, head[:]); err != nil {
		if n > 0 && string(head[:min(n, len(frameMagic))]) != frameMagic[:min(n, len(frameMagic))] {
			return frame{}, fmt.Errorf("%w: %q where a frame should start", errProtocol, head[:n])
		}
		return frame{}, err
	}
	if string(head[:len(frameMagic)]) != frameMagic {
		return frame{}, fmt.Errorf("%w: %q where a frame should start", errProtocol, head[:])
	}
	size := int64(binary.BigEndian.Uint32(head[len(frameMagic):]))
	headerSize := int64(binary.BigEndian.Uint32(head[len(frameMagic)+4:]))
	if size > maxFrame {
		return frame{}, fmt.Errorf("%w: a frame of %d bytes, of %d at most", errProtocol, size, maxFrame)
	}
	if headerSize > size {
		return frame{}, fmt.Errorf("%w: a header of %d bytes in a frame of %d", errProtocol, headerSize, size)
	}
	body, err := readGrowing(r, int(size))
	if err != nil {
		if errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF
		}
		return frame{}, err
	}
	var f frame
	if err := json.Unmarshal(body[:headerSize], &f); err != nil {
		return frame{}, fmt.Errorf("%w: header: %w", errProtocol, err)
	}
	return f, f.split(body[headerSize:])
}

// split cuts rest into the frame's buffers, as Sizes says.
func (f *frame) split(rest []byte) error {
	for _, n := range f.Sizes {
		if n < 0 || n > len(rest) {
			return fmt.Errorf("%w: a buffer of %d bytes where %d are left", errProtocol, n, len(rest))
		}
		f.Buffers = append(f.Buffers, rest[:n:n])
		rest = rest[n:]
	}
	if len(rest) > 0 {
		return fmt.Errorf("%w: %d bytes too many", errProtocol, len(rest))
	}
	f.Sizes = nil
	return nil
}

// readGrowing reads n bytes, doubling what it has allocated only once that much
// has arrived.
func readGrowing(r io.Reader, n int) ([]byte, error) {
	buf := make([]byte, 0, min(n, firstAlloc))
	for len(buf) < n {
		if len(buf) == cap(buf) {
			grown := make([]byte, len(buf), min(n, 2*cap(buf)))
			copy(grown, buf)
			buf = grown
		}
		m, err := io.ReadFull(r, buf[len(buf):cap(buf)])
		buf = buf[:len(buf)+m]
		if err != nil {
			return nil, err
		}
	}
	return buf, nil
}

// iec writes a number of bytes as people say it in binary units: 512 MiB.
func iec(n int64) string {
	return unit(n, 1024, []string{"B", "KiB", "MiB", "GiB", "TiB"})
}

// si writes a number of bytes in decimal units: 16 MB.
func si(n int64) string {
	return unit(n, 1000, []string{"B", "kB", "MB", "GB", "TB"})
}

func unit(n, base int64, units []string) string {
	v, i := float64(n), 0
	for i < len(units)-1 && math.Round(v) >= float64(base) {
		v /= float64(base)
		i++
	}
	if i == 0 || v >= 100 || math.Round(v*10) == math.Round(v)*10 {
		return fmt.Sprintf("%.0f %s", v, units[i])
	}
	return fmt.Sprintf("%.1f %s", v, units[i])
}
