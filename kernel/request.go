package kernel

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"strings"

	"github.com/adabc437/fanout/interp/session"
	"github.com/adabc437/fanout/kernel/wire"
)

// A route says how requests of one type are answered.
type route struct {
	// on lists the channels that the request may come in on.
	on []wire.Channel
	// reply says that the request has a reply: its type with _reply in place of
	// _request.
	reply bool
	// handle answers the request. Its error becomes the reply, if none was sent.
	handle func(*request) error
}

// routes is the table of all requests that are answered, filled by the init
// function below because handlers refer to it.
var routes map[string]route

func init() {
	shell := []wire.Channel{wire.Shell}
	control := []wire.Channel{wire.Control}
	both := []wire.Channel{wire.Shell, wire.Control}
	routes = map[string]route{
		"kernel_info_request":     {both, true, kernelInfo},
		"connect_request":         {both, true, connect},
		"shutdown_request":        {both, true, shutdown},
		"execute_request":         {shell, true, execute},
		"inspect_request":         {shell, true, inspect},
		"complete_request":        {shell, true, complete},
		"is_complete_request":     {shell, true, isComplete},
		"history_request":         {shell, true, searchHistory},
		"comm_info_request":       {shell, true, commInfo},
		"comm_open":               {shell, false, comm},
		"comm_msg":                {shell, false, comm},
		"comm_close":              {shell, false, comm},
		"interrupt_request":       {control, true, interrupt},
		"debug_request":           {control, true, debugRequest},
		"create_subshell_request": {control, true, createSubshell},
		"delete_subshell_request": {control, true, deleteSubshell},
		"list_subshell_request":   {control, true, listSubshells},
	}
}

// A protocolError is a request that cannot be answered because of what it asks
// for.
type protocolError struct{ name, message string }

func (e *protocolError) Error() string { return e.message }

func noSubshell(id string) error {
	return &protocolError{"UnknownSubshell", fmt.Sprintf("there is no subshell %q: create_subshell_request makes one", id)}
}

// A request is one message being answered.
type request struct {
	k       *Kernel
	queue   *queue // nil for a request that belongs to no queue
	channel wire.Channel
	msg     *wire.Message
	ctx     context.Context // ends when the request is interrupted
	replied bool
	// after is called when all is sent, idle too.
	after func()
}

// serve answers the request between its two statuses.
func (r *request) serve(aborted bool) {
	r.bracket(func() {
		rt, ok := routes[r.msg.Type()]
		switch {
		case !ok:
			r.k.log.Warn("request of an unknown type is ignored", "type", r.msg.Type(), "channel", r.channel)
		case aborted && rt.reply:
			r.reply(wire.AbortedReply{Status: wire.StatusAborted})
		case aborted:
		default:
			if err := r.call(rt); err != nil {
				r.fail(rt, err)
			}
		}
	})
	if r.after != nil {
		r.after()
	}
}

// refuse answers the request with an error, in the calling goroutine.
func (r *request) refuse(err error) {
	r.bracket(func() { r.fail(routes[r.msg.Type()], err) })
}

// bracket publishes busy before do and idle after it.
//
// https://jupyter-client.readthedocs.io/en/stable/messaging.html#kernel-status
func (r *request) bracket(do func()) {
	r.publish("status", wire.KernelStatus{ExecutionState: "busy"})
	defer r.publish("status", wire.KernelStatus{ExecutionState: "idle"})
	do()
}

// call runs the handler, and turns a panic of it into an error.
func (r *request) call(rt route) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = r.internal(p)
		}
	}()
	for _, ch := range rt.on {
		if ch == r.channel {
			return rt.handle(r)
		}
	}
	return &protocolError{"WrongChannel", fmt.Sprintf("%s belongs on the %s channel, and came on %s", r.msg.Type(), rt.on[0], r.channel)}
}

// internal logs a panic and makes an error of it.
func (r *request) internal(p any) *session.Diagnostic {
	stack := debug.Stack()
	r.k.log.Error("panic in the kernel", "request", r.msg.Type(), "panic", p, "stack", string(stack))
	return &session.Diagnostic{
		Name:    session.SessionError,
		Message: fmt.Sprintf("internal error in the kernel while it answered %s: %v", r.msg.Type(), p),
		Hint:    "This is a mistake in Fanout; please report it with the report below.",
		Report:  string(stack),
	}
}

// fail logs err and, if a reply is owed, sends it as one.
func (r *request) fail(rt route, err error) {
	r.k.log.Info("request failed", "type", r.msg.Type(), "error", err)
	if !rt.reply || r.replied {
		return
	}
	r.reply(wire.ErrorReply{Status: wire.StatusError, Error: errorOf(err)})
}

// errorOf gives the content of an error reply.
func errorOf(err error) wire.Error {
	var d *session.Diagnostic
	var p *protocolError
	name := session.SessionError
	switch {
	case errors.As(err, &d):
		return ErrorContent(d)
	case errors.As(err, &p):
		name = p.name
	case errors.Is(err, wire.ErrMalformed):
		name = "ProtocolError"
	case errors.Is(err, context.Canceled):
		name = session.Interrupted
	}
	return ErrorContent(&session.Diagnostic{Name: name, Message: err.Error()})
}

// reply sends the reply to the client that asked.
func (r *request) reply(content any) {
	msgType := strings.TrimSuffix(r.msg.Type(), "_request") + "_reply"
	m, err := r.k.sender.New(msgType, r.msg, content)
	if err != nil {
		m, err = r.k.sender.New(msgType, r.msg, wire.ErrorReply{Status: wire.StatusError, Error: errorOf(err)})
		if err != nil {
			r.k.log.Error("reply that cannot be written", "type", msgType, "error", err)
			return
		}
	}
	r.replied = true
	m.Identities = r.msg.Identities
	if err := r.k.transport.Send(r.ctx, r.channel, m); err != nil {
		r.k.log.Info("reply that did not reach its client", "type", msgType, "error", err)
	}
}

// publish tells all subscribers something about the request.
func (r *request) publish(msgType string, content any) error {
	return r.k.publish(r.msg, msgType, content, Reliable)
}
