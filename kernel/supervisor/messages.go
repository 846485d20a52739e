package supervisor

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/adabc437/fanout/interp/session"
)

// A hello is how the child introduces itself.
type hello struct {
	Version  int    `json:"version"`
	PID      int    `json:"pid"`
	Build    string `json:"build,omitempty"`
	MaxStack int64  `json:"max_stack,omitempty"` // bytes that a goroutine's stack may have
	Memory   int64  `json:"memory,omitempty"`    // the memory limit in bytes; 0: none
}

// The bodies of requests that have several parts.
type (
	codeBody struct {
		Code   string `json:"code"`
		Offset int    `json:"offset,omitempty"`
		Detail int    `json:"detail,omitempty"`
	}
	eventBody struct {
		Seq   uint64        `json:"seq"`
		Event session.Event `json:"event"`
	}
	stopBody struct {
		Number uint64 `json:"number"` // of the interrupt; 0: nobody wants to hear that it has come
	}
	heardBody struct {
		Patience time.Duration `json:"patience,omitempty"` // see session.Patient
	}
	inputBody struct {
		Seq      uint64 `json:"seq"`
		Prompt   string `json:"prompt"`
		Password bool   `json:"password,omitempty"`
	}
)

// A wireError is an error that crosses the pipe. Kind names a sentinel that
// callers compare with.
type wireError struct {
	Kind string `json:"kind,omitempty"`
	Text string `json:"text"`
}

// sentinel gives the error of a kind, or nil.
func sentinel(kind string) error {
	switch kind {
	case "no_input":
		return session.ErrNoInput
	case "closed":
		return session.ErrClosed
	case "eof":
		return io.EOF
	case "canceled":
		return context.Canceled
	case "deadline":
		return context.DeadlineExceeded
	}
	return nil
}

// toWire packs err, nil included.
func toWire(err error) *wireError {
	if err == nil {
		return nil
	}
	for _, kind := range []string{"no_input", "closed", "eof", "canceled", "deadline"} {
		if errors.Is(err, sentinel(kind)) {
			return &wireError{Kind: kind, Text: err.Error()}
		}
	}
	return &wireError{Text: err.Error()}
}

// unpack gives the error again: the sentinel itself where it was nothing more,
// otherwise an error with the same text that wraps it.
func (e *wireError) unpack() error {
	if e == nil {
		return nil
	}
	if s := sentinel(e.Kind); s != nil && s.Error() == e.Text {
		return s
	}
	return e
}

func (e *wireError) Error() string { return e.Text }

func (e *wireError) Unwrap() error { return sentinel(e.Kind) }
