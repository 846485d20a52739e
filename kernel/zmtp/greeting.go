package zmtp

import (
	"bytes"
	"fmt"
	"io"
)

// The greeting (RFC 37, "Greeting"): signature, version, mechanism, as-server,
// filler.
const (
	greetingSize  = 64
	signatureSize = 10
	mechanismAt   = 12
	asServerAt    = 32
)

var nullMechanism = append([]byte("NULL"), make([]byte, 16)...)

// greeting returns what a socket says first.
func greeting(minor byte) []byte {
	b := make([]byte, greetingSize)
	b[0], b[signatureSize-1] = 0xff, 0x7f
	b[10], b[11] = 3, minor
	copy(b[mechanismAt:], nullMechanism)
	return b
}

// readGreeting reads a peer's greeting and returns its minor version. It judges
// each part as soon as it is there: an older peer sends the first parts only, and
// waits.
func readGreeting(r io.Reader) (minor byte, err error) {
	b := make([]byte, greetingSize)
	read := func(from, to int) bool {
		_, err = io.ReadFull(r, b[from:to])
		if err == io.EOF && from > 0 {
			err = io.ErrUnexpectedEOF
		}
		return err == nil
	}
	if !read(0, 1) {
		return 0, fmt.Errorf("reading the greeting: %w", err)
	}
	if b[0] != 0xff {
		return 0, fmt.Errorf("%w: the greeting starts with %#02x, as in ZMTP 1.0 or no ZMTP at all; want 3.x", ErrVersion, b[0])
	}
	if !read(1, signatureSize) {
		return 0, fmt.Errorf("reading the greeting: %w", err)
	}
	if b[signatureSize-1]&1 == 0 {
		return 0, fmt.Errorf("%w: no signature in the greeting, as in ZMTP 1.0; want 3.x", ErrVersion)
	}
	if !read(signatureSize, signatureSize+1) {
		return 0, fmt.Errorf("reading the greeting: %w", err)
	}
	if b[10] < 3 {
		return 0, fmt.Errorf("%w: the greeting has revision %d, as in ZMTP 2.0 or older; want 3.x", ErrVersion, b[10])
	}
	if !read(signatureSize+1, greetingSize) {
		return 0, fmt.Errorf("reading the greeting: %w", err)
	}
	if m := b[mechanismAt:asServerAt]; !bytes.Equal(m, nullMechanism) {
		return 0, fmt.Errorf("%w: %q; want NULL", ErrMechanism, bytes.TrimRight(m, "\x00"))
	}
	if b[10] > 3 {
		return 1, nil // A later version speaks as we do: that is what 3.1 announced.
	}
	return b[11], nil
}
