// Package kernels holds the kernels that run in this program: it starts, lists,
// interrupts, restarts and shuts them down by id, and connects clients to them
// without a socket between.
//
// Start at [Manager.Start] and [Kernel.Connect]. A [Client] is one end of a
// conversation in Jupyter's messages: a page's websocket is one, and so is an open
// notebook that lives on the server. What runs Go is given by [Options].Start, so
// that this package knows nothing of processes.
package kernels

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"

	"github.com/adabc437/fanout/interp/session"
	"github.com/adabc437/fanout/kernel"
	"github.com/adabc437/fanout/kernel/history"
)

var (
	// ErrGone says that the kernel has ended.
	ErrGone = errors.New("the kernel has ended: start another")
	// ErrDead says that the kernel has no session, because one could not be started.
	ErrDead = errors.New("the kernel is dead: restart it")
	// ErrSlow says that a client was cut off because it did not take what the kernel
	// sent it.
	ErrSlow = errors.New("the client did not read what the kernel sent it")
	// ErrClosed says that a client was closed by its owner.
	ErrClosed = errors.New("the client is closed")
	// ErrTooMany says that no further kernel may be started.
	ErrTooMany = errors.New("too many kernels")
)

// A Status is what a kernel is doing, in Jupyter's words.
type Status string

// The statuses.
const (
	Starting   Status = "starting"
	Idle       Status = "idle"
	Busy       Status = "busy" // a cell runs
	Restarting Status = "restarting"
	Dead       Status = "dead" // there is no session: Restart may help
)

// DefaultMax is how many kernels there may be at once.
const DefaultMax = 64

// A Spec says which kernel to start.
type Spec struct {
	// Name is the name of the kernelspec.
	Name string
	// Dir is the folder that cells run in; empty is that of this program.
	Dir string
}

// Options say how kernels are made. Start is needed.
type Options struct {
	// Start starts what runs the cells. ctx bounds the start alone.
	Start func(ctx context.Context, spec Spec) (session.Session, error)
	// History opens the history of one kernel; nil forgets it.
	History func() *history.Store
	// Info is what kernels say of themselves.
	Info kernel.Info
	// Max bounds how many there are; 0 means DefaultMax.
	Max int
	// Logger is told what users are not; nil drops it.
	Logger *slog.Logger
}

// A Manager owns kernels. Its methods may be called from any goroutine.
type Manager struct {
	opt     Options
	log     *slog.Logger
	ctx     context.Context // of starts; ends with Close
	cancel  context.CancelFunc
	running sync.WaitGroup // the goroutines that wait for kernels to end

	mu      sync.Mutex
	kernels []*Kernel // oldest first
	closed  bool
}

// NewManager returns a Manager without kernels.
func NewManager(o Options) (*Manager, error) {
	if o.Start == nil {
		return nil, errors.New("kernels: Options.Start is nil")
	}
	if o.Max == 0 {
		o.Max = DefaultMax
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	ctx, cancel := context.WithCancel(context.Background())
	return &Manager{opt: o, log: o.Logger, ctx: ctx, cancel: cancel}, nil
}

// Start starts a kernel. The error wraps ErrTooMany or ErrGone (the Manager is
// closed), or says why the session could not be started.
func (m *Manager) Start(spec Spec) (*Kernel, error) {
	k := newKernel(m, spec)
	if err := m.add(k); err != nil {
		return nil, err
	}
	if err := k.Restart(); err != nil { // the first start is like any other
		m.remove(k)
		k.end()
		return nil, err
	}
	return k, nil
}

func (m *Manager) add(k *Kernel) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	switch {
	case m.closed:
		return fmt.Errorf("start a kernel: %w", ErrGone)
	case len(m.kernels) >= m.opt.Max:
		return fmt.Errorf("start a kernel: %w: there are %d, shut one down first", ErrTooMany, len(m.kernels))
	}
	m.kernels = append(m.kernels, k)
	return nil
}

func (m *Manager) remove(k *Kernel) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.kernels = slices.DeleteFunc(m.kernels, func(other *Kernel) bool { return other == k })
}

// Get returns the kernel with the given id.
func (m *Manager) Get(id string) (*Kernel, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, k := range m.kernels {
		if k.id == id {
			return k, true
		}
	}
	return nil, false
}

// List returns all kernels, oldest first.
func (m *Manager) List() []*Kernel {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.kernels)
}

// Close shuts all kernels down, and returns when they have ended. None can be
// started after it.
func (m *Manager) Close() error {
	m.mu.Lock()
	m.closed = true
	all := slices.Clone(m.kernels)
	m.mu.Unlock()
	m.cancel()
	errs := make([]error, len(all))
	var closing sync.WaitGroup
	for i, k := range all {
		closing.Go(func() { errs[i] = k.Shutdown() })
	}
	closing.Wait()
	m.running.Wait()
	return errors.Join(errs...)
}
