package zmtp

import (
	"fmt"
	"io"
	"net"
	"slices"
)

// Socket types as READY names them.
const (
	typeReq    = "REQ"
	typeRep    = "REP"
	typeDealer = "DEALER"
	typeRouter = "ROUTER"
	typePub    = "PUB"
	typeSub    = "SUB"
	typeXPub   = "XPUB"
	typeXSub   = "XSUB"
)

// partners are the types that each of ours may talk to.
var partners = map[string][]string{
	typeRouter: {typeReq, typeDealer, typeRouter},
	typeDealer: {typeRep, typeDealer, typeRouter},
	typeXPub:   {typeSub, typeXSub},
	typeSub:    {typePub, typeXPub},
	typeRep:    {typeReq, typeDealer},
	typeReq:    {typeRep, typeRouter},
}

// A turn says when a side of a connection sends its READY.
type turn bool

const (
	// atOnce is for the side that dials.
	atOnce turn = false
	// onceAdmitted is for the side that listens: whoever has read our READY may act
	// on it elsewhere, and must be known here by then. The caller sends it.
	onceAdmitted turn = true
)

// handshake exchanges greetings and READY commands, and returns what the peer is
// and the minor version it speaks. Deadlines are the caller's.
func handshake(conn net.Conn, in *reader, me hello, minor byte, when turn) (hello, byte, error) {
	if _, err := conn.Write(greeting(minor)); err != nil {
		return hello{}, 0, fmt.Errorf("writing the greeting: %w", err)
	}
	theirs, err := readGreeting(in.buf)
	if err != nil {
		return hello{}, 0, err
	}
	if when == atOnce {
		if err := writeReady(conn, me); err != nil {
			return hello{}, 0, err
		}
	}
	peer, err := readReady(in)
	if err != nil {
		return hello{}, 0, err
	}
	if !slices.Contains(partners[me.socketType], peer.socketType) {
		err := fmt.Errorf("%w: %q cannot talk to %s", ErrSocketType, peer.socketType, me.socketType)
		writeCommand(conn, errorCommand("Invalid socket type")) // It may be gone: nothing to do.
		return hello{}, 0, err
	}
	in.ready = true
	return peer, min(minor, theirs), nil
}

// writeReady writes the command that ends the handshake for the other side.
func writeReady(conn net.Conn, me hello) error {
	if err := writeCommand(conn, me.ready()); err != nil {
		return fmt.Errorf("writing READY: %w", err)
	}
	return nil
}

// readReady reads the command that ends the handshake.
func readReady(in *reader) (hello, error) {
	t, err := in.next()
	if err != nil {
		return hello{}, fmt.Errorf("reading READY: %w", truncated(err))
	}
	switch t.command.name {
	case cmdReady:
		return parseReady(t.command.data)
	case cmdError:
		return hello{}, fmt.Errorf("%w: %q", ErrRefused, parseError(t.command.data))
	}
	return hello{}, fmt.Errorf("%w: command %q before READY", ErrProtocol, t.command.name)
}

func writeCommand(w io.Writer, c command) error {
	_, err := w.Write(encodeCommand(c.body()).chunks[0])
	return err
}
