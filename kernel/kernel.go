package kernel

import (
	"context"
	"errors"
	"log/slog"
	"runtime"
	"strings"
	"sync"

	"github.com/adabc437/fanout/interp/session"
	"github.com/adabc437/fanout/kernel/history"
	"github.com/adabc437/fanout/kernel/wire"
)

// A Config says what a Kernel is made of.
type Config struct {
	// Session runs the cells. The kernel closes it.
	Session session.Session
	// History remembers the cells. The kernel closes it. Nil forgets them when the
	// kernel ends.
	History *history.Store
	// Info is what the kernel says of itself.
	Info Info
	// HTML says that the front ends show HTML.
	HTML bool
	// Connection is what connect_request is answered with, if not nil.
	Connection *wire.ConnectionInfo
	// Logger is told what users are not; nil drops it.
	Logger *slog.Logger
}

// Info is what a kernel says of itself in kernel_info_reply.
type Info struct {
	// Version is the version of Fanout.
	Version string
	// GoVersion is the version of Go that cells are written in; empty means the
	// one this program was built with.
	GoVersion string
	// Banner greets the users of consoles.
	Banner    string
	HelpLinks []wire.HelpLink
}

// A Kernel answers the requests of front ends. Its methods may be called from
// any goroutine.
type Kernel struct {
	config  Config
	session session.Session
	history *history.Store
	log     *slog.Logger
	sender  *wire.Sender
	started chan struct{} // closed once transport is set
	// transport is set by Start and constant after it.
	transport Transport

	ctx     context.Context // of all requests
	cancel  context.CancelFunc
	running sync.WaitGroup // the queues' goroutines
	control *queue
	inputs  inputs
	done    chan struct{} // closed when the kernel was asked to end
	closing sync.Once
	closed  error // the result of Close

	mu      sync.Mutex
	shells  map[string]*queue // by subshell id; "" is the main shell
	order   []string          // the ids of the subshells, oldest first
	ended   bool              // no new shells
	restart bool
	cells   int // cells that were counted: the number of the last one
	serial  int // cells that were run at all
}

// New returns a Kernel, which answers nothing before Start.
func New(c Config) (*Kernel, error) {
	if c.Session == nil {
		return nil, errors.New("kernel: Config.Session is nil")
	}
	if c.History == nil {
		c.History = history.Memory()
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	if c.Info.GoVersion == "" {
		c.Info.GoVersion = strings.TrimPrefix(runtime.Version(), "go")
	}
	if c.Info.HelpLinks == nil {
		c.Info.HelpLinks = []wire.HelpLink{}
	}
	ctx, cancel := context.WithCancel(context.Background())
	k := &Kernel{
		config: c, session: c.Session, history: c.History, log: c.Logger,
		sender:  wire.NewSender("fanout"),
		started: make(chan struct{}), done: make(chan struct{}),
		ctx: ctx, cancel: cancel, shells: make(map[string]*queue),
	}
	k.control = newQueue(k, wire.Control, "")
	k.shells[""] = newQueue(k, wire.Shell, "")
	return k, nil
}

// Start makes the kernel speak through t, publish that it is starting, and
// answer requests. It is called once.
func (k *Kernel) Start(t Transport) {
	k.transport = t
	close(k.started)
	k.publish(nil, "status", wire.KernelStatus{ExecutionState: "starting"}, Reliable)
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.ended {
		return
	}
	k.start(k.control)
	k.start(k.shells[""])
}

func (k *Kernel) start(q *queue) { k.running.Go(q.run) }

// Handle takes a message from the client that m.Identities names, on the shell,
// control or stdin channel. It returns at once; what there is to answer goes to
// the Transport. The message must not be changed after the call.
func (k *Kernel) Handle(ch wire.Channel, m *wire.Message) {
	select {
	case <-k.started:
	default:
		k.log.Warn("message before the kernel was started", "type", m.Type())
		return
	}
	switch ch {
	case wire.Control:
		k.control.push(m)
	case wire.Shell:
		k.mu.Lock()
		q := k.shells[m.Header.SubshellID]
		k.mu.Unlock()
		if q == nil {
			r := &request{k: k, channel: wire.Shell, ctx: k.ctx, msg: m}
			r.refuse(noSubshell(m.Header.SubshellID))
			return
		}
		q.push(m)
	case wire.Stdin:
		k.inputReply(m)
	default:
		k.log.Warn("message on a channel that takes none", "channel", ch, "type", m.Type())
	}
}

// Interrupt stops what is running in every shell, as interrupt_request and
// SIGINT do. A second call while the first has not had its effect is harsher:
// see session.Session.
func (k *Kernel) Interrupt() {
	k.mu.Lock()
	for _, q := range k.shells {
		q.interrupt()
	}
	k.mu.Unlock()
	k.session.Interrupt()
	k.inputs.cancel()
}

// Shutdown asks the kernel's owner to close it, as shutdown_request does, by
// closing Done. restart says that another kernel is to take its place.
func (k *Kernel) Shutdown(restart bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	select {
	case <-k.done:
	default:
		k.restart = restart
		close(k.done)
	}
}

// Done is closed when the kernel was asked to end. Its owner then calls Close.
func (k *Kernel) Done() <-chan struct{} { return k.done }

// Restart says, after Done, whether another kernel is to take this one's place.
func (k *Kernel) Restart() bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.restart
}

// Welcome makes the message that tells a new subscriber to iopub that its
// subscription is in force. The Transport sends it, to that subscriber alone if
// it can.
//
// https://jupyter-client.readthedocs.io/en/stable/messaging.html#welcome-message
func (k *Kernel) Welcome(topic string) *wire.Message {
	m, err := k.sender.New("iopub_welcome", nil, wire.IOPubWelcome{Subscription: topic})
	if err != nil {
		panic(err) // a string always marshals
	}
	if topic != "" {
		m.Identities = [][]byte{[]byte(topic)}
	}
	return m
}

// Close ends the running cells, refuses what is queued, closes the session and
// the history, and returns when all the kernel's goroutines have ended.
func (k *Kernel) Close() error {
	k.closing.Do(func() {
		k.mu.Lock()
		k.ended = true
		queues := []*queue{k.control}
		for _, q := range k.shells {
			queues = append(queues, q)
		}
		k.mu.Unlock()
		for _, q := range queues {
			q.close()
			q.interrupt() // what the session answers beside cells, it may be waiting for
		}
		k.inputs.cancel()
		err := k.session.Close()
		k.cancel()
		k.running.Wait()
		k.Shutdown(false)
		k.closed = errors.Join(err, k.history.Close())
	})
	return k.closed
}

// publish makes a message and sends it to all subscribers. An error says that
// content cannot be written as JSON.
func (k *Kernel) publish(parent *wire.Message, msgType string, content any, class Class) error {
	m, err := k.sender.New(msgType, parent, content)
	if err != nil {
		k.log.Warn("message that cannot be published", "type", msgType, "error", err)
		return err
	}
	topic := "kernel." + k.sender.Session + "." + msgType
	if s, ok := content.(wire.Stream); ok {
		topic = "stream." + s.Name
	}
	m.Identities = [][]byte{[]byte(topic)}
	k.transport.Publish(m, class)
	return nil
}

// number counts a cell and returns its number, or for a cell that is not to be
// counted, the number it would have had. id tells all cells apart.
func (k *Kernel) number(count bool) (number, id int) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.serial++
	if !count {
		return k.cells + 1, k.serial
	}
	k.cells++
	return k.cells, k.serial
}

// counter is the number of the last cell that was counted.
func (k *Kernel) counter() int {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.cells
}
