package table

import (
	"bytes"
	"compress/flate"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strings"
)

// An Archive holds named texts, each compressed on its own:
//
//	count { name, compressed size, raw size } { compressed text }
//
// where a number is a uvarint and a name a uvarint length and its bytes.
type Archive struct {
	data string
	at   map[string]extent
}

type extent struct{ off, size, raw int }

// Pack makes an archive of texts in the order of names.
func Pack(names []string, text func(name string) []byte) ([]byte, error) {
	var head, body []byte
	head = binary.AppendUvarint(head, uint64(len(names)))
	for _, name := range names {
		raw := text(name)
		var b bytes.Buffer
		w, err := flate.NewWriter(&b, flate.BestCompression)
		if err != nil {
			return nil, err
		}
		if _, err := w.Write(raw); err != nil {
			return nil, err
		}
		if err := w.Close(); err != nil {
			return nil, err
		}
		head = AppendString(head, name)
		head = binary.AppendUvarint(head, uint64(b.Len()))
		head = binary.AppendUvarint(head, uint64(len(raw)))
		body = append(body, b.Bytes()...)
	}
	return append(head, body...), nil
}

var errArchive = errors.New("the archive is damaged")

// Open reads the directory of an archive.
func Open(data string) (*Archive, error) {
	r := Reader{rest: data}
	a := &Archive{data: data, at: map[string]extent{}}
	n, off := r.Uint(), 0
	for range n {
		name := r.String()
		e := extent{off: off, size: r.Uint(), raw: r.Uint()}
		if r.bad {
			break
		}
		a.at[name] = e
		off += e.size
	}
	a.data = r.rest
	if r.bad || off != len(a.data) {
		return nil, errArchive
	}
	return a, nil
}

// Text returns a text of the archive.
func (a *Archive) Text(name string) (string, error) {
	e, ok := a.at[name]
	if !ok {
		return "", fmt.Errorf("%q is not in the archive", name)
	}
	r := flate.NewReader(strings.NewReader(a.data[e.off : e.off+e.size]))
	var b strings.Builder
	b.Grow(e.raw)
	if _, err := io.Copy(&b, r); err != nil {
		return "", fmt.Errorf("%q: %w", name, err)
	}
	return b.String(), nil
}

// AppendString appends a string with its length.
func AppendString(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

// A Reader reads back what AppendString and binary.AppendUvarint wrote.
type Reader struct {
	rest string
	bad  bool
}

// NewReader returns a reader of s.
func NewReader(s string) *Reader { return &Reader{rest: s} }

// More reports whether there is something left to read.
func (r *Reader) More() bool { return !r.bad && r.rest != "" }

// Uint reads a number; it is 0 when there is none.
func (r *Reader) Uint() int {
	var v uint64
	for i := 0; i < len(r.rest) && i < binary.MaxVarintLen64; i++ {
		c := r.rest[i]
		v |= uint64(c&0x7f) << (7 * i)
		if c < 0x80 {
			r.rest = r.rest[i+1:]
			if v > 1<<31 {
				break
			}
			return int(v)
		}
	}
	r.bad = true
	return 0
}

// String reads a string; it is empty when there is none.
func (r *Reader) String() string {
	n := r.Uint()
	if n > len(r.rest) {
		r.bad = true
		return ""
	}
	s := r.rest[:n]
	r.rest = r.rest[n:]
	return s
}
