// Package wire holds the messages of the Jupyter protocol, version 5.5: what
// they contain, how they are signed, and how they become frames and back.
//
// It opens no sockets (package zmtp does) and answers no requests (package
// kernel does). Start at [Message], at [Codec], which signs, checks and
// refuses replays, and at [ConnectionInfo], the file in which a front end says
// where the kernel is to listen. The contents of each type of message are
// plain structs named after the type: [ExecuteRequest], [ExecuteReply], ….
//
// The protocol is described in
// https://jupyter-client.readthedocs.io/en/stable/messaging.html, and it counts
// positions in code in Unicode code points: see [ByteOffset] and [CodePoints].
package wire

// ProtocolVersion is the version of the messaging protocol spoken here.
const ProtocolVersion = "5.5"

// A Channel names one of the channels between a front end and a kernel.
type Channel string

// The channels.
const (
	Shell   Channel = "shell"   // requests to run code and about code
	Control Channel = "control" // requests that never wait for running code
	IOPub   Channel = "iopub"   // what the kernel tells everybody
	Stdin   Channel = "stdin"   // the kernel asks, a front end answers
	HB      Channel = "hb"      // the heartbeat: bytes sent back as they came
)

// Channels lists all channels.
var Channels = []Channel{Shell, Control, IOPub, Stdin, HB}
