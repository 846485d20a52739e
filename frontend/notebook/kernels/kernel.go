package kernels

import (
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/adabc437/fanout/kernel"
	"github.com/adabc437/fanout/kernel/wire"
)

// maxHeld bounds the messages that wait for a restart to end.
const maxHeld = 10_000

// A Kernel is one kernel. A restart gives it a new session; its id and its
// clients stay. Its methods may be called from any goroutine.
type Kernel struct {
	m      *Manager
	id     string
	spec   Spec
	sender *wire.Sender // of what is not the kernel's own to say

	life sync.Mutex // held by whoever starts or ends the session

	mu      sync.Mutex
	current *run // nil while there is no session
	ready   bool // current has been given what was held
	ended   bool // for good
	status  Status
	changed chan struct{} // closed and renewed when status changes
	active  time.Time
	clients map[string]*Client // by identity
	held    []held             // what came during a restart
}

// A held message waits for the session to be there.
type held struct {
	ch wire.Channel
	m  *wire.Message
}

func newKernel(m *Manager, spec Spec) *Kernel {
	return &Kernel{
		m: m, id: wire.NewID(), spec: spec, sender: wire.NewSender("fanout"),
		status: Starting, changed: make(chan struct{}), active: time.Now(), clients: make(map[string]*Client),
	}
}

// ID is the kernel's id.
func (k *Kernel) ID() string { return k.id }

// Spec is what the kernel was started as.
func (k *Kernel) Spec() Spec { return k.spec }

// Status is what the kernel is doing.
func (k *Kernel) Status() Status {
	s, _ := k.Watch()
	return s
}

// Watch returns the status, and a channel that is closed once it is another or
// the kernel has ended.
func (k *Kernel) Watch() (Status, <-chan struct{}) {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.status, k.changed
}

// Ended says that the kernel has ended for good.
func (k *Kernel) Ended() bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.ended
}

// Active is when the kernel last said something, and Clients how many it has.
func (k *Kernel) Active() (last time.Time, clients int) {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.active, len(k.clients)
}

// Interrupt stops the running cells of all shells.
func (k *Kernel) Interrupt() error {
	k.mu.Lock()
	r, ended := k.current, k.ended
	k.mu.Unlock()
	switch {
	case ended:
		return ErrGone
	case r != nil:
		r.kernel.Interrupt()
	}
	return nil
}

// Restart ends the session and starts another. Requests that wait are answered
// as aborted; those that come meanwhile are kept for the new session. On error the
// kernel is Dead, and may be restarted again.
func (k *Kernel) Restart() error {
	k.life.Lock()
	defer k.life.Unlock()
	if k.Ended() {
		return ErrGone
	}
	if k.Status() != Starting {
		k.setStatus(Restarting)
	}
	if err := k.stop(); err != nil {
		k.m.log.Warn("session that did not close well", "kernel", k.id, "error", err)
	}
	if err := k.begin(); err != nil {
		k.setStatus(Dead)
		return fmt.Errorf("start kernel %s: %w", k.id, err)
	}
	return nil
}

// Shutdown ends the kernel for good. Its clients hear ErrGone.
func (k *Kernel) Shutdown() error {
	k.life.Lock()
	defer k.life.Unlock()
	if k.Ended() {
		return nil
	}
	k.m.remove(k)
	k.setStatus(Dead)
	err := k.stop()
	k.end()
	return err
}

// stop closes the session, if there is one.
func (k *Kernel) stop() error {
	k.mu.Lock()
	r := k.current
	k.current, k.ready = nil, false
	k.mu.Unlock()
	if r == nil {
		return nil
	}
	err := r.kernel.Close()
	r.over.Store(true)
	return err
}

// begin starts a session and gives it what waits for one.
func (k *Kernel) begin() error {
	sess, err := k.m.opt.Start(k.m.ctx, k.spec)
	if err != nil {
		return err
	}
	config := kernel.Config{Session: sess, Info: k.m.opt.Info, HTML: true, Logger: k.m.log}
	if k.m.opt.History != nil {
		config.History = k.m.opt.History()
	}
	inner, err := kernel.New(config)
	if err != nil {
		return errors.Join(err, sess.Close())
	}
	r := &run{of: k, kernel: inner, cells: make(map[string]int)}
	k.mu.Lock()
	k.current = r
	k.mu.Unlock()
	inner.Start(r)
	k.setStatus(Idle)
	k.release(r)
	k.m.running.Go(func() { k.await(r) })
	return nil
}

// release hands r what was kept for it, and from then on what comes.
func (k *Kernel) release(r *run) {
	for {
		k.mu.Lock()
		waiting := k.held
		k.held = nil
		if len(waiting) == 0 {
			k.ready = true
			k.mu.Unlock()
			return
		}
		k.mu.Unlock()
		for _, h := range waiting {
			r.kernel.Handle(h.ch, h.m)
		}
	}
}

// await does what the session's kernel asks for when it was asked to end by a
// message, and nothing when its owner has ended it.
func (k *Kernel) await(r *run) {
	<-r.kernel.Done()
	k.mu.Lock()
	ours := k.current == r
	k.mu.Unlock()
	if !ours {
		return
	}
	var err error
	if r.kernel.Restart() {
		err = k.Restart()
	} else {
		err = k.Shutdown()
	}
	if err != nil {
		k.m.log.Warn("kernel that was asked to end", "kernel", k.id, "error", err)
	}
}

// end lets the clients go.
func (k *Kernel) end() {
	k.mu.Lock()
	k.ended = true
	k.held = nil
	clients := k.clients
	k.clients = make(map[string]*Client)
	close(k.changed)
	k.changed = make(chan struct{})
	k.mu.Unlock()
	for _, c := range clients {
		c.finish(ErrGone)
	}
}

// setStatus changes the status and, if it is another, tells the clients, who hear
// from the session's kernel only what that one knows. They are not told of a
// restart that somebody asked for: JupyterLab takes that for a kernel that has died.
func (k *Kernel) setStatus(s Status) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if !k.become(s) || s == Restarting {
		return
	}
	if s == Dead {
		k.held = nil
	}
	m, err := k.sender.New("status", nil, wire.KernelStatus{ExecutionState: string(s)})
	if err != nil {
		panic(err) // a string always marshals
	}
	k.send(m, kernel.Reliable)
}

// become sets the status, and says whether it was another. The caller holds mu.
func (k *Kernel) become(s Status) bool {
	if k.status == s {
		return false
	}
	k.status = s
	close(k.changed)
	k.changed = make(chan struct{})
	return true
}

// send queues m for all clients. The caller holds mu.
func (k *Kernel) send(m *wire.Message, class kernel.Class) {
	k.active = time.Now()
	for id, c := range k.clients {
		if c.put(wire.IOPub, m, class) != nil {
			delete(k.clients, id) // it was cut off
		}
	}
}

// handle takes what a client sends.
func (k *Kernel) handle(ch wire.Channel, m *wire.Message) error {
	k.mu.Lock()
	switch r := k.current; {
	case k.ended:
		k.mu.Unlock()
		return ErrGone
	case r != nil && k.ready:
		k.mu.Unlock()
		r.kernel.Handle(ch, m)
		return nil
	case k.status == Dead:
		k.mu.Unlock()
		return ErrDead
	}
	defer k.mu.Unlock()
	if len(k.held) >= maxHeld {
		return fmt.Errorf("%d messages wait for the kernel to restart, which is too many", len(k.held))
	}
	k.held = append(k.held, held{ch, m})
	return nil
}
