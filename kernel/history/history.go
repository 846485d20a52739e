// Package history keeps the cells that were run, across sessions, so that a
// front end can offer them again.
//
// A [Store] is one session's view of the history: [Open] gives one that lasts,
// in an SQLite file that several kernels may share, and [Memory] one that does
// not. Each run of a kernel is a session with a number, and each cell has a line
// number within it. What can be asked — [Store.Tail], [Store.Range] and
// [Store.Search] — is what Jupyter's history_request asks:
// https://jupyter-client.readthedocs.io/en/stable/messaging.html#history
//
// History is a convenience: nothing that goes wrong with the file reaches the
// user as more than one warning, and from then on the session's history is kept
// in memory.
package history

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
)

// ErrClosed is returned by what is asked of a Store after Close.
var ErrClosed = errors.New("the history is closed")

// The bounds of a history.
const (
	// DefaultMaxEntries is how many entries a file keeps by default. When a
	// session begins, older ones are removed.
	DefaultMaxEntries = 100_000
	// MaxText is the largest input and the largest output in bytes that is kept;
	// what is larger is left out.
	MaxText = 1 << 20
	// pending is how many entries may wait to be written.
	pending = 256
)

// An Entry is one cell of the history.
type Entry struct {
	Session int
	Line    int
	Input   string
	// Output is the plain text of the cell's result, if it was kept.
	Output string
}

// Options say where a Store keeps its entries.
type Options struct {
	// Path is the file; its folder is made if need be.
	Path string
	// MaxEntries bounds the file; 0 means DefaultMaxEntries.
	MaxEntries int
	// Warn is told, once at most, that the file cannot be used. Nil logs it with
	// slog's default logger.
	Warn func(error)
}

// A Store is one session's view of a history. Its methods may be called from any
// goroutine. Reads see every write that was called before them.
type Store struct {
	ops  chan op
	done chan struct{} // closed when the worker has ended

	mu     sync.RWMutex // held for reading while sending to ops
	closed bool
}

// An op is one write (entry or output) or one read, as the worker takes them.
type op struct {
	write *write
	// read asks the backend. Its error asks to be called with another backend;
	// there is none with last, in which case the caller is told.
	read func(b backend, last bool) error
}

// A write adds an entry, or with output set, the output of an entry.
type write struct {
	entry  Entry
	output bool
}

// A backend holds entries. Only the worker calls it.
type backend interface {
	// write applies writes for the current session, all of them or none.
	write([]write) error
	// current is the number of the current session.
	current() (int, error)
	// tail returns the last n entries, oldest first.
	tail(n int) ([]Entry, error)
	// rangeOf returns the entries of a session with start <= line < stop; stop 0
	// means all.
	rangeOf(session, start, stop int) ([]Entry, error)
	// search returns the last n entries (all if n is 0) whose input matches a glob
	// pattern, oldest first; with unique, of equal inputs the last only.
	search(pattern string, n int, unique bool) ([]Entry, error)
	close() error
}

// Open returns a Store over a file. It does not touch the file: that happens
// behind the scenes at the first use, so that it costs a starting kernel
// nothing. A file that cannot be used is told to Options.Warn, left as it is,
// and the session's history is kept in memory.
func Open(o Options) *Store {
	if o.MaxEntries <= 0 {
		o.MaxEntries = DefaultMaxEntries
	}
	if o.Warn == nil {
		o.Warn = func(err error) { slog.Warn(err.Error()) }
	}
	return start(func() *worker {
		b, err := openSQLite(o.Path, o.MaxEntries)
		if err != nil {
			o.Warn(unusable(o.Path, err))
			return &worker{backend: newMemory(o.MaxEntries)}
		}
		return &worker{backend: b, fallBack: func(err error) backend {
			o.Warn(unusable(o.Path, err))
			return newMemory(o.MaxEntries)
		}}
	})
}

func unusable(path string, err error) error {
	return fmt.Errorf("the history file %s cannot be used, so this session's history is kept in memory only "+
		"(move the file away to begin a new one): %w", path, err)
}

// Memory returns a Store that is forgotten with the process.
func Memory() *Store {
	return start(func() *worker { return &worker{backend: newMemory(DefaultMaxEntries)} })
}

func start(open func() *worker) *Store {
	s := &Store{ops: make(chan op, pending), done: make(chan struct{})}
	go func() {
		defer close(s.done)
		first, ok := <-s.ops
		if !ok {
			return // never used
		}
		w := open()
		defer func() { w.backend.close() }() // the one it ends with
		w.run(first, s.ops)
	}()
	return s
}

// Append records the input of the cell with the given line number. It does not
// wait for the disk.
func (s *Store) Append(line int, input string) {
	if len(input) > MaxText {
		return
	}
	s.send(op{write: &write{entry: Entry{Line: line, Input: input}}})
}

// SetOutput records the result of the cell with the given line number as text.
// It does not wait for the disk.
func (s *Store) SetOutput(line int, output string) {
	if len(output) > MaxText {
		return
	}
	s.send(op{write: &write{entry: Entry{Line: line, Output: output}, output: true}})
}

// Tail returns the last n entries of all sessions, oldest first.
func (s *Store) Tail(ctx context.Context, n int) ([]Entry, error) {
	return s.query(ctx, func(b backend) ([]Entry, error) {
		if n <= 0 {
			return nil, nil
		}
		return b.tail(n)
	})
}

// Range returns the entries of one session whose line number is start at least
// and less than stop. Session 0 is the current one, and negative numbers count
// back from it. A negative start or stop counts from the line after the
// session's last, and stop 0 means up to the last.
func (s *Store) Range(ctx context.Context, session, start, stop int) ([]Entry, error) {
	return s.query(ctx, func(b backend) ([]Entry, error) {
		if session <= 0 {
			current, err := b.current()
			if err != nil {
				return nil, err
			}
			if session += current; session <= 0 {
				return nil, nil
			}
		}
		if start >= 0 && stop >= 0 {
			return b.rangeOf(session, start, stop)
		}
		all, err := b.rangeOf(session, 0, 0)
		if err != nil || len(all) == 0 {
			return nil, err
		}
		end := all[len(all)-1].Line + 1
		if start < 0 {
			start = max(0, start+end)
		}
		if stop < 0 {
			if stop += end; stop <= 0 {
				return nil, nil
			}
		}
		return b.rangeOf(session, start, stop)
	})
}

// Search returns the last n entries (all of them if n is 0) whose whole input
// matches pattern, oldest first. In a pattern * stands for any text and ? for
// any one character. With unique, inputs that are equal are returned once, where
// they were last used.
func (s *Store) Search(ctx context.Context, pattern string, n int, unique bool) ([]Entry, error) {
	return s.query(ctx, func(b backend) ([]Entry, error) { return b.search(pattern, max(n, 0), unique) })
}

// Close writes what is still to be written and frees the file.
func (s *Store) Close() error {
	s.mu.Lock()
	if !s.closed {
		s.closed = true
		close(s.ops)
	}
	s.mu.Unlock()
	<-s.done
	return nil
}

func (s *Store) send(o op) bool {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.closed {
		return false
	}
	s.ops <- o
	return true
}

func (s *Store) query(ctx context.Context, ask func(backend) ([]Entry, error)) ([]Entry, error) {
	type answer struct {
		entries []Entry
		err     error
	}
	got := make(chan answer, 1)
	read := func(b backend, last bool) error {
		entries, err := ask(b)
		if err != nil && !last {
			return err
		}
		if err != nil {
			err = fmt.Errorf("history: %w", err)
		}
		got <- answer{entries, err}
		return nil
	}
	if !s.send(op{read: read}) {
		return nil, ErrClosed
	}
	select {
	case a := <-got:
		return a.entries, a.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// A worker is the one goroutine that uses a backend.
type worker struct {
	backend backend
	// fallBack gives the backend to go on with after a failure; nil if there is no
	// other.
	fallBack func(error) backend
}

// run takes ops in their order until the channel is closed. Writes that wait
// already are made together.
func (w *worker) run(first op, ops <-chan op) {
	next, more := first, true
	for more {
		var writes []write
		for more && next.read == nil {
			writes = append(writes, *next.write)
			select {
			case next, more = <-ops:
				continue
			default:
			}
			w.write(writes)
			writes = nil
			next, more = <-ops
		}
		w.write(writes)
		if more {
			w.read(next.read)
			next, more = <-ops
		}
	}
}

func (w *worker) write(writes []write) {
	if len(writes) == 0 {
		return
	}
	err := w.backend.write(writes)
	if err == nil || w.fallBack == nil {
		return
	}
	w.replace(err)
	w.write(writes)
}

func (w *worker) read(read func(backend, bool) error) {
	if err := read(w.backend, w.fallBack == nil); err != nil {
		w.replace(err)
		w.read(read)
	}
}

// replace goes on with another backend, because of err.
func (w *worker) replace(err error) {
	w.backend.close()
	w.backend, w.fallBack = w.fallBack(err), nil
}
