package zmtp

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
)

// known says whether err is one that bad input may cause.
func known(err error) bool {
	for _, e := range []error{io.EOF, io.ErrUnexpectedEOF, ErrProtocol, ErrLimit, ErrVersion, ErrMechanism} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}

func FuzzGreeting(f *testing.F) {
	f.Add(greeting(0))
	f.Add(greeting(1))
	f.Add(oldGreeting(1))
	f.Add(oldGreeting(4, make([]byte, 53)...))
	f.Add([]byte{1, 0})
	f.Add(curve())
	f.Fuzz(func(t *testing.T, b []byte) {
		minor, err := readGreeting(bytes.NewReader(b))
		if err != nil {
			if !known(err) {
				t.Fatalf("unexpected error %v", err)
			}
			return
		}
		if len(b) < greetingSize || b[10] < 3 {
			t.Fatalf("took %x for a greeting", b)
		}
		if again, err := readGreeting(bytes.NewReader(greeting(minor))); err != nil || again != minor {
			t.Fatalf("minor version %d comes back as %d, %v", minor, again, err)
		}
	})
}

func FuzzFrame(f *testing.F) {
	f.Add([]byte{0, 1, 'x'})
	f.Add([]byte{flagMore, 0})
	f.Add([]byte{flagLong, 0, 0, 0, 0, 0, 0, 0, 1, 'x'})
	f.Add([]byte{flagCommand, 2, 1, 'x'})
	f.Add([]byte{flagLong, 0xff, 0, 0, 0, 0, 0, 0, 1, 'x'})
	f.Fuzz(func(t *testing.T, b []byte) {
		in := newReader(bytes.NewReader(b), limits{frame: 1000, frames: 4, message: 2000})
		in.ready = true
		fr, err := in.frame()
		if err != nil {
			if !known(err) {
				t.Fatalf("unexpected error %v", err)
			}
			return
		}
		if !fr.command && len(fr.body) > 1000 || len(fr.body) > len(b) {
			t.Fatalf("a frame of %d bytes from %d bytes", len(fr.body), len(b))
		}
	})
}

func FuzzCommand(f *testing.F) {
	for _, h := range []hello{{typeDealer, []byte("id")}, {typeSub, nil}} {
		f.Add(h.ready().body())
	}
	f.Add(errorCommand("reason").body())
	f.Add(errorCommand(strings.Repeat("x", 300)).body())
	f.Add([]byte("\x04PING\x00\x0acontext"))
	f.Add([]byte("\x09SUBSCRIBEtopic"))
	f.Add([]byte("\x05READY\x01a\xff\xff\xff\xff"))
	f.Fuzz(func(t *testing.T, b []byte) {
		c, err := parseCommand(b)
		if err != nil {
			if !errors.Is(err, ErrProtocol) {
				t.Fatalf("unexpected error %v", err)
			}
			return
		}
		if !bytes.Equal(c.body(), b) {
			t.Fatalf("%x comes back as %x", b, c.body())
		}
		parseError(c.data)
		if _, echo, err := parsePing(c.data); err == nil && len(echo) > 16 {
			t.Fatalf("a PING context of %d bytes", len(echo))
		}
		h, err := parseReady(c.data)
		if err != nil {
			return
		}
		again, err := parseReady(h.ready().data)
		if err != nil || again.socketType != h.socketType {
			t.Fatalf("%+v comes back as %+v, %v", h, again, err)
		}
	})
}

// FuzzMessage reads a stream of traffic, writes what it read, and reads it again.
func FuzzMessage(f *testing.F) {
	stream := func(messages ...Message) []byte {
		var b []byte
		for _, m := range messages {
			e, _ := encode(m)
			b = append(b, bytes.Join(e.chunks, nil)...)
		}
		return b
	}
	f.Add(stream(text("a", "", "b"), text("")), uint16(0))
	f.Add([]byte{flagMore, 1, 'a'}, uint16(copyBelow))
	f.Add([]byte{flagMore | flagLong, 0, 0, 0, 0, 0, 0, 0, 1, 'a'}, uint16(255))
	f.Add(append([]byte{flagMore, 1, 'a'}, encodeCommand([]byte("\x04PING\x00\x00")).chunks[0]...), uint16(1))
	f.Fuzz(func(t *testing.T, b []byte, more uint16) {
		// A last frame that may be long, without the fuzzer having to write it.
		b = append(b, stream(Message{make([]byte, more)})...)
		l := limits{frame: 1 << 20, frames: 16, message: 1 << 21}
		in := newReader(bytes.NewReader(b), l)
		in.ready = true
		var got []Message
		for {
			tr, err := in.next()
			if err != nil {
				if !known(err) {
					t.Fatalf("unexpected error %v", err)
				}
				break
			}
			if tr.command == nil {
				got = append(got, tr.message)
			}
		}
		again := newReader(bytes.NewReader(stream(got...)), l)
		again.ready = true
		for _, m := range got {
			if len(m) == 0 || len(m) > l.frames || int64(m.Size()) > l.message {
				t.Fatalf("a message of %d frames, %d bytes", len(m), m.Size())
			}
			tr, err := again.next()
			if err != nil || digest(tr.message) != digest(m) {
				t.Fatalf("%s comes back as %s, %v", show(m), show(tr.message), err)
			}
		}
	})
}
