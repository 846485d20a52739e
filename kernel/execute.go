package kernel

import (
	"errors"
	"strconv"
	"strings"

	"github.com/adabc437/fanout/interp/session"
	"github.com/adabc437/fanout/kernel/wire"
)

// execute runs a cell.
//
// The number of a cell is one more than that of the last cell that was counted.
// Cells are counted that are to be remembered: neither silent, nor with
// store_history off, nor blank. Replies to the others carry the number of the
// last counted cell.
//
// https://jupyter-client.readthedocs.io/en/stable/messaging.html#execute
func execute(r *request) error {
	var c wire.ExecuteRequest
	if err := wire.Unmarshal(r.msg, &c); err != nil {
		return err
	}
	blank := strings.TrimSpace(c.Code) == ""
	store := !c.Silent && !blank && (c.StoreHistory == nil || *c.StoreHistory)
	number, id := r.k.number(store)
	if !c.Silent {
		r.publish("execute_input", wire.ExecuteInput{Code: c.Code, ExecutionCount: number})
	}
	out := &output{request: r, number: number, silent: c.Silent, stdin: c.AllowStdin}
	if store {
		r.k.history.Append(number, c.Code)
		out.result = func(text string) { r.k.history.SetOutput(number, text) }
	}
	var reply session.Reply
	if !blank || len(c.UserExpressions) > 0 {
		reply = r.run(session.Cell{
			ID: strconv.Itoa(id), Code: c.Code, Number: number, Shell: r.queue.shell, Beside: r.k.beside(r.queue),
			Silent: c.Silent, StoreHistory: store, AllowStdin: c.AllowStdin, HTML: r.k.config.HTML,
			Expressions: c.UserExpressions,
		}, out)
	}
	count := number
	if !store {
		count = r.k.counter()
	}
	if reply.Err == nil {
		r.reply(wire.ExecuteReply{
			Status: wire.StatusOK, ExecutionCount: count,
			Payload: payloads(reply.Payloads), UserExpressions: expressions(reply.Expressions),
		})
		return nil
	}
	if !c.Silent && (c.StopOnError == nil || *c.StopOnError) {
		r.queue.abort() // before anyone can know of the failure
	}
	content := ErrorContent(reply.Err)
	if !c.Silent {
		r.publish("error", content)
	}
	r.reply(wire.ErrorReply{Status: wire.StatusError, Error: content, ExecutionCount: &count})
	return nil
}

// run has the session run the cell. Whatever happens to the session, there is a
// reply.
func (r *request) run(cell session.Cell, out *output) (reply session.Reply) {
	r.queue.enterSession()
	defer func() {
		r.queue.leaveSession()
		out.end()
		if p := recover(); p != nil {
			reply = session.Reply{Err: r.internal(p)}
		}
	}()
	if r.ctx.Err() != nil { // interrupted before it began
		return session.Reply{Err: &session.Diagnostic{Name: session.Interrupted, Message: "interrupted before the cell began"}}
	}
	reply, err := r.k.session.Execute(r.ctx, cell, out)
	if err != nil {
		var d *session.Diagnostic
		if !errors.As(err, &d) {
			d = &session.Diagnostic{Name: session.SessionError, Message: err.Error()}
		}
		reply.Err = d
	}
	return reply
}

// payloads gives the payloads as the protocol writes them.
//
// https://jupyter-client.readthedocs.io/en/stable/messaging.html#payloads-deprecated
func payloads(list []session.Payload) []any {
	out := []any{}
	for _, p := range list {
		switch p.Source {
		case "page":
			out = append(out, wire.PagePayload{Source: p.Source, Data: bundle(p.Data)})
		case "set_next_input":
			out = append(out, wire.NextInputPayload{Source: p.Source, Text: p.Text, Replace: p.Replace})
		default:
			out = append(out, p)
		}
	}
	return out
}

// expressions gives the values of the user expressions, each with a status of its
// own.
func expressions(values map[string]session.Expression) map[string]any {
	out := make(map[string]any, len(values))
	for name, v := range values {
		if v.Err != nil {
			out[name] = wire.ErrorReply{Status: wire.StatusError, Error: ErrorContent(v.Err)}
		} else {
			out[name] = wire.ExpressionValue{Status: wire.StatusOK, Data: bundle(v.Data), Metadata: bundle(v.Metadata)}
		}
	}
	return out
}

// bundle makes an empty bundle an empty object, where nil would be null.
func bundle(b wire.Bundle) wire.Bundle {
	if b == nil {
		return wire.Bundle{}
	}
	return b
}
