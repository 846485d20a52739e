package rooms

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/adabc437/fanout/frontend/notebook/kernels"
	"github.com/adabc437/fanout/kernel/wire"
)

// A link connects a room with its kernel.
type link struct {
	k *kernels.Kernel
	c *kernels.Client
	// beside is the subshell that answers questions while cells run; empty until it
	// is there. What is to be asked waits for it in later.
	beside string
	later  []func(error)
	// asks holds what to do with the replies that are due, by the id of the request,
	// and comms likewise for answers that come over comms.
	asks  map[string]*ask
	comms map[string]*ask
	dead  bool // the kernel has no session: it can be restarted
	// restarting says that a page has asked for a restart that has not ended: what is
	// to run waits for it.
	restarting bool
}

// kernelView is what pages know of the kernel. The status is one of Jupyter's, or
// none where no kernel was started.
type kernelView struct {
	Status string `json:"status"`
	ID     string `json:"id,omitempty"`
	Name   string `json:"name,omitempty"`
}

func (r *Room) kernelView() kernelView {
	switch {
	case r.link == nil && r.starting:
		return kernelView{Status: string(kernels.Starting)}
	case r.link == nil:
		return kernelView{Status: "none"}
	}
	v := kernelView{string(r.link.k.Status()), r.link.k.ID(), r.link.k.Spec().Name}
	switch {
	case r.link.dead:
		v.Status = string(kernels.Dead)
	case r.work.now != nil && v.Status == string(kernels.Idle):
		v.Status = string(kernels.Busy)
	case r.work.now == nil && v.Status == string(kernels.Busy) && len(r.link.comms) > 0:
		v.Status = string(kernels.Idle) // it looks something up for us
	}
	return v
}

// tellKernel tells the pages of the kernel, if they do not know it.
func (r *Room) tellKernel() {
	v := r.kernelView()
	if v == r.shown {
		return
	}
	r.shown = v
	r.emitWithin(presently, "kernel", event{"status": v.Status, "id": v.ID, "name": v.Name})
}

// wantKernel starts a kernel, unless there is one or one is being started.
func (r *Room) wantKernel() {
	if r.link != nil || r.starting || r.closed {
		return
	}
	r.starting = true
	r.tellKernel()
	spec := r.rooms.opt.Spec(r.file.path)
	r.goes(func() {
		k, err := r.rooms.opt.Kernels.Start(spec)
		r.mu.Lock()
		defer r.mu.Unlock()
		r.starting = false
		switch {
		case err != nil:
			r.noKernel(err)
		case r.closed:
			go k.Shutdown() // which the server waits for
		default:
			r.attach(k)
		}
	})
}

// noKernel says that a kernel could not be started, in the cell that waits for it.
func (r *Room) noKernel(err error) {
	r.log.Warn("kernel that could not be started", "notebook", r.file.path, "error", err)
	if len(r.work.queue) == 0 {
		r.notice("error", "no kernel could be started: "+err.Error())
	} else if c := r.doc.byID[r.work.queue[0].cell]; c != nil {
		r.commitAll([]Change{{Ev: evOutputs, Cell: c.id, Trusted: true}})
		r.fail(c, "SessionError", "no kernel could be started: "+err.Error())
	}
	r.abort()
	for _, a := range r.panel.waiting {
		a(err)
	}
	r.panel.waiting = nil
	r.tellKernel()
}

// attach makes k the room's kernel.
func (r *Room) attach(k *kernels.Kernel) {
	l := &link{k: k, c: k.Connect(r.sender.Session), asks: map[string]*ask{}, comms: map[string]*ask{}}
	r.link = l
	r.openBeside()
	r.goes(func() { r.listen(l) })
	r.goes(func() { r.watch(l) })
	for _, f := range r.panel.waiting {
		f(nil)
	}
	r.panel.waiting = nil
	r.tellKernel()
	r.pump()
}

// openBeside makes the subshell that answers questions.
func (r *Room) openBeside() {
	l := r.link
	l.beside = ""
	r.send(wire.Control, "create_subshell_request", nil, "", &ask{done: func(m *wire.Message, err error) {
		var c wire.Subshell
		if err == nil {
			err = wire.Unmarshal(m, &c)
		}
		if err == nil && c.SubshellID == "" {
			err = errors.New("the kernel has no subshells")
		}
		if err == nil {
			l.beside = c.SubshellID
			// A shell that has asked something else is not one for cells; see package kernel.
			r.send(wire.Shell, "comm_info_request", wire.CommInfoRequest{}, l.beside, &ask{})
		}
		l.resume(err)
	}})
}

// resume lets those go on who waited for the subshell.
func (l *link) resume(err error) {
	later := l.later
	l.later = nil
	for _, f := range later {
		f(err)
	}
}

// listen takes what the kernel says until there is nothing more to come.
func (r *Room) listen(l *link) {
	for {
		ch, m, err := l.c.Next(r.ctx)
		r.mu.Lock()
		if err == nil && r.link == l && !r.closed {
			r.heard(ch, m)
		}
		over := err != nil && !r.again(l, err)
		r.mu.Unlock()
		if over {
			return
		}
	}
}

// heard takes one message of the kernel.
func (r *Room) heard(ch wire.Channel, m *wire.Message) {
	switch ch {
	case wire.IOPub:
		r.published(m)
	case wire.Stdin:
		if m.Type() == "input_request" {
			r.asked(m)
		}
	default:
		if n := r.work.now; n != nil && m.Parent.MsgID == n.id {
			n.reply = &executeReply{}
			if err := wire.Unmarshal(m, n.reply); err != nil {
				n.reply = &executeReply{Status: wire.StatusError}
			}
			return
		}
		r.replied(m)
	}
}

// again says whether the kernel still speaks to the room after an error.
func (r *Room) again(l *link, err error) bool {
	if r.closed || r.link != l || errors.Is(err, context.Canceled) {
		return false
	}
	if errors.Is(err, kernels.ErrSlow) {
		l.c.Close()
		l.c = l.k.Connect(r.sender.Session)
		r.notice("error", "outputs were lost: they came faster than they could be taken")
		r.lose("what the cell showed was lost: it came faster than it could be taken")
		r.openBeside()
		return true
	}
	r.link = nil
	r.lose("the kernel was shut down")
	l.forget(errors.New("the kernel was shut down"))
	r.tellKernel()
	r.linger()
	return false
}

// lose ends the run that is under way, whose end will not be heard of, and empties
// the queue.
func (r *Room) lose(why string) {
	r.abort()
	r.cutOff(why)
}

// cutOff ends the run that is under way, whose end will not be heard of.
func (r *Room) cutOff(why string) {
	n := r.work.now
	if n == nil {
		return
	}
	if c := r.doc.byID[n.cell]; c != nil && n.reply == nil {
		r.fail(c, "SessionError", why)
	}
	n.reply = &executeReply{Status: wire.StatusError}
	r.finish(n)
}

// kernelSays takes a status that no request caused: those of a restart.
func (r *Room) kernelSays(status string) {
	l := r.link
	switch kernels.Status(status) {
	case kernels.Restarting:
		l.dead = false
		r.beginsAnew()
	case kernels.Idle:
		if n := r.work.now; n != nil && n.cut {
			r.cutOff("the kernel was restarted while the cell ran")
		}
		l.forget(errors.New("the kernel was restarted"))
		l.dead = false
		r.openBeside()
		r.pump()
	case kernels.Dead:
		l.dead = true
		r.lose("the kernel died")
		l.forget(kernels.ErrDead)
	}
	r.tellKernel()
}

// beginsAnew notes that the session is about to be another.
func (r *Room) beginsAnew() {
	if r.work.now != nil {
		r.work.now.cut = true
	}
	if !r.link.restarting { // then what waits was asked for after the restart
		r.abort()
	}
}

// watch tells the pages what the kernel is doing, until it has ended.
func (r *Room) watch(l *link) {
	for {
		_, changed := l.k.Watch()
		r.mu.Lock()
		gone := r.closed || r.link != l
		if !gone {
			r.tellKernel()
		}
		r.mu.Unlock()
		if gone || l.k.Ended() {
			return
		}
		select {
		case <-changed:
		case <-r.ctx.Done():
			return
		}
	}
}

// beside runs f, which may take long, and answers q with its error.
func (r *Room) beside(q *request, f func() error) error {
	r.goes(func() {
		err := f()
		r.mu.Lock()
		defer r.mu.Unlock()
		r.answer(q, nil, err)
	})
	return errLater
}

var errNoKernel = errors.New("no kernel was started yet: it is started when a cell runs")

func interrupt(r *Room, q *request) (map[string]any, error) {
	r.abort()
	if r.link == nil {
		return nil, errNoKernel
	}
	return nil, r.link.k.Interrupt()
}

func restart(r *Room, q *request) (map[string]any, error) {
	r.abort()
	if r.link == nil {
		r.wantKernel()
		return nil, nil
	}
	r.beginsAnew()
	l := r.link
	l.restarting = true
	return nil, r.beside(q, func() error {
		err := l.k.Restart()
		r.mu.Lock()
		defer r.mu.Unlock()
		l.restarting = false
		if r.link == l {
			r.pump()
		}
		return err
	})
}

func shutdown(r *Room, q *request) (map[string]any, error) {
	r.abort()
	if r.link == nil {
		return nil, errNoKernel
	}
	return nil, r.beside(q, r.link.k.Shutdown)
}

// An ask is a request to the kernel that a reply is due to. done is called with the
// room's lock held, once, with the reply or an error; it may be nil.
type ask struct {
	done  func(m *wire.Message, err error)
	timer *time.Timer
	over  bool
}

func (a *ask) end(m *wire.Message, err error) {
	if a.over {
		return
	}
	a.over = true
	if a.timer != nil {
		a.timer.Stop()
	}
	if a.done != nil {
		a.done(m, err)
	}
}

func (a *ask) fail(err error) { a.end(nil, err) }

// forget fails the asks whose answers are due.
func (l *link) forget(err error) {
	due := slices.AppendSeq(slices.Collect(maps.Values(l.asks)), maps.Values(l.comms))
	clear(l.asks)
	clear(l.comms)
	for _, a := range due {
		a.fail(err)
	}
	l.resume(err)
}

// answerTime is how long the kernel may take to answer a question.
const answerTime = 20 * time.Second

var errAnswer = errors.New("the kernel has not answered")

// send sends a request to the kernel.
func (r *Room) send(ch wire.Channel, kind string, content any, shell string, a *ask) {
	l := r.link
	m, err := r.sender.New(kind, nil, content)
	if err == nil {
		m.Header.SubshellID = shell
		l.asks[m.Header.MsgID] = a
		a.limit(r, func() { delete(l.asks, m.Header.MsgID) })
		err = l.c.Send(ch, m)
	}
	if err != nil {
		a.fail(err)
	}
}

// limit ends the ask when its time is over.
func (a *ask) limit(r *Room, drop func()) {
	a.timer = time.AfterFunc(answerTime, func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		drop()
		a.fail(errAnswer)
	})
}

// replied takes a reply to a request of send.
func (r *Room) replied(m *wire.Message) {
	l := r.link
	if a := l.asks[m.Parent.MsgID]; a != nil {
		delete(l.asks, m.Parent.MsgID)
		a.end(m, nil)
	}
}

// whenBeside calls f, with the lock held, when questions can be asked of the kernel,
// which is started for it. f gets an error if it cannot be.
func (r *Room) whenBeside(f func(err error)) {
	r.wantKernel()
	switch l := r.link; {
	case l == nil:
		r.panel.waiting = append(r.panel.waiting, func(err error) {
			if err != nil {
				f(err)
				return
			}
			r.whenBeside(f)
		})
	case l.dead:
		f(kernels.ErrDead)
	case l.beside == "":
		l.later = append(l.later, f)
	default:
		f(nil)
	}
}
