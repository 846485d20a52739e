// Package tty reads keys from a terminal, asks the terminal what it can do, and
// paints the lines that are being typed.
//
// Start at [Open] and [Terminal.Next]; [Painter] paints.
package tty

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"
	"unicode/utf8"

	"github.com/muesli/cancelreader"

	"github.com/adabc437/fanout/frontend/term"
)

// escapeTime is how long the rest of an escape sequence may take. What comes later
// is taken as keys, the first of them Esc.
const escapeTime = 50 * time.Millisecond

// A Terminal gives events. Its methods, but for Wake, are called from one goroutine at
// a time.
type Terminal struct {
	in      *os.File
	restore func() error

	pending []byte     // read and not decoded
	held    []Event    // decoded and given back
	flight  chan chunk // of the read that is under way; nil if none is
	reader  cancelreader.CancelReader
	woken   chan struct{}
}

// ErrWoken is what Next returns after Wake.
var ErrWoken = errors.New("woken")

// Wake has Next return, now or at its next call, from whichever goroutine.
func (t *Terminal) Wake() {
	select {
	case t.woken <- struct{}{}:
	default:
	}
}

type chunk struct {
	data []byte
	err  error
}

// Open takes over the terminal in: its keys no longer show, and Ctrl-C is a key.
func Open(in *os.File) (*Terminal, error) {
	t := &Terminal{in: in, woken: make(chan struct{}, 1)}
	restore, err := term.Raw(in, false)
	if err != nil {
		return nil, err
	}
	t.restore = restore
	return t, nil
}

// Signals says whether Ctrl-C is a signal, as it should be while a cell runs,
// rather than a key.
func (t *Terminal) Signals(on bool) error {
	_, err := term.Raw(t.in, on)
	return err
}

// Close gives the terminal back as it was.
func (t *Terminal) Close() error {
	t.stop()
	return t.restore()
}

// Lend gives the terminal back as it was while f runs, such as an editor.
func (t *Terminal) Lend(f func() error) error {
	t.stop()
	if err := t.restore(); err != nil {
		return fmt.Errorf("lend the terminal: %w", err)
	}
	err := f()
	_, rawErr := term.Raw(t.in, false)
	return errors.Join(err, rawErr)
}

// Next gives the next event. The error is io.EOF when the terminal is gone, or
// ctx's; what was typed by then is kept.
func (t *Terminal) Next(ctx context.Context) (Event, error) {
	if len(t.held) > 0 {
		ev := t.held[0]
		t.held = t.held[1:]
		return ev, nil
	}
	for {
		if ev, n := Decode(t.pending, false); n > 0 {
			t.pending = t.pending[n:]
			if ev != (Event{}) {
				return ev, nil
			}
			continue
		}
		err := t.more(ctx)
		if errors.Is(err, errNoMore) {
			ev, n := Decode(t.pending, true)
			t.pending = t.pending[n:]
			if ev != (Event{}) {
				return ev, nil
			}
			continue
		}
		if err != nil {
			return Event{}, err
		}
	}
}

// Unread has Next give events again before all others.
func (t *Terminal) Unread(events ...Event) { t.held = append(events, t.held...) }

// Waiting says whether an event is there already, as when text is pasted without
// brackets.
func (t *Terminal) Waiting() bool { return len(t.held) > 0 || len(t.pending) > 0 }

// Burst says whether text is there already behind a key that was just given, as when it
// is pasted without brackets: behind Tab on the same line, and behind others on
// whichever.
func (t *Terminal) Burst(key string) bool {
	blank := " \t\r\n"
	if key == "Tab" {
		blank = " \t"
	}
	for _, ev := range t.held {
		switch ev.Key {
		case "Tab":
		case "Enter", "C-j":
			if key == "Tab" {
				return false
			}
		default:
			return utf8.RuneCountInString(ev.Key) == 1
		}
	}
	rest := bytes.TrimLeft(t.pending, blank)
	return len(rest) > 0 && rest[0] > 0x20 && rest[0] != 0x7f
}

// errNoMore says that the rest of a sequence did not come in time.
var errNoMore = errors.New("no more input in time")

// more waits for more bytes.
func (t *Terminal) more(ctx context.Context) error {
	var late <-chan time.Time
	if len(t.pending) > 0 {
		timer := time.NewTimer(escapeTime)
		defer timer.Stop()
		late = timer.C
	}
	if t.flight == nil {
		if err := t.start(); err != nil {
			return err
		}
	}
	select {
	case c := <-t.flight:
		t.flight = nil
		t.pending = append(t.pending, c.data...)
		if len(c.data) > 0 {
			return nil
		}
		if c.err == nil {
			c.err = io.EOF
		}
		return c.err
	case <-late:
		return errNoMore
	case <-t.woken:
		return ErrWoken
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// start begins a read.
func (t *Terminal) start() error {
	if t.reader == nil {
		r, err := cancelreader.NewReader(t.in)
		if err != nil {
			return fmt.Errorf("read the terminal: %w", err)
		}
		t.reader = r
	}
	r, flight := t.reader, make(chan chunk, 1)
	t.flight = flight
	go func() {
		buf := make([]byte, 32<<10)
		n, err := r.Read(buf)
		flight <- chunk{buf[:n], err}
	}()
	return nil
}

// stop ends the read that is under way and keeps what it has read.
func (t *Terminal) stop() {
	if t.reader == nil {
		return
	}
	if t.flight != nil && t.reader.Cancel() {
		c := <-t.flight
		t.pending = append(t.pending, c.data...)
		t.flight = nil
	}
	_ = t.reader.Close()
	t.reader = nil
}
