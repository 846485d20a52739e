package supervisor

import (
	"errors"
	"os"
	"sync"
)

// outputs keeps the session process's stdout and stderr, so that a cell that closes
// one of them silences itself and not the session.
type outputs struct {
	mu   sync.Mutex
	kept [2]*os.File // nil is what cannot be kept
}

func keepOutputs() *outputs {
	o := &outputs{}
	for n, f := range []*os.File{os.Stdout, os.Stderr} {
		if d, err := duplicate(f, 3); err == nil {
			o.kept[n] = d
		}
	}
	return o
}

// reopen opens again what is closed.
func (o *outputs) reopen() {
	if o == nil { // of a server that is no process of its own
		return
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	for n, f := range []**os.File{&os.Stdout, &os.Stderr} {
		if o.kept[n] == nil {
			continue
		}
		if *f != nil {
			if _, err := (*f).Stat(); !errors.Is(err, os.ErrClosed) {
				continue
			}
		}
		if d, err := duplicate(o.kept[n], n+1); err == nil {
			*f = d
		}
	}
}
