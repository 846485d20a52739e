package wire

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"sync/atomic"
	"time"
)

// A Message is one message, on whichever channel. A Message that was handed to
// another goroutine is not written to any more.
//
// https://jupyter-client.readthedocs.io/en/stable/messaging.html#general-message-format
type Message struct {
	// Identities are the routing frames before the delimiter: on shell, control
	// and stdin the identity of the client, on iopub the topic.
	Identities [][]byte
	Header     Header
	// Parent is the header of the request that caused this message; its zero
	// value stands for an empty object.
	Parent   Header
	Metadata json.RawMessage
	Content  json.RawMessage
	Buffers  [][]byte
}

// Type is the message's type, for instance "execute_request".
func (m *Message) Type() string { return m.Header.MsgType }

// A Header says who sent which message when. Fields that the protocol does not
// name, and named ones that are not strings, are kept in Extra, so that a
// header is sent back as it came.
//
// https://jupyter-client.readthedocs.io/en/stable/messaging.html#message-header
type Header struct {
	MsgID    string
	Session  string
	Username string
	// Date is in ISO 8601 format.
	Date    string
	MsgType string
	Version string
	// SubshellID names the subshell a request is for; empty is the main shell.
	SubshellID string
	Extra      map[string]json.RawMessage
}

// IsZero says whether h is empty, as the parent of an unprovoked message is.
func (h *Header) IsZero() bool {
	return h.MsgID == "" && h.Session == "" && h.Username == "" && h.Date == "" &&
		h.MsgType == "" && h.Version == "" && h.SubshellID == "" && len(h.Extra) == 0
}

// Time is the date of the header, or the zero time if it has none that can be
// read.
func (h *Header) Time() time.Time {
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999"} {
		if t, err := time.Parse(layout, h.Date); err == nil {
			return t
		}
	}
	return time.Time{}
}

// A field is one of the header's named fields and its place.
type field struct {
	name string
	at   *string
}

func (h *Header) fields() [7]field {
	return [7]field{
		{"msg_id", &h.MsgID}, {"msg_type", &h.MsgType}, {"username", &h.Username}, {"session", &h.Session},
		{"date", &h.Date}, {"version", &h.Version}, {"subshell_id", &h.SubshellID},
	}
}

// MarshalJSON writes the header with its unknown fields. subshell_id is left
// out for the main shell, and the zero header is an empty object.
func (h Header) MarshalJSON() ([]byte, error) { return h.appendJSON(nil) }

// appendJSON does the work of MarshalJSON. It is done by hand because two headers
// are written for each message, and encoding/json takes most of the time of one.
func (h *Header) appendJSON(b []byte) ([]byte, error) {
	if h.IsZero() {
		return append(b, "{}"...), nil
	}
	b = append(b, '{')
	named := h.fields()
	for _, f := range named {
		if _, kept := h.Extra[f.name]; *f.at == "" && (kept || f.name == "subshell_id") {
			continue
		}
		b = appendField(b, f.name)
		b = appendString(b, *f.at)
	}
	for _, name := range slices.Sorted(maps.Keys(h.Extra)) {
		set := slices.ContainsFunc(named[:], func(f field) bool { return f.name == name && *f.at != "" })
		if set {
			continue // since the header came in
		}
		if !json.Valid(h.Extra[name]) {
			return nil, fmt.Errorf("header field %s is not JSON: %q", name, h.Extra[name])
		}
		b = appendField(b, name)
		b = append(b, h.Extra[name]...)
	}
	return append(b, '}'), nil
}

func appendField(b []byte, name string) []byte {
	if b[len(b)-1] != '{' {
		b = append(b, ',')
	}
	return append(appendString(b, name), ':')
}

func appendString(b []byte, s string) []byte {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c > '~' || c == '"' || c == '\\' {
			quoted, _ := json.Marshal(s) // a string always marshals
			return append(b, quoted...)
		}
	}
	return append(append(append(b, '"'), s...), '"')
}

// UnmarshalJSON reads a header. null and an empty object give the zero header.
func (h *Header) UnmarshalJSON(data []byte) error {
	*h = Header{}
	var all map[string]json.RawMessage
	if err := json.Unmarshal(data, &all); err != nil {
		return err
	}
	for _, f := range h.fields() {
		value, ok := all[f.name]
		if !ok {
			continue
		}
		if bytes.Equal(value, []byte("null")) && f.name == "subshell_id" {
			delete(all, f.name)
			continue
		}
		var s string
		if len(value) > 0 && value[0] == '"' && json.Unmarshal(value, &s) == nil {
			*f.at = s
			delete(all, f.name)
		}
	}
	if len(all) > 0 {
		h.Extra = all
	}
	return nil
}

// A Sender makes messages of one session, numbered from 1. It may be used from
// any goroutine.
type Sender struct {
	// Session is the id of the sending session.
	Session  string
	Username string
	count    atomic.Uint64
}

// NewSender returns a Sender with a new session id.
func NewSender(username string) *Sender { return &Sender{Session: NewID(), Username: username} }

// New makes a message of the given type with content, which is marshalled (nil
// gives an empty object), in answer to parent, which may be nil.
func (s *Sender) New(msgType string, parent *Message, content any) (*Message, error) {
	m := &Message{Metadata: json.RawMessage("{}"), Content: json.RawMessage("{}")}
	m.Header = Header{
		MsgID:    s.Session + "_" + strconv.FormatUint(s.count.Add(1), 10),
		Session:  s.Session,
		Username: s.Username,
		Date:     time.Now().UTC().Format("2006-01-02T15:04:05.000000Z"),
		MsgType:  msgType,
		Version:  ProtocolVersion,
	}
	if parent != nil {
		m.Parent = parent.Header
	}
	if content != nil {
		data, err := marshal(content)
		if err != nil {
			return nil, fmt.Errorf("content of %s: %w", msgType, err)
		}
		m.Content = data
	}
	return m, nil
}

// marshal is json.Marshal without its escapes for HTML, which would make every
// picture and every table longer.
func marshal(v any) (json.RawMessage, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimRight(b.Bytes(), "\n"), nil
}

// NewID returns a random id (a UUID of version 4).
func NewID() string {
	var b [16]byte
	rand.Read(b[:]) // never fails: see crypto/rand
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}
