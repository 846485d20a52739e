package interp

import (
	"bufio"
	"context"
	"errors"
	"io"

	"github.com/adabc437/fanout/interp/session"
)

// userInput is standard input as cells see it: each line is asked of the user
// when it is wanted.
type userInput struct {
	interp *Interp
	rest   []byte
	// buffered is what fmt.Scan and its kin read, and reader what takes the place
	// of os.Stdin where a reader is wanted. Both see the same lines.
	buffered *bufio.Reader
	reader   io.Reader
}

func newUserInput(i *Interp) *userInput {
	u := &userInput{interp: i}
	u.buffered = bufio.NewReader(u)
	u.reader = u.buffered
	return u
}

// Read asks for a line when none is at hand.
func (u *userInput) Read(p []byte) (int, error) {
	if len(u.rest) == 0 {
		r := u.interp.current()
		line, err := r.input("", false)
		if errors.Is(err, context.Canceled) {
			<-r.ctx.Done()
			return 0, io.EOF
		}
		if errors.Is(err, session.ErrNoInput) {
			panic(&session.Diagnostic{Name: "StdinError", Message: err.Error(), Hint: "run the cell in a front end that can ask, or take the value from a variable"})
		}
		if err != nil {
			return 0, err
		}
		u.rest = []byte(line + "\n")
	}
	n := copy(p, u.rest)
	u.rest = u.rest[n:]
	return n, nil
}

// discard forgets what the user typed beyond what the last cell read.
func (u *userInput) discard() {
	u.rest = nil
	u.buffered.Reset(u)
}
