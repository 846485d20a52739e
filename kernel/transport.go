package kernel

import (
	"context"

	"github.com/adabc437/fanout/kernel/wire"
)

// A Transport carries what a kernel says to its clients. Its methods may be
// called from any goroutine, at any time between Kernel.Start and the end of the
// process, and must not wait for a client to read: what a client is slow to take
// is queued for that client alone, within bounds. Messages of one calling
// goroutine arrive in the order of the calls. A message that was passed in must
// not be changed.
type Transport interface {
	// Send sends m on the shell, control or stdin channel to the one client that
	// m.Identities names. An error says that this client cannot be reached, or that
	// ctx ended while a client that has not connected its stdin yet was given the
	// time to do so.
	Send(ctx context.Context, ch wire.Channel, m *wire.Message) error

	// Publish sends m on the iopub channel to everyone who subscribed to the topic
	// in m.Identities.
	Publish(m *wire.Message, class Class)
}

// A Class says what may be done with a published message when a subscriber does
// not keep up.
type Class int

// The classes.
const (
	// Reliable messages are delivered or the subscriber is dropped: statuses,
	// results, errors, displays.
	Reliable Class = iota
	// Droppable messages may be merged with their neighbours or left out: the text
	// of streams.
	Droppable
)
