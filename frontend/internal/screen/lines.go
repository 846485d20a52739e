package screen

import (
	"bufio"
	"context"
	"errors"
	"io"
	"strings"
)

// Lines reads lines, one when it is asked for. A reader cannot be interrupted,
// but the wait for it can: the line that then arrives goes to whoever asks next.
type Lines struct {
	reader *bufio.Reader
	turn   chan struct{} // holds one token: who has it may use what follows
	coming chan line     // nil if no read is under way
}

type line struct {
	text string
	err  error
}

// NewLines reads from r.
func NewLines(r io.Reader) *Lines {
	l := &Lines{reader: bufio.NewReader(r), turn: make(chan struct{}, 1)}
	l.turn <- struct{}{}
	return l
}

// Next gives the next line without its line end, io.EOF after the last one, or
// ctx's error. A last line that has no line end is a line.
func (l *Lines) Next(ctx context.Context) (string, error) {
	if err := ctx.Err(); err != nil {
		return "", err
	}
	select {
	case <-l.turn:
		defer func() { l.turn <- struct{}{} }()
	case <-ctx.Done():
		return "", ctx.Err()
	}
	if l.coming == nil {
		l.coming = make(chan line, 1)
		go l.read(l.coming)
	}
	select {
	case got := <-l.coming:
		l.coming = nil
		return got.text, got.err
	case <-ctx.Done():
		return "", ctx.Err()
	}
}

func (l *Lines) read(to chan<- line) {
	text, err := l.reader.ReadString('\n')
	if errors.Is(err, io.EOF) && text != "" {
		err = nil
	}
	to <- line{strings.TrimSuffix(strings.TrimSuffix(text, "\n"), "\r"), err}
}
