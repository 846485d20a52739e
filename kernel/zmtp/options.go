package zmtp

import (
	"log/slog"
	"time"
)

// Options tune a socket. The zero value of every field stands for its default.
type Options struct {
	// Identity is what a dialling DEALER or REQ calls itself: at most 255 bytes, the
	// first of them not zero. By default the ROUTER chooses a name.
	Identity []byte

	// HandshakeTimeout bounds the time from a connection to the end of its
	// handshake. Default 10 s.
	HandshakeTimeout time.Duration
	// Linger bounds how long Close waits for queued messages to be written.
	// Default 1 s; negative: not at all.
	Linger time.Duration

	// MaxFrame bounds a received frame, in bytes. Default 256 MiB.
	MaxFrame int64
	// MaxFrames bounds the number of frames of a received message. Default 4096.
	MaxFrames int
	// MaxMessage bounds all frames of a received message together, in bytes.
	// Default 512 MiB.
	MaxMessage int64

	// QueueMessages bounds the messages queued for one peer. Default 100 000.
	QueueMessages int
	// QueueBytes bounds the bytes queued for one peer, not counting the largest
	// message, which may have any size. Default 64 MiB.
	QueueBytes int64

	// Merge says the same as a run of consecutive Droppable messages in fewer: it
	// returns those that shall take the run's place. It is called for a subscriber
	// that is behind, with runs of MergeRun messages, from the goroutine that
	// publishes; it must not change the messages, nor call the socket. Nil: no
	// merging.
	Merge func(run []Message) []Message

	// ReconnectMin and ReconnectMax bound the pauses between a dialling socket's
	// attempts, which double. Default 50 ms and 2 s.
	ReconnectMin, ReconnectMax time.Duration

	// Logger is told of peers that come, go and misbehave. Default: nobody is.
	Logger *slog.Logger

	zmtp30 bool // speak ZMTP 3.0, for tests
}

// MergeRun is the number of consecutive Droppable messages given to Options.Merge.
const MergeRun = 64

// withDefaults returns o with every zero field replaced by its default.
func (o Options) withDefaults() Options {
	o.HandshakeTimeout = orDefault(o.HandshakeTimeout, 10*time.Second)
	o.Linger = max(0, orDefault(o.Linger, time.Second))
	o.MaxFrame = orDefault(o.MaxFrame, 256<<20)
	o.MaxFrames = orDefault(o.MaxFrames, 4096)
	o.MaxMessage = orDefault(o.MaxMessage, 512<<20)
	o.QueueMessages = orDefault(o.QueueMessages, 100_000)
	o.QueueBytes = orDefault(o.QueueBytes, 64<<20)
	o.ReconnectMin = orDefault(o.ReconnectMin, 50*time.Millisecond)
	o.ReconnectMax = max(o.ReconnectMin, orDefault(o.ReconnectMax, 2*time.Second))
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	return o
}

func orDefault[T comparable](v, def T) T {
	var zero T
	if v == zero {
		return def
	}
	return v
}
